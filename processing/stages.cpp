#include "processing/stages.h"

#include <string>

namespace alih::processing {

const std::vector<StageRow>& all_stages() {
  static const std::vector<StageRow> rows = {
      {"codes", StageKind::whole, message("Mencari kode batang", "Bar codes looked for"),
       [](const Settings& s) { return s.codes.enabled; }},
      {"crop", StageKind::frame, message("Tepi pemindai dipotong", "Scanner border cut off"),
       [](const Settings& s) { return s.crop.enabled; }},
      {"deskew", StageKind::geometry, message("Diluruskan", "Straightened"),
       [](const Settings& s) { return s.deskew.enabled; }},
      {"edges", StageKind::paint,
       message("Tepi hitam dan lubang dihapus untuk pembacaan",
               "Dark edges and holes taken out for reading"),
       [](const Settings& s) { return s.edges.enabled; }},
      {"dewarp", StageKind::flat,
       message("Lengkungan diratakan untuk pembacaan", "Bend laid flat for reading"),
       [](const Settings& s) { return s.dewarp.enabled; }},
      {"level", StageKind::tone,
       message("Latar diratakan untuk pembacaan", "Background levelled for reading"),
       [](const Settings& s) { return s.level.enabled; }},
      {"show_through", StageKind::tone,
       message("Tembusan dari balik halaman dihapus untuk pembacaan",
               "Print of the back taken out for reading"),
       [](const Settings& s) { return s.show_through.enabled; }},
      {"despeckle", StageKind::tone,
       message("Bintik dihapus untuk pembacaan", "Specks taken out for reading"),
       [](const Settings& s) { return s.despeckle.enabled; }},
      {"blank", StageKind::judge, message("Halaman kosong", "Blank page"),
       [](const Settings& s) { return s.blank.enabled; }},
  };
  return rows;
}

Result<const StageRow*> find_stage(std::string_view name) {
  std::string known;
  for (const auto& row : all_stages()) {
    if (row.name == name) return &row;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  return fail(ErrorCode::bad_setting, "Tahap pengolahan \"{}\" tidak dikenal; yang ada: {}",
              "Image stage \"{}\" is not known; there are: {}", {name, known});
}

Status check_stages(const Settings& settings) {
  for (const auto& name : settings.stages) {
    ALIH_TRY([[maybe_unused]] const auto* row, find_stage(name));
  }
  return {};
}

}  // namespace alih::processing
