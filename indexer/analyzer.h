#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/text_layer.h"

namespace alih::indexer {

// Index and question must be cut into terms by the same rules. Raise this when a rule changes: an
// index of another version is made anew from the texts when the database is opened for writing.
inline constexpr std::uint32_t kAnalyzerVersion = 2;

// A term at its place. Positions count from 0, one for each part of a word; a joined form
// (inlis-lite also as inlislite, a word cut at a line's end also whole, 1.250.000 also as 1250000)
// stands at its first part's. Words count from 0 in reading order, then the alternates.
struct Token {
  std::string term;
  std::uint32_t position = 0;
  std::uint32_t first_word = 0;
  std::uint32_t last_word = 0;
  bool joined = false;
  bool name = false;      // with a capital letter in the middle of a sentence
  bool doubtful = false;  // the reading is unsure
  bool operator==(const Token&) const = default;
};

// Lower case (NFKC, case folded), without marks, cut at everything that is no letter or digit.
// Terms are at most 100 bytes of UTF-8. Any thread.
[[nodiscard]] std::vector<std::string> parts_of(std::string_view text);
// The parts as one term, when the text is one word of several parts held by - ' or the like.
[[nodiscard]] std::string joined_form(std::string_view word);
// A number of several parts as one term: 1.250.000 is 1250000, 95,5 stays 95,5; numbers of
// documents and dates keep their parts with a slash: 470/123/2019, 17/8/1945. Empty if it is none.
[[nodiscard]] std::string number_form(std::string_view word);
// What a part in the short way of writing repeats: anak of anak2, and orang with its ending (orang,
// orangnja) of orang2nja. Empty if it is none.
[[nodiscard]] std::vector<std::string> repeated_forms(std::string_view part);

[[nodiscard]] std::vector<Token> analyze(const TextLayer& text);
[[nodiscard]] std::vector<Token> analyze(std::string_view text);

// Where a reading that was not chosen has its positions: far behind the text, with gaps, so that no
// phrase runs across.
inline constexpr std::uint32_t kAlternatePosition = 1U << 24U;
// Words read with less confidence than this are doubtful.
inline constexpr double kDoubtfulBelow = 0.45;

}  // namespace alih::indexer
