#include "pipeline/caretaker.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/clock.h"
#include "pipeline/chain.h"

namespace alih::pipeline {
namespace {

constexpr double kDay = 86400;
constexpr double kMiB = 1 << 20;

// Seconds since 1970 of "2026-11-24T04:12:28.123Z"; 0 when it is none.
double seconds_of(const std::string& utc) {
  std::tm t{};
  if (utc.size() < 19 ||
      ::strptime(utc.substr(0, 19).c_str(), "%Y-%m-%dT%H:%M:%S", &t) == nullptr) {
    return 0;
  }
  return static_cast<double>(::timegm(&t));
}

// Reading for the patrol must not be felt by those who scan.
void be_idle() {
  constexpr int kWhoProcess = 1;
  constexpr int kIdle = 3 << 13;
  ::syscall(SYS_ioprio_set, kWhoProcess, 0, kIdle);
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 19);
}

}  // namespace

Caretaker::Caretaker(Holdings& holdings, std::function<void(const Message&)> on_notice)
    : holdings_(holdings), on_notice_(std::move(on_notice)) {
  watcher_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  if (holdings.settings().pipeline.fixity_days > 0) {
    patroller_ = std::jthread([this](const std::stop_token& stop) { patrol(stop); });
  }
}

Caretaker::~Caretaker() {
  watcher_.request_stop();
  patroller_.request_stop();
  never_.notify_all();
}

bool Caretaker::sleep(const std::stop_token& stop, double seconds) {
  std::unique_lock lock(mutex_);
  never_.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
  return !stop.stop_requested();
}

void Caretaker::watch(const std::stop_token& stop) {
  constexpr double kLookEvery = 1;
  constexpr double kHeadEvery = 600;
  bool stopped = false;
  double head_at = 0;
  do {
    const auto room = holdings_.files().check_room(0);
    holdings_.files().trim_ballast();
    if (!room && !stopped) {
      on_notice_({"Penerimaan bahan berhenti. " + room.error().message.id,
                  "Intake has stopped. " + room.error().message.en});
    } else if (room && stopped) {
      on_notice_(message("Ada ruang lagi; bahan diterima lagi",
                         "There is room again; material is taken in again"));
    }
    stopped = !room;
    if (room && monotonic_seconds() - head_at > kHeadEvery) {
      head_at = monotonic_seconds();
      (void)keep_daily_head(holdings_.database(), holdings_.files().data_folder());
    }
  } while (sleep(stop, kLookEvery));
}

void Caretaker::check_item(const ItemId& id, Holdings::PatrolState& state,
                           const std::stop_token& stop) {
  const auto& settings = holdings_.settings().pipeline;
  // The budget, unless the round would not be done in its days with it.
  const double needed =
      1.2 * static_cast<double>(state.last_round_bytes) / (settings.fixity_days * kDay);
  const double bytes_a_second = std::max(settings.fixity_mib_s * kMiB, needed);
  const double start = monotonic_seconds();
  double read = 0;
  VerifyReport report;
  const auto item_before = holdings_.database().item(id);
  holdings_.verify_item(id, report, [&](std::size_t bytes) {
    read += static_cast<double>(bytes);
    const double ahead = read / bytes_a_second - (monotonic_seconds() - start);
    return ahead <= 0 ? !stop.stop_requested() : sleep(stop, ahead);
  });
  if (stop.stop_requested()) return;
  state.checked_files += report.checked_files;
  state.checked_bytes += report.checked_bytes;
  const auto item_now = holdings_.database().item(id);
  // Changed under our eyes: what we saw may be half of each. The next round sees it.
  if (!item_before || !item_now || item_before->revision != item_now->revision) return;
  std::erase_if(report.problems, [](const Problem& p) { return p.kind == "database_differs"; });
  if (const auto fresh = holdings_.mark(id, report.problems); fresh && *fresh > 0) {
    on_notice_(message(
        "Berkas rusak pada {}: {}. Pulihkan dengan alihmedia repair {} --from FOLDER",
        "Damaged file in {}: {}. Restore it with alihmedia repair {} --from FOLDER",
        {item_now->digitization_no, report.problems.front().file, item_now->digitization_no}));
  }
  (void)holdings_.sweep_orphans(id);
}

void Caretaker::patrol(const std::stop_token& stop) {
  be_idle();
  const double days = holdings_.settings().pipeline.fixity_days * kDay;
  constexpr double kLookEvery = 60;
  constexpr double kSaveEvery = 5;
  while (!stop.stop_requested()) {
    auto state = holdings_.patrol_state();
    const double now = static_cast<double>(std::time(nullptr));
    const double ended = seconds_of(state.last_round_ended);
    const bool under_way = !state.round_began.empty();
    // A clock that was set back must not put the next round off for years.
    const bool due = ended == 0 || now - seconds_of(state.last_round_ended) > days || now < ended;
    if (!under_way && !due) {
      if (!sleep(stop, kLookEvery)) return;
      continue;
    }
    if (!under_way) {
      state.round_began = utc_now();
      state.cursor.clear();
      state.checked_files = 0;
      state.checked_bytes = 0;
    }
    auto ids = holdings_.files().items();
    double saved_at = monotonic_seconds();
    for (const auto& id : ids) {
      if (stop.stop_requested()) break;
      if (id.str() <= state.cursor) continue;
      check_item(id, state, stop);
      if (stop.stop_requested()) break;
      state.cursor = id.str();
      if (monotonic_seconds() - saved_at > kSaveEvery) {
        (void)holdings_.set_patrol_state(state);
        saved_at = monotonic_seconds();
      }
    }
    if (!stop.stop_requested()) {
      state.last_round_ended = utc_now();
      state.last_round_bytes = state.checked_bytes;
      state.round_began.clear();
    }
    // Not even this written down: the round is taken up where the last save was.
    if (!holdings_.set_patrol_state(state) && !sleep(stop, kLookEvery)) return;
  }
}

}  // namespace alih::pipeline
