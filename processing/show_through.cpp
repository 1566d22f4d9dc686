#include "processing/show_through.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/pixels.h"

namespace alih::processing {
namespace {

constexpr int kPaper = 246;  // of a levelled page; lighter is no mark

// Darkest of each two by two pixels.
cv::Mat halved(const cv::Mat& gray) {
  const int rows = gray.rows / 2;
  const int columns = gray.cols / 2;
  cv::Mat out(rows, columns, CV_8UC1);
  for (int y = 0; y < rows; ++y) {
    const auto* a = gray.ptr<std::uint8_t>(2 * y);
    const auto* b = gray.ptr<std::uint8_t>(2 * y + 1);
    auto* to = out.ptr<std::uint8_t>(y);
    for (int x = 0; x < columns; ++x) {
      to[x] = std::min(std::min(a[2 * x], a[2 * x + 1]), std::min(b[2 * x], b[2 * x + 1]));
    }
  }
  return out;
}

using Levels256 = std::array<double, 256>;

// How many cores of strokes have each level: pixels as dark as any around them.
Levels256 cores_of(const cv::Mat& gray) {
  cv::Mat darkest;
  constexpr int kAround = 5;
  cv::erode(gray, darkest, cv::getStructuringElement(cv::MORPH_RECT, {kAround, kAround}));
  Levels256 out{};
  for (int y = 0; y < gray.rows; ++y) {
    const auto* g = gray.ptr<std::uint8_t>(y);
    const auto* d = darkest.ptr<std::uint8_t>(y);
    for (int x = 0; x < gray.cols; ++x) {
      if (g[x] == d[x] && g[x] < kPaper) ++out.at(g[x]);
    }
  }
  return out;
}

}  // namespace

Ghosts find_ghosts(const Image& image) {
  Ghosts out;
  if (image.format() != PixelFormat::gray8 || image.width() < 64 || image.height() < 64) return out;
  const auto cores = cores_of(halved(view(image)));
  double all = 0;
  double sum = 0;
  for (int v = 0; v < kPaper; ++v) {
    all += cores.at(static_cast<std::size_t>(v));
    sum += v * cores.at(static_cast<std::size_t>(v));
  }
  constexpr double kLeastCores = 400;
  if (all < kLeastCores) return out;
  // Otsu's threshold between the two.
  double below = 0;
  double below_sum = 0;
  double best = -1;
  for (int v = 0; v < kPaper; ++v) {
    const double n = cores.at(static_cast<std::size_t>(v));
    below += n;
    below_sum += v * n;
    if (below <= 0 || below >= all) continue;
    const double away = below_sum / below - (sum - below_sum) / (all - below);
    const double between = below * (all - below) * away * away;
    if (between > best) {
      best = between;
      out.text = below_sum / below;
      out.ghosts = (sum - below_sum) / (all - below);
      out.share = (all - below) / all;
    }
  }
  const double apart = out.ghosts - out.text;
  constexpr double kApart = 70;
  constexpr double kLeastShare = 0.08;
  constexpr double kMostShare = 0.8;
  if (apart < kApart || out.share < kLeastShare || out.share > kMostShare) return out;
  // Print that is itself faint, or gray that paper does not let through so well, is not for this.
  constexpr double kDarkest = 115;
  constexpr double kFaintest = 203;
  if (out.text > kDarkest || out.ghosts < kFaintest) return out;
  // The emptiest stretch between them, a sixth of the way wide.
  const int width = std::max(4, static_cast<int>(apart / 6));
  const int from = static_cast<int>(out.text + apart * 0.25);
  const int to = std::min(static_cast<int>(out.ghosts - apart * 0.1), kPaper - width);
  double emptiest = 1e18;
  for (int v = from; v + width <= to; ++v) {
    double n = 0;
    for (int k = 0; k < width; ++k) n += cores.at(static_cast<std::size_t>(v + k));
    if (n <= emptiest) {  // the lightest such: what is doubtful stays
      emptiest = n;
      out.limit = v + width / 2;
    }
  }
  constexpr int kLeastLimit = 120;
  if (out.limit < kLeastLimit) out.limit = 0;
  if (out.limit == 0) return out;
  // As many cores as an even spread between the two would put there is no gap at all.
  const double even = std::min(out.share, 1 - out.share) * all * width / apart;
  out.confidence = std::clamp(1 - emptiest / std::max(even, 1.0), 0.0, 1.0);
  return out;
}

namespace {

// One connected mark of the page.
struct Mark {
  int darkest = 255;
  int area = 0;
  int left = 1 << 30;
  int right = -1;
  int top = 1 << 30;
  int bottom = -1;
  [[nodiscard]] int width() const { return right - left + 1; }
  [[nodiscard]] int height() const { return bottom - top + 1; }
};

struct Marks {
  cv::Mat labels;
  std::vector<Mark> all;  // by label; 0 is the paper
};

Marks marks_of(const cv::Mat& gray) {
  Marks out;
  const cv::Mat dark = gray < kPaper;
  const int count = cv::connectedComponents(dark, out.labels, 8, CV_32S);
  out.all.resize(static_cast<std::size_t>(count));
  for (int y = 0; y < gray.rows; ++y) {
    const auto* label = out.labels.ptr<int>(y);
    const auto* g = gray.ptr<std::uint8_t>(y);
    for (int x = 0; x < gray.cols; ++x) {
      if (label[x] == 0) continue;
      auto& mark = out.all[static_cast<std::size_t>(label[x])];
      ++mark.area;
      mark.darkest = std::min<int>(mark.darkest, g[x]);
      mark.left = std::min(mark.left, x);
      mark.right = std::max(mark.right, x);
      mark.top = std::min(mark.top, y);
      mark.bottom = y;
    }
  }
  return out;
}

double dpi_of(const Image& image) {
  constexpr double kLeastDpi = 70;
  constexpr double kAssumedDpi = 300;
  return image.dpi_x() >= kLeastDpi ? image.dpi_x() : kAssumedDpi;
}

// Whether marks no darker than the limit have a letter's size for the most part: grain has not.
bool are_letters(const Marks& marks, int limit, double dpi) {
  const double letter = 1.0 / 25.4 * dpi;  // pixels
  const double line = 40.0 / 25.4 * dpi;
  double ghosts = 0;
  double as_letters = 0;
  for (std::size_t i = 1; i < marks.all.size(); ++i) {
    const auto& m = marks.all[i];
    if (m.darkest < limit) continue;
    ghosts += m.area;
    if (m.height() >= letter && m.height() < line && m.width() < 3 * line) as_letters += m.area;
  }
  constexpr double kMostly = 0.6;
  return ghosts > 0 && as_letters > kMostly * ghosts;
}

// White in place of ghosts, the rest a little lighter, since what hangs on print cannot be taken
// away.
Image cleared(const Image& image, const Marks& marks, int limit, int* removed) {
  const cv::Mat gray = view(image);
  const double dpi = dpi_of(image);
  const int dot = std::max(2, static_cast<int>(0.7 / 25.4 * dpi));     // as large as a dot
  const int beside = std::max(2, static_cast<int>(0.8 / 25.4 * dpi));  // as near as one
  cv::Mat print = gray < limit;
  cv::dilate(print, print,
             cv::getStructuringElement(cv::MORPH_RECT, {2 * beside + 1, 2 * beside + 1}));
  std::vector<std::uint8_t> goes(marks.all.size(), 0);
  for (std::size_t i = 1; i < marks.all.size(); ++i) {
    const auto& m = marks.all[i];
    if (m.darkest < limit) continue;
    const bool small = m.width() <= dot && m.height() <= dot;
    const bool near = print.at<std::uint8_t>((m.top + m.bottom) / 2, (m.left + m.right) / 2) != 0;
    goes[i] = small && near ? 0 : 1;
  }
  cv::Mat table(1, 256, CV_8UC1);
  const int white = limit + (kPaper - limit) * 2 / 5;
  for (int v = 0; v < 256; ++v) {
    table.at<std::uint8_t>(v) = static_cast<std::uint8_t>(v >= white ? 255 : v * 255 / white);
  }
  cv::Mat out;
  cv::LUT(gray, table, out);
  for (int y = 0; y < gray.rows; ++y) {
    const auto* label = marks.labels.ptr<int>(y);
    auto* to = out.ptr<std::uint8_t>(y);
    for (int x = 0; x < gray.cols; ++x) {
      if (label[x] == 0 || goes[static_cast<std::size_t>(label[x])] == 0) continue;
      to[x] = 255;
      ++*removed;
    }
  }
  return to_image(out, image.dpi_x(), image.dpi_y());
}

}  // namespace

namespace {

class ShowThrough final : public Stage {
 public:
  explicit ShowThrough(const ShowThroughSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "show_through"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    const auto ghosts = find_ghosts(input);
    Finding finding{"show_through",
                    {{"text_level", ghosts.text},
                     {"ghost_level", ghosts.ghosts},
                     {"ghost_share", ghosts.share},
                     {"limit", ghosts.limit}},
                    ghosts.confidence,
                    false,
                    ""};
    if (ghosts.limit == 0) {
      finding.note = "none";
      finding.confidence = 1;
      return Step{input, {finding}, {}};
    }
    if (ghosts.confidence < settings_.min_confidence) {
      finding.note = "unsure";
      return Step{input, {finding}, {}};
    }
    const cv::Mat gray = view(input);
    const auto marks = marks_of(gray);
    if (!are_letters(marks, ghosts.limit, dpi_of(input))) {
      finding.note = "grain";
      return Step{input, {finding}, {}};
    }
    int removed = 0;
    auto image = cleared(input, marks, ghosts.limit, &removed);
    finding.numbers["removed_px"] = removed;
    finding.applied = removed > 0;
    return Step{std::move(image), {finding}, {}};
  }

 private:
  ShowThroughSettings settings_;
};

}  // namespace

std::unique_ptr<Stage> make_show_through(const ShowThroughSettings& settings) {
  return std::make_unique<ShowThrough>(settings);
}

}  // namespace alih::processing
