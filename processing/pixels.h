#pragma once

#include "core/image.h"

namespace cv {
class Mat;
}  // namespace cv

// Our images as OpenCV's, inside this folder only.
namespace alih::processing {

// The same bytes, not copied; gray8 and rgb24 only (asserted). Must not be written to.
[[nodiscard]] cv::Mat view(const Image& image);
// Copies a CV_8UC1 or CV_8UC3 (RGB order) matrix.
[[nodiscard]] Image to_image(const cv::Mat& mat, double dpi_x, double dpi_y);
// Any format as gray8 or rgb24: 16 bits lose their lower half, one bit becomes 0 and 255.
[[nodiscard]] Image to_8bit(const Image& image);
// Any format as bilevel, black below half of white.
[[nodiscard]] Image to_bilevel(const Image& image);
// Smaller by a whole number, the mean of each square, so that the longest side is about `longest`
// or less (at most half more); gray8 or rgb24 in, CV_8UC1 or CV_8UC3 out. `factor`: which number.
[[nodiscard]] cv::Mat reduced(const Image& image, int longest, int* factor = nullptr);
[[nodiscard]] cv::Mat reduced(const cv::Mat& page, int longest, int* factor = nullptr);
// The same by a given number; what does not fill a square at the right and at the bottom is left
// out. Several times faster than a ratio that is not whole.
[[nodiscard]] cv::Mat reduced_by(const cv::Mat& page, int by);
// Area means at a scale of at most 1; as fast where the scale is one of a whole number.
[[nodiscard]] cv::Mat shrunk(const cv::Mat& page, double scale);
[[nodiscard]] cv::Mat to_gray(const Image& image);  // CV_8UC1, shared with a gray8 image

}  // namespace alih::processing
