#include "pipeline/backup_folder.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <unordered_set>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/version.h"
#include "pipeline/backup_readme.h"
#include "pipeline/data_folder.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr const char* kMark = "alihmedia-backup.json";
constexpr std::size_t kBuffer = std::size_t{1} << 20U;
constexpr std::size_t kMostWaiting = 64;
constexpr std::uint64_t kMostWaitingBytes = std::uint64_t{32} << 20U;

Error target_error(int number, const fs::path& path) {
  return repository::system_error(number, "menulis cadangan " + path.string(),
                                  "writing the backup " + path.string());
}

// Some file systems of removable disks cannot sync a folder and say so.
Status sync_names(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail(target_error(errno, folder));
  const int bad = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (bad != 0 && bad != EINVAL && bad != ENOTSUP) return fail(target_error(bad, folder));
  return {};
}

Status make(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return fail(target_error(errno, folder));
  }
  return {};
}

Status write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0) {
      if (errno == EINTR) continue;
      return fail(target_error(errno, path));
    }
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

std::string snapshot_id(const std::string& now) {
  std::string out;
  for (const char c : now) {
    if (c != '-' && c != ':') out += c;
  }
  return out;
}

// The time, or what sorts after the newest when the clock was set back.
std::string next_id(const std::vector<std::string>& known, const std::string& now) {
  auto id = snapshot_id(now);
  if (known.empty() || id > known.back()) return id;
  const auto& last = known.back();
  const auto dash = last.find('-');
  int number = 0;
  if (dash != std::string::npos) {
    std::from_chars(last.data() + dash + 1, last.data() + last.size(), number);
  }
  return fmt::format("{}-{:04}", last.substr(0, dash), number + 1);
}

bool is_snapshot_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == 'T' || c == 'Z' || c == '.' || c == '-';
  }) && id.find("..") == std::string_view::npos;
}

// Paths come from a file that anybody may have edited: none may leave the data folder.
bool is_inside(const std::string& path) {
  const fs::path p(path);
  if (path.empty() || path.size() > 4096 || p.is_absolute()) return false;
  return std::none_of(p.begin(), p.end(), [](const fs::path& part) {
    return part.empty() || part == "." || part == "..";
  });
}

std::string row(const std::string& path, const StoredFile& f) {
  json j{{"path", path},
         {"bytes", f.bytes},
         {"sha512", hex(f.digest)},
         {"mtime_ns", f.mtime_ns},
         {"mode", fmt::format("{:04o}", f.mode)}};
  if (f.damaged) j["damaged"] = true;
  return j.dump();
}

StoredFile file_of(const json& j) {
  StoredFile f;
  const auto digest = sha512_from_hex(j.at("sha512").get<std::string>());
  if (!digest) throw std::runtime_error("sha512");
  f.digest = *digest;
  f.bytes = j.at("bytes").get<std::uint64_t>();
  f.mtime_ns = j.at("mtime_ns").get<std::int64_t>();
  f.mode = static_cast<unsigned>(std::stoul(j.at("mode").get<std::string>(), nullptr, 8)) & 0777U;
  f.damaged = j.value("damaged", false);
  return f;
}

}  // namespace

std::string hex(const Sha512& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(digest.size() * 2);
  for (const auto byte : digest) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::optional<Sha512> sha512_from_hex(std::string_view text) {
  Sha512 out{};
  if (text.size() != out.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char* at = text.data() + 2 * i;
    if (std::from_chars(at, at + 2, out[i], 16).ptr != at + 2) return std::nullopt;
  }
  return out;
}

std::uint64_t free_bytes_at(const fs::path& path) {
  auto place = fs::absolute(path);
  struct statvfs info {};
  while (::statvfs(place.c_str(), &info) != 0) {
    if (!place.has_relative_path()) return 0;
    place = place.parent_path();
  }
  return info.f_bavail * info.f_frsize;
}

bool read_pieces(int fd, std::vector<char>& buffer,
                 const std::function<bool(std::span<const std::byte>)>& call) {
  buffer.resize(kBuffer);
  (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  off_t at = 0;
  for (;;) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;
    if (!call(std::as_bytes(std::span(buffer).first(static_cast<std::size_t>(got))))) return true;
    (void)::posix_fadvise(fd, at, got, POSIX_FADV_DONTNEED);
    at += got;
  }
}

Incoming::Incoming(Incoming&& other) noexcept
    : path(std::exchange(other.path, {})), fd(std::exchange(other.fd, -1)), file(other.file) {}
Incoming& Incoming::operator=(Incoming&& other) noexcept {
  std::swap(path, other.path);
  std::swap(fd, other.fd);
  std::swap(file, other.file);
  return *this;
}
Incoming::~Incoming() {
  if (fd >= 0) ::close(fd);
  if (!path.empty()) ::unlink(path.c_str());
}

BackupFolder::BackupFolder(BackupFolder&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)) {}
BackupFolder::~BackupFolder() {
  waiting_.clear();
  if (lock_ >= 0) ::close(lock_);
}

Result<BackupFolder> BackupFolder::open(const fs::path& folder, Mode mode) {
  std::error_code error;
  const bool marked = fs::exists(folder / kMark, error);
  if (!marked && mode == Mode::read) {
    return fail(ErrorCode::not_found, "{} bukan folder cadangan alihmedia (tanpa {})",
                "{} is no backup folder of alihmedia (no {})", {folder.string(), kMark});
  }
  if (!marked &&
      (fs::exists(folder / "objects", error) || fs::exists(folder / "snapshots", error))) {
    return fail(ErrorCode::wrong_state,
                "{} berisi hal lain (objects atau snapshots tanpa {}); pilih folder lain",
                "{} holds something else (objects or snapshots without {}); choose another folder",
                {folder.string(), kMark});
  }
  if (mode == Mode::write) {
    if (auto made = repository::make_folder(folder); !made) {
      auto why = std::move(made).error();
      if (why.code == ErrorCode::not_found) why.code = ErrorCode::unavailable;
      return fail(std::move(why));
    }
  }
  const auto lock_path = folder / ".lock";
  const int lock = mode == Mode::write
                       ? ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)
                       : ::open(lock_path.c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0 && mode == Mode::write) return fail(target_error(errno, folder));
  BackupFolder out(folder, lock);
  // A disk that is mounted read-only has nobody who writes.
  if (lock >= 0 && ::flock(lock, (mode == Mode::write ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    return fail(ErrorCode::busy, "Folder cadangan {} sedang dipakai; tunggu sampai selesai",
                "The backup folder {} is in use; wait for it to end", {folder.string()});
  }
  if (marked) {
    const auto bytes = repository::read_file(folder / kMark, kBuffer);
    if (!bytes) return fail(Error(bytes.error()));
    const auto* text = reinterpret_cast<const char*>(bytes->data());
    const auto j = json::parse(text, text + bytes->size(), nullptr, false);
    if (!j.is_object() || j.value("format", "") != "alihmedia-backup") {
      return fail(ErrorCode::damaged, "{} rusak; perbaiki menurut README.txt di folder cadangan",
                  "{} is damaged; mend it as README.txt in the backup folder says",
                  {(folder / kMark).string()});
    }
    if (j.value("version", 0) > kVersion) {
      return fail(ErrorCode::wrong_state,
                  "{} dibuat oleh alihmedia yang lebih baru; perbarui program ini",
                  "{} was made by a newer alihmedia; update this program", {folder.string()});
    }
  }
  if (mode == Mode::read) return out;
  if (!marked) {
    ALIH_TRY([[maybe_unused]] const auto written,
             repository::write_durably(
                 folder / kMark,
                 json{{"format", "alihmedia-backup"}, {"version", kVersion}}.dump() + "\n"));
  }
  if (!fs::exists(folder / "README.txt", error)) {
    ALIH_TRY([[maybe_unused]] const auto written,
             repository::write_durably(folder / "README.txt", kBackupReadme));
  }
  // What a backup that was killed left half done.
  fs::remove_all(folder / "incoming", error);
  repository::remove_partials(folder);
  for (const char* part : {"incoming", "objects", "snapshots"}) ALIH_CHECK(make(folder / part));
  repository::remove_partials(folder / "snapshots");
  return out;
}

std::vector<std::string> BackupFolder::snapshots() const {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(folder_ / "snapshots", error), end; !error && it != end;
       it.increment(error)) {
    const auto name = it->path().filename().string();
    if (!name.ends_with(".json")) continue;
    auto id = name.substr(0, name.size() - 5);
    if (is_snapshot_id(id)) out.push_back(std::move(id));
  }
  std::sort(out.begin(), out.end());
  return out;
}

fs::path BackupFolder::object(const Sha512& digest) const {
  const auto name = hex(digest);
  return folder_ / "objects" / name.substr(0, 2) / name;
}

std::optional<std::uint64_t> BackupFolder::size_of(const Sha512& digest) const {
  struct stat info {};
  if (::stat(object(digest).c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(info.st_size);
}

Result<Snapshot> BackupFolder::read(const std::string& id) const {
  std::map<std::string, StoredFile> files;
  ALIH_TRY(auto out, read(id, [&](std::string path, const StoredFile& file) {
             files.insert_or_assign(std::move(path), file);
           }));
  out.files = std::move(files);
  return out;
}

Result<Snapshot> BackupFolder::read(
    const std::string& id, const std::function<void(std::string, const StoredFile&)>& file) const {
  const auto path = folder_ / "snapshots" / (id + ".json");
  const auto damaged = [&](std::string_view why) {
    return fail(ErrorCode::damaged,
                "Daftar cadangan {} rusak ({}); pilih yang lain dengan --snapshot",
                "The backup's manifest {} is damaged ({}); choose another with --snapshot",
                {path.string(), why});
  };
  std::error_code error;
  if (!is_snapshot_id(id) || !fs::exists(path, error)) {
    return fail(ErrorCode::not_found, "Tidak ada cadangan {} di {}",
                "There is no snapshot {} in {}", {id, folder_.string()});
  }
  const auto side = repository::read_file(fs::path(path) += ".sha512", kBuffer);
  const auto now = repository::file_fixity(path);
  if (!side || !now) return damaged("sha512");
  const std::string_view side_text(reinterpret_cast<const char*>(side->data()), side->size());
  if (side_text.substr(0, side_text.find(' ')) != now->sha512) return damaged("sha512");

  Snapshot out;
  std::string section;
  bool outside = false;
  std::ifstream in(path);
  try {
    // Each row is dropped as soon as it is read: a manifest may be larger than the memory.
    const auto each = [&](int depth, json::parse_event_t event, json& parsed) {
      if (depth == 1 && event == json::parse_event_t::key) section = parsed.get<std::string>();
      if (depth != 2 || event != json::parse_event_t::object_end || section != "files") return true;
      auto name = parsed.at("path").get<std::string>();
      if (is_inside(name)) {
        file(std::move(name), file_of(parsed));
      } else {
        outside = true;
      }
      return false;
    };
    const auto j = json::parse(in, each);
    if (j.at("format") != "alihmedia-backup-snapshot" || j.at("version").get<int>() > kVersion) {
      return damaged("version");
    }
    out.id = id;
    out.created = j.at("created").get<std::string>();
    out.origin = j.at("origin").get<std::string>();
    out.head.sequence = j.at("chain").at("sequence").get<std::uint64_t>();
    out.head.sha256 = j.at("chain").at("sha256").get<std::string>();
    out.items = j.at("counts").at("items").get<int>();
    out.bytes = j.at("counts").at("bytes").get<std::uint64_t>();
    for (const auto& q : j.at("questions")) {
      Question question{q.at("query").get<std::string>(), q.at("total").get<std::uint64_t>(), {}};
      for (const auto& hit : q.at("hits")) {
        question.hits.emplace_back(hit.at(0).get<std::string>(), hit.at(1).get<int>());
      }
      out.questions.push_back(std::move(question));
    }
  } catch (const std::exception& e) {
    return damaged(e.what());
  }
  if (outside) return damaged("path");
  return out;
}

Result<int> BackupFolder::create(const fs::path& path) const {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return fail(target_error(errno, path));
  return fd;
}

Result<BackupFolder::ReadResult> BackupFolder::take(const fs::path& from) {
  ReadResult out;
  const int in = ::open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  struct stat info {};
  if (in < 0 || ::fstat(in, &info) != 0 || !S_ISREG(info.st_mode)) {
    out.gone = in < 0 && errno == ENOENT;
    out.why = in < 0 ? std::strerror(errno) : "not a regular file";  // NOLINT: glibc's is safe
    if (in >= 0) ::close(in);
    return out;
  }
  const Unlock close_in(in);
  auto& incoming = out.incoming;
  const auto path = folder_ / "incoming" / std::to_string(next_++);
  ALIH_TRY(incoming.fd, create(path));
  incoming.path = path;
  incoming.file.mode = info.st_mode & 0777U;
  incoming.file.mtime_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  FixityDigest digest;
  Status written;
  out.readable = read_pieces(in, buffer_, [&](std::span<const std::byte> bytes) {
    digest.add(bytes);
    written = write_all(incoming.fd, {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                        folder_);
    return written.has_value();
  });
  if (!out.readable) out.why = std::strerror(errno);  // NOLINT: glibc's is safe
  ALIH_CHECK(std::move(written));
  const auto fixity = digest.finish();
  incoming.file.digest = sha512_from_hex(fixity.sha512).value_or(Sha512{});
  incoming.file.bytes = fixity.bytes;
  // The disk begins now, so that the syncs of flush() find little left.
  (void)::sync_file_range(incoming.fd, 0, 0, SYNC_FILE_RANGE_WRITE);
  return out;
}

Result<bool> BackupFolder::keep(Incoming incoming) {
  auto name = hex(incoming.file.digest);
  if (has(incoming.file) || !new_names_.insert(std::move(name)).second) return false;
  waiting_bytes_ += incoming.file.bytes;
  waiting_.push_back(std::move(incoming));
  if (waiting_.size() >= kMostWaiting || waiting_bytes_ >= kMostWaitingBytes) ALIH_CHECK(flush());
  return true;
}

// A name is given only to bytes that are on the disk.
Status BackupFolder::flush() {
  for (auto& incoming : waiting_) {
    if (::fsync(incoming.fd) != 0) return fail(target_error(errno, folder_));
    (void)::posix_fadvise(incoming.fd, 0, 0, POSIX_FADV_DONTNEED);
    if (::close(std::exchange(incoming.fd, -1)) != 0) return fail(target_error(errno, folder_));
  }
  for (auto& incoming : waiting_) {
    const auto to = object(incoming.file.digest);
    const auto parent = to.parent_path();
    std::error_code error;
    if (!fs::exists(parent, error)) {
      ALIH_CHECK(make(parent));
      unsynced_.insert(folder_ / "objects");
    }
    if (::rename(incoming.path.c_str(), to.c_str()) != 0) return fail(target_error(errno, to));
    incoming.path.clear();
    unsynced_.insert(parent);
  }
  waiting_.clear();
  waiting_bytes_ = 0;
  new_names_.clear();
  return {};
}

Result<std::string> BackupFolder::finish(Snapshot& snapshot) {
  ALIH_CHECK(flush());
  for (const auto& folder : unsynced_) ALIH_CHECK(sync_names(folder));
  unsynced_.clear();
  snapshot.created = utc_now();
  snapshot.id = next_id(snapshots(), snapshot.created);
  snapshot.bytes = 0;
  for (const auto& [path, file] : snapshot.files) snapshot.bytes += file.bytes;
  json questions = json::array();
  for (const auto& q : snapshot.questions) {
    json hits = json::array();
    for (const auto& [number, page] : q.hits) hits.push_back(json::array({number, page}));
    questions.push_back({{"query", q.query}, {"total", q.total}, {"hits", std::move(hits)}});
  }
  const json head{
      {"format", "alihmedia-backup-snapshot"},
      {"version", kVersion},
      {"id", snapshot.id},
      {"created", snapshot.created},
      {"program", std::string(alih::kVersion)},
      {"origin", snapshot.origin},
      {"chain", {{"sequence", snapshot.head.sequence}, {"sha256", snapshot.head.sha256}}},
      {"counts",
       {{"items", snapshot.items}, {"files", snapshot.files.size()}, {"bytes", snapshot.bytes}}},
      {"questions", std::move(questions)}};
  const auto aside = folder_ / "incoming" / "manifest";
  std::string digest;
  {
    Incoming manifest;
    ALIH_TRY(manifest.fd, create(aside));
    manifest.path = aside;
    FixityDigest sum;
    auto text = head.dump();
    text.back() = ',';
    text += "\n\"files\":[\n";
    const auto put = [&]() -> Status {
      sum.add(std::as_bytes(std::span(text)));
      ALIH_CHECK(write_all(manifest.fd, text, aside));
      text.clear();
      return {};
    };
    bool first = true;
    for (const auto& [path, file] : snapshot.files) {
      if (!first) text += ",\n";
      first = false;
      text += row(path, file);
      if (text.size() > kBuffer) ALIH_CHECK(put());
    }
    text += "\n]}\n";
    ALIH_CHECK(put());
    if (::fsync(manifest.fd) != 0) return fail(target_error(errno, aside));
    digest = sum.finish().sha512;
    const auto name = snapshot.id + ".json";
    ALIH_TRY([[maybe_unused]] const auto side,
             repository::write_durably(folder_ / "snapshots" / (name + ".sha512"),
                                       digest + "  " + name + "\n"));
    const auto to = folder_ / "snapshots" / name;
    if (::rename(aside.c_str(), to.c_str()) != 0) return fail(target_error(errno, to));
    manifest.path.clear();
  }
  ALIH_CHECK(sync_names(folder_ / "snapshots"));
  return snapshot.id;
}

Status BackupFolder::thin(int keep) {
  auto ids = snapshots();
  const auto most = static_cast<std::size_t>(std::max(keep, 1));
  struct Hash {
    std::size_t operator()(const Sha512& d) const {
      std::size_t out = 0;
      std::memcpy(&out, d.data(), sizeof out);
      return out;
    }
  };
  std::unordered_set<Sha512, Hash> named;
  const auto first_kept = ids.size() > most ? ids.size() - most : 0;
  for (std::size_t i = first_kept; i < ids.size(); ++i) {
    // One that cannot be read may name anything: then nothing goes.
    ALIH_TRY(
        [[maybe_unused]] const auto snapshot,
        read(ids[i], [&](const std::string&, const StoredFile& f) { named.insert(f.digest); }));
  }
  for (std::size_t i = 0; i < first_kept; ++i) {
    const auto path = folder_ / "snapshots" / (ids[i] + ".json");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail(target_error(errno, path));
    ::unlink((fs::path(path) += ".sha512").c_str());
  }
  ALIH_CHECK(sync_names(folder_ / "snapshots"));
  std::error_code error;
  for (fs::directory_iterator it(folder_ / "objects", error), end; !error && it != end;
       it.increment(error)) {
    std::vector<fs::path> unnamed;
    std::error_code inner;
    for (fs::directory_iterator at(it->path(), inner), last; !inner && at != last;
         at.increment(inner)) {
      const auto digest = sha512_from_hex(at->path().filename().string());
      if (digest && !named.contains(*digest)) unnamed.push_back(at->path());
    }
    for (const auto& path : unnamed) {
      if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail(target_error(errno, path));
    }
  }
  return {};
}

}  // namespace alih::pipeline
