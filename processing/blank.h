#pragma once

#include <memory>

#include "processing/settings.h"
#include "processing/stage.h"

namespace alih::processing {

struct Ink {
  double share = 0;    // of the page: marks, without what hangs on its sides and up to three folds
  int marks = 0;       // connected, larger than dust
  int letters = 0;     // of them, those of a letter's height that are deep and made of strokes
  int depth = 0;       // of the deepest mark below the paper, gray levels
  double edge_px = 0;  // width of the marks' edges, of the page; 0 = not all are faint
  double rim_px = 0;  // the same of the sharpest fifth, grain blurred away; 0 = not all faint, many
};

// Judged at a quarter of the size, background divided out. Any format.
[[nodiscard]] Result<Ink> find_ink(const Image& image);
// Less ink than the settings say and no letter; or nothing but faint marks with the soft edges of
// print that shines through from the back (faint print of this side has the lens's own), or with
// the wide ones of stains.
[[nodiscard]] bool is_blank(const Ink& ink, const BlankSettings& settings);
[[nodiscard]] Result<bool> is_blank(const Image& image, const BlankSettings& settings);
// A finding "blank" whose note is "blank" or "not blank"; the image is left alone.
[[nodiscard]] std::unique_ptr<Stage> make_blank(const BlankSettings& settings);

}  // namespace alih::processing
