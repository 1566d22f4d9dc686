#include "repository/export/mets.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "core/clock.h"
#include "core/version.h"
#include "repository/durable_file.h"
#include "repository/export/alto.h"
#include "repository/export/records.h"
#include "repository/export/xml.h"

namespace alih::repository {
namespace {

std::string tag(std::string_view name, std::string_view text) {
  return fmt::format("<premis:{0}>{1}</premis:{0}>", name, xml_text(text));
}

std::string identifier(std::string_view element, std::string_view kind, std::string_view type,
                       std::string_view value) {
  return fmt::format("<premis:{0}>{1}{2}</premis:{0}>", element,
                     tag(std::string(kind) + "Type", type),
                     tag(std::string(kind) + "Value", value));
}

std::string wrapped(std::string_view section, const std::string& id, std::string_view type,
                    const std::string& inside) {
  return fmt::format(
      "<{0} ID=\"{1}\"><mdWrap MDTYPE=\"{2}\"><xmlData>{3}</xmlData></mdWrap></{0}>\n", section, id,
      type, inside);
}

std::string mime_of(const std::string& format) {
  if (format == "tiff") return "image/tiff";
  if (format == "jpeg") return "image/jpeg";
  if (format == "png") return "image/png";
  if (format == "jp2" || format == "j2k") return "image/jp2";
  if (format == "bmp") return "image/bmp";
  if (format == "pdf") return "application/pdf";
  return "application/octet-stream";
}

struct File {
  std::string id;
  std::string href;
  std::string mime;
  std::string format;
  std::string original_name;
  Fixity fixity;
};

std::string object_xml(const File& f) {
  std::string out =
      "<premis:object xsi:type=\"premis:file\">" +
      identifier("objectIdentifier", "objectIdentifier", "local", f.href) +
      "<premis:objectCharacteristics><premis:compositionLevel>0</premis:compositionLevel>";
  for (const auto& [name, digest] :
       {std::pair{"SHA-512", f.fixity.sha512}, std::pair{"SHA-256", f.fixity.sha256}}) {
    if (digest.empty()) continue;
    out += "<premis:fixity>" + tag("messageDigestAlgorithm", name) + tag("messageDigest", digest) +
           "</premis:fixity>";
  }
  out += tag("size", std::to_string(f.fixity.bytes)) + "<premis:format><premis:formatDesignation>" +
         tag("formatName", f.format) +
         "</premis:formatDesignation></premis:format></premis:objectCharacteristics>";
  if (!f.original_name.empty()) out += tag("originalName", f.original_name);
  return out + "</premis:object>";
}

std::string agent_name(const Agent& a) {
  return a.name + (a.version.empty() ? "" : " " + a.version);
}

std::string event_xml(const Event& e, const std::string& object) {
  return "<premis:event>" + identifier("eventIdentifier", "eventIdentifier", "ULID", e.id.str()) +
         tag("eventType", e.type) + tag("eventDateTime", e.at) +
         (e.detail.empty() ? ""
                           : "<premis:eventDetailInformation>" + tag("eventDetail", e.detail) +
                                 "</premis:eventDetailInformation>") +
         "<premis:eventOutcomeInformation>" + tag("eventOutcome", e.outcome) +
         "<premis:eventOutcomeDetail>" +
         tag("eventOutcomeDetailNote",
             "event " + std::to_string(e.sequence) + " of the chain, SHA-256 " + e.sha256) +
         "</premis:eventOutcomeDetail></premis:eventOutcomeInformation>" +
         identifier("linkingAgentIdentifier", "linkingAgentIdentifier", "local",
                    e.agent.kind + ":" + agent_name(e.agent)) +
         identifier("linkingObjectIdentifier", "linkingObjectIdentifier", "local", object) +
         "</premis:event>";
}

std::string agent_xml(const Agent& a) {
  const auto type = a.kind == "device" ? std::string("hardware") : a.kind;
  return "<premis:agent>" +
         identifier("agentIdentifier", "agentIdentifier", "local", a.kind + ":" + agent_name(a)) +
         tag("agentName", a.name) + tag("agentType", type) +
         (a.version.empty() ? "" : tag("agentVersion", a.version)) + "</premis:agent>";
}

std::string rights_xml(const Item& item) {
  std::string out = "<premis:rights><premis:rightsStatement>" +
                    identifier("rightsStatementIdentifier", "rightsStatementIdentifier", "local",
                               item.digitization_no + "#rights") +
                    tag("rightsBasis", "other") + "<premis:otherRightsInformation>" +
                    tag("otherRightsBasis", word(item.rights));
  if (const auto basis = item.field("rights_basis"); !basis.empty()) {
    out += tag("otherRightsNote", basis);
  }
  return out + "</premis:otherRightsInformation><premis:rightsGranted>" +
         tag("act", "disseminate") + tag("restriction", word(item.access)) +
         "</premis:rightsGranted></premis:rightsStatement></premis:rights>";
}

std::string file_element(const File& f, const std::string& admin) {
  return fmt::format(
      "<file ID=\"{}\" MIMETYPE=\"{}\" SIZE=\"{}\" CHECKSUM=\"{}\" CHECKSUMTYPE=\"SHA-512\" "
      "ADMID=\"{}\"><FLocat LOCTYPE=\"URL\" xlink:href=\"{}\"/></file>\n",
      f.id, f.mime, f.fixity.bytes, f.fixity.sha512, admin, xml_text(f.href));
}

bool is_read(const Page& page) { return page.state == PageState::indexed; }

}  // namespace

Status mets_xml(const Package& package, const std::function<Status(std::string_view)>& write) {
  const auto& item = package.item;
  const auto when = package.changed_at.empty() ? utc_now() : package.changed_at;
  RecordEntry entry;
  entry.item = item;
  entry.url = package.url;
  entry.images = static_cast<int>(package.pages.size());

  ALIH_CHECK(write(fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<mets xmlns=\"http://www.loc.gov/METS/\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
      "xmlns:premis=\"http://www.loc.gov/premis/v3\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" OBJID=\"{}\" LABEL=\"{}\">\n"
      "<metsHdr CREATEDATE=\"{}\"><agent ROLE=\"CREATOR\" TYPE=\"OTHER\" "
      "OTHERTYPE=\"SOFTWARE\"><name>alihmedia {}</name></agent></metsHdr>\n",
      xml_text(item.digitization_no), xml_text(item.field("title")), when, kVersion)));
  ALIH_CHECK(write(wrapped("dmdSec", "DMD1", "MODS", mods_xml(entry))));

  // Masters once each, ALTO of every page that was read.
  std::vector<File> masters;
  std::map<std::string, std::string> id_of;  // by master file
  for (const auto& page : package.pages) {
    if (id_of.contains(page.master.file)) continue;
    const auto id = fmt::format("M{:04}", masters.size() + 1);
    id_of[page.master.file] = id;
    masters.push_back({id, "masters/" + page.master.file, mime_of(page.master.format),
                       page.master.format, page.master.original_name, page.master.fixity});
  }
  std::vector<File> texts;
  std::map<std::string, std::string> text_of;  // by page id
  for (const auto& page : package.pages) {
    if (!is_read(page)) continue;
    ALIH_TRY(const auto layer, package.text(page));
    const auto xml = alto_xml(item, page, layer);
    FixityDigest digest;
    digest.add(std::as_bytes(std::span(xml.data(), xml.size())));
    const auto id = fmt::format("T{:04}", page.file_seq);
    text_of[page.id.str()] = id;
    texts.push_back({id, "alto/" + file_name(item.digitization_no, 'x', page.file_seq, "xml"),
                     "application/xml", "ALTO 4.4", "", digest.finish()});
  }

  ALIH_CHECK(write("<amdSec ID=\"AMD1\">\n"));
  const auto whole =
      "<premis:object xsi:type=\"premis:intellectualEntity\">" +
      identifier("objectIdentifier", "objectIdentifier", "local", item.digitization_no) +
      identifier("objectIdentifier", "objectIdentifier", "ULID", item.id.str()) +
      "</premis:object>";
  ALIH_CHECK(write(wrapped("techMD", "TECH-ITEM", "PREMIS:OBJECT", whole)));
  for (const auto* files : {&masters, &texts}) {
    for (const auto& f : *files) {
      ALIH_CHECK(write(wrapped("techMD", "TECH-" + f.id, "PREMIS:OBJECT", object_xml(f))));
    }
  }
  ALIH_CHECK(write(wrapped("rightsMD", "RIGHTS1", "PREMIS:RIGHTS", rights_xml(item))));
  std::map<std::string, std::string> master_of;  // by page id
  for (const auto& page : package.pages) {
    master_of[page.id.str()] = "masters/" + page.master.file;
  }
  std::map<std::string, Agent> agents;
  for (const auto& e : package.events) {
    agents.emplace(e.agent.kind + ":" + agent_name(e.agent), e.agent);
    const auto of = master_of.find(e.page);
    ALIH_CHECK(
        write(wrapped("digiprovMD", "EVENT-" + std::to_string(e.sequence), "PREMIS:EVENT",
                      event_xml(e, of == master_of.end() ? item.digitization_no : of->second))));
  }
  int number = 0;
  for (const auto& [name, agent] : agents) {
    ALIH_CHECK(write(wrapped("digiprovMD", "AGENT-" + std::to_string(++number), "PREMIS:AGENT",
                             agent_xml(agent))));
  }
  ALIH_CHECK(write("</amdSec>\n"));

  if (!masters.empty()) {
    ALIH_CHECK(write("<fileSec>\n<fileGrp USE=\"master\">\n"));
    for (const auto& f : masters) ALIH_CHECK(write(file_element(f, "TECH-" + f.id)));
    ALIH_CHECK(write("</fileGrp>\n"));
    if (!texts.empty()) {
      ALIH_CHECK(write("<fileGrp USE=\"ocr\">\n"));
      for (const auto& f : texts) ALIH_CHECK(write(file_element(f, "TECH-" + f.id)));
      ALIH_CHECK(write("</fileGrp>\n"));
    }
    ALIH_CHECK(write("</fileSec>\n"));
  }

  ALIH_CHECK(write(fmt::format(
      "<structMap TYPE=\"PHYSICAL\">\n<div TYPE=\"item\" DMDID=\"DMD1\" ADMID=\"TECH-ITEM "
      "RIGHTS1\" LABEL=\"{}\">\n",
      xml_text(item.field("title").empty() ? item.digitization_no : item.field("title")))));
  for (const auto& page : package.pages) {
    std::string area = "<fptr FILEID=\"" + id_of[page.master.file] + "\"/>";
    if (page.master.region) {
      const auto& r = *page.master.region;
      area = fmt::format("<fptr><area FILEID=\"{}\" SHAPE=\"RECT\" COORDS=\"{},{},{},{}\"/></fptr>",
                         id_of[page.master.file], r.x, r.y, r.x + r.width, r.y + r.height);
    }
    const auto text = text_of.find(page.id.str());
    ALIH_CHECK(
        write(fmt::format("<div TYPE=\"page\" ORDER=\"{}\" ORDERLABEL=\"{}\">{}{}</div>\n",
                          page.number, xml_text(page.label), area,
                          text == text_of.end() ? "" : "<fptr FILEID=\"" + text->second + "\"/>")));
  }
  return write("</div>\n</structMap>\n</mets>\n");
}

Result<Exported> write_mets(const Package& package, const std::filesystem::path& to) {
  ALIH_TRY(auto file, DurableFile::create(to));
  ALIH_CHECK(mets_xml(package, [&](std::string_view text) { return file.write(text); }));
  ALIH_TRY(const auto fixity, file.commit());
  return Exported{to, fixity.bytes, fixity.sha256};
}

}  // namespace alih::repository
