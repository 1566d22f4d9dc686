#pragma once

#include <string_view>

#include "core/finding.h"
#include "core/text_layer.h"

// What a page's text tells of how it was printed and how well it was read. Evidence only, counted
// by the tables in text_evidence.cpp; search has a coarser test of its own (indexer/spelling.h).
namespace alih {

// The spelling of an Indonesian page: Van Ophuijsen's (1901-47), Soewandi's (1947-72), today's
// (EYD, since 1972), or several. unknown: too little of it, or another language.
enum class SpellingEra { unknown, ophuijsen, soewandi, eyd, mixed };
[[nodiscard]] std::string_view word(SpellingEra era);

struct TextEvidence {
  int words = 0;         // that have a letter or a digit
  double low_share = 0;  // of them below 0.6 sure
  // Of the words that only some spellings write; the three make 1, or 0 without any.
  int spelling_words = 0;
  double ophuijsen = 0;
  double soewandi = 0;
  double eyd = 0;
  SpellingEra spelling = SpellingEra::unknown;
  // Of function words; the four make 1, or 0 without any.
  int function_words = 0;
  double ind = 0;
  double nld = 0;
  double eng = 0;
  double other = 0;  // French, German, Danish
};
[[nodiscard]] TextEvidence find_text_evidence(const TextLayer& text);

// The same as the finding "text": its note is the spelling, its confidence the text's mean.
[[nodiscard]] Finding measure_text(const TextLayer& text);

}  // namespace alih
