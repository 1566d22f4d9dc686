#include "processing/pixels.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include <opencv2/imgproc.hpp>

namespace alih::processing {

cv::Mat view(const Image& image) {
  assert(image.format() == PixelFormat::gray8 || image.format() == PixelFormat::rgb24);
  const int type = image.format() == PixelFormat::gray8 ? CV_8UC1 : CV_8UC3;
  // OpenCV has no read-only matrix; callers only read.
  auto* bytes = const_cast<std::uint8_t*>(image.row(0));  // NOLINT
  return {image.height(), image.width(), type, bytes, image.stride()};
}

Image to_image(const cv::Mat& mat, double dpi_x, double dpi_y) {
  const auto format = mat.channels() == 3 ? PixelFormat::rgb24 : PixelFormat::gray8;
  const auto stride = Image::stride_for(format, mat.cols);
  std::vector<std::byte> bytes(stride * static_cast<std::size_t>(mat.rows));
  for (int y = 0; y < mat.rows; ++y) {
    std::memcpy(bytes.data() + stride * static_cast<std::size_t>(y), mat.ptr(y), stride);
  }
  return Image(format, mat.cols, mat.rows, std::move(bytes), dpi_x, dpi_y);
}

Image to_8bit(const Image& image) {
  if (image.format() == PixelFormat::gray8 || image.format() == PixelFormat::rgb24) return image;
  const auto samples = static_cast<std::size_t>(image.width()) *
                       static_cast<std::size_t>(samples_per_pixel(image.format()));
  std::vector<std::byte> out(samples * static_cast<std::size_t>(image.height()));
  for (int y = 0; y < image.height(); ++y) {
    const auto* row = image.row(y);
    auto* to = out.data() + samples * static_cast<std::size_t>(y);
    for (std::size_t x = 0; x < samples; ++x) {
      if (image.format() == PixelFormat::bilevel) {
        to[x] = (static_cast<unsigned>(row[x / 8]) >> (7 - x % 8) & 1U) != 0 ? std::byte{0}
                                                                             : std::byte{255};
      } else {
        std::uint16_t v = 0;
        std::memcpy(&v, row + x * 2, 2);
        to[x] = static_cast<std::byte>(v >> 8U);
      }
    }
  }
  const auto format =
      samples_per_pixel(image.format()) == 3 ? PixelFormat::rgb24 : PixelFormat::gray8;
  return Image(format, image.width(), image.height(), std::move(out), image.dpi_x(), image.dpi_y());
}

Image to_bilevel(const Image& image) {
  if (image.format() == PixelFormat::bilevel) return image;
  const cv::Mat gray = to_gray(image);
  constexpr int kHalf = 128;
  const auto stride = Image::stride_for(PixelFormat::bilevel, image.width());
  std::vector<std::byte> out(stride * static_cast<std::size_t>(image.height()));
  for (int y = 0; y < image.height(); ++y) {
    const auto* row = gray.ptr<std::uint8_t>(y);
    auto* to = out.data() + stride * static_cast<std::size_t>(y);
    for (int x = 0; x < image.width(); ++x) {
      if (row[x] < kHalf)
        to[x / 8] |= static_cast<std::byte>(0x80U >> (static_cast<unsigned>(x) % 8));
    }
  }
  return Image(PixelFormat::bilevel, image.width(), image.height(), std::move(out), image.dpi_x(),
               image.dpi_y());
}

cv::Mat reduced(const cv::Mat& page, int longest, int* factor) {
  const int by = std::max(1, (std::max(page.cols, page.rows) + longest / 2) / longest);
  if (factor != nullptr) *factor = by;
  return reduced_by(page, by);
}

cv::Mat reduced_by(const cv::Mat& page, int by) {
  cv::Mat out = page;
  while (by > 1) {
    const int step = by % 2 == 0 ? 2 : by;  // OpenCV is fastest by two
    by /= step;
    const cv::Size size(std::max(1, out.cols / step), std::max(1, out.rows / step));
    const cv::Rect covered(0, 0, std::min(out.cols, size.width * step),
                           std::min(out.rows, size.height * step));
    cv::Mat next;
    cv::resize(out(covered), next, size, 0, 0, cv::INTER_AREA);
    out = next;
  }
  return out;
}

cv::Mat shrunk(const cv::Mat& page, double scale) {
  constexpr double kWhole = 1e-6;
  const double by = std::round(1 / scale);
  if (std::abs(1 / scale - by) < kWhole) return reduced_by(page, static_cast<int>(by));
  cv::Mat out;
  cv::resize(page, out, {}, scale, scale, cv::INTER_AREA);
  return out;
}

cv::Mat reduced(const Image& image, int longest, int* factor) {
  return reduced(view(image), longest, factor);
}

cv::Mat to_gray(const Image& image) {
  if (image.format() == PixelFormat::gray8) return view(image);
  const Image plain = to_8bit(image);
  if (plain.format() == PixelFormat::gray8) return view(plain).clone();
  cv::Mat gray;
  cv::cvtColor(view(plain), gray, cv::COLOR_RGB2GRAY);
  return gray;
}

}  // namespace alih::processing
