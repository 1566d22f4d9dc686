#include "pipeline/people.h"

#include <algorithm>

#include <sys/stat.h>

#include "core/clock.h"
#include "core/fixity.h"
#include "core/json.h"
#include "core/records.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "alihmedia-account";
constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20U;

fs::path folder_of(const fs::path& data) { return data / "people"; }

}  // namespace

std::string to_json(const AccountRecord& r) {
  Json events = Json::array();
  for (const auto& e : r.events) events.push_back(Json::parse(alih::to_json(e)));
  return Json{{"format", kFormat},
              {"version", 1},
              {"account", Json::parse(access::to_json(r.account))},
              {"events", events}}
      .dump(1, ' ', false, Json::error_handler_t::replace);
}

Result<AccountRecord> account_record_from_json(std::string_view text) {
  const auto bad = [](std::string_view why) {
    return fail(ErrorCode::damaged, "Catatan akun rusak: {}; pulihkan dari cadangan",
                "An account's record is damaged: {}; restore it from a backup", {why});
  };
  try {
    const auto j = Json::parse(text);
    if (j.at("format") != kFormat || j.at("version") != 1) return bad("another format");
    AccountRecord out;
    ALIH_TRY(out.account, access::account_from_json(j.at("account").dump()));
    for (const auto& e : j.at("events")) {
      ALIH_TRY(auto event, event_from_json(e.dump()));
      if (event.sha256 != event_digest(event)) return bad("an event was changed");
      out.events.push_back(std::move(event));
    }
    if (out.events.empty() || out.events.back().detail.find(
                                  sha256_hex(access::to_json(out.account))) == std::string::npos) {
      return bad("the account is not what its last event says");
    }
    return out;
  } catch (const std::exception& e) {
    return bad(e.what());
  }
}

std::vector<std::string> People::files(const fs::path& data) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(folder_of(data), error), end; !error && it != end;
       it.increment(error)) {
    const auto name = it->path().filename().string();
    if (name.ends_with(".json") && is_ulid(name.substr(0, name.size() - 5))) out.push_back(name);
  }
  // There and not readable: nobody may pass for the first one.
  if (error && error != std::errc::no_such_file_or_directory) out.emplace_back("?");
  std::sort(out.begin(), out.end());
  return out;
}

void People::load(const fs::path& data) {
  const std::lock_guard lock(mutex_);
  accounts_.clear();
  damaged_.clear();
  for (const auto& name : files(data)) {
    const auto bytes = repository::read_file(folder_of(data) / name, kMostBytes);
    auto record = bytes ? account_record_from_json(std::string_view(
                              reinterpret_cast<const char*>(bytes->data()), bytes->size()))
                        : Result<AccountRecord>(fail(Error(bytes.error())));
    if (record && record->account.id.str() + ".json" == name) {
      accounts_[record->account.id.str()] = std::move(*record);
    } else {
      damaged_.push_back(name);
    }
  }
}

bool People::any() const {
  const std::lock_guard lock(mutex_);
  return !accounts_.empty() || !damaged_.empty();
}

std::vector<access::Account> People::all() const {
  std::vector<access::Account> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, r] : accounts_) out.push_back(r.account);
  }
  std::sort(out.begin(), out.end(),
            [](const access::Account& a, const access::Account& b) { return a.name < b.name; });
  return out;
}

std::optional<access::Account> People::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, r] : accounts_) {
    if (r.account.name == name && !r.account.removed) return r.account;
  }
  return std::nullopt;
}

std::optional<access::Account> People::by_os_user(std::string_view user) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, r] : accounts_) {
    if (!user.empty() && r.account.os_user == user && r.account.active()) return r.account;
  }
  return std::nullopt;
}

std::optional<People::Known> People::by_token(std::string_view secret) const {
  if (!secret.starts_with(access::kTokenPrefix)) return std::nullopt;
  const auto now = utc_now();
  const std::lock_guard lock(mutex_);
  for (const auto& [id, r] : accounts_) {
    if (!r.account.active()) continue;
    if (const auto* token = access::find_token(r.account, secret, now)) {
      return Known{r.account, *token};
    }
  }
  return std::nullopt;
}

std::vector<Event> People::events_of(const access::AccountId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(id.str());
  return found == accounts_.end() ? std::vector<Event>() : found->second.events;
}

std::vector<std::string> People::damaged() const {
  const std::lock_guard lock(mutex_);
  return damaged_;
}

void People::put(AccountRecord record) {
  const std::lock_guard lock(mutex_);
  auto id = record.account.id.str();
  accounts_[std::move(id)] = std::move(record);
}

Status write_account(const fs::path& data, const AccountRecord& record) {
  ALIH_CHECK(repository::make_folder(folder_of(data)));
  ::chmod(folder_of(data).c_str(), 0700);  // before there is anything to read in it
  const auto path = folder_of(data) / (record.account.id.str() + ".json");
  ALIH_TRY([[maybe_unused]] const auto written,
           repository::write_durably(path, std::string_view(to_json(record))));
  ::chmod(path.c_str(), 0600);
  return {};
}

}  // namespace alih::pipeline
