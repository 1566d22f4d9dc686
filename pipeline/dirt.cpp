#include "pipeline/dirt.h"

#include <algorithm>
#include <vector>

#include "pipeline/worth.h"

namespace alih::pipeline {

void take_dirt_out(TextLayer& text) {
  std::vector<int> heights;  // of lines
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) heights.push_back(line.box.height);
  }
  if (heights.empty()) return;
  const auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), middle, heights.end());
  constexpr double kUnsure = 0.65;
  const auto is_speck = [&](const Word& w) {
    constexpr int kSmaller = 4;  // times
    return w.confidence < kUnsure && letters_of(w) > 0 && w.box.height * kSmaller < *middle;
  };
  const auto at_edge = [&](const Word& w) {
    constexpr int kEdge = 2;  // pixels
    return w.box.x <= kEdge || w.box.y <= kEdge || w.box.x + w.box.width >= text.width - kEdge ||
           w.box.y + w.box.height >= text.height - kEdge;
  };
  const auto is_dirt = [&](const Line& line) {
    constexpr double kMostSure = 2.5;  // letters
    double sure = 0;
    for (const auto& w : line.words) sure += letters_of(w) * w.confidence;
    return sure <= kMostSure &&
           std::all_of(line.words.begin(), line.words.end(),
                       [&](const Word& w) { return w.confidence < kUnsure && at_edge(w); });
  };
  for (auto& block : text.blocks) {
    for (auto& line : block.lines) {
      const bool all = is_dirt(line);
      std::erase_if(line.words, [&](Word& w) {
        if (!all && !is_speck(w)) return false;
        text.alternates.push_back(std::move(w));
        return true;
      });
    }
    std::erase_if(block.lines, [](const Line& line) { return line.words.empty(); });
  }
  std::erase_if(text.blocks, [](const Block& block) { return block.lines.empty(); });
}

}  // namespace alih::pipeline
