// Image files of any kind: refused or read, within the limits, never worse.
#include <cstddef>
#include <cstdint>
#include <span>

#include "processing/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  alih::processing::LimitSettings limits;
  limits.max_megapixels = 4;
  limits.max_frames = 8;
  const auto info = alih::processing::probe(file, limits);
  if (!info) return 0;
  for (std::size_t i = 0; i < info->frames.size(); ++i) {
    (void)alih::processing::decode(file, static_cast<int>(i), limits);
  }
  return 0;
}
