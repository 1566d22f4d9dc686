#pragma once

#include "core/text_layer.h"
#include "processing/bend.h"

// The worker's side of page_worker.h: the one process that decodes, cleans and reads. It is in the
// program alihmedia-worker, so that the service and the command line hold no imaging library.
namespace alih::pipeline {

// Reads requests from descriptor 3 until it closes. Returns the exit code.
[[nodiscard]] int run_page_worker();

// From where words, lines and blocks were read on the flat page to where they lie on the access
// image.
void put_back(TextLayer& text, const processing::Bend& bend);

}  // namespace alih::pipeline
