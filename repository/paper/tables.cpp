#include "repository/export/rows.h"
#include "repository/paper/paper.h"

namespace alih::repository {

namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";  // for spreadsheet programs

// Head and rows of all tables; none = the paper has no table.
std::vector<Cells> rows_of(const Paper& paper) {
  std::vector<Cells> rows;
  std::string above;
  int tables = 0;
  for (const auto& block : paper.blocks) {
    if (const auto* text = std::get_if<Text>(&block); text != nullptr && text->bold) {
      above = text->text;
    }
    if (std::holds_alternative<Table>(block)) ++tables;
  }
  above.clear();
  for (const auto& block : paper.blocks) {
    if (const auto* text = std::get_if<Text>(&block); text != nullptr && text->bold) {
      above = text->text;
    }
    const auto* table = std::get_if<Table>(&block);
    if (table == nullptr) continue;
    if (tables > 1) {
      if (!rows.empty()) rows.emplace_back();
      if (!above.empty()) rows.push_back({above});
    }
    bool struck = false;
    for (const auto& row : table->rows) struck = struck || row.struck;
    Cells head;
    for (const auto& column : table->columns) head.push_back(column.title);
    if (struck) head.emplace_back("Dicoret");
    rows.push_back(std::move(head));
    for (const auto& row : table->rows) {
      rows.push_back(row.cells);
      if (struck) rows.back().emplace_back(row.struck ? "ya" : "");
    }
  }
  return rows;
}

}  // namespace

std::string tables_csv(const Paper& paper) {
  const auto rows = rows_of(paper);
  return rows.empty() ? std::string() : csv_text(rows, kMark);
}

Result<Exported> write_tables(const Paper& paper, const std::filesystem::path& to) {
  const auto rows = rows_of(paper);
  if (rows.empty()) {
    return fail(ErrorCode::usage, "Surat ini tidak memuat tabel; cetak sebagai PDF",
                "This paper has no table; print it as a PDF");
  }
  const auto row = [&](std::size_t i) { return rows[i + 1]; };
  const auto ending = to.extension();
  if (ending == ".xlsx") return write_xlsx(to, {rows.front()}, rows.size() - 1, row);
  if (ending == ".csv") {
    return write_csv(to, {rows.front()}, rows.size() - 1, row, kMark);
  }
  return fail(ErrorCode::usage, "Tabel ditulis sebagai .xlsx atau .csv",
              "Tables are written as .xlsx or .csv");
}

}  // namespace alih::repository
