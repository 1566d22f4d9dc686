#include <unistd.h>

#include "core/clock.h"
#include "pipeline/data_folder.h"
#include "repository/durable_file.h"

namespace alih::pipeline {

namespace fs = std::filesystem;
using indexer::Database;

Unlock::~Unlock() { ::close(fd); }

Result<RebuildReport> rebuild(const fs::path& data, const Everything& settings,
                              const Progress& progress) {
  std::error_code error;
  if (!fs::is_directory(data / "staging", error)) {
    return fail(ErrorCode::not_found, "{} bukan folder data alihmedia",
                "{} is no data folder of alihmedia", {data.string()});
  }
  ALIH_TRY(const int lock, take_lock(data, settings.pipeline.lock_wait_s));
  const Unlock unlock(lock);
  ALIH_CHECK(refuse_unfinished_restore(data));
  return rebuild_locked(data, settings, progress);
}

Result<RebuildReport> rebuild_locked(const fs::path& data, const Everything& settings,
                                     const Progress& progress) {
  const double start = monotonic_seconds();
  std::error_code error;
  ALIH_TRY(auto files, repository::Repository::open(data, settings.repository));
  const auto fresh = data / "index.new";
  fs::remove_all(fresh, error);
  RebuildReport report;
  {
    ALIH_TRY(const auto database,
             Database::open(fresh, settings.indexer, Database::Mode::read_write, true));
    const auto ids = files.items();
    std::uint64_t done = 0;
    for (const auto& id : ids) {
      auto record = files.read_item(id);
      if (!record) {
        return fail(
            std::move(record).error().within({id.str() + "/item.json", id.str() + "/item.json"}));
      }
      auto pages = files.read_pages(id);
      if (!pages) {
        const auto& number = record->item.digitization_no;
        return fail(std::move(pages).error().within({number, number}));
      }
      ALIH_CHECK(database->commit(change_from(*record, *pages)));
      ++report.items;
      report.pages += static_cast<int>(pages->size());
      progress(++done, ids.size());
    }
  }
  const auto old = data / "index.old";
  fs::remove_all(old, error);
  if (fs::exists(data / "index", error)) fs::rename(data / "index", old, error);
  if (!error) fs::rename(fresh, data / "index", error);
  if (error) {
    return fail(
        repository::system_error(error.value(), "mengganti basis data", "replacing the database"));
  }
  ALIH_CHECK(repository::sync_folder(data));
  fs::remove_all(old, error);
  report.seconds = monotonic_seconds() - start;
  return report;
}

}  // namespace alih::pipeline
