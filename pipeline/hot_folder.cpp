#include "pipeline/hot_folder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <thread>

#include <unistd.h>

#include "core/clock.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDone = "selesai";
constexpr const char* kRefused = "ditolak";
constexpr std::size_t kMostEntries = 1000;
constexpr std::uint64_t kMostInFolder = 100000;  // looked at in one folder
constexpr int kMostNumbers = 100000;             // behind a name that is taken

bool ignored(const std::string& name) {
  return name.starts_with('.') || name == kDone || name == kRefused || name == "Thumbs.db" ||
         name == "desktop.ini";
}

bool being_written(const std::string& name) {
  static constexpr std::array<std::string_view, 6> kEndings{".part",       ".partial",  ".tmp",
                                                            ".crdownload", ".filepart", "~"};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

// A name in the folder that nobody has: page.tif, page (2).tif.
Result<fs::path> free_name(const fs::path& folder, const fs::path& name) {
  std::error_code error;
  auto path = folder / name;
  for (int i = 2; i < kMostNumbers; ++i) {
    if (!fs::exists(fs::symlink_status(path, error))) return path;
    path = folder / name.stem();
    path += " (" + std::to_string(i) + ")";
    path += name.extension();
  }
  return fail(ErrorCode::unavailable, "{} terlalu penuh; kosongkan", "{} is too full; empty it",
              {folder.string()});
}

Status cannot(const fs::path& path, const std::error_code& error) {
  return fail(ErrorCode::unavailable, "{} tidak dapat dipindahkan: {}", "{} cannot be moved: {}",
              {path.string(), error.message()});
}

Status move(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  if (!error) fs::rename(from, to, error);
  return error ? cannot(from, error) : Status();
}

void write_reasons(const fs::path& beside, const std::vector<Rejected>& rejected) {
  auto path = beside;
  path += ".alasan.txt";
  std::ofstream out(path);  // the reasons are told by the caller too: as well as can be
  for (const auto& r : rejected) {
    out << fs::path(r.path).filename().string() << "\n  " << r.reason.id << "\n  " << r.reason.en
        << "\n";
  }
}

HotTaken refused_special(const fs::path& entry) {
  return {.outcome = HotTaken::Outcome::refused,
          .digitization_no = {},
          .item_id = {},
          .more_items = {},
          .separators = 0,
          .pages = 0,
          .rejected = {{entry.string(),
                        message("tautan atau berkas khusus; letakkan berkasnya sendiri",
                                "a link or special file; put the file itself here"),
                        ErrorCode::unreadable, 0}}};
}

bool may_go_better(ErrorCode code) {
  switch (code) {
    case ErrorCode::busy:
    case ErrorCode::disk_full:
    case ErrorCode::index_missing:
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
    case ErrorCode::stopped:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string_view word(HotTaken::Outcome outcome) {
  switch (outcome) {
    case HotTaken::Outcome::taken:
      return "taken";
    case HotTaken::Outcome::partly:
      return "partly";
    case HotTaken::Outcome::duplicate:
      return "duplicate";
    case HotTaken::Outcome::refused:
      return "refused";
  }
  return "";
}

Result<HotFolder> HotFolder::open(const fs::path& folder, double settle_s) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return fail(ErrorCode::not_found, "Folder {} tidak ada", "There is no folder {}",
                {folder.string()});
  }
  for (const auto* name : {kDone, kRefused}) {
    fs::create_directory(folder / name, error);
    if (error || ::access((folder / name).c_str(), W_OK | X_OK) != 0) {
      return fail(ErrorCode::unavailable,
                  "Folder {} tidak dapat ditulisi; berikan izin menulis kepada alihmedia",
                  "The folder {} cannot be written to; let alihmedia write there",
                  {folder.string()});
    }
  }
  return HotFolder(folder, settle_s);
}

HotFolder::Look HotFolder::look_at(const fs::path& entry) {
  Look look;
  std::error_code error;
  const auto add = [&](const fs::path& path) {
    std::error_code gone;
    const auto status = fs::symlink_status(path, gone);
    look.partial = look.partial || being_written(path.filename().string());
    look.special = look.special || (fs::exists(status) && !fs::is_regular_file(status) &&
                                    !fs::is_directory(status));
    if (look.special) return;
    look.changed = std::max(look.changed, fs::last_write_time(path, gone));
    if (!fs::is_regular_file(status)) return;
    look.bytes += fs::file_size(path, gone);
    ++look.files;
  };
  look.changed = fs::file_time_type::min();
  add(entry);
  if (!fs::is_directory(fs::symlink_status(entry, error))) return look;
  fs::recursive_directory_iterator it(entry, fs::directory_options::skip_permission_denied, error);
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with('.')) continue;
    add(it->path());
    if (look.files > kMostInFolder) break;
  }
  return look;
}

Result<std::vector<fs::path>> HotFolder::ready(double now) {
  std::vector<fs::path> out;
  std::map<fs::path, Seen> seen;
  waiting_ = false;
  std::error_code error;
  fs::directory_iterator it(folder_, error);
  for (const fs::directory_iterator end; !error && it != end; it.increment(error)) {
    if (ignored(it->path().filename().string())) continue;
    const auto look = look_at(it->path());
    std::error_code gone;
    const auto status = it->symlink_status(gone);
    if (fs::is_directory(status) && look.files == 0 && !look.special) continue;  // nothing yet
    const auto before = seen_.find(it->path());
    const bool same = before != seen_.end() && before->second.look == look;
    const auto& now_seen = seen[it->path()] =
        same ? before->second : Seen{.look = look, .since = now, .stuck = false};
    if (now_seen.stuck) continue;
    if (!look.partial && now - now_seen.since >= settle_s_) {
      out.push_back(it->path());
    } else {
      waiting_ = true;
    }
  }
  if (error) {
    return fail(ErrorCode::unavailable, "Folder {} tidak dapat dibaca: {}",
                "The folder {} cannot be read: {}", {folder_.string(), error.message()});
  }
  seen_ = std::move(seen);
  std::sort(out.begin(), out.end());
  if (out.size() > kMostEntries) {
    out.resize(kMostEntries);
    waiting_ = true;
  }
  return out;
}

bool HotFolder::special(const fs::path& entry) const {
  const auto seen = seen_.find(entry);
  return seen != seen_.end() && seen->second.look.special;
}

Status HotFolder::put_away(const fs::path& entry, const HotTaken& taken) {
  auto moved = move_away(entry, taken);
  if (!moved) seen_[entry].stuck = true;
  return moved;
}

Status HotFolder::move_away(const fs::path& entry, const HotTaken& taken) const {
  const auto name = entry.filename();
  std::error_code error;
  if (taken.outcome == HotTaken::Outcome::refused) {
    ALIH_TRY(const auto to, free_name(folder_ / kRefused, name));
    ALIH_CHECK(move(entry, to));
    write_reasons(to, taken.rejected);
    return {};
  }
  ALIH_TRY(const auto done, free_name(folder_ / kDone, name));
  if (fs::is_directory(fs::symlink_status(entry, error))) {
    // What went nowhere out of the folder first, at the same place within it.
    ALIH_TRY(const auto refused, free_name(folder_ / kRefused, name));
    std::vector<Rejected> told;
    for (const auto& r : taken.rejected) {
      if (r.code == ErrorCode::duplicate) continue;
      told.push_back(r);
      if (r.frame > 0) continue;  // its other pages were taken
      const auto within = fs::path(r.path).lexically_relative(entry);
      if (within.empty() || *within.begin() == "..") continue;
      ALIH_CHECK(move(r.path, refused / within));
    }
    if (!told.empty()) write_reasons(refused, told);
  } else if (!taken.rejected.empty() && taken.outcome == HotTaken::Outcome::partly) {
    write_reasons(folder_ / kRefused / done.filename(), taken.rejected);
  }
  return move(entry, done);
}

Result<int> watch(HotFolder& folder, const HotCalls& calls, bool once,
                  const std::stop_token& stop) {
  constexpr double kLookEvery = 1;
  constexpr double kTryAgainAfter = 5;
  int refused = 0;
  std::string told;
  const auto pause = [&](double seconds) {
    for (double left = seconds; left > 0 && !stop.stop_requested(); left -= 0.1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  };
  while (!stop.stop_requested()) {
    bool later = false;
    // Tells of what goes better later, once; gives back what never will.
    const auto put_off = [&](const Error& trouble) -> Status {
      if (!may_go_better(trouble.code)) return fail(Error(trouble));
      if (trouble.message.en != told) calls.on_trouble(trouble.message);
      told = trouble.message.en;
      later = true;
      return {};
    };
    const auto found = folder.ready(monotonic_seconds());
    if (!found) ALIH_CHECK(put_off(found.error()));
    const auto entries = found.value_or(std::vector<fs::path>());
    for (const auto& entry : entries) {
      if (stop.stop_requested()) break;
      const auto taken =
          folder.special(entry) ? Result<HotTaken>(refused_special(entry)) : calls.take(entry);
      if (!taken) {
        ALIH_CHECK(put_off(taken.error()));
        break;
      }
      if (!taken->rejected.empty() && taken->outcome != HotTaken::Outcome::duplicate) ++refused;
      calls.on_taken(entry, *taken);
      if (const auto moved = folder.put_away(entry, *taken); !moved) {
        calls.on_trouble(moved.error().message);
      }
    }
    if (!later) told.clear();
    if (once && !later && entries.empty() && !folder.waiting()) break;
    pause(later ? kTryAgainAfter : kLookEvery);
  }
  return refused;
}

}  // namespace alih::pipeline
