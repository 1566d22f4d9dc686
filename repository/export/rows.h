#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "repository/export/exporter.h"

// Rows of text for spreadsheets, written aside and renamed.
namespace alih::repository {

using Cells = std::vector<std::string>;

// What a spreadsheet would take for a formula gets an apostrophe in front. `mark` stands before all
// (a byte order mark for programs that need one).
[[nodiscard]] Result<Exported> write_csv(const std::filesystem::path& to,
                                         const std::vector<Cells>& heads, std::size_t count,
                                         const std::function<Cells(std::size_t)>& row,
                                         std::string_view mark = {});
// The same as text, of rows that are there anyway.
[[nodiscard]] std::string csv_text(const std::vector<Cells>& rows, std::string_view mark = {});
// Row by row in little memory; cells are texts.
[[nodiscard]] Result<Exported> write_xlsx(const std::filesystem::path& to,
                                          const std::vector<Cells>& heads, std::size_t count,
                                          const std::function<Cells(std::size_t)>& row);

}  // namespace alih::repository
