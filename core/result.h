#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "core/error.h"

namespace alih {

// A value, or why not.
template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// `return fail(ErrorCode::not_found, "Tidak ada {}", "There is no {}", {name});`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string_view id,
                                                std::string_view en,
                                                std::initializer_list<Arg> args = {}) {
  return tl::unexpected<Error>(Error{code, message(id, en, args)});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace alih

// `ALIH_TRY(auto image, decode(bytes));` gives the value, or returns the error to the caller.
#define ALIH_TRY_NAME2(a, b) a##b
#define ALIH_TRY_NAME(a, b) ALIH_TRY_NAME2(a, b)
#define ALIH_TRY(declaration, ...)                                              \
  auto ALIH_TRY_NAME(alih_try_, __LINE__) = (__VA_ARGS__);                      \
  if (!ALIH_TRY_NAME(alih_try_, __LINE__))                                      \
    return ::alih::fail(std::move(ALIH_TRY_NAME(alih_try_, __LINE__)).error()); \
  declaration = std::move(*ALIH_TRY_NAME(alih_try_, __LINE__))
// `ALIH_CHECK(status());` for a Result without a value.
#define ALIH_CHECK(...)                                   \
  do {                                                    \
    if (auto alih_check = (__VA_ARGS__); !alih_check)     \
      return ::alih::fail(std::move(alih_check).error()); \
  } while (false)
