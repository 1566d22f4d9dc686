#pragma once

#include <string_view>
#include <vector>

#include "core/message.h"
#include "processing/settings.h"
#include "processing/stage.h"

namespace alih::processing {

// Which image a stage works on, in the order in which they run whatever the order of their names:
// frame cuts the access image; judge looks at it and may end the work (blank); whole only looks at
// the page as it lay, upright and not cut; geometry moves the pixels of the access image; paint
// takes out of the page what is not the page's; flat lays what OCR reads flat; tone changes what
// OCR reads.
enum class StageKind { frame, judge, whole, geometry, paint, flat, tone };

struct StageRow {  // made by make_stage()
  std::string_view name;
  StageKind kind;
  Message label;  // what it does, for people
  bool (*enabled)(const Settings& settings);
};
[[nodiscard]] const std::vector<StageRow>& all_stages();

// Errors: bad_setting, with the names there are.
[[nodiscard]] Result<const StageRow*> find_stage(std::string_view name);
[[nodiscard]] Status check_stages(const Settings& settings);

}  // namespace alih::processing
