#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/text_layer.h"

namespace alih::indexer {

class Stemmer;

// What is to be lit on a page that was found: words, and words one behind the other.
struct Highlight {
  struct Slot {
    std::set<std::string> terms;
    std::set<std::string> old_terms;  // not on pages in the modern spelling
    std::set<std::string> roots;      // of words in any form
  };
  std::vector<std::vector<Slot>> phrases;
};

// What a person sees of a hit: the words around it, marked, and where they stand on the page.
struct Shown {
  std::string snippet;               // escaped, with <mark> around matched words
  std::vector<Box> boxes;            // of matched words; neighbours on one line are one box
  std::vector<std::string> matched;  // terms, sorted
};

// `words`: length of the snippet.
[[nodiscard]] Shown show_page(const TextLayer& text, const Highlight& highlight,
                              const Stemmer& stemmer, int words);
// For metadata: the values that hold a matched term.
[[nodiscard]] Shown show_values(const std::vector<std::string>& values, const Highlight& highlight,
                                const Stemmer& stemmer);

[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace alih::indexer
