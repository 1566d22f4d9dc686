#include "pipeline/papers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "core/book.h"
#include "core/clock.h"
#include "core/fields.h"
#include "core/indonesian.h"
#include "core/rights.h"
#include "core/text.h"
#include "pipeline/page_worker.h"
#include "pipeline/pdf.h"
#include "pipeline/performance.h"
#include "processing/codes.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

using namespace repository;  // NOLINT: the words of papers

constexpr std::string_view kHead = "kepala_dinas";
constexpr std::string_view kRecordsHead = "pimpinan_unit_kearsipan";
constexpr std::string_view kSectionHead = "kepala_seksi";
constexpr double kBelowHeading = 60;      // points: the head and some rows of a table
constexpr std::size_t kShortDigest = 16;  // digits of a digest that people compare

std::vector<std::string> parts_of(std::string_view line, char separator) {
  std::vector<std::string> out;
  while (true) {
    const auto at = line.find(separator);
    out.push_back(trimmed(line.substr(0, at)));
    if (at == std::string_view::npos) return out;
    line.remove_prefix(at + 1);
  }
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const auto& w : words) {
    if (w.empty()) continue;
    if (!out.empty()) out += between;
    out += w;
  }
  return out;
}

Paper blank_paper(const Office& office, std::string title) {
  Paper paper;
  paper.title = std::move(title);
  paper.at = utc_now();
  paper.letterhead = office.letterhead;
  paper.folio = office.paper == "f4";
  paper.font = office.font;
  return paper;
}

// "2026", "2026-11": what a register or a report is about.
struct Period {
  int year = 0;
  int month = 0;  // 0 = the whole year
  [[nodiscard]] bool holds(std::string_view iso_date) const {
    return std::string(iso_date.substr(0, month > 0 ? 7 : 4)) == text();
  }
  [[nodiscard]] std::string text() const {
    auto out = std::to_string(year);
    if (month > 0) out += (month < 10 ? "-0" : "-") + std::to_string(month);
    return out;
  }
  [[nodiscard]] std::string words() const {
    if (month == 0) return "TAHUN " + std::to_string(year);
    std::string name(indonesian::month_name(month));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return "BULAN " + name + " " + std::to_string(year);
  }
};

Result<Period> period_of(const std::vector<std::string>& about) {
  const auto bad = [] {
    return fail(ErrorCode::usage, "--for meminta satu tahun atau bulan, misalnya 2026 atau 2026-11",
                "--for takes one year or month, e.g. 2026 or 2026-11");
  };
  if (about.size() != 1) return bad();
  const auto& text = about.front();
  const bool year_only = text.size() == 4;
  if (!year_only && (text.size() != 7 || text[4] != '-')) return bad();
  // A day of the period must be one of the calendar.
  if (indonesian::date_words(text + (year_only ? "-01-01" : "-01")).date.empty()) return bad();
  return Period{std::atoi(text.substr(0, 4).c_str()),
                year_only ? 0 : std::atoi(text.substr(5).c_str())};
}

using Values = std::map<std::string, std::vector<std::string>>;

struct Entry {
  Item item;
  std::vector<Page> pages;
  Values values;
  [[nodiscard]] std::string get(const std::string& name, std::string_view between = ", ") const {
    const auto found = values.find(name);
    if (found == values.end()) return {};
    std::vector<std::string> words;
    for (const auto& v : found->second) words.push_back(value_label(name, v).id);
    return joined(words, between);
  }
  [[nodiscard]] std::int64_t number(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() || found->second.empty()
               ? 0
               : std::strtoll(found->second.front().c_str(), nullptr, 10);
  }
};

Entry entry_of(const Holdings& holdings, Item item) {
  Entry out;
  out.pages = holdings.database().pages(item.id);
  out.values = register_values(item, out.pages);
  out.item = std::move(item);
  return out;
}

// What the mandatory fields of a paper lack, told all at once.
class Missing {
 public:
  void need(bool there, std::string what) {
    if (!there) names_.push_back(std::move(what));
  }
  template <typename T>
  void need(const Result<T>& there, std::string what) {
    need(there.has_value(), std::move(what));
  }
  [[nodiscard]] Status status(std::string_view paper) const {
    if (names_.empty()) return {};
    return fail(ErrorCode::bad_field, "{} belum dapat dicetak; isi dahulu: {}",
                "{} cannot be printed yet; fill in first: {}", {paper, joined(names_, "; ")});
  }

 private:
  std::vector<std::string> names_;
};

Signatures::Block signed_by(const Official& official, std::string place_and_date) {
  return {std::move(place_and_date), official.title + ",", official.name, official.nip};
}

Signatures head_signature(const Office& office, const std::string& today) {
  const auto place_and_date = office.place + ", " + indonesian::date_words(today).date;
  const auto head = official_on(office, kSectionHead, today);
  return {{head ? signed_by(*head, place_and_date)
                : Signatures::Block{place_and_date, "Kepala Seksi Alih Media,", "", ""}},
          11};
}

// Of the batch as it was handed over: what came back later changes nothing.
std::string list_digest(const Handover& h) {
  auto as_given = h;
  for (auto& e : as_given.entries) {
    e.state = "received";
    e.reason.clear();
    e.returned_on.clear();
    e.returned_to.clear();
  }
  return sha256_hex(to_json(as_given));
}

// "28-11-2026", as registers are written by hand.
std::string short_date(const std::string& iso) {
  constexpr std::size_t kLength = 10;
  if (iso.size() != kLength) return iso;
  return iso.substr(8) + "-" + iso.substr(5, 2) + "-" + iso.substr(0, 4);
}

// Of the pages' color modes, which register_values() gives as one text.
std::string modes_of(const Entry& e) {
  std::set<std::string> out;
  for (const auto& p : e.pages) {
    if (p.state != PageState::removed) out.insert(value_label("color_mode", p.color_mode).id);
  }
  return joined({out.begin(), out.end()}, "/");
}

std::string size_words(std::int64_t bytes) {
  constexpr std::int64_t kKb = 1000;
  constexpr std::int64_t kSmall = 1'000'000;
  if (bytes < kSmall) return indonesian::grouped((bytes + kKb - 1) / kKb) + " KB";
  constexpr std::int64_t kTenthMb = 100'000;
  const auto tenths = (bytes + kTenthMb / 2) / kTenthMb;
  return indonesian::grouped(tenths / 10) + "," + std::to_string(tenths % 10) + " MB";
}

// --- Buku Inventaris Alih Media

std::string value_of(const RegisterLine& line, const char* name) {
  const auto found = line.values.find(name);
  return found == line.values.end() ? std::string() : value_label(name, found->second).id;
}
std::int64_t number_of(const RegisterLine& line, const char* name) {
  return std::strtoll(value_of(line, name).c_str(), nullptr, 10);
}

Table::Row register_row(const Holdings::BookLine& l, bool complete) {
  const auto get = [&](const char* name) { return value_of(l.line, name); };
  const auto imprint =
      joined({joined({get("place"), get("publisher")}, ": "), get("date_issued")}, ", ");
  const auto files = joined({get("dpi").empty() ? "" : get("dpi") + " dpi", get("master_format"),
                             size_words(number_of(l.line, "total_bytes"))},
                            " / ");
  std::vector<std::string> remarks{get("note")};
  const auto mark = item_state_from(get("mark"));
  if (mark) {
    auto text = label(*mark).id;
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
    remarks.push_back(std::move(text));
  }
  if (!l.first) {
    remarks.push_back("Perbaikan " + short_date(local_date_of(l.line.at)) + " oleh " + l.line.by +
                      ": " + l.line.reason);
  } else if (l.struck) {
    remarks.emplace_back("Dicoret, lihat baris perbaikan");
  }
  if (!complete) remarks.emplace_back("Data belum lengkap");
  return {{get("sequence_no"), short_date(get("registered_on")), get("digitization_no"),
           get("accession_no"), get("call_no"), get("title"), get("creator"), imprint,
           get("material_type"), get("page_count_declared"), get("condition"), get("image_count"),
           files, get("file_prefix"), get("operator"), joined(remarks, "; ")},
          false,
          l.struck || mark.has_value()};
}

Result<Paper> make_register(const Holdings& holdings, const PaperRequest& request) {
  ALIH_TRY(const auto period, period_of(request.about));
  auto office = holdings.settings().office;
  // Of a closed period nothing on the paper follows what the settings or the clock say today.
  const auto closed = holdings.database().book(closing_name(period.text()));
  std::optional<Closing> closing;
  if (closed) {
    ALIH_TRY(closing, closing_from_json(closed->body));
    office.place = closing->place;
    office.letterhead = closing->letterhead;
    office.paper = closing->paper;
    office.font = closing->font;
  }
  ALIH_TRY(const auto lines, holdings.book_lines(period.text()));
  Missing missing;
  std::set<std::string> incomplete;
  for (const auto& l : lines) {
    const bool ended = l.line.values.contains("mark");
    if (l.in_ink || ended) continue;
    const auto names = missing_in_book(l.item);
    if (names.empty()) continue;
    incomplete.insert(l.item.digitization_no);
    missing.need(false, joined(names, ", ") + " pada " + l.item.digitization_no);
  }
  if (!request.draft) ALIH_CHECK(missing.status("Buku Inventaris Alih Media"));

  const auto today = closing ? closing->closed_on : local_date();
  auto paper = blank_paper(office, "Buku Inventaris Alih Media " + period.text());
  if (closing) paper.at = closing->at;
  paper.identifier = "BIAM/" + period.text();
  paper.landscape = true;
  paper.footer = "Buku Inventaris Alih Media " + period.text() + ", " +
                 (closing         ? "ditutup "
                  : request.draft ? "konsep, dicetak "
                                  : "dicetak ") +
                 indonesian::date_words(today).date;
  paper.blocks.emplace_back(
      Text{"BUKU INVENTARIS ALIH MEDIA", 13, true, false, Align::center, 0, 0});
  paper.blocks.emplace_back(Text{period.words() + (request.draft && !closing ? " (KONSEP)" : ""),
                                 11, true, false, Align::center, 0, 8});
  Table table;
  table.numbered = true;
  table.size = 7;
  table.columns = {{"No. Urut", 4, Align::right},
                   {"Tanggal", 6},
                   {"No. Inventaris Alih Media", 8},
                   {"No. Induk", 7},
                   {"No. Panggil", 6},
                   {"Judul", 14},
                   {"Pengarang", 9},
                   {"Penerbit, Kota, Tahun", 9},
                   {"Jenis Bahan", 6},
                   {"Jml Hal. Asli", 4, Align::right},
                   {"Kondisi", 5},
                   {"Jml Citra", 4, Align::right},
                   {"Resolusi / Format / Ukuran", 8},
                   {"Nama File", 8},
                   {"Operator", 6},
                   {"Keterangan", 11}};
  std::int64_t titles = 0;
  std::int64_t corrections = 0;
  std::int64_t pages = 0;
  std::int64_t bytes = 0;
  for (const auto& l : lines) {
    table.rows.push_back(register_row(l, !incomplete.contains(l.item.digitization_no)));
    if (l.first) ++titles;
    if (!l.first) ++corrections;
    if (l.struck) continue;
    pages += number_of(l.line, "image_count");
    bytes += number_of(l.line, "total_bytes");
  }
  paper.blocks.emplace_back(std::move(table));
  paper.blocks.emplace_back(
      Text{"Jumlah: " + indonesian::grouped(titles) + " (" + indonesian::number_words(titles) +
               ") bahan, " + indonesian::grouped(pages) + " citra, " + size_words(bytes) +
               (corrections > 0 ? "; " + indonesian::grouped(corrections) + " (" +
                                      indonesian::number_words(corrections) + ") baris perbaikan"
                                : "") +
               ".",
           9, false, false, Align::left});
  const auto place_and_date = office.place + ", " + indonesian::date_words(today).date;
  if (closing) {
    ALIH_TRY(const auto qr, processing::make_qr("alihmedia:biam:" + closing->period + ":" +
                                                closing->lines_sha256));
    paper.blocks.emplace_back(
        Stamp{qr,
              {"Ditutup " + indonesian::date_words(closing->closed_on).date + " oleh " +
                   closing->by + ", " + indonesian::grouped(closing->lines) + " baris.",
               "Sidik jari baris: " + closing->lines_sha256.substr(0, kShortDigest)},
              50});
    paper.blocks.emplace_back(Signatures{
        {{place_and_date,
          (closing->signer_title.empty() ? "Kepala Seksi Alih Media" : closing->signer_title) + ",",
          closing->signer_name, closing->signer_nip}},
        10});
    return paper;
  }
  const auto head = official_on(office, kSectionHead, today);
  paper.blocks.emplace_back(
      Signatures{{head ? signed_by(*head, place_and_date)
                       : Signatures::Block{place_and_date, "Kepala Seksi Alih Media,", "", ""}},
                 10});
  return paper;
}

// --- Berita Acara Alih Media and its list

struct Work {
  std::vector<Entry> entries;
  std::string number;  // of the paper
  std::string first;   // local days of the work, as the events have them
  std::string last;
  std::vector<std::string> people;
  std::map<std::string, std::string> nips;  // of people who have accounts
  std::set<std::string> media;
  std::set<std::string> processes;
  std::set<std::string> places;  // of the originals
  std::int64_t sheets = 0;
  std::int64_t images = 0;
  std::string manifest;  // of all items: "digest  number" a line
};

Result<Work> work_of(const Holdings& holdings, const std::vector<std::string>& about) {
  constexpr std::size_t kMost = 2000;
  if (about.empty() || about.size() > kMost) {
    return fail(ErrorCode::usage, "--for meminta nomor bahan, satu atau lebih",
                "--for takes the numbers of items, one or more");
  }
  Work w;
  std::set<std::string> numbers;
  for (const auto& number : about) {
    ALIH_TRY(auto item, holdings.database().find_item(number));
    const auto id = item.id;
    auto entry = entry_of(holdings, std::move(item));
    numbers.insert(entry.get("ba_no"));
    for (const auto& e : holdings.database().events(id)) {
      if (!e.agent.nip.empty()) w.nips[e.agent.name] = e.agent.nip;
      const auto day = local_date_of(e.at);
      if (w.first.empty() || day < w.first) w.first = day;
      if (day > w.last && (e.type == "capture" || e.type == "ingestion")) w.last = day;
    }
    for (auto& person : holdings.people_of(id)) {
      if (std::find(w.people.begin(), w.people.end(), person) == w.people.end()) {
        w.people.push_back(std::move(person));
      }
    }
    w.media.insert(entry.get("material_type"));
    w.places.insert(entry.get("original_location"));
    const auto mode = modes_of(entry);
    std::string process = "berkas yang sudah ada diterima";
    if (const auto device = entry.get("device"); !device.empty()) {
      process = "dipindai dengan " + device;
    }
    process += ", " + joined({entry.get("dpi").empty() ? "" : entry.get("dpi") + " dpi", mode,
                              "master " + entry.get("master_format")},
                             ", ");
    w.processes.insert(process);
    w.sheets += entry.number("page_count_declared");
    w.images += entry.number("image_count");
    w.entries.push_back(std::move(entry));
  }
  std::sort(w.entries.begin(), w.entries.end(), [](const Entry& a, const Entry& b) {
    return a.item.digitization_no < b.item.digitization_no;
  });
  for (const auto& e : w.entries) {
    w.manifest += e.get("manifest_sha256") + "  " + e.item.digitization_no + "\n";
  }
  if (w.last.empty()) w.last = w.first;
  if (numbers.size() == 1) w.number = *numbers.begin();
  return w;
}

std::string range_of(const Entry& e) {
  const auto from = e.get("date_from");
  const auto to = e.get("date_to");
  if (from.empty() && to.empty()) return e.get("date_issued");
  return from == to || to.empty() ? from : from + "–" + to;
}

Missing missing_of(const Work& w, const Office& office, const Result<Official>& signer) {
  Missing missing;
  missing.need(!w.number.empty(), "nomor Berita Acara (ba_no), sama pada semua bahan");
  missing.need(!office.place.empty(), "tempat (office.place)");
  missing.need(!w.people.empty(), "pelaksana");
  missing.need(signer, "pejabat pimpinan_unit_kearsipan (office.officials)");
  missing.need(w.images > 0, "hasil pemindaian: belum ada citra");
  for (const auto& e : w.entries) {
    const auto& no = e.item.digitization_no;
    for (const char* field : {"source_unit", "material_type", "page_count_declared", "title"}) {
      missing.need(!e.get(field).empty(), std::string(field) + " pada " + no);
    }
    for (const char* field : {"classification_code", "development_level"}) {
      missing.need(!is_asked_for(*find_field(field), e.item) || !e.get(field).empty(),
                   std::string(field) + " pada " + no);
    }
    missing.need(!range_of(e).empty(),
                 "kurun waktu (date_from, date_to atau date_issued) pada " + no);
  }
  return missing;
}

// The seven things that a Daftar must say, with the attachment's head.
void add_list(Paper& paper, const Work& w, const std::string& date) {
  paper.blocks.emplace_back(
      Fields{{{"Lampiran Berita Acara", w.number}, {"Tanggal", date}}, 10, 0.3, 8});
  paper.blocks.emplace_back(
      Text{"DAFTAR ARSIP YANG DIALIHMEDIAKAN", 13, true, false, Align::center, 0, 8});
  std::set<std::string> units;
  for (const auto& e : w.entries) units.insert(e.get("source_unit"));
  paper.blocks.emplace_back(
      Fields{{{"Unit Pengolah", joined({units.begin(), units.end()}, "; ")}}, 10, 0.3, 6});
  Table list;
  list.numbered = true;
  list.columns = {
      {"No.", 2, Align::right}, {"Jenis Arsip", 5},          {"Uraian Informasi Arsip", 11},
      {"Kurun Waktu", 4},       {"Jumlah", 4, Align::right}, {"Citra", 3, Align::right},
      {"Keterangan", 8}};
  for (const auto& e : w.entries) {
    list.rows.push_back(
        {{std::to_string(list.rows.size() + 1),
          joined({e.get("material_type"), e.get("classification_code")}, ", kode "), e.get("title"),
          range_of(e), indonesian::grouped(e.number("page_count_declared")) + " hal.",
          indonesian::grouped(e.number("image_count")),
          joined({e.item.digitization_no, e.get("development_level"), e.get("condition"),
                  e.get("original_location").empty() ? "" : "asli di " + e.get("original_location"),
                  e.get("note")},
                 "; ")}});
  }
  list.rows.push_back(
      {{"", "", "JUMLAH", "", indonesian::grouped(w.sheets) + " hal.",
        indonesian::grouped(w.images),
        indonesian::grouped(static_cast<std::int64_t>(w.entries.size())) + " berkas"},
       true});
  paper.blocks.emplace_back(std::move(list));
}

Result<Paper> make_berita_acara(const Holdings& holdings, const PaperRequest& request) {
  ALIH_TRY(const auto w, work_of(holdings, request.about));
  const auto& office = holdings.settings().office;
  const auto today = local_date();
  const auto signer = official_on(office, kRecordsHead, today);
  ALIH_CHECK(missing_of(w, office, signer).status("Berita Acara Alih Media"));

  const auto count = static_cast<std::int64_t>(w.entries.size());
  const auto day = indonesian::date_words(today);
  const auto place_and_date = office.place + ", " + day.date;
  auto paper = blank_paper(office, "Berita Acara Alih Media Arsip " + w.number);
  paper.identifier = w.number;
  paper.footer = "Berita Acara Alih Media Nomor " + w.number;
  const auto heading = [&](const std::string& text, double after) {
    paper.blocks.emplace_back(Text{text, 13, true, false, Align::center, 0, after});
  };
  heading("BERITA ACARA ALIH MEDIA ARSIP", 0);
  paper.blocks.emplace_back(Text{"NOMOR: " + w.number, 11, false, false, Align::center, 0, 14});
  paper.blocks.emplace_back(Text{
      "Pada hari ini " + day.weekday + " tanggal " + day.day + " bulan " + day.month + " tahun " +
      day.year + ", bertempat di " + office.unit + ", " + office.place +
      ", telah dilaksanakan kegiatan alih media arsip jenis media " +
      joined({w.media.begin(), w.media.end()}, ", ") + " sebanyak " + indonesian::grouped(count) +
      " (" + indonesian::number_words(count) + ") berkas, " + indonesian::grouped(w.sheets) + " (" +
      indonesian::number_words(w.sheets) + ") halaman, menjadi " + indonesian::grouped(w.images) +
      " (" + indonesian::number_words(w.images) +
      ") citra digital, sebagaimana tercantum dalam Daftar Arsip yang Dialihmediakan "
      "terlampir."});
  const auto first = indonesian::date_words(w.first).date;
  const auto last = indonesian::date_words(w.last).date;
  const auto places = joined({w.places.begin(), w.places.end()}, "; ");
  Fields facts;
  facts.rows = {
      {"Waktu pelaksanaan", first == last ? first : first + " sampai dengan " + last},
      {"Tempat pelaksanaan", office.section + ", " + office.unit},
      {"Proses alih media", joined({w.processes.begin(), w.processes.end()}, "; ")},
      {"Dikerjakan dengan", program_agent().name + " " + program_agent().version},
      {"Arsip asli", "tetap disimpan pada unit pengolah" + (places.empty() ? "" : ": " + places)}};
  paper.blocks.emplace_back(facts);
  paper.blocks.emplace_back(Text{"Pelaksana:", 11, false, false, Align::left, 4, 2});
  Table people;
  people.size = 10;
  people.columns = {{"No.", 1, Align::right}, {"Nama", 8}, {"Jabatan", 5}, {"Tanda tangan", 4}};
  for (const auto& name : w.people) {
    people.rows.push_back(
        {{std::to_string(people.rows.size() + 1) + ".",
          joined({name, w.nips.contains(name) ? "NIP. " + w.nips.at(name) : ""}, ", "),
          "Pelaksana alih media", ""}});
  }
  paper.blocks.emplace_back(people);
  paper.blocks.emplace_back(
      Text{"Demikian Berita Acara ini dibuat dengan sebenarnya untuk dipergunakan sebagaimana "
           "mestinya."});
  const Signatures signature{{signed_by(*signer, place_and_date)}, 11};
  paper.blocks.emplace_back(signature);
  const auto digest = sha256_hex(w.manifest);
  ALIH_TRY(const auto qr, processing::make_qr("alihmedia:ba:" + w.number + ":" + digest));
  paper.blocks.emplace_back(
      Stamp{qr,
            {"Tanda autentikasi: " + digest.substr(0, kShortDigest),
             "Sidik jari SHA-256 dari manifes semua berkas dalam Daftar. Kode QR memuatnya utuh."},
            58});

  paper.blocks.emplace_back(NewSheet{});
  add_list(paper, w, day.date);
  paper.blocks.emplace_back(signature);
  return paper;
}

Result<Paper> make_list(const Holdings& holdings, const PaperRequest& request) {
  ALIH_TRY(const auto w, work_of(holdings, request.about));
  const auto& office = holdings.settings().office;
  const auto today = local_date();
  const auto signer = official_on(office, kRecordsHead, today);
  ALIH_CHECK(missing_of(w, office, signer).status("Daftar Arsip yang Dialihmediakan"));
  auto paper = blank_paper(office, "Daftar Arsip yang Dialihmediakan " + w.number);
  paper.identifier = w.number;
  paper.footer = "Daftar Arsip yang Dialihmediakan, Berita Acara Nomor " + w.number;
  const auto day = indonesian::date_words(today).date;
  add_list(paper, w, day);
  const auto digest = sha256_hex(w.manifest);
  ALIH_TRY(const auto qr, processing::make_qr("alihmedia:ba:" + w.number + ":" + digest));
  paper.blocks.emplace_back(
      Stamp{qr, {"Tanda autentikasi: " + digest.substr(0, kShortDigest)}, 50});
  paper.blocks.emplace_back(Signatures{{signed_by(*signer, office.place + ", " + day)}, 11});
  return paper;
}

// --- Berita Acara Serah Terima: step 1

Result<Paper> make_handover(const Holdings& holdings, const PaperRequest& request) {
  if (request.about.size() != 1) {
    return fail(ErrorCode::usage, "--for meminta satu nomor serah terima, misalnya ST/2026/0001",
                "--for takes one handover's number, e.g. ST/2026/0001");
  }
  ALIH_TRY(const auto h, holdings.handover(request.about.front()));
  const auto& office = holdings.settings().office;
  Missing missing;
  missing.need(!office.place.empty(), "tempat (office.place)");
  missing.need(!h.sender.empty(), "yang menyerahkan");
  missing.need(!h.receiver.empty(), "yang menerima");
  missing.need(!h.source_unit.empty(), "asal");
  for (const auto& e : h.entries) {
    missing.need(!e.field("title").empty(), "judul bahan no. " + std::to_string(e.number));
  }
  ALIH_CHECK(missing.status("Berita Acara Serah Terima"));
  const auto day = indonesian::date_words(h.received_on);
  const auto count = static_cast<std::int64_t>(h.entries.size());
  auto paper = blank_paper(office, "Berita Acara Serah Terima " + h.batch_no);
  paper.identifier = h.batch_no;
  paper.footer = "Berita Acara Serah Terima Nomor " + h.batch_no;
  paper.blocks.emplace_back(
      Text{"BERITA ACARA SERAH TERIMA", 13, true, false, Align::center, 0, 0});
  paper.blocks.emplace_back(Text{"BAHAN UNTUK ALIH MEDIA", 13, true, false, Align::center, 0, 0});
  paper.blocks.emplace_back(Text{"NOMOR: " + h.batch_no, 11, false, false, Align::center, 0, 14});
  paper.blocks.emplace_back(Text{
      "Pada hari ini " + day.weekday + " tanggal " + day.day + " bulan " + day.month + " tahun " +
      day.year + ", bertempat di " + office.unit + ", " + office.place +
      ", telah diserahkan bahan untuk dialihmediakan sebanyak " + indonesian::grouped(count) +
      " (" + indonesian::number_words(count) + ") eksemplar/berkas, dengan rincian di bawah ini."});
  paper.blocks.emplace_back(Fields{{{"Asal", h.source_unit},
                                    {"Yang menyerahkan", h.sender},
                                    {"Yang menerima", h.receiver + ", " + office.section},
                                    {"Catatan", h.note.empty() ? "-" : h.note}}});
  Table list;
  list.size = 9;
  list.columns = {{"No.", 2, Align::right},
                  {"No. Induk / Barcode", 6},
                  {"Judul", 11},
                  {"Pengarang", 6},
                  {"Tahun", 3},
                  {"Jml Hal.", 3, Align::right},
                  {"Kondisi", 4},
                  {"Keterangan", 6}};
  std::int64_t sheets = 0;
  for (const auto& e : h.entries) {
    sheets += std::strtoll(e.field("page_count_declared").c_str(), nullptr, 10);
    const auto condition = e.field("condition");
    list.rows.push_back(
        {{std::to_string(e.number), joined({e.field("accession_no"), e.field("barcode")}, " / "),
          e.field("title"), e.field("creator"), e.field("date_issued"),
          e.field("page_count_declared"),
          condition.empty() ? "" : value_label("condition", condition).id, e.field("note")}});
  }
  list.rows.push_back({{"", "", "JUMLAH: " + indonesian::grouped(count), "", "",
                        sheets > 0 ? indonesian::grouped(sheets) : "", "", ""},
                       true});
  paper.blocks.emplace_back(std::move(list));
  paper.blocks.emplace_back(
      Text{"Demikian Berita Acara ini dibuat dengan sebenarnya. Bahan asli dikembalikan setelah "
           "dialihmediakan."});
  const auto digest = list_digest(h);
  ALIH_TRY(const auto qr, processing::make_qr("alihmedia:st:" + h.batch_no + ":" + digest));
  paper.blocks.emplace_back(
      Stamp{qr, {"Sidik jari daftar: " + digest.substr(0, kShortDigest)}, 50});
  paper.blocks.emplace_back(
      Signatures{{{"", "Yang menyerahkan,", h.sender, h.sender_nip},
                  {office.place + ", " + day.date, "Yang menerima,", h.receiver, h.receiver_nip}},
                 11});
  return paper;
}

// --- Daftar Bahan Ditunda

Result<Paper> make_on_hold(const Holdings& holdings, const PaperRequest& request) {
  if (!request.about.empty()) {
    return fail(ErrorCode::usage, "Daftar Bahan Ditunda tidak memerlukan --for",
                "The list of what is on hold takes no --for");
  }
  const auto& office = holdings.settings().office;
  const auto today = local_date();
  auto paper = blank_paper(office, "Daftar Bahan Ditunda " + today);
  paper.identifier = "DITUNDA/" + today;
  paper.footer = "Daftar Bahan Ditunda, " + indonesian::date_words(today).date;
  paper.blocks.emplace_back(Text{"DAFTAR BAHAN DITUNDA", 13, true, false, Align::center, 0, 0});
  paper.blocks.emplace_back(Text{"Keadaan " + indonesian::date_words(today).date, 11, false, false,
                                 Align::center, 0, 10});
  Table list;
  list.columns = {{"No.", 2, Align::right}, {"No. Inventaris", 6}, {"Judul", 10}, {"Kondisi", 4},
                  {"Ditunda sejak", 4},     {"Oleh", 4},           {"Alasan", 10}};
  indexer::ItemFilter filter;
  filter.state = ItemState::on_hold;
  for (auto& item : holdings.database().items(filter)) {
    std::string since;
    std::string by;
    std::string why;
    for (const auto& e : holdings.database().events_of(item.id, "")) {
      constexpr std::string_view kHold = "on_hold: ";
      if (e.type != "state change" || !e.detail.starts_with(kHold)) continue;
      since = short_date(local_date_of(e.at));
      by = e.agent.name;
      why = e.detail.substr(kHold.size());
    }
    const auto e = entry_of(holdings, std::move(item));
    list.rows.push_back({{std::to_string(list.rows.size() + 1), e.item.digitization_no,
                          e.get("title"), e.get("condition"), since, by, why}});
  }
  const auto count = static_cast<std::int64_t>(list.rows.size());
  paper.blocks.emplace_back(std::move(list));
  paper.blocks.emplace_back(Text{
      "Jumlah: " + indonesian::grouped(count) + " (" + indonesian::number_words(count) + ") bahan.",
      10, false, false, Align::left});
  paper.blocks.emplace_back(head_signature(office, today));
  return paper;
}

// --- Rekap Kinerja terhadap Standar SOP

std::string minutes(double seconds) {
  const auto tenths = static_cast<std::int64_t>(seconds / 6 + 0.5);
  return indonesian::grouped(tenths / 10) + "," + std::to_string(tenths % 10);
}

std::string share_words(const StepSum& sum) {
  if (sum.measured == 0) return "-";
  return std::to_string((100 * sum.within + sum.measured / 2) / sum.measured) + " % (" +
         std::to_string(sum.within) + "/" + std::to_string(sum.measured) + ")";
}

std::string median_words(const StepSum& sum) {
  return sum.measured == 0 ? "-" : minutes(sum.median_s) + " / " + minutes(sum.p90_s);
}

// Both, where something was measured.
std::string times_words(const StepSum& sum) {
  return sum.measured == 0 ? "-" : share_words(sum) + "; " + median_words(sum);
}

std::string age_words(double seconds) {
  constexpr double kDay = 86400;
  constexpr double kHour = 3600;
  if (seconds < kHour) return minutes(seconds) + " mnt";
  if (seconds < kDay) return std::to_string(static_cast<int>(seconds / kHour)) + " jam";
  return std::to_string(static_cast<int>(seconds / kDay)) + " hari";
}

std::string step_words(const StepTime& step) {
  const auto standing = label(step.standing()).id;
  const auto elapsed = step.elapsed_s ? " (berlalu " + age_words(*step.elapsed_s) + ")" : "";
  return step.active_s ? minutes(*step.active_s) + " mnt" + elapsed + ", " + standing
                       : standing + elapsed;
}

std::string standard_words(int m, const char* per) {
  return m > 0 ? std::to_string(m) + " menit/" + per : std::string("tanpa standar");
}

Table standards_table(const Office& office, const TimesGroup& all) {
  Table t;
  t.size = 10;
  t.columns = {{"Langkah SOP 041/25", 8},
               {"Standar", 5},
               {"Terukur", 3, Align::right},
               {"Sesuai standar", 5},
               {"Median / P90, menit", 5},
               {"Waktu berlalu, median", 4},
               {"Waktu petugas, menit", 5, Align::right}};
  const auto row = [&](const char* name, const std::string& wanted, const StepSum& sum) {
    t.rows.push_back(
        {{name, wanted, indonesian::grouped(sum.measured), share_words(sum), median_words(sum),
          sum.elapsed_median_s > 0 ? age_words(sum.elapsed_median_s) : "-",
          minutes(sum.active_s)}});
  };
  row("2. Identifikasi dan registrasi", standard_words(office.standard_register_min, "bahan"),
      all.steps[1]);
  row("3. Pengalihmediaan", standard_words(office.standard_digitize_min, "bahan"), all.steps[2]);
  row("4. Memasukkan file ke database", standard_words(office.standard_file_min, "file"),
      all.steps[3]);
  return t;
}

Result<Paper> make_performance(const Holdings& holdings, const PaperRequest& request) {
  ALIH_TRY(const auto period, period_of(request.about));
  ALIH_TRY(const auto p, performance(holdings, period.text()));
  const auto& office = holdings.settings().office;
  const auto today = local_date();
  auto paper = blank_paper(office, "Rekap Kinerja terhadap Standar SOP " + period.text());
  paper.identifier = "KINERJA/" + period.text();
  paper.landscape = true;
  paper.footer = "Rekap Kinerja terhadap Standar SOP " + period.text() + ", dicetak " +
                 indonesian::date_words(today).date;
  paper.blocks.emplace_back(
      Text{"REKAP KINERJA TERHADAP STANDAR SOP", 13, true, false, Align::center, 0, 0});
  paper.blocks.emplace_back(Text{period.words(), 11, true, false, Align::center, 0, 8});
  const auto title = [&](const char* text) {
    paper.blocks.emplace_back(Text{text, 11, true, false, Align::left, 6, 4, kBelowHeading});
  };
  title("Langkah 1: Periodik, tanpa standar");
  paper.blocks.emplace_back(Fields{
      {{"Serah terima",
        indonesian::grouped(p.batches) + " kali" +
            (p.batch_interval_s ? ", rata-rata setiap " + age_words(*p.batch_interval_s) : "")},
       {"Menunggu registrasi",
        indonesian::grouped(p.waiting) + " bahan" +
            (p.oldest_wait_s ? ", terlama " + age_words(*p.oldest_wait_s) : "")},
       {"Waktu petugas", minutes(p.all.operator_s) + " menit"},
       {"Waktu mesin", minutes(p.all.machine_s) + " menit (di luar waktu petugas)"}},
      10});
  title("Terhadap standar");
  paper.blocks.emplace_back(standards_table(office, p.all));
  const auto groups = [&](const char* head, const std::map<std::string, TimesGroup>& rows,
                          const char* field) {
    title(head);
    Table t;
    t.size = 8.5;
    t.columns = {{head, 7},
                 {"Bahan", 3, Align::right},
                 {"Halaman", 3, Align::right},
                 {"File", 3, Align::right},
                 {"Bahan/hari", 3, Align::right},
                 {"Hal./jam", 3, Align::right},
                 {"Diulang", 3, Align::right},
                 {"Langkah 2: sesuai; median / P90", 6},
                 {"Langkah 3: sesuai; median / P90", 6},
                 {"Langkah 4: sesuai; median / P90", 6},
                 {"Menit per 100 hal.", 4, Align::right},
                 {"Petugas, mnt", 4, Align::right},
                 {"Mesin, mnt", 4, Align::right}};
    for (const auto& [name, g] : rows) {
      const auto& scan = g.steps[2];
      constexpr double kHour = 3600;
      constexpr double kHundred = 100;
      const bool timed = scan.active_s > 0 && g.pages > 0;
      t.rows.push_back(
          {{name.empty() ? "(belum diisi)" : value_label(field, name).id,
            indonesian::grouped(g.items), indonesian::grouped(g.pages),
            indonesian::grouped(g.files), g.days > 0 ? minutes(60.0 * g.items / g.days) : "-",
            timed ? minutes(60.0 * g.pages / (scan.active_s / kHour)) : "-",
            g.pages > 0 ? std::to_string(100 * g.pages_again / g.pages) + " %" : "-",
            times_words(g.steps[1]), times_words(scan), times_words(g.steps[3]),
            timed ? minutes(scan.active_s / g.pages * kHundred) : "-", minutes(g.operator_s),
            minutes(g.machine_s)}});
    }
    paper.blocks.emplace_back(std::move(t));
  };
  groups("Petugas", p.by_operator, "");
  groups("Jenis bahan", p.by_type, "material_type");
  groups("Bulan", p.by_month, "");
  title("Per bahan");
  Table each;
  each.size = 8;
  each.columns = {
      {"No. Inventaris", 6},          {"Judul", 11},    {"Petugas", 4},   {"Hal.", 2, Align::right},
      {"File", 2, Align::right},      {"Langkah 2", 6}, {"Langkah 3", 6}, {"Langkah 4", 6},
      {"Mesin, mnt", 3, Align::right}};
  for (const auto& t : p.items) {
    each.rows.push_back({{t.item.digitization_no, t.item.field("title"), t.operator_name,
                          std::to_string(t.pages), std::to_string(t.files), step_words(t.step(2)),
                          step_words(t.step(3)), step_words(t.step(4)), minutes(t.machine_s)}});
  }
  paper.blocks.emplace_back(std::move(each));
  paper.blocks.emplace_back(head_signature(office, today));
  return paper;
}

// --- job slip

Result<Paper> make_slip(const Holdings& holdings, const PaperRequest& request) {
  const auto& about = request.about;
  if (about.size() != 1) {
    return fail(ErrorCode::usage, "--for meminta satu nomor bahan",
                "--for takes one item's number");
  }
  ALIH_TRY(auto item, holdings.database().find_item(about.front()));
  const auto& office = holdings.settings().office;
  const auto e = entry_of(holdings, std::move(item));
  auto paper = blank_paper(office, "Lembar Kerja Alih Media " + e.item.digitization_no);
  paper.identifier = e.item.digitization_no;
  paper.footer = "Lembar kerja; ikut bersama bahan sampai kembali ke rak";
  paper.blocks.emplace_back(Text{"LEMBAR KERJA ALIH MEDIA", 13, true, false, Align::center, 0, 10});
  paper.blocks.emplace_back(BarCode{e.item.digitization_no});
  Fields facts;
  for (const char* name :
       {"registered_on", "title", "creator", "material_type", "accession_no", "barcode",
        "page_count_declared", "condition", "condition_flags", "missing_pages", "priority",
        "capture_profile", "original_location", "note"}) {
    const auto* field = find_field(name);
    facts.rows.push_back(
        {field->label.id, field->type == FieldType::date ? short_date(e.get(name)) : e.get(name)});
  }
  paper.blocks.emplace_back(facts);
  Table steps;
  steps.size = 10;
  steps.columns = {
      {"Langkah", 7}, {"Standar SOP 041/25", 4}, {"Tanggal", 4}, {"Petugas", 4}, {"Paraf", 3}};
  steps.rows = {
      {{"1. Penyerahan bahan", "Periodik", "", "", ""}},
      {{"2. Identifikasi dan registrasi", standard_words(office.standard_register_min, "bahan"),
        short_date(e.item.registered_on), "", ""}},
      {{"3. Pengalihmediaan", standard_words(office.standard_digitize_min, "bahan"), "", "", ""}},
      {{"4. Memasukkan file ke database", standard_words(office.standard_file_min, "file"), "", "",
        ""}},
      {{"5. Bahan kembali ke rak", "", "", "", ""}}};
  paper.blocks.emplace_back(steps);
  return paper;
}

// --- Laporan Bulanan

Result<Paper> make_monthly(const Holdings& holdings, const PaperRequest& request) {
  ALIH_TRY(const auto period, period_of(request.about));
  const auto& office = holdings.settings().office;
  const auto today = local_date();
  struct Sum {
    std::int64_t titles = 0;
    std::int64_t images = 0;
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    void add(const Entry& e) {
      std::set<std::string> names;
      for (const auto& p : e.pages) {
        if (p.state != PageState::removed) names.insert(p.master.file);
      }
      ++titles;
      images += e.number("image_count");
      files += static_cast<std::int64_t>(names.size());
      bytes += e.number("total_bytes");
    }
  };
  std::map<std::string, Sum> by_type;
  std::map<std::string, Sum> by_person;
  Sum all;
  for (const auto& [sequence, id] : holdings.database().numbers(period.year)) {
    ALIH_TRY(auto item, holdings.database().item(id));
    if (!period.holds(item.registered_on) || item.state == ItemState::withdrawn) continue;
    const auto e = entry_of(holdings, std::move(item));
    const auto type = e.get("material_type");
    by_type[type.empty() ? "(belum diisi)" : type].add(e);
    for (const auto& person : holdings.people_of(id)) by_person[person].add(e);
    all.add(e);
  }
  auto paper = blank_paper(office, "Laporan Alih Media " + period.text());
  paper.identifier = "LAPORAN/" + period.text();
  paper.footer = "Dicetak " + indonesian::date_words(today).date;
  paper.blocks.emplace_back(Text{"LAPORAN ALIH MEDIA", 13, true, false, Align::center, 0, 0});
  paper.blocks.emplace_back(Text{period.words(), 11, true, false, Align::center, 0, 12});
  const auto table = [&](const std::string& first, const std::map<std::string, Sum>& rows,
                         bool total) {
    Table t;
    t.size = 10;
    t.columns = {{first, 8},
                 {"Judul", 3, Align::right},
                 {"Halaman", 3, Align::right},
                 {"File", 3, Align::right},
                 {"Ukuran", 4, Align::right}};
    const auto row = [](const std::string& name, const Sum& s, bool bold) {
      return Table::Row{{name, indonesian::grouped(s.titles), indonesian::grouped(s.images),
                         indonesian::grouped(s.files), size_words(s.bytes)},
                        bold};
    };
    for (const auto& [name, sum] : rows) t.rows.push_back(row(name, sum, false));
    if (total) t.rows.push_back(row("JUMLAH", all, true));
    return t;
  };
  const auto title = [&](const char* text) {
    paper.blocks.emplace_back(Text{text, 11, true, false, Align::left, 6, 4, kBelowHeading});
  };
  title("Menurut jenis bahan");
  paper.blocks.emplace_back(table("Jenis bahan", by_type, true));
  if (all.titles > 0) {
    ALIH_TRY(const auto times, performance(holdings, period.text()));
    title("Terhadap standar SOP 041/25");
    paper.blocks.emplace_back(standards_table(office, times.all));
    paper.blocks.emplace_back(
        Text{"Waktu mesin, di luar waktu petugas: " + minutes(times.all.machine_s) + " menit.", 10,
             false, false, Align::left});
  }
  title("Menurut petugas");
  // Two people may have worked on one item, so these do not add up to the total.
  paper.blocks.emplace_back(table("Petugas", by_person, false));
  const auto place_and_date = office.place + ", " + indonesian::date_words(today).date;
  const auto head = official_on(office, kHead, today);
  const auto section = official_on(office, kSectionHead, today);
  paper.blocks.emplace_back(
      Signatures{{head ? signed_by(*head, "Mengetahui,")
                       : Signatures::Block{"Mengetahui,", "Kepala Dinas,", "", ""},
                  section ? signed_by(*section, place_and_date)
                          : Signatures::Block{place_and_date, "Kepala Seksi Alih Media,", "", ""}},
                 11});
  return paper;
}

}  // namespace

Result<std::vector<Official>> officials(const Office& office) {
  std::vector<Official> out;
  for (const auto& line : office.officials) {
    auto parts = parts_of(line, ';');
    constexpr std::size_t kParts = 6;
    const bool dates = parts.size() == kParts &&
                       std::all_of(parts.begin() + 4, parts.end(), [](const std::string& day) {
                         return day.empty() || !indonesian::date_words(day).date.empty();
                       });
    if (!dates || parts[0].empty() || parts[2].empty()) {
      return fail(ErrorCode::bad_field,
                  "office.officials: \"{}\" harus \"peran; jabatan; nama; NIP; dari; sampai\" "
                  "dengan tanggal TTTT-BB-HH",
                  "office.officials: \"{}\" must be \"role; title; name; NIP; from; until\" with "
                  "dates YYYY-MM-DD",
                  {line});
    }
    out.push_back({parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]});
  }
  return out;
}

Result<Official> official_on(const Office& office, std::string_view role, std::string_view day) {
  ALIH_TRY(const auto all, officials(office));
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (at->role == role && (at->from.empty() || at->from <= day) &&
        (at->until.empty() || day <= at->until)) {
      return *at;
    }
  }
  return fail(ErrorCode::bad_field, "office.officials tidak memuat {} pada {}",
              "office.officials has no {} on {}", {role, day});
}

const std::vector<PaperKind>& all_paper_kinds() {
  static const std::vector<PaperKind> rows = {
      {"register",
       {"Buku Inventaris Alih Media", "the digitization register"},
       {"tahun atau bulan, misalnya 2026-11", "year or month, e.g. 2026-11"},
       make_register,
       "ALM-BIAM",
       "BIAM"},
      {"berita-acara",
       {"Berita Acara Alih Media dengan Daftar Arsip", "record of digitization with its list"},
       {"nomor bahan, boleh beberapa", "numbers of items, one or more"},
       make_berita_acara,
       "ALM-BA",
       "BA"},
      {"daftar",
       {"Daftar Arsip yang Dialihmediakan", "list of the records that were digitized"},
       {"nomor bahan, boleh beberapa", "numbers of items, one or more"},
       make_list,
       "ALM-BA",
       "BA"},
      {"serah-terima",
       {"Berita Acara Serah Terima bahan", "record of a handover"},
       {"nomor serah terima", "number of a handover"},
       make_handover,
       "ALM-BA",
       "BA"},
      {"slip",
       {"lembar kerja dengan kode batang", "job slip with a bar code"},
       {"nomor bahan", "number of an item"},
       make_slip,
       "",
       ""},
      {"report",
       {"laporan alih media", "report of a month or year"},
       {"tahun atau bulan", "year or month"},
       make_monthly,
       "ALM-LAP",
       "LAP"},
      {"kinerja",
       {"Rekap Kinerja terhadap Standar SOP", "times beside the procedure's standards"},
       {"tahun atau bulan", "year or month"},
       make_performance,
       "ALM-LAP",
       "LAP"},
      {"ditunda",
       {"Daftar Bahan Ditunda", "what is on hold"},
       {"(tanpa)", "(nothing)"},
       make_on_hold,
       "ALM-LAP",
       "LAP"},
  };
  return rows;
}

namespace {

// The paper that was kept when the period was closed: what was printed before is not the book.
std::optional<Item> kept_register(const Holdings& holdings, const std::string& identifier,
                                  const std::string& closed_at) {
  for (auto& item : holdings.database().papers()) {
    if (item.series != "ALM-BIAM" || item.field("reference_no") != identifier) continue;
    const auto events = holdings.database().events_of(item.id, "");
    if (!events.empty() && events.front().at >= closed_at) return std::move(item);
  }
  return std::nullopt;
}

// Whether the paper may name what only the custodians of closed items may know of.
bool names_closed(const Holdings& holdings, const PaperKind& kind, const PaperRequest& request) {
  const auto& database = holdings.database();
  const auto any = [](const auto& items) {
    return std::any_of(items.begin(), items.end(), [](const Item& i) { return for_custodians(i); });
  };
  std::vector<Item> named;
  for (const auto& about : request.about) {
    if (auto item = database.find_item(about)) named.push_back(std::move(*item));
    const auto batch = holdings.handover(about);
    if (!batch) continue;
    for (const auto& e : batch->entries) {
      if (auto item = database.item_of_entry(batch->batch_no, e.number)) {
        named.push_back(std::move(*item));
      }
    }
  }
  if (!named.empty()) return any(named);
  if (kind.kind == "register" && !request.about.empty()) {
    const auto lines = holdings.book_lines(request.about.front());
    return !lines || std::any_of(lines->begin(), lines->end(),
                                 [](const auto& l) { return for_custodians(l.item); });
  }
  const auto items = database.items({});
  return any(items);
}

// What the paper is about, for whoever looks for it.
std::string about_words(const std::vector<std::string>& about) {
  constexpr std::size_t kMost = 3500;  // bytes; a field holds 4,000
  std::string out;
  for (const auto& a : about) {
    if (out.size() + a.size() > kMost) return out + "; …";
    out += (out.empty() ? "" : "; ") + a;
  }
  return out;
}

Result<Item> keep(Holdings& holdings, const PaperKind& kind, const Paper& paper,
                  const PaperRequest& request, const Printed& printed, const Agent& by,
                  const std::string& program) {
  const auto& path = printed.file.path;
  PageWorker worker(program, holdings.settings(), holdings.files().scratch());
  ALIH_TRY(const auto checked, worker.check(path));
  Item draft;
  draft.id = ItemId::make();
  draft.series = kind.series;
  draft.access =
      names_closed(holdings, kind, request) ? AccessClass::closed : AccessClass::restricted;
  const auto set = [&](const char* name, const std::string& value) -> Status {
    return value.empty() ? Status() : set_field(draft, name, value);
  };
  ALIH_CHECK(set("title", paper.title));
  ALIH_CHECK(set("reference_no", paper.identifier));
  ALIH_CHECK(set("material_type", "government_document"));
  ALIH_CHECK(set("language", "ind"));
  ALIH_CHECK(set("script", "Latn"));
  ALIH_CHECK(set("source_unit", holdings.settings().office.section));
  ALIH_CHECK(set("date_issued", paper.at.substr(0, 4)));
  ALIH_CHECK(set("page_count_declared", std::to_string(printed.sheets)));
  ALIH_CHECK(set("condition", "good"));
  ALIH_CHECK(set("description", about_words(request.about)));
  const auto name = Holdings::provisional_name(1, "pdf");
  const auto fixity = holdings.keep_master(draft.id, name, path);
  if (!fixity) {
    holdings.forget(draft.id);
    return fail(fixity.error());
  }
  std::vector<PageDraft> pages;
  Holdings::NewItem how;
  how.paper_prefix = kind.prefix;
  for (std::size_t i = 0; i < checked.frames.size(); ++i) {
    const auto& frame = checked.frames[i];
    if (!frame.problem_en.empty() || i >= printed.texts.size()) {
      holdings.forget(draft.id);
      return fail(ErrorCode::internal, "Surat {} tidak dapat disimpan: {}",
                  "The paper {} cannot be kept: {}", {paper.title, frame.problem_en});
    }
    PageDraft page;
    page.master = {name,    checked.format,     path.filename().string(),
                   *fixity, frame.pixel_sha256, static_cast<int>(i),
                   {}};
    page.width = frame.width;
    page.height = frame.height;
    page.dpi = frame.dpi;
    page.color_mode = frame.color_mode;
    page.bit_depth = frame.bit_depth;
    page.orientation = frame.orientation;
    page.capture["pdf_image"] = frame.pdf_image;
    page.agent = program_agent();
    page.event_type = "creation";
    page.detail = "printed from the register's own facts";
    pages.push_back(std::move(page));
    auto text = printed.texts[i];
    const double scale = text.width > 0 ? static_cast<double>(frame.width) / text.width : 1;
    const auto scaled = [&](Box& b) {
      const auto grown = [&](int v) { return static_cast<int>(std::lround(v * scale)); };
      b = {grown(b.x), grown(b.y), std::max(1, grown(b.width)), std::max(1, grown(b.height))};
    };
    for (auto& block : text.blocks) {
      scaled(block.box);
      for (auto& line : block.lines) {
        scaled(line.box);
        for (auto& w : line.words) scaled(w.box);
      }
    }
    text.width = frame.width;
    text.height = frame.height;
    how.texts.push_back(std::move(text));
  }
  how.detail = std::string(kind.kind) + " " + paper.identifier + ", SHA-256 " + fixity->sha256;
  auto made = holdings.create_item(draft, pages, by, how);
  if (!made) holdings.forget(draft.id);
  return made;
}

}  // namespace

Result<PrintedPaper> print_paper(Holdings& holdings, std::string_view kind,
                                 const PaperRequest& request, const std::filesystem::path& to,
                                 const Agent& by, const std::string& program) {
  for (const auto& row : all_paper_kinds()) {
    if (row.kind != kind) continue;
    ALIH_TRY(const auto all, officials(holdings.settings().office));
    ALIH_TRY(const auto paper, row.make(holdings, request));
    PrintedPaper out;
    for (const auto& o : all) {
      if (const auto doubt = indonesian::nip_doubt(o.nip); !o.nip.empty() && !doubt.empty()) {
        out.warnings.push_back(message("NIP {} ({}) diragukan: {}", "NIP {} ({}) is doubtful: {}",
                                       {o.nip, o.name, doubt}));
      }
    }
    if (const auto ending = to.extension(); ending == ".xlsx" || ending == ".csv") {
      ALIH_TRY(out.printed.file, write_tables(paper, to));
      return out;
    }
    const auto closing = row.kind == "register" && !request.about.empty()
                             ? holdings.closing_of(request.about.front())
                             : std::nullopt;
    if (closing && closing->period == request.about.front()) {
      if (auto before = kept_register(holdings, paper.identifier, closing->at)) {
        const auto pages = holdings.database().pages(before->id);
        if (!pages.empty()) {
          const auto& master = pages.front().master;
          ALIH_TRY(const auto fixity,
                   repository::copy_durably(holdings.files().master_path(before->id, master), to));
          if (!fixity.same_bytes(master.fixity)) {
            return fail(ErrorCode::damaged, "{} rusak; jalankan alihmedia repair {}",
                        "{} is damaged; run alihmedia repair {}",
                        {before->digitization_no, before->digitization_no});
          }
          out.printed.file = {to, fixity.bytes, fixity.sha256};
          out.printed.sheets = static_cast<int>(pages.size());
          out.kept = std::move(before);
          return out;
        }
      }
    }
    ALIH_TRY(out.printed, repository::print_paper(paper, to));
    if (row.series.empty() || request.draft) return out;
    ALIH_TRY(out.kept, keep(holdings, row, paper, request, out.printed, by, program));
    return out;
  }
  return fail(ErrorCode::usage, "Surat \"{}\" tidak dikenal", "The paper \"{}\" is not known",
              {kind});
}

Status check_record_number(const std::string& pattern) {
  for (const int no : {7, 12, 12345}) {
    constexpr int kMonth = 11;
    constexpr int kYear = 2026;
    if (pattern.find("{tahun}") == std::string::npos ||
        indonesian::letter_number_of(pattern, kYear,
                                     indonesian::letter_number(pattern, no, kMonth, kYear)) != no) {
      return fail(ErrorCode::bad_setting,
                  "office.record_number harus memuat {no} dan {tahun}, terpisah, misalnya "
                  "{no}/BA-AM/{bulan}/{tahun}",
                  "office.record_number must have {no} and {tahun}, apart, as in "
                  "{no}/BA-AM/{bulan}/{tahun}");
    }
  }
  return {};
}

Result<std::string> number_record(Holdings& holdings, std::string_view kind,
                                  const std::vector<std::string>& about, const Agent& by,
                                  const std::function<Status(const Item&)>& permits) {
  if (kind != "berita-acara" && kind != "daftar") {
    return fail(ErrorCode::usage, "Surat {} tidak bernomor Berita Acara",
                "The paper {} has no number of a Berita Acara", {std::string(kind)});
  }
  const auto& pattern = holdings.settings().office.record_number;
  ALIH_CHECK(check_record_number(pattern));
  static std::mutex one_at_a_time;  // one process has the data folder
  const std::lock_guard lock(one_at_a_time);
  std::set<std::string> given;
  std::vector<Item> without;
  for (const auto& number : about) {
    ALIH_TRY(auto item, holdings.database().find_item(number));
    ALIH_CHECK(permits(item));
    const auto own = item.field("ba_no");
    if (own.empty())
      without.push_back(std::move(item));
    else
      given.insert(own);
  }
  if (given.size() > 1) {
    return fail(ErrorCode::wrong_state, "Bahan ini sudah mempunyai nomor yang berbeda: {}",
                "These items have different numbers already: {}",
                {joined({given.begin(), given.end()}, ", ")});
  }
  const auto today = local_date();
  const int year = std::atoi(today.substr(0, 4).c_str());
  if (given.empty()) {
    int last = 0;
    const auto see = [&](const std::string& number) {
      last = std::max(last, indonesian::letter_number_of(pattern, year, number));
    };
    for (const auto& item : holdings.database().items({})) see(item.field("ba_no"));
    for (const auto& paper : holdings.database().papers()) see(paper.field("reference_no"));
    given.insert(
        indonesian::letter_number(pattern, last + 1, std::atoi(today.substr(5, 2).c_str()), year));
  }
  for (const auto& item : without) {
    ALIH_TRY([[maybe_unused]] const auto done,
             holdings.set_fields(item.id, {{"ba_no", *given.begin()}}, by));
  }
  return *given.begin();
}

Result<ClosedPeriod> close_register(Holdings& holdings, const std::string& period, const Agent& by,
                                    const std::string& program) {
  const auto& office = holdings.settings().office;
  ALIH_TRY([[maybe_unused]] const auto all, officials(office));
  Closing draft;
  draft.period = period;
  draft.unit = office.unit;
  draft.place = office.place;
  draft.letterhead = office.letterhead;
  draft.paper = office.paper;
  draft.font = office.font;
  if (const auto head = official_on(office, kSectionHead, local_date())) {
    draft.signer_title = head->title;
    draft.signer_name = head->name;
    draft.signer_nip = head->nip;
  }
  ClosedPeriod out;
  ALIH_TRY(out.closing, holdings.close_period(std::move(draft), by));
  ALIH_TRY(const auto scratch, Scratch::make(holdings.files().scratch()));
  ALIH_TRY(auto printed,
           print_paper(holdings, "register", {{period}, false},
                       scratch.folder() / ("register-" + period + ".pdf"), by, program));
  out.kept = std::move(printed.kept);
  return out;
}

namespace {

Result<bool> is_kept_paper(const Holdings& holdings, const std::filesystem::path& file) {
  ALIH_TRY(const auto own, repository::file_fixity(file));
  const auto kept = holdings.database().papers();
  return std::any_of(kept.begin(), kept.end(), [&](const Item& paper) {
    const auto pages = holdings.database().pages(paper.id);
    return !pages.empty() && pages.front().master.fixity.same_bytes(own);
  });
}

// The most suspicious of its pages.
Result<Pdf::Make> make_of(const Holdings& holdings, const std::filesystem::path& file,
                          const std::vector<CheckedFrame>& frames) {
  ALIH_TRY(auto opened, open_to_read(file, Links::follow));
  ALIH_TRY(const auto scratch, Scratch::make(holdings.files().scratch()));
  const auto deadline = [&] {
    return monotonic_seconds() + holdings.settings().pipeline.decode_timeout_s;
  };
  ALIH_TRY(const auto pdf,
           Pdf::open(std::move(opened), scratch.folder(), holdings.settings(), deadline()));
  auto out = Pdf::Make::pictures;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    // A page that is one picture looks like that picture: this was compared.
    if (frames[i].pdf_image == "embedded") continue;
    const int page = static_cast<int>(i) + 1;
    const double until = deadline();
    ALIH_TRY(const auto size, pdf.size(page, until));
    ALIH_TRY(const auto make, pdf.made_of(page, size, until));
    if (make == Pdf::Make::drawn) return make;
    if (make == Pdf::Make::pictures_with_text) out = make;
  }
  return out;
}

}  // namespace

Result<PaperCheck> check_paper(const Holdings& holdings, const std::filesystem::path& file,
                               const std::string& program) {
  constexpr std::string_view kOurs = "alihmedia:";
  constexpr int kMostPages = 200;
  PageWorker worker(program, holdings.settings(), holdings.files().scratch());
  ALIH_TRY(const auto checked, worker.check(file));
  PaperCheck out;
  int page = 0;
  for (const auto& frame : checked.frames) {
    if (page == kMostPages || !out.kind.empty()) break;
    PageTask task;
    task.master = file;
    task.frame = page++;
    task.orientation = frame.orientation;
    task.dpi = frame.dpi;
    task.pdf_image = frame.pdf_image;
    task.read = false;
    if (!frame.problem_en.empty()) continue;
    const auto seen = worker.process(task);
    if (!seen) continue;
    for (const auto& code : seen->codes) {
      if (!code.text.starts_with(kOurs)) continue;
      // "alihmedia:kind:number:digest"; a number may have colons of its own.
      const auto text = code.text.substr(kOurs.size());
      const auto first = text.find(':');
      const auto last = text.rfind(':');
      if (first == std::string::npos || first == last) continue;
      out.kind = text.substr(0, first);
      out.number = text.substr(first + 1, last - first - 1);
      out.digest = text.substr(last + 1);
    }
  }
  if (out.kind.empty()) {
    return fail(ErrorCode::unreadable, "Pada {} tidak terbaca kode QR dari surat alihmedia",
                "No QR code of one of our papers can be read on {}", {file.filename().string()});
  }
  const auto problem = [&](const char* kind, const std::string& detail) {
    out.report.problems.push_back({kind, out.number, detail, std::nullopt, ""});
  };
  const auto check_item = [&](const Item& item) {
    out.items.push_back(item.digitization_no);
    holdings.verify_item(item.id, out.report);
  };
  // A PDF of ours has the bytes of one that was kept. Of a scan only the code can be compared.
  ALIH_TRY(out.as_printed, is_kept_paper(holdings, file));
  if (!out.as_printed && checked.format == "pdf") {
    ALIH_TRY(const auto make, make_of(holdings, file, checked.frames));
    if (make == Pdf::Make::drawn) {
      problem("paper_altered", "no paper that was printed here has these bytes");
    } else if (make == Pdf::Make::pictures_with_text) {
      problem(
          "paper_unsure",
          "text lies over the scan in this PDF; scan the paper as pictures alone, or compare it "
          "with the one that was kept");
    }
  }
  std::string now;
  if (out.kind == "ba") {
    std::vector<std::string> numbers;
    for (const auto& item : holdings.database().items({})) {
      if (item.field("ba_no") != out.number) continue;
      numbers.push_back(item.digitization_no);
      check_item(item);
    }
    if (!numbers.empty()) {
      ALIH_TRY(const auto w, work_of(holdings, numbers));
      now = sha256_hex(w.manifest);
    }
  } else if (out.kind == "st") {
    if (const auto h = holdings.handover(out.number)) {
      now = list_digest(*h);
      for (const auto& e : h->entries) {
        if (const auto item = holdings.database().item_of_entry(h->batch_no, e.number)) {
          check_item(*item);
        }
      }
    }
  } else if (out.kind == "biam") {
    if (const auto record = holdings.database().book(closing_name(out.number))) {
      ALIH_TRY(const auto closing, closing_from_json(record->body));
      now = closing.lines_sha256;
      ALIH_TRY(const auto lines, holdings.book_lines(out.number));
      for (const auto& l : lines) {
        if (l.first) check_item(l.item);
      }
    }
  }
  if (now.empty()) {
    problem("paper_unknown", "nothing here has the number of this paper");
  } else if (now != out.digest) {
    problem("paper_differs", "the paper says " + out.digest.substr(0, kShortDigest) +
                                 ", the files are " + now.substr(0, kShortDigest));
  }
  return out;
}

}  // namespace alih::pipeline
