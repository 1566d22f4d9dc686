#pragma once

#include <string_view>

#include "core/text_layer.h"

namespace alih {

// A reading of a page as a person corrected it.
struct Correction {
  TextLayer text;
  int words = 0;    // of the corrected text
  int changed = 0;  // of them, those that a person wrote: other than read, or not read at all
  int removed = 0;  // words of the reading that are gone
};

// The corrected text over the places of the reading: words that say the same keep everything, a
// changed one keeps its box, words that were read as one share its box by their lengths, one that
// was read as several gets all their boxes, and a new one lies in the white between its neighbours;
// a new line lies between its neighbours too. What a person wrote is marked and sure. Lines are
// those of the text, cut where the print goes on elsewhere; an empty line begins a block. A word
// that was cut at a line's end may be written whole. Alternates are dropped: they are what other
// readings made of the page, which now has been read by a person.
// Any bytes. Takes time with the words times the length of the longest part that differs all
// through, up to 500 words; the caller bounds the length of the text.
[[nodiscard]] Correction corrected(const TextLayer& read, std::string_view text);

}  // namespace alih
