#include <csignal>
#include <cstdio>
#include <filesystem>

#include <unistd.h>

#include "cli/verb.h"

int main(int argc, char** argv) {
  using namespace alih::cli;
  std::signal(SIGPIPE, SIG_IGN);
  std::mutex mutex;
  const auto line_to = [&mutex](std::FILE* file) {
    return [&mutex, file](std::string_view line) {
      const std::lock_guard lock(mutex);
      std::fwrite(line.data(), 1, line.size(), file);
      std::fputc('\n', file);
      std::fflush(file);
    };
  };
  Output output{line_to(stdout), line_to(stderr), ::isatty(STDERR_FILENO) != 0};
  std::error_code error;
  return run({argv + 1, argv + argc}, std::filesystem::current_path(error), output, {});
}
