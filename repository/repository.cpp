#include "repository/repository.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "repository/disk.h"
#include "repository/durable_file.h"
#include "repository/export/alto.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxRecord = std::uint64_t{256} << 20U;  // bytes of one JSON record
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

bool is_page_record(const std::string& name) {
  return name.ends_with(".json") && name.find("_x_") != std::string::npos && name[0] != '.';
}

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Names in a folder, sorted; an unreadable folder counts as empty.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Repository::Repository(fs::path data, Settings settings)
    : data_(std::move(data)), settings_(std::move(settings)), objects_(data_ / "repository") {}

Result<Repository> Repository::open(const fs::path& data_folder, const Settings& settings) {
  for (const char* part : {"staging", "cache"}) ALIH_CHECK(make_folder(data_folder / part));
  Repository repository(data_folder, settings);
  ALIH_CHECK(repository.objects_.initialise());
  return repository;
}

fs::path Repository::item_folder(const ItemId& item) const {
  return data_ / "staging" / item.str();
}
fs::path Repository::master_path(const ItemId& item, const Master& master) const {
  auto staged = item_folder(item) / master.file;
  std::error_code error;
  if (fs::exists(staged, error)) return staged;
  return objects_.find(item, master.file).value_or(std::move(staged));
}
fs::path Repository::cache_file(const ItemId& item, const std::string& name) const {
  return data_ / "cache" / item.str() / name;
}

void Repository::clear_scratch() const {
  std::error_code error;
  fs::remove_all(scratch(), error);
  for (const char* part : {"repository", "staging"}) remove_partials(data_ / part);
}

std::uint64_t Repository::free_bytes() const {
  struct statvfs info {};
  if (::statvfs(data_.c_str(), &info) != 0) return 0;
  return info.f_bavail * info.f_frsize;
}

std::uint64_t Repository::floor_bytes() const {
  struct statvfs info {};
  if (::statvfs(data_.c_str(), &info) != 0) return 0;
  constexpr std::uint64_t kHundred = 100;
  const auto share = std::uint64_t{info.f_blocks} * info.f_frsize / kHundred *
                     static_cast<std::uint64_t>(settings_.keep_free_percent);
  return std::max(static_cast<std::uint64_t>(settings_.keep_free_mib) * kMiB, share);
}

Status Repository::check_room(std::uint64_t bytes) const {
  const auto keep = floor_bytes();
  const auto free = free_bytes();
  if (free >= keep + bytes) return {};
  return fail(
      ErrorCode::disk_full,
      "Diska hampir penuh: tersisa {} MiB, harus tersisa {} MiB. Kosongkan ruang, lalu ulangi",
      "The disk is nearly full: {} MiB left, {} MiB must stay free. Make room and try again",
      {free / kMiB, keep / kMiB});
}

void Repository::trim_ballast() const {
  const auto path = data_ / "ballast";
  const auto size = static_cast<std::uint64_t>(settings_.ballast_mib) * kMiB;
  std::error_code error;
  const bool there = fs::exists(path, error);
  const auto free = free_bytes();
  constexpr std::uint64_t kHardlyAnything = 16 * kMiB;
  if (there && (size == 0 || free < kHardlyAnything)) {
    fs::remove(path, error);
  } else if (!there && size > 0 && free > floor_bytes() + 2 * size) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    const bool kept = ::posix_fallocate(fd, 0, static_cast<off_t>(size)) == 0;
    ::close(fd);
    if (!kept) fs::remove(path, error);
  }
}

Result<Fixity> Repository::keep_master(const ItemId& item, const std::string& name,
                                       std::span<const std::byte> bytes) const {
  ALIH_CHECK(check_room(bytes.size()));
  ALIH_CHECK(make_folder(item_folder(item)));
  return write_durably(item_folder(item) / name, bytes);
}

Result<Fixity> Repository::keep_master(const ItemId& item, const std::string& name,
                                       const fs::path& from) const {
  std::error_code error;
  const auto bytes = fs::file_size(from, error);
  ALIH_CHECK(check_room(error ? 0 : bytes));
  ALIH_CHECK(make_folder(item_folder(item)));
  return copy_durably(from, item_folder(item) / name);
}

Status Repository::write(const ItemRecord& record) const {
  ALIH_CHECK(make_folder(item_folder(record.item.id)));
  ALIH_TRY([[maybe_unused]] const auto fixity,
           write_durably(item_folder(record.item.id) / "item.json", to_json(record)));
  return {};
}

Status Repository::write(const PageRecord& record, const std::string& number) const {
  ALIH_CHECK(make_folder(item_folder(record.page.item)));
  const auto name = file_name(number, 'x', record.page.file_seq, "json");
  ALIH_TRY([[maybe_unused]] const auto fixity,
           write_durably(item_folder(record.page.item) / name, to_json(record)));
  return {};
}

bool Repository::remove_record(const Page& page, const std::string& number) const {
  const auto name = file_name(number, 'x', page.file_seq, "json");
  return disk().unlink(item_folder(page.item) / name) == 0 || errno == ENOENT;
}

std::vector<ItemId> Repository::items() const {
  std::set<ItemId> out;
  for (const auto& name : names_in(data_ / "staging")) {
    const auto id = ItemId::parse(name);
    std::error_code error;
    if (id && fs::exists(item_folder(*id) / "item.json", error)) out.insert(*id);
  }
  for (const auto& id : objects_.objects()) out.insert(id);
  return {out.begin(), out.end()};
}

bool Repository::empty() const {
  std::error_code error;
  for (fs::directory_iterator it(data_ / "staging", error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (fs::exists(it->path() / "item.json", ignored)) return false;
  }
  return objects_.empty();
}

bool Repository::has_item(const ItemId& item) const {
  std::error_code error;
  return fs::exists(item_folder(item) / "item.json", error) || objects_.has(item);
}

namespace {

Result<ItemRecord> item_record_at(const fs::path& path) {
  ALIH_TRY(const auto bytes, read_file(path, kMaxRecord));
  return item_record_from_json(text_of(bytes));
}

Result<PageRecord> page_record_at(const fs::path& path) {
  ALIH_TRY(const auto bytes, read_file(path, kMaxRecord));
  auto page = page_record_from_json(text_of(bytes));
  const auto name = path.filename().string();
  if (!page) return fail(std::move(page).error().within({name, name}));
  return page;
}

Result<std::vector<PageRecord>> page_records(const std::map<std::string, fs::path>& files) {
  std::vector<PageRecord> pages;
  for (const auto& [name, path] : files) {
    if (!is_page_record(name)) continue;
    ALIH_TRY(auto page, page_record_at(path));
    pages.push_back(std::move(page));
  }
  std::sort(pages.begin(), pages.end(), [](const PageRecord& a, const PageRecord& b) {
    return a.page.file_seq < b.page.file_seq;
  });
  return pages;
}

std::map<std::string, fs::path> files_in(const fs::path& folder) {
  std::map<std::string, fs::path> out;
  for (const auto& name : names_in(folder)) out.emplace(name, folder / name);
  return out;
}

}  // namespace

Result<ItemRecord> Repository::read_item(const ItemId& item) const {
  const auto staged = item_folder(item) / "item.json";
  const auto closed = objects_.find(item, "item.json");
  std::error_code error;
  if (!closed) return item_record_at(staged);
  ALIH_TRY(auto record, item_record_at(*closed));
  if (fs::exists(staged, error)) {
    ALIH_TRY(auto newer, item_record_at(staged));
    if (newer.item.revision > record.item.revision) return newer;
  }
  return record;
}

Result<std::vector<PageRecord>> Repository::staged_pages(const ItemId& item) const {
  return page_records(files_in(item_folder(item)));
}

Result<std::vector<PageRecord>> Repository::read_pages(const ItemId& item) const {
  ALIH_TRY(auto pages, staged_pages(item));
  if (!objects_.has(item)) return pages;
  ALIH_TRY(auto closed, page_records(objects_.files(item)));
  for (auto& page : pages) {
    const auto same = std::find_if(closed.begin(), closed.end(), [&](const PageRecord& other) {
      return other.page.file_seq == page.page.file_seq;
    });
    if (same == closed.end()) {
      closed.push_back(std::move(page));
    } else if (page.page.revision > same->page.revision) {
      *same = std::move(page);
    }
  }
  std::sort(closed.begin(), closed.end(), [](const PageRecord& a, const PageRecord& b) {
    return a.page.file_seq < b.page.file_seq;
  });
  return closed;
}

std::map<std::string, Error> Repository::each_page(
    const ItemId& item, const std::function<void(PageRecord)>& call) const {
  std::map<std::string, Error> bad;
  const auto staged = files_in(item_folder(item));
  const auto closed = objects_.has(item) ? objects_.files(item) : std::map<std::string, fs::path>();
  std::set<std::string> names;
  for (const auto* files : {&staged, &closed}) {
    for (const auto& [name, path] : *files) {
      if (is_page_record(name)) names.insert(name);
    }
  }
  for (const auto& name : names) {
    std::optional<PageRecord> newest;
    for (const auto* files : {&staged, &closed}) {
      const auto found = files->find(name);
      if (found == files->end()) continue;
      auto page = page_record_at(found->second);
      if (!page) {
        bad.emplace(name, std::move(page).error());
      } else if (!newest || page->page.revision > newest->page.revision) {
        newest = std::move(*page);
      }
    }
    if (newest) call(std::move(*newest));
  }
  return bad;
}

std::vector<ItemId> Repository::without_record() const {
  std::vector<ItemId> out;
  for (const auto& name : names_in(data_ / "staging")) {
    const auto id = ItemId::parse(name);
    if (id && !has_item(*id) && !names_in(item_folder(*id)).empty()) out.push_back(*id);
  }
  return out;
}

std::vector<std::string> Repository::page_records_of(const ItemId& item) const {
  auto names = names_in(item_folder(item));
  std::erase_if(names, [](const std::string& name) { return !is_page_record(name); });
  return names;
}

Status Repository::close(const ItemRecord& record, const std::vector<PageRecord>& pages,
                         const VersionNote& note) const {
  const auto& number = record.item.digitization_no;
  const auto folder = item_folder(record.item.id);
  const auto work = folder / ".version";
  std::error_code error;
  // What an earlier try left may hold the masters.
  if (fs::exists(work, error) || fs::exists(folder / ".version.object", error)) {
    ALIH_CHECK(mend(record.item.id));
  }
  ALIH_CHECK(make_folder(work / "content"));
  std::vector<VersionFile> files;
  const auto write_new = [&](const std::string& name, const std::string& text) -> Status {
    ALIH_TRY(auto fixity, write_durably(work / "content" / name, text));
    files.push_back({name, std::move(fixity)});
    return {};
  };
  std::set<std::string> masters;
  for (const auto& p : pages) {
    const auto record_name = file_name(number, 'x', p.page.file_seq, "json");
    ALIH_CHECK(write_new(record_name, to_json(p)));
    ALIH_CHECK(write_new(file_name(number, 'x', p.page.file_seq, "xml"),
                         alto_xml(record.item, p.page, p.text)));
    const auto& master = p.page.master;
    if (!masters.insert(master.file).second) continue;  // of several pages
    const auto staged = folder / master.file;
    if (!fs::exists(staged, error)) {
      if (objects_.find(record.item.id, master.file)) continue;  // in an earlier version
      return fail(ErrorCode::damaged, "{}: berkas {} hilang; jalankan alihmedia verify",
                  "{}: the file {} is missing; run alihmedia verify", {number, master.file});
    }
    if (disk().rename(staged, work / "content" / master.file) != 0) {
      return fail(system_error(errno, "memindahkan " + master.file, "moving " + master.file));
    }
    files.push_back({master.file, master.fixity});
  }
  ALIH_CHECK(write_new("item.json", to_json(record)));
  ALIH_CHECK(objects_.add_version(record.item.id, work, files, note));
  return mend(record.item.id);
}

Status Repository::mend(const ItemId& item) const {
  const auto folder = item_folder(item);
  std::error_code error;
  // A version that did not get its place: its masters go back, what was written for it is dropped.
  for (const char* unfinished : {".version", ".version.object"}) {
    const auto root = folder / unfinished;
    if (!fs::exists(root, error)) continue;
    for (const auto& content : {root / "content", root / "v1" / "content"}) {
      for (const auto& [name, path] : files_in(content)) {
        if (name.ends_with(".json") || name.ends_with(".xml") || name.starts_with('.')) continue;
        if (disk().rename(path, folder / name) != 0) {
          return fail(system_error(errno, "memindahkan " + name, "moving " + name));
        }
      }
    }
    ALIH_CHECK(sync_folder(folder));
    remove_tree(root);
    // Should it come back after the list of unfinished work is gone, nobody would look at it.
    ALIH_CHECK(sync_folder(folder));
  }
  // Names that are there may not be durable: their sync failed, or the program was killed before
  // it.
  if (fs::exists(folder, error)) {
    ALIH_CHECK(sync_folder(folder));
    ALIH_CHECK(sync_folder(data_ / "staging"));
  }
  if (!objects_.has(item)) return {};
  ALIH_CHECK(objects_.complete(item));
  // Records that the object has as new or newer.
  for (const auto& [name, path] : files_in(folder)) {
    const auto same = objects_.find(item, name);
    if (same && name == "item.json") {
      ALIH_TRY(const auto staged, item_record_at(path));
      ALIH_TRY(const auto closed, item_record_at(*same));
      if (closed.item.revision >= staged.item.revision) disk().unlink(path);
    }
    if (!same || !is_page_record(name)) continue;
    ALIH_TRY(const auto staged, page_record_at(path));
    ALIH_TRY(const auto closed, page_record_at(*same));
    if (closed.page.revision >= staged.page.revision) disk().unlink(path);
  }
  disk().remove_folder(folder);  // only when nothing is left in it
  return {};
}

Status Repository::write_work() const {
  std::string text;
  for (const auto& item : work_) text += item.str() + "\n";
  ALIH_TRY([[maybe_unused]] const auto fixity, write_durably(data_ / "staging" / "working", text));
  return {};
}

Status Repository::begin_work(const ItemId& item) {
  if (!work_.insert(item).second) return {};
  return write_work();
}

Status Repository::end_work() {
  work_.clear();
  disk().unlink(data_ / "staging" / "working");
  return {};
}

std::set<ItemId> Repository::unfinished_work() const {
  std::set<ItemId> out;
  std::ifstream file(data_ / "staging" / "working");
  for (std::string line; std::getline(file, line);) {
    if (const auto id = ItemId::parse(line)) out.insert(*id);
  }
  return out;
}

bool Repository::forget(const ItemId& item) const {
  const auto folder = item_folder(item);
  std::error_code error;
  if (fs::exists(folder / "item.json", error) &&
      (disk().unlink(folder / "item.json") != 0 || !sync_folder(folder))) {
    return false;
  }
  return remove_tree(folder);
}

void Repository::sweep(const std::set<ItemId>& items) const {
  for (const auto& id : items) {
    if (has_item(id)) {
      remove_partials(item_folder(id));
    } else {
      remove_tree(item_folder(id));
    }
  }
}

}  // namespace alih::repository
