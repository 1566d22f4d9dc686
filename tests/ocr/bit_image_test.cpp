// What stands in for Leptonica's and Tesseract's own work on whole pages, against the originals.
#include "ocr/bit_image.h"

#include <array>
#include <random>

#include <gtest/gtest.h>
#include <leptonica/allheaders.h>

namespace alih::ocr {
namespace {

Pix* random_page(int width, int height, unsigned share, unsigned seed) {
  std::mt19937 random(seed);
  Pix* out = pixCreate(width, height, 1);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (random() % 100 < share) pixSetPixel(out, x, y, 1);
    }
  }
  return out;
}

bool same(Pix* a, Pix* b) {
  l_int32 equal = 0;
  return pixEqual(a, b, &equal) == 0 && equal != 0;
}

struct Operation {
  const char* name;
  Pix* (*original)(Pix*, Pix*, l_int32, l_int32);
  void (*own)(BitImage, int, int);
};

TEST(BitImage, DoesWhatLeptonicaDoesWithBricksOfAnySize) {
  // No page is being read: these are Leptonica's own.
  const std::array operations{
      Operation{"erode", pixErodeBrick, erode}, Operation{"dilate", pixDilateBrick, dilate},
      Operation{"open", pixOpenBrick, open}, Operation{"close", pixCloseBrick, close}};
  unsigned seed = 0;
  for (const int width : {1, 31, 32, 33, 64, 97, 200}) {
    for (const int height : {1, 5, 60}) {
      for (const unsigned share : {3U, 50U, 97U}) {
        Pix* const page = random_page(width, height, share, ++seed);
        for (const auto& [across, down] : std::vector<std::pair<int, int>>{{1, 2},
                                                                           {2, 1},
                                                                           {3, 3},
                                                                           {5, 5},
                                                                           {15, 15},
                                                                           {1, 75},
                                                                           {75, 1},
                                                                           {64, 1},
                                                                           {33, 7},
                                                                           {300, 2}}) {
          for (const auto& operation : operations) {
            Pix* const expected = operation.original(nullptr, page, across, down);
            Pix* const found = pixCopy(nullptr, page);
            operation.own({pixGetData(found), pixGetWpl(found), width, height}, across, down);
            EXPECT_TRUE(same(found, expected)) << operation.name << ' ' << across << 'x' << down
                                               << " on " << width << 'x' << height;
            Pix* e = expected;
            Pix* f = found;
            pixDestroy(&e);
            pixDestroy(&f);
          }
        }
        Pix* p = page;
        pixDestroy(&p);
      }
    }
  }
}

TEST(BitImage, CountsAndFindsTheFirstInkOfAnyPart) {
  unsigned seed = 100;
  std::mt19937 random(3);
  for (const int width : {1, 31, 32, 33, 64, 97, 200}) {
    for (const int height : {1, 5, 40}) {
      for (const unsigned share : {0U, 1U, 5U, 50U, 100U}) {
        Pix* page = random_page(width, height, share, ++seed);
        const BitImage image{pixGetData(page), pixGetWpl(page), width, height};
        l_int32 black = 0;
        ASSERT_EQ(pixCountPixels(page, &black, nullptr), 0);
        EXPECT_EQ(count_black(image), black) << width << 'x' << height;
        for (int i = 0; i < 20; ++i) {
          const int left = static_cast<int>(random() % static_cast<unsigned>(width));
          const int top = static_cast<int>(random() % static_cast<unsigned>(height));
          const int right =
              left + 1 + static_cast<int>(random() % static_cast<unsigned>(width - left));
          const int bottom =
              top + 1 + static_cast<int>(random() % static_cast<unsigned>(height - top));
          Box* box = boxCreate(left, top, right - left, bottom - top);
          for (const auto& [side, from] : {std::pair{Side::left, L_FROM_LEFT},
                                           {Side::right, L_FROM_RIGHT},
                                           {Side::top, L_FROM_TOP},
                                           {Side::bottom, L_FROM_BOT}}) {
            l_int32 at = 0;
            const bool none = pixScanForForeground(page, box, from, &at) != 0;
            EXPECT_EQ(first_black(image, {left, top, right, bottom}, side), none ? -1 : at)
                << width << 'x' << height << ' ' << share << " from " << from;
          }
          boxDestroy(&box);
        }
        pixDestroy(&page);
      }
    }
  }
}

TEST(BitImage, ThresholdsAndCountsEachPixelOfARow) {
  std::mt19937 random(7);
  for (const int width : {1, 15, 16, 31, 32, 33, 100}) {
    Pix* gray = pixCreate(width, 1, 8);
    for (int x = 0; x < width; ++x) pixSetPixel(gray, x, 0, random() % 256);
    for (const int threshold : {0, 1, 127, 128, 254, 255}) {
      for (const bool below : {false, true}) {
        Pix* bits = pixCreate(width, 1, 1);
        threshold_row(pixGetData(gray), width, threshold, below, pixGetData(bits));
        for (int x = 0; x < width; ++x) {
          l_uint32 value = 0;
          l_uint32 bit = 0;
          pixGetPixel(gray, x, 0, &value);
          pixGetPixel(bits, x, 0, &bit);
          EXPECT_EQ(bit == 1, (static_cast<int>(value) > threshold) != below) << width << ' ' << x;
        }
        pixDestroy(&bits);
      }
    }
    std::array<std::uint32_t, 1024> counts{};
    count_row(pixGetData(gray), width, counts);
    std::array<std::uint32_t, 256> expected{};
    for (int x = 0; x < width; ++x) {
      l_uint32 value = 0;
      pixGetPixel(gray, x, 0, &value);
      ++expected[value];
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(counts[i] + counts[256 + i] + counts[512 + i] + counts[768 + i], expected[i]);
    }
    pixDestroy(&gray);
  }
}

}  // namespace
}  // namespace alih::ocr
