#pragma once

#include <string>
#include <vector>

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

// Whether the sheet with this code stands between two items of a stack: patch T, or a bar code that
// says PATCHT, as NAPS2 and Paperless print it.
[[nodiscard]] inline bool separates(const Code& code) {
  return code.kind == "patch_t" ||
         ((code.kind == "code_39" || code.kind == "code_128") && code.text == "PATCHT");
}

// A QR code to be drawn: `side` modules each way, row by row from the top, without the white around
// it (four modules).
struct QrCode {
  int side = 0;
  std::vector<bool> dark;
  [[nodiscard]] bool at(int x, int y) const {
    return dark[static_cast<std::size_t>(y) * static_cast<std::size_t>(side) +
                static_cast<std::size_t>(x)];
  }
  bool operator==(const QrCode&) const = default;
};

}  // namespace alih
