#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ocr/lstm_network.h"

namespace alih::ocr {

// The forward pass in its plainest form, step by step as Tesseract computes it: what every kernel
// must equal to the bit. Slow; for tests. Arguments and result as LstmNetwork::forward().
[[nodiscard]] std::vector<float> lstm_reference(const LstmModel& model, const LstmTables& tables,
                                                std::span<const std::int8_t> line, int width);

}  // namespace alih::ocr
