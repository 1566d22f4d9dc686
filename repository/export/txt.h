#pragma once

#include "repository/export/exporter.h"

namespace alih::repository {

// UTF-8 text of all pages, a form feed between pages.
[[nodiscard]] Result<Exported> write_txt(const Package& package, const std::filesystem::path& to);

}  // namespace alih::repository
