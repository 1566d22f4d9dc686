#pragma once

#include <memory>

#include <leptonica/allheaders.h>

namespace cv {
class Mat;
}  // namespace cv

// Leptonica's pictures, inside this folder only.
namespace alih::processing {

struct DestroyPix {
  void operator()(PIX* p) const { pixDestroy(&p); }
};
using Pix = std::unique_ptr<PIX, DestroyPix>;

// One bit a pixel, 1 where the CV_8UC1 matrix is above `threshold`. Null when memory runs out.
[[nodiscard]] Pix to_pix(const cv::Mat& ink, int threshold);

}  // namespace alih::processing
