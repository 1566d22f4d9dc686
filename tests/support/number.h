#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace alih::testing_support {

// The number that the whole text is, of a command line. Any thread.
template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace alih::testing_support
