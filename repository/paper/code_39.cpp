#include "repository/paper/code_39.h"

#include <array>
#include <string>

namespace alih::repository {
namespace {

// Of Code 39: five bars and four gaps of a character from the left, a wide one is 1.
constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*";
constexpr std::array<unsigned, kLetters.size()> kPatterns{
    0x034, 0x121, 0x061, 0x160, 0x031, 0x130, 0x070, 0x025, 0x124, 0x064, 0x109,
    0x049, 0x148, 0x019, 0x118, 0x058, 0x00D, 0x10C, 0x04C, 0x01C, 0x103, 0x043,
    0x142, 0x013, 0x112, 0x052, 0x007, 0x106, 0x046, 0x016, 0x181, 0x0C1, 0x1C0,
    0x091, 0x190, 0x0D0, 0x085, 0x184, 0x0C4, 0x0A8, 0x0A2, 0x08A, 0x02A, 0x094};

}  // namespace

bool is_code_39(std::string_view text) {
  constexpr std::size_t kLongest = 20;
  const auto said = kLetters.substr(0, kLetters.size() - 1);  // * begins and ends
  return !text.empty() && text.size() <= kLongest &&
         text.find_first_not_of(said) == std::string_view::npos;
}

Code39 code_39(std::string_view text) {
  constexpr int kElements = 9;
  constexpr double kWide = 3;  // narrow ones
  Code39 out;
  for (const char c : "*" + std::string(text) + "*") {
    const auto pattern = kPatterns.at(kLetters.find(c));
    for (int i = 0; i < kElements; ++i) {
      const bool wide = (pattern >> static_cast<unsigned>(kElements - 1 - i) & 1U) != 0;
      const double width = wide ? kWide : 1;
      if (i % 2 == 0) out.bars.push_back({out.modules, width});
      out.modules += width;
    }
    out.modules += 1;
  }
  return out;
}

}  // namespace alih::repository
