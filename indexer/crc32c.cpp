#include "indexer/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace alih::indexer {
namespace {

std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1U) != 0 ? (c >> 1U) ^ 0x82F63B78U : c >> 1U;
    table[i] = c;
  }
  return table;
}

std::uint32_t by_table(std::string_view bytes, std::uint32_t c) {
  static const auto table = make_table();
  for (const char byte : bytes) {
    c = table[(c ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (c >> 8U);
  }
  return c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::string_view bytes,
                                                               std::uint32_t c) {
  std::uint64_t wide = c;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (; i < bytes.size(); ++i) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(bytes[i]));
  return narrow;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  const std::uint32_t c = before ^ 0xFFFFFFFFU;
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("sse4.2") != 0;
  if (has) return by_instruction(bytes, c) ^ 0xFFFFFFFFU;
#endif
  return by_table(bytes, c) ^ 0xFFFFFFFFU;
}

void seal(std::string_view key, std::string& value) {
  const auto sum = crc32c(value, crc32c(key));
  for (unsigned i = 0; i < kSeal; ++i) value += static_cast<char>((sum >> (8 * (3 - i))) & 0xFFU);
}

bool is_sealed(std::string_view key, std::string_view value) {
  if (value.size() < kSeal) return false;
  const auto body = value.substr(0, value.size() - kSeal);
  const auto sum = crc32c(body, crc32c(key));
  for (unsigned i = 0; i < kSeal; ++i) {
    if (static_cast<unsigned char>(value[body.size() + i]) != ((sum >> (8 * (3 - i))) & 0xFFU)) {
      return false;
    }
  }
  return true;
}

}  // namespace alih::indexer
