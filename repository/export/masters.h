#pragma once

#include "repository/export/exporter.h"

namespace alih::repository {

// A folder with the masters, byte for byte, and manifest-sha256.txt for `sha256sum -c`. A folder
// with something in it is refused (duplicate); a master that is not what was written: damaged.
[[nodiscard]] Result<Exported> write_masters(const Package& package,
                                             const std::filesystem::path& to);

}  // namespace alih::repository
