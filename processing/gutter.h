#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/finding.h"
#include "core/geometry.h"
#include "core/image.h"
#include "core/result.h"

namespace alih::processing {

// Where the fold of an open book lies in a picture, as find_gutter() measured it.
struct Gutter {
  int x_px = 0;           // the cut: first column of the right page, of the upright picture
  double confidence = 0;  // 0 to 1; below kSureOfGutter the picture is not to be cut
  double slant_deg = 0;   // of the fold, positive = its foot lies to the right of its head
  double shadow = 0;      // how much darker the fold is, share of the paper; negative = brighter
  int gap_px = 0;         // width of the strip without ink that the cut runs through
  std::string note;       // why not, where it is not sure
};
inline constexpr double kSureOfGutter = 0.6;

// Looks for the fold of an open book in the middle of an upright picture: a dark or bright line
// from head to foot, or a wide strip without ink between two blocks of text. Sure only when a
// vertical cut there goes through no ink: text, pictures and rules that reach across keep the
// picture whole. Any format. A picture that is not wider than high has no gutter (note "upright
// page").
[[nodiscard]] Result<Gutter> find_gutter(const Image& upright);

// A picture as its pages: two regions in pixels of the picture as stored, the left page of the
// upright picture first, or none when it is to stay whole.
struct Spread {
  std::vector<Box> parts;
  std::optional<Finding> finding;  // "split"; none for an upright page, which asks no question
};
inline constexpr const char* kSplitFinding = "split";
[[nodiscard]] Result<Spread> find_spread(const Image& stored, int orientation);

// A part of a picture in the picture's own format. Errors: unreadable when it reaches outside.
[[nodiscard]] Result<Image> part_of(const Image& image, const Box& part);

}  // namespace alih::processing
