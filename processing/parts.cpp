#include "processing/parts.h"

#include <algorithm>

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

}  // namespace

Unread unread_ink(const Image& page, const std::vector<Box>& read) {
  Unread out;
  const cv::Mat gray = to_gray(page);
  const double dpi = page.dpi_x() >= 70 ? page.dpi_x() : 300;
  const double scale = std::min(1.0, 150 / dpi);
  cv::Mat small;
  cv::resize(gray, small, {}, scale, scale, cv::INTER_AREA);
  const cv::Mat flat = divide_background(small);
  constexpr int kInk = 170;  // of 255: faint print too
  constexpr int kDark = 100;
  const cv::Mat ink = flat < kInk;
  // Dark areas survive an erosion that no stroke of a letter does; before the division, which takes
  // large ones for background.
  cv::Mat dark;
  cv::erode(small < kDark, dark, cv::getStructuringElement(cv::MORPH_RECT, {15, 15}));
  const int rim = std::max(8, small.cols / 40);
  const cv::Rect inner(rim, rim, std::max(1, small.cols - 2 * rim),
                       std::max(1, small.rows - 2 * rim));
  constexpr double kDarkShare = 0.002;
  out.dark = cv::countNonZero(dark(inner & cv::Rect({}, small.size()))) >
             kDarkShare * static_cast<double>(small.total());

  cv::Mat covered = cv::Mat::zeros(small.size(), CV_8UC1);
  constexpr int kAround = 2;
  for (const auto& box : read) {
    const auto at = [&](int v) { return static_cast<int>(v * scale); };
    cv::rectangle(covered,
                  {at(box.x) - kAround, at(box.y) - kAround, at(box.width) + 2 * kAround,
                   at(box.height) + 2 * kAround},
                  cv::Scalar(255), cv::FILLED);
  }
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centres, 8);
  int letters = 0;
  for (int i = 1; i < count; ++i) {
    const int width = stats.at<int>(i, cv::CC_STAT_WIDTH);
    const int height = stats.at<int>(i, cv::CC_STAT_HEIGHT);
    constexpr int kLeast = 7;  // 1.2 mm
    constexpr int kMost = 70;  // 12 mm
    if (height < kLeast || height > kMost || width < 2 || width > kMost * 3) continue;
    const cv::Point centre(static_cast<int>(centres.at<double>(i, 0)),
                           static_cast<int>(centres.at<double>(i, 1)));
    if (!inner.contains(centre)) continue;
    ++letters;
    if (covered.at<std::uint8_t>(centre) == 0) ++out.marks;
  }
  out.share = letters > 0 ? static_cast<double>(out.marks) / letters : 0;
  return out;
}

namespace {

// The marks of a word's picture, without specks and the line above.
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
    if (stats.at<int>(i, cv::CC_STAT_AREA) >= speck && !of_the_line_above) out.push_back(mark);
  }
  return out;
}

}  // namespace

Parts count_parts(const Image& page, const Box& word) {
  const auto marks = marks_of(page, word);
  Parts out;
  out.all = static_cast<int>(marks.size());
  out.above = static_cast<int>(std::count_if(marks.begin(), marks.end(), [&](const cv::Rect& mark) {
    const bool small = mark.height < word.height * 2 / 5 && mark.width < word.height * 3 / 5;
    const int bottom = mark.y + mark.height;
    const int centre = mark.x + mark.width / 2;
    return small && std::any_of(marks.begin(), marks.end(), [&](const cv::Rect& body) {
             return body.y >= bottom && body.height > mark.height &&
                    body.x <= centre + mark.width && centre - mark.width <= body.x + body.width;
           });
  }));
  return out;
}

Result<Image> cut_out(const Image& page, const Box& word, int margin) {
  const auto rect = within(page, word, margin, margin, margin);
  if (bits_per_sample(page.format()) != 8 || rect.empty()) {
    return fail(ErrorCode::internal, "Potongan di luar halaman", "A cut-out beside the page");
  }
  cv::Mat picture = view(page)(rect);
  if (picture.channels() == 3) cv::cvtColor(picture, picture, cv::COLOR_RGB2GRAY);
  return to_image(picture, page.dpi_x(), page.dpi_y());
}

}  // namespace alih::processing
