#include "processing/parts.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "processing/level.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

cv::Rect within(const Image& page, const Box& box, int left_right, int above, int below) {
  const cv::Rect wanted(box.x - left_right, box.y - above, box.width + 2 * left_right,
                        box.height + above + below);
  return wanted & cv::Rect(0, 0, page.width(), page.height());
}

// A page at 150 dpi.
struct Small {
  double scale = 1;  // of the page
  cv::Mat gray;

  explicit Small(const Image& page) {
    constexpr double kDpi = 150;
    const double dpi = page.dpi_x() >= 70 ? page.dpi_x() : 300;
    scale = std::min(1.0, kDpi / dpi);
    gray = shrunk(to_gray(page), scale);
  }
  // Without the rim, where shadows and neighbouring pages are.
  [[nodiscard]] cv::Rect inner() const {
    const int rim = std::max(8, gray.cols / 40);
    return cv::Rect(rim, rim, std::max(1, gray.cols - 2 * rim), std::max(1, gray.rows - 2 * rim)) &
           cv::Rect({}, gray.size());
  }
};

// What looks like letters on it.
struct Marks {
  std::vector<cv::Rect> boxes;  // in the small picture
  std::vector<cv::Point> centres;
};

// `any_way`: lines may run up or down.
Marks letter_marks(const Small& small, bool any_way) {
  Marks out;
  const cv::Mat flat = divide_background(small.gray);
  constexpr int kInk = 170;  // of 255: faint print too
  const cv::Mat ink = flat < kInk;
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centres, 8);
  for (int i = 1; i < count; ++i) {
    int width = stats.at<int>(i, cv::CC_STAT_WIDTH);
    int height = stats.at<int>(i, cv::CC_STAT_HEIGHT);
    if (any_way && width > height) std::swap(width, height);
    constexpr int kLeast = 7;  // 1.2 mm
    constexpr int kMost = 70;  // 12 mm
    if (height < kLeast || height > kMost || width < 2 || width > kMost * 3) continue;
    out.boxes.emplace_back(stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                           stats.at<int>(i, cv::CC_STAT_WIDTH),
                           stats.at<int>(i, cv::CC_STAT_HEIGHT));
    out.centres.emplace_back(static_cast<int>(centres.at<double>(i, 0)),
                             static_cast<int>(centres.at<double>(i, 1)));
  }
  return out;
}

}  // namespace

Print densest_print(const Image& page, int side_px) {
  const Small small(page);
  const auto marks = letter_marks(small, true);
  const int side = std::max(1, static_cast<int>(side_px * small.scale));
  const int columns = small.gray.cols;
  const int rows = small.gray.rows;
  cv::Mat points = cv::Mat::zeros(rows, columns, CV_8UC1);
  for (const auto& centre : marks.centres) points.at<std::uint8_t>(centre) = 1;
  cv::Mat sum;
  cv::integral(points, sum, CV_32S);
  const int width = std::min(side, columns);
  const int height = std::min(side, rows);
  Print out;
  out.marks = -1;
  cv::Point best;
  const int step = std::max(1, side / 8);
  const auto places = [&](int room) {
    std::vector<int> at;
    for (int v = 0; v < room; v += step) at.push_back(v);
    at.push_back(std::max(0, room));
    return at;
  };
  for (const int y : places(rows - height)) {
    for (const int x : places(columns - width)) {
      const int n = sum.at<int>(y + height, x + width) - sum.at<int>(y, x + width) -
                    sum.at<int>(y + height, x) + sum.at<int>(y, x);
      if (n <= out.marks) continue;
      out.marks = n;
      best = {x, y};
    }
  }
  const auto large = [&](int v) { return static_cast<int>(v / small.scale); };
  out.box.x = large(best.x);
  out.box.y = large(best.y);
  out.box.width = std::min(large(width), page.width() - out.box.x);
  out.box.height = std::min(large(height), page.height() - out.box.y);
  return out;
}

namespace {

// The connected parts of a mask with as many points in them, as boxes of the page, those with most
// points first.
std::vector<Box> regions_of(const cv::Mat& mask, const std::vector<cv::Point>& points, int least,
                            double scale, int width, int height) {
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centres, 8);
  std::vector<std::pair<int, int>> found;  // points, label
  for (int i = 0; i < count; ++i) found.emplace_back(0, i);
  for (const auto& point : points) {
    ++found[static_cast<std::size_t>(labels.at<int>(point))].first;
  }
  found.erase(found.begin());  // the background
  std::erase_if(found, [&](const auto& one) { return one.first < least; });
  std::sort(found.begin(), found.end(), std::greater<>());
  constexpr std::size_t kMost = 12;
  found.resize(std::min(found.size(), kMost));
  std::vector<Box> out;
  for (const auto& one : found) {
    const int label = one.second;
    const auto at = [&](int what) { return static_cast<int>(stats.at<int>(label, what) / scale); };
    const cv::Rect box(at(cv::CC_STAT_LEFT), at(cv::CC_STAT_TOP), at(cv::CC_STAT_WIDTH) + 1,
                       at(cv::CC_STAT_HEIGHT) + 1);
    const cv::Rect cut = box & cv::Rect(0, 0, width, height);
    if (!cut.empty()) out.push_back({cut.x, cut.y, cut.width, cut.height});
  }
  return out;
}

}  // namespace

std::vector<Box> dark_regions(const Image& page) {
  const Small small(page);
  const auto inner = small.inner();
  constexpr int kDark = 100;
  // Dark areas survive an erosion that no stroke of a letter does; before the division, which takes
  // large ones for background.
  constexpr int kStroke = 15;
  const auto square = cv::getStructuringElement(cv::MORPH_RECT, {kStroke, kStroke});
  const cv::Mat below = small.gray < kDark;
  cv::Mat dark;
  cv::erode(below, dark, square);
  constexpr double kDarkShare = 0.002;
  if (cv::countNonZero(dark(inner)) <= kDarkShare * static_cast<double>(small.gray.total())) {
    return {};
  }
  // The areas with the letters in them: what is light and closed in.
  cv::Mat area;
  constexpr int kLetters = 61;
  cv::dilate(dark, area, square);
  cv::morphologyEx(area, area, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_RECT, {kLetters, kLetters}));
  cv::Mat outside = cv::Mat::zeros(area.size(), CV_8UC1);
  outside(inner).setTo(255);
  cv::bitwise_and(area, outside, area);
  cv::Mat light;
  cv::bitwise_and(area, ~below, light);
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(light, labels, stats, centres, 8);
  std::vector<cv::Point> points;
  for (int i = 1; i < count; ++i) {
    const int width = stats.at<int>(i, cv::CC_STAT_WIDTH);
    const int height = stats.at<int>(i, cv::CC_STAT_HEIGHT);
    constexpr int kLeast = 7;
    constexpr int kMost = 70;
    if (height < kLeast || height > kMost || width < 2 || width > kMost * 2) continue;
    points.emplace_back(stats.at<int>(i, cv::CC_STAT_LEFT) + width / 2,
                        stats.at<int>(i, cv::CC_STAT_TOP) + height / 2);
  }
  constexpr int kLeastMarks = 6;
  std::erase_if(points, [&](const cv::Point& p) { return area.at<std::uint8_t>(p) == 0; });
  return regions_of(area, points, kLeastMarks, small.scale, page.width(), page.height());
}

Unread unread_ink(const Image& page, const std::vector<Box>& read) {
  Unread out;
  const Small small(page);
  const auto marks = letter_marks(small, false);
  const auto inner = small.inner();

  cv::Mat covered = cv::Mat::zeros(small.gray.size(), CV_8UC1);
  constexpr int kAround = 2;
  for (const auto& box : read) {
    const auto at = [&](int v) { return static_cast<int>(v * small.scale); };
    cv::rectangle(covered,
                  {at(box.x) - kAround, at(box.y) - kAround, at(box.width) + 2 * kAround,
                   at(box.height) + 2 * kAround},
                  cv::Scalar(255), cv::FILLED);
  }
  int letters = 0;
  cv::Mat unread = cv::Mat::zeros(small.gray.size(), CV_8UC1);
  for (std::size_t i = 0; i < marks.centres.size(); ++i) {
    const auto& centre = marks.centres[i];
    if (!inner.contains(centre)) continue;
    ++letters;
    if (covered.at<std::uint8_t>(centre) != 0) continue;
    ++out.marks;
    cv::rectangle(unread, marks.boxes[i], cv::Scalar(255), cv::FILLED);
  }
  out.share = letters > 0 ? static_cast<double>(out.marks) / letters : 0;
  constexpr int kFewMarks = 10;
  constexpr double kFewOfAll = 0.02;
  if (out.marks <= kFewMarks || out.share <= kFewOfAll) return out;
  // Marks as far apart as words and lines are belong together.
  constexpr int kLeastMarks = 3;
  cv::dilate(unread, unread, cv::getStructuringElement(cv::MORPH_RECT, {41, 21}));
  std::vector<cv::Point> lost;
  for (const auto& centre : marks.centres) {
    if (inner.contains(centre) && covered.at<std::uint8_t>(centre) == 0) lost.push_back(centre);
  }
  out.regions = regions_of(unread, lost, kLeastMarks, small.scale, page.width(), page.height());
  return out;
}

namespace {

// The marks of a word's picture, in pixels of the page, without specks and the line above.
std::vector<cv::Rect> marks_of(const Image& page, const Box& word) {
  if (page.format() != PixelFormat::gray8 || word.width <= 0 || word.height <= 0) return {};
  // An accent may stand above what the engine took for the word.
  const int above = word.height / 5;
  const auto rect = within(page, word, 1, above, 1);
  if (rect.empty()) return {};
  const cv::Mat picture = view(page)(rect);
  cv::Mat ink;
  cv::threshold(picture, ink, 0, 255, cv::THRESH_BINARY_INV | cv::THRESH_OTSU);
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centres, 8);
  const int speck = std::max(4, word.height * word.height / 200);
  std::vector<cv::Rect> out;
  for (int i = 1; i < count; ++i) {
    const cv::Rect mark(stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                        stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT));
    const bool of_the_line_above = mark.y == 0 && mark.height < word.height / 2;
    if (stats.at<int>(i, cv::CC_STAT_AREA) >= speck && !of_the_line_above) {
      out.push_back(mark + rect.tl());
    }
  }
  return out;
}

}  // namespace

Parts count_parts(const Image& page, const Box& word, int x_line) {
  const auto marks = marks_of(page, word);
  Parts out;
  out.all = static_cast<int>(marks.size());
  const auto stands_above = [&](const cv::Rect& mark) {
    const bool small = mark.height < word.height * 2 / 5 && mark.width < word.height * 3 / 5;
    const int bottom = mark.y + mark.height;
    const int centre = mark.x + mark.width / 2;
    return small && bottom <= x_line &&
           std::any_of(marks.begin(), marks.end(), [&](const cv::Rect& body) {
             return body.y >= bottom && body.height > mark.height &&
                    body.x <= centre + mark.width && centre - mark.width <= body.x + body.width;
           });
  };
  for (const auto& mark : marks) {
    if (stands_above(mark)) out.above_at.push_back(mark.x + mark.width / 2 - word.x);
  }
  out.above = static_cast<int>(out.above_at.size());
  return out;
}

Result<Image> cut_out(const Image& page, const Box& word, int margin) {
  const auto rect = within(page, word, margin, margin, margin);
  if (rect.empty()) {
    return fail(ErrorCode::internal, "Potongan di luar halaman", "A cut-out beside the page");
  }
  if (bits_per_sample(page.format()) != 8) {
    return to_image(to_gray(page)(rect), page.dpi_x(), page.dpi_y());
  }
  cv::Mat picture = view(page)(rect);
  if (picture.channels() == 3) cv::cvtColor(picture, picture, cv::COLOR_RGB2GRAY);
  return to_image(picture, page.dpi_x(), page.dpi_y());
}

Image inverted(const Image& gray) {
  cv::Mat out;
  cv::bitwise_not(to_gray(gray), out);
  return to_image(out, gray.dpi_x(), gray.dpi_y());
}

}  // namespace alih::processing
