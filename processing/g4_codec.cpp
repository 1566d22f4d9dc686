#include <cstdint>

#include <tiffio.h>

#include "processing/pixels.h"
#include "processing/tiff_codec.h"
#include "processing/tiff_memory.h"

namespace alih::processing {

Result<std::vector<std::byte>> encode_g4(const Image& image) {
  const Image bilevel = to_bilevel(image);
  std::vector<std::byte> file;
  TiffMemory m;
  m.written = &file;
  const auto failed = [&m] {
    return fail(ErrorCode::internal, "G4 tidak dapat dibuat: {}", "G4 data cannot be made: {}",
                {m.error});
  };
  {
    const auto t = open_tiff(m, "wm");
    if (!t) return failed();
    const auto set = [&](std::uint32_t tag, auto value) { TIFFSetField(t.get(), tag, value); };
    set(TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(bilevel.width()));
    set(TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(bilevel.height()));
    set(TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(bilevel.height()));
    set(TIFFTAG_BITSPERSAMPLE, 1);
    set(TIFFTAG_SAMPLESPERPIXEL, 1);
    set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    set(TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
    std::vector<std::byte> rows(bilevel.bytes().begin(), bilevel.bytes().end());
    if (TIFFWriteEncodedStrip(t.get(), 0, rows.data(), static_cast<tmsize_t>(rows.size())) < 0) {
      return failed();
    }
  }
  TiffMemory back;
  back.read = file;
  const auto t = open_tiff(back, "rm");
  if (!t) return failed();
  std::vector<std::byte> out(TIFFRawStripSize64(t.get(), 0));
  const auto size = TIFFReadRawStrip(t.get(), 0, out.data(), static_cast<tmsize_t>(out.size()));
  if (size <= 0 || !m.error.empty()) return failed();
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace alih::processing
