// Accounts, roles and API tokens.
#include "cli/verb.h"
#include "core/clock.h"
#include "core/json.h"
#include "pipeline/accounts.h"

namespace alih::cli {
namespace {

using json = nlohmann::ordered_json;
using Mode = pipeline::Holdings::Mode;
using access::Action;

struct UserOptions {
  std::string name;
  std::string full_name;
  std::string nip;
  std::string os_user;
  std::vector<std::string> roles;
  bool disable = false;
  bool enable = false;
};

json view(const access::Account& a) {
  json roles = json::array();
  for (std::size_t i = 0; i < access::kRoleCount; ++i) {
    const auto role = static_cast<access::Role>(i);
    if (a.roles.has(role)) roles.push_back(std::string(access::word(role)));
  }
  return {{"account", a.name},
          {"full_name", a.full_name},
          {"nip", a.nip},
          {"os_user", a.os_user},
          {"roles", roles},
          {"has_password", !a.password.empty()},
          {"state", a.removed    ? "removed"
                    : a.disabled ? "disabled"
                                 : "active"},
          {"created", a.created}};
}

std::string text(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

void tell(Environment& env, const access::Account& a) {
  if (env.json) {
    env.print(text(view(a)));
    return;
  }
  env.print(a.name + "\t" + a.full_name + (a.nip.empty() ? "" : "\tNIP " + a.nip) + "\t" +
            pipeline::text_of(a.roles) +
            (a.removed    ? "\t" + env.say("dihapus", "removed")
             : a.disabled ? "\t" + env.say("dinonaktifkan", "disabled")
                          : ""));
}

void tell(Environment& env, const pipeline::Invited& invited) {
  if (env.json) {
    auto j = view(invited.account);
    j["code"] = invited.code;
    j["code_expires"] = invited.account.invite_expires;
    env.print(text(j));
    return;
  }
  tell(env, invited.account);
  env.print(env.say("Kode sekali pakai: {}", "One-time code: {}", {invited.code}));
  const auto& url = env.config.settings.api.base_url();
  env.note("Berlaku sampai {}; dipakai di {}/undangan atau dengan alihmedia user password {}",
           "Holds until {}; it is used at {}/undangan, or alihmedia user password {}",
           {invited.account.invite_expires, url, invited.account.name});
}

Result<int> run_add(Environment& env, const UserOptions& o) {
  ALIH_TRY(const auto roles, pipeline::roles_from(o.roles));
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto done,
           pipeline::add_account(*holdings, {o.name, o.full_name, o.nip, o.os_user, roles},
                                 env.config.settings.access, env.subject.agent));
  tell(env, done);
  return 0;
}

Result<int> run_invite(Environment& env, const UserOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  // The first one: nobody is there to invite yet.
  if (!holdings->people().any()) {
    const auto name = o.name.empty() ? std::string("admin") : o.name;
    ALIH_TRY(const auto done,
             pipeline::add_account(*holdings,
                                   {name, o.full_name.empty() ? "Administrator" : o.full_name, "",
                                    "", access::Roles{access::Role::administrator}},
                                   env.config.settings.access, env.subject.agent));
    tell(env, done);
    return 0;
  }
  ALIH_TRY(const auto done,
           pipeline::invite(*holdings, o.name, env.config.settings.access, env.subject.agent));
  tell(env, done);
  return 0;
}

Result<int> run_list(Environment& env) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  const auto all = holdings->people().all();
  for (const auto& name : holdings->people().damaged()) {
    env.note("Berkas akun rusak: people/{}; pulihkan dari cadangan",
             "An account's file is damaged: people/{}; restore it from a backup", {name});
  }
  if (!env.json) {
    for (const auto& a : all) tell(env, a);
    return 0;
  }
  json rows = json::array();
  for (const auto& a : all) rows.push_back(view(a));
  env.print(text({{"users", rows}, {"total", all.size()}}));
  return 0;
}

Result<int> run_show(Environment& env, const UserOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  ALIH_TRY(const auto account, pipeline::find_account(holdings->people(), o.name));
  const auto events = holdings->people().events_of(account.id);
  if (env.json) {
    auto j = view(account);
    j["events"] = json::array();
    for (const auto& e : events) {
      j["events"].push_back(
          {{"at", e.at}, {"type", e.type}, {"agent", e.agent.name}, {"detail", e.detail}});
    }
    env.print(text(j));
    return 0;
  }
  tell(env, account);
  for (const auto& e : events)
    env.print(e.at + "\t" + e.type + "\t" + e.agent.name + "\t" + e.detail);
  return 0;
}

Result<int> run_set(Environment& env, const UserOptions& o, const CLI::App& given) {
  pipeline::AccountChange change;
  if (given.count("--full-name") > 0) change.full_name = o.full_name;
  if (given.count("--nip") > 0) change.nip = o.nip;
  if (given.count("--os-user") > 0) change.os_user = o.os_user;
  if (!o.roles.empty()) {
    ALIH_TRY(change.roles, pipeline::roles_from(o.roles));
  }
  if (o.disable || o.enable) change.disabled = o.disable;
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto done, pipeline::change_account(*holdings, o.name, change, env.subject.agent));
  tell(env, done);
  return 0;
}

Result<int> run_remove(Environment& env, const UserOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto done, pipeline::remove_account(*holdings, o.name, env.subject.agent));
  tell(env, done);
  return 0;
}

Result<int> run_password(Environment& env, const UserOptions& o) {
  if (env.subject.account != o.name || env.subject.owner) {
    ALIH_CHECK(access::permit(env.subject, Action::manage_people));
  }
  if (!env.input) {
    return fail(ErrorCode::usage, "Kata sandi dibaca dari masukan standar",
                "The password is read from standard input");
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto done, pipeline::set_password(*holdings, o.name, *env.input,
                                                   env.config.settings.access, env.subject.agent));
  tell(env, done);
  return 0;
}

struct TokenOptions {
  std::string account;
  std::string label;
  std::vector<std::string> scopes;
  int days = 90;
  std::string id;
};

// One's own tokens, or as an administrator anybody's.
Status permit_tokens(const Environment& env, const std::string& account) {
  if (!env.subject.owner && !account.empty() && account == env.subject.account) {
    return access::permit(env.subject, Action::use_account);
  }
  return access::permit(env.subject, Action::manage_people);
}

json view(const access::Token& t, const std::string& account) {
  json scopes = json::array();
  for (std::size_t i = 0; i < access::kScopeCount; ++i) {
    const auto scope = static_cast<access::Scope>(i);
    if (t.scopes.has(scope)) scopes.push_back(std::string(access::word(scope)));
  }
  return {{"id", t.id},           {"account", account},   {"label", t.label},    {"scopes", scopes},
          {"created", t.created}, {"expires", t.expires}, {"revoked", t.revoked}};
}

Result<int> run_token_new(Environment& env, const TokenOptions& o) {
  ALIH_CHECK(permit_tokens(env, o.account));
  ALIH_TRY(const auto scopes, pipeline::scopes_from(o.scopes));
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto done, pipeline::new_token(*holdings, o.account, o.label, scopes, o.days,
                                                env.config.settings.access, env.subject.agent));
  if (env.json) {
    auto j = view(done.token, o.account);
    j["token"] = done.secret;
    env.print(text(j));
  } else {
    env.print(done.secret);
    env.note(
        "Berlaku sampai {}; tidak dapat ditampilkan lagi. Kirim sebagai kepala Authorization: "
        "Bearer TOKEN",
        "Holds until {}; it cannot be shown again. Send it as the header Authorization: "
        "Bearer TOKEN",
        {done.token.expires});
  }
  return 0;
}

Result<int> run_token_list(Environment& env, TokenOptions o) {
  if (o.account.empty() && !access::may(env.subject, Action::manage_people)) {
    o.account = env.subject.account;
  }
  ALIH_CHECK(permit_tokens(env, o.account));
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  json rows = json::array();
  for (const auto& a : holdings->people().all()) {
    if (!o.account.empty() && a.name != o.account) continue;
    for (const auto& t : a.tokens) {
      rows.push_back(view(t, a.name));
      if (!env.json) {
        env.print(t.id + "\t" + a.name + "\t" + t.label + "\t" + pipeline::text_of(t.scopes) +
                  "\t" + t.expires + (t.revoked ? "\t" + env.say("dicabut", "revoked") : ""));
      }
    }
  }
  if (env.json) env.print(text({{"tokens", rows}, {"total", rows.size()}}));
  return 0;
}

Result<int> run_token_revoke(Environment& env, const TokenOptions& o) {
  std::string only;
  if (!access::may(env.subject, Action::manage_people)) {
    ALIH_CHECK(access::permit(env.subject, Action::use_account));
    only = env.subject.account;
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto done, pipeline::revoke_token(*holdings, only, o.id, env.subject.agent));
  if (env.json) {
    env.print(text({{"id", o.id}, {"account", done.name}, {"revoked", true}}));
  } else {
    env.print(env.say("Token {} dicabut", "The token {} is revoked", {o.id}));
  }
  return 0;
}

}  // namespace

void add_people(CLI::App& app, Command& chosen) {
  auto* user = app.add_subcommand("user", "Akun dan peran / accounts and roles");
  user->require_subcommand(1);
  user->fallthrough();
  const auto named = [&](const char* name, const char* help, bool required = true) {
    auto* verb = user->add_subcommand(name, help);
    auto o = std::make_shared<UserOptions>();
    auto* option = verb->add_option("NAME", o->name, "Nama akun / account");
    if (required) option->required();
    return std::pair{verb, o};
  };
  const auto describe = [](CLI::App* verb, UserOptions& o) {
    verb->add_option("--full-name", o.full_name, "Nama lengkap seperti pada surat / full name");
    verb->add_option("--nip", o.nip, "NIP, 18 angka / digits");
    verb->add_option("--role", o.roles,
                     "Peran / roles: operator, librarian, archivist, section_head, administrator; "
                     "beberapa dengan koma / several by commas");
    verb->add_option("--os-user", o.os_user,
                     "Pengguna komputer yang bertindak sebagai orang ini / user of the computer "
                     "that acts as this person");
  };
  {
    auto [verb, o] = named("add",
                           "Akun baru dengan kode sekali pakai / a new account with a "
                           "one-time code");
    verb->footer(
        "Contoh/example: alihmedia user add siti --full-name \"Siti Aminah, S.IP.\" --nip "
        "198704122010012003 --role operator");
    describe(verb, *o);
    verb->callback(
        [&chosen, o = o] { chosen = [o](Environment& env) { return run_add(env, *o); }; });
  }
  {
    auto [verb, o] =
        named("invite",
              "Kode sekali pakai yang baru; bila belum ada akun: administrator pertama / "
              "a new one-time code; while there are no accounts: the first administrator",
              false);
    verb->footer("Contoh/example: alihmedia user invite");
    verb->add_option("--full-name", o->full_name,
                     "Nama administrator pertama / name of the first administrator");
    verb->callback(
        [&chosen, o = o] { chosen = [o](Environment& env) { return run_invite(env, *o); }; });
  }
  auto* list = user->add_subcommand("list", "Daftar akun / list accounts");
  list->footer("Contoh/example: alihmedia user list --json");
  list->callback([&chosen] { chosen = run_list; });
  {
    auto [verb, o] = named("show", "Satu akun / one account");
    verb->footer("Contoh/example: alihmedia user show siti");
    verb->callback(
        [&chosen, o = o] { chosen = [o](Environment& env) { return run_show(env, *o); }; });
  }
  {
    auto [verb, o] = named("set", "Mengubah akun / change an account");
    verb->footer("Contoh/example: alihmedia user set siti --role operator,librarian");
    describe(verb, *o);
    auto* disable = verb->add_flag("--disable", o->disable, "Nonaktifkan / disable");
    verb->add_flag("--enable", o->enable, "Aktifkan lagi / enable again")->excludes(disable);
    verb->callback([&chosen, o = o, verb = verb] {
      chosen = [o, verb](Environment& env) { return run_set(env, *o, *verb); };
    });
  }
  {
    auto [verb, o] = named("remove",
                           "Menghapus akun; namanya tetap tercatat / remove an account; "
                           "its name stays on record");
    verb->footer("Contoh/example: alihmedia user remove siti");
    verb->callback(
        [&chosen, o = o] { chosen = [o](Environment& env) { return run_remove(env, *o); }; });
  }
  {
    auto [verb, o] = named("password",
                           "Kata sandi baru, dibaca dari terminal atau masukan standar / a new "
                           "password, read from the terminal or standard input");
    verb->footer("Contoh/example: alihmedia user password siti");
    verb->callback(
        [&chosen, o = o] { chosen = [o](Environment& env) { return run_password(env, *o); }; });
  }

  auto* token = app.add_subcommand("token", "Token API / API tokens");
  token->require_subcommand(1);
  token->fallthrough();
  auto n = std::make_shared<TokenOptions>();
  auto* fresh =
      token->add_subcommand("new", "Token baru; ditampilkan sekali / a new token, told once");
  fresh->footer(
      "Contoh/example: alihmedia token new siti --scope read,write --days 90 --label \"mesin "
      "fotokopi\"");
  fresh->add_option("ACCOUNT", n->account, "Akun / account")->required();
  fresh->add_option("--scope", n->scopes, "read, write, keep, people")->required();
  fresh->add_option("--days", n->days, "Masa berlaku, hari / life in days")->capture_default_str();
  fresh->add_option("--label", n->label, "Untuk apa / what for");
  fresh->callback(
      [&chosen, n] { chosen = [n](Environment& env) { return run_token_new(env, *n); }; });
  auto l = std::make_shared<TokenOptions>();
  auto* tokens = token->add_subcommand("list", "Daftar token, tanpa rahasianya / list tokens");
  tokens->footer("Contoh/example: alihmedia token list siti");
  tokens->add_option("ACCOUNT", l->account, "Hanya akun ini / of this account only");
  tokens->callback(
      [&chosen, l] { chosen = [l](Environment& env) { return run_token_list(env, *l); }; });
  auto r = std::make_shared<TokenOptions>();
  auto* revoke = token->add_subcommand("revoke", "Mencabut token / revoke a token");
  revoke->footer("Contoh/example: alihmedia token revoke 01J…");
  revoke->add_option("ID", r->id, "Pengenal token / id of the token")->required();
  revoke->callback(
      [&chosen, r] { chosen = [r](Environment& env) { return run_token_revoke(env, *r); }; });
}

}  // namespace alih::cli
