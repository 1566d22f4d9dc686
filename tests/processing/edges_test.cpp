#include "processing/edges.h"

#include <gtest/gtest.h>

#include "processing/prepare.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

Image text() {
  auto spec = text_page();
  spec.paper = 0.9;
  return testing_support::draw_page(spec).image;
}

Step run(const Image& page) {
  auto step = make_edges({})->run(page, {});
  EXPECT_TRUE(step.has_value());
  return *step;
}

TEST(Edges, TakesADarkWedgeAndPutsPaperThere) {
  const auto clean = text();
  const auto page =
      redrawn(clean, [&](int x, int y) { return x < 90 - y / 40 ? 15 : pixel(clean, x, y); });
  const auto step = run(page);
  EXPECT_TRUE(step.findings[0].applied);
  EXPECT_EQ(step.findings[0].numbers.at("edges"), 1);
  EXPECT_GE(step.findings[0].confidence, 0.5);
  for (const int y : {100, 900, 1700}) EXPECT_NEAR(step.image.row(y)[20], 229, 12) << y;
  // Not a pixel of the text.
  for (int y = 0; y < page.height(); y += 3) {
    for (int x = 200; x < page.width(); ++x) {
      ASSERT_EQ(pixel(step.image, x, y), pixel(clean, x, y)) << x << " " << y;
    }
  }
}

TEST(Edges, TakesPunchHoles) {
  const auto clean = text();
  auto page = with_disc(clean, 130, 1270, 35, 10);
  page = with_disc(page, 130, 2216, 35, 10);
  const auto step = run(page);
  EXPECT_TRUE(step.findings[0].applied);
  EXPECT_EQ(step.findings[0].numbers.at("holes"), 2);
  EXPECT_EQ(step.findings[0].numbers.at("edges"), 0);
  EXPECT_GT(step.image.row(1270)[130], 200);
  EXPECT_GT(step.image.row(2216)[160], 200);
}

TEST(Edges, LeavesDiscsAndDarkThingsThatAreThePages) {
  const auto clean = text();
  // In the middle; too large; a ring, as an O of a title; a square.
  EXPECT_FALSE(run(with_disc(clean, 1240, 1700, 35, 10)).findings[0].applied);
  EXPECT_FALSE(run(with_disc(clean, 160, 3300, 90, 10)).findings[0].applied);
  EXPECT_FALSE(
      run(with_disc(with_disc(clean, 130, 1270, 35, 10), 130, 1270, 22, 230)).findings[0].applied);
  EXPECT_FALSE(run(with_rectangle(clean, 100, 1270, 60, 60, 10)).findings[0].applied);
  // A photograph that runs off the page.
  EXPECT_FALSE(run(with_rectangle(clean, 0, 2600, 900, 800, 40)).findings[0].applied);
  EXPECT_FALSE(run(clean).findings[0].applied);
  EXPECT_FALSE(run(flat_image(1200, 1600, 20)).findings[0].applied);
  EXPECT_FALSE(run(flat_image(20, 20, 20)).findings[0].applied);
}

// Did we lose ink? White words in a dark band at the edge are the page's.
TEST(Edges, LeavesADarkBandWithWords) {
  auto spec = text_page();
  spec.paragraphs = {"# PERPUSTAKAAN DAERAH KABUPATEN BANGGAI"};
  const auto words = testing_support::draw_page(spec).image;
  const auto clean = text();
  const auto page = redrawn(clean, [&](int x, int y) {
    // The heading's lines, 25 mm from the top of their page, stand 60 px from the edge, white.
    return y < 200 ? 255 - pixel(words, x, y + 240) : pixel(clean, x, y);
  });
  const auto step = run(page);
  EXPECT_FALSE(step.findings[0].applied);
  EXPECT_EQ(step.findings[0].note, "unsure");
}

TEST(Edges, AreTakenOutOfTheAccessImageOnlyWhenAsked) {
  auto page = with_disc(text(), 130, 1270, 35, 10);
  Settings settings;
  const auto kept = prepare(page, 1, settings, {});
  ASSERT_TRUE(kept.has_value());
  EXPECT_LT(kept->access.row(1270)[130], 50);
  EXPECT_GT(kept->reading.row(1270)[130], 200);
  settings.edges.access = true;
  const auto gone = prepare(page, 1, settings, {});
  ASSERT_TRUE(gone.has_value());
  EXPECT_GT(gone->access.row(1270)[130], 200);
}

}  // namespace
}  // namespace alih::processing
