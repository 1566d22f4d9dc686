#include "processing/crop.h"

#include <gtest/gtest.h>

#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

TEST(Crop, CutsADarkFrameAndMapsBack) {
  auto spec = text_page();
  spec.dark_border_px = 48;
  spec.paper = 0.92;
  const auto page = testing_support::draw_page(spec);
  const auto step = make_crop({})->run(page.image, {});
  ASSERT_TRUE(step.has_value());
  ASSERT_TRUE(step->findings[0].applied);
  const auto [x, y] = step->to_input.apply(0, 0);
  EXPECT_NEAR(x, 48, 8);
  EXPECT_NEAR(y, 48, 8);
  EXPECT_NEAR(step->image.width(), page.image.width() - 96, 16);
  EXPECT_NEAR(step->image.height(), page.image.height() - 96, 16);
  for (const auto& [px, py] : {std::pair{0, 0}, std::pair{step->image.width() - 1, 0},
                               std::pair{step->image.width() / 2, step->image.height() - 1}}) {
    EXPECT_GT(step->image.row(py)[px], 180) << "frame is left at " << px << ", " << py;
    EXPECT_EQ(step->image.row(py)[px],
              page.image.row(py + static_cast<int>(y))[px + static_cast<int>(x)]);
  }
}

TEST(Crop, LeavesAPageWithoutFrameAlone) {
  const auto page = testing_support::draw_page(text_page());
  const auto step = make_crop({})->run(page.image, {});
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(step->findings[0].applied);
  EXPECT_TRUE(same_pixels(page.image, step->image));
}

TEST(Crop, NeverCutsInkOfASkewedPage) {
  auto spec = text_page();
  spec.skew_deg = 4;
  spec.dark_border_px = 60;
  const auto page = testing_support::draw_page(spec);
  const auto area = find_page_area(page.image);
  ASSERT_TRUE(area.has_value());
  // The text starts 25 mm from the edge; turned by 4 degrees it keeps more than 60 px of it.
  EXPECT_LE(area->box.x, 80);
  EXPECT_LE(area->box.y, 80);
  EXPECT_GE(area->box.x + area->box.width, page.image.width() - 80);
  EXPECT_GE(area->box.y + area->box.height, page.image.height() - 80);
}

TEST(Crop, KeepsABandWithWhiteText) {
  // A dark band at the top of a page, as on a letterhead or cover, with bright words in it.
  auto page = with_rectangle(flat_image(1600, 2200, 240), 0, 0, 1600, 240, 30);
  for (int x = 200; x < 1200; x += 40) page = with_rectangle(page, x, 90, 20, 60, 240);
  const auto step = make_crop({})->run(page, {});
  ASSERT_TRUE(step.has_value());
  const auto [x, y] = step->to_input.apply(0, 0);
  EXPECT_LT(y, 90) << "words were cut off";
  EXPECT_EQ(x, 0);
}

TEST(Crop, KeepsAFewWhiteWordsInADarkBand) {
  auto page = with_rectangle(flat_image(1600, 2200, 240), 0, 0, 1600, 240, 30);
  for (int x = 700; x < 860; x += 40) page = with_rectangle(page, x, 100, 18, 40, 240);
  const auto step = make_crop({})->run(page, {});
  ASSERT_TRUE(step.has_value());
  EXPECT_LT(step->to_input.apply(0, 0)[1], 100) << "words were cut off";
}

TEST(Crop, LeavesADarkPictureAlone) {
  for (const int gray : {0, 40, 90}) {
    const auto step =
        make_crop({})->run(flat_image(800, 1000, static_cast<std::uint8_t>(gray)), {});
    ASSERT_TRUE(step.has_value());
    EXPECT_FALSE(step->findings[0].applied);
  }
}

TEST(Crop, LeavesAloneWhenTooMuchWouldGo) {
  auto page = flat_image(1000, 1000, 20);
  page = with_rectangle(page, 330, 330, 340, 340, 240);
  const auto step = make_crop({})->run(page, {});
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(step->findings[0].applied);
  EXPECT_EQ(step->findings[0].note, "unsure");
}

TEST(Crop, TakesATinyPicture) {
  for (const int side : {1, 3, 64}) {
    EXPECT_TRUE(make_crop({})->run(flat_image(side, side, 0), {}).has_value());
  }
}

}  // namespace
}  // namespace alih::processing
