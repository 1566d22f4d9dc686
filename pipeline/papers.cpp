#include "pipeline/papers.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/clock.h"
#include "core/fields.h"
#include "core/indonesian.h"
#include "processing/codes.h"

namespace alih::pipeline {
namespace {

using namespace repository;  // NOLINT: the words of papers

constexpr std::string_view kHead = "kepala_dinas";
constexpr std::string_view kRecordsHead = "pimpinan_unit_kearsipan";
constexpr std::string_view kSectionHead = "kepala_seksi";

std::string trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(' ');
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(' ') - from + 1));
}

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
    return "BULAN " + std::string(indonesian::month_name(month)) + " " + std::to_string(year);
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

Table::Row register_row(const Entry& e) {
  const auto imprint =
      joined({joined({e.get("place"), e.get("publisher")}, ": "), e.get("date_issued")}, ", ");
  const bool withdrawn = e.item.state == ItemState::withdrawn;
  const auto files = joined({e.get("dpi").empty() ? "" : e.get("dpi") + " dpi",
                             e.get("master_format"), size_words(e.number("total_bytes"))},
                            " / ");
  std::vector<std::string> remarks{e.get("note")};
  if (withdrawn) remarks.emplace_back("Ditarik");
  if (!incomplete_fields(e.item, e.pages).empty() && !withdrawn) {
    remarks.emplace_back("Data belum lengkap");
  }
  return {
      {std::to_string(e.item.sequence_no), short_date(e.item.registered_on), e.item.digitization_no,
       e.get("accession_no"), e.get("call_no"), e.get("title"), e.get("creator", "; "), imprint,
       e.get("material_type"), e.get("page_count_declared"), e.get("condition"),
       e.get("image_count"), files, e.get("file_prefix"), "", joined(remarks, "; ")},
      false,
      withdrawn};
}

// Who took the item in or scanned it, as the events name them.
std::vector<std::string> people_of(const Holdings& holdings, const ItemId& item) {
  std::vector<std::string> out;
  for (const auto& e : holdings.database().events(item)) {
    if (e.agent.kind != "person") continue;
    if (std::find(out.begin(), out.end(), e.agent.name) == out.end()) out.push_back(e.agent.name);
  }
  return out;
}

Result<Paper> make_register(const Holdings& holdings, const std::vector<std::string>& about) {
  ALIH_TRY(const auto period, period_of(about));
  const auto& office = holdings.settings().office;
  const auto today = local_date();
  auto paper = blank_paper(office, "Buku Inventaris Alih Media " + period.text());
  paper.identifier = "BIAM/" + period.text();
  paper.landscape = true;
  paper.footer = "Buku Inventaris Alih Media " + period.text() + ", dicetak " +
                 indonesian::date_words(today).date;
  paper.blocks.emplace_back(
      Text{"BUKU INVENTARIS ALIH MEDIA", 13, true, false, Align::center, 0, 0});
  paper.blocks.emplace_back(Text{period.words(), 11, true, false, Align::center, 0, 8});
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
                   {"Kota, Penerbit, Tahun", 9},
                   {"Jenis Bahan", 6},
                   {"Jml Hal. Asli", 4, Align::right},
                   {"Kondisi", 5},
                   {"Jml Citra", 4, Align::right},
                   {"Resolusi / Format / Ukuran", 8},
                   {"Nama File", 8},
                   {"Operator", 6},
                   {"Keterangan", 8}};
  constexpr std::size_t kOperator = 14;
  std::int64_t pages = 0;
  std::int64_t bytes = 0;
  for (const auto& [sequence, id] : holdings.database().numbers(period.year)) {
    ALIH_TRY(auto item, holdings.database().item(id));
    if (!period.holds(item.registered_on)) continue;
    const auto entry = entry_of(holdings, std::move(item));
    auto row = register_row(entry);
    row.cells[kOperator] = joined(people_of(holdings, id), ", ");
    table.rows.push_back(std::move(row));
    pages += entry.number("image_count");
    bytes += entry.number("total_bytes");
  }
  const auto titles = static_cast<std::int64_t>(table.rows.size());
  paper.blocks.emplace_back(std::move(table));
  paper.blocks.emplace_back(
      Text{"Jumlah: " + indonesian::grouped(titles) + " (" + indonesian::number_words(titles) +
               ") bahan, " + indonesian::grouped(pages) + " citra, " + size_words(bytes) + ".",
           9, false, false, Align::left});
  const auto place_and_date = office.place + ", " + indonesian::date_words(today).date;
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
  std::set<std::string> media;
  std::set<std::string> processes;
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
      const auto day = local_date_of(e.at);
      if (w.first.empty() || day < w.first) w.first = day;
      if (day > w.last && (e.type == "capture" || e.type == "ingestion")) w.last = day;
    }
    for (auto& person : people_of(holdings, id)) {
      if (std::find(w.people.begin(), w.people.end(), person) == w.people.end()) {
        w.people.push_back(std::move(person));
      }
    }
    w.media.insert(entry.get("material_type"));
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
    w.manifest += entry.get("manifest_sha256") + "  " + entry.item.digitization_no + "\n";
    w.entries.push_back(std::move(entry));
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

Result<Paper> make_berita_acara(const Holdings& holdings, const std::vector<std::string>& about) {
  ALIH_TRY(const auto w, work_of(holdings, about));
  const auto& office = holdings.settings().office;
  const auto today = local_date();
  const auto signer = official_on(office, kRecordsHead, today);
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
    missing.need(!range_of(e).empty(),
                 "kurun waktu (date_from, date_to atau date_issued) pada " + no);
  }
  ALIH_CHECK(missing.status("Berita Acara Alih Media"));

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
  Fields facts;
  facts.rows = {{"Waktu pelaksanaan", first == last ? first : first + " sampai dengan " + last},
                {"Tempat pelaksanaan", office.section + ", " + office.unit},
                {"Proses alih media", joined({w.processes.begin(), w.processes.end()}, "; ")},
                {"Dikerjakan dengan", program_agent().name + " " + program_agent().version},
                {"Arsip asli", "tetap disimpan pada unit pengolah"}};
  paper.blocks.emplace_back(facts);
  paper.blocks.emplace_back(Text{"Pelaksana:", 11, false, false, Align::left, 4, 2});
  Table people;
  people.size = 10;
  people.columns = {{"No.", 1, Align::right}, {"Nama", 6}, {"Jabatan", 6}, {"Tanda tangan", 4}};
  for (const auto& name : w.people) {
    people.rows.push_back(
        {{std::to_string(people.rows.size() + 1) + ".", name, "Pelaksana alih media", ""}});
  }
  paper.blocks.emplace_back(people);
  paper.blocks.emplace_back(
      Text{"Demikian Berita Acara ini dibuat dengan sebenarnya untuk dipergunakan sebagaimana "
           "mestinya."});
  const Signatures signature{{signed_by(*signer, place_and_date)}, 11};
  paper.blocks.emplace_back(signature);
  const auto digest = sha256_hex(w.manifest);
  constexpr std::size_t kShort = 16;
  ALIH_TRY(const auto qr, processing::make_qr("alihmedia:ba:" + w.number + ":" + digest));
  paper.blocks.emplace_back(
      Stamp{qr,
            {"Tanda autentikasi: " + digest.substr(0, kShort),
             "Sidik jari SHA-256 dari manifes semua berkas dalam Daftar. Kode QR memuatnya utuh."},
            58});

  paper.blocks.emplace_back(NewSheet{});
  paper.blocks.emplace_back(
      Fields{{{"Lampiran Berita Acara", w.number}, {"Tanggal", day.date}}, 10, 0.3, 8});
  heading("DAFTAR ARSIP YANG DIALIHMEDIAKAN", 8);
  std::set<std::string> units;
  for (const auto& e : w.entries) units.insert(e.get("source_unit"));
  paper.blocks.emplace_back(
      Fields{{{"Unit Pengolah", joined({units.begin(), units.end()}, "; ")}}, 10, 0.3, 6});
  Table list;
  list.numbered = true;
  list.columns = {
      {"No.", 2, Align::right}, {"Jenis Arsip", 5},          {"Uraian Informasi Arsip", 11},
      {"Kurun Waktu", 4},       {"Jumlah", 4, Align::right}, {"Citra", 3, Align::right},
      {"Keterangan", 7}};
  for (const auto& e : w.entries) {
    list.rows.push_back(
        {{std::to_string(list.rows.size() + 1), e.get("material_type"), e.get("title"), range_of(e),
          indonesian::grouped(e.number("page_count_declared")) + " hal.",
          indonesian::grouped(e.number("image_count")),
          joined({e.item.digitization_no, e.get("condition"), e.get("note")}, "; ")}});
  }
  list.rows.push_back({{"", "", "JUMLAH", "", indonesian::grouped(w.sheets) + " hal.",
                        indonesian::grouped(w.images), indonesian::grouped(count) + " berkas"},
                       true});
  paper.blocks.emplace_back(std::move(list));
  paper.blocks.emplace_back(signature);
  return paper;
}

// --- job slip

Result<Paper> make_slip(const Holdings& holdings, const std::vector<std::string>& about) {
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
  steps.rows = {{{"1. Penyerahan bahan", "Periodik", "", "", ""}},
                {{"2. Identifikasi dan registrasi", "5 menit/buku",
                  short_date(e.item.registered_on), "", ""}},
                {{"3. Pengalihmediaan", "1 jam/bahan", "", "", ""}},
                {{"4. Memasukkan file ke database", "5 menit/file", "", "", ""}},
                {{"5. Bahan kembali ke rak", "", "", "", ""}}};
  paper.blocks.emplace_back(steps);
  return paper;
}

// --- Laporan Bulanan

Result<Paper> make_monthly(const Holdings& holdings, const std::vector<std::string>& about) {
  ALIH_TRY(const auto period, period_of(about));
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
    for (const auto& person : people_of(holdings, id)) by_person[person].add(e);
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
    paper.blocks.emplace_back(Text{text, 11, true, false, Align::left, 6, 4});
  };
  title("Menurut jenis bahan");
  paper.blocks.emplace_back(table("Jenis bahan", by_type, true));
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
       make_register},
      {"berita-acara",
       {"Berita Acara Alih Media dengan Daftar Arsip", "record of digitization with its list"},
       {"nomor bahan, boleh beberapa", "numbers of items, one or more"},
       make_berita_acara},
      {"slip",
       {"lembar kerja dengan kode batang", "job slip with a bar code"},
       {"nomor bahan", "number of an item"},
       make_slip},
      {"report",
       {"laporan alih media", "report of a month or year"},
       {"tahun atau bulan", "year or month"},
       make_monthly},
  };
  return rows;
}

Result<PrintedPaper> print_paper(const Holdings& holdings, std::string_view kind,
                                 const std::vector<std::string>& about,
                                 const std::filesystem::path& to) {
  for (const auto& row : all_paper_kinds()) {
    if (row.kind != kind) continue;
    ALIH_TRY(const auto all, officials(holdings.settings().office));
    ALIH_TRY(const auto paper, row.make(holdings, about));
    PrintedPaper out;
    ALIH_TRY(out.printed, repository::print_paper(paper, to));
    for (const auto& o : all) {
      if (const auto doubt = indonesian::nip_doubt(o.nip); !o.nip.empty() && !doubt.empty()) {
        out.warnings.push_back(message("NIP {} ({}) diragukan: {}", "NIP {} ({}) is doubtful: {}",
                                       {o.nip, o.name, doubt}));
      }
    }
    return out;
  }
  return fail(ErrorCode::usage, "Surat \"{}\" tidak dikenal", "The paper \"{}\" is not known",
              {kind});
}

}  // namespace alih::pipeline
