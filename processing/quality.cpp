#include "processing/quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/crop.h"
#include "processing/level.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

// --- sharpness and contrast

constexpr int kLinesMeasured = 8;  // every eighth row and column
constexpr int kSummed = 3;         // lines side by side, so that grain counts less

struct Swing {
  int rise = 0;   // gray levels times kSummed
  int high = 0;   // the bright end, gray levels times kSummed
  int steep = 1;  // largest step between neighbours on the way
};

template <typename T, typename Less = std::less<>>
T percentile(std::vector<T>& values, double share, Less less = {}) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end(), less);
  return *at;
}

// Grain: standard deviation of a line's neighbours around each other, from the median step.
double grain_of(const cv::Mat& lines) {
  std::array<std::int64_t, 256 * kSummed> count{};
  std::int64_t all = 0;
  for (int y = 0; y < lines.rows; y += 4) {
    const auto* v = lines.ptr<std::int16_t>(y);
    for (int x = 1; x < lines.cols; ++x) {
      ++count[static_cast<std::size_t>(std::abs(v[x] - v[x - 1]))];
      ++all;
    }
  }
  std::int64_t seen = 0;
  for (std::size_t step = 0; step < count.size(); ++step) {
    seen += count[step];
    if (seen * 2 >= all) return 1.4826 * static_cast<double>(step) / std::numbers::sqrt2;
  }
  return 0;
}

// Ways from a local extreme of the line to the next; a turn smaller than `turn` is none.
void swings_of(std::span<const std::int16_t> line, int turn, int least, std::vector<Swing>& out) {
  std::size_t low = 0;
  std::size_t high = 0;
  int direction = 0;
  const auto add = [&](std::size_t from, std::size_t to) {
    const int rise = std::abs(line[to] - line[from]);
    if (rise < least) return;
    int steep = 1;
    for (auto i = from; i < to; ++i) steep = std::max(steep, std::abs(line[i + 1] - line[i]));
    out.push_back({rise, std::max<int>(line[from], line[to]), steep});
  };
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (direction >= 0 && line[i] > line[high]) high = i;
    if (direction <= 0 && line[i] < line[low]) low = i;
    if (direction >= 0 && line[high] - line[i] >= turn) {
      if (direction > 0) add(low, high);
      direction = -1;
      low = i;
    } else if (direction <= 0 && line[i] - line[low] >= turn) {
      if (direction < 0) add(high, low);
      direction = 1;
      high = i;
    }
  }
}

struct Edges {
  int count = 0;
  double width_px = 0;
  double contrast = 0;
};

Edges edges_of(const cv::Mat& lines) {
  const double grain = grain_of(lines);
  const int turn = std::max(8 * kSummed, static_cast<int>(5 * grain));
  const int least = std::max(16 * kSummed, static_cast<int>(8 * grain));
  std::vector<Swing> swings;
  for (int y = 0; y < lines.rows; ++y) {
    swings_of({lines.ptr<std::int16_t>(y), static_cast<std::size_t>(lines.cols)}, turn, least,
              swings);
  }
  Edges out;
  constexpr std::size_t kFew = 100;  // less than one line of text
  if (swings.size() < kFew) return out;
  // What is printed strongest is the ink; stains and ghosts swing less.
  const int strong =
      percentile(swings, 0.9, [](const Swing& a, const Swing& b) { return a.rise < b.rise; }).rise;
  constexpr double kStrong = 0.6;
  constexpr double kGrainSteps = 1.7;  // 1.2 deviations of a step, which are sqrt(2) of the grain
  std::vector<double> widths;
  std::vector<int> highs;
  for (const auto& s : swings) {
    if (s.rise < kStrong * strong) continue;
    // Grain makes the steepest of a few steps steeper than the edge is.
    const double steep = std::max(s.steep - kGrainSteps * grain, s.steep / 3.0);
    widths.push_back(s.rise / steep);
    highs.push_back(s.high);
  }
  out.count = static_cast<int>(widths.size());
  out.width_px = percentile(widths, 0.5);
  out.contrast = std::min(1.0, static_cast<double>(strong) / std::max(1, percentile(highs, 0.5)));
  return out;
}

// Each row the sum of kSummed rows of the image.
cv::Mat row_lines(const cv::Mat& gray) {
  cv::Mat lines((gray.rows - kSummed) / kLinesMeasured + 1, gray.cols, CV_16SC1);
  for (int i = 0; i < lines.rows; ++i) {
    auto* out = lines.ptr<std::int16_t>(i);
    const int y = i * kLinesMeasured;
    const std::array rows{gray.ptr<std::uint8_t>(y), gray.ptr<std::uint8_t>(y + 1),
                          gray.ptr<std::uint8_t>(y + 2)};
    for (int x = 0; x < gray.cols; ++x) {
      out[x] = static_cast<std::int16_t>(rows[0][x] + rows[1][x] + rows[2][x]);
    }
  }
  return lines;
}

// Each row the sum of kSummed columns of the image.
cv::Mat column_lines(const cv::Mat& gray) {
  cv::Mat across(gray.rows, (gray.cols - kSummed) / kLinesMeasured + 1, CV_16SC1);
  for (int y = 0; y < gray.rows; ++y) {
    const auto* row = gray.ptr<std::uint8_t>(y);
    auto* out = across.ptr<std::int16_t>(y);
    for (int i = 0; i < across.cols; ++i) {
      const auto* at = row + static_cast<std::ptrdiff_t>(i) * kLinesMeasured;
      out[i] = static_cast<std::int16_t>(at[0] + at[1] + at[2]);
    }
  }
  cv::Mat lines;
  cv::transpose(across, lines);
  return lines;
}

constexpr int kSmallest = 128;  // pixels a side; below this nothing is judged

bool too_small(const Image& image) {
  return image.width() < kSmallest || image.height() < kSmallest;
}

// --- cut text

constexpr double kHalfA4 = 1754;  // longest side at which marks are measured: A4 at 150 dpi

struct Mark {
  int near = 0;  // from the edge, pixels
  int far = 0;
  int from = 0;  // along the edge
  int to = 0;
};

// Does a letter stand close behind the mark, in its line and about as high?
bool goes_on(const Mark& mark, const std::vector<Mark>& inside) {
  constexpr int kGap = 25;  // the space between two words, 4 mm
  return std::any_of(inside.begin(), inside.end(), [&](const Mark& m) {
    const int high = m.to - m.from;
    const int own = mark.to - mark.from;
    const int shared = std::min(m.to, mark.to) - std::max(m.from, mark.from);
    return m.near >= mark.far && m.near <= mark.far + kGap && 2 * shared >= std::min(high, own) &&
           high <= 3 * own && own <= 3 * high;
  });
}

struct EdgeMarks {
  int touching = 0;
  int inside = 0;
};

// A strip whose column 0 is the image's edge; ink is not 0. in_lines: marks that run on as a line
// of text, one a line; else all marks.
EdgeMarks marks_at_edge(const cv::Mat& ink, bool in_lines) {
  constexpr int kLeast = 5;   // a letter of 1 mm
  constexpr int kMost = 60;   // of 10 mm
  constexpr int kPixels = 8;  // less is dust
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centres, 8);
  std::vector<Mark> touching;
  std::vector<Mark> inside;
  for (int i = 1; i < count; ++i) {
    const int x = stats.at<int>(i, cv::CC_STAT_LEFT);
    const int y = stats.at<int>(i, cv::CC_STAT_TOP);
    const int w = stats.at<int>(i, cv::CC_STAT_WIDTH);
    const int h = stats.at<int>(i, cv::CC_STAT_HEIGHT);
    const int longest = std::max(w, h);
    if (longest > kMost || stats.at<int>(i, cv::CC_STAT_AREA) < kPixels) continue;
    const Mark mark{x, x + w, y, y + h};
    if (x > 0) {
      if (longest >= kLeast && mark.far < ink.cols) inside.push_back(mark);
    } else if (in_lines ? h >= kLeast
                        : longest >= kLeast) {  // of letters cut along only stems stay
      touching.push_back(mark);
    }
  }
  EdgeMarks out;
  out.inside = static_cast<int>(inside.size());
  std::sort(touching.begin(), touching.end(),
            [](const Mark& a, const Mark& b) { return a.from < b.from; });
  int end = -kMost;
  for (const auto& mark : touching) {
    constexpr int kSameLine = 6;
    if (!in_lines || (mark.from > end + kSameLine && goes_on(mark, inside))) {
      ++out.touching;
      end = mark.to;
    }
  }
  return out;
}

// --- residual skew

struct Point {
  float x = 0;
  float y = 0;
};

double profile_score(std::span<const Point> ink, double angle_deg, int rows,
                     std::vector<float>& sums) {
  const auto slope = static_cast<float>(std::tan(angle_deg * std::numbers::pi / 180));
  const auto middle = static_cast<float>(rows);
  sums.assign(static_cast<std::size_t>(rows) * 2 + 2, 0);
  for (const auto& p : ink) {
    const float at = p.y + p.x * slope + middle / 2;
    const auto bin = static_cast<std::ptrdiff_t>(at);
    if (bin < 0 || bin >= static_cast<std::ptrdiff_t>(sums.size()) - 1) continue;
    // Shared between the two rows it lies on, so that the score is smooth.
    const float part = at - static_cast<float>(bin);
    sums[static_cast<std::size_t>(bin)] += 1 - part;
    sums[static_cast<std::size_t>(bin) + 1] += part;
  }
  double score = 0;
  for (std::size_t i = 1; i < sums.size(); ++i) {
    const double step = sums[i] - sums[i - 1];
    score += step * step;
  }
  return score;
}

}  // namespace

Result<Sharpness> find_sharpness(const Image& image) {
  Sharpness out;
  if (image.format() == PixelFormat::bilevel || too_small(image)) return out;
  const cv::Mat gray = to_gray(image);
  const auto across = edges_of(row_lines(gray));
  const auto down = edges_of(column_lines(gray));
  out.edges = across.count + down.count;
  out.width_px = std::max(across.width_px, down.width_px);
  out.contrast = std::max(across.contrast, down.contrast);
  return out;
}

Result<Clipping> find_clipping(const Image& image) {
  if (image.format() == PixelFormat::bilevel || image.empty()) return Clipping{};
  const cv::Mat gray = to_gray(image);
  std::array<double, 256> share{};
  double all = 0;
  for (int y = 0; y < gray.rows; y += 4) {
    const auto* row = gray.ptr<std::uint8_t>(y);
    for (int x = 0; x < gray.cols; ++x) ++share[row[x]];
    all += gray.cols;
  }
  const auto sum = [&](std::size_t from, std::size_t to) {
    double out = 0;
    for (auto v = from; v <= to; ++v) out += share[v] / all;
    return out;
  };
  // Edges of letters alone give about 2 % of a page of print.
  constexpr double kGrain = 0.05;
  const auto lost = [&](double clipped, double nearly) {
    return nearly >= kGrain * (clipped + nearly) ? clipped : 0.0;
  };
  return Clipping{lost(sum(254, 255), sum(230, 253)), lost(sum(0, 1), sum(2, 25))};
}

Result<CutText> find_cut_text(const Image& image, double contrast) {
  CutText out;
  if (too_small(image) || contrast <= 0) return out;
  const cv::Mat gray = to_gray(image);
  const double scale = std::min(1.0, kHalfA4 / std::max(gray.cols, gray.rows));
  constexpr double kDepth = 0.06;  // of the longer side: 18 mm of A4, a margin and some letters
  const int depth = static_cast<int>(kDepth * std::max(gray.cols, gray.rows));
  if (depth * 3 > std::min(gray.cols, gray.rows)) return out;
  // Half-way between paper and ink.
  const double dark = 255 * (1 - contrast / 2);
  // The strip with the edge at its left.
  const auto marks = [&](const cv::Rect& where, int turn, bool in_lines) {
    cv::Mat strip;
    cv::resize(gray(where), strip, {}, scale, scale, cv::INTER_AREA);
    if (turn == 1 || turn == 3) cv::transpose(strip, strip);
    if (turn >= 2) cv::flip(strip, strip, 1);
    const cv::Mat ink = divide_background(strip) < dark;
    const auto found = marks_at_edge(ink, in_lines);
    // A torn edge or a shadow has no text beside it.
    return found.inside >= found.touching ? found.touching : 0;
  };
  const int w = gray.cols;
  const int h = gray.rows;
  out.lines = marks({0, 0, depth, h}, 0, true) + marks({w - depth, 0, depth, h}, 2, true);
  out.letters = marks({0, 0, w, depth}, 1, false) + marks({0, h - depth, w, depth}, 3, false);
  return out;
}

double find_tail(const Image& master) {
  const int height = master.height();
  if (height < 2) return 0;
  const auto stride = master.stride();
  const auto same = [&](int a, int b) {
    return std::memcmp(master.row(a), master.row(b), stride) == 0;
  };
  const int last = height - 1;
  int first = last;
  while (first > 0 && same(first - 1, last)) --first;
  const int rows = height - first;
  if (rows < 2 || first == 0) return 0;
  // Does the rest of the page have such rows, or any two that are alike?
  int alike = 0;
  bool like_the_tail = false;
  for (int y = 1; y < first; ++y) {
    if (!same(y, y - 1)) continue;
    ++alike;
    like_the_tail = like_the_tail || same(y, last);
  }
  constexpr double kNoGrain = 0.005;
  const bool grainless = alike > kNoGrain * height;
  // Rows without grain that are no other row's: of a grainless page one tone all along.
  const auto* row = master.row(last);
  const int sample =
      std::max(1, bits_per_sample(master.format()) / 8 * samples_per_pixel(master.format()));
  const bool one_tone =
      stride > static_cast<std::size_t>(sample) * 2 &&
      std::memcmp(row, row + sample, stride - static_cast<std::size_t>(sample) * 2) == 0;
  if (grainless && (like_the_tail || !one_tone)) return 0;
  return static_cast<double>(rows) / height;
}

Result<Residual> find_residual_skew(const Image& reading) {
  Residual out;
  if (too_small(reading)) return out;
  const cv::Mat gray = to_gray(reading);
  constexpr double kQuarterA4 = 877;
  const double scale = std::min(1.0, kQuarterA4 / std::max(gray.cols, gray.rows));
  cv::Mat small;
  cv::resize(gray, small, {}, scale, scale, cv::INTER_AREA);
  const cv::Mat flat = divide_background(small);
  cv::Mat ink;
  cv::threshold(flat, ink, 0, 255, cv::THRESH_BINARY_INV | cv::THRESH_OTSU);
  // Without the rim, where shadows and edges lie.
  constexpr double kRim = 0.03;
  const int rim_x = static_cast<int>(ink.cols * kRim);
  const int rim_y = static_cast<int>(ink.rows * kRim);
  std::vector<Point> points;
  for (int y = rim_y; y < ink.rows - rim_y; ++y) {
    const auto* row = ink.ptr<std::uint8_t>(y);
    for (int x = rim_x; x < ink.cols - rim_x; ++x) {
      if (row[x] != 0)
        points.push_back({static_cast<float>(x - ink.cols / 2), static_cast<float>(y)});
    }
  }
  const double share = static_cast<double>(points.size()) / static_cast<double>(ink.total());
  if (share < 0.002 || share > 0.35) return out;
  constexpr std::size_t kEnough = 20000;
  if (points.size() > kEnough) {
    // Evenly, and not in step with rows.
    const double step = static_cast<double>(points.size()) / kEnough;
    for (std::size_t i = 0; i < kEnough; ++i) {
      points[i] = points[static_cast<std::size_t>(static_cast<double>(i) * step)];
    }
    points.resize(kEnough);
  }
  // Between the pixel rows, or angles at which points lie in rows would have the sharpest profile.
  constexpr double kGoldenRatio = 0.618033988749895;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double at = static_cast<double>(i) * kGoldenRatio;
    points[i].y += static_cast<float>(at - std::floor(at));
  }
  std::vector<float> sums;
  constexpr double kWidest = 12;
  constexpr double kSweep = 0.5;
  constexpr double kSearch = 0.05;
  std::vector<double> scores;
  double best = 0;
  const auto look = [&](double angle) {
    const double score = profile_score(points, angle, ink.rows, sums);
    if (score > best) {
      best = score;
      out.angle_deg = angle;
    }
    return score;
  };
  for (double a = -kWidest; a <= kWidest + kSearch; a += kSweep) scores.push_back(look(a));
  const double middle = out.angle_deg;
  for (double a = middle - kSweep; a <= middle + kSweep; a += kSearch) look(a);
  out.ratio = best / std::max(1.0, percentile(scores, 0.5));
  return out;
}

namespace {

// Four digits are more than is known.
Finding rounded(Finding finding) {
  for (auto& [name, value] : finding.numbers) value = std::round(value * 1e4) / 1e4;
  return finding;
}

// A spread can be straight on one page and turned on the other: the worse half counts.
Result<Residual> skew_left(const Image& reading) {
  ALIH_TRY(auto worst, find_residual_skew(reading));
  constexpr double kSpread = 1.15;
  if (reading.width() < kSpread * reading.height()) return worst;
  constexpr double kClear = 2.0;
  const cv::Mat gray = to_gray(reading);
  const int half = gray.cols / 2;
  for (const int from : {0, half}) {
    const cv::Mat part = gray(cv::Rect(from, 0, half, gray.rows)).clone();
    const auto picture = to_image(part, reading.dpi_x(), reading.dpi_y());
    ALIH_TRY(const auto skew, find_residual_skew(picture));
    if (skew.ratio >= kClear && std::abs(skew.angle_deg) > std::abs(worst.angle_deg)) worst = skew;
  }
  return worst;
}

}  // namespace

Result<Finding> measure_quality(const Image& master, const Prepared& prepared) {
  Finding out{"quality", {}, 1.0, false, "measured"};
  auto& numbers = out.numbers;
  try {
    numbers["tail_share"] = find_tail(master);
    Image scanned = prepared.scanned;
    const bool bilevel = scanned.format() == PixelFormat::bilevel;
    if (scanned.format() != PixelFormat::gray8) {
      scanned = to_image(to_gray(scanned), scanned.dpi_x(), scanned.dpi_y());
    }
    // Print is judged on the paper, not on the frame around it; cut text on all that was scanned.
    Image paper = scanned;
    const Box whole{0, 0, prepared.access.width(), prepared.access.height()};
    const auto area =
        mapped(inverse(prepared.scanned_to_access), whole, scanned.width(), scanned.height());
    if (area.width < scanned.width() || area.height < scanned.height()) {
      ALIH_TRY(paper, cut(scanned, area));
    }
    if (!bilevel) {
      ALIH_TRY(const auto clipped, find_clipping(paper));
      numbers["highlights_clipped"] = clipped.highlights;
      numbers["shadows_clipped"] = clipped.shadows;
    }
    if (prepared.blank) return rounded(std::move(out));  // the rest is of print
    double contrast = 1;
    if (!bilevel) {
      ALIH_TRY(const auto sharp, find_sharpness(paper));
      numbers["edges"] = sharp.edges;
      contrast = sharp.contrast;
      if (sharp.edges > 0) {
        numbers["edge_px"] = sharp.width_px;
        numbers["contrast"] = sharp.contrast;
      }
    }
    ALIH_TRY(const auto cut_off, find_cut_text(scanned, contrast));
    numbers["cut_lines"] = cut_off.lines;
    numbers["cut_letters"] = cut_off.letters;
    // What people see, not what was laid flat for reading.
    Image seen = prepared.reading;
    if (!prepared.bend.empty()) {
      ALIH_TRY(seen, reading_variant(prepared.access, "soft8", {}));
    }
    ALIH_TRY(const auto skew, skew_left(seen));
    if (skew.ratio > 0) {
      numbers["skew_deg"] = skew.angle_deg;
      numbers["skew_ratio"] = skew.ratio;
    }
    return rounded(std::move(out));
  } catch (const cv::Exception& e) {
    return fail(ErrorCode::internal, "Pengukuran mutu citra gagal: {}",
                "Measuring the image's quality failed: {}", {e.what()});
  }
}

}  // namespace alih::processing
