#include <memory>

#include <yaz/marcdisp.h>
#include <yaz/wrbuf.h>

#include "repository/durable_file.h"
#include "repository/export/records.h"
#include "repository/export/xml.h"
#include "repository/marc.h"

namespace alih::repository {
namespace {

constexpr std::size_t kLongestField = 9998;    // bytes; ISO 2709 counts in four digits
constexpr std::size_t kLongestRecord = 99999;  // and in five

MarcRecord record_of(const RecordEntry& entry) {
  return marc_from(entry.item, entry.extra, {entry.url, entry.changed_at});
}

std::string name_of(const RecordEntry& entry) {
  return entry.item.digitization_no.empty() ? entry.item.field("title")
                                            : entry.item.digitization_no;
}

// The bytes of one record, as libyaz writes them.
Result<std::string> iso2709(const RecordEntry& entry) {
  const auto record = record_of(entry);
  const auto too_long = [&] {
    return fail(ErrorCode::bad_field, "{}: terlalu panjang untuk ISO 2709; pakai marcxml",
                "{}: too long for ISO 2709; use marcxml", {name_of(entry)});
  };
  const std::unique_ptr<yaz_marc_t_, void (*)(yaz_marc_t)> marc(yaz_marc_create(),
                                                                yaz_marc_destroy);
  int indicators = 0;
  int identifiers = 0;
  int base = 0;
  int entry_length = 0;
  int starting = 0;
  int implementation = 0;
  yaz_marc_set_leader(marc.get(), record.leader.c_str(), &indicators, &identifiers, &base,
                      &entry_length, &starting, &implementation);
  // Counted here: libyaz leaves out the fields that make a record too long, and says nothing.
  constexpr std::size_t kLeader = 24;
  constexpr std::size_t kDirectoryEntry = 12;
  std::size_t total = kLeader + 2;
  for (const auto& f : record.fields) {
    if (f.subfields.empty()) {
      if (f.value.size() > kLongestField) return too_long();
      total += kDirectoryEntry + f.value.size() + 1;
      yaz_marc_add_controlfield(marc.get(), f.tag.c_str(), f.value.data(), f.value.size());
      continue;
    }
    const std::string marks{f.first, f.second};
    yaz_marc_add_datafield(marc.get(), f.tag.c_str(), marks.data(), marks.size());
    std::size_t length = marks.size() + 1;
    for (const auto& [code, text] : f.subfields) {
      const auto data = code + text;
      length += data.size() + 1;
      yaz_marc_add_subfield(marc.get(), data.data(), data.size());
    }
    if (length > kLongestField) return too_long();
    total += kDirectoryEntry + length;
  }
  if (total > kLongestRecord) return too_long();
  const std::unique_ptr<wrbuf, void (*)(WRBUF)> out(wrbuf_alloc(), wrbuf_destroy);
  if (yaz_marc_write_iso2709(marc.get(), out.get()) != 0) return too_long();
  std::string bytes(wrbuf_buf(out.get()), wrbuf_len(out.get()));
  if (bytes.size() != total) {
    return fail(ErrorCode::internal, "ISO 2709: {} byte, seharusnya {}",
                "ISO 2709: {} bytes, not {}", {bytes.size(), total});
  }
  return bytes;
}

std::string marcxml(const MarcRecord& record) {
  std::string out = "  <record>\n    <leader>" + record.leader + "</leader>\n";
  for (const auto& f : record.fields) {
    if (f.subfields.empty()) {
      out += "    <controlfield tag=\"" + f.tag + "\">" + xml_text(f.value) + "</controlfield>\n";
      continue;
    }
    out += "    <datafield tag=\"" + f.tag + "\" ind1=\"" + f.first + "\" ind2=\"" + f.second +
           "\">\n";
    for (const auto& [code, text] : f.subfields) {
      out +=
          std::string("      <subfield code=\"") + code + "\">" + xml_text(text) + "</subfield>\n";
    }
    out += "    </datafield>\n";
  }
  return out + "  </record>\n";
}

}  // namespace

Result<Exported> write_marcxml(const std::vector<RecordEntry>& entries,
                               const std::filesystem::path& to) {
  ALIH_TRY(auto file, DurableFile::create(to));
  ALIH_CHECK(
      file.write(std::string_view("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                  "<collection xmlns=\"http://www.loc.gov/MARC21/slim\">\n")));
  for (const auto& entry : entries)
    ALIH_CHECK(file.write(std::string_view(marcxml(record_of(entry)))));
  ALIH_CHECK(file.write(std::string_view("</collection>\n")));
  ALIH_TRY(const auto fixity, file.commit());
  return Exported{to, fixity.bytes, fixity.sha256};
}

Result<Exported> write_iso2709(const std::vector<RecordEntry>& entries,
                               const std::filesystem::path& to) {
  ALIH_TRY(auto file, DurableFile::create(to));
  for (const auto& entry : entries) {
    ALIH_TRY(const auto bytes, iso2709(entry));
    ALIH_CHECK(file.write(std::string_view(bytes)));
  }
  ALIH_TRY(const auto fixity, file.commit());
  return Exported{to, fixity.bytes, fixity.sha256};
}

}  // namespace alih::repository
