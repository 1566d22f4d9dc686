#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace alih::indexer {

// Which Indonesian orthography a page is printed in. unknown: no evidence for either.
enum class Orthography : unsigned char { unknown, old_spelling, modern, mixed };
[[nodiscard]] std::string_view word(Orthography o);

// From the terms of a page: counts digraphs and words that only one orthography writes (oe tj dj nj
// sj and jang against c, y, sy, kh and yang).
[[nodiscard]] Orthography classify(const std::vector<std::string>& terms);
// The same in two steps: what a term says, 1 for an old page, -1 for a modern one, 0 nothing; and
// what so many of each say together.
[[nodiscard]] int evidence_of(std::string_view term);
[[nodiscard]] Orthography orthography_from(int old_evidence, int modern_evidence);

// Another way in which a searched word may be printed.
struct Spelling {
  std::string term;
  bool old_only = false;  // counts only on pages that are not printed in the modern spelling
  bool operator==(const Spelling&) const = default;
};

// The word itself first, then its forms in Van Ophuijsen's (1901-47) and Soewandi's (1947-72)
// spelling, and its modern form when it looks like an old one. Terms as the analyzer gives them.
[[nodiscard]] std::vector<Spelling> spellings(std::string_view term);

// Modern form of a word printed in the old spelling; the word itself when nothing changes.
[[nodiscard]] std::string to_modern(std::string_view term);

}  // namespace alih::indexer
