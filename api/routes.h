#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "api/http.h"
#include "api/service.h"

namespace alih::api {

// One row an endpoint. `{}` in the path stands for one segment.
struct Route {
  std::string_view method;
  std::string_view path;
  Response (*handle)(Service& service, const Request& request);
  std::string_view summary;
  // What the subject must be allowed to do with the holdings as a whole; none: the handler asks for
  // each item, or everybody may.
  std::optional<access::Action> needs = std::nullopt;
  bool takes_file = false;  // the body goes to a file: Request::body_file
};
[[nodiscard]] const std::vector<Route>& all_routes();

// The row of such a request, or nullptr.
[[nodiscard]] const Route* find_route(std::string_view method, std::string_view path);

// Finds the route and calls it; 404 and 405 as problem+json (a page for browsers). Any thread.
[[nodiscard]] Response answer(Service& service, Request& request);

}  // namespace alih::api
