#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/result.h"

namespace alih::indexer {

// What the database must at least hold, kept in a small file beside its folder: a log file that is
// gone, a last record that cannot be read or an older copy of the database opens without complaint
// in RocksDB, and only this tells.
struct CommitHead {
  std::string identity;                 // of the database, made with it
  std::uint64_t database_sequence = 0;  // RocksDB's number of the last write
  std::uint64_t event_sequence = 0;
  std::string event_sha256;
  bool operator==(const CommitHead&) const = default;
};

// The file: two slots that are written in turn, each with its digest, so a torn write leaves the
// other. Written after every commit, synced now and then: after a power cut it may be behind the
// database, never ahead of it. One thread.
class CommitHeadFile {
 public:
  // "index" has "index.head" beside it.
  [[nodiscard]] static std::filesystem::path path_of(const std::filesystem::path& database_folder);
  // The newest whole slot; none without a file or with both slots damaged.
  [[nodiscard]] static std::optional<CommitHead> read(const std::filesystem::path& file);

  CommitHeadFile() = default;
  CommitHeadFile(const CommitHeadFile&) = delete;
  CommitHeadFile& operator=(const CommitHeadFile&) = delete;
  ~CommitHeadFile();

  // Begins with `head`, durable. Errors: disk_full, unavailable.
  [[nodiscard]] Status open(const std::filesystem::path& file, const CommitHead& head);
  // In place, no new space is needed. Errors as above.
  [[nodiscard]] Status write(const CommitHead& head);
  void sync();

 private:
  int fd_ = -1;
  std::uint64_t turn_ = 0;
  double synced_at_ = 0;
};

}  // namespace alih::indexer
