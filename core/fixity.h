#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace alih {

// What a file must look like when it is read again. Lower-case hexadecimal.
struct Fixity {
  std::string sha512;
  std::string sha256;
  std::uint64_t bytes = 0;
  bool operator==(const Fixity&) const = default;
  // SHA-256 is not looked at: it may not have been taken.
  [[nodiscard]] bool same_bytes(const Fixity& other) const {
    return sha512 == other.sha512 && bytes == other.bytes;
  }
};

// SHA-512 and SHA-256 of a stream in one pass, or SHA-512 alone: what reading a file again needs.
// One thread.
class FixityDigest {
 public:
  enum class What { both, sha512 };
  explicit FixityDigest(What what = What::both);
  ~FixityDigest();
  FixityDigest(FixityDigest&&) noexcept;
  FixityDigest& operator=(FixityDigest&&) noexcept;
  FixityDigest(const FixityDigest&) = delete;
  FixityDigest& operator=(const FixityDigest&) = delete;

  void add(std::span<const std::byte> bytes);
  [[nodiscard]] Fixity finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// SHA-256 alone, of a stream: pixels, recipes, the event chain. One thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  [[nodiscard]] std::string finish();  // once; hexadecimal

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Fixity fixity_of(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256_hex(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace alih
