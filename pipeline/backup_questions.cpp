#include "pipeline/backup_questions.h"

#include <algorithm>

namespace alih::pipeline {
namespace {

constexpr std::size_t kMost = 50;
constexpr std::size_t kItems = 24;
constexpr int kHits = 20;

// A word that no reader of queries takes for anything else.
bool is_plain(const std::string& word) {
  constexpr std::size_t kShort = 4;
  constexpr std::size_t kLong = 20;
  return word.size() >= kShort && word.size() <= kLong &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

std::string longest_plain(const std::string& text) {
  std::string best;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ') {
      word += c;
      continue;
    }
    if (is_plain(word) && word.size() > best.size()) best = word;
    word.clear();
  }
  return best;
}

}  // namespace

Result<Question> ask(const indexer::Database& database, const std::string& query) {
  indexer::SearchRequest request;
  request.query = query;
  request.limit = kHits;
  ALIH_TRY(const auto found, database.search(request));
  Question out{query, found.total, {}};
  for (const auto& hit : found.hits) {
    out.hits.emplace_back(hit.item.digitization_no, hit.page ? hit.page->number : 0);
  }
  return out;
}

Result<std::vector<Question>> make_questions(const indexer::Database& database) {
  std::set<std::string> queries;
  std::string last;
  const auto add = [&](std::string query) {
    if (!query.empty() && queries.size() < kMost) queries.insert(std::move(query));
  };
  const auto items = database.items({});
  const auto step = std::max<std::size_t>(1, items.size() / kItems);
  for (std::size_t i = 0; i < items.size() && queries.size() < kMost; i += step) {
    add(longest_plain(items[i].field("title")));
    const auto pages = database.pages(items[i].id);
    if (pages.empty()) continue;
    const auto& page = pages[(i * 7 + pages.size() / 2) % pages.size()];
    const auto text = database.text(items[i].id, page.file_seq);
    if (!text) continue;
    std::vector<std::string> words;
    for (const auto& block : text->blocks) {
      for (const auto& line : block.lines) {
        for (const auto& word : line.words) words.push_back(word.text);
      }
    }
    for (std::size_t w = words.size() / 2; w < words.size(); ++w) {
      if (!is_plain(words[w])) continue;
      add(words[w]);
      if (!last.empty()) add(last + " OR " + words[w]);
      last = words[w];
      if (w + 1 < words.size() && is_plain(words[w + 1])) {
        add("\"" + words[w] + " " + words[w + 1] + "\"");
        break;
      }
    }
  }
  std::vector<Question> out;
  for (const auto& query : queries) {
    ALIH_TRY(auto answer, ask(database, query));
    out.push_back(std::move(answer));
  }
  return out;
}

}  // namespace alih::pipeline
