#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/records.h"
#include "core/result.h"
#include "repository/ocfl.h"
#include "repository/settings.h"

namespace alih::repository {

// The files of the data folder. They are the truth; the database can be made again from them.
//
//   repository/…/<item ULID>/                           closed items, an OCFL object each (ocfl.h)
//   staging/<item ULID>/item.json                       the item and its events
//   staging/<item ULID>/alm-2026-000001_m_0001.tif      a master
//   staging/<item ULID>/alm-2026-000001_x_0001.json     a page with its text and its events
//   staging/working                                     items that a running program may be
//   changing cache/<item ULID>/…                                 access images and thumbnails; may
//   be deleted
//
// What is in staging/ of a closed item are changes that wait for its next version; of a record that
// is in both, the one with the higher revision counts.
// A folder without item.json, of an item that was never closed, is an item that never came to be
// (the power went before it was registered): nothing names it, and sweep() removes it after the
// crash. Reading: any thread. Writing: one thread at a time, which the caller sees to.
class Repository {
 public:
  // Makes the folders when they are absent. Errors: unavailable, disk_full.
  [[nodiscard]] static Result<Repository> open(const std::filesystem::path& data_folder,
                                               const Settings& settings);

  [[nodiscard]] const std::filesystem::path& data_folder() const { return data_; }
  [[nodiscard]] std::filesystem::path item_folder(const ItemId& item) const;
  [[nodiscard]] std::filesystem::path master_path(const ItemId& item, const Master& master) const;
  [[nodiscard]] std::filesystem::path cache_file(const ItemId& item, const std::string& name) const;

  // For what is thrown away at once; emptied by clear_scratch() when no program can be using it.
  [[nodiscard]] std::filesystem::path scratch() const { return data_ / "cache" / ".scratch"; }
  void clear_scratch() const;
  // What came in pieces and is not part of an item yet, a folder each.
  [[nodiscard]] std::filesystem::path uploads() const { return data_ / "staging" / "uploads"; }

  // Refuses (disk_full) when less than the floor would stay free.
  [[nodiscard]] Status check_room(std::uint64_t bytes) const;
  [[nodiscard]] std::uint64_t free_bytes() const;
  // Below it nothing new is taken in: the larger of keep_free_mib and keep_free_percent.
  [[nodiscard]] std::uint64_t floor_bytes() const;
  // Makes the ballast file when there is room for it above the floor, gives it up when hardly
  // anything is free.
  void trim_ballast() const;

  [[nodiscard]] Result<Fixity> keep_master(const ItemId& item, const std::string& name,
                                           std::span<const std::byte> bytes) const;
  [[nodiscard]] Result<Fixity> keep_master(const ItemId& item, const std::string& name,
                                           const std::filesystem::path& from) const;
  [[nodiscard]] Status write(const ItemRecord& record) const;
  [[nodiscard]] Status write(const PageRecord& record, const std::string& digitization_no) const;

  // Of a page that did not come to be. False when it may still be there.
  bool remove_record(const Page& page, const std::string& digitization_no) const;

  // Open and closed ones, in order of their ids.
  [[nodiscard]] std::vector<ItemId> items() const;
  [[nodiscard]] bool empty() const;  // no item at all; ends at the first
  [[nodiscard]] bool has_item(const ItemId& item) const;
  [[nodiscard]] const OcflRoot& objects() const { return objects_; }

  // Moves what is in staging/ into the next version of the item's OCFL object, with `record` as its
  // item and ALTO for each page; `pages` are those that changed. All or nothing. Errors: disk_full,
  // unavailable, damaged.
  [[nodiscard]] Status close(const ItemRecord& record, const std::vector<PageRecord>& pages,
                             const VersionNote& note) const;
  // After a crash: puts an unfinished version back into staging/, or finishes one that has its
  // place and removes what it left behind.
  [[nodiscard]] Status mend(const ItemId& item) const;
  // Pages that have changes in staging/.
  [[nodiscard]] Result<std::vector<PageRecord>> staged_pages(const ItemId& item) const;

  [[nodiscard]] Result<ItemRecord> read_item(const ItemId& item) const;
  // Page records of an item that can be read, as read_pages() has them; the rest by name.
  [[nodiscard]] std::map<std::string, Error> each_page(
      const ItemId& item, const std::function<void(PageRecord)>& call) const;
  // Folders in staging/ with files in them but no item.json.
  [[nodiscard]] std::vector<ItemId> without_record() const;
  // Names of the page records in the item's folder in staging/.
  [[nodiscard]] std::vector<std::string> page_records_of(const ItemId& item) const;
  // All page records of an item, by file_seq.
  [[nodiscard]] Result<std::vector<PageRecord>> read_pages(const ItemId& item) const;

  // Items that a program had in its hands. Durable before the first change of an item, cleared when
  // the program ends well; what is left after a crash is looked at again.
  [[nodiscard]] Status begin_work(const ItemId& item);
  [[nodiscard]] Status end_work();
  [[nodiscard]] std::set<ItemId> unfinished_work() const;
  [[nodiscard]] bool in_work(const ItemId& item) const { return work_.contains(item); }

  // Removes an item that never came to be, its own record first: without that it is no item,
  // whatever of the rest is still there. False when something stays.
  bool forget(const ItemId& item) const;
  // Removes what never came to be of these items: files written aside, folders without item.json.
  void sweep(const std::set<ItemId>& items) const;

 private:
  Repository(std::filesystem::path data, Settings settings);
  [[nodiscard]] Status write_work() const;
  std::filesystem::path data_;
  Settings settings_;
  OcflRoot objects_;
  std::set<ItemId> work_;
};

}  // namespace alih::repository
