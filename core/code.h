#pragma once

#include <string>

#include "core/geometry.h"

namespace alih {

// A bar code, a QR code or a patch code on a page, as read: never guessed.
struct Code {
  std::string
      kind;  // "code_128", "code_39", "code_93", "itf", "ean_13", "qr", "patch_t", "patch_1" …
  std::string text;  // UTF-8; empty for a patch code, whose kind says all
  Box box;           // pixels of the image it belongs to: upright, around the code
  bool operator==(const Code&) const = default;
};

}  // namespace alih
