#pragma once

#include <map>
#include <mutex>
#include <string>

namespace alih::access {

// Counts wrong passwords and makes people wait longer and longer. Any thread (mutex_). Times are
// seconds of a clock that never goes back.
class Throttle {
 public:
  // Before a password is looked at: counts it as a wrong one, so that tries side by side count,
  // too. Seconds until the next try is allowed, and then nothing is counted; 0 = go on. `account`
  // need not exist; `address`: where the request comes from.
  [[nodiscard]] double attempt(const std::string& account, const std::string& address, double now);
  // The password was right: takes the attempt back.
  void succeeded(const std::string& account, const std::string& address);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Count {
    int wrong = 0;
    double closed_until = 0;
    double last = 0;
  };
  void add(const std::string& key, int free, double now);
  void tidy(double now);

  mutable std::mutex mutex_;
  std::map<std::string, Count> counts_;  // mutex_
};

}  // namespace alih::access
