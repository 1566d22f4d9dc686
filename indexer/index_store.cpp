#include "indexer/index_store.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "core/json.h"
#include "indexer/analyzer.h"
#include "indexer/file_system.h"
#include "indexer/keyed_segment.h"
#include "indexer/keyspace.h"
#include "indexer/merge.h"
#include "indexer/micro_segment.h"
#include "indexer/store_error.h"

namespace alih::indexer {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMicroTier = 8;       // small segments of one size that become one
constexpr std::size_t kLargestMicro = 512;  // documents
constexpr std::size_t kMostMicros = 64;
constexpr std::size_t kKeyedTier = 4;
constexpr std::size_t kLargestKeyed = 1000000;  // documents that a merge makes

struct Manifest {
  std::uint32_t analyzer = 0;
  std::uint32_t next_ordinal = 1;
  std::uint32_t next_segment = 1;
  std::set<std::uint32_t> keyed;
};

std::string to_json(const Manifest& m) {
  return json{{"analyzer", m.analyzer},
              {"next_ordinal", m.next_ordinal},
              {"next_segment", m.next_segment},
              {"keyed", m.keyed}}
      .dump();
}

class RocksSource final : public PartSource {
 public:
  RocksSource(rocksdb::DB& db, std::array<rocksdb::ColumnFamilyHandle*, 4> parts)
      : db_(db), parts_(parts) {}
  [[nodiscard]] Result<Pinned> get(Part part, std::string_view key) const override {
    auto value = std::make_shared<rocksdb::PinnableSlice>();
    const auto status = db_.Get(rocksdb::ReadOptions(), parts_[static_cast<std::size_t>(part)],
                                rocksdb::Slice(key.data(), key.size()), value.get());
    if (status.IsNotFound()) return fail(index_damaged());
    if (!status.ok()) return fail(database_error(status));
    Pinned out;
    out.bytes = {value->data(), value->size()};
    out.owner = std::move(value);
    return out;
  }

 private:
  rocksdb::DB& db_;
  std::array<rocksdb::ColumnFamilyHandle*, 4> parts_;
};

// Numbers of segments that nobody reads any more.
struct Garbage {
  std::mutex mutex;
  std::set<std::uint32_t> replaced;  // mutex: by a merge, somebody may still read them
  std::vector<std::uint32_t> ready;  // mutex
};

// Files for one segment, ingested in one step.
class SegmentFiles {
 public:
  SegmentFiles(rocksdb::DB& db, const IndexFamilies& families, fs::path folder, std::uint32_t id)
      : db_(db), families_(families), folder_(std::move(folder)), id_(id) {}
  SegmentFiles(const SegmentFiles&) = delete;
  SegmentFiles& operator=(const SegmentFiles&) = delete;
  ~SegmentFiles() {
    std::error_code ignored;
    for (std::size_t p = 0; p < kPartCount; ++p) fs::remove(path_of(p), ignored);
  }

  Status put(Part part, std::string_view key, std::string_view value) {
    const auto p = static_cast<std::size_t>(part);
    if (!writers_[p]) {
      std::error_code error;
      fs::create_directories(folder_, error);
      fs::remove(path_of(p), error);
      auto options = db_.GetOptions(families_.parts[p]);
      options.env = environment();
      writers_[p] = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), options,
                                                             families_.parts[p]);
      if (const auto s = writers_[p]->Open(path_of(p).string()); !s.ok()) {
        return fail(database_error(s));
      }
    }
    const auto s = writers_[p]->Put(rocksdb::Slice(key.data(), key.size()),
                                    rocksdb::Slice(value.data(), value.size()));
    if (!s.ok()) return fail(database_error(s));
    return {};
  }

  Status ingest() {
    std::vector<rocksdb::IngestExternalFileArg> args;
    for (std::size_t p = 0; p < kPartCount; ++p) {
      if (!writers_[p]) continue;
      if (const auto s = writers_[p]->Finish(); !s.ok()) return fail(database_error(s));
      writers_[p].reset();
      rocksdb::IngestExternalFileArg arg;
      arg.column_family = families_.parts[p];
      arg.external_files = {path_of(p).string()};
      arg.options.move_files = true;
      arg.options.failed_move_fall_back_to_copy = true;
      args.push_back(std::move(arg));
    }
    if (const auto s = db_.IngestExternalFiles(args); !s.ok()) return fail(database_error(s));
    return {};
  }

 private:
  [[nodiscard]] fs::path path_of(std::size_t part) const {
    return folder_ / ("segment-" + std::to_string(id_) + "-" + std::to_string(part) + ".sst");
  }
  rocksdb::DB& db_;
  const IndexFamilies& families_;
  fs::path folder_;
  std::uint32_t id_;
  std::array<std::unique_ptr<rocksdb::SstFileWriter>, kPartCount> writers_;
};

std::size_t size_class(std::size_t documents, std::size_t first, std::size_t tier) {
  std::size_t c = 0;
  for (auto n = documents / first; n >= tier; n /= tier) ++c;
  return c;
}

}  // namespace

struct IndexTables::Cache {
  std::shared_ptr<rocksdb::Cache> blocks;
};

IndexTables::IndexTables(int cache_mib) : cache_(std::make_unique<Cache>()) {
  cache_->blocks = rocksdb::NewLRUCache(static_cast<std::size_t>(cache_mib) << 20U);
}
IndexTables::~IndexTables() = default;

void IndexTables::tune(rocksdb::ColumnFamilyOptions& options) const {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache_->blocks;
  table.format_version = 5;
  // A value is a block of its own, or nearly: it is read alone.
  table.block_size = std::size_t{4} << 10U;
  table.block_align = false;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // The numbers are packed already, and are read where they lie.
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kNoCompression;
  options.write_buffer_size = std::size_t{1} << 20U;
}

struct IndexStore::State {
  State(rocksdb::DB& d, const IndexFamilies& f, Options o)
      : db(d),
        families(f),
        options(std::move(o)),
        source(std::make_shared<RocksSource>(d, f.parts)) {}

  rocksdb::DB& db;
  IndexFamilies families;
  Options options;
  std::shared_ptr<RocksSource> source;
  std::shared_ptr<Garbage> garbage = std::make_shared<Garbage>();

  // The writer's, under IndexStore::writer_:
  Manifest manifest;
  std::set<std::uint32_t> deleted;
  std::set<std::uint32_t> micros;  // ids
  std::set<std::uint32_t> busy;    // segments that a merge has in hand
  struct Staged {
    Manifest manifest;
    std::set<std::uint32_t> deleted;
    std::set<std::uint32_t> micros;
    std::shared_ptr<IndexView> view;
  };
  std::optional<Staged> staged;

  mutable std::mutex mutex;
  std::shared_ptr<const IndexView> view;  // mutex
  std::condition_variable_any wake;
  bool work = false;  // mutex
  std::atomic<bool> broken{false};
  std::mutex merging;  // one merge at a time
  std::jthread thread;

  [[nodiscard]] std::shared_ptr<const IndexView> current() const {
    const std::lock_guard lock(mutex);
    return view;
  }

  [[nodiscard]] Result<std::shared_ptr<const Segment>> open_keyed(std::uint32_t id) const {
    ALIH_TRY(auto segment, KeyedSegment::open(id, source));
    // Told when the last reader lets go.
    return std::shared_ptr<const Segment>(segment.get(),
                                          [segment, id, heap = garbage](const Segment*) mutable {
                                            segment.reset();
                                            const std::lock_guard lock(heap->mutex);
                                            if (heap->replaced.erase(id) > 0)
                                              heap->ready.push_back(id);
                                          });
  }

  void put_manifest(rocksdb::WriteBatch& batch, const Manifest& m) const {
    batch.Put(families.meta, "index", to_json(m));
  }
  Status write(rocksdb::WriteBatch& batch) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    if (const auto s = db.Write(synced, &batch); !s.ok()) {
      broken = true;
      return fail(database_error(s));
    }
    return {};
  }
  void publish(std::shared_ptr<const IndexView> next) {
    std::shared_ptr<const IndexView> before;  // let go outside of the lock
    const std::lock_guard lock(mutex);
    before = std::exchange(view, std::move(next));
  }

  [[nodiscard]] std::vector<LiveSegment> what_to_merge() const;
  // Merges what `choose` gives, nothing when it gives nothing; `any` says which.
  Status merge(std::mutex& writer, const std::function<std::vector<LiveSegment>()>& choose,
               const std::stop_token& stop, bool& any);
  Status merge_parts(std::mutex& writer, const std::vector<LiveSegment>& parts,
                     const std::set<std::uint32_t>& gone, std::uint32_t id,
                     const std::stop_token& stop);
  Status merge_small(rocksdb::WriteBatch& batch, Staged& next) const;
  void collect();
  Status drop(std::uint32_t id);
};

IndexStore::IndexStore(rocksdb::DB& db, const IndexFamilies& families, Options options)
    : state_(std::make_unique<State>(db, families, std::move(options))) {
  state_->view = std::make_shared<IndexView>(state_->options.k1, state_->options.b);
}

IndexStore::~IndexStore() {
  if (state_->thread.joinable()) {
    state_->thread.request_stop();
    state_->wake.notify_all();
    state_->thread.join();
  }
}

std::shared_ptr<const IndexView> IndexStore::view() const { return state_->current(); }
bool IndexStore::broken() const { return state_->broken; }
std::uint32_t IndexStore::analyzer_version() const { return state_->manifest.analyzer; }

Status IndexStore::load_manifest() {
  auto& s = *state_;
  std::string stored;
  const auto status = s.db.Get(rocksdb::ReadOptions(), s.families.meta, "index", &stored);
  if (status.IsNotFound()) return {};
  if (!status.ok()) return fail(database_error(status));
  try {
    const auto j = json::parse(stored);
    s.manifest.analyzer = j.at("analyzer").get<std::uint32_t>();
    s.manifest.next_ordinal = j.at("next_ordinal").get<std::uint32_t>();
    s.manifest.next_segment = j.at("next_segment").get<std::uint32_t>();
    s.manifest.keyed = j.value("keyed", std::set<std::uint32_t>());
  } catch (const std::exception& e) {
    return fail(ErrorCode::damaged, "Basis data rusak: {}. Jalankan alihmedia rebuild",
                "The database is damaged: {}. Run alihmedia rebuild", {e.what()});
  }
  return {};
}

Status IndexStore::load_segments(const std::function<void(IndexView&)>& facts) {
  auto& s = *state_;
  auto next = std::make_shared<IndexView>(s.options.k1, s.options.b);
  if (facts) facts(*next);
  rocksdb::ReadOptions once;
  once.fill_cache = false;
  std::set<std::uint32_t> deleted;
  {
    const std::unique_ptr<rocksdb::Iterator> it(s.db.NewIterator(once, s.families.dead));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      deleted.insert(
          static_cast<std::uint32_t>(from_big_endian({it->key().data(), it->key().size()})));
    }
    if (!it->status().ok()) return fail(database_error(it->status()));
  }
  const auto is_deleted = [&](std::uint32_t ordinal) { return deleted.contains(ordinal); };
  for (const auto id : s.manifest.keyed) {
    ALIH_TRY(auto segment, s.open_keyed(id));
    next->add_segment(id, std::move(segment), is_deleted);
  }
  std::set<std::uint32_t> micros;
  {
    const std::unique_ptr<rocksdb::Iterator> it(s.db.NewIterator(once, s.families.micro));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      ALIH_TRY(auto segment, MicroSegment::open(it->value().ToString()));
      const auto id =
          static_cast<std::uint32_t>(from_big_endian({it->key().data(), it->key().size()}));
      micros.insert(id);
      next->add_segment(id, std::move(segment), is_deleted);
    }
    if (!it->status().ok()) return fail(database_error(it->status()));
  }
  s.deleted = std::move(deleted);
  s.micros = std::move(micros);
  s.publish(std::move(next));
  if (!s.options.writable) return {};
  // What a merge left that was cut off before its manifest, or a replaced segment that was not
  // removed any more: the frame goes last, so it tells.
  std::set<std::uint32_t> left;
  {
    const std::unique_ptr<rocksdb::Iterator> it(s.db.NewIterator(once, s.families.parts[0]));
    for (it->SeekToFirst(); it->Valid();) {
      const auto id = static_cast<std::uint32_t>(from_big_endian({it->key().data(), 4}));
      if (!s.manifest.keyed.contains(id)) left.insert(id);
      it->Seek(segment_prefix(id + 1));
    }
    if (!it->status().ok()) return fail(database_error(it->status()));
  }
  for (const auto id : left) ALIH_CHECK(s.drop(id));
  std::error_code ignored;
  fs::remove_all(s.options.scratch, ignored);
  return {};
}

// Nobody reads the segment: its files may go at once.
Status IndexStore::State::drop(std::uint32_t id) {
  const auto from = segment_prefix(id);
  const auto to = segment_prefix(id + 1);
  const rocksdb::Slice first(from);
  const rocksdb::Slice end(to);
  for (std::size_t p = kPartCount; p-- > 0;) {
    auto status = rocksdb::DeleteFilesInRange(&db, families.parts[p], &first, &end, false);
    if (status.ok())
      status = db.DeleteRange(rocksdb::WriteOptions(), families.parts[p], first, end);
    if (!status.ok()) return fail(database_error(status));
  }
  return {};
}

void IndexStore::State::collect() {
  std::vector<std::uint32_t> ready;
  {
    const std::lock_guard lock(garbage->mutex);
    ready.swap(garbage->ready);
  }
  // What cannot be removed now is found again at the next start.
  for (const auto id : ready) (void)drop(id);
}

Status IndexStore::clear(std::uint32_t analyzer_version) {
  auto& s = *state_;
  const std::lock_guard merging(s.merging);
  const std::lock_guard lock(writer_);
  rocksdb::WriteBatch batch;
  const std::string first;
  const std::string end(5, '\xFF');
  batch.DeleteRange(s.families.micro, first, end);
  batch.DeleteRange(s.families.dead, first, end);
  auto manifest = s.manifest;
  manifest.analyzer = analyzer_version;
  const auto keyed = std::exchange(manifest.keyed, {});
  s.put_manifest(batch, manifest);
  ALIH_CHECK(s.write(batch));
  s.manifest = manifest;
  s.deleted.clear();
  s.micros.clear();
  {
    const std::lock_guard heap(s.garbage->mutex);
    s.garbage->replaced.insert(keyed.begin(), keyed.end());
  }
  auto next = std::make_shared<IndexView>(*s.current());
  std::vector<std::uint32_t> ids;
  for (const auto& segment : next->segments()) ids.push_back(segment.id);
  for (const auto id : ids) next->remove_segment(id);
  s.publish(std::move(next));
  s.collect();
  return {};
}

std::uint32_t IndexStore::take_ordinal() {
  auto& s = *state_;
  if (!s.staged) s.staged = State::Staged{s.manifest, s.deleted, s.micros, nullptr};
  return s.staged->manifest.next_ordinal++;
}

// Eight neighbours of one size become one, again and again, as long as they stay small.
Status IndexStore::State::merge_small(rocksdb::WriteBatch& batch, Staged& next) const {
  const auto& is_deleted = [&](std::uint32_t o) { return next.deleted.contains(o); };
  for (;;) {
    const auto& all = next.view->segments();
    std::vector<LiveSegment> run;
    for (auto it = all.rbegin(); it != all.rend(); ++it) {
      if (!next.micros.contains(it->id) || busy.contains(it->id)) break;
      const auto size = [](const LiveSegment& s) {
        return size_class(s.segment->documents().size(), 1, kMicroTier);
      };
      if (!run.empty() && size(*it) != size(run.back())) break;
      run.push_back(*it);
    }
    std::size_t documents = 0;
    for (const auto& s : run) documents += s.segment->documents().size();
    if (run.size() < kMicroTier || documents > kLargestMicro) return {};
    std::reverse(run.begin(), run.end());
    std::vector<std::shared_ptr<const Segment>> parts;
    for (const auto& s : run) parts.push_back(s.segment);
    ALIH_TRY(auto bytes, merge_micro(parts, is_deleted));
    for (const auto& s : run) {
      const auto& d = s.segment->documents();
      for (std::size_t i = 0; i < d.size(); ++i) {
        if (next.deleted.erase(d.ordinal(i)) > 0) {
          batch.Delete(families.dead, big_endian(d.ordinal(i), 4));
        }
      }
      batch.Delete(families.micro, big_endian(s.id, 4));
      next.micros.erase(s.id);
      next.view->remove_segment(s.id);
    }
    if (bytes.empty()) continue;
    const auto id = next.manifest.next_segment++;
    batch.Put(families.micro, big_endian(id, 4), bytes);
    ALIH_TRY(auto opened, MicroSegment::open(std::move(bytes)));
    next.micros.insert(id);
    next.view->add_segment(id, std::move(opened), is_deleted);
  }
}

Status IndexStore::stage(const IndexChange& change, rocksdb::WriteBatch& batch) {
  auto& s = *state_;
  if (!s.staged) s.staged = State::Staged{s.manifest, s.deleted, s.micros, nullptr};
  auto& next = *s.staged;
  next.manifest.analyzer = kAnalyzerVersion;
  next.view = std::make_shared<IndexView>(*s.current());
  for (const auto& [item, facts] : change.facts) next.view->set_facts(item, facts);
  for (const auto ordinal : change.removed) {
    if (!next.deleted.insert(ordinal).second) continue;
    batch.Put(s.families.dead, big_endian(ordinal, 4), "");
    next.view->remove_document(ordinal);
  }
  if (!change.added.empty()) {
    auto bytes = encode_micro(change.added);
    const auto id = next.manifest.next_segment++;
    batch.Put(s.families.micro, big_endian(id, 4), bytes);
    ALIH_TRY(auto opened, MicroSegment::open(std::move(bytes)));
    next.micros.insert(id);
    next.view->add_segment(id, std::move(opened), [](std::uint32_t) { return false; });
    ALIH_CHECK(s.merge_small(batch, next));
  }
  s.put_manifest(batch, next.manifest);
  return {};
}

void IndexStore::abandon() { state_->staged.reset(); }

void IndexStore::finish() {
  auto& s = *state_;
  if (!s.staged) return;
  s.manifest = std::move(s.staged->manifest);
  s.deleted = std::move(s.staged->deleted);
  s.micros = std::move(s.staged->micros);
  s.publish(std::move(s.staged->view));
  s.staged.reset();
  if (!s.options.background || s.what_to_merge().empty()) return;
  {
    const std::lock_guard lock(s.mutex);
    s.work = true;
  }
  if (!s.thread.joinable()) {
    s.thread = std::jthread([this](const std::stop_token& stop) {
      auto& state = *state_;
      // A merge that fails is tried again after more and more commits: a full disk stays full for a
      // while.
      for (std::size_t failures = 0; !stop.stop_requested();) {
        {
          std::unique_lock lock(state.mutex);
          if (!state.wake.wait(lock, stop, [&] { return state.work; })) return;
          state.work = false;
        }
        if (failures > 0 && (failures & (failures - 1)) != 0) {
          ++failures;
          continue;
        }
        if (settle(stop)) {
          failures = 0;
        } else {
          ++failures;
        }
      }
    });
  }
  s.wake.notify_one();
}

Status IndexStore::add_bulk(const IndexChange& change) {
  auto& s = *state_;
  if (!s.staged) s.staged = State::Staged{s.manifest, s.deleted, s.micros, nullptr};
  auto next = std::move(*s.staged);
  s.staged.reset();
  next.manifest.analyzer = kAnalyzerVersion;
  // The number is taken durably first: used again after a crash it would mix two segments.
  const auto id = next.manifest.next_segment++;
  {
    rocksdb::WriteBatch batch;
    s.put_manifest(batch, next.manifest);
    ALIH_CHECK(s.write(batch));
    s.manifest = next.manifest;
  }
  SegmentFiles files(s.db, s.families, s.options.scratch, id);
  KeyedWriter writer(id, change.added.documents(),
                     [&](Part part, std::string_view key, std::string_view value) {
                       return files.put(part, key, value);
                     });
  Status bad;
  change.added.each_term([&](Field field, std::string_view term, const Postings& postings) {
    if (bad) bad = writer.add(field, term, postings);
  });
  ALIH_CHECK(std::move(bad));
  ALIH_CHECK(writer.finish());
  ALIH_CHECK(files.ingest());
  next.manifest.keyed.insert(id);
  next.view = std::make_shared<IndexView>(*s.current());
  for (const auto& [item, facts] : change.facts) next.view->set_facts(item, facts);
  ALIH_TRY(auto segment, s.open_keyed(id));
  next.view->add_segment(id, std::move(segment), [](std::uint32_t) { return false; });
  rocksdb::WriteBatch batch;
  s.put_manifest(batch, next.manifest);
  ALIH_CHECK(s.write(batch));
  s.manifest = std::move(next.manifest);
  s.publish(std::move(next.view));
  return {};
}

std::vector<LiveSegment> IndexStore::State::what_to_merge() const {
  const auto now = current();
  std::vector<LiveSegment> small;
  std::vector<LiveSegment> large;
  std::size_t small_documents = 0;
  for (const auto& s : now->segments()) {
    if (dynamic_cast<const MicroSegment*>(s.segment.get()) != nullptr) {
      small.push_back(s);
      small_documents += s.segment->documents().size();
    } else {
      large.push_back(s);
    }
  }
  if (small_documents >= options.keyed_from || small.size() >= kMostMicros) return small;
  // The newest ones of at most one size, when there are enough of them.
  for (std::size_t c = 0;; ++c) {
    std::vector<LiveSegment> run;
    std::size_t documents = 0;
    for (auto it = large.rbegin(); it != large.rend(); ++it) {
      const auto size = it->segment->documents().size();
      if (size_class(size, options.keyed_from, kKeyedTier) > c || documents + size > kLargestKeyed)
        break;
      documents += size;
      run.push_back(*it);
    }
    if (run.size() >= kKeyedTier) {
      std::reverse(run.begin(), run.end());
      return run;
    }
    if (run.size() == large.size() || c > 8) break;
  }
  // One that is mostly dead is written anew.
  for (const auto& s : large) {
    const auto size = s.segment->documents().size();
    if (s.dead >= options.keyed_from / 4 && s.dead * 4 > size) return {s};
  }
  return {};
}

Status IndexStore::State::merge(std::mutex& writer,
                                const std::function<std::vector<LiveSegment>()>& choose,
                                const std::stop_token& stop, bool& any) {
  std::uint32_t id = 0;
  std::set<std::uint32_t> gone;  // deleted before the merge began: these it leaves out
  std::vector<LiveSegment> parts;
  {
    const std::lock_guard lock(writer);
    parts = choose();
    any = !parts.empty();
    if (!any) return {};
    // The number is taken durably first: used again after a crash it would mix two segments.
    auto next = manifest;
    id = next.next_segment++;
    rocksdb::WriteBatch batch;
    put_manifest(batch, next);
    ALIH_CHECK(write(batch));
    manifest = next;
    gone = deleted;
    for (const auto& s : parts) busy.insert(s.id);
  }
  auto done = merge_parts(writer, parts, gone, id, stop);
  const std::lock_guard lock(writer);
  busy.clear();
  return done;
}

Status IndexStore::State::merge_parts(std::mutex& writer, const std::vector<LiveSegment>& parts,
                                      const std::set<std::uint32_t>& gone, std::uint32_t id,
                                      const std::stop_token& stop) {
  std::vector<std::shared_ptr<const Segment>> segments;
  for (const auto& s : parts) segments.push_back(s.segment);
  const Merge merge(segments, [&](std::uint32_t o) { return gone.contains(o); });
  const bool empty = merge.documents().size() == 0;
  if (!empty) {
    SegmentFiles files(db, families, options.scratch, id);
    KeyedWriter out(id, merge.documents(),
                    [&](Part part, std::string_view key, std::string_view value) {
                      return files.put(part, key, value);
                    });
    ALIH_CHECK(
        merge.each_term([&](Field field, std::string_view term,
                            const Postings& postings) { return out.add(field, term, postings); },
                        stop));
    ALIH_CHECK(out.finish());
    options.before_tables_change(stop);
    ALIH_CHECK(files.ingest());
  }
  const std::lock_guard lock(writer);
  Staged next{manifest, deleted, micros, std::make_shared<IndexView>(*current())};
  rocksdb::WriteBatch batch;
  std::vector<std::uint32_t> replaced;
  for (const auto& s : parts) {
    const auto& d = s.segment->documents();
    for (std::size_t i = 0; i < d.size(); ++i) {
      const auto ordinal = d.ordinal(i);
      if (gone.contains(ordinal) && next.deleted.erase(ordinal) > 0) {
        batch.Delete(families.dead, big_endian(ordinal, 4));
      }
    }
    if (next.micros.erase(s.id) > 0) {
      batch.Delete(families.micro, big_endian(s.id, 4));
    } else {
      next.manifest.keyed.erase(s.id);
      replaced.push_back(s.id);
    }
    next.view->remove_segment(s.id);
  }
  if (!empty) {
    next.manifest.keyed.insert(id);
    ALIH_TRY(auto segment, open_keyed(id));
    next.view->add_segment(id, std::move(segment),
                           [&](std::uint32_t o) { return next.deleted.contains(o); });
  }
  put_manifest(batch, next.manifest);
  ALIH_CHECK(write(batch));
  {
    const std::lock_guard heap(garbage->mutex);
    garbage->replaced.insert(replaced.begin(), replaced.end());
  }
  manifest = std::move(next.manifest);
  deleted = std::move(next.deleted);
  micros = std::move(next.micros);
  publish(std::move(next.view));
  return {};
}

Status IndexStore::settle(const std::stop_token& stop) {
  auto& s = *state_;
  const std::lock_guard merging(s.merging);
  for (;;) {
    if (stop.stop_requested()) return fail(ErrorCode::stopped, "Dihentikan", "Stopped");
    bool any = false;
    ALIH_CHECK(s.merge(
        writer_, [&] { return s.what_to_merge(); }, stop, any));
    s.collect();
    if (!any) return {};
  }
}

Status IndexStore::merge_all() {
  auto& s = *state_;
  const std::lock_guard merging(s.merging);
  const auto everything = [&] {
    auto parts = s.current()->segments();
    const bool done = parts.size() == 1 && parts[0].dead == 0 &&
                      dynamic_cast<const KeyedSegment*>(parts[0].segment.get()) != nullptr;
    return done ? std::vector<LiveSegment>() : parts;
  };
  bool any = false;
  ALIH_CHECK(s.merge(writer_, everything, {}, any));
  s.collect();
  return {};
}

Status IndexStore::verify() const {
  const auto now = state_->current();
  for (const auto& s : now->segments()) {
    if (const auto* keyed = dynamic_cast<const KeyedSegment*>(s.segment.get())) {
      ALIH_CHECK(keyed->verify());
    }
  }
  return {};
}

}  // namespace alih::indexer
