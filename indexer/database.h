#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/book.h"
#include "core/catalogue.h"
#include "core/holdings.h"
#include "core/message.h"
#include "core/result.h"
#include "core/text_layer.h"
#include "indexer/search_request.h"
#include "indexer/settings.h"

namespace alih::indexer {

// A step of work that waits for a worker, as it is stored; pipeline/job_queue.h says how it is
// used. A page has at most one job of each stage.
struct Job {
  ItemId item;
  int file_seq = 0;
  char stage = 'r';             // 'r': prepare and read the page
  std::string input_sha256;     // what it is made from, "" = from before schema 3
  std::string settings_sha256;  // and with what
  bool urgent = false;          // somebody waits for it
  int attempts = 0;             // that ended badly while the program lived
  int refunds = 0;              // that were open when the program died
  std::string lease;            // who has an attempt open; empty = nobody
  bool set_aside = false;       // failed too often: waits for a person
  std::string last_error;
  bool operator==(const Job&) const = default;
};

// A file that is not what it should be; it stays where it is until it is repaired.
struct Damage {
  ItemId item;
  std::string file;    // name within the item
  std::string kind;    // "damaged_file", "missing_file", …
  std::string detail;  // English
  std::string found_at;
};

// Out of the database's key and value; none when they are no job.
[[nodiscard]] std::optional<Job> job_from(std::string_view key, std::string_view value);

// Everything that one step changes. It appears together or not at all.
struct Change {
  struct PageChange {
    Page page;
    std::optional<TextLayer> text;  // new text; none = unchanged
  };
  std::optional<Item> item;
  bool new_number = false;  // the item takes its place in the register
  std::vector<PageChange> pages;
  std::vector<Event> events;
  std::vector<Job> put_jobs;
  std::vector<Job> done_jobs;  // by page and stage
  std::vector<Damage> put_damage;
  std::vector<Damage> gone_damage;                        // by item and file
  std::vector<std::pair<std::string, std::string>> meta;  // "paused", "pace", "patrol"; "" removes
  std::vector<CatalogueRecord> records;
  std::string catalogue_file;  // of which the last records are in this change
  std::vector<BookRecord> books;
};

enum class Identifier : char { barcode = 'b', accession_no = 'a' };

// A job as text, under 1 KiB but for its last error; what is missing has its default. Errors:
// damaged.
[[nodiscard]] std::string job_to_json(const Job& job);
[[nodiscard]] Result<Job> job_from_json(std::string_view json);

struct ChainHead {
  std::uint64_t sequence = 0;
  std::string sha256;
};

struct SearchHit {
  Item item;
  std::optional<Page> page;  // none: the item's metadata matched
  double score = 0;
  std::string snippet;     // escaped HTML, <mark> is the only markup
  std::vector<Box> boxes;  // of the page's access image
  std::vector<std::string> matched;
  std::size_t in_item = 1;  // by item: pages and metadata of the item that matched
};
struct SearchResult {
  std::size_t total = 0;
  std::vector<SearchHit> hits;
  std::map<std::string, int> series;
  std::map<int, int> years;
  std::map<std::string, int> types;
  std::map<std::string, int> languages;
  std::vector<Message> notes;            // what was left out of a question that asks for too much
  std::vector<std::string> suggestions;  // "did you mean", whole questions
  double took_ms = 0;
};

struct ItemFilter {
  std::optional<std::string> series;
  std::optional<ItemState> state;
  std::optional<int> year;
  int limit = 0;  // 0 = all
  int offset = 0;
};

// The database: items, pages, events, register, jobs and full-text index in one RocksDB, so that
// one synced WriteBatch is one step. Everything in it can be made again from the repository's
// files. Any thread (mutex_); commits stand in line. Errors: damaged, disk_full, busy, unavailable.
class Database {
 public:
  enum class Mode { read_write, read_only };
  // read_only works beside a program that writes, and sees what was there when it opened.
  // busy: another program has it open for writing. index_missing: there is none and !create.
  // wrong_state: made by another schema; an older one is brought up to date by opening read_write.
  // damaged: also when it holds less than its commit head says (commit_head.h).
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder,
                                                              const Settings& settings, Mode mode,
                                                              bool create);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] Status commit(const Change& change);
  // A commit failed and nobody knows how much of it is on the disk: only a new start tells.
  [[nodiscard]] bool broken() const;

  [[nodiscard]] Result<Item> item(const ItemId& id) const;
  // By number in any form, or by ULID. not_found.
  [[nodiscard]] Result<Item> find_item(std::string_view number) const;
  // In the order of the register; total counts all that pass the filter.
  [[nodiscard]] std::vector<Item> items(const ItemFilter& filter,
                                        std::size_t* total = nullptr) const;
  // Of the last in the order of the register, the last first: at most so many of those wanted.
  [[nodiscard]] std::vector<Item> newest_items(
      std::size_t most, const std::function<bool(const Item&)>& wanted) const;
  // In order, removed pages last.
  [[nodiscard]] std::vector<Page> pages(const ItemId& item) const;
  [[nodiscard]] Result<Page> page(const ItemId& item, int number) const;
  [[nodiscard]] Result<Page> page_by_seq(const ItemId& item, int file_seq) const;
  // The first page whose master file has this digest, whatever item it belongs to; of these frames
  // of the file, none = of any.
  [[nodiscard]] std::optional<Page> page_of_master(const std::string& sha256,
                                                   std::span<const int> frames = {}) const;
  [[nodiscard]] Result<TextLayer> text(const ItemId& item, int file_seq) const;  // empty if none
  [[nodiscard]] std::vector<Event> events(const ItemId& item) const;
  // Of one page; with an empty page, of the item as a whole.
  [[nodiscard]] std::vector<Event> events_of(const ItemId& item, const std::string& page) const;
  [[nodiscard]] std::optional<Event> newest_event(const ItemId& item) const;
  // All events in order of sequence, until the call says false. Errors: damaged.
  [[nodiscard]] Status each_event(const std::function<bool(const Event&)>& call) const;
  // Items that an event after this one names.
  [[nodiscard]] Result<std::set<ItemId>> items_changed_since(std::uint64_t sequence) const;
  [[nodiscard]] std::vector<int> register_years() const;
  // Numbers taken in a year, ascending, with the item each names.
  [[nodiscard]] std::vector<std::pair<int, ItemId>> numbers(int year) const;
  [[nodiscard]] int next_sequence_no(int year) const;
  [[nodiscard]] ChainHead chain_head() const;
  [[nodiscard]] std::vector<Job> jobs() const;
  // In the order of items and pages, until the call says false.
  void each_job(const std::function<bool(const Job&)>& call) const;
  [[nodiscard]] std::optional<Job> job(const ItemId& item, int file_seq, char stage) const;
  // A page of the item waits in the queue, not set aside.
  [[nodiscard]] bool has_waiting_job(const ItemId& item) const;
  // Of one item, or of all.
  [[nodiscard]] std::vector<Damage> damage(const std::optional<ItemId>& item) const;
  [[nodiscard]] std::string meta(const std::string& name) const;  // "" if it is not there

  // The catalogue. A record is found by a search until the thing it describes has been digitised.
  [[nodiscard]] Result<CatalogueRecord> catalogue_record(const ItemId& id) const;
  [[nodiscard]] std::optional<CatalogueRecord> catalogue_record_of(
      const std::string& identity) const;
  [[nodiscard]] bool has_catalogue_file(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> catalogue_file_names() const;
  // In the order of their ids, until the call says false.
  [[nodiscard]] Status each_catalogue_record(
      const std::function<bool(const CatalogueRecord&)>& call) const;
  // Records and items of the register that have this number, compared by folded_identifier().
  [[nodiscard]] std::vector<CatalogueRecord> records_with(Identifier kind,
                                                          std::string_view value) const;
  // --- batches of material and closings of the register
  [[nodiscard]] std::optional<BookRecord> book(const std::string& name) const;
  // In the order of their names, until the call says false. Errors: damaged.
  [[nodiscard]] Status each_book(std::string_view name_start,
                                 const std::function<bool(const BookRecord&)>& call) const;
  // Entries of batches that have this barcode or accession number: name of the batch's record and
  // number in its list.
  [[nodiscard]] std::vector<std::pair<std::string, int>> entries_with(std::string_view value) const;
  // The item that the entry became.
  [[nodiscard]] std::optional<Item> item_of_entry(std::string_view batch_no, int entry) const;
  // --- papers of the office that are kept as items, in the order of their numbers
  [[nodiscard]] std::vector<Item> papers() const;
  [[nodiscard]] int next_paper_no(std::string_view prefix, int year) const;

  // Without those that were withdrawn or rejected.
  [[nodiscard]] std::vector<Item> items_with(Identifier kind, std::string_view value) const;

  [[nodiscard]] Result<SearchResult> search(const SearchRequest& request) const;

  // Trusts the database in `folder` as it is: writes its commit head anew. For one that was put
  // there on purpose, from a backup. Errors: as of open().
  [[nodiscard]] static Status adopt(const std::filesystem::path& folder, const Settings& settings);
  // A copy of everything committed so far, in a new folder whose parent is there: hard links where
  // it is the same file system. Errors: disk_full, unavailable.
  [[nodiscard]] Status checkpoint(const std::filesystem::path& folder) const;

  // Reads every block against its checksum. Errors: damaged.
  [[nodiscard]] Status verify_checksums() const;
  [[nodiscard]] std::size_t segment_count() const;
  // Merges of the full-text index go on in a thread of their own; this waits until none is left to
  // do, and merge_index() makes one segment of everything. Errors: disk_full, unavailable.
  [[nodiscard]] Status settle();
  [[nodiscard]] Status merge_index();

 private:
  struct State;
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder,
                                                              const Settings& settings, Mode mode,
                                                              bool create, bool adopting);
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace alih::indexer
