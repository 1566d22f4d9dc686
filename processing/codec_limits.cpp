#include "processing/codec_limits.h"

#include <cmath>

namespace alih::processing {

Status check_size(std::uint64_t width, std::uint64_t height, const LimitSettings& limits) {
  if (width == 0 || height == 0) {
    return fail(ErrorCode::unreadable, "citra tanpa piksel", "an image without pixels");
  }
  const auto side = static_cast<std::uint64_t>(limits.max_side_px);
  const double megapixels = static_cast<double>(width) * static_cast<double>(height) / 1e6;
  if (width > side || height > side || megapixels > limits.max_megapixels) {
    return fail(ErrorCode::too_large,
                "citra {} x {} piksel melebihi batas ({} juta piksel, sisi {})",
                "an image of {} x {} pixels exceeds the limit ({} million pixels, side {})",
                {width, height, static_cast<int>(limits.max_megapixels), limits.max_side_px});
  }
  return {};
}

double sane_dpi(double dpi) {
  constexpr double kLeast = 10;
  constexpr double kMost = 10000;
  if (!(dpi >= kLeast && dpi <= kMost)) return 0;  // NaN too
  // 11811 pixels a metre is how PNG writes 300 dpi.
  constexpr double kRounding = 0.02;
  const double whole = std::round(dpi);
  return std::abs(dpi - whole) < kRounding ? whole : dpi;
}

}  // namespace alih::processing
