#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "ocr/settings.h"

// The files of models, without an engine.
namespace alih::ocr {

// Tesseract drops a model that is not there without a word, so every entrance asks here first: for
// these models and the setting `second`.
[[nodiscard]] Status check_models(const std::string& languages, const Settings& settings);
// The files of these models, whether they are there or not.
[[nodiscard]] std::vector<std::string> model_files(const std::string& languages,
                                                   const Settings& settings);
[[nodiscard]] std::vector<std::string> installed_models(const Settings& settings);

}  // namespace alih::ocr
