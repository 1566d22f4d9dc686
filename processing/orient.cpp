#include "processing/orient.h"

#include <opencv2/core.hpp>

#include "processing/pixels.h"

namespace alih::processing {

Result<Image> upright(const Image& stored, int orientation) {
  if (orientation <= 1 || orientation > 8) return stored;
  const cv::Mat in = view(stored);
  cv::Mat out;
  switch (orientation) {
    case 2:
      cv::flip(in, out, 1);
      break;
    case 3:
      cv::rotate(in, out, cv::ROTATE_180);
      break;
    case 4:
      cv::flip(in, out, 0);
      break;
    case 5:
      cv::transpose(in, out);
      break;
    case 6:
      cv::rotate(in, out, cv::ROTATE_90_CLOCKWISE);
      break;
    case 7: {
      cv::Mat turned;
      cv::rotate(in, turned, cv::ROTATE_90_CLOCKWISE);
      cv::flip(turned, out, 1);
      cv::rotate(out, out, cv::ROTATE_180);
      break;
    }
    default:
      cv::rotate(in, out, cv::ROTATE_90_COUNTERCLOCKWISE);
      break;
  }
  const bool swapped = orientation >= 5;
  return to_image(out, swapped ? stored.dpi_y() : stored.dpi_x(),
                  swapped ? stored.dpi_x() : stored.dpi_y());
}

}  // namespace alih::processing
