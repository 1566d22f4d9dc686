// Quality control: a page is judged, replaced by another scan, an item approved.
#include "pipeline/control.h"

#include <algorithm>
#include <map>

#include "core/clock.h"
#include "pipeline/page_worker.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

using indexer::Change;

constexpr std::size_t kLongestReason = 2000;

}  // namespace

bool is_refused(const Page& page) {
  return std::any_of(page.findings.begin(), page.findings.end(),
                     [](const Finding& f) { return f.name == kJudgement && !f.applied; });
}

Result<Page> Holdings::judge_page(const ItemId& id, int number, bool good,
                                  const std::string& reason, const Agent& by) {
  if ((!good && reason.empty()) || reason.size() > kLongestReason) {
    return fail(ErrorCode::bad_field, "Alasan wajib diisi, paling panjang {} byte",
                "A reason is needed, of at most {} bytes", {kLongestReason});
  }
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  ALIH_TRY(const auto found, database_->page(id, number));
  if (found.state == PageState::captured) {
    return fail(ErrorCode::wrong_state, "Halaman {} belum diolah; periksa setelah selesai",
                "Page {} has not been processed; check it when it is done", {number});
  }
  ALIH_TRY(auto record, page_record(id, found.file_seq));
  ALIH_CHECK(files_.begin_work(id));
  auto& page = record.page;
  std::erase_if(page.findings, [](const Finding& f) { return f.name == kJudgement; });
  page.findings.push_back({std::string(kJudgement), {}, 1.0, good, reason});
  ++page.revision;
  auto head = database_->chain_head();
  record.events.push_back(
      event(head, good ? "page acceptance" : "page rejection", by, id, page.id.str(), "success",
            "page " + std::to_string(number) + (reason.empty() ? "" : ": " + reason)));
  Change change;
  change.pages.push_back({page, std::nullopt});
  ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
  if (!good)
    ALIH_CHECK(uncheck(std::move(item), by, "page " + std::to_string(number) + " refused"));
  ALIH_CHECK(settle(id));
  return page;
}

Result<Page> Holdings::replace_page(const ItemId& id, int number, const PageDraft& draft,
                                    const std::string& reason, const Agent& by) {
  if (reason.size() > kLongestReason) {
    return fail(ErrorCode::bad_field, "Alasan terlalu panjang", "The reason is too long");
  }
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(const auto item, database_->item(id));
  if (item.state == ItemState::withdrawn || item.state == ItemState::rejected ||
      item.state == ItemState::returned) {
    return fail(ErrorCode::wrong_state, "{} sudah {}", "{} is {}",
                {item.digitization_no, label(item.state).id});
  }
  ALIH_TRY(const auto found, database_->page(id, number));
  ALIH_TRY(auto old, page_record(id, found.file_seq));
  ALIH_CHECK(files_.begin_work(id));
  auto page = page_from(draft, item, number, next_file_seq(id));
  page.label = found.label;
  ALIH_TRY(page.master.file, name_master(item, draft.master.file, page.file_seq));
  const auto why = reason.empty() ? std::string() : ": " + reason;
  auto head = database_->chain_head();
  PageRecord fresh{page,
                   {},
                   {event(head, draft.event_type, draft.agent, id, page.id.str(), "success",
                          draft.detail + "; takes the place of page " + std::to_string(number))}};
  old.page.state = PageState::removed;
  ++old.page.revision;
  old.events.push_back(event(head, "page replacement", by, id, old.page.id.str(), "success",
                             "superseded by " + page.master.file + why));
  Change change;
  change.events = {fresh.events.back(), old.events.back()};
  change.pages.push_back({page, std::nullopt});
  change.pages.push_back({old.page, std::nullopt});
  indexer::Job waiting;
  waiting.item = id;
  waiting.file_seq = old.page.file_seq;
  change.done_jobs.push_back(std::move(waiting));
  queue_->enqueue(job_for(page, settings_), change);
  torn_.insert(id);
  // The new one first: cut off in between, the old one is set aside at the next start.
  ALIH_CHECK(files_.write(fresh, item.digitization_no));
  ALIH_CHECK(files_.write(old, item.digitization_no));
  ALIH_CHECK(database_->commit(change));
  torn_.erase(id);
  ALIH_CHECK(uncheck(item, by, "page " + std::to_string(number) + " replaced"));
  ALIH_CHECK(settle(id));
  return page;
}

// What was approved is not any more: back to step 3.
Status Holdings::uncheck(Item item, const Agent& by, const std::string& why) {
  if (item.state != ItemState::checked) return {};
  item.state = ItemState::indexed;
  for (const char* name : {"qc_by", "qc_result", "qc_on"}) item.fields.erase(name);
  ALIH_TRY([[maybe_unused]] const auto saved,
           save_item(std::move(item), "state change", by, "captured: " + why));
  return {};
}

Status Holdings::finish_replacements(const ItemId& id) {
  ALIH_TRY(const auto item, database_->item(id));
  std::map<int, Page> newest;  // by number
  for (const auto& page : database_->pages(id)) {
    if (page.state == PageState::removed) continue;
    const auto [other, fresh] = newest.emplace(page.number, page);
    if (fresh) continue;
    const auto& loser = other->second.file_seq < page.file_seq ? other->second : page;
    ALIH_TRY(auto record, page_record(id, loser.file_seq));
    record.page.state = PageState::removed;
    ++record.page.revision;
    auto head = database_->chain_head();
    record.events.push_back(event(head, "page replacement", program_agent(), id,
                                  record.page.id.str(), "success",
                                  "superseded; finished after an interruption"));
    Change change;
    change.pages.push_back({record.page, std::nullopt});
    ALIH_CHECK(save_page(record, item.digitization_no, std::move(change)));
    if (other->second.file_seq < page.file_seq) other->second = page;
  }
  return {};
}

Result<Item> Holdings::approve(const ItemId& id, const Agent& by) {
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  std::string bad;
  int pages = 0;
  for (const auto& page : database_->pages(id)) {
    if (page.state == PageState::removed) continue;
    ++pages;
    const bool good =
        (page.state == PageState::indexed || page.state == PageState::blank) && !is_refused(page);
    constexpr std::size_t kMost = 500;
    if (!good && bad.size() < kMost) bad += (bad.empty() ? "" : ", ") + page.label;
  }
  if (!bad.empty() || pages == 0) {
    return fail(ErrorCode::wrong_state, "{} belum dapat diluluskan; halaman: {}",
                "{} cannot be approved yet; pages: {}",
                {item.digitization_no, pages == 0 ? std::string("-") : bad});
  }
  if (item.state != ItemState::indexed && item.state != ItemState::processed) {
    return fail(ErrorCode::wrong_state, "{} berstatus {}", "{} is {}",
                {item.digitization_no, label(item.state).id});
  }
  item.state = ItemState::checked;
  item.fields["qc_by"] = {by.name};
  item.fields["qc_result"] = {"passed"};
  item.fields["qc_on"] = {local_date()};
  ALIH_TRY(item, save_item(std::move(item), "quality control", by,
                           "passed, " + std::to_string(pages) + " pages"));
  renew_package(id, by, "quality control");
  return database_->item(id);
}

Result<Page> replace_page(Holdings& holdings, const Item& item, int number,
                          const std::filesystem::path& file, const std::string& reason,
                          const Agent& by, const std::string& program) {
  ALIH_TRY(const auto before, holdings.database().page(item.id, number));
  ALIH_CHECK(holdings.files().check_room(0));
  PageWorker worker(program, holdings.settings(), holdings.files().scratch());
  ALIH_TRY(const auto checked, worker.check(file));
  if (checked.frames.size() != 1) {
    return fail(ErrorCode::unreadable, "{} berisi {} halaman; satu halaman diganti satu halaman",
                "{} has {} pages; one page takes the place of one",
                {file.filename().string(), checked.frames.size()});
  }
  const auto& frame = checked.frames.front();
  if (!frame.problem_en.empty()) {
    return fail(Error{frame.problem_code, {frame.problem_id, frame.problem_en}});
  }
  PageDraft draft;
  const auto name = Holdings::provisional_name(before.file_seq, checked.extension);
  ALIH_TRY(const auto fixity, holdings.keep_master(item.id, name, file));
  if (fixity.sha256 == before.master.fixity.sha256) {
    holdings.forget_master(item.id, name);
    return fail(ErrorCode::duplicate, "Berkas ini sudah halaman {} itu", "This is that page {}",
                {number});
  }
  draft.master = {name, checked.format, file.filename().string(), fixity, frame.pixel_sha256, 0,
                  {}};
  draft.width = frame.width;
  draft.height = frame.height;
  draft.dpi = frame.dpi;
  draft.color_mode = frame.color_mode;
  draft.bit_depth = frame.bit_depth;
  draft.orientation = frame.orientation;
  draft.languages = before.languages;
  if (!frame.pdf_image.empty()) draft.capture["pdf_image"] = frame.pdf_image;
  draft.agent = program_agent();
  draft.event_type = "ingestion";
  draft.detail = "file taken in unchanged: " + file.filename().string();
  auto page = holdings.replace_page(item.id, number, draft, reason, by);
  if (!page) holdings.forget_master(item.id, name);
  return page;
}

}  // namespace alih::pipeline
