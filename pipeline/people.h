#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/account.h"
#include "core/holdings.h"
#include "core/result.h"

namespace alih::pipeline {

// An account's own file, people/<ULID>.json (mode 0600): the account and every event of it. The
// last event's detail has the digest of the account, so that nobody gets a role that the chain of
// events does not know of.
struct AccountRecord {
  access::Account account;
  std::vector<Event> events;
};
[[nodiscard]] std::string to_json(const AccountRecord& record);
// Errors: damaged; also when the account is not the one that its last event tells of.
[[nodiscard]] Result<AccountRecord> account_record_from_json(std::string_view json);

// The accounts of the data folder, in memory. Any thread (mutex_). Changes go through
// Holdings::save_account().
class People {
 public:
  // A file that cannot be read is an account that nobody can use, and there are accounts then.
  [[nodiscard]] static std::vector<std::string> files(const std::filesystem::path& data);
  void load(const std::filesystem::path& data);

  // Whether anybody ever had one: from then on being at the machine is not enough.
  [[nodiscard]] bool any() const;
  [[nodiscard]] std::vector<access::Account> all() const;  // by name; with removed ones
  [[nodiscard]] std::optional<access::Account> find(std::string_view name) const;  // not removed
  [[nodiscard]] std::optional<access::Account> by_os_user(std::string_view user) const;  // active
  struct Known {
    access::Account account;
    access::Token token;
  };
  [[nodiscard]] std::optional<Known> by_token(std::string_view secret) const;  // active
  [[nodiscard]] std::vector<Event> events_of(const access::AccountId& id) const;
  [[nodiscard]] std::vector<std::string> damaged() const;

 private:
  friend class Holdings;
  void put(AccountRecord record);

  mutable std::mutex mutex_;
  // mutex_ guards:
  std::map<std::string, AccountRecord> accounts_;  // by id
  std::vector<std::string> damaged_;               // names of files
};

// Writes the account's file with the event; its commit point.
[[nodiscard]] Status write_account(const std::filesystem::path& data, const AccountRecord& record);

}  // namespace alih::pipeline
