#pragma once

#include "core/image.h"
#include "core/result.h"

namespace alih::processing {

// Which TIFF/EXIF orientation makes `stored` look like `shown`, a small picture of how it should be
// seen; 0 = none does: another shape, another tone, or something drawn over it.
[[nodiscard]] Result<int> orientation_like(const Image& stored, const Image& shown);

}  // namespace alih::processing
