#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "pipeline/holdings.h"

namespace alih::pipeline {

struct RepairReport {
  std::vector<Problem> repaired;
  std::vector<Problem> left;  // with the reason in detail
};

// Checks the items (all when empty) and puts good files in the place of damaged and missing ones:
// from the second copy in `from`, a backup folder or a copy of a data folder, by digest; records
// that only stand in staging/ also from the database, inventories also from the version's own copy.
// When all items are checked also batches and closings (register/, from the database where there is
// one) and the files of imports (catalogue/, from the second copy).
// A damaged file is not deleted: it is moved to quarantine/. `from` may be empty. Errors: not_found
// when `from` is not there.
[[nodiscard]] Result<RepairReport> repair(Holdings& holdings, const std::vector<ItemId>& only,
                                          const std::filesystem::path& from, const Agent& by,
                                          const Progress& progress);

// The same without a database, for files that must be good before rebuild can read them.
[[nodiscard]] Result<RepairReport> repair_files(const repository::Repository& files,
                                                const std::filesystem::path& from,
                                                const Progress& progress);

}  // namespace alih::pipeline
