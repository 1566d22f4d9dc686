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
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "pipeline/last_words.h"

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

// Waits for `event`; `also` (-1 = none) is something else to look at, with `look`.
template <typename Look>
Io wait_for(int fd, short event, int also, double until, Look look) {
  for (;;) {
    int wait = -1;
    if (until >= 0) {
      const double left = until - monotonic_seconds();
      if (left <= 0) return Io::late;
      wait = static_cast<int>(left * 1000) + 1;
    }
    std::array<pollfd, 2> p{pollfd{fd, event, 0}, pollfd{also, POLLIN, 0}};
    const int ready = ::poll(p.data(), p.size(), wait);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ready == 0 ? Io::late : Io::closed;
    if (p[1].revents != 0) {
      look();
      if ((p[1].revents & POLLIN) == 0) also = -1;  // closed; the socket will tell
    }
    if (p[0].revents != 0) return Io::done;
  }
}

// Moves all bytes or says why not. until < 0: no deadline.
template <typename Call, typename Look>
Io move_all(int fd, short event, char* data, std::size_t size, double until, int also, Call call,
            Look look) {
  while (size > 0) {
    if (const auto io = wait_for(fd, event, also, until, look); io != Io::done) return io;
    const auto moved = call(fd, data, size);
    if (moved < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (moved <= 0) return Io::closed;
    data += moved;
    size -= static_cast<std::size_t>(moved);
  }
  return Io::done;
}

auto send_bytes(int fd, const char* data, std::size_t size) {
  return ::send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}
auto receive_bytes(int fd, char* data, std::size_t size) {
  return ::recv(fd, data, size, MSG_DONTWAIT);
}

using Control = std::array<char, CMSG_SPACE(kMostFiles * sizeof(int))>;

// With the first byte the files go along.
ssize_t send_with_files(int fd, const char* data, std::size_t size, std::span<const int> files) {
  if (files.empty()) return send_bytes(fd, data, size);
  iovec bytes{const_cast<char*>(data), size};  // NOLINT: only read
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(files.size_bytes());
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(files.size_bytes());
  std::memcpy(CMSG_DATA(part), files.data(), files.size_bytes());
  return ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// More files than there is room for are closed by the kernel, and the message is refused.
ssize_t receive_with_files(int fd, char* data, std::size_t size, std::vector<Descriptor>& files) {
  iovec bytes{data, size};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto got = ::recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return got;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = 0; at + sizeof(int) <= part->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
      int file = -1;
      std::memcpy(&file, CMSG_DATA(part) + at, sizeof file);
      files.emplace_back(file);
    }
  }
  return (message.msg_flags & MSG_CTRUNC) == 0 && files.size() <= kMostFiles ? got : 0;
}

// Out of the way of 0 to 3, which the child's own are put on.
Descriptor out_of_the_way(Descriptor fd) {
  constexpr int kAbove = 10;
  return Descriptor(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kAbove));
}

Message worker_name() { return message("proses pengolah", "the worker"); }

}  // namespace

Result<Child> Child::start(const std::string& program, const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{-1, -1};
  std::array<int, 2> pipe{-1, -1};
  const bool paired = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0;
  // The child loses what it prints rather than wait for us to read it.
  const bool piped = paired && ::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) == 0;
  const int why = errno;
  Descriptor socket(ends[0]);
  Descriptor complaints(pipe[0]);
  const auto its_socket = out_of_the_way(Descriptor(ends[1]));
  const auto its_complaints = out_of_the_way(Descriptor(pipe[1]));
  if (!piped || !its_socket.open() || !its_complaints.open()) {
    return fail(ErrorCode::unavailable, "Tidak dapat memulai proses pengolah: {}",
                "Cannot start a worker: {}", {std::strerror(piped ? EMFILE : why)});
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
  // Copies have no close-on-exec flag. Libraries print on standard output too, which is ours.
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, its_complaints.get(), 2);
  posix_spawn_file_actions_adddup2(&actions, its_socket.get(), kChildFd);
  posix_spawn_file_actions_addclosefrom_np(&actions, kChildFd + 1);
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
  if (failed != 0) {
    return fail(ErrorCode::unavailable, "Tidak dapat memulai proses pengolah {}: {}",
                "Cannot start the worker {}: {}", {program, std::strerror(failed)});
  }
  return Child(pid, std::move(socket), std::move(complaints));
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      socket_(std::move(other.socket_)),
      complaints_(std::move(other.complaints_)),
      said_(std::move(other.said_)) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
    socket_ = std::move(other.socket_);
    complaints_ = std::move(other.complaints_);
    said_ = std::move(other.said_);
  }
  return *this;
}

Child::~Child() { end(); }

void Child::end() {
  socket_ = Descriptor();
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

// What is there now, never more than a pipe holds at once: a child that prints without end does not
// keep us from the deadline.
void Child::listen() {
  constexpr std::size_t kKept = 2048;
  std::array<char, 1 << 16> buffer;
  const auto got = ::read(complaints_.get(), buffer.data(), buffer.size());
  if (got <= 0) return;
  said_.append(buffer.data(), static_cast<std::size_t>(got));
  if (said_.size() > kKept) said_.erase(0, said_.size() - kKept);
}

tl::unexpected<Error> Child::gone() {
  int status = 0;
  socket_ = Descriptor();
  // The socket is closed, so the end is near; wait for it a little, then make it so.
  for (int i = 0; i < 200; ++i) {
    const auto done = ::waitpid(pid_, &status, WNOHANG);
    if (done == pid_) {
      pid_ = -1;
      listen();
      return fail(Error{ErrorCode::device_lost, how_it_ended(worker_name(), status, said_)});
    }
    ::usleep(10000);
  }
  end();
  return fail(ErrorCode::device_lost, "proses pengolah tidak menjawab",
              "the worker does not answer");
}

template <typename Call>
Status Child::exchange(short event, char* data, std::size_t size, double until, const Message& late,
                       Call call) {
  switch (move_all(socket_.get(), event, data, size, until, complaints_.get(), call,
                   [this] { listen(); })) {
    case Io::done:
      return {};
    case Io::closed:
      return gone();
    case Io::late:
      break;
  }
  return fail(Error{ErrorCode::timeout, late});
}

Status Child::send(std::string_view message, double timeout_s, std::span<const int> files) {
  const double until = monotonic_seconds() + timeout_s;
  const auto late =
      alih::message("proses pengolah tidak menerima tugas", "the worker does not take its task");
  listen();
  said_.clear();  // those words were about another task
  if (files.size() > kMostFiles) {
    return fail(ErrorCode::internal, "terlalu banyak berkas untuk satu tugas",
                "too many files for one task");
  }
  auto length = length_bytes(static_cast<std::uint32_t>(message.size()));
  ALIH_CHECK(exchange(POLLOUT, length.data(), length.size(), until, late,
                      [&](int fd, const char* data, std::size_t size) {
                        const auto sent = send_with_files(fd, data, size, files);
                        if (sent > 0) files = {};
                        return sent;
                      }));
  return exchange(POLLOUT, const_cast<char*>(message.data()), message.size(),  // NOLINT: only read
                  until, late, send_bytes);
}

Result<std::string> Child::receive(double timeout_s) {
  const double until = monotonic_seconds() + timeout_s;
  const auto late = alih::message("tidak selesai dalam {} detik", "not done within {} seconds",
                                  {static_cast<int>(timeout_s)});
  std::array<char, 4> length{};
  ALIH_CHECK(exchange(POLLIN, length.data(), length.size(), until, late, receive_bytes));
  const auto size = length_from(length);
  if (size > kLongest) {
    return fail(ErrorCode::internal, "jawaban proses pengolah terlalu panjang",
                "the worker's answer is too long");
  }
  std::string message(size, '\0');
  ALIH_CHECK(exchange(POLLIN, message.data(), message.size(), until, late, receive_bytes));
  return message;
}

std::uint64_t Child::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(file >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool read_message(int fd, std::string& message, std::vector<Descriptor>& files) {
  const auto nothing = [] {};
  files.clear();
  std::array<char, 4> length{};
  const auto with_files = [&](int f, char* data, std::size_t n) {
    return receive_with_files(f, data, n, files);
  };
  if (move_all(fd, POLLIN, length.data(), length.size(), -1, -1, with_files, nothing) != Io::done) {
    return false;
  }
  const auto size = length_from(length);
  if (size > kLongest) return false;
  message.resize(size);
  return move_all(fd, POLLIN, message.data(), size, -1, -1, receive_bytes, nothing) == Io::done;
}

bool write_message(int fd, std::string_view message) {
  if (message.size() > kLongest) return false;
  const auto nothing = [] {};
  auto length = length_bytes(static_cast<std::uint32_t>(message.size()));
  return move_all(fd, POLLOUT, length.data(), length.size(), -1, -1, send_bytes, nothing) ==
             Io::done &&
         move_all(fd, POLLOUT, const_cast<char*>(message.data()),  // NOLINT: only read
                  message.size(), -1, -1, send_bytes, nothing) == Io::done;
}

std::string worker_program() {
  std::array<char, 4096> path{};
  const auto size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  if (size <= 0) return {};
  return std::string(path.data(), static_cast<std::size_t>(size)) + "-worker";
}

}  // namespace alih::pipeline
