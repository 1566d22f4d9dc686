#pragma once

#include <filesystem>

#include <sys/types.h>

#include "core/result.h"
#include "pipeline/holdings.h"

// What opening, rebuilding, backing up and restoring a data folder share.
namespace alih::pipeline {

// There while a restore is not finished.
inline constexpr const char* kRestoringMark = "restoring";

// The lock of the data folder as a descriptor; close() gives it back, and so does the kernel when
// the program ends. Errors: busy after wait_s seconds, unavailable.
[[nodiscard]] Result<int> take_lock(const std::filesystem::path& data, int wait_s);
// The process that has the lock, 0 = nobody. Errors: unavailable (it cannot be told).
[[nodiscard]] Result<pid_t> user_of(const std::filesystem::path& data);
struct Unlock {
  int fd;
  explicit Unlock(int descriptor) : fd(descriptor) {}
  ~Unlock();
  Unlock(const Unlock&) = delete;
  Unlock& operator=(const Unlock&) = delete;
};

// Errors: wrong_state.
[[nodiscard]] Status refuse_unfinished_restore(const std::filesystem::path& data);

// rebuild() for who has the lock already.
[[nodiscard]] Result<RebuildReport> rebuild_locked(const std::filesystem::path& data,
                                                   const Everything& settings,
                                                   const Progress& progress);

}  // namespace alih::pipeline
