#include "pipeline/worth.h"

#include <algorithm>

namespace alih::pipeline {

int letters_of(const Word& word) {
  constexpr unsigned char kFirstOfTwo = 0xC0;
  return static_cast<int>(std::count_if(word.text.begin(), word.text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= kFirstOfTwo;
  }));
}

int letters_of(const Line& line) {
  int sum = 0;
  for (const auto& w : line.words) sum += letters_of(w);
  return sum;
}

int letters_of(const TextLayer& text) {
  int sum = 0;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) sum += letters_of(line);
  }
  return sum;
}

double confidence_of(const Line& line) {
  double sum = 0;
  double weight = 0;
  for (const auto& w : line.words) {
    const auto size = static_cast<double>(w.text.size());
    sum += w.confidence * size;
    weight += size;
  }
  return weight > 0 ? sum / weight : 0;
}

double worth_of(const Line& line) {
  double sum = 0;
  // Below half sure a word is more likely noise than text.
  constexpr double kHalf = 0.5;
  for (const auto& w : line.words) sum += letters_of(w) * (w.confidence - kHalf);
  return sum;
}

double worth_of(const TextLayer& text) {
  double sum = 0;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) sum += worth_of(line);
  }
  return sum;
}

bool centre_in(const Box& box, const Box& region) {
  const int x = box.x + box.width / 2;
  const int y = box.y + box.height / 2;
  return x >= region.x && x < region.x + region.width && y >= region.y &&
         y < region.y + region.height;
}

double worth_within(const TextLayer& text, const Box& region) {
  double sum = 0;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      Line inside;
      for (const auto& w : line.words) {
        if (centre_in(w.box, region)) inside.words.push_back(w);
      }
      sum += std::max(0.0, worth_of(inside));
    }
  }
  return sum;
}

bool lies_on_side(const TextLayer& text) {
  int lying = 0;
  int all = 0;
  constexpr int kLeastLetters = 3;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) {
        if (letters_of(w) < kLeastLetters) continue;
        ++all;
        if (w.box.height > w.box.width) ++lying;
      }
    }
  }
  return 2 * lying > all;
}

}  // namespace alih::pipeline
