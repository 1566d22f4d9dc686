#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace alih::pipeline {

struct ToolLimits {
  double deadline = 0;  // monotonic_seconds() at which it is killed
  int memory_mib = 1024;
  int file_mib = 2048;  // largest file it may write
};

struct ToolOutput {
  int exit_code = 0;
  std::string out;  // standard output, at most 16 MiB
  std::string err;  // standard error, at most 64 KiB
};

// The name under which a tool finds its input.
inline constexpr const char* kToolInput = "/proc/self/fd/3";

// Runs a program of others on strangers' bytes in a cage (cage.h): no network, no process of its
// own, bounded memory, time, output and files, nothing open but its own pipes and `input`. It works
// and writes in `folder`; beside it and the system's folders it reads only `input`, an open regular
// file, as kToolInput (-1 = none). When it runs as kNobody, the folder is given to that user and
// the input must be readable to all. Any thread.
// Errors: unavailable (not installed), timeout, device_lost (killed by a signal), too_large
// (output).
[[nodiscard]] Result<ToolOutput> run_tool(const std::vector<std::string>& command,
                                          const std::filesystem::path& folder,
                                          const ToolLimits& limits, int input = -1);

}  // namespace alih::pipeline
