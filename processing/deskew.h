#pragma once

#include <memory>

#include "processing/settings.h"
#include "processing/stage.h"

namespace alih::processing {

struct Skew {
  double angle_deg = 0;   // positive = the content is turned counter-clockwise
  double confidence = 0;  // Leptonica's ratio of the best to the worst score; 0 = not found
};

// Sweep and search of the differential square sum of row sums (Leptonica's skew finder) on a
// half-size picture whose background was levelled, so that shadows do not count as ink. gray8,
// rgb24.
[[nodiscard]] Result<Skew> find_skew(const Image& image, double max_angle_deg);
// Turns the picture clockwise by the angle about its middle; the canvas grows so that no corner is
// lost, and the border is repeated outwards. `to_input` maps back.
[[nodiscard]] Result<Image> rotate(const Image& image, double angle_deg, Affine* to_input);
[[nodiscard]] std::unique_ptr<Stage> make_deskew(const DeskewSettings& settings);

}  // namespace alih::processing
