#include "processing/deskew.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/level.h"
#include "processing/pix.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

// The angle near `angle_deg` at which the upper and lower edges of the print fall on the fewest
// rows: Leptonica's search stops at some 0.05 degrees. Edges are added up along the sheared rows in
// quarters of a pixel, over a pixel; a parabola through the best three sums gives the angle. Where
// the best sum is the outermost one, or there are more edges than print has, the angle is left.
double refined(const cv::Mat& ink, double angle_deg) {
  struct Edge {
    int x;
    int y;
    int sign;
  };
  constexpr std::size_t kMostEdges = 4'000'000;
  std::vector<Edge> edges;
  for (int y = 1; y < ink.rows && edges.size() <= kMostEdges; ++y) {
    const auto* above = ink.ptr<std::uint8_t>(y - 1);
    const auto* row = ink.ptr<std::uint8_t>(y);
    for (int x = 0; x < ink.cols; ++x) {
      if (above[x] != row[x]) edges.push_back({x, y, row[x] != 0 ? 1 : -1});
    }
  }
  if (edges.size() > kMostEdges) return angle_deg;
  constexpr int kQuarters = 4;
  constexpr double kStep = 0.02;
  constexpr int kSteps = 9;  // to each side
  constexpr double kFarthest = (kSteps + 1) * kStep;
  const double slope = std::tan((std::abs(angle_deg) + kFarthest) * std::numbers::pi / 180);
  const int reach = static_cast<int>(std::ceil(slope * ink.cols / 2)) + 2;
  std::vector<int> rows(static_cast<std::size_t>(ink.rows + 2 * reach) * kQuarters);
  std::vector<int> sheared(
      static_cast<std::size_t>(ink.cols));  // how far each column's pixels move
  std::array<double, 2 * kSteps + 1> sums{};
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double a = angle_deg + (static_cast<double>(i) - kSteps) * kStep;
    const double t = std::tan(a * std::numbers::pi / 180);
    std::fill(rows.begin(), rows.end(), 0);
    for (int x = 0; x < ink.cols; ++x) {
      sheared[static_cast<std::size_t>(x)] =
          static_cast<int>(std::floor((reach + (x - ink.cols / 2) * t) * kQuarters + 0.5));
    }
    for (const auto& e : edges) {
      rows[static_cast<std::size_t>(e.y * kQuarters + sheared[static_cast<std::size_t>(e.x)])] +=
          e.sign;
    }
    double over = 0;
    for (int k = 0; k < kQuarters; ++k) over += rows[static_cast<std::size_t>(k)];
    for (std::size_t k = kQuarters; k < rows.size(); ++k) {
      over += rows[k] - rows[k - kQuarters];
      sums[i] += over * over;
    }
  }
  const auto best = std::max_element(sums.begin(), sums.end());
  if (best == sums.begin() || best + 1 == sums.end()) return angle_deg;
  const double bend = *(best - 1) - 2 * *best + *(best + 1);
  const double beside = bend < 0 ? 0.5 * (*(best - 1) - *(best + 1)) / bend : 0;
  return angle_deg + (static_cast<double>(best - sums.begin()) - kSteps + beside) * kStep;
}

}  // namespace

Result<Skew> find_skew(const Image& image, double max_angle_deg) {
  setMsgSeverity(L_SEVERITY_NONE);
  Skew out;
  const cv::Mat gray = to_gray(image);
  if (gray.cols < 64 || gray.rows < 64) return out;
  // Half of 300 dpi; small pictures as they are.
  constexpr int kLarge = 1400;
  const int by = std::max(gray.cols, gray.rows) > kLarge ? 2 : 1;
  const cv::Mat flat = divide_background(reduced_by(gray, by));
  cv::Mat ink;
  cv::threshold(flat, ink, 0, 255, cv::THRESH_BINARY_INV | cv::THRESH_OTSU);
  // The outermost pixels are often a page's edge or a shadow: not text.
  constexpr int kMargin = 4;
  cv::rectangle(ink, {0, 0, ink.cols, ink.rows}, cv::Scalar(0), kMargin * 2);
  const double share = cv::countNonZero(ink) / static_cast<double>(ink.total());
  if (share < 0.0005 || share > 0.5) return out;
  const auto pix = to_pix(ink, 0);
  if (!pix) return fail(ErrorCode::internal, "Kehabisan memori", "Out of memory");
  float angle = 0;
  float confidence = 0;
  float score = 0;
  constexpr int kSweepReduction = 4;
  constexpr int kSearchReduction = 2;
  constexpr float kSweepStep = 1.0F;
  constexpr float kSearchStep = 0.01F;
  // One step wider than asked: Leptonica does not trust the ends of its sweep.
  const int failed = pixFindSkewSweepAndSearchScorePivot(
      pix.get(), &angle, &confidence, &score, kSweepReduction, kSearchReduction, 0.0F,
      static_cast<float>(max_angle_deg) + kSweepStep, kSweepStep, kSearchStep,
      L_SHEAR_ABOUT_CORNER);
  if (failed != 0 || !std::isfinite(angle) || !std::isfinite(confidence)) return out;
  if (std::abs(angle) > max_angle_deg) return out;
  // Leptonica gives the rotation that would straighten the page, clockwise positive.
  out.angle_deg = refined(ink, angle);
  out.confidence = confidence;
  return out;
}

Result<Image> rotate(const Image& image, double angle_deg, Affine* to_input) {
  const cv::Mat in = view(image);
  const double rad = angle_deg * std::numbers::pi / 180;
  const double c = std::cos(rad);
  const double s = std::sin(rad);
  const double w = image.width();
  const double h = image.height();
  const int out_w = static_cast<int>(std::ceil(w * std::abs(c) + h * std::abs(s)));
  const int out_h = static_cast<int>(std::ceil(w * std::abs(s) + h * std::abs(c)));
  // Clockwise on a screen whose y goes down: output -> input is the counter-clockwise turn.
  const Affine map{
      {c, s, w / 2 - c * out_w / 2 - s * out_h / 2, -s, c, h / 2 + s * out_w / 2 - c * out_h / 2}};
  // OpenCV counts from pixel centres.
  const auto& m = map.m;
  const cv::Matx23d inverse(m[0], m[1], m[2] + (m[0] + m[1] - 1) * 0.5, m[3], m[4],
                            m[5] + (m[3] + m[4] - 1) * 0.5);
  cv::Mat out;
  cv::warpAffine(in, out, inverse, {out_w, out_h}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  if (to_input != nullptr) *to_input = map;
  return to_image(out, image.dpi_x(), image.dpi_y());
}

namespace {

class Deskew final : public Stage {
 public:
  explicit Deskew(const DeskewSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "deskew"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    ALIH_TRY(const auto skew, find_skew(input, settings_.max_angle_deg));
    Finding finding{"deskew",
                    {{"angle_deg", skew.angle_deg}, {"leptonica_ratio", skew.confidence}},
                    std::min(1.0, skew.confidence / 10),
                    false,
                    ""};
    if (skew.confidence < settings_.min_confidence) {
      finding.note = "unsure";
      return Step{input, {finding}, {}};
    }
    if (std::abs(skew.angle_deg) <= settings_.min_angle_deg) {
      finding.note = "straight";
      return Step{input, {finding}, {}};
    }
    Affine map;
    ALIH_TRY(auto image, rotate(input, skew.angle_deg, &map));
    finding.applied = true;
    return Step{std::move(image), {finding}, map};
  }

 private:
  DeskewSettings settings_;
};

}  // namespace

std::unique_ptr<Stage> make_deskew(const DeskewSettings& settings) {
  return std::make_unique<Deskew>(settings);
}

}  // namespace alih::processing
