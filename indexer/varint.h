#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace alih::indexer {

// Seven bits a byte, low ones first, high bit = more follows.
inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>((value & 0x7FU) | 0x80U);
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

inline void put_bytes(std::string& out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out += bytes;
}

// Reads from the front of a view and never past its end: after a bad read ok() is false and every
// further value is 0 or empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    rest_ = {};
    return 0;
  }
  [[nodiscard]] std::uint32_t varint32() {
    const auto value = varint();
    if (value > 0xFFFFFFFFU) ok_ = false;
    return static_cast<std::uint32_t>(value & 0xFFFFFFFFU);
  }
  // A count of things of at least `least` bytes each: more than can follow is refused.
  [[nodiscard]] std::size_t count(std::size_t least = 1) {
    const auto value = varint();
    if (value > rest_.size() / least) {
      ok_ = false;
      return 0;
    }
    return static_cast<std::size_t>(value);
  }
  [[nodiscard]] std::string_view bytes(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  [[nodiscard]] std::string_view sized_bytes() { return bytes(count()); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace alih::indexer
