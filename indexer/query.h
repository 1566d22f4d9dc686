#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace alih::indexer {

// What one word of a question asks for.
struct Leaf {
  enum class Kind { word, phrase, prefix, fuzzy };
  Kind kind = Kind::word;
  std::string text;   // as written, without operators
  std::string field;  // "", "title", "creator", "no"
  bool excluded = false;
  std::size_t at = 0;  // where `text` stands in the question, in bytes
};

// Any of the groups; every leaf of a group.
struct Query {
  std::vector<std::vector<Leaf>> groups;
  // Filters that were written in the question.
  std::vector<std::string> series;
  std::optional<int> year_from;
  std::optional<int> year_to;
};

// The language: words are ANDed; OR; -word; "a phrase"; word*; word~; title: creator: series: no:
// year:1936..1942. An unknown field name is read as plain text. At most 32 words, 8 of them with *
// or
// ~.
// Errors: bad_query, with the place (character, counted from 1).
[[nodiscard]] Result<Query> parse_query(std::string_view text);

// "1936..1942", "1936..", "..1942" or "1936". Errors: bad_query.
[[nodiscard]] Status parse_years(std::string_view text, std::optional<int>& from,
                                 std::optional<int>& to);

}  // namespace alih::indexer
