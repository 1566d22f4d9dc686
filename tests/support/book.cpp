#include "tests/support/book.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace alih::testing_support {
namespace {

constexpr std::array<std::string_view, 24> modern{
    "Dinas perpustakaan dan kearsipan daerah di Luwuk melayani pembaca setiap hari kerja dari pagi "
    "sampai sore.",
    "Seorang guru sekolah dasar meminjam buku cerita untuk murid-murid yang tinggal jauh dari "
    "kota.",
    "Arsip lama yang rapuh disimpan di ruang khusus agar tidak rusak oleh udara yang lembap.",
    "Petugas alih media memindai setiap lembar dengan hati-hati lalu memeriksa hasilnya di layar "
    "komputer.",
    "Anak-anak dari Balantak datang dengan perahu kecil untuk mengikuti lomba membaca di "
    "perpustakaan.",
    "Naskah tulisan tangan milik keluarga itu dibersihkan dari debu sebelum dibawa ke meja "
    "pemindai.",
    "Kepala kantor meminta agar daftar arsip disusun menurut tahun dan diberi nomor yang mudah "
    "dicari.",
    "Pada musim hujan jalan menuju desa itu sering tertutup lumpur sehingga buku dikirim melalui "
    "laut.",
    "Para nelayan di Selat Peling berangkat sebelum matahari terbit dan pulang membawa ikan ketika "
    "hari mulai siang.",
    "Ibu-ibu di pasar Luwuk menjual ubi banggai, pisang, dan ikan asap kepada pembeli dari kampung "
    "sekitar.",
    "Perpustakaan keliling singgah di halaman sekolah dua kali sebulan dan selalu disambut gembira "
    "oleh murid.",
    "Foto udara kota pelabuhan itu diambil puluhan tahun lalu dan kini menjadi bagian dari arsip "
    "daerah.",
    "Setiap buku yang selesai dipindai diberi catatan tentang asal, ukuran, bahasa, dan keadaan "
    "kertasnya.",
    "Guru sejarah mengajak kelasnya membaca surat kabar lama untuk memahami kehidupan pada masa "
    "sebelum kemerdekaan.",
    "Salinan digital disimpan di dua tempat yang berbeda supaya tetap aman apabila salah satunya "
    "rusak.",
    "Masyarakat boleh meminta salinan arsip terbuka dengan mengisi formulir dan menunjukkan kartu "
    "tanda penduduk.",
    "Di tepi pantai keluarga berkumpul pada sore hari sambil memandang kapal yang masuk ke "
    "pelabuhan.",
    "Pemerintah kabupaten menyediakan anggaran untuk membeli rak besi, lemari arsip, dan alat "
    "pengatur suhu.",
    "Tetua adat di Balantak menceritakan asal-usul kampung dan meminta agar kisahnya dicatat "
    "dengan benar.",
    "Mahasiswa dari Palu meneliti bahasa Saluan dan menemukan banyak bahan di ruang baca arsip "
    "daerah.",
    "Hasil panen kelapa dan cengkih diangkut dengan truk menuju gudang sebelum dikirim ke "
    "Surabaya.",
    "Lembar yang sobek disambung dengan tisu Jepang oleh tenaga pemelihara yang telah mengikuti "
    "pelatihan.",
    "Pembaca dapat mencari sebuah kata di semua halaman dan melihat letaknya langsung pada gambar.",
    "Pada akhir tahun kantor melaporkan jumlah halaman yang telah dialihmediakan kepada bupati dan "
    "dewan."};

// The spelling of Van Ophuijsen: oe = u, j = y, dj = j, tj = c, nj = ny, sj = sy, ch = kh, a 2 for
// the doubled word. au and ai stay when they are one sound (poelau, but laoet).
constexpr std::array<std::string_view, 20> old{
    "Pada tahoen itoe di Loewoek diboeka seboeah sekolah baroe oentoek anak2 negeri jang ingin "
    "beladjar.",
    "Goeroe jang datang dari Menado itoe membawa banjak boekoe tjerita dan seboeah peta jang "
    "besar.",
    "Djalan dari Loewoek ke Balantak beloem dapat dilaloei kereta, sehingga orang2 haroes "
    "berdjalan "
    "kaki atau naik perahoe.",
    "Pada waktoe malam moerid2 membatja dengan lampoe minjak di roemah goeroenja sampai mereka "
    "itoe "
    "mengantoek.",
    "Radja Banggai menoelis soerat kepada toean kontrolir oentoek meminta soepaja djembatan itoe "
    "segera diperbaiki.",
    "Ajahnja seorang pelaoet jang soedah berlajar sampai ke Ternate, Makasar, dan poelau2 jang "
    "djaoeh.",
    "Perempoean2 di kampoeng itoe menganjam tikar dan bakoel, laloe mendjoealnja di pasar pada "
    "hari "
    "Saptoe.",
    "Boekoe jang toea itoe disimpannja baik2 di dalam peti kajoe soepaja tidak dimakan rajap.",
    "Setelah panen padi selesai, sekalian orang kampoeng berkoempoel oentoek mendengar njanjian "
    "dan "
    "sjair lama.",
    "Kapal jang membawa kopra dan damar itoe berlaboeh tiga hari di moeka pelaboehan Loewoek.",
    "Djoeroetoelis kantor mentjatat segala soerat jang masoek dan jang keloear dalam seboeah "
    "boekoe "
    "besar.",
    "Hoedjan jang lebat menjebabkan air soengai naik sehingga djalan ke sekolah terpoetoes doea "
    "hari "
    "lamanja.",
    "Anak ketjil itoe menangis karena iboenja beloem djoega poelang dari pasar jang djaoeh "
    "letaknja.",
    "Orang2 toea mentjeritakan bahwa dahoeloe kala di goenoeng itoe tinggal seorang radja jang "
    "adil.",
    "Soerat chabar dari Betawi baroe sampai di sini setelah seboelan lebih dibawa kapal api.",
    "Dokter memberi obat kepada orang sakit dan menjoeroeh mereka itoe minoem air jang soedah "
    "dimasak.",
    "Pemerintah mengirim beberapa peti boekoe batjaan oentoek taman poestaka jang baroe didirikan "
    "di "
    "kota ketjil itoe.",
    "Pada hari raja segala pendoedoek memakai pakaian baroe dan berkoendjoeng ke roemah kaoem "
    "keloearganja.",
    "Nelajan itoe mengetahoei dari tjahaja boelan dan arah angin apakah laoet akan tedoeh esok "
    "hari.",
    "Kepala sekolah berkata bahwa kepandaian membatja dan menoelis itoe lebih berharga daripada "
    "emas "
    "dan perak."};

constexpr std::size_t sentences_in_paragraph = 4;
constexpr std::size_t sentences_on_page = 12;

void add_sentences(PageSpec& page, std::span<const std::string_view> sentences) {
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (i % sentences_in_paragraph == 0)
      page.paragraphs.emplace_back(sentences[i]);
    else
      page.paragraphs.back().append(" ").append(sentences[i]);
  }
}

PageSpec text_page(std::string heading, std::span<const std::string_view> sentences) {
  PageSpec page;
  page.paragraphs.push_back(std::move(heading));
  add_sentences(page, sentences);
  return page;
}

PageSpec title_page() {
  PageSpec page;
  page.size_pt = 14;
  page.paragraphs = {"",
                     "",
                     "",
                     "# Buku dan Arsip di Tanah Banggai",
                     "# Kumpulan Tulisan Lama dan Baru",
                     "",
                     "",
                     "Disusun untuk perpustakaan sekolah dan ruang baca arsip",
                     "Luwuk, Kabupaten Banggai",
                     "Tahun 2026"};
  return page;
}

PageSpec table_page() {
  PageSpec page;
  page.paragraphs = {"# Anggaran Perpustakaan dan Arsip",
                     "Tabel berikut memuat anggaran dan realisasi belanja tahun 2025 dalam rupiah "
                     "beserta persentase capaian setiap kegiatan."};
  page.table = {{"Uraian", "Anggaran", "Realisasi", "Persen"},
                {"Pembelian buku", "125.000.000", "120.000.000", "96,0%"},
                {"Rak dan lemari arsip", "84.500.000", "76.050.000", "90,0%"},
                {"Alat pemindai", "210.000.000", "199.500.000", "95,0%"},
                {"Perawatan naskah", "48.000.000", "36.000.000", "75,0%"},
                {"Perpustakaan keliling", "96.000.000", "84.000.000", "87,5%"},
                {"Pelatihan pegawai", "36.500.000", "36.500.000", "100,0%"},
                {"Jumlah", "600.000.000", "552.050.000", "92,0%"}};
  return page;
}

// std::shuffle may differ from one standard library to the next.
std::vector<std::string_view> shuffled(std::span<const std::string_view> sentences, unsigned seed) {
  std::vector<std::string_view> result(sentences.begin(), sentences.end());
  std::mt19937 random(seed);
  for (std::size_t i = result.size() - 1; i > 0; --i)
    std::swap(result[i], result[random() % (i + 1)]);
  return result;
}

PageSpec further_page(int number, unsigned seed) {
  const bool is_modern = number % 2 == 1;
  std::string digits = std::to_string(number);
  if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');

  PageSpec page;
  page.paragraphs.push_back(is_modern ? "Surat nomor 470/" + digits + "/2026"
                                      : "Soerat nomor 470/" + digits + "/1936");
  const auto order = is_modern ? shuffled(modern, seed) : shuffled(old, seed);
  add_sentences(page, std::span(order).first(sentences_on_page));
  return page;
}

PageSpec make_page(int number, unsigned seed) {
  const std::span<const std::string_view> all_modern(modern);
  const std::span<const std::string_view> all_old(old);
  switch (number) {
    case 1:
      return title_page();
    case 2:
      return text_page("# Perpustakaan Daerah", all_modern.subspan(0, 8));
    case 3:
      return text_page("# Kehidupan di Banggai", all_modern.subspan(8, 8));
    case 4:
      return text_page("# Tjerita dari Loewoek", all_old.subspan(0, 10));
    case 5:
      return text_page("# Chabar dari Kampoeng", all_old.subspan(10, 10));
    case 6:
      return table_page();
    case 7: {
      PageSpec page = text_page("# Arsip untuk Semua", all_modern.subspan(16, 8));
      page.skew_deg = -3.3;
      return page;
    }
    case 8:
      return {};
    default:
      return further_page(number, seed);
  }
}

}  // namespace

std::vector<PageSpec> small_book(int pages, unsigned seed) {
  std::vector<PageSpec> book;
  for (int number = 1; number <= pages; ++number) {
    // Far apart, so that no page of one seed is a page of the next.
    const unsigned page_seed = seed * 7919U + static_cast<unsigned>(number);
    PageSpec page = make_page(number, page_seed);
    page.color = number % 3 == 2;
    page.paper = 0.96;
    page.noise = 2;
    page.seed = page_seed;
    book.push_back(std::move(page));
  }
  return book;
}

}  // namespace alih::testing_support
