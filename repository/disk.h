#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include <sys/types.h>

namespace alih::repository {

// The system calls through which files of the repository change, so that a test can make any one
// of them fail or take the power away at it. Each is its call: -1 and errno. Any thread.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual int create(const std::filesystem::path& path);  // for writing; must not be there
  virtual ssize_t write(int fd, std::span<const std::byte> bytes);
  virtual int sync(int fd);
  virtual int close(int fd);
  virtual int rename(const std::filesystem::path& from, const std::filesystem::path& to);
  virtual int unlink(const std::filesystem::path& path);
  virtual int make_folder(const std::filesystem::path& path);
  virtual int remove_folder(const std::filesystem::path& path);  // an empty one
  virtual int sync_folder(const std::filesystem::path& path);
};

[[nodiscard]] Disk& disk();
// Puts another in its place, null puts the real one back. It must outlive every use; not while
// another thread writes.
void use_disk(Disk* other);

// A file, or a folder with everything in it; false and errno when something stays.
bool remove_tree(const std::filesystem::path& path);

}  // namespace alih::repository
