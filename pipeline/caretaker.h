#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "core/message.h"
#include "pipeline/holdings.h"

namespace alih::pipeline {

// What the service does besides: watches the room on the disk, reads every file again within
// settings.fixity_days (at idle priority, never faster than it must and the budget says, going on
// where it stopped), sweeps what cut-off intakes left, and keeps a signed head of the chain of
// events each day. One thread of its own, ended by the destructor.
class Caretaker {
 public:
  // on_notice: a sentence for the person and the log. Called from its thread.
  Caretaker(Holdings& holdings, std::function<void(const Message&)> on_notice);
  ~Caretaker();
  Caretaker(const Caretaker&) = delete;
  Caretaker& operator=(const Caretaker&) = delete;

 private:
  void watch(const std::stop_token& stop);
  void patrol(const std::stop_token& stop);
  void check_item(const ItemId& item, Holdings::PatrolState& state, const std::stop_token& stop);
  [[nodiscard]] bool sleep(const std::stop_token& stop, double seconds);

  Holdings& holdings_;
  const std::function<void(const Message&)> on_notice_;
  std::mutex mutex_;
  std::condition_variable_any never_;
  std::jthread watcher_;
  std::jthread patroller_;
};

}  // namespace alih::pipeline
