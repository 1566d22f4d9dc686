#include "core/text_evidence.h"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace alih {
namespace {

TextLayer layer(const std::string& text, double confidence = 0.95) {
  TextLayer out;
  Line line;
  std::istringstream words(text);
  for (std::string w; words >> w;) line.words.push_back({w, {0, 0, 10, 10}, confidence});
  out.blocks.push_back({{}, {line}});
  return out;
}

const std::string kOphuijsen =
    "Pada tahoen itoe di Loewoek diboeka seboeah sekolah baroe oentoek anak2 negeri jang ingin "
    "beladjar. Goeroe jang datang dari Menado membawa banjak boekoe tjerita dan peta jang besar.";
const std::string kSoewandi =
    "Pada tahun itu di Luwuk dibuka sebuah sekolah baru untuk anak2 negeri jang ingin beladjar. "
    "Guru jang datang dari Menado itu membawa bukunja, djuga tjutjunja, dan sudah lama menundjuk "
    "wakilnja.";
const std::string kEyd =
    "Pada tahun itu di Luwuk dibuka sebuah sekolah baru untuk anak-anak yang ingin belajar. Guru "
    "yang datang dari Manado membawa bukunya, cucunya, dan banyak cerita untuk masyarakat. Akhir "
    "tahun ia menunjuk wakilnya.";
const std::string kDutch =
    "De resident van Menado heeft de eer het volgende mede te delen: de school te Loewoek werd "
    "met een nieuw gebouw verrijkt en de kinderen van het land zijn bij de opening geweest. Het "
    "boek moet goed worden bewaard.";
const std::string kEnglish =
    "The report of the society was read by the secretary, and it was resolved that copies be sent "
    "to every library of the country, which are in any way interested in the history of the "
    "archipelago.";

TEST(TextEvidence, KnowsTheThreeSpellings) {
  const auto ophuijsen = find_text_evidence(layer(kOphuijsen));
  EXPECT_EQ(ophuijsen.spelling, SpellingEra::ophuijsen);
  EXPECT_GT(ophuijsen.ophuijsen, 0.9);
  EXPECT_GE(ophuijsen.spelling_words, 10);
  const auto soewandi = find_text_evidence(layer(kSoewandi));
  EXPECT_EQ(soewandi.spelling, SpellingEra::soewandi);
  EXPECT_GT(soewandi.soewandi, 0.9);
  const auto eyd = find_text_evidence(layer(kEyd));
  EXPECT_EQ(eyd.spelling, SpellingEra::eyd);
  EXPECT_GT(eyd.eyd, 0.9);
  for (const auto& e : {ophuijsen, soewandi, eyd}) {
    EXPECT_NEAR(e.ophuijsen + e.soewandi + e.eyd, 1, 1e-9);
    EXPECT_GT(e.ind, 0.9);
  }
}

TEST(TextEvidence, TwoSpellingsAreMixed) {
  EXPECT_EQ(find_text_evidence(layer(kOphuijsen + " " + kEyd)).spelling, SpellingEra::mixed);
  EXPECT_EQ(find_text_evidence(layer(kOphuijsen + " " + kSoewandi)).spelling, SpellingEra::mixed);
  EXPECT_EQ(find_text_evidence(layer(kSoewandi + " " + kEyd)).spelling, SpellingEra::mixed);
}

TEST(TextEvidence, NamesAndLettersOfAllTimesTellNothing) {
  // Names keep their oe; j and nj within a word are in every spelling.
  const std::string today =
      "Bapak Soekarno, Soeharto, Djoko dan Tjokroaminoto dari Soerabaja saja kerja panjang "
      "banjir janji raja baju jalan hujan.";
  EXPECT_EQ(find_text_evidence(layer(today)).spelling_words, 0);
  EXPECT_EQ(find_text_evidence(layer("koefisien senja manja poetika")).spelling_words, 0);
  EXPECT_EQ(find_text_evidence(layer("koefisien yang senja tjerita")).spelling_words, 2);
}

TEST(TextEvidence, AFewWordsAreNoSpelling) {
  EXPECT_EQ(find_text_evidence(layer("yang di dalam tjerita")).spelling, SpellingEra::unknown);
  EXPECT_EQ(find_text_evidence(layer("")).spelling, SpellingEra::unknown);
}

TEST(TextEvidence, OtherLanguagesAreToldAndHaveNoIndonesianSpelling) {
  const auto dutch = find_text_evidence(layer(kDutch));
  EXPECT_GT(dutch.nld, 0.85);
  EXPECT_EQ(dutch.spelling, SpellingEra::unknown);  // goed and boek are no goeroe
  const auto english = find_text_evidence(layer(kEnglish));
  EXPECT_GT(english.eng, 0.85);
  EXPECT_EQ(english.spelling, SpellingEra::unknown);  // nor society and copies EYD
  const auto both = find_text_evidence(layer(kDutch + " " + kOphuijsen));
  EXPECT_GT(both.nld, 0.3);
  EXPECT_GT(both.ind, 0.2);
  EXPECT_NEAR(both.ind + both.nld + both.eng + both.other, 1, 1e-9);
  const auto french = find_text_evidence(
      layer("Le rapport de la commission est dans les archives du ministre et pour une raison de "
            "service il en reste des copies que les lecteurs demandent."));
  EXPECT_GT(french.other, 0.9);
  EXPECT_EQ(french.spelling, SpellingEra::unknown);
  // Sundanese writes é today.
  EXPECT_EQ(find_text_evidence(layer("béda jeung éta ogé mémang kénéh nyaéta saré hadé")).spelling,
            SpellingEra::unknown);
}

TEST(TextEvidence, CountsDoubtfulWordsAndLearnsNothingFromThem) {
  auto text = layer(kEyd);
  auto& words = text.blocks[0].lines[0].words;
  const auto all = words.size();
  for (std::size_t i = 0; i < all / 4; ++i) words[i].confidence = 0.59;
  words.push_back({"—|.", {}, 0.1});  // no word
  const auto e = find_text_evidence(text);
  EXPECT_EQ(e.words, static_cast<int>(all));
  EXPECT_NEAR(e.low_share, 0.25, 0.02);
  EXPECT_EQ(find_text_evidence(layer(kOphuijsen, 0.5)).spelling_words, 0);
  EXPECT_EQ(find_text_evidence(layer(kOphuijsen, 0.5)).low_share, 1);
}

TEST(TextEvidence, PunctuationAndCapitalsDoNotHideAWord) {
  EXPECT_EQ(find_text_evidence(layer("(YANG) \"dan\", oleh; di.")).function_words, 4);
  EXPECT_EQ(find_text_evidence(layer("„oléh” bésok")).spelling_words, 2);
}

TEST(TextEvidence, IsAFindingOfThePage) {
  const auto f = measure_text(layer(kSoewandi, 0.9));
  EXPECT_EQ(f.name, "text");
  EXPECT_EQ(f.note, "soewandi");
  EXPECT_FALSE(f.applied);
  EXPECT_NEAR(f.confidence, 0.9, 1e-9);
  EXPECT_GT(f.numbers.at("soewandi"), 0.9);
  EXPECT_EQ(f.numbers.at("low_share"), 0);
}

}  // namespace
}  // namespace alih
