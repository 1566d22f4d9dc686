#pragma once

#include <string>
#include <string_view>

namespace alih {

// Without blanks, tabs and line ends before and behind.
[[nodiscard]] std::string trimmed(std::string_view text);

// '0' to '9' and nothing else, at least one.
[[nodiscard]] bool all_digits(std::string_view text);

}  // namespace alih
