#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "processing/blank.h"
#include "processing/codec.h"
#include "processing/crop.h"
#include "processing/deskew.h"
#include "processing/level.h"
#include "processing/prepare.h"
#include "processing/stages.h"
#include "tests/support/drawn_page.h"

namespace alih::processing {
namespace {

using testing_support::draw_page;
using testing_support::PageSpec;

Image pattern(PixelFormat format, int width, int height) {
  std::vector<std::byte> bytes(Image::stride_for(format, width) * static_cast<std::size_t>(height));
  unsigned v = 7;
  for (auto& b : bytes) b = static_cast<std::byte>((v = v * 1103515245U + 12345U) >> 16U);
  if (format == PixelFormat::bilevel && width % 8 != 0) {
    const auto stride = Image::stride_for(format, width);
    for (int y = 1; y <= height; ++y) {
      bytes[stride * static_cast<std::size_t>(y) - 1] &=
          static_cast<std::byte>(0xFFU << (8 - width % 8));
    }
  }
  return Image(format, width, height, std::move(bytes), 300, 300);
}

PageSpec text_page() {
  PageSpec spec;
  for (int i = 0; i < 8; ++i) {
    spec.paragraphs.push_back(
        "Perpustakaan daerah menyimpan surat kabar lama, peta, dan naskah yang "
        "dibaca guru dan murid dari Luwuk sampai Balantak setiap hari.");
  }
  return spec;
}

class Tiff : public ::testing::TestWithParam<std::tuple<PixelFormat, TiffCompression>> {};

TEST_P(Tiff, ComesBackPixelForPixel) {
  const auto [format, compression] = GetParam();
  const auto image = pattern(format, 101, 37);
  const auto bytes = encode_tiff(image, {}, compression);
  ASSERT_TRUE(bytes);
  const auto back = decode(*bytes, 0, {});
  ASSERT_TRUE(back) << back.error().message.en;
  EXPECT_EQ(back->format(), format);
  EXPECT_EQ(back->dpi_x(), 300);
  EXPECT_TRUE(std::equal(back->bytes().begin(), back->bytes().end(), image.bytes().begin(),
                         image.bytes().end()));
  EXPECT_FALSE(decode(std::span(*bytes).first(bytes->size() / 2), 0, {}));
}

INSTANTIATE_TEST_SUITE_P(
    Formats, Tiff,
    ::testing::Combine(
        ::testing::Values(PixelFormat::bilevel, PixelFormat::gray8, PixelFormat::gray16,
                          PixelFormat::rgb24, PixelFormat::rgb48),
        ::testing::Values(TiffCompression::deflate, TiffCompression::lzw, TiffCompression::none)));

TEST(Jpeg, IsRefusedWhenCutShort) {
  const auto bytes = encode_jpeg(pattern(PixelFormat::rgb24, 200, 100), 85);
  ASSERT_TRUE(bytes);
  const auto whole = decode(*bytes, 0, {});
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->width(), 200);
  EXPECT_EQ(whole->dpi_x(), 300);
  EXPECT_FALSE(decode(std::span(*bytes).first(bytes->size() / 2), 0, {}));
}

TEST(Probe, HoldsTheLimitsBeforeDecoding) {
  const auto bytes = encode_tiff(pattern(PixelFormat::gray8, 300, 200), {});
  ASSERT_TRUE(bytes);
  LimitSettings limits;
  limits.max_side_px = 250;
  const auto refused = probe(*bytes, limits);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  const std::string text = "this is no image";
  EXPECT_EQ(probe(std::as_bytes(std::span(text)), {}).error().code, ErrorCode::unreadable);
  EXPECT_EQ(probe({}, {}).error().code, ErrorCode::unreadable);
}

class Skewed : public ::testing::TestWithParam<double> {};

TEST_P(Skewed, IsFoundToATenthOfADegree) {
  auto spec = text_page();
  spec.skew_deg = GetParam();
  const auto page = draw_page(spec);
  const auto skew = find_skew(page.image, 7);
  ASSERT_TRUE(skew);
  EXPECT_NEAR(skew->angle_deg, GetParam(), 0.1);
  EXPECT_GT(skew->confidence, 2.5);
  const auto ready = prepare(page.image, 1, {}, {});
  ASSERT_TRUE(ready);
  const auto left = find_skew(ready->access, 7);
  ASSERT_TRUE(left);
  EXPECT_NEAR(left->angle_deg, 0, 0.12) << "straight afterwards";
}

INSTANTIATE_TEST_SUITE_P(Angles, Skewed, ::testing::Values(-5.0, -3.3, -0.7, 0.0, 1.2, 4.4));

TEST(Deskew, LeavesALowConfidencePageAlone) {
  PageSpec blank;
  const auto page = draw_page(blank);
  const auto step = make_deskew({})->run(page.image, {});
  ASSERT_TRUE(step);
  ASSERT_EQ(step->findings.size(), 1U);
  EXPECT_FALSE(step->findings[0].applied);
  EXPECT_EQ(step->image.width(), page.image.width());
}

TEST(Rotate, MapLeadsBackToTheInput) {
  // One dark mark on white: its place after turning must map back to where it was.
  constexpr int kSize = 400;
  std::vector<std::byte> bytes(kSize * kSize, std::byte{255});
  for (int y = 90; y < 100; ++y) {
    for (int x = 300; x < 310; ++x) bytes[static_cast<std::size_t>(y * kSize + x)] = std::byte{0};
  }
  const Image image(PixelFormat::gray8, kSize, kSize, std::move(bytes));
  Affine map;
  const auto turned = rotate(image, 4.0, &map);
  ASSERT_TRUE(turned);
  double sx = 0;
  double sy = 0;
  double n = 0;
  for (int y = 0; y < turned->height(); ++y) {
    for (int x = 0; x < turned->width(); ++x) {
      if (turned->row(y)[x] > 128) continue;
      sx += x + 0.5;
      sy += y + 0.5;
      ++n;
    }
  }
  ASSERT_GT(n, 0);
  const auto at = map.apply(sx / n, sy / n);
  EXPECT_NEAR(at[0], 305, 1);
  EXPECT_NEAR(at[1], 95, 1);
}

TEST(Crop, TakesADarkBorderOffAndKeepsTheInk) {
  auto spec = text_page();
  spec.dark_border_px = 60;
  const auto page = draw_page(spec);
  const auto step = make_crop({})->run(page.image, {});
  ASSERT_TRUE(step);
  EXPECT_TRUE(step->findings[0].applied);
  EXPECT_NEAR(step->image.width(), page.image.width() - 120, 24);
  EXPECT_NEAR(step->to_input.m[2], 60, 12);
  const auto clean = make_crop({})->run(draw_page(text_page()).image, {});
  ASSERT_TRUE(clean);
  EXPECT_FALSE(clean->findings[0].applied) << "a page without a border is left alone";
}

TEST(Level, MakesTonedPaperWhiteAndKeepsInkDark) {
  auto spec = text_page();
  spec.paper = 0.7;
  spec.noise = 4;
  const auto page = draw_page(spec);
  const auto levelled = level(page.image, {});
  ASSERT_TRUE(levelled);
  std::size_t white = 0;
  std::size_t dark = 0;
  for (const auto b : levelled->bytes()) {
    white += b == std::byte{255} ? 1 : 0;
    dark += b < std::byte{80} ? 1 : 0;
  }
  EXPECT_GT(white, levelled->bytes().size() * 9 / 10);
  EXPECT_GT(dark, levelled->bytes().size() / 200);
}

TEST(Blank, TellsAnEmptyPageFromALine) {
  PageSpec blank;
  blank.paper = 0.93;
  blank.noise = 3;
  const auto empty = prepare(draw_page(blank).image, 1, {}, {});
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->blank);
  PageSpec line = blank;
  line.paragraphs = {"Hanya satu baris tulisan di halaman ini."};
  const auto one = prepare(draw_page(line).image, 1, {}, {});
  ASSERT_TRUE(one);
  EXPECT_FALSE(one->blank);
}

TEST(Stages, LeaveTheirInputAsItWas) {
  const auto page = draw_page(text_page()).image;
  const std::vector<std::byte> before(page.bytes().begin(), page.bytes().end());
  for (const auto& row : all_stages()) {
    ASSERT_TRUE(row.make(Settings{})->run(page, {}));
    EXPECT_TRUE(std::equal(before.begin(), before.end(), page.bytes().begin())) << row.name;
  }
}

TEST(Prepare, KeepsThePageAsScannedAndTheWayFromItToTheAccessImage) {
  PageSpec spec = text_page();
  spec.skew_deg = 3;
  const auto page = draw_page(spec).image;
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

TEST(Stages, UnknownNamesAreRefusedWithTheKnownOnes) {
  Settings settings;
  EXPECT_TRUE(check_stages(settings));
  settings.stages = {"crop", "dekew"};
  const auto bad = check_stages(settings);
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.en.find("deskew"), std::string::npos);
}

std::filesystem::path samples() {
  const char* set = std::getenv("ALIH_SAMPLES");
  return set != nullptr ? std::filesystem::path(set)
                        : std::filesystem::path(ALIH_SOURCE_DIR) / "../shared/samples";
}

std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto* from = reinterpret_cast<const std::byte*>(text.data());
  return {from, from + text.size()};
}

TEST(Samples, EveryGoodPageIsDecodedAndEveryHostileOneEndsSoon) {
  if (!std::filesystem::is_directory(samples())) {
    GTEST_SKIP() << "the sample scans are not here; set ALIH_SAMPLES to their folder";
  }
  for (const auto& entry : std::filesystem::directory_iterator(samples())) {
    if (!entry.is_regular_file()) continue;
    const auto bytes = bytes_of(entry.path());
    if (!sniff(bytes)) continue;
    const auto info = probe(bytes, {});
    ASSERT_TRUE(info) << entry.path() << info.error().message.en;
    for (std::size_t i = 0; i < info->frames.size(); ++i) {
      const auto image = decode(bytes, static_cast<int>(i), {});
      EXPECT_TRUE(image) << entry.path() << image.error().message.en;
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(samples() / "hostile")) {
    const auto bytes = bytes_of(entry.path());
    const auto start = std::chrono::steady_clock::now();
    const auto info = probe(bytes, {});
    if (info) (void)decode(bytes, 0, {});
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << entry.path();
  }
}

}  // namespace
}  // namespace alih::processing
