#pragma once

#include "core/finding.h"
#include "core/image.h"
#include "core/result.h"
#include "processing/prepare.h"

// What a page's image tells of its own quality, for people who look at the worst pages first.
// Numbers only: what is too much is in pipeline/risk.cpp. Pure; nothing is ever repaired here.
namespace alih::processing {

// From the swings of gray between paper and ink along rows and columns.
struct Sharpness {
  int edges = 0;  // strong ones that were measured; 0 = too few to tell (blank, tiny, bilevel)
  double width_px = 0;  // median width of an edge: its height over its steepest step (the ramp of
                        // Marziliano et al. 2002); about 1 to 3 when sharp. Of rows or columns,
                        // whichever is worse, so that a page that moved while scanned is seen.
  double contrast = 0;  // of strong edges: (paper - ink) / paper, 0 to 1
};
[[nodiscard]] Result<Sharpness> find_sharpness(const Image& image);

// Share of pixels that are as bright (254, 255) or dark (0, 1) as can be, 0 to 1, where tone was
// lost: 0 when next to none is almost so, as of a drawn page or one that was made black and white,
// whose paper never had a tone.
struct Clipping {
  double highlights = 0;
  double shadows = 0;
};
[[nodiscard]] Result<Clipping> find_clipping(const Image& image);

// Marks of the size of letters that run into an edge of the image, where the text goes on inwards:
// lines at the left and right, letters at the top and bottom. Frames and shadows are no letters.
// `contrast` as find_sharpness() has it.
struct CutText {
  int lines = 0;
  int letters = 0;
};
[[nodiscard]] Result<CutText> find_cut_text(const Image& image, double contrast);

// Rows at the end of the file that are all alike, as a share of its height: the scanner ran on
// after the sheet, or the transfer broke off and the rest was filled. Paper without any grain has
// such rows too: then only a tone that the paper has nowhere else counts. Any format.
[[nodiscard]] double find_tail(const Image& master);

// Skew that is still there: sharpest profile of rows (Postl 1986) from -12 to 12 degrees at a
// quarter of the size. Independent of what deskew found, and wider.
struct Residual {
  double angle_deg = 0;  // positive = the content is turned counter-clockwise
  double ratio = 0;      // profile's score at the angle over the median of all; 0 = not judged
};
[[nodiscard]] Result<Residual> find_residual_skew(const Image& reading);

// All of them as the finding "quality"; what could not be judged has no number. `master` is the
// frame as it is stored.
[[nodiscard]] Result<Finding> measure_quality(const Image& master, const Prepared& prepared);

}  // namespace alih::processing
