#pragma once

#include <vector>

#include "core/geometry.h"
#include "core/image.h"

namespace alih::processing {

// How far the lines of a page bend up or down: not affine, so it is never part of the map from the
// access image to the master. Only what OCR reads is laid flat, and what was read is put back.
// Both images have the same size. Any thread.
struct Bend {
  // Displacement of every column at the top and at the bottom of the page, pixels; between them it
  // is linear. The pixel (x, y) of the flat page lies at (x, y + at(x, y)) of the bent one. Empty =
  // nothing bends.
  std::vector<float> top;
  std::vector<float> bottom;
  int height = 0;

  [[nodiscard]] bool empty() const { return top.empty(); }
  [[nodiscard]] double at(int x, double y) const;      // y of the flat page
  [[nodiscard]] double bent_y(int x, double y) const;  // flat -> bent
  [[nodiscard]] double flat_y(int x, double y) const;  // bent -> flat
  // The smallest upright box around where `box` lies on the other page, inside it.
  [[nodiscard]] Box to_bent(const Box& box) const;
  [[nodiscard]] Box to_flat(const Box& box) const;
};

// The bent page laid flat; what would come from outside is the nearest row. gray8 or rgb24, as
// large as the bend was measured on.
[[nodiscard]] Image laid_flat(const Image& bent, const Bend& bend);

}  // namespace alih::processing
