#pragma once

#include <vector>

namespace cv {
class Mat;
}  // namespace cv

namespace alih::processing {

// The crease of a folded sheet: a faint thin line, straight, from one side to the other.
struct Fold {
  bool lying = true;          // else standing
  double from = 0;            // y at the left side (x at the top), pixels
  double to = 0;              // y at the right side (x at the bottom)
  std::vector<double> shade;  // light that is left of the paper's, across it, a value a pixel
};

// Of `gray` (CV_8UC1) at `dpi`: at most four each way, for ruled paper has more; then none. Nothing
// darker than half of the paper, which is a printed rule; nothing that ends within the picture.
// No dpi (0) = 300.
[[nodiscard]] std::vector<Fold> find_folds(const cv::Mat& gray, double dpi);
// Divides what they take of the light out: print that they cross stays as it is. `gray` itself when
// there are none, and it is never written to.
[[nodiscard]] cv::Mat without_folds(const cv::Mat& gray, double dpi);

}  // namespace alih::processing
