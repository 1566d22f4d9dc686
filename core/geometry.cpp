#include "core/geometry.h"

#include <algorithm>
#include <cmath>

namespace alih {

Box mapped(const Affine& map, const Box& box, int width, int height) {
  const double right = box.x + box.width;
  const double bottom = box.y + box.height;
  const std::array<std::array<double, 2>, 4> corners{
      map.apply(box.x, box.y), map.apply(right, box.y), map.apply(box.x, bottom),
      map.apply(right, bottom)};
  const auto range = [&](std::size_t axis, int size) {
    double low = corners[0][axis];
    double high = low;
    for (const auto& c : corners) {
      low = std::min(low, c[axis]);
      high = std::max(high, c[axis]);
    }
    const int last = std::max(0, size - 1);
    const int from = std::clamp(static_cast<int>(std::lround(low)), 0, last);
    return std::array<int, 2>{from,
                              std::clamp(static_cast<int>(std::lround(high)), from + 1, size)};
  };
  const auto x = range(0, width);
  const auto y = range(1, height);
  return {x[0], y[0], x[1] - x[0], y[1] - y[0]};
}

}  // namespace alih
