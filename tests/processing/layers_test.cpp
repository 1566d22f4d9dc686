#include "processing/layers.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "core/geometry.h"
#include "processing/codec.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

bool ink_at(const Image& mask, int x, int y) {
  return (static_cast<unsigned>(mask.row(y)[x / 8]) >> (7 - x % 8) & 1U) != 0;
}

int ink_in(const Image& mask, const Box& box) {
  int count = 0;
  for (int y = box.y; y < box.y + box.height; ++y) {
    for (int x = box.x; x < box.x + box.width; ++x) count += ink_at(mask, x, y) ? 1 : 0;
  }
  return count;
}

// Its darkest byte within a part of the page given in pixels of the page.
int darkest(const Layers& layers, const Image& page, const Box& box) {
  const auto& image = layers.background;
  const double scale = static_cast<double>(image.width()) / page.width();
  const auto channels = static_cast<std::size_t>(samples_per_pixel(image.format()));
  int least = 255;
  for (int y = static_cast<int>(box.y * scale); y < static_cast<int>((box.y + box.height) * scale);
       ++y) {
    const auto* row = image.row(y);
    for (auto i = static_cast<std::size_t>(box.x * scale) * channels;
         i < static_cast<std::size_t>((box.x + box.width) * scale) * channels; ++i) {
      least = std::min<int>(least, row[i]);
    }
  }
  return least;
}

Box whole(const Image& image) { return {0, 0, image.width(), image.height()}; }

// A copy in which `draw` gives each pixel of the box its gray.
template <typename Draw>
Image drawn_on(const Image& image, const Box& box, Draw draw) {
  std::vector<std::byte> bytes(image.bytes().begin(), image.bytes().end());
  for (int y = box.y; y < box.y + box.height; ++y) {
    for (int x = box.x; x < box.x + box.width; ++x) {
      bytes[static_cast<std::size_t>(y) * image.stride() + static_cast<std::size_t>(x)] =
          static_cast<std::byte>(draw(x - box.x, y - box.y));
    }
  }
  return Image(image.format(), image.width(), image.height(), std::move(bytes), image.dpi_x(),
               image.dpi_y());
}

testing_support::PageSpec toned_page() {
  auto spec = text_page();
  spec.paper = 0.85;
  spec.noise = 4;
  return spec;
}

TEST(Layers, TheMaskHoldsTheLettersAndTheBackgroundNoneOfThem) {
  const auto page = testing_support::draw_page(toned_page()).image;
  const auto out = layers(page, {});
  ASSERT_TRUE(out) << out.error().message.en;
  ASSERT_EQ(out->mask.format(), PixelFormat::bilevel);
  ASSERT_EQ(out->mask.width(), page.width());
  ASSERT_EQ(out->mask.height(), page.height());
  // Black where the page is dark, white where it is paper.
  int dark = 0;
  int kept = 0;
  int wrong = 0;
  for (int y = 0; y < page.height(); ++y) {
    for (int x = 0; x < page.width(); ++x) {
      const int gray = page.row(y)[x];
      if (gray < 80) {
        ++dark;
        kept += ink_at(out->mask, x, y) ? 1 : 0;
      } else if (gray > 190) {
        wrong += ink_at(out->mask, x, y) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(dark, 10000);
  EXPECT_GT(kept, dark * 98 / 100);  // the rest is the soft ends of strokes
  EXPECT_LT(wrong, dark / 50);
  EXPECT_GT(darkest(*out, page, whole(page)), 195) << "ghosts of letters";
  EXPECT_LT(out->ink[0], 70);
}

TEST(Layers, TheBackgroundIsSmall) {
  const auto page = testing_support::draw_page(toned_page()).image;
  const auto out = layers(page, {});
  ASSERT_TRUE(out);
  EXPECT_LE(out->background.width(), page.width() * 100 / 300 + 1);
  const auto bytes = encode_jpeg(out->background, 50, JpegCoding::small);
  ASSERT_TRUE(bytes);
  EXPECT_LT(bytes->size(), 3000U) << "of even paper next to nothing is left";
  EXPECT_LT(bytes->size(), encode_jpeg(out->background, 50)->size());
}

TEST(Layers, APhotographStaysInTheBackground) {
  const auto text = testing_support::draw_page(toned_page()).image;
  const Box photo{700, 2300, 900, 700};
  const auto page = drawn_on(text, photo, [](int x, int y) {
    return 110 + static_cast<int>(60 * std::sin(x / 37.0) + 45 * std::sin(y / 23.0 + x / 71.0));
  });
  const auto out = layers(page, {});
  ASSERT_TRUE(out);
  EXPECT_LT(ink_in(out->mask, photo), photo.width * photo.height / 500);
  EXPECT_LT(darkest(*out, page, photo), 60);
  EXPECT_NEAR(out->background.width(), page.width() / 2, 1) << "in the resolution of pictures";
  EXPECT_GT(ink_in(out->mask, {0, 0, page.width(), 1500}), 10000)
      << "the text is still in the mask";
}

TEST(Layers, AStampOfAnotherColorStaysInTheBackground) {
  auto spec = toned_page();
  spec.color = true;
  const auto text = testing_support::draw_page(spec).image;
  const Box stamp{1200, 2500, 500, 300};
  std::vector<std::byte> bytes(text.bytes().begin(), text.bytes().end());
  for (int y = 0; y < stamp.height; ++y) {
    for (int x = 0; x < stamp.width; ++x) {
      const bool rim = x < 12 || y < 12 || x >= stamp.width - 12 || y >= stamp.height - 12;
      if (!rim && y % 60 > 8) continue;
      auto* pixel = &bytes[static_cast<std::size_t>(stamp.y + y) * text.stride() +
                           static_cast<std::size_t>(stamp.x + x) * 3];
      pixel[0] = std::byte{170};
      pixel[1] = std::byte{40};
      pixel[2] = std::byte{50};
    }
  }
  const Image page(text.format(), text.width(), text.height(), std::move(bytes), 300, 300);
  const auto out = layers(page, {});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->background.format(), PixelFormat::rgb24);
  EXPECT_LT(ink_in(out->mask, stamp), 100);
  EXPECT_LT(darkest(*out, page, stamp), 110);
  EXPECT_GT(ink_in(out->mask, {0, 0, page.width(), 1500}), 10000);
}

TEST(Layers, SpecksAndBlankPaperMakeNoMask) {
  auto spec = toned_page();
  spec.paragraphs.clear();
  auto page = testing_support::draw_page(spec).image;
  for (int i = 0; i < 200; ++i) page = with_rectangle(page, 20 + i * 12, 40 + i * 17, 2, 2, 40);
  const auto out = layers(page, {});
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->mask.empty());
}

TEST(Layers, TakesATinyOrEvenPicture) {
  for (const int side : {1, 2, 5, 70, 300}) {
    for (const int gray : {0, 128, 255}) {
      const auto out = layers(flat_image(side, side, static_cast<std::uint8_t>(gray)), {});
      ASSERT_TRUE(out) << side;
      EXPECT_GE(out->background.width(), 1);
      EXPECT_LE(out->background.width(), side);
      const auto black = black_and_white(flat_image(side, side, static_cast<std::uint8_t>(gray)));
      ASSERT_TRUE(black);
      EXPECT_EQ(black->width(), side);
    }
  }
}

TEST(BlackAndWhite, KeepsLettersAndDarkThings) {
  const auto text = testing_support::draw_page(toned_page()).image;
  const Box bar{700, 2300, 900, 300};
  const auto page = with_rectangle(text, bar.x, bar.y, bar.width, bar.height, 30);
  const auto out = black_and_white(page);
  ASSERT_TRUE(out) << out.error().message.en;
  EXPECT_EQ(out->format(), PixelFormat::bilevel);
  EXPECT_GT(ink_in(*out, bar), bar.width * bar.height * 95 / 100);
  EXPECT_GT(ink_in(*out, {0, 0, page.width(), 1500}), 10000);
  EXPECT_LT(ink_in(*out, {0, 0, page.width(), 200}), 20) << "paper is white";
}

}  // namespace
}  // namespace alih::processing
