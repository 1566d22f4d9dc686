#include "processing/jpeg_codec.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
// jpeglib.h needs stdio first.
#include <jpeglib.h>
// Needs jpeglib.h first.
#include <algorithm>
#include <array>
#include <cstring>

#include <jerror.h>

#include "processing/codec_limits.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

// What libjpeg calls when it gives up. Only functions without destructible locals are jumped over.
struct Trap {
  jpeg_error_mgr base;
  std::jmp_buf back;
  std::array<char, JMSG_LENGTH_MAX> text;
  bool damaged;  // a warning told of lost pixels
  bool in_rows;  // the header was read, pixels are being read
};

constexpr int kMostScans = 200;  // of a progressive file; usual are ten, each costs a whole pass
constexpr long kMostWarnings = 1000;

void give_up(j_common_ptr c) {
  auto* trap = reinterpret_cast<Trap*>(c->err);
  c->err->format_message(c, trap->text.data());
  std::longjmp(trap->back, 1);
}
// "premature end of JPEG file" and broken data are only warnings to libjpeg; to us the page is not
// whole. Odd bytes between the parts of a file, which many devices leave, lose nothing.
void weigh_warning(j_common_ptr c, int level) {
  if (level >= 0) return;
  auto* trap = reinterpret_cast<Trap*>(c->err);
  bool harmless = false;
  switch (c->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_JFIF_MAJOR:
      harmless = true;
      break;
    case JWRN_EXTRANEOUS_DATA: {
      // Between restart markers they are the leavings of rows that were lost.
      const auto* d = c->is_decompressor ? reinterpret_cast<j_decompress_ptr>(c) : nullptr;
      harmless = d == nullptr || d->restart_interval == 0 || !trap->in_rows;
      break;
    }
    default:
      break;
  }
  if (!harmless && !trap->damaged) {
    c->err->format_message(c, trap->text.data());
    trap->damaged = true;
  }
  if (++c->err->num_warnings > kMostWarnings) std::longjmp(trap->back, 1);
}
void limit_scans(j_common_ptr c) {
  if (!c->is_decompressor ||
      reinterpret_cast<j_decompress_ptr>(c)->input_scan_number <= kMostScans) {
    return;
  }
  auto* trap = reinterpret_cast<Trap*>(c->err);
  std::snprintf(trap->text.data(), trap->text.size(), "more than %d scans", kMostScans);
  trap->damaged = true;
  std::longjmp(trap->back, 1);
}
void say_nothing(j_common_ptr) {}

void set_trap(Trap& trap) {
  jpeg_std_error(&trap.base);
  trap.base.error_exit = give_up;
  trap.base.emit_message = weigh_warning;
  trap.base.output_message = say_nothing;
  trap.text[0] = 0;
  trap.damaged = false;
  trap.in_rows = false;
}

struct Header {
  unsigned width = 0;
  unsigned height = 0;
  int components = 0;
  int density_unit = 0;
  int density_x = 0;
  int density_y = 0;
  bool adobe = false;
};

bool read_header(const unsigned char* data, unsigned long size, Header* header, Trap* trap) {
  jpeg_decompress_struct c;
  std::memset(&c, 0, sizeof c);
  set_trap(*trap);
  c.err = &trap->base;
  if (setjmp(trap->back) != 0) {  // NOLINT: libjpeg's way
    jpeg_destroy_decompress(&c);
    return false;
  }
  jpeg_create_decompress(&c);
  jpeg_mem_src(&c, data, size);
  jpeg_read_header(&c, TRUE);
  header->width = c.image_width;
  header->height = c.image_height;
  header->components = c.num_components;
  header->adobe = c.saw_Adobe_marker != 0;
  if (c.saw_JFIF_marker != 0) {
    header->density_unit = c.density_unit;
    header->density_x = c.X_density;
    header->density_y = c.Y_density;
  }
  jpeg_destroy_decompress(&c);
  return true;
}

// Rows of gray, RGB or CMYK into `out`, which is large enough.
bool read_rows(const unsigned char* data, unsigned long size, J_COLOR_SPACE space,
               unsigned char* out, std::size_t stride, Trap* trap) {
  jpeg_decompress_struct c;
  std::memset(&c, 0, sizeof c);
  set_trap(*trap);
  c.err = &trap->base;
  if (setjmp(trap->back) != 0) {  // NOLINT: libjpeg's way
    jpeg_destroy_decompress(&c);
    return false;
  }
  jpeg_create_decompress(&c);
  jpeg_progress_mgr progress;
  std::memset(&progress, 0, sizeof progress);
  progress.progress_monitor = limit_scans;
  c.progress = &progress;
  // A progressive file keeps all coefficients: bounded, so that it cannot take the whole machine.
  c.mem->max_memory_to_use = 512L << 20U;
  jpeg_mem_src(&c, data, size);
  jpeg_read_header(&c, TRUE);
  c.out_color_space = space;
  c.dct_method = JDCT_ISLOW;
  trap->in_rows = true;
  jpeg_start_decompress(&c);
  // After damage the rest would be gray, and a cut file may claim very many rows.
  while (c.output_scanline < c.output_height && !trap->damaged) {
    unsigned char* row = out + stride * c.output_scanline;
    jpeg_read_scanlines(&c, &row, 1);
  }
  trap->in_rows = false;
  if (!trap->damaged) jpeg_finish_decompress(&c);
  jpeg_destroy_decompress(&c);
  return !trap->damaged;
}

struct Exif {
  int orientation = 1;
  double dpi_x = 0;
  double dpi_y = 0;
};

// The few tags of the first directory that matter; every offset is checked, nonsense is ignored.
Exif read_exif(std::span<const std::byte> file) {
  Exif out;
  const auto byte = [&](std::size_t at) {
    return at < file.size() ? std::to_integer<unsigned>(file[at]) : 0U;
  };
  std::size_t at = 2;
  constexpr int kMostMarkers = 200;
  for (int i = 0; i < kMostMarkers && at + 4 < file.size(); ++i) {
    if (byte(at) != 0xFF) return out;
    const auto marker = byte(at + 1);
    if (marker == 0xDA) return out;
    const std::size_t length = byte(at + 2) << 8U | byte(at + 3);
    const auto body = at + 4;
    const bool exif = marker == 0xE1 && length >= 16 && body + 6 < file.size() &&
                      std::memcmp(file.data() + body, "Exif\0\0", 6) == 0;
    at += 2 + length;
    if (!exif) continue;
    const auto base = body + 6;
    const auto end = std::min(file.size(), body + length - 2);
    const bool big = byte(base) == 'M';
    const auto number = [&](std::size_t where, std::size_t bytes) {
      std::uint32_t v = 0;
      if (where + bytes > end) return v;
      for (std::size_t k = 0; k < bytes; ++k) {
        v = v << 8U | byte(where + (big ? k : bytes - 1 - k));
      }
      return v;
    };
    const auto directory = base + number(base + 4, 4);
    const auto entries = std::min(number(directory, 2), 500U);
    double unit = 1;
    const auto rational = [&](std::size_t entry) {
      const auto where = base + number(entry + 8, 4);
      const auto below = number(where + 4, 4);
      return below == 0 ? 0.0 : static_cast<double>(number(where, 4)) / below;
    };
    for (std::uint32_t e = 0; e < entries; ++e) {
      const auto entry = directory + 2 + std::size_t{e} * 12;
      switch (number(entry, 2)) {
        case 0x0112: {
          const auto v = number(entry + 8, 2);
          if (v >= 1 && v <= 8) out.orientation = static_cast<int>(v);
          break;
        }
        case 0x011A:
          out.dpi_x = rational(entry);
          break;
        case 0x011B:
          out.dpi_y = rational(entry);
          break;
        case 0x0128:
          unit = number(entry + 8, 2) == 3 ? 2.54 : 1;
          break;
        default:
          break;
      }
    }
    out.dpi_x = sane_dpi(out.dpi_x * unit);
    out.dpi_y = sane_dpi(out.dpi_y * unit);
    return out;
  }
  return out;
}

const unsigned char* bytes_of(std::span<const std::byte> file) {
  return reinterpret_cast<const unsigned char*>(file.data());
}

tl::unexpected<Error> unreadable(const Trap& trap) {
  return fail(ErrorCode::unreadable, "JPEG rusak atau terpotong ({})",
              "the JPEG is damaged or cut short ({})", {trap.text.data()});
}

FrameInfo frame_of(std::span<const std::byte> file, const Header& h) {
  FrameInfo f;
  f.width = static_cast<int>(h.width);
  f.height = static_cast<int>(h.height);
  f.format = h.components == 1 ? PixelFormat::gray8 : PixelFormat::rgb24;
  const auto exif = read_exif(file);
  f.orientation = exif.orientation;
  constexpr double kInch = 2.54;
  const double scale = h.density_unit == 1 ? 1.0 : h.density_unit == 2 ? kInch : 0.0;
  f.dpi_x = sane_dpi(h.density_x * scale);
  f.dpi_y = sane_dpi(h.density_y * scale);
  if (f.dpi_x <= 0 || f.dpi_y <= 0) {
    f.dpi_x = exif.dpi_x;
    f.dpi_y = exif.dpi_y;
  }
  return f;
}

bool write_rows(const Image& image, J_COLOR_SPACE space, int components, int quality,
                JpegCoding coding, unsigned char** out, unsigned long* size, Trap* trap) {
  jpeg_compress_struct c;
  std::memset(&c, 0, sizeof c);
  set_trap(*trap);
  c.err = &trap->base;
  if (setjmp(trap->back) != 0) {  // NOLINT: libjpeg's way
    jpeg_destroy_compress(&c);
    return false;
  }
  jpeg_create_compress(&c);
  jpeg_mem_dest(&c, out, size);
  c.image_width = static_cast<JDIMENSION>(image.width());
  c.image_height = static_cast<JDIMENSION>(image.height());
  c.input_components = components;
  c.in_color_space = space;
  jpeg_set_defaults(&c);
  jpeg_set_quality(&c, quality, TRUE);
  if (coding == JpegCoding::small) {
    c.optimize_coding = TRUE;
    jpeg_simple_progression(&c);
  }
  if (image.dpi_x() > 0) {
    c.density_unit = 1;
    c.X_density = static_cast<UINT16>(image.dpi_x() + 0.5);
    c.Y_density = static_cast<UINT16>(image.dpi_y() + 0.5);
  }
  jpeg_start_compress(&c, TRUE);
  while (c.next_scanline < c.image_height) {
    auto* row = const_cast<unsigned char*>(image.row(static_cast<int>(c.next_scanline)));  // NOLINT
    jpeg_write_scanlines(&c, &row, 1);
  }
  jpeg_finish_compress(&c);
  jpeg_destroy_compress(&c);
  return true;
}

}  // namespace

Result<std::vector<FrameInfo>> probe_jpeg(std::span<const std::byte> file,
                                          const LimitSettings& limits) {
  Header h;
  Trap trap;
  if (!read_header(bytes_of(file), file.size(), &h, &trap)) return unreadable(trap);
  ALIH_CHECK(check_size(h.width, h.height, limits));
  return std::vector<FrameInfo>{frame_of(file, h)};
}

Result<Image> decode_jpeg(std::span<const std::byte> file, int frame, const LimitSettings& limits) {
  Header h;
  Trap trap;
  if (!read_header(bytes_of(file), file.size(), &h, &trap)) return unreadable(trap);
  ALIH_CHECK(check_size(h.width, h.height, limits));
  if (frame != 0) {
    return fail(ErrorCode::unreadable, "JPEG hanya berisi satu halaman",
                "a JPEG holds one page only");
  }
  const auto f = frame_of(file, h);
  const bool cmyk = h.components == 4;
  const bool gray = h.components == 1;
  const std::size_t samples = cmyk ? 4 : gray ? 1 : 3;
  const auto stride = samples * h.width;
  std::vector<std::byte> rows(stride * h.height);
  if (!read_rows(bytes_of(file), file.size(),
                 cmyk   ? JCS_CMYK
                 : gray ? JCS_GRAYSCALE
                        : JCS_RGB,
                 reinterpret_cast<unsigned char*>(rows.data()), stride, &trap)) {
    return unreadable(trap);
  }
  if (cmyk) {
    std::vector<std::byte> rgb(std::size_t{h.width} * h.height * 3);
    for (std::size_t i = 0; i * 4 < rows.size(); ++i) {
      const auto ink = [&](std::size_t k) {
        const auto v = std::to_integer<unsigned>(rows[i * 4 + k]);
        return h.adobe ? v : 255U - v;  // Adobe writes it upside down
      };
      for (std::size_t k = 0; k < 3; ++k) {
        rgb[i * 3 + k] = static_cast<std::byte>(ink(k) * ink(3) / 255U);
      }
    }
    rows = std::move(rgb);
  }
  return Image(f.format, f.width, f.height, std::move(rows), f.dpi_x, f.dpi_y);
}

Result<std::vector<std::byte>> encode_jpeg(const Image& image, int quality, JpegCoding coding) {
  const Image plain = to_8bit(image);
  const bool gray = plain.format() == PixelFormat::gray8;
  unsigned char* out = nullptr;
  unsigned long size = 0;
  Trap trap;
  const bool done = write_rows(plain, gray ? JCS_GRAYSCALE : JCS_RGB, gray ? 1 : 3, quality, coding,
                               &out, &size, &trap);
  std::vector<std::byte> bytes;
  if (done) {
    const auto* from = reinterpret_cast<const std::byte*>(out);
    bytes.assign(from, from + size);
  }
  std::free(out);  // NOLINT: libjpeg allocated it
  if (!done) {
    return fail(ErrorCode::internal, "JPEG tidak dapat dibuat: {}", "The JPEG cannot be made: {}",
                {trap.text.data()});
  }
  return bytes;
}

}  // namespace alih::processing
