#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/book.h"
#include "core/holdings.h"
#include "core/records.h"
#include "core/result.h"
#include "indexer/database.h"
#include "pipeline/job_queue.h"
#include "pipeline/lines_read.h"
#include "pipeline/people.h"
#include "pipeline/personal.h"
#include "pipeline/settings.h"
#include "repository/catalogue_files.h"
#include "repository/durable_file.h"
#include "repository/repository.h"

namespace alih::pipeline {

// A page that is about to become part of an item: its master is on disk under a provisional name.
struct PageDraft {
  Master master;  // master.file as keep_master() took it
  int width = 0;
  int height = 0;
  double dpi = 0;
  std::string color_mode;
  int bit_depth = 0;
  int orientation = 1;
  std::string languages;
  std::map<std::string, std::string> capture;
  std::vector<Finding> findings;  // of the intake: whether an open book was split
  Agent agent;             // who made the image: a device, or the program that took the file in
  std::string event_type;  // "capture" or "ingestion"
  std::string detail;
};

// What a worker found out about a page.
struct PageResult {
  int access_width = 0;
  int access_height = 0;
  Affine to_master;
  std::vector<Finding> findings;
  std::vector<Code> codes;
  bool blank = false;
  TextLayer text;
  Reading reading;
  std::string recipe;
};

struct Problem {
  std::string kind;
  std::string where;
  std::string detail;  // English
  // Of a file of an item, which can be repaired: the item and the file's name in staging, or its
  // path within the item's object.
  std::optional<ItemId> item = std::nullopt;
  std::string file = {};
};
struct VerifyReport {
  std::uint64_t checked_files = 0;
  std::uint64_t checked_bytes = 0;
  std::vector<Problem> problems;
};

// Called now and then with what is done of how much; total 0 = unknown.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// The finding of a page whose text a person corrected; nullptr = nobody did.
inline constexpr std::string_view kCorrectionFinding = "correction";
[[nodiscard]] const Finding* find_correction(const Page& page);
// The finding of a page that a person judged: applied = good, its note = why not.
inline constexpr std::string_view kJudgement = "judgement";
[[nodiscard]] bool is_refused(const Page& page);

// The data folder: files and database kept in step. Every change is one file written first (its
// commit point) and one synced batch after it, so that after a crash what the files say is taken
// over: open() does it for the items that were being worked on, rebuild() for all.
// Any thread; changes stand in line (mutex_).
class Holdings {
 public:
  enum class Mode { write, read };
  // write: takes the lock of the data folder (busy after lock_wait_s), makes the folder when it is
  // new, and takes over what a crash left behind. read: beside a program that writes.
  [[nodiscard]] static Result<std::unique_ptr<Holdings>> open(const std::filesystem::path& data,
                                                              const Everything& settings,
                                                              Mode mode);
  ~Holdings();
  Holdings(const Holdings&) = delete;
  Holdings& operator=(const Holdings&) = delete;

  [[nodiscard]] const indexer::Database& database() const { return *database_; }
  [[nodiscard]] const repository::Repository& files() const { return files_; }
  [[nodiscard]] const Everything& settings() const { return settings_; }

  // --- taking in
  // A name for keep_master() that no other call has, until the master's page gets its number: pages
  // of one item may come in several requests at once. `seq`: the file's number among those of a new
  // item.
  [[nodiscard]] static std::string provisional_name(int seq, std::string_view extension);
  [[nodiscard]] Result<Fixity> keep_master(const ItemId& item, const std::string& name,
                                           std::span<const std::byte> bytes);
  [[nodiscard]] Result<Fixity> keep_master(const ItemId& item, const std::string& name,
                                           const std::filesystem::path& from);
  struct NewItem {
    bool keep_number = false;       // the draft's own, of the paper register, with its date
    bool refuse_digitised = false;  // duplicate when another item has its barcode or no. induk
    std::string detail = {};        // for the event of its registration
    std::string began_at = {};      // UTC: when the person began to identify it; "" = unknown
    // A paper of the office instead: its number is of this row ("BA"), not of the register, and its
    // pages have these texts already, one each.
    std::string paper_prefix = {};
    std::vector<TextLayer> texts = {};
  };
  // Gives the item the next number of the register and its first pages, all or nothing. An item
  // whose barcode or accession number is that of an entry of a batch that waits takes over the
  // batch's number and what its entry says. Errors: duplicate (a number that is taken); wrong_state
  // when the book is closed for its date.
  [[nodiscard]] Result<Item> create_item(Item draft, const std::vector<PageDraft>& pages,
                                         const Agent& by, const NewItem& how);
  [[nodiscard]] Result<Item> create_item(Item draft, const std::vector<PageDraft>& pages,
                                         const Agent& by) {
    return create_item(std::move(draft), pages, by, {});
  }
  // Adds pages at the end, and gives their masters the names that go with their numbers. All or
  // nothing.
  [[nodiscard]] Result<std::vector<Page>> add_pages(const ItemId& item,
                                                    const std::vector<PageDraft>& pages,
                                                    const Agent& by);
  [[nodiscard]] int next_file_seq(const ItemId& item) const;
  [[nodiscard]] int page_count(const ItemId& item) const;  // without removed ones
  // Throws away masters of an item that never came to be.
  void forget(const ItemId& item);
  void forget_master(const ItemId& item, const std::string& name);  // not yet of any page

  // --- working
  [[nodiscard]] JobQueue& queue() { return *queue_; }
  [[nodiscard]] const JobQueue& queue() const { return *queue_; }
  enum class Finished { stored, duplicate, stale };
  // A result for a page that has it already changes nothing (duplicate); one that was made from
  // another master or with other settings than the page wants now is dropped (stale) and the page
  // stays in the queue. `worker_s`: how long the page took, for the forecast.
  [[nodiscard]] Result<Finished> finish_page(const JobRef& job, const PageResult& result,
                                             double worker_s = 0);
  // Counts a failed attempt; the last one sets the page aside. Returns whether it was set aside.
  [[nodiscard]] Result<bool> fail_attempt(const JobRef& job, const std::string& why);
  // Other settings for another try: OCR models, "" = as before; and settings of the page alone
  // (settings_json.h), which stay with it: an empty value takes one away, `forget` all there were.
  struct Again {
    std::string languages;
    bool urgent = true;
    std::map<std::string, std::string> settings{};
    bool forget = false;
    bool discard_correction = false;  // what a person wrote goes when the page is read again
  };
  // Errors: wrong_state when a person corrected the page and that is not to be discarded.
  [[nodiscard]] Status redo_page(const ItemId& item, int number, const Again& how, const Agent& by);
  // Puts pages that were set aside back into the queue, one page of the item or all; returns how
  // many.
  [[nodiscard]] Result<int> retry(const std::optional<ItemId>& item, std::optional<int> page,
                                  const Again& how, const Agent& by);
  // The page's text as a person wrote it, over the places of the reading; nothing is read again. A
  // text that changes nothing leaves the page as it is. `revision`: the page's when the person saw
  // it, none = whatever it is. Errors: wrong_state while the page waits to be read or is set aside,
  // or when it changed since; too_large; bad_field for a text of nothing but white.
  [[nodiscard]] Result<Page> correct_page(const ItemId& item, int number, std::string_view text,
                                          std::optional<std::uint64_t> revision, const Agent& by);
  // --- quality control
  // Says of a page that it is good, or not and why: then its item goes back to being scanned until
  // another page takes its place. Errors: wrong_state for a page that was not read yet; bad_field
  // without a reason.
  [[nodiscard]] Result<Page> judge_page(const ItemId& item, int number, bool good,
                                        const std::string& reason, const Agent& by);
  // The draft's master takes the place of a page; that one stays, as superseded, with its master
  // and events. `seq` is the file number that the draft's master has.
  [[nodiscard]] Result<Page> replace_page(const ItemId& item, int number, const PageDraft& draft,
                                          const std::string& reason, const Agent& by);
  // All pages are good: the item is checked. Errors: wrong_state naming the pages that are not.
  [[nodiscard]] Result<Item> approve(const ItemId& item, const Agent& by);

  // Somebody waits for the item's pages: they come first.
  [[nodiscard]] Status make_urgent(const ItemId& item);
  // While paused no page is begun, also after a restart.
  [[nodiscard]] Status pause(bool paused, const Agent& by);
  [[nodiscard]] bool paused() const { return !database_->meta("paused").empty(); }
  // Mean seconds of work a page, over the last fifty or so; 0 = unknown.
  [[nodiscard]] double seconds_a_page() const;
  // Of all pages since the database began.
  [[nodiscard]] LinesRead lines_read() const;
  // How lines are read on this machine: "avx512-vnni"; empty = Tesseract's own way.
  [[nodiscard]] std::string fast_kernel() const;

  // --- the catalogue
  // Rows on their way in: one file, whole or absent, then the database. One at a time.
  class Import {
   public:
    [[nodiscard]] Status add(const CatalogueRecord& record);
    // The import's id. Nothing is in the catalogue before, and everything after.
    [[nodiscard]] Result<std::string> commit(const std::string& detail, const Agent& by);

   private:
    friend class Holdings;
    Import(Holdings& holdings, repository::CatalogueHeader header)
        : holdings_(holdings), alone_(holdings.imports_), header_(std::move(header)) {}
    Holdings& holdings_;
    std::unique_lock<std::mutex> alone_;
    repository::CatalogueHeader header_;
    std::optional<repository::CatalogueWriter> writer_;
  };
  [[nodiscard]] Import begin_import(repository::CatalogueHeader header) {
    return {*this, std::move(header)};
  }

  // --- people
  [[nodiscard]] const People& people() const { return people_; }
  // The account as it is to be, with the event of what was done: "account creation", "password
  // change", … `detail` must hold no secret. Errors: duplicate (its name, or the computer's user,
  // is another account's), bad_field; wrong_state when it changed since it was read.
  [[nodiscard]] Result<access::Account> save_account(access::Account account,
                                                     const std::string& type, const Agent& by,
                                                     const std::string& detail);

  // --- describing
  // `reason`: of a correction of the book, needed when that is closed for the item's month.
  [[nodiscard]] Result<Item> set_fields(
      const ItemId& item, const std::vector<std::pair<std::string, std::string>>& fields,
      const Agent& by, const std::string& reason = {});
  [[nodiscard]] Result<Item> withdraw(const ItemId& item, const std::string& reason,
                                      const Agent& by);
  // on_hold, rejected, returned with a reason; registered ends a hold. Errors: wrong_state with
  // what is possible from there; bad_field without a reason.
  [[nodiscard]] Result<Item> set_state(const ItemId& item, ItemState to, const std::string& reason,
                                       const Agent& by);
  // Quality control found the description wrong: back to step 2 until somebody mends it. Errors:
  // bad_field without a reason; wrong_state of what is not read yet or is not of the register.
  [[nodiscard]] Result<Item> send_back(const ItemId& item, const std::string& reason,
                                       const Agent& by);
  // A person begins or ends a step of the procedure (2 to 4) on the item. Errors: wrong_state when
  // it is not so.
  [[nodiscard]] Result<Item> clock(const ItemId& item, int step, bool begins, const Agent& by);

  // --- batches of material
  // Gives the batch its number. Errors: bad_field naming what is empty; duplicate when one of its
  // things has been digitised or waits in another batch.
  [[nodiscard]] Result<Handover> receive(Handover draft, const Agent& by);
  // Of entries, all that are neither returned nor rejected when none is named. An item of the entry
  // that has no page yet ends as returned; of others only the original is back. `permits`: whether
  // whoever asks may end such an item; empty = any. Errors: not_found, wrong_state, forbidden.
  [[nodiscard]] Result<Handover> give_back(const std::string& batch_no,
                                           const std::vector<int>& entries, const std::string& to,
                                           const std::string& reason, const Agent& by,
                                           const std::function<Status(const Item&)>& permits = {});
  [[nodiscard]] Result<Handover> reject_entry(const std::string& batch_no, int entry,
                                              const std::string& reason, const Agent& by);
  [[nodiscard]] Result<Handover> handover(std::string_view batch_no) const;
  [[nodiscard]] std::vector<Handover> handovers() const;  // oldest first
  // Entries that wait for their registration and have this barcode or accession number.
  [[nodiscard]] std::optional<std::pair<Handover, HandoverEntry>> waiting_entry(
      const Item& draft) const;

  // --- the Buku Inventaris Alih Media as a book
  // Changes fields of the item and writes a new line; the one before stays. Errors: bad_field
  // without a reason or a field; wrong_state when nothing of the line changes.
  [[nodiscard]] Result<Item> correct_line(
      const ItemId& item, const std::vector<std::pair<std::string, std::string>>& fields,
      const std::string& reason, const Agent& by);
  // Puts every line of the period in ink and closes it: nothing is registered in it any more.
  // `draft`: what its print is to hold. Errors: usage, wrong_state (not over, closed already, an
  // incomplete line: all are named).
  [[nodiscard]] Result<Closing> close_period(Closing draft, const Agent& by);
  [[nodiscard]] std::vector<Closing> closings() const;
  // Of a month or date: whether it, or its year, is closed.
  [[nodiscard]] std::optional<Closing> closing_of(std::string_view date) const;
  struct BookLine {
    Item item;
    RegisterLine line;
    bool first = true;    // no correction
    bool struck = false;  // a later line of the same period counts
    bool in_ink = true;   // false: as the item is now
  };
  // The lines of a month or year in the order of the book: first lines by number, then corrections
  // as they were written. Errors: as of reading.
  [[nodiscard]] Result<std::vector<BookLine>> book_lines(std::string_view period) const;
  // Who took the item in or worked on it, as its events name them.
  [[nodiscard]] std::vector<std::string> people_of(const ItemId& item) const;

  // The personal data of an item in clear, with an event of who saw it. Errors: damaged (its key).
  [[nodiscard]] Result<PersonalValues> read_personal(const ItemId& item, const Agent& by);
  // Takes them out of the record and forgets the item's key, so that no version, old or new, can be
  // opened again; the event says why. Again after an interruption. Errors: wrong_state when there
  // are none.
  [[nodiscard]] Result<Item> erase_personal(const ItemId& item, const std::string& reason,
                                            const Agent& by);

  // Makes the item one OCFL object; from then on every finished change makes its next version.
  // Errors: wrong_state while required fields are missing (all are named) or pages are not read.
  [[nodiscard]] Result<Item> close(const ItemId& item, const Agent& by);

  // --- looking after
  // Runs the call while no change is under way. Short: everybody waits.
  [[nodiscard]] Status hold_changes(const std::function<Status()>& call);
  // `heads`: signed heads of the chain of events that were kept elsewhere.
  [[nodiscard]] VerifyReport verify(const std::vector<ItemId>& only, const Progress& progress,
                                    const std::vector<std::filesystem::path>& heads = {}) const;
  // Files, record and object of one item against each other and the database.
  void verify_item(const ItemId& item, VerifyReport& report,
                   const repository::ReadPace& pace = {}) const;
  // Marks what is wrong with an item's files, with an event for what is new, and takes the marks
  // off what is good again. An item with a mark gets no new version of its object. How many are
  // new.
  [[nodiscard]] Result<int> mark(const ItemId& item, const std::vector<Problem>& problems);
  struct PatrolState {
    std::string round_began;  // UTC, "" = none yet
    std::string last_round_ended;
    std::string cursor;               // id of the item checked last
    std::uint64_t checked_files = 0;  // of this round
    std::uint64_t checked_bytes = 0;
    std::uint64_t last_round_bytes = 0;
  };
  [[nodiscard]] PatrolState patrol_state() const;
  [[nodiscard]] Status set_patrol_state(const PatrolState& state);
  // Removes files that nothing names and nobody is working on, older than a day: what an intake
  // left that was cut off. How many.
  int sweep_orphans(const ItemId& item);
  // Puts the record of an item or page in staging/ there again as the database has it. not_found
  // when the database does not know it either.
  [[nodiscard]] Status restore_record(const ItemId& item, const std::string& file);
  // The same of a batch's or closing's file in register/, with an event.
  [[nodiscard]] Status restore_book(const std::string& name, const Agent& by);
  // After a repair: the event, and the version that had to wait.
  [[nodiscard]] Status repaired(const ItemId& item, const std::string& detail, const Agent& by);

 private:
  // Whether a change of an item writes a line of the book: when it has one that says something
  // else; or in any case.
  enum class Ink { when_written, now };
  Holdings(repository::Repository files, Everything settings, int lock_fd);
  [[nodiscard]] Status recover();
  // Stands in line, and first brings the database up to what the files say already.
  [[nodiscard]] Result<std::unique_lock<std::mutex>> turn();
  // What the files of these items say and the database does not.
  [[nodiscard]] Status take_over(const std::set<ItemId>& items);
  [[nodiscard]] Status catch_up();
  [[nodiscard]] Status take_over_imports();
  [[nodiscard]] Status take_over_people();
  [[nodiscard]] Status settle(const ItemId& item);
  [[nodiscard]] Result<Item> package(Item item, const std::vector<PageRecord>& pages,
                                     const Agent& by, const std::string& why);
  void renew_package(const ItemId& item, const Agent& by, const std::string& why);
  [[nodiscard]] Event event(indexer::ChainHead& head, const std::string& type, const Agent& by,
                            const ItemId& item, const std::string& page, const std::string& outcome,
                            const std::string& detail) const;
  // Renames a master that has a provisional name; the new name.
  [[nodiscard]] Result<std::string> name_master(const Item& item, const std::string& given,
                                                int seq);
  [[nodiscard]] Page page_from(const PageDraft& draft, const Item& item, int number, int seq) const;
  [[nodiscard]] Result<PageRecord> page_record(const ItemId& item, int file_seq) const;
  [[nodiscard]] Status save_page(const PageRecord& record, const std::string& number,
                                 indexer::Change change);
  [[nodiscard]] Result<Item> save_item(Item item, const std::string& type, const Agent& by,
                                       const std::string& detail,
                                       const std::string& outcome = "success",
                                       Ink ink = Ink::when_written);
  // The line that the book gets of the item as it is now; none when its newest says the same.
  // `sequence`: of the event that will name its digest.
  [[nodiscard]] std::optional<RegisterLine> next_line(const Item& item, const Agent& by,
                                                      const std::string& why,
                                                      std::uint64_t sequence, Ink ink) const;
  // What the file and the database get of a changed item: its next revision with the event, behind
  // that of the next line of the book.
  [[nodiscard]] ItemRecord next_record(indexer::ChainHead& head, Item item, const std::string& type,
                                       const Agent& by, const std::string& detail,
                                       const std::string& outcome, Ink ink) const;
  // A page whose replacement was cut off before the old one was set aside.
  [[nodiscard]] Status uncheck(Item item, const Agent& by, const std::string& why);
  [[nodiscard]] Status finish_replacements(const ItemId& item);
  [[nodiscard]] std::string month_of_line(const Item& item) const;
  [[nodiscard]] Status take_over_books();
  [[nodiscard]] Status save_book(const std::string& name, const std::string& body,
                                 const std::string& type, const Agent& by,
                                 const std::string& detail);
  [[nodiscard]] Result<Handover> change_handover(std::string_view batch_no,
                                                 const std::function<Status(Handover&)>& change,
                                                 const std::string& type, const Agent& by,
                                                 const std::string& detail);
  // Kept papers that name the item, or may, are for the custodians only from now on.
  [[nodiscard]] Status close_papers_of(const Item& item, const Agent& by);
  [[nodiscard]] Result<Item> change_fields(
      Item item, const std::vector<std::pair<std::string, std::string>>& fields, const Agent& by,
      const std::string& reason, Ink ink);

  repository::Repository files_;
  Everything settings_;  // queue_ looks at it
  int lock_fd_ = -1;
  std::unique_ptr<indexer::Database> database_;
  std::unique_ptr<LocalQueue> queue_;
  People people_;
  std::mutex imports_;  // one import at a time
  std::mutex mutex_;    // one change at a time
  // mutex_ guards: items with a change that failed half-way. Their files may be ahead of the
  // database, which the next change puts right first, or the next start.
  std::set<ItemId> torn_;
  bool torn_import_ = false;  // likewise of the catalogue
  bool torn_book_ = false;    // and of register/
  bool torn_people_ = false;  // and of the accounts
  bool untidy_ = false;       // some change failed: the next start looks at all of this one's work
};

struct RebuildReport {
  int records = 0;  // of the catalogue
  int items = 0;
  int pages = 0;
  double seconds = 0;
  // Items whose item.json is gone, with page records there still: not in the new database until
  // `repair` has brought it back.
  std::vector<ItemId> left;
};
// Makes the database anew from the files and puts it in the place of the old one. busy when another
// program uses the data folder; damaged when a record cannot be read (nothing is replaced then).
[[nodiscard]] Result<RebuildReport> rebuild(const std::filesystem::path& data,
                                            const Everything& settings, const Progress& progress);

// Files and objects against their records when there is no database to ask.
[[nodiscard]] VerifyReport verify_files(const repository::Repository& files,
                                        const Progress& progress);

[[nodiscard]] Agent program_agent();  // alihmedia and its version
[[nodiscard]] Agent person_agent();   // who runs the program

}  // namespace alih::pipeline
