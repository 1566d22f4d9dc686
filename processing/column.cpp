#include "processing/column.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/pixels.h"

namespace alih::processing {
namespace {

struct Band {
  int from = 0;  // rows, [from, to)
  int to = 0;
  [[nodiscard]] int height() const { return to - from; }
};

// The bands of rows with at least so much ink, among [0, rows.size()).
std::vector<Band> bands_of(const std::vector<int>& rows, int least) {
  std::vector<Band> out;
  const int count = static_cast<int>(rows.size());
  for (int y = 0; y < count; ++y) {
    if (rows[static_cast<std::size_t>(y)] < least) continue;
    const int from = y;
    while (y < count && rows[static_cast<std::size_t>(y)] >= least) ++y;
    out.push_back({from, y});
  }
  return out;
}

int middle(std::vector<int> values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Which columns have ink in a band.
std::vector<char> columns_of(const cv::Mat& ink, const Band& band) {
  std::vector<char> out(static_cast<std::size_t>(ink.cols));
  for (int y = band.from; y < band.to; ++y) {
    const auto* row = ink.ptr<std::uint8_t>(y);
    for (int x = 0; x < ink.cols; ++x) {
      if (row[x] != 0) out[static_cast<std::size_t>(x)] = 1;
    }
  }
  return out;
}

// Whether anything dark goes on without a gap for so long along a row or a column.
bool has_rule(const cv::Mat& ink, int along_row, int along_column) {
  std::vector<int> down(static_cast<std::size_t>(ink.cols));
  for (int y = 0; y < ink.rows; ++y) {
    const auto* row = ink.ptr<std::uint8_t>(y);
    int across = 0;
    for (int x = 0; x < ink.cols; ++x) {
      auto& column = down[static_cast<std::size_t>(x)];
      across = row[x] != 0 ? across + 1 : 0;
      column = row[x] != 0 ? column + 1 : 0;
      if (across > along_row || column > along_column) return true;
    }
  }
  return false;
}

constexpr std::size_t kLeastLines = 8;

}  // namespace

bool one_column(const Image& page) {
  if (page.empty()) return false;
  constexpr double kDpi = 75;
  const double dpi = page.dpi_x() >= 70 ? page.dpi_x() : 300;
  const double scale = std::min(1.0, kDpi / dpi);
  const cv::Mat small = shrunk(to_gray(page), scale);
  constexpr int kInk = 215;  // thin strokes are a pixel's part
  const cv::Mat ink = small < kInk;
  // Specks, lighter here than letters: told from print by columns only.
  constexpr int kSpeck = 247;
  constexpr double kMostSpecks = 0.01;  // of the print
  cv::Mat beside;
  cv::dilate(ink, beside, cv::getStructuringElement(cv::MORPH_RECT, {5, 5}));
  const cv::Mat specks = (small < kSpeck) & ~beside;
  if (cv::countNonZero(specks) > kMostSpecks * cv::countNonZero(ink)) return false;

  std::vector<int> rows;
  for (int y = 0; y < ink.rows; ++y) rows.push_back(cv::countNonZero(ink.row(y)));

  // The lines, by the rows of their small letters.
  auto sorted = rows;
  const auto high = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 9 / 10);
  std::nth_element(sorted.begin(), high, sorted.end());
  constexpr double kSmallLetters = 0.3;
  constexpr int kLeastInk = 4;
  auto lines = bands_of(rows, std::max(kLeastInk, static_cast<int>(kSmallLetters * *high)));
  if (lines.size() < kLeastLines) return false;
  const auto heights = [&] {
    std::vector<int> out;
    for (const auto& line : lines) out.push_back(line.height());
    return out;
  };
  // Capitals and figures: up to twice as high as small letters, and of a short line only the rows
  // of their tops and feet may have ink enough.
  constexpr double kCapitals = 2.0;
  const int small_letters = middle(heights());
  const int highest = static_cast<int>(kCapitals * small_letters) + 1;
  std::vector<Band> whole;
  for (const auto& band : lines) {
    if (!whole.empty() && band.from - whole.back().to <= small_letters + 2 &&
        band.to - whole.back().from <= highest) {
      whole.back().to = band.to;
    } else {
      whole.push_back(band);
    }
  }
  lines = std::move(whole);
  if (lines.size() < kLeastLines) return false;
  std::vector<int> steps;
  for (std::size_t i = 1; i < lines.size(); ++i) steps.push_back(lines[i].from - lines[i - 1].from);
  const int height = middle(heights());
  const int step = middle(steps);
  constexpr double kNearer = 0.6;
  if (height < 2 || step <= height) return false;
  if (std::any_of(lines.begin(), lines.end(),
                  [&](const Band& l) { return l.height() > highest; })) {
    return false;
  }
  if (std::any_of(steps.begin(), steps.end(), [&](int s) { return s < kNearer * step; })) {
    return false;
  }

  constexpr int kLongestWord = 12;  // of a line's step
  constexpr double kHighest = 2.5;
  if (has_rule(ink, kLongestWord * step, static_cast<int>(kHighest * step))) return false;

  // What is not of these lines: short ones, such as the last of a paragraph or the page's number.
  auto rest = rows;
  const int around = (step - height + 1) / 2 + 1;
  for (const auto& line : lines) {
    const int from = std::max(0, line.from - around);
    const int to = std::min(ink.rows, line.to + around);
    std::fill(rest.begin() + from, rest.begin() + to, 0);
  }
  auto all = lines;
  for (const auto& band : bands_of(rest, 1)) {
    int most = 0;
    for (int y = band.from; y < band.to; ++y)
      most = std::max(most, rest[static_cast<std::size_t>(y)]);
    if (band.height() > step) return false;
    if (band.height() > 1 || most > 2) all.push_back(band);
  }

  // Gaps.
  constexpr double kWidest = 2.2;  // of a line's step
  std::vector<int> spanning(static_cast<std::size_t>(ink.cols));
  std::vector<int> blank(static_cast<std::size_t>(ink.cols));
  for (const auto& band : all) {
    const auto columns = columns_of(ink, band);
    const auto first = std::find(columns.begin(), columns.end(), 1) - columns.begin();
    const auto last = columns.rend() - std::find(columns.rbegin(), columns.rend(), 1) - 1;
    int gap = 0;
    for (auto x = first; x <= last; ++x) {
      gap = columns[static_cast<std::size_t>(x)] != 0 ? 0 : gap + 1;
      if (gap > kWidest * step) return false;
      ++spanning[static_cast<std::size_t>(x)];
      // Of a strip of three.
      if (gap >= 3) ++blank[static_cast<std::size_t>(x - 1)];
    }
  }
  constexpr double kMostBlank = 0.55;
  constexpr int kFew = 5;
  for (std::size_t x = 0; x < blank.size(); ++x) {
    if (spanning[x] >= kFew && blank[x] > kMostBlank * spanning[x]) return false;
  }
  return true;
}

}  // namespace alih::processing
