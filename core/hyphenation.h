#pragma once

#include <string>
#include <string_view>

#include "core/text_layer.h"

// Words that were cut at a line's end. Any thread.
namespace alih {

// Bytes of the hyphen that the word ends with; 0 = none. Also what engines make of one: ¬ = –.
[[nodiscard]] std::size_t hyphen_at_end(std::string_view word);

// The whole word when `first` (with its hyphen) and `second`, the first word of the next line, are
// likely its halves, else empty. Both are letters with a vowel, the second goes on in small letters
// or both are capitals; what stands before and after the letters is left out. The hyphen stays
// where the word has one anyway: undang-undang, sayur-mayur, anak-anaknya.
[[nodiscard]] std::string joined_word(std::string_view first, std::string_view second);

// Marks the halves at the ends of lines, also over the end of a block, and takes older marks away.
// Words that the engine was not half sure of are left alone.
void mark_halves(TextLayer& text);

// The half that belongs to `first`, a word of `text`; nullptr when there is none.
[[nodiscard]] const Word* second_half(const TextLayer& text, const Word& first);
// Both halves as one, with what stands before the first and after the second: “peme- rintah,
// becomes “pemerintah,
[[nodiscard]] std::string whole_word(const Word& first, const Word& second);

}  // namespace alih
