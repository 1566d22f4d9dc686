#pragma once

#include <filesystem>
#include <stop_token>

#include "cli/intake_options.h"
#include "cli/verb.h"

namespace alih::cli {

// Takes in what is put into the folder until stop is asked for, or with `once` until nothing is
// left there. Each entry is an `ingest` of its own: a service may come and go meanwhile, unless
// it is done in `service`. Gives the exit code.
[[nodiscard]] Result<int> watch_folder(const Environment& env, const InService& service,
                                       const std::filesystem::path& folder,
                                       const IntakeOptions& options, bool once,
                                       const std::stop_token& stop);

}  // namespace alih::cli
