#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Settings are plain structs, each with a function `describe(field, settings)` beside it that names
// every member once: name, member, help in Indonesian, help in English, allowed range. The same
// function is called with different visitors to read a file, read the environment, check ranges,
// print values and write the default file, so none of these can forget a setting.
namespace alih::settings {

// Allowed range of a number, both ends included.
struct Range {
  double low;
  double high;
};
[[nodiscard]] constexpr Range between(double low, double high) { return {low, high}; }

namespace detail {

struct Anything {
  template <typename T>
  requires(!std::is_same_v<T, Anything>) constexpr operator T()
      const;  // NOLINT: never called, only its type is looked at
};

template <typename T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), Anything{})...}; };
}

template <typename T, std::size_t N = 0>
constexpr std::size_t member_count() {
  static_assert(N < 64, "too many members in one settings struct");
  if constexpr (takes<T>(std::make_index_sequence<N + 1>{})) {
    return member_count<T, N + 1>();
  } else {
    return N;
  }
}

struct Counter {
  std::size_t count = 0;
  template <typename T>
  constexpr void operator()(const char*, T&, const char*, const char*, std::optional<Range> = {}) {
    ++count;
  }
  template <typename T>
  constexpr void section(const char*, T&) {
    ++count;
  }
};

}  // namespace detail

// True when `describe` names as many settings as the struct has members.
template <typename T>
[[nodiscard]] constexpr bool fully_described() {
  T settings{};
  detail::Counter counter;
  describe(counter, settings);
  return counter.count == detail::member_count<T>();
}

}  // namespace alih::settings
