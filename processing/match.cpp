#include "processing/match.h"

#include <cmath>

#include <opencv2/imgproc.hpp>

#include "processing/orient.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

constexpr double kShapeTolerance = 0.03;  // of the ratio of the sides
constexpr int kCell = 12;                 // pixels of the small picture
// Two renderers of one scan differ by a few gray levels in such a cell; a typed word over it or a
// stamp by 40 and more.
constexpr double kMostCellDifference = 24;

// Mean gray of cells of kCell pixels, slightly blurred by overlapping less than they are wide.
double worst_cell(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat mean_a;
  cv::Mat mean_b;
  const cv::Size cells(std::max(1, a.cols / kCell), std::max(1, a.rows / kCell));
  cv::resize(a, mean_a, cells, 0, 0, cv::INTER_AREA);
  cv::resize(b, mean_b, cells, 0, 0, cv::INTER_AREA);
  cv::Mat difference;
  cv::absdiff(mean_a, mean_b, difference);
  double worst = 0;
  cv::minMaxLoc(difference, nullptr, &worst);
  return worst;
}

}  // namespace

Result<int> orientation_like(const Image& stored, const Image& shown) {
  if (stored.empty() || shown.empty()) return 0;
  try {
    const cv::Mat wanted = to_gray(shown);
    const Image plain = to_8bit(stored);
    int best = 0;
    double best_difference = kMostCellDifference;
    // Plain turns come first: a symmetric or blank page is taken as it is.
    for (const int orientation : {1, 3, 6, 8, 2, 4, 5, 7}) {
      const bool turned = orientation >= 5;
      const double ratio = turned ? static_cast<double>(stored.height()) / stored.width()
                                  : static_cast<double>(stored.width()) / stored.height();
      const double wanted_ratio = static_cast<double>(shown.width()) / shown.height();
      if (std::abs(ratio / wanted_ratio - 1) > kShapeTolerance) continue;
      cv::Mat small;
      cv::resize(view(plain), small, turned ? cv::Size(wanted.rows, wanted.cols) : wanted.size(), 0,
                 0, cv::INTER_AREA);
      ALIH_TRY(const auto upright_small, upright(to_image(small, 0, 0), orientation));
      const double difference = worst_cell(to_gray(upright_small), wanted);
      constexpr double kClearly = 1.0;
      if (difference < best_difference - (best == 0 ? 0 : kClearly)) {
        best = orientation;
        best_difference = difference;
      }
    }
    return best;
  } catch (const cv::Exception& e) {
    return fail(ErrorCode::internal, "Pengolahan citra gagal: {}", "Image processing failed: {}",
                {e.what()});
  }
}

}  // namespace alih::processing
