#include "repository/export/alto.h"

#include <fmt/format.h>

#include "core/version.h"
#include "repository/export/folder.h"
#include "repository/export/xml.h"

namespace alih::repository {
namespace {

std::string place(const Box& b) {
  return fmt::format(R"(HPOS="{}" VPOS="{}" WIDTH="{}" HEIGHT="{}")", b.x, b.y, b.width, b.height);
}

// The white between two words of a line; nothing when they touch.
std::string space(const Box& left, const Box& right) {
  const int from = left.x + left.width;
  if (right.x <= from) return "          <SP/>\n";
  return fmt::format("          <SP HPOS=\"{}\" VPOS=\"{}\" WIDTH=\"{}\"/>\n", from, left.y,
                     right.x - from);
}

}  // namespace

std::string alto_xml(const Item& item, const Page& page, const TextLayer& text) {
  std::string out = R"(<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd" SCHEMAVERSION="4.4">
  <Description>
    <MeasurementUnit>pixel</MeasurementUnit>
    <sourceImageInformation>
)";
  out += "      <fileName>" + xml_text(page.master.file) + "</fileName>\n";
  out += "      <documentIdentifier>" + xml_text(item.digitization_no) + "</documentIdentifier>\n";
  out += "    </sourceImageInformation>\n";
  const auto& m = page.to_master.m;
  const auto& region = page.master.region;
  std::string stages;
  for (const auto& finding : page.findings) {
    if (finding.applied) stages += (stages.empty() ? "" : ", ") + finding.name;
  }
  const auto step = [&](std::string_view id, std::string_view category,
                        const std::string& description, const std::string& settings,
                        std::string_view name, std::string_view version) {
    out += fmt::format(
        "    <Processing ID=\"{}\">\n"
        "      <processingCategory>{}</processingCategory>\n"
        "      <processingStepDescription>{}</processingStepDescription>\n"
        "      <processingStepSettings>{}</processingStepSettings>\n"
        "      <processingSoftware>\n"
        "        <softwareName>{}</softwareName>\n"
        "        <softwareVersion>{}</softwareVersion>\n"
        "      </processingSoftware>\n"
        "    </Processing>\n",
        id, category, xml_text(description), xml_text(settings), xml_text(name), xml_text(version));
  };
  step("IMAGE", "preOperation",
       "access image: " + (stages.empty() ? std::string("as scanned") : stages),
       fmt::format("master x = {:.9g} x + {:.9g} y + {:.9g}; master y = {:.9g} x + {:.9g} y + "
                   "{:.9g}; frame {}; orientation {}",
                   m[0], m[1], m[2], m[3], m[4], m[5], page.master.frame, page.orientation) +
           (region ? fmt::format("; region {},{},{},{}", region->x, region->y, region->width,
                                 region->height)
                   : ""),
       "alihmedia", kVersion);
  if (!page.reading.engine.empty()) {
    const auto blank = page.reading.engine.find(' ');
    step("OCR", "contentGeneration", "text recognition",
         "models " + page.reading.models + "; " + page.reading.settings + "; image " +
             page.reading.variant,
         page.reading.engine.substr(0, blank),
         blank == std::string::npos ? "" : page.reading.engine.substr(blank + 1));
  }
  out += "  </Description>\n  <Layout>\n";
  const auto language = language_tag(item.field("language"));
  out += fmt::format(
      "    <Page ID=\"P{0}\" PHYSICAL_IMG_NR=\"{0}\" PRINTED_IMG_NR=\"{1}\" WIDTH=\"{2}\" "
      "HEIGHT=\"{3}\"{4}{5}>\n",
      page.number, xml_text(page.label), page.access_width, page.access_height,
      page.reading.words > 0 ? fmt::format(" PC=\"{:.4f}\"", page.reading.confidence) : "",
      language == "und" ? "" : " LANG=\"" + language + "\"");
  out += "      <PrintSpace " + place({0, 0, page.access_width, page.access_height}) + ">\n";
  int block_no = 0;
  int line_no = 0;
  int word_no = 0;
  for (const auto& block : text.blocks) {
    out += fmt::format("      <TextBlock ID=\"B{}\" {}>\n", ++block_no, place(block.box));
    for (const auto& line : block.lines) {
      if (line.words.empty()) continue;
      const auto& b = line.baseline;
      out += fmt::format("        <TextLine ID=\"L{}\" {}{}>\n", ++line_no, place(line.box),
                         line.has_baseline()
                             ? fmt::format(" BASELINE=\"{},{} {},{}\"", b[0], b[1], b[2], b[3])
                             : "");
      const Word* before = nullptr;
      for (const auto& word : line.words) {
        if (before != nullptr) out += space(before->box, word.box);
        out += fmt::format("          <String ID=\"W{}\" {} WC=\"{:.3f}\" CONTENT=\"{}\"/>\n",
                           ++word_no, place(word.box), word.confidence, xml_text(word.text));
        before = &word;
      }
      out += "        </TextLine>\n";
    }
    out += "      </TextBlock>\n";
  }
  out += "      </PrintSpace>\n    </Page>\n  </Layout>\n</alto>\n";
  return out;
}

Result<Exported> write_alto(const Package& package, const std::filesystem::path& to) {
  ALIH_CHECK(check_all_read(package));
  ALIH_TRY(auto folder, FolderExport::create(to));
  for (const auto& page : package.pages) {
    ALIH_TRY(const auto text, package.text(page));
    ALIH_CHECK(folder.write(file_name(package.item.digitization_no, 'x', page.file_seq, "xml"),
                            alto_xml(package.item, page, text)));
  }
  return folder.finish();
}

}  // namespace alih::repository
