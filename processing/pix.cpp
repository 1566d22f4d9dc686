#include "processing/pix.h"

#include <opencv2/core.hpp>

namespace alih::processing {

Pix to_pix(const cv::Mat& ink, int threshold) {
  Pix pix(pixCreate(ink.cols, ink.rows, 1));
  if (!pix) return pix;
  auto* data = pixGetData(pix.get());
  const int words = pixGetWpl(pix.get());
  for (int y = 0; y < ink.rows; ++y) {
    const auto* row = ink.ptr<std::uint8_t>(y);
    auto* line = data + static_cast<std::ptrdiff_t>(y) * words;
    for (int x = 0; x < ink.cols; ++x) {
      if (row[x] > threshold) line[x / 32] |= 0x80000000U >> (x % 32);
    }
  }
  return pix;
}

}  // namespace alih::processing
