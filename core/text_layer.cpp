#include "core/text_layer.h"

namespace alih {

std::string TextLayer::text() const {
  std::string out;
  for (const auto& block : blocks) {
    if (!out.empty()) out += '\n';
    for (const auto& line : block.lines) {
      bool first = true;
      for (const auto& word : line.words) {
        if (!first) out += ' ';
        first = false;
        out += word.text;
      }
      out += '\n';
    }
  }
  return out;
}

int TextLayer::word_count() const {
  std::size_t n = 0;
  for (const auto& block : blocks) {
    for (const auto& line : block.lines) n += line.words.size();
  }
  return static_cast<int>(n);
}

double TextLayer::mean_confidence() const {
  double sum = 0;
  double weight = 0;
  for (const auto& block : blocks) {
    for (const auto& line : block.lines) {
      for (const auto& word : line.words) {
        const auto w = static_cast<double>(word.text.size());
        sum += word.confidence * w;
        weight += w;
      }
    }
  }
  return weight > 0 ? sum / weight : 0;
}

}  // namespace alih
