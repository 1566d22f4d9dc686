#include "repository/disk.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace alih::repository {
namespace {

Disk& real_disk() {
  static Disk real;
  return real;
}

std::atomic<Disk*> other_disk{nullptr};

}  // namespace

int Disk::create(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
}
ssize_t Disk::write(int fd, std::span<const std::byte> bytes) {
  return ::write(fd, bytes.data(), bytes.size());
}
int Disk::sync(int fd) { return ::fsync(fd); }
int Disk::close(int fd) { return ::close(fd); }
int Disk::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  return ::rename(from.c_str(), to.c_str());
}
int Disk::unlink(const std::filesystem::path& path) { return ::unlink(path.c_str()); }
int Disk::make_folder(const std::filesystem::path& path) { return ::mkdir(path.c_str(), 0755); }
int Disk::remove_folder(const std::filesystem::path& path) { return ::rmdir(path.c_str()); }
int Disk::sync_folder(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -1;
  const int done = ::fsync(fd);
  const int why = errno;
  ::close(fd);
  errno = why;
  return done;
}

Disk& disk() {
  auto* other = other_disk.load(std::memory_order_acquire);
  return other != nullptr ? *other : real_disk();
}

void use_disk(Disk* other) { other_disk.store(other, std::memory_order_release); }

bool remove_tree(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const auto status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) return true;
  if (status.type() != fs::file_type::directory) return disk().unlink(path) == 0;
  std::vector<fs::path> inside;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    inside.push_back(it->path());
  }
  bool all = true;
  for (const auto& each : inside) all = remove_tree(each) && all;
  return all && disk().remove_folder(path) == 0;
}

}  // namespace alih::repository
