#include "processing/dewarp.h"

#include <cmath>

#include <gtest/gtest.h>

#include "processing/deskew.h"
#include "processing/prepare.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

// Into the gutter at the left, as of a thick book.
double curl(int x, double rise) { return rise * std::exp(-x / 420.0); }

class DewarpCurl : public testing::TestWithParam<double> {};

TEST_P(DewarpCurl, IsFoundToHalfAMillimetre) {
  const double rise = GetParam();
  const auto flat = testing_support::draw_page(text_page()).image;
  const auto page = bent(flat, [&](int x, int) { return curl(x, rise); });
  const auto warp = find_warp(page);
  ASSERT_TRUE(warp.has_value());
  EXPECT_GE(warp->confidence, DewarpSettings{}.min_confidence);
  // Relative to the middle of the page, where there is print: 25 mm from the sides.
  const double middle = curl(1240, rise) - warp->bend.at(1240, 1700);
  for (int x = 330; x < 2150; x += 60) {
    EXPECT_NEAR(warp->bend.at(x, 1700) + middle, curl(x, rise), 6) << x;
  }
}
INSTANTIATE_TEST_SUITE_P(Rises, DewarpCurl, testing::Values(50.0, 90.0, -70.0));

TEST(Dewarp, FindsABendThatChangesFromTopToBottom) {
  const auto flat = testing_support::draw_page(text_page()).image;
  const auto down = [](int x, int y) {
    return 45 * std::sin(3.14159 * x / 2480) * (0.3 + 0.7 * y / 3508);
  };
  const auto warp = find_warp(bent(flat, down));
  ASSERT_TRUE(warp.has_value());
  EXPECT_GE(warp->confidence, DewarpSettings{}.min_confidence);
  for (const int y : {600, 1500}) {
    const double middle = down(1240, y) - warp->bend.at(1240, y);
    for (int x = 330; x < 2150; x += 140) {
      EXPECT_NEAR(warp->bend.at(x, y) + middle, down(x, y), 8) << x << " " << y;
    }
  }
}

TEST(Dewarp, LaysThePageFlatAndSaysWhereEverythingWas) {
  const auto flat =
      with_rectangle(testing_support::draw_page(text_page()).image, 400, 3000, 24, 24, 0);
  const auto page = bent(flat, [](int x, int) { return curl(x, 80); });
  const auto step = make_dewarp({})->run(page, {});
  ASSERT_TRUE(step.has_value());
  ASSERT_TRUE(step->findings[0].applied);
  EXPECT_EQ(step->to_input, Affine{});
  ASSERT_EQ(step->image.width(), page.width());
  ASSERT_EQ(step->image.height(), page.height());
  // The mark, on the flat image and on the bent one.
  const auto centre = [](const Image& image) {
    double sum = 0;
    double n = 0;
    for (int y = 2900; y < 3200; ++y) {
      for (int x = 400; x < 424; ++x) {
        if (pixel(image, x, y) >= 128) continue;
        sum += y + 0.5;
        ++n;
      }
    }
    return sum / n;
  };
  EXPECT_NEAR(step->bend.bent_y(412, centre(step->image)), centre(page), 1.5);
  EXPECT_NEAR(step->bend.flat_y(412, centre(page)), centre(step->image), 1.5);
  const Box box{390, static_cast<int>(centre(step->image)) - 12, 44, 24};
  const auto there = step->bend.to_bent(box);
  EXPECT_LE(there.y, centre(page) - 10);
  EXPECT_GE(there.y + there.height, centre(page) + 10);
  const auto back = step->bend.to_flat(there);
  EXPECT_LE(back.y, box.y);
  EXPECT_GE(back.y + back.height, box.y + box.height);
}

TEST(Dewarp, LeavesFlatPagesAlone) {
  auto noisy = text_page();
  noisy.noise = 15;
  noisy.paper = 0.8;
  auto sparse = text_page();
  sparse.paragraphs.resize(1);
  auto tabular = text_page();
  tabular.paragraphs.resize(1);
  for (int i = 0; i < 20; ++i) tabular.table.push_back({"No.", "Uraian barang", "Jumlah 2.500"});
  for (const auto& spec : {text_page(), noisy, sparse, tabular}) {
    const auto page = testing_support::draw_page(spec).image;
    const auto step = make_dewarp({})->run(page, {});
    ASSERT_TRUE(step.has_value());
    EXPECT_FALSE(step->findings[0].applied) << step->findings[0].numbers.at("bend_mm");
    EXPECT_TRUE(step->bend.empty());
    EXPECT_TRUE(same_pixels(step->image, page));
  }
}

// Lines of two columns stand at different heights: that is no bend.
TEST(Dewarp, LeavesColumnsAlone) {
  const auto page = testing_support::draw_page(text_page()).image;
  const auto columns = bent(page, [](int x, int) { return x < 1240 ? 0.0 : 23.0; });
  const auto step = make_dewarp({})->run(columns, {});
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(step->findings[0].applied) << step->findings[0].numbers.at("bend_mm");
}

TEST(Dewarp, LeavesWhatIsNoPrintAlone) {
  for (const auto& page : {flat_image(1200, 1600, 200), flat_image(1200, 1600, 0),
                           flat_image(30, 30, 255), random_image(PixelFormat::gray8, 1200, 1600)}) {
    const auto step = make_dewarp({})->run(page, {});
    ASSERT_TRUE(step.has_value());
    EXPECT_FALSE(step->findings[0].applied);
  }
}

TEST(Dewarp, ChangesWhatIsReadAndNotTheAccessImage) {
  const auto page =
      bent(testing_support::draw_page(text_page()).image, [](int x, int) { return curl(x, 80); });
  Settings settings;
  settings.deskew.enabled = false;
  const auto prepared = prepare(page, 1, settings, {});
  ASSERT_TRUE(prepared.has_value());
  EXPECT_FALSE(prepared->bend.empty());
  EXPECT_TRUE(same_pixels(prepared->access, page));
  EXPECT_FALSE(same_pixels(prepared->flat, page));
  EXPECT_EQ(prepared->to_master, Affine{});
  settings.dewarp.enabled = false;
  const auto without = prepare(page, 1, settings, {});
  ASSERT_TRUE(without.has_value());
  EXPECT_TRUE(without->bend.empty());
  EXPECT_TRUE(same_pixels(without->flat, page));
}

TEST(Bend, OfNothingMovesNothing) {
  const Bend none;
  EXPECT_EQ(none.to_bent({3, 4, 5, 6}), (Box{3, 4, 5, 6}));
  EXPECT_EQ(none.flat_y(100, 7.5), 7.5);
  const auto page = random_image(PixelFormat::gray8, 40, 30);
  EXPECT_TRUE(same_pixels(laid_flat(page, none), page));
}

TEST(Bend, KeepsBoxesInsideThePage) {
  Bend bend;
  bend.height = 100;
  bend.top.assign(50, -30);
  bend.bottom.assign(50, 60);
  for (const auto& box : {Box{0, 0, 50, 10}, Box{10, 90, 40, 10}, Box{49, 99, 1, 1}}) {
    for (const auto& moved : {bend.to_bent(box), bend.to_flat(box)}) {
      EXPECT_GE(moved.y, 0);
      EXPECT_GE(moved.height, 1);
      EXPECT_LE(moved.y + moved.height, 100);
    }
  }
}

}  // namespace
}  // namespace alih::processing
