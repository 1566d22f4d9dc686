#include "cli/interrupt.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace alih::cli {
namespace {

// All that a handler may do in safety. Blocking the signals and waiting for them would not do:
// threads that libraries started before us would get them.
volatile std::sig_atomic_t interrupted = 0;
void note_it(int) { interrupted = 1; }

constexpr std::chrono::milliseconds kLookEvery{50};

}  // namespace

Interrupt::Interrupt() {
  interrupted = 0;
  struct sigaction action {};
  action.sa_handler = note_it;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &before_int_);
  ::sigaction(SIGTERM, &action, &before_term_);
  watcher_ = std::jthread([this](const std::stop_token& ended) {
    while (!ended.stop_requested() && !source_.stop_requested()) {
      if (interrupted != 0) source_.request_stop();
      std::this_thread::sleep_for(kLookEvery);
    }
  });
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &before_int_, nullptr);
  ::sigaction(SIGTERM, &before_term_, nullptr);
}

void Interrupt::wait() {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, token(), [] { return false; });
}

}  // namespace alih::cli
