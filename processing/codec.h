#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.h"
#include "core/result.h"
#include "processing/settings.h"

namespace alih::processing {

enum class FileFormat { tiff, jpeg, png, jp2, j2k, bmp };

// One image of a file, as its header says.
struct FrameInfo {
  int width = 0;     // pixels, as stored
  int height = 0;    // pixels, as stored
  double dpi_x = 0;  // 0 = unknown
  double dpi_y = 0;
  PixelFormat format = PixelFormat::gray8;  // what decode() will give
  int orientation = 1;                      // TIFF/EXIF tag, 1 to 8
};

struct FileInfo {
  FileFormat format = FileFormat::tiff;
  std::vector<FrameInfo> frames;
};

// By the first bytes, never by the name; none = no format that is read here.
[[nodiscard]] std::optional<FileFormat> sniff(std::span<const std::byte> head);
[[nodiscard]] std::string_view name(FileFormat format);       // "tiff"
[[nodiscard]] std::string_view extension(FileFormat format);  // "tif"
[[nodiscard]] std::string_view mime_type(FileFormat format);  // "image/tiff"

// Headers only, before anything is decoded. Errors: unreadable, too_large, with the reason.
[[nodiscard]] Result<FileInfo> probe(std::span<const std::byte> file, const LimitSettings& limits);

// Pixels of one frame as stored: orientation is not applied. A file whose pixels are cut short or
// damaged is unreadable. Errors: unreadable, too_large.
[[nodiscard]] Result<Image> decode(std::span<const std::byte> file, int frame,
                                   const LimitSettings& limits);

struct TiffTags {
  std::string document_name;
  std::string image_description;
  std::string make;
  std::string model;
  std::string software;
  std::string date_time;  // "YYYY:MM:DD HH:MM:SS"
  std::string artist;
  int page = 0;   // from 0
  int pages = 0;  // 0 = unknown
};
enum class TiffCompression { deflate, lzw, none };

// Lossless; bilevel is always CCITT G4. Resolution in inches when the image knows it.
[[nodiscard]] Result<std::vector<std::byte>> encode_tiff(
    const Image& image, const TiffTags& tags,
    TiffCompression compression = TiffCompression::deflate);

// Bare CCITT G4 data of a bilevel image, white 0, as PDF takes them; other formats become bilevel
// at half of white.
[[nodiscard]] Result<std::vector<std::byte>> encode_g4(const Image& image);

// small: with Huffman tables of its own and progressive, for what is written once; twice the time.
enum class JpegCoding { quick, small };

// Any format; 1 and 16 bits become 8. quality 1 to 100.
[[nodiscard]] Result<std::vector<std::byte>> encode_jpeg(const Image& image, int quality,
                                                         JpegCoding coding = JpegCoding::quick);

}  // namespace alih::processing
