#include "processing/bmp_codec.h"

#include <cstdlib>
#include <cstring>
#include <memory>

#include <leptonica/allheaders.h>

#include "processing/codec_limits.h"

namespace alih::processing {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::size_t kInfoHeader = 40;

template <typename T>
T little(std::span<const std::byte> file, std::size_t at) {
  T value{};
  std::memcpy(&value, file.data() + at, sizeof value);  // BMP and this machine: little-endian
  return value;
}

// The fixed part of the header; what Leptonica reads is checked here first.
struct Header {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int bits = 0;
  double dpi_x = 0;
  double dpi_y = 0;
};

Result<Header> read_header(std::span<const std::byte> file, const LimitSettings& limits) {
  if (file.size() < kFileHeader + kInfoHeader ||
      little<std::uint32_t>(file, kFileHeader) < kInfoHeader) {
    return fail(ErrorCode::unreadable, "BMP rusak atau terpotong (kepala berkas)",
                "the BMP is damaged or cut short (its header)");
  }
  Header h;
  h.width = little<std::int32_t>(file, 18);
  const std::int64_t height = little<std::int32_t>(file, 22);
  h.height = std::abs(height);
  h.bits = little<std::uint16_t>(file, 28);
  const auto compression = little<std::uint32_t>(file, 30);
  constexpr double kInch = 0.0254;  // metres
  h.dpi_x = sane_dpi(little<std::int32_t>(file, 38) * kInch);
  h.dpi_y = sane_dpi(little<std::int32_t>(file, 42) * kInch);
  if (h.width <= 0 || h.height <= 0) {
    return fail(ErrorCode::unreadable, "citra tanpa piksel", "an image without pixels");
  }
  ALIH_CHECK(check_size(static_cast<std::uint64_t>(h.width), static_cast<std::uint64_t>(h.height),
                        limits));
  const bool known = h.bits == 1 || h.bits == 4 || h.bits == 8 || h.bits == 24 || h.bits == 32;
  if (compression != 0 || !known || height < 0) {
    return fail(ErrorCode::unreadable,
                "BMP jenis ini (kompresi {}, {} bit) tidak dibaca; simpan sebagai TIFF atau PNG",
                "this kind of BMP (compression {}, {} bits) is not read; save it as TIFF or PNG",
                {compression, h.bits});
  }
  const auto offset = std::uint64_t{little<std::uint32_t>(file, 10)};
  const auto row =
      (static_cast<std::uint64_t>(h.width) * static_cast<unsigned>(h.bits) + 31) / 32 * 4;
  if (offset < kFileHeader + kInfoHeader || offset > file.size() ||
      row * static_cast<std::uint64_t>(h.height) > file.size() - offset) {
    return fail(ErrorCode::unreadable, "BMP rusak atau terpotong",
                "the BMP is damaged or cut short");
  }
  return h;
}

struct Destroy {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using Picture = std::unique_ptr<Pix, Destroy>;

}  // namespace

Result<std::vector<FrameInfo>> probe_bmp(std::span<const std::byte> file,
                                         const LimitSettings& limits) {
  ALIH_TRY(const auto h, read_header(file, limits));
  FrameInfo f;
  f.width = static_cast<int>(h.width);
  f.height = static_cast<int>(h.height);
  f.dpi_x = h.dpi_x;
  f.dpi_y = h.dpi_y;
  f.format = h.bits == 1    ? PixelFormat::bilevel
             : h.bits >= 24 ? PixelFormat::rgb24
                            : PixelFormat::gray8;
  return std::vector<FrameInfo>{f};
}

Result<Image> decode_bmp(std::span<const std::byte> file, int frame, const LimitSettings& limits) {
  ALIH_TRY(const auto h, read_header(file, limits));
  const auto unreadable = [] {
    return fail(ErrorCode::unreadable, "BMP rusak atau terpotong",
                "the BMP is damaged or cut short");
  };
  if (frame != 0) {
    return fail(ErrorCode::unreadable, "BMP hanya berisi satu halaman",
                "a BMP holds one page only");
  }
  setMsgSeverity(L_SEVERITY_NONE);
  Picture pix(pixReadMemBmp(reinterpret_cast<const l_uint8*>(file.data()), file.size()));
  if (!pix || pixGetWidth(pix.get()) != h.width || pixGetHeight(pix.get()) != h.height) {
    return unreadable();
  }
  const auto width = static_cast<int>(h.width);
  const auto height = static_cast<int>(h.height);
  if (pixGetDepth(pix.get()) == 1) {
    // Leptonica keeps 1 = black, as we do, but a palette may say otherwise.
    if (pixGetColormap(pix.get()) != nullptr) {
      pix.reset(pixRemoveColormap(pix.get(), REMOVE_CMAP_TO_BINARY));
    }
    if (!pix || pixGetDepth(pix.get()) != 1) return unreadable();
    const auto stride = Image::stride_for(PixelFormat::bilevel, width);
    std::vector<std::byte> out(stride * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y) {
      auto* line = pixGetData(pix.get()) + std::ptrdiff_t{y} * pixGetWpl(pix.get());
      for (int x = 0; x < width; ++x) {
        if (GET_DATA_BIT(line, x) != 0) {
          out[stride * static_cast<std::size_t>(y) + static_cast<std::size_t>(x) / 8] |=
              static_cast<std::byte>(0x80U >> (static_cast<unsigned>(x) % 8));
        }
      }
    }
    return Image(PixelFormat::bilevel, width, height, std::move(out), h.dpi_x, h.dpi_y);
  }
  if (pixGetColormap(pix.get()) != nullptr) {
    pix.reset(pixRemoveColormap(pix.get(), REMOVE_CMAP_BASED_ON_SRC));
  }
  const int depth = pix ? pixGetDepth(pix.get()) : 0;
  if (depth < 8) pix.reset(pix ? pixConvertTo8(pix.get(), 0) : nullptr);
  if (!pix) return unreadable();
  const bool color = pixGetDepth(pix.get()) == 32;
  const auto format = color ? PixelFormat::rgb24 : PixelFormat::gray8;
  std::vector<std::byte> out(Image::stride_for(format, width) * static_cast<std::size_t>(height));
  auto* to = out.data();
  for (int y = 0; y < height; ++y) {
    auto* line = pixGetData(pix.get()) + std::ptrdiff_t{y} * pixGetWpl(pix.get());
    for (int x = 0; x < width; ++x) {
      if (!color) {
        *to++ = static_cast<std::byte>(GET_DATA_BYTE(line, x));
        continue;
      }
      l_int32 r = 0;
      l_int32 g = 0;
      l_int32 b = 0;
      extractRGBValues(line[x], &r, &g, &b);
      *to++ = static_cast<std::byte>(r);
      *to++ = static_cast<std::byte>(g);
      *to++ = static_cast<std::byte>(b);
    }
  }
  return Image(format, width, height, std::move(out), h.dpi_x, h.dpi_y);
}

}  // namespace alih::processing
