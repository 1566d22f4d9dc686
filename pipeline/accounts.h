#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/account.h"
#include "access/settings.h"
#include "core/result.h"
#include "pipeline/holdings.h"

// What is done with accounts, each with its event; the same from the command line and the web
// pages. Any thread.
namespace alih::pipeline {

// Errors: not_found.
[[nodiscard]] Result<access::Account> find_account(const People& people, std::string_view name);

struct NewAccount {
  std::string name;
  std::string full_name;
  std::string nip;
  std::string os_user;
  access::Roles roles;
};
// A one-time code goes with the account, for its person to choose a password with.
struct Invited {
  access::Account account;
  std::string code;
};
[[nodiscard]] Result<Invited> add_account(Holdings& holdings, const NewAccount& wanted,
                                          const access::Settings& settings, const Agent& by);
// A new code; codes of before are void. The password stays until it is used.
[[nodiscard]] Result<Invited> invite(Holdings& holdings, std::string_view name,
                                     const access::Settings& settings, const Agent& by);
// The one-time code for a password of one's own. Errors: unauthorized (wrong or old code),
// bad_field.
[[nodiscard]] Result<access::Account> redeem(Holdings& holdings, std::string_view name,
                                             std::string_view code, std::string_view password,
                                             const access::Settings& settings);
[[nodiscard]] Result<access::Account> set_password(Holdings& holdings, std::string_view name,
                                                   std::string_view password,
                                                   const access::Settings& settings,
                                                   const Agent& by);
struct AccountChange {
  std::optional<std::string> full_name;
  std::optional<std::string> nip;
  std::optional<std::string> os_user;
  std::optional<access::Roles> roles;
  std::optional<bool> disabled;
};
[[nodiscard]] Result<access::Account> change_account(Holdings& holdings, std::string_view name,
                                                     const AccountChange& change, const Agent& by);
// The account stays, since events name it; its password and tokens go.
[[nodiscard]] Result<access::Account> remove_account(Holdings& holdings, std::string_view name,
                                                     const Agent& by);

struct Issued {
  access::Token token;
  std::string secret;  // told once
};
// Errors: bad_field (more days than the setting allows).
[[nodiscard]] Result<Issued> new_token(Holdings& holdings, std::string_view name,
                                       const std::string& label, access::Scopes scopes, int days,
                                       const access::Settings& settings, const Agent& by);
// `id`: of the token; of any account when `name` is empty. Errors: not_found, wrong_state.
[[nodiscard]] Result<access::Account> revoke_token(Holdings& holdings, std::string_view name,
                                                   std::string_view id, const Agent& by);

// "read,write". Errors: bad_field.
[[nodiscard]] Result<access::Scopes> scopes_from(const std::vector<std::string>& words);
[[nodiscard]] Result<access::Roles> roles_from(const std::vector<std::string>& words);
[[nodiscard]] std::string text_of(access::Roles roles);    // "operator, librarian"
[[nodiscard]] std::string text_of(access::Scopes scopes);  // "read, write"

// Takes out of what a search found what the subject may not see of pages: places on the image, and
// the other words of the page that a wildcard matched. The snippet stays.
void hide_unseen(indexer::SearchResult& found, const access::Subject& subject);

// Whether the subject may do that to an item that it may find.
[[nodiscard]] std::function<Status(const Item&)> duty_of(const access::Subject& subject,
                                                         access::Action action);
// Whether the subject may set these fields of the item: who describes need not be who decides on
// rights. Errors: as access::permit().
[[nodiscard]] Status permit_fields(const access::Subject& subject, const Item& item,
                                   const std::vector<std::pair<std::string, std::string>>& fields,
                                   std::string_view number);
// Whether the subject may find every item: what cannot leave one out, such as a paper, is whole or
// not given. Errors: forbidden.
[[nodiscard]] Status permit_all_items(const Holdings& holdings, const access::Subject& subject);
// Of an item that is to be.
[[nodiscard]] Status permit_new_fields(
    const access::Subject& subject, const std::vector<std::pair<std::string, std::string>>& fields);

// Who runs a verb at the machine. `os_user`: name of the computer's user; `owner`: whether that is
// the owner of the data folder, or root. As long as nobody has an account, and for the owner,
// everything is allowed, in the name of the account that the user is mapped to, if any.
[[nodiscard]] access::Subject subject_at_machine(const People& people, const std::string& os_user,
                                                 bool owner);

}  // namespace alih::pipeline
