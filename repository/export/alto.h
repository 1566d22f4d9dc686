#pragma once

#include "repository/export/exporter.h"

namespace alih::repository {

// One page as ALTO 4.4, in pixels of the access image. The first processing step says by which map
// they lie on the master.
[[nodiscard]] std::string alto_xml(const Item& item, const Page& page, const TextLayer& text);

// A folder with one ALTO file a page and its manifest.
[[nodiscard]] Result<Exported> write_alto(const Package& package, const std::filesystem::path& to);

}  // namespace alih::repository
