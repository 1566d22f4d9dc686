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
