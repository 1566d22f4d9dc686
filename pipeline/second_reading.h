#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.h"
#include "core/text_layer.h"
#include "ocr/engine.h"

namespace alih::pipeline {

struct SecondReading {
  int asked = 0;     // words read again
  int replaced = 0;  // of them, those that came out otherwise
};

// Debian's ind model knows no % é ; = + * [ ] q °, and reads 20,50% as 20,504. Words whose picture
// holds more marks than their letters account for are read once more, each by itself, by a model
// that knows them, and its word is taken where it differs just there. So are numbers with letters
// in them that have a digit's shape: in some typefaces ind takes 5 for s and 0 for o. Costs at most
// about a fifth of the page's first reading, and ends when it asks in vain. The words that were
// replaced go to the alternates. `page`: gray8, with paper near white, the one whose pixels the
// boxes are in. One thread.
SecondReading read_doubtful_words(ocr::Engine& engine, const Image& page, TextLayer& text);

// Marks above letters that the text's own signs have: i, j, é, the upper half of a colon.
[[nodiscard]] int expected_marks_above(std::string_view text);
// Whether one of the marks above a word (in pixels from its left edge) stands over an e and not
// over a letter with a dot, as well as the widths of letters tell.
[[nodiscard]] bool stands_over_e(std::string_view text, int width, const std::vector<int>& marks);
// One number with a decimal, or with a sign or two that are no digits: what a model without % makes
// of "56,64%" is "56,644", "56.644", "56,64X" or "56,64".
[[nodiscard]] bool may_be_percentage(std::string_view text);
// What a % that stands alone is read as: "Yo", "To", "Jo".
[[nodiscard]] bool may_be_percent_sign(std::string_view text);
// Puts such a sign to the number that it stands right behind: "36,38" and "Fc" become "36,38Fc".
void join_percent_signs(Line& line);

// "p€ta": what the model eng makes of an é.
[[nodiscard]] bool has_euro_among_letters(std::string_view text);

// `first` with a % for what it has after the number that `second` ends with: "32,937c" beside
// "32,93", where the second model saw no sign that it knows. None when `first` is nothing like it.
[[nodiscard]] std::optional<std::string> with_percent_sign(std::string_view first,
                                                           std::string_view second);

// Digits read as letters of the same shape: "1o", "6s.240", "sss/Huk/1/84".
[[nodiscard]] bool may_hide_digits(std::string_view text);
// `first` with the digits that `second` has in place of such letters; none when no number comes of
// it.
[[nodiscard]] std::optional<std::string> with_digits_of(std::string_view first,
                                                        std::string_view second);

// Marks that do not touch, in an undamaged print of the text.
[[nodiscard]] int expected_parts(std::string_view text);
// Whether `second` says what `first` says but for characters that the first model does not know,
// and has more of these.
[[nodiscard]] bool differs_in_rare_characters(std::string_view first, std::string_view second);

}  // namespace alih::pipeline
