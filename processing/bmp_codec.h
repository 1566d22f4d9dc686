#pragma once

#include "processing/codec.h"

namespace alih::processing {

[[nodiscard]] Result<std::vector<FrameInfo>> probe_bmp(std::span<const std::byte> file,
                                                       const LimitSettings& limits);
[[nodiscard]] Result<Image> decode_bmp(std::span<const std::byte> file, int frame,
                                       const LimitSettings& limits);

}  // namespace alih::processing
