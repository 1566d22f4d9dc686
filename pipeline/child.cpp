#include "pipeline/child.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"

extern char** environ;  // NOLINT: POSIX

namespace alih::pipeline {
namespace {

constexpr std::uint32_t kLongest = 256U << 20U;
constexpr int kChildFd = 3;

std::array<char, 4> length_bytes(std::uint32_t length) {
  return {static_cast<char>(length >> 24U), static_cast<char>((length >> 16U) & 0xFFU),
          static_cast<char>((length >> 8U) & 0xFFU), static_cast<char>(length & 0xFFU)};
}
std::uint32_t length_from(const std::array<char, 4>& b) {
  std::uint32_t length = 0;
  for (const char c : b) length = length << 8U | static_cast<unsigned char>(c);
  return length;
}

enum class Io { done, closed, late };

// Moves all bytes or says why not. until < 0: no deadline.
template <typename Call>
Io move_all(int fd, short event, char* data, std::size_t size, double until, Call call) {
  while (size > 0) {
    int wait = -1;
    if (until >= 0) {
      const double left = until - monotonic_seconds();
      if (left <= 0) return Io::late;
      wait = static_cast<int>(left * 1000) + 1;
    }
    pollfd p{fd, event, 0};
    const int ready = ::poll(&p, 1, wait);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ready == 0 ? Io::late : Io::closed;
    const auto moved = call(fd, data, size);
    if (moved < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (moved <= 0) return Io::closed;
    data += moved;
    size -= static_cast<std::size_t>(moved);
  }
  return Io::done;
}

Io write_all(int fd, const char* data, std::size_t size, double until) {
  return move_all(fd, POLLOUT, const_cast<char*>(data), size, until,  // NOLINT: only read
                  [](int f, const char* d, std::size_t n) {
                    return ::send(f, d, n, MSG_NOSIGNAL | MSG_DONTWAIT);
                  });
}
Io read_all(int fd, char* data, std::size_t size, double until) {
  return move_all(fd, POLLIN, data, size, until,
                  [](int f, char* d, std::size_t n) { return ::recv(f, d, n, MSG_DONTWAIT); });
}

}  // namespace

Result<Child> Child::start(const std::string& program, const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(ErrorCode::unavailable, "Tidak dapat memulai proses pengolah: {}",
                "Cannot start a worker: {}", {std::strerror(errno)});
  }
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  // Threads inside a page only spin; pages run side by side. It must be set before the library
  // starts.
  std::vector<std::string> variables{"OMP_THREAD_LIMIT=1"};
  for (char** v = environ; *v != nullptr; ++v) {
    if (std::string_view(*v).starts_with("OMP_THREAD_LIMIT=")) continue;
    variables.emplace_back(*v);
  }
  std::vector<char*> envp;
  for (auto& v : variables) envp.push_back(v.data());
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // The copy has no close-on-exec flag. When the end is 3 already the flag must go another way.
  if (ends[1] == kChildFd) {
    ::fcntl(kChildFd, F_SETFD, 0);
  } else {
    posix_spawn_file_actions_adddup2(&actions, ends[1], kChildFd);
  }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  const int failed =
      ::posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    return fail(ErrorCode::unavailable, "Tidak dapat memulai proses pengolah {}: {}",
                "Cannot start the worker {}: {}", {program, std::strerror(failed)});
  }
  return Child(pid, ends[0]);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), fd_(std::exchange(other.fd_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Child::~Child() { end(); }

void Child::end() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

tl::unexpected<Error> Child::gone() {
  int status = 0;
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  // The socket is closed, so the end is near; wait for it a little, then make it so.
  for (int i = 0; i < 200; ++i) {
    const auto done = ::waitpid(pid_, &status, WNOHANG);
    if (done == pid_) {
      pid_ = -1;
      if (WIFSIGNALED(status)) {
        return fail(ErrorCode::device_lost, "proses pengolah mati karena sinyal {}",
                    "the worker was killed by signal {}", {WTERMSIG(status)});
      }
      return fail(ErrorCode::device_lost, "proses pengolah berakhir dengan kode {}",
                  "the worker ended with code {}", {WEXITSTATUS(status)});
    }
    ::usleep(10000);
  }
  end();
  return fail(ErrorCode::device_lost, "proses pengolah tidak menjawab",
              "the worker does not answer");
}

Status Child::send(std::string_view message, double timeout_s) {
  const double until = monotonic_seconds() + timeout_s;
  const auto length = length_bytes(static_cast<std::uint32_t>(message.size()));
  auto io = write_all(fd_, length.data(), length.size(), until);
  if (io == Io::done) io = write_all(fd_, message.data(), message.size(), until);
  if (io == Io::done) return {};
  if (io == Io::closed) return gone();
  return fail(ErrorCode::timeout, "proses pengolah tidak menerima tugas",
              "the worker does not take its task");
}

Result<std::string> Child::receive(double timeout_s) {
  const double until = monotonic_seconds() + timeout_s;
  std::array<char, 4> length{};
  auto io = read_all(fd_, length.data(), length.size(), until);
  std::string message;
  if (io == Io::done) {
    const auto size = length_from(length);
    if (size > kLongest) {
      return fail(ErrorCode::internal, "jawaban proses pengolah terlalu panjang",
                  "the worker's answer is too long");
    }
    message.resize(size);
    io = read_all(fd_, message.data(), message.size(), until);
  }
  if (io == Io::done) return message;
  if (io == Io::closed) return gone();
  return fail(ErrorCode::timeout, "tidak selesai dalam {} detik", "not done within {} seconds",
              {static_cast<int>(timeout_s)});
}

std::uint64_t Child::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(file >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool read_message(int fd, std::string& message) {
  std::array<char, 4> length{};
  if (read_all(fd, length.data(), length.size(), -1) != Io::done) return false;
  const auto size = length_from(length);
  if (size > kLongest) return false;
  message.resize(size);
  return read_all(fd, message.data(), message.size(), -1) == Io::done;
}

bool write_message(int fd, std::string_view message) {
  if (message.size() > kLongest) return false;
  const auto length = length_bytes(static_cast<std::uint32_t>(message.size()));
  return write_all(fd, length.data(), length.size(), -1) == Io::done &&
         write_all(fd, message.data(), message.size(), -1) == Io::done;
}

std::string own_program() {
  std::array<char, 4096> path{};
  const auto size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace alih::pipeline
