#pragma once

#include <string>
#include <vector>

#include "core/image.h"

namespace alih::testing_support {

// What to draw on one A4 page with margins of 25 mm. A paragraph that starts with "# " is a
// heading: bigger, bold and centred; an empty paragraph is a gap of one line. The table comes after
// the paragraphs; its first row is the header. Without any text the page is blank.
struct PageSpec {
  std::vector<std::string> paragraphs;  // UTF-8
  std::string font = "Liberation Serif";
  double size_pt = 11;
  int dpi = 300;
  double skew_deg = 0;     // positive = the content is turned counter-clockwise
  bool color = false;      // rgb24 on yellowish paper, else gray8
  double paper = 1.0;      // tone of the paper, 1 = white
  double noise = 0;        // standard deviation, in gray levels
  int dark_border_px = 0;  // width of a dark frame at the edges, as a scanner lid leaves
  std::vector<std::vector<std::string>> table;
  unsigned seed = 1;  // of the noise
};

struct DrawnPage {
  Image image;                     // gray8 or rgb24, dpi set
  std::vector<std::string> lines;  // as laid out, from the top; a table row = its cells and spaces
};

// The same spec gives the same pixels. Throws std::length_error when the text does not fit the
// page: a truth with lines that were never drawn would make every test of it wrong.
[[nodiscard]] DrawnPage draw_page(const PageSpec& spec);

}  // namespace alih::testing_support
