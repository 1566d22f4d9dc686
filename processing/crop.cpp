#include "processing/crop.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "processing/pixels.h"

namespace alih::processing {
namespace {

constexpr int kScale = 4;            // looked at at a quarter of the size
constexpr double kDarkShare = 0.92;  // of a row's pixels, to be frame
constexpr int kMostDark = 96;        // gray level of scanner background

// A frame of four widths, in pixels of the small picture.
struct Frame {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
};

// Draws the frame back so far that no bright mark of a letter's size in it is cut: white words in a
// dark band are text. Dust and the light of a page's worn edge are smaller or hang on the page.
void spare_letters(const cv::Mat& dark, Frame& frame) {
  constexpr int kLeastHeight = 4;  // 16 px: letters of 6 pt at 300 dpi
  constexpr int kLeastArea = 6;
  constexpr int kAway = 2;
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(~dark, labels, stats, centres, 8);
  const int right = dark.cols - frame.right;
  const int bottom = dark.rows - frame.bottom;
  Frame kept = frame;
  for (int i = 1; i < count; ++i) {
    const int x = stats.at<int>(i, cv::CC_STAT_LEFT);
    const int y = stats.at<int>(i, cv::CC_STAT_TOP);
    const int x2 = x + stats.at<int>(i, cv::CC_STAT_WIDTH);
    const int y2 = y + stats.at<int>(i, cv::CC_STAT_HEIGHT);
    if (y2 - y < kLeastHeight || stats.at<int>(i, cv::CC_STAT_AREA) < kLeastArea) continue;
    // A line of light along a whole edge is the scanner's, not a letter.
    if (x2 - x > dark.cols / 2 || y2 - y > dark.rows / 2) continue;
    if (x == 0 || y == 0 || x2 == dark.cols || y2 == dark.rows) continue;
    // Letters may stand across the frame's edge: a row with few of them still looks dark.
    if (y < frame.top) kept.top = std::clamp(y - kAway, 0, kept.top);
    if (y2 > bottom) kept.bottom = std::clamp(dark.rows - y2 - kAway, 0, kept.bottom);
    if (x < frame.left) kept.left = std::clamp(x - kAway, 0, kept.left);
    if (x2 > right) kept.right = std::clamp(dark.cols - x2 - kAway, 0, kept.right);
  }
  frame = kept;
}

// How many rows from the top are frame.
int frame_rows(const cv::Mat& dark) {
  int frame = 0;
  const int most = dark.rows / 3;
  for (int y = 0; y < most; ++y) {
    const double share = cv::countNonZero(dark.row(y)) / static_cast<double>(dark.cols);
    if (share >= kDarkShare)
      frame = y + 1;
    else if (y - frame > 1)
      break;  // a thin bright line inside the frame is passed over
  }
  return frame;
}

}  // namespace

Result<PageArea> find_page_area(const Image& image) {
  PageArea out{{0, 0, image.width(), image.height()}, 1.0, 0.0};
  if (image.width() < 64 || image.height() < 64) return out;
  const cv::Mat small = reduced_by(to_gray(image), kScale);
  const cv::Mat dark = small < kMostDark;
  cv::Mat turned;
  Frame frame;
  frame.top = frame_rows(dark);
  cv::flip(dark, turned, 0);
  frame.bottom = frame_rows(turned);
  // Columns are judged between the rows that stay.
  const cv::Mat middle = dark.rowRange(frame.top, dark.rows - frame.bottom);
  cv::transpose(middle, turned);
  frame.left = frame_rows(turned);
  cv::flip(turned, turned, 0);
  frame.right = frame_rows(turned);
  if (frame.top + frame.bottom + frame.left + frame.right == 0) return out;
  // One more pixel: the frame's edge is soft.
  for (int* width : {&frame.left, &frame.top, &frame.right, &frame.bottom}) {
    if (*width > 0) ++*width;
  }
  spare_letters(dark, frame);
  const auto [left, top, right, bottom] = frame;
  if (top + bottom + left + right == 0) return out;

  const int x = left * kScale;
  const int y = top * kScale;
  out.box = {x, y, std::max(1, image.width() - x - right * kScale),
             std::max(1, image.height() - y - bottom * kScale)};

  // Did we lose ink? The frame must be an even dark: what is bright in it could be paper with text.
  const cv::Rect inside(left, top, small.cols - left - right, small.rows - top - bottom);
  cv::Mat outside(small.size(), CV_8UC1, cv::Scalar(255));
  outside(inside).setTo(0);
  const double frame_pixels = cv::countNonZero(outside);
  const double bright = cv::countNonZero((small >= kMostDark) & outside);
  out.lost_ink = frame_pixels > 0 ? bright / frame_pixels : 0;
  cv::Scalar paper = cv::mean(small(inside));
  // Sure when the frame is nearly all dark and the page clearly brighter.
  const double even = std::clamp(1.0 - out.lost_ink * 4, 0.0, 1.0);
  const double contrast = std::clamp((paper[0] - kMostDark) / 64.0, 0.0, 1.0);
  out.confidence = even * contrast;
  return out;
}

Result<Image> cut(const Image& image, const Box& box) {
  if (box.x < 0 || box.y < 0 || box.width < 1 || box.height < 1 ||
      box.x + box.width > image.width() || box.y + box.height > image.height()) {
    return fail(ErrorCode::internal, "Bidang potong di luar citra",
                "The area to cut lies outside the image");
  }
  return to_image(view(image)(cv::Rect(box.x, box.y, box.width, box.height)), image.dpi_x(),
                  image.dpi_y());
}

namespace {

class Crop final : public Stage {
 public:
  explicit Crop(const CropSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "crop"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    ALIH_TRY(const auto area, find_page_area(input));
    const auto& b = area.box;
    const double whole = static_cast<double>(input.width()) * input.height();
    const double loss = 1 - static_cast<double>(b.width) * b.height / whole;
    Finding finding{"crop",
                    {{"left_px", b.x},
                     {"top_px", b.y},
                     {"right_px", input.width() - b.x - b.width},
                     {"bottom_px", input.height() - b.y - b.height},
                     {"bright_share_of_border", area.lost_ink}},
                    area.confidence,
                    false,
                    ""};
    if (loss <= 0) {
      finding.note = "no border";
      return Step{input, {finding}, {}};
    }
    if (area.confidence < settings_.min_confidence || loss > settings_.max_loss) {
      finding.note = "unsure";
      return Step{input, {finding}, {}};
    }
    finding.applied = true;
    ALIH_TRY(auto image, cut(input, b));
    const Affine moved{{1, 0, static_cast<double>(b.x), 0, 1, static_cast<double>(b.y)}};
    return Step{std::move(image), {finding}, moved};
  }

 private:
  CropSettings settings_;
};

}  // namespace

std::unique_ptr<Stage> make_crop(const CropSettings& settings) {
  return std::make_unique<Crop>(settings);
}

}  // namespace alih::processing
