#pragma once

#include <memory>

#include "processing/settings.h"
#include "processing/stage.h"

namespace alih::processing {

// What the scanner added to the page.
struct Added {
  Image mask;             // gray8, smaller than the page: 255 where it is; empty when nothing is
  double share = 0;       // of the page
  int edges = 0;          // dark areas that hang on a side
  int holes = 0;          // of a punch, dark
  double lost_ink = 0;    // letters that hang on such an area, to all its marks: 0 = none
  double confidence = 0;  // 0 to 1, that nothing of the page itself is among it
};

// Judged at a quarter of the size. Edges: dark, wider than any stroke or long along the side, and
// no farther from the side than `max_depth` of it; what goes farther in is a picture or a cover and
// stays. Holes: dark discs of 4.5 to 9.5 mm with paper all around, within 25 mm of a side. Letters
// that run into an edge, or stand white in it, cost confidence (did we lose ink?). gray8 or rgb24.
[[nodiscard]] Result<Added> find_added(const Image& image, double max_depth);
// The tone of the paper around in its place.
[[nodiscard]] Image without(const Image& image, const Image& mask);
[[nodiscard]] std::unique_ptr<Stage> make_edges(const EdgesSettings& settings);

}  // namespace alih::processing
