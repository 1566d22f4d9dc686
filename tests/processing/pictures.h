#pragma once

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
