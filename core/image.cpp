#include "core/image.h"

#include <cassert>
#include <utility>

namespace alih {

Image::Image(PixelFormat format, int width, int height, std::vector<std::byte> bytes, double dpi_x,
             double dpi_y)
    : format_(format),
      width_(width),
      height_(height),
      dpi_x_(dpi_x),
      dpi_y_(dpi_y),
      bytes_(std::make_shared<const std::vector<std::byte>>(std::move(bytes))) {
  assert(width >= 0 && height >= 0);
  assert(bytes_->size() == stride_for(format, width) * static_cast<std::size_t>(height));
}

const std::uint8_t* Image::row(int y) const {
  assert(y >= 0 && y < height_);
  return reinterpret_cast<const std::uint8_t*>(bytes_->data()) +
         static_cast<std::size_t>(y) * stride();
}

Image Image::with_dpi(double dpi_x, double dpi_y) const {
  Image copy = *this;
  copy.dpi_x_ = dpi_x;
  copy.dpi_y_ = dpi_y;
  return copy;
}

std::size_t Image::stride_for(PixelFormat format, int width) {
  const auto bits = static_cast<std::size_t>(width) *
                    static_cast<std::size_t>(samples_per_pixel(format) * bits_per_sample(format));
  return (bits + 7) / 8;
}

}  // namespace alih
