#include "access/secret.h"
#include "api/handlers.h"
#include "core/fixity.h"
#include "core/json.h"

namespace alih::api {

using nlohmann::json;

Response run_verb(Service& service, const Request& request) {
  // Compared as digests, so that the time tells nothing of the token.
  if (!request.local || !access::same_secret(sha256_hex(request.header("authorization")),
                                             sha256_hex("Bearer " + service.token))) {
    return problem({ErrorCode::unauthorized, message("Token salah", "Wrong token")}, request);
  }
  std::vector<std::string> words;
  std::string cwd;
  Caller caller;
  try {
    const auto body = json::from_cbor(request.body);
    words = body.at("words").get<std::vector<std::string>>();
    cwd = body.at("cwd").get<std::string>();
    caller.os_user = body.value("user", std::string());
    if (body.contains("input")) caller.input = body.at("input").get<std::string>();
  } catch (const std::exception& e) {
    return problem(
        {ErrorCode::usage, message("Isi permintaan: {}", "Request body: {}", {e.what()})}, request);
  }
  Response r;
  r.type = "application/x-ndjson";
  r.stream = [&service, words = std::move(words), cwd = std::move(cwd),
              caller = std::move(caller)](const std::function<void(std::string_view)>& send) {
    std::mutex mutex;  // workers report from threads of their own
    const auto line = [&](const char* kind, const json& value) {
      const std::lock_guard lock(mutex);
      send(json{{kind, value}}.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
    };
    const int code = service.run_verb(
        words, cwd, caller, [&](std::string_view text) { line("out", text); },
        [&](std::string_view text) { line("err", text); });
    line("exit", code);
  };
  return r;
}

}  // namespace alih::api
