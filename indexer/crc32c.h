#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace alih::indexer {

// CRC-32C (Castagnoli), bitwise reflected, as RFC 3720 defines it; the processor's instruction
// where there is one. `before`: the sum of the bytes before these.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

// A value of the index ends with the sum of its key and itself, four bytes big-endian: also a whole
// value under a wrong key is noticed.
void seal(std::string_view key, std::string& value);
// The value without its sum; false when the sum is wrong.
[[nodiscard]] bool is_sealed(std::string_view key, std::string_view value);
inline constexpr std::size_t kSeal = 4;  // bytes

}  // namespace alih::indexer
