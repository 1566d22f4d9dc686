#pragma once

#include <map>
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

// What one page has of its own: name -> value, as in the settings file: "processing.deskew.enabled"
// -> "false". Only what decides how a page's image comes out: `processing` without limits, layers
// and the sizes of derivatives.
using PageSettings = std::map<std::string, std::string>;
// Errors: usage, with the names there are, or what the value must be.
[[nodiscard]] Status check_page_settings(const PageSettings& own);
// The office's settings with the page's own. What cannot be taken, as a name that an older version
// of the program had, changes nothing.
[[nodiscard]] Everything with_page_settings(const Everything& settings, const PageSettings& own);

}  // namespace alih::pipeline
