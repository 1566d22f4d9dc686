#pragma once

#include <memory>

#include "processing/settings.h"
#include "processing/stage.h"

namespace alih::processing {

struct Ghosts {
  int limit = 0;          // gray level: a mark none of whose pixels is darker is a ghost
  double text = 0;        // usual darkest level of marks of print
  double ghosts = 0;      // and of what shows through
  double share = 0;       // of the marks' cores that are ghosts
  double confidence = 0;  // 0 to 1: how empty the levels between the two are
};

// Print of the back page is lighter than all print of this one: the darkest points of strokes then
// have two levels with nothing between. Faint print alone has one. `image` is gray8, levelled.
[[nodiscard]] Ghosts find_ghosts(const Image& image);
// White where a connected mark has no pixel darker than the limit, when those marks are of the size
// of letters; marks as small as a dot of an i stay where they stand beside print. Print lighter
// than a fifth of black cannot be told from a ghost: what the reading then leaves out is read from
// the page as scanned (read_page.h).
[[nodiscard]] std::unique_ptr<Stage> make_show_through(const ShowThroughSettings& settings);

}  // namespace alih::processing
