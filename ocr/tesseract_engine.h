#pragma once

#include "ocr/engine.h"

namespace alih::ocr {

// Tesseract's LSTM engine, page segmentation mode 3. OMP_THREAD_LIMIT=1 must be in the environment
// before the process starts: pages run side by side, and threads inside a page only spin.
[[nodiscard]] Result<std::unique_ptr<Engine>> make_tesseract_engine(const std::string& languages,
                                                                    const Settings& settings,
                                                                    WordList words);

}  // namespace alih::ocr
