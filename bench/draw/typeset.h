#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

#include "bench/draw/prose.h"

namespace alih::bench {

inline constexpr int kDpi = 300;
inline constexpr int kWidth = 2480;   // pixels of A4 at 300 dpi
inline constexpr int kHeight = 3508;  // pixels

struct Type {
  std::string family = "Liberation Serif";
  double size_pt = 11;
  double leading = 1.0;  // times the face's own line height
  bool justified = true;
};

// Sets text on an A4 page at 300 dpi, from the top margin down, and remembers each line. What does
// not fit is neither drawn nor remembered. The page may be turned about its middle: outlines are
// turned, so that nothing is blurred. One thread.
class Typesetter {
 public:
  // skew_deg: positive = the content is turned counter-clockwise.
  Typesetter(Type type, double skew_deg);
  ~Typesetter();
  Typesetter(const Typesetter&) = delete;
  Typesetter& operator=(const Typesetter&) = delete;

  // Left edge and width of what follows, in pixels of the upright page; from `y` down.
  void column(double x, double width, double y);
  void heading(const Heading& heading);
  void centred(std::string_view text, double scale, bool bold);
  void plain(std::string_view text);  // ragged, no gap after
  // False = the page or column is full.
  bool paragraph(std::string_view text);
  void table(const Table& table, double row_gap);
  void rule(double x1, double y1, double x2, double y2);
  void gap(double lines);

  [[nodiscard]] double y() const { return y_; }
  [[nodiscard]] int characters() const { return characters_; }
  [[nodiscard]] double left() const { return left_; }
  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] double bottom() const { return bottom_; }
  void end_at(double y) { bottom_ = y; }

  [[nodiscard]] cv::Mat ink() const;  // CV_32F, 0 = none, 1 = full
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  // x1, y1, x2, y2 of each line in pixels of the upright page.
  [[nodiscard]] const std::vector<std::array<int, 4>>& boxes() const { return boxes_; }

 private:
  struct Cairo;
  void remember(std::string text, double x1, double y1, double x2, double y2);
  [[nodiscard]] double em() const { return type_.size_pt / 72 * kDpi; }

  Type type_;
  Cairo* cairo_;
  double left_;
  double width_;
  double bottom_;
  double y_;
  int characters_ = 0;
  std::vector<std::string> lines_;
  std::vector<std::array<int, 4>> boxes_;
};

}  // namespace alih::bench
