#pragma once

#include <cstddef>
#include <cstdint>

namespace alih::indexer {

// Numbers are packed 128 at a time with one width: number i is in lane i % 4, place i / 4, and a
// lane's numbers stand end to end, low bits first. SSE2 where the processor has it (every x86-64),
// plain C++ elsewhere; the bytes are the same.
inline constexpr std::size_t kBlock = 128;
// Bytes of a packed block.
[[nodiscard]] constexpr std::size_t packed_bytes(unsigned width) {
  return kBlock / 8 * std::size_t{width};
}

// Bits that hold every one of the `count` numbers, 0 to 32.
[[nodiscard]] unsigned width_of(const std::uint32_t* in, std::size_t count);
// Writes packed_bytes(width) bytes; numbers must fit.
void pack(const std::uint32_t* in, unsigned width, unsigned char* out);
// Reads packed_bytes(width) bytes, width <= 32, writes kBlock numbers.
void unpack(const unsigned char* in, unsigned width, std::uint32_t* out);
// Number `index` alone.
[[nodiscard]] std::uint32_t unpack_one(const unsigned char* in, unsigned width, std::size_t index);
// The same for gaps: out[i] = base + in[0] + … + in[i], wrapping.
void unpack_sums(const unsigned char* in, unsigned width, std::uint32_t base, std::uint32_t* out);

}  // namespace alih::indexer
