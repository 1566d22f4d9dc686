#pragma once

#include <cstddef>
#include <string>

#include "core/result.h"
#include "pipeline/page_worker.h"

// What a worker answered, which may be broken by the file it read: so anything at all.
// Errors of all: internal, or the one that the worker tells of. Any thread.
namespace alih::pipeline {

struct Probed {
  std::string format;
  std::string extension;
  std::size_t frames = 0;
};
[[nodiscard]] Result<Probed> probed_from(const std::string& answer);
[[nodiscard]] Result<CheckedFrame> checked_frame_from(const std::string& answer);
[[nodiscard]] Result<int> orientation_from(const std::string& answer);
// Nothing but whether it was done.
[[nodiscard]] Status pdf_image_from(const std::string& answer);
[[nodiscard]] Result<TriedReading> tried_reading_from(const std::string& answer);
// Without its recipe.
[[nodiscard]] Result<PageResult> page_result_from(const std::string& answer);

}  // namespace alih::pipeline
