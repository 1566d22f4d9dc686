#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/geometry.h"

namespace alih {

// Which half of a word that was cut at a line's end.
enum class Half : std::uint8_t { none, first, second };

// One word as read. Box in pixels of the access image, confidence 0 to 1, text in UTF-8.
struct Word {
  std::string text;
  Box box;
  double confidence = 0;
  Half half = Half::none;
  std::string joined = {};  // of a half: the whole word, without what stands around it
  bool corrected = false;   // a person wrote it
  bool operator==(const Word&) const = default;
};

struct Line {
  Box box;
  std::vector<Word> words;
  // What the letters stand on, from its left end to its right one: x, y, x, y; all 0 = unknown.
  std::array<int, 4> baseline{};
  bool operator==(const Line&) const = default;

  [[nodiscard]] bool has_baseline() const { return baseline != std::array<int, 4>{}; }
};

struct Block {
  Box box;
  std::vector<Line> lines;
  bool operator==(const Block&) const = default;
};

// A page's text with positions: blocks, lines, words, in reading order (ALTO's shape).
struct TextLayer {
  int width = 0;   // of the access image, pixels
  int height = 0;  // of the access image, pixels
  std::vector<Block> blocks;
  // Words that another reading of the same page gave where this one gave something else: they are
  // searched, never shown as the text.
  std::vector<Word> alternates;
  bool operator==(const TextLayer&) const = default;

  // Words in reading order; lines end with \n, blocks with an empty line.
  [[nodiscard]] std::string text() const;
  // The same with words that were cut at a line's end whole, at the end of the first line.
  [[nodiscard]] std::string joined_text() const;
  [[nodiscard]] int word_count() const;
  // Mean over words, weighted by their length; 0 without words.
  [[nodiscard]] double mean_confidence() const;
};

}  // namespace alih
