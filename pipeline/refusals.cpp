#include "pipeline/refusals.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/clock.h"
#include "core/version.h"

namespace alih::pipeline {
namespace {

constexpr std::size_t kMostAddresses = 5;
constexpr double kLongestPause = 24 * 3600.0;

}  // namespace

Refusals::Refusals(Holdings& holdings, double pause_s)
    : holdings_(holdings),
      pause_s_(pause_s),
      writer_([this](const std::stop_token& stop) { write(stop); }) {}

Refusals::~Refusals() { finish(); }

void Refusals::finish() {
  if (!writer_.joinable()) return;
  writer_.request_stop();
  writer_.join();
}

void Refusals::add(const std::string& account, const std::string& from) {
  if (!holdings_.people().find(account)) return;
  const auto now = utc_now();
  const std::lock_guard lock(mutex_);
  auto& some = waiting_[account];
  if (some.count++ == 0) some.first = now;
  some.last = now;
  if (some.from.size() <= kMostAddresses) some.from.insert(from);
  changed_.notify_one();
}

void Refusals::write(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool ends = stop.stop_requested();
    const double now = monotonic_seconds();
    double next = now + pause_s_;
    std::string due;
    for (const auto& [account, some] : waiting_) {
      const auto pace = paces_.find(account);
      if (ends || pace == paces_.end() || pace->second.not_before <= now) {
        due = account;
        break;
      }
      next = std::min(next, pace->second.not_before);
    }
    if (due.empty()) {
      if (ends) return;
      if (waiting_.empty()) {
        changed_.wait(lock, stop, [&] { return !waiting_.empty(); });
      } else {
        // Others may come that need not wait.
        const auto known = waiting_.size();
        changed_.wait_for(lock, stop, std::chrono::duration<double>(next - now),
                          [&] { return waiting_.size() > known; });
      }
      continue;
    }
    auto some = std::exchange(waiting_[due], {});
    waiting_.erase(due);
    auto& pace = paces_[due];
    const bool goes_on = pace.pause_s > 0 && now < pace.not_before + pace.pause_s;
    pace.pause_s = goes_on ? std::min(2 * pace.pause_s, kLongestPause) : pause_s_;
    pace.not_before = now + pace.pause_s;
    lock.unlock();
    const bool saved = save(due, some);
    lock.lock();
    if (saved || ends) continue;
    // Tried again with what came meanwhile.
    auto& later = waiting_[due];
    later.count += some.count;
    later.first = some.first;
    if (later.last.empty()) later.last = some.last;
    later.from.merge(some.from);
  }
}

bool Refusals::save(const std::string& account, const Some& some) {
  std::string from;
  std::size_t told = 0;
  for (const auto& address : some.from) {
    if (told++ == kMostAddresses) {
      from += " and others";
      break;
    }
    from += (from.empty() ? "" : ", ") + address;
  }
  const auto detail = some.count == 1 ? "at " + some.first + " from " + from
                                      : std::to_string(some.count) + " from " + some.first +
                                            " to " + some.last + ", from " + from;
  constexpr int kTries = 5;  // somebody may be changing the account
  for (int i = 0; i < kTries; ++i) {
    const auto known = holdings_.people().find(account);
    if (!known) return true;  // removed by now
    const auto saved = holdings_.save_account(*known, "sign-in refusal", program_agent(), detail);
    if (saved) return true;
    if (saved.error().code != ErrorCode::wrong_state) {
      // An account that is wrong in itself is not worth trying for ever.
      return saved.error().code == ErrorCode::bad_field;
    }
  }
  return false;
}

}  // namespace alih::pipeline
