#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.h"
#include "core/result.h"
#include "core/text_layer.h"
#include "ocr/settings.h"

namespace alih::ocr {

// How to read one image.
struct ReadOptions {
  int dpi = 300;          // of the image; the engine looks for lines of a size that fits
  bool invert = false;    // also try white on black, at a tenth more time
  bool one_line = false;  // the image is one line or word: no layout is looked for
  // The image is one column of lines of one size: no columns, pictures and rules are looked for.
  bool one_column = false;
};

// Whether an engine leans towards the words of its models' lists. Without them single words of
// rare signs are read as well (measured: decision 0002), and Latin's list is 85 of its 89 MB, which
// the library copies several times.
enum class WordList { used, left_out };

// Reads one page image at a time. Costly to make, so one is kept for many pages. One thread.
class Engine {
 public:
  virtual ~Engine() = default;
  // "tesseract 5.3.0"
  [[nodiscard]] virtual std::string name() const = 0;
  // How a page was read, in a few words, for the record: "lstm, psm 3".
  [[nodiscard]] virtual std::string settings_text(const ReadOptions& options) const = 0;
  // gray8, rgb24 or bilevel; boxes in the image's pixels. Errors: timeout, internal.
  [[nodiscard]] virtual Result<TextLayer> read(const Image& image, const ReadOptions& options) = 0;
};

// One row an engine.
struct EngineRow {
  std::string_view name;
  Result<std::unique_ptr<Engine>> (*make)(const std::string& languages, const Settings& settings,
                                          WordList words);
};
[[nodiscard]] const std::vector<EngineRow>& all_engines();

// An engine with its models loaded. Errors: model_missing with the names and how to install them.
[[nodiscard]] Result<std::unique_ptr<Engine>> make_engine(const std::string& languages,
                                                          const Settings& settings,
                                                          WordList words = WordList::used);

}  // namespace alih::ocr
