#include "repository/export/alto.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "core/confidence.h"
#include "core/hyphenation.h"
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

std::string string_xml(int number, const Word& word) {
  const auto hyphen = word.half == Half::first ? hyphen_at_end(word.text) : 0;
  const auto text = std::string_view(word.text).substr(0, word.text.size() - hyphen);
  Box box = word.box;
  std::string after;
  if (hyphen > 0) {
    // The hyphen takes a share of the box by its letters; it is one of them.
    std::size_t letters = 1;
    for (const char c : text) {
      if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80) ++letters;
    }
    const int width = std::max(1, box.width / static_cast<int>(letters));
    box.width = std::max(1, box.width - width);
    after = fmt::format("          <HYP HPOS=\"{}\" VPOS=\"{}\" WIDTH=\"{}\" CONTENT=\"{}\"/>\n",
                        box.x + box.width, box.y, width,
                        xml_text(std::string_view(word.text).substr(text.size())));
  }
  std::string more;
  if (word.half != Half::none) {
    more = fmt::format(R"( SUBS_TYPE="{}" SUBS_CONTENT="{}")",
                       word.half == Half::first ? "HypPart1" : "HypPart2", xml_text(word.joined));
  }
  if (word.corrected) more += R"( CS="true")";
  return fmt::format("          <String ID=\"W{}\" {} WC=\"{:.3f}\" CONTENT=\"{}\"{}/>\n", number,
                     place(box), chance_right(word.confidence), xml_text(text), more) +
         after;
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
      page.reading.words > 0 ? fmt::format(" PC=\"{:.4f}\"", share_right(page)) : "",
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
        out += string_xml(++word_no, word);
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
