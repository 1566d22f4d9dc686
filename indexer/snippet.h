#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/text_layer.h"
#include "indexer/analyzer.h"

namespace alih::indexer {

// What a person sees of a hit: the words around it, marked, and where they stand on the page.
struct Shown {
  std::string snippet;     // escaped, with <mark> around matched words
  std::vector<Box> boxes;  // of matched words; neighbours on one line are one box
};

// `positions` are those of the matched terms, `words` the length of the snippet.
[[nodiscard]] Shown show_page(const TextLayer& text, const std::set<std::uint32_t>& positions,
                              const std::set<std::string>& terms, int words);
// For metadata: the values that hold a matched term.
[[nodiscard]] std::string show_values(const std::vector<std::string>& values,
                                      const std::set<std::string>& terms);

[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace alih::indexer
