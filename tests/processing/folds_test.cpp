#include "processing/folds.h"

#include <cmath>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "processing/level.h"
#include "processing/pixels.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

testing_support::PageSpec grainy() {
  auto spec = text_page();
  spec.paper = 0.9;
  spec.noise = 4;
  return spec;
}

// A crease that leaves `light` of the paper's, from (0, from) to the other side at `to`.
Image folded(const Image& page, double from, double to, double light, bool lying = true,
             double end = 1) {
  return redrawn(page, [&](int x, int y) {
    const double share =
        lying ? static_cast<double>(x) / page.width() : static_cast<double>(y) / page.height();
    const double off = (lying ? y : x) - (from + (to - from) * share);
    const double shade = share > end ? 0 : (1 - light) * std::exp(-off * off / 3);
    return static_cast<int>(std::lround(pixel(page, x, y) * (1 - shade)));
  });
}

std::vector<Fold> folds_of(const Image& page) { return find_folds(to_gray(page), page.dpi_x()); }

TEST(Folds, AreFoundWhereTheyRun) {
  const auto page = testing_support::draw_page(grainy()).image;
  EXPECT_TRUE(folds_of(page).empty());
  const auto lying = folds_of(folded(page, 1000, 1025, 0.7));
  ASSERT_EQ(lying.size(), 1U);
  EXPECT_TRUE(lying[0].lying);
  EXPECT_NEAR(lying[0].from, 1000, 4);
  EXPECT_NEAR(lying[0].to, 1025, 4);
  const auto standing = folds_of(folded(page, 1240, 1220, 0.75, false));
  ASSERT_EQ(standing.size(), 1U);
  EXPECT_FALSE(standing[0].lying);
  EXPECT_NEAR((standing[0].from + standing[0].to) / 2, 1230, 4);
}

TEST(Folds, AreTakenOutAndThePrintUnderThemStays) {
  const auto page = testing_support::draw_page(grainy()).image;
  const auto with = folded(page, 1000, 1012, 0.7);
  const auto plain = level(page, {});
  const auto out = level(with, {});
  ASSERT_TRUE(plain.has_value() && out.has_value());
  int differ = 0;
  int ink = 0;
  for (int y = 990; y < 1025; ++y) {
    for (int x = 0; x < page.width(); ++x) {
      const int a = plain->row(y)[x];
      const int b = out->row(y)[x];
      ink += a < 128 ? 1 : 0;
      differ += std::abs(a - b) > 60 ? 1 : 0;
    }
  }
  EXPECT_GT(ink, 500) << "the fold crosses no text";
  EXPECT_LT(differ, 150);
}

TEST(Folds, AreNoRulesNoManyLinesAndNothingShort) {
  const auto page = testing_support::draw_page(grainy()).image;
  EXPECT_TRUE(folds_of(folded(page, 1000, 1012, 0.2)).empty()) << "a printed rule";
  EXPECT_TRUE(folds_of(folded(page, 1000, 1012, 0.7, true, 0.6)).empty()) << "ends on the page";
  EXPECT_TRUE(folds_of(folded(page, 1000, 1012, 0.7, true, 0.96)).empty()) << "ends at a margin";
  auto ruled = page;
  for (int y = 400; y < 3000; y += 200) ruled = folded(ruled, y, y, 0.7);
  EXPECT_TRUE(folds_of(ruled).empty());
}

TEST(Folds, OfATinyOrEvenPicture) {
  for (const int side : {1, 2, 70, 600}) {
    EXPECT_TRUE(folds_of(flat_image(side, side, 128)).empty());
  }
  const cv::Mat gray(900, 900, CV_8UC1, cv::Scalar(200));
  EXPECT_EQ(without_folds(gray, 300).data, gray.data) << "copied for nothing";
}

}  // namespace
}  // namespace alih::processing
