#pragma once

#include <memory>

#include "core/geometry.h"
#include "processing/settings.h"
#include "processing/stage.h"

namespace alih::processing {

struct PageArea {
  Box box;                // what is paper, pixels
  double confidence = 0;  // 0 to 1: how sure that only scanner background is outside
  double lost_ink = 0;    // share of the page's ink that would be cut off
};

// Finds the dark frame that a scanner leaves around a page: rows and columns at the edges that are
// dark nearly all along. gray8 or rgb24. A page without such a frame gives its whole area.
[[nodiscard]] Result<PageArea> find_page_area(const Image& image);
[[nodiscard]] Result<Image> cut(const Image& image, const Box& box);
[[nodiscard]] std::unique_ptr<Stage> make_crop(const CropSettings& settings);

}  // namespace alih::processing
