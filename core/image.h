#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace alih {

// How a pixel is laid out. Samples wider than 8 bits are in host byte order.
enum class PixelFormat {
  bilevel,  // 1 bit, packed from the high bit, 1 = black; rows start at a byte
  gray8,    // 1 byte, 0 = black
  gray16,   // 2 bytes, 0 = black
  rgb24,    // R, G, B bytes
  rgb48,    // R, G, B of 2 bytes each
};

// Pixels of one format in memory: bits a sample and samples a pixel.
[[nodiscard]] constexpr int samples_per_pixel(PixelFormat f) {
  return f == PixelFormat::rgb24 || f == PixelFormat::rgb48 ? 3 : 1;
}
[[nodiscard]] constexpr int bits_per_sample(PixelFormat f) {
  if (f == PixelFormat::bilevel) return 1;
  return f == PixelFormat::gray16 || f == PixelFormat::rgb48 ? 16 : 8;
}

// Pixels in memory. Immutable: once made it never changes, so copies share the bytes and any thread
// may read. Rows are packed: stride() = ceil(width * bits a pixel / 8) bytes, top row first.
class Image {
 public:
  Image() = default;
  // Bytes must hold exactly height * stride; asserted. dpi 0 = unknown.
  Image(PixelFormat format, int width, int height, std::vector<std::byte> bytes, double dpi_x = 0,
        double dpi_y = 0);

  [[nodiscard]] bool empty() const { return width_ == 0 || height_ == 0; }
  [[nodiscard]] PixelFormat format() const { return format_; }
  [[nodiscard]] int width() const { return width_; }    // pixels
  [[nodiscard]] int height() const { return height_; }  // pixels
  [[nodiscard]] double dpi_x() const { return dpi_x_; }
  [[nodiscard]] double dpi_y() const { return dpi_y_; }
  [[nodiscard]] std::size_t stride() const { return stride_for(format_, width_); }
  [[nodiscard]] std::span<const std::byte> bytes() const {
    return bytes_ ? std::span<const std::byte>(*bytes_) : std::span<const std::byte>();
  }
  [[nodiscard]] const std::uint8_t* row(int y) const;
  [[nodiscard]] Image with_dpi(double dpi_x, double dpi_y) const;

  [[nodiscard]] static std::size_t stride_for(PixelFormat format, int width);

 private:
  PixelFormat format_ = PixelFormat::gray8;
  int width_ = 0;
  int height_ = 0;
  double dpi_x_ = 0;
  double dpi_y_ = 0;
  std::shared_ptr<const std::vector<std::byte>> bytes_;
};

}  // namespace alih
