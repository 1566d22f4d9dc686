#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"
#include "pipeline/backup.h"
#include "pipeline/backup_folder.h"
#include "pipeline/backup_questions.h"
#include "pipeline/data_folder.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Error local_error(int number, const fs::path& path) {
  return repository::system_error(number, "memulihkan " + path.string(),
                                  "restoring " + path.string());
}

// The file's own digest; none when it cannot be read.
std::optional<Sha512> digest_of(const fs::path& path, std::vector<char>& buffer) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return std::nullopt;
  const Unlock closer(fd);
  FixityDigest digest;
  if (!read_pieces(fd, buffer, [&](std::span<const std::byte> bytes) {
        digest.add(bytes);
        return true;
      })) {
    return std::nullopt;
  }
  return sha512_from_hex(digest.finish().sha512);
}

std::optional<std::uint64_t> size_of(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(info.st_size);
}

Status set_facts(const fs::path& path, const StoredFile& file) {
  const struct timespec times[2] = {// NOLINT: utimensat's
                                    {0, UTIME_OMIT},
                                    {file.mtime_ns / 1'000'000'000, file.mtime_ns % 1'000'000'000}};
  // A file system without modes or times is no reason to stop.
  (void)::chmod(path.c_str(), file.mode);
  (void)::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
  return {};
}

class Restore {
 public:
  Restore(fs::path data, const BackupFolder& folder, const Progress& progress)
      : data_(std::move(data)), folder_(folder), progress_(progress) {}

  Status clear_strangers(const Snapshot& snapshot) const;
  Status copy(const std::string& rel, const StoredFile& file);
  Status settle_index(const Everything& settings);

  RestoreReport report;

 private:
  void problem(std::string kind, std::string where, std::string detail) {
    report.problems.push_back({std::move(kind), std::move(where), std::move(detail)});
  }
  fs::path data_;
  const BackupFolder& folder_;
  const Progress& progress_;
  std::vector<char> buffer_;
  std::uint64_t seen_ = 0;
  bool index_whole_ = true;
};

// After an interruption: what this snapshot does not have. The folder was empty when it began, so
// all of it is the restore's.
Status Restore::clear_strangers(const Snapshot& snapshot) const {
  std::vector<fs::path> strangers;
  std::error_code error;
  for (fs::recursive_directory_iterator it(data_, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored) && !it->is_symlink(ignored)) continue;
    const auto rel = it->path().lexically_relative(data_).string();
    if (rel == "lock" || rel == kRestoringMark || snapshot.files.contains(rel)) continue;
    strangers.push_back(it->path());
  }
  for (const auto& path : strangers) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail(local_error(errno, path));
  }
  return {};
}

Status Restore::copy(const std::string& rel, const StoredFile& file) {
  progress_(++seen_, report.files);
  const auto path = data_ / rel;
  const bool of_index = rel.starts_with("index/");
  const auto lost = [&](const char* kind, std::string detail) {
    if (of_index) index_whole_ = false;
    problem(kind, rel, std::move(detail));
    return Status{};
  };
  if (size_of(path) == file.bytes && digest_of(path, buffer_) == file.digest) {
    return set_facts(path, file);
  }
  const auto object = folder_.object(file.digest);
  const int in = ::open(object.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) {
    const bool gone = errno == ENOENT;
    return lost(gone ? "missing_object" : "unreadable_object",
                object.string() + ": " + std::strerror(errno));  // NOLINT: glibc's is safe
  }
  const Unlock close_in(in);
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return fail(local_error(error.value(), path.parent_path()));
  const auto aside = path.parent_path() / ("." + path.filename().string() + ".restore.partial");
  int out = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0) return fail(local_error(errno, path));
  int bad = 0;
  FixityDigest digest;
  const bool read = read_pieces(in, buffer_, [&](std::span<const std::byte> bytes) {
    digest.add(bytes);
    while (!bytes.empty()) {
      const auto done = ::write(out, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) {
        bad = errno;
        return false;
      }
      bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
    return true;
  });
  const int read_error = errno;
  if (::close(out) != 0 && bad == 0) bad = errno;
  if (bad != 0) {
    ::unlink(aside.c_str());
    return fail(local_error(bad, path));
  }
  if (!read || sha512_from_hex(digest.finish().sha512) != file.digest) {
    ::unlink(aside.c_str());
    return lost(read ? "damaged_object" : "unreadable_object",
                object.string() +
                    (read ? ": the bytes are not those that were backed up"
                          : std::string(": ") + std::strerror(read_error)));  // NOLINT: as above
  }
  ALIH_CHECK(set_facts(aside, file));
  if (::rename(aside.c_str(), path.c_str()) != 0) return fail(local_error(errno, path));
  return {};
}

// The database of the snapshot, or a new one from the files.
Status Restore::settle_index(const Everything& settings) {
  const auto index = data_ / "index";
  if (index_whole_) {
    const auto adopted = indexer::Database::adopt(index, settings.indexer);
    if (adopted) return {};
    // A rebuild mends other word rules as well as damage.
    if (adopted.error().code != ErrorCode::index_missing) {
      problem("damaged_index", "index", adopted.error().message.en);
    }
  }
  std::error_code error;
  fs::remove_all(index, error);
  const auto rebuilt = rebuild_locked(data_, settings, [](std::uint64_t, std::uint64_t) {});
  if (rebuilt) {
    report.rebuilt = true;
  } else {
    problem("no_index", "index", rebuilt.error().message.en);
  }
  return {};
}

Status sync_everything(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail(local_error(errno, folder));
  const int bad = ::syncfs(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (bad != 0) return fail(local_error(bad, folder));
  return {};
}

// The snapshot that an interrupted restore was about.
std::string marked_snapshot(const fs::path& data) {
  constexpr std::uint64_t kMost = 1U << 20U;
  const auto bytes = repository::read_file(data / kRestoringMark, kMost);
  if (!bytes) return {};
  const auto* text = reinterpret_cast<const char*>(bytes->data());
  const auto j = json::parse(text, text + bytes->size(), nullptr, false);
  if (!j.is_object() || !j.contains("snapshot") || !j["snapshot"].is_string()) return {};
  return j["snapshot"].get<std::string>();
}

}  // namespace

Result<RestoreReport> restore(const fs::path& data, const Everything& settings,
                              const fs::path& from, const std::string& wanted,
                              const Progress& progress) {
  std::error_code error;
  const bool resumed = fs::exists(data / kRestoringMark, error);
  if (!resumed) {
    for (fs::directory_iterator it(data, error), end; !error && it != end; it.increment(error)) {
      // A whole disk for the data has this one.
      const auto name = it->path().filename().string();
      if (name == "lost+found") continue;
      // A restore that was ended before its mark was there.
      if (name.starts_with("." + std::string(kRestoringMark) + ".")) continue;
      return fail(ErrorCode::wrong_state,
                  "Folder data {} tidak kosong; pulihkan ke folder baru dengan --data",
                  "The data folder {} is not empty; restore into a new one with --data",
                  {data.string()});
    }
  }
  ALIH_TRY(const auto folder, BackupFolder::open(from, BackupFolder::Mode::read));
  const auto known = folder.snapshots();
  auto id = wanted;
  if (id.empty() && resumed) {
    id = marked_snapshot(data);
    if (std::find(known.begin(), known.end(), id) == known.end()) id.clear();
  }
  if (id.empty() && known.empty()) {
    return fail(ErrorCode::not_found, "Belum ada cadangan yang selesai di {}",
                "There is no finished backup in {}", {from.string()});
  }
  if (id.empty()) id = known.back();
  ALIH_TRY(const auto snapshot, folder.read(id));

  ALIH_CHECK(repository::make_folder(data));
  if (!resumed) repository::remove_partials(data);
  ALIH_TRY(
      [[maybe_unused]] const auto marked,
      repository::write_durably(data / kRestoringMark,
                                json{{"snapshot", id}, {"from", from.string()}}.dump() + "\n"));
  ALIH_TRY(const int lock, take_lock(data, settings.pipeline.lock_wait_s));
  const Unlock unlock(lock);

  Restore work(data, folder, progress);
  work.report.items = snapshot.items;
  work.report.files = snapshot.files.size();
  work.report.bytes = snapshot.bytes;
  work.report.snapshot = id;
  if (resumed) ALIH_CHECK(work.clear_strangers(snapshot));
  for (const char* part : {"staging", "cache"}) ALIH_CHECK(repository::make_folder(data / part));
  for (const auto& [rel, file] : snapshot.files) {
    ALIH_CHECK(work.copy(rel, file));
    if (file.damaged) {
      work.report.problems.push_back(
          {"damaged_before", rel,
           "it was damaged or missing when it was backed up; this is the "
           "best copy that there is"});
    }
  }
  ALIH_CHECK(work.settle_index(settings));
  ALIH_CHECK(sync_everything(data));
  const auto mark = data / kRestoringMark;
  if (::unlink(mark.c_str()) != 0) return fail(local_error(errno, mark));
  ALIH_CHECK(repository::sync_folder(data));
  return std::move(work.report);
}

Result<DrillReport> drill(const fs::path& from, const fs::path& scratch, const Everything& settings,
                          const Progress& progress) {
  std::uint64_t bytes = 0;
  std::vector<Question> questions;
  DrillReport out;
  Snapshot snapshot;
  {
    ALIH_TRY(const auto folder, BackupFolder::open(from, BackupFolder::Mode::read));
    const auto known = folder.snapshots();
    if (known.empty()) {
      return fail(ErrorCode::not_found, "Belum ada cadangan yang selesai di {}",
                  "There is no finished backup in {}", {from.string()});
    }
    ALIH_TRY(snapshot, folder.read(known.back()));
    bytes = snapshot.bytes;
  }
  constexpr std::uint64_t kSpare = std::uint64_t{64} << 20U;
  if (const auto room = free_bytes_at(scratch); room < bytes + kSpare) {
    return fail(ErrorCode::disk_full,
                "Latihan pemulihan perlu {} MiB di {}, tersisa {} MiB; pilih tempat lain dengan "
                "--scratch",
                "The drill needs {} MiB in {}, {} MiB are left; choose another place with "
                "--scratch",
                {(bytes + kSpare) >> 20U, scratch.string(), room >> 20U});
  }
  ALIH_CHECK(repository::make_folder(scratch));
  struct Remove {
    fs::path path;
    ~Remove() {
      std::error_code error;
      fs::remove_all(path, error);
    }
  } const place{scratch / ("alihmedia-drill-" + new_ulid())};
  ALIH_TRY(auto restored, restore(place.path, settings, from, snapshot.id, progress));
  out.problems = std::move(restored.problems);
  out.files = restored.files;
  out.bytes = restored.bytes;
  out.snapshot = snapshot.id;
  const auto problem = [&](std::string kind, std::string where, std::string detail) {
    out.problems.push_back({std::move(kind), std::move(where), std::move(detail)});
  };
  if (restored.rebuilt) {
    problem("index_rebuilt", "index", "the database could not be opened and was made anew");
  }
  std::vector<char> buffer;
  for (const auto& [rel, file] : snapshot.files) {
    if (restored.rebuilt && rel.starts_with("index/")) continue;
    const bool told = std::any_of(out.problems.begin(), out.problems.end(),
                                  [&](const Problem& p) { return p.where == rel; });
    if (!told && digest_of(place.path / rel, buffer) != file.digest) {
      problem("differs", rel, "the restored file is not the one that was backed up");
    }
  }
  auto own = settings;
  own.repository.keep_free_mib = 0;
  own.repository.keep_free_percent = 0;
  own.repository.ballast_mib = 0;
  const auto holdings = Holdings::open(place.path, own, Holdings::Mode::write);
  if (!holdings) {
    problem("does_not_open", "data", holdings.error().message.en);
    return out;
  }
  const auto verified = (*holdings)->verify({}, progress);
  out.problems.insert(out.problems.end(), verified.problems.begin(), verified.problems.end());
  for (const auto& question : snapshot.questions) {
    ++out.questions;
    const auto answer = ask((*holdings)->database(), question.query);
    if (!answer || !(*answer == question)) {
      problem("other_answer", question.query,
              answer ? "total " + std::to_string(answer->total) + ", it was " +
                           std::to_string(question.total)
                     : answer.error().message.en);
    }
  }
  return out;
}

}  // namespace alih::pipeline
