#pragma once

#include <optional>

#include "core/geometry.h"
#include "core/text_layer.h"

namespace alih::pipeline {

// Where a further image of a page is tried before the whole page is read from it: the band across
// the page that holds about a fifth of its letters and was read least surely. What other images
// give there they give elsewhere (decision 0002 has figures). None where a
// trial would save little: a page of few letters, a band of half the page, or a page read so
// unsurely that all images are wanted for the search.
[[nodiscard]] std::optional<Box> trial_band(const TextLayer& text);

}  // namespace alih::pipeline
