#include "repository/import/csv.h"

#include <algorithm>

namespace alih::repository {
namespace {

char separator_of(std::string_view text) {
  std::size_t commas = 0;
  std::size_t semicolons = 0;
  std::size_t tabs = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n') break;
    commas += c == ',' ? 1U : 0U;
    semicolons += c == ';' ? 1U : 0U;
    tabs += c == '\t' ? 1U : 0U;
  }
  if (tabs > commas && tabs > semicolons) return '\t';
  return semicolons > commas ? ';' : ',';
}

}  // namespace

Status read_csv(std::span<const std::byte> bytes, const ImportLimits& limits,
                const std::function<Status(SheetRow)>& call) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::unreadable, "Berkas ini bukan teks CSV (UTF-8 atau Windows-1252)",
                "The file is no CSV text (UTF-8 or Windows-1252)");
  }
  const char separator = separator_of(text);
  SheetRow row;
  std::string cell;
  bool quoted = false;
  bool was_quoted = false;
  int rows = 0;
  const auto end_cell = [&] {
    if (cell.size() >= 2 && cell[0] == '\'' &&
        (cell[1] == '=' || cell[1] == '+' || cell[1] == '-' || cell[1] == '@')) {
      cell.erase(0, 1);
    }
    row.cells.push_back(std::move(cell));
    cell.clear();
    was_quoted = false;
  };
  const auto end_row = [&]() -> Status {
    end_cell();
    row.number = ++rows;
    const bool empty = std::all_of(row.cells.begin(), row.cells.end(),
                                   [](const std::string& c) { return c.empty(); });
    if (rows > limits.max_rows) {
      return fail(ErrorCode::too_large, "Lebih dari {} baris; bagi berkasnya",
                  "More than {} rows; divide the file", {limits.max_rows});
    }
    if (!empty) ALIH_CHECK(call(std::move(row)));
    row = {};
    return {};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        cell += '"';
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        cell += c;
      }
    } else if (c == '"' && cell.empty() && !was_quoted) {
      quoted = true;
      was_quoted = true;
    } else if (c == separator) {
      end_cell();
    } else if (c == '\n') {
      ALIH_CHECK(end_row());
    } else if (c != '\r' || (i + 1 < text.size() && text[i + 1] != '\n')) {
      cell += c;
    }
    if (cell.size() > limits.max_cell) {
      return fail(ErrorCode::too_large, "Baris {}: sel lebih panjang dari {} byte",
                  "Row {}: a cell is longer than {} bytes", {rows + 1, limits.max_cell});
    }
    if (row.cells.size() > limits.max_columns) {
      return fail(ErrorCode::too_large, "Baris {}: lebih dari {} kolom",
                  "Row {}: more than {} columns", {rows + 1, limits.max_columns});
    }
  }
  if (quoted) {
    return fail(ErrorCode::unreadable, "Baris {}: tanda kutip tidak ditutup",
                "Row {}: a quote is not closed", {rows + 1});
  }
  if (!cell.empty() || !row.cells.empty()) ALIH_CHECK(end_row());
  return {};
}

}  // namespace alih::repository
