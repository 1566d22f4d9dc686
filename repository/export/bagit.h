#pragma once

#include "repository/export/exporter.h"

namespace alih::repository {

// A bag (BagIt 1.0, RFC 8493) for handing over: data/masters, data/alto, data/mets.xml and
// data/item.json, with SHA-512 manifests for `sha512sum -c manifest-sha512.txt`. Errors: duplicate
// when the folder has something in it; damaged when a master is not what was written.
[[nodiscard]] Result<Exported> write_bagit(const Package& package, const std::filesystem::path& to);

}  // namespace alih::repository
