#include <cstdint>

#include <tiffio.h>

#include "processing/pyramid.h"
#include "processing/tiff_memory.h"

namespace alih::processing {
namespace {

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::damaged, "Citra akses rusak; hapus dari cache, lalu ulangi",
              "The access image is damaged; delete it from the cache and try again");
}

}  // namespace

Result<std::vector<std::byte>> pyramid_tile(const std::filesystem::path& file, int level,
                                            int column, int row) {
  const auto t = open_tiff(file);
  if (!t) return damaged();
  const auto none = [] {
    return fail(ErrorCode::not_found, "Ubin citra itu tidak ada", "There is no such tile");
  };
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  constexpr int kMostLevels = 32;
  if (level < 0 || level >= kMostLevels || column < 0 || row < 0) return none();
  if (level > 0 && TIFFSetDirectory(t.get(), static_cast<tdir_t>(level)) != 1) return none();
  if (TIFFIsTiled(t.get()) == 0 || TIFFGetField(t.get(), TIFFTAG_IMAGEWIDTH, &width) != 1 ||
      TIFFGetField(t.get(), TIFFTAG_IMAGELENGTH, &height) != 1) {
    return damaged();
  }
  const auto x = static_cast<std::uint64_t>(column) * kTile;
  const auto y = static_cast<std::uint64_t>(row) * kTile;
  if (x >= width || y >= height) return none();
  const auto index =
      TIFFComputeTile(t.get(), static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0, 0);
  constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20U;
  const auto size = TIFFGetStrileByteCount(t.get(), index);
  if (size == 0 || size > kMostBytes) return damaged();
  std::vector<std::byte> out(size);
  if (TIFFReadRawTile(t.get(), index, out.data(), static_cast<tmsize_t>(size)) !=
      static_cast<tmsize_t>(size)) {
    return damaged();
  }
  return out;
}

}  // namespace alih::processing
