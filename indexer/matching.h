#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "indexer/index_view.h"

namespace alih::indexer {

// What is looked for, as terms of the index: any of the groups, every leaf of a group. A leaf is
// found where one of its sources is; the sources' scores are added.
struct PlanTerm {
  Field field = Field::text;
  std::string term;
  bool old_only = false;  // not on pages in the modern spelling
  // Its lists, one a segment of the view, where they are known already.
  std::vector<TermList> lists;
};
struct PlanSource {
  Field field = Field::text;  // whose lengths and number of documents count
  double weight = 1;
  // One slot: a word, any of its terms, which count together. Several: a phrase, one word after the
  // other.
  std::vector<std::vector<PlanTerm>> slots;
};
struct PlanLeaf {
  bool excluded = false;
  std::vector<PlanSource> sources;
};
struct Plan {
  std::vector<std::vector<PlanLeaf>> groups;  // an empty group: every document
};

struct Wanted {
  std::size_t top = 10;
  bool counts = true;       // total and facets, which need every match
  bool by_item = false;     // the best document of each item: its score and a tenth of the others'
  bool exhaustive = false;  // score every match: the oracle of the tests
};

struct Ranked {
  std::uint32_t segment = 0;  // index into the view's segments
  std::uint32_t document = 0;
  std::int64_t score = 0;     // in units of 1/65536
  std::uint32_t in_item = 0;  // by_item: matching documents of the item
};
struct Answer {
  std::vector<Ranked> best;  // equal scores in the order of the register
  std::size_t total = 0;     // documents, or items
  std::map<std::string, int> series;
  std::map<int, int> years;
  std::map<std::string, int> types;
  std::map<std::string, int> languages;
};

// The best documents, exactly: what is not looked at cannot be among them. The answer does not
// depend on how the index is cut into segments, nor on what was deleted. Any thread. Errors:
// damaged, unavailable.
[[nodiscard]] Result<Answer> match(const IndexView& view, const Plan& plan, const Filter& filter,
                                   const Wanted& wanted);

// In how many documents that pass the leaf is found.
[[nodiscard]] Result<std::size_t> count_matches(const IndexView& view, const PlanLeaf& leaf,
                                                const Filter& filter);

}  // namespace alih::indexer
