#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/service.h"
#include "api/settings.h"
#include "core/result.h"

namespace alih::api {

// The HTTP server. Any thread. Stops when it goes.
class Server {
 public:
  // `log` takes one JSON object a request. Errors: busy when the address is taken, usage when it
  // cannot be read.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(
      Service& service, const Settings& settings, std::function<void(const std::string&)> log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::string address() const;  // "127.0.0.1:8080", the port that was given
  // No new connections; those open are not waited for.
  void stop();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace alih::api
