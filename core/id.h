#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "core/result.h"

namespace alih {

// 26 characters of Crockford base 32: 48 bits of milliseconds, then random bits. Within a process
// each new one sorts after the one before, also when the clock is set back. Any thread.
[[nodiscard]] std::string new_ulid();
[[nodiscard]] bool is_ulid(std::string_view text);

// A ULID that cannot be mistaken for another kind's.
template <typename Tag>
class Id {
 public:
  Id() = default;
  [[nodiscard]] static Id make() { return Id(new_ulid()); }
  [[nodiscard]] static Result<Id> parse(std::string_view text) {
    if (!is_ulid(text)) {
      return fail(ErrorCode::not_found, "\"{}\" bukan pengenal yang sah",
                  "\"{}\" is not a valid id", {text});
    }
    return Id(std::string(text));
  }
  [[nodiscard]] const std::string& str() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  auto operator<=>(const Id&) const = default;

 private:
  explicit Id(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

using ItemId = Id<struct ItemTag>;
using PageId = Id<struct PageTag>;
using BatchId = Id<struct BatchTag>;
using EventId = Id<struct EventTag>;

}  // namespace alih
