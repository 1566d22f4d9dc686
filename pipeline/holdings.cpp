#include "pipeline/holdings.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <set>
#include <thread>

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fields.h"
#include "core/version.h"
#include "indexer/text_record.h"
#include "repository/disk.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using indexer::Change;
using indexer::Database;
using indexer::Job;

// The lock is the kernel's: it is gone when the program that had it is gone.
Result<int> take_lock(const fs::path& data, int wait_s) {
  const auto path = data / "lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return fail(
        repository::system_error(errno, "membuka " + path.string(), "opening " + path.string()));
  }
  const double until = monotonic_seconds() + wait_s;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (monotonic_seconds() >= until) {
      ::close(fd);
      return fail(ErrorCode::busy,
                  "Folder data {} sedang dipakai perintah alihmedia lain; tunggu sampai selesai",
                  "The data folder {} is in use by another alihmedia command; wait for it to end",
                  {data.string()});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return fd;
}

Job job_of(const Page& page) {
  Job job;
  job.item = page.item;
  job.file_seq = page.file_seq;
  return job;
}

// Everything a set of records says, as one change.
Change change_from(const ItemRecord& record, const std::vector<PageRecord>& pages) {
  Change change;
  change.item = record.item;
  change.new_number = true;
  change.events = record.events;
  for (const auto& p : pages) {
    const bool read = p.page.state == PageState::indexed || p.page.state == PageState::blank;
    change.pages.push_back({p.page, read ? std::optional(p.text) : std::nullopt});
    change.events.insert(change.events.end(), p.events.begin(), p.events.end());
    if (p.page.state == PageState::captured) change.put_jobs.push_back(job_of(p.page));
    if (p.page.state == PageState::failed) {
      auto job = job_of(p.page);
      job.set_aside = true;
      job.last_error = p.page.failure;
      change.put_jobs.push_back(std::move(job));
    }
  }
  return change;
}

// A change from its first file to the end of its commit.
class Changing {
 public:
  Changing(std::set<ItemId>& torn, const ItemId& item)
      : torn_(torn), item_(item), first_(torn.insert(item).second) {}
  void done() {
    if (first_) torn_.erase(item_);
  }

 private:
  std::set<ItemId>& torn_;
  ItemId item_;
  bool first_;
};

std::string page_place(const Item& item, const Page& page) {
  return item.digitization_no + " #" + std::to_string(page.number);
}

// The events in a record's file are what rebuild() takes: each must be what its digest says.
template <typename Problem>
void check_events(const std::vector<Event>& events, const std::string& place, Problem problem) {
  for (const auto& e : events) {
    if (e.sha256 != event_digest(e)) {
      problem("damaged_record", place, "event " + std::to_string(e.sequence) + " was changed");
    }
  }
}

}  // namespace

Agent program_agent() { return {"software", "alihmedia", std::string(kVersion)}; }

Agent person_agent() {
  const auto* entry = ::getpwuid(::geteuid());
  return {"person", entry != nullptr ? entry->pw_name : "uid " + std::to_string(::geteuid()), ""};
}

Holdings::Holdings(repository::Repository files, Everything settings, int lock_fd)
    : files_(std::move(files)), settings_(std::move(settings)), lock_fd_(lock_fd) {}

Holdings::~Holdings() {
  if (lock_fd_ < 0) return;
  if (database_ && torn_.empty() && !untidy_ && !database_->broken()) (void)files_.end_work();
  database_.reset();
  ::close(lock_fd_);
}

Result<std::unique_ptr<Holdings>> Holdings::open(const fs::path& data, const Everything& settings,
                                                 Mode mode) {
  std::error_code error;
  if (mode == Mode::read && !fs::is_directory(data / "staging", error)) {
    return fail(ErrorCode::not_found, "Folder data {} belum ada; mulai dengan scan atau ingest",
                "There is no data folder {}; begin with scan or ingest", {data.string()});
  }
  int lock = -1;
  if (mode == Mode::write) {
    ALIH_CHECK(repository::make_folder(data));
    ALIH_TRY(lock, take_lock(data, settings.pipeline.lock_wait_s));
  }
  auto files = repository::Repository::open(data, settings.repository);
  if (!files) {
    if (lock >= 0) ::close(lock);
    return fail(std::move(files).error());
  }
  std::unique_ptr<Holdings> holdings(new Holdings(std::move(*files), settings, lock));
  // A new database only where there is nothing that a lost one would have held.
  const bool create =
      mode == Mode::write && !fs::exists(data / "index/CURRENT", error) && holdings->files_.empty();
  if (create) ALIH_CHECK(repository::make_folder(data / "index"));  // durable: RocksDB's is not
  ALIH_TRY(auto database, Database::open(data / "index", settings.indexer,
                                         mode == Mode::write ? Database::Mode::read_write
                                                             : Database::Mode::read_only,
                                         create));
  if (mode == Mode::write) {
    holdings->files_.clear_scratch();
    holdings->database_ = std::move(database);
    if (auto recovered = holdings->recover(); !recovered) {
      // Keep the list of unfinished work for the next start.
      holdings->database_.reset();
      return fail(std::move(recovered).error());
    }
  } else {
    holdings->database_ = std::move(database);
  }
  return holdings;
}

// What the files of these items say and the database does not.
Status Holdings::take_over(const std::set<ItemId>& items) {
  struct Step {
    std::uint64_t sequence = 0;
    Change change;
  };
  std::vector<Step> steps;
  for (const auto& id : items) {
    ALIH_CHECK(files_.mend(id));
    if (!files_.has_item(id)) continue;
    ALIH_TRY(const auto record, files_.read_item(id));
    ALIH_TRY(const auto pages, files_.read_pages(id));
    const auto known = database_->item(id);
    const auto last = [](const std::vector<Event>& events) {
      return events.empty() ? std::uint64_t{0} : events.back().sequence;
    };
    if (!known) {
      Step step{last(record.events), change_from(record, pages)};
      for (const auto& p : pages) step.sequence = std::max(step.sequence, last(p.events));
      steps.push_back(std::move(step));
      continue;
    }
    if (record.item.revision > known->revision) {
      Step step{last(record.events), {}};
      step.change.item = record.item;
      step.change.events = record.events;
      steps.push_back(std::move(step));
    }
    for (const auto& p : pages) {
      const auto page = database_->page_by_seq(id, p.page.file_seq);
      if (page && page->revision >= p.page.revision) continue;
      auto change = change_from({record.item, {}}, {p});
      change.item.reset();
      change.new_number = false;
      if (p.page.state == PageState::indexed || p.page.state == PageState::blank) {
        change.done_jobs.emplace_back(id, p.page.file_seq);
      }
      steps.push_back({last(p.events), std::move(change)});
    }
  }
  std::sort(steps.begin(), steps.end(),
            [](const Step& a, const Step& b) { return a.sequence < b.sequence; });
  for (const auto& step : steps) ALIH_CHECK(database_->commit(step.change));
  return {};
}

// Before a change: else its events would follow ones that only the files have.
Status Holdings::catch_up() {
  if (torn_.empty()) return {};
  untidy_ = true;
  ALIH_CHECK(take_over(torn_));
  torn_.clear();
  return {};
}

Status Holdings::recover() {
  const auto unfinished = files_.unfinished_work();
  if (unfinished.empty()) return {};
  ALIH_CHECK(take_over(unfinished));
  files_.sweep(unfinished);
  for (const auto& id : unfinished) {
    if (!database_->item(id)) continue;
    ALIH_CHECK(settle(id));
    renew_package(id, program_agent(), "changes taken over after an interruption");
  }
  return files_.end_work();
}

Event Holdings::event(indexer::ChainHead& head, const std::string& type, const Agent& by,
                      const ItemId& item, const std::string& page, const std::string& outcome,
                      const std::string& detail) const {
  Event e;
  e.id = EventId::make();
  e.sequence = head.sequence + 1;
  e.at = utc_now();
  e.type = type;
  e.agent = by;
  e.item = item;
  e.page = page;
  e.outcome = outcome;
  e.detail = detail;
  e.previous_sha256 = head.sha256;
  e.sha256 = event_digest(e);
  head = {e.sequence, e.sha256};
  return e;
}

std::string Holdings::provisional_name(int seq, std::string_view extension) {
  return file_name("new", 'm', seq, extension);
}

Result<Fixity> Holdings::keep_master(const ItemId& item, const std::string& name,
                                     std::span<const std::byte> bytes) {
  {
    const std::lock_guard lock(mutex_);
    ALIH_CHECK(files_.begin_work(item));
  }
  auto kept = files_.keep_master(item, name, bytes);
  if (!kept) {
    const std::lock_guard lock(mutex_);
    untidy_ = true;
  }
  return kept;
}

Result<Fixity> Holdings::keep_master(const ItemId& item, const std::string& name,
                                     const fs::path& from) {
  {
    const std::lock_guard lock(mutex_);
    ALIH_CHECK(files_.begin_work(item));
  }
  auto kept = files_.keep_master(item, name, from);
  if (!kept) {
    const std::lock_guard lock(mutex_);
    untidy_ = true;
  }
  return kept;
}

Page Holdings::page_from(const PageDraft& draft, const Item& item, int number, int seq) const {
  Page page;
  page.id = PageId::make();
  page.item = item.id;
  page.number = number;
  page.file_seq = seq;
  page.label = std::to_string(number);
  page.master = draft.master;
  page.width = draft.width;
  page.height = draft.height;
  page.dpi = draft.dpi;
  page.color_mode = draft.color_mode;
  page.bit_depth = draft.bit_depth;
  page.orientation = draft.orientation;
  page.languages = draft.languages;
  page.capture = draft.capture;
  page.revision = 1;
  return page;
}

Result<Item> Holdings::create_item(Item draft, const std::vector<PageDraft>& pages,
                                   const Agent& by) {
  const std::lock_guard lock(mutex_);
  ALIH_CHECK(catch_up());
  ALIH_CHECK(files_.begin_work(draft.id));
  draft.year = local_year();
  draft.sequence_no = database_->next_sequence_no(draft.year);
  draft.digitization_no = digitization_no(draft.year, draft.sequence_no);
  draft.registered_on = local_date();
  draft.state = pages.empty() ? ItemState::registered : ItemState::captured;
  draft.revision = 1;

  auto head = database_->chain_head();
  ItemRecord record{draft,
                    {event(head, "registration", by, draft.id, "", "success",
                           "registered as " + draft.digitization_no)}};
  std::vector<PageRecord> page_records;
  std::map<std::string, std::string> renamed;
  int seq = 0;
  for (const auto& page_draft : pages) {
    ++seq;
    auto page = page_from(page_draft, draft, seq, seq);
    auto& final_name = renamed[page_draft.master.file];
    if (final_name.empty()) {
      final_name = folded(draft.digitization_no) + page_draft.master.file.substr(3);
    }
    page.master.file = final_name;
    PageRecord p{page,
                 {},
                 {event(head, page_draft.event_type, page_draft.agent, draft.id, page.id.str(),
                        "success", page_draft.detail)}};
    page_records.push_back(std::move(p));
  }
  const auto folder = files_.item_folder(draft.id);
  Changing change(torn_, draft.id);
  ALIH_CHECK(repository::make_folder(folder));
  for (const auto& [from, to] : renamed) {
    if (repository::disk().rename(folder / from, folder / to) != 0) {
      return fail(repository::system_error(errno, "menamai " + to, "naming " + to));
    }
  }
  for (const auto& p : page_records) ALIH_CHECK(files_.write(p, draft.digitization_no));
  ALIH_CHECK(files_.write(record));
  ALIH_CHECK(database_->commit(change_from(record, page_records)));
  change.done();
  return record.item;
}

int Holdings::next_file_seq(const ItemId& item) const {
  int highest = 0;
  for (const auto& page : database_->pages(item)) highest = std::max(highest, page.file_seq);
  return highest + 1;
}

int Holdings::page_count(const ItemId& item) const {
  const auto pages = database_->pages(item);
  return static_cast<int>(std::count_if(
      pages.begin(), pages.end(), [](const Page& p) { return p.state != PageState::removed; }));
}

Result<std::vector<Page>> Holdings::add_pages(const ItemId& id,
                                              const std::vector<PageDraft>& pages) {
  std::vector<Page> added;
  {
    const std::lock_guard lock(mutex_);
    ALIH_CHECK(catch_up());
    ALIH_TRY(const auto item, database_->item(id));
    ALIH_CHECK(files_.begin_work(id));
    int number = 0;
    int seq = 0;
    for (const auto& page : database_->pages(id)) {
      if (page.state != PageState::removed) number = std::max(number, page.number);
      seq = std::max(seq, page.file_seq);
    }
    for (const auto& draft : pages) {
      auto head = database_->chain_head();
      auto page = page_from(draft, item, ++number, ++seq);
      PageRecord record{
          page,
          {},
          {event(head, draft.event_type, draft.agent, id, page.id.str(), "success", draft.detail)}};
      Change change;
      change.pages.push_back({page, std::nullopt});
      change.put_jobs.push_back(job_of(page));
      ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
      added.push_back(std::move(page));
    }
  }
  const std::lock_guard lock(mutex_);
  ALIH_CHECK(settle(id));
  renew_package(id, person_agent(), "pages added");
  return added;
}

void Holdings::forget(const ItemId& item) {
  const std::lock_guard lock(mutex_);
  if (database_->item(item) || database_->broken()) return;
  untidy_ = true;
  if (files_.forget(item)) torn_.erase(item);
}

void Holdings::forget_master(const ItemId& item, const std::string& name) {
  const std::lock_guard lock(mutex_);
  repository::disk().unlink(files_.item_folder(item) / name);
}

// The file first, then the database; `record`'s events are the new ones last.
Status Holdings::save_page(const PageRecord& record, const std::string& number, Change change) {
  const auto before = database_->chain_head().sequence;
  for (const auto& e : record.events) {
    if (e.sequence > before) change.events.push_back(e);
  }
  Changing changing(torn_, record.page.item);
  ALIH_CHECK(files_.write(record, number));
  ALIH_CHECK(database_->commit(change));
  changing.done();
  return {};
}

Result<PageRecord> Holdings::page_record(const ItemId& item, int file_seq) const {
  ALIH_TRY(auto page, database_->page_by_seq(item, file_seq));
  ALIH_TRY(auto text, database_->text(item, file_seq));
  std::vector<Event> events;
  for (auto& e : database_->events(item)) {
    if (e.page == page.id.str()) events.push_back(std::move(e));
  }
  return PageRecord{std::move(page), std::move(text), std::move(events)};
}

Status Holdings::finish_page(const ItemId& id, int file_seq, const PageResult& result) {
  const std::lock_guard lock(mutex_);
  ALIH_CHECK(catch_up());
  ALIH_TRY(const auto item, database_->item(id));
  ALIH_TRY(auto record, page_record(id, file_seq));
  auto& page = record.page;
  Change change;
  change.done_jobs.emplace_back(id, file_seq);
  if (page.state == PageState::removed) return database_->commit(change);
  const bool done = page.state == PageState::indexed || page.state == PageState::blank;
  if (done && page.recipe == result.recipe) return database_->commit(change);

  ALIH_CHECK(files_.begin_work(id));
  page.state = result.blank ? PageState::blank : PageState::indexed;
  page.access_width = result.access_width;
  page.access_height = result.access_height;
  page.to_master = result.to_master;
  page.findings = result.findings;
  page.reading = result.reading;
  page.recipe = result.recipe;
  page.failure.clear();
  ++page.revision;
  record.text = result.text;
  auto head = database_->chain_head();
  std::string stages;
  for (const auto& f : result.findings) {
    stages += (stages.empty() ? "" : ", ") + f.name + (f.applied ? " applied" : " left alone");
  }
  record.events.push_back(
      event(head, "image processing", program_agent(), id, page.id.str(), "success", stages));
  if (!result.blank) {
    record.events.push_back(event(
        head, "text recognition", {"software", result.reading.engine, ""}, id, page.id.str(),
        "success", result.reading.models + ", " + std::to_string(result.reading.words) + " words"));
  }
  change.pages.push_back({page, record.text});
  ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
  ALIH_CHECK(settle(id));
  renew_package(id, program_agent(), "pages read");
  return {};
}

Result<bool> Holdings::fail_attempt(const ItemId& id, int file_seq, const std::string& why) {
  const std::lock_guard lock(mutex_);
  ALIH_CHECK(catch_up());
  auto job = database_->job(id, file_seq);
  if (!job) return false;
  ++job->attempts;
  job->last_error = why;
  Change change;
  if (job->attempts < settings_.pipeline.attempts) {
    change.put_jobs.push_back(*job);
    ALIH_CHECK(database_->commit(change));
    return false;
  }
  ALIH_TRY(const auto item, database_->item(id));
  ALIH_TRY(auto record, page_record(id, file_seq));
  ALIH_CHECK(files_.begin_work(id));
  job->set_aside = true;
  record.page.state = PageState::failed;
  record.page.failure = why;
  ++record.page.revision;
  auto head = database_->chain_head();
  record.events.push_back(
      event(head, "text recognition", program_agent(), id, record.page.id.str(), "failure",
            "set aside after " + std::to_string(job->attempts) + " attempts: " + why));
  change.put_jobs.push_back(*job);
  change.pages.push_back({record.page, std::nullopt});
  ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
  ALIH_CHECK(settle(id));
  return true;
}

Status Holdings::redo_page(const ItemId& id, int number, const Agent& by) {
  const std::lock_guard lock(mutex_);
  ALIH_CHECK(catch_up());
  ALIH_TRY(const auto item, database_->item(id));
  ALIH_TRY(const auto found, database_->page(id, number));
  ALIH_TRY(auto record, page_record(id, found.file_seq));
  ALIH_CHECK(files_.begin_work(id));
  record.page.state = PageState::captured;
  record.page.failure.clear();
  record.page.recipe.clear();
  ++record.page.revision;
  auto head = database_->chain_head();
  record.events.push_back(event(head, "reprocessing request", by, id, record.page.id.str(),
                                "success", "asked to read the page again"));
  Change change;
  change.put_jobs.push_back(job_of(record.page));
  change.pages.push_back({record.page, std::nullopt});
  ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
  return settle(id);
}

Result<int> Holdings::retry(const std::optional<ItemId>& item, const Agent& by) {
  int count = 0;
  for (const auto& job : database_->jobs()) {
    if (!job.set_aside || (item && job.item != *item)) continue;
    ALIH_TRY(const auto page, database_->page_by_seq(job.item, job.file_seq));
    ALIH_CHECK(redo_page(job.item, page.number, by));
    ++count;
  }
  return count;
}

Result<Item> Holdings::save_item(Item item, const std::string& type, const Agent& by,
                                 const std::string& detail) {
  ALIH_CHECK(files_.begin_work(item.id));
  ++item.revision;
  ItemRecord record{item, {}};
  for (auto& e : database_->events(item.id)) {
    if (e.page.empty()) record.events.push_back(std::move(e));
  }
  auto head = database_->chain_head();
  record.events.push_back(event(head, type, by, item.id, "", "success", detail));
  Changing changing(torn_, item.id);
  ALIH_CHECK(files_.write(record));
  Change change;
  change.item = item;
  change.events.push_back(record.events.back());
  ALIH_CHECK(database_->commit(change));
  changing.done();
  return item;
}

// The item's state follows its pages until a person decides otherwise.
Status Holdings::settle(const ItemId& id) {
  ALIH_TRY(auto item, database_->item(id));
  const bool follows = item.state == ItemState::registered || item.state == ItemState::captured ||
                       item.state == ItemState::processed || item.state == ItemState::indexed;
  if (!follows) return {};
  bool waiting = false;
  bool failed = false;
  bool any = false;
  for (const auto& page : database_->pages(id)) {
    if (page.state == PageState::removed) continue;
    any = true;
    waiting = waiting || page.state == PageState::captured;
    failed = failed || page.state == PageState::failed;
  }
  const auto state = !any      ? ItemState::registered
                     : waiting ? ItemState::captured
                     : failed  ? ItemState::processed
                               : ItemState::indexed;
  if (state == item.state) return {};
  item.state = state;
  ALIH_TRY([[maybe_unused]] const auto saved,
           save_item(std::move(item), "state change", program_agent(), std::string(word(state))));
  return {};
}

Result<Item> Holdings::set_fields(const ItemId& id,
                                  const std::vector<std::pair<std::string, std::string>>& fields,
                                  const Agent& by) {
  const std::lock_guard lock(mutex_);
  ALIH_CHECK(catch_up());
  ALIH_TRY(auto item, database_->item(id));
  const auto before = item;
  std::string detail;
  std::set<std::string> touched;
  for (const auto& [name, value] : fields) {
    // The first value of a call replaces what was there, further ones of a repeated field add.
    const bool again = !touched.insert(name).second;
    ALIH_CHECK(again ? add_field(item, name, value) : set_field(item, name, value));
    detail += (detail.empty() ? "" : ", ") + name;
  }
  if (item == before) return item;
  ALIH_TRY(item, save_item(std::move(item), "metadata modification", by, detail));
  renew_package(id, by, "metadata: " + detail);
  return database_->item(id);
}

Result<Item> Holdings::withdraw(const ItemId& id, const std::string& reason, const Agent& by) {
  const std::lock_guard lock(mutex_);
  ALIH_CHECK(catch_up());
  ALIH_TRY(auto item, database_->item(id));
  if (item.state == ItemState::withdrawn) {
    return fail(ErrorCode::wrong_state, "{} sudah ditarik", "{} is withdrawn already",
                {item.digitization_no});
  }
  item.state = ItemState::withdrawn;
  ALIH_TRY(item, save_item(std::move(item), "deaccession", by, reason));
  renew_package(id, by, "withdrawn: " + reason);
  return database_->item(id);
}

// The item with a packaging event, the changed pages and what else they need, as the next version
// of its object; then the database.
Result<Item> Holdings::package(Item item, const std::vector<PageRecord>& pages, const Agent& by,
                               const std::string& why) {
  ALIH_CHECK(files_.begin_work(item.id));
  ++item.revision;
  item.version = files_.objects().head(item.id) + 1;
  ItemRecord record{item, {}};
  for (auto& e : database_->events(item.id)) {
    if (e.page.empty()) record.events.push_back(std::move(e));
  }
  auto head = database_->chain_head();
  const auto version = "v" + std::to_string(item.version);
  record.events.push_back(
      event(head, "packaging", by, item.id, "", "success", "OCFL " + version + ": " + why));
  Changing changing(torn_, item.id);
  const auto done = files_.close(record, pages, {record.events.back().at, why, by.name});
  if (!done) {
    const auto mended = files_.mend(item.id);
    // Had the version its place already, the database must know of it.
    if (!mended || files_.objects().head(item.id) < item.version) return fail(done.error());
  }
  Change change;
  change.item = item;
  change.events.push_back(record.events.back());
  ALIH_CHECK(database_->commit(change));
  if (done) changing.done();
  return item;
}

Result<Item> Holdings::close(const ItemId& id, const Agent& by) {
  const std::lock_guard lock(mutex_);
  ALIH_CHECK(catch_up());
  ALIH_TRY(auto item, database_->item(id));
  if (item.version > 0) {
    return fail(ErrorCode::wrong_state, "{} sudah ditutup (versi {})",
                "{} is closed already (version {})", {item.digitization_no, item.version});
  }
  const auto pages = database_->pages(id);
  if (const auto missing = incomplete_fields(item, pages); !missing.empty()) {
    std::string names;
    for (const auto& name : missing) names += (names.empty() ? "" : ", ") + name;
    return fail(ErrorCode::wrong_state,
                "{} belum lengkap: {}. Isi dengan alihmedia item set {} kolom=nilai",
                "{} is incomplete: {}. Fill in with alihmedia item set {} field=value",
                {item.digitization_no, names, item.digitization_no});
  }
  for (const auto& page : pages) {
    if (page.state == PageState::captured || page.state == PageState::failed) {
      return fail(ErrorCode::wrong_state,
                  "{} halaman {}: {}; semua halaman harus selesai sebelum ditutup",
                  "{} page {}: {}; all pages must be done before it is closed",
                  {item.digitization_no, page.number, std::string(word(page.state))});
    }
  }
  ALIH_CHECK(files_.check_room(0));
  ALIH_TRY(const auto records, files_.read_pages(id));
  return package(std::move(item), records, by, "closed");
}

// What changed of a closed item becomes its next version when no page of it is in work. When that
// fails (a full disk) nothing is lost: the changes stay in staging/ and go with the next version.
void Holdings::renew_package(const ItemId& id, const Agent& by, const std::string& why) {
  const auto item = database_->item(id);
  if (!item || item->version == 0) return;
  for (const auto& page : database_->pages(id)) {
    if (page.state == PageState::captured) return;
  }
  const auto staged = files_.staged_pages(id);
  std::error_code error;
  const bool changed =
      (staged && !staged->empty()) || fs::exists(files_.item_folder(id) / "item.json", error);
  if (staged && changed) (void)package(*item, *staged, by, why);
}

VerifyReport Holdings::verify(const std::vector<ItemId>& only, const Progress& progress) const {
  VerifyReport report;
  const auto problem = [&](std::string kind, std::string where, std::string detail) {
    report.problems.push_back({std::move(kind), std::move(where), std::move(detail)});
  };
  auto ids = only;
  if (only.empty()) {
    std::set<ItemId> all;
    for (const auto& id : files_.items()) all.insert(id);
    for (const auto& item : database_->items({})) all.insert(item.id);
    ids.assign(all.begin(), all.end());
  }
  std::uint64_t done = 0;
  for (const auto& id : ids) {
    const auto record = files_.read_item(id);
    const auto known = database_->item(id);
    if (!record) {
      problem("damaged_record", id.str() + "/item.json", record.error().message.en);
      continue;
    }
    ++report.checked_files;
    const auto& number = record->item.digitization_no;
    if (!known || !(*known == record->item)) {
      problem("database_differs", number, "the item in the database is not the one in its file");
    }
    check_events(record->events, number, problem);
    const auto pages = files_.read_pages(id);
    if (!pages) {
      problem("damaged_record", number, pages.error().message.en);
      continue;
    }
    for (const auto& p : *pages) check_events(p.events, page_place(record->item, p.page), problem);
    std::set<int> in_files;
    std::map<std::string, Fixity> masters;
    for (const auto& p : *pages) {
      ++report.checked_files;
      in_files.insert(p.page.file_seq);
      masters[p.page.master.file] = p.page.master.fixity;
      const auto page = database_->page_by_seq(id, p.page.file_seq);
      const auto text = database_->text(id, p.page.file_seq);
      if (!page || !(*page == p.page)) {
        problem("database_differs", page_place(record->item, p.page),
                "the page in the database is not the one in its file");
      } else if (!text || (p.page.state == PageState::indexed &&
                           indexer::encode_text(*text) != indexer::encode_text(p.text))) {
        problem("database_differs", page_place(record->item, p.page),
                "the text in the database is not the one in its file");
      }
    }
    for (const auto& page : database_->pages(id)) {
      if (!in_files.contains(page.file_seq)) {
        problem("missing_file", page_place(record->item, page), "the page's record file is gone");
        masters[page.master.file] = page.master.fixity;
      }
    }
    std::map<std::string, Fixity> read;  // of the item's object, by name
    if (files_.objects().has(id)) {
      files_.objects().check(
          id,
          [&](const std::string& where, const std::string& detail) {
            problem("ocfl", number + ": " + where, detail);
          },
          [&](const std::string& path, const Fixity& fixity) {
            ++report.checked_files;
            report.checked_bytes += fixity.bytes;
            read[path.substr(path.rfind('/') + 1)] = fixity;
          });
    }
    for (const auto& [name, fixity] : masters) {
      if (const auto closed = read.find(name); closed != read.end()) {
        if (closed->second != fixity) {
          problem("damaged_file", number + "/" + name, "the bytes are not those that were stored");
        }
        continue;
      }
      const auto now = repository::file_fixity(files_.item_folder(id) / name);
      ++report.checked_files;
      if (!now) {
        problem(now.error().code == ErrorCode::not_found ? "missing_file" : "unreadable_file",
                number + "/" + name, now.error().message.en);
      } else {
        report.checked_bytes += now->bytes;
        if (*now != fixity) {
          problem("damaged_file", number + "/" + name, "the bytes are not those that were stored");
        }
      }
    }
    progress(++done, ids.size());
  }
  if (!only.empty()) return report;

  files_.objects().check_root(
      [&](const std::string& where, const std::string& detail) { problem("ocfl", where, detail); });
  for (const int year : database_->register_years()) {
    int expected = 1;
    for (const auto& [sequence, id] : database_->numbers(year)) {
      for (; expected < sequence; ++expected) {
        problem("register_gap", digitization_no(year, expected),
                "the number is not in the register");
      }
      const auto item = database_->item(id);
      if (!item || item->sequence_no != sequence || item->year != year) {
        problem("register_gap", digitization_no(year, sequence), "the number names no such item");
      }
      ++expected;
    }
  }
  indexer::ChainHead head;
  bool broken = false;
  const auto read = database_->each_event([&](const Event& e) {
    if (e.sequence != head.sequence + 1 || e.previous_sha256 != head.sha256 ||
        e.sha256 != event_digest(e)) {
      problem("event_chain", "event " + std::to_string(head.sequence + 1),
              "the chain of events is broken here");
      broken = true;
      return false;
    }
    head = {e.sequence, e.sha256};
    return true;
  });
  if (!read) problem("event_chain", "database", read.error().message.en);
  if (read && !broken && head.sha256 != database_->chain_head().sha256) {
    problem("event_chain", "event " + std::to_string(head.sequence),
            "events are missing at the end");
  }
  if (const auto sums = database_->verify_checksums(); !sums) {
    problem("database_damaged", "index", sums.error().message.en);
  }
  return report;
}

Result<RebuildReport> rebuild(const fs::path& data, const Everything& settings,
                              const Progress& progress) {
  const double start = monotonic_seconds();
  std::error_code error;
  if (!fs::is_directory(data / "staging", error)) {
    return fail(ErrorCode::not_found, "{} bukan folder data alihmedia",
                "{} is no data folder of alihmedia", {data.string()});
  }
  ALIH_TRY(const int lock, take_lock(data, settings.pipeline.lock_wait_s));
  struct Unlock {
    int fd;
    ~Unlock() { ::close(fd); }
  } const unlock{lock};
  ALIH_TRY(auto files, repository::Repository::open(data, settings.repository));
  const auto fresh = data / "index.new";
  repository::remove_tree(fresh);
  ALIH_CHECK(repository::make_folder(fresh));
  RebuildReport report;
  {
    ALIH_TRY(const auto database,
             Database::open(fresh, settings.indexer, Database::Mode::read_write, true));
    const auto ids = files.items();
    std::uint64_t done = 0;
    for (const auto& id : ids) {
      auto record = files.read_item(id);
      if (!record) {
        return fail(
            std::move(record).error().within({id.str() + "/item.json", id.str() + "/item.json"}));
      }
      auto pages = files.read_pages(id);
      if (!pages) {
        const auto& number = record->item.digitization_no;
        return fail(std::move(pages).error().within({number, number}));
      }
      ALIH_CHECK(database->commit(change_from(*record, *pages)));
      ++report.items;
      report.pages += static_cast<int>(pages->size());
      progress(++done, ids.size());
    }
  }
  const auto old = data / "index.old";
  repository::remove_tree(old);
  auto& disk = repository::disk();
  if ((fs::exists(data / "index", error) && disk.rename(data / "index", old) != 0) ||
      disk.rename(fresh, data / "index") != 0) {
    return fail(repository::system_error(errno, "mengganti basis data", "replacing the database"));
  }
  ALIH_CHECK(repository::sync_folder(data));
  repository::remove_tree(old);
  report.seconds = monotonic_seconds() - start;
  return report;
}

}  // namespace alih::pipeline
