// Signing in, one's own account, and the accounts of all: pages.
#include "api/people.h"

#include "api/handlers.h"
#include "api/web/writer.h"
#include "core/clock.h"
#include "indexer/snippet.h"
#include "pipeline/accounts.h"

namespace alih::api {
namespace {

using indexer::escape_html;

using Fields = std::map<std::string, std::string>;

// Only a place of ours: "//elsewhere" is not.
std::string way_back(const std::string& given) {
  const bool ours = given.starts_with('/') && !given.starts_with("//") &&
                    given.find_first_of("\\\r\n") == std::string::npos;
  return ours ? given : "/";
}

void tell(Writer& w, const Error* error) {
  if (error != nullptr) {
    w.add("<p class=\"warn\" role=\"alert\">" + w.say(error->message) + "</p>");
  }
}

Response sign_in_with(const Request& request, const std::string& account, const Error* error) {
  Writer w(request);
  const auto title = w.say("Masuk", "Sign in");
  w.add("<h1>" + title + "</h1>");
  tell(w, error);
  w.add("<form class=\"person\" method=\"post\" action=\"" +
        w.link("/masuk", {{"kembali", request.parameter("kembali")}}) + "\">");
  w.input(w.say("Nama akun", "Account"), "account", "text", account,
          std::string("required autocomplete=\"username\" autocapitalize=\"none\"") +
              (account.empty() ? " autofocus" : ""));
  w.input(w.say("Kata sandi", "Password"), "password", "password", "",
          std::string("required autocomplete=\"current-password\"") +
              (account.empty() ? "" : " autofocus"));
  w.add("<p><button>" + title + "</button></p></form><p class=\"hint\"><a href=\"" +
        w.link("/undangan") + "\">" +
        w.say("Punya kode sekali pakai dari administrator?",
              "Have you got a one-time code from an administrator?") +
        "</a></p>");
  return html_response(w.page(title));
}

Response invitation_with(const Service& service, const Request& request, const std::string& account,
                         const Error* error) {
  Writer w(request);
  const auto title = w.say("Buat kata sandi", "Choose a password");
  w.add("<h1>" + title + "</h1><p>" +
        w.say("Administrator memberi Anda kode sekali pakai. Dengan kode itu Anda memilih kata "
              "sandi sendiri; kodenya lalu tidak berlaku lagi.",
              "An administrator gave you a one-time code. With it you choose a password of your "
              "own; then the code is void.") +
        "</p>");
  tell(w, error);
  w.add("<form class=\"person\" method=\"post\" action=\"" + w.link("/undangan") + "\">");
  w.input(w.say("Nama akun", "Account"), "account", "text", account,
          "required autocomplete=\"username\" autocapitalize=\"none\"");
  w.input(w.say("Kode sekali pakai", "One-time code"), "code", "text", "",
          "required autocomplete=\"one-time-code\" autocapitalize=\"characters\" "
          "spellcheck=\"false\"");
  w.input(w.say(message("Kata sandi baru, paling sedikit {} huruf",
                        "New password, at least {} characters", {service.access.password_length})),
          "password", "password", "", "required autocomplete=\"new-password\"");
  w.input(w.say("Sekali lagi", "Once more"), "again", "password", "",
          "required autocomplete=\"new-password\"");
  w.add("<p><button>" + w.say("Simpan dan masuk", "Save and sign in") + "</button></p></form>");
  return html_response(w.page(title));
}

std::string roles_text(const Writer& w, access::Roles roles) {
  std::string out;
  for (std::size_t i = 0; i < access::kRoleCount; ++i) {
    const auto role = static_cast<access::Role>(i);
    if (!roles.has(role)) continue;
    out += (out.empty() ? "" : ", ") + w.say(label(role));
  }
  return out;
}

// A secret that is told once.
void tell_once(Writer& w, const std::string& label, const std::string& secret) {
  if (secret.empty()) return;
  w.add("<p class=\"once\" role=\"status\">" + label + ": <code>" + escape_html(secret) +
        "</code></p>");
}

Response account_with(Service& service, const Request& request, const Error* error,
                      const std::string& secret, bool saved) {
  Writer w(request);
  const auto account = service.holdings.people().find(request.subject.account);
  if (!account) return problem(access::no_such_item(request.subject.account), request);
  const auto title = w.say("Akun saya", "My account");
  w.add("<h1>" + escape_html(account->full_name) + "</h1><p class=\"meta\">" +
        escape_html(account->name) +
        (account->nip.empty() ? "" : " · NIP " + escape_html(account->nip)) + " · " +
        roles_text(w, account->roles) + "</p>");
  tell(w, error);
  if (saved) w.add("<p role=\"status\">" + w.say("Tersimpan.", "Saved.") + "</p>");
  tell_once(w,
            w.say("Token baru; salin sekarang, tidak ditampilkan lagi",
                  "New token; copy it now, it is not shown again"),
            secret);
  w.add("<h2>" + w.say("Ganti kata sandi", "Change the password") +
        "</h2><form class=\"person\" method=\"post\" action=\"" + w.link("/akun") + "\">" +
        w.form_key() + "<input type=\"hidden\" name=\"do\" value=\"password\">");
  w.input(w.say("Kata sandi sekarang", "Present password"), "old", "password", "",
          "required autocomplete=\"current-password\"");
  w.input(w.say(message("Kata sandi baru, paling sedikit {} huruf",
                        "New password, at least {} characters", {service.access.password_length})),
          "password", "password", "", "required autocomplete=\"new-password\"");
  w.input(w.say("Sekali lagi", "Once more"), "again", "password", "",
          "required autocomplete=\"new-password\"");
  w.add("<p><button>" + w.say("Ganti", "Change") + "</button></p></form><h2>" +
        w.say("Token untuk program lain", "Tokens for other programs") +
        "</h2><div class=\"scroll\"><table><thead><tr><th>" + w.say("Untuk", "For") + "</th><th>" +
        w.say("Lingkup", "Scope") + "</th><th>" + w.say("Berlaku sampai", "Holds until") +
        "</th><th></th></tr></thead><tbody>");
  const auto now = utc_now();
  for (const auto& t : account->tokens) {
    w.add("<tr><td>" + escape_html(t.label) + "<br><span class=\"meta\">" + t.id +
          "</span></td><td>" + escape_html(pipeline::text_of(t.scopes)) + "</td><td>" +
          escape_html(t.expires.substr(0, 10)) + "</td><td>");
    if (t.revoked) {
      w.add(w.say("dicabut", "revoked"));
    } else if (t.expires <= now) {
      w.add(w.say("kedaluwarsa", "expired"));
    } else {
      w.add("<form method=\"post\" action=\"" + w.link("/akun") + "\">" + w.form_key() +
            "<input type=\"hidden\" name=\"do\" value=\"revoke\"><input type=\"hidden\" "
            "name=\"token\" value=\"" +
            t.id + "\"><button class=\"small\">" + w.say("Cabut", "Revoke") + "</button></form>");
    }
    w.add("</td></tr>");
  }
  w.add("</tbody></table></div><form class=\"person\" method=\"post\" action=\"" + w.link("/akun") +
        "\">" + w.form_key() + "<input type=\"hidden\" name=\"do\" value=\"token\">");
  w.input(w.say("Untuk apa", "What for"), "label", "text", "", "required maxlength=\"100\"");
  w.input(w.say("Berlaku, hari", "Lives, in days"), "days", "number", "90",
          "required min=\"1\" max=\"" + std::to_string(service.access.token_days) + "\"");
  w.add("<fieldset><legend>" + w.say("Boleh", "It may") +
        "</legend><label><input type=\"checkbox\" name=\"scope\" value=\"read\" checked> " +
        w.say("membaca", "read") +
        "</label><label><input type=\"checkbox\" name=\"scope\" value=\"write\"> " +
        w.say("menulis", "write") +
        "</label><label><input type=\"checkbox\" name=\"scope\" value=\"keep\"> " +
        w.say("merawat (verify, backup)", "look after (verify, backup)") +
        "</label></fieldset><p><button>" + w.say("Buat token", "Make a token") +
        "</button></p></form>");
  return html_response(w.page(title));
}

Response people_with(Service& service, const Request& request, const Error* error,
                     const std::string& name, const std::string& code) {
  Writer w(request);
  const auto title = w.say("Pengguna", "People");
  w.add("<h1>" + title + "</h1>");
  tell(w, error);
  if (!code.empty()) {
    tell_once(w,
              w.say(message("Kode sekali pakai untuk {}; sampaikan sendiri kepadanya, tidak "
                            "ditampilkan lagi. Dipakai di {}/undangan",
                            "One-time code for {}; hand it over yourself, it is not shown again. "
                            "It is used at {}/undangan",
                            {name, service.public_url})),
              code);
  }
  w.add("<div class=\"scroll\"><table class=\"people\"><thead><tr><th>" + w.say("Akun", "Account") +
        "</th><th>" + w.say("Peran", "Roles") + "</th><th>" + w.say("Keadaan", "State") +
        "</th><th></th></tr></thead><tbody>");
  for (const auto& a : service.holdings.people().all()) {
    if (a.removed) continue;
    const auto form = [&](std::string_view what) {
      return "<form method=\"post\" action=\"" + w.link("/pengguna") + "\">" + w.form_key() +
             "<input type=\"hidden\" name=\"account\" value=\"" + escape_html(a.name) +
             "\"><input type=\"hidden\" name=\"do\" value=\"" + std::string(what) + "\">";
    };
    w.add("<tr><td><strong>" + escape_html(a.full_name) + "</strong><br><span class=\"meta\">" +
          escape_html(a.name) + (a.nip.empty() ? "" : " · NIP " + escape_html(a.nip)) +
          "</span></td><td>" + form("roles") + "<fieldset>");
    for (std::size_t i = 0; i < access::kRoleCount; ++i) {
      const auto role = static_cast<access::Role>(i);
      w.add("<label><input type=\"checkbox\" name=\"role\" value=\"" +
            std::string(access::word(role)) + "\"" + (a.roles.has(role) ? " checked" : "") + "> " +
            w.say(label(role)) + "</label>");
    }
    w.add("</fieldset><button class=\"small\">" + w.say("Simpan peran", "Save roles") +
          "</button></form></td><td>" +
          (a.disabled           ? w.say("dinonaktifkan", "disabled")
           : a.password.empty() ? w.say("belum punya kata sandi", "no password yet")
                                : w.say("aktif", "active")) +
          "</td><td>" + form("invite") + "<button class=\"small\">" +
          w.say("Kode baru", "New code") + "</button></form>" +
          form(a.disabled ? "enable" : "disable") + "<button class=\"small\">" +
          (a.disabled ? w.say("Aktifkan", "Enable") : w.say("Nonaktifkan", "Disable")) +
          "</button></form></td></tr>");
  }
  w.add("</tbody></table></div><h2>" + w.say("Akun baru", "New account") +
        "</h2><form class=\"person\" method=\"post\" action=\"" + w.link("/pengguna") + "\">" +
        w.form_key() + "<input type=\"hidden\" name=\"do\" value=\"add\">");
  w.input(w.say("Nama akun", "Account"), "account", "text", "",
          "required pattern=\"[a-z0-9._\\-]{2,32}\" autocapitalize=\"none\"");
  w.input(w.say("Nama lengkap seperti pada surat", "Full name as on papers"), "full_name", "text",
          "", "required");
  w.input(w.say("NIP (18 angka, boleh kosong)", "NIP (18 digits, may be empty)"), "nip", "text", "",
          "inputmode=\"numeric\"");
  w.add("<fieldset><legend>" + w.say("Peran", "Roles") + "</legend>");
  for (std::size_t i = 0; i < access::kRoleCount; ++i) {
    const auto role = static_cast<access::Role>(i);
    w.add("<label><input type=\"checkbox\" name=\"role\" value=\"" +
          std::string(access::word(role)) + "\"> " + w.say(label(role)) + "</label>");
  }
  w.add("</fieldset><p><button>" +
        w.say("Buat akun dan kode sekali pakai", "Make the account and a one-time code") +
        "</button></p></form>");
  return html_response(w.page(title));
}

Error not_the_same() {
  return {ErrorCode::bad_field,
          message("Kedua kata sandi tidak sama", "The two passwords are not the same")};
}

}  // namespace

std::string sign_in_path(const Request& request) {
  auto back = request.path;
  char mark = '?';
  for (const auto& [name, value] : request.query) {
    if (name == "kembali") continue;
    back += mark + name + "=" + Writer::encoded(value);
    mark = '&';
  }
  if (request.method != "GET" || request.path == "/masuk" || request.path == "/undangan")
    back = "/";
  std::string out = "/masuk?kembali=" + Writer::encoded(back);
  if (const auto lang = request.parameter("lang"); !lang.empty()) {
    out += "&lang=" + Writer::encoded(lang);
  }
  return out;
}

Response sign_in_page(Service&, const Request& request) {
  return sign_in_with(request, "", nullptr);
}

Response sign_in_form(Service& service, const Request& request) {
  auto fields = form_fields(request);
  if (!fields) return problem(fields.error(), request);
  double wait = 0;
  auto done = sign_in(service, request, (*fields)["account"], (*fields)["password"], wait);
  if (!done) {
    auto r = sign_in_with(request, (*fields)["account"], &done.error());
    r.status = refused(done.error(), wait, request).status;
    return r;
  }
  auto r = see_other(way_back(request.parameter("kembali", "/")));
  r.headers["Set-Cookie"] = std::move(*done);
  return r;
}

Response sign_out_form(Service& service, const Request& request) {
  const auto fields = form_fields(request);
  if (!fields) return problem(fields.error(), request);
  sign_out(service, request);
  auto r = see_other("/");
  r.headers["Set-Cookie"] = no_cookie(service);
  return r;
}

Response invitation_page(Service& service, const Request& request) {
  return invitation_with(service, request, request.parameter("account"), nullptr);
}

Response invitation_form(Service& service, const Request& request) {
  auto read = form_fields(request);
  if (!read) return problem(read.error(), request);
  auto& fields = *read;
  const auto again = [&](const Error& error, int status) {
    auto r = invitation_with(service, request, fields["account"], &error);
    r.status = status;
    return r;
  };
  if (fields["password"] != fields["again"]) {
    return again(not_the_same(), http_status(ErrorCode::bad_field));
  }
  constexpr std::size_t kLongestName = 64;
  const auto counted = fields["account"].substr(0, kLongestName);
  const double wait = service.throttle.attempt(counted, request.peer, monotonic_seconds());
  if (wait > 0) {
    service.refusals.add(fields["account"], request.peer);
    constexpr int kTooMany = 429;
    return again(
        {ErrorCode::unauthorized,
         message("Terlalu banyak percobaan yang salah; coba lagi dalam {} detik",
                 "Too many wrong tries; try again in {} seconds", {static_cast<int>(wait) + 1})},
        kTooMany);
  }
  const auto done = pipeline::redeem(service.holdings, fields["account"], fields["code"],
                                     fields["password"], service.access);
  if (!done) {
    if (done.error().code == ErrorCode::unauthorized) {
      service.refusals.add(fields["account"], request.peer);
    }
    return again(done.error(), http_status(done.error().code));
  }
  service.throttle.succeeded(counted, request.peer);
  auto r = see_other("/");
  r.headers["Set-Cookie"] = begin_session(service, *done);
  return r;
}

Response account_page(Service& service, const Request& request) {
  return account_with(service, request, nullptr, "", request.parameter("saved") == "1");
}

Response account_form(Service& service, const Request& request) {
  auto read = form_fields(request);
  if (!read) return problem(read.error(), request);
  auto& fields = *read;
  auto& holdings = service.holdings;
  const auto& me = request.subject;
  const auto failed = [&](const Error& error, int status = 0) {
    auto r = account_with(service, request, &error, "", false);
    r.status = status != 0 ? status : http_status(error.code);
    return r;
  };
  if (fields["do"] == "password") {
    if (fields["password"] != fields["again"]) return failed(not_the_same());
    double wait = 0;
    // Also against somebody who found the browser open.
    const auto known = sign_in(service, request, me.account, fields["old"], wait);
    if (!known) return failed(known.error(), refused(known.error(), wait, request).status);
    const auto done =
        pipeline::set_password(holdings, me.account, fields["password"], service.access, me.agent);
    if (!done) return failed(done.error());
    service.sessions.end_all(me.account);
    auto r = see_other("/akun?saved=1");
    r.headers["Set-Cookie"] = begin_session(service, *done);
    return r;
  }
  if (fields["do"] == "token") {
    const auto scopes = pipeline::scopes_from({fields["scope"]});
    if (!scopes) return failed(scopes.error());
    const auto done =
        pipeline::new_token(holdings, me.account, fields["label"], *scopes,
                            std::atoi(fields["days"].c_str()), service.access, me.agent);
    if (!done) return failed(done.error());
    return account_with(service, request, nullptr, done->secret, false);
  }
  if (fields["do"] == "revoke") {
    const auto done = pipeline::revoke_token(holdings, me.account, fields["token"], me.agent);
    if (!done) return failed(done.error());
    return see_other("/akun?saved=1");
  }
  return failed({ErrorCode::usage, message("Isian tidak dikenal", "The form is not known")});
}

Response people_page(Service& service, const Request& request) {
  return people_with(service, request, nullptr, "", "");
}

Response people_form(Service& service, const Request& request) {
  auto read = form_fields(request);
  if (!read) return problem(read.error(), request);
  auto& fields = *read;
  auto& holdings = service.holdings;
  const auto& by = request.subject.agent;
  const auto& name = fields["account"];
  const auto failed = [&](const Error& error) {
    auto r = people_with(service, request, &error, "", "");
    r.status = http_status(error.code);
    return r;
  };
  const auto& what = fields["do"];
  if (what == "add") {
    const auto roles = pipeline::roles_from({fields["role"]});
    if (!roles) return failed(roles.error());
    const auto done = pipeline::add_account(
        holdings, {name, fields["full_name"], fields["nip"], "", *roles}, service.access, by);
    if (!done) return failed(done.error());
    return people_with(service, request, nullptr, name, done->code);
  }
  if (what == "invite") {
    const auto done = pipeline::invite(holdings, name, service.access, by);
    if (!done) return failed(done.error());
    return people_with(service, request, nullptr, name, done->code);
  }
  pipeline::AccountChange change;
  if (what == "roles") {
    const auto roles = pipeline::roles_from({fields["role"]});
    if (!roles) return failed(roles.error());
    change.roles = *roles;
  } else if (what == "disable" || what == "enable") {
    change.disabled = what == "disable";
  } else {
    return failed({ErrorCode::usage, message("Isian tidak dikenal", "The form is not known")});
  }
  const auto done = pipeline::change_account(holdings, name, change, by);
  if (!done) return failed(done.error());
  return see_other("/pengguna");
}

}  // namespace alih::api
