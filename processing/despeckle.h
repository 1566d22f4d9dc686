#pragma once

#include <memory>

#include "processing/settings.h"
#include "processing/stage.h"

namespace alih::processing {

struct Specks {
  int squares = 0;  // places that were cleaned
  int pixels = 0;   // of ink that were taken
};

// Dust: ink of at most `max_speck_mm` squared with nothing else around it, 1.3 mm to each side at
// least. A dot of an i, an accent, a full stop and a row of leader dots have ink nearer than that,
// so they are never in question, however small. `image` is gray8 with paper near white; pixels of
// 200 and more are paper, of faint print those half-way from Otsu's threshold to white. Nothing is
// done below 190 dpi; no resolution = A4.
[[nodiscard]] Image without_specks(const Image& image, double max_speck_mm,
                                   Specks* found = nullptr);
[[nodiscard]] std::unique_ptr<Stage> make_despeckle(const DespeckleSettings& settings);

}  // namespace alih::processing
