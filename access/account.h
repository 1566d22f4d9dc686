#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/policy.h"
#include "core/id.h"
#include "core/result.h"

namespace alih::access {

using AccountId = Id<struct AccountTag>;

// What a program signs in with, for an account. Only the digest of its secret is kept.
struct Token {
  std::string id;      // ULID; names it to people
  std::string label;   // what it is for
  std::string sha256;  // of the secret
  Scopes scopes;
  std::string created;  // UTC
  std::string expires;  // UTC
  bool revoked = false;
  bool operator==(const Token&) const = default;
};

// A person of the office. Never deleted: events name it.
struct Account {
  AccountId id;
  std::string name;       // to sign in with: a-z, 0-9, ".", "_", "-"
  std::string full_name;  // as on papers
  std::string nip;        // 18 digits, or empty
  std::string os_user;    // who runs the command line as this user acts as this person
  Roles roles;
  std::string password;       // argon2id, "" = none yet
  std::string invite_sha256;  // of the one-time code, "" = none
  std::string invite_expires;
  bool disabled = false;
  bool removed = false;
  std::string created;  // UTC
  std::vector<Token> tokens;
  std::uint64_t revision = 0;  // counts every change
  bool operator==(const Account&) const = default;

  [[nodiscard]] bool active() const { return !disabled && !removed; }
};

// Errors: bad_field.
[[nodiscard]] Status check_account(const Account& account);
[[nodiscard]] Subject subject_of(const Account& account, Scopes scopes, bool on_premises);
[[nodiscard]] Agent agent_of(const Account& account);

// Every token begins with this, so that scanners for lost secrets find it.
inline constexpr std::string_view kTokenPrefix = "alih_";
// The token with this secret, when it is neither revoked nor expired. `now`: UTC.
[[nodiscard]] const Token* find_token(const Account& account, std::string_view secret,
                                      std::string_view now);
// Whether the one-time code is right and still holds.
[[nodiscard]] bool invite_holds(const Account& account, std::string_view code,
                                std::string_view now);

// JSON; docs/formats/records.md. Errors of the reader: damaged.
[[nodiscard]] std::string to_json(const Account& account);
[[nodiscard]] Result<Account> account_from_json(std::string_view json);

// UTC so many hours from now, as core/clock.h writes it.
[[nodiscard]] std::string utc_in(double hours);

}  // namespace alih::access
