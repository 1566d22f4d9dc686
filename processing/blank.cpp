#include "processing/blank.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/level.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

// Gray level that `share` of the pixels do not exceed.
int quantile(const cv::Mat& gray, double share) {
  std::array<double, 256> count{};
  for (int y = 0; y < gray.rows; ++y) {
    const auto* row = gray.ptr<std::uint8_t>(y);
    for (int x = 0; x < gray.cols; ++x) ++count[row[x]];
  }
  double left = share * static_cast<double>(gray.total());
  for (int v = 0; v < 256; ++v) {
    left -= count[static_cast<std::size_t>(v)];
    if (left <= 0) return v;
  }
  return 255;
}

// One mark at a quarter of the size.
struct Mark {
  cv::Rect box;
  int area = 0;
  int depth = 0;  // of its darkest pixel below the paper, gray levels
};

std::vector<Mark> marks_of(const cv::Mat& ink, const cv::Mat& flat, int paper) {
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centres, 8);
  std::vector<Mark> out;
  std::vector<int> darkest(static_cast<std::size_t>(count), 255);
  for (int y = 0; y < labels.rows; ++y) {
    const auto* label = labels.ptr<int>(y);
    const auto* row = flat.ptr<std::uint8_t>(y);
    for (int x = 0; x < labels.cols; ++x) {
      auto& one = darkest[static_cast<std::size_t>(label[x])];
      one = std::min<int>(one, row[x]);
    }
  }
  for (int i = 1; i < count; ++i) {
    const int area = stats.at<int>(i, cv::CC_STAT_AREA);
    constexpr int kSpeck = 3;  // pixels at quarter size: dust
    if (area <= kSpeck) continue;
    out.push_back({{stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                    stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT)},
                   area,
                   paper - darkest[static_cast<std::size_t>(i)]});
  }
  return out;
}

// Marks of ink, and where something thick hangs on a side, a shadow or an edge, what is thin and
// joined to it apart: a fold that runs out of the gutter's shadow.
std::vector<Mark> marks_and_folds(const cv::Mat& ink, const cv::Mat& flat, int paper) {
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centres, 8);
  constexpr double kSpans = 0.6;  // of the page
  cv::Mat hanging = cv::Mat::zeros(ink.size(), CV_8UC1);
  bool any = false;
  for (int i = 1; i < count; ++i) {
    const cv::Rect box(stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                       stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT));
    const bool hangs = box.x <= 1 || box.y <= 1 || box.x + box.width >= ink.cols - 1 ||
                       box.y + box.height >= ink.rows - 1;
    if (!hangs || (box.width < kSpans * ink.cols && box.height < kSpans * ink.rows)) continue;
    hanging(box) |= labels(box) == i;
    any = true;
  }
  if (!any) return marks_of(ink, flat, paper);
  constexpr int kThick = 7;  // pixels at quarter size; folds and strokes of print are thinner
  cv::Mat thick;
  cv::morphologyEx(hanging, thick, cv::MORPH_OPEN,
                   cv::getStructuringElement(cv::MORPH_RECT, {kThick, kThick}));
  cv::dilate(thick, thick, cv::getStructuringElement(cv::MORPH_RECT, {kThick, kThick}));
  thick &= hanging;
  auto out = marks_of(ink & ~thick, flat, paper);
  const auto more = marks_of(thick, flat, paper);
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

// Lies in the outer rim, or hangs on a side without going far in: an edge, a shadow, a gutter.
bool is_rim(const cv::Rect& box, cv::Size page) {
  constexpr double kRim = 0.03;
  constexpr double kShadow = 0.12;
  const int right = page.width - box.x - box.width;
  const int bottom = page.height - box.y - box.height;
  const auto within = [&](double share) {
    const double x = share * page.width;
    const double y = share * page.height;
    return box.x + box.width <= x || box.y + box.height <= y || page.width - box.x <= x ||
           page.height - box.y <= y;
  };
  constexpr int kHangs = 1;
  const bool hangs = std::min({box.x, box.y, right, bottom}) <= kHangs;
  return within(kRim) || (hangs && within(kShadow));
}

// A thin line over most of the page.
bool is_fold(const Mark& mark, cv::Size page) {
  constexpr double kMost = 0.6;
  constexpr double kThick = 4;
  return (mark.box.width >= kMost * page.width && mark.area <= kThick * mark.box.width) ||
         (mark.box.height >= kMost * page.height && mark.area <= kThick * mark.box.height);
}

// A piece of a faint thin line: of a fold that grain broke up, or of ruled paper.
bool is_faint_line(const Mark& mark) {
  constexpr int kFaintest = 60;
  constexpr int kThin = 3;
  constexpr int kLong = 5;
  const int thin = std::min(mark.box.width, mark.box.height);
  return mark.depth < kFaintest && thin <= kThin &&
         std::max(mark.box.width, mark.box.height) >= kLong * thin;
}

// As tall as a figure, deep, and made of strokes: one page number is a page with something on it.
// Not where a scanner prints or sheets are tabbed, at the very sides.
bool is_letter(const Mark& mark, double px_per_mm, cv::Size page) {
  constexpr double kSide = 0.05;
  const double side = kSide * page.width;
  if (mark.box.x < side || mark.box.x + mark.box.width > page.width - side) return false;
  constexpr double kLowest = 1.5;
  constexpr double kTallest = 12;
  constexpr int kDeep = 70;
  constexpr double kFull = 0.7;  // a disc has more: dust
  const double height = mark.box.height / px_per_mm;
  if (height < kLowest || height > kTallest || mark.box.width > kTallest * px_per_mm) return false;
  return mark.depth >= kDeep &&
         (mark.area < kFull * mark.box.area() || mark.box.height > 2 * mark.box.width);
}

// Median over the marks of depth to steepest step, in pixels of the page: how wide their edges are.
// Print that shines through paper is blurred by it, whatever the lens.
double edge_width(const cv::Mat& gray, const std::vector<Mark>& marks, int factor) {
  constexpr std::size_t kMost = 200;
  std::vector<double> widths;
  const std::size_t every = marks.size() / kMost + 1;
  for (std::size_t i = 0; i < marks.size(); i += every) {
    const auto& b = marks[i].box;
    const cv::Rect around = cv::Rect((b.x - 2) * factor, (b.y - 2) * factor, (b.width + 4) * factor,
                                     (b.height + 4) * factor) &
                            cv::Rect({}, gray.size());
    if (around.width < 8 || around.height < 8 || around.area() > 200000) continue;
    cv::Mat smooth;
    cv::GaussianBlur(gray(around), smooth, {3, 3}, 0.8);
    cv::Mat across;
    cv::Mat down;
    cv::Sobel(smooth, across, CV_32F, 1, 0, 3, 1.0 / 8);
    cv::Sobel(smooth, down, CV_32F, 0, 1, 3, 1.0 / 8);
    cv::Mat steep;
    cv::magnitude(across, down, steep);
    double steepest = 0;
    double darkest = 0;
    cv::minMaxLoc(steep, nullptr, &steepest);
    cv::minMaxLoc(smooth, &darkest, nullptr);
    const double depth = quantile(smooth, 0.8) - darkest;
    if (steepest > 0) widths.push_back(depth / steepest);
  }
  if (widths.empty()) return 0;
  const auto middle = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2);
  std::nth_element(widths.begin(), middle, widths.end());
  return *middle;
}

}  // namespace

Result<Ink> find_ink(const Image& image) {
  Ink out;
  if (image.width() < 32 || image.height() < 32) {
    out.share = 1;  // too small to judge: not blank
    return out;
  }
  const Image plain = to_8bit(image);
  const cv::Mat page = view(plain);
  // A4 at 300 dpi becomes a quarter; a small picture keeps its size, or its letters would vanish.
  constexpr int kLongest = 1000;
  int factor = 1;
  cv::Mat small = reduced(page, kLongest, &factor);
  if (small.channels() == 3) cv::cvtColor(small, small, cv::COLOR_RGB2GRAY);
  // A dark cover cannot be judged: not blank.
  constexpr int kDarkCover = 64;
  const int paper = quantile(small, 0.95);
  if (paper < kDarkCover) {
    out.share = 1;
    return out;
  }
  const cv::Mat flat = divide_background(small);
  const int white = quantile(flat, 0.5);
  // Clearly darker than the paper around it; or dark at all, for photographs whose tone the
  // division takes for background. Grain is neither.
  constexpr int kClearly = 30;
  const cv::Mat ink = (flat < white - kClearly) | (small < paper / 2);
  auto marks = marks_and_folds(ink, flat, white);
  std::erase_if(marks, [&](const Mark& m) { return is_rim(m.box, ink.size()); });
  // A sheet that was folded has a few; a ruled one has many.
  constexpr std::ptrdiff_t kFolds = 3;
  const auto fold = [&](const Mark& m) { return is_fold(m, ink.size()); };
  if (std::count_if(marks.begin(), marks.end(), fold) <= kFolds) std::erase_if(marks, fold);
  std::erase_if(marks, is_faint_line);
  // A few dots are dust, on a page without letters; faint print that falls apart has many.
  constexpr std::ptrdiff_t kDust = 60;
  constexpr double kLeastDpi = 70;
  constexpr double kSheetMm = 297;
  const double px_per_mm = image.dpi_x() >= kLeastDpi ? image.dpi_x() / 25.4 / factor
                                                      : std::max(ink.cols, ink.rows) / kSheetMm;
  const auto dot = [&](const Mark& m) {
    constexpr double kDotMm = 1.4;
    return std::max(m.box.width, m.box.height) < kDotMm * px_per_mm;
  };
  if (std::count_if(marks.begin(), marks.end(), dot) <= kDust) std::erase_if(marks, dot);
  double pixels = 0;
  for (const auto& m : marks) {
    pixels += m.area;
    ++out.marks;
    if (is_letter(m, px_per_mm, ink.size())) ++out.letters;
    out.depth = std::max(out.depth, m.depth);
  }
  out.share = pixels / static_cast<double>(ink.total());
  // Only where all is faint: else there is print, whatever shines through beside it.
  constexpr int kFaint = 60;
  constexpr double kSparse = 0.15;
  if (!marks.empty() && out.depth < kFaint && out.share < kSparse) {
    cv::Mat gray = page;
    if (page.channels() == 3) cv::cvtColor(page, gray, cv::COLOR_RGB2GRAY);
    out.edge_px = edge_width(gray, marks, factor);
  }
  return out;
}

bool is_blank(const Ink& ink, const BlankSettings& settings) {
  if (ink.letters > 0) return false;
  if (ink.share < settings.max_ink) return true;
  constexpr double kBlurred = 3.9;
  if (ink.edge_px > kBlurred) return true;
  // Pieces of the rims of stains: very faint, soft, and few, as no page of print is.
  constexpr int kVeryFaint = 45;
  constexpr int kFew = 40;
  constexpr double kLittle = 0.002;
  constexpr double kSoft = 2.9;
  return ink.depth < kVeryFaint && ink.marks <= kFew && ink.share < kLittle && ink.edge_px > kSoft;
}

Result<bool> is_blank(const Image& image, const BlankSettings& settings) {
  ALIH_TRY(const auto ink, find_ink(image));
  return is_blank(ink, settings);
}

namespace {

class Blank final : public Stage {
 public:
  explicit Blank(const BlankSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "blank"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    ALIH_TRY(const auto ink, find_ink(input));
    const bool blank = is_blank(ink, settings_);
    const double distance = blank ? 1 - ink.share / std::max(settings_.max_ink, 1e-9)
                                  : 1 - settings_.max_ink / std::max(ink.share, 1e-9);
    const Finding finding{"blank",
                          {{"ink_share", ink.share},
                           {"marks", ink.marks},
                           {"letters", ink.letters},
                           {"depth", ink.depth},
                           {"edge_px", ink.edge_px}},
                          std::clamp(distance, 0.0, 1.0),
                          false,
                          blank ? "blank" : "not blank"};
    return Step{input, {finding}, {}};
  }

 private:
  BlankSettings settings_;
};

}  // namespace

std::unique_ptr<Stage> make_blank(const BlankSettings& settings) {
  return std::make_unique<Blank>(settings);
}

}  // namespace alih::processing
