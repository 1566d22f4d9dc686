#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

// Random secrets, their digests, and boxes that only a key opens (libsodium). Any thread.
namespace alih::access {

// 256 random bits as 64 hexadecimal digits.
[[nodiscard]] std::string new_secret();
// A code for a person to type: `groups` of five letters and digits without 0, 1, I, L, O and U,
// joined by "-"; 24.5 bits a group.
[[nodiscard]] std::string new_code(int groups);
// As it is compared: upper case, without blanks and "-".
[[nodiscard]] std::string plain_code(std::string_view code);
// Of what has 128 random bits or more; hexadecimal.
[[nodiscard]] std::string digest_of(std::string_view secret);
// In a time that does not depend on where they differ.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

// XSalsa20-Poly1305 (libsodium secretbox) with a random nonce, as text of base 64.
inline constexpr std::size_t kKeyBytes = 32;
[[nodiscard]] std::string new_key();  // kKeyBytes random bytes
[[nodiscard]] std::string seal(std::string_view text, std::string_view key);
// None when it was sealed with another key or changed since.
[[nodiscard]] std::optional<std::string> unseal(std::string_view sealed, std::string_view key);

}  // namespace alih::access
