#pragma once

#include "core/finding.h"
#include "core/image.h"
#include "core/result.h"
#include "ocr/engine.h"
#include "pipeline/turn.h"
#include "processing/settings.h"

// Pages that lie on their side or stand on their head. One thread.
namespace alih::pipeline {

struct Turn {
  int degrees = 0;  // clockwise, that bring the page upright: 0, 90, 180 or 270
  Finding finding;  // turned_deg; and how sure and how much each way was read; note "unsure"
};
// Reads the part of the page with most print in all four directions; at most about 1,000 letters
// each. The page is turned only when one way reads well and at least twice as much as any other:
// handwriting, pictures and ruined pages stay as they are. `scanned`: as it came, gray8, rgb24 or
// bilevel.
[[nodiscard]] Turn find_turn(ocr::Engine& engine, const Image& scanned,
                             const processing::Settings& settings);

}  // namespace alih::pipeline
