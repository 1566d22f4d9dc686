#pragma once

#include <limits>
#include <vector>

#include "core/geometry.h"
#include "core/image.h"
#include "core/result.h"

// The marks of ink on a page, and pictures of single words. Any thread.
namespace alih::processing {

// What looks like print and lies in none of the boxes: what a reading of the page may have lost.
struct Unread {
  double share = 0;  // of the marks that have a letter's size
  int marks = 0;     // how many that is
  // Where they stand together, the largest first, at most 12; none of less than 11 marks or 2 % of
  // all, which dirt has too.
  std::vector<Box> regions;
};
// `page`: gray8 or rgb24 as scanned, 150 dpi or more; boxes in its pixels.
[[nodiscard]] Unread unread_ink(const Image& page, const std::vector<Box>& read);
// Dark areas with light marks of a letter's size, those with most marks first, at most 12. `page`
// as above.
[[nodiscard]] std::vector<Box> dark_regions(const Image& page);

// Where a page has most marks of a letter's size.
struct Print {
  Box box;        // a square of that side, less where the page is smaller
  int marks = 0;  // that are in it
};
// `page`: gray8, rgb24 or bilevel as scanned, turned any way.
[[nodiscard]] Print densest_print(const Image& page, int side_px);

// The marks of a word's picture that do not touch.
struct Parts {
  int all = 0;  // one a letter, two for i and é, three for %
  // Of them, those that stand above another with paper between: dots of i and j, accents, the upper
  // half of a colon. Letters whose hair strokes broke have none.
  int above = 0;
  std::vector<int> above_at;  // the middles of those, in pixels from the word's left edge
};
// Specks below about 0.005 of the box's height squared do not count. `page` is gray8 with paper
// near white. `x_line`: the row that letters such as x reach up to; what reaches below it stands
// above nothing.
[[nodiscard]] Parts count_parts(const Image& page, const Box& word,
                                int x_line = std::numeric_limits<int>::max());
// The word's picture with `margin` pixels around it, as far as the page goes, gray8. `page`: gray8,
// rgb24 or bilevel.
[[nodiscard]] Result<Image> cut_out(const Image& page, const Box& word, int margin);
// Black for white, gray8.
[[nodiscard]] Image inverted(const Image& gray);

}  // namespace alih::processing
