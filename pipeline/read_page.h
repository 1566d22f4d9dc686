#pragma once

#include <functional>
#include <string>

#include "core/result.h"
#include "core/text_layer.h"
#include "ocr/engine.h"
#include "pipeline/second_reading.h"
#include "pipeline/settings.h"
#include "processing/prepare.h"

namespace alih::pipeline {

struct PageReading {
  TextLayer text;       // the best reading, with the others' words as alternates
  std::string variant;  // which image gave it
  SecondReading second;
};

// Boxes are in pixels of the images that are read (Prepared::bend puts them back).
// Reads the levelled image; when the confidence is below settings.ocr.retry_below also the harder
// levelled and the plain one, below settings.ocr.as_scanned_below, or when ink was left unread,
// also the page as it was scanned, and keeps the best (measured: no single image is best for all
// pages). What another reading has and the best has not at that place stays searchable as an
// alternate. `second`: gives the engine for doubtful words when it is needed; may be empty.
[[nodiscard]] Result<PageReading> read_page(ocr::Engine& engine,
                                            const processing::Prepared& prepared,
                                            const Everything& settings,
                                            const std::function<ocr::Engine*()>& second = {});

// Words of `other` that `best` does not have at their place.
[[nodiscard]] std::vector<Word> words_not_in(const TextLayer& best, const TextLayer& other);

}  // namespace alih::pipeline
