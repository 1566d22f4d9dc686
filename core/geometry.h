#pragma once

#include <array>

namespace alih {

// A rectangle in whole pixels, origin top left.
struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  bool operator==(const Box&) const = default;
};

// x' = a*x + b*y + c;  y' = d*x + e*y + f, in pixels (pixel centres at .5).
struct Affine {
  std::array<double, 6> m{1, 0, 0, 0, 1, 0};

  [[nodiscard]] std::array<double, 2> apply(double x, double y) const {
    return {m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]};
  }
  bool operator==(const Affine&) const = default;
};

// First `inner`, then `outer`.
[[nodiscard]] inline Affine compose(const Affine& outer, const Affine& inner) {
  const auto& o = outer.m;
  const auto& i = inner.m;
  return {{o[0] * i[0] + o[1] * i[3], o[0] * i[1] + o[1] * i[4], o[0] * i[2] + o[1] * i[5] + o[2],
           o[3] * i[0] + o[4] * i[3], o[3] * i[1] + o[4] * i[4], o[3] * i[2] + o[4] * i[5] + o[5]}};
}

// The other way; `map` must not flatten (crops, turns and skews never do).
[[nodiscard]] inline Affine inverse(const Affine& map) {
  const auto& m = map.m;
  const double det = m[0] * m[4] - m[1] * m[3];
  const double a = m[4] / det;
  const double b = -m[1] / det;
  const double d = -m[3] / det;
  const double e = m[0] / det;
  return {{a, b, -(a * m[2] + b * m[5]), d, e, -(d * m[2] + e * m[5])}};
}

// By the TIFF/EXIF tag 1 to 8: pixel of the upright picture -> pixel of the stored one of that
// width and height.
[[nodiscard]] Affine upright_to_stored(int orientation, int stored_width, int stored_height);

// The smallest upright box around the mapped `box`, cut to a picture of that size; at least one
// pixel at its edge when it lies outside.
[[nodiscard]] Box mapped(const Affine& map, const Box& box, int width, int height);

}  // namespace alih
