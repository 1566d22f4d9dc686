#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "indexer/index_view.h"
#include "indexer/matching.h"

namespace alih::indexer {

// Terms of the index that a word stands for. Bounded: `cut` says that there were more.
struct Expansion {
  std::vector<PlanTerm> terms;  // with their lists
  bool cut = false;
};

inline constexpr std::size_t kMostPrefixTerms = 1000;
inline constexpr std::size_t kMostFuzzyTerms = 50;

// Terms with this beginning; of more than `most` the ones in the most documents.
[[nodiscard]] Result<Expansion> expand_prefix(const IndexView& view, std::span<const Field> fields,
                                              std::string_view prefix,
                                              std::size_t most = kMostPrefixTerms);

// Terms within `edits` edits of the word, and those that a frequent misreading of two letters makes
// of it (rn for m); the likeliest misreadings first, then the most frequent terms.
[[nodiscard]] Result<Expansion> expand_fuzzy(const IndexView& view, std::span<const Field> fields,
                                             std::string_view word, int edits,
                                             std::size_t most = kMostFuzzyTerms);

// Edits that a reading error makes are cheap: 0 for equal words, 1 for an edit of no known cause.
[[nodiscard]] double reading_distance(std::string_view a, std::string_view b);
// Forms that one frequent misreading of the word, or its undoing, gives; with or without those of
// one letter for one, which are edits like any other.
[[nodiscard]] std::vector<std::string> misreadings(std::string_view word, bool letters);

// Documents of a term over all segments, deleted ones included.
[[nodiscard]] std::uint64_t documents_of(const PlanTerm& term);

}  // namespace alih::indexer
