#include "repository/repository.h"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include <sys/statvfs.h>

#include "repository/durable_file.h"

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
    : data_(std::move(data)), settings_(std::move(settings)) {}

Result<Repository> Repository::open(const fs::path& data_folder, const Settings& settings) {
  for (const char* part : {"staging", "cache", "repository"}) {
    ALIH_CHECK(make_folder(data_folder / part));
  }
  return Repository(data_folder, settings);
}

fs::path Repository::item_folder(const ItemId& item) const {
  return data_ / "staging" / item.str();
}
fs::path Repository::master_path(const ItemId& item, const Master& master) const {
  return item_folder(item) / master.file;
}
fs::path Repository::cache_file(const ItemId& item, const std::string& name) const {
  return data_ / "cache" / item.str() / name;
}

void Repository::clear_scratch() const {
  std::error_code error;
  fs::remove_all(scratch(), error);
}

std::uint64_t Repository::free_bytes() const {
  struct statvfs info {};
  if (::statvfs(data_.c_str(), &info) != 0) return 0;
  return info.f_bavail * info.f_frsize;
}

Status Repository::check_room(std::uint64_t bytes) const {
  const auto keep = static_cast<std::uint64_t>(settings_.keep_free_mib) * kMiB;
  const auto free = free_bytes();
  if (free >= keep + bytes) return {};
  return fail(
      ErrorCode::disk_full,
      "Diska hampir penuh: tersisa {} MiB, harus tersisa {} MiB. Kosongkan ruang, lalu ulangi",
      "The disk is nearly full: {} MiB left, {} MiB must stay free. Make room and try again",
      {free / kMiB, keep / kMiB});
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
  const auto name = file_name(number, 'x', record.page.file_seq, "json");
  ALIH_TRY([[maybe_unused]] const auto fixity,
           write_durably(item_folder(record.page.item) / name, to_json(record)));
  return {};
}

std::vector<ItemId> Repository::items() const {
  std::vector<ItemId> out;
  for (const auto& name : names_in(data_ / "staging")) {
    const auto id = ItemId::parse(name);
    std::error_code error;
    if (id && fs::exists(item_folder(*id) / "item.json", error)) out.push_back(*id);
  }
  return out;
}

Result<ItemRecord> Repository::read_item(const ItemId& item) const {
  ALIH_TRY(const auto bytes, read_file(item_folder(item) / "item.json", kMaxRecord));
  return item_record_from_json(text_of(bytes));
}

Result<std::vector<PageRecord>> Repository::read_pages(const ItemId& item) const {
  std::vector<PageRecord> pages;
  for (const auto& name : names_in(item_folder(item))) {
    if (!is_page_record(name)) continue;
    ALIH_TRY(const auto bytes, read_file(item_folder(item) / name, kMaxRecord));
    auto page = page_record_from_json(text_of(bytes));
    if (!page) return fail(std::move(page).error().within({name, name}));
    pages.push_back(std::move(*page));
  }
  std::sort(pages.begin(), pages.end(), [](const PageRecord& a, const PageRecord& b) {
    return a.page.file_seq < b.page.file_seq;
  });
  return pages;
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
  std::error_code error;
  fs::remove(data_ / "staging" / "working", error);
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

void Repository::sweep(const std::set<ItemId>& items) const {
  std::error_code error;
  const auto remove_partials = [&](const fs::path& folder) {
    for (const auto& name : names_in(folder)) {
      if (name.starts_with('.') && name.ends_with(".partial")) fs::remove(folder / name, error);
    }
  };
  remove_partials(data_ / "staging");
  for (const auto& id : items) {
    if (fs::exists(item_folder(id) / "item.json", error)) {
      remove_partials(item_folder(id));
    } else {
      fs::remove_all(item_folder(id), error);
    }
  }
}

}  // namespace alih::repository
