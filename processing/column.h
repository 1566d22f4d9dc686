#pragma once

#include "core/image.h"

namespace alih::processing {

// Whether a straight page is one column of lines of one size and nothing else: no table, rule,
// picture or larger heading. In doubt false. `page`: gray8, dark on paper near white. Takes about 3
// ms for A4 at 300 dpi.
//
// The rows of each line's small letters are told by how much ink a row has. They must be equally
// high, no line may have a gap wider than blanks are, and no gap may go down through most lines.
[[nodiscard]] bool one_column(const Image& page);

}  // namespace alih::processing
