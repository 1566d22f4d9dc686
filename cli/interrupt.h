#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace alih::cli {

// While it lives, SIGINT and SIGTERM ask to stop instead of ending the program. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();  // signals do again what they did before
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  void request_stop() { source_.request_stop(); }
  void wait();  // until stop is asked for

 private:
  std::stop_source source_;
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
  std::jthread watcher_;
};

}  // namespace alih::cli
