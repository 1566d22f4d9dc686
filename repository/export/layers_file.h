#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/result.h"

namespace alih::repository {

// A page of a PDF in two layers, as one file in the cache ("….layers"): a line of text that says
// where they lie, the background as a JPEG, the mask as CCITT G4 data. One file, so that a mask
// never meets the background of another page.
struct LayersFile {
  int width = 0;                      // of the mask, pixels
  int height = 0;                     // of the mask, pixels
  std::array<std::uint8_t, 3> ink{};  // R, G, B of what the mask draws
  std::uint64_t background_at = 0;    // where in the file, bytes
  std::uint64_t background_bytes = 0;
  std::uint64_t mask_at = 0;
  std::uint64_t mask_bytes = 0;  // 0 = there is no ink
};

[[nodiscard]] std::vector<std::byte> layers_file(int width, int height,
                                                 const std::array<std::uint8_t, 3>& ink,
                                                 std::span<const std::byte> background,
                                                 std::span<const std::byte> mask);
// Errors: damaged, when it is no such file or is not as long as it says.
[[nodiscard]] Result<LayersFile> read_layers_file(const std::filesystem::path& path);

}  // namespace alih::repository
