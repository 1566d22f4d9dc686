#include "repository/durable_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/id.h"
#include "repository/disk.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

constexpr std::size_t kChunk = std::size_t{1} << 18U;

Result<std::size_t> read_some(int fd, std::span<std::byte> buffer, const fs::path& path) {
  for (;;) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) {
      return fail(system_error(errno, "membaca " + path.string(), "reading " + path.string()));
    }
  }
}

}  // namespace

Error system_error(int error_number, std::string_view what_id, std::string_view what_en) {
  const Message where{std::string(what_id), std::string(what_en)};
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return Error{ErrorCode::disk_full, message("diska penuh; kosongkan ruang lalu ulangi",
                                                 "the disk is full; make room and try again")}
          .within(where);
    case ENOENT:
    case ENOTDIR:
      return Error{ErrorCode::not_found, message("berkas tidak ada", "no such file")}.within(where);
    case EACCES:
    case EPERM:
    case EROFS:
      return Error{ErrorCode::unavailable,
                   message("tidak diizinkan; periksa pemilik dan izin folder",
                           "not permitted; check the owner and permissions of the folder")}
          .within(where);
    default:
      return Error{ErrorCode::unavailable, message("{}", "{}", {std::strerror(error_number)})}
          // NOLINT: glibc's is safe
          .within(where);
  }
}

DurableFile::DurableFile(fs::path path, fs::path aside, int fd)
    : path_(std::move(path)), aside_(std::move(aside)), fd_(fd) {}

DurableFile::DurableFile(DurableFile&& other) noexcept
    : path_(std::move(other.path_)),
      aside_(std::move(other.aside_)),
      fd_(std::exchange(other.fd_, -1)),
      digest_(std::move(other.digest_)) {}

DurableFile::~DurableFile() {
  if (fd_ < 0) return;
  disk().close(fd_);
  disk().unlink(aside_);
}

Result<DurableFile> DurableFile::create(const fs::path& path) {
  const fs::path aside =
      path.parent_path() / ("." + path.filename().string() + "." + new_ulid() + ".partial");
  const int fd = disk().create(aside);
  if (fd < 0) {
    return fail(system_error(errno, "menulis " + path.string(), "writing " + path.string()));
  }
  return DurableFile(path, aside, fd);
}

Status DurableFile::write(std::span<const std::byte> bytes) {
  digest_.add(bytes);
  while (!bytes.empty()) {
    const auto done = disk().write(fd_, bytes.first(std::min(bytes.size(), kChunk * 4)));
    if (done < 0) {
      if (errno == EINTR) continue;
      return fail(system_error(errno, "menulis " + path_.string(), "writing " + path_.string()));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Status DurableFile::write(std::string_view text) { return write(std::as_bytes(std::span(text))); }

Result<Fixity> DurableFile::commit() {
  const auto failed = [this] {
    const int why = errno;
    disk().unlink(aside_);
    if (fd_ >= 0) disk().close(std::exchange(fd_, -1));
    return fail(system_error(why, "menyimpan " + path_.string(), "saving " + path_.string()));
  };
  if (disk().sync(fd_) != 0) return failed();
  if (disk().close(std::exchange(fd_, -1)) != 0) return failed();
  if (disk().rename(aside_, path_) != 0) return failed();
  ALIH_CHECK(sync_folder(path_.parent_path()));
  return digest_.finish();
}

Result<Fixity> write_durably(const fs::path& path, std::span<const std::byte> bytes) {
  ALIH_TRY(auto file, DurableFile::create(path));
  ALIH_CHECK(file.write(bytes));
  return file.commit();
}

Result<Fixity> write_durably(const fs::path& path, std::string_view text) {
  return write_durably(path, std::as_bytes(std::span(text)));
}

Result<Fixity> copy_durably(const fs::path& from, const fs::path& to) {
  const Descriptor in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0) {
    return fail(system_error(errno, "membaca " + from.string(), "reading " + from.string()));
  }
  ALIH_TRY(auto out, DurableFile::create(to));
  std::vector<std::byte> buffer(kChunk);
  for (;;) {
    ALIH_TRY(const auto got, read_some(in.get(), buffer, from));
    if (got == 0) break;
    ALIH_CHECK(out.write(std::span(buffer).first(got)));
  }
  return out.commit();
}

Status move_durably(const fs::path& from, const fs::path& to) {
  const Descriptor fd(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0 || disk().sync(fd.get()) != 0 || disk().rename(from, to) != 0) {
    return fail(system_error(errno, "menyimpan " + to.string(), "saving " + to.string()));
  }
  return sync_folder(to.parent_path());
}

Status append_durably(const fs::path& from, const fs::path& to) {
  const Descriptor in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor out(::open(to.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  struct stat before {};
  const auto failed = [&](int why) {
    if (out.get() >= 0 && before.st_size > 0) (void)::ftruncate(out.get(), before.st_size);
    return fail(system_error(why, "menambah " + to.string(), "adding to " + to.string()));
  };
  if (in.get() < 0 || out.get() < 0 || ::fstat(out.get(), &before) != 0) return failed(errno);
  std::vector<std::byte> buffer(kChunk);
  for (;;) {
    ALIH_TRY(const auto got, read_some(in.get(), buffer, from));
    if (got == 0) break;
    for (std::span<const std::byte> left(buffer.data(), got); !left.empty();) {
      const auto done = disk().write(out.get(), left);
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return failed(errno);
      left = left.subspan(static_cast<std::size_t>(done));
    }
  }
  if (disk().sync(out.get()) != 0) return failed(errno);
  return {};
}

Status make_folder(const fs::path& folder) {
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return {};
  ALIH_CHECK(make_folder(folder.parent_path()));
  const bool made = disk().make_folder(folder) == 0;
  if (!made && errno != EEXIST) {
    return fail(system_error(errno, "membuat folder " + folder.string(),
                             "making folder " + folder.string()));
  }
  if (!folder.has_parent_path()) return {};
  auto synced = sync_folder(folder.parent_path());
  // Found there, the next try would take it for durable.
  if (!synced && made) disk().remove_folder(folder);
  return synced;
}

Status sync_folder(const fs::path& folder) {
  const fs::path where = folder.empty() ? fs::path(".") : folder;
  if (disk().sync_folder(where) != 0) {
    return fail(system_error(errno, "menyimpan folder " + where.string(),
                             "saving folder " + where.string()));
  }
  return {};
}

Result<std::vector<std::byte>> read_file(const fs::path& path, std::uint64_t max_bytes) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) {
    return fail(system_error(errno, "membaca " + path.string(), "reading " + path.string()));
  }
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::unreadable, "{} bukan berkas biasa", "{} is not a regular file",
                {path.string()});
  }
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) {
    return fail(ErrorCode::too_large, "{}: {} byte, lebih besar dari batas {} byte",
                "{}: {} bytes, more than the limit of {} bytes",
                {path.filename().string(), info.st_size, max_bytes});
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(info.st_size));
  std::size_t have = 0;
  while (have < bytes.size()) {
    ALIH_TRY(const auto got, read_some(fd.get(), std::span(bytes).subspan(have), path));
    if (got == 0) break;
    have += got;
  }
  bytes.resize(have);
  return bytes;
}

void remove_partials(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> partials;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const auto name = it->path().filename().string();
    if (name.starts_with('.') && name.ends_with(".partial")) partials.push_back(it->path());
  }
  for (const auto& path : partials) disk().unlink(path);
  if (!partials.empty()) (void)sync_folder(folder);
}

Result<Fixity> file_fixity(const fs::path& path, const ReadPace& pace) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) {
    return fail(system_error(errno, "membaca " + path.string(), "reading " + path.string()));
  }
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::unreadable, "{} bukan berkas biasa", "{} is not a regular file",
                {path.string()});
  }
  (void)::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  FixityDigest digest(FixityDigest::What::sha512);
  std::vector<std::byte> buffer(
      std::min<std::size_t>(kChunk * 4, static_cast<std::size_t>(info.st_size) + 1));
  for (;;) {
    ALIH_TRY(const auto got, read_some(fd.get(), buffer, path));
    if (got == 0) return digest.finish();
    digest.add(std::span(buffer).first(got));
    if (pace && !pace(got)) return fail(ErrorCode::stopped, "dihentikan", "stopped");
  }
}

}  // namespace alih::repository
