#pragma once

#include <string>
#include <string_view>

#include "access/settings.h"
#include "core/result.h"

// Passwords, hashed with argon2id (RFC 9106; libsodium's crypto_pwhash). Any thread; at most two
// are computed at once in a process, others wait in line. Errors: busy after 10 s in the line.
namespace alih::access {

// As it is stored: "$argon2id$v=19$m=65536,t=3,p=1$…".
[[nodiscard]] Result<std::string> hash_password(std::string_view password,
                                                const Settings& settings);
// An empty hash fits no password and takes as long as any other.
[[nodiscard]] Result<bool> check_password(std::string_view password, const std::string& hash,
                                          const Settings& settings);

// Whether a password may be chosen. Errors: bad_field (too short, too long, the account's own name,
// one character over and over).
[[nodiscard]] Status check_choice(std::string_view password, std::string_view account,
                                  const Settings& settings);

// How many hashes are being computed, and the most there were at once. For tests.
struct HashLoad {
  int now = 0;
  int most = 0;
};
[[nodiscard]] HashLoad hash_load();

}  // namespace alih::access
