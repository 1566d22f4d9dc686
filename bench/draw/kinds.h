#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

#include "bench/draw/random.h"

namespace alih::bench {

enum class Form { gray, colour, bilevel };

struct Code {
  std::string format;  // "Code128", "Code39", "QRCode", as ZXing names them
  std::string text;
};

// A page as a scanner would give it, and its truth.
struct Sheet {
  cv::Mat light;  // CV_32F, 0 = black to 1 = white
  Form form = Form::gray;
  double skew_deg = 0;  // positive = the content is turned counter-clockwise
  std::string spelling = "modern";
  std::string family;
  double size_pt = 0;
  std::vector<std::string> lines;         // in reading order
  std::vector<std::array<int, 4>> boxes;  // of the lines on the upright page: x1, y1, x2, y2
  std::vector<Code> codes;
};

struct Kind {
  std::string_view name;
  std::string_view about;
  Sheet (*draw)(Random& random, int page);  // page counts from 0 within its kind
};

// To add a kind: a function and a row.
[[nodiscard]] std::span<const Kind> all_kinds();

}  // namespace alih::bench
