#include "core/id.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <random>

namespace alih {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct Last {
  std::mutex mutex;
  // mutex guards:
  std::uint64_t time_ms = 0;
  std::array<std::uint8_t, 10> random{};
  std::random_device device;
};

Last& last() {
  static Last instance;
  return instance;
}

}  // namespace

std::string new_ulid() {
  auto& l = last();
  const std::lock_guard lock(l.mutex);
  const auto now =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count());
  if (now > l.time_ms) {
    l.time_ms = now;
    for (auto& byte : l.random) byte = static_cast<std::uint8_t>(l.device());
    l.random[0] &= 0x7F;  // room to count up
  } else {
    for (auto byte = l.random.rbegin(); byte != l.random.rend(); ++byte) {
      if (++*byte != 0) break;
    }
  }
  std::array<std::uint8_t, 16> raw{};
  for (std::size_t i = 0; i < 6; ++i) {
    raw[i] = static_cast<std::uint8_t>(l.time_ms >> (8 * (5 - i)));
  }
  for (std::size_t i = 0; i < 10; ++i) raw[6 + i] = l.random[i];
  // 128 bits as 26 digits of 5 bits, two zero bits in front.
  std::string out(26, '0');
  for (std::size_t digit = 0; digit < 26; ++digit) {
    unsigned value = 0;
    for (std::size_t bit = 0; bit < 5; ++bit) {
      const std::size_t position = digit * 5 + bit;
      value <<= 1U;
      if (position >= 2) {
        const std::size_t p = position - 2;
        value |= (static_cast<unsigned>(raw[p / 8]) >> (7 - p % 8)) & 1U;
      }
    }
    out[digit] = kAlphabet[value];
  }
  return out;
}

bool is_ulid(std::string_view text) {
  if (text.size() != 26 || text[0] > '7') return false;
  for (const char c : text) {
    if (kAlphabet.find(c) == std::string_view::npos) return false;
  }
  return true;
}

}  // namespace alih
