#pragma once

#include <array>
#include <cstdint>

#include "core/image.h"
#include "core/result.h"
#include "processing/settings.h"

namespace alih::processing {

// A page in two layers (mixed raster content), each stored the way that suits it: letters sharp and
// small as one bit a pixel, everything else soft and small as a JPEG of low resolution.
struct Layers {
  Image mask;        // bilevel, as large as the page, 1 = ink; empty when there is none
  Image background;  // gray8 or rgb24, smaller; paper where the mask has ink
  std::array<std::uint8_t, 3> ink{};  // R, G, B of all that the mask draws
};

// Text and line art go into the mask. Photographs, and ink of another colour than the page's own
// (stamps, coloured pencil), stay in the background, which then has picture_dpi. gray8 or rgb24.
// Pure. Errors: internal, too_large.
[[nodiscard]] Result<Layers> layers(const Image& access, const LayersSettings& settings);

// The page in black and white: bilevel, the paper's tone, shadows and specks gone. Photographs
// become black and white too.
[[nodiscard]] Result<Image> black_and_white(const Image& access);

}  // namespace alih::processing
