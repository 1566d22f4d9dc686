#include "pipeline/job_queue.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/clock.h"
#include "core/fixity.h"
#include "core/json.h"
#include "pipeline/settings_json.h"

namespace alih::pipeline {
namespace {

using indexer::Change;
using indexer::Job;

constexpr int kMostRefunds = 10;
constexpr std::size_t kLookAhead = 512;

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id.empty() ? "unknown" : id;
}

bool alone(const Job& job) { return job.refunds >= kMostRefunds; }

// Lower is sooner.
int rank(const Job& job) {
  if (alone(job)) return 3;
  if (job.attempts > 0) return 2;
  return job.urgent ? 0 : 1;
}

Job job_of(const JobRef& ref) {
  Job job;
  job.item = ref.item;
  job.file_seq = ref.file_seq;
  job.stage = ref.stage;
  job.input_sha256 = ref.input_sha256;
  job.settings_sha256 = ref.settings_sha256;
  job.urgent = ref.urgent;
  return job;
}

}  // namespace

std::string to_message(const JobRef& job) {
  return nlohmann::json{{"item", job.item.str()},
                        {"file_seq", job.file_seq},
                        {"stage", std::string(1, job.stage)},
                        {"input_sha256", job.input_sha256},
                        {"settings_sha256", job.settings_sha256},
                        {"urgent", job.urgent},
                        {"attempt", job.attempt},
                        {"lease", job.lease}}
      .dump();
}

Result<JobRef> job_from_message(std::string_view message) {
  try {
    const auto j = nlohmann::json::parse(message);
    JobRef job;
    ALIH_TRY(job.item, ItemId::parse(j.at("item").get<std::string>()));
    job.file_seq = j.at("file_seq").get<int>();
    const auto stage = j.at("stage").get<std::string>();
    if (stage.size() != 1 || job.file_seq < 1) throw std::invalid_argument("stage or page");
    job.stage = stage[0];
    job.input_sha256 = j.at("input_sha256").get<std::string>();
    job.settings_sha256 = j.at("settings_sha256").get<std::string>();
    job.urgent = j.at("urgent").get<bool>();
    job.attempt = j.at("attempt").get<int>();
    job.lease = j.at("lease").get<std::string>();
    return job;
  } catch (const std::exception& e) {
    return fail(ErrorCode::damaged, "Tugas tidak terbaca: {}", "The job cannot be read: {}",
                {e.what()});
  }
}

std::string languages_of(const Page& page, const Everything& settings) {
  return page.languages.empty() ? settings.ocr.languages : page.languages;
}

JobRef job_for(const Page& page, const Everything& settings) {
  JobRef job;
  job.item = page.item;
  job.file_seq = page.file_seq;
  job.input_sha256 = page.master.fixity.sha256;
  if (const auto& part = page.master.region) {
    job.input_sha256 = sha256_hex(job.input_sha256 + " " + std::to_string(part->x) + "," +
                                  std::to_string(part->y) + "," + std::to_string(part->width) +
                                  "," + std::to_string(part->height));
  }
  job.settings_sha256 = sha256_hex(recipe_settings(with_page_settings(settings, page.settings)) +
                                   languages_of(page, settings));
  return job;
}

bool NightWindow::holds(int second) const {
  if (from == until) return true;
  return from < until ? second >= from && second < until : second >= from || second < until;
}

std::optional<int> second_of_day(const std::string& text) {
  int hour = -1;
  int minute = -1;
  char colon = 0;
  std::istringstream in(text);
  if (!(in >> hour >> colon >> minute) || colon != ':' || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59) {
    return std::nullopt;
  }
  return hour * 3600 + minute * 60;
}

Result<NightWindow> night_window(const std::string& from, const std::string& until) {
  if (from.empty() && until.empty()) return NightWindow{};
  const auto begin = second_of_day(from);
  const auto end = second_of_day(until);
  if (begin && end) return NightWindow{*begin, *end};
  return fail(ErrorCode::bad_setting,
              "pipeline.night_from dan night_until ditulis JJ:MM, misalnya 18:00 dan 06:00",
              "pipeline.night_from and night_until are written HH:MM, e.g. 18:00 and 06:00");
}

int local_second_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm t{};
  localtime_r(&now, &t);
  return t.tm_hour * 3600 + t.tm_min * 60 + t.tm_sec;
}

LocalQueue::LocalQueue(indexer::Database& database, const Everything& settings)
    : database_(database), settings_(settings), holder_(boot_id() + "/" + new_ulid()) {
  // A window that cannot be read is told by config check; work is not kept back for it.
  window_ = night_window(settings.pipeline.night_from, settings.pipeline.night_until)
                .value_or(NightWindow{});
}

Status LocalQueue::take_over() {
  Change change;
  database_.each_job([&](const Job& found) {
    if (found.lease.empty()) return true;
    auto job = found;
    job.lease.clear();
    if (alone(job)) {
      // It ran alone, so it was this page that ended the program, or bad luck again and again.
      job.last_error = "the program ended while the page ran alone";
      job.set_aside = ++job.attempts >= settings_.pipeline.attempts;
    } else {
      ++job.refunds;
    }
    change.put_jobs.push_back(std::move(job));
    return true;
  });
  return change.put_jobs.empty() ? Status{} : database_.commit(change);
}

void LocalQueue::enqueue(const JobRef& job, Change& change) {
  change.put_jobs.push_back(job_of(job));
}

bool LocalQueue::may_run(const Job& job) const {
  if (job.urgent || held_open_ > 0) return true;
  return window_.holds(local_second_of_day());
}

// The caller holds mutex_.
void LocalQueue::look() {
  next_.clear();
  more_ = false;
  looked_ = true;
  looked_by_night_ = window_.holds(local_second_of_day());
  if (!database_.meta("paused").empty()) return;
  const double now = monotonic_seconds();
  int best = std::numeric_limits<int>::max();
  database_.each_job([&](const Job& job) {
    if (job.set_aside || !may_run(job)) return true;
    const auto running = running_.find({job.item, job.file_seq});
    if (running != running_.end() && now < running->second.until) return true;
    const int r = rank(job);
    if (r > best) {
      more_ = true;
      return true;
    }
    if (r < best) {
      more_ = more_ || !next_.empty();
      next_.clear();
      best = r;
    }
    if (next_.size() < kLookAhead) {
      next_.push_back(job);
    } else {
      more_ = true;
    }
    return true;
  });
}

Status LocalQueue::write(const Change& change) {
  auto written = database_.commit(change);
  // The job is out of what we saw: it must be seen again, or it waits for the next start.
  if (!written) looked_ = false;
  return written;
}

Result<std::optional<JobRef>> LocalQueue::take() {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, running] : running_) {
    if (running.alone) return std::optional<JobRef>();
  }
  for (;;) {
    // Night comes without anybody saying so.
    if (window_.holds(local_second_of_day()) != looked_by_night_) looked_ = false;
    if (!looked_ || (next_.empty() && more_)) look();
    std::erase_if(next_, [&](const Job& job) { return !may_run(job); });
    if (next_.empty()) return std::optional<JobRef>();
    if (alone(next_.front()) && !running_.empty()) return std::optional<JobRef>();
    const Key key{next_.front().item, next_.front().file_seq};
    const char stage = next_.front().stage;
    next_.pop_front();
    // As it is now: it may have been done or changed since we looked.
    auto job = database_.job(key.first, key.second, stage);
    if (!job || job->set_aside || running_.contains(key)) continue;
    Change change;
    const auto page = database_.page_by_seq(key.first, key.second);
    if (!page || page->state == PageState::removed) {
      change.done_jobs.push_back(*job);
      ALIH_CHECK(write(change));
      continue;
    }
    // It is done with the settings of now, whatever they were when it was put here.
    const auto current = job_for(*page, settings_);
    job->input_sha256 = current.input_sha256;
    job->settings_sha256 = current.settings_sha256;
    job->lease = holder_ + "/" + std::to_string(++leases_);
    change.put_jobs.push_back(*job);
    ALIH_CHECK(write(change));
    running_[key] = {job->lease, monotonic_seconds() + lease_seconds(), alone(*job)};
    return std::optional(JobRef{job->item, job->file_seq, job->stage, job->input_sha256,
                                job->settings_sha256, job->urgent, job->attempts + 1, job->lease});
  }
}

double LocalQueue::lease_seconds() const { return 2.0 * settings_.pipeline.page_timeout_s + 60; }

void LocalQueue::renew(const JobRef& job) {
  const std::lock_guard lock(mutex_);
  const auto running = running_.find({job.item, job.file_seq});
  if (running == running_.end() || running->second.lease != job.lease) return;
  running->second.until = monotonic_seconds() + lease_seconds();
}

void LocalQueue::done(const JobRef& job, Change& change) {
  change.done_jobs.push_back(job_of(job));
}

bool LocalQueue::failed(const JobRef& ref, const std::string& why, Change& change) {
  auto job = database_.job(ref.item, ref.file_seq, ref.stage);
  if (!job || (!ref.lease.empty() && job->lease != ref.lease)) return false;
  job->lease.clear();
  job->last_error = why;
  job->set_aside = ++job->attempts >= settings_.pipeline.attempts;
  change.put_jobs.push_back(*job);
  return job->set_aside;
}

Status LocalQueue::given_back(const JobRef& ref) {
  auto job = database_.job(ref.item, ref.file_seq, ref.stage);
  if (!job || job->lease != ref.lease) return {};
  job->lease.clear();
  Change change;
  change.put_jobs.push_back(*job);
  return database_.commit(change);
}

void LocalQueue::release(const JobRef& job) {
  const std::lock_guard lock(mutex_);
  const auto running = running_.find({job.item, job.file_seq});
  if (running != running_.end() && running->second.lease == job.lease) running_.erase(running);
  if (next_.empty()) looked_ = false;  // it may be due again
}

void LocalQueue::wake() {
  const std::lock_guard lock(mutex_);
  looked_ = false;
}

bool LocalQueue::idle() {
  const std::lock_guard lock(mutex_);
  if (!running_.empty()) return false;
  if (!looked_ || next_.empty()) look();
  return next_.empty();
}

void LocalQueue::hold_window_open(bool open) {
  const std::lock_guard lock(mutex_);
  held_open_ += open ? 1 : -1;
  looked_ = false;
}

QueueStats LocalQueue::stats() const {
  QueueStats out;
  database_.each_job([&](const Job& job) {
    ++(job.set_aside ? out.set_aside : out.pending);
    if (job.urgent && !job.set_aside) ++out.urgent;
    return true;
  });
  const std::lock_guard lock(mutex_);
  out.running = running_.size();
  return out;
}

}  // namespace alih::pipeline
