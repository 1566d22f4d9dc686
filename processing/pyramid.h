#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "core/image.h"
#include "core/result.h"

namespace alih::processing {

// An image in several sizes, each half of the one before, cut into JPEG tiles: a TIFF whose first
// picture is the whole size. Every tile is a JPEG file of its own, so serving one is copying it.
constexpr int kTile = 512;  // pixels; tiles at the right and lower edge are padded

// gray8 or rgb24. Halving ends when one tile holds it all.
[[nodiscard]] Result<std::vector<std::byte>> encode_pyramid(const Image& image, int quality);

// One tile of a file that encode_pyramid() made, as JPEG, by level (0 = whole size), column and
// row. Errors: not_found, damaged.
[[nodiscard]] Result<std::vector<std::byte>> pyramid_tile(const std::filesystem::path& file,
                                                          int level, int column, int row);

}  // namespace alih::processing
