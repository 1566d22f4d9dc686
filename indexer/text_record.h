#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/text_layer.h"

namespace alih::indexer {

// A page's text layer as the database keeps it: numbers of variable length, confidences in 1/255.
// Format: docs/formats/text_record.md. Errors of the reader: damaged.
[[nodiscard]] std::string encode_text(const TextLayer& text);
[[nodiscard]] Result<TextLayer> decode_text(std::string_view bytes);

}  // namespace alih::indexer
