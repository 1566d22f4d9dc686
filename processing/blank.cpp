#include "processing/blank.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "processing/level.h"
#include "processing/pixels.h"

namespace alih::processing {

Result<Ink> find_ink(const Image& image) {
  const cv::Mat gray = to_gray(image);
  if (gray.cols < 32 || gray.rows < 32) return Ink{1, 1};  // too small to judge: not blank
  cv::Mat small;
  // A4 at 300 dpi becomes a quarter; a small picture keeps its size, or its letters would vanish.
  constexpr double kLongest = 877;
  const double scale = std::min(1.0, kLongest / std::max(gray.cols, gray.rows));
  cv::resize(gray, small, {}, scale, scale, cv::INTER_AREA);
  if (scale < 0.5) cv::GaussianBlur(small, small, {0, 0}, 0.8);
  const cv::Mat flat = divide_background(small);
  // Clearly darker than the paper around it; grain and ghosts are not.
  constexpr int kInk = 170;
  constexpr double kRim = 0.03;
  cv::Mat ink = flat < kInk;
  const int rim_x = std::max(1, static_cast<int>(ink.cols * kRim));
  const int rim_y = std::max(1, static_cast<int>(ink.rows * kRim));
  ink = ink(cv::Rect(rim_x, rim_y, ink.cols - 2 * rim_x, ink.rows - 2 * rim_y)).clone();
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centres, 8);
  Ink out;
  double pixels = 0;
  for (int i = 1; i < count; ++i) {
    const int area = stats.at<int>(i, cv::CC_STAT_AREA);
    constexpr int kSpeck = 3;  // pixels at quarter size: dust
    if (area <= kSpeck) continue;
    pixels += area;
    ++out.marks;
  }
  out.share = pixels / static_cast<double>(ink.total());
  return out;
}

namespace {

class Blank final : public Stage {
 public:
  explicit Blank(const BlankSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "blank"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    ALIH_TRY(const auto ink, find_ink(input));
    const bool blank = ink.share < settings_.max_ink;
    const double distance = blank ? 1 - ink.share / std::max(settings_.max_ink, 1e-9)
                                  : 1 - settings_.max_ink / std::max(ink.share, 1e-9);
    const Finding finding{"blank",
                          {{"ink_share", ink.share}, {"marks", ink.marks}},
                          std::clamp(distance, 0.0, 1.0),
                          false,
                          blank ? "blank" : "not blank"};
    return Step{input, {finding}, {}};
  }

 private:
  BlankSettings settings_;
};

}  // namespace

std::unique_ptr<Stage> make_blank(const BlankSettings& settings) {
  return std::make_unique<Blank>(settings);
}

}  // namespace alih::processing
