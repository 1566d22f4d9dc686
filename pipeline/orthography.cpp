#include "pipeline/orthography.h"

#include <vector>

#include "indexer/analyzer.h"
#include "indexer/spelling.h"

namespace alih::pipeline {

std::string orthography_of(const TextLayer& text) {
  std::vector<std::string> terms;
  for (const auto& t : indexer::analyze(text)) {
    if (!t.joined && t.position < indexer::kAlternatePosition) terms.push_back(t.term);
  }
  return std::string(indexer::word(indexer::classify(terms)));
}

}  // namespace alih::pipeline
