#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "core/finding.h"

// How a page was turned, without the engine that found it out (orientation.h).
namespace alih::pipeline {

inline constexpr std::string_view kOrientationFinding = "orientation";

// The TIFF/EXIF tag of a picture that must be turned clockwise by 0, 90, 180, 270 degrees to be
// upright.
inline constexpr std::array kTagOfTurn{1, 6, 3, 8};

// The TIFF/EXIF tag 1 to 8 for a picture with this tag that is to be turned clockwise as well.
[[nodiscard]] int turned_orientation(int orientation, int degrees);

// How far a page was turned when it was read, by its findings; 0 = not.
[[nodiscard]] int turn_of(const std::vector<Finding>& findings);

}  // namespace alih::pipeline
