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

// Thin lines over most of the page, whole or in pieces on one straight line that a shadow or grain
// broke them into: a sheet that was folded has a few, a ruled one many. A few are taken out.
void take_folds_out(std::vector<Mark>& marks, cv::Size page) {
  constexpr double kMost = 0.6;
  constexpr double kThick = 4;
  constexpr int kLong = 5;         // times its thickness: a piece of a line
  constexpr double kTilt = 0.05;   // a written word is as thin on the whole, but not as flat
  constexpr double kOff = 3;       // pixels at quarter size
  constexpr double kSlant = 0.02;  // lines of a sheet lie about as straight as the sheet
  constexpr int kFew = 3;
  std::vector<bool> taken(marks.size(), false);
  int folds = 0;
  for (const bool lying : {true, false}) {
    const auto along = [&](const Mark& m) { return lying ? m.box.width : m.box.height; };
    const auto across = [&](const Mark& m) { return lying ? m.box.height : m.box.width; };
    const auto middle = [&](const Mark& m) {
      const cv::Point2d centre(m.box.x + m.box.width / 2.0, m.box.y + m.box.height / 2.0);
      return lying ? centre : cv::Point2d(centre.y, centre.x);
    };
    std::vector<std::size_t> pieces;
    for (std::size_t i = 0; i < marks.size(); ++i) {
      const auto& m = marks[i];
      const double thick = static_cast<double>(m.area) / along(m);
      const bool flat = across(m) <= kThick + kTilt * along(m);
      if (thick <= kThick && flat && along(m) >= kLong * thick) pieces.push_back(i);
    }
    // The longest piece tells best where its line runs. So many are no folds.
    constexpr std::size_t kMostPieces = 500;
    if (pieces.size() > kMostPieces) continue;
    std::stable_sort(pieces.begin(), pieces.end(),
                     [&](auto a, auto b) { return along(marks[a]) > along(marks[b]); });
    std::vector<bool> used(marks.size(), false);
    for (const auto seed : pieces) {
      if (used[seed]) continue;
      const auto at = middle(marks[seed]);
      std::vector<std::size_t> line;
      double length = 0;
      for (const auto i : pieces) {
        const auto d = middle(marks[i]) - at;
        if (used[i] || std::abs(d.y) > kOff + kSlant * std::abs(d.x)) continue;
        line.push_back(i);
        length += along(marks[i]);
      }
      if (length < kMost * (lying ? page.width : page.height)) continue;
      ++folds;
      for (const auto i : line) used[i] = taken[i] = true;
    }
  }
  if (folds > kFew) return;
  std::size_t i = 0;
  std::erase_if(marks, [&](const Mark&) { return taken[i++]; });
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

// How wide the edges of each mark are, in pixels of the page: its depth by its steepest step after
// a blur of `sigma`, which takes the grain. `local` = its depth beside its surroundings; else as it
// was found, for of a wide rim they show a part only. Print that shines through paper is blurred by
// it, whatever the lens, and the rims of stains are wider than any stroke.
std::vector<double> edge_widths(const cv::Mat& gray, const std::vector<Mark>& marks, int factor,
                                double sigma, bool local) {
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
    cv::GaussianBlur(gray(around), smooth, sigma < 1 ? cv::Size(3, 3) : cv::Size(), sigma);
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
    const double depth = local ? quantile(smooth, 0.8) - darkest : marks[i].depth;
    if (steepest > 0) widths.push_back(depth / steepest);
  }
  return widths;
}

// That which `share` of them do not exceed; 0 of none.
double at_share(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size()));
  std::nth_element(values.begin(), at, values.end());
  return *at;
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
  take_folds_out(marks, ink.size());
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
  constexpr int kRimDepth = 80;
  constexpr double kRimShare = 0.02;
  const bool shines = out.depth < kFaint && out.share < kSparse;
  const bool rims = out.depth < kRimDepth && out.share < kRimShare;
  if (marks.empty() || !(shines || rims)) return out;
  cv::Mat gray = page;
  if (page.channels() == 3) cv::cvtColor(page, gray, cv::COLOR_RGB2GRAY);
  // The middle one tells what shines through. One sharp mark in five is writing among stains.
  if (shines) out.edge_px = at_share(edge_widths(gray, marks, factor, 0.8, true), 0.5);
  if (rims) out.rim_px = at_share(edge_widths(gray, marks, factor, 1.6, false), 0.2);
  return out;
}

bool is_blank(const Ink& ink, const BlankSettings& settings) {
  if (ink.letters > 0) return false;
  if (ink.share < settings.max_ink) return true;
  constexpr double kBlurred = 3.9;
  if (ink.edge_px > kBlurred) return true;
  constexpr double kRim = 7.3;  // of stains 7.4 and more, of faint writing in focus 7 at most
  return ink.rim_px > kRim;
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
                           {"edge_px", ink.edge_px},
                           {"rim_px", ink.rim_px}},
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
