#include "access/session.h"

#include <algorithm>

#include "access/secret.h"

namespace alih::access {

std::string Sessions::begin(const std::string& account, const std::string& stamp, double now) {
  auto cookie = new_secret();
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& s) { return over(s.second, now); });
  constexpr std::size_t kMostOfOne = 20;  // the oldest goes
  while (static_cast<std::size_t>(std::count_if(
             sessions_.begin(), sessions_.end(),
             [&](const auto& s) { return s.second.account == account; })) >= kMostOfOne) {
    auto oldest = sessions_.end();
    for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
      if (it->second.account != account) continue;
      if (oldest == sessions_.end() || it->second.began < oldest->second.began) oldest = it;
    }
    sessions_.erase(oldest);
  }
  sessions_[digest_of(cookie)] = {account, new_secret(), stamp, now, now};
  return cookie;
}

std::optional<Sessions::Session> Sessions::find(const std::string& cookie, double now) {
  if (cookie.empty()) return std::nullopt;
  const auto digest = digest_of(cookie);
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(digest);
  if (found == sessions_.end()) return std::nullopt;
  if (over(found->second, now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.last = now;
  return found->second;
}

void Sessions::end(const std::string& cookie) {
  const auto digest = digest_of(cookie);
  const std::lock_guard lock(mutex_);
  sessions_.erase(digest);
}

void Sessions::end_all(const std::string& account) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& s) { return s.second.account == account; });
}

std::size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace alih::access
