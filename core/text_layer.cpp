#include "core/text_layer.h"

#include "core/hyphenation.h"

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

std::string TextLayer::joined_text() const {
  std::string out;
  std::string pending;  // the second half that stands in the first one's line already
  for (const auto& block : blocks) {
    if (!out.empty()) out += '\n';
    for (const auto& line : block.lines) {
      std::string text;
      for (std::size_t i = 0; i < line.words.size(); ++i) {
        const auto& word = line.words[i];
        if (word.half == Half::second && i == 0 && !pending.empty()) {
          pending.clear();
          continue;
        }
        if (!text.empty()) text += ' ';
        if (word.half == Half::first) {
          const auto* second = second_half(*this, word);
          pending = second == nullptr ? "" : second->text;
          text += second == nullptr ? word.text : whole_word(word, *second);
        } else {
          text += word.text;
        }
      }
      if (!text.empty()) out += text + '\n';
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
