#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "indexer/database.h"

// The chain of events tells when one is changed, removed or put between; only a head that is kept
// off this machine tells when the whole chain was made anew. Heads are signed (Ed25519): the
// private key is keys/chain.key, mode 0600, the public key keys/chain.pub; heads/ has one a day.
namespace alih::pipeline {

struct SignedHead {
  std::uint64_t sequence = 0;
  std::string sha256;  // of the event with that number
  std::string at;      // UTC
  std::string public_key;
  std::string signature;
};
[[nodiscard]] std::string to_json(const SignedHead& head);
// Errors: damaged.
[[nodiscard]] Result<SignedHead> signed_head_from_json(std::string_view json);

// The head of the chain as it is now, signed; the key is made at the first call. Errors: damaged
// (the key cannot be read), disk_full, unavailable.
[[nodiscard]] Result<SignedHead> sign_head(const indexer::Database& database,
                                           const std::filesystem::path& data_folder);
// Into heads/, at most one a day.
[[nodiscard]] Status keep_daily_head(const indexer::Database& database,
                                     const std::filesystem::path& data_folder);

struct BrokenLink {
  std::string where;
  std::string detail;  // English
};
// Reads the whole chain and compares it with every head kept, and with `exported` ones from
// elsewhere. Names the first bad event.
[[nodiscard]] std::vector<BrokenLink> check_chain(
    const indexer::Database& database, const std::filesystem::path& data_folder,
    const std::vector<std::filesystem::path>& exported = {});

}  // namespace alih::pipeline
