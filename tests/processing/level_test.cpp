#include "processing/level.h"

#include <utility>
#include <vector>

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

// Faint print: rows of strokes, none as dark as the next, and between the rows marks of `width` and
// `height` that are only a little darker than the paper.
struct FaintPage {
  Image image;
  std::vector<std::pair<int, int>> print;  // x, y of pixels in the middle of strokes
  std::vector<std::pair<int, int>> marks;
};
FaintPage faint_page(int mark_width, int mark_height) {
  constexpr int kWidth = 1240;
  constexpr int kHeight = 1240;
  constexpr int kPaper = 165;
  std::vector<std::byte> bytes(std::size_t{kWidth} * kHeight, std::byte{kPaper});
  FaintPage out;
  int n = 0;
  const auto put = [&](int x, int y, int width, int height, int gray) {
    for (int row = y; row < y + height; ++row) {
      for (int column = x; column < x + width; ++column) {
        bytes[static_cast<std::size_t>(row) * kWidth + static_cast<std::size_t>(column)] =
            static_cast<std::byte>(gray);
      }
    }
  };
  for (int y = 60; y < kHeight - 120; y += 80) {
    for (int x = 60; x < kWidth - 60; x += 24, ++n) {
      put(x, y, 6, 30, 112 + n * 7 % 15);
      out.print.emplace_back(x + 3, y + 15);
      if (n % 3 != 0) continue;
      put(x, y + 46, mark_width, mark_height, 138 + n * 5 % 6);
      out.marks.emplace_back(x + mark_width / 2, y + 46 + mark_height / 2);
    }
  }
  out.image = Image(PixelFormat::gray8, kWidth, kHeight, std::move(bytes), 300, 300);
  return out;
}
int whites(const Image& image, const std::vector<std::pair<int, int>>& places) {
  int count = 0;
  for (const auto& [x, y] : places) {
    count += image.row(y)[static_cast<std::size_t>(x)] == 255 ? 1 : 0;
  }
  return count;
}

TEST(Level, OfFaintPrintTheSpotsOfThePaperGo) {
  const auto page = faint_page(6, 6);
  const auto out = level(page.image, {}, nullptr, Background::fine);
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(whites(*out, page.print), 0);
  EXPECT_EQ(whites(*out, page.marks), static_cast<int>(page.marks.size()));
}

TEST(Level, AThinStrokeAsFaintAsTheSpotsStays) {
  const auto page = faint_page(6, 6);
  std::vector<std::byte> bytes(page.image.bytes().begin(), page.image.bytes().end());
  std::vector<std::pair<int, int>> slashes;
  for (int y = 60; y < page.image.height() - 120; y += 80) {
    for (int row = 0; row < 36; ++row) {  // higher than the strokes beside it
      const int x = 1210 - row / 2;
      for (int column = x; column < x + 5; ++column) {
        bytes[static_cast<std::size_t>(y + row) * page.image.stride() +
              static_cast<std::size_t>(column)] = std::byte{138};
      }
    }
    slashes.emplace_back(1210 - 9 + 2, y + 18);
  }
  const Image with(PixelFormat::gray8, page.image.width(), page.image.height(), std::move(bytes),
                   300, 300);
  const auto out = level(with, {}, nullptr, Background::fine);
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(whites(*out, slashes), 0);
  EXPECT_EQ(whites(*out, page.marks), static_cast<int>(page.marks.size()));
}

TEST(Level, FainterWritingBesideThePrintStays) {
  const auto page = faint_page(6, 26);  // as large as a letter
  const auto out = level(page.image, {}, nullptr, Background::fine);
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(whites(*out, page.print), 0);
  EXPECT_EQ(whites(*out, page.marks), 0);
}

TEST(Level, ManyFaintSpotsAreNotTakenForPaper) {
  // Half of all that is on the page: nobody knows what that is.
  auto page = faint_page(12, 12);
  const auto out = level(page.image, {}, nullptr, Background::fine);
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(whites(*out, page.marks), 0);
}

}  // namespace
}  // namespace alih::processing
