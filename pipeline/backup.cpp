#include "pipeline/backup.h"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <unordered_map>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/utf8.h"
#include "pipeline/backup_folder.h"
#include "pipeline/backup_questions.h"
#include "pipeline/data_folder.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kStateFile = "backup.json";
constexpr int kMostRounds = 8;
constexpr std::size_t kFewItems = 8;  // so few changed that they may be linked while all wait

// Not part of a backup: what can be made again, and what belongs to the running program.
bool is_left_out(const std::string& name) {
  static const std::set<std::string> names{"cache",        "lock",     "ballast",
                                           "service.json", "staging",  "repository",
                                           kRestoringMark, kStateFile, "lost+found"};
  // index, index.new, index.head …: the database comes from its checkpoint.
  return name.starts_with("index") || names.contains(name);
}

bool is_partial(const std::string& name) {
  return name.starts_with('.') && name.ends_with(".partial");
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    char32_t code = 0;
    const auto length = utf8_character(text, code);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

struct Seen {
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
};
std::optional<Seen> look(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return Seen{static_cast<std::uint64_t>(info.st_size),
              std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

// Names below a folder, as they are now; the folder may be gone.
std::vector<fs::directory_entry> entries(const fs::path& folder) {
  std::vector<fs::directory_entry> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    out.push_back(*it);
  }
  return out;
}

// Every regular file below a folder, with its path in the data folder.
void each_file(const fs::path& folder, const std::string& rel,
               const std::function<void(const std::string& rel, const fs::path&)>& call,
               int depth = 0) {
  constexpr int kDeepest = 64;
  for (const auto& entry : entries(folder)) {
    const auto name = entry.path().filename().string();
    const auto inner = rel.empty() ? name : rel + "/" + name;
    std::error_code error;
    if (entry.is_symlink(error)) continue;
    if (entry.is_directory(error)) {
      if (depth < kDeepest) each_file(entry.path(), inner, call, depth + 1);
    } else if (entry.is_regular_file(error) && !is_partial(name)) {
      call(inner, entry.path());
    }
  }
}

struct RemoveAll {
  fs::path path;
  ~RemoveAll() {
    std::error_code error;
    fs::remove_all(path, error);
  }
};

class Run {
 public:
  Run(Holdings& holdings, const BackupOptions& options, BackupFolder folder,
      const Progress& progress)
      : holdings_(holdings),
        data_(holdings.files().data_folder()),
        options_(options),
        folder_(std::move(folder)),
        progress_(progress) {}

  Result<BackupReport> run();

 private:
  Status read_previous();
  Status first_walk();
  Status collect(const ItemId& id);
  Status hold(const std::set<ItemId>& changed, const fs::path& scratch);
  Status store(const std::string& rel, const fs::path& from, const std::optional<ItemId>& item);
  Status look_for_missing(const indexer::Database& database);
  void drop(const ItemId& id);
  [[nodiscard]] std::string object_rel(const ItemId& id) const {
    return holdings_.files().objects().object_path(id).lexically_relative(data_).string();
  }
  [[nodiscard]] const StoredFile* earlier(const std::string& rel) const {
    const auto found = previous_.files.find(rel);
    return found == previous_.files.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool same(const StoredFile* before, const Seen& now) const {
    return before != nullptr && !before->damaged && before->bytes == now.bytes &&
           before->mtime_ns == now.mtime_ns && folder_.has(*before);
  }
  const std::map<std::string, Sha512>& expected(const ItemId& id);
  void problem(std::string kind, std::string where, std::string detail);

  Holdings& holdings_;
  fs::path data_;
  const BackupOptions& options_;
  BackupFolder folder_;
  const Progress& progress_;
  BackupReport report_;
  Snapshot previous_;
  Snapshot next_;
  std::unordered_map<std::string, const StoredFile*> masters_;  // of previous_, by name
  std::set<ItemId> again_;  // were being changed as they were read
  std::vector<std::pair<std::string, fs::path>> linked_;
  ItemId expected_of_;
  std::map<std::string, Sha512> expected_;
  std::set<std::string> told_;
};

void Run::problem(std::string kind, std::string where, std::string detail) {
  if (!told_.insert(kind + where).second) return;
  report_.problems.push_back({std::move(kind), std::move(where), std::move(detail)});
}

Status Run::read_previous() {
  const auto ids = folder_.snapshots();
  // One whose manifest is damaged helps nobody; the one before it does.
  for (auto it = ids.rbegin(); it != ids.rend(); ++it) {
    auto read = folder_.read(*it);
    if (!read) {
      problem("damaged_snapshot", *it, read.error().message.en);
      continue;
    }
    previous_ = std::move(*read);
    break;
  }
  if (!previous_.origin.empty() && !next_.origin.empty() && previous_.origin != next_.origin) {
    return fail(ErrorCode::wrong_state,
                "{} adalah cadangan folder data yang lain; pilih folder lain",
                "{} is the backup of another data folder; choose another folder",
                {folder_.path().string()});
  }
  for (const auto& [rel, file] : previous_.files) {
    const auto name = rel.substr(rel.rfind('/') + 1);
    if (name.find("_m_") != std::string::npos && !file.damaged) masters_[name] = &file;
  }
  return {};
}

// What the files of an item must be, by path in the data folder: masters by their record, files of
// a closed item by its inventory.
const std::map<std::string, Sha512>& Run::expected(const ItemId& id) {
  if (expected_of_ == id) return expected_;
  expected_of_ = id;
  expected_.clear();
  for (const auto& page : holdings_.database().pages(id)) {
    if (const auto digest = sha512_from_hex(page.master.fixity.sha512)) {
      expected_["staging/" + id.str() + "/" + page.master.file] = *digest;
    }
  }
  const auto object = object_rel(id);
  constexpr std::uint64_t kMostInventory = std::uint64_t{64} << 20U;
  const auto bytes = repository::read_file(data_ / object / "inventory.json", kMostInventory);
  if (!bytes) return expected_;
  const auto* text = reinterpret_cast<const char*>(bytes->data());
  const auto inventory = json::parse(text, text + bytes->size(), nullptr, false);
  try {
    for (const auto& [digest, paths] : inventory.at("manifest").items()) {
      const auto raw = sha512_from_hex(digest);
      for (const auto& path : paths) {
        if (raw) expected_[object + "/" + path.get<std::string>()] = *raw;
      }
    }
  } catch (const std::exception&) {
    // verify tells; the files are kept as they are.
  }
  return expected_;
}

Status Run::store(const std::string& rel, const fs::path& from, const std::optional<ItemId>& item) {
  if (options_.stop.stop_requested()) {
    return fail(ErrorCode::stopped, "Pencadangan dihentikan; jalankan lagi",
                "The backup was stopped; run it again");
  }
  if (!is_utf8(rel)) {
    problem("unreadable_file", rel, "the name is not UTF-8");
    return {};
  }
  const auto seen = look(from);
  if (!seen) {
    if (item) again_.insert(*item);
    return {};
  }
  const auto* before = earlier(rel);
  if (!options_.full) {
    if (same(before, *seen)) {
      next_.files[rel] = *before;
      return {};
    }
    // A master that closing moved is the same file at another place.
    const auto moved = masters_.find(rel.substr(rel.rfind('/') + 1));
    if (item && moved != masters_.end() && same(moved->second, *seen)) {
      const auto& digests = expected(*item);
      const auto wanted = digests.find(rel);
      if (wanted != digests.end() && wanted->second == moved->second->digest) {
        next_.files[rel] = *moved->second;
        return {};
      }
    }
  }
  ALIH_TRY(auto read, folder_.take(from));
  auto& file = read.incoming.file;
  const auto keep_good = [&](const Sha512& good) {
    auto kept = read.readable ? file : StoredFile{};
    if (!read.readable && before != nullptr) kept = *before;
    kept.digest = good;
    kept.bytes = folder_.size_of(good).value_or(0);
    kept.damaged = true;
    next_.files[rel] = kept;
  };
  std::optional<Sha512> wanted;
  if (item) {
    const auto& digests = expected(*item);
    if (const auto found = digests.find(rel); found != digests.end()) wanted = found->second;
  }
  if (!read.readable) {
    if (read.gone) {
      if (item) again_.insert(*item);
      return {};
    }
    problem("unreadable_file", rel, read.why);
    if (wanted && folder_.size_of(*wanted)) {
      keep_good(*wanted);
    } else if (before != nullptr) {
      keep_good(before->digest);
    }
    return {};
  }
  // A file is only ever replaced by a new one, which has another time.
  const bool rotten = before != nullptr && before->bytes == file.bytes &&
                      before->mtime_ns == file.mtime_ns && before->digest != file.digest;
  if (wanted ? file.digest != *wanted : rotten) {
    problem("damaged_file", rel, "the bytes are not those that were stored");
    if (wanted && folder_.size_of(*wanted)) {
      keep_good(*wanted);
      return {};
    }
    if (!wanted && folder_.size_of(before->digest)) {
      keep_good(before->digest);
      return {};
    }
    file.damaged = true;
  }
  next_.files[rel] = file;
  const auto bytes = file.bytes;
  ALIH_TRY(const bool fresh, folder_.keep(std::move(read.incoming)));
  if (fresh) {
    ++report_.copied_files;
    report_.copied_bytes += bytes;
  }
  progress_(next_.files.size(), 0);
  return {};
}

void Run::drop(const ItemId& id) {
  for (const auto& prefix : {"staging/" + id.str() + "/", object_rel(id) + "/"}) {
    auto it = next_.files.lower_bound(prefix);
    while (it != next_.files.end() && it->first.starts_with(prefix)) it = next_.files.erase(it);
  }
}

// The item's files as they are now. What is moved or half moved meanwhile is looked at again.
Status Run::collect(const ItemId& id) {
  if (!holdings_.files().has_item(id)) return {};  // masters of what is not registered yet
  Status bad;
  const auto folder = "staging/" + id.str();
  each_file(data_ / folder, folder, [&](const std::string& rel, const fs::path& path) {
    if (!bad) return;
    if (rel.find("/.") != std::string::npos) {
      again_.insert(id);
      return;
    }
    bad = store(rel, path, id);
  });
  ALIH_CHECK(std::move(bad));
  bad = {};
  const auto object = object_rel(id);
  each_file(data_ / object, object, [&](const std::string& rel, const fs::path& path) {
    if (bad) bad = store(rel, path, id);
  });
  return bad;
}

Status Run::first_walk() {
  for (const auto& entry : entries(data_ / "staging")) {
    if (const auto id = ItemId::parse(entry.path().filename().string())) ALIH_CHECK(collect(*id));
  }
  // Closed items, one folder at a time, so that nothing is listed twice.
  Status bad;
  each_file(data_ / "repository", "repository", [&](const std::string& rel, const fs::path& path) {
    if (!bad || next_.files.contains(rel)) return;
    std::optional<ItemId> item;
    fs::path below(rel);
    constexpr int kTuples = 3;  // folders between the root and an object
    auto part = below.begin();
    for (int i = 0; i <= kTuples && part != below.end(); ++i) ++part;
    if (part != below.end()) {
      if (const auto id = ItemId::parse(part->string())) item = *id;
    }
    bad = store(rel, path, item);
  });
  return bad;
}

// The one state that everything belongs to. The files of the changed items and the small files of
// the data folder get a second name, then the database its checkpoint.
Status Run::hold(const std::set<ItemId>& changed, const fs::path& scratch) {
  int number = 0;
  Status bad;
  const auto link = [&](const std::string& rel, const fs::path& from) {
    if (!bad) return;
    const auto seen = look(from);
    const auto known = next_.files.find(rel);
    if (seen && known != next_.files.end() && known->second.bytes == seen->bytes &&
        known->second.mtime_ns == seen->mtime_ns) {
      linked_.emplace_back(rel, fs::path());
      return;
    }
    const auto to = scratch / ("f" + std::to_string(number++));
    // Another file system, or one without links: a copy does too.
    if (::link(from.c_str(), to.c_str()) != 0) {
      std::error_code error;
      fs::copy_file(from, to, error);
      if (error) {
        bad = fail(repository::system_error(error.value(), "membaca " + rel, "reading " + rel));
        return;
      }
      struct stat info {};
      if (::stat(from.c_str(), &info) == 0) {
        const struct timespec times[2] = {info.st_atim, info.st_mtim};  // NOLINT: utimensat's
        (void)::utimensat(AT_FDCWD, to.c_str(), times, 0);
      }
    }
    linked_.emplace_back(rel, to);
  };
  for (const auto& id : changed) {
    if (!holdings_.files().has_item(id)) continue;
    const auto folder = "staging/" + id.str();
    each_file(data_ / folder, folder, link);
    each_file(data_ / object_rel(id), object_rel(id), link);
  }
  for (const auto& entry : entries(data_)) {
    const auto name = entry.path().filename().string();
    std::error_code error;
    if (is_left_out(name) || is_partial(name) || entry.is_symlink(error)) continue;
    if (entry.is_directory(error)) each_file(entry.path(), name, link);
    if (entry.is_regular_file(error)) link(name, entry.path());
  }
  // In staging/ beside the items: what a program has in its hands, so that the next start looks.
  for (const auto& entry : entries(data_ / "staging")) {
    const auto name = entry.path().filename().string();
    std::error_code error;
    if (entry.is_regular_file(error) && !is_partial(name)) link("staging/" + name, entry.path());
  }
  ALIH_CHECK(std::move(bad));
  next_.head = holdings_.database().chain_head();
  return holdings_.database().checkpoint(scratch / "index");
}

// Files that records name and that are gone; what an earlier backup has of them stays.
Status Run::look_for_missing(const indexer::Database& database) {
  const auto keep_earlier = [&](const std::string& rel, const StoredFile& file) {
    auto kept = file;
    kept.damaged = true;
    next_.files[rel] = kept;
  };
  for (const auto& [rel, file] : previous_.files) {
    // Nothing ever leaves a closed item.
    if (!rel.starts_with("repository/") || next_.files.contains(rel)) continue;
    problem("missing_file", rel, "it was there at the last backup");
    keep_earlier(rel, file);
  }
  for (const auto& item : database.items({})) {
    ++next_.items;
    const auto staged = "staging/" + item.id.str() + "/";
    const auto object = object_rel(item.id) + "/";
    std::set<std::string> names;  // of the closed item
    for (auto it = next_.files.lower_bound(object);
         it != next_.files.end() && it->first.starts_with(object); ++it) {
      names.insert(it->first.substr(it->first.rfind('/') + 1));
    }
    const auto need = [&](const std::string& name) {
      if (next_.files.contains(staged + name) || names.contains(name)) return;
      problem("missing_file", item.digitization_no + "/" + name, "no such file");
      if (const auto* before = earlier(staged + name)) keep_earlier(staged + name, *before);
    };
    need("item.json");
    for (const auto& page : database.pages(item.id)) {
      need(page.master.file);
      need(file_name(item.digitization_no, 'x', page.file_seq, "json"));
    }
  }
  return {};
}

Result<BackupReport> Run::run() {
  const double start = monotonic_seconds();
  const auto& database = holdings_.database();
  ALIH_CHECK(database.each_event([&](const Event& first) {
    next_.origin = first.sha256;
    return false;
  }));
  ALIH_CHECK(read_previous());
  auto since = database.chain_head().sequence;
  ALIH_CHECK(first_walk());

  // What changed meanwhile, until so little is left that it can be linked while all wait.
  std::set<ItemId> changed;
  for (int round = 0; round < kMostRounds; ++round) {
    const auto now = database.chain_head().sequence;
    ALIH_TRY(changed, database.items_changed_since(since));
    changed.merge(again_);
    again_.clear();
    if (changed.size() <= kFewItems) break;
    since = now;
    for (const auto& id : changed) {
      drop(id);
      ALIH_CHECK(collect(id));
    }
    changed.clear();
  }
  ALIH_CHECK(folder_.flush());

  const RemoveAll scratch{holdings_.files().scratch() / ("backup-" + EventId::make().str())};
  ALIH_CHECK(repository::make_folder(scratch.path));
  ALIH_CHECK(holdings_.hold_changes([&]() -> Status {
    ALIH_TRY(auto last, database.items_changed_since(since));
    changed.merge(last);
    changed.merge(again_);
    return hold(changed, scratch.path);
  }));
  {
    auto kept = std::move(linked_);
    linked_.clear();
    std::map<std::string, StoredFile> known;
    for (const auto& [rel, path] : kept) {
      if (path.empty()) known[rel] = next_.files.at(rel);
    }
    for (const auto& id : changed) drop(id);
    for (auto& [rel, file] : known) next_.files[rel] = file;
    std::map<std::string, ItemId> owners;  // by the start of the path
    for (const auto& id : changed) {
      owners["staging/" + id.str() + "/"] = id;
      owners[object_rel(id) + "/"] = id;
    }
    for (const auto& [rel, path] : kept) {
      if (path.empty()) continue;
      std::optional<ItemId> item;
      for (const auto& [prefix, id] : owners) {
        if (rel.starts_with(prefix)) item = id;
      }
      ALIH_CHECK(store(rel, path, item));
    }
  }
  Status bad;
  each_file(scratch.path / "index", "index", [&](const std::string& rel, const fs::path& path) {
    if (bad) bad = store(rel, path, std::nullopt);
  });
  ALIH_CHECK(std::move(bad));
  {
    // Beside the files just stored; a checkpoint has no commit head of its own.
    ALIH_CHECK(indexer::Database::adopt(scratch.path / "index", holdings_.settings().indexer));
    ALIH_TRY(const auto copy,
             indexer::Database::open(scratch.path / "index", holdings_.settings().indexer,
                                     indexer::Database::Mode::read_only, false));
    ALIH_CHECK(look_for_missing(*copy));
    ALIH_TRY(next_.questions, make_questions(*copy));
  }
  ALIH_TRY(report_.snapshot, folder_.finish(next_));
  if (options_.keep > 0) {
    if (const auto thinned = folder_.thin(options_.keep); !thinned) {
      problem("old_snapshots", folder_.path().string(), thinned.error().message.en);
    }
  }
  report_.items = next_.items;
  report_.files = next_.files.size();
  report_.bytes = next_.bytes;
  report_.seconds = monotonic_seconds() - start;
  ALIH_TRY([[maybe_unused]] const auto written,
           repository::write_durably(data_ / kStateFile, json{{"last", next_.created},
                                                              {"dir", folder_.path().string()},
                                                              {"snapshot", next_.id},
                                                              {"files", report_.files},
                                                              {"bytes", report_.bytes},
                                                              {"problems", report_.problems.size()}}
                                                                 .dump() +
                                                             "\n"));
  return std::move(report_);
}

}  // namespace

Result<BackupReport> backup(Holdings& holdings, const BackupOptions& options,
                            const Progress& progress) {
  std::error_code error;
  const auto data = fs::weakly_canonical(holdings.files().data_folder(), error);
  const auto to = fs::weakly_canonical(options.to, error);
  if (std::mismatch(data.begin(), data.end(), to.begin(), to.end()).first == data.end()) {
    return fail(ErrorCode::usage, "{} ada di dalam folder data; cadangkan ke diska lain",
                "{} is inside the data folder; back up to another disk", {options.to.string()});
  }
  ALIH_TRY(auto folder, BackupFolder::open(to, BackupFolder::Mode::write));
  return Run(holdings, options, std::move(folder), progress).run();
}

BackupState backup_state(const Holdings& holdings) {
  BackupState out;
  constexpr std::uint64_t kMost = 1U << 20U;
  if (const auto bytes =
          repository::read_file(holdings.files().data_folder() / kStateFile, kMost)) {
    const auto* text = reinterpret_cast<const char*>(bytes->data());
    const auto j = json::parse(text, text + bytes->size(), nullptr, false);
    try {
      out.last = j.at("last").get<std::string>();
      out.dir = j.at("dir").get<std::string>();
    } catch (const std::exception&) {
      out = {};  // as if there were none: the warning is on the safe side
    }
  }
  const int days = holdings.settings().pipeline.backup_days;
  if (days <= 0) return out;
  auto from = out.last;
  if (from.empty()) {
    // Never: counted from the first thing that could have been backed up.
    (void)holdings.database().each_event([&](const Event& first) {
      from = first.at;
      return false;
    });
  }
  std::tm parts{};
  if (from.empty() || ::strptime(from.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return out;
  constexpr double kDay = 86400;
  const auto age = std::difftime(std::time(nullptr), ::timegm(&parts));
  out.overdue = age > days * kDay;
  return out;
}

Message backup_warning(const BackupState& state) {
  if (state.last.empty()) {
    return message("Belum pernah dicadangkan; jalankan alihmedia backup FOLDER",
                   "There is no backup yet; run alihmedia backup FOLDER");
  }
  return message("Cadangan terakhir {} ke {}; jalankan lagi alihmedia backup",
                 "The last backup was {} to {}; run alihmedia backup again",
                 {state.last, state.dir});
}

}  // namespace alih::pipeline
