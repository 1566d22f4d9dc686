#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/image.h"
#include "tests/support/drawn_page.h"

// Small pictures and pages for the tests of this folder.
namespace alih::processing {

// Random samples, the same for the same seed; the padding bits of bilevel rows are 0.
inline Image random_image(PixelFormat format, int width, int height, unsigned seed = 1) {
  const auto stride = Image::stride_for(format, width);
  std::vector<std::byte> bytes(stride * static_cast<std::size_t>(height));
  std::minstd_rand random(seed);
  for (auto& b : bytes) b = static_cast<std::byte>(random() >> 8U);
  if (format == PixelFormat::bilevel && width % 8 != 0) {
    const auto keep = static_cast<std::byte>(0xFFU << (8 - width % 8));
    for (std::size_t y = 1; y <= static_cast<std::size_t>(height); ++y)
      bytes[stride * y - 1] &= keep;
  }
  return Image(format, width, height, std::move(bytes), 300, 300);
}

inline bool same_pixels(const Image& a, const Image& b) {
  return a.format() == b.format() && a.width() == b.width() && a.height() == b.height() &&
         std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

inline Image flat_image(int width, int height, std::uint8_t gray) {
  return Image(
      PixelFormat::gray8, width, height,
      std::vector<std::byte>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
                             std::byte{gray}),
      300, 300);
}

// A copy of a gray8 image with a filled rectangle.
inline Image with_rectangle(const Image& image, int x, int y, int width, int height,
                            std::uint8_t gray) {
  std::vector<std::byte> bytes(image.bytes().begin(), image.bytes().end());
  for (int row = y; row < y + height; ++row) {
    std::memset(
        bytes.data() + static_cast<std::size_t>(row) * image.stride() + static_cast<std::size_t>(x),
        gray, static_cast<std::size_t>(width));
  }
  return Image(image.format(), image.width(), image.height(), std::move(bytes), image.dpi_x(),
               image.dpi_y());
}

// A copy of a gray8 image whose pixel (x, y) is what `value` says of the old one.
template <typename Value>
Image redrawn(const Image& image, Value value) {
  std::vector<std::byte> bytes(image.bytes().size());
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      bytes[static_cast<std::size_t>(y) * image.stride() + static_cast<std::size_t>(x)] =
          static_cast<std::byte>(value(x, y));
    }
  }
  return Image(image.format(), image.width(), image.height(), std::move(bytes), image.dpi_x(),
               image.dpi_y());
}

inline int pixel(const Image& image, int x, int y) {
  return x < 0 || y < 0 || x >= image.width() || y >= image.height() ? 255 : image.row(y)[x];
}

// Each column moved down by so many pixels.
template <typename Down>
Image bent(const Image& image, Down down) {
  return redrawn(image, [&](int x, int y) {
    const double from = y - down(x, y);
    const int row = static_cast<int>(std::floor(from));
    const double part = from - row;
    return static_cast<int>(pixel(image, x, row) * (1 - part) + pixel(image, x, row + 1) * part);
  });
}

// A filled disc on a copy.
inline Image with_disc(const Image& image, int cx, int cy, int radius, int gray) {
  return redrawn(image, [&](int x, int y) {
    const bool inside = (x - cx) * (x - cx) + (y - cy) * (y - cy) <= radius * radius;
    return inside ? gray : pixel(image, x, y);
  });
}

// Print of the back page: mirrored, blurred by the paper, `share` of its darkness.
inline Image with_back(const Image& front, const Image& back, double share) {
  constexpr int kReach = 3;
  const auto blurred = redrawn(back, [&](int x, int y) {
    int sum = 0;
    for (int i = -kReach; i <= kReach; ++i) sum += pixel(back, x + i, y);
    return sum / (2 * kReach + 1);
  });
  const auto soft = redrawn(blurred, [&](int x, int y) {
    int sum = 0;
    for (int i = -kReach; i <= kReach; ++i) sum += pixel(blurred, x, y + i);
    return sum / (2 * kReach + 1);
  });
  return redrawn(front, [&](int x, int y) {
    const int ghost = pixel(soft, back.width() - 1 - x, y);
    return static_cast<int>(pixel(front, x, y) * (1 - share * (255 - ghost) / 255));
  });
}

inline testing_support::PageSpec text_page() {
  testing_support::PageSpec spec;
  for (int i = 0; i < 9; ++i) {
    spec.paragraphs.emplace_back(
        "Perpustakaan daerah menyimpan arsip sekolah, surat guru, dan buku induk dari masa "
        "sebelum kemerdekaan. Setiap berkas dicatat dalam daftar, diberi nomor, lalu dipindai "
        "lembar demi lembar agar dapat dibaca di Luwuk maupun di Balantak.");
  }
  return spec;
}

}  // namespace alih::processing
