#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/holdings.h"
#include "core/result.h"
#include "indexer/database.h"
#include "pipeline/settings.h"

namespace alih::pipeline {

// A step of work by reference: all that a worker anywhere needs to find the page and to say what
// became of it. Key = page, stage, input and settings. As a message it is under 1 KiB.
struct JobRef {
  ItemId item;
  int file_seq = 0;
  char stage = 'r';
  std::string input_sha256;     // of the master
  std::string settings_sha256;  // of what the result depends on besides
  bool urgent = false;
  int attempt = 0;    // 1, 2, 3 …
  std::string lease;  // boot, program and running number
  bool operator==(const JobRef&) const = default;
};
[[nodiscard]] std::string to_message(const JobRef& job);
// Errors: damaged.
[[nodiscard]] Result<JobRef> job_from_message(std::string_view message);

// OCR models of a page: its own, or the setting's.
[[nodiscard]] std::string languages_of(const Page& page, const Everything& settings);
// The job that reads a page as it is now, with these settings.
[[nodiscard]] JobRef job_for(const Page& page, const Everything& settings);

struct QueueStats {
  std::uint64_t pending = 0;  // with those that are running
  std::uint64_t urgent = 0;
  std::uint64_t running = 0;
  std::uint64_t set_aside = 0;
};

// Who gets which page, how often a page may fail, and what counts. A port: the adapter below keeps
// everything in the database; one that hands jobs out through a broker can stand behind the same
// calls, since jobs are references and results for a finished key change nothing. Any thread.
class JobQueue {
 public:
  virtual ~JobQueue() = default;

  // Part of `change`: appears with what else it holds. A job of the same page and stage is
  // replaced.
  virtual void enqueue(const JobRef& job, indexer::Change& change) = 0;
  // The next job with an attempt opened, durable before it returns; none = nothing to do now. An
  // attempt ends by done(), failed() or given_back(), and then by release().
  [[nodiscard]] virtual Result<std::optional<JobRef>> take() = 0;
  // Keeps the lease; without it another may get the job after twice the page's time limit.
  virtual void renew(const JobRef& job) = 0;
  // Part of `change`: the job is done and goes.
  virtual void done(const JobRef& job, indexer::Change& change) = 0;
  // Part of `change`: the attempt counts. True = it was the last, the job waits for a person.
  [[nodiscard]] virtual bool failed(const JobRef& job, const std::string& why,
                                    indexer::Change& change) = 0;
  // The attempt does not count: nobody's fault (stopped, no room).
  [[nodiscard]] virtual Status given_back(const JobRef& job) = 0;
  virtual void release(const JobRef& job) = 0;

  // Looks for jobs again.
  virtual void wake() = 0;
  // Nothing is running and nothing may be taken now.
  [[nodiscard]] virtual bool idle() = 0;
  // Also outside the night window while the count is above 0: somebody asked for it.
  virtual void hold_window_open(bool open) = 0;
  [[nodiscard]] virtual QueueStats stats() const = 0;
};

// Seconds from local midnight between which ordinary jobs run; from == until: always.
struct NightWindow {
  int from = 0;
  int until = 0;
  [[nodiscard]] bool holds(int second_of_day) const;
};
// Seconds since midnight of "18:00". None when it is no time of day.
[[nodiscard]] std::optional<int> second_of_day(const std::string& text);
// "18:00", "06:00"; both empty: always. Errors: bad_setting.
[[nodiscard]] Result<NightWindow> night_window(const std::string& from, const std::string& until);
[[nodiscard]] int local_second_of_day();

// The queue in the service's own database. A lease names the boot and the program; both are gone
// when they are gone, so no clock can make one expire wrongly or stick.
class LocalQueue : public JobQueue {
 public:
  // `settings` and `database` must outlive it.
  LocalQueue(indexer::Database& database, const Everything& settings);

  // At the start, when nobody else can have the database: attempts that were open when the program
  // died are refunded, ten times a page; from then on the page runs alone and last, and counts.
  [[nodiscard]] Status take_over();

  void enqueue(const JobRef& job, indexer::Change& change) override;
  [[nodiscard]] Result<std::optional<JobRef>> take() override;
  void renew(const JobRef& job) override;
  void done(const JobRef& job, indexer::Change& change) override;
  [[nodiscard]] bool failed(const JobRef& job, const std::string& why,
                            indexer::Change& change) override;
  [[nodiscard]] Status given_back(const JobRef& job) override;
  void release(const JobRef& job) override;
  void wake() override;
  [[nodiscard]] bool idle() override;
  void hold_window_open(bool open) override;
  [[nodiscard]] QueueStats stats() const override;

 private:
  using Key = std::pair<ItemId, int>;
  struct Running {
    std::string lease;
    double until = 0;  // monotonic seconds
    bool alone = false;
  };
  void look();
  [[nodiscard]] Status write(const indexer::Change& change);
  [[nodiscard]] double lease_seconds() const;
  [[nodiscard]] bool may_run(const indexer::Job& job) const;

  indexer::Database& database_;
  const Everything& settings_;
  const std::string holder_;
  NightWindow window_;
  mutable std::mutex mutex_;
  // mutex_ guards:
  std::map<Key, Running> running_;
  std::deque<indexer::Job> next_;  // the best of those that wait, not all
  bool looked_ = false;            // next_ is what the database has, or its beginning
  bool more_ = false;              // the database has more than next_
  bool looked_by_night_ = false;   // the window was open when next_ was looked for
  int held_open_ = 0;
  std::uint64_t leases_ = 0;
};

}  // namespace alih::pipeline
