#include "tests/support/drawn_spread.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace alih::testing_support {
namespace {

constexpr double page_margin_mm = 25;  // as draw_page() has it

struct Canvas {
  int width = 0;
  int height = 0;
  std::size_t samples = 1;
  std::vector<std::byte> bytes;
  std::uint8_t get(int x, int y, std::size_t c) const {
    return static_cast<std::uint8_t>(bytes[at(x, y) + c]);
  }
  void put(int x, int y, std::size_t c, double value) {
    bytes[at(x, y) + c] = static_cast<std::byte>(std::lround(std::clamp(value, 0.0, 255.0)));
  }
  std::size_t at(int x, int y) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
            static_cast<std::size_t>(x)) *
           samples;
  }
};

Canvas empty(int width, int height, std::size_t samples, std::uint8_t gray) {
  Canvas out{width, height, samples, {}};
  out.bytes.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * samples,
                   std::byte{gray});
  return out;
}

// Columns `from` to `to` of the page, put at column `x` of the canvas.
void paste(Canvas& canvas, const Image& page, int from, int to, int x, int y) {
  for (int row = 0; row < page.height(); ++row) {
    const auto* first = page.row(row) + static_cast<std::size_t>(from) * canvas.samples;
    const auto count = static_cast<std::size_t>(to - from) * canvas.samples;
    std::copy_n(reinterpret_cast<const std::byte*>(first), count,
                canvas.bytes.begin() + static_cast<std::ptrdiff_t>(canvas.at(x, y + row)));
  }
}

Canvas turned(const Canvas& from, double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  Canvas out = from;
  const double cx = from.width / 2.0;
  const double cy = from.height / 2.0;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const double dx = x - cx;
      const double dy = y - cy;
      const double sx =
          std::clamp(cx + dx * std::cos(angle) - dy * std::sin(angle), 0.0, from.width - 1.001);
      const double sy =
          std::clamp(cy + dx * std::sin(angle) + dy * std::cos(angle), 0.0, from.height - 1.001);
      const int ix = static_cast<int>(sx);
      const int iy = static_cast<int>(sy);
      const double fx = sx - ix;
      const double fy = sy - iy;
      for (std::size_t c = 0; c < out.samples; ++c) {
        out.put(x, y, c,
                (1 - fy) * ((1 - fx) * from.get(ix, iy, c) + fx * from.get(ix + 1, iy, c)) +
                    fy * ((1 - fx) * from.get(ix, iy + 1, c) + fx * from.get(ix + 1, iy + 1, c)));
      }
    }
  }
  return out;
}

}  // namespace

DrawnSpread draw_spread(const SpreadSpec& spec) {
  const auto left = draw_page(spec.left);
  const auto right = draw_page(spec.right);
  if (left.image.format() != right.image.format() || left.image.height() != right.image.height()) {
    throw std::invalid_argument("drawn spread: the pages are not alike");
  }
  const double px_a_mm = spec.left.dpi / 25.4;
  const int trim = static_cast<int>(std::lround((page_margin_mm - spec.inner_mm) * px_a_mm));
  const int frame = spec.dark_border_px;
  const int fold = frame + left.image.width() - trim;
  const std::size_t samples = left.image.format() == PixelFormat::rgb24 ? 3 : 1;
  constexpr std::uint8_t lid = 30;
  auto canvas = empty(fold + right.image.width() - trim + frame, left.image.height() + 2 * frame,
                      samples, lid);
  paste(canvas, left.image, 0, left.image.width() - trim, frame, frame);
  paste(canvas, right.image, trim, right.image.width(), fold, frame);
  const double reach = spec.shadow_mm * px_a_mm;
  for (int y = frame; y < canvas.height - frame; ++y) {
    for (int x = std::max(0, fold - static_cast<int>(reach));
         x < std::min(canvas.width, fold + static_cast<int>(reach)); ++x) {
      const double near = 1 - std::abs(x + 0.5 - fold) / reach;
      const double factor = 1 - spec.shadow * near * near;
      for (std::size_t c = 0; c < samples; ++c) {
        canvas.put(x, y, c, canvas.get(x, y, c) * factor);
      }
    }
  }
  if (spec.skew_deg != 0) canvas = turned(canvas, spec.skew_deg);
  const double angle = spec.skew_deg * std::numbers::pi / 180;
  DrawnSpread out;
  out.fold_x = canvas.width / 2.0 + (fold - canvas.width / 2.0) * std::cos(angle);
  out.image = Image(left.image.format(), canvas.width, canvas.height, std::move(canvas.bytes),
                    spec.left.dpi, spec.left.dpi);
  out.left_lines = left.lines;
  out.right_lines = right.lines;
  return out;
}

SpreadSpec text_spread() {
  SpreadSpec spec;
  const auto page = [](const std::string& side) {
    PageSpec out;
    out.dpi = 150;
    out.size_pt = 14;
    out.paper = 0.93;
    for (int i = 0; i < 7; ++i) {
      out.paragraphs.push_back(
          "Halaman " + side +
          " buku ini memuat catatan perpustakaan daerah tentang arsip sekolah dan surat guru di "
          "Luwuk. Setiap berkas " +
          side + " dicatat dalam daftar, diberi nomor, lalu dipindai lembar demi lembar.");
    }
    return out;
  };
  spec.left = page("kiri");
  spec.right = page("kanan");
  return spec;
}

}  // namespace alih::testing_support
