#include "processing/despeckle.h"

#include <gtest/gtest.h>

#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

TEST(Despeckle, TakesDustFarFromPrintAndNothingElse) {
  auto page = testing_support::draw_page(text_page()).image;
  const auto clean = page;
  // In the margins, 25 mm wide.
  const std::vector<std::pair<int, int>> dust{{100, 500}, {150, 2000}, {2380, 900}, {1200, 3450}};
  for (const auto& [x, y] : dust) page = with_rectangle(page, x, y, 3, 3, 0);
  const auto step = make_despeckle({})->run(page, {});
  ASSERT_TRUE(step.has_value());
  EXPECT_TRUE(step->findings[0].applied);
  EXPECT_EQ(step->findings[0].numbers.at("specks"), 4);
  EXPECT_TRUE(same_pixels(step->image, clean));
}

// Every dot, comma and accent of the smallest print stays, at any resolution.
TEST(Despeckle, TakesNoPunctuationAndNoDiacritics) {
  for (const int dpi : {100, 150, 200, 300, 400}) {
    auto spec = text_page();
    spec.dpi = dpi;
    spec.size_pt = 6;
    spec.paragraphs = {"i. j, ; : é è ê ë ï ö ü . . . . . . . . . . 12",
                       "",
                       "",
                       "' \" - i",
                       "",
                       "Jl. R.A. Kartini no. 7, s.d."};
    const auto page = testing_support::draw_page(spec).image;
    const auto step = make_despeckle({})->run(page, {});
    ASSERT_TRUE(step.has_value());
    int lost = 0;
    for (int y = 0; y < page.height(); ++y) {
      for (int x = 0; x < page.width(); ++x) {
        if (pixel(page, x, y) < 128 && pixel(step->image, x, y) >= 128) ++lost;
      }
    }
    EXPECT_EQ(lost, 0) << dpi;
  }
}

TEST(Despeckle, LeavesLargerMarksAndLines) {
  auto page = with_rectangle(flat_image(1200, 1600, 255), 300, 300, 8, 8, 0);
  page = with_rectangle(page, 600, 200, 1, 900, 0);
  const auto step = make_despeckle({})->run(page, {});
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(step->findings[0].applied);
  EXPECT_TRUE(same_pixels(step->image, page));
}

TEST(Despeckle, FindsASpeckOnTheBorderOfTwoSquares) {
  const auto paper = flat_image(1200, 1600, 255);
  for (int x = 480; x < 520; ++x) {
    const auto step = make_despeckle({})->run(with_rectangle(paper, x, 640, 3, 3, 20), {});
    ASSERT_TRUE(step.has_value());
    EXPECT_TRUE(same_pixels(step->image, paper)) << x;
  }
}

TEST(Despeckle, TakesAnyFormatAndSize) {
  for (const auto& image :
       {flat_image(1, 1, 0), flat_image(5, 300, 0), random_image(PixelFormat::rgb24, 90, 70)}) {
    EXPECT_TRUE(make_despeckle({})->run(image, {}).has_value());
  }
}

}  // namespace
}  // namespace alih::processing
