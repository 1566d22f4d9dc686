#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/text_layer.h"
#include "ocr/engine.h"
#include "pipeline/second_reading.h"
#include "pipeline/settings.h"
#include "processing/prepare.h"

namespace alih::pipeline {

struct PageReading {
  TextLayer text;        // the best reading, with the others' words as alternates
  std::string variant;   // which image gave it
  ocr::ReadOptions how;  // and how it was read
  SecondReading second;
  std::optional<Finding> orientation;          // when it was asked
  std::optional<processing::Prepared> turned;  // the page in its new pose, to be used instead
  int parts = 0;  // of the page that were read again: white on black, ink left over, unsure words
};

// The page made ready again, turned clockwise by so many degrees.
using TurnPage = std::function<Result<processing::Prepared>(int degrees)>;

// Boxes are in pixels of the images that are read (Prepared::bend puts them back).
// Reads the levelled image. Not sure at all (settings.ocr.orient_below): looks which way is up.
// Less sure than settings.ocr.retry_below: reads the harder levelled and the plain image and the
// page as it was scanned too, until one reads well, and keeps the best (measured: no single image
// is best for all pages); each is tried on a band of the page first, where that saves time
// (trial_band.h). Else only parts are read again: dark areas with light letters, inverted;
// where ink was left over, which both may become text; and words less sure than
// settings.ocr.word_below, from the plain image, for the search alone. What another reading has and
// the best has not at that place stays searchable as an alternate. `second`: gives the engine for
// doubtful words when it is needed; may be empty. `turn`: empty = the page is never turned.
[[nodiscard]] Result<PageReading> read_page(ocr::Engine& engine,
                                            const processing::Prepared& prepared,
                                            const Everything& settings,
                                            const std::function<ocr::Engine*()>& second = {},
                                            const TurnPage& turn = {});

// Words of `other` that `best` does not have at their place.
[[nodiscard]] std::vector<Word> words_not_in(const TextLayer& best, const TextLayer& other);

}  // namespace alih::pipeline
