#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/holdings.h"
#include "core/message.h"
#include "core/result.h"
#include "indexer/index_view.h"
#include "indexer/inverter.h"
#include "indexer/language.h"
#include "indexer/search_request.h"
#include "indexer/snippet.h"

namespace alih::indexer {

// Which of the rules a question is widened by; all of them, but for measuring what each is worth.
struct LanguageUse {
  bool spelling = true;
  bool roots = true;
  bool synonyms = true;
  bool misreadings = true;
  bool repetition = true;
};

// One match: which document and how good.
struct Match {
  std::string item;
  std::uint32_t page_seq = 0;  // 0 = the item's metadata
  double score = 0;
  std::size_t in_item = 1;  // by_item: matching documents of the item
};

struct Matches {
  std::size_t total = 0;
  std::vector<Match> window;  // offset … offset + limit
  std::map<std::string, int> series;
  std::map<int, int> years;
  std::map<std::string, int> types;
  std::map<std::string, int> languages;
  Highlight highlight;
  std::vector<Message> notes;            // what was left out of a question that asks for too much
  std::vector<std::string> suggestions;  // "did you mean": whole questions
};

// Answers a question from one state of the index. Any thread. Errors: bad_query, damaged,
// unavailable.
[[nodiscard]] Result<Matches> search(const IndexView& view, const Stemmer& stemmer,
                                     const Synonyms& synonyms, const SearchRequest& request,
                                     const LanguageUse& use = {});

// Terms of a page, and of an item's metadata: every searched field of core/fields.h. One document
// each, added last.
void add_page(Inverter& to, const Stemmer& stemmer, std::uint32_t ordinal, const std::string& item,
              std::uint32_t page_seq, const TextLayer& text);
void add_item(Inverter& to, const Stemmer& stemmer, std::uint32_t ordinal, const Item& item);

}  // namespace alih::indexer
