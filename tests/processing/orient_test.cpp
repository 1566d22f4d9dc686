#include "processing/orient.h"

#include <gtest/gtest.h>

#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

// Where the corner marked 10 of a stored picture 3 wide and 2 high comes to lie: TIFF 6.0, tag 274.
TEST(Orient, PutsTheFirstPixelWhereTheTagSays) {
  const Image stored(
      PixelFormat::gray8, 3, 2,
      {std::byte{10}, std::byte{20}, std::byte{30}, std::byte{40}, std::byte{50}, std::byte{60}},
      300, 200);
  struct Case {
    int orientation, x, y;
  };
  for (const auto& c : {Case{1, 0, 0}, Case{2, 2, 0}, Case{3, 2, 1}, Case{4, 0, 1}, Case{5, 0, 0},
                        Case{6, 1, 0}, Case{7, 1, 2}, Case{8, 0, 2}}) {
    const auto image = upright(stored, c.orientation);
    ASSERT_TRUE(image.has_value());
    EXPECT_EQ(image->width(), c.orientation < 5 ? 3 : 2);
    EXPECT_EQ(image->dpi_x(), c.orientation < 5 ? 300 : 200);
    EXPECT_EQ(image->row(c.y)[c.x], 10) << c.orientation;
  }
}

TEST(Orient, MapsEveryPixelBackToItsSource) {
  const auto stored = random_image(PixelFormat::gray8, 7, 5);
  for (int orientation = 0; orientation <= 9; ++orientation) {
    const auto image = upright(stored, orientation);
    ASSERT_TRUE(image.has_value());
    const auto map = upright_to_stored(orientation, 7, 5);
    for (int y = 0; y < image->height(); ++y) {
      for (int x = 0; x < image->width(); ++x) {
        const auto [sx, sy] = map.apply(x + 0.5, y + 0.5);
        EXPECT_EQ(image->row(y)[x], stored.row(static_cast<int>(sy))[static_cast<int>(sx)])
            << orientation;
      }
    }
  }
}

TEST(Orient, TurnsColourToo) {
  const auto stored = random_image(PixelFormat::rgb24, 4, 3);
  const auto image = upright(stored, 3);
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->row(2)[3 * 3 + 1], stored.row(0)[1]);
}

}  // namespace
}  // namespace alih::processing
