#include "pipeline/catalogue.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/clock.h"
#include "core/fields.h"
#include "core/text.h"
#include "pipeline/accounts.h"
#include "pipeline/import_worker.h"
#include "pipeline/intake.h"
#include "repository/catalogue_files.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using indexer::Identifier;
using repository::ImportRow;

constexpr std::size_t kMostRefused = 10000;

// ---- rows of the catalogue

CatalogueRecord record_of(ImportRow row, const ImportRequest& request) {
  CatalogueRecord out;
  out.item.series = request.series.empty() ? kCatalogueSeries : request.series;
  out.item.state = ItemState::received;
  out.item.fields = std::move(row.fields);
  remove_personal(out.item);  // a catalogue is of things, not of people
  out.extra = std::move(row.extra);
  // A record that went out from here and comes back says which item it was.
  for (const auto& [name, value] : row.given) out.extra[name] = {value};
  out.source = request.from;
  out.identity = identity_of(out.item, out.extra);
  return out;
}

// ---- rows of a register

struct Planned {
  int row = 0;
  Item item;  // with its number, 0 = the next one
  std::vector<fs::path> paths;
  std::optional<ItemId> known;  // in the register already
  bool struck = false;          // in the paper register: it keeps its number, withdrawn
};

std::string listed(const std::vector<std::string>& numbers) {
  std::string out;
  constexpr std::size_t kMost = 5;
  for (std::size_t i = 0; i < numbers.size() && i < kMost; ++i) {
    out += (out.empty() ? "" : ", ") + numbers[i];
  }
  return out + (numbers.size() > kMost ? ", …" : "");
}

// What a row of the register says that the table of fields does not hold goes into its note.
Status describe(Item& item, const ImportRow& row, const ImportRequest& request) {
  ALIH_CHECK(set_field(item, "series", request.series.empty() ? "ALM-KOL" : request.series));
  item.fields = row.fields;
  std::string note = item.field("note");
  for (const auto& [column, values] : row.extra) {
    for (const auto& v : values) note += (note.empty() ? "" : "; ") + column + ": " + v;
  }
  if (!note.empty()) ALIH_CHECK(set_field(item, "note", note));
  for (const char* name : {"access_class", "rights_status"}) {
    if (const auto v = row.given.find(name); v != row.given.end()) {
      ALIH_CHECK(set_field(item, name, v->second));
    }
  }
  return {};
}

// The number of a row: as it stands, or its year with the running number.
Result<NumberParts> number_of(const ImportRow& row) {
  const auto given = [&](const char* name) {
    const auto v = row.given.find(name);
    return v == row.given.end() ? std::string() : v->second;
  };
  if (const auto no = given("digitization_no"); !no.empty()) {
    const auto parts = parse_digitization_no(no);
    if (!parts) {
      return fail(ErrorCode::bad_field, "nomor \"{}\" tidak terbaca; tulis seperti ALM/2019/000012",
                  "the number \"{}\" cannot be read; write it like ALM/2019/000012", {no});
    }
    return *parts;
  }
  const auto sequence = given("sequence_no");
  if (sequence.empty()) return NumberParts{};
  const auto date = given("registered_on");
  constexpr std::size_t kMostDigits = 6;
  if (!all_digits(sequence) || sequence.size() > kMostDigits || std::stoi(sequence) == 0 ||
      date.empty()) {
    return fail(ErrorCode::bad_field,
                "No. Urut \"{}\" memerlukan tanggal registrasi pada baris itu",
                "sequence no. \"{}\" needs the date of registration in its row", {sequence});
  }
  return NumberParts{std::stoi(date.substr(0, 4)), std::stoi(sequence)};
}

class RegisterImport {
 public:
  RegisterImport(Holdings& holdings, const ImportRequest& request, ImportReport& report)
      : holdings_(holdings),
        request_(request),
        report_(report),
        folder_(request.folder.empty() ? request.file.parent_path() : request.folder) {}

  // A planned row, or why it cannot be taken.
  Status plan(const ImportRow& row) {
    Planned p;
    p.row = row.row;
    ALIH_CHECK(describe(p.item, row, request_));
    ALIH_TRY(const auto number, number_of(row));
    p.item.year = number.year;
    p.item.sequence_no = number.sequence_no;
    if (const auto date = row.given.find("registered_on"); date != row.given.end()) {
      p.item.registered_on = date->second;
      if (number.year == 0) {
        p.item.year = 0;  // a date alone keeps no number
      } else if (std::stoi(date->second.substr(0, 4)) != number.year) {
        return fail(ErrorCode::bad_field, "tanggal {} tidak dalam tahun nomor {}",
                    "the date {} is not in the year of the number {}",
                    {date->second, digitization_no(number.year, number.sequence_no)});
      }
    }
    if (const auto struck = row.given.find("struck"); struck != row.given.end()) {
      const auto& v = struck->second;
      p.struck = !v.empty() && v != "-" && v != "0" && v != "tidak" && v != "Tidak";
      if (p.struck && number.sequence_no == 0) {
        return fail(ErrorCode::bad_field, "baris yang dicoret memerlukan nomor",
                    "a row that was struck out needs its number");
      }
    }
    if (const auto path = row.given.find("path"); path != row.given.end()) {
      if (!request_.takes_files) {
        return fail(
            ErrorCode::bad_field,
            "kolom path hanya dapat dipakai dari baris perintah di komputer layanan",
            "a path column can only be used from the command line of the service's machine");
      }
      for (const auto& one : split_paths(path->second)) {
        fs::path given(one);
        auto whole = given.is_absolute() ? given : folder_ / given;
        std::error_code error;
        if (!fs::exists(whole, error)) {
          return fail(ErrorCode::not_found, "berkas {} tidak ada", "there is no file {}", {one});
        }
        p.paths.push_back(std::move(whole));
      }
    }
    if (number.sequence_no > 0) {
      const auto no = digitization_no(number.year, number.sequence_no);
      if (!numbers_.emplace(no, row.row).second) {
        return fail(ErrorCode::duplicate, "nomor {} sudah dipakai baris {}",
                    "number {} is row {}'s already", {no, numbers_[no]});
      }
      if (const auto found = holdings_.database().find_item(no)) {
        ALIH_CHECK(may_name(*found));
        if (found->field("title") != p.item.field("title")) {
          return fail(ErrorCode::duplicate, "nomor {} sudah dipakai bahan lain: {}",
                      "number {} is another item's: {}", {no, found->field("title")});
        }
        p.known = found->id;
      }
      if (const auto closed = holdings_.closing_of(p.item.registered_on); closed && !p.known) {
        return fail(ErrorCode::wrong_state, "Buku Inventaris {} sudah ditutup",
                    "the register of {} is closed", {closed->period});
      }
    } else if (const auto same = with_its_numbers(p.item)) {
      p.known = same;
    } else if (p.paths.empty()) {
      ALIH_CHECK(refuse_digitised(holdings_.database(), p.item));  // perhaps by one that is hidden
      return fail(ErrorCode::bad_field, "nomor inventaris dan berkas sama-sama kosong",
                  "neither a number nor a file is given");
    }
    if (p.known) {
      ALIH_TRY(const auto before, holdings_.database().item(*p.known));
      const auto fields = changes(p, before);
      if (!fields.empty()) {
        ALIH_CHECK(permit_fields(request_.subject, before, fields, before.digitization_no));
      }
      const bool gets_pages = !p.paths.empty() && holdings_.page_count(*p.known) == 0;
      if (gets_pages) {
        ALIH_CHECK(access::permit(request_.subject, access::Action::take_in, before,
                                  before.digitization_no));
      }
    }
    planned_.push_back(std::move(p));
    return {};
  }

  // Numbers without gaps, year by year: what the paper book has, the sheet must have.
  void check_numbers() {
    std::map<int, std::map<int, int>> years;  // year -> sequence -> row
    for (const auto& p : planned_) {
      if (p.item.sequence_no > 0) years[p.item.year][p.item.sequence_no] = p.row;
    }
    for (const auto& [year, rows] : years) {
      std::set<int> there;
      for (const auto& [sequence, id] : holdings_.database().numbers(year)) there.insert(sequence);
      std::vector<std::string> missing;
      int expected = 1;
      constexpr std::size_t kMost = 1000;
      for (; expected < rows.rbegin()->first && missing.size() < kMost; ++expected) {
        if (!there.contains(expected) && !rows.contains(expected)) {
          missing.push_back(digitization_no(year, expected));
        }
      }
      if (missing.empty()) continue;
      const auto first_behind =
          rows.upper_bound(parse_digitization_no(missing.front())->sequence_no);
      report_.rejected.push_back(
          {first_behind->second,
           message("nomor sebelum ini tidak ada: {}. Ketik juga baris yang dibatalkan, agar nomor "
                   "tetap urut",
                   "numbers before this one are missing: {}. Type the struck-out rows too, so that "
                   "numbers have no gaps",
                   {listed(missing)})});
      std::erase_if(planned_, [year = year, from = first_behind->first](const Planned& p) {
        return p.item.year == year && p.item.sequence_no >= from;
      });
    }
  }

  // Errors: what stops the rest (a full disk); files that cannot be read are refused rows.
  Status take_in(const std::string& program, const Progress& progress) {
    // In the order of the numbers, so that whenever the power goes there is no gap.
    std::stable_sort(planned_.begin(), planned_.end(), [](const Planned& a, const Planned& b) {
      const bool a_free = a.item.sequence_no == 0;
      const bool b_free = b.item.sequence_no == 0;
      if (a_free != b_free) return b_free;
      return std::pair(a.item.year, a.item.sequence_no) <
             std::pair(b.item.year, b.item.sequence_no);
    });
    std::uint64_t done = 0;
    for (auto& p : planned_) {
      ALIH_CHECK(p.known ? renew(p, program) : create(p, program));
      progress(++done, planned_.size());
    }
    return {};
  }

 private:
  // Numbers have no gaps, so that an item has one may be known; what it is may not.
  [[nodiscard]] Status may_name(const Item& item) const {
    if (access::may(request_.subject, access::Action::find, item)) return {};
    return fail(ErrorCode::forbidden, "nomor {} sudah dipakai; tanyakan kepada arsiparis",
                "number {} is taken; ask an archivist", {item.digitization_no});
  }

  // What the row says otherwise.
  static std::vector<std::pair<std::string, std::string>> changes(const Planned& p,
                                                                  const Item& before) {
    std::vector<std::pair<std::string, std::string>> fields;
    for (const auto& [name, values] : p.item.fields) {
      const auto old = before.fields.find(name);
      if (old != before.fields.end() && old->second == values) continue;
      for (const auto& v : values) fields.emplace_back(name, v);
    }
    return fields;
  }

  // An item of the register that this row was before: the same title, and one of its numbers.
  [[nodiscard]] std::optional<ItemId> with_its_numbers(const Item& item) const {
    for (const auto& [kind, name] : {std::pair{Identifier::barcode, "barcode"},
                                     std::pair{Identifier::accession_no, "accession_no"}}) {
      for (const auto& other : holdings_.database().items_with(kind, item.field(name))) {
        if (other.field("title") == item.field("title") && may_name(other)) return other.id;
      }
    }
    return std::nullopt;
  }

  static std::vector<std::string> split_paths(const std::string& text) {
    std::vector<std::string> out;
    std::size_t at = 0;
    while (at <= text.size()) {
      const auto end = std::min(text.find('|', at), text.size());
      auto one = text.substr(at, end - at);
      while (one.starts_with(' ')) one.erase(0, 1);
      while (one.ends_with(' ')) one.pop_back();
      std::replace(one.begin(), one.end(), '\\', '/');
      if (!one.empty()) out.push_back(std::move(one));
      at = end + 1;
    }
    return out;
  }

  Status take_files(const Planned& p, const Item& item, bool numbered, const std::string& program) {
    IntakeRequest wanted;
    wanted.by = request_.subject.agent;
    wanted.series = item.series;
    // A row that says nothing else of itself is known by its files.
    const bool nameless =
        !numbered && item.field("barcode").empty() && item.field("accession_no").empty();
    wanted.known = nameless ? Known::refuse_when_all : Known::tell;
    if (numbered)
      wanted.to = item.id;
    else
      wanted.draft = item;
    const auto ingested =
        ingest(holdings_, wanted, p.paths, false, program, [](std::uint64_t, std::uint64_t) {});
    if (!ingested && ingested.error().code == ErrorCode::duplicate) {
      report_.rejected.push_back({p.row, ingested.error().message});
      return {};
    }
    if (!ingested) return fail(Error(ingested.error()));
    const auto& report = *ingested;
    const auto tell = [&](const Rejected& r) {
      report_.rejected.push_back({p.row,
                                  {fs::path(r.path).filename().string() + ": " + r.reason.id,
                                   fs::path(r.path).filename().string() + ": " + r.reason.en}});
    };
    const bool all_known =
        !report.rejected.empty() &&
        std::all_of(report.rejected.begin(), report.rejected.end(),
                    [](const Rejected& r) { return r.code == ErrorCode::duplicate; });
    if (report.items.empty() && all_known) {
      ++report_.unchanged;
      return {};
    }
    for (const auto& r : report.rejected) tell(r);
    for (const auto& made : report.items) {
      for (const auto& r : made.rejected) tell(r);
      report_.pages += made.pages;
      if (!numbered) {
        ++report_.imported;
        report_.items.push_back(made.item);
      }
    }
    return {};
  }

  Status create(const Planned& p, const std::string& program) {
    auto draft = p.item;
    draft.id = ItemId::make();
    if (draft.sequence_no == 0) return take_files(p, draft, false, program);
    Holdings::NewItem how;
    how.keep_number = true;
    how.detail = "taken over from the register in " + name();
    ALIH_TRY(const auto item, holdings_.create_item(draft, {}, request_.subject.agent, how));
    ++report_.imported;
    report_.items.push_back(item);
    if (p.struck) {
      ALIH_TRY([[maybe_unused]] const auto gone,
               holdings_.withdraw(item.id, "struck out in the register in " + name(),
                                  request_.subject.agent));
      return {};
    }
    return p.paths.empty() ? Status() : take_files(p, item, true, program);
  }

  // The row is here: what it says of fields is brought up to date, and files that are still missing
  // come in.
  Status renew(const Planned& p, const std::string& program) {
    ALIH_TRY(const auto before, holdings_.database().item(*p.known));
    const auto fields = changes(p, before);
    bool changed = false;
    if (!fields.empty()) {
      ALIH_TRY(const auto now, holdings_.set_fields(*p.known, fields, request_.subject.agent));
      changed = !(now == before);
    }
    if (!p.paths.empty() && holdings_.page_count(*p.known) == 0) {
      ALIH_CHECK(take_files(p, before, true, program));
      changed = true;
    }
    ++(changed ? report_.updated : report_.unchanged);
    return {};
  }

  [[nodiscard]] std::string name() const {
    return request_.name.empty() ? request_.file.filename().string() : request_.name;
  }

  Holdings& holdings_;
  const ImportRequest& request_;
  ImportReport& report_;
  fs::path folder_;
  std::vector<Planned> planned_;
  std::map<std::string, int> numbers_;  // of this file -> row
};

bool is_register_row(const ImportRow& row) {
  return row.given.contains("path") || row.given.contains("digitization_no") ||
         row.given.contains("sequence_no");
}

}  // namespace

Result<ImportReport> import_rows(Holdings& holdings, const ImportRequest& request,
                                 const std::string& program, const Progress& progress) {
  if (!repository::is_import_source(request.from)) {
    return fail(ErrorCode::usage, "Sumber \"{}\" tidak dikenal; pilihannya {}",
                "Source \"{}\" is not known; choose one of {}",
                {request.from, repository::import_sources()});
  }
  if (!request.series.empty() && !is_series(request.series)) {
    return fail(ErrorCode::bad_field, "Seri \"{}\" tidak dikenal", "Series \"{}\" is not known",
                {request.series});
  }
  std::error_code error;
  if (!fs::exists(request.file, error)) {
    return fail(ErrorCode::not_found, "Berkas {} tidak ada", "There is no file {}",
                {request.file.string()});
  }
  ALIH_CHECK(holdings.files().check_room(0));
  ImportReport report;
  const auto refuse = [&](int row, const Message& why) -> Status {
    if (report.rejected.size() >= kMostRefused) {
      return fail(ErrorCode::unreadable, "Terlalu banyak baris yang ditolak; periksa --from",
                  "Too many rows are refused; check --from");
    }
    report.rejected.push_back({row, why});
    return {};
  };
  ALIH_TRY(const auto digest, repository::file_fixity(request.file));
  auto batch =
      holdings.begin_import({new_ulid(), request.from,
                             request.name.empty() ? request.file.filename().string() : request.name,
                             digest.sha512, utc_now()});
  RegisterImport numbered(holdings, request, report);
  bool is_register = request.from == "register";
  bool first = true;
  std::map<std::string, int> identities;  // of this file -> row

  repository::ImportSink sink;
  sink.reject = [&](int row, const Message& why) -> Status {
    ++report.rows;
    return refuse(row, why);
  };
  sink.row = [&](ImportRow row) -> Status {
    if (++report.rows % 500 == 0) progress(static_cast<std::uint64_t>(report.rows), 0);
    if (std::exchange(first, false) && request.from == "csv") is_register = is_register_row(row);
    const int number = row.row;
    if (is_register) {
      const auto planned = numbered.plan(row);
      return planned ? Status() : refuse(number, planned.error().message);
    }
    auto record = record_of(std::move(row), request);
    const auto [same, fresh] = identities.emplace(record.identity, number);
    if (!fresh) {
      return refuse(number, message("sama dengan baris {} ({})", "the same as row {} ({})",
                                    {same->second, record.identity}));
    }
    const auto known = holdings.database().catalogue_record_of(record.identity);
    if (known) {
      record.item.id = known->item.id;
      if (request.series.empty()) record.item.series = known->item.series;
      const bool same_record = record.item == known->item && record.extra == known->extra;
      if (same_record) {
        ++report.unchanged;
        return {};
      }
      ++report.updated;
    } else {
      record.item.id = ItemId::make();
      ++report.imported;
    }
    return batch.add(record);
  };
  ALIH_CHECK(read_import(program, holdings.settings(), request.file, request.from, sink));
  if (is_register) numbered.check_numbers();
  std::stable_sort(report.rejected.begin(), report.rejected.end(),
                   [](const RefusedRow& a, const RefusedRow& b) { return a.row < b.row; });
  if (!report.rejected.empty() && !request.skip_bad) {
    report.imported = 0;
    report.updated = 0;
    report.unchanged = 0;
    return report;
  }
  if (is_register) {
    ALIH_CHECK(numbered.take_in(program, progress));
    return report;
  }
  if (report.imported + report.updated > 0) {
    ALIH_TRY(report.id, batch.commit(std::to_string(report.imported) + " new, " +
                                         std::to_string(report.updated) + " changed of " +
                                         std::to_string(report.rows) + " rows",
                                     request.subject.agent));
  }
  return report;
}

LookUp look_up(const indexer::Database& database, Identifier kind, const std::string& value) {
  LookUp out;
  const auto other = kind == Identifier::barcode ? Identifier::accession_no : Identifier::barcode;
  auto records = database.records_with(kind, value);
  // A label may show either number.
  if (records.empty()) records = database.records_with(other, value);
  out.digitised = database.items_with(kind, value);
  if (records.empty()) return out;
  // The one that says most, of equals the first; what it leaves empty the others fill.
  const auto best = std::max_element(records.begin(), records.end(),
                                     [](const CatalogueRecord& a, const CatalogueRecord& b) {
                                       return a.item.fields.size() < b.item.fields.size();
                                     });
  out.record = *best;
  for (const auto& r : records) {
    for (const auto& [name, values] : r.item.fields) out.record->item.fields.emplace(name, values);
  }
  return out;
}

std::optional<CatalogueRecord> fill_from_catalogue(const indexer::Database& database, Item& item) {
  std::optional<CatalogueRecord> first;
  const auto fill = [&](Identifier kind, const char* name) {
    const auto found_values = item.fields.find(name);
    if (found_values == item.fields.end()) return;
    const auto values = found_values->second;  // filling changes the item
    for (const auto& value : values) {
      const auto found = look_up(database, kind, value);
      if (!found.record) continue;
      if (!first) first = found.record;
      for (const auto& [field, all] : found.record->item.fields) item.fields.emplace(field, all);
    }
  };
  fill(Identifier::barcode, "barcode");
  fill(Identifier::accession_no, "accession_no");
  return first;
}

Status refuse_digitised(const indexer::Database& database, const Item& item) {
  for (const auto& [kind, name] : {std::pair{Identifier::barcode, "barcode"},
                                   std::pair{Identifier::accession_no, "accession_no"}}) {
    const auto values = item.fields.find(name);
    if (values == item.fields.end()) continue;
    for (const auto& value : values->second) {
      for (const auto& other : database.items_with(kind, value)) {
        if (other.id == item.id) continue;
        // Whoever works here must not do it twice, but need not learn what it is.
        access::Subject staff;
        staff.roles = {access::Role::operate};
        if (!access::may(staff, access::Action::find, other)) {
          return fail(ErrorCode::duplicate,
                      "{} {} sudah dialihmediakan dan tertutup; tanyakan kepada arsiparis",
                      "{} {} has been digitised and is closed; ask an archivist",
                      {find_field(name)->label.id, value});
        }
        return fail(ErrorCode::duplicate, "{} {} sudah dialihmediakan: {} ({}), lihat /koleksi/{}",
                    "{} {} has been digitised: {} ({}), see /koleksi/{}",
                    {find_field(name)->label.id, value, other.digitization_no, other.field("title"),
                     folded(other.digitization_no)});
      }
    }
  }
  return {};
}

}  // namespace alih::pipeline
