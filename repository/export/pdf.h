#pragma once

#include "repository/export/exporter.h"

namespace alih::repository {

// The access images with the text invisible over them, word by word where it stands. Images stay on
// disk and texts are fetched while the file is being written: memory does not grow with the pages.
// The same item gives the same bytes.
[[nodiscard]] Result<Exported> write_pdf(const Package& package, const std::filesystem::path& to);
// PDF/A-1b (PDF 1.4, no object streams) instead of PDF/A-2u.
[[nodiscard]] Result<Exported> write_pdfa1b(const Package& package,
                                            const std::filesystem::path& to);

}  // namespace alih::repository
