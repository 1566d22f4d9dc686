#include "pipeline/second_reading.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "pipeline/read_page.h"
#include "processing/parts.h"
#include "processing/prepare.h"
#include "tests/support/drawn_page.h"

namespace alih::pipeline {
namespace {

using testing_support::draw_page;
using testing_support::PageSpec;

TEST(SecondReading, MarksOfPrintedLetters) {
  EXPECT_EQ(expected_parts("satu"), 4);
  EXPECT_EQ(expected_parts("ini"), 5) << "two dots";
  EXPECT_EQ(expected_parts("20,50%"), 8) << "two rings and a stroke";
  EXPECT_EQ(expected_parts("préséden"), 10) << "two accents";
}

TEST(SecondReading, MarksAboveLetters) {
  EXPECT_EQ(expected_marks_above("satu"), 0);
  EXPECT_EQ(expected_marks_above("jati:"), 3) << "two dots and half a colon";
  EXPECT_EQ(expected_marks_above("Désa"), 1);
}

TEST(SecondReading, AEuroAmongLettersIsDoubted) {
  EXPECT_TRUE(has_euro_among_letters("p€ta"));
  EXPECT_TRUE(has_euro_among_letters("€sa"));
  EXPECT_FALSE(has_euro_among_letters("€20"));
  EXPECT_FALSE(has_euro_among_letters("peta"));
}

TEST(SecondReading, WhatMayBeAPercentageMisread) {
  for (const auto* word : {"56.644", "45,54", "12,80x", "86.49/", "49X", "56,64%"}) {
    EXPECT_TRUE(may_be_percentage(word)) << word;
  }
  for (const auto* word : {"1.067.372.818", "2014", "Rp", "Dik/10/30", ""}) {
    EXPECT_FALSE(may_be_percentage(word)) << word;
  }
}

TEST(SecondReading, AMarkStandsOverAnEOrNot) {
  EXPECT_TRUE(stands_over_e("oleh", 40, {25})) << "the third of four";
  EXPECT_FALSE(stands_over_e("oleh", 40, {5}));
  EXPECT_FALSE(stands_over_e("kota", 40, {25}));
  EXPECT_TRUE(stands_over_e("meter", 50, {5, 20}));
  EXPECT_FALSE(stands_over_e("didik", 50, {13, 33})) << "dots";
  EXPECT_FALSE(stands_over_e("", 50, {13}));
  EXPECT_FALSE(stands_over_e("oleh", 0, {}));
}

TEST(SecondReading, OnlyRareCharactersMayDiffer) {
  EXPECT_TRUE(differs_in_rare_characters("20,504", "20,50%"));
  EXPECT_TRUE(differs_in_rare_characters("s€pak", "sépak"));
  EXPECT_FALSE(differs_in_rare_characters("s€ri", "sépak"));
  EXPECT_TRUE(differs_in_rare_characters("7596", "75%")) << "a sign taken for two digits";
  EXPECT_TRUE(differs_in_rare_characters("presiden", "présidén"));
  EXPECT_FALSE(differs_in_rare_characters("20,504", "20,604")) << "no rare character";
  EXPECT_FALSE(differs_in_rare_characters("47,78%", "47,718%")) << "it has the sign";
  EXPECT_FALSE(differs_in_rare_characters("86,82%", "86.82%")) << "it has the sign";
  EXPECT_FALSE(differs_in_rare_characters("20,504", "31,75%")) << "another number";
  EXPECT_FALSE(differs_in_rare_characters("surat", "kabar%"));
}

TEST(SecondReading, WhatAPercentSignAloneIsReadAs) {
  EXPECT_TRUE(may_be_percent_sign("Yo"));
  EXPECT_TRUE(may_be_percent_sign("To"));
  EXPECT_FALSE(may_be_percent_sign("ko"));
  EXPECT_FALSE(may_be_percent_sign("YO"));
  EXPECT_FALSE(may_be_percent_sign("Yoi"));
  EXPECT_FALSE(may_be_percent_sign(""));
}

TEST(SecondReading, PutsAPercentSignToItsNumber) {
  const auto line_of = [](int gap, const std::string& number, const std::string& sign) {
    Line line;
    line.words = {{"Belanja", {0, 0, 90, 30}, 0.9},
                  {number, {100, 2, 80, 28}, 0.9},
                  {sign, {180 + gap, 0, 30, 30}, 0.4}};
    join_percent_signs(line);
    return line;
  };
  const auto joined = line_of(10, "36,38", "Fc");
  ASSERT_EQ(joined.words.size(), 2U);
  EXPECT_EQ(joined.words[1].text, "36,38Fc");
  EXPECT_EQ(joined.words[1].box, (Box{100, 0, 120, 30}));
  EXPECT_DOUBLE_EQ(joined.words[1].confidence, 0.4);
  EXPECT_EQ(line_of(40, "36,38", "Fc").words.size(), 3U) << "too far";
  EXPECT_EQ(line_of(10, "36,38%", "Yo").words.size(), 3U) << "it has one";
  EXPECT_EQ(line_of(10, "kota", "Yo").words.size(), 3U);
  EXPECT_EQ(line_of(10, "36,38", "dan").words.size(), 3U);
  Line empty;
  join_percent_signs(empty);
  EXPECT_TRUE(empty.words.empty());
}

TEST(SecondReading, APercentSignThatTheSecondModelDropped) {
  EXPECT_EQ(with_percent_sign("32,937c", "32,93"), "32,93%");
  EXPECT_EQ(with_percent_sign("7,5Yo", "7,5"), "7,5%");
  EXPECT_FALSE(with_percent_sign("32,9370", "32,93")) << "two digits more";
  EXPECT_FALSE(with_percent_sign("32,93", "32,93"));
  EXPECT_FALSE(with_percent_sign("32,947c", "32,93"));
  EXPECT_FALSE(with_percent_sign("kota7c", "kota"));
  EXPECT_FALSE(with_percent_sign("c", ""));
}

TEST(SecondReading, KnowsNumbersThatLettersStandIn) {
  for (const auto* text : {"1o", "6s.240", "s41/Ars/6/78", "sss/Huk/1/84", "(l9)", "2O,5"}) {
    EXPECT_TRUE(may_hide_digits(text)) << text;
  }
  for (const auto* text :
       {"", "10", "solo", "II/1980", "I", "kota/2", "3a", "555/Huk/1/84", "s/d", "sss", "No.12"}) {
    EXPECT_FALSE(may_hide_digits(text)) << text;
  }
}

TEST(SecondReading, TakesDigitsForLettersOfTheirShape) {
  EXPECT_EQ(with_digits_of("1o", "10"), "10");
  EXPECT_EQ(with_digits_of("6s.240", "65.240"), "65.240");
  EXPECT_EQ(with_digits_of("sss/Huk/1/84", "555/Huk/1/84"), "555/Huk/1/84");
  EXPECT_EQ(with_digits_of("s41/Ars/6/78", "541/Arc/6/73"), "541/Ars/6/78") << "nothing else";
  EXPECT_FALSE(with_digits_of("1o", "1o"));
  EXPECT_FALSE(with_digits_of("II/1980", "11/1980")) << "a month";
  EXPECT_EQ(with_digits_of("B/1o", "8/10"), "B/10") << "a letter alone";
  EXPECT_FALSE(with_digits_of("1o", "16")) << "another shape";
  EXPECT_FALSE(with_digits_of("1o", "100"));
  EXPECT_FALSE(with_digits_of("so1o", "s010")) << "no number comes of it";
  EXPECT_FALSE(with_digits_of("", ""));
}

struct SecondReadingOfAPage : testing::Test {
  static PageReading read(const std::string& sentence, bool second) {
    PageSpec spec;
    for (int i = 0; i < 2; ++i) spec.paragraphs.push_back(sentence);
    const auto page = draw_page(spec);
    Everything settings;
    const auto prepared = processing::prepare(page.image, 1, settings.processing, {}).value();
    const auto engine = ocr::make_engine("ind", settings.ocr).value();
    const auto latin = ocr::make_engine("Latin", settings.ocr, ocr::WordList::left_out).value();
    return read_page(*engine, prepared, settings, [&] { return second ? latin.get() : nullptr; })
        .value();
  }
  static int count(const std::string& text, const std::string& what) {
    int n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
  }
};

TEST_F(SecondReadingOfAPage, GivesSignsThatTheFirstModelLacks) {
  const std::string sentence = "Anggaran terserap 98,75% dari pagu, naik 12% dan turun 7,5% lagi.";
  EXPECT_EQ(count(read(sentence, false).text.text(), "%"), 0)
      << "the model ind has no per cent sign";
  const auto with = read(sentence, true);
  EXPECT_GE(count(with.text.text(), "%"), 5) << with.text.text();
  EXPECT_EQ(count(with.text.text(), "98,75%"), 2) << with.text.text();
  EXPECT_EQ(with.second.replaced, count(with.text.text(), "%"));
  EXPECT_FALSE(with.text.alternates.empty()) << "what was read first stays searchable";
}

TEST_F(SecondReadingOfAPage, LeavesOrdinaryWordsAlone) {
  const std::string sentence = "Perpustakaan daerah menyimpan surat kabar lama dan peta jalan.";
  const auto with = read(sentence, true);
  EXPECT_EQ(with.second.replaced, 0);
  EXPECT_EQ(with.text.text(), read(sentence, false).text.text());
}

TEST(UnreadInk, TellsOfPrintThatNoWordCovers) {
  PageSpec spec;
  spec.paragraphs = {"Perpustakaan daerah menyimpan surat kabar lama dan peta jalan raya.",
                     "Semua bahan dicatat dalam buku inventaris pada hari yang sama."};
  const auto page = draw_page(spec);
  const auto all = processing::unread_ink(page.image, {});
  EXPECT_GT(all.marks, 60);
  EXPECT_DOUBLE_EQ(all.share, 1);
  EXPECT_TRUE(processing::dark_regions(page.image).empty());
  const auto none =
      processing::unread_ink(page.image, {{0, 0, page.image.width(), page.image.height()}});
  EXPECT_EQ(none.marks, 0);
}

// A white picture of 60 x 40 with black rectangles.
struct Marks {
  std::vector<std::byte> bytes = std::vector<std::byte>(60 * 40, std::byte{255});
  void fill(int x, int y, int w, int h) {
    for (int row = y; row < y + h; ++row) {
      for (int column = x; column < x + w; ++column) {
        bytes[static_cast<std::size_t>(row * 60 + column)] = std::byte{0};
      }
    }
  }
  [[nodiscard]] Image page() const { return {PixelFormat::gray8, 60, 40, bytes, 300, 300}; }
};

TEST(CountParts, CountsMarksThatDoNotTouch) {
  Marks marks;
  marks.fill(10, 14, 6, 16);  // a stem and its dot
  marks.fill(10, 8, 6, 4);
  marks.fill(30, 8, 8, 22);  // another letter
  marks.fill(45, 25, 1, 1);  // dust
  const Image page = marks.page();
  EXPECT_EQ(processing::count_parts(page, {8, 8, 40, 22}).all, 3);
  EXPECT_EQ(processing::count_parts(page, {20, 8, 5, 22}).all, 0);
  EXPECT_EQ(processing::count_parts(page, {8, 8, 40, 22}).above, 1) << "the dot";
}

// The hair stroke of an a broke: its upper half stands above the lower one, but no higher than an
// x.
TEST(CountParts, WhatReachesBelowTheTopOfAnXStandsAboveNothing) {
  Marks marks;
  marks.fill(10, 14, 12, 5);
  marks.fill(10, 21, 12, 9);
  marks.fill(30, 14, 10, 16);  // an e with its accent
  marks.fill(33, 6, 4, 5);
  const Image page = marks.page();
  EXPECT_EQ(processing::count_parts(page, {8, 5, 36, 26}).above, 2);
  EXPECT_EQ(processing::count_parts(page, {8, 5, 36, 26}, 15).above, 1) << "the accent";
}

TEST(CountParts, LettersInPiecesHaveNoneAbove) {
  Marks marks;
  marks.fill(10, 8, 4, 22);  // a letter whose hair strokes broke: two stems side by side
  marks.fill(18, 8, 4, 22);
  const Image page = marks.page();
  EXPECT_EQ(processing::count_parts(page, {8, 8, 20, 22}).all, 2);
  EXPECT_EQ(processing::count_parts(page, {8, 8, 20, 22}).above, 0);
}

}  // namespace
}  // namespace alih::pipeline
