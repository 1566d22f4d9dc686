#include "pipeline/descriptor.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repository/durable_file.h"

namespace alih::pipeline {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Descriptor> open_to_read(const std::filesystem::path& path, Links links) {
  const auto system = [&] {
    return fail(
        repository::system_error(errno, "membaca " + path.string(), "reading " + path.string()));
  };
  const auto not_regular = [] {
    return fail(ErrorCode::unreadable, "bukan berkas biasa", "not a regular file");
  };
  // Looked at first, since opening a device may do something; and again, since it may have changed.
  struct stat info {};
  if (::fstatat(AT_FDCWD, path.c_str(), &info, links == Links::refuse ? AT_SYMLINK_NOFOLLOW : 0) !=
      0) {
    return system();
  }
  if (!S_ISREG(info.st_mode)) return not_regular();
  const int how = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  Descriptor file(::open(path.c_str(), links == Links::refuse ? how | O_NOFOLLOW : how));  // NOLINT
  if (!file.open() || ::fstat(file.get(), &info) != 0) return system();
  if (!S_ISREG(info.st_mode)) return not_regular();
  return file;
}

Result<Descriptor> open_to_write(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(),  // NOLINT: POSIX
                         O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.open()) {
    return fail(
        repository::system_error(errno, "menulis " + path.string(), "writing " + path.string()));
  }
  return file;
}

}  // namespace alih::pipeline
