#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "pipeline/settings.h"

namespace alih::pipeline {

// Settings as text for a worker process, by the same `describe` as the settings file.
[[nodiscard]] std::string settings_to_json(const Everything& settings);
[[nodiscard]] Result<Everything> settings_from_json(std::string_view text);
// Only what decides how a page comes out: processing (without limits) and OCR.
[[nodiscard]] std::string recipe_settings(const Everything& settings);

}  // namespace alih::pipeline
