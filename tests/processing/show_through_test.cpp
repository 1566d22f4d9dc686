#include "processing/show_through.h"

#include <gtest/gtest.h>

#include "processing/level.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

Image other_page() {
  auto spec = text_page();
  spec.font = "Liberation Sans";
  spec.size_pt = 12;
  spec.paragraphs.resize(7);
  return testing_support::draw_page(spec).image;
}

Image levelled(const Image& page) {
  const auto out = level(page, {});
  EXPECT_TRUE(out.has_value());
  return *out;
}

// Ink of `a` that `b` has not.
double missing(const Image& a, const Image& b) {
  int ink = 0;
  int gone = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) {
      if (pixel(a, x, y) >= 100) continue;
      ++ink;
      if (pixel(b, x, y) >= 200) ++gone;
    }
  }
  return gone / static_cast<double>(ink);
}

TEST(ShowThrough, IsTakenOutAndPrintStays) {
  const auto front = testing_support::draw_page(text_page()).image;
  const auto page = levelled(with_back(front, other_page(), 0.3));
  const auto step = make_show_through({})->run(page, {});
  ASSERT_TRUE(step.has_value());
  ASSERT_TRUE(step->findings[0].applied)
      << step->findings[0].note << " " << step->findings[0].numbers.at("text_level") << " "
      << step->findings[0].numbers.at("ghost_level") << " "
      << step->findings[0].numbers.at("ghost_share") << " "
      << step->findings[0].numbers.at("limit");
  EXPECT_GE(step->findings[0].confidence, 0.5);
  EXPECT_LT(missing(levelled(front), step->image), 0.001);
  // Where the front has paper all around, nothing of the back is left.
  double ghosts = 0;
  double left = 0;
  for (int y = 0; y < page.height(); ++y) {
    for (int x = 0; x < page.width(); ++x) {
      if (pixel(front, x, y) < 250 || pixel(page, x, y) > 225) continue;
      ++ghosts;
      if (pixel(step->image, x, y) < 225) ++left;
    }
  }
  EXPECT_GT(ghosts, 10000);
  EXPECT_LT(left / ghosts, 0.35);
}

TEST(ShowThrough, LeavesAPageWithoutItAlone) {
  auto noisy = text_page();
  noisy.noise = 12;
  noisy.paper = 0.8;
  for (const auto& spec : {text_page(), noisy}) {
    const auto page = levelled(testing_support::draw_page(spec).image);
    const auto step = make_show_through({})->run(page, {});
    ASSERT_TRUE(step.has_value());
    EXPECT_FALSE(step->findings[0].applied);
    EXPECT_TRUE(same_pixels(step->image, page));
  }
}

// Pencil beside print: faint, but all shades between are there too.
TEST(ShowThrough, LeavesAFaintPageAlone) {
  const auto page = testing_support::draw_page(text_page()).image;
  const auto faint =
      redrawn(page, [&](int x, int y) { return 190 - (255 - pixel(page, x, y)) / 5; });
  const auto step = make_show_through({})->run(levelled(faint), {});
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(step->findings[0].applied);
}

TEST(ShowThrough, TakesAnySize) {
  for (const auto& image : {flat_image(1, 1, 0), flat_image(300, 300, 255)}) {
    const auto step = make_show_through({})->run(image, {});
    ASSERT_TRUE(step.has_value());
    EXPECT_FALSE(step->findings[0].applied);
  }
}

}  // namespace
}  // namespace alih::processing
