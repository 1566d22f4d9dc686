#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "pipeline/holdings.h"

// Backups of a data folder, and what is made of them. The folder's format: docs/formats/backup.md.
namespace alih::pipeline {

struct BackupOptions {
  std::filesystem::path to;
  bool full = false;  // read every file again
  int keep = 0;       // newest snapshots that stay; 0 = all
  std::stop_token stop;
};
struct BackupReport {
  int items = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t copied_files = 0;
  std::uint64_t copied_bytes = 0;
  double seconds = 0;
  std::string snapshot;
  // damaged_file, missing_file, unreadable_file: an earlier good copy stays in the backup.
  std::vector<Problem> problems;
};
// One consistent state of the data folder, as a power cut would leave it, while everybody goes on
// working: changes wait only while what changed meanwhile is linked and the database's checkpoint
// is made. Any thread. Errors: usage (the target is in the data folder), busy, disk_full,
// unavailable, wrong_state (another holdings' backup), stopped. Then older snapshots are whole;
// just run again.
[[nodiscard]] Result<BackupReport> backup(Holdings& holdings, const BackupOptions& options,
                                          const Progress& progress);

// When the last backup was made, and whether it is too long ago.
struct BackupState {
  std::string last;  // UTC, empty = never
  std::string dir;
  bool overdue = false;
};
[[nodiscard]] BackupState backup_state(const Holdings& holdings);
[[nodiscard]] Message backup_warning(const BackupState& state);

struct RestoreReport {
  int items = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::string snapshot;
  bool rebuilt = false;  // the database was made anew from the files
  std::vector<Problem> problems;
};
// Into an absent or empty folder, or one where it was interrupted. A missing or damaged object is a
// problem; the rest is restored. Errors: wrong_state (the folder is in use), not_found, busy,
// disk_full, damaged (the manifest), unavailable.
[[nodiscard]] Result<RestoreReport> restore(const std::filesystem::path& data,
                                            const Everything& settings,
                                            const std::filesystem::path& from,
                                            const std::string& snapshot, const Progress& progress);

struct DrillReport {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  int questions = 0;
  std::string snapshot;
  std::vector<Problem> problems;
};
// Restores the newest snapshot into a folder below `scratch`, which it removes afterwards, compares
// every digest, verifies it and asks what was asked when the backup was made.
[[nodiscard]] Result<DrillReport> drill(const std::filesystem::path& from,
                                        const std::filesystem::path& scratch,
                                        const Everything& settings, const Progress& progress);

}  // namespace alih::pipeline
