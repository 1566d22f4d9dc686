#include "pipeline/dirt.h"

#include <gtest/gtest.h>

namespace alih::pipeline {
namespace {

TextLayer page(std::vector<Line> more) {
  TextLayer out;
  out.width = 2000;
  out.height = 3000;
  out.blocks.resize(1);
  for (int y : {200, 260, 320, 380, 440}) {
    const Box box{200, y, 300, 40};
    out.blocks[0].lines.push_back({box, {{"Perpustakaan", box, 0.95}}, {}});
  }
  for (auto& line : more) out.blocks.push_back({line.box, {std::move(line)}});
  return out;
}

Line line(std::vector<Word> words) {
  const Box box = words.front().box;
  return {box, std::move(words), {}};
}

std::string left_of(std::vector<Line> more) {
  auto text = page(std::move(more));
  take_dirt_out(text);
  std::string out;
  for (const auto& w : text.alternates) out += w.text + " ";
  return out;
}

TEST(TakeDirtOut, OfUnsureLettersAtTheEdge) {
  EXPECT_EQ(left_of({line({{"LI", {0, 1000, 28, 32}, 0.58}})}), "LI ");
  EXPECT_EQ(left_of({line({{"WNA", {800, 0, 74, 12}, 0.27}, {"PI", {1100, 1, 30, 16}, 0.17}})}),
            "WNA PI ");
  EXPECT_EQ(left_of({line({{"Lor", {1966, 2400, 34, 65}, 0.11}})}), "Lor ");
  EXPECT_EQ(left_of({line({{"HI", {900, 2960, 45, 40}, 0.33}})}), "HI ");
}

TEST(TakeDirtOut, OfWordsFarSmallerThanPrint) {
  EXPECT_EQ(left_of({line({{"kota", {200, 600, 80, 40}, 0.95}, {"h", {400, 620, 2, 2}, 0}})}),
            "h ");
}

TEST(TakeDirtOut, LeavesWhatMayBePrint) {
  EXPECT_EQ(left_of({line({{"12", {0, 1000, 28, 32}, 0.9}})}), "") << "sure, if at the edge";
  EXPECT_EQ(left_of({line({{"LI", {30, 1000, 28, 32}, 0.3}})}), "") << "not at the edge";
  EXPECT_EQ(left_of({line({{"eputusan", {0, 1000, 150, 32}, 0.5}})}), "") << "a word cut off";
  EXPECT_EQ(left_of({line({{"ng", {0, 1000, 28, 32}, 0.3}, {"surat", {60, 1000, 90, 32}, 0.9}})}),
            "")
      << "the end of a word in a line of print";
  EXPECT_EQ(left_of({line({{"-", {400, 620, 20, 4}, 0.4}})}), "") << "a dash is as high as it is";
  TextLayer empty;
  take_dirt_out(empty);
  EXPECT_TRUE(empty.blocks.empty());
}

TEST(TakeDirtOut, LeavesNoEmptyLinesAndBlocks) {
  auto text = page({line({{"LI", {0, 1000, 28, 32}, 0.5}})});
  take_dirt_out(text);
  ASSERT_EQ(text.blocks.size(), 1U);
  EXPECT_EQ(text.blocks[0].lines.size(), 5U);
}

}  // namespace
}  // namespace alih::pipeline
