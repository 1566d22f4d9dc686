#include "processing/codec.h"

#include <array>
#include <cmath>
#include <cstring>
#include <new>
#include <stdexcept>

#include "processing/bmp_codec.h"
#include "processing/codec_limits.h"
#include "processing/jp2_codec.h"
#include "processing/jpeg_codec.h"
#include "processing/png_codec.h"
#include "processing/tiff_codec.h"

namespace alih::processing {
namespace {

// One row a format.
struct FormatRow {
  FileFormat format;
  std::string_view name;
  std::string_view extension;
  std::string_view mime_type;
  Result<std::vector<FrameInfo>> (*probe)(std::span<const std::byte>, const LimitSettings&);
  Result<Image> (*decode)(std::span<const std::byte>, int, const LimitSettings&);
};
constexpr std::array kFormats{
    FormatRow{FileFormat::tiff, "tiff", "tif", "image/tiff", probe_tiff, decode_tiff},
    FormatRow{FileFormat::jpeg, "jpeg", "jpg", "image/jpeg", probe_jpeg, decode_jpeg},
    FormatRow{FileFormat::png, "png", "png", "image/png", probe_png, decode_png},
    FormatRow{FileFormat::jp2, "jp2", "jp2", "image/jp2", probe_jp2, decode_jp2},
    FormatRow{FileFormat::j2k, "j2k", "j2k", "image/j2c", probe_jp2, decode_jp2},
    FormatRow{FileFormat::bmp, "bmp", "bmp", "image/bmp", probe_bmp, decode_bmp},
};

const FormatRow& row_of(FileFormat format) {
  for (const auto& row : kFormats) {
    if (row.format == format) return row;
  }
  return kFormats.front();
}

bool starts(std::span<const std::byte> head, std::string_view magic) {
  return head.size() >= magic.size() && std::memcmp(head.data(), magic.data(), magic.size()) == 0;
}

Result<FileFormat> format_of(std::span<const std::byte> file, const LimitSettings& limits) {
  if (file.empty()) return fail(ErrorCode::unreadable, "berkas kosong", "the file is empty");
  if (file.size() > static_cast<std::size_t>(limits.max_file_mib) << 20U) {
    return fail(ErrorCode::too_large, "berkas lebih besar dari {} MiB",
                "the file is larger than {} MiB", {limits.max_file_mib});
  }
  const auto format = sniff(file);
  if (!format) {
    return fail(ErrorCode::unreadable, "bukan citra TIFF, JPEG, PNG, JPEG 2000, BMP, atau PDF",
                "no TIFF, JPEG, PNG, JPEG 2000, BMP or PDF");
  }
  return *format;
}

}  // namespace

std::optional<FileFormat> sniff(std::span<const std::byte> head) {
  using namespace std::string_view_literals;
  if (starts(head, "II*\0"sv) || starts(head, "MM\0*"sv) || starts(head, "II+\0"sv) ||
      starts(head, "MM\0+"sv)) {
    return FileFormat::tiff;
  }
  if (starts(head, "\xFF\xD8\xFF"sv)) return FileFormat::jpeg;
  if (starts(head, "\x89PNG\r\n\x1A\n"sv)) return FileFormat::png;
  if (starts(head, "\0\0\0\x0CjP  \r\n\x87\n"sv)) return FileFormat::jp2;
  if (starts(head, "\xFF\x4F\xFF\x51"sv)) return FileFormat::j2k;
  if (starts(head, "BM"sv)) return FileFormat::bmp;
  return std::nullopt;
}

std::string_view name(FileFormat format) { return row_of(format).name; }
std::string_view extension(FileFormat format) { return row_of(format).extension; }
std::string_view mime_type(FileFormat format) { return row_of(format).mime_type; }

Result<FileInfo> probe(std::span<const std::byte> file, const LimitSettings& limits) {
  ALIH_TRY(const auto format, format_of(file, limits));
  ALIH_TRY(auto frames, row_of(format).probe(file, limits));
  return FileInfo{format, std::move(frames)};
}

Result<Image> decode(std::span<const std::byte> file, int frame, const LimitSettings& limits) {
  ALIH_TRY(const auto format, format_of(file, limits));
  try {
    return row_of(format).decode(file, frame, limits);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::too_large, "citra memerlukan terlalu banyak memori",
                "the image needs too much memory");
  } catch (const std::length_error&) {
    return fail(ErrorCode::too_large, "citra memerlukan terlalu banyak memori",
                "the image needs too much memory");
  }
}

}  // namespace alih::processing
