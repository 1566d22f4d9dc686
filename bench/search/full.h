#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/search/store.h"

namespace alih::bench {

struct Question {
  std::string klass;
  std::vector<std::string> terms;
  std::string filter;
};

// The index as the program has it, with its analyzer, roots, spellings, facets, snippets and boxes:
// what the rows of the plain one leave out.
class FullIndex {
 public:
  explicit FullIndex(std::filesystem::path folder);
  // CPU seconds of indexing; making the text layers, which come from the reading, is not in it.
  [[nodiscard]] double build(const std::vector<std::string>& lines);
  // Prints what the questions of a class cost, and what snippets and boxes of ten hits add.
  void ask(const std::vector<Question>& questions);
  // Prints what questions that ask for too much cost, and what the program says to them. Made of
  // the most frequent words asked for.
  void provoke(const std::vector<Question>& questions);

 private:
  std::filesystem::path folder_;
  indexer::Stemmer stemmer_;
  indexer::Synonyms synonyms_;
  std::unique_ptr<Store> store_;
};

}  // namespace alih::bench
