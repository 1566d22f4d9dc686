#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/fixity.h"
#include "core/result.h"
#include "indexer/database.h"

// A backup folder: every content once, under its digest, and a manifest for each state of the data
// folder. docs/formats/backup.md.
namespace alih::pipeline {

// 64 bytes instead of 128 characters: manifests name a million files.
using Sha512 = std::array<unsigned char, 64>;
[[nodiscard]] std::string hex(const Sha512& digest);
[[nodiscard]] std::optional<Sha512> sha512_from_hex(std::string_view text);

struct StoredFile {
  Sha512 digest{};
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
  unsigned mode = 0644;
  bool damaged = false;  // the data folder has other bytes, or none, at this path
};

// A search and what it must find again.
struct Question {
  std::string query;
  std::uint64_t total = 0;
  std::vector<std::pair<std::string, int>> hits;  // number and page (0 = the item), in order
  bool operator==(const Question&) const = default;
};

struct Snapshot {
  std::string id;
  std::string created;      // UTC
  std::string origin;       // sha256 of the first event: which holdings these are
  indexer::ChainHead head;  // of the chain of events
  int items = 0;
  std::uint64_t bytes = 0;
  std::map<std::string, StoredFile> files;  // by path in the data folder
  std::vector<Question> questions;
};

// Bytes on their way into a backup folder: written aside, with their digest; gone unless kept.
struct Incoming {
  Incoming() = default;
  Incoming(Incoming&& other) noexcept;
  Incoming& operator=(Incoming&& other) noexcept;
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;
  ~Incoming();

  std::filesystem::path path;
  int fd = -1;
  StoredFile file;
};

// Errors of all: disk_full, unavailable; damaged where a manifest is not what was written. One
// thread; other programs are kept out by a lock.
class BackupFolder {
 public:
  enum class Mode { write, read };
  // write makes the folder when it is absent. Errors: busy (another program writes there),
  // wrong_state (something else is there, or made by a newer version), not_found (read).
  [[nodiscard]] static Result<BackupFolder> open(const std::filesystem::path& folder, Mode mode);
  BackupFolder(BackupFolder&& other) noexcept;
  BackupFolder& operator=(BackupFolder&&) = delete;
  BackupFolder(const BackupFolder&) = delete;
  BackupFolder& operator=(const BackupFolder&) = delete;
  ~BackupFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  [[nodiscard]] std::vector<std::string> snapshots() const;  // oldest first
  [[nodiscard]] Result<Snapshot> read(const std::string& id) const;
  // Calls with each file of a snapshot; the rest of it is returned, without files.
  [[nodiscard]] Result<Snapshot> read(
      const std::string& id, const std::function<void(std::string, const StoredFile&)>& file) const;

  [[nodiscard]] std::filesystem::path object(const Sha512& digest) const;
  [[nodiscard]] std::optional<std::uint64_t> size_of(const Sha512& digest) const;
  [[nodiscard]] bool has(const StoredFile& file) const {
    return size_of(file.digest) == file.bytes;
  }

  // Reads a file of someone else's. `readable` is false, without an error, when that failed:
  // `why` then says how, and `gone` whether it was not there.
  struct ReadResult {
    bool readable = false;
    bool gone = false;
    std::string why;
    Incoming incoming;
  };
  [[nodiscard]] Result<ReadResult> take(const std::filesystem::path& from);
  // Makes it an object. Durable at the latest with finish(). Returns whether it was new.
  [[nodiscard]] Result<bool> keep(Incoming incoming);
  [[nodiscard]] Status flush();
  // The snapshot after everything it names. Its id is made here: the time, and later than others.
  [[nodiscard]] Result<std::string> finish(Snapshot& snapshot);

  // Removes all but the newest `keep` snapshots and what none of these names.
  [[nodiscard]] Status thin(int keep);

 private:
  BackupFolder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  [[nodiscard]] Result<int> create(const std::filesystem::path& path) const;
  std::filesystem::path folder_;
  int lock_ = -1;
  int next_ = 0;
  std::vector<Incoming> waiting_;  // written, not yet synced
  std::uint64_t waiting_bytes_ = 0;
  std::set<std::string> new_names_;           // of waiting_
  std::set<std::filesystem::path> unsynced_;  // folders with new names
  std::vector<char> buffer_;
};

// Free bytes of the file system that the path is or will be on.
[[nodiscard]] std::uint64_t free_bytes_at(const std::filesystem::path& path);

// Reads a whole file in pieces, without keeping it in the system's cache; false = read error.
// `call` returns false to end early.
[[nodiscard]] bool read_pieces(int fd, std::vector<char>& buffer,
                               const std::function<bool(std::span<const std::byte>)>& call);

}  // namespace alih::pipeline
