#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/code.h"
#include "core/image.h"
#include "core/result.h"
#include "processing/stage.h"

namespace alih::processing {

// Bar codes (Code 128, 39, 93, Interleaved 2 of 5, EAN-13), QR codes and patch codes at any angle,
// from the top. What cannot be read for certain is left out: several lines across a bar code must
// agree, more of them where the code has no check digit. Boxes in pixels of `image`, any format.
[[nodiscard]] Result<std::vector<Code>> find_codes(const Image& image);
// The bar codes and patch codes of a sheet when one of them separates, else none. Costs less than
// find_codes(), for a stack of which every sheet is asked.
[[nodiscard]] Result<std::vector<Code>> find_separator(const Image& image);
// Step::codes and a finding "codes" that counts them; the image is left alone.
[[nodiscard]] std::unique_ptr<Stage> make_codes();

// The text as a QR code with error correction M. Errors: too_large when it does not fit.
[[nodiscard]] Result<QrCode> make_qr(std::string_view text);

}  // namespace alih::processing
