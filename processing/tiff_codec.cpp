#include "processing/tiff_codec.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <set>
#include <string_view>

#include <tiffio.h>

#include "processing/codec_limits.h"
#include "processing/tiff_memory.h"

namespace alih::processing {
namespace {

using Memory = TiffMemory;

tl::unexpected<Error> unreadable(const Memory& m) {
  return fail(ErrorCode::unreadable, "TIFF rusak ({})", "the TIFF is damaged ({})",
              {m.error.empty() ? std::string("libtiff") : m.error});
}

// Which image directories are pages, by our own eyes: libtiff follows loops for a long time.
// Reduced copies of a page (NewSubfileType) are none, unless there is nothing else.
Result<std::vector<tdir_t>> page_directories(std::span<const std::byte> file,
                                             const LimitSettings& limits) {
  const auto byte = [&](std::uint64_t at) {
    return at < file.size() ? std::to_integer<std::uint64_t>(file[at]) : 0;
  };
  const bool big_endian = byte(0) == 'M';
  const auto number = [&](std::uint64_t at, unsigned bytes) {
    std::uint64_t v = 0;
    for (unsigned i = 0; i < bytes; ++i) v = v << 8U | byte(at + (big_endian ? i : bytes - 1 - i));
    return v;
  };
  const bool big = number(2, 2) == 43;
  std::uint64_t offset = big ? number(8, 8) : number(4, 4);
  std::set<std::uint64_t> seen;
  std::vector<tdir_t> pages;
  while (offset != 0) {
    if (offset > file.size() || file.size() - offset < (big ? 8U : 2U)) {
      if (seen.empty()) {
        return fail(ErrorCode::unreadable, "TIFF terpotong: daftar halaman di luar berkas",
                    "the TIFF is cut short: its directory lies outside the file");
      }
      // The pages before can still be read. The lost one is counted, so that its loss is seen:
      // reading it fails.
      pages.push_back(static_cast<tdir_t>(seen.size()));
      return pages;
    }
    if (!seen.insert(offset).second) {
      return fail(ErrorCode::unreadable, "TIFF rusak: daftar halamannya berputar",
                  "the TIFF is damaged: its chain of pages is a loop");
    }
    if (seen.size() > static_cast<std::size_t>(limits.max_frames)) {
      return fail(ErrorCode::too_large, "lebih dari {} halaman dalam satu berkas",
                  "more than {} pages in one file", {limits.max_frames});
    }
    const auto entries = big ? number(offset, 8) : number(offset, 2);
    if (entries > 4096) {
      return fail(ErrorCode::unreadable, "TIFF rusak: daftar halaman tidak wajar",
                  "the TIFF is damaged: a directory is not sensible");
    }
    const std::uint64_t head = big ? 8 : 2;
    const std::uint64_t size = big ? 20 : 12;
    bool reduced = false;
    for (std::uint64_t i = 0; i < entries; ++i) {
      const auto entry = offset + head + i * size;
      if (number(entry, 2) != TIFFTAG_SUBFILETYPE) continue;
      reduced = (number(entry + size - (big ? 8 : 4), 4) & FILETYPE_REDUCEDIMAGE) != 0;
    }
    if (!reduced) pages.push_back(static_cast<tdir_t>(seen.size() - 1));
    const auto next = offset + head + entries * size;
    offset = big ? number(next, 8) : number(next, 4);
  }
  if (seen.empty()) {
    return fail(ErrorCode::unreadable, "TIFF tanpa halaman", "a TIFF without pages");
  }
  if (pages.empty()) {
    for (std::size_t i = 0; i < seen.size(); ++i) pages.push_back(static_cast<tdir_t>(i));
  }
  return pages;
}

struct Layout {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t bits = 1;
  std::uint16_t samples = 1;
  std::uint16_t photometric = PHOTOMETRIC_MINISWHITE;
  std::uint16_t planar = PLANARCONFIG_CONTIG;
  std::uint16_t compression = COMPRESSION_NONE;
  std::uint16_t sample_format = SAMPLEFORMAT_UINT;
  std::uint16_t orientation = 1;
  double dpi_x = 0;
  double dpi_y = 0;
};

Layout layout_of(TIFF* t) {
  Layout l;
  TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &l.width);
  TIFFGetField(t, TIFFTAG_IMAGELENGTH, &l.height);
  TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &l.bits);
  TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, &l.samples);
  TIFFGetFieldDefaulted(t, TIFFTAG_PLANARCONFIG, &l.planar);
  TIFFGetFieldDefaulted(t, TIFFTAG_COMPRESSION, &l.compression);
  TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLEFORMAT, &l.sample_format);
  TIFFGetField(t, TIFFTAG_PHOTOMETRIC, &l.photometric);
  std::uint16_t orientation = 1;
  if (TIFFGetField(t, TIFFTAG_ORIENTATION, &orientation) != 0 && orientation >= 1 &&
      orientation <= 8) {
    l.orientation = orientation;
  }
  float x = 0;
  float y = 0;
  std::uint16_t unit = RESUNIT_INCH;
  TIFFGetFieldDefaulted(t, TIFFTAG_RESOLUTIONUNIT, &unit);
  constexpr double kInch = 2.54;
  const double scale = unit == RESUNIT_CENTIMETER ? kInch : unit == RESUNIT_INCH ? 1.0 : 0.0;
  if (TIFFGetField(t, TIFFTAG_XRESOLUTION, &x) != 0) l.dpi_x = sane_dpi(double{x} * scale);
  if (TIFFGetField(t, TIFFTAG_YRESOLUTION, &y) != 0) l.dpi_y = sane_dpi(double{y} * scale);
  return l;
}

bool is_gray(const Layout& l) {
  return l.photometric == PHOTOMETRIC_MINISWHITE || l.photometric == PHOTOMETRIC_MINISBLACK;
}

// Whether the rows can be taken as they are; the rest goes through libtiff's RGBA converter.
bool is_plain(const Layout& l) {
  if (l.sample_format != SAMPLEFORMAT_UINT || l.planar != PLANARCONFIG_CONTIG) return false;
  if (is_gray(l) && l.samples == 1) {
    return l.bits == 1 || l.bits == 2 || l.bits == 4 || l.bits == 8 || l.bits == 16;
  }
  return l.photometric == PHOTOMETRIC_RGB && l.samples == 3 && (l.bits == 8 || l.bits == 16);
}

PixelFormat pixel_format(const Layout& l) {
  if (!is_plain(l)) return PixelFormat::rgb24;
  if (l.photometric == PHOTOMETRIC_RGB)
    return l.bits == 16 ? PixelFormat::rgb48 : PixelFormat::rgb24;
  return l.bits == 1    ? PixelFormat::bilevel
         : l.bits == 16 ? PixelFormat::gray16
                        : PixelFormat::gray8;
}

// Rows in the file's own layout, from strips or tiles.
Result<std::vector<std::byte>> packed_rows(TIFF* t, const Layout& l, const Memory& m) {
  const std::size_t row = TIFFScanlineSize64(t);
  const auto expected = (std::size_t{l.width} * l.samples * l.bits + 7) / 8;
  if (row != expected) return unreadable(m);
  std::vector<std::byte> rows(row * l.height);
  if (TIFFIsTiled(t) == 0) {
    for (std::uint32_t y = 0; y < l.height; ++y) {
      if (TIFFReadScanline(t, rows.data() + row * y, y, 0) != 1) return unreadable(m);
    }
    return rows;
  }
  std::uint32_t tile_width = 0;
  std::uint32_t tile_height = 0;
  TIFFGetField(t, TIFFTAG_TILEWIDTH, &tile_width);
  TIFFGetField(t, TIFFTAG_TILELENGTH, &tile_height);
  const std::size_t tile_row = TIFFTileRowSize64(t);
  const std::size_t tile_size = TIFFTileSize64(t);
  constexpr std::size_t kMostTile = std::size_t{1} << 28U;
  if (tile_width == 0 || tile_height == 0 || tile_size == 0 || tile_size > kMostTile ||
      tile_row * tile_height > tile_size || (tile_width * l.samples * l.bits) % 8 != 0) {
    return unreadable(m);
  }
  std::vector<std::byte> tile(tile_size);
  for (std::uint32_t y = 0; y < l.height; y += tile_height) {
    for (std::uint32_t x = 0; x < l.width; x += tile_width) {
      if (TIFFReadTile(t, tile.data(), x, y, 0, 0) < 0) return unreadable(m);
      const auto from = std::size_t{x} * l.samples * l.bits / 8;
      const auto bytes = std::min(tile_row, row - from);
      for (std::uint32_t k = 0; k < tile_height && y + k < l.height; ++k) {
        std::memcpy(rows.data() + row * (y + k) + from, tile.data() + tile_row * k, bytes);
      }
    }
  }
  return rows;
}

Image widen(const Layout& l, const std::vector<std::byte>& rows) {
  const auto row = (std::size_t{l.width} * l.bits + 7) / 8;
  const unsigned most = (1U << l.bits) - 1;
  std::vector<std::byte> out(std::size_t{l.width} * l.height);
  for (std::uint32_t y = 0; y < l.height; ++y) {
    for (std::uint32_t x = 0; x < l.width; ++x) {
      const auto bit = std::size_t{x} * l.bits;
      const auto byte = std::to_integer<unsigned>(rows[row * y + bit / 8]);
      const auto value = (byte >> (8 - l.bits - bit % 8)) & most;
      out[std::size_t{l.width} * y + x] = static_cast<std::byte>(value * 255 / most);
    }
  }
  return Image(PixelFormat::gray8, static_cast<int>(l.width), static_cast<int>(l.height),
               std::move(out), l.dpi_x, l.dpi_y);
}

Result<Image> read_plain(TIFF* t, const Layout& l, const Memory& m) {
  ALIH_TRY(auto rows, packed_rows(t, l, m));
  // Ours: 1 bit with 1 = black, more bits with 0 = black.
  const bool invert =
      l.photometric == (l.bits == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_MINISWHITE);
  if (is_gray(l) && invert) {
    for (auto& b : rows) b = ~b;
  }
  if (l.bits == 2 || l.bits == 4) return widen(l, rows);
  if (l.bits == 1 && l.width % 8 != 0) {
    const auto row = (std::size_t{l.width} + 7) / 8;
    const auto keep = static_cast<std::byte>(0xFFU << (8 - l.width % 8));
    for (std::uint32_t y = 0; y < l.height; ++y) rows[row * (y + 1) - 1] &= keep;
  }
  return Image(pixel_format(l), static_cast<int>(l.width), static_cast<int>(l.height),
               std::move(rows), l.dpi_x, l.dpi_y);
}

// Palette, transparency, YCbCr, CMYK, separate planes and the rest.
Result<Image> read_converted(TIFF* t, const Layout& l, const Memory& m) {
  // libtiff wants four bytes a pixel beside our three: within a worker's 1 GiB.
  constexpr std::size_t kMostPixels = std::size_t{120} * 1000 * 1000;
  if (std::size_t{l.width} * l.height > kMostPixels) {
    return fail(ErrorCode::too_large,
                "TIFF {} x {} piksel dalam bentuk warna ini terlalu besar untuk dibaca",
                "a TIFF of {} x {} pixels in this kind of colour is too large to be read",
                {l.width, l.height});
  }
  std::vector<std::uint32_t> pixels(std::size_t{l.width} * l.height);
  // Asking for the orientation that the file has: the rows come as they are stored.
  if (TIFFReadRGBAImageOriented(t, l.width, l.height, pixels.data(), l.orientation, 1) != 1 ||
      !m.error.empty()) {
    return unreadable(m);
  }
  std::vector<std::byte> out(pixels.size() * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const unsigned alpha = TIFFGetA(pixels[i]);
    const auto over_white = [&](unsigned v) {  // libtiff gives premultiplied colour
      return static_cast<std::byte>(std::min(255U, v + 255U - alpha));
    };
    out[i * 3] = over_white(TIFFGetR(pixels[i]));
    out[i * 3 + 1] = over_white(TIFFGetG(pixels[i]));
    out[i * 3 + 2] = over_white(TIFFGetB(pixels[i]));
  }
  return Image(PixelFormat::rgb24, static_cast<int>(l.width), static_cast<int>(l.height),
               std::move(out), l.dpi_x, l.dpi_y);
}

}  // namespace

Result<std::vector<FrameInfo>> probe_tiff(std::span<const std::byte> file,
                                          const LimitSettings& limits) {
  ALIH_TRY(const auto pages, page_directories(file, limits));
  Memory m;
  m.read = file;
  const auto t = open_tiff(m, "rm");
  if (!t) return unreadable(m);
  std::vector<FrameInfo> frames;
  tdir_t at = 0;
  for (const auto page : pages) {
    bool there = true;
    for (; there && at < page; ++at) there = TIFFReadDirectory(t.get()) == 1;
    if (!there) {
      // Pages that cannot be reached stay in the list, empty: reading them says why.
      frames.resize(pages.size());
      break;
    }
    const auto l = layout_of(t.get());
    ALIH_CHECK(check_size(l.width, l.height, limits));
    frames.push_back({static_cast<int>(l.width), static_cast<int>(l.height), l.dpi_x, l.dpi_y,
                      pixel_format(l), l.orientation});
  }
  return frames;
}

Result<Image> decode_tiff(std::span<const std::byte> file, int frame, const LimitSettings& limits) {
  ALIH_TRY(const auto pages, page_directories(file, limits));
  Memory m;
  m.read = file;
  const auto t = open_tiff(m, "rm");
  if (!t) return unreadable(m);
  const auto index = static_cast<std::size_t>(frame);
  if (frame < 0 || index >= pages.size() ||
      (pages[index] > 0 && TIFFSetDirectory(t.get(), pages[index]) != 1)) {
    return fail(ErrorCode::unreadable, "TIFF rusak atau terpotong: halaman {} tidak ada",
                "the TIFF is damaged or cut short: page {} is not there", {frame + 1});
  }
  auto l = layout_of(t.get());
  ALIH_CHECK(check_size(l.width, l.height, limits));
  if (l.compression == COMPRESSION_JPEG && l.photometric == PHOTOMETRIC_YCBCR &&
      l.planar == PLANARCONFIG_CONTIG) {
    TIFFSetField(t.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    l.photometric = PHOTOMETRIC_RGB;
  }
  auto image = is_plain(l) ? read_plain(t.get(), l, m) : read_converted(t.get(), l, m);
  if (image && !m.error.empty()) return unreadable(m);
  return image;
}

Result<std::vector<std::byte>> encode_tiff(const Image& image, const TiffTags& tags,
                                           TiffCompression compression) {
  std::vector<std::byte> out;
  Memory m;
  m.written = &out;
  auto t = open_tiff(m, "wm");
  const bool bilevel = image.format() == PixelFormat::bilevel;
  const auto set = [&](std::uint32_t tag, auto value) { TIFFSetField(t.get(), tag, value); };
  const auto set_text = [&](std::uint32_t tag, const std::string& text) {
    if (!text.empty()) TIFFSetField(t.get(), tag, text.c_str());
  };
  if (!t) return unreadable(m);
  set(TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(image.width()));
  set(TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(image.height()));
  set(TIFFTAG_BITSPERSAMPLE, bits_per_sample(image.format()));
  set(TIFFTAG_SAMPLESPERPIXEL, samples_per_pixel(image.format()));
  set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  set(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  set(TIFFTAG_PHOTOMETRIC, bilevel                                  ? PHOTOMETRIC_MINISWHITE
                           : samples_per_pixel(image.format()) == 3 ? PHOTOMETRIC_RGB
                                                                    : PHOTOMETRIC_MINISBLACK);
  if (bilevel) {
    set(TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
  } else if (compression == TiffCompression::none) {
    set(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  } else {
    set(TIFFTAG_COMPRESSION,
        compression == TiffCompression::lzw ? COMPRESSION_LZW : COMPRESSION_ADOBE_DEFLATE);
    set(TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    // Level 1: a scanner waits for nobody, and the rest gains little (measured).
    if (compression == TiffCompression::deflate) set(TIFFTAG_ZIPQUALITY, 1);
  }
  if (image.dpi_x() > 0 && image.dpi_y() > 0) {
    set(TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    set(TIFFTAG_XRESOLUTION, image.dpi_x());
    set(TIFFTAG_YRESOLUTION, image.dpi_y());
  }
  set_text(TIFFTAG_DOCUMENTNAME, tags.document_name);
  set_text(TIFFTAG_IMAGEDESCRIPTION, tags.image_description);
  set_text(TIFFTAG_MAKE, tags.make);
  set_text(TIFFTAG_MODEL, tags.model);
  set_text(TIFFTAG_SOFTWARE, tags.software);
  set_text(TIFFTAG_DATETIME, tags.date_time);
  set_text(TIFFTAG_ARTIST, tags.artist);
  TIFFSetField(t.get(), TIFFTAG_PAGENUMBER, tags.page, tags.pages);
  // libtiff's 8 KiB strips would make a thousand of them a page, and each costs a dictionary.
  constexpr std::size_t kStripBytes = std::size_t{256} << 10U;
  const auto rows =
      std::max<std::size_t>(1, kStripBytes / std::max<std::size_t>(1, image.stride()));
  set(TIFFTAG_ROWSPERSTRIP,
      static_cast<std::uint32_t>(std::min(rows, static_cast<std::size_t>(image.height()))));
  std::vector<std::byte> row(image.stride());
  for (int y = 0; y < image.height(); ++y) {
    std::memcpy(row.data(), image.row(y), row.size());  // the predictor works in place
    if (TIFFWriteScanline(t.get(), row.data(), static_cast<std::uint32_t>(y), 0) != 1) break;
  }
  if (TIFFFlush(t.get()) != 1 && m.error.empty()) m.error = "libtiff";
  t.reset();
  if (!m.error.empty()) {
    return fail(ErrorCode::internal, "TIFF tidak dapat dibuat: {}", "The TIFF cannot be made: {}",
                {m.error});
  }
  return out;
}

}  // namespace alih::processing
