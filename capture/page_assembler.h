#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/image.h"
#include "core/result.h"

namespace alih::capture {

// What a scanner announces for one frame, in its own words (SANE_Parameters).
struct FrameShape {
  enum class Channels { gray, rgb, red, green, blue };
  Channels channels = Channels::gray;
  bool last_frame = true;  // false: another frame of the same page follows
  int depth = 8;           // bits a sample: 1, 8 or 16
  int pixels_per_line = 0;
  int bytes_per_line = 0;  // may be more than the pixels need: the rest is padding
  int lines = -1;          // -1 = known at the end only
};

// Builds the image of one page from its frames and their bytes in whatever pieces they come. Pure:
// no device, no files. Refuses a byte too many and a byte too few. Errors: damaged, too_large. One
// thread; after an error the page is lost and nothing more may be added.
class PageAssembler {
 public:
  static constexpr std::size_t kMaxPageBytes = std::size_t{2} << 30;

  explicit PageAssembler(std::size_t max_bytes = kMaxPageBytes) : max_bytes_(max_bytes) {}

  [[nodiscard]] Status begin_frame(const FrameShape& shape);
  [[nodiscard]] Status add(std::span<const std::byte> bytes);
  [[nodiscard]] Status end_frame();  // the scanner said "end of file"

  [[nodiscard]] bool complete() const { return complete_; }         // the last frame has ended
  [[nodiscard]] std::size_t received() const { return received_; }  // bytes, of all frames
  // Once, when complete.
  [[nodiscard]] Result<Image> finish(double dpi_x, double dpi_y);

 private:
  [[nodiscard]] Status add_line(const std::byte* line);
  [[nodiscard]] Status check_new_page(const FrameShape& shape);
  [[nodiscard]] Status check_next_pass(const FrameShape& shape) const;
  [[nodiscard]] int passes() const { return (red_ ? 1 : 0) + (green_ ? 1 : 0) + (blue_ ? 1 : 0); }

  std::size_t max_bytes_;
  std::size_t received_ = 0;
  bool open_ = false;  // between begin_frame and end_frame
  bool complete_ = false;
  bool started_ = false;  // a first frame was seen
  bool red_ = false;
  bool green_ = false;
  bool blue_ = false;
  FrameShape shape_;
  PixelFormat format_ = PixelFormat::gray8;
  int width_ = 0;
  int height_ = 0;                 // of the first frame, once it ended
  int rows_ = 0;                   // lines complete in this frame
  std::vector<std::byte> line_;    // the beginning of a line whose rest has not come
  std::vector<std::byte> pixels_;  // packed rows
};

}  // namespace alih::capture
