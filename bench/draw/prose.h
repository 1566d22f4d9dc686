#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/draw/random.h"

namespace alih::bench {

enum class Spelling {
  modern,
  soewandi,           // 1947 to 1972: u, tj, dj, j, nj, sj, ch
  ophuijsen,          // 1901 to 1947: oe as well
  ophuijsen_accents,  // and é where the sound is not a schwa
};

// A word or a text in modern spelling, by the rules of an older one.
[[nodiscard]] std::string spelled(std::string_view modern, Spelling spelling);

// Sentences of an office of a regency, made of our own phrases, names, dates and numbers.
[[nodiscard]] std::string paragraph(Random& random, Spelling spelling, int sentences);
// What stands over a letter: office, number, subject.
struct Heading {
  std::vector<std::string> centred;
  std::vector<std::string> left;
};
[[nodiscard]] Heading heading(Random& random, Spelling spelling);
[[nodiscard]] std::string headline(Random& random, Spelling spelling);

using Table = std::vector<std::vector<std::string>>;  // the first row is the header
[[nodiscard]] Table register_table(Random& random, int rows);
[[nodiscard]] Table budget_table(Random& random, int rows);  // with per cent and points

[[nodiscard]] std::string name_of_person(Random& random);
[[nodiscard]] std::string document_number(Random& random);

}  // namespace alih::bench
