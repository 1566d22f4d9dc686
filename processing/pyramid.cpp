#include "processing/pyramid.h"

#include <algorithm>
#include <cstring>

#include <opencv2/imgproc.hpp>
#include <tiffio.h>

#include "processing/codec.h"
#include "processing/pixels.h"
#include "processing/tiff_memory.h"

namespace alih::processing {
namespace {

bool write_level(TIFF* t, const cv::Mat& level, double dpi, int quality, bool reduced) {
  const bool color = level.channels() == 3;
  const auto set = [&](std::uint32_t tag, auto value) { TIFFSetField(t, tag, value); };
  set(TIFFTAG_SUBFILETYPE, reduced ? FILETYPE_REDUCEDIMAGE : 0);
  set(TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(level.cols));
  set(TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(level.rows));
  set(TIFFTAG_TILEWIDTH, static_cast<std::uint32_t>(kTile));
  set(TIFFTAG_TILELENGTH, static_cast<std::uint32_t>(kTile));
  set(TIFFTAG_BITSPERSAMPLE, 8);
  set(TIFFTAG_SAMPLESPERPIXEL, color ? 3 : 1);
  set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  set(TIFFTAG_COMPRESSION, COMPRESSION_JPEG);
  set(TIFFTAG_PHOTOMETRIC, color ? PHOTOMETRIC_YCBCR : PHOTOMETRIC_MINISBLACK);
  set(TIFFTAG_JPEGQUALITY, quality);
  set(TIFFTAG_JPEGTABLESMODE, 0);  // each tile carries its own tables: a JPEG that stands alone
  if (color) {
    set(TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    TIFFSetField(t, TIFFTAG_YCBCRSUBSAMPLING, 2, 2);
  }
  if (dpi > 0) {
    set(TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    set(TIFFTAG_XRESOLUTION, dpi);
    set(TIFFTAG_YRESOLUTION, dpi);
  }
  for (int y = 0; y < level.rows; y += kTile) {
    for (int x = 0; x < level.cols; x += kTile) {
      const cv::Rect part(x, y, std::min(kTile, level.cols - x), std::min(kTile, level.rows - y));
      cv::Mat tile;
      // Repeating the edge keeps the padding out of the last blocks of the picture.
      cv::copyMakeBorder(level(part), tile, 0, kTile - part.height, 0, kTile - part.width,
                         cv::BORDER_REPLICATE);
      // Not by libtiff, which looks for the best codes of each tile in a pass of its own: three
      // times the work for a few per cent of a file that can be made again.
      auto jpeg = encode_jpeg(to_image(tile, 0, 0), quality);
      const auto index =
          TIFFComputeTile(t, static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0, 0);
      const auto size = jpeg ? static_cast<tmsize_t>(jpeg->size()) : 0;
      if (size == 0 || TIFFWriteRawTile(t, index, jpeg->data(), size) != size) return false;
    }
  }
  return TIFFWriteDirectory(t) == 1;
}

}  // namespace

Result<std::vector<std::byte>> encode_pyramid(const Image& image, int quality) {
  std::vector<std::byte> out;
  TiffMemory memory;
  memory.written = &out;
  try {
    const Image plain = to_8bit(image);
    cv::Mat level = view(plain);
    double dpi = image.dpi_x();
    {
      const auto t = open_tiff(memory, "wm");
      bool good = t != nullptr;
      for (bool reduced = false; good; reduced = true) {
        good = write_level(t.get(), level, dpi, quality, reduced);
        if (std::max(level.cols, level.rows) <= kTile) break;
        cv::Mat even = level;
        if (level.cols % 2 + level.rows % 2 > 0) {
          cv::copyMakeBorder(level, even, 0, level.rows % 2, 0, level.cols % 2,
                             cv::BORDER_REPLICATE);
        }
        level = reduced_by(even, 2);
        dpi /= 2;
      }
      if (!good && memory.error.empty()) memory.error = "libtiff";
    }
    if (!memory.error.empty()) {
      return fail(ErrorCode::internal, "Citra akses tidak dapat dibuat: {}",
                  "The access image cannot be made: {}", {memory.error});
    }
    return out;
  } catch (const cv::Exception& e) {
    return fail(ErrorCode::internal, "Pengolahan citra gagal: {}", "Image processing failed: {}",
                {e.what()});
  }
}

}  // namespace alih::processing
