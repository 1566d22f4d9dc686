#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/holdings.h"
#include "core/records.h"
#include "core/result.h"
#include "indexer/database.h"
#include "pipeline/settings.h"
#include "repository/repository.h"

namespace alih::pipeline {

// A page that is about to become part of an item: its master is on disk under a provisional name.
struct PageDraft {
  Master master;  // master.file as keep_master() took it
  int width = 0;
  int height = 0;
  double dpi = 0;
  std::string color_mode;
  int bit_depth = 0;
  int orientation = 1;
  std::string languages;
  std::map<std::string, std::string> capture;
  Agent agent;             // who made the image: a device, or the program that took the file in
  std::string event_type;  // "capture" or "ingestion"
  std::string detail;
};

// What a worker found out about a page.
struct PageResult {
  int access_width = 0;
  int access_height = 0;
  Affine to_master;
  std::vector<Finding> findings;
  bool blank = false;
  TextLayer text;
  Reading reading;
  std::string recipe;
};

struct Problem {
  std::string kind;
  std::string where;
  std::string detail;
};
struct VerifyReport {
  std::uint64_t checked_files = 0;
  std::uint64_t checked_bytes = 0;
  std::vector<Problem> problems;
};

// Called now and then with what is done of how much; total 0 = unknown.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// The data folder: files and database kept in step. Every change is one file written first (its
// commit point) and one synced batch after it, so that after a crash what the files say is taken
// over: open() does it for the items that were being worked on, rebuild() for all.
// Any thread; changes stand in line (mutex_).
class Holdings {
 public:
  enum class Mode { write, read };
  // write: takes the lock of the data folder (busy after lock_wait_s), makes the folder when it is
  // new, and takes over what a crash left behind. read: beside a program that writes.
  [[nodiscard]] static Result<std::unique_ptr<Holdings>> open(const std::filesystem::path& data,
                                                              const Everything& settings,
                                                              Mode mode);
  ~Holdings();
  Holdings(const Holdings&) = delete;
  Holdings& operator=(const Holdings&) = delete;

  [[nodiscard]] const indexer::Database& database() const { return *database_; }
  [[nodiscard]] const repository::Repository& files() const { return files_; }
  [[nodiscard]] const Everything& settings() const { return settings_; }

  // --- taking in
  // Where keep_master() puts the master number `seq` before its item has a number.
  [[nodiscard]] static std::string provisional_name(int seq, std::string_view extension);
  [[nodiscard]] Result<Fixity> keep_master(const ItemId& item, const std::string& name,
                                           std::span<const std::byte> bytes);
  [[nodiscard]] Result<Fixity> keep_master(const ItemId& item, const std::string& name,
                                           const std::filesystem::path& from);
  // Gives the item the next number of the register and its first pages, all or nothing.
  [[nodiscard]] Result<Item> create_item(Item draft, const std::vector<PageDraft>& pages,
                                         const Agent& by);
  // Adds pages at the end; `first_seq` is the file number that the first draft's master has.
  [[nodiscard]] Result<std::vector<Page>> add_pages(const ItemId& item,
                                                    const std::vector<PageDraft>& pages);
  [[nodiscard]] int next_file_seq(const ItemId& item) const;
  [[nodiscard]] int page_count(const ItemId& item) const;  // without removed ones
  // Throws away masters of an item that never came to be.
  void forget(const ItemId& item);
  void forget_master(const ItemId& item, const std::string& name);  // not yet of any page

  // --- working
  // A result for a page that has it already changes nothing.
  [[nodiscard]] Status finish_page(const ItemId& item, int file_seq, const PageResult& result);
  // Counts a failed attempt; the last one sets the page aside. Returns whether it was set aside.
  [[nodiscard]] Result<bool> fail_attempt(const ItemId& item, int file_seq, const std::string& why);
  [[nodiscard]] Status redo_page(const ItemId& item, int number, const Agent& by);
  // Puts pages that were set aside back into the queue; returns how many.
  [[nodiscard]] Result<int> retry(const std::optional<ItemId>& item, const Agent& by);

  // --- describing
  [[nodiscard]] Result<Item> set_fields(
      const ItemId& item, const std::vector<std::pair<std::string, std::string>>& fields,
      const Agent& by);
  [[nodiscard]] Result<Item> withdraw(const ItemId& item, const std::string& reason,
                                      const Agent& by);

  // Makes the item one OCFL object; from then on every finished change makes its next version.
  // Errors: wrong_state while required fields are missing (all are named) or pages are not read.
  [[nodiscard]] Result<Item> close(const ItemId& item, const Agent& by);

  // --- looking after
  [[nodiscard]] VerifyReport verify(const std::vector<ItemId>& only,
                                    const Progress& progress) const;

 private:
  Holdings(repository::Repository files, Everything settings, int lock_fd);
  [[nodiscard]] Status recover();
  [[nodiscard]] Status take_over(const std::set<ItemId>& items);
  [[nodiscard]] Status catch_up();
  [[nodiscard]] Status settle(const ItemId& item);
  [[nodiscard]] Result<Item> package(Item item, const std::vector<PageRecord>& pages,
                                     const Agent& by, const std::string& why);
  void renew_package(const ItemId& item, const Agent& by, const std::string& why);
  [[nodiscard]] Event event(indexer::ChainHead& head, const std::string& type, const Agent& by,
                            const ItemId& item, const std::string& page, const std::string& outcome,
                            const std::string& detail) const;
  [[nodiscard]] Page page_from(const PageDraft& draft, const Item& item, int number, int seq) const;
  [[nodiscard]] Result<PageRecord> page_record(const ItemId& item, int file_seq) const;
  [[nodiscard]] Status save_page(const PageRecord& record, const std::string& number,
                                 indexer::Change change);
  [[nodiscard]] Result<Item> save_item(Item item, const std::string& type, const Agent& by,
                                       const std::string& detail);

  repository::Repository files_;
  Everything settings_;
  int lock_fd_ = -1;
  std::unique_ptr<indexer::Database> database_;
  std::mutex mutex_;  // one change at a time
  // mutex_ guards: items with a change that failed half-way. Their files may be ahead of the
  // database, which the next change puts right first, or the next start.
  std::set<ItemId> torn_;
  bool untidy_ = false;  // some change failed: the next start looks at all of this one's work
};

struct RebuildReport {
  int items = 0;
  int pages = 0;
  double seconds = 0;
};
// Makes the database anew from the files and puts it in the place of the old one. busy when another
// program uses the data folder; damaged when a record cannot be read (nothing is replaced then).
[[nodiscard]] Result<RebuildReport> rebuild(const std::filesystem::path& data,
                                            const Everything& settings, const Progress& progress);

[[nodiscard]] Agent program_agent();  // alihmedia and its version
[[nodiscard]] Agent person_agent();   // who runs the program

}  // namespace alih::pipeline
