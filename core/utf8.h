#pragma once

#include <cstddef>
#include <string_view>

namespace alih {

// Bytes of the well-formed UTF-8 character that `text` begins with, and its code point; 0 when it
// begins with none (empty, cut short, overlong, a surrogate, beyond U+10FFFF).
[[nodiscard]] std::size_t utf8_character(std::string_view text, char32_t& code);

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD, for what is none

}  // namespace alih
