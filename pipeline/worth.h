#pragma once

#include "core/geometry.h"
#include "core/text_layer.h"

namespace alih::pipeline {

// Letters and digits of a reading.
[[nodiscard]] int letters_of(const TextLayer& text);
[[nodiscard]] int letters_of(const Line& line);
[[nodiscard]] int letters_of(const Word& word);
// What a reading of a page is worth beside another one: its letters, each with how sure it is above
// one half. Good words count more than sure ones: a reading that lost half the page is no better
// for being sure of the rest.
[[nodiscard]] double worth_of(const TextLayer& text);
[[nodiscard]] double worth_of(const Line& line);
// Whether the middle of `box` lies in the region.
[[nodiscard]] bool centre_in(const Box& box, const Box& region);
// Of the words whose middle lies there.
[[nodiscard]] double worth_within(const TextLayer& text, const Box& region);
// Whether most words of three letters and more stand upright in the picture: Tesseract reads lines
// that run up the page as well, and says nothing of it.
[[nodiscard]] bool lies_on_side(const TextLayer& text);
// Mean over its words, weighted by their length; 0 without words.
[[nodiscard]] double confidence_of(const Line& line);

}  // namespace alih::pipeline
