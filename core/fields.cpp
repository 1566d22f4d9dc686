#include "core/fields.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/text.h"

namespace alih {
namespace {

MetadataField typed(std::string_view name, std::string_view id, std::string_view en,
                    std::string_view dc, Need need = Need::optional,
                    FieldType type = FieldType::text, bool searched = false, bool repeated = false,
                    std::vector<std::string_view> allowed = {}) {
  return {name,     message(id, en),    dc, type, need, FilledBy::person, repeated,
          searched, std::move(allowed), {}, {}};
}

MetadataField computed(std::string_view name, std::string_view id, std::string_view en,
                       FieldType type = FieldType::text, std::string_view dc = "") {
  return {name, message(id, en), dc, type, Need::always, FilledBy::program, false, false, {}, {},
          {}};
}

MetadataField personal(std::string_view name, std::string_view id, std::string_view en,
                       std::vector<std::string_view> also) {
  return {name,
          message(id, en),
          "",
          FieldType::text,
          Need::optional,
          FilledBy::person,
          true,
          false,
          {},
          {},
          std::move(also),
          true};
}

std::vector<MetadataField> make_fields() {
  using enum FieldType;
  using enum Need;
  return {
      computed("sequence_no", "No. Urut", "Sequence no.", number)
          .with({}, {"no_urut", "nomor_urut"}),
      computed("digitization_no", "No. Inventaris Alih Media", "Digitization no.", text,
               "identifier")
          .with({.marc = "035##$a(ALM)", .atom = "alternativeIdentifiers", .mods = "identifier"},
                {"no_inventaris", "no_inventaris_alih_media", "nomor_inventaris_alih_media",
                 "nomor_inventaris"}),
      computed("registered_on", "Tanggal Registrasi", "Registered on", date)
          .with({}, {"tanggal", "tanggal_registrasi"}),
      typed("batch_no", "No. Serah Terima", "Handover no.", "", always)
          .with({.marc = "999"}, {"no_serah_terima"}),
      typed("batch_entry", "No. dalam daftar serah terima", "Entry of the handover list", "",
            optional, number)
          .with({.marc = "999"}),
      typed("source_unit", "Asal", "Source unit", "provenance", always, text, true)
          .with({.marc = "541##$a", .atom = "acquisition"}, {"asal"}),
      typed("material_type", "Jenis Bahan", "Material type", "type", always, words, true, false,
            {"book", "rare_book", "magazine", "newspaper", "map", "photograph", "picture",
             "manuscript", "textual_record", "cartographic_record", "government_document",
             "clipping", "ephemera", "audio", "video", "microfilm"})
          .with({.marc = "655#7$a", .atom = "genreAccessPoints", .mods = "genre"}, {"jenis_bahan"}),
      typed("title", "Judul", "Title", "title", always, text, true)
          .with({.marc = "24510$a",
                 .atom = "title",
                 .inlislite = "JUDUL UTAMA",
                 .slims = "title",
                 .mods = "title"},
                {"judul"}),
      typed("responsibility", "Pernyataan tanggung jawab", "Statement of responsibility", "",
            optional, text, true)
          .with({.marc = "24510$c",
                 .inlislite = "PERNYATAAN TANGGUNGJAWAB",
                 .slims = "sor",
                 .mods = "responsibility"}),
      typed("title_original_spelling", "Judul dalam ejaan asli", "Title in original spelling",
            "title", optional, text, true)
          .with({.marc = "24631$a", .mods = "translated"}),
      typed("alt_title", "Judul lain", "Alternative title", "title", optional, text, true, true)
          .with({.marc = "2463#$a", .mods = "alternative"}),
      typed("series_title", "Judul seri", "Series title", "relation", optional, text, true)
          .with({.marc = "4900#$a", .slims = "series_title", .mods = "series"}),
      typed("creator", "Pengarang/Pencipta", "Creator", "creator", if_known, text, true, true)
          .with({.marc = "1001#$a|7001#$a",
                 .atom = "eventActors",
                 .inlislite = "TAJUK PENGARANG",
                 .slims = "authors",
                 .mods = "personal"},
                {"pengarang", "pencipta"}),
      typed("corporate_creator", "Badan korporasi", "Corporate creator", "creator", optional, text,
            true, true)
          .with({.marc = "1102#$a|7102#$a",
                 .inlislite = "TAJUK PENGARANG BADAN KOOPERASI",
                 .mods = "corporate"}),
      typed("publisher", "Penerbit", "Publisher", "publisher", optional, text, true)
          .with({.marc = "260##$b",
                 .inlislite = "PENERBIT",
                 .slims = "publisher_name",
                 .mods = "publisher"},
                {"penerbit"}),
      typed("place", "Kota Terbit", "Place of publication", "publisher", optional, text, true)
          .with({.marc = "260##$a",
                 .inlislite = "KOTA TERBIT",
                 .slims = "place_name",
                 .mods = "place"},
                {"kota_terbit"}),
      typed("date_issued", "Tahun Terbit", "Year of publication", "date", if_known, year, true)
          .with({.marc = "260##$c",
                 .inlislite = "TAHUN TERBIT",
                 .slims = "publish_year",
                 .mods = "dateIssued"},
                {"tahun_terbit", "tahun"}),
      typed("date_from", "Kurun waktu, dari", "Date range, from", "date", optional, year)
          .with({.marc = "046##$k", .atom = "eventStartDates", .mods = "dateFrom"}),
      typed("date_to", "Kurun waktu, sampai", "Date range, to", "date", optional, year)
          .with({.marc = "046##$l", .atom = "eventEndDates", .mods = "dateTo"}),
      typed("date_printed", "Tahun seperti tercetak", "Date as printed", "date", optional, text,
            true)
          .with({.marc = "260##$c", .atom = "eventDates", .mods = "datePrinted"}, {"kurun_waktu"}),
      typed("edition", "Edisi/Cetakan", "Edition", "", optional, text, true)
          .with({.marc = "250##$a", .inlislite = "EDISI", .slims = "edition", .mods = "edition"},
                {"edisi"}),
      typed("volume", "Volume", "Volume", "", of_serials, text, true)
          .with({.marc = "24510$n", .mods = "volume"}),
      typed("issue", "Nomor", "Issue", "", of_serials, text, true)
          .with({.marc = "863##$a", .inlislite = "EDISI SERIAL", .mods = "issue"}),
      typed("issue_date", "Tanggal Edisi", "Issue date", "date", of_serials, date)
          .with({.marc = "863##$i", .inlislite = "TGL TERBIT EDISI SERIAL", .mods = "issueDate"}),
      typed("accession_no", "No. Induk", "Accession no.", "identifier", of_books, text, true, true)
          .with({.marc = "990##$a",
                 .atom = "accessionNumber",
                 .inlislite = "NO. INDUK",
                 .mods = "shelfLocator"},
                {"nomor_induk", "no_induk"}),
      typed("barcode", "No. Barcode", "Barcode", "identifier", optional, text, true)
          .with({.marc = "876##$p",
                 .inlislite = "NO. BARCODE",
                 .slims = "item_code",
                 .mods = "identifier"},
                {"no_barcode", "nomor_barcode"}),
      typed("rfid", "No. RFID", "RFID", "identifier", optional, text, true)
          .with({.marc = "876##$r", .inlislite = "NO.  RFID"}, {"no_rfid"}),
      typed("call_no", "No. Panggil", "Call number", "", of_books, text, true)
          .with({.marc = "084##$a",
                 .inlislite = "NOMOR PANGGIL KATALOG",
                 .slims = "call_number",
                 .mods = "classification"},
                {"no_panggil", "nomor_panggil"}),
      typed("ddc", "Klasifikasi DDC", "DDC", "subject", of_books, text, true)
          .with({.marc = "08204$a",
                 .inlislite = "NO DDC",
                 .slims = "classification",
                 .mods = "classification"},
                {"no_ddc"}),
      typed("isbn", "ISBN", "ISBN", "identifier", optional, text, true)
          .with(
              {.marc = "020##$a", .inlislite = "ISBN", .slims = "isbn_issn", .mods = "identifier"}),
      typed("issn", "ISSN", "ISSN", "identifier", optional, text, true)
          .with({.marc = "022##$a", .inlislite = "ISSN", .mods = "identifier"}),
      typed("ismn", "ISMN", "ISMN", "identifier", optional, text, true)
          .with({.marc = "0242#$a", .inlislite = "ISMN", .mods = "identifier"}),
      typed("language", "Bahasa", "Language", "language", always, language, false, true)
          .with({.marc = "0410#$a",
                 .atom = "language",
                 .inlislite = "BAHASA",
                 .slims = "language_name",
                 .mods = "language"},
                {"bahasa"}),
      typed("script", "Aksara", "Script", "", always, script, false, true)
          .with({.marc = "546##$b", .atom = "script", .mods = "script"}, {"aksara"}),
      typed("orthography", "Ejaan", "Orthography", "", optional, words, false, false,
            {"ophuijsen", "soewandi", "eyd", "mixed", "unknown"})
          .with({.marc = "999"}, {"ejaan"}),
      typed("ils_bibid", "BIB-ID INLISLite", "INLISLite BIB-ID", "identifier", optional, text, true)
          .with({.marc = "035##$a", .mods = "identifier"}, {"bibid", "bib_id"}),
      typed("reference_no", "Nomor arsip", "Reference no.", "identifier", optional, text, true)
          .with({.marc = "024##$a", .atom = "identifier", .mods = "identifier"},
                {"nomor_arsip", "no_arsip"}),
      typed("level", "Tingkat deskripsi", "Level of description", "", optional, words, false, false,
            {"fonds", "subfonds", "series", "subseries", "file", "item"})
          .with({.marc = "351##$c", .atom = "levelOfDescription"}),
      typed("parent_ref", "Nomor arsip induknya", "Reference no. of the parent", "relation",
            optional, text)
          .with({.marc = "773##$w", .mods = "relatedItem"}),
      typed("classification_code", "Kode Klasifikasi Arsip", "Classification code", "", of_archives,
            text, true)
          .with({.marc = "999"}, {"kode_klasifikasi"}),
      typed("development_level", "Tingkat Perkembangan", "Development level", "", of_archives,
            words, false, false, {"original", "copy", "carbon_copy", "file_copy"})
          .with({.marc = "999"}),
      typed("page_count_declared", "Jumlah Halaman (asli)", "Pages of the original", "format",
            always, number)
          .with({.marc = "300##$a", .inlislite = "JUMLAH HALAMAN", .mods = "extent"},
                {"jumlah_halaman", "jml_hal_asli"}),
      typed("extent", "Deskripsi fisik", "Extent", "format", optional, text)
          .with({.marc = "300##$a",
                 .atom = "extentAndMedium",
                 .slims = "collation",
                 .mods = "extent"}),
      typed("height_cm", "Tinggi, cm", "Height, cm", "format", optional, number)
          .with({.marc = "300##$c", .inlislite = "DIMENSI"}),
      typed("width_cm", "Lebar, cm", "Width, cm", "format", optional, number)
          .with({.marc = "300##$c"}),
      typed("condition", "Kondisi Fisik", "Physical condition", "", always, words, false, false,
            {"good", "slight_damage", "moderate_damage", "heavy_damage"})
          .with({.marc = "583##$l", .atom = "physicalCharacteristics"}, {"kondisi"}),
      typed("condition_flags", "Kerusakan", "Damage", "", optional, words, false, true,
            {"brittle", "mouldy", "insect_damage", "stained", "torn", "pages_missing",
             "ink_bleeding", "binding_loose"})
          .with({.marc = "999"}),
      typed("missing_pages", "Halaman hilang/rusak", "Missing pages", "", optional, text)
          .with({.marc = "590##$a"}),
      typed("priority", "Prioritas", "Priority", "", optional, words, false, false,
            {"rare", "fragile", "often_used", "local_content", "request"})
          .with({.marc = "999"}),
      typed("rights_basis", "Dasar penetapan hak", "Basis of rights", "rights", if_protected, text)
          .with({.marc = "542##$n", .atom = "reproductionConditions"}),
      typed("rights_expires", "Hak berakhir tahun", "Rights expire in", "rights", if_protected,
            year)
          .with({.marc = "999"}),
      typed("licence_allows", "Izin pemegang hak mencakup", "The licence allows", "rights",
            optional, words, false, true, {"images", "download"})
          .with({.marc = "999"}),
      typed("creator_died", "Tahun wafat pengarang", "Year the author died", "", optional, year)
          .with({.marc = "999"}),
      typed("subject", "Subjek", "Subject", "subject", optional, text, true, true)
          .with({.marc = "650#4$a",
                 .atom = "subjectAccessPoints",
                 .inlislite = "SUBJEK TOPIK",
                 .slims = "topics",
                 .mods = "topic"},
                {"subjek"}),
      typed("description", "Uraian", "Description", "description", optional, text, true)
          .with({.marc = "520##$a",
                 .atom = "scopeAndContent",
                 .inlislite = "ABSTRAK",
                 .mods = "abstract"},
                {"uraian"}),
      typed("original_location", "Lokasi Asli", "Location of the original", "", always, text, true)
          .with({.marc = "852##$c",
                 .atom = "locationOfOriginals",
                 .inlislite = "KODE LOKASI RUANG",
                 .mods = "physicalLocation"},
                {"lokasi_asli"}),
      typed("acquired_on", "Tanggal pengadaan", "Acquired on", "", optional, date)
          .with({.marc = "541##$d", .inlislite = "TGL PENGADAAN"}),
      typed("ba_no", "No. Berita Acara", "Berita Acara no.", "", of_archives, text, true)
          .with({.marc = "999"}),
      typed("cost", "Nilai (Rp)", "Value (Rp)", "", optional, number)
          .with({.marc = "365##$b", .inlislite = "HARGA"}, {"harga"}),
      typed("note", "Keterangan", "Note", "", optional, text, true)
          .with({.marc = "500##$a",
                 .atom = "generalNote",
                 .inlislite = "KETERANGAN LAIN (SERIAL)",
                 .slims = "notes",
                 .mods = "note"},
                {"keterangan"}),
      personal("identity_no", "No. identitas (NIK)", "Identity no. (NIK)",
               {"nik", "no_identitas", "nomor_identitas", "no_ktp"}),
      personal("member_no", "No. anggota", "Member no.", {"no_anggota", "nomor_anggota"}),
      personal("phone", "No. telepon", "Phone", {"telepon", "no_telepon", "no_hp", "hp"}),
      typed("capture_profile", "Profil Pemindaian", "Capture profile", "", optional, text)
          .with({.marc = "999"}),
      // A file that was not scanned here names no device, and not every file says its resolution.
      computed("device", "Alat/Pemindai", "Device").if_there(),
      computed("dpi", "Resolusi (dpi)", "Resolution (dpi)", number).if_there(),
      computed("color_mode", "Mode warna", "Colour mode"),
      computed("bit_depth", "Kedalaman bit", "Bit depth", number),
      computed("image_count", "Jumlah Citra", "Images", number, "format"),
      computed("master_format", "Format Master", "Master format", text, "format"),
      computed("access_format", "Format Akses", "Access format"),
      computed("total_bytes", "Ukuran Total (byte)", "Total size (bytes)", number, "format"),
      computed("file_prefix", "Awalan Nama Berkas", "File prefix"),
      computed("manifest_sha256", "Checksum manifes", "Manifest checksum"),
      computed("ocr_mean_conf", "Rerata keyakinan OCR", "Mean OCR confidence").if_there(),
      computed("ocr_low_share", "Bagian kata yang diragukan", "Share of doubtful words").if_there(),
      computed("operator", "Operator", "Operator").if_there(),
      computed("qc_by", "Pemeriksa mutu", "Checked by").if_there(),
      computed("qc_result", "Hasil pemeriksaan mutu", "Result of the check").if_there(),
      computed("qc_on", "Tanggal pemeriksaan mutu", "Checked on", date).if_there(),
      computed("storage_location", "Lokasi Simpan (digital)", "Where the files are kept"),
  };
}

}  // namespace

MetadataField MetadataField::with(Mapping mapping, std::vector<std::string_view> names) && {
  in = mapping;
  also = std::move(names);
  return std::move(*this);
}

MetadataField MetadataField::if_there() && {
  need = Need::if_known;
  return std::move(*this);
}

namespace {

Message place(const MetadataField& f) {
  return message("{} ({})", "{} ({})", {f.name, f.label.id});
}

bool is_number(std::string_view s) {
  const auto point = s.find('.');
  if (point == std::string_view::npos) return all_digits(s);
  return all_digits(s.substr(0, point)) && all_digits(s.substr(point + 1));
}

bool is_zero(std::string_view number) {
  return number.find_first_not_of("0.") == std::string_view::npos;
}

bool is_date(std::string_view s) {
  return s.size() == 10 && s[4] == '-' && s[7] == '-' && all_digits(s.substr(0, 4)) &&
         all_digits(s.substr(5, 2)) && all_digits(s.substr(8, 2)) && s.substr(5, 2) >= "01" &&
         s.substr(5, 2) <= "12" && s.substr(8, 2) >= "01" && s.substr(8, 2) <= "31";
}

bool is_code(std::string_view s, std::size_t size) {
  return s.size() == size && std::all_of(s.begin(), s.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

bool is_utf8_line(std::string_view s) {
  for (std::size_t i = 0; i < s.size();) {
    const auto c = static_cast<unsigned char>(s[i]);
    if (c < 0x20 || c == 0x7F) return false;
    std::size_t more = 0;
    if (c >= 0xF0 && c <= 0xF4)
      more = 3;
    else if (c >= 0xE0)
      more = 2;
    else if (c >= 0xC2)
      more = 1;
    else if (c >= 0x80)
      return false;
    if (c > 0xF4) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if (i + k >= s.size() || (static_cast<unsigned char>(s[i + k]) & 0xC0U) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const auto w : words) {
    if (!out.empty()) out += ", ";
    out += w;
  }
  return out;
}

Status check(const MetadataField& f, std::string_view value) {
  constexpr std::size_t kLongest = 4000;
  if (value.size() > kLongest || !is_utf8_line(value)) {
    return fail(ErrorCode::bad_field, "{}: teks satu baris UTF-8, paling panjang {} byte",
                "{}: one line of UTF-8 text of at most {} bytes", {place(f).id, kLongest});
  }
  if (f.name == "page_count_declared" && is_number(value) && is_zero(value)) {
    return fail(ErrorCode::bad_field, "{}: harus lebih dari nol", "{}: must be more than zero",
                {place(f).id});
  }
  switch (f.type) {
    case FieldType::text:
    case FieldType::list:
      return {};
    case FieldType::number:
      if (is_number(value)) return {};
      return fail(ErrorCode::bad_field, "{}: harus angka, misalnya 120",
                  "{}: must be a number, e.g. 120", {place(f).id});
    case FieldType::year:
      if (all_digits(value) && value.size() == 4) return {};
      return fail(ErrorCode::bad_field, "{}: harus tahun empat angka, misalnya 1936",
                  "{}: must be a year of four digits, e.g. 1936", {place(f).id});
    case FieldType::date:
      if (is_date(value)) return {};
      return fail(ErrorCode::bad_field, "{}: harus tanggal TTTT-BB-HH, misalnya 1936-08-17",
                  "{}: must be a date YYYY-MM-DD, e.g. 1936-08-17", {place(f).id});
    case FieldType::language:
      if (is_code(value, 3)) return {};
      return fail(ErrorCode::bad_field, "{}: harus kode ISO 639-3, misalnya ind",
                  "{}: must be an ISO 639-3 code, e.g. ind", {place(f).id});
    case FieldType::script:
      if (is_code(value, 4)) return {};
      return fail(ErrorCode::bad_field, "{}: harus kode ISO 15924, misalnya Latn",
                  "{}: must be an ISO 15924 code, e.g. Latn", {place(f).id});
    case FieldType::words:
      if (std::find(f.allowed.begin(), f.allowed.end(), value) != f.allowed.end()) return {};
      return fail(ErrorCode::bad_field, "{}: \"{}\" tidak dikenal; pilihannya {}",
                  "{}: \"{}\" is not known; choose one of {}",
                  {place(f).id, value, joined(f.allowed)});
  }
  return {};
}

template <typename E>
Status set_word(E& target, std::optional<E> value, std::string_view name, std::string_view given,
                std::string_view allowed) {
  if (!value) {
    return fail(ErrorCode::bad_field, "{}: \"{}\" tidak dikenal; pilihannya {}",
                "{}: \"{}\" is not known; choose one of {}", {name, given, allowed});
  }
  target = *value;
  return {};
}

}  // namespace

const std::vector<MetadataField>& all_fields() {
  static const std::vector<MetadataField> rows = make_fields();
  return rows;
}

const MetadataField* find_field(std::string_view name) {
  for (const auto& row : all_fields()) {
    if (row.name == name) return &row;
  }
  for (const auto& row : all_fields()) {
    if (std::find(row.also.begin(), row.also.end(), name) != row.also.end()) return &row;
  }
  return nullptr;
}

Status check_value(const MetadataField& field, std::string_view value) {
  return check(field, value);
}

Status set_field(Item& item, std::string_view name, std::string_view value) {
  if (name == "access_class") {
    return set_word(item.access, access_class_from(value), name, value,
                    "public, on_premises, restricted, closed");
  }
  if (name == "rights_status") {
    return set_word(item.rights, rights_status_from(value), name, value,
                    "public_domain, open_government_work, licensed, in_copyright, orphan, "
                    "undetermined, confidential");
  }
  if (name == "series") {
    // Items of the register; what is only described has a series of its own.
    if (value != "ALM-KOL" && value != "ALM-ARS") {
      return fail(ErrorCode::bad_field, "Seri \"{}\" tidak dikenal; pilihannya ALM-KOL, ALM-ARS",
                  "Series \"{}\" is not known; choose one of ALM-KOL, ALM-ARS", {value});
    }
    item.series = value;
    return {};
  }
  const auto* f = find_field(name);
  if (f == nullptr) {
    return fail(ErrorCode::bad_field, "Kolom \"{}\" tidak ada dalam Buku Inventaris Alih Media",
                "The register has no field \"{}\"", {name});
  }
  if (f->filled_by == FilledBy::program) {
    return fail(ErrorCode::bad_field, "{} diisi oleh program dan tidak dapat diubah",
                "{} is filled by the program and cannot be set", {place(*f).id});
  }
  if (f->personal && value.starts_with(kSealed)) {
    return fail(ErrorCode::bad_field, "{}: tulis nomornya sendiri", "{}: write the number itself",
                {place(*f).id});
  }
  if (value.empty()) {
    item.fields.erase(std::string(f->name));
    return {};
  }
  ALIH_CHECK(check(*f, value));
  item.fields[std::string(f->name)] = {std::string(value)};
  return {};
}

Status add_field(Item& item, std::string_view name, std::string_view value) {
  const auto* f = find_field(name);
  if (f == nullptr || !f->repeated || value.empty()) return set_field(item, name, value);
  const std::string own(f->name);
  auto before = item.fields[own];
  if (auto done = set_field(item, own, value); !done) {
    if (before.empty())
      item.fields.erase(own);
    else
      item.fields[own] = before;
    return done;
  }
  if (std::find(before.begin(), before.end(), value) == before.end()) before.emplace_back(value);
  item.fields[own] = before;
  return {};
}

bool has_personal(const Item& item) {
  return std::any_of(item.fields.begin(), item.fields.end(), [](const auto& f) {
    const auto* field = find_field(f.first);
    return field != nullptr && field->personal;
  });
}

void remove_personal(Item& item) {
  std::erase_if(item.fields, [](const auto& f) {
    const auto* field = find_field(f.first);
    return field != nullptr && field->personal;
  });
}

std::map<std::string, std::vector<std::string>> register_values(const Item& item,
                                                                const std::vector<Page>& pages) {
  auto bare = item;
  remove_personal(bare);
  auto values = std::move(bare.fields);
  if (item.sequence_no > 0) values["sequence_no"] = {std::to_string(item.sequence_no)};
  values["digitization_no"] = {item.digitization_no};
  values["registered_on"] = {item.registered_on};
  values["file_prefix"] = {folded(item.digitization_no)};
  values["storage_location"] = {(item.version > 0 ? "repository/" : "staging/") + item.id.str()};
  std::set<std::string> formats;
  std::set<std::string> devices;
  std::set<std::string> modes;
  std::map<std::string, const Master*> files;
  int images = 0;
  double low_dpi = 0;
  int depth = 0;
  double confidence = 0;
  int words = 0;
  double doubtful = 0;
  for (const auto& page : pages) {
    if (page.state == PageState::removed) continue;
    ++images;
    for (const auto& f : page.findings) {
      if (f.name != "text") continue;
      if (const auto low = f.numbers.find("low_share"); low != f.numbers.end()) {
        doubtful += low->second * page.reading.words;
      }
    }
    formats.insert(page.master.format);
    files[page.master.file] = &page.master;
    modes.insert(page.color_mode);
    depth = std::max(depth, page.bit_depth);
    if (page.dpi > 0 && (low_dpi <= 0 || page.dpi < low_dpi)) low_dpi = page.dpi;
    if (const auto d = page.capture.find("device"); d != page.capture.end()) {
      devices.insert(d->second);
    }
    confidence += page.reading.confidence * page.reading.words;
    words += page.reading.words;
  }
  std::uint64_t bytes = 0;
  std::string manifest;
  for (const auto& [name, master] : files) {
    bytes += master->fixity.bytes;
    manifest += master->fixity.sha256 + "  " + name + "\n";
  }
  const auto all = [](const std::set<std::string>& set) {
    std::string out;
    for (const auto& s : set) out += (out.empty() ? "" : ", ") + s;
    return out;
  };
  const auto put = [&](const char* name, std::string value) {
    if (!value.empty()) values[name] = {std::move(value)};
  };
  put("image_count", std::to_string(images));
  put("total_bytes", std::to_string(bytes));
  put("master_format", all(formats));
  put("access_format", "jpeg");
  put("device", all(devices));
  put("color_mode", all(modes));
  if (low_dpi > 0) put("dpi", fmt::format("{:.0f}", low_dpi));
  if (depth > 0) put("bit_depth", std::to_string(depth));
  if (!files.empty()) put("manifest_sha256", sha256_hex(manifest));
  if (words > 0) put("ocr_mean_conf", fmt::format("{:.3f}", confidence / words));
  if (words > 0) put("ocr_low_share", fmt::format("{:.3f}", doubtful / words));
  return values;
}

Message value_label(std::string_view field, std::string_view value) {
  struct Row {
    std::string_view field;
    std::string_view value;
    std::string_view id;
    std::string_view en;
  };
  static constexpr Row kRows[] = {
      {"material_type", "book", "buku", "book"},
      {"material_type", "rare_book", "buku langka", "rare book"},
      {"material_type", "magazine", "majalah/buletin", "magazine"},
      {"material_type", "newspaper", "koran/surat kabar", "newspaper"},
      {"material_type", "map", "peta", "map"},
      {"material_type", "photograph", "foto", "photograph"},
      {"material_type", "picture", "gambar/poster", "picture"},
      {"material_type", "manuscript", "naskah kuno", "manuscript"},
      {"material_type", "textual_record", "arsip tekstual", "textual record"},
      {"material_type", "cartographic_record", "arsip kartografik/kearsitekturan",
       "cartographic record"},
      {"material_type", "government_document", "dokumen pemerintah/peraturan",
       "government document"},
      {"material_type", "clipping", "kliping", "clipping"},
      {"material_type", "ephemera", "leaflet/brosur", "ephemera"},
      {"material_type", "audio", "rekaman suara", "sound recording"},
      {"material_type", "video", "rekaman video", "video"},
      {"material_type", "microfilm", "mikrofilm", "microfilm"},
      {"orthography", "ophuijsen", "Van Ophuijsen", "Van Ophuijsen"},
      {"orthography", "soewandi", "Soewandi (Republik)", "Soewandi (Republic)"},
      {"orthography", "eyd", "EYD", "EYD (modern)"},
      {"orthography", "mixed", "campuran", "mixed"},
      {"orthography", "unknown", "tidak diketahui", "unknown"},
      {"development_level", "original", "asli", "original"},
      {"development_level", "copy", "salinan", "copy"},
      {"development_level", "carbon_copy", "tembusan", "carbon copy"},
      {"development_level", "file_copy", "pertinggal", "file copy"},
      {"condition", "good", "baik", "good"},
      {"condition", "slight_damage", "rusak ringan", "slight damage"},
      {"condition", "moderate_damage", "rusak sedang", "moderate damage"},
      {"condition", "heavy_damage", "rusak berat", "heavy damage"},
      {"condition_flags", "brittle", "rapuh", "brittle"},
      {"condition_flags", "mouldy", "berjamur", "mouldy"},
      {"condition_flags", "insect_damage", "dimakan serangga", "insect damage"},
      {"condition_flags", "stained", "noda", "stained"},
      {"condition_flags", "torn", "sobek", "torn"},
      {"condition_flags", "pages_missing", "halaman hilang", "pages missing"},
      {"condition_flags", "ink_bleeding", "tinta luntur", "ink bleeding"},
      {"condition_flags", "binding_loose", "jilid lepas", "binding loose"},
      {"priority", "rare", "langka", "rare"},
      {"priority", "fragile", "rapuh", "fragile"},
      {"priority", "often_used", "sering dipakai", "often used"},
      {"priority", "local_content", "muatan lokal", "local content"},
      {"priority", "request", "permintaan", "request"},
      {"color_mode", "bilevel", "hitam putih", "black and white"},
      {"color_mode", "gray", "abu-abu", "gray"},
      {"color_mode", "color", "warna", "color"},
  };
  for (const auto& row : kRows) {
    if (row.field == field && row.value == value) return message(row.id, row.en);
  }
  return message(value, value);
}

std::vector<std::string> missing_in_book(const Item& item) {
  std::vector<std::string> missing;
  for (const char* name : {"material_type", "title", "page_count_declared", "condition"}) {
    if (item.field(name).empty()) missing.emplace_back(name);
  }
  return missing;
}

bool is_asked_for(const MetadataField& field, const Item& item) {
  const auto type = item.field("material_type");
  const auto is = [&](std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), type) != types.end();
  };
  switch (field.need) {
    case Need::always:
    case Need::if_known:
      return true;
    case Need::of_books:
      return is({"book", "rare_book"});
    case Need::of_serials:
      return is({"magazine", "newspaper"});
    case Need::of_archives:
      return item.series == "ALM-ARS" || is({"textual_record", "cartographic_record"});
    case Need::if_protected:
      return item.rights == RightsStatus::in_copyright || item.rights == RightsStatus::licensed;
    case Need::optional:
      return false;
  }
  return false;
}

std::map<std::string, std::string> book_values(const Item& item, const std::vector<Page>& pages,
                                               const std::vector<std::string>& operators) {
  const auto all = register_values(item, pages);
  std::map<std::string, std::string> out;
  const auto put = [&](const std::string& name, const std::vector<std::string>& values) {
    std::string text;
    for (const auto& v : values) text += (text.empty() || v.empty() ? "" : "; ") + v;
    if (!text.empty()) out[name] = text;
  };
  for (const char* name : {"sequence_no", "digitization_no", "registered_on", "accession_no",
                           "call_no",     "title",           "creator",       "place",
                           "publisher",   "date_issued",     "material_type", "page_count_declared",
                           "condition",   "image_count",     "dpi",           "master_format",
                           "total_bytes", "file_prefix",     "note",          "manifest_sha256"}) {
    if (const auto found = all.find(name); found != all.end()) put(name, found->second);
  }
  put("operator", operators);
  if (item.state == ItemState::withdrawn || item.state == ItemState::rejected ||
      item.state == ItemState::returned) {
    out["mark"] = word(item.state);
  }
  return out;
}

std::vector<std::string> incomplete_fields(const Item& item, const std::vector<Page>& pages) {
  const auto values = register_values(item, pages);
  std::vector<std::string> missing;
  for (const auto& f : all_fields()) {
    if (f.need != Need::always) continue;
    if (!values.contains(std::string(f.name))) missing.emplace_back(f.name);
  }
  if (item.rights == RightsStatus::undetermined) missing.emplace_back("rights_status");
  return missing;
}

}  // namespace alih
