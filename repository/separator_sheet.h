#pragma once

#include <filesystem>
#include <string_view>

#include "core/result.h"
#include "repository/export/exporter.h"

namespace alih::repository {

// A sheet to print and lay between two documents of a stack, PDF, A4: patch T along all four edges,
// so that it may be fed any way round, and the Code 39 bar code PATCHT in the middle. With `number`
// another bar code below it: the number of the document behind the sheet. Written aside and
// renamed. Errors: usage when Code 39 cannot say the number (A–Z, 0–9, space, - . $ / + %, at most
// 20).
[[nodiscard]] Result<Exported> write_separator_sheet(std::string_view number,
                                                     const std::filesystem::path& to);

}  // namespace alih::repository
