#include "repository/paper/paper.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "repository/paper/code_39.h"
#include "tests/support/temp_folder.h"

namespace alih::repository {
namespace {

using testing_support::TempFolder;

Paper letter() {
  Paper paper;
  paper.title = "Berita Acara <1>";
  paper.identifier = "1/BA";
  paper.at = "2026-11-28T01:02:03.456Z";
  paper.letterhead = {"PEMERINTAH KABUPATEN BANGGAI", "DINAS PERPUSTAKAAN DAN KEARSIPAN",
                      "Jalan Contoh No. 1, Luwuk"};
  paper.footer = "alihmedia";
  paper.blocks.emplace_back(Text{"BERITA ACARA", 13, true, true, Align::center});
  std::string prose;
  for (int i = 0; i < 60; ++i)
    prose += "Pada hari ini telah dilaksanakan alih media bahan pustaka. ";
  paper.blocks.emplace_back(Text{prose});
  paper.blocks.emplace_back(
      Fields{{{"Tempat", "Luwuk"}, {"Jumlah", "23 (dua puluh tiga) berkas"}}});
  Table table;
  table.numbered = true;
  table.columns = {{"No.", 1, Align::right}, {"Uraian", 6}, {"Jumlah", 2, Align::right}};
  for (int i = 1; i <= 90; ++i) {
    table.rows.push_back({{std::to_string(i), "Surat ke-" + std::to_string(i), "1"}});
  }
  paper.blocks.emplace_back(table);
  QrCode code{3, {true, false, true, false, true, false, true, true, true}};
  paper.blocks.emplace_back(Stamp{code, {"Sidik jari: 1234", "Baris kedua"}});
  paper.blocks.emplace_back(BarCode{"ALM/2026/000001"});
  paper.blocks.emplace_back(Signatures{
      {{"", "Pelaksana,", "Budi Santoso", "196808171990031005"},
       {"Luwuk, 28 November 2026", "Kepala Dinas Perpustakaan dan Kearsipan,", "", ""}}});
  return paper;
}

std::string text_of(const std::filesystem::path& pdf) {
  const auto out = pdf.string() + ".txt";
  const auto command = "pdftotext -layout '" + pdf.string() + "' '" + out + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);  // NOLINT(concurrency-mt-unsafe)
  std::ifstream in(out);
  return {std::istreambuf_iterator<char>(in), {}};
}

int count(const std::string& in, const std::string& what) {
  int n = 0;
  for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++n;
  return n;
}

TEST(Paper, RunsOverSheetsWithItsHeadRepeatedAndThePagesCounted) {
  const TempFolder folder;
  const auto printed = print_paper(letter(), folder / "a.pdf");
  ASSERT_TRUE(printed) << printed.error().message.en;
  EXPECT_GE(printed->sheets, 3);
  const auto text = text_of(folder / "a.pdf");
  const auto last = std::to_string(printed->sheets);
  EXPECT_NE(text.find("Halaman 1 dari " + last), std::string::npos) << text;
  EXPECT_NE(text.find("Halaman " + last + " dari " + last), std::string::npos);
  EXPECT_GE(count(text, "Uraian"), 2) << "the head stands on each sheet of the table";
  for (int i = 1; i <= 90; ++i)
    EXPECT_EQ(count(text, "Surat ke-" + std::to_string(i) + " "), 1) << i;
  EXPECT_NE(text.find("NIP. 196808171990031005"), std::string::npos);
}

TEST(Paper, CutsNoWordOfATableWhereAnotherColumnHasRoom) {
  const TempFolder folder;
  Paper paper = letter();
  paper.blocks.clear();
  Table table;
  table.columns = {{"No.", 1}, {"Sejak", 2}, {"Nomor", 2}, {"Uraian", 20}};
  table.rows.push_back({{"1", "29-11-2026", "ALM/2026/000001",
                         "https://arsip.example/" + std::string(200, 'x') + " alasan"}});
  paper.blocks.emplace_back(table);
  ASSERT_TRUE(print_paper(paper, folder / "narrow.pdf"));
  const auto text = text_of(folder / "narrow.pdf");
  EXPECT_EQ(count(text, "29-11-2026"), 1) << text;
  EXPECT_EQ(count(text, "ALM/2026/000001"), 1) << text;
}

TEST(Paper, HasItsTablesInItAsData) {
  const TempFolder folder;
  const auto paper = letter();
  const auto pdf = folder / "data.pdf";
  ASSERT_TRUE(print_paper(paper, pdf));
  const auto command =
      "pdfdetach -saveall -o '" + folder.path().string() + "' '" + pdf.string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);  // NOLINT(concurrency-mt-unsafe)
  std::ifstream in(folder / "data.csv");
  const std::string data{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(data, tables_csv(paper));
  EXPECT_EQ(count(data, "Surat ke-"), 90);
  std::ifstream whole(pdf);
  const std::string bytes{std::istreambuf_iterator<char>(whole), {}};
  EXPECT_EQ(count(bytes, "<pdfaid:part>3</pdfaid:part>"), 1);
  // Without a table there is none, and the file is PDF/A-2.
  auto words = letter();
  std::erase_if(words.blocks, [](const auto& b) { return std::holds_alternative<Table>(b); });
  ASSERT_TRUE(print_paper(words, folder / "words.pdf"));
  std::ifstream plain(folder / "words.pdf");
  const std::string text{std::istreambuf_iterator<char>(plain), {}};
  EXPECT_EQ(count(text, "<pdfaid:part>2</pdfaid:part>"), 1);
}

TEST(Paper, IsTheSameBytesForTheSameWords) {
  const TempFolder folder;
  const auto a = print_paper(letter(), folder / "a.pdf");
  const auto b = print_paper(letter(), folder / "b.pdf");
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->file.sha256, b->file.sha256);
}

TEST(Paper, IsPdfAByAnIndependentJudge) {
  const TempFolder folder;
  auto paper = letter();
  ASSERT_TRUE(print_paper(paper, folder / "portrait.pdf", PdfA::a1b));
  paper.landscape = true;
  paper.folio = true;
  ASSERT_TRUE(print_paper(paper, folder / "landscape.pdf", PdfA::a1b));
  for (const char* name : {"portrait.pdf", "landscape.pdf"}) {
    const auto out = (folder / "said").string();
    const auto command =
        "java -cp \"$(printf '/usr/share/java/%s.jar:' preflight pdfbox2 fontbox2 xmpbox "
        "commons-logging javax.activation jaxb-api)\" "
        "org.apache.pdfbox.preflight.Validator_A1b '" +
        (folder / name).string() + "' >'" + out + "' 2>&1";
    static_cast<void>(std::system(command.c_str()));  // NOLINT(concurrency-mt-unsafe)
    std::ifstream in(out);
    const std::string said{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NE(said.find("is a valid PDF/A-1b file"), std::string::npos) << said;
  }
}

TEST(Paper, RefusesATableWhoseRowsDoNotFit) {
  const TempFolder folder;
  auto paper = letter();
  Table table;
  table.columns = {{"A"}, {"B"}};
  table.rows = {{{"only one"}}};
  paper.blocks = {table};
  EXPECT_EQ(print_paper(paper, folder / "a.pdf").error().code, ErrorCode::bad_field);
  paper.blocks = {BarCode{"ä"}};
  EXPECT_EQ(print_paper(paper, folder / "a.pdf").error().code, ErrorCode::bad_field);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.pdf"));
}

TEST(Code39, HasItsStartAndStopAndNineElementsACharacter) {
  const auto code = code_39("A1");
  EXPECT_EQ(code.bars.size(), 4U * 5U);
  EXPECT_DOUBLE_EQ(code.modules, 4 * 16.0);
  EXPECT_FALSE(is_code_39("a"));
  EXPECT_FALSE(is_code_39(""));
}

}  // namespace
}  // namespace alih::repository
