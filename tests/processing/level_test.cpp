#include "processing/level.h"

#include <gtest/gtest.h>

#include "processing/prepare.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

double share_above(const Image& image, int gray) {
  double count = 0;
  for (const auto b : image.bytes()) count += std::to_integer<int>(b) > gray ? 1 : 0;
  return count / static_cast<double>(image.bytes().size());
}

TEST(Level, WhitensTonedPaperAndKeepsInkDark) {
  auto spec = text_page();
  spec.paper = 0.75;
  spec.noise = 5;
  const auto page = testing_support::draw_page(spec);
  EXPECT_LT(share_above(page.image, 250), 0.01);
  const auto white = level(page.image, {});
  ASSERT_TRUE(white.has_value());
  EXPECT_EQ(white->format(), PixelFormat::gray8);
  EXPECT_GT(share_above(*white, 250), 0.85);
  EXPECT_LT(share_above(*white, 127), 0.999);
  EXPECT_GT(1 - share_above(*white, 127), 0.02) << "the ink is gone";
}

TEST(Level, TakesAShadowOut) {
  // Paper that grows darker to the left, as in a book's gutter.
  const int width = 900;
  const int height = 600;
  std::vector<std::byte> bytes;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool ink = y % 40 < 4 && x % 30 < 20;
      const int paper = 80 + 160 * x / width;
      bytes.push_back(static_cast<std::byte>(ink ? paper / 4 : paper));
    }
  }
  const Image page(PixelFormat::gray8, width, height, std::move(bytes), 300, 300);
  const auto out = level(page, {});
  ASSERT_TRUE(out.has_value());
  for (const int x : {35 + 22, 457, 867}) {
    EXPECT_GT(out->row(310)[x], 235) << x;
  }
}

TEST(Level, SaysWhatItDid) {
  const auto page = testing_support::draw_page(text_page());
  const auto step = make_level({})->run(page.image, {});
  ASSERT_TRUE(step.has_value());
  EXPECT_EQ(step->findings[0].name, "level");
  EXPECT_GT(step->findings[0].numbers.at("white"), step->findings[0].numbers.at("otsu"));
  EXPECT_EQ(step->to_input, Affine{});
}

TEST(Level, TakesATinyOrEvenPicture) {
  for (const int side : {1, 2, 5, 70}) {
    for (const int gray : {0, 128, 255}) {
      const auto out = level(flat_image(side, side, static_cast<std::uint8_t>(gray)), {});
      ASSERT_TRUE(out.has_value());
      EXPECT_EQ(out->width(), side);
    }
  }
}

TEST(Level, AHarderClipGivesMoreWhite) {
  auto spec = text_page();
  spec.paper = 0.8;
  spec.noise = 10;
  const auto page = testing_support::draw_page(spec);
  const auto soft = reading_variant(page.image, "soft8", {});
  const auto hard = reading_variant(page.image, "soft5", {});
  ASSERT_TRUE(soft.has_value() && hard.has_value());
  EXPECT_GE(share_above(*hard, 254), share_above(*soft, 254));
  const auto none = reading_variant(page.image, "none", {});
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(same_pixels(*none, page.image));
  EXPECT_EQ(reading_variant(page.image, "soft9", {}).error().code, ErrorCode::bad_setting);
}

}  // namespace
}  // namespace alih::processing
