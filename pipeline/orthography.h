#pragma once

#include <string>

#include "core/text_layer.h"

namespace alih::pipeline {

// The spelling of a page's text as search knows it: "old", "modern", "mixed" or "unknown".
[[nodiscard]] std::string orthography_of(const TextLayer& text);

}  // namespace alih::pipeline
