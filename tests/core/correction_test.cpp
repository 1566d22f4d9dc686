#include "core/correction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/confidence.h"
#include "core/hyphenation.h"
#include "core/records.h"

namespace alih {
namespace {

using ::testing::ElementsAre;

Line line(int y, const std::vector<std::string>& words) {
  Line out{{100, y, 0, 40}, {}, {100, y + 38, 900, y + 38}};
  int x = 100;
  for (const auto& text : words) {
    const int width = static_cast<int>(text.size()) * 20;
    out.words.push_back({text, {x, y, width, 40}, 0.8});
    x += width + 20;
  }
  out.box.width = x - 120;
  return out;
}

TextLayer page() {
  TextLayer out;
  out.width = 1000;
  out.height = 1400;
  out.blocks = {{{},
                 {line(100, {"Pada", "harl", "ini"}), line(160, {"Senin", "tang", "gal"}),
                  line(220, {"empatbelas", "Januari", "1936"})}},
                {{}, {line(500, {"Kepala", "Dinas"})}}};
  return out;
}

const Word& word(const TextLayer& text, const std::string& wanted) {
  for (const auto& block : text.blocks) {
    for (const auto& l : block.lines) {
      for (const auto& w : l.words) {
        if (w.text == wanted) return w;
      }
    }
  }
  ADD_FAILURE() << wanted << " is not there";
  static const Word none;
  return none;
}

TEST(Corrected, KeepsPlacesAndMarksWhatAPersonWrote) {
  const auto done =
      corrected(page(), "Pada hari ini\nSenin tanggal\nempat belas Januari 1936\n\nKepala Dinas\n");
  EXPECT_EQ(done.text.text(),
            "Pada hari ini\nSenin tanggal\nempat belas Januari 1936\n\nKepala Dinas\n");
  EXPECT_EQ(word(done.text, "hari").box, (Box{200, 100, 80, 40}));
  EXPECT_TRUE(word(done.text, "hari").corrected);
  EXPECT_EQ(word(done.text, "hari").confidence, 1);
  EXPECT_EQ(word(done.text, "ini"), page().blocks[0].lines[0].words[2]) << "the same: untouched";
  EXPECT_EQ(word(done.text, "tanggal").box, (Box{220, 160, 160, 40})) << "both boxes";
  const auto first = word(done.text, "empat").box;
  const auto second = word(done.text, "belas").box;
  EXPECT_EQ(first.x, 100);
  EXPECT_LT(first.x + first.width, second.x);
  EXPECT_EQ(second.x + second.width, 300);
  EXPECT_EQ(done.changed, 4);
  EXPECT_EQ(done.removed, 0);
  EXPECT_EQ(done.text.blocks.size(), 2U);
  EXPECT_EQ(done.text.blocks[0].lines[0].baseline, page().blocks[0].lines[0].baseline);
}

TEST(Corrected, PutsNewWordsAndLinesBetweenTheirNeighbours) {
  const auto done = corrected(
      page(),
      "Pada hari yang ini\nSenin tang gal\nempatbelas Januari 1936\nbertempat di Luwuk\n\n"
      "Kepala Dinas Perpustakaan\n");
  const auto& added = word(done.text, "yang").box;
  EXPECT_GE(added.x, 280);
  EXPECT_LE(added.x + added.width, 300) << "in the white before the next word";
  const auto& line_word = word(done.text, "bertempat").box;
  EXPECT_GE(line_word.y, 260);
  EXPECT_LE(line_word.y + line_word.height, 500);
  const auto& end = word(done.text, "Perpustakaan").box;
  EXPECT_GE(end.x, word(done.text, "Dinas").box.x + word(done.text, "Dinas").box.width);
  EXPECT_LE(end.x + end.width, 1000);
  EXPECT_EQ(end.y, 500);
  for (const auto& block : done.text.blocks) {
    for (const auto& l : block.lines) {
      for (const auto& w : l.words) {
        EXPECT_GT(w.box.width, 0) << w.text;
        EXPECT_GT(w.box.height, 0) << w.text;
        EXPECT_GE(w.box.x, 0);
        EXPECT_LE(w.box.x + w.box.width, 1000) << w.text;
      }
    }
  }
}

TEST(Corrected, TakesWordsAwayAndFollowsThePrintWhenLinesAreJoined) {
  const auto done = corrected(page(), "Pada ini Senin tang gal\nempatbelas Januari 1936 Kepala");
  EXPECT_EQ(done.removed, 2);
  EXPECT_EQ(done.changed, 0);
  EXPECT_EQ(done.text.text(), "Pada ini\nSenin tang gal\nempatbelas Januari 1936\n\nKepala\n")
      << "a line of the page holds no words of another";
}

TEST(Corrected, TakesAWordOverALinesEndWhole) {
  TextLayer read;
  read.width = 1000;
  read.height = 1000;
  read.blocks = {{{}, {line(100, {"kepada", "peme-"}), line(160, {"rintah,", "deerah"})}}};
  mark_halves(read);
  const auto done = corrected(read, "kepada pemerintah,\ndaerah");
  EXPECT_EQ(done.text.text(), "kepada peme-\nrintah, daerah\n");
  EXPECT_EQ(done.text.joined_text(), "kepada pemerintah,\ndaerah\n");
  EXPECT_EQ(done.changed, 1);
  EXPECT_EQ(word(done.text, "peme-").joined, "pemerintah");
}

TEST(Corrected, TakesAPageWithoutWordsAndOddBytes) {
  TextLayer blank;
  blank.width = 800;
  blank.height = 1000;
  const auto done = corrected(blank, "\xEF\xBB\xBFtulisan\r\ntangan \xFF\x01pensil\f");
  EXPECT_EQ(done.text.text(), "tulisan\ntangan \xEF\xBF\xBDpensil\n");
  EXPECT_LT(word(done.text, "tulisan").box.y, word(done.text, "tangan").box.y);
  EXPECT_EQ(corrected(page(), " \n\n").words, 0);
}

TEST(Corrected, EndsSoonOnLongTextsThatDifferAllThrough) {
  TextLayer read;
  read.width = 2000;
  read.height = 3000;
  read.blocks.emplace_back();
  std::string text;
  for (int i = 0; i < 300; ++i) {
    std::vector<std::string> words;
    for (int n = 0; n < 10; ++n) {
      words.push_back("a" + std::to_string(i * 10 + n));
      text += "b" + std::to_string(i * 7 + n) + " ";
    }
    read.blocks[0].lines.push_back(line(i * 10, words));
    text += "\n";
  }
  EXPECT_EQ(corrected(read, text).words, 3000);
}

TEST(Hyphenation, JoinsOnlyWhatIsLikelyOneWord) {
  EXPECT_EQ(joined_word("peme-", "rintah"), "pemerintah");
  EXPECT_EQ(joined_word("\"peme-", "rintah,"), "pemerintah");
  EXPECT_EQ(joined_word("PERPUS-", "TAKAAN"), "PERPUSTAKAAN");
  EXPECT_EQ(joined_word("se\xC2\xAC", "kol\xC3\xA9h"), "sekol\xC3\xA9h");
  EXPECT_EQ(joined_word("undang-", "undang."), "undang-undang");
  EXPECT_EQ(joined_word("perundang-", "undangan"), "perundang-undangan");
  EXPECT_EQ(joined_word("sayur-", "mayur"), "sayur-mayur");
  EXPECT_EQ(joined_word("tanggal", "satu"), "");
  EXPECT_EQ(joined_word("Jakarta-", "Bandung"), "") << "two names";
  EXPECT_EQ(joined_word("1936-", "sekarang"), "");
  EXPECT_EQ(joined_word("ke-", "3"), "");
  EXPECT_EQ(joined_word("-", "dan"), "") << "a dash";
  EXPECT_EQ(joined_word("st-", "rk"), "") << "no vowels: dirt";
  EXPECT_EQ(joined_word("kata,-", "maka"), "");
  EXPECT_EQ(joined_word("kata-", "(maka)"), "");
}

TEST(Hyphenation, MarksHalvesAlsoOverTheEndOfAColumnButNotUnsureOnes) {
  TextLayer text;
  text.blocks = {{{}, {line(0, {"surat", "per-"}), line(60, {"nja-"})}},
                 {{}, {line(0, {"taan", "itu"}), line(60, {"ke-"}), line(120, {"pala"})}}};
  text.blocks[1].lines[2].words[0].confidence = 0.3;
  mark_halves(text);
  const auto& blocks = text.blocks;
  EXPECT_EQ(blocks[0].lines[0].words[1].half, Half::first);
  EXPECT_EQ(blocks[0].lines[0].words[1].joined, "pernja");
  EXPECT_EQ(blocks[0].lines[1].words[0].half, Half::second);
  EXPECT_EQ(blocks[1].lines[0].words[0].half, Half::none);
  EXPECT_EQ(blocks[1].lines[1].words[0].half, Half::none) << "the other half is not sure";
  EXPECT_EQ(text.joined_text(), "surat pernja-\n\ntaan itu\nke-\npala\n");
  auto again = text;
  mark_halves(again);
  EXPECT_EQ(again, text);

  const auto kept = text_from_json(to_json(text));
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, text);
}

TEST(Confidence, BecomesAChanceThatNeverFalls) {
  double before = 0;
  for (int i = 0; i <= 1000; ++i) {
    const double chance = chance_right(i / 1000.0);
    ASSERT_GE(chance, before) << i;
    ASSERT_LE(chance, 1);
    before = chance;
  }
  EXPECT_EQ(chance_right(1), 1) << "a person's word";
  EXPECT_GT(chance_right(0.96), 0.98) << "as sure as the engine ever is";
  EXPECT_LT(chance_right(0.6), 0.5) << "more often wrong than right";
  EXPECT_EQ(chance_right(-1), chance_right(0));
  EXPECT_EQ(chance_right(7), 1);
  TextLayer text;
  EXPECT_EQ(share_right(text), 0);
  text.blocks = {{{}, {line(0, {"satu", "dua"})}}};
  text.blocks[0].lines[0].words[1].confidence = 1;
  EXPECT_DOUBLE_EQ(share_right(text), (chance_right(0.8) + 1) / 2);
}

}  // namespace
}  // namespace alih
