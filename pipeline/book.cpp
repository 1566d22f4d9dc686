// Holdings' books: batches of material handed over, the lines and closings of the Buku Inventaris
// Alih Media. A batch or closing is one file, written before the database hears of it.
#include "core/book.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/clock.h"
#include "core/fields.h"
#include "core/indonesian.h"
#include "core/rights.h"
#include "indexer/database.h"
#include "pipeline/catalogue.h"
#include "pipeline/holdings.h"
#include "repository/book_files.h"

namespace alih::pipeline {
namespace {

using indexer::Change;

constexpr std::size_t kMostEntries = 5000;
constexpr std::size_t kLongestText = 2000;

std::string next_month(const std::string& month) {
  const int year = std::atoi(month.substr(0, 4).c_str());
  const int next = std::atoi(month.substr(5).c_str()) % 12 + 1;
  const auto text = std::to_string(next == 1 ? year + 1 : year);
  return text + (next < 10 ? "-0" : "-") + std::to_string(next);
}

std::string last_day(const std::string& period) {
  const auto month = period.size() == 4 ? period + "-12" : period;
  std::string last;
  constexpr int kFirstDoubtful = 28;
  constexpr int kLongest = 31;
  for (int day = kFirstDoubtful; day <= kLongest; ++day) {
    const auto date = month + "-" + std::to_string(day);
    if (!indonesian::date_words(date).date.empty()) last = date;
  }
  return last;
}

// The day of the item's registration, or only its year: a row of an old register may lack the rest.
std::string dated(const Item& item) {
  return item.registered_on.empty() ? std::to_string(item.year) : item.registered_on;
}

Status check_reason(const std::string& reason) {
  if (!reason.empty() && reason.size() <= kLongestText) return {};
  return fail(ErrorCode::bad_field, "Alasan wajib diisi, paling panjang {} byte",
              "A reason is needed, of at most {} bytes", {kLongestText});
}

std::string lines_digest(const std::vector<Holdings::BookLine>& lines, int& count) {
  std::string all;
  count = 0;
  for (const auto& l : lines) {
    if (!l.in_ink) continue;
    all += l.line.sha256 + "\n";
    ++count;
  }
  return sha256_hex(all);
}

}  // namespace

// ---- files of register/

Status Holdings::take_over_books() {
  for (const auto& name : repository::book_files(files_.data_folder())) {
    ALIH_TRY(auto book, repository::read_book_file(files_.data_folder(), name));
    const auto known = database_->book(name);
    if (known && known->revision >= book.revision) continue;
    Change change;
    change.events = book.events;
    change.books.push_back(std::move(book));
    ALIH_CHECK(database_->commit(change));
  }
  return {};
}

Status Holdings::save_book(const std::string& name, const std::string& body,
                           const std::string& type, const Agent& by, const std::string& detail) {
  // So that the next start looks at register/, whoever opens first.
  ALIH_CHECK(files_.begin_work(ItemId::make()));
  BookRecord record;
  if (auto before = database_->book(name)) record = std::move(*before);
  record.name = name;
  record.body = body;
  ++record.revision;
  auto head = database_->chain_head();
  record.events.push_back(
      event(head, type, by, ItemId(), "", "success",
            detail + "; register/" + name + ".json, SHA-256 " + sha256_hex(body)));
  torn_book_ = true;
  ALIH_CHECK(repository::write_book_file(files_.data_folder(), record));
  Change change;
  change.events.push_back(record.events.back());
  change.books.push_back(std::move(record));
  ALIH_CHECK(database_->commit(change));
  torn_book_ = false;
  return {};
}

Status Holdings::restore_book(const std::string& name, const Agent& by) {
  ALIH_TRY(const auto lock, turn());
  const auto known = database_->book(name);
  if (!known) {
    return fail(ErrorCode::not_found, "Basis data tidak mengenal {}",
                "The database does not know {}", {name});
  }
  return save_book(name, known->body, "recovery", by, "restored from the database");
}

// ---- batches

std::vector<Handover> Holdings::handovers() const {
  std::vector<Handover> out;
  (void)database_->each_book("handover-", [&](const BookRecord& record) {
    if (auto h = handover_from_json(record.body)) out.push_back(std::move(*h));
    return true;
  });
  return out;
}

Result<Handover> Holdings::handover(std::string_view batch_no) const {
  const auto name = handover_name(batch_no);
  const auto record = name.empty() ? std::nullopt : database_->book(name);
  if (!record) {
    return fail(ErrorCode::not_found, "Tidak ada serah terima bernomor {}",
                "There is no handover numbered {}", {batch_no});
  }
  return handover_from_json(record->body);
}

std::optional<std::pair<Handover, HandoverEntry>> Holdings::waiting_entry(const Item& draft) const {
  const auto waits = [&](const Handover& h, int number) -> const HandoverEntry* {
    for (const auto& e : h.entries) {
      if (e.number == number && e.state == "received" &&
          !database_->item_of_entry(h.batch_no, number)) {
        return &e;
      }
    }
    return nullptr;
  };
  const auto asked = draft.field("batch_no");
  if (const auto name = handover_name(asked);
      !name.empty() && draft.fields.contains("batch_entry")) {
    const auto h = handover(asked);
    if (!h) return std::nullopt;
    const auto* e = waits(*h, std::atoi(draft.field("batch_entry").c_str()));
    if (e == nullptr) return std::nullopt;
    return std::pair(*h, *e);
  }
  for (const char* field : {"barcode", "accession_no"}) {
    const auto values = draft.fields.find(field);
    if (values == draft.fields.end()) continue;
    for (const auto& value : values->second) {
      for (const auto& [name, number] : database_->entries_with(value)) {
        const auto record = database_->book(name);
        if (!record) continue;
        const auto h = handover_from_json(record->body);
        if (!h || (!asked.empty() && folded_batch_no(asked) != folded_batch_no(h->batch_no))) {
          continue;
        }
        if (const auto* e = waits(*h, number)) return std::pair(*h, *e);
      }
    }
  }
  return std::nullopt;
}

Result<Handover> Holdings::receive(Handover draft, const Agent& by) {
  std::string missing;
  const auto need = [&](const std::string& value, const char* what) {
    if (value.empty()) missing += (missing.empty() ? "" : ", ") + std::string(what);
    return value.size() <= kLongestText;
  };
  bool fits = need(draft.source_unit, "source_unit");
  fits = need(draft.sender, "sender") && fits;
  fits = need(draft.receiver, "receiver") && fits;
  if (draft.entries.empty()) missing += (missing.empty() ? "" : ", ") + std::string("entries");
  if (!missing.empty()) {
    return fail(ErrorCode::bad_field, "Serah terima belum lengkap: {}",
                "The handover is incomplete: {}", {missing});
  }
  if (!fits || draft.note.size() > kLongestText || draft.entries.size() > kMostEntries) {
    return fail(ErrorCode::too_large, "Serah terima terlalu panjang; paling banyak {} bahan",
                "The handover is too long; at most {} things", {kMostEntries});
  }
  ALIH_TRY(const auto lock, turn());
  std::map<std::string, int> seen;
  int number = 0;
  for (auto& entry : draft.entries) {
    entry.number = ++number;
    entry.state = "received";
    Item as_item;
    for (const auto& [name, values] : entry.fields) {
      for (const auto& v : values) ALIH_CHECK(add_field(as_item, name, v));
    }
    // A batch is open to all who take in; numbers of persons go to the item, sealed.
    if (const auto before = as_item.fields; remove_personal(as_item), before != as_item.fields) {
      return fail(ErrorCode::bad_field,
                  "Bahan {}: nomor identitas tidak dicatat pada serah terima; isi pada bahannya "
                  "setelah terdaftar",
                  "Entry {}: identity numbers are not kept in a handover; give them to the item "
                  "once it is registered",
                  {number});
    }
    for (const char* field : {"licence_allows", "rights_basis"}) {
      if (as_item.fields.contains(field)) {
        return fail(ErrorCode::bad_field, "Bahan {}: {} diputuskan setelah terdaftar",
                    "Entry {}: {} is decided once it is registered", {number, field});
      }
    }
    entry.fields = as_item.fields;
    if (entry.field("title").empty() && entry.field("barcode").empty() &&
        entry.field("accession_no").empty()) {
      return fail(ErrorCode::bad_field, "Bahan {}: judul, barcode, dan no. induk sama-sama kosong",
                  "Entry {}: title, barcode and accession number are all empty", {number});
    }
    const auto place = message("Bahan {}", "Entry {}", {number});
    if (auto done = refuse_digitised(*database_, as_item); !done) {
      return fail(std::move(done).error().within({place.id, place.en}));
    }
    if (const auto other = waiting_entry(as_item)) {
      return fail(ErrorCode::duplicate, "Bahan {} sudah menunggu pada {} no. {}",
                  "Entry {} waits in {} as no. {} already",
                  {number, other->first.batch_no, other->second.number});
    }
    for (const char* field : {"barcode", "accession_no"}) {
      const auto values = entry.fields.find(field);
      if (values == entry.fields.end()) continue;
      for (const auto& v : values->second) {
        const auto [same, fresh] = seen.emplace(field + folded_identifier(v), number);
        if (!fresh && same->second != number) {
          return fail(ErrorCode::duplicate, "Bahan {} sama dengan bahan {}: {}",
                      "Entry {} is the same as entry {}: {}", {number, same->second, v});
        }
      }
    }
    (void)fill_from_catalogue(*database_, as_item);
    entry.fields = as_item.fields;
  }
  ALIH_CHECK(files_.check_room(0));
  draft.received_on = local_date();
  draft.received_at = utc_now();
  draft.year = std::atoi(draft.received_on.c_str());
  draft.sequence_no = 1;
  ALIH_CHECK(database_->each_book(
      "handover-" + std::to_string(draft.year) + "-", [&](const BookRecord& record) {
        if (const auto h = handover_from_json(record.body)) {
          draft.sequence_no = std::max(draft.sequence_no, h->sequence_no + 1);
        }
        return true;
      }));
  draft.batch_no = batch_no(draft.year, draft.sequence_no);
  ALIH_CHECK(save_book(handover_name(draft.batch_no), to_json(draft), "handover", by,
                       draft.batch_no + ", " + std::to_string(draft.entries.size()) + " from " +
                           draft.source_unit + ", " + draft.sender + " to " + draft.receiver));
  return draft;
}

Result<Handover> Holdings::change_handover(std::string_view batch_no,
                                           const std::function<Status(Handover&)>& change,
                                           const std::string& type, const Agent& by,
                                           const std::string& detail) {
  ALIH_TRY(auto h, handover(batch_no));
  ALIH_CHECK(change(h));
  ALIH_CHECK(save_book(handover_name(h.batch_no), to_json(h), type, by, h.batch_no + detail));
  return h;
}

namespace {

Result<HandoverEntry*> entry_of(Handover& h, int number) {
  for (auto& e : h.entries) {
    if (e.number == number) return &e;
  }
  return fail(ErrorCode::not_found, "{} tidak mempunyai bahan no. {}", "{} has no entry {}",
              {h.batch_no, number});
}

}  // namespace

Result<Handover> Holdings::give_back(const std::string& batch_no, const std::vector<int>& entries,
                                     const std::string& to, const std::string& reason,
                                     const Agent& by,
                                     const std::function<Status(const Item&)>& permits) {
  if (to.empty() || to.size() > kLongestText || reason.size() > kLongestText) {
    return fail(ErrorCode::bad_field, "Sebutkan kepada siapa bahan dikembalikan",
                "Say whom the material is returned to");
  }
  ALIH_TRY(const auto lock, turn());
  std::vector<int> numbers = entries;
  ALIH_TRY(const auto before, handover(batch_no));
  if (numbers.empty()) {
    for (const auto& e : before.entries) {
      if (e.state == "received") numbers.push_back(e.number);
    }
  }
  if (numbers.empty()) {
    return fail(ErrorCode::wrong_state, "Semua bahan {} sudah dikembalikan",
                "Everything of {} is returned already", {before.batch_no});
  }
  // An item without a page will not get any: its material is gone.
  std::vector<Item> ending;
  for (const int n : numbers) {
    auto item = database_->item_of_entry(before.batch_no, n);
    if (!item || page_count(item->id) > 0 || item->state == ItemState::withdrawn ||
        item->state == ItemState::rejected) {
      continue;
    }
    if (permits && !permits(*item)) {
      return fail(ErrorCode::forbidden,
                  "Bahan no. {} sudah terdaftar, dan Anda tidak boleh mengubahnya; sebutkan nomor "
                  "bahan yang lain, atau minta arsiparis atau kepala seksi",
                  "Entry {} is registered, and you may not change it; name the other entries, or "
                  "ask an archivist or section head",
                  {n});
    }
    ending.push_back(std::move(*item));
  }
  std::string list;
  for (const int n : numbers) list += (list.empty() ? "" : ", ") + std::to_string(n);
  ALIH_TRY(const auto h,
           change_handover(
               batch_no,
               [&](Handover& changed) -> Status {
                 for (const int n : numbers) {
                   ALIH_TRY(auto* e, entry_of(changed, n));
                   if (e->state == "returned") {
                     return fail(ErrorCode::wrong_state, "Bahan {} no. {} sudah dikembalikan",
                                 "Entry {} no. {} is returned already", {changed.batch_no, n});
                   }
                   e->state = "returned";
                   e->returned_on = local_date();
                   e->returned_to = to;
                   if (!reason.empty()) e->reason = reason;
                 }
                 return {};
               },
               "return", by, ", entries " + list + " to " + to));
  for (auto& item : ending) {
    item.state = ItemState::returned;
    ALIH_TRY([[maybe_unused]] const auto saved,
             save_item(std::move(item), "return", by,
                       "returned to " + to + (reason.empty() ? "" : ": " + reason)));
  }
  return h;
}

Result<Handover> Holdings::reject_entry(const std::string& batch_no, int entry,
                                        const std::string& reason, const Agent& by) {
  ALIH_CHECK(check_reason(reason));
  ALIH_TRY(const auto lock, turn());
  return change_handover(
      batch_no,
      [&](Handover& changed) -> Status {
        ALIH_TRY(auto* e, entry_of(changed, entry));
        if (const auto item = database_->item_of_entry(changed.batch_no, entry)) {
          if (for_custodians(*item)) {
            return fail(ErrorCode::wrong_state,
                        "Bahan ini sudah terdaftar dan tertutup; tanyakan kepada arsiparis",
                        "This is registered and closed; ask an archivist");
          }
          return fail(ErrorCode::wrong_state, "Bahan ini sudah terdaftar: {}; pakai item reject",
                      "This is registered: {}; use item reject", {item->digitization_no});
        }
        if (e->state != "received") {
          return fail(ErrorCode::wrong_state, "Bahan {} no. {} sudah {}",
                      "Entry {} no. {} is {} already", {changed.batch_no, entry, e->state});
        }
        e->state = "rejected";
        e->reason = reason;
        return {};
      },
      "rejection", by, ", entry " + std::to_string(entry) + ": " + reason);
}

// ---- states

Result<Item> Holdings::set_state(const ItemId& id, ItemState to, const std::string& reason,
                                 const Agent& by) {
  using enum ItemState;
  if (to != registered) ALIH_CHECK(check_reason(reason));
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  const bool ended = item.state == withdrawn || item.state == rejected || item.state == returned;
  const bool has_pages = page_count(id) > 0;
  const bool possible = to == on_hold      ? !ended && item.state != on_hold
                        : to == registered ? item.state == on_hold
                        : to == rejected   ? !ended && item.version == 0
                        : to == returned   ? !ended && !has_pages
                                           : false;
  if (!possible || item.sequence_no == 0) {
    return fail(ErrorCode::wrong_state, "{} berstatus {} dan tidak dapat menjadi {}",
                "{} is {} and cannot become {}",
                {item.digitization_no, label(item.state).id, label(to).id});
  }
  item.state = to;
  ALIH_TRY(item, save_item(std::move(item), "state change", by,
                           std::string(word(to)) + (reason.empty() ? "" : ": " + reason)));
  if (to == registered) ALIH_CHECK(settle(id));
  renew_package(id, by, std::string(word(to)));
  return database_->item(id);
}

Result<Item> Holdings::send_back(const ItemId& id, const std::string& reason, const Agent& by) {
  using enum ItemState;
  ALIH_CHECK(check_reason(reason));
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  const bool read = item.state == processed || item.state == indexed || item.state == checked;
  if (!read || item.sequence_no == 0) {
    return fail(ErrorCode::wrong_state,
                "{} berstatus {}; yang dapat dikembalikan ke langkah 2: yang "
                "sudah dibaca",
                "{} is {}; what can go back to step 2 is what has been read",
                {item.digitization_no, label(item.state).id});
  }
  item.state = registered;
  item.fields["qc_by"] = {by.name};
  item.fields["qc_result"] = {"returned"};
  item.fields["qc_on"] = {local_date()};
  ALIH_TRY(item, save_item(std::move(item), "quality control", by,
                           "description returned: " + reason, "failure"));
  renew_package(id, by, "quality control");
  return database_->item(id);
}

Result<Item> Holdings::clock(const ItemId& id, int step, bool begins, const Agent& by) {
  constexpr int kFirst = 2;
  constexpr int kLast = 4;
  if (step < kFirst || step > kLast) {
    return fail(ErrorCode::usage, "Langkah SOP yang diukur: 2, 3, atau 4",
                "Steps of the procedure that are measured: 2, 3 or 4");
  }
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  bool running = false;
  for (const auto& e : database_->events_of(id, "")) {
    if (!e.detail.starts_with("step " + std::to_string(step))) continue;
    if (e.type == "step begun") running = true;
    if (e.type == "step ended") running = false;
  }
  if (running == begins) {
    return fail(ErrorCode::wrong_state,
                begins ? "Langkah {} pada {} sudah dimulai" : "Langkah {} pada {} belum dimulai",
                begins ? "Step {} of {} is begun already" : "Step {} of {} is not begun",
                {step, item.digitization_no});
  }
  return save_item(std::move(item), begins ? "step begun" : "step ended", by,
                   "step " + std::to_string(step));
}

// ---- the book

std::vector<std::string> Holdings::people_of(const ItemId& item) const {
  std::vector<std::string> out;
  for (const auto& e : database_->events(item)) {
    if (e.agent.kind != "person") continue;
    if (std::find(out.begin(), out.end(), e.agent.name) == out.end()) out.push_back(e.agent.name);
  }
  return out;
}

std::vector<Closing> Holdings::closings() const {
  std::vector<Closing> out;
  (void)database_->each_book("closing-", [&](const BookRecord& record) {
    if (auto c = closing_from_json(record.body)) out.push_back(std::move(*c));
    return true;
  });
  return out;
}

std::optional<Closing> Holdings::closing_of(std::string_view date) const {
  constexpr std::size_t kYear = 4;
  constexpr std::size_t kMonth = 7;
  for (const auto size : {kMonth, kYear}) {
    if (date.size() < size) continue;
    const auto record = database_->book(closing_name(date.substr(0, size)));
    if (!record) continue;
    if (auto c = closing_from_json(record->body)) return std::move(*c);
  }
  return std::nullopt;
}

std::string Holdings::month_of_line(const Item& item) const {
  constexpr std::size_t kMonth = 7;
  auto month = dated(item).substr(0, kMonth);
  if (!closing_of(month)) return month;
  month = std::max(month, local_date().substr(0, kMonth));
  constexpr int kMost = 1200;  // months; a year closed in December sends its corrections to January
  for (int i = 0; i < kMost && closing_of(month); ++i) month = next_month(month);
  return month;
}

Result<std::vector<Holdings::BookLine>> Holdings::book_lines(std::string_view period) const {
  std::vector<BookLine> out;
  for (auto& item : database_->items({})) {
    const bool own = in_period(dated(item), period);
    if (item.lines.empty()) {
      if (!own) continue;
      RegisterLine line;
      line.version = 1;
      line.month = dated(item).substr(0, 7);
      line.values = book_values(item, database_->pages(item.id), people_of(item.id));
      out.push_back({std::move(item), std::move(line), true, false, false});
      continue;
    }
    const auto last = std::find_if(item.lines.rbegin(), item.lines.rend(),
                                   [&](const auto& l) { return in_period(l.month, period); });
    if (last == item.lines.rend()) continue;
    for (const auto& line : item.lines) {
      if (!in_period(line.month, period)) continue;
      out.push_back({item, line, line.version == 1, line.version != last->version, true});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const BookLine& a, const BookLine& b) {
    if (a.first != b.first) return a.first;
    return !a.first && a.line.event < b.line.event;
  });
  return out;
}

Result<Item> Holdings::correct_line(const ItemId& id,
                                    const std::vector<std::pair<std::string, std::string>>& fields,
                                    const std::string& reason, const Agent& by) {
  ALIH_CHECK(check_reason(reason));
  if (fields.empty()) {
    return fail(ErrorCode::bad_field, "Sebutkan kolom yang diperbaiki: kolom=nilai",
                "Say which field is corrected: field=value");
  }
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(auto item, database_->item(id));
  if (item.sequence_no == 0) {
    return fail(ErrorCode::wrong_state, "{} bukan baris Buku Inventaris",
                "{} is no line of the register", {item.digitization_no});
  }
  // Checked first: a correction that is refused must not leave ink behind.
  auto wanted = item;
  std::set<std::string> touched;
  for (const auto& [name, value] : fields) {
    ALIH_CHECK(touched.insert(name).second ? set_field(wanted, name, value)
                                           : add_field(wanted, name, value));
  }
  const auto pages = database_->pages(id);
  if (book_values(wanted, pages, {}) == book_values(item, pages, {})) {
    return fail(ErrorCode::wrong_state, "Tidak ada kolom Buku Inventaris yang berubah pada {}",
                "Nothing of the line of {} changes", {item.digitization_no});
  }
  if (item.lines.empty()) {
    ALIH_TRY(item, save_item(std::move(item), "register entry", by, "written before a correction",
                             "success", Ink::now));
  }
  return change_fields(std::move(item), fields, by, reason, Ink::now);
}

Result<Closing> Holdings::close_period(Closing draft, const Agent& by) {
  const auto& period = draft.period;
  const bool year = period.size() == 4;
  if (indonesian::date_words(period + (year ? "-01-01" : "-01")).date.empty()) {
    return fail(ErrorCode::usage, "Tulis tahun atau bulan, misalnya 2026 atau 2026-11",
                "Write a year or month, e.g. 2026 or 2026-11");
  }
  ALIH_TRY(const auto lock, turn());
  const auto today = local_date();
  if (today < last_day(period)) {
    return fail(ErrorCode::wrong_state, "{} belum berakhir; dapat ditutup mulai {}",
                "{} is not over; it can be closed from {} on", {period, last_day(period)});
  }
  if (const auto closed = closing_of(period)) {
    return fail(ErrorCode::wrong_state, "Buku Inventaris {} sudah ditutup pada {} oleh {}",
                "The register of {} was closed on {} by {}",
                {closed->period, closed->closed_on, closed->by});
  }
  std::vector<Item> to_write;
  std::string missing;
  int told = 0;
  for (auto& item : database_->items({})) {
    if (!in_period(dated(item), period)) continue;
    const bool ended = item.state == ItemState::withdrawn || item.state == ItemState::rejected ||
                       item.state == ItemState::returned;
    if (const auto names = missing_in_book(item); !names.empty() && !ended) {
      constexpr int kMost = 20;
      if (++told <= kMost) {
        missing += (missing.empty() ? "" : "; ") + item.digitization_no + ": ";
        for (std::size_t i = 0; i < names.size(); ++i) missing += (i > 0 ? ", " : "") + names[i];
      } else if (told == kMost + 1) {
        missing += "; …";
      }
    }
    if (item.lines.empty()) to_write.push_back(std::move(item));
  }
  if (!missing.empty()) {
    return fail(ErrorCode::wrong_state, "Buku Inventaris {} belum lengkap: {}",
                "The register of {} is incomplete: {}", {period, missing});
  }
  ALIH_CHECK(files_.check_room(0));
  for (auto& item : to_write) {
    const auto id = item.id;
    ALIH_CHECK(save_item(std::move(item), "register entry", by, "closing of " + period, "success",
                         Ink::now));
    renew_package(id, by, "register line");
  }
  ALIH_TRY(const auto lines, book_lines(period));
  draft.lines_sha256 = lines_digest(lines, draft.lines);
  draft.closed_on = today;
  draft.at = utc_now();
  draft.by = by.name;
  ALIH_CHECK(save_book(
      closing_name(period), to_json(draft), "register closing", by,
      period + ", " + std::to_string(draft.lines) + " lines, SHA-256 " + draft.lines_sha256));
  return draft;
}

}  // namespace alih::pipeline
