#pragma once

#include <string>

#include "api/http.h"
#include "api/service.h"

// Who asks, and how people sign in.
namespace alih::api {

// Fills the request's subject: of its API token, its session, or of where it comes from. `peer`:
// the address of the connection. Errors: unauthorized (a token that is none).
[[nodiscard]] Status identify(Service& service, Request& request, const std::string& peer);

// Signs a person in: a whole Set-Cookie value. Errors: unauthorized, with `wait` > 0 when the door
// is closed for so many seconds; busy.
[[nodiscard]] Result<std::string> sign_in(Service& service, const Request& request,
                                          const std::string& name, const std::string& password,
                                          double& wait);
// The session of somebody who has just proven who it is. A whole Set-Cookie value.
[[nodiscard]] std::string begin_session(Service& service, const access::Account& account);
void sign_out(Service& service, const Request& request);
[[nodiscard]] std::string no_cookie(const Service& service);  // takes the browser's away

// 401, or 429 with Retry-After when the door is closed.
[[nodiscard]] Response refused(const Error& error, double wait, const Request& request);

}  // namespace alih::api
