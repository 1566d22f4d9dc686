#include "pipeline/trial_band.h"

#include <string>

#include <gtest/gtest.h>

namespace alih::pipeline {
namespace {

// A page of 40 lines of 30 letters, all as sure; lines `from` to `to` less.
TextLayer page(double sure, int from, int to, double less) {
  TextLayer out;
  out.width = 2000;
  out.height = 3000;
  out.blocks.resize(1);
  constexpr int kLines = 40;
  for (int i = 0; i < kLines; ++i) {
    const double confidence = i >= from && i < to ? less : sure;
    const Box box{100, 100 + 60 * i, 1800, 40};
    out.blocks[0].lines.push_back({box, {{std::string(30, 'a'), box, confidence}}, {}});
  }
  return out;
}

TEST(TrialBand, HoldsAFifthOfTheLettersWhereTheyAreLeastSure) {
  const auto band = trial_band(page(0.95, 20, 28, 0.7));
  ASSERT_TRUE(band);
  EXPECT_EQ(*band, (Box{0, 100 + 60 * 20, 2000, 60 * 7 + 40}));
}

TEST(TrialBand, OfColumnsGoesAcrossAll) {
  auto two = page(0.95, 0, 0, 0);
  auto& lines = two.blocks[0].lines;
  Block right;
  right.lines.assign(lines.begin() + 20, lines.end());
  lines.resize(20);
  for (std::size_t i = 0; i < right.lines.size(); ++i) {
    right.lines[i].box.y = lines[i].box.y;
    right.lines[i].words[0].confidence = i < 4 ? 0.6 : 0.95;
  }
  two.blocks.push_back(right);
  const auto band = trial_band(two);
  ASSERT_TRUE(band);
  EXPECT_EQ(*band, (Box{0, 100, 2000, 60 * 3 + 40})) << "four lines of each";
}

TEST(TrialBand, IsNotTakenWhereItSavesLittleOrAllIsWanted) {
  EXPECT_FALSE(trial_band({}));
  EXPECT_FALSE(trial_band(page(0.8, 0, 0, 0))) << "all unsure";
  auto few = page(0.9, 0, 0, 0);
  few.blocks[0].lines.resize(10);
  EXPECT_FALSE(trial_band(few)) << "300 letters";
  auto high = page(0.9, 0, 0, 0);
  for (auto& line : high.blocks[0].lines) line.box.height = 1600;
  EXPECT_FALSE(trial_band(high)) << "more than half of the page";
}

}  // namespace
}  // namespace alih::pipeline
