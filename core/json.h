// JSON by nlohmann's library, for every source of ours, and never for a header. An integer that the
// wanted type cannot hold (1e300, 3.5, 4294967296 for an int, -1 for an unsigned) is
// json::out_of_range, where the library would give another number or undefined behaviour. The
// library's own header comes from here only, in precompiled headers too: what it has used before,
// it does not read anew.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace alih {

template <class T>
concept JsonInteger = std::integral<T> && !std::same_as<T, bool>;

}  // namespace alih

namespace nlohmann {

template <alih::JsonInteger T>
struct adl_serializer<T, void> {
  template <class Json>
  static void to_json(Json& j, T number) {
    ::nlohmann::to_json(j, number);
  }

  template <class Json>
  static void from_json(const Json& j, T& out) {
    if (j.is_number_unsigned()) {
      out = held(j, j.template get_ref<const std::uint64_t&>());
    } else if (j.is_number_integer()) {
      out = held(j, j.template get_ref<const std::int64_t&>());
    } else if (j.is_number_float()) {
      constexpr double kEnd = 9223372036854775808.0;  // 2^63: the first that int64_t cannot hold
      const double number = j.template get_ref<const double&>();
      if (!(number >= -kEnd && number < kEnd) || std::trunc(number) != number) refuse(j);
      out = held(j, static_cast<std::int64_t>(number));
    } else {
      throw detail::type_error::create(
          302, std::string("type must be number, but is ") + j.type_name(), &j);
    }
  }

 private:
  template <class Json, class Number>
  static T held(const Json& j, Number number) {
    if (!std::in_range<T>(number)) refuse(j);
    return static_cast<T>(number);
  }

  template <class Json>
  [[noreturn]] static void refuse(const Json& j) {
    throw detail::out_of_range::create(406, "number out of range: " + j.dump(), &j);
  }
};

}  // namespace nlohmann
