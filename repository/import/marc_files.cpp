#include "repository/import/marc_files.h"

#include <algorithm>
#include <memory>

#include <libxml/parser.h>
#include <libxml/xmlreader.h>
#include <yaz/marcdisp.h>
#include <yaz/yaz-iconv.h>

#include "core/utf8.h"
#include "repository/import/values.h"

namespace alih::repository {
namespace {

constexpr std::size_t kMostFields = 5000;  // of one record

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

char indicator(char c) { return c == '#' || c == '\\' || c == '\0' ? ' ' : c; }

Message broken_record() { return message("catatan MARC rusak", "the MARC record is damaged"); }

std::string attribute(const xmlNode* node, const char* name) {
  const std::unique_ptr<xmlChar, void (*)(void*)> text(
      xmlGetNoNsProp(node, reinterpret_cast<const xmlChar*>(name)), [](void* p) { xmlFree(p); });
  return text ? reinterpret_cast<const char*>(text.get()) : std::string();
}

std::string content(const xmlNode* node) {
  const std::unique_ptr<xmlChar, void (*)(void*)> text(xmlNodeGetContent(node),
                                                       [](void* p) { xmlFree(p); });
  return text ? reinterpret_cast<const char*>(text.get()) : std::string();
}

bool is_named(const xmlNode* node, const char* name) {
  return node->type == XML_ELEMENT_NODE &&
         std::string_view(reinterpret_cast<const char*>(node->name)) == name;
}

MarcRecord record_of(const xmlNode* node) {
  MarcRecord out;
  for (const auto* n = node->children; n != nullptr; n = n->next) {
    if (out.fields.size() >= kMostFields) break;
    if (is_named(n, "leader")) out.leader = content(n);
    if (is_named(n, "controlfield")) {
      out.fields.push_back({attribute(n, "tag"), ' ', ' ', content(n), {}});
    }
    if (!is_named(n, "datafield")) continue;
    MarcField f;
    f.tag = attribute(n, "tag");
    const auto first = attribute(n, "ind1");
    const auto second = attribute(n, "ind2");
    f.first = first.empty() ? ' ' : indicator(first[0]);
    f.second = second.empty() ? ' ' : indicator(second[0]);
    for (const auto* s = n->children; s != nullptr; s = s->next) {
      if (!is_named(s, "subfield") || f.subfields.size() >= kMostFields) continue;
      const auto code = attribute(s, "code");
      if (auto value = clean(content(s)); !code.empty() && !value.empty()) {
        f.subfields.emplace_back(code[0], std::move(value));
      }
    }
    if (f.tag.size() == 3 && !f.subfields.empty()) out.fields.push_back(std::move(f));
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    char32_t code = 0;
    const auto length = utf8_character(text, code);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

Status too_many(const ImportLimits& limits) {
  return fail(ErrorCode::too_large, "Lebih dari {} catatan; bagi berkasnya",
              "More than {} records; divide the file", {limits.max_rows});
}

}  // namespace

Status read_iso2709(std::span<const std::byte> bytes, const ImportLimits& limits,
                    const MarcCall& call, const MarcReject& reject) {
  auto text = text_of(bytes);
  int number = 0;
  constexpr std::size_t kLengthDigits = 5;
  constexpr std::size_t kShortest = 26;
  const auto skip_blank = [&] {
    const auto at = text.find_first_not_of("\r\n \t\x1A");
    text.remove_prefix(std::min(at, text.size()));
  };
  for (skip_blank(); !text.empty(); skip_blank()) {
    if (++number > limits.max_rows) return too_many(limits);
    std::size_t length = 0;
    bool good = text.size() >= kShortest;
    for (std::size_t i = 0; good && i < kLengthDigits; ++i) {
      good = text[i] >= '0' && text[i] <= '9';
      if (good) length = length * 10 + static_cast<std::size_t>(text[i] - '0');
    }
    const auto end = text.find('\x1D');
    // A length that is wrong by what was edited by hand is no loss: the terminator counts.
    if (!good || end == std::string_view::npos || length < kShortest) {
      ALIH_CHECK(reject(number, broken_record()));
      if (end == std::string_view::npos) return {};
      text.remove_prefix(end + 1);
      continue;
    }
    std::string whole(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
    constexpr std::size_t kLongest = 99999;
    if (whole.size() != length && whole.size() <= kLongest) {
      auto digits = std::to_string(whole.size());
      digits.insert(0, kLengthDigits - digits.size(), '0');
      whole.replace(0, kLengthDigits, digits);
    }
    const std::unique_ptr<yaz_marc_t_, void (*)(yaz_marc_t)> marc(yaz_marc_create(),
                                                                  yaz_marc_destroy);
    yaz_iconv_t convert = is_utf8(whole) ? nullptr : yaz_iconv_open("UTF-8", "MARC-8");
    if (convert != nullptr) yaz_marc_iconv(marc.get(), convert);
    xmlNode* root = nullptr;
    const bool read =
        yaz_marc_read_iso2709(marc.get(), whole.data(), static_cast<int>(whole.size())) > 0 &&
        yaz_marc_write_xml(marc.get(), &root, "http://www.loc.gov/MARC21/slim", nullptr, nullptr) ==
            0 &&
        root != nullptr;
    const std::unique_ptr<xmlNode, void (*)(xmlNode*)> node(root, [](xmlNode* n) {
      if (n != nullptr) xmlFreeNode(n);
    });
    if (convert != nullptr) yaz_iconv_close(convert);
    MarcRecord record;
    if (read) record = record_of(root);
    if (record.fields.empty()) {
      ALIH_CHECK(reject(number, broken_record()));
    } else {
      ALIH_CHECK(call(number, record));
    }
  }
  if (number == 0) {
    return fail(ErrorCode::unreadable, "Berkas tidak berisi catatan MARC",
                "There is no MARC record in the file");
  }
  return {};
}

Status read_marcxml(std::span<const std::byte> bytes, const ImportLimits& limits,
                    const MarcCall& call, const MarcReject& reject) {
  const auto broken = [] {
    return fail(ErrorCode::unreadable, "Berkas XML rusak", "The XML file is damaged");
  };
  if (bytes.size() > INT32_MAX) return broken();
  const std::unique_ptr<xmlTextReader, void (*)(xmlTextReaderPtr)> reader(
      xmlReaderForMemory(reinterpret_cast<const char*>(bytes.data()),
                         static_cast<int>(bytes.size()), nullptr, nullptr,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
      xmlFreeTextReader);
  if (!reader) return broken();
  int number = 0;
  int more = xmlTextReaderRead(reader.get());
  while (more == 1) {
    const int type = xmlTextReaderNodeType(reader.get());
    if (type == XML_READER_TYPE_DOCUMENT_TYPE) {
      return fail(ErrorCode::unreadable, "Berkas XML memuat DOCTYPE; tidak diterima",
                  "The XML file has a DOCTYPE; it is not taken");
    }
    const auto* name = reinterpret_cast<const char*>(xmlTextReaderConstLocalName(reader.get()));
    if (type != XML_READER_TYPE_ELEMENT || name == nullptr || std::string_view(name) != "record") {
      more = xmlTextReaderRead(reader.get());
      continue;
    }
    const auto* node = xmlTextReaderExpand(reader.get());
    if (node == nullptr) return broken();
    if (++number > limits.max_rows) return too_many(limits);
    auto record = record_of(node);
    // OAI wraps a record in a record of its own.
    if (record.fields.empty() && record.leader.empty()) {
      --number;
      more = xmlTextReaderRead(reader.get());
      continue;
    }
    ALIH_CHECK(record.fields.empty() ? reject(number, broken_record()) : call(number, record));
    more = xmlTextReaderNext(reader.get());
  }
  if (more < 0) return broken();
  if (number == 0) {
    return fail(ErrorCode::unreadable, "Berkas tidak berisi catatan MARCXML",
                "There is no MARCXML record in the file");
  }
  return {};
}

Status read_marc_text(std::span<const std::byte> bytes, const ImportLimits& limits,
                      const MarcCall& call, const MarcReject& reject) {
  auto text = text_of(bytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  MarcRecord record;
  int number = 0;
  bool bad = false;
  const auto finish = [&]() -> Status {
    const bool any = !record.leader.empty() || !record.fields.empty();
    if (!any && !bad) return {};
    if (++number > limits.max_rows) return too_many(limits);
    auto done =
        bad || record.fields.empty() ? reject(number, broken_record()) : call(number, record);
    record = {};
    bad = false;
    return done;
  };
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.size() > limits.max_cell) bad = true;
    if (line.starts_with("MARC-")) {
      ALIH_CHECK(finish());
      continue;
    }
    if (line.empty()) continue;
    constexpr std::size_t kHead = 6;  // "=245  "
    if (line[0] != '=' || line.size() < kHead) {
      bad = true;
      continue;
    }
    const auto tag = std::string(line.substr(1, 3));
    auto rest = line.substr(std::min<std::size_t>(kHead, line.size()));
    if (tag == "LDR") {
      if (!record.leader.empty()) ALIH_CHECK(finish());
      record.leader = rest;
    } else if (record.fields.size() >= kMostFields) {
      bad = true;
    } else if (tag < "010") {
      record.fields.push_back({tag, ' ', ' ', std::string(rest), {}});
    } else if (rest.size() < 2) {
      bad = true;
    } else {
      MarcField f;
      f.tag = tag;
      f.first = indicator(rest[0]);
      f.second = indicator(rest[1]);
      f.subfields = subfields_from(rest.substr(2));
      if (!f.subfields.empty()) record.fields.push_back(std::move(f));
    }
  }
  ALIH_CHECK(finish());
  if (number == 0) {
    return fail(ErrorCode::unreadable, "Berkas tidak berisi catatan MARC",
                "There is no MARC record in the file");
  }
  return {};
}

bool MarcSheet::is_header(const std::vector<std::string>& cells) {
  constexpr std::size_t kColumns = 5;
  return cells.size() >= kColumns && plain_name(cells[0]) == "id_katalog" &&
         plain_name(cells[1]) == "tag" && plain_name(cells[4]) == "nilai";
}

Status MarcSheet::row(const SheetRow& row) {
  const auto cell = [&](std::size_t i) {
    return i < row.cells.size() ? row.cells[i] : std::string();
  };
  if (!cell(0).empty()) {
    ALIH_CHECK(end());
    first_row_ = row.number;
  }
  if (first_row_ == 0) first_row_ = row.number;
  auto tag = clean(cell(1));
  while (!tag.empty() && tag.size() < 3 && tag[0] >= '0' && tag[0] <= '9') tag.insert(0, "0");
  if (tag.size() != 3 || record_.fields.size() >= kMostFields) return {};
  if (tag < "010") {
    record_.fields.push_back({tag, ' ', ' ', cell(4), {}});
    return {};
  }
  MarcField f;
  f.tag = tag;
  f.first = cell(2).empty() ? ' ' : indicator(cell(2)[0]);
  f.second = cell(3).empty() ? ' ' : indicator(cell(3)[0]);
  f.subfields = subfields_from(cell(4));
  if (!f.subfields.empty()) record_.fields.push_back(std::move(f));
  return {};
}

Status MarcSheet::end() {
  Status done;
  if (!record_.fields.empty()) done = call_(first_row_, record_);
  record_ = {};
  first_row_ = 0;
  return done;
}

}  // namespace alih::repository
