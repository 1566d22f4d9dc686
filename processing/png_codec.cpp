#include "processing/png_codec.h"

#include <array>
#include <csetjmp>
#include <cstring>

#include <png.h>

#include "processing/codec_limits.h"

namespace alih::processing {
namespace {

struct Source {
  const std::byte* data;
  std::size_t size;
  std::size_t at;
  std::array<char, 200> error;
};

void read_bytes(png_structp png, png_bytep out, std::size_t size) {
  auto* s = static_cast<Source*>(png_get_io_ptr(png));
  if (size > s->size - s->at) png_error(png, "file is cut short");
  std::memcpy(out, s->data + s->at, size);
  s->at += size;
}
void keep_error(png_structp png, png_const_charp text) {
  auto* s = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(s->error.data(), text, s->error.size() - 1);
  png_longjmp(png, 1);
}
void drop_warning(png_structp, png_const_charp) {}

struct Header {
  png_uint_32 width;
  png_uint_32 height;
  int depth;
  int type;
  png_uint_32 per_meter_x;
  png_uint_32 per_meter_y;
};

// Reads the header, and with `out` the pixels as 8 or 16 bit gray or RGB (16 bit big-endian).
// Nothing here has a destructor: libpng jumps out on errors.
bool read_png(Source* source, Header* h, png_bytep out, png_bytepp rows, std::size_t stride) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, source, keep_error, drop_warning);
  if (png == nullptr) return false;
  png_infop info = png_create_info_struct(png);
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {  // NOLINT: libpng's way
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  png_set_read_fn(png, source, read_bytes);
  constexpr int kMostChunks = 256;
  constexpr std::size_t kMostChunkBytes = std::size_t{4} << 20U;  // text bombs end here
  png_set_chunk_cache_max(png, kMostChunks);
  png_set_chunk_malloc_max(png, kMostChunkBytes);
  // Text and profiles are nothing to us: not even inflated. They must be named; without names only
  // chunks that libpng does not know would be left out.
  static const png_byte kSkipped[] = "iCCP\0iTXt\0sPLT\0tEXt\0zTXt";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, kSkipped, 5);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
  png_read_info(png, info);
  h->width = png_get_image_width(png, info);
  h->height = png_get_image_height(png, info);
  h->depth = png_get_bit_depth(png, info);
  h->type = png_get_color_type(png, info);
  h->per_meter_x = png_get_x_pixels_per_meter(png, info);
  h->per_meter_y = png_get_y_pixels_per_meter(png, info);
  if (out != nullptr) {
    if (h->type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (h->type == PNG_COLOR_TYPE_GRAY && h->depth < 8) png_set_expand_gray_1_2_4_to_8(png);
    const bool alpha =
        (h->type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    if (alpha) {
      png_set_tRNS_to_alpha(png);
      png_color_16 white = {};
      white.red = white.green = white.blue = white.gray = h->depth == 16 ? 65535 : 255;
      png_set_background(png, &white, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1.0);
    }
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != stride) png_error(png, "unexpected layout");
    for (png_uint_32 y = 0; y < h->height; ++y) rows[y] = out + stride * y;
    png_read_image(png, rows);
    png_read_end(png, nullptr);
  }
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

tl::unexpected<Error> unreadable(const Source& s) {
  return fail(ErrorCode::unreadable, "PNG rusak atau terpotong ({})",
              "the PNG is damaged or cut short ({})", {s.error.data()});
}

FrameInfo frame_of(const Header& h) {
  FrameInfo f;
  f.width = static_cast<int>(h.width);
  f.height = static_cast<int>(h.height);
  constexpr double kInch = 0.0254;  // metres
  f.dpi_x = sane_dpi(h.per_meter_x * kInch);
  f.dpi_y = sane_dpi(h.per_meter_y * kInch);
  const bool color = (h.type & PNG_COLOR_MASK_COLOR) != 0;
  if (h.depth == 16)
    f.format = color ? PixelFormat::rgb48 : PixelFormat::gray16;
  else if (h.depth == 1 && h.type == PNG_COLOR_TYPE_GRAY)
    f.format = PixelFormat::bilevel;
  else
    f.format = color ? PixelFormat::rgb24 : PixelFormat::gray8;
  return f;
}

}  // namespace

Result<std::vector<FrameInfo>> probe_png(std::span<const std::byte> file,
                                         const LimitSettings& limits) {
  Source source{file.data(), file.size(), 0, {}};
  Header h{};
  if (!read_png(&source, &h, nullptr, nullptr, 0)) return unreadable(source);
  ALIH_CHECK(check_size(h.width, h.height, limits));
  return std::vector<FrameInfo>{frame_of(h)};
}

Result<Image> decode_png(std::span<const std::byte> file, int frame, const LimitSettings& limits) {
  ALIH_TRY(const auto frames, probe_png(file, limits));
  if (frame != 0) {
    return fail(ErrorCode::unreadable, "PNG hanya berisi satu halaman",
                "a PNG holds one page only");
  }
  const auto& f = frames.front();
  // Fewer than 8 bits are read as 8 and packed again.
  const bool bilevel = f.format == PixelFormat::bilevel;
  const auto as = bilevel ? PixelFormat::gray8 : f.format;
  const auto stride = Image::stride_for(as, f.width);
  std::vector<std::byte> pixels(stride * static_cast<std::size_t>(f.height));
  std::vector<png_bytep> rows(static_cast<std::size_t>(f.height));
  Source source{file.data(), file.size(), 0, {}};
  Header h{};
  if (!read_png(&source, &h, reinterpret_cast<png_bytep>(pixels.data()), rows.data(), stride)) {
    return unreadable(source);
  }
  if (h.depth == 16) {
    for (std::size_t i = 0; i + 1 < pixels.size(); i += 2) {
      const auto value = static_cast<std::uint16_t>(std::to_integer<unsigned>(pixels[i]) << 8U |
                                                    std::to_integer<unsigned>(pixels[i + 1]));
      std::memcpy(pixels.data() + i, &value, 2);
    }
  }
  if (bilevel) {
    const auto packed_stride = Image::stride_for(PixelFormat::bilevel, f.width);
    std::vector<std::byte> packed(packed_stride * static_cast<std::size_t>(f.height));
    for (std::size_t y = 0; y < static_cast<std::size_t>(f.height); ++y) {
      for (std::size_t x = 0; x < static_cast<std::size_t>(f.width); ++x) {
        if (std::to_integer<unsigned>(pixels[stride * y + x]) < 128) {
          packed[packed_stride * y + x / 8] |= static_cast<std::byte>(0x80U >> (x % 8));
        }
      }
    }
    pixels = std::move(packed);
  }
  return Image(f.format, f.width, f.height, std::move(pixels), f.dpi_x, f.dpi_y);
}

}  // namespace alih::processing
