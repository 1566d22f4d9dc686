#include "pipeline/trial_band.h"

#include <algorithm>
#include <vector>

#include "pipeline/worth.h"

namespace alih::pipeline {

std::optional<Box> trial_band(const TextLayer& text) {
  constexpr double kLeastConfidence = 0.85;
  constexpr int kLeastLetters = 500;
  constexpr double kShare = 0.2;       // of the page's letters
  constexpr double kMostHeight = 0.5;  // of the page's
  const int letters = letters_of(text);
  if (letters < kLeastLetters || text.mean_confidence() < kLeastConfidence) return {};
  std::vector<const Line*> lines;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) lines.push_back(&line);
  }
  std::sort(lines.begin(), lines.end(),
            [](const Line* a, const Line* b) { return a->box.y < b->box.y; });
  std::optional<Box> best;
  double least = 1;
  double doubt = 0;  // of the lines from first to last
  int inside = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < lines.size(); ++last) {
    const auto doubt_of = [](const Line& line) {
      return letters_of(line) * (1 - confidence_of(line));
    };
    inside += letters_of(*lines[last]);
    doubt += doubt_of(*lines[last]);
    // As few lines as hold enough.
    while (inside - letters_of(*lines[first]) >= kShare * letters) {
      inside -= letters_of(*lines[first]);
      doubt -= doubt_of(*lines[first]);
      ++first;
    }
    if (inside < kShare * letters || 1 - doubt / inside >= least) continue;
    least = 1 - doubt / inside;
    int bottom = 0;
    for (auto i = first; i <= last; ++i) {
      bottom = std::max(bottom, lines[i]->box.y + lines[i]->box.height);
    }
    const int top = lines[first]->box.y;
    best = Box{0, top, text.width, std::min(bottom, text.height) - top};
  }
  if (best && best->height > kMostHeight * text.height) return {};
  return best;
}

}  // namespace alih::pipeline
