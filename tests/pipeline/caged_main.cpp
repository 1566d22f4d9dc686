// Goes into a page worker's cage, tries what a decoder taken over by a hostile file would, and says
// what became of each try: the name of the error, or "done".
// Usage: caged MODELS FILE FOLDER, with the socket of a Child as descriptor 3. FILE may be read and
// written, and FOLDER written, by anybody who is not caged.
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/json.h"
#include "pipeline/cage.h"
#include "pipeline/child.h"

namespace {

std::string outcome(long result) {
  return result >= 0 ? std::string("done") : std::string(::strerrorname_np(errno));
}
std::string opening(const std::string& path, int how) {
  const int fd = ::open(path.c_str(), how, 0600);  // NOLINT: POSIX
  const auto out = outcome(fd);
  if (fd >= 0) ::close(fd);
  return out;
}
std::string forking(long (*call)()) {
  for (int i = 0; i < 100; ++i) {
    const auto pid = call();
    if (pid == 0) ::_exit(0);
    if (pid < 0) continue;
    ::waitpid(static_cast<pid_t>(pid), nullptr, 0);
    return "done";
  }
  return outcome(-1);
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) return 2;
  const std::string models = words[1];
  const std::string file = words[2];
  const std::string folder = words[3];
  auto cage = alih::pipeline::Cage::for_worker(models, {});
  cage.enter();
  const auto parent = ::getppid();
  nlohmann::json tried;
  tried["read models"] = opening(models, O_RDONLY);
  tried["read the system"] = opening("/usr/bin/true", O_RDONLY);
  tried["read itself"] = opening("/proc/self/maps", O_RDONLY);
  tried["read shadow"] = opening("/etc/shadow", O_RDONLY);
  tried["read passwd"] = opening("/etc/passwd", O_RDONLY);
  tried["read a file"] = opening(file, O_RDONLY);
  tried["write a file"] = opening(file, O_WRONLY);
  tried["make a file"] = opening(folder + "/new", O_WRONLY | O_CREAT);
  tried["make a folder"] = outcome(::mkdir((folder + "/sub").c_str(), 0700));
  tried["make a link"] = outcome(::symlink("/etc/shadow", (folder + "/link").c_str()));
  tried["remove a file"] = outcome(::unlink(file.c_str()));
  tried["read the parent"] = opening("/proc/" + std::to_string(parent) + "/environ", O_RDONLY);
  tried["socket"] = outcome(::socket(AF_INET, SOCK_STREAM, 0));
  tried["local socket"] = outcome(::socket(AF_UNIX, SOCK_STREAM, 0));
  tried["signal the parent"] = outcome(::kill(parent, 0));
  tried["signal all"] = outcome(::kill(-1, 0));
  tried["signal a thread"] = outcome(::syscall(SYS_tgkill, parent, parent, 0));
  tried["signal itself"] = outcome(::kill(::getpid(), 0));
  tried["limit the parent"] = outcome(::prlimit(parent, RLIMIT_CORE, nullptr, nullptr));
  char byte = 0;
  const iovec here{&byte, 1};
  const iovec there{&byte, 1};
  tried["memory of the parent"] = outcome(::process_vm_readv(parent, &here, 1, &there, 1, 0));
  tried["unshare"] = outcome(::unshare(CLONE_NEWUSER));
  tried["mount"] = outcome(::mount("none", "/tmp", "tmpfs", 0, nullptr));
  tried["io_uring"] = outcome(::syscall(SYS_io_uring_setup, 1, nullptr));
  tried["terminal"] = outcome(::ioctl(0, TIOCSTI, &byte));
  tried["become root"] = outcome(::setuid(0));
  std::thread([&] { tried["thread"] = "done"; }).join();
#ifndef ALIH_SANITIZED
  tried["fork"] = forking([]() -> long { return ::fork(); });
  tried["clone"] = forking([]() -> long { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); });
  tried["clone3"] = outcome(::syscall(SYS_clone3, nullptr, 0));
  tried["trace"] = outcome(::ptrace(PTRACE_ATTACH, parent, nullptr, nullptr));
  ::execl("/bin/true", "true", nullptr);
  tried["execute"] = outcome(-1);
#endif
  return alih::pipeline::write_message(3, tried.dump()) ? 0 : 1;
}
