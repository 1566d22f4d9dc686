#include "pipeline/lines_read.h"

#include <algorithm>
#include <sstream>

namespace alih::pipeline {

LinesRead operator+(const LinesRead& a, const LinesRead& b) {
  return {a.fast + b.fast, a.slow + b.slow, a.checked + b.checked, a.differences + b.differences};
}

Finding finding_of(const LinesRead& lines, const std::string& kernel) {
  Finding out{std::string(kLinesFinding), {}, 1.0, false, kernel};
  out.numbers["fast"] = static_cast<double>(lines.fast);
  out.numbers["slow"] = static_cast<double>(lines.slow);
  if (lines.checked > 0) {
    out.numbers["checked"] = static_cast<double>(lines.checked);
    out.numbers["differences"] = static_cast<double>(lines.differences);
  }
  return out;
}

LinesRead lines_read_from(const std::vector<Finding>& findings) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [](const Finding& f) { return f.name == kLinesFinding; });
  if (found == findings.end()) return {};
  // The answer of a worker: any number at all.
  const auto number = [&](const char* name) -> std::int64_t {
    const auto at = found->numbers.find(name);
    constexpr double kMost = 1e6;  // lines of a page
    if (at == found->numbers.end() || !(at->second >= 0 && at->second <= kMost)) return 0;
    return static_cast<std::int64_t>(at->second);
  };
  return {number("fast"), number("slow"), number("checked"), number("differences")};
}

std::string text_of(const LinesRead& lines) {
  std::ostringstream out;
  out << lines.fast << ' ' << lines.slow << ' ' << lines.checked << ' ' << lines.differences;
  return out.str();
}

LinesRead lines_read_from(std::string_view text) {
  LinesRead out;
  std::istringstream in{std::string(text)};
  in >> out.fast >> out.slow >> out.checked >> out.differences;
  return in ? out : LinesRead{};
}

}  // namespace alih::pipeline
