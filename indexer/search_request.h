#pragma once

#include <optional>
#include <string>

#include "core/audience.h"
#include "core/holdings.h"

namespace alih::indexer {

enum class SpellingChoice { both, modern, old_only };

struct SearchRequest {
  std::string query;
  int limit = 20;
  int offset = 0;
  std::optional<std::string> series;
  std::optional<std::string> material_type;
  std::optional<std::string> language;
  std::optional<int> year_from;
  std::optional<int> year_to;
  std::optional<ItemId> item;  // search inside one item
  std::optional<int> page;     // its file_seq: of the item's hits this page's only; needs item
  bool exact = false;          // words as they are written, nothing else
  SpellingChoice spelling = SpellingChoice::both;
  bool by_item = false;  // one hit an item: its best page
  Audience audience;     // who asks
};

}  // namespace alih::indexer
