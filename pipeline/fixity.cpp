// Holdings' looking after: files against digests, objects against their inventories, the database
// against the files, the register, the chain of events.
#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "core/clock.h"
#include "core/fields.h"
#include "core/json.h"
#include "indexer/text_record.h"
#include "pipeline/chain.h"
#include "pipeline/holdings.h"
#include "repository/book_files.h"
#include "repository/catalogue_files.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using indexer::Change;
using indexer::Database;
using repository::Repository;

constexpr const char* kOtherBytes = "the bytes are not those that were stored";

std::string page_place(const Item& item, const Page& page) {
  return item.digitization_no + " #" + std::to_string(page.number);
}

void check_database(const Database& database, const ItemRecord& record,
                    const std::vector<PageRecord>& pages, VerifyReport& report,
                    std::map<std::string, Fixity>& masters) {
  const auto& id = record.item.id;
  const auto problem = [&](std::string kind, std::string where, std::string detail) {
    report.problems.push_back({std::move(kind), std::move(where), std::move(detail), {}, {}});
  };
  const auto known = database.item(id);
  if (!known || !(*known == record.item)) {
    problem("database_differs", record.item.digitization_no,
            "the item in the database is not the one in its file");
  }
  std::set<int> in_files;
  for (const auto& p : pages) {
    in_files.insert(p.page.file_seq);
    const auto page = database.page_by_seq(id, p.page.file_seq);
    const auto text = database.text(id, p.page.file_seq);
    if (!page || !(*page == p.page)) {
      problem("database_differs", page_place(record.item, p.page),
              "the page in the database is not the one in its file");
    } else if (!text || (p.page.state == PageState::indexed &&
                         indexer::encode_text(*text) != indexer::encode_text(p.text))) {
      problem("database_differs", page_place(record.item, p.page),
              "the text in the database is not the one in its file");
    }
  }
  for (const auto& page : database.pages(id)) {
    if (in_files.contains(page.file_seq)) continue;
    const auto name = file_name(record.item.digitization_no, 'x', page.file_seq, "json");
    report.problems.push_back({"missing_file", record.item.digitization_no + "/" + name,
                               "the page's record file is gone", id, name});
    masters[page.master.file] = page.master.fixity;
  }
}

// Lines of the book: each as it was written, with the event that names its digest, and the newest
// one true of the item's files, as far as these are whole.
void check_lines(const ItemRecord& record, const std::vector<PageRecord>& pages, bool whole,
                 VerifyReport& report) {
  const auto& item = record.item;
  const auto problem = [&](std::string detail) {
    report.problems.push_back(
        {"register_line", item.digitization_no, std::move(detail), std::nullopt, ""});
  };
  std::size_t told = 0;  // lines that events speak of
  for (const auto& e : record.events) {
    if (e.type == "register line" || e.type == "register correction") ++told;
  }
  if (told != item.lines.size()) {
    problem("events tell of " + std::to_string(told) + " lines, there are " +
            std::to_string(item.lines.size()));
  }
  int version = 0;
  for (const auto& line : item.lines) {
    const auto place = "line " + std::to_string(line.version);
    if (line.version != ++version) problem(place + " is not line " + std::to_string(version));
    if (line.sha256 != register_line_digest(line)) problem(place + " was changed");
    const auto event = std::find_if(record.events.begin(), record.events.end(),
                                    [&](const Event& e) { return e.sequence == line.event; });
    if (event == record.events.end() || event->detail.find(line.sha256) == std::string::npos) {
      problem(place + " is not what its event says");
    }
  }
  if (item.lines.empty() || !whole) return;
  std::vector<Page> now;
  for (const auto& p : pages) now.push_back(p.page);
  auto written = item.lines.back().values;
  written.erase("operator");
  if (book_values(item, now, {}) != written) {
    problem("the newest line is not what the item and its files say");
  }
}

// One item's files; `database` may be null.
void check_item(const Repository& files, const Database* database, const ItemId& id,
                VerifyReport& report, const repository::ReadPace& pace) {
  const auto add = [&](std::string kind, std::string where, std::string detail, std::string file) {
    report.problems.push_back(
        {std::move(kind), std::move(where), std::move(detail), id, std::move(file)});
  };
  auto number = id.str();
  const auto first = report.problems.size();
  // The object's own check has told of this file already.
  const auto told = [&](const std::string& name) {
    return std::any_of(report.problems.begin() + static_cast<std::ptrdiff_t>(first),
                       report.problems.end(),
                       [&](const Problem& p) { return p.file.ends_with("/" + name); });
  };
  std::map<std::string, Fixity> read;  // of the item's object, by name
  if (files.objects().has(id)) {
    files.objects().check(
        id,
        [&](const std::string& where, const std::string& detail) {
          // "<id>" or "<id>/<path within the object>"
          auto path = where.size() > id.str().size() ? where.substr(id.str().size() + 1) : "";
          if (detail.starts_with("0=")) path = "0=ocfl_object_1.1";
          if (path.find('/') == std::string::npos && !path.starts_with("0=")) {
            path += path.empty() ? "inventory.json" : "/inventory.json";  // of a version
          }
          add("ocfl", where, detail, path);
        },
        [&](const std::string& path, const Fixity& fixity) {
          ++report.checked_files;
          report.checked_bytes += fixity.bytes;
          read[path.substr(path.rfind('/') + 1)] = fixity;
        },
        pace);
  }
  ++report.checked_files;
  const auto record = files.read_item(id);
  if (!record) {
    if (told("item.json")) return;
    const bool gone = record.error().code == ErrorCode::not_found;
    if (database != nullptr) {
      if (const auto known = database->item(id)) number = known->digitization_no;
    }
    add(gone ? "missing_file" : "damaged_record", number + "/item.json", record.error().message.en,
        "item.json");
    return;
  }
  number = record->item.digitization_no;
  // The events in a record's file are what rebuild takes: each must be what its digest says.
  const auto check_events = [&](const std::vector<Event>& events, const std::string& name) {
    for (const auto& e : events) {
      if (e.sha256 == event_digest(e) || told(name)) continue;
      add("damaged_record", number + "/" + name,
          "event " + std::to_string(e.sequence) + " was changed", name);
      return;
    }
  };
  check_events(record->events, "item.json");
  std::vector<PageRecord> pages;
  std::map<std::string, Fixity> masters;
  const auto bad = files.each_page(id, [&](PageRecord page) {
    ++report.checked_files;
    const auto& master = page.page.master;
    const auto [known, first_of_it] = masters.emplace(master.file, master.fixity);
    if (!first_of_it && !known->second.same_bytes(master.fixity) && !told(master.file)) {
      add("damaged_file", number + "/" + master.file, "two pages name it with different digests",
          master.file);
    }
    check_events(page.events, file_name(number, 'x', page.page.file_seq, "json"));
    pages.push_back(std::move(page));
  });
  for (const auto& [name, error] : bad) {
    if (!told(name)) add("damaged_record", number + "/" + name, error.message.en, name);
  }
  if (database != nullptr) {
    VerifyReport differences;
    check_database(*database, *record, pages, differences, masters);
    for (auto& p : differences.problems) {
      // What cannot be read is told once.
      if (p.kind == "missing_file" && (bad.contains(p.file) || told(p.file))) continue;
      report.problems.push_back(std::move(p));
    }
  }
  // What is damaged or gone is told already, and then nothing can be said of the newest line.
  check_lines(*record, pages, bad.empty() && report.problems.size() == first, report);
  for (const auto& [name, fixity] : masters) {
    if (const auto closed = read.find(name); closed != read.end()) {
      if (!closed->second.same_bytes(fixity) && !told(name)) {
        add("damaged_file", number + "/" + name, kOtherBytes, name);
      }
      continue;
    }
    if (told(name)) continue;  // gone from its object
    const auto now = repository::file_fixity(files.item_folder(id) / name, pace);
    ++report.checked_files;
    if (!now && now.error().code == ErrorCode::stopped) return;
    if (!now) {
      add(now.error().code == ErrorCode::not_found ? "missing_file" : "unreadable_file",
          number + "/" + name, now.error().message.en, name);
    } else {
      report.checked_bytes += now->bytes;
      if (!now->same_bytes(fixity)) add("damaged_file", number + "/" + name, kOtherBytes, name);
    }
  }
}

// Batches and closings: files against their events, the database against the files, numbers of
// batches without gaps, closings against the lines that they closed.
void check_books(const fs::path& data, const Holdings& holdings, VerifyReport& report) {
  const auto& database = holdings.database();
  const auto problem = [&](std::string kind, std::string where, std::string detail) {
    report.problems.push_back({std::move(kind), std::move(where), std::move(detail), {}, {}});
  };
  const auto file_problem = [&](std::string kind, const std::string& name, std::string detail) {
    const auto where = "register/" + name;
    report.problems.push_back({std::move(kind), where, std::move(detail), {}, where + ".json"});
  };
  std::set<std::string> names;
  for (const auto& name : repository::book_files(data)) {
    names.insert(name);
    ++report.checked_files;
    const auto record = repository::read_book_file(data, name);
    if (!record) {
      file_problem("damaged_record", name, record.error().message.en);
      continue;
    }
    const auto known = database.book(name);
    if (!known || !(*known == *record)) {
      file_problem("database_differs", name, "the database has another one");
    }
  }
  std::map<int, int> expected;  // year -> next number of a batch
  const auto read = database.each_book("", [&](const BookRecord& record) {
    if (!names.contains(record.name)) {
      file_problem("missing_file", record.name, "the file is gone");
    }
    if (const auto h = handover_from_json(record.body); h && record.name.starts_with("handover-")) {
      const int next = expected.emplace(h->year, 1).first->second++;
      if (h->sequence_no != next) {
        problem("register_gap", h->batch_no,
                "handover " + std::to_string(next) + " of " + std::to_string(h->year) +
                    " is not there");
        expected[h->year] = h->sequence_no + 1;
      }
    }
    return true;
  });
  if (!read) problem("database_damaged", "register", read.error().message.en);
  for (const auto& closing : holdings.closings()) {
    const auto lines = holdings.book_lines(closing.period);
    if (!lines) {
      problem("register_closing", closing.period, lines.error().message.en);
      continue;
    }
    std::string all;
    int count = 0;
    for (const auto& l : *lines) {
      if (!l.in_ink) {
        problem("register_closing", closing.period,
                l.item.digitization_no + " has no line in a closed book");
        continue;
      }
      all += l.line.sha256 + "\n";
      ++count;
    }
    if (count != closing.lines || sha256_hex(all) != closing.lines_sha256) {
      problem("register_closing", closing.period, "the lines are not those that were closed");
    }
  }
}

// The catalogue's files against their events, and, with a database, what it has of them.
void check_catalogue(const fs::path& data, const Database* database, VerifyReport& report) {
  const auto problem = [&](std::string kind, std::string where, std::string detail) {
    report.problems.push_back({std::move(kind), std::move(where), std::move(detail), {}, {}});
  };
  const auto file_problem = [&](std::string kind, const std::string& name, std::string detail) {
    const auto where = "catalogue/" + name;
    report.problems.push_back({std::move(kind), where, std::move(detail), {}, where});
  };
  std::map<ItemId, std::string> newest;  // digests
  bool whole = true;
  const auto names = repository::catalogue_files(data);
  for (const auto& name : names) {
    ++report.checked_files;
    std::error_code error;
    const auto bytes = fs::file_size(data / "catalogue" / name, error);
    if (!error) report.checked_bytes += bytes;
    const auto read =
        repository::read_catalogue_file(data, name, [&](const CatalogueRecord& record) -> Status {
          newest[record.item.id] = sha256_hex(to_json(record));
          return {};
        });
    if (read) continue;
    whole = false;
    file_problem("damaged_record", name, read.error().message.en);
  }
  if (database == nullptr) return;
  for (const auto& name : database->catalogue_file_names()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    whole = false;
    file_problem("missing_file", name, "the file of an import is gone");
  }
  if (!whole) return;
  std::size_t seen = 0;
  const auto read = database->each_catalogue_record([&](const CatalogueRecord& record) {
    ++seen;
    const auto found = newest.find(record.item.id);
    if (found == newest.end() || found->second != sha256_hex(to_json(record))) {
      problem("database_differs", "catalogue " + record.item.id.str(),
              "the catalogue record in the database is not the one in its file");
    }
    return true;
  });
  if (!read || seen != newest.size()) {
    problem("database_differs", "catalogue",
            "the database has " + std::to_string(seen) + " catalogue records, the files " +
                std::to_string(newest.size()));
  }
}

// The accounts' files against their events, and these against the chain.
void check_people(const fs::path& data, const Database* database, VerifyReport& report) {
  const auto problem = [&](std::string kind, std::string where, std::string detail) {
    report.problems.push_back({std::move(kind), std::move(where), std::move(detail), {}, {}});
  };
  People people;
  people.load(data);
  for (const auto& name : people.damaged()) {
    problem("damaged_record", "people/" + name,
            "it cannot be read, or is not what its last event says");
  }
  std::map<std::uint64_t, std::pair<std::string, std::string>> wanted;  // sequence -> digest, file
  for (const auto& account : people.all()) {
    ++report.checked_files;
    for (const auto& e : people.events_of(account.id)) {
      wanted[e.sequence] = {e.sha256, "people/" + account.id.str() + ".json"};
    }
  }
  if (database == nullptr) return;
  std::set<std::uint64_t> seen;
  std::size_t unknown = 0;
  (void)database->each_event([&](const Event& e) {
    const auto found = wanted.find(e.sequence);
    if (found != wanted.end() && found->second.first == e.sha256) {
      seen.insert(e.sequence);
    } else if (e.item.empty() && e.detail.starts_with("account ")) {
      ++unknown;
    }
    return true;
  });
  for (const auto& [sequence, event] : wanted) {
    if (seen.contains(sequence)) continue;
    problem("database_differs", event.second,
            "the database does not have event " + std::to_string(sequence) + " of the account");
  }
  if (unknown > 0 && people.damaged().empty()) {
    problem("missing_file", "people",
            std::to_string(unknown) + " events are of accounts whose file is gone or older");
  }
}

void check_register(const Database& database, VerifyReport& report) {
  const auto problem = [&](std::string where, std::string detail) {
    report.problems.push_back({"register_gap", std::move(where), std::move(detail), {}, {}});
  };
  for (const int year : database.register_years()) {
    int expected = 1;
    for (const auto& [sequence, id] : database.numbers(year)) {
      for (; expected < sequence; ++expected) {
        problem(digitization_no(year, expected), "the number is not in the register");
      }
      const auto item = database.item(id);
      if (!item || item->sequence_no != sequence || item->year != year) {
        problem(digitization_no(year, sequence), "the number names no such item");
      }
      ++expected;
    }
  }
}

}  // namespace

void Holdings::verify_item(const ItemId& item, VerifyReport& report,
                           const repository::ReadPace& pace) const {
  check_item(files_, database_.get(), item, report, pace);
  const auto known = database_->item(item);
  if (known && !open_personal(files_.data_folder(), *known)) {
    report.problems.push_back({"missing_file",
                               "keys/personal/" + item.str() + ".key",
                               "the key of the item's personal data is gone or does not fit",
                               {},
                               {}});
  }
}

VerifyReport Holdings::verify(const std::vector<ItemId>& only, const Progress& progress,
                              const std::vector<fs::path>& heads) const {
  VerifyReport report;
  const auto problem = [&](std::string kind, std::string where, std::string detail) {
    report.problems.push_back({std::move(kind), std::move(where), std::move(detail), {}, {}});
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
    verify_item(id, report);
    progress(++done, ids.size());
  }
  if (!only.empty()) return report;

  for (const auto& id : files_.without_record()) {
    if (database_->item(id) || files_.in_work(id)) continue;
    report.problems.push_back(
        {"orphan", id.str(), "files of an item that has no record; nothing names them", id, ""});
  }
  files_.objects().check_root(
      [&](const std::string& where, const std::string& detail) { problem("ocfl", where, detail); });
  check_register(*database_, report);
  check_catalogue(files_.data_folder(), database_.get(), report);
  check_books(files_.data_folder(), *this, report);
  check_people(files_.data_folder(), database_.get(), report);
  for (const auto& broken : check_chain(*database_, files_.data_folder(), heads)) {
    problem("event_chain", broken.where, broken.detail);
  }
  if (const auto sums = database_->verify_checksums(); !sums) {
    problem("database_damaged", "index", sums.error().message.en);
  }
  return report;
}

VerifyReport verify_files(const Repository& files, const Progress& progress) {
  VerifyReport report;
  const auto ids = files.items();
  std::uint64_t done = 0;
  for (const auto& id : ids) {
    check_item(files, nullptr, id, report, {});
    progress(++done, ids.size());
  }
  for (const auto& id : files.without_record()) {
    report.problems.push_back({"missing_file", id.str() + "/item.json",
                               "the item's record file is gone", id, "item.json"});
  }
  files.objects().check_root([&](const std::string& where, const std::string& detail) {
    report.problems.push_back({"ocfl", where, detail, {}, {}});
  });
  check_catalogue(files.data_folder(), nullptr, report);
  for (const auto& name : repository::book_files(files.data_folder())) {
    ++report.checked_files;
    if (const auto read = repository::read_book_file(files.data_folder(), name); !read) {
      report.problems.push_back({"damaged_record",
                                 "register/" + name,
                                 read.error().message.en,
                                 {},
                                 "register/" + name + ".json"});
    }
  }
  check_people(files.data_folder(), nullptr, report);
  return report;
}

Result<int> Holdings::mark(const ItemId& id, const std::vector<Problem>& problems) {
  ALIH_TRY(const auto lock, turn());
  Change change;
  std::set<std::string> now;
  std::set<std::string> before;
  for (const auto& d : database_->damage(id)) before.insert(d.file);
  std::string fresh;
  int count = 0;
  for (const auto& p : problems) {
    if (p.item != id || p.file.empty() || !now.insert(p.file).second) continue;
    if (before.contains(p.file)) continue;
    change.put_damage.push_back({id, p.file, p.kind, p.detail, utc_now()});
    fresh += (fresh.empty() ? "" : "; ") + p.file + ": " + p.detail;
    ++count;
  }
  for (const auto& file : before) {
    if (!now.contains(file)) change.gone_damage.push_back({id, file, {}, {}, {}});
  }
  if (change.put_damage.empty() && change.gone_damage.empty()) return 0;
  ALIH_CHECK(database_->commit(change));
  const auto item = database_->item(id);
  if (count > 0 && item) {
    constexpr std::size_t kLongest = 2000;
    ALIH_TRY([[maybe_unused]] const auto saved, save_item(*item, "fixity check", program_agent(),
                                                          fresh.substr(0, kLongest), "failure"));
  }
  return count;
}

Holdings::PatrolState Holdings::patrol_state() const {
  PatrolState state;
  const auto j = nlohmann::json::parse(database_->meta("patrol"), nullptr, false);
  if (!j.is_object()) return state;
  state.round_began = j.value("round_began", std::string());
  state.last_round_ended = j.value("last_round_ended", std::string());
  state.cursor = j.value("cursor", std::string());
  state.checked_files = j.value("checked_files", std::uint64_t{0});
  state.checked_bytes = j.value("checked_bytes", std::uint64_t{0});
  state.last_round_bytes = j.value("last_round_bytes", std::uint64_t{0});
  return state;
}

Status Holdings::set_patrol_state(const PatrolState& s) {
  Change change;
  change.meta.emplace_back("patrol", nlohmann::json{{"round_began", s.round_began},
                                                    {"last_round_ended", s.last_round_ended},
                                                    {"cursor", s.cursor},
                                                    {"checked_files", s.checked_files},
                                                    {"checked_bytes", s.checked_bytes},
                                                    {"last_round_bytes", s.last_round_bytes}}
                                         .dump());
  return database_->commit(change);
}

int Holdings::sweep_orphans(const ItemId& id) {
  const std::lock_guard lock(mutex_);
  if (!torn_.empty() || files_.in_work(id)) return 0;
  std::set<std::string> named;
  for (const auto& page : database_->pages(id)) named.insert(page.master.file);
  if (!database_->item(id)) return 0;
  int count = 0;
  constexpr auto kOld = std::chrono::hours(24);
  std::error_code error;
  std::vector<fs::path> old;
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator it(files_.item_folder(id), error), end; !error && it != end;
       it.increment(error)) {
    const auto name = it->path().filename().string();
    std::error_code ignored;
    if (name.find("_m_") == std::string::npos || named.contains(name)) continue;
    const auto written = fs::last_write_time(it->path(), ignored);
    if (!ignored && now - written > kOld) old.push_back(it->path());
  }
  for (const auto& path : old) count += fs::remove(path, error) ? 1 : 0;
  return count;
}

Status Holdings::restore_record(const ItemId& id, const std::string& file) {
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(const auto item, database_->item(id));
  if (file == "item.json") return files_.write(ItemRecord{item, database_->events_of(id, "")});
  for (const auto& page : database_->pages(id)) {
    if (file_name(item.digitization_no, 'x', page.file_seq, "json") != file) continue;
    ALIH_TRY(const auto record, page_record(id, page.file_seq));
    return files_.write(record, item.digitization_no);
  }
  return fail(ErrorCode::not_found, "Basis data tidak mengenal {}", "The database does not know {}",
              {file});
}

Status Holdings::repaired(const ItemId& id, const std::string& detail, const Agent& by) {
  VerifyReport now;
  verify_item(id, now);
  ALIH_TRY([[maybe_unused]] const auto marked, mark(id, now.problems));
  ALIH_TRY(const auto lock, turn());
  ALIH_TRY(const auto item, database_->item(id));
  ALIH_TRY([[maybe_unused]] const auto saved, save_item(item, "recovery", by, detail));
  renew_package(id, by, "repaired: " + detail);
  return {};
}

}  // namespace alih::pipeline
