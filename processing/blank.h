#pragma once

#include <memory>

#include "processing/settings.h"
#include "processing/stage.h"

namespace alih::processing {

struct Ink {
  double share = 0;  // of the page without its outer rim, 0 to 1
  double marks = 0;  // connected spots of the size of letters
};

// Judged at a quarter of the size, background divided out, without the outer rim where shadows and
// edges lie. gray8 or rgb24.
[[nodiscard]] Result<Ink> find_ink(const Image& image);
// Less ink than the settings say. Any format.
[[nodiscard]] Result<bool> is_blank(const Image& image, const BlankSettings& settings);
// A finding "blank" whose note is "blank" or "not blank"; the image is left alone.
[[nodiscard]] std::unique_ptr<Stage> make_blank(const BlankSettings& settings);

}  // namespace alih::processing
