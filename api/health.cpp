#include "api/handlers.h"
#include "api/routes.h"
#include "core/json.h"
#include "core/version.h"

namespace alih::api {

using json = nlohmann::ordered_json;

Response healthz(Service&, const Request&) {
  return json_response(json{{"status", "ok"}, {"version", std::string(kVersion)}}.dump());
}

Response readyz(Service& service, const Request& request) {
  (void)service.holdings.database().chain_head();
  if (auto room = service.holdings.files().check_room(0); !room) {
    return problem(room.error(), request);
  }
  return json_response(json{{"status", "ready"}}.dump());
}

Response openapi(Service&, const Request&) {
  json paths = json::object();
  for (const auto& route : all_routes()) {
    if (route.path.starts_with("/internal")) continue;
    std::string path;
    json parameters = json::array();
    int n = 0;
    for (std::size_t i = 0; i < route.path.size(); ++i) {
      if (route.path.substr(i, 2) != "{}") {
        path += route.path[i];
        continue;
      }
      const std::string name = n++ == 0 ? "number" : "page";
      path += "{" + name + "}";
      parameters.push_back(
          {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
      ++i;
    }
    std::string method(route.method);
    for (auto& c : method) c = static_cast<char>(c - 'A' + 'a');
    paths[path][method] = {{"summary", std::string(route.summary)},
                           {"parameters", parameters},
                           {"responses",
                            {{"200", {{"description", "OK"}}},
                             {"default", {{"description", "application/problem+json"}}}}}};
  }
  return json_response(json{
      {"openapi", "3.1.0"},
      {"info", {{"title", "alihmedia"}, {"version", std::string(kVersion)}}},
      {"paths", paths}}.dump());
}

}  // namespace alih::api
