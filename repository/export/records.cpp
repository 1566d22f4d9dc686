#include "repository/export/records.h"

#include <algorithm>

#include "repository/durable_file.h"

namespace alih::repository {

const std::vector<RecordFormat>& all_record_formats() {
  static const std::vector<RecordFormat> rows = {
      {"marcxml", write_marcxml},     {"marc", write_iso2709},
      {"inlislite", write_inlislite}, {"inlislite30", write_inlislite_old},
      {"slims", write_slims},         {"atom", write_atom},
      {"mods", write_mods},           {"dc", write_dc},
      {"csv", write_register_csv},    {"xlsx", write_register_xlsx},
  };
  return rows;
}

bool is_record_format(std::string_view format) {
  const auto& rows = all_record_formats();
  return std::any_of(rows.begin(), rows.end(),
                     [&](const RecordFormat& row) { return row.name == format; });
}

Result<Exported> export_records(const std::vector<RecordEntry>& entries, std::string_view format,
                                const std::filesystem::path& to) {
  std::string known;
  for (const auto& row : all_record_formats()) {
    if (row.name == format) {
      if (to.has_parent_path()) ALIH_CHECK(make_folder(to.parent_path()));
      return row.write(entries, to);
    }
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  return fail(ErrorCode::usage, "Format ekspor \"{}\" tidak dikenal; yang ada: {}",
              "Export format \"{}\" is not known; there are: {}", {format, known});
}

}  // namespace alih::repository
