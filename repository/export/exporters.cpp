#include "repository/export/exporter.h"
#include "repository/export/masters.h"
#include "repository/export/txt.h"

namespace alih::repository {

const std::vector<Exporter>& all_exporters() {
  static const std::vector<Exporter> rows = {
      {"txt", write_txt},
      {"masters", write_masters},
  };
  return rows;
}

Result<Exported> export_item(const Package& package, std::string_view format,
                             const std::filesystem::path& to) {
  std::string known;
  for (const auto& row : all_exporters()) {
    if (row.format == format) return row.write(package, to);
    known += (known.empty() ? "" : ", ") + std::string(row.format);
  }
  return fail(ErrorCode::usage, "Format ekspor \"{}\" tidak dikenal; yang ada: {}",
              "Export format \"{}\" is not known; there are: {}", {format, known});
}

}  // namespace alih::repository
