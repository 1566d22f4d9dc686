#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "core/code.h"

namespace cv {
class Mat;
}  // namespace cv

namespace alih::processing {

// A patch code is four black bars, two of them wide, with narrow gaps; which two are wide is all it
// says (Kodak A-61599: wide 0.20 inch, narrow and gaps 0.08 inch).
struct PatchRow {
  std::string_view kind;
  std::array<bool, 4> wide;  // from the edge of the sheet inward
};
[[nodiscard]] const std::vector<PatchRow>& all_patches();

// Bars that lie along or across the page, up to a few degrees askew; CV_8UC1 of any resolution.
// Patch 3 and patch T are each other's mirror image, so are 1 and 6: read from the nearer edge; in
// the middle of the page as it stands, from the left or the top.
[[nodiscard]] std::vector<Code> find_patches(const cv::Mat& gray);

}  // namespace alih::processing
