#include "indexer/database.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <thread>

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <sys/statvfs.h>

#include "core/clock.h"
#include "core/fields.h"
#include "core/id.h"
#include "core/json.h"
#include "core/records.h"
#include "indexer/analyzer.h"
#include "indexer/calm.h"
#include "indexer/commit_head.h"
#include "indexer/file_system.h"
#include "indexer/index_store.h"
#include "indexer/keyspace.h"
#include "indexer/language.h"
#include "indexer/snippet.h"
#include "indexer/store_error.h"
#include "indexer/text_index.h"
#include "indexer/text_record.h"

namespace alih::indexer {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kSchemaVersion = 4;
constexpr std::size_t kUlid = 26;

// Unknown counts as enough: the write itself will tell.
std::uint64_t free_bytes(const fs::path& folder) {
  struct statvfs info {};
  if (::statvfs(folder.c_str(), &info) != 0) return UINT64_MAX;
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

std::string key_of(const Job& job) {
  return job_key(job.item.str(), static_cast<std::uint32_t>(job.file_seq), job.stage);
}

bool is_registered(const Item& item) { return !item.digitization_no.empty(); }

// Where a record or item is found by its barcode and accession numbers.
std::set<std::string> identifier_keys(const Item& item) {
  std::set<std::string> out;
  const auto add = [&](Identifier kind, const char* name) {
    const auto found = item.fields.find(name);
    if (found == item.fields.end()) return;
    for (const auto& value : found->second) {
      const auto folded_value = folded_identifier(value);
      if (folded_value.empty()) continue;
      out.insert(static_cast<char>(kind) + folded_value + '\0' + item.id.str());
    }
  };
  add(Identifier::barcode, "barcode");
  add(Identifier::accession_no, "accession_no");
  return out;
}

// Such a key without whose it is.
std::string_view start_of(std::string_view key) { return key.substr(0, key.size() - kUlid - 1); }

Error head_missing() {
  return {ErrorCode::damaged,
          message("Catatan komit basis data (index.head) hilang atau bukan miliknya, jadi tidak "
                  "pasti isinya lengkap; jalankan alihmedia rebuild",
                  "The database's commit head (index.head) is missing or another one's, so nobody "
                  "can say that it is complete; run alihmedia rebuild")};
}

}  // namespace

std::string job_to_json(const Job& job) {
  json j{
      {"item", job.item.str()}, {"file_seq", job.file_seq}, {"stage", std::string(1, job.stage)}};
  if (!job.input_sha256.empty()) j["input_sha256"] = job.input_sha256;
  if (!job.settings_sha256.empty()) j["settings_sha256"] = job.settings_sha256;
  if (job.urgent) j["urgent"] = true;
  if (job.attempts > 0) j["attempts"] = job.attempts;
  if (job.refunds > 0) j["refunds"] = job.refunds;
  if (!job.lease.empty()) j["lease"] = job.lease;
  if (job.set_aside) j["set_aside"] = true;
  if (!job.last_error.empty()) j["error"] = job.last_error;
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Job> job_from_json(std::string_view text) {
  try {
    const auto j = json::parse(text);
    Job job;
    if (const auto id = j.value("item", std::string()); !id.empty()) {
      ALIH_TRY(job.item, ItemId::parse(id));
    }
    job.file_seq = j.value("file_seq", 0);
    const auto stage = j.value("stage", std::string("r"));
    if (stage.size() != 1) throw std::invalid_argument("stage");
    job.stage = stage[0];
    job.input_sha256 = j.value("input_sha256", std::string());
    job.settings_sha256 = j.value("settings_sha256", std::string());
    job.urgent = j.value("urgent", false);
    job.attempts = j.value("attempts", 0);
    job.refunds = j.value("refunds", 0);
    job.lease = j.value("lease", std::string());
    job.set_aside = j.value("set_aside", false);
    job.last_error = j.value("error", std::string());
    return job;
  } catch (const std::exception& e) {
    return fail(ErrorCode::damaged, "Tugas tidak terbaca: {}", "The job cannot be read: {}",
                {e.what()});
  }
}

namespace {
// Notes that something went wrong behind commits.
class Trouble : public rocksdb::EventListener {
 public:
  explicit Trouble(std::shared_ptr<std::atomic<bool>> seen) : seen_(std::move(seen)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override {
    *seen_ = true;
  }
  // The library would go on by itself once a full disk has room, with files that we take for those
  // of a failed commit. Everybody starts anew from the disk instead.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  std::shared_ptr<std::atomic<bool>> seen_;
};

}  // namespace

struct Database::State {
  Settings settings;
  fs::path place;
  std::shared_ptr<std::atomic<bool>> troubled = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::unique_ptr<IndexTables> tables;
  std::unique_ptr<IndexStore> index;  // synchronises itself
  Synonyms synonyms;
  bool read_only = false;

  mutable std::shared_mutex mutex;
  // mutex guards:
  bool index_loaded = false;
  ChainHead chain;
  bool broken = false;  // a commit failed: what is in memory may be ahead of the disk
  CommitHeadFile head_file;
  std::string identity;

  ~State() {
    index.reset();
    // After a failed write nothing is closed: the library aborts over files it could not finish.
    // Everything acknowledged is in the log, synced.
    if (broken || *troubled) {
      (void)db.release();  // NOLINT: on purpose
      return;
    }
    close();
  }

  // index is not there.
  void close() {
    for (auto* family : families) db->DestroyColumnFamilyHandle(family);
    families.clear();
    db.reset();
  }

  [[nodiscard]] CommitHead head() const {
    return {identity, db->GetLatestSequenceNumber(), chain.sequence, chain.sha256};
  }

  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family f) const {
    return families[static_cast<std::size_t>(f)];
  }

  // Page texts are large and seldom asked for twice: they stay out of the cache.
  [[nodiscard]] Result<std::optional<std::string>> get(Family f, const std::string& key) const {
    std::string value;
    rocksdb::ReadOptions options;
    options.fill_cache = f != Family::text;
    const auto status = db->Get(options, family(f), key, &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return fail(database_error(status));
    return std::optional<std::string>(std::move(value));
  }

  // Every key with the prefix, until the call says false. A walk would push out of the cache what
  // is asked for again and again.
  Status each(Family f, const std::string& prefix,
              const std::function<bool(std::string_view key, std::string_view value)>& call) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(options, family(f)));
    for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
      if (!call({it->key().data(), it->key().size()}, {it->value().data(), it->value().size()})) {
        return {};
      }
    }
    if (!it->status().ok()) return fail(database_error(it->status()));
    return {};
  }

  Status load();
  Status migrate(int from, const fs::path& folder);
  Status check_head(const std::optional<CommitHead>& head, const fs::path& folder) const;
  Status load_index();
  Status reindex();
  Status stage_documents(const Change& change, rocksdb::WriteBatch& batch,
                         IndexChange& index_change);
  // The catalogue's part of a commit.
  Status stage_catalogue(const Change& change, rocksdb::WriteBatch& batch) const;
  Status fill_identifiers();
  [[nodiscard]] std::vector<ItemId> with_identifier(std::string_view key_start) const;
  // Whether an item that is to be found has a number of this record; `at_hand` stands for what the
  // database has of it.
  [[nodiscard]] bool is_digitised(const Item& record, const Item* at_hand = nullptr) const;
  // Catalogue records to look at again in a commit, and whether each is to be found.
  [[nodiscard]] Result<std::vector<std::pair<Item, bool>>> records_to_show(
      const Change& change) const;
};

namespace {

// One for the whole program: the lists are the same for every database.
const Stemmer& stemmer() {
  static const Stemmer one(installed_words());
  return one;
}

// An item that nobody may find, and its pages, have no documents.
bool is_shown(const Item& item) {
  return item.state != ItemState::withdrawn && item.state != ItemState::rejected;
}
bool is_shown(const Page& page, const TextLayer& text) {
  return page.state != PageState::removed && page.state != PageState::failed &&
         text.word_count() > 0;
}

// How long a reader waits for a writer to pause between two merges.
constexpr double kReaderWaitS = 10;

// What RocksDB's list of tables was at a time: its file and length.
std::pair<std::string, std::uintmax_t> table_list(const fs::path& folder) {
  std::string name;
  std::ifstream(folder / "CURRENT") >> name;
  std::error_code error;
  return {name, fs::file_size(folder / name, error)};
}

}  // namespace

Status Database::State::load() {
  ALIH_TRY(const auto own, get(Family::meta, "identity"));
  identity = own.value_or("");
  try {
    ALIH_TRY(const auto head, get(Family::meta, "chain"));
    if (head) {
      const auto j = json::parse(*head);
      chain = {j.at("sequence").get<std::uint64_t>(), j.at("sha256").get<std::string>()};
    }
  } catch (const std::exception& e) {
    return fail(ErrorCode::damaged, "Basis data rusak: {}. Jalankan alihmedia rebuild",
                "The database is damaged: {}. Run alihmedia rebuild", {e.what()});
  }
  return index->load_manifest();
}

// Never a start with fewer rows than were acknowledged.
Status Database::State::check_head(const std::optional<CommitHead>& head,
                                   const fs::path& folder) const {
  if (!head || head->identity != identity) return fail(head_missing());
  const auto latest = db->GetLatestSequenceNumber();
  bool whole = latest >= head->database_sequence && chain.sequence >= head->event_sequence;
  if (whole && head->event_sequence > 0) {
    const auto value = get(Family::event, big_endian(head->event_sequence, 8));
    if (!value) return fail(Error(value.error()));
    const auto event = *value ? event_from_json(**value) : Result<Event>(fail(head_missing()));
    whole = event && event->sha256 == head->event_sha256;
  }
  if (whole) return {};
  return fail(
      ErrorCode::damaged,
      "Basis data di {} lebih tua daripada yang sudah disimpan: kejadian {} dari {}. Berkas "
      "lognya hilang, rusak, atau folder itu salinan lama; jalankan alihmedia rebuild",
      "The database in {} is older than what was stored: event {} of {}. Its log file is "
      "gone or damaged, or the folder is an old copy; run alihmedia rebuild",
      {folder.string(), chain.sequence, head->event_sequence});
}

// From an older schema to this one, a step at a time; killed in between, the next start goes on.
// The database as it was stays beside it (hard links) until all is done.
Status Database::State::migrate(int from, const fs::path& folder) {
  auto before = folder;
  before += ".before-" + std::to_string(kSchemaVersion);
  std::error_code error;
  if (!fs::exists(before / "CURRENT", error)) {
    auto aside = before;
    aside += ".partial";
    fs::remove_all(aside, error);
    rocksdb::Checkpoint* raw = nullptr;
    auto status = rocksdb::Checkpoint::Create(db.get(), &raw);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
    if (status.ok()) status = checkpoint->CreateCheckpoint(aside.string());
    if (!status.ok()) return fail(database_error(status));
    fs::rename(aside, before, error);
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (from == 2) {
    // Jobs got a stage in their keys; a key without one is one that was not moved yet.
    constexpr std::size_t kPageKey = 26 + 4;
    constexpr std::size_t kAtOnce = 1000;
    for (bool more = true; more;) {
      rocksdb::WriteBatch batch;
      std::size_t moved = 0;
      ALIH_CHECK(each(Family::job, "", [&](std::string_view key, std::string_view value) {
        if (key.size() != kPageKey) return true;
        batch.Put(family(Family::job), std::string(key) + 'r',
                  rocksdb::Slice(value.data(), value.size()));
        batch.Delete(family(Family::job), rocksdb::Slice(key.data(), key.size()));
        return ++moved < kAtOnce;
      }));
      more = moved == kAtOnce;
      if (!more) {
        batch.Put(family(Family::meta), "identity", new_ulid());
        batch.Put(family(Family::meta), "schema", "3");
      }
      if (const auto status = db->Write(synced, &batch); !status.ok()) {
        return fail(database_error(status));
      }
    }
    from = 3;
  }
  if (from == 3) {
    // The catalogue has a family: items are found by their numbers. Small segments of the old form
    // go; load_index() makes the index anew from the texts.
    ALIH_CHECK(fill_identifiers());
    rocksdb::WriteBatch batch;
    batch.DeleteRange(family(Family::micro), "", std::string(5, '\xFF'));
    batch.Put(family(Family::meta), "reindexing", "1");
    batch.Put(family(Family::meta), "schema", "4");
    if (const auto status = db->Write(synced, &batch); !status.ok()) {
      return fail(database_error(status));
    }
    from = 4;
  }
  if (from != kSchemaVersion) {
    return fail(ErrorCode::wrong_state,
                "Basis data dari versi yang terlalu tua ({}); jalankan alihmedia rebuild",
                "The database is of a version too old ({}); run alihmedia rebuild", {from});
  }
  fs::remove_all(before, error);
  return {};
}

// The full text's segments and the items' facts into memory. What reads one item needs none of it.
// The caller holds the mutex alone, or nobody else has the object yet.
Status Database::State::load_index() {
  if (index_loaded) return {};
  ALIH_TRY(synonyms, Synonyms::load(settings.synonyms_file));
  ALIH_TRY(const auto unfinished, get(Family::meta, "reindexing"));
  ALIH_TRY(const auto words, get(Family::meta, "words"));
  const auto version = index->analyzer_version();
  // Other roots only make fewer forms of a word meet; other rules would not find the words at all.
  const bool other_rules = version != 0 && version != kAnalyzerVersion;
  const bool other_words = version != 0 && words.value_or("") != installed_words_digest();
  if (read_only && (unfinished || other_rules)) {
    return fail(ErrorCode::wrong_state,
                "Indeks dibuat dengan aturan kata yang lain; jalankan alihmedia process",
                "The index was made with other word rules; run alihmedia process");
  }
  if (!read_only && (unfinished || other_rules || other_words)) {
    ALIH_CHECK(reindex());
  }
  Status bad;
  Status walked;
  ALIH_CHECK(index->load_segments([&](IndexView& view) {
    walked = each(Family::item, "", [&](std::string_view key, std::string_view value) {
      const auto item = item_from_json(value);
      if (!item) {
        bad = fail(Error(item.error()));
        return false;
      }
      view.set_facts(std::string(key), facts_of(*item));
      return true;
    });
  }));
  ALIH_CHECK(std::move(walked));
  ALIH_CHECK(std::move(bad));
  index_loaded = true;
  return {};
}

// Makes the full-text index anew from the items and texts in the database: after a change of the
// word rules. Cut off, the next start begins again.
Status Database::State::reindex() {
  constexpr std::size_t kAtOnce = std::size_t{64} << 20U;  // bytes in memory
  rocksdb::WriteOptions synced;
  synced.sync = true;
  rocksdb::WriteBatch batch;
  batch.Put(family(Family::meta), "reindexing", "1");
  batch.DeleteRange(family(Family::document), "", std::string(1, '\xFF'));
  if (const auto status = db->Write(synced, &batch); !status.ok()) {
    return fail(database_error(status));
  }
  batch.Clear();
  ALIH_CHECK(index->clear(kAnalyzerVersion));
  auto change = std::make_unique<IndexChange>();
  const std::lock_guard writer(index->writer());
  const auto write = [&]() -> Status {
    if (change->added.empty()) return {};
    if (const auto status = db->Write(synced, &batch); !status.ok()) {
      return fail(database_error(status));
    }
    batch.Clear();
    ALIH_CHECK(index->add_bulk(*change));
    change = std::make_unique<IndexChange>();
    return {};
  };
  Status bad;
  ALIH_CHECK(each(Family::item, "", [&](std::string_view key, std::string_view value) {
    const auto item = item_from_json(value);
    if (!item) {
      bad = fail(Error(item.error()));
      return false;
    }
    if (!is_shown(*item) || (!is_registered(*item) && is_digitised(*item))) return true;
    const std::string id(key);
    auto ordinal = index->take_ordinal();
    add_item(change->added, stemmer(), ordinal, *item);
    batch.Put(family(Family::document), page_key(id, 0), big_endian(ordinal, 4));
    const auto walked = each(Family::text, id, [&](std::string_view text_key, std::string_view t) {
      const auto page_value = get(Family::page, std::string(text_key));
      if (!page_value || !*page_value) return true;
      const auto page = page_from_json(**page_value);
      const auto text = decode_text(t);
      if (!page || !text) {
        bad = fail(Error(!page ? page.error() : text.error()));
        return false;
      }
      if (!is_shown(*page, *text)) return true;
      ordinal = index->take_ordinal();
      const auto seq = static_cast<std::uint32_t>(page->file_seq);
      add_page(change->added, stemmer(), ordinal, id, seq, *text);
      batch.Put(family(Family::document), page_key(id, seq), big_endian(ordinal, 4));
      return true;
    });
    if (bad && !walked) bad = fail(Error(walked.error()));
    if (bad && change->added.bytes() > kAtOnce) bad = write();
    return bad.has_value();
  }));
  ALIH_CHECK(std::move(bad));
  ALIH_CHECK(write());
  batch.Delete(family(Family::meta), "reindexing");
  batch.Put(family(Family::meta), "words", installed_words_digest());
  if (const auto status = db->Write(synced, &batch); !status.ok()) {
    return fail(database_error(status));
  }
  return {};
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}

Database::~Database() {
  auto& s = *state_;
  s.index.reset();  // its thread ends
  if (s.read_only || s.broken || *s.troubled) return;
  // What lies in the log alone is read into memory by whoever opens the database next: not worth a
  // table for one change, but for a night's.
  constexpr std::uint64_t kWorthATable = std::uint64_t{2} << 20U;
  std::uint64_t total = 0;
  for (auto* family : s.families) {
    std::uint64_t bytes = 0;
    s.db->GetIntProperty(family, rocksdb::DB::Properties::kCurSizeActiveMemTable, &bytes);
    total += bytes;
  }
  // Should it fail, the log still has everything.
  if (total > kWorthATable) (void)s.db->Flush(rocksdb::FlushOptions(), s.families);
}

Result<std::unique_ptr<Database>> Database::open(const fs::path& folder, const Settings& settings,
                                                 Mode mode, bool create, bool adopting) {
  std::error_code error;
  const bool there = fs::exists(folder / "CURRENT", error);
  if (!there && (!create || mode == Mode::read_only)) {
    return fail(ErrorCode::index_missing,
                "Basis data belum ada atau hilang; jalankan alihmedia rebuild",
                "The database is missing; run alihmedia rebuild");
  }
  // Before the database: a writer may be going on beside us.
  const auto head_path = CommitHeadFile::path_of(folder);
  auto head = CommitHeadFile::read(head_path);
  // A rebuild that was cut off after its database got its place has its head still under this name.
  auto new_folder = folder;
  new_folder += ".new";
  const auto new_head = CommitHeadFile::read(CommitHeadFile::path_of(new_folder));
  if (!there && !adopting && head && head->event_sequence > 0) {
    return fail(ErrorCode::index_missing, "Basis data hilang; jalankan alihmedia rebuild",
                "The database is gone; run alihmedia rebuild");
  }
  auto state = std::make_unique<State>();
  state->settings = settings;
  state->place = folder;
  state->read_only = mode == Mode::read_only;

  rocksdb::Options options;
  options.env = environment();
  options.create_if_missing = create;
  options.create_missing_column_families = true;
  // Measured: the default mode silently drops acknowledged records after one flipped byte.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.recycle_log_file_num = 0;
  options.paranoid_checks = true;
  options.track_and_verify_wals_in_manifest = true;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.max_total_wal_size = std::uint64_t{64} << 20U;
  options.keep_log_file_num = 4;
  // A reader keeps every table open: the writer beside it deletes what it merged.
  options.max_open_files = state->read_only ? -1 : 256;
  options.compression = rocksdb::kZSTD;
  options.write_buffer_size = std::size_t{8} << 20U;
  options.bytes_per_sync = std::uint64_t{1} << 20U;
  options.listeners.push_back(std::make_shared<Trouble>(state->troubled));
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(static_cast<std::size_t>(settings.cache_mib) << 20U);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));

  state->tables = std::make_unique<IndexTables>(settings.search_cache_mib);
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  for (const auto name : kFamilyNames) {
    const std::string plain =
        name == "meta" ? rocksdb::kDefaultColumnFamilyName : std::string(name);
    rocksdb::ColumnFamilyOptions family(options);
    if (is_segment_family(name)) state->tables->tune(family);
    wanted.emplace_back(plain, std::move(family));
  }
  const auto needs_upgrade = [](const std::string& schema) {
    return fail(ErrorCode::wrong_state,
                "Basis data dari versi lama ({}) belum diperbarui; jalankan alihmedia process",
                "The database of an older version ({}) is not upgraded yet; run alihmedia process",
                {schema});
  };
  if (there && mode == Mode::read_only) {
    std::vector<std::string> found;
    const auto listed = rocksdb::DB::ListColumnFamilies(options, folder.string(), &found);
    if (listed.ok() && found.size() < wanted.size()) return needs_upgrade("3");
  }
  rocksdb::DB* raw = nullptr;
  const auto open_once = [&] {
    return mode == Mode::read_only
               ? rocksdb::DB::OpenForReadOnly(rocksdb::DBOptions(options), folder.string(), wanted,
                                              &state->families, &raw)
               : rocksdb::DB::Open(rocksdb::DBOptions(options), folder.string(), wanted,
                                   &state->families, &raw);
  };
  rocksdb::Status status;
  // A reader takes the list of tables, the tables and the log one after the other. Beside a writer
  // these belong together only if the list did not change meanwhile.
  const double until = monotonic_seconds() + kReaderWaitS;
  std::optional<AskForCalm> calm;
  for (int i = 0;; ++i) {
    if (i > 0 && !calm) calm.emplace(folder);
    state->close();
    const auto before = table_list(folder);
    status = open_once();
    if (status.ok()) state->db.reset(raw);
    if (mode == Mode::read_write || table_list(folder) == before) break;
    if (monotonic_seconds() > until) {
      return fail(ErrorCode::busy, "Basis data sedang banyak ditulis; ulangi sebentar lagi",
                  "The database is being written too much; try again in a moment");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10 * std::min(i, 10)));
  }
  calm.reset();
  if (!status.ok()) {
    if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
      return fail(ErrorCode::busy, "Basis data sedang dipakai program lain",
                  "The database is in use by another program");
    }
    return fail(database_error(status));
  }
  IndexFamilies in;
  in.meta = state->family(Family::meta);
  in.micro = state->family(Family::micro);
  in.dead = state->family(Family::dead);
  in.parts = {state->family(Family::frame), state->family(Family::dict),
              state->family(Family::post), state->family(Family::place)};
  IndexStore::Options index_options;
  index_options.k1 = settings.k1;
  index_options.b = settings.b;
  index_options.writable = mode == Mode::read_write;
  index_options.scratch = folder / "merge";
  index_options.before_tables_change = [folder](const std::stop_token& stop) {
    wait_for_readers(folder, 2 * kReaderWaitS, stop);
  };
  state->index = std::make_unique<IndexStore>(*state->db, in, std::move(index_options));
  if (!there) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    rocksdb::WriteBatch first;
    first.Put(state->family(Family::meta), "schema", std::to_string(kSchemaVersion));
    first.Put(state->family(Family::meta), "identity", new_ulid());
    first.Put(state->family(Family::meta), "words", installed_words_digest());
    const auto written = state->db->Write(synced, &first);
    if (!written.ok()) return fail(database_error(written));
  }
  ALIH_TRY(const auto schema, state->get(Family::meta, "schema"));
  if (!schema) {
    return fail(
        ErrorCode::damaged, "Basis data di {} kosong; lognya hilang. Jalankan alihmedia rebuild",
        "The database in {} is empty; its log is gone. Run alihmedia rebuild", {folder.string()});
  }
  const int version = std::atoi(schema->c_str());
  if (version > kSchemaVersion) {
    return fail(ErrorCode::wrong_state,
                "Basis data dibuat oleh alihmedia yang lebih baru ({}); perbarui program ini",
                "The database was made by a newer alihmedia ({}); update this program", {version});
  }
  const bool old = version < kSchemaVersion;
  if (old) {
    if (mode == Mode::read_only) return needs_upgrade(std::to_string(version));
    ALIH_CHECK(state->migrate(version, folder));
  }
  ALIH_CHECK(state->load());
  constexpr int kFirstWithHead = 3;
  if (new_head && new_head->identity == state->identity) head = new_head;
  // One that was cut off before its first commit has nothing to lose.
  const bool unused = !head && state->chain.sequence == 0;
  if (there && !adopting && !unused && version >= kFirstWithHead) {
    ALIH_CHECK(state->check_head(head, folder));
  }
  if (mode == Mode::read_write) {
    ALIH_CHECK(state->fill_identifiers());
    ALIH_CHECK(state->load_index());
    ALIH_CHECK(state->head_file.open(head_path, state->head()));
  }
  return std::unique_ptr<Database>(new Database(std::move(state)));
}

Result<std::unique_ptr<Database>> Database::open(const fs::path& folder, const Settings& settings,
                                                 Mode mode, bool create) {
  return open(folder, settings, mode, create, false);
}

Status Database::adopt(const fs::path& folder, const Settings& settings) {
  ALIH_TRY(const auto database, open(folder, settings, Mode::read_only, false, true));
  CommitHeadFile file;
  return file.open(CommitHeadFile::path_of(folder), database->state_->head());
}

// New documents for what changed, and the old ones of the same page or item taken out.
Status Database::State::stage_documents(const Change& change, rocksdb::WriteBatch& batch,
                                        IndexChange& to) {
  // The ordinal of the new document, when there is to be one.
  const auto replace = [&](const std::string& item, std::uint32_t seq,
                           bool add) -> Result<std::uint32_t> {
    const auto key = page_key(item, seq);
    ALIH_TRY(const auto before, get(Family::document, key));
    if (before) to.removed.push_back(static_cast<std::uint32_t>(from_big_endian(*before)));
    if (!add) {
      if (before) batch.Delete(family(Family::document), key);
      return 0U;
    }
    const auto ordinal = index->take_ordinal();
    batch.Put(family(Family::document), key, big_endian(ordinal, 4));
    return ordinal;
  };
  // Pages of an item that nobody may find stay out, whatever happens to them.
  const auto owner_shown = [&](const ItemId& id) {
    if (change.item && change.item->id == id) return is_shown(*change.item);
    const auto value = get(Family::item, id.str());
    if (!value || !*value) return true;
    const auto item = item_from_json(**value);
    return !item || is_shown(*item);
  };
  const auto describe = [&](const Item& item, bool shown) -> Status {
    ALIH_TRY(const auto ordinal, replace(item.id.str(), 0, shown));
    if (shown) add_item(to.added, stemmer(), ordinal, item);
    return {};
  };
  for (const auto& r : change.records) to.facts.emplace_back(r.item.id.str(), facts_of(r.item));
  ALIH_TRY(const auto records, records_to_show(change));
  for (const auto& [item, shown] : records) ALIH_CHECK(describe(item, shown));
  if (change.item) {
    const auto& item = *change.item;
    to.facts.emplace_back(item.id.str(), facts_of(item));
    ALIH_CHECK(describe(item, is_shown(item)));
    if (!is_shown(item)) {
      std::vector<std::pair<std::string, std::string>> all;
      ALIH_CHECK(each(Family::document, item.id.str(), [&](std::string_view k, std::string_view v) {
        all.emplace_back(k, v);
        return true;
      }));
      for (const auto& [key, value] : all) {
        to.removed.push_back(static_cast<std::uint32_t>(from_big_endian(value)));
        batch.Delete(family(Family::document), key);
      }
    }
  }
  for (const auto& p : change.pages) {
    const bool leaves = p.page.state == PageState::removed || p.page.state == PageState::failed;
    if (!p.text && !leaves) continue;
    const bool shown = p.text && is_shown(p.page, *p.text) && owner_shown(p.page.item);
    const auto seq = static_cast<std::uint32_t>(p.page.file_seq);
    ALIH_TRY(const auto ordinal, replace(p.page.item.str(), seq, shown));
    if (shown) add_page(to.added, stemmer(), ordinal, p.page.item.str(), seq, *p.text);
  }
  return {};
}

Status Database::commit(const Change& change) {
  auto& s = *state_;
  const std::unique_lock lock(s.mutex);
  s.broken = s.broken || *s.troubled || s.index->broken();
  if (s.read_only || s.broken) {
    return fail(ErrorCode::unavailable,
                "Basis data tidak dapat ditulisi; mulai ulang alihmedia lalu jalankan verify",
                "The database cannot be written to; start alihmedia again and run verify");
  }
  // Asked before, since a log that a full disk cut short must not be written on: then only a new
  // start helps.
  constexpr std::uint64_t kForTheLog = std::uint64_t{8} << 20U;
  if (free_bytes(s.place) < kForTheLog) return fail(database_error(rocksdb::Status::NoSpace()));
  rocksdb::WriteBatch batch;
  auto chain = s.chain;

  if (change.item) {
    const auto& item = *change.item;
    batch.Put(s.family(Family::item), item.id.str(), alih::to_json(item));
    if (change.new_number) {
      const auto key = number_key(item.year, item.sequence_no);
      ALIH_TRY(const auto taken, s.get(Family::number, key));
      if (taken && *taken != item.id.str()) {
        return fail(ErrorCode::duplicate, "Nomor {} sudah dipakai", "Number {} is taken already",
                    {item.digitization_no});
      }
      batch.Put(s.family(Family::number), key, item.id.str());
    }
  }
  for (const auto& p : change.pages) {
    const auto key = page_key(p.page.item.str(), static_cast<std::uint32_t>(p.page.file_seq));
    batch.Put(s.family(Family::page), key, alih::to_json(p.page));
    if (p.text) batch.Put(s.family(Family::text), key, encode_text(*p.text));
    batch.Put(s.family(Family::master), p.page.master.fixity.sha256 + key, "");
  }
  for (const auto& e : change.events) {
    batch.Put(s.family(Family::event), big_endian(e.sequence, 8), alih::to_json(e));
    if (e.sequence > chain.sequence) chain = {e.sequence, e.sha256};
    if (e.item.empty()) continue;  // of the catalogue
    batch.Put(s.family(Family::of_item), of_item_key(e.item.str(), e.sequence),
              e.page.empty() ? "-" : e.page);
  }
  for (const auto& job : change.done_jobs) batch.Delete(s.family(Family::job), key_of(job));
  for (const auto& job : change.put_jobs) {
    batch.Put(s.family(Family::job), key_of(job), job_to_json(job));
  }
  for (const auto& d : change.put_damage) {
    batch.Put(s.family(Family::damage), d.item.str() + d.file,
              json{{"kind", d.kind}, {"detail", d.detail}, {"found_at", d.found_at}}.dump(
                  -1, ' ', false, json::error_handler_t::replace));
  }
  for (const auto& d : change.gone_damage) {
    batch.Delete(s.family(Family::damage), d.item.str() + d.file);
  }
  for (const auto& [name, value] : change.meta) {
    if (value.empty()) {
      batch.Delete(s.family(Family::meta), name);
    } else {
      batch.Put(s.family(Family::meta), name, value);
    }
  }

  if (auto staged = s.stage_catalogue(change, batch); !staged) return staged;
  const std::lock_guard writer(s.index->writer());
  IndexChange index_change;
  auto staged = s.stage_documents(change, batch, index_change);
  const bool indexed =
      !index_change.added.empty() || !index_change.removed.empty() || !index_change.facts.empty();
  if (staged && indexed) staged = s.index->stage(index_change, batch);
  if (!staged) {
    s.index->abandon();
    return staged;
  }
  batch.Put(s.family(Family::meta), "chain",
            json{{"sequence", chain.sequence}, {"sha256", chain.sha256}}.dump());

  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (const auto status = s.db->Write(synced, &batch); !status.ok()) {
    s.index->abandon();
    s.broken = true;  // an I/O error is not tried again: start anew from what is on disk
    return fail(database_error(status));
  }
  s.chain = chain;
  if (indexed) s.index->finish();
  (void)s.head_file.write(s.head());  // behind is allowed
  return {};
}

std::vector<ItemId> Database::State::with_identifier(std::string_view key_start) const {
  std::vector<ItemId> out;
  const auto prefix = std::string(key_start) + '\0';
  (void)each(Family::catalogue, prefix, [&](std::string_view key, std::string_view) {
    constexpr std::size_t kMost = 1000;
    if (key.size() == prefix.size() + kUlid) {
      if (const auto id = ItemId::parse(key.substr(prefix.size()))) out.push_back(*id);
    }
    return out.size() < kMost;
  });
  return out;
}

Status Database::State::stage_catalogue(const Change& change, rocksdb::WriteBatch& batch) const {
  const auto renew = [&](const Item& item) -> Status {
    const auto keys = identifier_keys(item);
    ALIH_TRY(const auto before, get(Family::item, item.id.str()));
    if (before) {
      if (const auto old = item_from_json(*before)) {
        for (const auto& key : identifier_keys(*old)) {
          if (!keys.contains(key)) batch.Delete(family(Family::catalogue), key);
        }
      }
    }
    for (const auto& key : keys) batch.Put(family(Family::catalogue), key, "");
    return {};
  };
  if (change.item) ALIH_CHECK(renew(*change.item));
  for (const auto& r : change.records) {
    const auto id = r.item.id.str();
    ALIH_CHECK(renew(r.item));
    batch.Put(family(Family::item), id, alih::to_json(r.item));
    batch.Put(family(Family::catalogue), "r" + id, alih::to_json(r));
    batch.Put(family(Family::catalogue), "i" + r.identity, id);
  }
  if (!change.catalogue_file.empty()) {
    batch.Put(family(Family::catalogue), "f" + change.catalogue_file, "");
  }
  for (const auto& b : change.books) {
    batch.Put(family(Family::catalogue), "l" + b.name, alih::to_json(b));
    if (!b.name.starts_with("handover-")) continue;
    ALIH_TRY(const auto handover, handover_from_json(b.body));
    for (const auto& entry : handover.entries) {
      for (const char* name : {"barcode", "accession_no"}) {
        const auto values = entry.fields.find(name);
        if (values == entry.fields.end()) continue;
        for (const auto& value : values->second) {
          const auto plain = folded_identifier(value);
          if (plain.empty()) continue;
          batch.Put(family(Family::catalogue),
                    "e" + plain + '\0' + b.name + '\0' +
                        big_endian(static_cast<std::uint64_t>(entry.number), 4),
                    "");
        }
      }
    }
  }
  if (change.item && is_registered(*change.item)) {
    const auto& item = *change.item;
    if (!parse_digitization_no(item.digitization_no)) {
      batch.Put(family(Family::catalogue), "n" + folded(item.digitization_no), item.id.str());
    }
    const auto batch_no = folded_batch_no(item.field("batch_no"));
    const int entry = std::atoi(item.field("batch_entry").c_str());
    if (!batch_no.empty() && entry > 0) {
      batch.Put(family(Family::catalogue),
                "x" + batch_no + '\0' + big_endian(static_cast<std::uint64_t>(entry), 4),
                item.id.str());
    }
  }
  return {};
}

std::optional<BookRecord> Database::book(const std::string& name) const {
  const auto value = state_->get(Family::catalogue, "l" + name);
  if (!value || !*value) return std::nullopt;
  auto record = book_record_from_json(**value);
  if (!record) return std::nullopt;
  return std::move(*record);
}

Status Database::each_book(std::string_view name_start,
                           const std::function<bool(const BookRecord&)>& call) const {
  Status bad;
  ALIH_CHECK(state_->each(Family::catalogue, "l" + std::string(name_start),
                          [&](std::string_view, std::string_view value) {
                            const auto record = book_record_from_json(value);
                            if (!record) bad = fail(record.error());
                            return record && call(*record);
                          }));
  return bad;
}

std::vector<std::pair<std::string, int>> Database::entries_with(std::string_view value) const {
  std::vector<std::pair<std::string, int>> out;
  const auto plain = folded_identifier(value);
  if (plain.empty()) return out;
  const auto prefix = "e" + plain + '\0';
  (void)state_->each(Family::catalogue, prefix, [&](std::string_view key, std::string_view) {
    constexpr std::size_t kMost = 100;
    const auto rest = key.substr(prefix.size());
    const auto zero = rest.find('\0');
    if (zero != std::string_view::npos && rest.size() == zero + 5) {
      out.emplace_back(rest.substr(0, zero),
                       static_cast<int>(from_big_endian(rest.substr(zero + 1))));
    }
    return out.size() < kMost;
  });
  return out;
}

std::optional<Item> Database::item_of_entry(std::string_view batch_no, int entry) const {
  const auto batch = folded_batch_no(batch_no);
  const auto id = state_->get(
      Family::catalogue, "x" + batch + '\0' + big_endian(static_cast<std::uint64_t>(entry), 4));
  if (batch.empty() || !id || !*id) return std::nullopt;
  const auto parsed = ItemId::parse(**id);
  if (!parsed) return std::nullopt;
  auto found = item(*parsed);
  // The key stays when the item is said to be of another batch after all.
  if (!found || folded_batch_no(found->field("batch_no")) != batch ||
      std::atoi(found->field("batch_entry").c_str()) != entry) {
    return std::nullopt;
  }
  return std::move(*found);
}

std::vector<Item> Database::papers() const {
  std::vector<Item> out;
  (void)state_->each(Family::catalogue, "n", [&](std::string_view, std::string_view id) {
    const auto value = state_->get(Family::item, std::string(id));
    if (!value || !*value) return true;
    if (auto item = item_from_json(**value)) out.push_back(std::move(*item));
    return true;
  });
  return out;
}

int Database::next_paper_no(std::string_view prefix, int year) const {
  auto start = folded(paper_no(prefix, year, 0));
  start.resize(start.rfind('-') + 1);
  int last = 0;
  (void)state_->each(Family::catalogue, "n" + start, [&](std::string_view key, std::string_view) {
    last = std::max(last, std::atoi(std::string(key.substr(1 + start.size())).c_str()));
    return true;
  });
  return last + 1;
}

// Items of a database from before the catalogue.
Status Database::State::fill_identifiers() {
  ALIH_TRY(const auto done, get(Family::catalogue, "k"));
  if (done) return {};
  rocksdb::WriteBatch batch;
  ALIH_CHECK(each(Family::item, "", [&](std::string_view, std::string_view value) {
    if (const auto item = item_from_json(value)) {
      for (const auto& key : identifier_keys(*item)) batch.Put(family(Family::catalogue), key, "");
    }
    return true;
  }));
  batch.Put(family(Family::catalogue), "k", "1");
  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (const auto status = db->Write(synced, &batch); !status.ok()) {
    return fail(database_error(status));
  }
  return {};
}

bool Database::State::is_digitised(const Item& record, const Item* at_hand) const {
  std::set<std::string, std::less<>> own;
  if (at_hand != nullptr && is_shown(*at_hand)) {
    for (const auto& key : identifier_keys(*at_hand)) own.emplace(start_of(key));
  }
  for (const auto& key : identifier_keys(record)) {
    if (own.contains(start_of(key))) return true;
    for (const auto& id : with_identifier(start_of(key))) {
      if (id == record.id || (at_hand != nullptr && at_hand->id == id)) continue;
      const auto value = get(Family::item, id.str());
      if (!value || !*value) continue;
      const auto item = item_from_json(**value);
      if (item && is_registered(*item) && is_shown(*item)) return true;
    }
  }
  return false;
}

Result<std::vector<std::pair<Item, bool>>> Database::State::records_to_show(
    const Change& change) const {
  std::vector<std::pair<Item, bool>> out;
  if (change.records.empty() && !change.item) return out;
  const auto* at_hand = change.item ? &*change.item : nullptr;
  for (const auto& r : change.records) out.emplace_back(r.item, !is_digitised(r.item, at_hand));
  if (!change.item || !is_registered(*change.item)) return out;
  // Records of what the item has, or had, as its numbers.
  std::set<std::string> starts;
  for (const auto& key : identifier_keys(*change.item)) starts.emplace(start_of(key));
  ALIH_TRY(const auto before, get(Family::item, change.item->id.str()));
  if (before) {
    const auto old = item_from_json(*before);
    if (old && is_shown(*old) == is_shown(*change.item) &&
        identifier_keys(*old) == identifier_keys(*change.item)) {
      return out;
    }
    if (old) {
      for (const auto& key : identifier_keys(*old)) starts.emplace(start_of(key));
    }
  }
  std::set<ItemId> seen;
  for (const auto& start : starts) {
    for (const auto& id : with_identifier(start)) {
      if (id == change.item->id || !seen.insert(id).second) continue;
      ALIH_TRY(const auto value, get(Family::catalogue, "r" + id.str()));
      if (!value) continue;
      ALIH_TRY(auto record, catalogue_record_from_json(*value));
      const bool shown = !is_digitised(record.item, at_hand);
      out.emplace_back(std::move(record.item), shown);
    }
  }
  return out;
}

Result<CatalogueRecord> Database::catalogue_record(const ItemId& id) const {
  ALIH_TRY(const auto value, state_->get(Family::catalogue, "r" + id.str()));
  if (!value) {
    return fail(ErrorCode::not_found, "Tidak ada catatan katalog dengan pengenal {}",
                "There is no catalogue record with the id {}", {id.str()});
  }
  return catalogue_record_from_json(*value);
}

std::optional<CatalogueRecord> Database::catalogue_record_of(const std::string& identity) const {
  const auto id = state_->get(Family::catalogue, "i" + identity);
  if (!id || !*id) return std::nullopt;
  const auto value = state_->get(Family::catalogue, "r" + **id);
  if (!value || !*value) return std::nullopt;
  auto record = catalogue_record_from_json(**value);
  if (!record) return std::nullopt;
  return std::move(*record);
}

bool Database::has_catalogue_file(const std::string& name) const {
  const auto value = state_->get(Family::catalogue, "f" + name);
  return value && *value;
}

std::vector<std::string> Database::catalogue_file_names() const {
  std::vector<std::string> out;
  (void)state_->each(Family::catalogue, "f", [&](std::string_view key, std::string_view) {
    out.emplace_back(key.substr(1));
    return true;
  });
  return out;
}

Status Database::each_catalogue_record(
    const std::function<bool(const CatalogueRecord&)>& call) const {
  Status bad;
  ALIH_CHECK(state_->each(Family::catalogue, "r", [&](std::string_view, std::string_view value) {
    const auto record = catalogue_record_from_json(value);
    if (!record) {
      bad = fail(Error(record.error()));
      return false;
    }
    return call(*record);
  }));
  return bad;
}

std::vector<CatalogueRecord> Database::records_with(Identifier kind, std::string_view value) const {
  std::vector<CatalogueRecord> out;
  const auto folded_value = folded_identifier(value);
  if (folded_value.empty()) return out;
  for (const auto& id : state_->with_identifier(static_cast<char>(kind) + folded_value)) {
    if (auto record = catalogue_record(id)) out.push_back(std::move(*record));
  }
  return out;
}

std::vector<Item> Database::items_with(Identifier kind, std::string_view value) const {
  std::vector<Item> out;
  const auto folded_value = folded_identifier(value);
  if (folded_value.empty()) return out;
  for (const auto& id : state_->with_identifier(static_cast<char>(kind) + folded_value)) {
    auto found = item(id);
    if (found && is_registered(*found) && is_shown(*found)) out.push_back(std::move(*found));
  }
  return out;
}

std::optional<Job> job_from(std::string_view key, std::string_view value) {
  if (key.size() != kUlid + 5) return std::nullopt;
  const auto item = ItemId::parse(key.substr(0, kUlid));
  auto job = job_from_json(value);
  if (!item || !job) return std::nullopt;
  job->item = *item;
  job->file_seq = static_cast<int>(from_big_endian(key.substr(kUlid, 4)));
  job->stage = key.back();
  return std::move(*job);
}

Result<Item> Database::item(const ItemId& id) const {
  ALIH_TRY(const auto value, state_->get(Family::item, id.str()));
  if (!value) {
    return fail(ErrorCode::not_found, "Tidak ada bahan dengan pengenal {}",
                "There is no item with the id {}", {id.str()});
  }
  return item_from_json(*value);
}

Result<Item> Database::find_item(std::string_view number) const {
  if (const auto id = ItemId::parse(number)) {
    auto found = item(*id);
    // A catalogue record is nothing that pages or events could be added to.
    if (!found || is_registered(*found)) return found;
  }
  const auto parts = parse_digitization_no(number);
  if (parts) {
    ALIH_TRY(const auto id,
             state_->get(Family::number, number_key(parts->year, parts->sequence_no)));
    if (id) {
      ALIH_TRY(const auto item_id, ItemId::parse(*id));
      return item(item_id);
    }
  }
  if (const auto id = state_->get(Family::catalogue, "n" + folded(number));
      !parts && !number.empty() && id && *id) {
    ALIH_TRY(const auto item_id, ItemId::parse(**id));
    return item(item_id);
  }
  return fail(ErrorCode::not_found, "Tidak ada bahan bernomor {}", "There is no item numbered {}",
              {number});
}

std::vector<Item> Database::items(const ItemFilter& filter, std::size_t* total) const {
  std::vector<Item> out;
  std::size_t seen = 0;
  (void)state_->each(Family::number, "", [&](std::string_view, std::string_view id) {
    const auto value = state_->get(Family::item, std::string(id));
    if (!value || !*value) return true;
    auto item = item_from_json(**value);
    if (!item) return true;
    if (filter.series && item->series != *filter.series) return true;
    if (filter.state && item->state != *filter.state) return true;
    if (filter.year && item->year != *filter.year) return true;
    const auto place = seen++;
    if (place < static_cast<std::size_t>(filter.offset)) return true;
    if (filter.limit > 0 && out.size() >= static_cast<std::size_t>(filter.limit)) return true;
    out.push_back(std::move(*item));
    return true;
  });
  if (total != nullptr) *total = seen;
  return out;
}

std::vector<Item> Database::newest_items(std::size_t most,
                                         const std::function<bool(const Item&)>& wanted) const {
  std::vector<Item> out;
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->db->NewIterator(rocksdb::ReadOptions(), state_->family(Family::number)));
  for (it->SeekToLast(); it->Valid() && out.size() < most; it->Prev()) {
    const auto value = state_->get(Family::item, it->value().ToString());
    if (!value || !*value) continue;
    auto item = item_from_json(**value);
    if (item && wanted(*item)) out.push_back(std::move(*item));
  }
  return out;
}

std::vector<Page> Database::pages(const ItemId& item) const {
  std::vector<Page> out;
  (void)state_->each(Family::page, item.str(), [&](std::string_view, std::string_view value) {
    if (auto page = page_from_json(value)) out.push_back(std::move(*page));
    return true;
  });
  std::sort(out.begin(), out.end(), [](const Page& a, const Page& b) {
    const bool a_gone = a.state == PageState::removed;
    const bool b_gone = b.state == PageState::removed;
    if (a_gone != b_gone) return b_gone;
    return a.number != b.number ? a.number < b.number : a.file_seq < b.file_seq;
  });
  return out;
}

Result<Page> Database::page(const ItemId& item, int number) const {
  for (auto& page : pages(item)) {
    if (page.number == number && page.state != PageState::removed) return std::move(page);
  }
  return fail(ErrorCode::not_found, "Bahan ini tidak mempunyai halaman {}",
              "This item has no page {}", {number});
}

Result<Page> Database::page_by_seq(const ItemId& item, int file_seq) const {
  ALIH_TRY(const auto value,
           state_->get(Family::page, page_key(item.str(), static_cast<std::uint32_t>(file_seq))));
  if (!value) {
    return fail(ErrorCode::not_found, "Halaman itu tidak ada", "There is no such page");
  }
  return page_from_json(*value);
}

std::optional<Page> Database::page_of_master(const std::string& sha256,
                                             std::span<const int> frames) const {
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->db->NewIterator(rocksdb::ReadOptions(), state_->family(Family::master)));
  for (it->Seek(sha256); it->Valid() && it->key().starts_with(sha256); it->Next()) {
    auto key = it->key().ToString().substr(sha256.size());
    const auto value = state_->get(Family::page, key);
    if (!value || !*value) continue;
    auto page = page_from_json(**value);
    if (!page || page->state == PageState::removed) continue;
    const int frame = page->master.frame;
    if (frames.empty() || std::find(frames.begin(), frames.end(), frame) != frames.end()) {
      return std::move(*page);
    }
  }
  return std::nullopt;
}

Result<TextLayer> Database::text(const ItemId& item, int file_seq) const {
  ALIH_TRY(const auto value,
           state_->get(Family::text, page_key(item.str(), static_cast<std::uint32_t>(file_seq))));
  if (!value) return TextLayer{};
  return decode_text(*value);
}

std::optional<Event> Database::newest_event(const ItemId& item) const {
  const auto prefix = item.str();
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->db->NewIterator(rocksdb::ReadOptions(), state_->family(Family::of_item)));
  it->SeekForPrev(of_item_key(prefix, UINT64_MAX));
  if (!it->Valid() || !it->key().starts_with(prefix)) return std::nullopt;
  const auto value = state_->get(Family::event, it->key().ToString().substr(prefix.size()));
  if (!value || !*value) return std::nullopt;
  auto event = event_from_json(**value);
  if (!event) return std::nullopt;
  return std::move(*event);
}

std::vector<Event> Database::events(const ItemId& item) const {
  std::vector<Event> out;
  (void)state_->each(Family::of_item, item.str(), [&](std::string_view key, std::string_view) {
    const auto value = state_->get(Family::event, std::string(key.substr(key.size() - 8)));
    if (value && *value) {
      if (auto event = event_from_json(**value)) out.push_back(std::move(*event));
    }
    return true;
  });
  return out;
}

std::vector<Event> Database::events_of(const ItemId& item, const std::string& page) const {
  std::vector<Event> out;
  const std::string_view wanted = page.empty() ? "-" : std::string_view(page);
  (void)state_->each(
      Family::of_item, item.str(), [&](std::string_view key, std::string_view owner) {
        // Before schema 3 the page was not named here.
        if (!owner.empty() && owner != wanted) return true;
        const auto value = state_->get(Family::event, std::string(key.substr(key.size() - 8)));
        if (!value || !*value) return true;
        auto event = event_from_json(**value);
        if (event && event->page == page) out.push_back(std::move(*event));
        return true;
      });
  return out;
}

bool Database::has_waiting_job(const ItemId& item) const {
  bool waiting = false;
  (void)state_->each(Family::job, item.str(), [&](std::string_view key, std::string_view value) {
    const auto job = job_from(key, value);
    waiting = job && !job->set_aside;
    return !waiting;
  });
  return waiting;
}

Status Database::each_event(const std::function<bool(const Event&)>& call) const {
  Status bad;
  ALIH_CHECK(state_->each(Family::event, "", [&](std::string_view, std::string_view value) {
    const auto event = event_from_json(value);
    if (!event) {
      bad = fail(Error(event.error()));
      return false;
    }
    return call(*event);
  }));
  return bad;
}

Result<std::set<ItemId>> Database::items_changed_since(std::uint64_t sequence) const {
  std::set<ItemId> out;
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->db->NewIterator(rocksdb::ReadOptions(), state_->family(Family::event)));
  for (it->Seek(big_endian(sequence + 1, 8)); it->Valid(); it->Next()) {
    ALIH_TRY(const auto event, event_from_json({it->value().data(), it->value().size()}));
    if (!event.item.empty()) out.insert(event.item);
  }
  if (!it->status().ok()) return fail(database_error(it->status()));
  return out;
}

std::vector<int> Database::register_years() const {
  std::set<int> years;
  (void)state_->each(Family::number, "", [&](std::string_view key, std::string_view) {
    years.insert(static_cast<int>(from_big_endian(key.substr(0, 2))));
    return true;
  });
  return {years.begin(), years.end()};
}

std::vector<std::pair<int, ItemId>> Database::numbers(int year) const {
  std::vector<std::pair<int, ItemId>> out;
  (void)state_->each(Family::number, big_endian(static_cast<std::uint64_t>(year), 2),
                     [&](std::string_view key, std::string_view value) {
                       if (const auto id = ItemId::parse(value)) {
                         out.emplace_back(static_cast<int>(from_big_endian(key.substr(2))), *id);
                       }
                       return true;
                     });
  return out;
}

int Database::next_sequence_no(int year) const {
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->db->NewIterator(rocksdb::ReadOptions(), state_->family(Family::number)));
  const auto prefix = big_endian(static_cast<std::uint64_t>(year), 2);
  it->SeekForPrev(prefix + std::string(4, '\xFF'));
  if (!it->Valid() || !it->key().starts_with(prefix)) return 1;
  const auto key = it->key();
  return static_cast<int>(from_big_endian({key.data() + 2, 4})) + 1;
}

ChainHead Database::chain_head() const {
  const std::shared_lock lock(state_->mutex);
  return state_->chain;
}

void Database::each_job(const std::function<bool(const Job&)>& call) const {
  (void)state_->each(Family::job, "", [&](std::string_view key, std::string_view value) {
    const auto job = job_from(key, value);
    return !job || call(*job);
  });
}

std::vector<Job> Database::jobs() const {
  std::vector<Job> out;
  each_job([&](const Job& job) {
    out.push_back(job);
    return true;
  });
  return out;
}

std::optional<Job> Database::job(const ItemId& item, int file_seq, char stage) const {
  const auto key = job_key(item.str(), static_cast<std::uint32_t>(file_seq), stage);
  const auto value = state_->get(Family::job, key);
  if (!value || !*value) return std::nullopt;
  return job_from(key, **value);
}

std::vector<Damage> Database::damage(const std::optional<ItemId>& item) const {
  std::vector<Damage> out;
  (void)state_->each(
      Family::damage, item ? item->str() : "", [&](std::string_view key, std::string_view value) {
        const auto id = ItemId::parse(key.substr(0, kUlid));
        const auto j = json::parse(value, nullptr, false);
        if (!id || !j.is_object()) return true;
        out.push_back({*id, std::string(key.substr(kUlid)), j.value("kind", std::string()),
                       j.value("detail", std::string()), j.value("found_at", std::string())});
        return true;
      });
  return out;
}

std::string Database::meta(const std::string& name) const {
  const auto value = state_->get(Family::meta, name);
  return value && *value ? **value : std::string();
}

bool Database::broken() const {
  const std::shared_lock lock(state_->mutex);
  return state_->broken || *state_->troubled || state_->index->broken();
}

Result<SearchResult> Database::search(const SearchRequest& request) const {
  const auto start = std::chrono::steady_clock::now();
  {
    std::shared_lock lock(state_->mutex);
    if (!state_->index_loaded) {
      lock.unlock();
      const std::unique_lock alone(state_->mutex);
      ALIH_CHECK(state_->load_index());
    }
  }
  // From here on commits go on beside the question; it sees one state of the index.
  const auto view = state_->index->view();
  ALIH_TRY(auto matches, indexer::search(*view, stemmer(), state_->synonyms, request));
  SearchResult out;
  out.total = matches.total;
  out.series = std::move(matches.series);
  out.years = std::move(matches.years);
  out.types = std::move(matches.types);
  out.languages = std::move(matches.languages);
  out.notes = std::move(matches.notes);
  out.suggestions = std::move(matches.suggestions);
  for (const auto& match : matches.window) {
    if (request.page && match.page_seq != static_cast<std::uint32_t>(*request.page)) continue;
    ALIH_TRY(const auto id, ItemId::parse(match.item));
    SearchHit hit;
    ALIH_TRY(hit.item, item(id));
    hit.score = match.score;
    hit.in_item = match.in_item;
    Shown shown;
    if (match.page_seq > 0) {
      ALIH_TRY(hit.page, page_by_seq(id, static_cast<int>(match.page_seq)));
      ALIH_TRY(const auto layer, text(id, static_cast<int>(match.page_seq)));
      const bool in_short = Audience::has(request.audience.short_texts, access_kind(hit.item));
      const int words = state_->settings.snippet_words;
      shown = show_page(layer, matches.highlight, stemmer(),
                        in_short ? std::min(words, request.audience.short_words) : words);
    } else {
      std::vector<std::string> values{hit.item.digitization_no};
      for (const auto& f : all_fields()) {
        const auto found = hit.item.fields.find(std::string(f.name));
        if (!f.searched || found == hit.item.fields.end()) continue;
        values.insert(values.end(), found->second.begin(), found->second.end());
      }
      shown = show_values(values, matches.highlight, stemmer());
    }
    hit.snippet = std::move(shown.snippet);
    hit.boxes = std::move(shown.boxes);
    hit.matched = std::move(shown.matched);
    out.hits.push_back(std::move(hit));
  }
  out.took_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return out;
}

Status Database::checkpoint(const fs::path& folder) const {
  rocksdb::Checkpoint* raw = nullptr;
  auto status = rocksdb::Checkpoint::Create(state_->db.get(), &raw);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  // 0: what is in memory goes to a table first, so that the copy needs no log.
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder.string(), 0);
  if (!status.ok()) return fail(database_error(status));
  return {};
}

Status Database::verify_checksums() const {
  const auto status = state_->db->VerifyChecksum();
  if (!status.ok()) return fail(database_error(status));
  {
    const std::unique_lock lock(state_->mutex);
    ALIH_CHECK(state_->load_index());
  }
  return state_->index->verify();
}

Status Database::settle() { return state_->index->settle(); }
Status Database::merge_index() { return state_->index->merge_all(); }

std::size_t Database::segment_count() const { return state_->index->view()->segments().size(); }

}  // namespace alih::indexer
