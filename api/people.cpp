#include "api/people.h"

#include <cmath>

#include "access/password.h"
#include "access/secret.h"
#include "api/handlers.h"
#include "core/clock.h"
#include "core/fixity.h"
#include "core/json.h"
#include "pipeline/accounts.h"

namespace alih::api {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* kCookie = "alihmedia";

std::string cookie_of(const Request& request) {
  const auto header = request.header("cookie");
  std::size_t at = 0;
  while (at < header.size()) {
    const auto end = std::min(header.find(';', at), header.size());
    auto part = header.substr(at, end - at);
    while (part.starts_with(' ')) part.erase(0, 1);
    const std::string start = std::string(kCookie) + "=";
    if (part.starts_with(start)) return part.substr(start.size());
    at = end + 1;
  }
  return {};
}

std::string stamp_of(const access::Account& account) { return sha256_hex(account.password); }

std::string set_cookie(const Service& service, const std::string& value, int seconds) {
  std::string out = std::string(kCookie) + "=" + value +
                    "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds);
  if (service.public_url.starts_with("https://")) out += "; Secure";
  return out;
}

json account_view(const access::Subject& subject) {
  return {{"account", subject.account.empty() ? json(nullptr) : json(subject.account)},
          {"name", subject.agent.name},
          {"nip", subject.agent.nip},
          {"roles", pipeline::text_of(subject.roles)},
          {"on_premises", subject.on_premises}};
}

}  // namespace

Status identify(Service& service, Request& request, const std::string& peer) {
  const auto& people = service.holdings.people();
  const bool proxied =
      request.headers.contains("x-forwarded-for") || request.headers.contains("forwarded");
  const auto origin =
      access::origin_of(peer, request.header("x-forwarded-for"), proxied, service.proxies);
  // The machine itself only by its own name: a page of another site may have a browser here ask.
  const bool at_premises = origin && service.networks.has(*origin);
  const auto address = access::parse_address(peer);
  const bool loopback = address && service.loopback.has(*address);
  request.on_premises = at_premises && (proxied || !loopback || request.local);
  request.peer = origin ? access::text_of(*origin) : peer;
  const auto take = [&](const access::Subject& subject) {
    request.subject = subject;
    request.audience = access::audience_of(subject, service.access);
  };

  const auto given = request.header("authorization");
  if (!given.empty() && !request.path.starts_with("/internal/")) {
    constexpr std::string_view kBearer = "Bearer ";
    // The token of service.json, which only the owner of the data folder can read: the owner, here.
    if (request.local &&
        access::same_secret(sha256_hex(given), sha256_hex(std::string(kBearer) + service.token))) {
      take(access::owner_subject(pipeline::person_agent()));
      return {};
    }
    const auto known = given.starts_with(kBearer)
                           ? people.by_token(std::string_view(given).substr(kBearer.size()))
                           : std::nullopt;
    if (!known) {
      take(access::Subject{});
      return fail(ErrorCode::unauthorized, "Token API salah, dicabut, atau kedaluwarsa",
                  "The API token is wrong, revoked or expired");
    }
    take(access::subject_of(known->account, known->token.scopes, request.on_premises));
    return {};
  }
  request.cookie = cookie_of(request);
  if (const auto session = service.sessions.find(request.cookie, monotonic_seconds())) {
    const auto account = people.find(session->account);
    if (account && account->active() && session->stamp == stamp_of(*account)) {
      request.form_key = session->form_key;
      take(access::subject_of(*account, access::all_scopes(), request.on_premises));
      return {};
    }
    service.sessions.end(request.cookie);
  }
  // Until the first account exists, whoever is at the machine is staff.
  if (request.local && !people.any()) {
    take(access::owner_subject(pipeline::person_agent()));
    return {};
  }
  access::Subject nobody;
  nobody.on_premises = request.on_premises;
  take(nobody);
  return {};
}

std::string begin_session(Service& service, const access::Account& account) {
  constexpr int kHour = 3600;
  return set_cookie(service,
                    service.sessions.begin(account.name, stamp_of(account), monotonic_seconds()),
                    service.access.session_hours * kHour);
}

std::string no_cookie(const Service& service) { return set_cookie(service, "", 0); }

void sign_out(Service& service, const Request& request) { service.sessions.end(request.cookie); }

Result<std::string> sign_in(Service& service, const Request& request, const std::string& name,
                            const std::string& password, double& wait) {
  constexpr std::size_t kLongestName = 64;  // an account's has half of it
  const auto counted = name.substr(0, kLongestName);
  wait = service.throttle.attempt(counted, request.peer, monotonic_seconds());
  if (wait > 0) {
    service.refusals.add(name, request.peer);
    return fail(
        ErrorCode::unauthorized, "Terlalu banyak percobaan yang salah; coba lagi dalam {} detik",
        "Too many wrong tries; try again in {} seconds", {static_cast<int>(std::ceil(wait))});
  }
  const auto account = service.holdings.people().find(name);
  const bool usable = account && account->active();
  ALIH_TRY(const bool right,
           access::check_password(password, usable ? account->password : "", service.access));
  if (!right || !usable) {
    service.refusals.add(name, request.peer);
    return fail(ErrorCode::unauthorized, "Nama akun atau kata sandi salah",
                "The account's name or the password is wrong");
  }
  service.throttle.succeeded(counted, request.peer);
  return begin_session(service, *account);
}

Response refused(const Error& error, double wait, const Request& request) {
  auto r = problem(error, request);
  if (wait > 0) {
    constexpr int kTooMany = 429;
    r.status = kTooMany;
    r.headers["Retry-After"] = std::to_string(static_cast<int>(std::ceil(wait)));
  }
  return r;
}

Response show_session(Service&, const Request& request) {
  return json_response(account_view(request.subject).dump());
}

Response begin_session_json(Service& service, const Request& request) {
  std::string name;
  std::string password;
  try {
    const auto body = json::parse(request.body);
    name = body.at("account").get<std::string>();
    password = body.at("password").get<std::string>();
  } catch (const std::exception&) {
    return problem({ErrorCode::usage, message("Isi permintaan: {\"account\": …, \"password\": …}",
                                              "Body: {\"account\": …, \"password\": …}")},
                   request);
  }
  double wait = 0;
  auto done = sign_in(service, request, name, password, wait);
  if (!done) return refused(done.error(), wait, request);
  const auto account = service.holdings.people().find(name);
  if (!account) return problem(access::no_such_item(name), request);
  auto r = json_response(
      account_view(access::subject_of(*account, access::all_scopes(), request.on_premises)).dump());
  r.headers["Set-Cookie"] = std::move(*done);
  return r;
}

Response end_session(Service& service, const Request& request) {
  sign_out(service, request);
  auto r = json_response("{}");
  r.headers["Set-Cookie"] = no_cookie(service);
  return r;
}

}  // namespace alih::api
