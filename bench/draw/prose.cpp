#include "bench/draw/prose.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <utility>

namespace alih::bench {
namespace {

using Words = std::span<const std::string_view>;

constexpr auto kFirst = std::to_array<std::string_view>(
    {"Abdul",  "Siti",    "Cokro", "Yusuf",   "Nyoman",  "Made",  "Hasan",   "Aminah",
     "Syarif", "Dewi",    "Johan", "Maria",   "Yohanes", "Ratna", "Bambang", "Endang",
     "Zainal", "Rukmini", "Cahyo", "Ahmad",   "Lasmi",   "Ujang", "Daeng",   "Fatimah",
     "Karel",  "Mansyur", "Wahyu", "Kartini", "Umar",    "Julia"});
constexpr auto kLast = std::to_array<std::string_view>(
    {"Rahman",    "Wijaya",  "Lubis",    "Nasution", "Kusuma",   "Santoso", "Latuconsina",
     "Manoppo",   "Tajudin", "Prasetyo", "Hidayat",  "Suryadi",  "Pakaya",  "Lawani",
     "Mokoagow",  "Yunus",   "Siregar",  "Wibowo",   "Nurjanah", "Syahrir", "Basri",
     "Tumanggor", "Gobel",   "Rachman",  "Mustafa",  "Labaso",   "Jamal",   "Pettalolo"});
constexpr auto kPlaces = std::to_array<std::string_view>(
    {"Luwuk",        "Balantak",     "Bunta",       "Pagimana",  "Toili",     "Batui",
     "Kintom",       "Lamala",       "Masama",      "Nuhon",     "Bualemo",   "Boalemo",
     "Banggai",      "Salakan",      "Tinangkung",  "Bongganan", "Liang",     "Sukajaya",
     "Karanganyar",  "Tanjung Sari", "Muara Bungo", "Cijeruk",   "Ujungjaya", "Banyuwangi",
     "Kampung Baru", "Sumber Jaya"});
constexpr auto kPlaceKinds = std::to_array<std::string_view>(
    {"Desa", "Kecamatan", "Kampung", "Kelurahan", "Distrik", "Kota", "Nagari"});
constexpr auto kOffices = std::to_array<std::string_view>({"Dinas Perpustakaan dan Kearsipan",
                                                           "Dinas Pekerjaan Umum",
                                                           "Sekretariat Daerah",
                                                           "Kantor Catatan Sipil",
                                                           "Dinas Pendidikan",
                                                           "Inspektorat Daerah",
                                                           "Kantor Urusan Agama",
                                                           "Dinas Perikanan dan Kelautan",
                                                           "Badan Perencanaan Pembangunan",
                                                           "Kantor Pos dan Giro",
                                                           "Jawatan Penerangan",
                                                           "Jawatan Kehutanan",
                                                           "Kantor Pertanahan",
                                                           "Dinas Kesehatan Rakyat",
                                                           "Kantor Syahbandar",
                                                           "Dinas Peternakan",
                                                           "Kantor Bendahara Negara",
                                                           "Jawatan Pekerjaan Umum",
                                                           "Dewan Perwakilan Rakyat Daerah",
                                                           "Panitia Pemilihan Umum"});
constexpr auto kWorks = std::to_array<std::string_view>(
    {"jembatan kayu",     "gudang arsip",   "pasar",      "sekolah rakyat", "saluran irigasi",
     "rumah sakit",       "balai desa",     "jalan raya", "dermaga",        "lumbung padi",
     "masjid raya",       "kantor pos",     "bendungan",  "puskesmas",      "perpustakaan",
     "lapangan olahraga", "tanggul sungai", "sumur bor",  "menara air",     "pelabuhan rakyat"});
constexpr auto kGoods = std::to_array<std::string_view>(
    {"kopra", "beras", "jagung", "cengkih", "damar", "rotan", "kayu jati", "minyak tanah", "garam",
     "gula", "ikan asap", "kain putih", "semen", "seng", "kacang tanah", "kopi"});
constexpr auto kMonths =
    std::to_array<std::string_view>({"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli",
                                     "Agustus", "September", "Oktober", "November", "Desember"});
constexpr auto kDays = std::to_array<std::string_view>(
    {"Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"});
constexpr auto kPosts = std::to_array<std::string_view>(
    {"kepala kantor", "juru tulis", "bendahara", "ketua panitia", "mantri kesehatan",
     "guru sekolah", "kepala kampung", "pengawas jalan", "camat", "penjaga gudang", "anggota dewan",
     "juru ukur"});
constexpr auto kConditions = std::to_array<std::string_view>(
    {"baik", "rusak ringan", "rapuh", "sobek", "salinan", "asli", "hilang"});
constexpr auto kSections = std::to_array<std::string_view>(
    {"Kep", "Sek", "Um", "Peg", "Ars", "Keu", "Bup", "PU", "Kes", "Pem", "Huk", "Dik"});

// {..} is filled in by one(): a name, a place and so on.
constexpr auto kSentences = std::to_array<std::string_view>(
    {"Berdasarkan surat {kantor} tertanggal {tgl} nomor {nomor}, maka {nama} ditunjuk sebagai "
     "{jabatan} di {tempat}.",
     "Dengan ini diberitahukan kepada seluruh penduduk {tempat} bahwa pekerjaan {benda} akan "
     "dimulai pada tanggal {tgl}.",
     "Kuitansi nomor {nomor} sebesar Rp {rp} telah diterima dengan baik oleh bendahara dan "
     "dibukukan pada tanggal {tgl}.",
     "Yang bertanda tangan di bawah ini, {nama}, menerangkan dengan sesungguhnya bahwa isi surat "
     "ini benar.",
     "Menurut catatan {kantor}, jumlah penduduk {tempat} pada akhir tahun {tahun} adalah {jml} "
     "jiwa.",
     "Kerusakan {benda} akibat banjir tanggal {tgl} ditaksir mencapai Rp {rp}, dan perbaikannya "
     "memerlukan waktu {n} bulan.",
     "Para petani mengajukan permohonan supaya air dari {benda} dibagikan secara adil, mengingat "
     "musim kemarau yang panjang.",
     "Rapat dibuka pukul {jam} oleh {nama}, kemudian dibacakan notulen rapat yang lalu dan "
     "disetujui tanpa perubahan.",
     "Harga {barang} di {tempat} naik menjadi Rp {harga} tiap kilogram, sedangkan harga {barang} "
     "tetap seperti bulan yang lalu.",
     "Kepada yang terhormat {nama} di {tempat}, bersama ini kami sampaikan dengan hormat hal-hal "
     "sebagai berikut.",
     "Saudara {nama} dari {tempat} telah menyerahkan sejumlah {jml} lembar naskah lama kepada "
     "{kantor}.",
     "Pada hari {hari} tanggal {tgl} telah dilangsungkan upacara peletakan batu pertama {benda} "
     "yang disaksikan oleh masyarakat.",
     "Tembusan surat ini disampaikan kepada {kantor}, camat {tempat}, serta arsip.",
     "Surat keputusan ini mulai berlaku pada tanggal ditetapkan, dengan ketentuan apabila terdapat "
     "kekeliruan akan diperbaiki sebagaimana mestinya.",
     "Perusahaan perkebunan itu mengirimkan {jml} pikul {barang} ke pelabuhan, lalu dijual kepada "
     "saudagar dari seberang.",
     "Kapal yang membawa {barang} dan {barang} berlabuh di {tempat} selama {n} hari karena ombak "
     "besar.",
     "Bupati menetapkan bahwa biaya {benda} sebesar Rp {rp} dibebankan kepada anggaran tahun "
     "{tahun}.",
     "Penyerahan arsip statis dari {kantor} kepada lembaga kearsipan daerah dilakukan setelah "
     "jangka waktu simpan berakhir.",
     "Jika peminjam belum mengembalikan buku sesudah {n} minggu, maka dikenakan denda sebesar Rp "
     "{harga} untuk setiap hari.",
     "Untuk menjaga ketertiban umum, setiap pengunjung wajib mengisi buku tamu dan menunjukkan "
     "kartu anggota yang masih berlaku.",
     "Dalam laporan itu disebutkan bahwa {kantor} masih kekurangan juru tulis yang cakap, sehingga "
     "banyak surat yang belum dicatat.",
     "Koleksi foto lama menunjukkan suasana {tempat} sekitar tahun {tahun}, ketika perahu masih "
     "menjadi angkutan utama.",
     "Anak-anak sekolah dari {tempat} menyanyikan lagu kebangsaan, lalu kepala sekolah "
     "menyampaikan pidato tentang pentingnya membaca.",
     "Gempa bumi yang terjadi pada tanggal {tgl} meruntuhkan dinding {benda}, namun tidak ada "
     "korban jiwa.",
     "Ketua panitia, {nama}, mengucapkan terima kasih atas sumbangan berupa {barang}, semen, "
     "pasir, dan tenaga dari rakyat.",
     "Petugas yang memeriksa {benda} di {tempat} menemukan {n} bagian yang perlu segera diganti "
     "sebelum musim hujan.",
     "Naskah perjanjian tersebut dibuat rangkap {n}, masing-masing bermeterai cukup dan mempunyai "
     "kekuatan hukum yang sama.",
     "Sejarah {tempat} tidak dapat dipisahkan dari perjuangan rakyatnya, yang dicatat oleh {nama} "
     "dalam buku hariannya.",
     "Selama tahun {tahun} telah dibeli {jml} kilogram {barang} untuk persediaan {kantor}.",
     "Semua {jabatan} diminta hadir di {kantor} pada hari {hari} pukul {jam} dengan membawa daftar "
     "yang sudah lengkap.",
     "Tanah milik {nama} seluas {jml} meter persegi di {tempat} dilepaskan untuk keperluan "
     "{benda}.",
     "Atas usul {kantor}, gaji {jabatan} dinaikkan mulai tanggal {tgl} sesuai dengan peraturan "
     "yang berlaku.",
     "Dokumen yang rapuh tidak boleh dipinjamkan ke luar, tetapi salinannya dapat dibaca di ruang "
     "baca setiap hari kerja.",
     "Jalan antara {tempat} dan {tempat} tidak dapat dilalui kendaraan karena longsor sejak hari "
     "{hari} yang lalu.",
     "Panen tahun {tahun} lebih baik daripada tahun sebelumnya, sebab hujan turun cukup dan hama "
     "dapat dicegah.",
     "Sisa anggaran sebesar Rp {rp} disetorkan kembali ke kas daerah selambat-lambatnya tanggal "
     "{tgl}.",
     "Menimbang bahwa {benda} di {tempat} sudah tidak layak dipakai, perlu dibentuk panitia "
     "pembangunan yang baru.",
     "Guru yang bernama {nama} dipindahkan dari {tempat} ke {tempat} terhitung mulai tanggal "
     "{tgl}.",
     "Barang yang diterima berupa {n} peti buku, {n} lemari kayu, dan {jml} lembar kertas putih.",
     "Pemeriksaan kas yang dilakukan oleh {nama} tidak menemukan selisih antara buku dan uang "
     "tunai.",
     "Nelayan di pesisir {tempat} meminta izin untuk memakai {benda} sebagai tempat menjemur ikan.",
     "Hasil sensus menunjukkan {jml} rumah tangga, di antaranya {n} yang belum mempunyai kartu "
     "keluarga.",
     "Telegram dari {tempat} diterima pada pukul {jam} dan langsung diteruskan kepada {jabatan} "
     "yang bertugas.",
     "Perselisihan mengenai batas kebun diselesaikan secara damai di hadapan {jabatan} dan dua "
     "orang saksi.",
     "Penyakit cacar yang berjangkit di {tempat} telah menyerang {n} orang, tetapi semuanya sudah "
     "diobati.",
     "Sekolah yang dibuka pada tahun {tahun} itu kini mempunyai {jml} murid dan {n} orang guru.",
     "Buku agenda mencatat surat masuk nomor {nomor} dari {kantor} mengenai perbaikan {benda}.",
     "Perahu layar dari {tempat} tiba membawa muatan {barang} yang dibongkar oleh kuli pelabuhan "
     "hingga malam.",
     "Atas nama penduduk {tempat}, {nama} memohon agar pajak tanah tahun {tahun} diberi "
     "keringanan.",
     "Surat kuasa ini dibuat dengan sadar tanpa paksaan dari pihak mana pun, untuk dipergunakan "
     "seperlunya.",
     "Contoh {barang} yang dikirim ke laboratorium ternyata mengandung air lebih banyak daripada "
     "yang dibolehkan.",
     "Lampiran surat ini terdiri atas {n} halaman, termasuk peta {tempat} dan daftar harga satuan.",
     "Kepala {kantor} memerintahkan supaya semua arsip sebelum tahun {tahun} didaftar menurut "
     "pokok soalnya.",
     "Pertandingan sepak bola antara {tempat} dan {tempat} berakhir seri setelah hujan lebat "
     "turun.",
     "Pasar malam yang diadakan di {tempat} dikunjungi oleh {jml} orang selama {n} malam "
     "berturut-turut.",
     "Lelang {barang} sitaan dilaksanakan pada hari {hari} tanggal {tgl} di halaman {kantor}.",
     "Sumur yang digali di dekat {benda} mengeluarkan air jernih pada kedalaman {n} meter.",
     "Izin usaha atas nama {nama} dicabut karena tidak membayar sewa sejak tanggal {tgl}.",
     "Juru ukur menggambar kembali batas {tempat} menurut patok yang dipasang pada tahun {tahun}.",
     "Koperasi di {tempat} menyalurkan pinjaman sebesar Rp {rp} kepada {n} orang anggotanya.",
     "Rombongan dari {kantor} berangkat dengan kapal motor pada pukul {jam} dan tiba keesokan "
     "paginya.",
     "Daftar hadir ditandatangani oleh {jml} peserta, sedangkan yang berhalangan memberi kabar "
     "melalui surat.",
     "Ongkos angkut {barang} dari gudang ke dermaga dihitung Rp {harga} tiap pikul, sudah termasuk "
     "upah kuli.",
     "Perkara nomor {nomor} antara {nama} dan {nama} diputus oleh hakim pada tanggal {tgl}.",
     "Lukisan dan piagam yang tersimpan di {kantor} perlu dibersihkan oleh tenaga yang "
     "berpengalaman.",
     "Bibit kelapa sebanyak {jml} batang dibagikan kepada petani di {tempat} tanpa dipungut "
     "bayaran."});

constexpr auto kSubjects = std::to_array<std::string_view>(
    {"Pembangunan {benda}", "Undangan rapat dinas", "Permohonan bantuan {barang}",
     "Penyerahan arsip", "Pengangkatan {jabatan}", "Laporan tahun {tahun}", "Perbaikan {benda}",
     "Daftar harga {barang}"});
constexpr auto kHeadlines = std::to_array<std::string_view>(
    {"Harga {barang} Naik", "Banjir di {tempat}", "Kapal Tenggelam di {tempat}",
     "Sekolah Baru Dibuka", "Panen {barang} Melimpah", "Rapat Dewan Ditunda", "{benda} Rampung",
     "Kabar dari {tempat}"});

// Words with an e that is no schwa, which old print marks: E here. Matched at the start of a word
// or after a prefix.
constexpr auto kAccented = std::to_array<std::string_view>(
    {"dEsa",        "olEh",     "bolEh",     "sorE",    "mErah",  "tEh",     "mEter",
     "lEher",       "Ekor",     "kerEta",    "merdEka", "lErEng", "hEran",   "bEda",
     "lEbar",       "pEndEk",   "mEja",      "bEbas",   "sEhat",  "pEtak",   "dEwan",
     "rEsidEn",     "rEkening", "pEti",      "bEsok",   "gEsEr",  "bErEs",   "tElEgram",
     "semEn",       "cEngkih",  "kolEksi",   "sEri",    "sEpak",  "sEwa",    "pEta",
     "lElang",      "agEnda",   "pErak",     "nEnEk",   "sEnsus", "dokumEn", "inspEktorat",
     "sEkretariat", "novEmber", "septEmber", "dEsEmber"});

std::string thousands(long long value) {
  std::string out = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3) {
    out.insert(static_cast<std::size_t>(at), 1, '.');
  }
  return out;
}

std::string capital(std::string text) {
  if (!text.empty()) {
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  }
  return text;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string two(int value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string of(Random& random, Words words) { return std::string(random.pick(words)); }

std::string date(Random& random) {
  return std::to_string(random.between(1, 28)) + " " + of(random, kMonths) + " " +
         std::to_string(random.between(1905, 2021));
}

std::string one(Random& random, std::string_view slot) {
  if (slot == "nama") return name_of_person(random);
  if (slot == "tempat") return of(random, kPlaceKinds) + " " + of(random, kPlaces);
  if (slot == "kantor") return of(random, kOffices);
  if (slot == "tgl") return date(random);
  if (slot == "tahun") return std::to_string(random.between(1905, 2021));
  if (slot == "rp") return thousands(random.between(120, 999999) * 250LL) + ",00";
  if (slot == "harga") return thousands(random.between(5, 400) * 50LL);
  if (slot == "jml") return thousands(random.between(110, 98000));
  if (slot == "n") return std::to_string(random.between(2, 14));
  if (slot == "nomor") return document_number(random);
  if (slot == "benda") return of(random, kWorks);
  if (slot == "barang") return of(random, kGoods);
  if (slot == "hari") return of(random, kDays);
  if (slot == "jabatan") return of(random, kPosts);
  return two(random.between(7, 20)) + "." + (random.chance(0.5) ? "00" : "30");  // {jam}
}

std::string filled(Random& random, std::string_view pattern) {
  std::string out;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    out += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = pattern.find('}', open);
    out += one(random, pattern.substr(open + 1, close - open - 1));
    pattern.remove_prefix(close + 1);
  }
  return out;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Which letters of a word are to carry the accent.
std::vector<bool> accents_of(std::string_view lower) {
  std::vector<bool> out(lower.size(), false);
  for (const std::string_view prefix : {"", "ber", "se", "ke", "di", "me", "memper", "peme"}) {
    if (!lower.starts_with(prefix)) continue;
    const auto rest = lower.substr(prefix.size());
    for (const auto stem : kAccented) {
      const bool same = stem.size() <= rest.size() &&
                        std::equal(stem.begin(), stem.end(), rest.begin(),
                                   [](char a, char b) { return (a == 'E' ? 'e' : a) == b; });
      if (!same) continue;
      for (std::size_t i = 0; i < stem.size(); ++i) out[prefix.size() + i] = stem[i] == 'E';
      return out;
    }
  }
  return out;
}

std::string word_spelled(std::string_view word, Spelling spelling) {
  const bool oe = spelling != Spelling::soewandi;
  std::string lower(word);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool shouted = word.size() > 1 && word[1] != lower[1];
  const auto accents = spelling == Spelling::ophuijsen_accents
                           ? accents_of(lower)
                           : std::vector<bool>(lower.size(), false);
  std::string out;
  for (std::size_t i = 0; i < lower.size();) {
    const auto rest = std::string_view(lower).substr(i);
    std::size_t used = 2;
    std::string put;
    if (rest.starts_with("sy")) {
      put = "sj";
    } else if (rest.starts_with("ny")) {
      put = "nj";
    } else if (rest.starts_with("kh")) {
      put = "ch";
    } else if (oe && rest == "au") {
      put = "au";  // one sound at the end of a word: poelau
    } else {
      used = 1;
      const char c = rest[0];
      put = c == 'c'         ? "tj"
            : c == 'j'       ? "dj"
            : c == 'y'       ? "j"
            : c == 'u' && oe ? "oe"
            : accents[i]     ? "é"
                             : std::string(1, c);
    }
    const bool big = word[i] != lower[i];
    out += big ? (shouted ? upper(put) : capital(put)) : put;
    i += used;
  }
  return out;
}

}  // namespace

std::string spelled(std::string_view modern, Spelling spelling) {
  if (spelling == Spelling::modern) return std::string(modern);
  std::string out;
  while (!modern.empty()) {
    std::size_t letters = 0;
    while (letters < modern.size() && is_letter(modern[letters])) ++letters;
    out += word_spelled(modern.substr(0, letters), spelling);
    modern.remove_prefix(letters);
    while (!modern.empty() && !is_letter(modern[0])) {
      out += modern[0];
      modern.remove_prefix(1);
    }
  }
  return out;
}

std::string paragraph(Random& random, Spelling spelling, int sentences) {
  std::string out;
  for (int i = 0; i < sentences; ++i) {
    if (i > 0) out += ' ';
    out += filled(random, random.pick(Words(kSentences)));
  }
  return spelled(out, spelling);
}

Heading heading(Random& random, Spelling spelling) {
  Heading out;
  out.centred = {"PEMERINTAH KABUPATEN " + upper(of(random, kPlaces)), upper(of(random, kOffices))};
  out.left = {"Nomor : " + document_number(random),
              "Perihal : " + capital(filled(random, random.pick(Words(kSubjects))))};
  for (auto* part : {&out.centred, &out.left}) {
    for (auto& line : *part) line = spelled(line, spelling);
  }
  return out;
}

std::string headline(Random& random, Spelling spelling) {
  return spelled(capital(filled(random, random.pick(Words(kHeadlines)))), spelling);
}

Table register_table(Random& random, int rows) {
  Table out{{"No", "Nama", "Alamat", "Tahun", "Keadaan"}};
  for (int i = 1; i <= rows; ++i) {
    out.push_back({std::to_string(i), name_of_person(random), one(random, "tempat"),
                   one(random, "tahun"), of(random, kConditions)});
  }
  return out;
}

Table budget_table(Random& random, int rows) {
  Table out{{"No", "Uraian", "Anggaran (Rp)", "Realisasi (Rp)", "%"}};
  static constexpr auto kLines =
      std::to_array<std::string_view>({"Belanja", "Pemeliharaan", "Pembangunan", "Pengadaan",
                                       "Perbaikan", "Sewa", "Upah", "Angkutan"});
  for (int i = 1; i <= rows; ++i) {
    const long long planned = random.between(400, 90000) * 25000LL;
    const int share = random.between(1500, 9990);  // hundredths of a per cent
    const long long spent = planned / 10000 * share;
    out.push_back(
        {std::to_string(i),
         of(random, kLines) + " " + of(random, random.chance(0.5) ? Words(kWorks) : Words(kGoods)),
         thousands(planned), thousands(spent),
         std::to_string(share / 100) + "," + two(share % 100) + "%"});
  }
  return out;
}

std::string name_of_person(Random& random) { return of(random, kFirst) + " " + of(random, kLast); }

std::string document_number(Random& random) {
  return std::to_string(random.between(11, 899)) + "/" + of(random, kSections) + "/" +
         std::to_string(random.between(1, 12)) + "/" + two(random.between(0, 99));
}

}  // namespace alih::bench
