#include "processing/pyramid.h"

#include <fstream>
#include <tuple>

#include <gtest/gtest.h>

#include "processing/codec.h"
#include "tests/processing/pictures.h"
#include "tests/support/temp_folder.h"

namespace alih::processing {
namespace {

std::filesystem::path put(const testing_support::TempFolder& folder,
                          const std::vector<std::byte>& bytes) {
  std::ofstream out(folder / "p.tif", std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  return folder / "p.tif";
}

// Quarters of four tones, so that tiles can be told apart.
Image quarters(PixelFormat format, int width, int height) {
  const auto samples = static_cast<std::size_t>(samples_per_pixel(format));
  std::vector<std::byte> bytes;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int tone = (x < width / 2 ? 40 : 100) + (y < height / 2 ? 0 : 120);
      bytes.insert(bytes.end(), samples, static_cast<std::byte>(tone));
    }
  }
  return Image(format, width, height, std::move(bytes), 300, 300);
}

class Pyramid : public testing::TestWithParam<PixelFormat> {};

TEST_P(Pyramid, HalvesAndGivesTilesThatAreJpegFiles) {
  const testing_support::TempFolder folder;
  const auto image = quarters(GetParam(), 2000, 1200);
  const auto bytes = encode_pyramid(image, 85);
  ASSERT_TRUE(bytes) << bytes.error().message.en;
  const auto file = put(folder, *bytes);
  // 2000 x 1200, 1000 x 600, 500 x 300: the last tile of each, and none behind it.
  for (const auto& [level, column, row] :
       {std::tuple{0, 3, 2}, std::tuple{1, 1, 1}, std::tuple{2, 0, 0}}) {
    EXPECT_TRUE(pyramid_tile(file, level, column, row)) << level;
    EXPECT_FALSE(pyramid_tile(file, level, column + 1, row)) << level;
    EXPECT_FALSE(pyramid_tile(file, level, column, row + 1)) << level;
  }
  for (const auto& [column, row, tone] : {std::tuple{0, 0, 40}, std::tuple{3, 0, 100},
                                          std::tuple{0, 2, 160}, std::tuple{3, 2, 220}}) {
    const auto tile = pyramid_tile(file, 0, column, row);
    ASSERT_TRUE(tile) << tile.error().message.en;
    ASSERT_EQ(sniff(*tile), FileFormat::jpeg);
    const auto pixels = decode(*tile, 0, {});
    ASSERT_TRUE(pixels) << pixels.error().message.en;
    EXPECT_EQ(pixels->width(), kTile);
    EXPECT_EQ(pixels->format(), GetParam());
    EXPECT_NEAR(pixels->row(5)[9], tone, 3) << column << " " << row;
  }
  EXPECT_EQ(pyramid_tile(file, 0, 4, 0).error().code, ErrorCode::not_found);
  EXPECT_EQ(pyramid_tile(file, 3, 0, 0).error().code, ErrorCode::not_found);
  EXPECT_EQ(pyramid_tile(file, -1, 0, 0).error().code, ErrorCode::not_found);
  // The whole is a TIFF that any reader takes.
  const auto whole = decode(*bytes, 0, {});
  ASSERT_TRUE(whole) << whole.error().message.en;
  EXPECT_EQ(whole->width(), 2000);
}
INSTANTIATE_TEST_SUITE_P(, Pyramid, testing::Values(PixelFormat::gray8, PixelFormat::rgb24));

TEST(PyramidFiles, DamageIsTold) {
  const testing_support::TempFolder folder;
  const auto bytes = encode_pyramid(quarters(PixelFormat::gray8, 600, 600), 85);
  ASSERT_TRUE(bytes);
  const auto file = put(folder, {bytes->begin(), bytes->begin() + 100});
  EXPECT_EQ(pyramid_tile(file, 0, 0, 0).error().code, ErrorCode::damaged);
  EXPECT_EQ(pyramid_tile(folder / "absent", 0, 0, 0).error().code, ErrorCode::damaged);
}

TEST(G4, IsTheDataOfABilevelTiff) {
  // One black pixel row in white: read back through a TIFF that carries the bare data.
  std::vector<std::byte> rows(4 * 2);
  rows[2] = std::byte{0xF0};
  const Image image(PixelFormat::bilevel, 16, 4, rows);
  const auto bare = encode_g4(image);
  ASSERT_TRUE(bare) << bare.error().message.en;
  std::vector<std::byte> tones(16 * 4, std::byte{255});
  for (std::size_t x = 0; x < 4; ++x) tones[16 + x] = std::byte{0};
  const Image gray(PixelFormat::gray8, 16, 4, tones);
  const auto again = encode_g4(gray);
  ASSERT_TRUE(again);
  EXPECT_EQ(*bare, *again);  // a gray image of the same page gives the same data
  EXPECT_LT(bare->size(), 20U);
}

}  // namespace
}  // namespace alih::processing
