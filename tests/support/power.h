#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

// A disk that loses what was not synced, behind both doors through which the program writes: the
// repository's Disk and RocksDB's FileSystem. The files are real; which of their bytes and names
// are durable is kept in a model:
//   - what was appended to a file since its last sync may be lost from any point on, in the
//     repository's files it may be garbage, too;
//   - what happened to the names in a folder since that folder was synced may be undone from any
//     point on, each folder on its own (harsher than ext4, where a later sync takes others along).
// At the k-th call the power goes: the losses are done to the real files and the process ends at
// once. Or the k-th call fails, once. For one process that was forked for it.
namespace alih::testing_support {

// Errors in the program or the disk that a test must notice.
enum class Mutant {
  none,
  lying_sync,      // a sync of a repository's file says it is done and is not
  database_first,  // a repository's file is durable only when the next one is begun
  unsynced_log,    // syncs of the database's log do nothing
};

struct DiskPlan {
  std::uint64_t seed = 1;
  std::uint64_t power_off_at = 0;  // call, from 1; 0 = never
  std::uint64_t fail_at = 0;       // call, from 1; 0 = never
  int error = 0;                   // errno of the failing call
  Mutant mutant = Mutant::none;
};

inline constexpr int kPowerOff = 77;  // exit code

class FailingDisk {
 public:
  // `side` is an empty folder on the same file system, outside of what is written. Nothing else may
  // be using the two doors yet.
  FailingDisk(const std::filesystem::path& side, const DiskPlan& plan);

  [[nodiscard]] std::uint64_t calls() const;
  [[nodiscard]] bool has_failed() const;
  [[noreturn]] void power_off();

 private:
  struct Model;
  std::shared_ptr<Model> model_;
};

}  // namespace alih::testing_support
