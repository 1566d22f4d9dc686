#include "pipeline/repair.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "core/id.h"
#include "indexer/text_record.h"
#include "pipeline/backup_folder.h"
#include "repository/book_files.h"
#include "repository/catalogue_files.h"
#include "repository/disk.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using repository::Repository;

constexpr std::uint64_t kMostRecord = std::uint64_t{256} << 20U;

// Good bytes by digest, in whatever layout the second copy has.
class SecondCopy {
 public:
  explicit SecondCopy(fs::path root) : root_(std::move(root)) {}

  // A file with that SHA-512, read and found good.
  [[nodiscard]] std::optional<fs::path> find(const std::string& sha512, const fs::path& relative,
                                             const std::string& name) {
    if (root_.empty() || sha512.size() < 2) return std::nullopt;
    const auto good = [&](const fs::path& path) { return has(path, sha512); };
    for (const auto& path : {root_ / "objects" / sha512.substr(0, 2) / sha512, root_ / relative}) {
      if (good(path)) return path;
    }
    // A copy of a data folder from before the item was closed has the file elsewhere.
    list();
    const auto [from, to] = by_name_.equal_range(name);
    for (auto it = from; it != to; ++it) {
      if (good(it->second)) return it->second;
    }
    return std::nullopt;
  }
  // What has no digest elsewhere: the file at that place in a copy of a data folder, or in the
  // newest snapshot of a backup folder. Empty when there is none.
  [[nodiscard]] fs::path at(const fs::path& relative) {
    std::error_code error;
    if (root_.empty()) return {};
    if (fs::exists(root_ / relative, error)) return root_ / relative;
    read_snapshot();
    const auto it = snapshot_.find(relative.string());
    if (it == snapshot_.end()) return {};
    const auto object = root_ / "objects" / it->second.substr(0, 2) / it->second;
    return has(object, it->second) ? object : fs::path();
  }

 private:
  [[nodiscard]] static bool has(const fs::path& path, const std::string& sha512) {
    const auto fixity = repository::file_fixity(path);
    return fixity && fixity->sha512 == sha512;
  }
  void read_snapshot() {
    if (snapshot_read_) return;
    snapshot_read_ = true;
    const auto folder = BackupFolder::open(root_, BackupFolder::Mode::read);
    if (!folder || folder->snapshots().empty()) return;
    // Records and inventories only; masters, of which there may be millions, come by digest.
    const auto rest =
        folder->read(folder->snapshots().back(), [&](const std::string& path, const StoredFile& f) {
          if (path.ends_with(".json") || path.ends_with(".json.sha512") ||
              path.starts_with("catalogue/")) {
            snapshot_.emplace(path, hex(f.digest));
          }
        });
    if (!rest) snapshot_.clear();
  }
  void list() {
    if (listed_) return;
    listed_ = true;
    constexpr std::size_t kMost = 10'000'000;
    for (const char* part : {"staging", "repository"}) {
      std::error_code error;
      fs::recursive_directory_iterator it(root_ / part,
                                          fs::directory_options::skip_permission_denied, error);
      for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (!it->is_regular_file(ignored)) continue;
        by_name_.emplace(it->path().filename().string(), it->path());
        if (by_name_.size() > kMost) return;
      }
    }
  }

  fs::path root_;
  bool listed_ = false;
  std::multimap<std::string, fs::path> by_name_;
  bool snapshot_read_ = false;
  std::map<std::string, std::string> snapshot_;  // path in the data folder -> SHA-512
};

// What a repair works on; `holdings` may be null.
class Repairer {
 public:
  Repairer(const Repository& files, Holdings* holdings, const fs::path& from, Agent by)
      : files_(files), holdings_(holdings), second_(from), by_(std::move(by)) {}

  // Whether it is known how to mend it.
  static bool can_mend(const Problem& p) {
    return !p.file.empty() && (p.item || is_book(p.file) || is_catalogue(p.file));
  }

  // Where the problem is gone afterwards, or why not.
  Status mend(const Problem& p) {
    if (!p.item) return is_book(p.file) ? mend_book(p.file) : mend_catalogue(p.file);
    const auto& id = *p.item;
    const bool in_object = p.file.find('/') != std::string::npos || is_inventory(p.file) ||
                           p.file == "0=ocfl_object_1.1";
    if (p.kind == "ocfl" && in_object) return mend_object(id, p.file);
    if (p.file == "item.json" || p.file.ends_with(".json")) return mend_record(id, p.file);
    return mend_master(id, p.file);
  }

 private:
  static bool is_book(const std::string& path) { return path.starts_with("register/"); }
  static bool is_catalogue(const std::string& path) { return path.starts_with("catalogue/"); }
  static bool is_inventory(const std::string& path) {
    return path == "inventory.json" || path == "inventory.json.sha512";
  }

  static tl::unexpected<Error> no_copy() {
    return fail(ErrorCode::not_found, "Salinan yang baik tidak ditemukan; beri --from FOLDER",
                "No good copy was found; give --from FOLDER");
  }

  // Kept, not deleted: somebody may still read something in it.
  Status set_aside(const std::string& of, const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return {};
    const auto folder = files_.data_folder() / "quarantine" / of;
    ALIH_CHECK(repository::make_folder(folder));
    if (repository::disk().rename(path, folder / (path.filename().string() + "." + new_ulid())) !=
        0) {
      return fail(repository::system_error(errno, "memindahkan " + path.string(),
                                           "moving " + path.string()));
    }
    return repository::sync_folder(folder);
  }

  Status put(const std::string& of, const fs::path& good, const fs::path& place) {
    ALIH_CHECK(repository::make_folder(place.parent_path()));
    ALIH_CHECK(set_aside(of, place));
    ALIH_TRY([[maybe_unused]] const auto fixity, repository::copy_durably(good, place));
    return {};
  }

  // A batch or closing: what the database has of it is checked by the chain of events. Without a
  // database a copy that is whole in itself must do.
  Status mend_book(const std::string& file) {
    const auto place = files_.data_folder() / file;
    const auto name = place.stem().string();
    if (holdings_ != nullptr && holdings_->database().book(name)) {
      ALIH_CHECK(set_aside("register", place));
      return holdings_->restore_book(name, by_);
    }
    const auto copy = second_.at(file);
    if (copy.empty() || !repository::read_book_copy(copy, name)) return no_copy();
    return put("register", copy, place);
  }

  // An import: its file alone has the rows as they came. The chain of events knows its digest.
  Status mend_catalogue(const std::string& file) {
    const auto place = files_.data_folder() / file;
    const auto copy = second_.at(file);
    if (copy.empty()) return no_copy();
    const auto event = repository::read_catalogue_copy(
        copy, place.filename().string(), [](const CatalogueRecord&) -> Status { return {}; });
    if (!event) return no_copy();
    if (holdings_ != nullptr) {
      bool known = false;
      ALIH_CHECK(holdings_->database().each_event([&](const Event& e) {
        known = e.sequence == event->sequence && e.sha256 == event->sha256;
        return !known;
      }));
      if (!known) return no_copy();
    }
    return put("catalogue", copy, place);
  }

  Status mend_master(const ItemId& id, const std::string& name) {
    std::optional<Fixity> wanted;
    if (holdings_ != nullptr) {
      for (const auto& page : holdings_->database().pages(id)) {
        if (page.master.file == name) wanted = page.master.fixity;
      }
    }
    if (!wanted) {
      (void)files_.each_page(id, [&](const PageRecord& p) {
        if (p.page.master.file == name) wanted = p.page.master.fixity;
      });
    }
    if (!wanted) return no_copy();
    const auto relative = fs::path("staging") / id.str() / name;
    const auto good = second_.find(wanted->sha512, relative, name);
    if (!good) return no_copy();
    return put(id.str(), *good, files_.item_folder(id) / name);
  }

  // The copy's own bytes where they say what the database says, else the database's. Without a
  // database a copy that can be read must do.
  Status mend_record(const ItemId& id, const std::string& name) {
    const auto place = files_.item_folder(id) / name;
    const auto copy = second_.at(fs::path("staging") / id.str() / name);
    const bool known = holdings_ != nullptr && holdings_->database().item(id);
    if (!copy.empty() && says_the_same(id, name, copy, known)) return put(id.str(), copy, place);
    if (!known) return no_copy();
    ALIH_CHECK(repository::make_folder(place.parent_path()));
    ALIH_CHECK(set_aside(id.str(), place));
    return holdings_->restore_record(id, name);
  }

  bool says_the_same(const ItemId& id, const std::string& name, const fs::path& copy, bool known) {
    const auto bytes = repository::read_file(copy, kMostRecord);
    if (!bytes) return false;
    const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    if (name == "item.json") {
      const auto record = item_record_from_json(text);
      if (!record || !known) return record.has_value();
      const auto& database = holdings_->database();
      return record->item == *database.item(id) && record->events == database.events_of(id, "");
    }
    const auto record = page_record_from_json(text);
    if (!record || !known) return record.has_value();
    const auto& database = holdings_->database();
    const auto page = database.page_by_seq(id, record->page.file_seq);
    const auto words = database.text(id, record->page.file_seq);
    return page && words && record->page == *page &&
           record->events == database.events_of(id, page->id.str()) &&
           indexer::encode_text(record->text) == indexer::encode_text(*words);
  }

  // Inventories and marks follow from the rest of the object; contents come by digest.
  Status mend_object(const ItemId& id, const std::string& path) {
    const auto& objects = files_.objects();
    const auto object = objects.object_path(id);
    const auto name = fs::path(path).filename().string();
    const auto relative = (fs::path("repository") /
                           object.lexically_relative(files_.data_folder() / "repository") / path)
                              .lexically_normal();
    if (name == "0=ocfl_object_1.1") {
      ALIH_TRY([[maybe_unused]] const auto mark,
               repository::write_durably(object / name, std::string_view("ocfl_object_1.1\n")));
      return {};
    }
    if (is_inventory(name)) return mend_inventory(id, object, relative.parent_path());
    const auto manifest = objects.manifest(id);
    const auto wanted = manifest.find(path);
    if (wanted == manifest.end()) {
      // Nothing names it: out of the object, but not away.
      return set_aside(id.str(), object / path);
    }
    const auto good = second_.find(wanted->second, relative, name);
    if (!good) return no_copy();
    return put(id.str(), *good, object / path);
  }

  Status mend_inventory(const ItemId& id, const fs::path& object, const fs::path& relative) {
    const auto head = files_.objects().head(id);
    const auto newest = object / ("v" + std::to_string(head));
    struct Pair {
      fs::path inventory;
      fs::path sidecar;
    };
    const auto pair_in = [](const fs::path& folder) -> Pair {
      return {folder / "inventory.json", folder / "inventory.json.sha512"};
    };
    const auto copy_of = [&](const fs::path& folder) -> Pair {
      const auto pair = pair_in(fs::path("repository") /
                                folder.lexically_relative(files_.data_folder() / "repository"));
      return {second_.at(pair.inventory), second_.at(pair.sidecar)};
    };
    // Inventory and sidecar agree, and are for the head that there is.
    const auto whole = [&](const Pair& pair, const fs::path& of) {
      const auto fixity = repository::file_fixity(pair.inventory);
      const auto side = repository::read_file(pair.sidecar, 1024);
      if (!fixity || !side) return false;
      const std::string_view text(reinterpret_cast<const char*>(side->data()), side->size());
      if (!text.starts_with(fixity->sha512)) return false;
      const auto bytes = repository::read_file(pair.inventory, kMostRecord);
      if (!bytes) return false;
      const std::string inventory(reinterpret_cast<const char*>(bytes->data()), bytes->size());
      const auto number = of == object ? "v" + std::to_string(head) : of.filename().string();
      return inventory.find("\"head\": \"" + number + "\"") != std::string::npos &&
             inventory.find(id.str()) != std::string::npos;
    };
    const auto heal = [&](const fs::path& folder, const std::vector<Pair>& others) -> Status {
      const auto own = pair_in(folder);
      if (whole(own, folder)) return {};
      for (const auto& other : others) {
        if (!whole(other, folder)) continue;
        ALIH_CHECK(put(id.str(), other.inventory, own.inventory));
        return put(id.str(), other.sidecar, own.sidecar);
      }
      return no_copy();
    };
    // Which of them is meant stands in the path; the root and the newest version are the same.
    if (relative.filename() == object.filename() || relative.filename() == newest.filename()) {
      ALIH_CHECK(heal(object, {pair_in(newest), copy_of(object), copy_of(newest)}));
      return heal(newest, {pair_in(object)});
    }
    const auto older = object / relative.filename();
    return heal(older, {copy_of(older)});
  }

  const Repository& files_;
  Holdings* holdings_;
  SecondCopy second_;
  const Agent by_;
};

Status check_source(const fs::path& from) {
  std::error_code error;
  if (from.empty() || fs::is_directory(from, error)) return {};
  return fail(ErrorCode::not_found, "Folder {} tidak ada", "There is no folder {}",
              {from.string()});
}

void attempt(Repairer& repairer, const std::vector<Problem>& problems, RepairReport& report) {
  for (const auto& p : problems) {
    if (!Repairer::can_mend(p)) {
      report.left.push_back(p);
      continue;
    }
    const auto done = repairer.mend(p);
    auto told = p;
    if (!done) told.detail += "; " + done.error().message.en;
    (done ? report.repaired : report.left).push_back(std::move(told));
  }
}

// Looks, mends, looks again: an inventory that is good again may show more. What is told as
// repaired is what the last look does not find any more.
template <typename Look>
RepairReport mend_all(Repairer& repairer, Look look) {
  constexpr int kLooks = 3;
  std::vector<Problem> tried;
  RepairReport report;
  for (int i = 0; i < kLooks; ++i) {
    RepairReport round;
    attempt(repairer, look(), round);
    report.left = std::move(round.left);
    if (round.repaired.empty()) break;
    tried.insert(tried.end(), round.repaired.begin(), round.repaired.end());
  }
  const auto now = tried.empty() ? report.left : look();
  const auto still = [&](const Problem& p) {
    return std::any_of(now.begin(), now.end(), [&](const Problem& other) {
      return other.item == p.item && other.file == p.file;
    });
  };
  std::set<std::pair<std::optional<ItemId>, std::string>> told;
  for (const auto& p : tried) {
    if (!still(p) && told.emplace(p.item, p.file).second) report.repaired.push_back(p);
  }
  for (const auto& p : now) {
    const bool known = std::any_of(report.left.begin(), report.left.end(),
                                   [&](const Problem& q) { return q.where == p.where; });
    if (!known) report.left.push_back(p);
  }
  return report;
}

}  // namespace

Result<RepairReport> repair(Holdings& holdings, const std::vector<ItemId>& only,
                            const fs::path& from, const Agent& by, const Progress& progress) {
  ALIH_CHECK(check_source(from));
  Repairer repairer(holdings.files(), &holdings, from, by);
  auto report = mend_all(repairer, [&] { return holdings.verify(only, progress).problems; });
  std::map<ItemId, std::string> touched;
  for (const auto& p : report.repaired) {
    if (!p.item) continue;
    auto& detail = touched[*p.item];
    detail += (detail.empty() ? "" : ", ") + p.file;
  }
  for (const auto& [id, detail] : touched) {
    constexpr std::size_t kLongest = 2000;
    ALIH_CHECK(holdings.repaired(id, "restored: " + detail.substr(0, kLongest), by));
  }
  // Marks on what is good again without our doing.
  std::set<ItemId> marked;
  for (const auto& d : holdings.database().damage({})) {
    if (only.empty() || std::ranges::find(only, d.item) != only.end()) marked.insert(d.item);
  }
  for (const auto& id : marked) {
    ALIH_TRY([[maybe_unused]] const auto fresh, holdings.mark(id, report.left));
  }
  return report;
}

Result<RepairReport> repair_files(const Repository& files, const fs::path& from,
                                  const Progress& progress) {
  ALIH_CHECK(check_source(from));
  Repairer repairer(files, nullptr, from, program_agent());
  return mend_all(repairer, [&] { return verify_files(files, progress).problems; });
}

}  // namespace alih::pipeline
