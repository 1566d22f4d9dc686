#pragma once

#include <memory>

#include "processing/bend.h"
#include "processing/settings.h"
#include "processing/stage.h"

namespace alih::processing {

struct Warp {
  Bend bend;             // of the image's size; empty when its lines are straight
  double bend_px = 0;    // how far lines rise and fall, pixels of the image
  double slope_deg = 0;  // steepest slope of a line
  // How much better the lines fall on rows when the page is laid flat: score of its row profiles
  // over the bent page's, 1 = no better.
  double gain = 1;
  double confidence = 0;  // 0 to 1, that the page bends and that this is how
};

// Lines that bend towards the gutter or with the sheet. In narrow upright windows the slope of the
// print is the shear at which its upper and lower edges fall on the fewest rows (the deskew search,
// made local); the slopes, linear from top to bottom, are added up along the page. Windows look at
// print only within themselves, so columns whose lines stand at different heights are no bend.
// Straight pages cost some milliseconds. gray8 or rgb24.
[[nodiscard]] Result<Warp> find_warp(const Image& image);
// Works on what OCR reads; Step::bend says how to put it back.
[[nodiscard]] std::unique_ptr<Stage> make_dewarp(const DewarpSettings& settings);

}  // namespace alih::processing
