#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"

namespace alih::pipeline {

// How many lines of a page, or of all pages, were read fast, and how many by Tesseract's own way
// (ocr/fast_lstm_report.h).
struct LinesRead {
  std::int64_t fast = 0;
  std::int64_t slow = 0;
  std::int64_t checked = 0;      // both ways, and compared
  std::int64_t differences = 0;  // of them not the same: a fault of ours
  bool operator==(const LinesRead&) const = default;
};
[[nodiscard]] LinesRead operator+(const LinesRead& a, const LinesRead& b);

// A page's finding of it; `kernel` = what read fast, empty: nothing did.
inline constexpr std::string_view kLinesFinding = "lines_read";
[[nodiscard]] Finding finding_of(const LinesRead& lines, const std::string& kernel);
// Of a page's findings; zeros when there is none.
[[nodiscard]] LinesRead lines_read_from(const std::vector<Finding>& findings);

// As the database keeps the sum: four numbers. Anything else is zeros.
[[nodiscard]] std::string text_of(const LinesRead& lines);
[[nodiscard]] LinesRead lines_read_from(std::string_view text);

}  // namespace alih::pipeline
