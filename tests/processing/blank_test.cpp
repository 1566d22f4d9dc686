#include "processing/blank.h"

#include <gtest/gtest.h>

#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

bool is_blank(const Image& image) {
  const auto step = make_blank({})->run(image, {});
  EXPECT_TRUE(step.has_value());
  EXPECT_TRUE(same_pixels(step->image, image));
  EXPECT_TRUE(step->findings[0].numbers.contains("ink_share"));
  return step->findings[0].note == "blank";
}

TEST(Blank, IsAPageWithoutInk) {
  for (const double paper : {1.0, 0.8, 0.6}) {
    for (const double noise : {0.0, 6.0, 15.0}) {
      testing_support::PageSpec spec;
      spec.paper = paper;
      spec.noise = noise;
      EXPECT_TRUE(is_blank(testing_support::draw_page(spec).image)) << paper << " " << noise;
    }
  }
}

TEST(Blank, IsNotAPageWithOneWord) {
  for (const double paper : {1.0, 0.7}) {
    testing_support::PageSpec spec;
    spec.paragraphs = {"LAMPIRAN"};
    spec.paper = paper;
    spec.noise = 6;
    EXPECT_FALSE(is_blank(testing_support::draw_page(spec).image)) << paper;
  }
}

TEST(Blank, IsNotAFaintPage) {
  // Pencil or a worn ribbon: ink only a fifth darker than the paper.
  auto page = testing_support::draw_page(text_page()).image;
  std::vector<std::byte> bytes;
  for (const auto b : page.bytes()) {
    bytes.push_back(static_cast<std::byte>(190 - (255 - std::to_integer<int>(b)) / 5));
  }
  EXPECT_FALSE(
      is_blank(Image(page.format(), page.width(), page.height(), std::move(bytes), 300, 300)));
}

TEST(Blank, IsNotAPhotographOrADarkCover) {
  EXPECT_FALSE(is_blank(flat_image(1200, 1600, 20)));
  EXPECT_FALSE(is_blank(with_rectangle(flat_image(1200, 1600, 230), 200, 300, 800, 900, 60)));
}

TEST(Blank, IsNotWhatIsTooSmallToJudge) { EXPECT_FALSE(is_blank(flat_image(10, 10, 255))); }

TEST(Blank, IsNotALowResolutionReceipt) {
  auto spec = text_page();
  spec.dpi = 60;
  EXPECT_FALSE(is_blank(testing_support::draw_page(spec).image));
}

}  // namespace
}  // namespace alih::processing
