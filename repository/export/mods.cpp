#include <map>

#include <fmt/format.h>

#include "core/fields.h"
#include "core/version.h"
#include "repository/durable_file.h"
#include "repository/export/folder.h"
#include "repository/export/records.h"
#include "repository/export/xml.h"

namespace alih::repository {
namespace {

constexpr std::string_view kXml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string element(std::string_view name, std::string_view text,
                    std::string_view attributes = {}) {
  std::string out = "<" + std::string(name);
  if (!attributes.empty()) out += " " + std::string(attributes);
  return out + ">" + xml_text(text) + "</" + std::string(name) + ">";
}

std::string type_of_resource(const std::string& material) {
  if (material == "map" || material == "cartographic_record") return "cartographic";
  if (material == "photograph" || material == "picture") return "still image";
  if (material == "audio") return "sound recording";
  if (material == "video") return "moving image";
  return "text";
}

std::string numbered(const Item& item) {
  return item.digitization_no.empty() ? item.id.str() : item.digitization_no;
}

// By the table's `mods`: a row there is a line here.
void mods_value(const MetadataField& f, const std::string& v, const Item& item,
                std::map<std::string, std::string>& in) {
  const auto kind = f.in.mods;
  const auto type = [&](std::string_view name) { return "type=\"" + std::string(name) + "\""; };
  if (kind == "title") {
    const auto colon = v.find(" : ");
    in["1title"] += "<titleInfo>" + element("title", v.substr(0, colon)) +
                    (colon == std::string::npos ? "" : element("subTitle", v.substr(colon + 3))) +
                    "</titleInfo>";
  } else if (kind == "alternative" || kind == "translated") {
    in["1title"] += "<titleInfo type=\"alternative\"" +
                    std::string(kind == "translated" ? " displayLabel=\"Ejaan asli\"" : "") + ">" +
                    element("title", v) + "</titleInfo>";
  } else if (kind == "personal" || kind == "corporate") {
    in["2name"] += "<name " + type(kind) + ">" + element("namePart", v) +
                   "<role><roleTerm type=\"code\" authority=\"marcrelator\">cre</roleTerm></role>"
                   "</name>";
  } else if (kind == "genre") {
    in["3genre"] +=
        element("typeOfResource", type_of_resource(v)) + element("genre", v, "authority=\"local\"");
  } else if (kind == "place") {
    in["4origin1"] += "<place><placeTerm type=\"text\">" + xml_text(v) + "</placeTerm></place>";
  } else if (kind == "publisher") {
    in["4origin2"] += element("publisher", v);
  } else if (kind == "dateIssued") {
    in["4origin3"] += element("dateIssued", v, "encoding=\"w3cdtf\" keyDate=\"yes\"");
  } else if (kind == "datePrinted") {
    in["4origin3"] += element("dateIssued", v);
  } else if (kind == "dateFrom" || kind == "dateTo") {
    in["4origin4"] += element("dateCreated", v,
                              std::string("encoding=\"w3cdtf\" point=\"") +
                                  (kind == "dateFrom" ? "start" : "end") + "\"");
  } else if (kind == "edition") {
    in["4origin5"] += element("edition", v);
  } else if (kind == "language") {
    in["5language"] +=
        "<languageTerm type=\"code\" authority=\"iso639-3\">" + xml_text(v) + "</languageTerm>";
  } else if (kind == "script") {
    in["5script"] +=
        "<scriptTerm type=\"code\" authority=\"iso15924\">" + xml_text(v) + "</scriptTerm>";
  } else if (kind == "extent") {
    in["6physical"] += element("extent", f.name == "page_count_declared" ? v + " hlm." : v);
  } else if (kind == "abstract") {
    in["7abstract"] += element("abstract", v);
  } else if (kind == "responsibility") {
    in["8note"] += element("note", v, "type=\"statement of responsibility\"");
  } else if (kind == "note") {
    in["8note"] += element("note", v);
  } else if (kind == "topic") {
    in["9subject"] += "<subject>" + element("topic", v) + "</subject>";
  } else if (kind == "classification") {
    in["A"] +=
        element("classification", v, f.name == "ddc" ? "authority=\"ddc\"" : "authority=\"local\"");
  } else if (kind == "series") {
    in["B"] += "<relatedItem type=\"series\"><titleInfo>" + element("title", v) +
               "</titleInfo></relatedItem>";
  } else if (kind == "relatedItem") {
    in["B"] +=
        "<relatedItem type=\"host\">" + element("identifier", v, type("local")) + "</relatedItem>";
  } else if (kind == "identifier") {
    in["C"] += element("identifier", v, type(f.name));
  } else if (kind == "physicalLocation") {
    in["D1"] += element("physicalLocation", v);
  } else if (kind == "shelfLocator") {
    in["D2"] += element("shelfLocator", v);
    in["C"] += element("identifier", v, type(f.name));
  } else if (kind == "volume" || kind == "issue") {
    in["F"] += "<detail " + type(kind) + ">" + element("number", v) + "</detail>";
  } else if (kind == "issueDate") {
    in["G"] += element("date", v, "encoding=\"w3cdtf\"");
  }
  (void)item;
}

}  // namespace

std::string mods_xml(const RecordEntry& e) {
  std::map<std::string, std::string> in;  // by place in the record
  auto values = e.item.fields;
  if (!e.item.digitization_no.empty()) values["digitization_no"] = {e.item.digitization_no};
  if (values.contains("extent")) values.erase("page_count_declared");
  for (const auto& f : all_fields()) {
    const auto found = values.find(std::string(f.name));
    if (f.in.mods.empty() || found == values.end()) continue;
    for (const auto& v : found->second) mods_value(f, v, e.item, in);
  }
  const auto wrapped = [](std::string_view name, const std::string& inside) {
    return inside.empty() ? std::string()
                          : "<" + std::string(name) + ">" + inside + "</" + std::string(name) + ">";
  };
  std::string out = "<mods xmlns=\"http://www.loc.gov/mods/v3\" version=\"3.8\">";
  out += in["1title"] + in["2name"] + in["3genre"];
  out += wrapped("originInfo", in["4origin1"] + in["4origin2"] + in["4origin3"] + in["4origin4"] +
                                   in["4origin5"]);
  out += wrapped("language", in["5language"] + in["5script"]);
  auto physical = in["6physical"];
  if (e.images > 0) {
    physical = element("digitalOrigin", "reformatted digital") + physical +
               element("extent", std::to_string(e.images) + " citra digital");
  }
  out += wrapped("physicalDescription", physical);
  out += in["7abstract"] + in["8note"] + in["9subject"] + in["A"] + in["B"] + in["C"];
  if (!e.url.empty()) in["D3"] = element("url", e.url, "usage=\"primary display\"");
  // MODS wants the place, then the shelf, then the address.
  out += wrapped("location", in["D1"] + in["D2"] + in["D3"]);
  if (!e.item.digitization_no.empty()) {
    out += element("accessCondition", word(e.item.access), "type=\"restriction on access\"");
    out += element("accessCondition", word(e.item.rights), "type=\"use and reproduction\"");
  }
  out += wrapped("part", in["F"] + in["G"]);
  out += "<recordInfo>" + element("recordIdentifier", numbered(e.item), "source=\"alihmedia\"") +
         element("recordOrigin", "alihmedia " + std::string(kVersion)) + "</recordInfo>";
  return out + "</mods>";
}

std::string oai_dc_xml(const RecordEntry& e) {
  std::string out =
      "<oai_dc:dc xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" "
      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:schemaLocation=\"http://www.openarchives.org/OAI/2.0/oai_dc/ "
      "http://www.openarchives.org/OAI/2.0/oai_dc.xsd\">\n";
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) out += "  " + element("dc:" + std::string(name), text) + "\n";
  };
  add("identifier", e.url);
  add("identifier", e.item.digitization_no);
  for (const auto& f : all_fields()) {
    const auto found = e.item.fields.find(std::string(f.name));
    if (f.dublin_core.empty() || found == e.item.fields.end()) continue;
    const auto name = f.dublin_core == "provenance" ? std::string_view("source") : f.dublin_core;
    for (const auto& v : found->second) {
      add(name, f.name == "page_count_declared" ? v + " hlm." : v);
    }
  }
  for (const auto* type : {"image/jpeg", "application/pdf"}) {
    if (e.images > 0) add("format", type);
  }
  add("rights", word(e.item.rights));
  if (!e.item.digitization_no.empty()) add("rights", word(e.item.access));
  return out + "</oai_dc:dc>\n";
}

Result<Exported> write_mods(const std::vector<RecordEntry>& entries,
                            const std::filesystem::path& to) {
  ALIH_TRY(auto file, DurableFile::create(to));
  ALIH_CHECK(file.write(kXml));
  ALIH_CHECK(
      file.write(std::string_view("<modsCollection xmlns=\"http://www.loc.gov/mods/v3\">\n")));
  for (const auto& e : entries) ALIH_CHECK(file.write(std::string_view(mods_xml(e) + "\n")));
  ALIH_CHECK(file.write(std::string_view("</modsCollection>\n")));
  ALIH_TRY(const auto fixity, file.commit());
  return Exported{to, fixity.bytes, fixity.sha256};
}

// Dublin Core has no collection: of several records a folder with a file each.
Result<Exported> write_dc(const std::vector<RecordEntry>& entries,
                          const std::filesystem::path& to) {
  if (entries.size() == 1) {
    ALIH_TRY(const auto fixity, write_durably(to, std::string(kXml) + oai_dc_xml(entries.front())));
    return Exported{to, fixity.bytes, fixity.sha256};
  }
  ALIH_TRY(auto folder, FolderExport::create(to));
  for (const auto& e : entries) {
    ALIH_CHECK(folder.write(folded(numbered(e.item)) + ".xml", std::string(kXml) + oai_dc_xml(e)));
  }
  return folder.finish();
}

}  // namespace alih::repository
