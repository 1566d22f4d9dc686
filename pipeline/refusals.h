#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "pipeline/holdings.h"

namespace alih::pipeline {

// Refused sign-ins become events of their accounts: the first one at once, what follows it within
// `pause_s` seconds as one event with their number. While they go on each pause is twice the one
// before, up to a day: the account's file, which holds its events, stays small whoever tries.
// Written by a thread of its own: whoever tries must not be able to measure whether there is such
// an account. Any thread (mutex_). The destructor writes what is left.
class Refusals {
 public:
  static constexpr double kPause = 60;
  explicit Refusals(Holdings& holdings, double pause_s = kPause);
  ~Refusals();
  Refusals(const Refusals&) = delete;
  Refusals& operator=(const Refusals&) = delete;

  // `from`: the address. Nothing is kept of names that nobody has: people type passwords there.
  void add(const std::string& account, const std::string& from);
  // Writes what is left, and nothing after it.
  void finish();

 private:
  struct Some {
    int count = 0;
    std::string first;  // UTC
    std::string last;
    std::set<std::string> from;  // some of them
  };
  void write(const std::stop_token& stop);
  [[nodiscard]] bool save(const std::string& account, const Some& some);

  Holdings& holdings_;
  const double pause_s_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  // mutex_ guards:
  std::map<std::string, Some> waiting_;  // by account
  struct Pace {
    double pause_s = 0;
    double not_before = 0;  // monotonic seconds
  };
  std::map<std::string, Pace> paces_;  // by account
  std::jthread writer_;                // last: it uses the others
};

}  // namespace alih::pipeline
