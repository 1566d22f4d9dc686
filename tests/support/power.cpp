#include "tests/support/power.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <sys/stat.h>
#include <unistd.h>

#include "indexer/file_system.h"
#include "repository/disk.h"

namespace alih::testing_support {
namespace {

namespace fs = std::filesystem;

struct File {
  int fd = -1;  // our own
  off_t synced = 0;
  bool database = false;
};

struct Entry {
  enum Kind { made, removed, renamed, folder_made, folder_removed } kind;
  fs::path folder;  // whose sync makes it durable
  fs::path path;
  fs::path from;   // renamed
  fs::path saved;  // what was removed or replaced
};

off_t size_of(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? info.st_size : 0;
}
ino_t inode_of(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? info.st_ino : 0;
}

void replace_prefix(fs::path& path, const fs::path& from, const fs::path& to) {
  const auto& text = path.native();
  const auto& old = from.native();
  if (text == old) {
    path = to;
  } else if (text.starts_with(old + "/")) {
    path = to.native() + text.substr(old.size());
  }
}

}  // namespace

struct FailingDisk::Model {
  fs::path side;
  DiskPlan plan;
  std::mt19937_64 random;
  std::mutex mutex;
  // mutex guards all below, and every real call, so that none is half done when the power goes
  std::uint64_t calls = 0;
  bool failed = false;
  std::uint64_t saved = 0;
  std::map<ino_t, File> files;
  std::vector<Entry> entries;  // not durable yet, in order
  struct Later {               // a sync that has not had its effect yet
    ino_t file = 0;
    fs::path folder;
  };
  std::vector<Later> later;

  // Counts one call; the errno with which it must fail, or 0.
  int next() {
    ++calls;
    if (calls == plan.power_off_at) off();
    if (calls != plan.fail_at) return 0;
    failed = true;
    return plan.error;
  }

  void opened(const fs::path& path, bool is_new, bool database) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    auto& file = files[inode_of(fd)];
    if (file.fd >= 0) ::close(file.fd);
    file = {fd, is_new ? 0 : size_of(fd), database};
    if (is_new) entries.push_back({Entry::made, path.parent_path(), path, {}, {}});
  }
  void synced(ino_t inode) {
    const auto file = files.find(inode);
    if (file != files.end()) file->second.synced = size_of(file->second.fd);
  }
  void closed(ino_t inode) {
    const auto file = files.find(inode);
    if (file == files.end() || file->second.synced < size_of(file->second.fd)) return;
    ::close(file->second.fd);
    files.erase(file);
  }
  // Before a name is removed or taken over by another file.
  fs::path save(const fs::path& path) {
    auto name = side / std::to_string(++saved);
    return ::link(path.c_str(), name.c_str()) == 0 ? name : fs::path();
  }
  void rename_paths(const fs::path& from, const fs::path& to) {
    for (auto& e : entries) {
      for (auto* path : {&e.folder, &e.path, &e.from}) replace_prefix(*path, from, to);
    }
    for (auto& each : later) replace_prefix(each.folder, from, to);
  }
  int rename(const fs::path& from, const fs::path& to) {
    const auto before = save(to);
    if (::rename(from.c_str(), to.c_str()) != 0) return -1;
    std::error_code error;
    if (fs::is_directory(to, error)) rename_paths(from, to);
    entries.push_back({Entry::renamed, to.parent_path(), to, from, before});
    return 0;
  }
  int unlink(const fs::path& path) {
    const auto before = save(path);
    if (::unlink(path.c_str()) != 0) return -1;
    entries.push_back({Entry::removed, path.parent_path(), path, {}, before});
    return 0;
  }
  int make_folder(const fs::path& path) {
    if (::mkdir(path.c_str(), 0755) != 0) return -1;
    entries.push_back({Entry::folder_made, path.parent_path(), path, {}, {}});
    return 0;
  }
  int remove_folder(const fs::path& path) {
    if (::rmdir(path.c_str()) != 0) return -1;
    entries.push_back({Entry::folder_removed, path.parent_path(), path, {}, {}});
    return 0;
  }
  void folder_synced(const fs::path& folder) {
    std::vector<Entry> durable;
    const auto rest = std::stable_partition(entries.begin(), entries.end(),
                                            [&](const Entry& e) { return e.folder != folder; });
    durable.assign(rest, entries.end());
    entries.erase(rest, entries.end());
    for (const auto& e : durable) {
      if (!e.saved.empty()) ::unlink(e.saved.c_str());
      // What came here from another folder has left it; what was inside a removed folder is gone.
      std::erase_if(entries, [&](const Entry& other) {
        return (e.kind == Entry::renamed &&
                (other.path == e.from ||
                 (other.path == e.path && other.kind == Entry::folder_made))) ||
               (e.kind == Entry::folder_removed && other.folder == e.path);
      });
    }
  }

  // How many of n stay: often all or none.
  std::uint64_t some_of(std::uint64_t n) {
    switch (random() % 3) {
      case 0:
        return 0;
      case 1:
        return n;
      default:
        return random() % (n + 1);
    }
  }
  void lose_bytes(const File& file) {
    const auto size = size_of(file.fd);
    if (size <= file.synced) return;
    const auto kept = static_cast<off_t>(some_of(static_cast<std::uint64_t>(size - file.synced)));
    if (::ftruncate(file.fd, file.synced + kept) != 0) return;
    // RocksDB refuses a log whose end is garbage (nothing is lost, rebuild brings it back; see
    // damage_test.cpp). File systems that write data before sizes do not make any.
    if (file.database || kept == 0 || random() % 3 != 0) return;
    constexpr off_t kSector = 512;
    std::string sector(static_cast<std::size_t>(std::min(kept, kSector)), '\0');
    if (random() % 2 == 0) {
      for (auto& c : sector) c = static_cast<char>(random());
    }
    const auto at = file.synced + kept - static_cast<off_t>(sector.size());
    if (::pwrite(file.fd, sector.data(), sector.size(), at) < 0) return;
  }
  void undo(const Entry& e) {
    std::error_code error;
    switch (e.kind) {
      case Entry::made:
        ::unlink(e.path.c_str());
        break;
      case Entry::removed:
        if (!e.saved.empty()) (void)::link(e.saved.c_str(), e.path.c_str());
        break;
      case Entry::renamed:
        if (::rename(e.path.c_str(), e.from.c_str()) == 0 && fs::is_directory(e.from, error)) {
          rename_paths(e.path, e.from);
        }
        if (!e.saved.empty()) (void)::link(e.saved.c_str(), e.path.c_str());
        break;
      case Entry::folder_made:
        fs::remove_all(e.path, error);
        break;
      case Entry::folder_removed:
        ::mkdir(e.path.c_str(), 0755);
        break;
    }
  }
  // The caller has the mutex, and keeps it.
  [[noreturn]] void off() {
    for (const auto& [inode, file] : files) lose_bytes(file);
    std::map<fs::path, std::uint64_t> in_folder;
    for (const auto& e : entries) ++in_folder[e.folder];
    for (auto& [folder, count] : in_folder) count = some_of(count);  // now: how many stay
    std::vector<bool> stays;
    for (const auto& e : entries) {
      auto& left = in_folder[e.folder];
      stays.push_back(left > 0);
      if (left > 0) --left;
    }
    for (std::size_t i = entries.size(); i > 0; --i) {
      const auto entry = entries[i - 1];  // undoing one renames the others
      if (!stays[i - 1]) undo(entry);
    }
    ::_exit(kPowerOff);
  }
};

namespace {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

template <typename Model>
class ModelDisk : public repository::Disk {
 public:
  explicit ModelDisk(std::shared_ptr<Model> model) : model_(std::move(model)) {}

  int create(const fs::path& path) override {
    const std::lock_guard lock(model_->mutex);
    for (const auto& each : model_->later) effect(each);
    model_->later.clear();
    if (fails()) return -1;
    const int fd = Disk::create(path);
    if (fd >= 0) model_->opened(path, true, false);
    return fd;
  }
  ssize_t write(int fd, std::span<const std::byte> bytes) override {
    const std::lock_guard lock(model_->mutex);
    const int error = model_->next();
    if (error == 0) return Disk::write(fd, bytes);
    (void)Disk::write(fd, bytes.first(bytes.size() / 2));
    errno = error;
    return -1;
  }
  int sync(int fd) override {
    const std::lock_guard lock(model_->mutex);
    if (fails()) return -1;
    if (model_->plan.mutant == Mutant::lying_sync) return 0;
    begin_effect({inode_of(fd), {}});
    return 0;
  }
  int close(int fd) override {
    const std::lock_guard lock(model_->mutex);
    const int error = model_->next();
    model_->closed(inode_of(fd));
    const int done = Disk::close(fd);
    if (error == 0) return done;
    errno = error;
    return -1;
  }
  int rename(const fs::path& from, const fs::path& to) override {
    const std::lock_guard lock(model_->mutex);
    return fails() ? -1 : model_->rename(from, to);
  }
  int unlink(const fs::path& path) override {
    const std::lock_guard lock(model_->mutex);
    return fails() ? -1 : model_->unlink(path);
  }
  int make_folder(const fs::path& path) override {
    const std::lock_guard lock(model_->mutex);
    return fails() ? -1 : model_->make_folder(path);
  }
  int remove_folder(const fs::path& path) override {
    const std::lock_guard lock(model_->mutex);
    return fails() ? -1 : model_->remove_folder(path);
  }
  int sync_folder(const fs::path& path) override {
    const std::lock_guard lock(model_->mutex);
    if (fails()) return -1;
    begin_effect({0, path});
    return 0;
  }

 private:
  bool fails() {
    const int error = model_->next();
    errno = error;
    return error != 0;
  }
  void effect(const typename Model::Later& sync) {
    if (sync.folder.empty()) {
      model_->synced(sync.file);
    } else {
      model_->folder_synced(sync.folder);
    }
  }
  void begin_effect(typename Model::Later sync) {
    if (model_->plan.mutant == Mutant::database_first) {
      model_->later.push_back(std::move(sync));
    } else {
      effect(sync);
    }
  }
  std::shared_ptr<Model> model_;
};

IOStatus status_of(int error) {
  if (error == 0) return IOStatus::OK();
  return error == ENOSPC ? IOStatus::NoSpace("made up by the test")
                         : IOStatus::IOError("made up by the test");
}

template <typename Model>
class ModelFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  ModelFile(std::unique_ptr<FSWritableFile> file, std::shared_ptr<Model> model, ino_t inode,
            bool is_log)
      : FSWritableFileOwnerWrapper(std::move(file)),
        model_(std::move(model)),
        inode_(inode),
        is_log_(is_log) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(model_->mutex);
    const int error = model_->next();
    if (error == 0) return target()->Append(data, options, debug);
    (void)target()->Append(Slice(data.data(), data.size() / 2), options, debug);
    return status_of(error);
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*sums*/, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    const std::lock_guard lock(model_->mutex);
    if (const int error = model_->next(); error != 0) return status_of(error);
    if (!is_log_ || model_->plan.mutant != Mutant::unsynced_log) model_->synced(inode_);
    return IOStatus::OK();
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();  // promises nothing
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(model_->mutex);
    const int error = model_->next();
    const auto done = target()->Close(options, debug);
    model_->closed(inode_);
    return error == 0 ? done : status_of(error);
  }

 private:
  std::shared_ptr<Model> model_;
  ino_t inode_;
  bool is_log_;
};

template <typename Model>
class ModelFolder : public FSDirectory {
 public:
  ModelFolder(fs::path path, std::shared_ptr<Model> model)
      : path_(std::move(path)), model_(std::move(model)) {}
  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    const std::lock_guard lock(model_->mutex);
    if (const int error = model_->next(); error != 0) return status_of(error);
    model_->folder_synced(path_);
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return IOStatus::OK();
  }

 private:
  fs::path path_;
  std::shared_ptr<Model> model_;
};

// RocksDB's paths may have "//" or a "/" at the end.
fs::path tidy(const std::string& path) {
  auto out = fs::path(path).lexically_normal();
  return out.has_filename() ? out : out.parent_path();
}

template <typename Model>
class ModelFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit ModelFileSystem(std::shared_ptr<Model> model)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), model_(std::move(model)) {}
  [[nodiscard]] const char* Name() const override { return "FailingDisk"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* out, IODebugContext* debug) override {
    return open(name, out, true,
                [&](auto* file) { return target()->NewWritableFile(name, options, file, debug); });
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* out,
                              IODebugContext* debug) override {
    std::error_code error;
    return open(name, out, !fs::exists(name, error), [&](auto* file) {
      return target()->ReopenWritableFile(name, options, file, debug);
    });
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("logs are not used again");
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& /*options*/,
                        std::unique_ptr<FSDirectory>* out, IODebugContext* /*debug*/) override {
    *out = std::make_unique<ModelFolder<Model>>(tidy(name), model_);
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& /*options*/,
                      IODebugContext* /*debug*/) override {
    return call([&] { return model_->unlink(tidy(name)); });
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& /*options*/,
                      IODebugContext* /*debug*/) override {
    return call([&] { return model_->rename(tidy(from), tidy(to)); });
  }
  IOStatus CreateDir(const std::string& name, const IOOptions& /*options*/,
                     IODebugContext* /*debug*/) override {
    return call([&] { return model_->make_folder(tidy(name)); });
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions& /*options*/,
                              IODebugContext* /*debug*/) override {
    std::error_code error;
    if (fs::is_directory(name, error)) return IOStatus::OK();
    return call([&] { return model_->make_folder(tidy(name)); });
  }
  IOStatus DeleteDir(const std::string& name, const IOOptions& /*options*/,
                     IODebugContext* /*debug*/) override {
    return call([&] { return model_->remove_folder(tidy(name)); });
  }

 private:
  template <typename Call>
  IOStatus call(Call perform) {
    const std::lock_guard lock(model_->mutex);
    if (const int error = model_->next(); error != 0) return status_of(error);
    if (perform() == 0) return IOStatus::OK();
    return errno == ENOENT ? IOStatus::PathNotFound("no such file") : IOStatus::IOError("call");
  }
  template <typename Open>
  IOStatus open(const std::string& name, std::unique_ptr<FSWritableFile>* out, bool is_new,
                Open perform) {
    const std::lock_guard lock(model_->mutex);
    if (const int error = model_->next(); error != 0) return status_of(error);
    const auto path = tidy(name);
    std::error_code error;
    // A file of that name is begun anew: the old one may come back.
    if (is_new && fs::exists(path, error)) model_->unlink(path);
    std::unique_ptr<FSWritableFile> file;
    if (const auto status = perform(&file); !status.ok()) return status;
    model_->opened(path, is_new, true);
    struct stat info {};
    (void)::stat(path.c_str(), &info);
    *out = std::make_unique<ModelFile<Model>>(std::move(file), model_, info.st_ino,
                                              path.extension() == ".log");
    return IOStatus::OK();
  }
  std::shared_ptr<Model> model_;
};

}  // namespace

FailingDisk::FailingDisk(const fs::path& side, const DiskPlan& plan)
    : model_(std::make_shared<Model>()) {
  model_->side = side;
  model_->plan = plan;
  model_->random.seed(plan.seed);
  // Both live as long as the process.
  repository::use_disk(new ModelDisk<Model>(model_));
  indexer::use_file_system(std::make_shared<ModelFileSystem<Model>>(model_));
}

std::uint64_t FailingDisk::calls() const {
  const std::lock_guard lock(model_->mutex);
  return model_->calls;
}
bool FailingDisk::has_failed() const {
  const std::lock_guard lock(model_->mutex);
  return model_->failed;
}
void FailingDisk::power_off() {
  model_->mutex.lock();
  model_->off();
}

}  // namespace alih::testing_support
