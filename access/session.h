#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace alih::access {

// Who is signed in with a browser. In memory: a restart signs everybody out. Only digests of the
// cookies are kept. Any thread (mutex_). Times are seconds of a clock that never goes back.
class Sessions {
 public:
  Sessions(double longest, double idle) : longest_(longest), idle_(idle) {}
  struct Session {
    std::string account;
    std::string form_key;  // must come back with every form
    std::string stamp;     // digest of what the password was then: another one ends the session
    double began = 0;
    double last = 0;
  };
  // The cookie's value.
  [[nodiscard]] std::string begin(const std::string& account, const std::string& stamp, double now);
  // And counts as a use. None when it ended or never was.
  [[nodiscard]] std::optional<Session> find(const std::string& cookie, double now);
  void end(const std::string& cookie);
  void end_all(const std::string& account);
  [[nodiscard]] std::size_t size() const;

 private:
  [[nodiscard]] bool over(const Session& s, double now) const {
    return now - s.began > longest_ || now - s.last > idle_;
  }
  const double longest_;
  const double idle_;
  mutable std::mutex mutex_;
  std::map<std::string, Session> sessions_;  // mutex_; by digest
};

}  // namespace alih::access
