#pragma once

#include <string>
#include <vector>

#include "core/image.h"
#include "tests/support/drawn_page.h"

namespace alih::testing_support {

// An open book as a flat-bed scanner sees it: two drawn pages side by side. Of both `left` and
// `right` size, colour and resolution must be the same; their own skew, noise and frame are kept.
struct SpreadSpec {
  PageSpec left;
  PageSpec right;
  double inner_mm = 25;    // inner margins, from the text to the fold
  double shadow = 0.5;     // how dark the fold is, share of the paper; negative = brighter
  double shadow_mm = 8;    // how far the shadow reaches to each side
  double skew_deg = 0;     // of the whole book, positive = turned counter-clockwise
  int dark_border_px = 0;  // of a frame around the book
};

struct DrawnSpread {
  Image image;
  double fold_x = 0;  // at half height, pixels
  std::vector<std::string> left_lines;
  std::vector<std::string> right_lines;
};

// The same spec gives the same pixels.
[[nodiscard]] DrawnSpread draw_spread(const SpreadSpec& spec);

// Two pages of prose whose words tell them apart, at 150 dpi: "kiri" only on the left page, "kanan"
// only on the right one.
[[nodiscard]] SpreadSpec text_spread();

}  // namespace alih::testing_support
