#include "processing/stages.h"

#include <string>

#include "processing/blank.h"
#include "processing/codes.h"
#include "processing/crop.h"
#include "processing/deskew.h"
#include "processing/level.h"

namespace alih::processing {

const std::vector<StageRow>& all_stages() {
  static const std::vector<StageRow> rows = {
      {"codes", StageKind::whole, [](const Settings&) { return make_codes(); }},
      {"crop", StageKind::geometry, [](const Settings& s) { return make_crop(s.crop); }},
      {"deskew", StageKind::geometry, [](const Settings& s) { return make_deskew(s.deskew); }},
      {"level", StageKind::tone, [](const Settings& s) { return make_level(s.level); }},
      {"blank", StageKind::tone, [](const Settings& s) { return make_blank(s.blank); }},
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
