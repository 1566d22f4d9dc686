#include "repository/export/rows.h"

#include <xlsxwriter.h>

#include "core/id.h"
#include "repository/durable_file.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;

// A spreadsheet must not compute what was typed: our reader takes the mark off again.
std::string csv_cell(const std::string& text) {
  std::string out = "\"";
  if (!text.empty() && std::string_view("=+-@").find(text[0]) != std::string_view::npos)
    out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string csv_line(const Cells& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    if (!cells[i].empty()) out += csv_cell(cells[i]);
  }
  return out + "\r\n";
}

}  // namespace

Result<Exported> write_csv(const fs::path& to, const std::vector<Cells>& heads, std::size_t count,
                           const std::function<Cells(std::size_t)>& row, std::string_view mark) {
  ALIH_TRY(auto file, DurableFile::create(to));
  ALIH_CHECK(file.write(mark));
  for (const auto& head : heads) ALIH_CHECK(file.write(std::string_view(csv_line(head))));
  for (std::size_t i = 0; i < count; ++i)
    ALIH_CHECK(file.write(std::string_view(csv_line(row(i)))));
  ALIH_TRY(const auto fixity, file.commit());
  return Exported{to, fixity.bytes, fixity.sha256};
}

std::string csv_text(const std::vector<Cells>& rows, std::string_view mark) {
  std::string out(mark);
  for (const auto& row : rows) out += csv_line(row);
  return out;
}

// Rows as text cells, written row by row in little memory.
Result<Exported> write_xlsx(const fs::path& to, const std::vector<Cells>& heads, std::size_t count,
                            const std::function<Cells(std::size_t)>& row) {
  const auto aside =
      to.parent_path() / ("." + to.filename().string() + "." + new_ulid() + ".partial");
  struct Remove {
    fs::path path;
    ~Remove() {
      std::error_code error;
      fs::remove(path, error);
    }
  } const remove{aside};
  const auto folder = to.parent_path().empty() ? std::string(".") : to.parent_path().string();
  std::string scratch = folder;
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = scratch.data();
  auto* book = workbook_new_opt(aside.c_str(), &options);
  const auto broken = [&](lxw_error why) {
    return fail(
        why == LXW_ERROR_MEMORY_MALLOC_FAILED ? ErrorCode::internal : ErrorCode::unavailable,
        "Tidak dapat menulis {}: {}", "Cannot write {}: {}", {to.string(), lxw_strerror(why)});
  };
  if (book == nullptr) return broken(LXW_ERROR_CREATING_XLSX_FILE);
  auto* sheet = workbook_add_worksheet(book, nullptr);
  auto* bold = workbook_add_format(book);
  format_set_bold(bold);
  lxw_row_t at = 0;
  lxw_error bad = LXW_NO_ERROR;
  constexpr std::size_t kLongest = 32767;  // bytes here, characters in Excel
  const auto put = [&](const Cells& cells, lxw_format* format) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      const auto text = cells[i].substr(0, kLongest);
      const auto done =
          worksheet_write_string(sheet, at, static_cast<lxw_col_t>(i), text.c_str(), format);
      if (done != LXW_NO_ERROR && bad == LXW_NO_ERROR) bad = done;
    }
    ++at;
  };
  for (const auto& head : heads) put(head, bold);
  for (std::size_t i = 0; i < count; ++i) put(row(i), nullptr);
  const auto closed = workbook_close(book);
  if (bad != LXW_NO_ERROR) return broken(bad);
  if (closed != LXW_NO_ERROR) return broken(closed);
  // Durable and with digests, like every other export.
  ALIH_TRY(const auto fixity, copy_durably(aside, to));
  return Exported{to, fixity.bytes, fixity.sha256};
}

}  // namespace alih::repository
