#pragma once

#include <new>

#include <opencv2/core.hpp>

#include "core/result.h"

namespace alih::processing {

// What `call` returns; what OpenCV throws meanwhile, and memory that runs out, as an error. Inside
// this folder only. Errors: internal, too_large.
template <typename T, typename Call>
[[nodiscard]] Result<T> guarded(Call call) {
  try {
    return call();
  } catch (const cv::Exception& e) {
    return fail(ErrorCode::internal, "Pengolahan citra gagal: {}", "Image processing failed: {}",
                {e.what()});
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::too_large, "Memori tidak cukup untuk mengolah citra ini",
                "There is not enough memory to process this image");
  }
}

}  // namespace alih::processing
