#pragma once

#include <cstdint>
#include <span>

// Black and white pictures as Leptonica packs them: rows of 32-bit words, the leftmost pixel in the
// highest bit, 1 = black. What layout analysis does with whole pages, 64 or more pixels at a time.
// Results are those of Leptonica's functions of the same names to the bit. Pure, any thread.
namespace alih::ocr {

struct BitImage {
  std::uint32_t* words;
  int words_a_row;
  int width;  // pixels; what is beyond in a row's last word is made 0
  int height;
};

// In place, with a brick of `across` x `down` pixels (both at least 1), its origin in the middle or
// right below it. Pixels outside the picture are white.
void erode(BitImage image, int across, int down);
void dilate(BitImage image, int across, int down);
void open(BitImage image, int across, int down);   // erode, then dilate
void close(BitImage image, int across, int down);  // dilate, then erode

// How many pixels are black.
[[nodiscard]] int count_black(BitImage image);

// The first row or column with a black pixel of a part of the picture, from that side of it; -1:
// there is none.
enum class Side : std::uint8_t { left, right, top, bottom };
struct Part {
  int left;  // within the picture
  int top;
  int right;  // the first beyond
  int bottom;
};
[[nodiscard]] int first_black(BitImage image, const Part& part, Side from);

// A gray row as Leptonica packs it (four pixels a word, the leftmost in the highest byte) to bits:
// 1 where the pixel is above `threshold` (0 to 255), or, with `below`, where it is not.
void threshold_row(const std::uint32_t* gray, int width, int threshold, bool below,
                   std::uint32_t* bits);

// How often each value is among the first `width` pixels of such a row, added up.
void count_row(const std::uint32_t* gray, int width, std::span<std::uint32_t, 1024> counts);

}  // namespace alih::ocr
