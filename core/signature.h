#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace alih {

// Ed25519 (RFC 8032), keys as PEM text (RFC 8410), signatures in hexadecimal. Any thread.
struct SigningKey {
  std::string private_pem;
  std::string public_pem;
};
[[nodiscard]] SigningKey make_signing_key();
// None when the key cannot be read.
[[nodiscard]] std::optional<std::string> sign(std::string_view text,
                                              const std::string& private_pem);
[[nodiscard]] std::optional<std::string> public_key_of(const std::string& private_pem);
[[nodiscard]] bool signature_holds(std::string_view text, std::string_view signature_hex,
                                   const std::string& public_pem);

}  // namespace alih
