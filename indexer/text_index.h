#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/holdings.h"
#include "core/result.h"
#include "indexer/micro_segment.h"
#include "indexer/query.h"
#include "indexer/settings.h"

namespace alih::indexer {

// What filters, facets and the order of equal scores need of an item, kept in memory.
struct ItemFacts {
  int year_of_register = 0;
  int sequence_no = 0;
  std::string series;
  std::string material_type;
  int year_issued = 0;  // 0 = unknown
  AccessClass access = AccessClass::restricted;
  bool operator==(const ItemFacts&) const = default;
};
[[nodiscard]] ItemFacts facts_of(const Item& item);

enum class SpellingChoice { both, modern, old_only };

// Who asks: the widest access class that may be seen at all.
struct SearchRequest {
  std::string query;
  int limit = 20;
  int offset = 0;
  std::optional<std::string> series;
  std::optional<std::string> material_type;
  std::optional<int> year_from;
  std::optional<int> year_to;
  std::optional<ItemId> item;  // search inside one item
  bool exact = false;
  SpellingChoice spelling = SpellingChoice::both;
  AccessClass widest_access = AccessClass::closed;
};

// One match: which document, how good, and which positions of the page's text to light.
struct Match {
  std::string item;
  std::uint32_t page_seq = 0;  // 0 = the item's metadata
  double score = 0;
  std::set<std::uint32_t> positions;  // of field text
  std::set<std::string> terms;        // as they stand in the index
};

struct Matches {
  std::size_t total = 0;
  std::vector<Match> window;  // offset … offset + limit
  std::map<std::string, int> series;
  std::map<int, int> years;
};

// The inverted index in memory: segments, deleted ordinals, facts of the items. Not synchronised:
// the database guards it.
class TextIndex {
 public:
  explicit TextIndex(const Settings& settings) : settings_(settings) {}

  void add_segment(std::uint32_t id, std::shared_ptr<const MicroSegment> segment);
  void remove_segment(std::uint32_t id);
  void remove_document(std::uint32_t ordinal);
  void restore_documents(std::set<std::uint32_t> deleted) { deleted_ = std::move(deleted); }
  // Seen by every copy of this index: a commit copies it, and facts are of all items.
  void set_facts(const std::string& item, const ItemFacts& facts) { (*facts_)[item] = facts; }
  void remove_facts(const std::string& item) { facts_->erase(item); }

  [[nodiscard]] const std::map<std::uint32_t, std::shared_ptr<const MicroSegment>>& segments()
      const {
    return segments_;
  }
  [[nodiscard]] bool is_deleted(std::uint32_t ordinal) const { return deleted_.contains(ordinal); }
  [[nodiscard]] const std::set<std::uint32_t>& deleted() const { return deleted_; }

  // Every match is scored, so the answer does not depend on how the index is cut into segments;
  // equal scores stand in the order of the register. Errors: bad_query, not_found for an unknown
  // series.
  [[nodiscard]] Result<Matches> search(const SearchRequest& request) const;

 private:
  struct FieldHits;
  struct LeafHits;
  struct Totals;
  struct Slot;
  [[nodiscard]] std::vector<std::vector<Slot>> alternatives_of(const Leaf& leaf,
                                                               const SearchRequest& request) const;
  [[nodiscard]] std::vector<std::string> prefix_terms(std::string_view prefix) const;
  [[nodiscard]] std::vector<std::string> fuzzy_terms(const std::string& term) const;
  [[nodiscard]] LeafHits hits_of(const Leaf& leaf, const SearchRequest& request) const;
  [[nodiscard]] Totals totals() const;

  Settings settings_;
  std::map<std::uint32_t, std::shared_ptr<const MicroSegment>> segments_;  // by id
  std::set<std::uint32_t> deleted_;
  std::shared_ptr<std::unordered_map<std::string, ItemFacts>> facts_ =
      std::make_shared<std::unordered_map<std::string, ItemFacts>>();
};

}  // namespace alih::indexer
