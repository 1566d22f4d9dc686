#include "indexer/analyzer.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "indexer/query.h"
#include "indexer/spelling.h"

namespace alih::indexer {
namespace {

bool has(const std::vector<Token>& tokens, const std::string& term) {
  return std::any_of(tokens.begin(), tokens.end(), [&](const Token& t) { return t.term == term; });
}

TEST(Analyzer, FoldsCaseMarksAndPunctuation) {
  EXPECT_EQ(parts_of("Bésok, Oléh-Oléh!"), (std::vector<std::string>{"besok", "oleh", "oleh"}));
  EXPECT_EQ(parts_of("470/017/2026"), (std::vector<std::string>{"470", "017", "2026"}));
  EXPECT_TRUE(parts_of("--- …").empty());
}

TEST(Analyzer, KeepsJoinedFormsBesideTheParts) {
  const auto tokens = analyze("INLIS-lite ra'jat orang2 3.500");
  for (const char* term :
       {"inlis", "lite", "inlislite", "ra", "jat", "rajat", "orang", "orang2", "3", "500"}) {
    EXPECT_TRUE(has(tokens, term)) << term;
  }
  EXPECT_TRUE(has(tokens, "3500")) << "a point divides thousands";
}

TEST(Analyzer, NumbersHaveOneForm) {
  EXPECT_EQ(number_form("1.250.000"), "1250000");
  EXPECT_EQ(number_form("Rp1.250.000,50"), "");
  EXPECT_EQ(number_form("1.250.000,50"), "1250000,50");
  EXPECT_EQ(number_form("(95,5%)"), "95,5");
  EXPECT_EQ(number_form("95,5"), "95,5");
  EXPECT_EQ(number_form("470/123/2019"), "470/123/2019");
  EXPECT_EQ(number_form("No.470/KPTS/IV/1987."), "no/470/kpts/iv/1987");
  EXPECT_EQ(number_form("17.08.1945"), "17/08/1945");
  EXPECT_EQ(number_form("17-8-1945,"), "17/8/1945");
  for (const char* none : {"1936", "kata", "a-b", "--1", "a,5", ""}) {
    EXPECT_TRUE(number_form(none).empty()) << none;
  }
}

TEST(Analyzer, ReadsTheShortWayToRepeat) {
  EXPECT_EQ(repeated_forms("anak2"), (std::vector<std::string>{"anak"}));
  EXPECT_EQ(repeated_forms("orang2nja"), (std::vector<std::string>{"orang", "orangnja"}));
  EXPECT_TRUE(repeated_forms("a2").empty());
  EXPECT_TRUE(repeated_forms("b2b22").empty());
  EXPECT_EQ(joined_form("ber-lari2-an"), "berlarian");
}

TEST(Analyzer, TellsNamesByTheirCapitals) {
  const auto tokens = analyze("Kami pergi ke Banggai. Desa itu bangga");
  for (const auto& t : tokens) EXPECT_EQ(t.name, t.term == "banggai") << t.term;
  for (const auto& t : analyze("Penulisan Sejarah Desa")) EXPECT_FALSE(t.name) << "a heading";
}

TEST(Analyzer, JoinsAWordCutAtALinesEnd) {
  TextLayer text;
  text.blocks = {{{}, {{{}, {{"per-", {}, 1}}}, {{}, {{"pustakaan", {}, 1}}}}}};
  const auto tokens = analyze(text);
  EXPECT_TRUE(has(tokens, "perpustakaan"));
  EXPECT_TRUE(has(tokens, "pustakaan"));
}

TEST(Spelling, GoesBothWays) {
  const auto has_form = [](std::string_view word, std::string_view form) {
    const auto forms = spellings(word);
    return std::any_of(forms.begin(), forms.end(),
                       [&](const Spelling& s) { return s.term == form; });
  };
  EXPECT_TRUE(has_form("guru", "goeroe"));
  EXPECT_TRUE(has_form("goeroe", "guru"));
  EXPECT_TRUE(has_form("cerita", "tjerita"));
  EXPECT_TRUE(has_form("banyak", "banjak"));
  EXPECT_TRUE(has_form("djalan", "jalan"));
  EXPECT_EQ(to_modern("anjing"), "anying");
  EXPECT_EQ(classify({"goeroe", "jang", "oentoek"}), Orthography::old_spelling);
  EXPECT_EQ(classify({"yang", "cerita", "banyak"}), Orthography::modern);
}

TEST(Query, SaysWhereItIsMalformed) {
  EXPECT_TRUE(
      parse_query("guru OR goeroe -desa \"surat kabar\" per* title:hikayat year:1930..1942"));
  for (const char* bad :
       {"", "   ", "\"open", "OR guru", "guru OR", "-guru", "year:abc x", "!!!"}) {
    const auto query = parse_query(bad);
    ASSERT_FALSE(query) << bad;
    EXPECT_EQ(query.error().code, ErrorCode::bad_query);
    EXPECT_NE(query.error().message.en.find("character"), std::string::npos) << bad;
  }
  std::string many;
  for (int i = 0; i < 40; ++i) many += "kata ";
  EXPECT_FALSE(parse_query(many));
}

}  // namespace
}  // namespace alih::indexer
