#include "processing/blank.h"

#include <cmath>

#include <gtest/gtest.h>

#include "processing/prepare.h"
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

TEST(Blank, IsNotAPageWithOneNumber) {
  for (const char* number : {"7", "12", "iv", "1"}) {
    testing_support::PageSpec spec;
    spec.paragraphs = {number};
    spec.size_pt = 10;
    spec.paper = 0.85;
    spec.noise = 5;
    EXPECT_FALSE(is_blank(testing_support::draw_page(spec).image)) << number;
  }
}

TEST(Blank, IsNotAPageWithAStamp) {
  testing_support::PageSpec spec;
  spec.paper = 0.85;
  spec.noise = 5;
  const auto paper = testing_support::draw_page(spec).image;
  auto page = with_disc(paper, 1700, 2500, 190, 150);
  EXPECT_FALSE(is_blank(with_disc(page, 1700, 2500, 178, 215)));
}

TEST(Blank, IsAPageWithDustAndAFoldOrAGutter) {
  testing_support::PageSpec spec;
  spec.paper = 0.9;
  spec.noise = 5;
  auto page = testing_support::draw_page(spec).image;
  for (int i = 0; i < 50; ++i) {
    page = with_rectangle(page, 200 + (i * 977) % 2000, 200 + (i * 1511) % 3000, 5 + i % 5,
                          5 + i % 4, 60);
  }
  EXPECT_TRUE(is_blank(page));
  EXPECT_TRUE(is_blank(with_rectangle(page, 0, 1760, page.width(), 3, 170)));
  EXPECT_TRUE(is_blank(redrawn(page, [&](int x, int y) {
    return static_cast<int>(pixel(page, x, y) * (1 - 0.5 * std::exp(-x * x / 75000.0)));
  })));
}

TEST(Blank, IsAPageWithAFoldThatAShadowAndGrainBrokeUp) {
  testing_support::PageSpec spec;
  spec.paper = 0.9;
  spec.noise = 3;
  auto page = testing_support::draw_page(spec).image;
  int n = 0;
  for (int x = 0; x + 400 < page.width(); x += 420, ++n) {
    page = with_rectangle(page, x, 1760 + n, 400, 3, 110);
  }
  EXPECT_TRUE(is_blank(page));
  // Written words on one line are thin on the whole, too.
  auto written = testing_support::draw_page(spec).image;
  for (int x = 200; x + 200 < written.width(); x += 180) {
    for (int step = 0; step < 150; step += 3) {
      const int y = 1760 + static_cast<int>(18 * std::sin(step / 12.0));
      written = with_rectangle(written, x + step, y, 5, 5, 150);
    }
  }
  EXPECT_FALSE(is_blank(written));
  // A ruled sheet is none.
  for (int y = 300; y < 3200; y += 120) page = with_rectangle(page, 100, y, 2200, 3, 110);
  EXPECT_FALSE(is_blank(page));
}

TEST(Blank, IsAPageWithStainsAndNotOneWithFaintWriting) {
  testing_support::PageSpec spec;
  spec.paper = 0.9;
  spec.noise = 3;
  const auto paper = testing_support::draw_page(spec).image;
  // A blot as water leaves: darker within, darkest at its rim.
  const auto stained = redrawn(paper, [&](int x, int y) {
    const double angle = std::atan2(y - 1500, x - 1200);
    const double inside =
        (500 * (1 + 0.2 * std::cos(3 * angle)) - std::hypot(x - 1200, y - 1500)) / 4;
    const double body = std::clamp((inside + 3) / 6, 0.0, 1.0) * 0.55;
    const double rim = std::exp(-inside * inside / 40) * 0.45;
    return static_cast<int>(pixel(paper, x, y) * (1 - 0.2 * (body + rim)));
  });
  EXPECT_TRUE(is_blank(stained));
  const auto found = find_ink(stained);
  ASSERT_TRUE(found.has_value());
  EXPECT_GT(found->share, BlankSettings{}.max_ink) << "the test shows nothing";
  auto few = text_page();
  few.paragraphs.resize(1);
  const auto words = testing_support::draw_page(few).image;
  const auto written = [&](const Image& on) {
    return redrawn(on, [&](int x, int y) {
      return static_cast<int>(pixel(on, x, y) * (1 - 0.24 * (255 - pixel(words, x, y)) / 255));
    });
  };
  EXPECT_FALSE(is_blank(written(paper)));
  EXPECT_FALSE(is_blank(written(stained)));
}

TEST(Blank, IsAPageThroughWhichOnlyTheBackShows) {
  testing_support::PageSpec spec;
  spec.paper = 0.9;
  spec.noise = 3;
  const auto paper = testing_support::draw_page(spec).image;
  const auto back = testing_support::draw_page(text_page()).image;
  for (const double share : {0.1, 0.2, 0.3}) {
    EXPECT_TRUE(is_blank(with_back(paper, back, share))) << share;
  }
  // The same as faint, but sharp, is print of this side.
  EXPECT_FALSE(is_blank(redrawn(paper, [&](int x, int y) {
    return static_cast<int>(pixel(paper, x, y) * (1 - 0.2 * (255 - pixel(back, x, y)) / 255));
  })));
}

TEST(Blank, EndsTheWorkOnAPage) {
  testing_support::PageSpec spec;
  spec.paper = 0.9;
  const auto prepared = prepare(testing_support::draw_page(spec).image, 1, Settings{}, {});
  ASSERT_TRUE(prepared.has_value());
  EXPECT_TRUE(prepared->blank);
  for (const auto& f : prepared->findings) EXPECT_NE(f.name, "level");
}

TEST(Blank, IsNotWhatIsTooSmallToJudge) { EXPECT_FALSE(is_blank(flat_image(10, 10, 255))); }

TEST(Blank, IsNotALowResolutionReceipt) {
  auto spec = text_page();
  spec.dpi = 60;
  EXPECT_FALSE(is_blank(testing_support::draw_page(spec).image));
}

}  // namespace
}  // namespace alih::processing
