#include "repository/export/hocr.h"

#include <cmath>

#include <fmt/format.h>

#include "core/confidence.h"
#include "core/hyphenation.h"
#include "core/version.h"
#include "repository/durable_file.h"
#include "repository/export/xml.h"

namespace alih::repository {
namespace {

std::string box(const Box& b) {
  return fmt::format("bbox {} {} {} {}", b.x, b.y, b.x + b.width, b.y + b.height);
}

// hOCR tells a baseline by slope and offset from the bottom left corner of the line's box.
std::string baseline(const Line& line) {
  if (!line.has_baseline()) return {};
  const auto& b = line.baseline;
  const double slope = b[2] > b[0] ? static_cast<double>(b[3] - b[1]) / (b[2] - b[0]) : 0;
  const double offset = b[1] + slope * (line.box.x - b[0]) - (line.box.y + line.box.height);
  return fmt::format("; baseline {:.4g} {:.0f}", slope, offset);
}

// hOCR 1.2 wants a hyphen that only cuts a word as a soft one.
std::string content(const Word& word) {
  const auto hyphen = hyphen_at_end(word.text);
  const bool cuts =
      word.half == Half::first && hyphen > 0 && word.joined.find('-') == std::string::npos;
  if (!cuts) return xml_text(word.text);
  return xml_text(word.text.substr(0, word.text.size() - hyphen)) + "\xC2\xAD";
}

}  // namespace

Result<Exported> write_hocr(const Package& package, const std::filesystem::path& to) {
  ALIH_CHECK(check_all_read(package));
  ALIH_TRY(auto file, DurableFile::create(to));
  const auto language = language_tag(package.item.field("language"));
  ALIH_CHECK(file.write(fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="{0}" lang="{0}">
<head>
<title>{1}</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
<meta name="ocr-system" content="{2}"/>
<meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word"/>
</head>
<body>
)",
      language, xml_text(package.item.field("title")),
      xml_text((package.pages.empty() ? "" : package.pages.front().reading.engine) +
               ", alihmedia " + std::string(kVersion)))));
  for (const auto& page : package.pages) {
    ALIH_TRY(const auto text, package.text(page));
    const int n = page.number;
    std::string out = fmt::format(
        "<div class=\"ocr_page\" id=\"page_{0}\" title=\"image &quot;{1}&quot;; bbox 0 0 {2} {3}; "
        "ppageno {4}; scan_res {5} {5}\">\n",
        n, xml_text(page.master.file), page.access_width, page.access_height, n - 1,
        std::lround(page.dpi));
    int block_no = 0;
    int line_no = 0;
    int word_no = 0;
    for (const auto& block : text.blocks) {
      ++block_no;
      out += fmt::format(
          "<div class=\"ocr_carea\" id=\"block_{0}_{1}\" title=\"{2}\">\n<p class=\"ocr_par\" "
          "id=\"par_{0}_{1}\" title=\"{2}\">\n",
          n, block_no, box(block.box));
      for (const auto& line : block.lines) {
        out += fmt::format("<span class=\"ocr_line\" id=\"line_{}_{}\" title=\"{}{}\">", n,
                           ++line_no, box(line.box), baseline(line));
        bool first = true;
        for (const auto& word : line.words) {
          out += fmt::format(
              "{}<span class=\"ocrx_word\" id=\"word_{}_{}\" title=\"{}; x_wconf {}\">{}</span>",
              first ? "" : " ", n, ++word_no, box(word.box),
              std::lround(chance_right(word.confidence) * 100), content(word));
          first = false;
        }
        out += "</span>\n";
      }
      out += "</p>\n</div>\n";
    }
    out += "</div>\n";
    ALIH_CHECK(file.write(out));
  }
  ALIH_CHECK(file.write("</body>\n</html>\n"));
  ALIH_TRY(const auto fixity, file.commit());
  return Exported{to, fixity.bytes, fixity.sha256};
}

}  // namespace alih::repository
