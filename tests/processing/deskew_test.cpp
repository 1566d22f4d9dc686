#include "processing/deskew.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

struct Case {
  double angle;
  int dpi;
  double paper;
  double noise;
  int border;
};
class DeskewAngle : public testing::TestWithParam<Case> {};

TEST_P(DeskewAngle, IsFoundToAFewHundredthsOfADegree) {
  auto spec = text_page();
  spec.skew_deg = GetParam().angle;
  spec.dpi = GetParam().dpi;
  spec.paper = GetParam().paper;
  spec.noise = GetParam().noise;
  spec.dark_border_px = GetParam().border;
  const auto page = testing_support::draw_page(spec);
  const auto skew = find_skew(page.image, 7);
  ASSERT_TRUE(skew.has_value());
  EXPECT_NEAR(skew->angle_deg, GetParam().angle, 0.03);
  EXPECT_GE(skew->confidence, DeskewSettings{}.min_confidence);
}
INSTANTIATE_TEST_SUITE_P(Pages, DeskewAngle,
                         testing::Values(Case{0, 300, 1, 0, 0}, Case{0.3, 300, 1, 0, 0},
                                         Case{-0.5, 300, 1, 0, 0}, Case{1, 300, 0.8, 0, 0},
                                         Case{-2, 300, 1, 12, 0}, Case{-3.3, 300, 1, 0, 0},
                                         Case{5, 300, 0.85, 8, 0}, Case{-5, 300, 1, 0, 0},
                                         Case{6.5, 300, 1, 0, 0}, Case{2.2, 200, 1, 0, 0},
                                         Case{-1.4, 150, 1, 0, 0}, Case{3.1, 300, 0.9, 0, 60},
                                         Case{-2.6, 300, 0.9, 4, 40}));

TEST(Deskew, StraightensAndSaysByHowMuch) {
  auto spec = text_page();
  spec.skew_deg = -3.3;
  const auto page = testing_support::draw_page(spec);
  const auto step = make_deskew({})->run(page.image, {});
  ASSERT_TRUE(step.has_value());
  ASSERT_EQ(step->findings.size(), 1U);
  EXPECT_TRUE(step->findings[0].applied);
  EXPECT_NEAR(step->findings[0].numbers.at("angle_deg"), -3.3, 0.1);
  const auto left = find_skew(step->image, 7);
  ASSERT_TRUE(left.has_value());
  EXPECT_NEAR(left->angle_deg, 0, 0.1);
}

TEST(Deskew, LeavesAStraightPageUntouched) {
  const auto page = testing_support::draw_page(text_page());
  const auto step = make_deskew({})->run(page.image, {});
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(step->findings[0].applied);
  EXPECT_TRUE(same_pixels(page.image, step->image));
  EXPECT_EQ(step->to_input, Affine{});
}

TEST(Deskew, LeavesALowConfidencePageAlone) {
  auto spec = text_page();
  spec.skew_deg = 2;
  const auto text = testing_support::draw_page(spec);
  DeskewSettings wary;
  wary.min_confidence = 100;
  testing_support::PageSpec empty;
  empty.noise = 10;
  const auto blank = testing_support::draw_page(empty);
  for (const auto& step :
       {make_deskew(wary)->run(text.image, {}), make_deskew({})->run(blank.image, {}),
        make_deskew({})->run(flat_image(500, 700, 0), {}),
        make_deskew({})->run(flat_image(1, 1, 255), {})}) {
    ASSERT_TRUE(step.has_value());
    EXPECT_FALSE(step->findings[0].applied);
    EXPECT_EQ(step->findings[0].note, "unsure");
    EXPECT_EQ(step->to_input, Affine{});
  }
}

// Where a dark mark lies in a white picture: the mean of its pixels, in pixel coordinates.
std::pair<double, double> mark_of(const Image& image) {
  double sx = 0;
  double sy = 0;
  double n = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      const double dark = 255.0 - image.row(y)[x];
      sx += dark * (x + 0.5);
      sy += dark * (y + 0.5);
      n += dark;
    }
  }
  return {sx / n, sy / n};
}

TEST(Deskew, MapsAMarkBackToItsPlace) {
  for (const double angle : {-6.0, -0.4, 0.4, 3.3}) {
    for (const auto& [x, y] : {std::pair{0, 0}, std::pair{690, 990}, std::pair{10, 700}}) {
      const auto page = with_rectangle(flat_image(700, 1000, 255), x, y, 10, 10, 0);
      Affine map;
      const auto turned = rotate(page, angle, &map);
      ASSERT_TRUE(turned.has_value());
      // A mark at the very edge is repeated outwards, so it must lie inside to be weighed.
      if (x == 10) {
        const auto [mx, my] = mark_of(*turned);
        const auto [px, py] = map.apply(mx, my);
        EXPECT_NEAR(px, x + 5, 0.2) << angle;
        EXPECT_NEAR(py, y + 5, 0.2) << angle;
      }
    }
  }
}

TEST(Deskew, LosesNoCorner) {
  for (const double angle : {-7.0, 2.0, 7.0}) {
    const auto page = flat_image(700, 1000, 255);
    Affine map;
    const auto turned = rotate(page, angle, &map);
    ASSERT_TRUE(turned.has_value());
    // Every corner of the page lies on the new canvas: solve the map for it.
    const auto& m = map.m;
    const double det = m[0] * m[4] - m[1] * m[3];
    for (const auto& [x, y] : {std::pair{0.0, 0.0}, std::pair{700.0, 0.0}, std::pair{0.0, 1000.0},
                               std::pair{700.0, 1000.0}}) {
      const double u = (m[4] * (x - m[2]) - m[1] * (y - m[5])) / det;
      const double v = (m[0] * (y - m[5]) - m[3] * (x - m[2])) / det;
      EXPECT_GE(u, -1e-6);
      EXPECT_GE(v, -1e-6);
      EXPECT_LE(u, turned->width() + 1e-6);
      EXPECT_LE(v, turned->height() + 1e-6);
    }
  }
}

}  // namespace
}  // namespace alih::processing
