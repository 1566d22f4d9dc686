// Each defect at several strengths: the number follows the strength, and clean pages have none.
#include "processing/quality.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "processing/deskew.h"
#include "processing/pixels.h"
#include "tests/processing/pictures.h"
#include "tests/support/book.h"

namespace alih::processing {
namespace {

// As a scanner gives it: paper a little under white, grain everywhere.
testing_support::PageSpec scan(int dpi = 300) {
  auto spec = text_page();
  spec.paper = 0.93;
  spec.noise = 3;
  spec.dpi = dpi;
  return spec;
}

Image changed(const Image& image, const std::function<double(double)>& tone) {
  std::vector<std::byte> bytes;
  for (const auto b : image.bytes()) {
    bytes.push_back(
        static_cast<std::byte>(std::lround(std::clamp(tone(std::to_integer<int>(b)), 0.0, 255.0))));
  }
  return Image(image.format(), image.width(), image.height(), std::move(bytes), image.dpi_x(),
               image.dpi_y());
}

Image blurred(const Image& image, double sigma_x, double sigma_y) {
  cv::Mat out;
  cv::GaussianBlur(view(image), out, {0, 0}, sigma_x, sigma_y, cv::BORDER_REPLICATE);
  return to_image(out, image.dpi_x(), image.dpi_y());
}

Image part(const Image& image, int x, int y, int width, int height) {
  return to_image(view(image)(cv::Rect(x, y, width, height)).clone(), image.dpi_x(), image.dpi_y());
}

// The last `share` of the rows lost and filled.
Image with_tail(const Image& image, double share, std::uint8_t gray) {
  const int rows = static_cast<int>(share * image.height());
  return with_rectangle(image, 0, image.height() - rows, image.width(), rows, gray);
}

double sharpness(const Image& image) { return find_sharpness(image)->width_px; }

TEST(Quality, EdgesWidenAsThePageBlurs) {
  for (const int dpi : {200, 300}) {
    for (const double noise : {0.0, 3.0, 8.0}) {
      auto spec = scan(dpi);
      spec.noise = 0;
      const auto print = testing_support::draw_page(spec).image;
      const auto grained = [&](const Image& image) {
        cv::Mat grain(image.height(), image.width(), CV_16SC1);
        cv::RNG random(7);
        random.fill(grain, cv::RNG::NORMAL, 0, noise);
        cv::Mat out;
        cv::add(view(image), grain, out, {}, CV_8UC1);
        return to_image(out, image.dpi_x(), image.dpi_y());
      };
      double last = sharpness(grained(blurred(print, 0.8, 0.8)));
      EXPECT_GT(last, 1) << dpi << " " << noise;
      EXPECT_LT(last, 3.5) << dpi << " " << noise;  // a good scanner's softness
      for (const double sigma : {1.6, 2.4, 3.2, 4.5}) {
        const double width = sharpness(grained(blurred(print, sigma, sigma)));
        EXPECT_GT(width, std::min(last * 1.1, 9.0)) << dpi << " " << noise << " " << sigma;
        // An edge blurred by sigma is sqrt(2 pi) sigma wide; thin strokes never reach full ink.
        EXPECT_LT(width, 3.1 * sigma + 1.5) << dpi << " " << noise << " " << sigma;
        last = width;
      }
      EXPECT_GT(last, 6) << dpi << " " << noise;
    }
  }
}

TEST(Quality, BlurOfOneDirectionIsSeen) {
  // The sheet slipped while it was fed.
  const auto print = testing_support::draw_page(scan()).image;
  EXPECT_GT(sharpness(blurred(print, 0.3, 4)), 5);
  EXPECT_GT(sharpness(blurred(print, 4, 0.3)), 5);
}

TEST(Quality, ContrastFollowsTheInk) {
  const auto print = testing_support::draw_page(scan()).image;
  double last = find_sharpness(print)->contrast;
  EXPECT_GT(last, 0.75);
  for (const double ink : {0.6, 0.4, 0.25}) {
    const auto faint = changed(print, [&](double v) { return 237 - (237 - v) * ink; });
    const double contrast = find_sharpness(faint)->contrast;
    EXPECT_NEAR(contrast, ink * 0.94, 0.08) << ink;
    EXPECT_LT(contrast, last);
    last = contrast;
  }
}

TEST(Quality, SharpnessOfABlankOrTinyPageIsNotJudged) {
  auto spec = scan();
  spec.paragraphs.clear();
  for (const double noise : {0.0, 3.0, 15.0}) {
    spec.noise = noise;
    EXPECT_EQ(find_sharpness(testing_support::draw_page(spec).image)->edges, 0) << noise;
  }
  EXPECT_EQ(find_sharpness(random_image(PixelFormat::gray8, 60, 60))->edges, 0);
}

TEST(Quality, ClippedHighlightsAreSeenWhereToneWasLost) {
  auto spec = scan();
  spec.noise = 4;
  const auto print = testing_support::draw_page(spec).image;
  EXPECT_LT(find_clipping(print)->highlights, 0.001);
  double last = 0;
  for (const double gain : {1.06, 1.075, 1.09}) {
    const auto bright = changed(print, [&](double v) { return v * gain; });
    const auto clipped = find_clipping(bright);
    EXPECT_GT(clipped->highlights, last + 0.1) << gain;
    EXPECT_LT(clipped->shadows, 0.001) << gain;
    last = clipped->highlights;
  }
  // Born white, as a page drawn by a program: nothing was lost.
  spec.paper = 1;
  spec.noise = 0;
  EXPECT_EQ(find_clipping(testing_support::draw_page(spec).image)->highlights, 0);
}

TEST(Quality, ClippedShadowsAreSeen) {
  // A photograph that is printed too dark.
  const auto photo =
      changed(random_image(PixelFormat::gray8, 800, 800), [](double v) { return v - 100; });
  EXPECT_NEAR(find_clipping(photo)->shadows, 0.4, 0.05);
  EXPECT_NEAR(find_clipping(random_image(PixelFormat::gray8, 800, 800))->shadows, 0.0, 0.01);
}

// A page of sentences that are not alike, so that no column of spaces goes through all lines.
Image sentences() {
  auto spec = testing_support::small_book(9).at(8);
  spec.color = false;
  return testing_support::draw_page(spec).image;
}

TEST(Quality, TextCutAtASideIsCountedInLines) {
  const auto print = sentences();
  const double contrast = find_sharpness(print)->contrast;
  EXPECT_EQ(find_cut_text(print, contrast)->lines, 0);
  EXPECT_EQ(find_cut_text(print, contrast)->letters, 0);
  const int margin = 295;  // 25 mm
  const int w = print.width();
  const int h = print.height();
  // Within the first letters of the lines, and further in.
  for (const int cut : {margin + 15, margin + 200, margin + 350}) {
    const auto left = find_cut_text(part(print, cut, 0, w - cut, h), contrast);
    EXPECT_GE(left->lines, 5) << cut;
    EXPECT_LE(left->letters, 1) << cut;
  }
  for (const int cut : {margin + 200, margin + 350}) {
    const auto right = find_cut_text(part(print, 0, 0, w - cut, h), contrast);
    EXPECT_GE(right->lines, 5) << cut;
    EXPECT_LE(right->letters, 1) << cut;
  }
  // Only half of the text: fewer lines.
  const auto whole = find_cut_text(part(print, 495, 0, w - 495, h), contrast);
  const auto half = find_cut_text(part(print, 495, 0, w - 495, 900), contrast);
  EXPECT_GE(half->lines, 2);
  EXPECT_LT(half->lines, whole->lines);
}

TEST(Quality, TextCutAtTheTopOrTheEndIsCountedInLetters) {
  const auto print = sentences();
  const double contrast = find_sharpness(print)->contrast;
  const int w = print.width();
  // Somewhere within the height of a line the cut goes through its letters.
  int top = 0;
  int end = 0;
  for (int y = 500; y < 560; y += 6) {
    const auto below = find_cut_text(part(print, 0, y, w, print.height() - y), contrast);
    const auto above = find_cut_text(part(print, 0, 0, w, y), contrast);
    EXPECT_LE(below->lines + above->lines, 1) << y;
    top = std::max(top, below->letters);
    end = std::max(end, above->letters);
  }
  EXPECT_GE(top, 25);
  EXPECT_GE(end, 25);
}

TEST(Quality, FramesShadowsAndNarrowMarginsAreNoCutText) {
  auto spec = scan();
  spec.dark_border_px = 40;
  const auto framed = testing_support::draw_page(spec).image;
  EXPECT_EQ(find_cut_text(framed, 0.85)->lines + find_cut_text(framed, 0.85)->letters, 0);
  spec.dark_border_px = 0;
  const auto print = testing_support::draw_page(spec).image;
  // Ten pixels of paper before the first letter.
  const auto narrow = part(print, 285, 0, print.width() - 285, print.height());
  EXPECT_EQ(find_cut_text(narrow, 0.85)->lines, 0);
  // A torn edge: dark notches where no text is.
  auto torn = print;
  for (int y = 100; y < 3300; y += 60) torn = with_rectangle(torn, 0, y, 12, 20, 30);
  EXPECT_EQ(find_cut_text(torn, 0.85)->lines, 0);
  // The same 8 mm beside text: no line of it runs into them.
  auto beside = part(print, 200, 0, print.width() - 200, print.height());
  for (int y = 100; y < 3300; y += 60) beside = with_rectangle(beside, 0, y, 12, 20, 30);
  EXPECT_EQ(find_cut_text(beside, 0.85)->lines, 0);
  spec.paragraphs.clear();  // above an empty margin
  torn = testing_support::draw_page(spec).image;
  for (int x = 100; x < 2400; x += 60) torn = with_rectangle(torn, x, 0, 20, 12, 30);
  EXPECT_EQ(find_cut_text(torn, 0.85)->letters, 0);
}

TEST(Quality, ATailOfEqualRowsIsMeasured) {
  const auto print = testing_support::draw_page(scan()).image;
  EXPECT_EQ(find_tail(print), 0);
  for (const double share : {0.02, 0.1, 0.4}) {
    for (const std::uint8_t gray : {std::uint8_t{0}, std::uint8_t{128}, std::uint8_t{255}}) {
      EXPECT_NEAR(find_tail(with_tail(print, share, gray)), share, 0.001) << share << " " << gray;
    }
  }
  // The last row again and again, as a stuck buffer gives it.
  cv::Mat stuck = view(print).clone();
  for (int y = 3000; y < stuck.rows; ++y) stuck.row(2999).copyTo(stuck.row(y));
  EXPECT_NEAR(find_tail(to_image(stuck, 300, 300)), 509.0 / 3508, 0.002);
}

TEST(Quality, AMarginWithoutGrainIsNoTail) {
  auto spec = scan();
  spec.noise = 0;  // drawn, or made black and white: the last 25 mm are all alike
  const auto drawn = testing_support::draw_page(spec).image;
  EXPECT_EQ(find_tail(drawn), 0);
  EXPECT_EQ(find_tail(to_bilevel(drawn)), 0);
  EXPECT_EQ(find_tail(flat_image(600, 800, 255)), 0);
  // But a black end is nowhere else on it.
  EXPECT_NEAR(find_tail(with_tail(drawn, 0.2, 0)), 0.2, 0.001);
  EXPECT_NEAR(find_tail(to_bilevel(with_tail(drawn, 0.2, 0))), 0.2, 0.001);
}

TEST(Quality, SkewThatIsLeftIsMeasuredToATenthOfADegree) {
  for (const double angle : {-9.0, -3.0, -0.6, 0.0, 0.4, 1.5, 5.0, 10.0}) {
    auto spec = scan();
    spec.skew_deg = angle;
    const auto found = find_residual_skew(testing_support::draw_page(spec).image);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->angle_deg, angle, 0.1) << angle;
    EXPECT_GT(found->ratio, 3) << angle;
  }
}

TEST(Quality, SkewOfWhatHasNoLinesIsNotSure) {
  cv::Mat dots(2000, 1400, CV_8UC1, cv::Scalar(240));
  cv::RNG random(3);
  for (int i = 0; i < 800; ++i) {
    cv::circle(dots, {random.uniform(50, 1350), random.uniform(50, 1950)}, 8, cv::Scalar(20), -1);
  }
  EXPECT_LT(find_residual_skew(to_image(dots, 200, 200))->ratio, 2);
  EXPECT_EQ(find_residual_skew(flat_image(1000, 1000, 240))->ratio, 0);
}

TEST(Quality, MeasuresAllOfAPageAfterCleaning) {
  auto spec = scan();
  spec.skew_deg = 3;
  spec.dark_border_px = 60;
  for (const bool color : {false, true}) {
    spec.color = color;
    const auto master = testing_support::draw_page(spec).image;
    const auto prepared = prepare(master, 1, {}, {});
    ASSERT_TRUE(prepared);
    const auto measured = measure_quality(master, *prepared);
    ASSERT_TRUE(measured);
    const auto& n = measured->numbers;
    EXPECT_EQ(measured->name, "quality");
    EXPECT_LT(std::abs(n.at("skew_deg")), 0.11);  // straightened
    EXPECT_GT(n.at("skew_ratio"), 3);
    EXPECT_LT(n.at("edge_px"), 3.5);
    EXPECT_GT(n.at("contrast"), 0.75);
    EXPECT_LT(n.at("highlights_clipped"), 0.001);
    EXPECT_LT(n.at("shadows_clipped"), 0.001);
    EXPECT_EQ(n.at("cut_lines") + n.at("cut_letters"), 0);
    EXPECT_EQ(n.at("tail_share"), 0);
  }
}

TEST(Quality, WhatCannotBeJudgedHasNoNumber) {
  const auto bilevel = to_bilevel(testing_support::draw_page(scan()).image);
  auto prepared = prepare(bilevel, 1, {}, {});
  ASSERT_TRUE(prepared);
  auto measured = measure_quality(bilevel, *prepared);
  ASSERT_TRUE(measured);
  EXPECT_FALSE(measured->numbers.contains("edge_px"));
  EXPECT_FALSE(measured->numbers.contains("highlights_clipped"));
  EXPECT_TRUE(measured->numbers.contains("skew_deg"));

  auto spec = scan();
  spec.paragraphs.clear();
  const auto blank = testing_support::draw_page(spec).image;
  prepared = prepare(blank, 1, {}, {});
  ASSERT_TRUE(prepared);
  measured = measure_quality(blank, *prepared);
  ASSERT_TRUE(measured);
  EXPECT_FALSE(measured->numbers.contains("skew_deg"));
  EXPECT_FALSE(measured->numbers.contains("contrast"));
  EXPECT_FALSE(measured->numbers.contains("cut_lines"));
  EXPECT_TRUE(measured->numbers.contains("tail_share"));

  for (const int side : {1, 5, 40}) {
    const auto tiny = random_image(PixelFormat::rgb24, side, side);
    prepared = prepare(tiny, 1, {}, {});
    ASSERT_TRUE(prepared);
    EXPECT_TRUE(measure_quality(tiny, *prepared)) << side;
  }
}

}  // namespace
}  // namespace alih::processing
