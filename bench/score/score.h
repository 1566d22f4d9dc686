#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace alih::bench {

// What a reading of a page is worth beside the true text. Counts, so that pages can be added up.
struct Score {
  int characters = 0;        // of the truth: code points after NFC, white space as one blank
  int character_errors = 0;  // Levenshtein
  int words = 0;             // of the truth, between white space
  int word_errors = 0;       // Levenshtein over words
  int read_words = 0;        // of the reading
  int common_words = 0;      // of both, in whatever order
  struct Watched {
    int there = 0;     // in the truth
    int right = 0;     // of these, in their place in the reading
    int invented = 0;  // in the reading where the truth has none or another character
  };
  std::vector<Watched> watched;  // one for each character of `watch`
};

// `watch`: characters whose own rate is wanted. `fold`: capitals count as small letters. Texts that
// are not UTF-8 are read with U+FFFD where they are broken.
[[nodiscard]] Score score(std::string_view truth, std::string_view reading,
                          std::u32string_view watch = {}, bool fold = false);

// Harmonic mean of how much of the truth was read and how much of the reading is true; 1 for two
// empty texts.
[[nodiscard]] double bag_f1(const Score& score);

}  // namespace alih::bench
