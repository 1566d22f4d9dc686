#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

#include "capture/protocol.h"
#include "core/result.h"

namespace alih::capture {

// How the worker went.
struct WorkerExit {
  bool ended_by_us = false;
  int signal = 0;  // 0 = none
  int code = 0;
};

// The driver in a SANE device name, "fujitsu" of "fujitsu:fi-7160:12345"; it becomes the name of a
// library file, so empty when it is not plain letters, digits, "_" and "-".
[[nodiscard]] std::string driver_of(const std::string& device);

// The process that talks to the scanner's driver, with its socket and its empty folder. Ends and
// reaps it, and whatever the driver forked. One thread.
class WorkerProcess {
 public:
  // For one device, whose driver alone is loaded; without one, to list all. Errors: unavailable.
  [[nodiscard]] static Result<std::unique_ptr<WorkerProcess>> spawn(
      const std::string& program, const std::optional<std::string>& device);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  [[nodiscard]] Channel& channel() { return channel_; }
  // True once it ended by itself; its socket may live on in a process that the driver forked.
  [[nodiscard]] bool has_exited() const;
  // Waits so long for its own end, then TERM, two seconds, KILL.
  WorkerExit finish(std::chrono::milliseconds grace);

 private:
  WorkerProcess(pid_t pid, int fd, std::filesystem::path folder);
  bool wait_exit(std::chrono::milliseconds time) const;

  pid_t pid_;
  Channel channel_;
  std::filesystem::path folder_;
  bool reaped_ = false;
  WorkerExit exit_;
};

}  // namespace alih::capture
