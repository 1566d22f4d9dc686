#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "indexer/index_view.h"
#include "indexer/inverter.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class WriteBatch;
struct ColumnFamilyOptions;
}  // namespace rocksdb

namespace alih::indexer {

// The families of a database that hold the index.
struct IndexFamilies {
  rocksdb::ColumnFamilyHandle* meta = nullptr;   // "index": the manifest
  rocksdb::ColumnFamilyHandle* micro = nullptr;  // segment id u32 -> micro-segment
  rocksdb::ColumnFamilyHandle* dead = nullptr;   // ordinal u32 -> empty: deleted documents
  // Keyed segments, by Part.
  std::array<rocksdb::ColumnFamilyHandle*, 4> parts{};
};

// How the families of keyed segments are stored: uncompressed blocks that are read where they lie.
// `cache` in MiB is shared by the families of one set.
class IndexTables {
 public:
  explicit IndexTables(int cache_mib);
  ~IndexTables();
  IndexTables(const IndexTables&) = delete;
  IndexTables& operator=(const IndexTables&) = delete;
  void tune(rocksdb::ColumnFamilyOptions& options) const;

 private:
  struct Cache;
  std::unique_ptr<Cache> cache_;
};

// What a commit changes in the index.
struct IndexChange {
  Inverter added;                                        // ordinals from IndexStore::take_ordinal()
  std::vector<std::uint32_t> removed;                    // ordinals
  std::vector<std::pair<std::string, ItemFacts>> facts;  // by item
};

// The full-text index in a RocksDB: a manifest, small segments as commits bring them, large ones
// that a thread of its own makes of them, deleted documents. Readers take a view and keep it; what
// a merge replaced is removed when its last reader is gone. Commits stand in line (writer()).
// Everything else from any thread.
class IndexStore {
 public:
  struct Options {
    double k1 = 1.2;
    double b = 0.75;
    bool writable = true;
    std::size_t keyed_from = 4096;  // documents in small segments that become a keyed one
    bool background = true;         // merge in a thread of its own; else only in settle()
    std::filesystem::path scratch;  // folder for files that a merge writes, made when needed
    // Called in a merge, writer() not held, before the list of tables changes; may wait.
    std::function<void(const std::stop_token&)> before_tables_change = [](const auto&) {};
  };
  IndexStore(rocksdb::DB& db, const IndexFamilies& families, Options options);
  // Stops the thread. The database must still be open.
  ~IndexStore();
  IndexStore(const IndexStore&) = delete;
  IndexStore& operator=(const IndexStore&) = delete;

  // Reads the manifest, without segments. Errors: damaged, unavailable.
  [[nodiscard]] Status load_manifest();
  // Opens every segment; removes what a merge left that was cut off. `facts` tells the view what is
  // known of all items, so that no document is without. Errors as above.
  [[nodiscard]] Status load_segments(const std::function<void(IndexView&)>& facts);

  // Version of the word rules that the index was made with; 0 when nothing was written yet.
  [[nodiscard]] std::uint32_t analyzer_version() const;
  // Forgets every document: for making the index anew under other word rules. One step.
  [[nodiscard]] Status clear(std::uint32_t analyzer_version);

  [[nodiscard]] std::shared_ptr<const IndexView> view() const;

  // Held from take_ordinal() until finish() or abandon().
  [[nodiscard]] std::mutex& writer() { return writer_; }
  [[nodiscard]] std::uint32_t take_ordinal();
  // Puts the change into the batch. Errors: damaged.
  [[nodiscard]] Status stage(const IndexChange& change, rocksdb::WriteBatch& batch);
  void finish();   // the batch is written: readers see it
  void abandon();  // it was not
  // Writes documents straight into a keyed segment: for making an index from nothing. Durable when
  // it returns. writer() is held. Errors: disk_full, unavailable.
  [[nodiscard]] Status add_bulk(const IndexChange& change);

  // Merges until there is nothing to merge. Errors: as for commits; stopped.
  [[nodiscard]] Status settle(const std::stop_token& stop = {});
  // Everything into one segment, deleted documents gone.
  [[nodiscard]] Status merge_all();
  // A write of a merge failed: nobody knows how much of it is on the disk.
  [[nodiscard]] bool broken() const;
  // Reads every keyed segment against its sums. Errors: damaged.
  [[nodiscard]] Status verify() const;

 private:
  struct State;
  std::mutex writer_;
  std::unique_ptr<State> state_;
};

}  // namespace alih::indexer
