#pragma once

#include <cstdint>

#include "core/result.h"
#include "processing/settings.h"

namespace alih::processing {

// Errors: unreadable without pixels, too_large beyond the limits.
[[nodiscard]] Status check_size(std::uint64_t width, std::uint64_t height,
                                const LimitSettings& limits);
// The resolution when it can be true, else 0.
[[nodiscard]] double sane_dpi(double dpi);

}  // namespace alih::processing
