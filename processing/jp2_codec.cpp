#include "processing/jp2_codec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include <openjpeg.h>

#include "processing/codec_limits.h"

namespace alih::processing {
namespace {

// Big-endian numbers of a file, none behind its end.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool has(std::size_t at, std::size_t size) const {
    return at <= bytes_.size() && size <= bytes_.size() - at;
  }
  // Zero outside the file.
  [[nodiscard]] std::uint64_t number(std::size_t at, std::size_t size) const {
    if (!has(at, size)) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8U | std::to_integer<std::uint64_t>(bytes_[at + i]);
    }
    return value;
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
};

constexpr std::uint64_t box_type(const char (&name)[5]) {
  std::uint64_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(name[i]);
  return value;
}

struct Header {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  std::uint64_t tiles = 0;
  std::uint64_t components = 0;
  bool deep = false;       // a component of more than 8 bits
  double per_meter_x = 0;  // 0 = unknown
  double per_meter_y = 0;
};

// Calls take(type, from, to) for every box in [from, to).
template <typename Take>
void each_box(const Reader& r, std::size_t from, std::size_t to, Take take) {
  constexpr int kMostBoxes = 10000;
  for (int i = 0; i < kMostBoxes && from + 8 <= to; ++i) {
    std::uint64_t size = r.number(from, 4);
    std::size_t head = 8;
    if (size == 1) {
      size = r.number(from + 8, 8);
      head = 16;
    }
    if (size == 0 || size > to - from) size = to - from;  // the last box
    if (size < head) return;
    const auto end = from + size;
    take(r.number(from + 4, 4), from + head, end);
    from = end;
  }
}

double resolution(const Reader& r, std::size_t at) {
  const auto numerator = static_cast<double>(r.number(at, 2));
  const auto denominator = static_cast<double>(r.number(at + 2, 2));
  return denominator > 0 ? numerator / denominator : 0;
}

void read_resolution(const Reader& r, std::size_t from, std::size_t to, Header& h) {
  bool captured = false;
  each_box(r, from, to, [&](std::uint64_t type, std::size_t at, std::size_t end) {
    const bool capture = type == box_type("resc");
    if ((!capture && type != box_type("resd")) || captured || end - at < 10) return;
    captured = capture;
    const auto power = [&](std::size_t where) {
      return std::pow(10.0, static_cast<double>(static_cast<std::int8_t>(r.number(where, 1))));
    };
    h.per_meter_y = resolution(r, at) * power(at + 8);
    h.per_meter_x = resolution(r, at + 4) * power(at + 9);
  });
}

// The codestream's SIZ segment, which begins it.
bool read_siz(const Reader& r, std::size_t at, Header& h) {
  constexpr std::uint64_t kSocSiz = 0xFF4FFF51;
  if (r.number(at, 4) != kSocSiz || !r.has(at, 42)) return false;
  const auto field = [&](std::size_t index) { return r.number(at + 8 + 4 * index, 4); };
  const auto x1 = field(0);
  const auto y1 = field(1);
  const auto x0 = field(2);
  const auto y0 = field(3);
  const auto tile_w = field(4);
  const auto tile_h = field(5);
  const auto tile_x0 = field(6);
  const auto tile_y0 = field(7);
  h.components = r.number(at + 40, 2);
  if (x1 <= x0 || y1 <= y0 || tile_w == 0 || tile_h == 0 || tile_x0 > x0 || tile_y0 > y0 ||
      h.components == 0 || !r.has(at + 42, h.components * 3)) {
    return false;
  }
  h.width = x1 - x0;
  h.height = y1 - y0;
  h.tiles = ((x1 - tile_x0 + tile_w - 1) / tile_w) * ((y1 - tile_y0 + tile_h - 1) / tile_h);
  for (std::size_t c = 0; c < h.components; ++c) {
    const auto depth = (r.number(at + 42 + c * 3, 1) & 0x7FU) + 1;
    h.deep = h.deep || depth > 8;
    // Steps of this component's samples; a first component that is not whole has no page's shape.
    if (r.number(at + 43 + c * 3, 1) == 0 || r.number(at + 44 + c * 3, 1) == 0) return false;
  }
  return true;
}

bool is_codestream(std::span<const std::byte> file) {
  return file.size() > 4 && file[0] == std::byte{0xFF} && file[1] == std::byte{0x4F};
}

Result<Header> read_header(std::span<const std::byte> file, const LimitSettings& limits) {
  const Reader r(file);
  Header h;
  bool found = false;
  if (is_codestream(file)) {
    found = read_siz(r, 0, h);
  } else {
    each_box(r, 0, r.size(), [&](std::uint64_t type, std::size_t at, std::size_t end) {
      if (type == box_type("jp2h")) {
        each_box(r, at, end, [&](std::uint64_t inner, std::size_t from, std::size_t to) {
          if (inner == box_type("res ")) read_resolution(r, from, to, h);
        });
      } else if (type == box_type("jp2c") && !found) {
        found = read_siz(r, at, h);
      }
    });
  }
  if (!found) {
    return fail(ErrorCode::unreadable, "JPEG 2000 rusak atau terpotong (kepala berkas)",
                "the JPEG 2000 file is damaged or cut short (its header)");
  }
  ALIH_CHECK(check_size(h.width, h.height, limits));
  // The decoder keeps four bytes a sample: this much fits a worker's 1 GiB. More tiles than that
  // are no page, and each costs memory before its first pixel.
  constexpr std::uint64_t kMostSamples = std::uint64_t{180} * 1000 * 1000;
  constexpr std::uint64_t kMostTiles = 65535;
  constexpr std::uint64_t kMostComponents = 4;
  if (h.width * h.height * std::min(h.components, kMostComponents) > kMostSamples ||
      h.tiles > kMostTiles) {
    return fail(ErrorCode::too_large,
                "JPEG 2000 {} x {} piksel, {} komponen, {} ubin terlalu besar untuk dibaca",
                "a JPEG 2000 image of {} x {} pixels, {} components, {} tiles is too large to read",
                {h.width, h.height, h.components, h.tiles});
  }
  if (h.components > kMostComponents) {
    return fail(ErrorCode::unreadable, "JPEG 2000 dengan {} komponen bukan halaman",
                "a JPEG 2000 image of {} components is no page", {h.components});
  }
  return h;
}

FrameInfo frame_of(const Header& h) {
  FrameInfo f;
  f.width = static_cast<int>(h.width);
  f.height = static_cast<int>(h.height);
  constexpr double kInch = 0.0254;  // metres
  f.dpi_x = sane_dpi(h.per_meter_x * kInch);
  f.dpi_y = sane_dpi(h.per_meter_y * kInch);
  const bool color = h.components >= 3;
  f.format = h.deep ? (color ? PixelFormat::rgb48 : PixelFormat::gray16)
                    : (color ? PixelFormat::rgb24 : PixelFormat::gray8);
  return f;
}

struct Source {
  std::span<const std::byte> bytes;
  std::size_t at = 0;
  std::string error;
};

OPJ_SIZE_T read_some(void* buffer, OPJ_SIZE_T size, void* user) {
  auto& s = *static_cast<Source*>(user);
  const auto n = std::min<std::size_t>(size, s.bytes.size() - s.at);
  if (n == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(buffer, s.bytes.data() + s.at, n);
  s.at += n;
  return n;
}
OPJ_OFF_T skip(OPJ_OFF_T size, void* user) {
  auto& s = *static_cast<Source*>(user);
  if (size < 0 || static_cast<std::uint64_t>(size) > s.bytes.size() - s.at) return -1;
  s.at += static_cast<std::size_t>(size);
  return size;
}
OPJ_BOOL seek(OPJ_OFF_T at, void* user) {
  auto& s = *static_cast<Source*>(user);
  if (at < 0 || static_cast<std::uint64_t>(at) > s.bytes.size()) return OPJ_FALSE;
  s.at = static_cast<std::size_t>(at);
  return OPJ_TRUE;
}
void keep_message(const char* text, void* user) {
  auto& s = *static_cast<Source*>(user);
  if (!s.error.empty()) return;
  s.error = text;
  while (!s.error.empty() && (s.error.back() == '\n' || s.error.back() == ' ')) s.error.pop_back();
}
// OpenJPEG only warns of packets that are not there, and gives gray or blurred tiles for them.
void weigh_warning(const char* text, void* user) {
  const std::string_view said(text);
  for (const std::string_view lost :
       {"truncated", "too short", "inconsistent", "orrupt", "xpected", "segment too long"}) {
    if (said.find(lost) != std::string_view::npos) return keep_message(text, user);
  }
}
void drop_message(const char*, void*) {}

// OpenJPEG's streams and codecs are both void*.
struct DestroyStream {
  using pointer = opj_stream_t*;
  void operator()(pointer s) const { opj_stream_destroy(s); }
};
struct DestroyCodec {
  using pointer = opj_codec_t*;
  void operator()(pointer c) const { opj_destroy_codec(c); }
};
struct DestroyImage {
  void operator()(opj_image_t* i) const { opj_image_destroy(i); }
};

tl::unexpected<Error> unreadable(const Source& s) {
  return fail(ErrorCode::unreadable, "JPEG 2000 rusak atau terpotong ({})",
              "the JPEG 2000 file is damaged or cut short ({})",
              {s.error.empty() ? std::string("OpenJPEG") : s.error});
}

// One sample of a component at a pixel of the whole image, 0 to `most`.
struct Channel {
  const opj_image_comp_t* c;
  int bits;  // wanted

  [[nodiscard]] unsigned at(std::uint32_t x, std::uint32_t y) const {
    const auto cx = std::min(x / c->dx, c->w - 1);
    const auto cy = std::min(y / c->dy, c->h - 1);
    std::int64_t v = c->data[std::size_t{cy} * c->w + cx];
    if (c->sgnd != 0) v += std::int64_t{1} << (c->prec - 1);
    const auto most = (std::int64_t{1} << c->prec) - 1;
    v = std::clamp<std::int64_t>(v, 0, most);
    const auto wanted = (std::int64_t{1} << bits) - 1;
    return static_cast<unsigned>(most == wanted ? v : (v * wanted + most / 2) / most);
  }
};

Image to_pixels(const opj_image_t& image, const FrameInfo& f) {
  const int bits = bits_per_sample(f.format);
  const auto colors = static_cast<std::uint32_t>(samples_per_pixel(f.format));
  std::array<Channel, 4> channels{};
  for (std::uint32_t i = 0; i < std::min(image.numcomps, 4U); ++i) {
    channels[i] = {&image.comps[i], bits};
  }
  const int alpha_at = image.numcomps == colors + 1 ? static_cast<int>(colors) : -1;
  const bool ycc = colors == 3 && image.color_space == OPJ_CLRSPC_SYCC;
  const double most = static_cast<double>((1U << static_cast<unsigned>(bits)) - 1);
  const auto width = static_cast<std::uint32_t>(f.width);
  const auto height = static_cast<std::uint32_t>(f.height);
  std::vector<std::byte> out(Image::stride_for(f.format, f.width) * height);
  std::byte* to = out.data();
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      std::array<double, 3> v{};
      for (std::uint32_t i = 0; i < colors; ++i) v[i] = channels[i].at(x, y);
      if (ycc) {  // ITU-R BT.601, full range
        const double cb = v[1] - (most + 1) / 2;
        const double cr = v[2] - (most + 1) / 2;
        v = {v[0] + 1.402 * cr, v[0] - 0.344136 * cb - 0.714136 * cr, v[0] + 1.772 * cb};
      }
      if (alpha_at >= 0) {  // over white paper
        const double a = channels[static_cast<std::size_t>(alpha_at)].at(x, y) / most;
        for (auto& sample : v) sample = sample * a + most * (1 - a);
      }
      for (std::uint32_t i = 0; i < colors; ++i) {
        const auto value = static_cast<std::uint16_t>(std::clamp(v[i] + 0.5, 0.0, most));
        if (bits == 16) {
          std::memcpy(to, &value, 2);
          to += 2;
        } else {
          *to++ = static_cast<std::byte>(value);
        }
      }
    }
  }
  return Image(f.format, f.width, f.height, std::move(out), f.dpi_x, f.dpi_y);
}

}  // namespace

Result<std::vector<FrameInfo>> probe_jp2(std::span<const std::byte> file,
                                         const LimitSettings& limits) {
  ALIH_TRY(const auto header, read_header(file, limits));
  return std::vector<FrameInfo>{frame_of(header)};
}

Result<Image> decode_jp2(std::span<const std::byte> file, int frame, const LimitSettings& limits) {
  ALIH_TRY(const auto header, read_header(file, limits));
  if (frame != 0) {
    return fail(ErrorCode::unreadable, "JPEG 2000 hanya berisi satu halaman",
                "a JPEG 2000 file holds one page only");
  }
  auto f = frame_of(header);
  Source source{file, 0, {}};
  const std::unique_ptr<opj_stream_t, DestroyStream> stream(opj_stream_default_create(OPJ_TRUE));
  const std::unique_ptr<opj_codec_t, DestroyCodec> codec(
      opj_create_decompress(is_codestream(file) ? OPJ_CODEC_J2K : OPJ_CODEC_JP2));
  if (!stream || !codec) return unreadable(source);
  opj_stream_set_read_function(stream.get(), read_some);
  opj_stream_set_skip_function(stream.get(), skip);
  opj_stream_set_seek_function(stream.get(), seek);
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), file.size());
  opj_set_error_handler(codec.get(), keep_message, &source);
  opj_set_warning_handler(codec.get(), weigh_warning, &source);
  opj_set_info_handler(codec.get(), drop_message, nullptr);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (opj_setup_decoder(codec.get(), &parameters) == OPJ_FALSE) return unreadable(source);
  opj_image_t* raw = nullptr;
  const bool headed = opj_read_header(stream.get(), codec.get(), &raw) == OPJ_TRUE;
  const std::unique_ptr<opj_image_t, DestroyImage> image(raw);
  if (!headed || opj_decode(codec.get(), stream.get(), image.get()) == OPJ_FALSE ||
      opj_end_decompress(codec.get(), stream.get()) == OPJ_FALSE || !source.error.empty()) {
    return unreadable(source);
  }
  // A palette makes three components of one: the decoded image decides.
  if (image->numcomps >= 3) {
    f.format = header.deep ? PixelFormat::rgb48 : PixelFormat::rgb24;
  }
  for (std::uint32_t i = 0; i < image->numcomps; ++i) {
    const auto& c = image->comps[i];
    if (c.data == nullptr || c.w == 0 || c.h == 0 || c.dx == 0 || c.dy == 0 || c.prec == 0 ||
        c.prec > 31) {
      return unreadable(source);
    }
  }
  return to_pixels(*image, f);
}

}  // namespace alih::processing
