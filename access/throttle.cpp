#include "access/throttle.h"

#include <algorithm>
#include <cmath>

namespace alih::access {
namespace {

// So many wrong ones are free: for one account from one address; for an account from anywhere, so
// that many addresses cannot guess at one account, and a stranger cannot lock a person out with a
// few tries; for an address, whatever the account.
constexpr int kFreeOfPair = 5;
constexpr int kFreeOfAccount = 50;
constexpr int kFreeOfAddress = 30;
constexpr double kFirstWait = 30;    // seconds, doubled with each further one
constexpr double kLongest = 900;     // 15 minutes
constexpr double kForgotten = 3600;  // after an hour without a wrong one
constexpr std::size_t kMostKept = 10000;

std::string pair_key(const std::string& account, const std::string& address) {
  return "p" + std::to_string(account.size()) + ":" + account + address;
}

}  // namespace

double Throttle::attempt(const std::string& account, const std::string& address, double now) {
  const std::lock_guard lock(mutex_);
  double until = 0;
  for (const auto& key : {pair_key(account, address), "a" + account, "n" + address}) {
    const auto found = counts_.find(key);
    if (found != counts_.end()) until = std::max(until, found->second.closed_until);
  }
  if (until > now) return until - now;
  tidy(now);
  add(pair_key(account, address), kFreeOfPair, now);
  add("a" + account, kFreeOfAccount, now);
  add("n" + address, kFreeOfAddress, now);
  return 0;
}

void Throttle::add(const std::string& key, int free, double now) {
  auto& count = counts_[key];
  if (now - count.last > kForgotten) count = {};
  count.last = now;
  if (++count.wrong < free) return;
  const int beyond = std::min(count.wrong - free, 10);
  count.closed_until = now + std::min(kLongest, kFirstWait * std::exp2(beyond));
}

void Throttle::succeeded(const std::string& account, const std::string& address) {
  const std::lock_guard lock(mutex_);
  counts_.erase(pair_key(account, address));
  counts_.erase("a" + account);
  // Others may be guessing from the same address: only this attempt is taken back.
  const auto found = counts_.find("n" + address);
  if (found == counts_.end()) return;
  if (--found->second.wrong < kFreeOfAddress) found->second.closed_until = 0;
  if (found->second.wrong <= 0) counts_.erase(found);
}

std::size_t Throttle::size() const {
  const std::lock_guard lock(mutex_);
  return counts_.size();
}

// Names that nobody has could fill the memory.
void Throttle::tidy(double now) {
  if (counts_.size() < kMostKept) return;
  std::erase_if(counts_, [&](const auto& c) { return now - c.second.last > kForgotten; });
  while (counts_.size() >= kMostKept) {
    const auto oldest = std::min_element(
        counts_.begin(), counts_.end(),
        [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
    counts_.erase(oldest);
  }
}

}  // namespace alih::access
