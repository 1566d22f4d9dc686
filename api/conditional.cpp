#include "api/conditional.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace alih::api {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ptr != text.data() + text.size()) return std::nullopt;
  // Larger than any file is as good as the largest.
  return read.ec == std::errc() ? value : UINT64_MAX;
}

}  // namespace

bool names_tag(std::string_view header, std::string_view tag, bool weak) {
  while (!header.empty()) {
    const auto comma = std::min(header.find(','), header.size());
    auto one = trimmed(header.substr(0, comma));
    header.remove_prefix(std::min(comma + 1, header.size()));
    if (weak && one == "*") return true;
    if (one.starts_with("W/")) {
      if (!weak) continue;
      one.remove_prefix(2);
    }
    if (one == tag) return true;
  }
  return false;
}

Part part_of(std::string_view range, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const Part whole{Part::Kind::whole, 0, size};
  if (!range.starts_with(kUnit)) return whole;
  const auto text = trimmed(range.substr(kUnit.size()));
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) return whole;
  const auto first = trimmed(text.substr(0, dash));
  const auto last = trimmed(text.substr(dash + 1));
  const auto end = number(last);
  if (!last.empty() && !end) return whole;
  if (first.empty()) {  // the last so many bytes
    if (!end) return whole;
    if (*end == 0 || size == 0) return {Part::Kind::unsatisfiable, 0, 0};
    const auto length = std::min(*end, size);
    return {Part::Kind::part, size - length, length};
  }
  const auto from = number(first);
  if (!from || (end && *end < *from)) return whole;
  if (*from >= size) return {Part::Kind::unsatisfiable, 0, 0};
  const auto to = end ? std::min(*end, size - 1) : size - 1;
  return {Part::Kind::part, *from, to - *from + 1};
}

}  // namespace alih::api
