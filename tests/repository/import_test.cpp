// Readers of other programs' files and the writers they read back: by the one table of fields.
#include <fstream>

#include <gtest/gtest.h>
#include <xlsxwriter.h>

#include "core/fields.h"
#include "repository/export/records.h"
#include "repository/import/csv.h"
#include "repository/import/importer.h"
#include "repository/import/values.h"
#include "repository/marc.h"
#include "tests/support/temp_folder.h"

namespace alih::repository {
namespace {

using testing_support::TempFolder;

struct Read {
  std::vector<ImportRow> rows;
  std::vector<std::pair<int, std::string>> rejected;
  Status done;
};

Read read(std::string_view from, std::string_view text, const ImportLimits& limits = {}) {
  Read out;
  const ImportSink sink{[&](ImportRow row) -> Status {
                          out.rows.push_back(std::move(row));
                          return {};
                        },
                        [&](int row, const Message& why) -> Status {
                          out.rejected.emplace_back(row, why.en);
                          return {};
                        }};
  out.done = read_rows(from, std::as_bytes(std::span(text.data(), text.size())), limits, sink);
  return out;
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A good value for every field that a person fills.
Item full_item() {
  Item item;
  item.id = ItemId::make();
  for (const auto& f : all_fields()) {
    if (f.filled_by == FilledBy::program || f.personal) continue;
    std::vector<std::string> values;
    switch (f.type) {
      case FieldType::text:
      case FieldType::list:
        values = {"Nilai & <" + std::string(f.name) + "> é", "kedua " + std::string(f.name)};
        break;
      case FieldType::number:
        values = {"25.5"};
        break;
      case FieldType::year:
        values = {"1936"};
        break;
      case FieldType::date:
        values = {"1936-08-17"};
        break;
      case FieldType::language:
        values = {"ind", "nld"};
        break;
      case FieldType::script:
        values = {"Latn", "Arab"};
        break;
      case FieldType::words:
        values = {std::string(f.allowed.front()), std::string(f.allowed.back())};
        break;
    }
    if (!f.repeated) values.resize(1);
    item.fields[std::string(f.name)] = values;
  }
  item.fields["title"] = {"Hikayat Banggai : tjerita lama"};
  item.fields["date_printed"] = {"[1936?]"};
  item.fields["page_count_declared"] = {"120"};
  item.fields["extent"] = {"xii, 120 hlm. : ilus."};
  item.fields["subject"] = {"Banggai -- Sejarah", "Adat"};
  return item;
}

TEST(Table, EveryFieldHasItsPlaceInMarc) {
  for (const auto& f : all_fields()) {
    if (f.filled_by == FilledBy::program) continue;
    EXPECT_EQ(f.in.marc.empty(), f.personal) << f.name;  // what is of people goes nowhere
  }
}

TEST(Marc, EveryFieldComesBackByEitherFile) {
  const TempFolder folder;
  RecordEntry entry;
  entry.item = full_item();
  for (const auto& [format, from] : {std::pair{"marcxml", "marcxml"}, std::pair{"marc", "marc"},
                                     std::pair{"marc", "inlislite"}}) {
    const auto path = folder / "out";
    ASSERT_TRUE(export_records({entry}, format, path));
    const auto back = read(from, file_text(path));
    ASSERT_TRUE(back.done) << back.done.error().message.en;
    ASSERT_EQ(back.rows.size(), 1U) << format;
    for (const auto& [name, values] : entry.item.fields) {
      const auto found = back.rows[0].fields.find(name);
      ASSERT_NE(found, back.rows[0].fields.end()) << format << " loses " << name;
      EXPECT_EQ(found->second, values) << format << " " << name;
    }
    EXPECT_EQ(back.rows[0].fields.size(), entry.item.fields.size());
  }
}

TEST(Marc, ReadsWhatInlisliteWrites) {
  const auto text =
      read("inlislite",
           "MARC-17\r\n=LDR  00000nam  2200000   4500\r\n=001  INLIS00000000000017\r\n"
           "=035  ##$a 0010-092000017\r\n=100  0#$a Pradana, Mamik, $e pengarang\r\n"
           "=245  ##$a Banggai : $b tjerita / $c Mamik\r\n"
           "=260  ##$a Jakarta :$b Grafika,$c c2015.\r\n=300  ##$a 120 hlm. ; $c 25 cm.\r\n"
           "=999  ##$x lain\r\n=990  ##$a X0022/2016\r\n=990  ##$a X0023/2016\r\n"
           "MARC-18\r\n=LDR  00000nam\r\n=245  ##$a Kedua\r\nrusak\r\n");
  ASSERT_TRUE(text.done);
  ASSERT_EQ(text.rows.size(), 1U);
  const auto& f = text.rows[0].fields;
  EXPECT_EQ(f.at("title"), std::vector<std::string>{"Banggai : tjerita"});
  EXPECT_EQ(f.at("creator"), std::vector<std::string>{"Pradana, Mamik"});
  EXPECT_EQ(f.at("place"), std::vector<std::string>{"Jakarta"});
  EXPECT_EQ(f.at("publisher"), std::vector<std::string>{"Grafika"});
  EXPECT_EQ(f.at("date_issued"), std::vector<std::string>{"2015"});
  EXPECT_EQ(f.at("page_count_declared"), std::vector<std::string>{"120"});
  EXPECT_EQ(f.at("height_cm"), std::vector<std::string>{"25"});
  EXPECT_FALSE(f.contains("extent"));
  EXPECT_EQ(f.at("accession_no"), (std::vector<std::string>{"X0022/2016", "X0023/2016"}));
  EXPECT_EQ(text.rows[0].extra.at("MARC 999 ##"), std::vector<std::string>{"$xlain"})
      << "tags that nobody knows are kept";
  ASSERT_EQ(text.rejected.size(), 1U);
  EXPECT_EQ(text.rejected[0].first, 2);
}

TEST(Marc, UnknownTagsGoOutAgain) {
  RecordEntry entry;
  entry.item.id = ItemId::make();
  entry.item.fields["title"] = {"A"};
  entry.extra["MARC 787 08"] = {"$aX$tY"};
  const auto record = marc_from(entry.item, entry.extra, {});
  const auto found = std::find_if(record.fields.begin(), record.fields.end(),
                                  [](const MarcField& f) { return f.tag == "787"; });
  ASSERT_NE(found, record.fields.end());
  EXPECT_EQ(found->second, '8');
  EXPECT_EQ(found->subfields.size(), 2U);
}

TEST(Marc, BrokenRecordsAreNamedAndTheRestGoesOn) {
  const TempFolder folder;
  RecordEntry entry;
  entry.item = full_item();
  ASSERT_TRUE(export_records({entry, entry, entry}, "marc", folder / "m"));
  auto bytes = file_text(folder / "m");
  const auto second = bytes.find('\x1D') + 1;
  bytes.replace(second, 5, "xxxxx");
  const auto back = read("marc", bytes);
  ASSERT_TRUE(back.done);
  EXPECT_EQ(back.rows.size(), 2U);
  ASSERT_EQ(back.rejected.size(), 1U);
  EXPECT_EQ(back.rejected[0].first, 2);
  // Any byte may be anything: refused or read, never a crash.
  for (std::size_t i = 0; i < second; i += 3) {
    auto odd = bytes.substr(0, second);
    odd[i] = static_cast<char>(odd[i] ^ 0x55);
    (void)read("marc", odd);
  }
}

TEST(Marc, RecordsThatDoNotFitAreRefused) {
  const TempFolder folder;
  RecordEntry entry;
  entry.item = full_item();
  entry.extra["MARC 887 ##"] = std::vector<std::string>(20, "$a" + std::string(9000, 'x'));
  EXPECT_EQ(export_records({entry}, "marc", folder / "m").error().code, ErrorCode::bad_field);
  EXPECT_FALSE(std::filesystem::exists(folder / "m"));
  EXPECT_TRUE(export_records({entry}, "marcxml", folder / "x"));
}

TEST(Xml, DoctypesAreRefused) {
  const auto back =
      read("marcxml",
           "<!DOCTYPE c [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><collection><record>"
           "<datafield tag=\"245\" ind1=\" \" ind2=\" \"><subfield code=\"a\">&x;"
           "</subfield></datafield></record></collection>");
  ASSERT_FALSE(back.done);
  EXPECT_EQ(back.done.error().code, ErrorCode::unreadable);
  EXPECT_TRUE(back.rows.empty());
}

TEST(Csv, ReadsWhatSpreadsheetsWrite) {
  const auto back = read("csv",
                         "\xEF\xBB\xBFJudul;Pengarang;Tahun;No. Induk;Rak\r\n"
                         "\"Cerita \"\"lama\"\"\r\nBanggai\";Adi; c1936 ;77;B3\r\n"
                         "'=1+1;;;78;\r\n;Budi;;79;\r\n");
  ASSERT_TRUE(back.done) << back.done.error().message.en;
  ASSERT_EQ(back.rows.size(), 2U);
  EXPECT_EQ(back.rows[0].fields.at("title").front(), "Cerita \"lama\" Banggai");
  EXPECT_EQ(back.rows[0].fields.at("date_issued").front(), "1936");
  EXPECT_EQ(back.rows[0].fields.at("date_printed").front(), "c1936");
  EXPECT_EQ(back.rows[0].extra.at("Rak").front(), "B3");
  EXPECT_EQ(back.rows[1].fields.at("title").front(), "=1+1");
  ASSERT_EQ(back.rejected.size(), 1U);
  EXPECT_EQ(back.rejected[0], (std::pair<int, std::string>{4, "the title is empty"}));
  EXPECT_FALSE(read("csv", "judul,tahun\n\"offen,1\n").done) << "a quote that does not end";
  EXPECT_FALSE(read("csv", "a,b\n1,2\n").done) << "no header";
  EXPECT_FALSE(read("csv", "").done);
  EXPECT_EQ(read("csv", "judul,tahun\n" + std::string(200000, 'x') + ",1\n").done.error().code,
            ErrorCode::too_large);
}

TEST(Csv, OldWindowsLettersAreRead) {
  const auto back = read("csv", "judul,pengarang\nB\xE9sok \x93kata\x94,A\n");
  ASSERT_EQ(back.rows.size(), 1U);
  EXPECT_EQ(back.rows[0].fields.at("title").front(), "Bésok “kata”");
}

TEST(Slims, EveryCopyIsARecord) {
  const auto back = read(
      "slims",
      "\"Hikayat\",\"Text\",\"1\",\"1234-5679\",\"Grafika\",\"2015\",\"xii, 120 hlm.\",\"Seri\","
      "\"959\",\"Indonesia\",\"Luwuk\",\"959.8\",\"\",\"\",\"oleh A\",\"<A, B><C>\",\"<Banggai>\","
      "\"<B1><B2>\"\n");
  ASSERT_TRUE(back.done);
  ASSERT_EQ(back.rows.size(), 2U);
  const auto& f = back.rows[1].fields;
  EXPECT_EQ(f.at("barcode").front(), "B2");
  EXPECT_EQ(f.at("issn").front(), "1234-5679");
  EXPECT_EQ(f.at("creator"), (std::vector<std::string>{"A, B", "C"}));
  EXPECT_EQ(f.at("language").front(), "ind");
  EXPECT_EQ(f.at("page_count_declared").front(), "120");
}

TEST(Slims, ComesBackAsItWentOut) {
  const TempFolder folder;
  RecordEntry entry;
  entry.item = full_item();
  entry.item.fields["language"] = {"ind"};
  entry.item.fields["title"] = {"=Judul, \"dengan\" tanda"};
  ASSERT_TRUE(export_records({entry}, "slims", folder / "s"));
  const auto back = read("slims", file_text(folder / "s"));
  ASSERT_EQ(back.rows.size(), 1U);
  for (const auto& f : all_fields()) {
    if (f.in.slims.empty()) continue;
    EXPECT_EQ(back.rows[0].fields.at(std::string(f.name)),
              entry.item.fields.at(std::string(f.name)))
        << f.name;
  }
}

TEST(Inlislite, ComesBackAsItWentOut) {
  const TempFolder folder;
  RecordEntry entry;
  entry.item = full_item();
  entry.item.fields["accession_no"] = {"X1/2016"};
  for (const char* format : {"inlislite", "inlislite30"}) {
    ASSERT_TRUE(export_records({entry}, format, folder / "x.xlsx"));
    const auto back = read("inlislite", file_text(folder / "x.xlsx"));
    ASSERT_TRUE(back.done) << back.done.error().message.en;
    ASSERT_EQ(back.rows.size(), 1U);
    for (const auto& f : all_fields()) {
      if (f.in.inlislite.empty()) continue;
      const std::string name(f.name);
      ASSERT_TRUE(back.rows[0].fields.contains(name)) << name;
      EXPECT_EQ(back.rows[0].fields.at(name), entry.item.fields.at(name)) << name;
    }
  }
}

// A workbook as Excel writes it: shared texts, numbers, dates by their format.
TEST(Xlsx, ReadsSharedTextsNumbersAndDates) {
  const TempFolder folder;
  const auto path = (folder / "book.xlsx").string();
  auto* book = workbook_new(path.c_str());
  auto* sheet = workbook_add_worksheet(book, "Data");
  (void)workbook_add_worksheet(book, "Lain");
  auto* date = workbook_add_format(book);
  format_set_num_format(date, "dd/mm/yyyy");
  int column = 0;
  for (const char* name : {"Judul", "Tanggal pengadaan", "Tahun", "ISBN", "Harga", "No Induk"}) {
    worksheet_write_string(sheet, 0, static_cast<lxw_col_t>(column++), name, nullptr);
  }
  worksheet_write_string(sheet, 1, 0, "Hikayat & <Banggai>", nullptr);
  lxw_datetime when{1936, 8, 17, 0, 0, 0};
  worksheet_write_datetime(sheet, 1, 1, &when, date);
  worksheet_write_number(sheet, 1, 2, 1936, nullptr);
  worksheet_write_number(sheet, 1, 3, 9789791234567.0, nullptr);
  worksheet_write_number(sheet, 1, 4, 45000.5, nullptr);
  worksheet_write_string(sheet, 3, 0, "Baris 4", nullptr);  // row 3 is empty
  worksheet_write_formula(sheet, 4, 0, "=1+1", nullptr);
  ASSERT_EQ(workbook_close(book), LXW_NO_ERROR);
  const auto back = read("csv", file_text(path));
  ASSERT_TRUE(back.done) << back.done.error().message.en;
  ASSERT_EQ(back.rows.size(), 2U);
  const auto& f = back.rows[0].fields;
  EXPECT_EQ(f.at("title").front(), "Hikayat & <Banggai>");
  EXPECT_EQ(f.at("acquired_on").front(), "1936-08-17");
  EXPECT_EQ(f.at("date_issued").front(), "1936");
  EXPECT_EQ(f.at("isbn").front(), "9789791234567");
  EXPECT_EQ(f.at("cost").front(), "45000.5");
  EXPECT_EQ(back.rows[1].row, 4);
  ASSERT_EQ(back.rejected.size(), 1U);
  EXPECT_EQ(back.rejected[0].first, 5);
  EXPECT_NE(back.rejected[0].second.find("A5"), std::string::npos);
  EXPECT_EQ(read("csv", file_text(path).substr(0, 2000)).done.error().code, ErrorCode::unreadable);
  ImportLimits few;
  few.max_rows = 1;
  EXPECT_EQ(read("csv", file_text(path), few).done.error().code, ErrorCode::too_large);
  ImportLimits little;
  little.max_unpacked = 1000;
  EXPECT_EQ(read("csv", file_text(path), little).done.error().code, ErrorCode::too_large);
}

// One ISO 2709 record of a title, whatever its bytes.
std::string iso_record(const std::string& title) {
  const std::string field =
      "10\x1F"
      "a" +
      title + "\x1E";
  std::string directory = "245";
  const auto digits = [](std::size_t n, std::size_t width) {
    auto text = std::to_string(n);
    return std::string(width - text.size(), '0') + text;
  };
  directory += digits(field.size(), 4) + "00000\x1E";
  const auto base = 24 + directory.size();
  return digits(base + field.size() + 1, 5) + "nam  22" + digits(base, 5) + "   4500" + directory +
         field + "\x1D";
}

TEST(Marc, OldLettersAreRead) {
  const auto back = read("marc", iso_record("B\xE2"
                                            "esok") +
                                     iso_record("B\xC3\xA9sok"));
  ASSERT_TRUE(back.done);
  ASSERT_EQ(back.rows.size(), 2U) << (back.rejected.empty() ? "" : back.rejected[0].second);
  for (const auto& row : back.rows) {
    const auto& title = row.fields.at("title").front();
    // MARC-8 gives the letter and its accent apart or as one.
    EXPECT_TRUE(title == "Bésok" || title == "Be\xCC\x81sok") << title;
  }
}

TEST(Atom, ParentsStandBeforeTheirChildren) {
  const TempFolder folder;
  const auto entry = [](const char* no, const char* parent, const char* level) {
    RecordEntry e;
    e.item.id = ItemId::make();
    e.item.fields = {{"title", {no}}, {"reference_no", {no}}, {"level", {level}}};
    if (*parent != 0) e.item.fields["parent_ref"] = {parent};
    return e;
  };
  // A ring, too: it is cut, and nothing hangs.
  ASSERT_TRUE(export_records(
      {entry("F/1/a", "F/1", "file"), entry("F/1", "F", "series"), entry("R1", "R2", "file"),
       entry("R2", "R1", "file"), entry("F", "", "fonds")},
      "atom", folder / "a.csv"));
  const auto back = read("atom", file_text(folder / "a.csv"));
  ASSERT_TRUE(back.done);
  EXPECT_TRUE(back.rejected.empty())
      << back.rejected[0].second;  // a parent behind would be refused
  ASSERT_EQ(back.rows.size(), 5U);
  EXPECT_EQ(back.rows[0].fields.at("title").front(), "F");
  EXPECT_EQ(back.rows[2].fields.at("title").front(), "F/1/a");
  EXPECT_EQ(back.rows[2].extra.at("parentId"), back.rows[1].extra.at("legacyId"));
}

TEST(Values, AreReadAsPeopleWriteThem) {
  const auto value = [](const char* name, const char* text) {
    ImportRow row;
    const auto why = put(row, *find_field(name), text, "K");
    if (why) return "refused: " + why->en;
    const auto found = row.fields.find(name);
    return found == row.fields.end() ? std::string() : found->second.front();
  };
  EXPECT_EQ(value("acquired_on", "14-02-2015"), "2015-02-14");
  EXPECT_EQ(value("acquired_on", "2015/2/4"), "2015-02-04");
  EXPECT_EQ(value("acquired_on", "---Belum ditentukan---"), "");
  EXPECT_TRUE(value("acquired_on", "31-02-2015").starts_with("refused") ||
              value("acquired_on", "32-01-2015").starts_with("refused"));
  EXPECT_EQ(value("cost", "Rp 1.250.000"), "1250000");
  EXPECT_EQ(value("cost", "50.000,00"), "50000");
  EXPECT_EQ(value("cost", "0"), "");
  EXPECT_EQ(value("page_count_declared", "xii, 240 hlm."), "240");
  EXPECT_EQ(value("height_cm", "25 x 17 cm"), "25");
  EXPECT_EQ(value("language", "Bahasa Indonesia"), "ind");
  EXPECT_EQ(value("language", "id"), "ind");
  EXPECT_EQ(value("condition", "Rusak ringan"), "slight_damage");
  EXPECT_EQ(value("material_type", "Surat kabar"), "newspaper");
  EXPECT_EQ(value("date_issued", "1936-1938"), "");
  EXPECT_EQ(without_isbd("Jakarta :"), "Jakarta");
  EXPECT_EQ(clean(" a\r\n b\xC2\xA0 "), "a b");
}

TEST(Values, NoTextMakesAFieldThatItMustNotHold) {
  for (const auto& f : all_fields()) {
    if (f.filled_by == FilledBy::program || f.personal) continue;
    for (const char* text : {"", "-", "0", "x", "999999999999999999999", "a\x01b", "\xFF\xFE",
                             "$a $b", "1936-13-45", "é", "1.2.3", "Rp", "..", "12x", "x12 cm"}) {
      ImportRow row;
      (void)put(row, f, text, "K");
      for (const auto& [name, values] : row.fields) {
        for (const auto& v : values) EXPECT_TRUE(check_value(*find_field(name), v)) << name << v;
      }
    }
  }
}

}  // namespace
}  // namespace alih::repository
