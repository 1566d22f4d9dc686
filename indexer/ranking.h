#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "indexer/documents.h"

namespace alih::indexer {

// BM25 with whole numbers: a contribution is rounded to 1/65536 once, by one function, so that sums
// do not depend on the order in which they are made and a bound is never below what it bounds.
inline constexpr double kScoreUnit = 65536;

// What of the formula depends on a field alone: 1 / (k1 (1 - b + b length / average)) by length
// code.
using LengthScale = std::array<float, 256>;
[[nodiscard]] inline LengthScale length_scale(double k1, double b, double average) {
  LengthScale out{};
  for (std::size_t code = 0; code < out.size(); ++code) {
    const auto length = length_of_code(static_cast<std::uint8_t>(code));
    const double norm = k1 * (1 - b + b * length / (average > 0 ? average : 1));
    out[code] = static_cast<float>(1 / (norm > 1e-9 ? norm : 1e-9));
  }
  return out;
}

[[nodiscard]] inline double inverse_frequency(double documents, double with_term) {
  return std::log(1 + (documents - with_term + 0.5) / (with_term + 0.5));
}

// idf * tf * (k1 + 1) / (tf + norm), written so that every step is monotone also after rounding:
// more occurrences or a shorter document never give less.
struct Scale {
  float top = 0;  // idf * (k1 + 1) * weight, in units
  const LengthScale* lengths = nullptr;

  [[nodiscard]] std::int32_t score(std::uint32_t count, std::uint8_t length) const {
    const float t = static_cast<float>(static_cast<std::int32_t>(count)) * (*lengths)[length];
    return static_cast<std::int32_t>(top - top / (1.0F + t));
  }
  [[nodiscard]] std::int32_t most() const { return static_cast<std::int32_t>(top); }
};

// score() of a block's documents.
void score_block(const Scale& scale, const std::uint8_t* lengths, const std::uint32_t* docs,
                 const std::uint32_t* counts, std::size_t size, std::int32_t* out);

}  // namespace alih::indexer
