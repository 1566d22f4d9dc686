#include "pipeline/read_page.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/drawn_page.h"

namespace alih::pipeline {
namespace {

using ::testing::HasSubstr;
using testing_support::draw_page;
using testing_support::PageSpec;

PageSpec text(const std::string& sentence, double skew_deg) {
  PageSpec spec;
  spec.skew_deg = skew_deg;
  for (int i = 0; i < 3; ++i) spec.paragraphs.push_back(sentence);
  return spec;
}

// A skewed page of text with a band in its lower half where letters are white on black.
Image page_with_white_words() {
  const auto page = draw_page(text("Perpustakaan daerah menyimpan surat kabar lama dan peta.", 2));
  const auto band = draw_page(text("Lelang kelapa tiga puluh pikul", 0));
  std::vector<std::byte> bytes(page.image.bytes().begin(), page.image.bytes().end());
  const auto stride = page.image.stride();
  constexpr std::size_t kRows = 500;
  const auto to = static_cast<std::size_t>(page.image.height()) / 2 * stride;
  for (std::size_t i = 0; i < kRows * stride; ++i) {
    bytes[to + i] = ~band.image.bytes()[250 * stride + i];
  }
  return Image(page.image.format(), page.image.width(), page.image.height(), std::move(bytes), 300,
               300);
}

bool has(const std::vector<Word>& words, const std::string& text) {
  return std::any_of(words.begin(), words.end(), [&](const Word& w) { return w.text == text; });
}

Word word(const std::string& text, Box box) { return {text, box, 0.9}; }
TextLayer layer(std::vector<Word> words) {
  TextLayer out;
  out.blocks = {{{}, {{{}, std::move(words)}}}};
  return out;
}

TEST(WordsNotIn, AreThoseThatTheBestReadingLacksAtTheirPlace) {
  const auto best = layer({word("surat", {100, 100, 60, 20}), word("lama", {200, 100, 50, 20})});
  const auto other = layer({word("Surat,", {102, 99, 60, 22}), word("lame", {200, 100, 50, 20}),
                            word("surat", {100, 700, 60, 20})});
  const auto missing = words_not_in(best, other);
  ASSERT_EQ(missing.size(), 2U);
  EXPECT_EQ(missing[0].text, "lame");
  EXPECT_EQ(missing[1].box.y, 700) << "the same word elsewhere on the page";
}

TEST(ReadPage, KeepsWordsThatOnlyThePageAsScannedGives) {
  const auto master = page_with_white_words();
  Everything settings;
  const auto prepared = processing::prepare(master, 1, settings.processing, {});
  ASSERT_TRUE(prepared) << prepared.error().message.en;
  auto engine = ocr::make_engine("ind", settings.ocr);
  ASSERT_TRUE(engine);

  settings.ocr.as_scanned_below = 0;
  const auto cleaned = read_page(**engine, *prepared, settings);
  ASSERT_TRUE(cleaned);
  EXPECT_THAT(cleaned->text.text(), HasSubstr("surat kabar lama"));
  EXPECT_FALSE(has(cleaned->text.alternates, "kelapa"));
  EXPECT_EQ(cleaned->text.text().find("kelapa"), std::string::npos);

  settings.ocr.as_scanned_below = 1;
  const auto both = read_page(**engine, *prepared, settings);
  ASSERT_TRUE(both);
  EXPECT_THAT(both->text.text(), HasSubstr("surat kabar lama"));
  // Found either way: as the text, when the page as scanned read best, or as an alternate in its
  // place on the access image.
  std::vector<Word> words = both->text.alternates;
  for (const auto& block : both->text.blocks) {
    for (const auto& line : block.lines) {
      words.insert(words.end(), line.words.begin(), line.words.end());
    }
  }
  ASSERT_TRUE(has(words, "kelapa"));
  for (const auto& w : words) {
    if (w.text != "kelapa") continue;
    const auto [x, y] =
        prepared->to_master.apply(w.box.x + w.box.width / 2.0, w.box.y + w.box.height / 2.0);
    EXPECT_GT(y, master.height() / 2.0);
    EXPECT_LT(y, master.height() / 2.0 + 500);
    EXPECT_GT(x, 0);
  }
}

}  // namespace
}  // namespace alih::pipeline
