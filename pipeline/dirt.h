#pragma once

#include "core/text_layer.h"

namespace alih::pipeline {

// Unsure words far smaller than the page's print, and lines of a few unsure letters at its very
// edge: the scanner's dirt and shadows, read as text. Their words go to the alternates, so that
// what is print after all is found. Boxes are in pixels of text.width x text.height. Any
// thread.
void take_dirt_out(TextLayer& text);

}  // namespace alih::pipeline
