#include "access/account.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "access/secret.h"
#include "core/json.h"
#include "core/text.h"
#include "core/utf8.h"

namespace alih::access {
namespace {

using Json = nlohmann::ordered_json;

bool is_line(std::string_view text, std::size_t longest) {
  if (text.size() > longest) return false;
  while (!text.empty()) {
    char32_t code = 0;
    const auto length = utf8_character(text, code);
    if (length == 0 || code < 0x20 || code == 0x7F) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_name(std::string_view text) {
  return text.size() >= 2 && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

template <typename E, std::size_t N>
Json words(const Set<E>& set) {
  Json out = Json::array();
  for (std::size_t i = 0; i < N; ++i) {
    if (set.has(static_cast<E>(i))) out.push_back(std::string(word(static_cast<E>(i))));
  }
  return out;
}

Json json(const Token& t) {
  return {{"id", t.id},           {"label", t.label},
          {"sha256", t.sha256},   {"scopes", words<Scope, kScopeCount>(t.scopes)},
          {"created", t.created}, {"expires", t.expires},
          {"revoked", t.revoked}};
}

}  // namespace

Status check_account(const Account& a) {
  if (!is_name(a.name)) {
    return fail(ErrorCode::bad_field,
                "Nama akun: 2 sampai 32 huruf kecil, angka, titik, _ atau -; bukan \"{}\"",
                "An account's name is 2 to 32 small letters, digits, dots, _ or -; not \"{}\"",
                {a.name});
  }
  constexpr std::size_t kLongest = 200;
  if (a.full_name.empty() || !is_line(a.full_name, kLongest)) {
    return fail(ErrorCode::bad_field, "Isi nama lengkap (--full-name), satu baris",
                "Give the full name (--full-name), one line");
  }
  constexpr std::size_t kNip = 18;
  if (!a.nip.empty() && (!all_digits(a.nip) || a.nip.size() != kNip)) {
    return fail(ErrorCode::bad_field, "NIP harus 18 angka, atau kosong",
                "A NIP is 18 digits, or empty");
  }
  if (!is_line(a.os_user, kLongest)) {
    return fail(ErrorCode::bad_field, "Nama pengguna komputer tidak terbaca",
                "The name of the computer's user cannot be read");
  }
  if (a.roles.empty() && a.active()) {
    return fail(ErrorCode::bad_field, "Sebutkan peran (--role): {}", "Give a role (--role): {}",
                {role_words()});
  }
  return {};
}

Agent agent_of(const Account& account) {
  return {"person", account.full_name, "", account.name, account.nip};
}

Subject subject_of(const Account& account, Scopes scopes, bool on_premises) {
  Subject out;
  out.agent = agent_of(account);
  out.account = account.name;
  out.roles = account.roles;
  out.scopes = scopes;
  out.on_premises = on_premises;
  return out;
}

const Token* find_token(const Account& account, std::string_view secret, std::string_view now) {
  const auto digest = digest_of(secret);
  for (const auto& t : account.tokens) {
    if (same_secret(t.sha256, digest) && !t.revoked && now < t.expires) return &t;
  }
  return nullptr;
}

bool invite_holds(const Account& account, std::string_view code, std::string_view now) {
  return !account.invite_sha256.empty() && now < account.invite_expires &&
         same_secret(account.invite_sha256, digest_of(plain_code(code)));
}

std::string to_json(const Account& a) {
  Json tokens = Json::array();
  for (const auto& t : a.tokens) tokens.push_back(json(t));
  return Json{{"account_id", a.id.str()},
              {"name", a.name},
              {"full_name", a.full_name},
              {"nip", a.nip},
              {"os_user", a.os_user},
              {"roles", words<Role, kRoleCount>(a.roles)},
              {"password", a.password},
              {"invite_sha256", a.invite_sha256},
              {"invite_expires", a.invite_expires},
              {"disabled", a.disabled},
              {"removed", a.removed},
              {"created", a.created},
              {"tokens", tokens},
              {"revision", a.revision}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Account> account_from_json(std::string_view text) {
  try {
    const auto j = Json::parse(text);
    Account a;
    const auto id = AccountId::parse(j.at("account_id").get<std::string>());
    if (!id) throw std::invalid_argument("not a ULID");
    a.id = *id;
    a.name = j.at("name").get<std::string>();
    a.full_name = j.at("full_name").get<std::string>();
    a.nip = j.at("nip").get<std::string>();
    a.os_user = j.at("os_user").get<std::string>();
    for (const auto& r : j.at("roles")) {
      const auto role = role_from(r.get<std::string>());
      if (!role) throw std::invalid_argument("unknown role");
      a.roles.add(*role);
    }
    a.password = j.at("password").get<std::string>();
    a.invite_sha256 = j.at("invite_sha256").get<std::string>();
    a.invite_expires = j.at("invite_expires").get<std::string>();
    a.disabled = j.at("disabled").get<bool>();
    a.removed = j.at("removed").get<bool>();
    a.created = j.at("created").get<std::string>();
    for (const auto& t : j.at("tokens")) {
      Token token;
      token.id = t.at("id").get<std::string>();
      token.label = t.at("label").get<std::string>();
      token.sha256 = t.at("sha256").get<std::string>();
      for (const auto& s : t.at("scopes")) {
        const auto scope = scope_from(s.get<std::string>());
        if (!scope) throw std::invalid_argument("unknown scope");
        token.scopes.add(*scope);
      }
      token.created = t.at("created").get<std::string>();
      token.expires = t.at("expires").get<std::string>();
      token.revoked = t.at("revoked").get<bool>();
      a.tokens.push_back(std::move(token));
    }
    a.revision = j.at("revision").get<std::uint64_t>();
    return a;
  } catch (const std::exception& e) {
    return fail(ErrorCode::damaged, "Catatan akun tidak terbaca: {}",
                "The account's record cannot be read: {}", {e.what()});
  }
}

std::string utc_in(double hours) {
  constexpr double kHour = 3600;
  const std::time_t then = std::time(nullptr) + static_cast<std::time_t>(hours * kHour);
  std::tm t{};
  gmtime_r(&then, &t);
  std::array<char, 32> out{};
  std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%S.000Z", &t);
  return out.data();
}

}  // namespace alih::access
