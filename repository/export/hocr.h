#pragma once

#include "repository/export/exporter.h"

namespace alih::repository {

// All pages in one hOCR 1.2 file, in pixels of the access images.
[[nodiscard]] Result<Exported> write_hocr(const Package& package, const std::filesystem::path& to);

}  // namespace alih::repository
