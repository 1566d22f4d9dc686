#include "pipeline/tool.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "pipeline/cage.h"
#include "pipeline/last_words.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

constexpr std::size_t kMostOut = std::size_t{16} << 20U;
constexpr std::size_t kMostErr = std::size_t{64} << 10U;

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(0);
    close(1);
  }
  bool open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
  void close(std::size_t end) {
    if (ends.at(end) >= 0) ::close(std::exchange(ends.at(end), -1));
  }
};

constexpr int kInput = 3;

// In the child: system calls only, since other threads of the parent may have held any lock.
[[noreturn]] void become(char* const* argv, char* const* envp, int folder, int input, int out,
                         int err, Cage& cage) {
  ::setpgid(0, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY);  // NOLINT: POSIX
  // Before the cage, since the folders above may be closed to the tool's user.
  if (nothing < 0 || ::fchdir(folder) != 0 || ::dup2(nothing, 0) < 0 || ::dup2(out, 1) < 0 ||
      ::dup2(err, 2) < 0) {
    ::_exit(126);
  }
  cage.enter();
  if (input >= 0) {
    if (input == kInput) {
      ::fcntl(kInput, F_SETFD, 0);  // NOLINT: POSIX
    } else if (::dup2(input, kInput) < 0) {
      ::_exit(126);
    }
  }
  constexpr unsigned kFirstOther = kInput + 1;
  ::close_range(input >= 0 ? kFirstOther : kInput, ~0U, 0);
  ::execvpe(argv[0], argv, envp);
  ::_exit(127);
}

}  // namespace

Result<ToolOutput> run_tool(const std::vector<std::string>& command,
                            const std::filesystem::path& folder, const ToolLimits& limits,
                            int input) {
  const auto& name = command.front();
  auto words = command;
  std::vector<char*> argv;
  for (auto& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  const std::string home = "HOME=" + folder.string();
  std::vector<std::string> variables{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", home,
                                     "TMPDIR=" + folder.string()};
  std::vector<char*> envp;
  for (auto& v : variables) envp.push_back(v.data());
  envp.push_back(nullptr);
  const Descriptor where(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // NOLINT
  if (!where.open()) {
    return fail(repository::system_error(errno, "membuka " + folder.string(),
                                         "opening " + folder.string()));
  }

  const double left = limits.deadline - monotonic_seconds();
  const auto timeout = [&] {
    return fail(ErrorCode::timeout, "{} tidak selesai pada waktunya", "{} was not done in time",
                {name});
  };
  if (left <= 0) return timeout();
  auto cage = Cage::for_tool(where.get(), input,
                             {limits.memory_mib, limits.file_mib, static_cast<int>(left) + 2});
  Pipe out;
  Pipe err;
  pid_t pid = -1;
  if (out.open() && err.open()) pid = ::fork();
  if (pid == 0) {
    become(argv.data(), envp.data(), where.get(), input, out.ends[1], err.ends[1], cage);
  }
  if (pid < 0) {
    return fail(ErrorCode::unavailable, "Tidak dapat memulai {}: {}", "Cannot start {}: {}",
                {name, std::strerror(errno)});  // NOLINT: glibc's is safe
  }
  out.close(1);
  err.close(1);

  ToolOutput result;
  bool late = false;
  bool too_much = false;
  struct Stream {
    Pipe& pipe;
    std::string& text;
    std::size_t most;
  };
  std::array<Stream, 2> streams{Stream{out, result.out, kMostOut},
                                Stream{err, result.err, kMostErr}};
  std::array<char, 1 << 16> buffer;
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    const double wait = limits.deadline - monotonic_seconds();
    if (wait <= 0) {
      late = true;
      break;
    }
    std::array<pollfd, 2> polls{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
    if (::poll(polls.data(), polls.size(), static_cast<int>(wait * 1000) + 1) < 0 &&
        errno != EINTR) {
      break;
    }
    for (std::size_t i = 0; i < polls.size(); ++i) {
      if (polls.at(i).revents == 0) continue;
      auto& s = streams.at(i);
      const auto got = ::read(s.pipe.ends[0], buffer.data(), buffer.size());
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got <= 0) {
        s.pipe.close(0);
        continue;
      }
      const auto room = s.most - std::min(s.most, s.text.size());
      s.text.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
      // Complaints may be cut; an answer may not.
      if (i == 0 && static_cast<std::size_t>(got) > room) too_much = true;
    }
    if (too_much) break;
  }
  // The pipes are closed, but it may live on.
  int status = 0;
  bool ended = false;
  while (!late && !too_much && !ended) {
    const auto done = ::waitpid(pid, &status, WNOHANG);
    ended = done == pid || (done < 0 && errno != EINTR);
    if (!ended && monotonic_seconds() >= limits.deadline) late = true;
    if (!ended && !late) ::usleep(2000);
  }
  if (!ended) {
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL);  // if it had no group of its own yet
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
  }
  if (late) return timeout();
  if (too_much) {
    return fail(ErrorCode::too_large, "{} menjawab terlalu panjang", "{} answers too much", {name});
  }
  if (WIFSIGNALED(status)) {
    return fail(Error{ErrorCode::device_lost, how_it_ended({name, name}, status, result.err)});
  }
  result.exit_code = WEXITSTATUS(status);
  constexpr int kNotFound = 127;
  if (result.exit_code == kNotFound) {
    return fail(ErrorCode::unavailable,
                "Program {} tidak terpasang; pasang paket Debian poppler-utils",
                "The program {} is not installed; install Debian's package poppler-utils", {name});
  }
  return result;
}

}  // namespace alih::pipeline
