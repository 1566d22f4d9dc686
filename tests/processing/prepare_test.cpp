#include "processing/prepare.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "processing/orient.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

// A square of 24 px stands alone in the margin; where is it? Looks only inside the given window.
std::pair<double, double> dark_centre(const Image& gray, int x0, int y0, int x1, int y1) {
  double sx = 0;
  double sy = 0;
  double n = 0;
  for (int y = std::max(0, y0); y < std::min(gray.height(), y1); ++y) {
    for (int x = std::max(0, x0); x < std::min(gray.width(), x1); ++x) {
      if (gray.row(y)[x] >= 100) continue;
      sx += x + 0.5;
      sy += y + 0.5;
      ++n;
    }
  }
  return {sx / n, sy / n};
}

TEST(Prepare, MapsAMarkBackToTheMasterThroughAllSteps) {
  for (const int orientation : {1, 3, 6, 8}) {
    auto spec = text_page();
    spec.skew_deg = -2.4;
    spec.dark_border_px = 40;
    spec.paper = 0.9;
    // Upright page with a mark in the lower margin, then stored turned as the tag says.
    const auto page = with_rectangle(testing_support::draw_page(spec).image, 1000, 3300, 24, 24, 0);
    const int back = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
    const auto master = upright(page, back);
    ASSERT_TRUE(master.has_value());
    const auto prepared = prepare(*master, orientation, {}, {});
    ASSERT_TRUE(prepared.has_value()) << prepared.error().message.en;
    EXPECT_FALSE(prepared->blank);
    EXPECT_EQ(prepared->access.width(), prepared->reading.width());
    EXPECT_EQ(prepared->access.height(), prepared->reading.height());

    // Find the mark on the access image: search around where it must be.
    double best = 1e9;
    const auto stored = upright_to_stored(orientation, master->width(), master->height());
    const auto [truth_x, truth_y] = stored.apply(1012, 3312);
    int near_x = 0;
    int near_y = 0;
    for (int y = 0; y < prepared->access.height(); y += 8) {
      for (int x = 0; x < prepared->access.width(); x += 8) {
        const auto [mx, my] = prepared->to_master.apply(x, y);
        const double d = std::hypot(mx - truth_x, my - truth_y);
        if (d < best) {
          best = d;
          near_x = x;
          near_y = y;
        }
      }
    }
    ASSERT_LT(best, 8);
    const auto [cx, cy] =
        dark_centre(prepared->access, near_x - 30, near_y - 30, near_x + 30, near_y + 30);
    const auto [mx, my] = prepared->to_master.apply(cx, cy);
    EXPECT_NEAR(mx, truth_x, 2) << orientation;
    EXPECT_NEAR(my, truth_y, 2) << orientation;
  }
}

TEST(Prepare, KeepsThePageAsScannedAndTheWayFromItToTheAccessImage) {
  auto spec = text_page();
  spec.skew_deg = 3;
  const auto page = testing_support::draw_page(spec).image;
  const auto prepared = prepare(page, 1, Settings{}, {});
  ASSERT_TRUE(prepared);
  EXPECT_TRUE(std::equal(page.bytes().begin(), page.bytes().end(),
                         prepared->scanned.bytes().begin(), prepared->scanned.bytes().end()));
  const auto [x, y] = prepared->scanned_to_access.apply(400, 900);
  const auto [back_x, back_y] = prepared->to_master.apply(x, y);
  EXPECT_NEAR(back_x, 400, 0.01);
  EXPECT_NEAR(back_y, 900, 0.01);
  EXPECT_GT(std::abs(x - 400) + std::abs(y - 900), 5) << "the page was straightened";
}

TEST(Prepare, GivesEightBitsFromEveryPixelFormat) {
  for (const auto format : {PixelFormat::bilevel, PixelFormat::gray8, PixelFormat::gray16,
                            PixelFormat::rgb24, PixelFormat::rgb48}) {
    for (const auto& [width, height] : {std::pair{1, 1}, std::pair{3, 70}, std::pair{300, 200}}) {
      const auto prepared = prepare(random_image(format, width, height), 1, {}, {});
      ASSERT_TRUE(prepared.has_value()) << prepared.error().message.en;
      EXPECT_EQ(prepared->reading.format(), PixelFormat::gray8);
      EXPECT_EQ(prepared->access.format(),
                samples_per_pixel(format) == 3 ? PixelFormat::rgb24 : PixelFormat::gray8);
    }
  }
}

TEST(Prepare, TellsABlankPage) {
  testing_support::PageSpec spec;
  spec.noise = 6;
  spec.paper = 0.9;
  const auto prepared = prepare(testing_support::draw_page(spec).image, 1, {}, {});
  ASSERT_TRUE(prepared.has_value());
  EXPECT_TRUE(prepared->blank);
}

TEST(Prepare, RunsOnlyTheStagesOfTheSettings) {
  auto spec = text_page();
  spec.skew_deg = 2;
  const auto page = testing_support::draw_page(spec);
  Settings settings;
  settings.stages = {};
  const auto plain = prepare(page.image, 1, settings, {});
  ASSERT_TRUE(plain.has_value());
  EXPECT_TRUE(same_pixels(plain->access, page.image));
  EXPECT_TRUE(same_pixels(plain->reading, page.image));
  EXPECT_EQ(plain->to_master, Affine{});
  EXPECT_TRUE(plain->findings.empty());
  settings.stages = {"no such stage"};
  EXPECT_EQ(prepare(page.image, 1, settings, {}).error().code, ErrorCode::bad_setting);
}

TEST(Prepare, LevelsAlsoWhenGeometryComesLater) {
  auto spec = text_page();
  spec.skew_deg = 2;
  spec.paper = 0.7;
  const auto page = testing_support::draw_page(spec);
  Settings settings;
  settings.stages = {"level", "deskew"};
  const auto prepared = prepare(page.image, 1, settings, {});
  ASSERT_TRUE(prepared.has_value());
  EXPECT_EQ(prepared->reading.width(), prepared->access.width());
  // A corner of the paper is white, as the settings ask.
  EXPECT_GT(prepared->reading.row(300)[300], 240);
}

TEST(Prepare, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  const auto prepared = prepare(flat_image(100, 100, 255), 1, {}, source.get_token());
  ASSERT_FALSE(prepared.has_value());
  EXPECT_EQ(prepared.error().code, ErrorCode::stopped);
}

TEST(ScaleToFit, NeverEnlargesAndKeepsTheShape) {
  const auto small = scale_to_fit(random_image(PixelFormat::rgb24, 400, 1000), 256);
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(small->height(), 256);
  EXPECT_NEAR(small->width(), 102, 1);
  const auto same = scale_to_fit(random_image(PixelFormat::gray8, 40, 30), 256);
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ(same->width(), 40);
  EXPECT_EQ(scale_to_fit(random_image(PixelFormat::bilevel, 30000, 2), 256)->height(), 1);
}

}  // namespace
}  // namespace alih::processing
