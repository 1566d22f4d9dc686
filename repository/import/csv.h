#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "repository/import/importer.h"
#include "repository/import/xlsx.h"

namespace alih::repository {

// RFC 4180 with what spreadsheets do: a byte order mark, ';' or tabs between the cells (whichever
// the first line has most of), line breaks inside quotes. A leading ' before = + - @ is taken off:
// our own exports put it there. Rows are counted as records. Errors: unreadable (a quote that does
// not end), too_large, what the call says.
[[nodiscard]] Status read_csv(std::span<const std::byte> bytes, const ImportLimits& limits,
                              const std::function<Status(SheetRow)>& call);

}  // namespace alih::repository
