#pragma once

#include "processing/codec.h"

// JPEG 2000: JP2 files and bare codestreams.
namespace alih::processing {

[[nodiscard]] Result<std::vector<FrameInfo>> probe_jp2(std::span<const std::byte> file,
                                                       const LimitSettings& limits);
[[nodiscard]] Result<Image> decode_jp2(std::span<const std::byte> file, int frame,
                                       const LimitSettings& limits);

}  // namespace alih::processing
