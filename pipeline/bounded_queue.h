#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace alih::pipeline {

// First in, first out, of a bounded size. Any thread (mutex_).
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t most) : most_(most) {}

  // Waits while it is full. After close() the value is dropped.
  void push(T value) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return items_.size() < most_ || closed_; });
    if (closed_) return;
    items_.push_back(std::move(value));
    filled_.notify_one();
  }
  // Waits for a value; nothing after close().
  [[nodiscard]] std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !items_.empty() || closed_; });
    if (items_.empty()) return std::nullopt;
    std::optional<T> value(std::move(items_.front()));
    items_.pop_front();
    room_.notify_one();
    return value;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    room_.notify_all();
    filled_.notify_all();
  }

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  // mutex_ guards:
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace alih::pipeline
