#pragma once

#include <string_view>
#include <vector>

namespace alih::repository {

// Whether Code 39 can say the text: A–Z, 0–9, space, - . $ / + %, 1 to 20 characters here.
[[nodiscard]] bool is_code_39(std::string_view text);

// Bars of the text with its start and stop signs, left to right, in modules (the width of a narrow
// bar): where each begins and how wide it is; and the width of all.
struct Code39 {
  struct Bar {
    double at;
    double width;
  };
  std::vector<Bar> bars;
  double modules = 0;
};
[[nodiscard]] Code39 code_39(std::string_view text);

}  // namespace alih::repository
