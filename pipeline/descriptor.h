#pragma once

#include <filesystem>
#include <utility>

#include "core/result.h"

namespace alih::pipeline {

// An open file, closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

enum class Links { follow, refuse };

// A regular file to read; never waits for a pipe's writer. `refuse` for names that a cage made.
// Errors: unreadable (a pipe, a device, a folder), not_found, unavailable.
[[nodiscard]] Result<Descriptor> open_to_read(const std::filesystem::path& path, Links links);
// A new file, in place of one of that name. Errors: disk_full, unavailable.
[[nodiscard]] Result<Descriptor> open_to_write(const std::filesystem::path& path);

}  // namespace alih::pipeline
