#pragma once

#include <functional>
#include <string_view>

#include "repository/export/exporter.h"

namespace alih::repository {

// The item as METS 1.12.1: description as MODS 3.8, masters and ALTO files with their digests as
// PREMIS 3 objects, every event and agent, the rights, and the pages in order. Files are named as
// the folders of the formats masters and alto name them: "masters/…", "alto/…".
[[nodiscard]] Status mets_xml(const Package& package,
                              const std::function<Status(std::string_view)>& write);
[[nodiscard]] Result<Exported> write_mets(const Package& package, const std::filesystem::path& to);

}  // namespace alih::repository
