#pragma once

#include <string_view>

namespace alih {

// Levenshtein distance in bytes, or limit + 1 when it is more. O(a * b).
[[nodiscard]] int edit_distance(std::string_view a, std::string_view b, int limit);

}  // namespace alih
