#include "processing/blank.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <opencv2/imgproc.hpp>

#include "processing/level.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

// Gray level that `share` of the pixels do not exceed.
int quantile(const cv::Mat& gray, double share) {
  std::array<double, 256> count{};
  for (int y = 0; y < gray.rows; ++y) {
    const auto* row = gray.ptr<std::uint8_t>(y);
    for (int x = 0; x < gray.cols; ++x) ++count[row[x]];
  }
  double left = share * static_cast<double>(gray.total());
  for (int v = 0; v < 256; ++v) {
    left -= count[static_cast<std::size_t>(v)];
    if (left <= 0) return v;
  }
  return 255;
}

}  // namespace

Result<Ink> find_ink(const Image& image) {
  const cv::Mat gray = to_gray(image);
  if (gray.cols < 32 || gray.rows < 32) return Ink{1, 1};  // too small to judge: not blank
  cv::Mat small;
  // A4 at 300 dpi becomes a quarter; a small picture keeps its size, or its letters would vanish.
  constexpr double kLongest = 877;
  const double scale = std::min(1.0, kLongest / std::max(gray.cols, gray.rows));
  cv::resize(gray, small, {}, scale, scale, cv::INTER_AREA);
  const cv::Mat flat = divide_background(small);
  // A dark cover cannot be judged: not blank.
  constexpr int kDarkCover = 64;
  const int paper = quantile(small, 0.95);
  if (paper < kDarkCover) return Ink{1, 1};
  // Clearly darker than the paper around it; or dark at all, for photographs whose tone the
  // division takes for background. Grain and ghosts are neither.
  constexpr int kClearly = 30;
  constexpr double kRim = 0.03;
  cv::Mat ink = (flat < quantile(flat, 0.5) - kClearly) | (small < paper / 2);
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

Result<bool> is_blank(const Image& image, const BlankSettings& settings) {
  ALIH_TRY(const auto ink, find_ink(image));
  return ink.share < settings.max_ink;
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
