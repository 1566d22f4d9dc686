#pragma once

#include "core/holdings.h"
#include "core/text_layer.h"

namespace alih {

// How likely a word of this confidence is right: of words with 0.9 about nine of ten are. Engines'
// confidences are none: Tesseract's are hardly ever above 0.97, and half of its words at 0.7 are
// wrong. Monotone, 1 stays 1 (a person's word). The table in confidence.cpp says where it is from;
// thresholds on confidences stay on the engine's scale.
[[nodiscard]] double chance_right(double engine_confidence);

// The same of a text: the share of its words that are likely right; 0 without words.
[[nodiscard]] double share_right(const TextLayer& text);
// Of a page as it was measured when it was read; the engine's mean for pages of before.
[[nodiscard]] double share_right(const Page& page);

}  // namespace alih
