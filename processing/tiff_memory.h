#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tiffio.h>

// libtiff over bytes in memory, inside this folder only.
namespace alih::processing {

// A file in memory, and the first thing libtiff said of it.
struct TiffMemory {
  std::span<const std::byte> read;
  std::vector<std::byte>* written = nullptr;
  std::uint64_t at = 0;
  std::string error;

  [[nodiscard]] std::uint64_t size() const { return written ? written->size() : read.size(); }
};

struct CloseTiff {
  void operator()(TIFF* t) const { TIFFClose(t); }
};
using TiffHandle = std::unique_ptr<TIFF, CloseTiff>;

// Null when it cannot be opened; `memory` must outlive the handle. Modes as TIFFOpen() has them.
[[nodiscard]] TiffHandle open_tiff(TiffMemory& memory, const char* mode);
// A file of our own, to read.
[[nodiscard]] TiffHandle open_tiff(const std::filesystem::path& file);

}  // namespace alih::processing
