#include "bench/score/score.h"

#include <string>

#include <gtest/gtest.h>

namespace {

using alih::bench::bag_f1;
using alih::bench::score;

TEST(Score, OfTheSameTextHasNoErrors) {
  const auto s = score("Surat nomor 12\n\ndari Luwuk.\n", "Surat  nomor 12 dari\tLuwuk.");
  EXPECT_EQ(s.characters, 26);
  EXPECT_EQ(s.character_errors, 0);
  EXPECT_EQ(s.words, 5);
  EXPECT_EQ(s.word_errors, 0);
  EXPECT_EQ(bag_f1(s), 1);
}

TEST(Score, CountsEachKindOfSlip) {
  // kitten -> sitting: two other letters, one more.
  auto s = score("kitten", "sitting");
  EXPECT_EQ(s.character_errors, 3);
  EXPECT_EQ(s.word_errors, 1);
  s = score("satu dua tiga", "satu tiga");
  EXPECT_EQ(s.character_errors, 4);
  EXPECT_EQ(s.word_errors, 1);
  EXPECT_DOUBLE_EQ(bag_f1(s), 0.8);  // all that was read is true, two of three were read
  s = score("satu dua", "satu dan dua x");
  EXPECT_EQ(s.word_errors, 2);
  EXPECT_DOUBLE_EQ(bag_f1(s), 2.0 * 2 / (2 + 4));
}

TEST(Score, BagOfWordsDoesNotMindTheirOrderButTheirNumber) {
  const auto s = score("a b b c", "c b a a");
  EXPECT_EQ(s.common_words, 3);
  EXPECT_EQ(s.word_errors, 3);
  EXPECT_DOUBLE_EQ(bag_f1(s), 0.75);
}

TEST(Score, OfALostPageIsAllWrong) {
  const auto s = score("dua kata", "");
  EXPECT_EQ(s.character_errors, 8);
  EXPECT_EQ(s.word_errors, 2);
  EXPECT_EQ(bag_f1(s), 0);
  const auto blank = score("", " \n");
  EXPECT_EQ(blank.characters, 0);
  EXPECT_EQ(blank.character_errors, 0);
  EXPECT_EQ(bag_f1(blank), 1);
  EXPECT_EQ(score("", "abc").character_errors, 3);
}

TEST(Score, CountsCodePointsAfterNfc) {
  // é as one code point, and as e with a combining accent.
  const auto s = score("d\xC3\xA9sa", "de\xCC\x81sa", U"\u00E9");
  EXPECT_EQ(s.characters, 4);
  EXPECT_EQ(s.character_errors, 0);
  EXPECT_EQ(s.watched[0].right, 1);
}

TEST(Score, FoldsCapitalsOnlyWhenAsked) {
  EXPECT_EQ(score("TOTAL", "Total").character_errors, 4);
  EXPECT_EQ(score("TOTAL", "Total", {}, true).character_errors, 0);
}

TEST(Score, FollowsCharactersThatAreWatched) {
  const auto s =
      score("naik 20,50% dan 3% lalu d\xC3\xA9sa", "naik 20,504 dan 3% lalu desa %", U"%\u00E9");
  EXPECT_EQ(s.watched[0].there, 2);
  EXPECT_EQ(s.watched[0].right, 1);
  EXPECT_EQ(s.watched[0].invented, 1);
  EXPECT_EQ(s.watched[1].there, 1);
  EXPECT_EQ(s.watched[1].right, 0);
  EXPECT_EQ(s.character_errors, 4);  // 4 for %, e for é, " %" at the end
}

TEST(Score, TakesLongPages) {
  std::string truth;
  for (int i = 0; i < 900; ++i) truth += "kata" + std::to_string(i) + " ";
  std::string reading = truth;
  reading.replace(reading.find("kata500"), 4, "kaca");
  const auto s = score(truth, reading);
  EXPECT_EQ(s.character_errors, 1);
  EXPECT_EQ(s.word_errors, 1);
  EXPECT_EQ(s.words, 900);
}

}  // namespace
