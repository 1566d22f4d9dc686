#include "pipeline/accounts.h"

#include <algorithm>

#include "access/password.h"
#include "access/secret.h"
#include "core/clock.h"
#include "core/fields.h"

namespace alih::pipeline {
namespace {

using access::Account;

constexpr int kCodeGroups = 5;  // 122 bits

std::string put_code(Account& account, const access::Settings& settings) {
  auto code = access::new_code(kCodeGroups);
  account.invite_sha256 = access::digest_of(access::plain_code(code));
  account.invite_expires = access::utc_in(settings.invite_hours);
  return code;
}

}  // namespace

Result<Account> find_account(const People& people, std::string_view name) {
  auto found = people.find(name);
  if (!found) {
    return fail(ErrorCode::not_found, "Tidak ada akun bernama {}", "There is no account named {}",
                {name});
  }
  return std::move(*found);
}

Result<Invited> add_account(Holdings& holdings, const NewAccount& wanted,
                            const access::Settings& settings, const Agent& by) {
  Invited out;
  auto& a = out.account;
  a.id = access::AccountId::make();
  a.name = wanted.name;
  a.full_name = wanted.full_name;
  a.nip = wanted.nip;
  std::erase(a.nip, ' ');
  a.os_user = wanted.os_user;
  a.roles = wanted.roles;
  a.created = utc_now();
  out.code = put_code(a, settings);
  ALIH_TRY(a, holdings.save_account(a, "account creation", by, "roles " + text_of(a.roles)));
  return out;
}

Result<Invited> invite(Holdings& holdings, std::string_view name, const access::Settings& settings,
                       const Agent& by) {
  Invited out;
  ALIH_TRY(out.account, find_account(holdings.people(), name));
  out.code = put_code(out.account, settings);
  ALIH_TRY(out.account,
           holdings.save_account(out.account, "account invitation", by,
                                 "one-time code, holds until " + out.account.invite_expires));
  return out;
}

Result<Account> redeem(Holdings& holdings, std::string_view name, std::string_view code,
                       std::string_view password, const access::Settings& settings) {
  auto account = holdings.people().find(name);
  if (!account || !account->active() || !access::invite_holds(*account, code, utc_now())) {
    return fail(ErrorCode::unauthorized,
                "Nama akun atau kode salah, atau kodenya sudah kedaluwarsa; minta kode baru kepada "
                "administrator",
                "The account's name or the code is wrong, or the code has expired; ask an "
                "administrator for a new one");
  }
  ALIH_CHECK(access::check_choice(password, account->name, settings));
  ALIH_TRY(account->password, access::hash_password(password, settings));
  account->invite_sha256.clear();
  account->invite_expires.clear();
  return holdings.save_account(*account, "password change", access::agent_of(*account),
                               "by its one-time code");
}

Result<Account> set_password(Holdings& holdings, std::string_view name, std::string_view password,
                             const access::Settings& settings, const Agent& by) {
  ALIH_TRY(auto account, find_account(holdings.people(), name));
  ALIH_CHECK(access::check_choice(password, account.name, settings));
  ALIH_TRY(account.password, access::hash_password(password, settings));
  account.invite_sha256.clear();
  account.invite_expires.clear();
  return holdings.save_account(account, "password change", by, "a new password");
}

Result<Account> change_account(Holdings& holdings, std::string_view name,
                               const AccountChange& change, const Agent& by) {
  ALIH_TRY(auto account, find_account(holdings.people(), name));
  const auto before = account;
  std::string detail;
  const auto add = [&](const std::string& text) { detail += (detail.empty() ? "" : ", ") + text; };
  if (change.full_name && *change.full_name != account.full_name) {
    account.full_name = *change.full_name;
    add("full name " + account.full_name);
  }
  if (change.nip) {
    auto nip = *change.nip;
    std::erase(nip, ' ');
    if (nip != account.nip) add("NIP");
    account.nip = nip;
  }
  if (change.os_user && *change.os_user != account.os_user) {
    account.os_user = *change.os_user;
    add("computer's user \"" + account.os_user + "\"");
  }
  if (change.roles && !(*change.roles == account.roles)) {
    account.roles = *change.roles;
    add("roles " + text_of(account.roles));
  }
  if (change.disabled && *change.disabled != account.disabled) {
    account.disabled = *change.disabled;
    add(account.disabled ? "disabled" : "enabled");
  }
  if (account == before) return account;
  return holdings.save_account(account, "account modification", by, detail);
}

Result<Account> remove_account(Holdings& holdings, std::string_view name, const Agent& by) {
  ALIH_TRY(auto account, find_account(holdings.people(), name));
  account.removed = true;
  account.os_user.clear();
  account.password.clear();
  account.invite_sha256.clear();
  account.invite_expires.clear();
  for (auto& t : account.tokens) t.revoked = true;
  return holdings.save_account(account, "account removal", by, "removed");
}

Result<Issued> new_token(Holdings& holdings, std::string_view name, const std::string& label,
                         access::Scopes scopes, int days, const access::Settings& settings,
                         const Agent& by) {
  ALIH_TRY(auto account, find_account(holdings.people(), name));
  if (days < 1 || days > settings.token_days) {
    return fail(ErrorCode::bad_field, "Masa berlaku token 1 sampai {} hari",
                "A token lives 1 to {} days", {settings.token_days});
  }
  if (scopes.empty()) {
    return fail(ErrorCode::bad_field, "Sebutkan lingkup token: read, write, keep, people",
                "Give the token's scope: read, write, keep, people");
  }
  constexpr std::size_t kMostLabel = 100;
  constexpr std::size_t kMostTokens = 100;
  if (label.size() > kMostLabel || label.find_first_of("\n\r\t") != std::string::npos) {
    return fail(ErrorCode::bad_field, "Nama token satu baris, paling panjang {} byte",
                "A token's label is one line of at most {} bytes", {kMostLabel});
  }
  const auto now = utc_now();
  if (account.tokens.size() >= kMostTokens) {  // the events tell of old ones
    std::erase_if(account.tokens,
                  [&](const access::Token& t) { return t.revoked || t.expires <= now; });
  }
  if (account.tokens.size() >= kMostTokens) {
    return fail(ErrorCode::wrong_state, "Akun {} sudah memiliki {} token; cabut dulu yang lama",
                "The account {} has {} tokens already; revoke old ones first",
                {account.name, kMostTokens});
  }
  Issued out;
  out.secret = std::string(access::kTokenPrefix) + access::new_secret();
  constexpr double kHours = 24;
  out.token = {new_ulid(), label, access::digest_of(out.secret),
               scopes,     now,   access::utc_in(days * kHours),
               false};
  account.tokens.push_back(out.token);
  ALIH_TRY([[maybe_unused]] const auto saved,
           holdings.save_account(account, "token creation", by,
                                 "token " + out.token.id + " for " + text_of(scopes) +
                                     ", expires " + out.token.expires));
  return out;
}

Result<Account> revoke_token(Holdings& holdings, std::string_view name, std::string_view id,
                             const Agent& by) {
  for (auto& account : holdings.people().all()) {
    if (!name.empty() && account.name != name) continue;
    for (auto& t : account.tokens) {
      if (t.id != id) continue;
      if (t.revoked) {
        return fail(ErrorCode::wrong_state, "Token {} sudah dicabut",
                    "The token {} is revoked already", {id});
      }
      t.revoked = true;
      return holdings.save_account(account, "token revocation", by, "token " + t.id);
    }
  }
  return fail(ErrorCode::not_found, "Tidak ada token {}", "There is no token {}", {id});
}

namespace {

// Words also joined by commas.
template <typename Set, typename From>
Result<Set> set_from(const std::vector<std::string>& given, From from, std::string_view id,
                     std::string_view en, std::string_view known) {
  Set out;
  for (const auto& text : given) {
    std::size_t at = 0;
    while (at <= text.size()) {
      const auto end = std::min(text.find(',', at), text.size());
      auto one = text.substr(at, end - at);
      std::erase(one, ' ');
      at = end + 1;
      if (one.empty()) continue;
      const auto value = from(one);
      if (!value) {
        return fail(ErrorCode::bad_field, std::string(id) + " \"{}\" tidak dikenal; pilihannya {}",
                    std::string(en) + " \"{}\" is not known; choose of {}", {one, known});
      }
      out.add(*value);
    }
  }
  return out;
}

template <typename E, std::size_t N>
std::string listed(const access::Set<E>& set) {
  std::string out;
  for (std::size_t i = 0; i < N; ++i) {
    if (!set.has(static_cast<E>(i))) continue;
    if (!out.empty()) out += ", ";
    out += access::word(static_cast<E>(i));
  }
  return out;
}

}  // namespace

Result<access::Scopes> scopes_from(const std::vector<std::string>& words) {
  return set_from<access::Scopes>(words, access::scope_from, "Lingkup", "The scope",
                                  "read, write, keep, people");
}
Result<access::Roles> roles_from(const std::vector<std::string>& words) {
  return set_from<access::Roles>(words, access::role_from, "Peran", "The role",
                                 access::role_words());
}
std::string text_of(access::Roles roles) { return listed<access::Role, access::kRoleCount>(roles); }
std::string text_of(access::Scopes scopes) {
  return listed<access::Scope, access::kScopeCount>(scopes);
}

namespace {

bool decides_rights(const std::vector<std::pair<std::string, std::string>>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const auto& given) {
    const auto* field = find_field(given.first);
    const auto name = field != nullptr ? field->name : std::string_view(given.first);
    return name == "access_class" || name == "rights_status" || name == "licence_allows" ||
           name == "rights_basis" || name == "rights_expires";
  });
}

}  // namespace

void hide_unseen(indexer::SearchResult& found, const access::Subject& subject) {
  if (subject.owner) return;
  for (auto& hit : found.hits) {
    if (!hit.page || access::may(subject, access::Action::view, hit.item)) continue;
    hit.boxes.clear();
    hit.matched.clear();
  }
}

Status permit_all_items(const Holdings& holdings, const access::Subject& subject) {
  if (subject.owner) return {};
  for (const auto& item : holdings.database().items({})) {
    if (access::may(subject, access::Action::find, item)) continue;
    return fail(ErrorCode::forbidden,
                "Ini dapat memuat bahan yang tertutup bagi Anda; minta kepala seksi atau arsiparis",
                "This may hold items that are closed to you; ask a section head or an archivist");
  }
  return {};
}

std::function<Status(const Item&)> duty_of(const access::Subject& subject, access::Action action) {
  return [subject, action](const Item& item) {
    return access::permit(subject, action, item, item.digitization_no);
  };
}

Status permit_fields(const access::Subject& subject, const Item& item,
                     const std::vector<std::pair<std::string, std::string>>& fields,
                     std::string_view number) {
  ALIH_CHECK(access::permit(subject, access::Action::describe, item, number));
  if (!decides_rights(fields)) return {};
  return access::permit(subject, access::Action::decide_rights, item, number);
}

Status permit_new_fields(const access::Subject& subject,
                         const std::vector<std::pair<std::string, std::string>>& fields) {
  return decides_rights(fields) ? access::permit(subject, access::Action::decide_rights) : Status();
}

access::Subject subject_at_machine(const People& people, const std::string& os_user, bool owner) {
  const Agent user{"person", os_user, ""};
  const auto account = people.by_os_user(os_user);
  if (owner || !people.any()) {
    auto out = access::owner_subject(account ? access::agent_of(*account) : user);
    if (account) out.account = account->name;
    return out;
  }
  if (account) return access::subject_of(*account, access::all_scopes(), true);
  access::Subject out;
  out.agent = user;
  out.on_premises = true;
  return out;
}

}  // namespace alih::pipeline
