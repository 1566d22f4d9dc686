#include "repository/import/importer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "core/fields.h"
#include "core/text.h"
#include "repository/import/csv.h"
#include "repository/import/marc_files.h"
#include "repository/import/values.h"
#include "repository/import/xlsx.h"
#include "repository/tables.h"

namespace alih::repository {
namespace {

constexpr std::array<std::string_view, 7> kSources{"inlislite", "marc", "marcxml", "slims",
                                                   "atom",      "csv",  "register"};

const MetadataField& field(std::string_view name) { return *find_field(name); }

// Problems of one row; the first one counts.
class Row {
 public:
  explicit Row(int number) { row.row = number; }
  void put(std::string_view name, std::string_view value, const std::string& column) {
    auto why = repository::put(row, field(name), value, column);
    if (why && !problem) problem = std::move(why);
  }
  void refuse(const Message& why) {
    if (!problem) problem = why;
  }
  // Every row has a title; whatever else is missing can be filled in later.
  Status give(const ImportSink& sink) {
    if (!row.fields.contains("title")) {
      refuse(message("judul kosong", "the title is empty"));
    }
    return problem ? sink.reject(row.row, *problem) : sink.row(std::move(row));
  }
  ImportRow row;
  std::optional<Message> problem;
};

// A sheet whose columns are known by name.
class Table {
 public:
  Table() = default;
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  virtual ~Table() = default;
  // Whether the row is the header; then it is remembered.
  virtual bool header(const std::vector<std::string>& cells) = 0;
  virtual Status row(const SheetRow& row, const ImportSink& sink) = 0;
};

std::string cell_of(const SheetRow& row, std::size_t i) {
  return i < row.cells.size() ? row.cells[i] : std::string();
}

// ---- INLISLite's 42 columns; both headers.
class Inlislite : public Table {
 public:
  bool header(const std::vector<std::string>& cells) override {
    columns_.assign(cells.size(), std::string_view());
    bool title = false;
    std::size_t known = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto name = plain_name(cells[i]);
      for (const auto column : kInlisliteColumns) {
        if (plain_name(column) != name) continue;
        columns_[i] = column;
        ++known;
        title = title || column == "JUDUL UTAMA";
      }
    }
    return title && known >= 3;
  }

  Status row(const SheetRow& given, const ImportSink& sink) override {
    Row r(given.number);
    std::string title;
    std::string part;
    std::vector<std::string> persons;
    std::vector<std::string> bodies;
    std::string copy_call_no;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto column = columns_[i];
      const auto value = clean(cell_of(given, i));
      if (value.empty() || column.empty() || column == "NO") continue;
      if (column == "JUDUL UTAMA") {
        title = without_isbd(value);
      } else if (column == "ANAK JUDUL") {
        part = without_isbd(value);
      } else if (column == "TAJUK PENGARANG") {
        r.put("creator", without_isbd(value), std::string(column));
      } else if (column == "TAJUK PENGARANG BADAN KOOPERASI") {
        r.put("corporate_creator", without_isbd(value), std::string(column));
      } else if (column == "PENGARANG TAMBAHAN NAMA ORANG") {
        persons = split(value, ';');
      } else if (column == "PENGARANG TAMBAHAN NAMA BADAN") {
        bodies = split(value, ';');
      } else if (column == "NOMOR PANGGIL EKSEMPLAR") {
        copy_call_no = value;
      } else if (column == "JENIS BAHAN") {
        r.put("material_type", value, std::string(column));
        put_extra_once(r.row, column, value);
      } else if (column == "SUBJEK TOPIK") {
        for (const auto& one : split(value, ';')) r.put("subject", one, std::string(column));
      } else if (column == "BAHASA") {
        for (const auto& one : split(value, ';')) r.put("language", one, std::string(column));
      } else if (const auto* f = field_in(column)) {
        r.put(f->name,
              column == "KOTA TERBIT" || column == "PENERBIT" || column == "EDISI" ||
                      column == "JUMLAH HALAMAN" || column == "DIMENSI"
                  ? without_dot(f->name, value)
                  : value,
              std::string(column));
      } else {
        put_extra(r.row, std::string(column), value);
      }
    }
    for (const auto& one : persons) r.put("creator", one, "PENGARANG TAMBAHAN NAMA ORANG");
    for (const auto& one : bodies) r.put("corporate_creator", one, "PENGARANG TAMBAHAN NAMA BADAN");
    if (!part.empty()) title += " : " + part;
    if (!title.empty()) r.put("title", title, "JUDUL UTAMA");
    if (!r.row.fields.contains("call_no")) {
      r.put("call_no", copy_call_no, "NOMOR PANGGIL EKSEMPLAR");
    } else if (r.row.fields["call_no"].front() != copy_call_no) {
      put_extra(r.row, "NOMOR PANGGIL EKSEMPLAR", copy_call_no);
    }
    if (!r.row.fields.contains("accession_no")) {
      r.refuse(message("NO. INDUK kosong", "NO. INDUK is empty"));
    }
    return r.give(sink);
  }

 private:
  static const MetadataField* field_in(std::string_view column) {
    for (const auto& f : all_fields()) {
      if (f.in.inlislite == column) return &f;
    }
    return nullptr;
  }
  static std::string without_dot(std::string_view name, const std::string& value) {
    auto out = without_isbd(value);
    if ((name == "height_cm" || name == "page_count_declared") && out.ends_with('.')) {
      out.pop_back();
    }
    return out;
  }
  // What became a code word of ours is kept as it was said, too: the way back needs it.
  static void put_extra_once(ImportRow& row, std::string_view column, const std::string& value) {
    if (!row.extra.contains(std::string(column))) put_extra(row, std::string(column), value);
  }
  std::vector<std::string_view> columns_;
};

// ---- SLiMS' bibliography; a header is optional. A row with several copies becomes several
// records.
class Slims : public Table {
 public:
  bool header(const std::vector<std::string>& cells) override {
    constexpr std::size_t kFewest = 15;
    has_header_ = !cells.empty() && plain_name(cells[0]) == "title";
    return has_header_ || cells.size() >= kFewest;
  }
  [[nodiscard]] bool header_is_row() const { return !has_header_; }

  Status row(const SheetRow& given, const ImportSink& sink) override {
    Row r(given.number);
    if (given.cells.size() > kSlimsColumns.size()) {
      r.refuse(message("lebih dari 18 kolom", "more than 18 columns"));
    }
    std::vector<std::string> copies;
    for (std::size_t i = 0; i < kSlimsColumns.size(); ++i) {
      const auto column = std::string(kSlimsColumns.at(i));
      const auto value = clean(cell_of(given, i));
      if (value.empty()) continue;
      if (column == "item_code") {
        copies = list(value);
      } else if (column == "authors" || column == "topics") {
        for (const auto& one : list(value)) {
          r.put(column == "authors" ? "creator" : "subject", one, column);
        }
      } else if (column == "isbn_issn") {
        std::size_t digits = 0;
        for (const char c : value) digits += (c >= '0' && c <= '9') || c == 'X' ? 1U : 0U;
        constexpr std::size_t kIssn = 8;
        r.put(digits == kIssn ? "issn" : "isbn", value, column);
      } else if (column == "collation") {
        r.put("page_count_declared", value, column);
        if (!r.row.fields.contains("extent")) r.row.fields["extent"] = {value};
      } else if (column == "gmd_name") {
        r.put("material_type", value, column);
        if (!r.row.extra.contains(column)) put_extra(r.row, column, value);
      } else if (column == "classification") {
        if (value != "NONE") r.put("ddc", value, column);
      } else if (column == "image") {
        put_extra(r.row, column, value);
      } else {
        for (const auto& f : all_fields()) {
          if (f.in.slims == column) r.put(f.name, value, column);
        }
      }
    }
    if (copies.empty()) return r.give(sink);
    for (const auto& copy : copies) {
      Row one = r;
      one.put("barcode", copy, "item_code");
      ALIH_CHECK(one.give(sink));
      if (one.problem) break;
    }
    return {};
  }

 private:
  // "<a><b>", or one value as it stands.
  static std::vector<std::string> list(const std::string& text) {
    if (!text.starts_with('<') || !text.ends_with('>')) return {text};
    std::vector<std::string> out;
    auto rest = std::string_view(text).substr(1, text.size() - 2);
    constexpr std::string_view kBetween = "><";  // a value may have a '<' or '>' of its own
    for (bool more = true; more;) {
      const auto end = rest.find(kBetween);
      more = end != std::string_view::npos;
      if (auto one = clean(rest.substr(0, end)); !one.empty()) out.push_back(std::move(one));
      if (more) rest.remove_prefix(end + kBetween.size());
    }
    return out;
  }
  bool has_header_ = false;
};

// ---- AtoM's ISAD(G) sheet.
class Atom : public Table {
 public:
  bool header(const std::vector<std::string>& cells) override {
    columns_.assign(cells.size(), std::string());
    bool id = false;
    bool title = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      columns_[i] = clean(cells[i]);
      id = id || columns_[i] == "legacyId" || columns_[i] == "identifier";
      title = title || columns_[i] == "title";
    }
    return id && title;
  }

  Status row(const SheetRow& given, const ImportSink& sink) override {
    Row r(given.number);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto& column = columns_[i];
      const auto value = clean(cell_of(given, i));
      if (value.empty() || column.empty()) continue;
      const MetadataField* f = nullptr;
      for (const auto& row : all_fields()) {
        if (row.in.atom == column && row.filled_by == FilledBy::person) f = &row;
      }
      if (f == nullptr || column == "alternativeIdentifiers") {
        put_extra(r.row, column, value);
      } else if (column == "levelOfDescription") {
        r.put("level", value, column);
        if (!r.row.extra.contains(column)) put_extra(r.row, column, value);
      } else if (f->repeated || f->name == "accession_no") {
        for (const auto& one : split(value, '|')) r.put(f->name, one, column);
      } else if (column == "eventStartDates" || column == "eventEndDates") {
        r.put(f->name, split(value, '|').empty() ? std::string() : split(value, '|').front(),
              column);
        if (!r.row.extra.contains(column)) put_extra(r.row, column, value);
      } else {
        r.put(f->name, value, column);
      }
    }
    if (const auto legacy = r.row.extra.find("legacyId"); legacy != r.row.extra.end()) {
      if (!ids_.insert(legacy->second.front()).second) {
        r.refuse(message("legacyId {} sudah dipakai baris lain", "legacyId {} is another row's",
                         {legacy->second.front()}));
      }
    }
    if (const auto parent = r.row.extra.find("parentId"); parent != r.row.extra.end()) {
      if (!ids_.contains(parent->second.front())) {
        r.refuse(message("parentId {} tidak ada di baris sebelumnya",
                         "parentId {} is in no row before", {parent->second.front()}));
      }
    }
    return r.give(sink);
  }

 private:
  std::vector<std::string> columns_;
  std::set<std::string> ids_;
};

// ---- A sheet of the office's own: our fields by name, label or other programs' column.
class Generic : public Table {
 public:
  explicit Generic(bool is_register) : register_(is_register) {}

  bool header(const std::vector<std::string>& cells) override {
    columns_.assign(cells.size(), {});
    std::size_t known = 0;
    bool title = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      auto& c = columns_[i];
      c.title = clean(cells[i]);
      c.given = given_name(plain_name(c.title));
      if (c.given.empty()) c.field = field_named(c.title);
      // What the program works out of the pages is not taken from a sheet.
      if (c.field != nullptr && c.field->filled_by == FilledBy::program) {
        c = {};
        continue;
      }
      if (c.given == "publication" || c.field != nullptr || !c.given.empty()) ++known;
      title = title || (c.field != nullptr && c.field->name == "title");
    }
    return title && known >= 2;
  }

  Status row(const SheetRow& given, const ImportSink& sink) override {
    Row r(given.number);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto& c = columns_[i];
      const auto value = clean(cell_of(given, i));
      if (value.empty() || c.title.empty()) continue;
      if (c.given == "publication") {
        // "Penerbit, Kota, Tahun" of the printed register
        const auto parts = split(value, ',');
        if (parts.size() == 3) {
          r.put("publisher", parts[0], c.title);
          r.put("place", parts[1], c.title);
          r.put("date_issued", parts[2], c.title);
        } else {
          put_extra(r.row, c.title, value);
        }
      } else if (c.given == "registered_on") {
        ImportRow date;
        if (const auto why = repository::put(date, field("acquired_on"), value, c.title)) {
          r.refuse(*why);
        } else {
          r.row.given["registered_on"] = date.fields["acquired_on"].front();
        }
      } else if (!c.given.empty()) {
        r.row.given[c.given] = value;
      } else if (c.field == nullptr) {
        put_extra(r.row, c.title, value);
      } else if (c.field->name == "title" || c.field->name == "publisher" ||
                 c.field->name == "place") {
        r.put(c.field->name, without_isbd(value), c.title);
      } else if (c.field->repeated) {
        for (const auto& one : split(value, value.find('|') != std::string::npos ? '|' : ';')) {
          r.put(c.field->name, one, c.title);
        }
      } else {
        r.put(c.field->name, value, c.title);
      }
    }
    if (!register_ || r.row.fields.contains("title")) return r.give(sink);
    // A line that was struck out in the paper register keeps its number.
    const bool numbered =
        r.row.given.contains("digitization_no") || r.row.given.contains("sequence_no");
    if (numbered && !r.problem) return sink.row(std::move(r.row));
    return r.give(sink);
  }

 private:
  struct Column {
    std::string title;
    std::string given;  // key of ImportRow::given, or "publication"
    const MetadataField* field = nullptr;
  };

  static std::string given_name(const std::string& name) {
    if (name == "path" || name == "berkas" || name == "folder" || name == "file" ||
        name == "lokasi_berkas") {
      return "path";
    }
    if (name == "dicoret" || name == "batal" || name == "dibatalkan") return "struck";
    if (name == "penerbit_kota_tahun") return "publication";
    if (name == "access_class" || name == "kelas_akses") return "access_class";
    if (name == "rights_status" || name == "status_hak_cipta") return "rights_status";
    const auto* f = find_field(name);
    if (f != nullptr &&
        (f->name == "digitization_no" || f->name == "sequence_no" || f->name == "registered_on")) {
      return std::string(f->name);
    }
    for (const auto& row : all_fields()) {
      const bool computed =
          row.name == "digitization_no" || row.name == "sequence_no" || row.name == "registered_on";
      if (computed && (plain_name(row.label.id) == name || plain_name(row.label.en) == name)) {
        return std::string(row.name);
      }
    }
    return {};
  }

  static const MetadataField* field_named(const std::string& title) {
    const auto name = plain_name(title);
    if (name.empty()) return nullptr;
    const auto* found = find_field(name);
    for (const auto& f : all_fields()) {
      if (found != nullptr) break;
      if (plain_name(f.label.id) == name || plain_name(f.label.en) == name ||
          (!f.in.inlislite.empty() && plain_name(f.in.inlislite) == name)) {
        found = &f;
      }
    }
    return found;
  }

  bool register_;
  std::vector<Column> columns_;
};

enum class Kind { xlsx, iso2709, xml, text, csv };

Kind kind_of(std::span<const std::byte> bytes) {
  if (is_zip(bytes)) return Kind::xlsx;
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto at = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(std::min(at, text.size()));
  if (text.starts_with('<')) return Kind::xml;
  if (text.starts_with("MARC-") || text.starts_with("=LDR") || text.starts_with("=001")) {
    return Kind::text;
  }
  constexpr std::size_t kLeader = 24;
  if (text.size() > kLeader && all_digits(text.substr(0, 5)) &&
      text.find('\x1E') != std::string_view::npos) {
    return Kind::iso2709;
  }
  return Kind::csv;
}

Status read_table(Table& table, std::span<const std::byte> bytes, bool xlsx,
                  const ImportLimits& limits, const ImportSink& sink, const MarcCall* marc) {
  bool began = false;
  std::optional<MarcSheet> fields;  // a sheet with a row a MARC field
  constexpr int kHeaderRows = 5;
  int before = 0;
  const auto refuse_cell = [&](const SheetRow& row) {
    return sink.reject(
        row.number,
        message("sel {} berisi rumus atau kesalahan; simpan sebagai nilai saja",
                "cell {} holds a formula or an error; save values only", {row.refused}));
  };
  const auto take = [&](const SheetRow& row) -> Status {
    if (!row.refused.empty()) return refuse_cell(row);
    if (fields) return fields->row(row);
    if (began) return table.row(row, sink);
    if (marc != nullptr && MarcSheet::is_header(row.cells)) {
      fields.emplace(*marc);
      return {};
    }
    if (table.header(row.cells)) {
      began = true;
      auto* slims = dynamic_cast<Slims*>(&table);
      return slims != nullptr && slims->header_is_row() ? table.row(row, sink) : Status();
    }
    if (++before < kHeaderRows) return {};
    return fail(ErrorCode::unreadable, "Baris judul kolom tidak ditemukan; periksa --from",
                "The header row was not found; check --from");
  };
  ALIH_CHECK(xlsx ? read_xlsx(bytes, limits, take) : read_csv(bytes, limits, take));
  if (fields) return fields->end();
  if (!began) {
    return fail(ErrorCode::unreadable, "Baris judul kolom tidak ditemukan; periksa --from",
                "The header row was not found; check --from");
  }
  return {};
}

}  // namespace

bool is_import_source(std::string_view from) {
  return std::find(kSources.begin(), kSources.end(), from) != kSources.end();
}

std::string import_sources() {
  std::string out;
  for (const auto name : kSources) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

Status read_rows(std::string_view from, std::span<const std::byte> bytes,
                 const ImportLimits& limits, const ImportSink& sink) {
  if (!is_import_source(from)) {
    return fail(ErrorCode::usage, "Sumber \"{}\" tidak dikenal; pilihannya {}",
                "Source \"{}\" is not known; choose one of {}", {from, import_sources()});
  }
  if (bytes.empty()) {
    return fail(ErrorCode::unreadable, "Berkas kosong", "The file is empty");
  }
  constexpr std::array<std::byte, 4> kOldExcel{std::byte{0xD0}, std::byte{0xCF}, std::byte{0x11},
                                               std::byte{0xE0}};
  if (bytes.size() >= kOldExcel.size() &&
      std::equal(kOldExcel.begin(), kOldExcel.end(), bytes.begin())) {
    return fail(ErrorCode::unreadable,
                "Berkas .xls lama atau xlsx bersandi; simpan sebagai .xlsx tanpa sandi",
                "An old .xls file or an xlsx with a password; save it as .xlsx without one");
  }
  const MarcCall marc = [&](int number, const MarcRecord& record) -> Status {
    Row r(number);
    fields_from(record, r.row);
    return r.give(sink);
  };
  const MarcReject reject = [&](int number, const Message& why) {
    return sink.reject(number, why);
  };
  const auto kind = kind_of(bytes);
  const bool takes_marc = from == "inlislite" || from == "marc" || from == "marcxml";
  if (takes_marc && kind == Kind::iso2709) return read_iso2709(bytes, limits, marc, reject);
  if (takes_marc && kind == Kind::xml) return read_marcxml(bytes, limits, marc, reject);
  if (takes_marc && kind == Kind::text) return read_marc_text(bytes, limits, marc, reject);
  if ((from == "marc" || from == "marcxml" || kind == Kind::xml || kind == Kind::iso2709) &&
      kind != Kind::xlsx) {
    return fail(ErrorCode::unreadable, "Isi berkas tidak sesuai dengan --from {}",
                "What the file holds does not fit --from {}", {from});
  }
  Inlislite inlislite;
  Slims slims;
  Atom atom;
  Generic generic(from == "register");
  Table& table = from == "slims"                       ? static_cast<Table&>(slims)
                 : from == "atom"                      ? static_cast<Table&>(atom)
                 : from == "csv" || from == "register" ? static_cast<Table&>(generic)
                                                       : static_cast<Table&>(inlislite);
  return read_table(table, bytes, kind == Kind::xlsx, limits, sink, takes_marc ? &marc : nullptr);
}

}  // namespace alih::repository
