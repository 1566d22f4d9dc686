#include "processing/match.h"

#include <gtest/gtest.h>

#include "processing/orient.h"
#include "processing/prepare.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

Image page() {
  testing_support::PageSpec spec;
  spec.dpi = 150;
  spec.paragraphs = {"# Laporan Tahunan",
                     "Bahan pustaka dialihmediakan di Luwuk supaya isinya tetap dapat dibaca."};
  return testing_support::draw_page(spec).image;
}

TEST(OrientationLike, FindsEachOfTheEight) {
  const auto seen = page();
  const auto small = scale_to_fit(seen, 480);
  ASSERT_TRUE(small);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    // The one that undoes it: turns by 90 degrees are each other's, the rest their own.
    const int back = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
    const auto stored = upright(seen, back);
    ASSERT_TRUE(stored);
    const auto found = orientation_like(*stored, *small);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, orientation);
  }
}

TEST(OrientationLike, RefusesOtherPicturesTonesAndAdditions) {
  const auto seen = page();
  const auto small = scale_to_fit(seen, 480);
  ASSERT_TRUE(small);
  std::vector<std::byte> bytes(seen.bytes().begin(), seen.bytes().end());
  for (auto& b : bytes) b = ~b;
  const Image inverted(seen.format(), seen.width(), seen.height(), bytes);
  EXPECT_EQ(orientation_like(inverted, *small).value(), 0);
  // A stamp of 2 x 1 cm in the empty lower half.
  for (auto& b : bytes) b = ~b;
  const auto stride = seen.stride();
  for (std::size_t y = 1300; y < 1360; ++y) {
    for (std::size_t x = 600; x < 720; ++x) bytes[y * stride + x] = std::byte{60};
  }
  const Image stamped(seen.format(), seen.width(), seen.height(), bytes);
  EXPECT_EQ(orientation_like(stamped, *small).value(), 0);
  EXPECT_EQ(orientation_like(flat_image(100, 100, 255), *small).value(), 0);
  EXPECT_EQ(orientation_like(Image(), *small).value(), 0);
}

}  // namespace
}  // namespace alih::processing
