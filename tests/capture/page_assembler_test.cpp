#include "capture/page_assembler.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>

namespace alih::capture {
namespace {

using Channels = FrameShape::Channels;

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

std::vector<std::byte> counting(std::size_t count) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<std::byte>(i * 37 % 251));
  return out;
}

FrameShape shape(Channels channels, int depth, int width, int line_bytes, int lines,
                 bool last = true) {
  return {channels, last, depth, width, line_bytes, lines};
}

// One frame in pieces of `piece` bytes.
Status feed(PageAssembler& page, const FrameShape& frame, std::span<const std::byte> data,
            std::size_t piece) {
  ALIH_CHECK(page.begin_frame(frame));
  while (!data.empty()) {
    const std::size_t take = std::min(piece, data.size());
    ALIH_CHECK(page.add(data.first(take)));
    data = data.subspan(take);
  }
  return page.end_frame();
}

std::vector<std::byte> pixels(const Image& image) {
  return {image.bytes().begin(), image.bytes().end()};
}

Result<Image> one_frame(const FrameShape& frame, std::span<const std::byte> data,
                        std::size_t piece = 1000) {
  PageAssembler page;
  ALIH_CHECK(feed(page, frame, data, piece));
  return page.finish(300, 200);
}

TEST(PageAssembler, KeepsBytesInAnyPieces) {
  const auto data = counting(7 * 3 * 5);
  for (std::size_t piece = 1; piece <= data.size(); ++piece) {
    const auto image = one_frame(shape(Channels::rgb, 8, 7, 21, 5), data, piece);
    ASSERT_TRUE(image) << image.error().message.en;
    EXPECT_EQ(image->format(), PixelFormat::rgb24);
    EXPECT_EQ(image->width(), 7);
    EXPECT_EQ(image->height(), 5);
    EXPECT_EQ(image->dpi_x(), 300);
    EXPECT_EQ(image->dpi_y(), 200);
    EXPECT_EQ(pixels(*image), data) << piece;
  }
}

TEST(PageAssembler, DropsPaddingInAnyPieces) {
  const auto data = bytes({1, 2, 3, 90, 91, 4, 5, 6, 92, 93});
  for (std::size_t piece = 1; piece <= data.size(); ++piece) {
    const auto image = one_frame(shape(Channels::gray, 8, 3, 5, 2), data, piece);
    ASSERT_TRUE(image);
    EXPECT_EQ(pixels(*image), bytes({1, 2, 3, 4, 5, 6}));
  }
}

TEST(PageAssembler, ClearsBitsAfterTheLastPixel) {
  const auto image = one_frame(shape(Channels::gray, 1, 10, 2, 2), bytes({0xA5, 0xFF, 0x0F, 0x3F}));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->format(), PixelFormat::bilevel);
  EXPECT_EQ(pixels(*image), bytes({0xA5, 0xC0, 0x0F, 0x00}));
}

TEST(PageAssembler, SpreadsColourBits) {
  // Nine pixels: eight in the first three bytes, one in the next three.
  const auto image =
      one_frame(shape(Channels::rgb, 1, 9, 6, 1), bytes({0x80, 0x40, 0x01, 0x80, 0x00, 0x80}));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->format(), PixelFormat::rgb24);
  std::vector<std::byte> expected(27, std::byte{0});
  expected[0] = expected[4] = expected[23] = expected[24] = expected[26] = std::byte{255};
  EXPECT_EQ(pixels(*image), expected);
}

TEST(PageAssembler, KeepsSixteenBits) {
  const auto data = counting(2 * 3 * 4 * 2);
  const auto colour = one_frame(shape(Channels::rgb, 16, 4, 24, 2), data, 5);
  ASSERT_TRUE(colour);
  EXPECT_EQ(colour->format(), PixelFormat::rgb48);
  EXPECT_EQ(pixels(*colour), data);
  const auto gray = one_frame(shape(Channels::gray, 16, 12, 24, 2), data, 7);
  ASSERT_TRUE(gray);
  EXPECT_EQ(gray->format(), PixelFormat::gray16);
  EXPECT_EQ(pixels(*gray), data);
}

TEST(PageAssembler, JoinsThreePassesInAnyOrder) {
  PageAssembler page;
  ASSERT_TRUE(feed(page, shape(Channels::green, 8, 2, 3, 2, false), bytes({3, 4, 0, 5, 6, 0}), 2));
  EXPECT_FALSE(page.complete());
  ASSERT_TRUE(feed(page, shape(Channels::red, 8, 2, 2, -1, false), bytes({11, 12, 13, 14}), 3));
  ASSERT_TRUE(feed(page, shape(Channels::blue, 8, 2, 2, 2), bytes({21, 22, 23, 24}), 4));
  EXPECT_TRUE(page.complete());
  const auto image = page.finish(0, 0);
  ASSERT_TRUE(image);
  EXPECT_EQ(pixels(*image), bytes({11, 3, 21, 12, 4, 22, 13, 5, 23, 14, 6, 24}));
}

TEST(PageAssembler, JoinsThreePassesOfBits) {
  PageAssembler page;
  ASSERT_TRUE(feed(page, shape(Channels::red, 1, 2, 1, 1, false), bytes({0x80}), 1));
  ASSERT_TRUE(feed(page, shape(Channels::green, 1, 2, 1, 1, false), bytes({0x40}), 1));
  ASSERT_TRUE(feed(page, shape(Channels::blue, 1, 2, 1, 1), bytes({0xC0}), 1));
  const auto image = page.finish(0, 0);
  ASSERT_TRUE(image);
  EXPECT_EQ(pixels(*image), bytes({255, 0, 255, 0, 255, 255}));
}

TEST(PageAssembler, RefusesWrongPasses) {
  PageAssembler twice;
  ASSERT_TRUE(feed(twice, shape(Channels::red, 8, 1, 1, 1, false), bytes({1}), 1));
  EXPECT_FALSE(twice.begin_frame(shape(Channels::red, 8, 1, 1, 1)));

  PageAssembler early_end;
  ASSERT_TRUE(feed(early_end, shape(Channels::red, 8, 1, 1, 1, false), bytes({1}), 1));
  EXPECT_FALSE(feed(early_end, shape(Channels::blue, 8, 1, 1, 1), bytes({1}), 1));

  PageAssembler other_size;
  ASSERT_TRUE(feed(other_size, shape(Channels::red, 8, 1, 1, 1, false), bytes({1}), 1));
  EXPECT_FALSE(other_size.begin_frame(shape(Channels::green, 8, 2, 2, 1)));

  PageAssembler shorter;
  ASSERT_TRUE(feed(shorter, shape(Channels::red, 8, 1, 1, 2, false), bytes({1, 2}), 1));
  EXPECT_FALSE(feed(shorter, shape(Channels::green, 8, 1, 1, -1), bytes({1}), 1));

  PageAssembler longer;
  ASSERT_TRUE(feed(longer, shape(Channels::red, 8, 1, 1, 1, false), bytes({1}), 1));
  EXPECT_FALSE(feed(longer, shape(Channels::green, 8, 1, 1, -1), bytes({1, 2}), 1));

  PageAssembler gray_goes_on;
  EXPECT_FALSE(feed(gray_goes_on, shape(Channels::gray, 8, 1, 1, 1, false), bytes({1}), 1));
}

TEST(PageAssembler, LearnsTheHeightAtTheEnd) {
  const auto data = counting(4 * 9);
  const auto image = one_frame(shape(Channels::gray, 8, 4, 4, -1), data, 7);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->height(), 9);
  EXPECT_EQ(pixels(*image), data);
}

TEST(PageAssembler, RefusesAByteTooManyAndTooFew) {
  for (std::size_t piece : {1U, 3U, 100U}) {
    EXPECT_TRUE(one_frame(shape(Channels::gray, 8, 4, 4, 2), counting(8), piece));
    EXPECT_FALSE(one_frame(shape(Channels::gray, 8, 4, 4, 2), counting(9), piece));
    EXPECT_FALSE(one_frame(shape(Channels::gray, 8, 4, 4, 2), counting(16), piece));
    EXPECT_FALSE(one_frame(shape(Channels::gray, 8, 4, 4, 2), counting(7), piece));
    EXPECT_FALSE(one_frame(shape(Channels::gray, 8, 4, 4, 2), counting(4), piece));
    EXPECT_FALSE(one_frame(shape(Channels::gray, 8, 4, 4, -1), counting(5), piece));
    EXPECT_FALSE(one_frame(shape(Channels::gray, 8, 4, 4, -1), {}, piece));
  }
}

TEST(PageAssembler, RefusesImpossibleShapes) {
  for (const FrameShape& bad :
       {shape(Channels::gray, 12, 4, 8, 2), shape(Channels::gray, 8, 0, 4, 2),
        shape(Channels::gray, 8, -4, 4, 2), shape(Channels::gray, 8, 4, 3, 2),
        shape(Channels::gray, 8, 4, -4, 2), shape(Channels::gray, 8, 4, 4, 0),
        shape(Channels::gray, 8, 4, 4, -2), shape(Channels::rgb, 8, 4, 11, 2),
        shape(Channels::rgb, 1, 9, 5, 2), shape(Channels::gray, 16, 4, 7, 2)}) {
    PageAssembler page;
    EXPECT_FALSE(page.begin_frame(bad)) << bad.depth << ' ' << bad.pixels_per_line;
  }
}

TEST(PageAssembler, RefusesWhatIsTooLarge) {
  PageAssembler announced(100);
  const auto refused = announced.begin_frame(shape(Channels::gray, 8, 10, 10, 11));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);

  PageAssembler endless(100);
  ASSERT_TRUE(endless.begin_frame(shape(Channels::gray, 8, 10, 10, -1)));
  ASSERT_TRUE(endless.add(counting(100)));
  EXPECT_FALSE(endless.add(counting(10)));

  PageAssembler wide(100);
  EXPECT_FALSE(wide.begin_frame(shape(Channels::rgb, 8, 100, 300, -1)));
}

TEST(PageAssembler, RefusesCallsOutOfOrder) {
  PageAssembler page;
  EXPECT_FALSE(page.add(counting(1)));
  EXPECT_FALSE(page.end_frame());
  EXPECT_FALSE(page.finish(0, 0));
  ASSERT_TRUE(page.begin_frame(shape(Channels::gray, 8, 1, 1, 1)));
  EXPECT_FALSE(page.begin_frame(shape(Channels::gray, 8, 1, 1, 1)));
  ASSERT_TRUE(page.add(counting(1)));
  ASSERT_TRUE(page.end_frame());
  EXPECT_FALSE(page.begin_frame(shape(Channels::gray, 8, 1, 1, 1)));
  EXPECT_TRUE(page.finish(0, 0));
  EXPECT_FALSE(page.finish(0, 0));
}

}  // namespace
}  // namespace alih::capture
