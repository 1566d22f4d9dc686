#include "processing/bend.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace alih::processing {
namespace {

// Corners alone do not tell: a line may sag between them.
template <typename Move>
Box around(const Box& box, int width, int height, Move move) {
  constexpr int kSteps = 16;
  double top = 1e9;
  double bottom = -1e9;
  for (int i = 0; i <= kSteps; ++i) {
    const int x = std::clamp(box.x + box.width * i / kSteps, 0, width - 1);
    top = std::min(top, move(x, box.y));
    bottom = std::max(bottom, move(x, box.y + box.height));
  }
  Box out = box;
  out.y = std::clamp(static_cast<int>(std::floor(top)), 0, std::max(0, height - 1));
  out.height = std::clamp(static_cast<int>(std::ceil(bottom)) - out.y, 1, height - out.y);
  return out;
}

}  // namespace

double Bend::at(int x, double y) const {
  if (empty()) return 0;
  const auto i = static_cast<std::size_t>(std::clamp(x, 0, static_cast<int>(top.size()) - 1));
  return top[i] + (bottom[i] - top[i]) * static_cast<float>(y / height);
}

double Bend::bent_y(int x, double y) const { return y + at(x, y); }

double Bend::flat_y(int x, double y) const {
  if (empty()) return y;
  const auto i = static_cast<std::size_t>(std::clamp(x, 0, static_cast<int>(top.size()) - 1));
  return (y - top[i]) / (1 + (static_cast<double>(bottom[i]) - top[i]) / height);
}

Box Bend::to_bent(const Box& box) const {
  if (empty()) return box;
  return around(box, static_cast<int>(top.size()), height,
                [&](int x, double y) { return bent_y(x, y); });
}

Box Bend::to_flat(const Box& box) const {
  if (empty()) return box;
  return around(box, static_cast<int>(top.size()), height,
                [&](int x, double y) { return flat_y(x, y); });
}

Image laid_flat(const Image& bent, const Bend& bend) {
  if (bend.empty()) return bent;
  const auto samples = static_cast<std::size_t>(samples_per_pixel(bent.format()));
  const auto width = static_cast<std::size_t>(bent.width());
  std::vector<std::byte> out(width * samples * static_cast<std::size_t>(bent.height()));
  const auto last = static_cast<float>(bent.height() - 1);
  for (int y = 0; y < bent.height(); ++y) {
    auto* to = out.data() + width * samples * static_cast<std::size_t>(y);
    // The middle of the pixel is what is moved, and what is looked up.
    const float down = (static_cast<float>(y) + 0.5F) / static_cast<float>(bend.height);
    for (std::size_t x = 0; x < width; ++x) {
      const float at = bend.top[x] + (bend.bottom[x] - bend.top[x]) * down;
      const float from = std::clamp(static_cast<float>(y) + at, 0.0F, last);
      const int row = static_cast<int>(from);
      const int part = static_cast<int>((from - static_cast<float>(row)) * 256);
      const auto* upper = bent.row(row) + x * samples;
      const auto* lower = bent.row(std::min(row + 1, bent.height() - 1)) + x * samples;
      for (std::size_t c = 0; c < samples; ++c) {
        to[x * samples + c] =
            static_cast<std::byte>((upper[c] * (256 - part) + lower[c] * part + 128) >> 8);
      }
    }
  }
  return Image(bent.format(), bent.width(), bent.height(), std::move(out), bent.dpi_x(),
               bent.dpi_y());
}

}  // namespace alih::processing
