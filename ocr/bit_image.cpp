#include "ocr/bit_image.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace alih::ocr {
namespace {

using Word = std::uint32_t;
constexpr int kBits = 32;

struct And {
  Word operator()(Word a, Word b) const { return a & b; }
};
struct Or {
  Word operator()(Word a, Word b) const { return a | b; }
};
struct Take {
  Word operator()(Word, Word b) const { return b; }
};

// to[i] = op(from[i], the pixels `shift` further right). `from` has words beyond `count`.
template <typename Op>
void with_right(const Word* from, Word* to, std::size_t count, int shift, Op op) {
  const Word* const far = from + shift / kBits;
  const int rest = shift % kBits;
  if (rest == 0) {
    for (std::size_t i = 0; i < count; ++i) to[i] = op(from[i], far[i]);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = op(from[i], (far[i] << rest) | (far[i + 1] >> (kBits - rest)));
  }
}

// The same with the pixels further left; `from` has words before.
template <typename Op>
void with_left(const Word* from, Word* to, std::size_t count, int shift, Op op) {
  const Word* const far = from - shift / kBits;
  const int rest = shift % kBits;
  if (rest == 0) {
    for (std::size_t i = 0; i < count; ++i) to[i] = op(from[i], far[i]);
    return;
  }
  const Word* const farther = far - 1;
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = op(from[i], (far[i] >> rest) | (farther[i] << (kBits - rest)));
  }
}

// The steps that make a run of n out of runs of 1, 2, 4 …: each doubles, the last fills up.
template <typename Step>
void in_doubling_steps(int n, Step step) {
  int have = 1;
  for (; 2 * have <= n; have *= 2) step(have);
  if (have < n) step(n - have);
}

Word last_word_mask(int width) {
  const int used = width % kBits;
  return used == 0 ? ~Word{0} : ~Word{0} << (kBits - used);
}

// Rows with room to the left and right of them, of white pixels.
class Rows {
 public:
  Rows(BitImage image, int reach)
      : image_(image),
        count_(static_cast<std::size_t>((image.width + kBits - 1) / kBits)),
        room_(static_cast<std::size_t>(reach / kBits + 2)),
        a_(count_ + 2 * room_, 0),
        b_(a_) {}

  void erode(int across) {
    each([&](const Word* row) {
      start(row);
      in_doubling_steps(across, [&](int by) {
        with_right(a_.data() + room_, b_.data() + room_, count_, by, And());
        std::swap(a_, b_);
      });
      return across / 2;
    });
  }
  void dilate(int across) {
    each([&](const Word* row) {
      start(row);
      // To the right of the row too: from there it is moved back.
      in_doubling_steps(across, [&](int by) {
        with_left(a_.data() + room_, b_.data() + room_, count_ + room_, by, Or());
        std::swap(a_, b_);
      });
      return -(across / 2);
    });
  }

 private:
  void start(const Word* row) {
    std::fill(a_.begin(), a_.end(), 0);
    std::fill(b_.begin(), b_.end(), 0);
    std::copy_n(row, count_, a_.begin() + static_cast<std::ptrdiff_t>(room_));
    a_[room_ + count_ - 1] &= last_word_mask(image_.width);
  }
  // make(row) leaves runs in a_ and says how far right they are to be moved.
  template <typename Make>
  void each(Make make) {
    for (int y = 0; y < image_.height; ++y) {
      Word* const row = image_.words + static_cast<std::ptrdiff_t>(y) * image_.words_a_row;
      const int right = make(row);
      const Word* const made = a_.data() + room_;
      if (right >= 0) {
        with_left(made, row, count_, right, Take());
      } else {
        with_right(made, row, count_, -right, Take());
      }
      row[count_ - 1] &= last_word_mask(image_.width);
    }
  }

  BitImage image_;
  std::size_t count_;
  std::size_t room_;
  std::vector<Word> a_, b_;
};

template <typename Op>
void combine(const BitImage& image, int to, int with, Op op) {
  const auto row = [&](int y) {
    return image.words + static_cast<std::ptrdiff_t>(y) * image.words_a_row;
  };
  Word* const a = row(to);
  const Word* const b = row(with);
  for (int i = 0; i < image.words_a_row; ++i) a[i] = op(a[i], b[i]);
}

void clear(const BitImage& image, int y) {
  std::fill_n(image.words + static_cast<std::ptrdiff_t>(y) * image.words_a_row, image.words_a_row,
              0);
}

// Runs down from each row, then moved down to their middle.
void erode_down(const BitImage& image, int down) {
  in_doubling_steps(down, [&](int by) {
    for (int y = 0; y < image.height; ++y) {
      if (y + by < image.height) {
        combine(image, y, y + by, And());
      } else {
        clear(image, y);
      }
    }
  });
  const int shift = down / 2;
  for (int y = image.height - 1; y >= 0; --y) {
    if (y >= shift) {
      combine(image, y, y - shift, Take());
    } else {
      clear(image, y);
    }
  }
}

// Runs up from each row, also from those below the picture, then moved up.
void dilate_down(const BitImage& image, int down) {
  const int shift = down / 2;
  const int rows = image.height + shift;
  std::vector<Word> tall(static_cast<std::size_t>(rows) *
                         static_cast<std::size_t>(image.words_a_row));
  std::copy_n(image.words,
              static_cast<std::size_t>(image.height) * static_cast<std::size_t>(image.words_a_row),
              tall.begin());
  const BitImage all{tall.data(), image.words_a_row, image.width, rows};
  in_doubling_steps(down, [&](int by) {
    for (int y = rows - 1; y >= by; --y) combine(all, y, y - by, Or());
  });
  std::copy_n(tall.begin() + static_cast<std::ptrdiff_t>(shift) * image.words_a_row,
              static_cast<std::size_t>(image.height) * static_cast<std::size_t>(image.words_a_row),
              image.words);
}

void clear_beyond(const BitImage& image) {
  for (int y = 0; y < image.height; ++y) {
    image.words[static_cast<std::ptrdiff_t>(y + 1) * image.words_a_row - 1] &=
        last_word_mask(image.width);
  }
}

unsigned byte_of(const Word* gray, int x) { return (gray[x / 4] >> (8 * (3 - x % 4))) & 0xFFU; }

// Whether each of 16 pixels is above the threshold, the leftmost in the highest of 16 bits.
#if defined(__SSE2__)
Word sixteen_above(const Word* gray, int threshold) {
  const __m128i pixels = _mm_loadu_si128(reinterpret_cast<const __m128i*>(gray));
  const __m128i limit = _mm_set1_epi8(static_cast<char>(threshold));
  const __m128i not_above = _mm_cmpeq_epi8(_mm_subs_epu8(pixels, limit), _mm_setzero_si128());
  // Four bits a word, in the right order within it; the words themselves are turned round.
  const auto m = ~static_cast<Word>(_mm_movemask_epi8(not_above));
  return ((m & 0xFU) << 12U) | ((m & 0xF0U) << 4U) | ((m & 0xF00U) >> 4U) | ((m & 0xF000U) >> 12U);
}
#else
Word sixteen_above(const Word* gray, int threshold) {
  Word out = 0;
  for (int x = 0; x < 16; ++x) {
    out = (out << 1U) | static_cast<Word>(static_cast<int>(byte_of(gray, x)) > threshold);
  }
  return out;
}
#endif

// Bits [from, to) of the row that lie in its word `at`.
Word part_of(const Word* row, int at, int from, int to) {
  Word out = row[at];
  if (at == from / kBits) out &= ~Word{0} >> (from % kBits);
  if (at == to / kBits) out &= ~(~Word{0} >> (to % kBits));
  return out;
}
// The first black pixel of [from, to), else `to`.
int first_of(const Word* row, int from, int to) {
  for (int at = from / kBits; at * kBits < to; ++at) {
    if (const Word bits = part_of(row, at, from, to)) return at * kBits + std::countl_zero(bits);
  }
  return to;
}
// The last one, else `from` - 1.
int last_of(const Word* row, int from, int to) {
  for (int at = (to - 1) / kBits; at >= from / kBits; --at) {
    if (const Word bits = part_of(row, at, from, to)) {
      return at * kBits + kBits - 1 - std::countr_zero(bits);
    }
  }
  return from - 1;
}

}  // namespace

void erode(BitImage image, int across, int down) {
  if (across > 1) Rows(image, across).erode(across);
  if (down > 1) erode_down(image, down);
  clear_beyond(image);
}

void dilate(BitImage image, int across, int down) {
  if (across > 1) Rows(image, across).dilate(across);
  if (down > 1) dilate_down(image, down);
  clear_beyond(image);
}

void open(BitImage image, int across, int down) {
  erode(image, across, down);
  dilate(image, across, down);
}

void close(BitImage image, int across, int down) {
  dilate(image, across, down);
  erode(image, across, down);
}

void threshold_row(const Word* gray, int width, int threshold, bool below, Word* bits) {
  threshold = std::clamp(threshold, 0, 255);
  const Word flip = below ? ~Word{0} : 0;
  int x = 0;
  for (; x + kBits <= width; x += kBits, ++bits) {
    *bits = ((sixteen_above(gray + x / 4, threshold) << 16U) |
             sixteen_above(gray + x / 4 + 4, threshold)) ^
            flip;
  }
  if (x == width) return;
  Word out = 0;
  for (int bit = kBits - 1; x < width; ++x, --bit) {
    const bool above = static_cast<int>(byte_of(gray, x)) > threshold;
    out |= static_cast<Word>(above != below) << bit;
  }
  *bits = out;
}

void count_row(const Word* gray, int width, std::span<std::uint32_t, 1024> counts) {
  // Four tables, so that equal neighbours do not wait for each other.
  int x = 0;
  for (; x + 4 <= width; x += 4) {
    const Word four = gray[x / 4];
    ++counts[four >> 24U];
    ++counts[256 + ((four >> 16U) & 0xFFU)];
    ++counts[512 + ((four >> 8U) & 0xFFU)];
    ++counts[768 + (four & 0xFFU)];
  }
  for (; x < width; ++x) ++counts[byte_of(gray, x)];
}

int count_black(BitImage image) {
  // Of all words at once: the ones of two, four, eight … bits side by side.
  const auto ones = [](Word w) {
    w -= w >> 1U & 0x55555555U;
    w = (w & 0x33333333U) + (w >> 2U & 0x33333333U);
    w = (w + (w >> 4U)) & 0x0f0f0f0fU;
    return w * 0x01010101U >> 24U;
  };
  const int whole = image.width / kBits;
  const int rest = image.width % kBits;
  Word out = 0;
  for (int y = 0; y < image.height; ++y) {
    const Word* row = image.words + static_cast<std::ptrdiff_t>(y) * image.words_a_row;
    for (int at = 0; at < whole; ++at) out += ones(row[at]);
    if (rest > 0) out += ones(row[whole] >> (kBits - rest));
  }
  return static_cast<int>(out);
}

int first_black(BitImage image, const Part& part, Side from) {
  const auto row = [&](int y) {
    return image.words + static_cast<std::ptrdiff_t>(y) * image.words_a_row;
  };
  if (part.left >= part.right) return -1;
  int best = from == Side::left ? part.right : part.left - 1;
  switch (from) {
    case Side::top:
      for (int y = part.top; y < part.bottom; ++y) {
        if (first_of(row(y), part.left, part.right) < part.right) return y;
      }
      return -1;
    case Side::bottom:
      for (int y = part.bottom - 1; y >= part.top; --y) {
        if (first_of(row(y), part.left, part.right) < part.right) return y;
      }
      return -1;
    case Side::left:
      for (int y = part.top; y < part.bottom && best > part.left; ++y) {
        best = first_of(row(y), part.left, best);
      }
      return best < part.right ? best : -1;
    case Side::right:
      for (int y = part.top; y < part.bottom && best < part.right - 1; ++y) {
        best = last_of(row(y), best + 1, part.right);
      }
      return best >= part.left ? best : -1;
  }
  return -1;
}

}  // namespace alih::ocr
