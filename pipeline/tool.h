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

// Runs a program of others on strangers' bytes in a cage: no new privileges, bounded memory, time,
// output and files, nothing open but its own pipes, a process group that is killed as a whole. It
// works in `folder`. Any thread.
// Errors: unavailable (not installed), timeout, device_lost (killed by a signal), too_large
// (output).
[[nodiscard]] Result<ToolOutput> run_tool(const std::vector<std::string>& command,
                                          const std::filesystem::path& folder,
                                          const ToolLimits& limits);

}  // namespace alih::pipeline
