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

#include "core/audience.h"
#include "core/clock.h"
#include "core/correction.h"
#include "core/fields.h"
#include "core/rights.h"
#include "core/text_evidence.h"
#include "core/version.h"
#include "indexer/commit_head.h"
#include "ocr/fast_lstm_report.h"
#include "pipeline/catalogue.h"
#include "pipeline/data_folder.h"
#include "pipeline/orthography.h"
#include "pipeline/profiles.h"
#include "pipeline/settings_json.h"
#include "processing/gutter.h"
#include "repository/book_files.h"
#include "repository/disk.h"
#include "repository/durable_file.h"

namespace alih::pipeline {

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
  // For `stop` alone, and for people: as well as can be.
  const auto pid = std::to_string(::getpid()) + "\n";
  [[maybe_unused]] const auto written =
      ::ftruncate(fd, 0) == 0 ? ::pwrite(fd, pid.data(), pid.size(), 0) : 0;
  return fd;
}

Result<pid_t> user_of(const fs::path& data) {
  const auto path = data / "lock";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const Unlock close_it(fd);
  constexpr int kTries = 20;  // who has just got the lock has not written yet
  for (int i = 0; i < kTries; ++i) {
    if (::flock(fd, LOCK_SH | LOCK_NB) == 0) return 0;
    char text[16] = {};
    if (::pread(fd, text, sizeof text - 1, 0) > 0) {
      const int pid = std::atoi(text);
      // What an earlier one wrote must not be taken for the one that has the lock now.
      std::error_code error;
      for (const auto& entry :
           fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd", error)) {
        std::error_code gone;
        if (fs::equivalent(entry.path(), path, gone)) return pid;
      }
      if (pid > 0 && error == std::errc::permission_denied) return pid;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return fail(ErrorCode::unavailable, "Tidak dapat diketahui proses mana yang memakai {}",
              "It cannot be told which process uses {}", {data.string()});
}

Unlock::~Unlock() { ::close(fd); }

Status refuse_unfinished_restore(const fs::path& data) {
  std::error_code error;
  if (!fs::exists(data / kRestoringMark, error)) return {};
  return fail(ErrorCode::wrong_state,
              "Pemulihan ke {} belum selesai; jalankan lagi alihmedia restore",
              "The restore into {} is not finished; run alihmedia restore again", {data.string()});
}

namespace {

Job job_of(const Page& page) {
  Job job;
  job.item = page.item;
  job.file_seq = page.file_seq;
  return job;  // what it is made with is filled in when it is taken
}

// Everything a set of records says, as one change.
Change change_from(const ItemRecord& record, const std::vector<PageRecord>& pages) {
  Change change;
  change.item = record.item;
  change.new_number = parse_digitization_no(record.item.digitization_no).has_value();
  change.events = record.events;
  for (const auto& p : pages) {
    // A page that waits to be read again is found by its old text until then.
    const bool read = p.page.state == PageState::indexed || p.page.state == PageState::blank ||
                      p.text.word_count() > 0;
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

// The records of one import, and with the last of them its event.
Status apply_import(Database& database, const fs::path& data, const std::string& name,
                    int* count = nullptr) {
  constexpr std::size_t kAtOnce = 2000;
  Change change;
  ALIH_TRY(const auto event,
           repository::read_catalogue_file(data, name, [&](CatalogueRecord record) -> Status {
             if (count != nullptr) ++*count;
             change.records.push_back(std::move(record));
             if (change.records.size() < kAtOnce) return {};
             ALIH_CHECK(database.commit(change));
             change.records.clear();
             return {};
           }));
  change.events.push_back(event);
  change.catalogue_file = name;
  return database.commit(change);
}

// Today, unless the computer's clock lost its battery and says 1970: then the date of the newest
// row.
std::string date_for_register(const Database& database) {
  constexpr const char* kFirstSensible = "2026-01-01";
  auto today = local_date();
  if (today >= kFirstSensible) return today;
  const auto years = database.register_years();
  if (years.empty()) return kFirstSensible;
  const auto numbers = database.numbers(years.back());
  const auto last = numbers.empty() ? Result<Item>(fail(ErrorCode::not_found, "", ""))
                                    : database.item(numbers.back().second);
  return last && last->registered_on > kFirstSensible ? last->registered_on : kFirstSensible;
}

// Who stood at the device, for the event of a page whose agent is the device.
std::string operator_of(const Agent& by) {
  if (by.account.empty()) return {};
  return "; operator " + by.name + (by.nip.empty() ? "" : ", NIP " + by.nip);
}

// The events of the accounts that are newer than `known`, in their order.
Result<std::vector<Event>> people_events(const fs::path& data, std::uint64_t known) {
  std::vector<Event> out;
  People people;
  people.load(data);
  for (const auto& account : people.all()) {
    for (auto& e : people.events_of(account.id)) {
      if (e.sequence > known) out.push_back(std::move(e));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Event& a, const Event& b) { return a.sequence < b.sequence; });
  return out;
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

// Whose description quality control sent back to step 2.
bool is_returned(const Item& item) {
  return item.state == ItemState::registered && item.field("qc_result") == "returned";
}

}  // namespace

Agent program_agent() { return {"software", "alihmedia", std::string(kVersion)}; }

const Finding* find_correction(const Page& page) {
  const auto found = std::find_if(page.findings.begin(), page.findings.end(),
                                  [](const Finding& f) { return f.name == kCorrectionFinding; });
  return found == page.findings.end() ? nullptr : &*found;
}

Agent person_agent() {
  const auto* entry = ::getpwuid(::geteuid());
  return {"person", entry != nullptr ? entry->pw_name : "uid " + std::to_string(::geteuid()), ""};
}

Holdings::Holdings(repository::Repository files, Everything settings, int lock_fd)
    : files_(std::move(files)), settings_(std::move(settings)), lock_fd_(lock_fd) {}

Holdings::~Holdings() {
  if (lock_fd_ < 0) return;
  // Anything that is only in the files is taken over at the next start.
  if (database_ && torn_.empty() && !untidy_ && !database_->broken()) (void)files_.end_work();
  queue_.reset();
  database_.reset();
  ::close(lock_fd_);
}

Result<std::unique_ptr<Holdings>> Holdings::open(const fs::path& data, const Everything& settings,
                                                 Mode mode) {
  std::error_code error;
  if (mode == Mode::read) ALIH_CHECK(refuse_unfinished_restore(data));  // it may not have got there
  if (mode == Mode::read && !fs::is_directory(data / "staging", error)) {
    return fail(ErrorCode::not_found, "Folder data {} belum ada; mulai dengan scan atau ingest",
                "There is no data folder {}; begin with scan or ingest", {data.string()});
  }
  int lock = -1;
  if (mode == Mode::write) {
    ALIH_CHECK(repository::make_folder(data));
    ALIH_TRY(lock, take_lock(data, settings.pipeline.lock_wait_s));
  }
  if (auto whole = refuse_unfinished_restore(data); !whole) {
    if (lock >= 0) ::close(lock);
    return fail(std::move(whole).error());
  }
  auto files = repository::Repository::open(data, settings.repository);
  if (!files) {
    if (lock >= 0) ::close(lock);
    return fail(std::move(files).error());
  }
  if (mode == Mode::read && !files->unfinished_work().empty()) {
    // After a crash, not beside a program at work: what it left is taken over first, else a reader
    // would see half of a change. Should that fail, reading shows what there is.
    auto at_once = settings;
    at_once.pipeline.lock_wait_s = 0;
    (void)open(data, at_once, Mode::write);
  }
  std::unique_ptr<Holdings> holdings(new Holdings(std::move(*files), settings, lock));
  // A new database only where there is nothing that a lost one would have held.
  const bool create =
      mode == Mode::write && !fs::exists(data / "index/CURRENT", error) && holdings->files_.empty();
  if (create) ALIH_CHECK(repository::make_folder(data / "index"));  // durable: RocksDB's is not
  auto database = Database::open(
      data / "index", settings.indexer,
      mode == Mode::write ? Database::Mode::read_write : Database::Mode::read_only, create);
  if (!database && mode == Mode::write && holdings->files_.empty() &&
      !fs::exists(indexer::CommitHeadFile::path_of(data / "index"), error)) {
    // Cut off while it was made, before anything could be acknowledged: it is made again.
    repository::remove_tree(data / "index");
    ALIH_CHECK(repository::make_folder(data / "index"));
    database = Database::open(data / "index", settings.indexer, Database::Mode::read_write, true);
  }
  if (!database && mode == Mode::read && database.error().code == ErrorCode::wrong_state) {
    // Of an older version: whoever can write brings it up to date.
    // It closes before the reading: its merges delete tables.
    if (auto upgraded = open(data, settings, Mode::write); !upgraded) {
      return fail(std::move(upgraded).error());
    }
    database = Database::open(data / "index", settings.indexer, Database::Mode::read_only, false);
  }
  if (!database) return fail(std::move(database).error());
  holdings->queue_ = std::make_unique<LocalQueue>(**database, holdings->settings_);
  if (mode == Mode::write) {
    holdings->files_.clear_scratch();
    holdings->files_.trim_ballast();
    holdings->database_ = std::move(*database);
    if (auto recovered = holdings->recover(); !recovered) {
      // Keep the list of unfinished work for the next start.
      holdings->queue_.reset();
      holdings->database_.reset();
      return fail(std::move(recovered).error());
    }
    ALIH_CHECK(holdings->queue_->take_over());
  } else {
    holdings->database_ = std::move(*database);
    holdings->people_.load(data);
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
        change.done_jobs.push_back(job_of(p.page));
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
  if (torn_import_) {
    untidy_ = true;
    ALIH_CHECK(take_over_imports());
    torn_import_ = false;
  }
  if (torn_book_) {
    untidy_ = true;
    ALIH_CHECK(take_over_books());
    torn_book_ = false;
  }
  if (torn_people_) {
    untidy_ = true;
    ALIH_CHECK(take_over_people());
    torn_people_ = false;
  }
  if (torn_.empty()) return {};
  untidy_ = true;
  ALIH_CHECK(take_over(torn_));
  torn_.clear();
  return {};
}

Status Holdings::take_over_imports() {
  for (const auto& name : repository::catalogue_files(files_.data_folder())) {
    if (database_->has_catalogue_file(name)) continue;
    ALIH_CHECK(apply_import(*database_, files_.data_folder(), name));
  }
  return {};
}

Status Holdings::take_over_people() {
  people_.load(files_.data_folder());
  const auto known = database_->meta("people");
  ALIH_TRY(const auto events,
           people_events(files_.data_folder(), std::strtoull(known.c_str(), nullptr, 10)));
  if (events.empty()) return {};
  Change change;
  change.events = events;
  change.meta.emplace_back("people", std::to_string(events.back().sequence));
  return database_->commit(change);
}

Result<access::Account> Holdings::save_account(access::Account account, const std::string& type,
                                               const Agent& by, const std::string& detail) {
  ALIH_CHECK(access::check_account(account));
  ALIH_TRY(const auto lock, turn());
  AccountRecord record;
  for (const auto& other : people_.all()) {
    if (other.id == account.id) {
      if (other.revision != account.revision) {
        return fail(ErrorCode::wrong_state, "Akun {} baru saja diubah orang lain; ulangi",
                    "Somebody else has just changed the account {}; try again", {account.name});
      }
      record.events = people_.events_of(other.id);
      continue;
    }
    // Also of removed ones: events name it.
    if (other.name == account.name) {
      return fail(ErrorCode::duplicate, "Nama akun {} sudah dipakai",
                  "The account name {} is taken already", {account.name});
    }
    if (other.active() && account.active() && !account.os_user.empty() &&
        other.os_user == account.os_user) {
      return fail(ErrorCode::duplicate, "Pengguna komputer {} sudah menjadi akun {}",
                  "The computer's user {} is the account {} already",
                  {account.os_user, other.name});
    }
  }
  ++account.revision;
  record.account = account;
  auto head = database_->chain_head();
  record.events.push_back(event(head, type, by, ItemId(), "", "success",
                                "account " + account.name + " (" + account.id.str() +
                                    "): " + detail + "; record SHA-256 " +
                                    sha256_hex(access::to_json(account))));
  // So that the next start looks, whoever opens first.
  ALIH_TRY(const auto work, ItemId::parse(account.id.str()));
  ALIH_CHECK(files_.begin_work(work));
  torn_people_ = true;
  ALIH_CHECK(write_account(files_.data_folder(), record));
  Change change;
  change.events.push_back(record.events.back());
  change.meta.emplace_back("people", std::to_string(record.events.back().sequence));
  ALIH_CHECK(database_->commit(change));
  torn_people_ = false;
  people_.put(std::move(record));
  return account;
}

Status Holdings::Import::add(const CatalogueRecord& record) {
  if (!writer_) {
    ALIH_TRY(auto writer,
             repository::CatalogueWriter::create(holdings_.files_.data_folder(), header_));
    writer_.emplace(std::move(writer));
  }
  return writer_->add(record);
}

Result<std::string> Holdings::Import::commit(const std::string& detail, const Agent& by) {
  if (!writer_) return std::string();
  auto& h = holdings_;
  ALIH_TRY(const auto lock, h.turn());
  // So that the next start looks, whoever opens first.
  ALIH_TRY(const auto id, ItemId::parse(header_.id));
  ALIH_CHECK(h.files_.begin_work(id));
  auto head = h.database_->chain_head();
  const auto event = h.event(head, "catalogue import", by, ItemId(), "", "success",
                             header_.source + ", " + header_.file + " (SHA-512 " + header_.sha512 +
                                 "): " + detail + "; catalogue/" + header_.id +
                                 ".jsonl, records SHA-256 " + writer_->seal());
  h.torn_import_ = true;
  ALIH_CHECK(writer_->commit(event));
  ALIH_CHECK(apply_import(*h.database_, h.files_.data_folder(), header_.id + ".jsonl"));
  h.torn_import_ = false;
  return header_.id;
}

Status Holdings::recover() {
  ALIH_CHECK(take_over_imports());
  ALIH_CHECK(take_over_people());
  const auto unfinished = files_.unfinished_work();
  if (unfinished.empty()) return {};
  ALIH_CHECK(take_over_books());
  ALIH_CHECK(take_over(unfinished));
  files_.sweep(unfinished);
  for (const auto& id : unfinished) {
    if (!database_->item(id)) continue;
    ALIH_CHECK(finish_replacements(id));
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

Result<std::unique_lock<std::mutex>> Holdings::turn() {
  std::unique_lock lock(mutex_);
  ALIH_CHECK(catch_up());
  return lock;
}

std::string Holdings::provisional_name(int seq, std::string_view extension) {
  return file_name("new-" + new_ulid(), 'm', seq, extension);
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
  if (const auto profile = find_profile(item.field("capture_profile"))) {
    for (const auto& [name, value] : profile->settings) page.settings.emplace(name, value);
  }
  page.languages = draft.languages;
  page.capture = draft.capture;
  page.findings = draft.findings;
  page.revision = 1;
  return page;
}

Result<Item> Holdings::create_item(Item draft, const std::vector<PageDraft>& pages, const Agent& by,
                                   const NewItem& how) {
  ALIH_TRY(const auto lock, turn());
  if (how.refuse_digitised) ALIH_CHECK(refuse_digitised(*database_, draft));
  ALIH_CHECK(files_.begin_work(draft.id));
  const bool paper = !how.paper_prefix.empty();
  if (paper) {
    draft.registered_on = date_for_register(*database_);
    draft.year = std::atoi(draft.registered_on.c_str());
    draft.sequence_no = 0;
  } else if (!how.keep_number) {
    draft.registered_on = date_for_register(*database_);
    draft.year = std::atoi(draft.registered_on.c_str());
    draft.sequence_no = database_->next_sequence_no(draft.year);
  }
  draft.digitization_no = paper ? paper_no(how.paper_prefix, draft.year,
                                           database_->next_paper_no(how.paper_prefix, draft.year))
                                : digitization_no(draft.year, draft.sequence_no);
  if (!paper) {
    const auto date =
        draft.registered_on.empty() ? std::to_string(draft.year) : draft.registered_on;
    if (const auto closed = closing_of(date)) {
      return fail(ErrorCode::wrong_state,
                  "Buku Inventaris {} sudah ditutup; bahan bertanggal {} tidak dapat didaftarkan",
                  "The register of {} is closed; nothing dated {} can be registered",
                  {closed->period, date});
    }
    if (const auto waiting = waiting_entry(draft)) {
      const auto& [batch, entry] = *waiting;
      draft.fields["batch_no"] = {batch.batch_no};
      draft.fields["batch_entry"] = {std::to_string(entry.number)};
      draft.fields.emplace("source_unit", std::vector{batch.source_unit});
      for (const auto& [name, values] : entry.fields) draft.fields.emplace(name, values);
    }
    draft.fields["operator"] = {by.name};
  }
  if (how.keep_number && database_->find_item(draft.digitization_no)) {
    return fail(ErrorCode::duplicate, "Nomor {} sudah dipakai", "Number {} is taken already",
                {draft.digitization_no});
  }
  ALIH_CHECK(seal_personal(files_.data_folder(), draft));
  draft.state = paper           ? ItemState::indexed
                : pages.empty() ? ItemState::registered
                                : ItemState::captured;
  draft.revision = 1;

  auto head = database_->chain_head();
  ItemRecord record{draft,
                    {event(head, paper ? "creation" : "registration", by, draft.id, "", "success",
                           (paper ? "kept as " : "registered as ") + draft.digitization_no +
                               (how.began_at.empty() ? "" : "; begun at " + how.began_at) +
                               (how.detail.empty() ? "" : "; " + how.detail))}};
  std::vector<PageRecord> page_records;
  std::map<std::string, std::string> renamed;
  int seq = 0;
  for (const auto& page_draft : pages) {
    ++seq;
    auto page = page_from(page_draft, draft, seq, seq);
    auto& final_name = renamed[page_draft.master.file];
    if (final_name.empty()) {
      const auto& given = page_draft.master.file;
      final_name = folded(draft.digitization_no) + given.substr(given.find("_m_"));
    }
    page.master.file = final_name;
    TextLayer text;
    if (paper && static_cast<std::size_t>(seq) <= how.texts.size()) {
      // As drawn: nothing is straightened or cropped, and nobody need read it.
      text = how.texts[static_cast<std::size_t>(seq) - 1];
      page.state = PageState::indexed;
      page.access_width = text.width;
      page.access_height = text.height;
      page.recipe = "drawn";
      page.reading = {
          "alihmedia " + std::string(kVersion), "", "", "drawn", "modern", 1.0, text.word_count()};
      for (const char* stage : {"crop", "deskew", "edges", "dewarp", "level", "show_through",
                                "despeckle", "blank", "codes"}) {
        page.settings["processing." + std::string(stage) + ".enabled"] = "false";
      }
    }
    PageRecord p{page,
                 std::move(text),
                 {event(head, page_draft.event_type, page_draft.agent, draft.id, page.id.str(),
                        "success", page_draft.detail + operator_of(by))}};
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

Result<std::vector<Page>> Holdings::add_pages(const ItemId& id, const std::vector<PageDraft>& pages,
                                              const Agent& by) {
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(const auto item, database_->item(id));
  ALIH_CHECK(files_.begin_work(id));
  int number = 0;
  int seq = 0;
  for (const auto& page : database_->pages(id)) {
    if (page.state != PageState::removed) number = std::max(number, page.number);
    seq = std::max(seq, page.file_seq);
  }
  std::vector<Page> added;
  Change change;
  Changing changing(torn_, id);
  auto head = database_->chain_head();
  std::map<std::string, std::string> renamed;
  for (int next = seq; const auto& draft : pages) {
    auto& final_name = renamed[draft.master.file];
    ++next;
    if (final_name.empty()) {
      ALIH_TRY(final_name, name_master(item, draft.master.file, next));
    }
  }
  for (const auto& draft : pages) {
    auto page = page_from(draft, item, ++number, ++seq);
    page.master.file = renamed.at(draft.master.file);
    change.events.push_back(event(head, draft.event_type, draft.agent, id, page.id.str(), "success",
                                  draft.detail + operator_of(by)));
    if (auto written =
            files_.write(PageRecord{page, {}, {change.events.back()}}, item.digitization_no);
        !written) {
      // No page without the others, nor what may have got its name before the sync failed. The next
      // start looks again, since a removal is not durable either.
      untidy_ = true;
      bool gone = files_.remove_record(page, item.digitization_no);
      for (const auto& p : added) gone = files_.remove_record(p, item.digitization_no) && gone;
      if (gone) changing.done();
      return fail(std::move(written).error());
    }
    change.pages.push_back({page, std::nullopt});
    change.put_jobs.push_back(job_of(page));
    added.push_back(std::move(page));
  }
  ALIH_CHECK(database_->commit(change));
  changing.done();
  ALIH_CHECK(settle(id));
  renew_package(id, by, "pages added");
  return added;
}

Result<std::string> Holdings::name_master(const Item& item, const std::string& given, int seq) {
  const auto name =
      file_name(item.digitization_no, 'm', seq, given.substr(given.find_last_of('.') + 1));
  const auto folder = files_.item_folder(item.id);
  if (repository::disk().rename(folder / given, folder / name) != 0) {
    return fail(repository::system_error(errno, "menamai " + name, "naming " + name));
  }
  return name;
}

void Holdings::forget(const ItemId& item) {
  const std::lock_guard lock(mutex_);
  // After a disk error it may have come to be after all: the next start will see.
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
  auto events = database_->events_of(item, page.id.str());
  return PageRecord{std::move(page), std::move(text), std::move(events)};
}

Result<Holdings::Finished> Holdings::finish_page(const JobRef& job, const PageResult& result,
                                                 double worker_s) {
  ALIH_TRY(const auto lock, turn());
  const auto& id = job.item;
  ALIH_TRY(const auto item, database_->item(id));
  ALIH_TRY(auto record, page_record(id, job.file_seq));
  auto& page = record.page;
  Change change;
  const auto wanted = job_for(page, settings_);
  if (!job.input_sha256.empty() &&
      (job.input_sha256 != wanted.input_sha256 || job.settings_sha256 != wanted.settings_sha256)) {
    ALIH_CHECK(queue_->given_back(job));
    return Finished::stale;
  }
  queue_->done(job, change);
  const bool done = page.state == PageState::indexed || page.state == PageState::blank;
  if (page.state == PageState::removed || (done && page.recipe == result.recipe)) {
    ALIH_CHECK(database_->commit(change));
    return Finished::duplicate;
  }

  ALIH_CHECK(files_.begin_work(id));
  page.state = result.blank ? PageState::blank : PageState::indexed;
  page.access_width = result.access_width;
  page.access_height = result.access_height;
  page.to_master = result.to_master;
  // What the intake measured stays; what the worker found is made anew each time.
  std::erase_if(page.findings,
                [](const Finding& f) { return f.name != processing::kSplitFinding; });
  page.findings.insert(page.findings.end(), result.findings.begin(), result.findings.end());
  page.codes = result.codes;
  page.reading = result.reading;
  page.recipe = result.recipe;
  page.failure.clear();
  ++page.revision;
  record.text = result.text;
  auto head = database_->chain_head();
  std::string stages;
  for (const auto& f : result.findings) {
    const bool measured =
        f.name == "quality" || f.name == "text" || f.name == "times" || f.name == kLinesFinding;
    if (measured) continue;  // nothing was done
    stages += (stages.empty() ? "" : ", ") + f.name + (f.applied ? " applied" : " left alone");
  }
  record.events.push_back(
      event(head, "image processing", program_agent(), id, page.id.str(), "success", stages));
  if (!result.blank) {
    record.events.push_back(event(
        head, "text recognition", {"software", result.reading.engine, ""}, id, page.id.str(),
        "success", result.reading.models + ", " + std::to_string(result.reading.words) + " words"));
  }
  if (const auto lines = lines_read_from(result.findings); lines != LinesRead{}) {
    if (lines.differences > 0) {
      record.events.push_back(event(
          head, "fast reading check", program_agent(), id, page.id.str(), "failure",
          std::to_string(lines.differences) +
              " lines came out other than in Tesseract's own way, whose result was taken; fast "
              "reading is off for the rest of that worker process"));
    }
    change.meta.emplace_back("lines_read", text_of(lines_read() + lines));
  }
  change.pages.push_back({page, record.text});
  if (worker_s > 0) {
    constexpr double kShare = 0.04;  // of the newest page in the mean
    const double before = seconds_a_page();
    const double mean = before > 0 ? before + (worker_s - before) * kShare : worker_s;
    change.meta.emplace_back("pace", std::to_string(mean));
  }
  ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
  ALIH_CHECK(settle(id));
  renew_package(id, program_agent(), "pages read");
  return Finished::stored;
}

Result<bool> Holdings::fail_attempt(const JobRef& job, const std::string& why) {
  ALIH_TRY(const auto lock, turn());
  Change change;
  if (!queue_->failed(job, why, change)) {
    if (!change.put_jobs.empty()) ALIH_CHECK(database_->commit(change));
    return false;
  }
  const auto& id = job.item;
  ALIH_TRY(const auto item, database_->item(id));
  ALIH_TRY(auto record, page_record(id, job.file_seq));
  ALIH_CHECK(files_.begin_work(id));
  record.page.state = PageState::failed;
  record.page.failure = why;
  ++record.page.revision;
  auto head = database_->chain_head();
  record.events.push_back(event(
      head, "text recognition", program_agent(), id, record.page.id.str(), "failure",
      "set aside after " + std::to_string(change.put_jobs.back().attempts) + " attempts: " + why));
  change.pages.push_back({record.page, std::nullopt});
  ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
  ALIH_CHECK(settle(id));
  return true;
}

Status Holdings::redo_page(const ItemId& id, int number, const Again& how, const Agent& by) {
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(const auto item, database_->item(id));
  ALIH_TRY(const auto found, database_->page(id, number));
  ALIH_TRY(auto record, page_record(id, found.file_seq));
  auto& own = record.page.settings;
  if (how.forget) own.clear();
  PageSettings given;  // what an older version of the program took may be unknown now
  for (const auto& [name, value] : how.settings) {
    if (value.empty())
      own.erase(name);
    else
      given[name] = own[name] = value;
  }
  ALIH_CHECK(check_page_settings(given));
  if (find_correction(record.page) != nullptr && !how.discard_correction) {
    return fail(ErrorCode::wrong_state,
                "Halaman {} sudah diperbaiki petugas; membacanya lagi menghapus perbaikan itu. "
                "Bila memang itu yang dimaksud: page redo --discard-correction",
                "Page {} was corrected by a person; reading it again would lose that. If that is "
                "what you want: page redo --discard-correction",
                {number});
  }
  ALIH_CHECK(files_.begin_work(id));
  record.page.state = PageState::captured;
  record.page.failure.clear();
  record.page.recipe.clear();
  if (!how.languages.empty()) record.page.languages = how.languages;
  std::string with_own;
  if (how.forget) with_own = ", with the settings of all pages";
  for (const auto& [name, value] : how.settings) with_own += ", " + name + "=" + value;
  ++record.page.revision;
  auto head = database_->chain_head();
  record.events.push_back(
      event(head, "reprocessing request", by, id, record.page.id.str(), "success",
            "asked to read the page again" +
                (how.languages.empty() ? "" : " with the models " + how.languages) + with_own));
  Change change;
  auto job = job_for(record.page, settings_);
  job.urgent = how.urgent;
  queue_->enqueue(job, change);
  change.pages.push_back({record.page, std::nullopt});
  ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
  return settle(id);
}

Result<Page> Holdings::correct_page(const ItemId& id, int number, std::string_view text,
                                    std::optional<std::uint64_t> revision, const Agent& by) {
  constexpr std::size_t kMostBytes = std::size_t{256} << 10U;  // ten full newspaper pages
  if (text.size() > kMostBytes) {
    return fail(ErrorCode::too_large, "Teks satu halaman paling banyak {} KiB",
                "The text of a page is at most {} KiB", {kMostBytes >> 10U});
  }
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(const auto item, database_->item(id));
  ALIH_TRY(const auto found, database_->page(id, number));
  ALIH_TRY(auto record, page_record(id, found.file_seq));
  auto& page = record.page;
  if (page.state != PageState::indexed && page.state != PageState::blank) {
    return fail(ErrorCode::wrong_state,
                "Halaman {} belum terbaca; perbaiki teksnya setelah selesai diolah",
                "Page {} has not been read; correct its text when it is done", {number});
  }
  if (revision && *revision != page.revision) {
    return fail(ErrorCode::wrong_state,
                "Halaman {} sudah berubah sejak Anda membukanya; buka lagi, lalu perbaiki",
                "Page {} has changed since you opened it; open it again and correct it", {number});
  }
  const auto done = corrected(record.text, text);
  if (done.words == 0) {
    return fail(ErrorCode::bad_field, "Teks perbaikan kosong", "The corrected text is empty");
  }
  if (done.changed == 0 && done.removed == 0 && done.text.text() == record.text.text()) {
    return page;
  }
  ALIH_CHECK(files_.begin_work(id));
  record.text = done.text;
  // What bar codes say is no reading of the text.
  for (const auto& code : page.codes) {
    if (!code.text.empty()) record.text.alternates.push_back({code.text, code.box, 1.0});
  }
  page.state = PageState::indexed;
  page.reading.confidence = record.text.mean_confidence();
  page.reading.words = record.text.word_count();
  page.reading.orthography = orthography_of(record.text);
  std::erase_if(page.findings,
                [](const Finding& f) { return f.name == "text" || f.name == kCorrectionFinding; });
  page.findings.push_back(measure_text(record.text));
  int written = 0;
  for (const auto& block : record.text.blocks) {
    for (const auto& line : block.lines) {
      written += static_cast<int>(std::count_if(line.words.begin(), line.words.end(),
                                                [](const Word& w) { return w.corrected; }));
    }
  }
  page.findings.push_back({std::string(kCorrectionFinding),
                           {{"words", record.text.word_count()}, {"corrected_words", written}},
                           1.0,
                           true,
                           ""});
  ++page.revision;
  auto head = database_->chain_head();
  record.events.push_back(event(head, "text correction", by, id, page.id.str(), "success",
                                std::to_string(done.changed) + " words written, " +
                                    std::to_string(done.removed) + " removed, of " +
                                    std::to_string(record.text.word_count())));
  Change change;
  change.pages.push_back({page, record.text});
  ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
  ALIH_CHECK(settle(id));
  renew_package(id, by, "text corrected");
  return page;
}

Result<int> Holdings::retry(const std::optional<ItemId>& item, std::optional<int> number,
                            const Again& how, const Agent& by) {
  int count = 0;
  for (const auto& job : database_->jobs()) {
    if (!job.set_aside || (item && job.item != *item)) continue;
    ALIH_TRY(const auto page, database_->page_by_seq(job.item, job.file_seq));
    if (number && page.number != *number) continue;
    ALIH_CHECK(redo_page(job.item, page.number, how, by));
    ++count;
  }
  return count;
}

Status Holdings::make_urgent(const ItemId& id) {
  ALIH_TRY(const auto lock, turn());
  Change change;
  for (auto& job : database_->jobs()) {
    if (job.item != id || job.set_aside || job.urgent || !job.lease.empty()) continue;
    job.urgent = true;
    change.put_jobs.push_back(std::move(job));
  }
  return database_->commit(change);
}

Status Holdings::pause(bool paused, const Agent& by) {
  {
    ALIH_TRY(const auto lock, turn());
    Change change;
    change.meta.emplace_back("paused", paused ? utc_now() + " " + by.name : "");
    ALIH_CHECK(database_->commit(change));
  }
  queue_->wake();
  return {};
}

LinesRead Holdings::lines_read() const {
  return lines_read_from(std::string_view(database_->meta("lines_read")));
}

std::string Holdings::fast_kernel() const { return ocr::fast_lstm_kernel(settings_.ocr); }

double Holdings::seconds_a_page() const {
  const auto text = database_->meta("pace");
  return text.empty() ? 0 : std::atof(text.c_str());
}

ItemRecord Holdings::next_record(indexer::ChainHead& head, Item item, const std::string& type,
                                 const Agent& by, const std::string& detail,
                                 const std::string& outcome, Ink ink) const {
  ++item.revision;
  auto events = database_->events_of(item.id, "");
  ItemRecord record{std::move(item), std::move(events)};
  auto& now = record.item;
  if (auto line = next_line(now, by, detail, head.sequence + 1, ink)) {
    record.events.push_back(
        event(head, line->version == 1 ? "register line" : "register correction", by, now.id, "",
              "success",
              "line " + std::to_string(line->version) + " of " + now.digitization_no + " in " +
                  line->month + ", SHA-256 " + line->sha256 +
                  (line->reason.empty() ? "" : ": " + line->reason)));
    now.lines.push_back(std::move(*line));
  }
  record.events.push_back(event(head, type, by, now.id, "", outcome, detail));
  return record;
}

std::optional<RegisterLine> Holdings::next_line(const Item& item, const Agent& by,
                                                const std::string& why, std::uint64_t sequence,
                                                Ink ink) const {
  if ((ink == Ink::when_written && item.lines.empty()) || item.sequence_no == 0) {
    return std::nullopt;
  }
  auto people = people_of(item.id);
  if (by.kind == "person" && std::find(people.begin(), people.end(), by.name) == people.end()) {
    people.push_back(by.name);
  }
  RegisterLine line;
  line.values = book_values(item, database_->pages(item.id), people);
  if (!item.lines.empty()) {
    // Another person at work on the item is no change of its line.
    auto values = line.values;
    values.erase("operator");
    auto before = item.lines.back().values;
    before.erase("operator");
    if (values == before) return std::nullopt;
    line.reason = why;
  }
  line.version = static_cast<int>(item.lines.size()) + 1;
  line.month = month_of_line(item);
  line.at = utc_now();
  line.by = by.name;
  line.event = sequence;
  line.sha256 = register_line_digest(line);
  return line;
}

Result<Item> Holdings::save_item(Item item, const std::string& type, const Agent& by,
                                 const std::string& detail, const std::string& outcome, Ink ink) {
  ALIH_CHECK(files_.begin_work(item.id));
  auto head = database_->chain_head();
  const auto before = head.sequence;
  const auto record = next_record(head, std::move(item), type, by, detail, outcome, ink);
  Changing changing(torn_, record.item.id);
  ALIH_CHECK(files_.write(record));
  Change change;
  change.item = record.item;
  for (const auto& e : record.events) {
    if (e.sequence > before) change.events.push_back(e);
  }
  ALIH_CHECK(database_->commit(change));
  changing.done();
  return record.item;
}

// The item's state follows its pages until a person decides otherwise.
Status Holdings::settle(const ItemId& id) {
  ALIH_TRY(auto item, database_->item(id));
  const bool follows = item.state == ItemState::registered || item.state == ItemState::captured ||
                       item.state == ItemState::processed || item.state == ItemState::indexed;
  // Pages that came or went change what the book says of the item.
  const auto follow_line = [&]() -> Status {
    if (item.lines.empty()) return {};
    const auto pages = database_->pages(id);
    const auto now = book_values(item, pages, {});
    auto written = item.lines.back().values;
    written.erase("operator");
    if (now == written) return {};
    ALIH_TRY([[maybe_unused]] const auto saved,
             save_item(item, "state change", program_agent(), "pages changed"));
    return {};
  };
  if (!follows || is_returned(item)) return follow_line();
  if (item.state == ItemState::captured && database_->has_waiting_job(id)) return follow_line();
  bool waiting = false;
  bool failed = false;
  bool any = false;
  for (const auto& page : database_->pages(id)) {
    if (page.state == PageState::removed) continue;
    any = true;
    waiting = waiting || page.state == PageState::captured || is_refused(page);
    failed = failed || page.state == PageState::failed;
  }
  const auto state = !any      ? ItemState::registered
                     : waiting ? ItemState::captured
                     : failed  ? ItemState::processed
                               : ItemState::indexed;
  if (state == item.state) return follow_line();
  item.state = state;
  ALIH_TRY([[maybe_unused]] const auto saved,
           save_item(std::move(item), "state change", program_agent(), std::string(word(state))));
  return {};
}

Result<Item> Holdings::change_fields(Item item,
                                     const std::vector<std::pair<std::string, std::string>>& fields,
                                     const Agent& by, const std::string& reason, Ink ink) {
  const auto before = item;
  const auto id = item.id;
  std::string detail;
  std::set<std::string> touched;
  for (const auto& [given, value] : fields) {
    const auto* field = find_field(given);
    const auto name = field != nullptr ? std::string(field->name) : given;
    // The first value of a call replaces what was there, further ones of a repeated field add.
    const bool again = !touched.insert(name).second;
    ALIH_CHECK(again ? add_field(item, name, value) : set_field(item, name, value));
    detail += (detail.empty() ? "" : ", ") + name;
  }
  if (item == before) return item;
  // What quality control sent back is mended; the number of a Berita Acara describes nothing.
  const bool mended = is_returned(item) && touched != std::set<std::string>{"ba_no"};
  if (mended) {
    for (const char* name : {"qc_by", "qc_result", "qc_on"}) item.fields.erase(name);
  }
  ALIH_CHECK(seal_personal(files_.data_folder(), item));
  if (touched.contains("barcode") || touched.contains("accession_no")) {
    ALIH_CHECK(refuse_digitised(*database_, item));
    if (const auto record = fill_from_catalogue(*database_, item)) {
      detail += "; empty fields filled from catalogue record " + record->item.id.str();
    }
  }
  if (reason.empty() && !item.lines.empty()) {
    const auto closed = closing_of(item.lines.front().month);
    const auto pages = database_->pages(id);
    if (closed && book_values(item, pages, {}) != book_values(before, pages, {})) {
      return fail(ErrorCode::wrong_state,
                  "Buku Inventaris {} sudah ditutup; pakai alihmedia register correct {} "
                  "kolom=nilai --reason ALASAN",
                  "The register of {} is closed; use alihmedia register correct {} field=value "
                  "--reason WHY",
                  {closed->period, item.digitization_no});
    }
  }
  const bool decided = item.access != before.access || item.rights != before.rights ||
                       licence_of(item) != licence_of(before);
  if (decided) {
    // A decision of its own, with what it rests on.
    const auto basis = item.field("rights_basis");
    detail += "; rights_status " + std::string(word(before.rights)) + " -> " +
              std::string(word(item.rights)) + ", access_class " +
              std::string(word(before.access)) + " -> " + std::string(word(item.access)) +
              "; basis: " +
              (basis.empty() ? std::string(legal_basis(item.rights)) + " (by the status)" : basis);
  }
  ALIH_TRY(item,
           save_item(std::move(item), decided ? "rights decision" : "metadata modification", by,
                     reason.empty() ? detail : reason + " (" + detail + ")", "success", ink));
  if (mended) ALIH_CHECK(settle(id));
  renew_package(id, by, "metadata: " + detail);
  if (for_custodians(item) && !for_custodians(before)) ALIH_CHECK(close_papers_of(item, by));
  return database_->item(id);
}

Status Holdings::close_papers_of(const Item& item, const Agent& by) {
  for (auto& paper : database_->papers()) {
    if (for_custodians(paper) || paper.registered_on < item.registered_on) continue;
    const auto reference = paper.field("reference_no");
    const auto period = reference.substr(reference.find('/') + 1);
    const auto about = paper.field("description");
    const auto says = [&](const std::string& number) {
      return !number.empty() && about.find(number) != std::string::npos;
    };
    const bool in_book =
        in_period(item.registered_on, period) ||
        std::any_of(item.lines.begin(), item.lines.end(),
                    [&](const RegisterLine& l) { return in_period(l.month, period); });
    // Reports tell of everything; a long list of numbers was cut short.
    const bool names =
        paper.series == "ALM-BIAM" ? in_book
        : paper.series == "ALM-BA"
            ? says(item.digitization_no) || says(item.field("batch_no")) || about.ends_with("…")
            : true;
    if (!names) continue;
    paper.access = AccessClass::closed;
    const auto id = paper.id;
    ALIH_TRY([[maybe_unused]] const auto saved,
             save_item(std::move(paper), "rights decision", by,
                       "access_class -> closed: it may name an item that was closed"));
    renew_package(id, by, "access_class");
  }
  return {};
}

Result<Item> Holdings::set_fields(const ItemId& id,
                                  const std::vector<std::pair<std::string, std::string>>& fields,
                                  const Agent& by, const std::string& reason) {
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  return change_fields(std::move(item), fields, by, reason, Ink::when_written);
}

namespace {

std::string personal_names(const Item& item) {
  std::string out;
  for (const auto& f : all_fields()) {
    if (f.personal && item.fields.contains(std::string(f.name))) {
      out += (out.empty() ? "" : ", ") + std::string(f.name);
    }
  }
  return out;
}

}  // namespace

Result<PersonalValues> Holdings::read_personal(const ItemId& id, const Agent& by) {
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  ALIH_TRY(auto out, open_personal(files_.data_folder(), item));
  if (out.empty()) return out;
  const auto names = personal_names(item);
  ALIH_TRY([[maybe_unused]] const auto saved,
           save_item(std::move(item), "personal data access", by, names + " shown"));
  return out;
}

Result<Item> Holdings::erase_personal(const ItemId& id, const std::string& reason,
                                      const Agent& by) {
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  const auto names = personal_names(item);
  if (names.empty() && !has_personal_key(files_.data_folder(), id)) {
    return fail(ErrorCode::wrong_state, "{} tidak memuat data pribadi", "{} holds no personal data",
                {item.digitization_no});
  }
  remove_personal(item);
  ALIH_TRY(item, save_item(std::move(item), "personal data erasure", by,
                           (names.empty() ? "what was left" : names) +
                               " erased and the key forgotten, so that no version can be opened: " +
                               reason));
  ALIH_CHECK(forget_personal_key(files_.data_folder(), id));
  renew_package(id, by, "personal data erased: " + reason);
  return database_->item(id);
}

Result<Item> Holdings::withdraw(const ItemId& id, const std::string& reason, const Agent& by) {
  ALIH_TRY(const auto lock, turn());
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
  item.version = files_.objects().head(item.id) + 1;
  auto head = database_->chain_head();
  const auto before = head.sequence;
  const auto version = "v" + std::to_string(item.version);
  // A closed item has its line in ink, tied to the digests of these files.
  const auto record = next_record(head, std::move(item), "packaging", by,
                                  "OCFL " + version + ": " + why, "success", Ink::now);
  item = record.item;
  Changing changing(torn_, item.id);
  const auto done = files_.close(record, pages, {record.events.back().at, why, by.name});
  if (!done) {
    const auto mended = files_.mend(item.id);
    // Had the version its place already, the database must know of it.
    if (!mended || files_.objects().head(item.id) < item.version) return fail(done.error());
  }
  Change change;
  change.item = item;
  for (const auto& e : record.events) {
    if (e.sequence > before) change.events.push_back(e);
  }
  ALIH_CHECK(database_->commit(change));
  if (done) changing.done();
  return item;
}

Result<Item> Holdings::close(const ItemId& id, const Agent& by) {
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  if (item.version > 0) {
    return fail(ErrorCode::wrong_state, "{} sudah ditutup (versi {})",
                "{} is closed already (version {})", {item.digitization_no, item.version});
  }
  if (is_returned(item)) {
    return fail(ErrorCode::wrong_state,
                "{}: deskripsinya dikembalikan oleh pemeriksa mutu; perbaiki dahulu",
                "{}: quality control sent its description back; mend it first",
                {item.digitization_no});
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
    if (page.state != PageState::removed && is_refused(page)) {
      return fail(ErrorCode::wrong_state, "{} halaman {} ditolak; ganti dahulu: page replace",
                  "{} page {} was refused; replace it first: page replace",
                  {item.digitization_no, page.number});
    }
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
  if (!database_->damage(id).empty()) return;  // first it is repaired
  const auto staged = files_.staged_pages(id);
  std::error_code error;
  const bool changed =
      (staged && !staged->empty()) || fs::exists(files_.item_folder(id) / "item.json", error);
  if (staged && changed) (void)package(*item, *staged, by, why);
}

Status Holdings::hold_changes(const std::function<Status()>& call) {
  ALIH_TRY(const auto lock, turn());
  return call();
}

Result<RebuildReport> rebuild(const fs::path& data, const Everything& settings,
                              const Progress& progress) {
  std::error_code error;
  ALIH_CHECK(refuse_unfinished_restore(data));
  if (!fs::is_directory(data / "staging", error)) {
    return fail(ErrorCode::not_found, "{} bukan folder data alihmedia",
                "{} is no data folder of alihmedia", {data.string()});
  }
  ALIH_TRY(const int lock, take_lock(data, settings.pipeline.lock_wait_s));
  const Unlock unlock(lock);
  ALIH_CHECK(refuse_unfinished_restore(data));
  return rebuild_locked(data, settings, progress);
}

Result<RebuildReport> rebuild_locked(const fs::path& data, const Everything& settings,
                                     const Progress& progress) {
  const double start = monotonic_seconds();
  std::error_code error;
  ALIH_TRY(auto files, repository::Repository::open(data, settings.repository));
  const auto fresh = data / "index.new";
  repository::remove_tree(fresh);
  repository::remove_tree(indexer::CommitHeadFile::path_of(fresh));
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
    for (const auto& name : repository::catalogue_files(data)) {
      ALIH_CHECK(apply_import(*database, data, name, &report.records));
    }
    for (const auto& name : repository::book_files(data)) {
      ALIH_TRY(auto book, repository::read_book_file(data, name));
      Change change;
      change.events = book.events;
      change.books.push_back(std::move(book));
      ALIH_CHECK(database->commit(change));
    }
    ALIH_TRY(const auto people, people_events(data, 0));
    if (!people.empty()) {
      Change change;
      change.events = people;
      change.meta.emplace_back("people", std::to_string(people.back().sequence));
      ALIH_CHECK(database->commit(change));
    }
    ALIH_CHECK(database->settle());
    // An intake that was cut off is no item that was lost.
    const auto unfinished = files.unfinished_work();
    for (const auto& id : files.without_record()) {
      if (unfinished.contains(id) || files.page_records_of(id).empty()) continue;
      report.left.push_back(id);
    }
  }
  const auto old = data / "index.old";
  repository::remove_tree(old);
  auto& disk = repository::disk();
  if ((fs::exists(data / "index", error) && disk.rename(data / "index", old) != 0) ||
      disk.rename(fresh, data / "index") != 0 ||
      disk.rename(indexer::CommitHeadFile::path_of(fresh),
                  indexer::CommitHeadFile::path_of(data / "index")) != 0) {
    return fail(repository::system_error(errno, "mengganti basis data", "replacing the database"));
  }
  ALIH_CHECK(repository::sync_folder(data));
  repository::remove_tree(old);
  report.seconds = monotonic_seconds() - start;
  return report;
}

}  // namespace alih::pipeline
