#pragma once

#include "core/geometry.h"
#include "core/image.h"
#include "core/result.h"

namespace alih::processing {

// Turns the stored picture upright; `orientation` is the TIFF/EXIF tag 1 to 8. gray8 and rgb24.
[[nodiscard]] Result<Image> upright(const Image& stored, int orientation);

}  // namespace alih::processing
