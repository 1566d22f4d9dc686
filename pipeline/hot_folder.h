#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "core/message.h"
#include "core/result.h"
#include "pipeline/intake.h"

namespace alih::pipeline {

// What became of one file or folder of the hot folder.
struct HotTaken {
  enum class Outcome { taken, partly, duplicate, refused };
  Outcome outcome = Outcome::refused;
  std::string digitization_no;  // taken, partly: the item, the first one when separators made more
  std::string item_id;
  std::vector<std::string> more_items;  // their numbers
  int separators = 0;                   // sheets that are in no item
  int pages = 0;                        // of all
  std::vector<Rejected> rejected;
};
[[nodiscard]] std::string_view word(HotTaken::Outcome outcome);

// A folder that scanners and people put files into: each file becomes an item, each folder one item
// with a page a file. What has not changed for `settle_s` seconds is taken; then it is moved to
// selesai/, or to ditolak/ with a text beside it that says why. Nothing is ever deleted. By looking
// again and again, not by inotify, which says nothing of a network folder. One thread.
class HotFolder {
 public:
  // Makes selesai/ and ditolak/. Errors: not_found, unavailable (it cannot be written to).
  [[nodiscard]] static Result<HotFolder> open(const std::filesystem::path& folder, double settle_s);

  // Entries that have come to rest, by name, at most 1000. `now`: seconds of a monotonic clock.
  // Errors: unavailable (the folder is gone, as a share whose server is off).
  [[nodiscard]] Result<std::vector<std::filesystem::path>> ready(double now);
  // The last ready() saw entries that have not come to rest.
  [[nodiscard]] bool waiting() const { return waiting_; }
  // A link, pipe or device, or a folder with one in it: it may lead anywhere, and is refused.
  [[nodiscard]] bool special(const std::filesystem::path& entry) const;
  // Moves the entry where it belongs. A name that is taken there gets a number. An entry that
  // cannot be moved is left alone from then on.
  [[nodiscard]] Status put_away(const std::filesystem::path& entry, const HotTaken& taken);

 private:
  // Of a file: size and last change; of a folder: those of all that is in it.
  struct Look {
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;
    std::filesystem::file_time_type changed;
    bool partial = false;  // a name that programs give to what they still write
    bool special = false;  // a link, pipe or device
    bool operator==(const Look&) const = default;
  };
  struct Seen {
    Look look;
    double since = 0;
    bool stuck = false;  // taken, and could not be moved
  };
  HotFolder(std::filesystem::path folder, double settle_s)
      : folder_(std::move(folder)), settle_s_(settle_s) {}
  [[nodiscard]] static Look look_at(const std::filesystem::path& entry);
  [[nodiscard]] Status move_away(const std::filesystem::path& entry, const HotTaken& taken) const;

  std::filesystem::path folder_;
  double settle_s_ = 0;
  std::map<std::filesystem::path, Seen> seen_;
  bool waiting_ = false;
};

struct HotCalls {
  // Takes an entry in. An error is no fault of the entry, which stays where it is: tried again when
  // it may go better later (disk_full, busy, unavailable, index_missing, stopped), else the end.
  std::function<Result<HotTaken>(const std::filesystem::path& entry)> take;
  std::function<void(const std::filesystem::path& entry, const HotTaken& taken)> on_taken;
  std::function<void(const Message&)> on_trouble;
};
// Takes in what comes until stop is asked for; with `once` until nothing is left. Gives how many
// entries were refused, wholly or in part.
[[nodiscard]] Result<int> watch(HotFolder& folder, const HotCalls& calls, bool once,
                                const std::stop_token& stop);

}  // namespace alih::pipeline
