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

Affine upright_to_stored(int orientation, int stored_width, int stored_height) {
  const double w = stored_width;
  const double h = stored_height;
  switch (orientation) {
    case 2:
      return {{-1, 0, w, 0, 1, 0}};
    case 3:
      return {{-1, 0, w, 0, -1, h}};
    case 4:
      return {{1, 0, 0, 0, -1, h}};
    case 5:
      return {{0, 1, 0, 1, 0, 0}};
    case 6:
      return {{0, 1, 0, -1, 0, h}};
    case 7:
      return {{0, -1, w, -1, 0, h}};
    case 8:
      return {{0, -1, w, 1, 0, 0}};
    default:
      return {};
  }
}

}  // namespace alih
