#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/result.h"
#include "pipeline/settings.h"
#include "repository/import/importer.h"

// Files of other programs are read in a process of their own, in a cage (cage.h): whatever they do
// to the libraries that unpack and parse them, they reach nothing and end in time.
namespace alih::pipeline {

// Starts `program import-worker`, hands it the open file, and gives its rows to the sink as they
// come. Errors: unreadable (also when the reader died of it or was not done in time), too_large (by
// pipeline.import_mib too), and what the sink says.
[[nodiscard]] Status read_import(const std::string& program, const Everything& settings,
                                 const std::filesystem::path& file, const std::string& from,
                                 const repository::ImportSink& sink);

// The worker's side. Gives the exit code.
[[nodiscard]] int run_import_worker();

}  // namespace alih::pipeline
