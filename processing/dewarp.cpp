#include "processing/dewarp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/level.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

constexpr int kLongest = 900;  // pixels of the picture that is looked at, about: 75 dpi of A4
constexpr int kWindows = 24;   // across the page, each half over the next
constexpr int kBands = 4;      // from top to bottom
constexpr double kSteepest = 0.22;

// An upper or lower edge of print.
struct Edge {
  float x;
  float y;
  float sign;
};
using Edges = std::vector<Edge>;

struct Picture {
  int width = 0;
  int height = 0;
  std::vector<Edges> columns;  // kWindows + 1 strips of the page, each as wide as half a window
  double strip = 0;            // their width, pixels
};

Picture edges_of(const cv::Mat& ink) {
  Picture out;
  out.width = ink.cols;
  out.height = ink.rows;
  out.strip = static_cast<double>(ink.cols) / (kWindows + 1);
  out.columns.resize(kWindows + 1);
  for (int y = 1; y < ink.rows; ++y) {
    const auto* above = ink.ptr<std::uint8_t>(y - 1);
    const auto* row = ink.ptr<std::uint8_t>(y);
    for (int x = 0; x < ink.cols; ++x) {
      if (above[x] == row[x]) continue;
      const auto strip = std::min<std::size_t>(kWindows, static_cast<std::size_t>(x / out.strip));
      out.columns[strip].push_back(
          {static_cast<float>(x), static_cast<float>(y), row[x] != 0 ? 1.0F : -1.0F});
    }
  }
  return out;
}

// The slopes found so far: linear from top to bottom in each window.
struct Field {
  std::array<double, kWindows> top{};
  std::array<double, kWindows> bottom{};
};

// Displacement of every pixel column, in the picture's pixels: the slopes added up from the left,
// straight lines between the middles of windows; 0 where half the columns lie above.
Bend bend_of(const Field& field, const Picture& picture) {
  Bend out;
  out.height = picture.height;
  const auto columns = static_cast<std::size_t>(picture.width);
  const auto sum_up = [&](const std::array<double, kWindows>& slopes) {
    std::vector<float> sums(columns);
    double sum = 0;
    for (std::size_t x = 0; x < columns; ++x) {
      const double place =
          std::clamp((static_cast<double>(x) + 0.5) / picture.strip - 1, 0.0, kWindows - 1.0);
      const auto left = std::min<std::size_t>(static_cast<std::size_t>(place), kWindows - 2);
      const double share = place - static_cast<double>(left);
      sum += slopes.at(left) * (1 - share) + slopes.at(left + 1) * share;
      sums[x] = static_cast<float>(sum);
    }
    auto sorted = sums;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(columns / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    for (auto& v : sums) v -= *middle;
    return sums;
  };
  out.top = sum_up(field.top);
  out.bottom = sum_up(field.bottom);
  return out;
}

// Sum of squares of the edges that fall on a row, over rows of a pixel in halves of one.
class Profile {
 public:
  explicit Profile(int height, int reach)
      : reach_(reach), rows_(static_cast<std::size_t>(height + 2 * reach + 2) * 2) {}
  void clear() { std::fill(rows_.begin(), rows_.end(), 0.0F); }
  void add(double y, float sign) {
    const auto row = static_cast<std::size_t>((y + reach_) * 2);
    if (row < rows_.size()) rows_[row] += sign;
  }
  [[nodiscard]] double score() const {
    double out = 0;
    for (std::size_t k = 1; k < rows_.size(); ++k) {
      const double both = rows_[k] + rows_[k - 1];
      out += both * both;
    }
    return out;
  }

 private:
  int reach_;
  std::vector<float> rows_;
};

struct Slope {
  double value = 0;
  double weight = 0;  // 0 = nothing to see
};

// The best slope of a window and band about `middle`; `step` and `steps` to each side.
Slope slope_of(const Picture& picture, int window, double from, double to, double middle,
               double step, int steps, Profile& profile) {
  const double centre = (window + 1) * picture.strip;
  std::size_t used = 0;
  std::vector<double> scores(static_cast<std::size_t>(2 * steps + 1));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double slope = middle + (static_cast<double>(i) - steps) * step;
    profile.clear();
    used = 0;
    for (const int strip : {window, window + 1}) {
      const auto& edges = picture.columns[static_cast<std::size_t>(strip)];
      auto at = std::lower_bound(edges.begin(), edges.end(), from,
                                 [](const Edge& e, double y) { return e.y < y; });
      for (; at != edges.end() && at->y < to; ++at, ++used) {
        profile.add(at->y - from - slope * (at->x - centre), at->sign);
      }
    }
    scores[i] = profile.score();
  }
  constexpr std::size_t kLeastEdges = 120;
  if (used < kLeastEdges) return {middle, 0};
  const auto best = std::max_element(scores.begin(), scores.end());
  auto sorted = scores;
  std::nth_element(sorted.begin(), sorted.begin() + steps, sorted.end());
  const double usual = sorted[static_cast<std::size_t>(steps)];
  if (usual <= 0) return {middle, 0};
  double place = static_cast<double>(best - scores.begin());
  const bool inside = best != scores.begin() && best + 1 != scores.end();
  if (inside) {
    const double bend = *(best - 1) - 2 * *best + *(best + 1);
    if (bend < 0) place += 0.5 * (*(best - 1) - *(best + 1)) / bend;
  }
  // Lines of print give a sharp peak; a picture or a stain has none.
  const double peak = *best / usual - 1;
  constexpr double kFlat = 0.15;
  const double weight =
      inside && peak > kFlat ? std::min(peak, 3.0) * std::sqrt(static_cast<double>(used)) : 0;
  return {middle + (place - steps) * step, weight};
}

// One straight line through the bands of each window, windows without print filled from their
// neighbours, a stray one smoothed away.
void fit(const std::vector<std::array<Slope, kBands>>& slopes, Field& field) {
  std::array<double, kWindows> level{};
  std::array<double, kWindows> change{};
  std::array<double, kWindows> weight{};
  for (std::size_t w = 0; w < kWindows; ++w) {
    // A weak prior holds a band that sees little to the others of its window.
    double s = 0;
    double st = 0;
    double stt = 0;
    double sv = 0;
    double stv = 0;
    for (int b = 0; b < kBands; ++b) {
      const auto& one = slopes[w].at(static_cast<std::size_t>(b));
      const double t = (b + 0.5) / kBands - 0.5;
      s += one.weight;
      st += one.weight * t;
      stt += one.weight * t * t;
      sv += one.weight * one.value;
      stv += one.weight * t * one.value;
    }
    if (s <= 0) continue;
    const double prior = 0.1 * s;
    const double det = s * (stt + prior) - st * st;
    level.at(w) = (sv * (stt + prior) - stv * st) / det;
    change.at(w) = (s * stv - st * sv) / det;
    weight.at(w) = s;
  }
  // Over the neighbours, the nearest most; farther when they see nothing. How slopes change from
  // top to bottom is told over more of them.
  const auto over = [&](const std::array<double, kWindows>& values, std::size_t w, double reach) {
    double sum = 0;
    double all = 0;
    for (std::size_t v = 0; v < kWindows; ++v) {
      const double away = static_cast<double>(v) - static_cast<double>(w);
      constexpr double kFar = 1e-6;
      const double near =
          (std::exp(-away * away / reach) + kFar * std::exp(-std::abs(away))) * weight.at(v);
      all += near;
      sum += near * values.at(v);
    }
    return all > 0 ? sum / all : 0;
  };
  for (std::size_t w = 0; w < kWindows; ++w) {
    constexpr double kNear = 0.7;
    constexpr double kWide = 8;
    const double here = over(level, w, kNear);
    const double turn = over(change, w, kWide);
    field.top.at(w) += here - turn / 2;
    field.bottom.at(w) += here + turn / 2;
  }
}

// The picture with its edges where they lie when it is flat.
Picture flattened(const Picture& picture, const Bend& bend) {
  Picture out = picture;
  for (auto& strip : out.columns) {
    for (auto& e : strip) {
      e.y = static_cast<float>(bend.flat_y(static_cast<int>(e.x), e.y));
    }
    std::sort(strip.begin(), strip.end(), [](const Edge& a, const Edge& b) { return a.y < b.y; });
  }
  return out;
}

// How much better edges fall on rows in the flat picture than in the bent one, where it bends: sums
// of squares of the row profiles of stretches of a sixth of the page. A stretch is wider than the
// windows in which slopes are sought, so slopes that fit noise gain nothing. 1 = no better.
double gain_of(const Picture& bent, const Picture& flat, const Bend& bend) {
  constexpr int kStretch = 4;  // strips
  double before = 0;
  double after = 0;
  Profile profile(bent.height, bent.height / 8);
  const auto score = [&](const Picture& picture, int from) {
    profile.clear();
    for (int strip = from; strip < from + kStretch; ++strip) {
      for (const auto& e : picture.columns[static_cast<std::size_t>(strip)]) {
        profile.add(e.y, e.sign);
      }
    }
    return profile.score();
  };
  for (int from = 0; from + kStretch <= kWindows + 1; from += kStretch / 2) {
    const int left = static_cast<int>(from * bent.strip);
    const int right = static_cast<int>((from + kStretch) * bent.strip) - 1;
    constexpr double kBends = 1.0;  // pixels
    const double middle = bent.height / 2.0;
    if (std::abs(bend.at(right, middle) - bend.at(left, middle)) < kBends) continue;
    before += score(bent, from);
    after += score(flat, from);
  }
  return before > 0 ? after / before : 1;
}

double range_of(const Bend& bend, const Picture& picture) {
  double most = 0;
  for (const auto* row : {&bend.top, &bend.bottom}) {
    double low = 1e9;
    double high = -1e9;
    // Only where print is.
    for (std::size_t strip = 0; strip < picture.columns.size(); ++strip) {
      constexpr std::size_t kSome = 60;
      if (picture.columns[strip].size() < kSome) continue;
      const auto x =
          std::min(row->size() - 1,
                   static_cast<std::size_t>((static_cast<double>(strip) + 0.5) * picture.strip));
      low = std::min<double>(low, (*row)[x]);
      high = std::max<double>(high, (*row)[x]);
    }
    most = std::max(most, high - low);
  }
  return std::max(most, 0.0);
}

std::vector<float> stretched(const std::vector<float>& row, int width, double scale) {
  std::vector<float> out(static_cast<std::size_t>(width));
  const double last = static_cast<double>(row.size()) - 1;
  for (std::size_t x = 0; x < out.size(); ++x) {
    const double at = std::clamp((static_cast<double>(x) + 0.5) * scale - 0.5, 0.0, last);
    const auto left = static_cast<std::size_t>(at);
    const auto right = std::min(left + 1, row.size() - 1);
    const double share = at - static_cast<double>(left);
    out[x] = static_cast<float>((row[left] * (1 - share) + row[right] * share) / scale);
  }
  return out;
}

// Slopes of all windows and bands about the flat page.
std::vector<std::array<Slope, kBands>> slopes_of(const Picture& picture, double step, int steps) {
  std::vector<std::array<Slope, kBands>> out(kWindows);
  const double band = static_cast<double>(picture.height) / kBands;
  const int reach = static_cast<int>(kSteepest * 2 * picture.strip) + 2;
  Profile profile(static_cast<int>(band) + 2, reach);
  for (int w = 0; w < kWindows; ++w) {
    for (int b = 0; b < kBands; ++b) {
      out[static_cast<std::size_t>(w)].at(static_cast<std::size_t>(b)) =
          slope_of(picture, w, b * band, (b + 1) * band, 0, step, steps, profile);
    }
  }
  return out;
}

// A cheap look: are there windows whose print is clearly steeper than a straight page's?
bool may_bend(const Picture& picture) {
  constexpr double kStep = 0.015;
  constexpr int kSteps = 3;
  const int reach = static_cast<int>(kSteepest * 2 * picture.strip) + 2;
  const double band = static_cast<double>(picture.height) / 2;
  Profile profile(static_cast<int>(band) + 2, reach);
  double steep = 0;
  double all = 0;
  for (int w = 0; w < kWindows; w += 2) {
    for (int b = 0; b < 2; ++b) {
      const auto slope = slope_of(picture, w, b * band, (b + 1) * band, 0, kStep, kSteps, profile);
      // The outermost one has no weight: that is where a steep slope ends up.
      all += 1;
      if (std::abs(slope.value) > kStep) steep += 1;
    }
  }
  constexpr double kShare = 0.07;
  return steep > kShare * all;
}

}  // namespace

Result<Warp> find_warp(const Image& image) {
  Warp out;
  const cv::Mat gray = to_gray(image);
  constexpr int kSmallest = 400;
  if (gray.cols < kSmallest || gray.rows < kSmallest) return out;
  int factor = 1;
  const cv::Mat small = reduced(gray, kLongest, &factor);
  const double scale = 1.0 / factor;
  const cv::Mat flat = divide_background(small);
  cv::Mat ink;
  cv::threshold(flat, ink, 0, 255, cv::THRESH_BINARY_INV | cv::THRESH_OTSU);
  const double share = cv::countNonZero(ink) / static_cast<double>(ink.total());
  constexpr double kLeastInk = 0.003;
  constexpr double kMostInk = 0.4;
  if (share < kLeastInk || share > kMostInk) return out;
  const auto picture = edges_of(ink);
  if (!may_bend(picture)) return out;

  Field field;
  auto here = picture;
  // Wide and coarse first, then what is left of it, finer.
  constexpr std::array<std::array<double, 2>, 3> kRounds{{{0.012, 18}, {0.006, 10}, {0.004, 8}}};
  Bend bend;
  for (const auto& [step, steps] : kRounds) {
    auto tried = field;
    const auto slopes = slopes_of(here, step, static_cast<int>(steps));
    fit(slopes, tried);
    const auto tried_bend = bend_of(tried, picture);
    auto there = flattened(picture, tried_bend);
    const double gain = gain_of(picture, there, tried_bend);
    if (gain <= out.gain) break;  // no better than it was
    out.gain = gain;
    field = tried;
    bend = tried_bend;
    here = std::move(there);
  }
  if (bend.empty()) return out;
  out.bend_px = range_of(bend, picture) / scale;
  for (std::size_t w = 0; w < kWindows; ++w) {
    const double steepest = std::max(std::abs(field.top.at(w)), std::abs(field.bottom.at(w)));
    out.slope_deg = std::max(out.slope_deg, std::atan(steepest) * 180 / std::numbers::pi);
  }
  constexpr double kNoGain = 1.1;
  constexpr double kSure = 1.6;
  out.confidence = std::clamp((out.gain - kNoGain) / (kSure - kNoGain), 0.0, 1.0);
  // A page that is as steep as that is skewed, or this is no print.
  constexpr double kSteepestDeg = 12;
  if (out.slope_deg > kSteepestDeg) out.confidence = 0;
  // Rows that would overlap are no paper.
  const double fall = std::abs(bend.bottom.front() - bend.top.front());
  if (fall > 0.3 * picture.height) out.confidence = 0;
  out.bend.height = image.height();
  out.bend.top = stretched(bend.top, image.width(), scale);
  out.bend.bottom = stretched(bend.bottom, image.width(), scale);
  return out;
}

namespace {

class Dewarp final : public Stage {
 public:
  explicit Dewarp(const DewarpSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "dewarp"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    ALIH_TRY(auto warp, find_warp(input));
    // Without a resolution a page is taken for a sheet of A4.
    constexpr double kLeastDpi = 70;
    constexpr double kSheetInches = 11.7;
    const double dpi = input.dpi_x() >= kLeastDpi
                           ? input.dpi_x()
                           : std::max(input.width(), input.height()) / kSheetInches;
    const double bend_mm = warp.bend_px * 25.4 / dpi;
    Finding finding{"dewarp",
                    {{"bend_px", warp.bend_px},
                     {"bend_mm", bend_mm},
                     {"slope_deg", warp.slope_deg},
                     {"gain", warp.gain}},
                    warp.confidence,
                    false,
                    ""};
    if (warp.bend.empty() || bend_mm < settings_.min_bend_mm) {
      finding.note = "flat";
      finding.confidence = 1;
      return Step{input, {finding}, {}};
    }
    if (warp.confidence < settings_.min_confidence) {
      finding.note = "unsure";
      return Step{input, {finding}, {}};
    }
    finding.applied = true;
    Step out{laid_flat(input, warp.bend), {finding}, {}};
    out.bend = std::move(warp.bend);
    return out;
  }

 private:
  DewarpSettings settings_;
};

}  // namespace

std::unique_ptr<Stage> make_dewarp(const DewarpSettings& settings) {
  return std::make_unique<Dewarp>(settings);
}

}  // namespace alih::processing
