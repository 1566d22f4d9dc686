#include "repository/import/xlsx.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

namespace alih::repository {
namespace {

constexpr int kMostEntries = 2000;
constexpr std::size_t kMostColumns = 16384;  // of the format
constexpr std::size_t kChunk = std::size_t{64} << 10U;

Error broken(std::string_view why) {
  return {ErrorCode::unreadable,
          message("Berkas xlsx tidak dapat dibaca: {}", "The xlsx file cannot be read: {}", {why})};
}

struct FreeArchive {
  void operator()(archive* a) const { archive_read_free(a); }
};
struct FreeParser {
  void operator()(xmlParserCtxt* c) const {
    if (c->myDoc != nullptr) xmlFreeDoc(c->myDoc);
    xmlFreeParserCtxt(c);
  }
};

// What a part's elements are told to. Names without prefix.
class Part {
 public:
  Part() = default;
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  virtual ~Part() = default;
  using Attributes = std::map<std::string, std::string>;
  virtual void begin(const std::string& name, const Attributes& attributes) = 0;
  virtual void end(const std::string& name) = 0;
  virtual void text(std::string_view) {}

  void stop(Error error) {
    if (!stopped_) error_ = std::move(error);
    stopped_ = true;
  }
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  bool stopped_ = false;
  Error error_;
};

std::string text_of(const xmlChar* s) {
  return s == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(s));
}

Part& part_of(void* context) {
  return *static_cast<Part*>(static_cast<xmlParserCtxt*>(context)->_private);
}

void stop_parser(void* context) {
  if (part_of(context).stopped()) xmlStopParser(static_cast<xmlParserCtxt*>(context));
}

void on_begin(void* context, const xmlChar* name, const xmlChar*, const xmlChar*, int,
              const xmlChar**, int count, int, const xmlChar** raw) {
  auto& part = part_of(context);
  if (part.stopped()) return;
  Part::Attributes attributes;
  constexpr int kFields = 5;  // name, prefix, URI, begin and end of the value
  for (int i = 0; i < count; ++i) {
    const auto** a = raw + static_cast<std::ptrdiff_t>(i) * kFields;
    attributes[text_of(a[0])] =
        std::string(reinterpret_cast<const char*>(a[3]), static_cast<std::size_t>(a[4] - a[3]));
  }
  part.begin(text_of(name), attributes);
  stop_parser(context);
}

void on_end(void* context, const xmlChar* name, const xmlChar*, const xmlChar*) {
  auto& part = part_of(context);
  if (part.stopped()) return;
  part.end(text_of(name));
  stop_parser(context);
}

void on_text(void* context, const xmlChar* text, int length) {
  auto& part = part_of(context);
  if (part.stopped()) return;
  part.text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)});
  stop_parser(context);
}

// No part of a workbook has one; entities begin there.
void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  part_of(context).stop(broken("DOCTYPE"));
  stop_parser(context);
}

void ignore_error(void*, const char*, ...) {}  // NOLINT: libxml2's form

xmlSAXHandler handler() {
  xmlSAXHandler h{};
  h.initialized = XML_SAX2_MAGIC;
  h.startElementNs = on_begin;
  h.endElementNs = on_end;
  h.characters = on_text;
  h.cdataBlock = on_text;
  h.internalSubset = on_doctype;
  h.error = ignore_error;
  h.warning = ignore_error;
  return h;
}

// Goes through the file once and gives each part that `choose` wants to it. Every byte unpacked
// counts against `left`.
Status each_part(std::span<const std::byte> bytes, std::uint64_t& left,
                 const std::function<Part*(const std::string& name)>& choose) {
  const std::unique_ptr<archive, FreeArchive> zip(archive_read_new());
  archive_read_support_format_zip_seekable(zip.get());
  if (archive_read_open_memory(zip.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return fail(broken("ZIP"));
  }
  auto h = handler();
  std::vector<char> buffer(kChunk);
  archive_entry* entry = nullptr;
  for (int seen = 0;; ++seen) {
    const int next = archive_read_next_header(zip.get(), &entry);
    if (next == ARCHIVE_EOF) return {};
    if (next < ARCHIVE_WARN) return fail(broken("ZIP"));
    if (seen >= kMostEntries) return fail(broken("ZIP: > 2000"));
    const char* raw = archive_entry_pathname(entry);
    auto* part = raw == nullptr ? nullptr : choose(raw);
    if (part == nullptr) continue;
    if (archive_entry_is_encrypted(entry) != 0) {
      return fail(ErrorCode::unreadable, "Berkas xlsx dilindungi kata sandi; simpan tanpa sandi",
                  "The xlsx file has a password; save it without");
    }
    const std::unique_ptr<xmlParserCtxt, FreeParser> parser(
        xmlCreatePushParserCtxt(&h, nullptr, nullptr, 0, nullptr));
    if (!parser) return fail(broken("XML"));
    xmlCtxtUseOptions(parser.get(), XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    parser->_private = part;
    for (;;) {
      const auto got = archive_read_data(zip.get(), buffer.data(), buffer.size());
      if (got < 0) return fail(broken("ZIP"));
      if (got == 0) break;
      if (static_cast<std::uint64_t>(got) > left) {
        return fail(ErrorCode::too_large,
                    "Berkas xlsx terlalu besar setelah dibuka (bom zip?); tidak ada yang diimpor",
                    "The xlsx file is too large when unpacked (a zip bomb?); nothing was imported");
      }
      left -= static_cast<std::uint64_t>(got);
      const int bad = xmlParseChunk(parser.get(), buffer.data(), static_cast<int>(got), 0);
      if (part->stopped()) return fail(Error(part->error()));
      if (bad != 0) return fail(broken("XML"));
    }
    const int bad = xmlParseChunk(parser.get(), buffer.data(), 0, 1);
    if (part->stopped()) return fail(Error(part->error()));
    if (bad != 0 || parser->wellFormed == 0) return fail(broken("XML"));
  }
}

// Path of a relation's target: relative to xl/, or from the root.
std::string target_path(std::string target) {
  if (target.starts_with('/')) return target.substr(1);
  return "xl/" + target;
}

class Workbook : public Part {
 public:
  std::string first_sheet;  // relation id
  bool from_1904 = false;
  void begin(const std::string& name, const Attributes& a) override {
    if (name == "workbookPr") {
      const auto v = a.find("date1904");
      from_1904 = v != a.end() && (v->second == "1" || v->second == "true");
    }
    if (name == "sheet" && first_sheet.empty()) {
      if (const auto v = a.find("id"); v != a.end()) first_sheet = v->second;
    }
  }
  void end(const std::string&) override {}
};

class Relations : public Part {
 public:
  std::map<std::string, std::string> targets;
  void begin(const std::string& name, const Attributes& a) override {
    constexpr std::size_t kMost = 10000;
    if (name != "Relationship" || targets.size() >= kMost) return;
    const auto id = a.find("Id");
    const auto target = a.find("Target");
    if (id != a.end() && target != a.end()) targets[id->second] = target->second;
  }
  void end(const std::string&) override {}
};

// Which cell styles show a number as a date.
class Styles : public Part {
 public:
  std::vector<bool> is_date;  // by cell style
  void begin(const std::string& name, const Attributes& a) override {
    const auto value = [&](const char* key) {
      const auto v = a.find(key);
      return v == a.end() ? std::string() : v->second;
    };
    constexpr std::size_t kMost = 70000;
    if (name == "numFmt" && own_.size() < kMost)
      own_[std::atoi(value("numFmtId").c_str())] = shows_date(value("formatCode"));
    if (name == "cellXfs") inside_ = true;
    if (name == "xf" && inside_ && is_date.size() < kMost) {
      const int format = std::atoi(value("numFmtId").c_str());
      const auto known = own_.find(format);
      is_date.push_back(known != own_.end() ? known->second
                                            : (format >= 14 && format <= 17) || format == 22);
    }
  }
  void end(const std::string& name) override {
    if (name == "cellXfs") inside_ = false;
  }

 private:
  static bool shows_date(const std::string& code) {
    bool quoted = false;
    bool bracket = false;
    bool day = false;
    bool year = false;
    for (const char c : code) {
      if (c == '"') quoted = !quoted;
      if (c == '[') bracket = true;
      if (c == ']') bracket = false;
      if (quoted || bracket) continue;
      day = day || c == 'd' || c == 'D';
      year = year || c == 'y' || c == 'Y';
    }
    return day || year;
  }
  std::map<int, bool> own_;
  bool inside_ = false;
};

class SharedTexts : public Part {
 public:
  explicit SharedTexts(const ImportLimits& limits) : limits_(limits) {}
  std::vector<std::string> texts;
  void begin(const std::string& name, const Attributes&) override {
    if (name == "si") {
      texts.emplace_back();
      bytes_ += sizeof(std::string);
    }
    if (name == "rPh") phonetic_ = true;
    if (name == "t") inside_ = true;
    check();
  }
  void end(const std::string& name) override {
    if (name == "rPh") phonetic_ = false;
    if (name == "t") inside_ = false;
  }
  void text(std::string_view t) override {
    if (!inside_ || phonetic_ || texts.empty()) return;
    bytes_ += t.size();
    check();
    if (stopped()) return;
    texts.back() += t;
    if (texts.back().size() > limits_.max_cell) {
      stop({ErrorCode::too_large, message("Ada sel yang lebih panjang dari {} byte",
                                          "A cell is longer than {} bytes", {limits_.max_cell})});
    }
  }

 private:
  void check() {
    if (bytes_ > limits_.max_shared_text) {
      stop({ErrorCode::too_large,
            message("Teks dalam berkas xlsx terlalu banyak", "The xlsx file has too much text")});
    }
  }
  const ImportLimits& limits_;
  std::uint64_t bytes_ = 0;
  bool inside_ = false;
  bool phonetic_ = false;
};

// Days since the sheet's first day as a date.
std::string date_of(double serial, bool from_1904) {
  constexpr double kLast = 2958465;  // 9999-12-31
  if (!(serial >= 1) || serial > kLast) return {};
  // Days to 1970-01-01; the 1900 system believes in a 29 February 1900.
  auto days = static_cast<long>(serial) - (from_1904 ? 24107 : 25569);
  if (!from_1904 && serial < 60) ++days;
  // Howard Hinnant's civil_from_days.
  days += 719468;
  const long era = (days >= 0 ? days : days - 146096) / 146097;
  const long doe = days - era * 146097;
  const long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const long doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const long mp = (5 * doy + 2) / 153;
  const long day = doy - (153 * mp + 2) / 5 + 1;
  const long month = mp < 10 ? mp + 3 : mp - 9;
  const long year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

// "9.78979123E+12" and "2015.0" as a person sees them.
std::string plain_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  constexpr double kExact = 1e15;
  if (end != text.c_str() + text.size() || !std::isfinite(value) || std::fabs(value) >= kExact) {
    return text;
  }
  std::array<char, 64> out{};
  if (value == std::floor(value)) {
    std::snprintf(out.data(), out.size(), "%.0f", value);
  } else {
    std::snprintf(out.data(), out.size(), "%.12g", value);
  }
  return out.data();
}

class Sheet : public Part {
 public:
  Sheet(const ImportLimits& limits, const std::vector<std::string>& texts,
        const std::vector<bool>& dates, bool from_1904, const std::function<Status(SheetRow)>& call)
      : limits_(limits), texts_(texts), dates_(dates), from_1904_(from_1904), call_(call) {}

  void begin(const std::string& name, const Attributes& a) override {
    const auto value = [&](const char* key) {
      const auto v = a.find(key);
      return v == a.end() ? std::string() : v->second;
    };
    if (name == "row") {
      const int given = std::atoi(value("r").c_str());
      row_ = {};
      row_.number = given > last_ ? given : last_ + 1;
      last_ = row_.number;
      column_ = 0;
    } else if (name == "c") {
      place_ = value("r");
      std::size_t column = 0;
      for (const char c : place_) {
        if (c < 'A' || c > 'Z' || column > kMostColumns) break;
        column = column * 26 + static_cast<std::size_t>(c - 'A') + 1;
      }
      column_ = column > 0 ? column : column_ + 1;
      type_ = value("t");
      const auto style = static_cast<std::size_t>(std::atoi(value("s").c_str()));
      date_ = style < dates_.size() && dates_[style];
      cell_.clear();
    } else if (name == "f") {
      refuse();
    } else if (name == "v" || (name == "t" && !phonetic_)) {
      inside_ = true;
    } else if (name == "rPh") {
      phonetic_ = true;
    }
  }

  void text(std::string_view t) override {
    if (!inside_) return;
    cell_ += t;
    if (cell_.size() > limits_.max_cell) {
      stop({ErrorCode::too_large,
            message("Sel {} lebih panjang dari {} byte", "Cell {} is longer than {} bytes",
                    {place_, limits_.max_cell})});
    }
  }

  void end(const std::string& name) override {
    if (name == "v" || name == "t") inside_ = false;
    if (name == "rPh") phonetic_ = false;
    if (name == "c") finish_cell();
    if (name != "row") return;
    while (!row_.cells.empty() && row_.cells.back().empty()) row_.cells.pop_back();
    if (row_.cells.empty() && row_.refused.empty()) return;
    if (++rows_ > limits_.max_rows) {
      stop({ErrorCode::too_large,
            message("Lebih dari {} baris; bagi berkasnya", "More than {} rows; divide the file",
                    {limits_.max_rows})});
      return;
    }
    if (auto done = call_(std::exchange(row_, {})); !done) stop(std::move(done).error());
  }

 private:
  void refuse() {
    if (row_.refused.empty()) row_.refused = place_;
  }
  void finish_cell() {
    if (type_ == "e") return refuse();
    std::string value;
    if (type_ == "s") {
      const auto index = static_cast<std::size_t>(std::strtoull(cell_.c_str(), nullptr, 10));
      if (cell_.empty() || index >= texts_.size()) {
        if (!cell_.empty()) stop(broken("sharedStrings"));
        return;
      }
      value = texts_[index];
    } else if (type_.empty() || type_ == "n") {
      value = date_ ? date_of(std::strtod(cell_.c_str(), nullptr), from_1904_) : std::string();
      if (value.empty()) value = plain_number(cell_);
    } else {
      value = cell_;
    }
    if (value.empty()) return;
    if (column_ > limits_.max_columns) {
      stop({ErrorCode::too_large,
            message("Lebih dari {} kolom", "More than {} columns", {limits_.max_columns})});
      return;
    }
    if (row_.cells.size() < column_) row_.cells.resize(column_);
    row_.cells[column_ - 1] = std::move(value);
  }

  const ImportLimits& limits_;
  const std::vector<std::string>& texts_;
  const std::vector<bool>& dates_;
  bool from_1904_;
  const std::function<Status(SheetRow)>& call_;
  SheetRow row_;
  int last_ = 0;
  int rows_ = 0;
  std::size_t column_ = 0;
  std::string place_;
  std::string type_;
  std::string cell_;
  bool date_ = false;
  bool inside_ = false;
  bool phonetic_ = false;
};

}  // namespace

bool is_zip(std::span<const std::byte> bytes) {
  constexpr std::size_t kMagic = 4;
  return bytes.size() >= kMagic && bytes[0] == std::byte{'P'} && bytes[1] == std::byte{'K'} &&
         (bytes[2] == std::byte{3} || bytes[2] == std::byte{5});
}

Status read_xlsx(std::span<const std::byte> bytes, const ImportLimits& limits,
                 const std::function<Status(SheetRow)>& call) {
  std::uint64_t left = limits.max_unpacked;
  Workbook book;
  Relations relations;
  Styles styles;
  SharedTexts texts(limits);
  std::set<std::string> names;
  std::set<std::string> read;  // a second part of the same name is not read
  ALIH_CHECK(each_part(bytes, left, [&](const std::string& name) -> Part* {
    names.insert(name);
    Part* part = name == "xl/workbook.xml"              ? static_cast<Part*>(&book)
                 : name == "xl/_rels/workbook.xml.rels" ? static_cast<Part*>(&relations)
                 : name == "xl/styles.xml"              ? static_cast<Part*>(&styles)
                 : name == "xl/sharedStrings.xml"       ? static_cast<Part*>(&texts)
                                                        : nullptr;
    return part != nullptr && read.insert(name).second ? part : nullptr;
  }));
  std::string sheet = "xl/worksheets/sheet1.xml";
  if (const auto found = relations.targets.find(book.first_sheet);
      found != relations.targets.end()) {
    sheet = target_path(found->second);
  }
  if (!names.contains(sheet)) {
    return fail(ErrorCode::unreadable, "Berkas ini bukan lembar kerja xlsx",
                "The file is no xlsx workbook");
  }
  Sheet rows(limits, texts.texts, styles.is_date, book.from_1904, call);
  bool done = false;
  return each_part(bytes, left, [&](const std::string& name) -> Part* {
    if (name != sheet || done) return nullptr;
    done = true;
    return &rows;
  });
}

}  // namespace alih::repository
