#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "repository/import/importer.h"

namespace alih::repository {

struct SheetRow {
  int number = 0;                  // as the sheet counts
  std::vector<std::string> cells;  // from column A on, without empty ones at the end
  std::string refused;             // "C5": a cell whose content cannot be trusted (formula, error)
};

[[nodiscard]] bool is_zip(std::span<const std::byte> bytes);

// The rows of the first sheet of an .xlsx file that have anything in them, as text; dates as
// YYYY-MM-DD. Nothing is computed and nothing is written: formulas, document type declarations and
// links are not followed. Memory is bounded by the limits, whatever the file unpacks to. Errors:
// unreadable, too_large, what the call says.
[[nodiscard]] Status read_xlsx(std::span<const std::byte> bytes, const ImportLimits& limits,
                               const std::function<Status(SheetRow)>& call);

}  // namespace alih::repository
