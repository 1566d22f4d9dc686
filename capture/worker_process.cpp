#include "capture/worker_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace alih::capture {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr int kWorkerFd = 3;
constexpr milliseconds kTermPatience{2000};
constexpr std::string_view kConfigVariable = "SANE_CONFIG_DIR=";

// SANE looks for its configuration in the current folder first unless told where. An empty part
// would mean "and the usual places"; a relative one would mean another folder after the worker's
// chdir.
std::string pinned_config() {
  const char* asked = std::getenv("SANE_CONFIG_DIR");
  std::string out;
  std::string_view rest = asked ? asked : "";
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string_view part = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    if (part.empty()) continue;
    std::error_code error;
    const fs::path whole = fs::absolute(fs::path(part), error);
    if (!error) out += (out.empty() ? "" : ":") + whole.string();
  }
  return out.empty() ? "/etc/sane.d" : out;
}

// A configuration folder of our own before the others that names one driver only: without it SANE
// loads and asks every driver there is. Aliases and the driver's own settings are found behind it.
Status write_config(const fs::path& folder, const std::string& driver) {
  std::error_code error;
  fs::create_directory(folder / "dll.d", error);  // hides the machine's further lists
  std::ofstream out(folder / "dll.conf");
  out << driver << '\n';
  out.close();
  if (!error && out) return {};
  return fail(ErrorCode::unavailable, "Folder sementara {} tidak dapat ditulis",
              "The temporary folder {} cannot be written", {folder.string()});
}

std::vector<std::string> worker_environment(const std::string& first_config) {
  std::vector<std::string> out;
  for (char** entry = environ; entry && *entry; ++entry)
    if (!std::string_view(*entry).starts_with(kConfigVariable)) out.emplace_back(*entry);
  out.push_back(std::string(kConfigVariable) + first_config + pinned_config());
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

Result<fs::path> make_folder() {
  std::error_code error;
  const fs::path base = fs::temp_directory_path(error);
  std::string name = ((error ? fs::path("/tmp") : base) / "alihmedia-scan-XXXXXX").string();
  if (!::mkdtemp(name.data()))
    return fail(ErrorCode::unavailable, "Folder sementara {} tidak dapat dibuat: {}",
                "The temporary folder {} cannot be made: {}", {name, std::strerror(errno)});
  return fs::path(name);
}

int spawn_in(const std::string& program, const fs::path& folder, int fd, bool list,
             const std::string& first_config, pid_t& pid) {
  std::vector<std::string> arguments{program, "scan-worker", "--fd", std::to_string(kWorkerFd)};
  if (list) arguments.emplace_back("--list");
  std::vector<std::string> environment = worker_environment(first_config);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (const int error = ::posix_spawn_file_actions_init(&actions)) return error;
  if (const int error = ::posix_spawnattr_init(&attributes)) {
    ::posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  sigset_t all;
  sigset_t none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  // Drivers print to standard output: that would end up in the middle of our own answers.
  int error = ::posix_spawn_file_actions_adddup2(&actions, fd, kWorkerFd);
  if (!error) error = ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (!error) error = ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  if (!error) error = ::posix_spawn_file_actions_addclosefrom_np(&actions, kWorkerFd + 1);
  if (!error) error = ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  if (!error) error = ::posix_spawnattr_setpgroup(&attributes, 0);
  if (!error) error = ::posix_spawnattr_setsigdefault(&attributes, &all);
  if (!error) error = ::posix_spawnattr_setsigmask(&attributes, &none);
  if (!error)
    error = ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  if (!error)
    error = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, pointers(arguments).data(),
                          pointers(environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

std::string driver_of(const std::string& device) {
  std::string driver = device.substr(0, device.find(':'));
  const bool plain = std::all_of(driver.begin(), driver.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return plain ? driver : std::string();
}

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::spawn(
    const std::string& program, const std::optional<std::string>& device) {
  std::error_code ignored;
  const fs::path whole = fs::absolute(program, ignored);
  ALIH_TRY(const auto folder, make_folder());
  const fs::path empty = folder / "empty";
  fs::create_directory(empty, ignored);
  std::string first_config;
  // An alias has no driver in its name: SANE must read its whole configuration.
  if (device && device->find(':') != std::string::npos && !driver_of(*device).empty()) {
    const fs::path own = folder / "sane.d";
    fs::create_directory(own, ignored);
    if (auto ok = write_config(own, driver_of(*device)); !ok) {
      fs::remove_all(folder, ignored);
      return fail(std::move(ok).error());
    }
    first_config = own.string() + ":";
  }
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    const int reason = errno;
    fs::remove_all(folder, ignored);
    return fail(ErrorCode::unavailable, "Proses pemindai tidak dapat dihubungi: {}",
                "The scanner process cannot be reached: {}", {std::strerror(reason)});
  }
  pid_t pid = -1;
  const int error = spawn_in(whole.string(), empty, ends[1], !device, first_config, pid);
  ::close(ends[1]);
  if (error) {
    ::close(ends[0]);
    fs::remove_all(folder, ignored);
    return fail(ErrorCode::unavailable, "Proses pemindai {} tidak dapat dijalankan: {}",
                "The scanner process {} cannot be started: {}",
                {whole.string(), std::strerror(error)});
  }
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(pid, ends[0], folder));
}

WorkerProcess::WorkerProcess(pid_t pid, int fd, fs::path folder)
    : pid_(pid), channel_(fd), folder_(std::move(folder)) {}

WorkerProcess::~WorkerProcess() { finish(milliseconds(0)); }

bool WorkerProcess::has_exited() const {
  if (reaped_) return true;
  siginfo_t info{};
  // Left unreaped: as long as it is, its number and its group are nobody else's.
  const int done = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return done != 0 || info.si_pid == pid_;
}

bool WorkerProcess::wait_exit(milliseconds time) const {
  const auto until = std::chrono::steady_clock::now() + time;
  while (!has_exited()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

WorkerExit WorkerProcess::finish(milliseconds grace) {
  if (reaped_) return exit_;
  if (!wait_exit(grace)) {
    exit_.ended_by_us = true;
    ::kill(-pid_, SIGTERM);
    wait_exit(kTermPatience);
  }
  // Also what the driver forked and left behind.
  ::kill(-pid_, SIGKILL);
  int status = 0;
  pid_t done = 0;
  do {
    done = ::waitpid(pid_, &status, 0);
  } while (done < 0 && errno == EINTR);
  reaped_ = true;
  if (done == pid_ && WIFSIGNALED(status)) exit_.signal = WTERMSIG(status);
  if (done == pid_ && WIFEXITED(status)) exit_.code = WEXITSTATUS(status);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  return exit_;
}

}  // namespace alih::capture
