#include "processing/gutter.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "processing/codec.h"
#include "processing/orient.h"
#include "processing/pixels.h"
#include "tests/processing/pictures.h"
#include "tests/support/drawn_spread.h"

namespace alih::processing {
namespace {

namespace fs = std::filesystem;
using testing_support::draw_spread;
using testing_support::SpreadSpec;
using testing_support::text_spread;

// Ink of `page` on a sheet of paper.
Image laid_on(const Image& sheet, const Image& page, int x, int y) {
  std::vector<std::byte> bytes(sheet.bytes().begin(), sheet.bytes().end());
  for (int row = 0; row < page.height(); ++row) {
    for (int column = 0; column < page.width(); ++column) {
      const auto gray = page.row(row)[column];
      if (gray >= 225) continue;
      bytes[static_cast<std::size_t>(y + row) * sheet.stride() +
            static_cast<std::size_t>(x + column)] = std::byte{gray};
    }
  }
  return Image(PixelFormat::gray8, sheet.width(), sheet.height(), std::move(bytes), 150, 150);
}

// An A4 sheet at 150 dpi on its side with two columns of prose, so many pixels apart.
Image two_columns(int gap) {
  const auto page = testing_support::draw_page(text_spread().left).image;
  const auto column = part_of(page, {148, 148, 620, 1000});
  const auto sheet = flat_image(1754, 1240, 237);
  const int left = (1754 - gap) / 2 - 620;
  return laid_on(laid_on(sheet, *column, left, 120), *column, left + 620 + gap, 120);
}

Gutter found(const Image& image) {
  const auto gutter = find_gutter(image);
  EXPECT_TRUE(gutter.has_value());
  return gutter.value_or(Gutter{});
}
bool is_sure(const Gutter& gutter) { return gutter.confidence >= kSureOfGutter; }

struct Case {
  double shadow;
  double skew_deg;
  double inner_mm;
};
struct Spreads : testing::TestWithParam<Case> {};

TEST_P(Spreads, AreCutAtTheFoldAndThroughNoInk) {
  auto spec = text_spread();
  spec.shadow = GetParam().shadow;
  spec.skew_deg = GetParam().skew_deg;
  spec.inner_mm = GetParam().inner_mm;
  const auto spread = draw_spread(spec);
  const auto gutter = found(spread.image);
  ASSERT_TRUE(is_sure(gutter)) << gutter.note << ' ' << gutter.confidence;
  EXPECT_EQ(gutter.note, "");
  // Without a shadow the cut lies between the texts: the right margin of prose is ragged.
  EXPECT_NEAR(gutter.x_px, spread.fold_x, spec.shadow == 0 ? 40 : 12);
  if (spec.shadow != 0) {
    EXPECT_NEAR(gutter.slant_deg, spec.skew_deg, 0.5);
  }

  // The same book without a shadow: along the cut there is paper only.
  spec.shadow = 0;
  const auto plain = draw_spread(spec);
  for (int y = 0; y < plain.image.height(); ++y) {
    for (int x = gutter.x_px - 3; x <= gutter.x_px + 3; ++x) {
      ASSERT_GT(plain.image.row(y)[x], 200) << "ink at " << x << ", " << y;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Spreads,
                         testing::Values(Case{0.6, 0, 25}, Case{0.6, 3, 8}, Case{0.3, -1.5, 12},
                                         Case{0.15, -3, 25}, Case{0.08, 0, 12}, Case{0.08, 1.5, 8},
                                         Case{-0.08, 0, 12}, Case{-0.08, -3, 12}, Case{0, 0, 25},
                                         Case{0, 2, 25}),
                         [](const auto& one) { return "Case" + std::to_string(one.index); });

TEST(Gutter, IsFoundInColourWithNoiseAndADarkFrame) {
  auto spec = text_spread();
  spec.dark_border_px = 80;
  spec.left.color = spec.right.color = true;
  spec.left.noise = spec.right.noise = 10;
  const auto spread = draw_spread(spec);
  const auto gutter = found(spread.image);
  EXPECT_TRUE(is_sure(gutter)) << gutter.note;
  EXPECT_NEAR(gutter.x_px, spread.fold_x, 12);
}

TEST(Gutter, IsFoundInABlackAndWhiteScan) {
  const auto spread = draw_spread(text_spread());
  const auto gutter = found(to_bilevel(spread.image));
  EXPECT_TRUE(is_sure(gutter)) << gutter.note;
  EXPECT_NEAR(gutter.x_px, spread.fold_x, 12);
}

TEST(Gutter, IsFoundBesideAnEmptyPageAndBesideAPlate) {
  auto spec = text_spread();
  spec.right.paragraphs.clear();
  const auto empty = draw_spread(spec);
  EXPECT_TRUE(is_sure(found(empty.image)));
  const auto spread = draw_spread(text_spread());
  const auto plate = found(with_rectangle(spread.image, 80, 80, 1080, 1580, 110));
  EXPECT_TRUE(is_sure(plate)) << plate.note;
  EXPECT_NEAR(plate.x_px, spread.fold_x, 12);
}

TEST(Gutter, OfAnEmptyBookIsNotGuessed) {
  auto spec = text_spread();
  spec.left.paragraphs.clear();
  spec.right.paragraphs.clear();
  EXPECT_FALSE(is_sure(found(draw_spread(spec).image)));
  spec = text_spread();
  spec.right.paragraphs.clear();
  spec.shadow = 0;
  EXPECT_FALSE(is_sure(found(draw_spread(spec).image))) << "nothing says where the fold is";
}

TEST(Gutter, IsNotCutWhereInkOrAPictureReachesAcross) {
  const auto spread = draw_spread(text_spread());
  const int fold = static_cast<int>(spread.fold_x);
  const auto rule = found(with_rectangle(spread.image, fold - 500, 380, 1000, 3, 40));
  EXPECT_FALSE(is_sure(rule));
  EXPECT_EQ(rule.note, "ink across the gutter");
  const auto picture = found(with_rectangle(spread.image, fold - 250, 400, 500, 350, 90));
  EXPECT_FALSE(is_sure(picture));
  EXPECT_EQ(picture.note, "a picture across the gutter");
  // A heading over both pages, its letters further apart than a cut is wide.
  testing_support::PageSpec heading;
  heading.dpi = 150;
  heading.size_pt = 20;
  heading.paragraphs = {"# Peta Kabupaten Banggai"};
  const auto words = testing_support::draw_page(heading).image;
  const auto across = found(laid_on(spread.image, words, fold - words.width() / 2, 0));
  EXPECT_FALSE(is_sure(across));
  EXPECT_EQ(across.note, "ink across the gutter");
}

TEST(Gutter, IsNotSeenInColumnsOfOneSheet) {
  for (const int gap : {30, 60, 90, 120}) {
    const auto gutter = found(two_columns(gap));
    EXPECT_FALSE(is_sure(gutter)) << gap << ' ' << gutter.confidence;
  }
  const auto ruled = found(with_rectangle(two_columns(100), 876, 100, 3, 1060, 60));
  EXPECT_FALSE(is_sure(ruled)) << "a rule between columns";
  EXPECT_EQ(ruled.note, "a line, but not from head to foot");
}

TEST(Gutter, IsNotSeenInATableAPhotographOrAStreak) {
  testing_support::PageSpec table;
  table.dpi = 150;
  table.paper = 0.93;
  table.paragraphs = {"# Daftar Anggaran"};
  for (int i = 0; i < 14; ++i) {
    table.table.push_back(
        {"Urusan " + std::to_string(i), "Belanja pegawai", "1.250.000", "2.300.000"});
  }
  const auto drawn = testing_support::draw_page(table).image;
  EXPECT_FALSE(is_sure(found(*part_of(drawn, {0, 0, drawn.width(), 880}))));

  std::vector<std::byte> bytes;
  for (int y = 0; y < 1100; ++y) {
    for (int x = 0; x < 1600; ++x) {
      const double hills = 120 + 80 * std::sin(x / 130.0) * std::cos(y / 210.0);
      const double ground = hills + (y > 700 ? -60 : 30);
      const double pole = std::abs(x - 800) < 12 ? 20 : ground;
      bytes.push_back(static_cast<std::byte>(std::lround(std::clamp(pole, 0.0, 255.0))));
    }
  }
  EXPECT_FALSE(is_sure(found(Image(PixelFormat::gray8, 1600, 1100, std::move(bytes), 150, 150))));
  EXPECT_FALSE(is_sure(found(random_image(PixelFormat::gray8, 1600, 1100))));

  // Dust on a feeder's glass draws a line over the whole sheet.
  const auto streaked = found(with_rectangle(two_columns(0), 877, 0, 2, 1240, 60));
  EXPECT_FALSE(is_sure(streaked));
}

TEST(Gutter, IsNotLookedForInAnUprightPage) {
  const auto page = testing_support::draw_page(text_page()).image;
  EXPECT_EQ(found(page).note, "upright page");
  const auto spread = find_spread(page, 1);
  ASSERT_TRUE(spread.has_value());
  EXPECT_TRUE(spread->parts.empty());
  EXPECT_FALSE(spread->finding.has_value());
  for (const int side : {1, 3, 64}) {
    EXPECT_FALSE(is_sure(found(flat_image(side * 2, side, 0))));
  }
}

TEST(Spread, OfAnyPictureIsNoneOrTwoPartsThatFillIt) {
  const auto book = draw_spread(text_spread()).image;
  std::minstd_rand random(7);
  const auto upto = [&](int most) {
    return 1 + static_cast<int>(random() % static_cast<unsigned>(most));
  };
  for (int i = 0; i < 120; ++i) {
    Image image;
    const int width = upto(1800);
    const int height = upto(i % 4 == 0 ? 60 : 900);
    if (i % 3 == 0) {
      image = random_image(static_cast<PixelFormat>(i / 3 % 5), width, height,
                           static_cast<unsigned>(random()));
    } else if (i % 3 == 1) {
      image = flat_image(width, height, 200);
      for (int k = 0; k < 5; ++k) {
        const int x = upto(width) - 1;
        const int y = upto(height) - 1;
        image = with_rectangle(image, x, y, upto(width - x), upto(height - y),
                               static_cast<std::uint8_t>(upto(255)));
      }
    } else {
      const int x = upto(book.width()) - 1;
      const int y = upto(book.height()) - 1;
      const auto piece = part_of(book, {x, y, upto(book.width() - x), upto(book.height() - y)});
      ASSERT_TRUE(piece.has_value());
      image = to_bilevel(*piece);
    }
    const auto spread = find_spread(image, upto(8));
    ASSERT_TRUE(spread.has_value()) << i << ": " << spread.error().message.en;
    if (spread->parts.empty()) continue;
    ASSERT_EQ(spread->parts.size(), 2U);
    long area = 0;
    for (const auto& part : spread->parts) {
      EXPECT_TRUE(part_of(image, part).has_value());
      area += static_cast<long>(part.width) * part.height;
    }
    EXPECT_EQ(area, static_cast<long>(image.width()) * image.height());
  }
}

TEST(Spread, SaysWhyAPictureStaysWhole) {
  const auto spread = find_spread(two_columns(90), 1);
  ASSERT_TRUE(spread.has_value());
  EXPECT_TRUE(spread->parts.empty());
  ASSERT_TRUE(spread->finding.has_value());
  EXPECT_FALSE(spread->finding->applied);
  EXPECT_NE(spread->finding->note, "");
}

TEST(Spread, GivesTheLeftPageFirstHoweverThePictureIsStored) {
  const auto drawn = draw_spread(text_spread());
  const int fold = static_cast<int>(drawn.fold_x);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    // 6 and 8 undo each other, all others themselves.
    const int back = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
    const auto stored = upright(drawn.image, back);
    ASSERT_TRUE(stored.has_value());
    const auto spread = find_spread(*stored, orientation);
    ASSERT_TRUE(spread.has_value());
    ASSERT_EQ(spread->parts.size(), 2U) << orientation;
    EXPECT_TRUE(spread->finding->applied);
    int x = 0;
    long area = 0;
    for (const auto& box : spread->parts) {
      const auto part = part_of(*stored, box);
      ASSERT_TRUE(part.has_value()) << orientation;
      const auto page = upright(*part, orientation);
      ASSERT_TRUE(page.has_value());
      const auto expected = part_of(drawn.image, {x, 0, page->width(), drawn.image.height()});
      ASSERT_TRUE(expected.has_value());
      EXPECT_TRUE(same_pixels(*page, *expected)) << orientation << " at " << x;
      x += page->width();
      area += static_cast<long>(box.width) * box.height;
      if (x < drawn.image.width()) {
        EXPECT_NEAR(x, fold, 12);
      }
    }
    EXPECT_EQ(area, static_cast<long>(stored->width()) * stored->height());
  }
}

TEST(PartOf, HasThePixelsOfEveryFormat) {
  for (const auto format : {PixelFormat::bilevel, PixelFormat::gray8, PixelFormat::gray16,
                            PixelFormat::rgb24, PixelFormat::rgb48}) {
    const auto image = random_image(format, 53, 20);
    for (const auto& box : {Box{0, 0, 53, 20}, Box{5, 3, 40, 11}, Box{16, 0, 37, 20},
                            Box{52, 19, 1, 1}, Box{7, 2, 9, 4}}) {
      const auto part = part_of(image, box);
      ASSERT_TRUE(part.has_value());
      ASSERT_EQ(part->format(), format);
      EXPECT_EQ(part->dpi_x(), 300);
      const auto whole8 = to_8bit(image);
      const auto part8 = to_8bit(*part);
      const auto samples = static_cast<std::size_t>(samples_per_pixel(whole8.format()));
      for (int y = 0; y < box.height; ++y) {
        const auto* expected = whole8.row(box.y + y) + static_cast<std::size_t>(box.x) * samples;
        EXPECT_EQ(
            std::memcmp(part8.row(y), expected, static_cast<std::size_t>(box.width) * samples), 0)
            << static_cast<int>(format) << ' ' << box.x;
      }
      if (format == PixelFormat::bilevel && box.width % 8 != 0) {
        const auto last = part->row(0)[part->stride() - 1];
        EXPECT_EQ(last & (0xFF >> (box.width % 8)), 0) << "padding is white";
      }
    }
    for (const auto& outside : {Box{-1, 0, 5, 5}, Box{0, 0, 54, 20}, Box{10, 10, 5, 11},
                                Box{3, 3, 0, 4}, Box{2147483647, 0, 2147483647, 1}}) {
      EXPECT_FALSE(part_of(image, outside).has_value());
    }
  }
}

// Real scans, where they are at hand: see samples_test.cpp.
TEST(Gutter, IsFoundInRealSpreadsAndInNoOtherRealPage) {
  const char* named = std::getenv("ALIH_SAMPLES");
  const fs::path folder =
      named != nullptr ? fs::path(named) : fs::path(ALIH_SOURCE_DIR) / "../shared/samples";
  if (!fs::is_directory(folder)) GTEST_SKIP() << "no samples at " << folder;
  // With the columns between which the cut must lie.
  const std::map<std::string, std::pair<int, int>> spreads{
      {"lept-binding-example-45.jpg", {364, 380}}, {"unpaper-imgsrcE001.png", {1560, 1840}}};
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    const auto kind = entry.path().extension().string();
    if (kind != ".tif" && kind != ".jpg" && kind != ".png" && kind != ".tiff") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto image = decode(std::as_bytes(std::span(text)), 0, {});
    ASSERT_TRUE(image.has_value()) << name;
    const auto gutter = found(*image);
    ++seen;
    if (const auto spread = spreads.find(name); spread != spreads.end()) {
      EXPECT_TRUE(is_sure(gutter)) << name << ": " << gutter.note;
      EXPECT_GE(gutter.x_px, spread->second.first) << name;
      EXPECT_LE(gutter.x_px, spread->second.second) << name;
      continue;
    }
    EXPECT_FALSE(is_sure(gutter)) << name << ' ' << gutter.confidence;
    // Pages that lie on their side are landscape, too.
    if (image->width() > image->height()) continue;
    const auto sideways = upright(to_8bit(*image), 6);
    ASSERT_TRUE(sideways.has_value());
    EXPECT_FALSE(is_sure(found(*sideways))) << name << " on its side";
  }
  EXPECT_GT(seen, 50);
}

}  // namespace
}  // namespace alih::processing
