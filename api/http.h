#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/policy.h"
#include "core/audience.h"
#include "core/message.h"
#include "core/result.h"

// What handlers see of HTTP: they never meet the server's library, so they can be tested without
// sockets and the server can be replaced.
namespace alih::api {

struct Request {
  std::string method;
  std::string path;                            // decoded
  std::vector<std::string> parts;              // what {…} of the route stood for
  std::map<std::string, std::string> query;    // decoded; the last of equal names
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
  std::string body_file;  // where the body is instead, for routes that take a file; goes afterwards
  access::Subject subject;   // who asks
  Audience audience;         // of what searches and lists tell this subject
  std::string form_key;      // of the session, "" = none: must come back with every form
  std::string cookie;        // of the session
  std::string peer;          // address that the request comes from, for the log and the throttle
  bool local = false;        // from a loopback address, by the machine's own name, not proxied
  bool on_premises = false;  // from one of the office's networks
  Language language = Language::indonesian;
  std::string id;  // of the request, for the log and error bodies

  [[nodiscard]] std::string parameter(const std::string& name,
                                      const std::string& otherwise = "") const {
    const auto found = query.find(name);
    return found == query.end() ? otherwise : found->second;
  }
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::map<std::string, std::string> headers;
  std::string body;
  std::string file;  // path of a file to send instead of the body
  // Sends lines as they come instead of a body; returns when there are no more.
  std::function<void(const std::function<void(std::string_view)>& send)> stream;
};

[[nodiscard]] Response problem(const Error& error, const Request& request);
// Somewhere else, as an answer to a form.
[[nodiscard]] Response see_other(const std::string& path);
[[nodiscard]] Response json_response(std::string body);
[[nodiscard]] Response html_response(std::string body);

}  // namespace alih::api
