#include "processing/edges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/pixels.h"

namespace alih::processing {
namespace {

constexpr int kLongest = 900;  // pixels of the picture that is looked at, about: 75 dpi of A4
constexpr double kSheetMm = 297;

cv::Mat box(int width, int height) {
  return cv::getStructuringElement(cv::MORPH_RECT, {width, height});
}

// What nine tenths of the pixels do not exceed.
int bright_of(const cv::Mat& gray) {
  std::array<std::size_t, 256> counts{};
  for (int y = 0; y < gray.rows; ++y) {
    const auto* row = gray.ptr<std::uint8_t>(y);
    for (int x = 0; x < gray.cols; ++x) ++counts.at(row[x]);
  }
  std::size_t below = 0;
  for (std::size_t v = 0; v < counts.size(); ++v) {
    below += counts.at(v);
    if (below * 10 >= gray.total() * 9) return static_cast<int>(v);
  }
  return 255;
}

struct Mark {
  cv::Rect box;
  int area = 0;
};

std::vector<Mark> marks_of(const cv::Mat& mask, cv::Mat& labels) {
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centres, 8);
  std::vector<Mark> out(static_cast<std::size_t>(count));
  for (int i = 1; i < count; ++i) {
    out[static_cast<std::size_t>(i)] = {
        {stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
         stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT)},
        stats.at<int>(i, cv::CC_STAT_AREA)};
  }
  return out;
}

// 255 within `share` of a side, from each of them.
cv::Mat rim_of(cv::Size size, double share) {
  cv::Mat out(size, CV_8UC1, cv::Scalar(255));
  const int x = static_cast<int>(size.width * share);
  const int y = static_cast<int>(size.height * share);
  out(cv::Rect(x, y, size.width - 2 * x, size.height - 2 * y)).setTo(0);
  return out;
}

bool is_at_side(const cv::Rect& r, cv::Size size) {
  constexpr int kNear = 1;
  return r.x <= kNear || r.y <= kNear || r.x + r.width >= size.width - kNear ||
         r.y + r.height >= size.height - kNear;
}

// A disc of a punch's size with paper around it, near a side.
bool is_hole(const Mark& opened, const cv::Mat& dark, double px_per_mm) {
  // The opening took its outermost rows.
  constexpr int kTaken = 3;
  const cv::Rect grown = cv::Rect(opened.box.x - kTaken, opened.box.y - kTaken,
                                  opened.box.width + 2 * kTaken, opened.box.height + 2 * kTaken) &
                         cv::Rect({}, dark.size());
  const Mark mark{cv::boundingRect(dark(grown)) + grown.tl(), cv::countNonZero(dark(grown))};
  const double width = mark.box.width / px_per_mm;
  const double height = mark.box.height / px_per_mm;
  constexpr double kSmallest = 4.5;
  constexpr double kLargest = 9.5;
  constexpr double kLongish = 1.2;
  if (std::min(width, height) < kSmallest || std::max(width, height) > kLargest) return false;
  if (std::max(width, height) > kLongish * std::min(width, height)) return false;
  const double filled = mark.area / static_cast<double>(mark.box.area());
  constexpr double kDisc = std::numbers::pi / 4;
  constexpr double kOff = 0.09;
  if (std::abs(filled - kDisc) > kOff) return false;
  constexpr double kFarthestMm = 25;
  const double x = mark.box.x + mark.box.width / 2.0;
  const double y = mark.box.y + mark.box.height / 2.0;
  const double side = std::min({x, y, dark.cols - x, dark.rows - y}) / px_per_mm;
  if (side > kFarthestMm) return false;
  // Paper all around, but for the hole's own soft rim.
  const auto around = [&](int by) {
    return cv::Rect(mark.box.x - by, mark.box.y - by, mark.box.width + 2 * by,
                    mark.box.height + 2 * by) &
           cv::Rect({}, dark.size());
  };
  constexpr int kRim = 1;
  constexpr int kRing = 4;
  const int inside = cv::countNonZero(dark(around(kRim)));
  const int all = cv::countNonZero(dark(around(kRing)));
  return all - inside <= 2;
}

// Bright marks of a letter's size inside a dark area: words in a dark band.
int bright_letters(const cv::Mat& dark, const cv::Mat& mask) {
  cv::Mat filled;
  cv::morphologyEx(mask, filled, cv::MORPH_CLOSE, box(9, 9));
  cv::Mat labels;
  const auto marks = marks_of(~dark & filled, labels);
  constexpr int kLeast = 4;  // 16 pixels: letters of 6 pt at 300 dpi
  constexpr int kMost = 40;
  return static_cast<int>(std::count_if(marks.begin() + 1, marks.end(), [](const Mark& m) {
    return m.box.height >= kLeast && m.box.height <= kMost && m.box.width <= kMost && m.area >= 6 &&
           m.area < m.box.area() * 9 / 10;
  }));
}

// Letters of which a part would go: marks of a letter's size that go on outside the mask.
int letters_on(const cv::Mat& dark, const cv::Mat& mask) {
  cv::Mat rest = dark & ~mask;
  cv::Mat labels;
  const auto marks = marks_of(rest, labels);
  cv::Mat grown;
  cv::dilate(mask, grown, box(3, 3));
  std::vector<bool> touches(marks.size(), false);
  for (int y = 0; y < labels.rows; ++y) {
    const auto* label = labels.ptr<int>(y);
    const auto* g = grown.ptr<std::uint8_t>(y);
    for (int x = 0; x < labels.cols; ++x) {
      if (label[x] != 0 && g[x] != 0) touches[static_cast<std::size_t>(label[x])] = true;
    }
  }
  int out = 0;
  for (std::size_t i = 1; i < marks.size(); ++i) {
    constexpr int kLeast = 5;
    const auto& b = marks[i].box;
    // Rags of the edge lie along it; a letter stands off.
    if (touches[i] && b.height >= kLeast && b.width >= 3 && b.height <= 60 &&
        marks[i].area < b.area() * 8 / 10) {
      ++out;
    }
  }
  return out;
}

}  // namespace

Result<Added> find_added(const Image& image, double max_depth) {
  Added out;
  constexpr int kSmallest = 200;
  if (image.width() < kSmallest || image.height() < kSmallest) return out;
  int factor = 1;
  cv::Mat small = reduced(image, kLongest, &factor);
  const double scale = 1.0 / factor;
  if (small.channels() == 3) cv::cvtColor(small, small, cv::COLOR_RGB2GRAY);
  const int bright = bright_of(small);
  constexpr int kDarkPage = 90;
  if (bright < kDarkPage) return out;  // a cover or a photograph
  constexpr double kDark = 0.5;
  const cv::Mat dark = small < kDark * bright;
  constexpr double kLeastDark = 0.0004;
  if (cv::countNonZero(dark) < kLeastDark * static_cast<double>(dark.total())) return out;

  constexpr double kLeastDpi = 70;
  const double px_per_mm = image.dpi_x() >= kLeastDpi ? image.dpi_x() / 25.4 * scale
                                                      : std::max(small.cols, small.rows) / kSheetMm;
  const auto px = [&](double mm) {
    return std::max(1, static_cast<int>(std::lround(mm * px_per_mm)));
  };
  // Wider than a stroke of bold capitals; or long along its side.
  cv::Mat candidates;
  cv::morphologyEx(dark, candidates, cv::MORPH_OPEN, box(px(2.4), px(2.4)));
  const int depth_x = std::max(1, static_cast<int>(small.cols * max_depth));
  const int depth_y = std::max(1, static_cast<int>(small.rows * max_depth));
  for (const auto& [strip, kernel] :
       {std::pair{cv::Rect(0, 0, depth_x, small.rows), box(1, px(25))},
        std::pair{cv::Rect(small.cols - depth_x, 0, depth_x, small.rows), box(1, px(25))},
        std::pair{cv::Rect(0, 0, small.cols, depth_y), box(px(25), 1)},
        std::pair{cv::Rect(0, small.rows - depth_y, small.cols, depth_y), box(px(25), 1)}}) {
    if (cv::countNonZero(dark(strip)) < px(25)) continue;
    cv::Mat along;
    cv::morphologyEx(dark(strip), along, cv::MORPH_OPEN, kernel);
    candidates(strip) |= along;
  }
  if (cv::countNonZero(candidates) == 0) return out;
  const cv::Mat rim = rim_of(small.size(), max_depth);
  cv::Mat labels;
  const auto marks = marks_of(candidates, labels);
  std::vector<int> inside(marks.size(), 0);  // pixels of the rim
  for (int y = 0; y < labels.rows; ++y) {
    const auto* label = labels.ptr<int>(y);
    const auto* r = rim.ptr<std::uint8_t>(y);
    for (int x = 0; x < labels.cols; ++x) {
      if (label[x] != 0 && r[x] != 0) ++inside[static_cast<std::size_t>(label[x])];
    }
  }
  std::vector<std::uint8_t> keep(marks.size(), 0);
  for (std::size_t i = 1; i < marks.size(); ++i) {
    constexpr double kNearlyAll = 0.9;
    if (is_at_side(marks[i].box, small.size()) && inside[i] >= kNearlyAll * marks[i].area) {
      keep[i] = 1;
      ++out.edges;
    } else if (is_hole(marks[i], dark, px_per_mm)) {
      keep[i] = 1;
      ++out.holes;
    }
  }
  if (out.edges + out.holes == 0) return out;
  cv::Mat mask(labels.size(), CV_8UC1, cv::Scalar(0));
  for (int y = 0; y < labels.rows; ++y) {
    const auto* label = labels.ptr<int>(y);
    auto* to = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < labels.cols; ++x) {
      if (keep[static_cast<std::size_t>(label[x])] != 0) to[x] = 255;
    }
  }
  const int lost = letters_on(dark, mask) + 3 * bright_letters(dark, mask);
  // The soft rim belongs to it.
  cv::Mat grown;
  cv::dilate(mask, grown, box(7, 7));
  constexpr double kSoft = 0.85;
  mask |= grown & (small < kSoft * bright);
  cv::dilate(mask, mask, box(3, 3));
  out.lost_ink = lost / static_cast<double>(out.edges + out.holes);
  constexpr double kMany = 6;
  out.confidence = std::clamp(1 - lost / kMany, 0.0, 1.0);
  out.share = cv::countNonZero(mask) / static_cast<double>(mask.total());
  out.mask = to_image(mask, 0, 0);
  return out;
}

Image without(const Image& image, const Image& mask) {
  const cv::Mat page = view(image);
  const cv::Mat small_mask = view(mask);
  const cv::Mat small = reduced(page, kLongest);
  // Mean of the paper around, from as near as there is any.
  cv::Mat sum;
  small.convertTo(sum, CV_32F);
  sum.setTo(cv::Scalar::all(0), small_mask);
  cv::Mat weight(small.size(), CV_32F, cv::Scalar(1));
  weight.setTo(0, small_mask);
  // Print beside it is no paper: only the brighter half of a neighbourhood counts.
  cv::Mat gray;
  if (small.channels() == 3)
    cv::cvtColor(small, gray, cv::COLOR_RGB2GRAY);
  else
    gray = small;
  cv::Mat brightest;
  cv::dilate(gray, brightest, box(15, 15));
  cv::Mat print;
  cv::compare(gray, brightest * 0.85, print, cv::CMP_LT);
  sum.setTo(cv::Scalar::all(0), print);
  weight.setTo(0, print);
  cv::Mat fill = small.clone();
  cv::Mat open = small_mask.clone();
  for (int around = 15; cv::countNonZero(open) > 0; around = around * 2 + 1) {
    cv::Mat near_sum;
    cv::Mat near_weight;
    cv::boxFilter(sum, near_sum, -1, {around, around});
    cv::boxFilter(weight, near_weight, -1, {around, around});
    constexpr double kSome = 0.02;
    const cv::Mat filled = open & (near_weight > kSome);
    cv::Mat many;
    cv::merge(std::vector<cv::Mat>(static_cast<std::size_t>(page.channels()),
                                   cv::max(near_weight, kSome)),
              many);
    cv::Mat mean;
    cv::divide(near_sum, many, mean);
    mean.convertTo(mean, CV_8U);
    mean.copyTo(fill, filled);
    open.setTo(0, filled);
    if (around > 2 * std::max(small.cols, small.rows)) break;
  }
  fill.setTo(cv::Scalar::all(255), open);
  cv::Mat full_mask;
  cv::resize(small_mask, full_mask, page.size(), 0, 0, cv::INTER_NEAREST);
  cv::Mat full;
  cv::resize(fill, full, page.size(), 0, 0, cv::INTER_LINEAR);
  cv::Mat out = page.clone();
  full.copyTo(out, full_mask);
  return to_image(out, image.dpi_x(), image.dpi_y());
}

namespace {

class Edges final : public Stage {
 public:
  explicit Edges(const EdgesSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "edges"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    ALIH_TRY(const auto added, find_added(input, settings_.max_depth));
    Finding finding{"edges",
                    {{"edges", added.edges},
                     {"holes", added.holes},
                     {"page_share", added.share},
                     {"lost_ink", added.lost_ink}},
                    added.confidence,
                    false,
                    ""};
    if (added.mask.empty()) {
      finding.note = "none";
      finding.confidence = 1;
      return Step{input, {finding}, {}};
    }
    if (added.confidence < settings_.min_confidence) {
      finding.note = "unsure";
      return Step{input, {finding}, {}};
    }
    finding.applied = true;
    return Step{without(input, added.mask), {finding}, {}};
  }

 private:
  EdgesSettings settings_;
};

}  // namespace

std::unique_ptr<Stage> make_edges(const EdgesSettings& settings) {
  return std::make_unique<Edges>(settings);
}

}  // namespace alih::processing
