#include "processing/gutter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "processing/crop.h"
#include "processing/guarded.h"
#include "processing/orient.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

// All lengths below are shares of the width or height of the small picture, about 800 rows high.
constexpr int kRows = 800;
constexpr int kLeastSide = 240;  // px of the picture itself
constexpr double kLeastAspect = 1.1;
constexpr double kMostAspect = 2.4;
constexpr double kBandFrom = 0.33;  // where a fold is looked for
constexpr double kBandTo = 0.67;
constexpr double kMostSlant = 4.0;  // degrees
constexpr double kSlantStep = 0.5;
constexpr int kWords = 10;  // marks of a word's or line's size, for a side to be text

double share(double value, double from, double to) {
  return std::clamp((value - from) / (to - from), 0.0, 1.0);
}

// Gray level below which that share of the pixels lies.
int percentile(const cv::Mat& gray, double part) {
  std::array<int, 256> counts{};
  for (int y = 0; y < gray.rows; ++y) {
    const auto* row = gray.ptr<std::uint8_t>(y);
    for (int x = 0; x < gray.cols; ++x) ++counts[row[x]];
  }
  const double wanted = part * static_cast<double>(gray.total());
  double seen = 0;
  for (int level = 0; level < 256; ++level) {
    seen += counts[static_cast<std::size_t>(level)];
    if (seen >= wanted) return level;
  }
  return 255;
}

// A line from head to foot that is darker or brighter than the paper beside it.
struct Fold {
  double x = 0;      // at half height
  double slope = 0;  // columns a row
  double depth = 0;  // gray levels; negative = brighter
  [[nodiscard]] double at(double y, int rows) const { return x + slope * (y - rows / 2.0); }
};

// Columns along one slant: what four of five pixels of the column are darker than, and brighter
// than. Lines of text cover less than a column, so both stay paper there; a fold does not.
struct Columns {
  std::vector<std::uint8_t> high;
  std::vector<std::uint8_t> low;
};
Columns columns_along(const cv::Mat& gray, double slope, int from, int to) {
  constexpr int kEvery = 5;  // rows
  Columns out;
  std::vector<std::pair<const std::uint8_t*, int>> rows;  // with how far the slant moves them
  for (int y = 0; y < gray.rows; y += kEvery) {
    rows.emplace_back(gray.ptr<std::uint8_t>(y),
                      static_cast<int>(std::lround(slope * (y - gray.rows / 2.0))));
  }
  std::vector<std::uint8_t> values;
  for (int x = from; x < to; ++x) {
    values.clear();
    for (const auto& [row, moved] : rows) {
      values.push_back(row[std::clamp(x + moved, 0, gray.cols - 1)]);
    }
    const auto upper = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 4 / 5);
    const auto lower = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 5);
    std::nth_element(values.begin(), upper, values.end());
    out.high.push_back(*upper);
    std::nth_element(values.begin(), lower, upper);
    out.low.push_back(*lower);
  }
  return out;
}

int brightest(const std::vector<std::uint8_t>& line, int from, int to) {
  from = std::clamp(from, 0, static_cast<int>(line.size()) - 1);
  to = std::clamp(to, from + 1, static_cast<int>(line.size()));
  return *std::max_element(line.begin() + from, line.begin() + to);
}

struct Folds {
  Fold dark;
  Fold bright;
};
Folds find_folds(const cv::Mat& gray) {
  const int width = gray.cols;
  const int from = width / 5;
  const int to = width - from;
  const int first = static_cast<int>(kBandFrom * width) - from;
  const int last = static_cast<int>(kBandTo * width) - from;
  const int flank = width * 12 / 100;
  const int near = std::max(2, width * 2 / 100);
  const int far = width * 8 / 100;
  Folds out;
  for (double slant = -kMostSlant; slant <= kMostSlant; slant += kSlantStep) {
    const double slope = std::tan(slant * std::numbers::pi / 180);
    const auto columns = columns_along(gray, slope, from, to);
    double best = 0;
    for (int i = first; i < last; ++i) {
      const int here = columns.high[static_cast<std::size_t>(i)];
      const double depth = std::min(brightest(columns.high, i - flank, i),
                                    brightest(columns.high, i + 1, i + flank)) -
                           here;
      if (depth > best) best = depth;
      const int beside = std::max(brightest(columns.high, i - far, i - near),
                                  brightest(columns.high, i + near, i + far));
      const double light = columns.low[static_cast<std::size_t>(i)] - beside;
      if (light > -out.bright.depth) out.bright = {static_cast<double>(from + i), slope, -light};
    }
    if (best <= out.dark.depth) continue;
    // The middle of what is nearly as dark: a fold may be a broad band.
    const auto deep = [&](int i) {
      return std::min(brightest(columns.high, i - flank, i),
                      brightest(columns.high, i + 1, i + flank)) -
                 columns.high[static_cast<std::size_t>(i)] >=
             best * 0.85;
    };
    int begin = first;
    while (begin < last && !deep(begin)) ++begin;
    int end = begin;
    while (end < last && deep(end)) ++end;
    out.dark = {from + (begin + end - 1) / 2.0, slope, best};
  }
  return out;
}

// Ink as it lies on the paper, words run together: boxes in the small picture.
struct Mark {
  cv::Rect box;
  int contrast = 0;  // gray levels to the paper, of its darkest pixel
};
struct Ink {
  std::vector<Mark> marks;
  std::vector<cv::Rect> words;  // those of a word's size that lie on paper
  int contrast = 0;             // of the darkest ink
};
bool is_word(const cv::Rect& mark) {
  constexpr int kLeast = 4;
  constexpr int kMost = 60;
  return mark.height >= kLeast && mark.height <= kMost && mark.width >= kLeast;
}
Ink find_ink(const cv::Mat& gray) {
  const int stroke = std::max(9, gray.rows * 21 / kRows) | 1;  // what is broader is no letter's
  const int word_gap = std::max(3, gray.rows * 7 / kRows) | 1;
  cv::Mat paper;
  cv::morphologyEx(gray, paper, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_RECT, {stroke, stroke}));
  cv::Mat contrast;
  cv::subtract(paper, gray, contrast);
  // Faint ink counts too: against what the darkest ink of this page is.
  Ink out;
  out.contrast = percentile(contrast, 0.995);
  const int threshold = std::clamp(out.contrast * 35 / 100, 12, 40);
  cv::Mat ink = contrast > threshold;
  cv::morphologyEx(ink, ink, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_RECT, {word_gap, 1}));
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centres, 8);
  std::vector<int> darkest_of(static_cast<std::size_t>(count), 0);
  for (int y = 0; y < labels.rows; ++y) {
    const auto* label = labels.ptr<int>(y);
    const auto* level = contrast.ptr<std::uint8_t>(y);
    for (int x = 0; x < labels.cols; ++x) {
      auto& most = darkest_of[static_cast<std::size_t>(label[x])];
      most = std::max(most, static_cast<int>(level[x]));
    }
  }
  const int white = percentile(paper, 0.75);
  for (int i = 1; i < count; ++i) {
    constexpr int kLeastArea = 4;
    if (stats.at<int>(i, cv::CC_STAT_AREA) < kLeastArea) continue;
    const cv::Rect mark(stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                        stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT));
    out.marks.push_back({mark, darkest_of[static_cast<std::size_t>(i)]});
    if (!is_word(mark)) continue;
    // Not the edge of the book, or what shows beside it.
    constexpr int kAround = 3;
    const cv::Rect around(mark.x - kAround, mark.y - kAround, mark.width + 2 * kAround,
                          mark.height + 2 * kAround);
    double darkest = 0;
    cv::minMaxLoc(paper(around & cv::Rect({0, 0}, gray.size())), &darkest);
    if (darkest > white * 0.6) out.words.push_back(mark);
  }
  return out;
}

// Part of the fold itself, or of the shadow in it: tall, thin, and lying along it.
bool lies_in_fold(const cv::Rect& mark, const Fold& fold, const cv::Size& size) {
  const double lean = std::tan(kMostSlant * std::numbers::pi / 180);
  if (mark.height < size.height / 20 || mark.width > size.width * 0.02 + mark.height * lean) {
    return false;
  }
  const double middle = fold.at(mark.y + mark.height / 2.0, size.height);
  const double reach = size.width * 0.015;
  return mark.x - reach < middle && middle < mark.x + mark.width + reach;
}

// As small as the grain of the paper in the shadow of the fold; letters are darker too.
bool is_speck(const cv::Rect& mark, const Fold& fold, const cv::Size& size) {
  constexpr int kMostArea = 24;
  const double away = mark.x + mark.width / 2.0 - fold.at(mark.y + mark.height / 2.0, size.height);
  return mark.area() <= kMostArea && std::abs(away) < size.width * 0.025;
}

// A strip of columns without ink.
struct Strip {
  int from = 0;
  int to = 0;
  [[nodiscard]] int width() const { return to - from; }
};
std::vector<Strip> strips_without(const std::vector<bool>& blocked) {
  std::vector<Strip> out;
  const int width = static_cast<int>(blocked.size());
  for (int x = 0; x < width;) {
    if (blocked[static_cast<std::size_t>(x)]) {
      ++x;
      continue;
    }
    int end = x;
    while (end < width && !blocked[static_cast<std::size_t>(end)]) ++end;
    out.push_back({x, end});
    x = end;
  }
  return out;
}

// What lies on one side of the cut.
struct Side {
  int words = 0;
  double light = 0;  // share of the pixels that are about as bright as the paper
  int left = 0;      // of the words
  int right = 0;
};
Side look_at(const cv::Mat& gray, const Ink& ink, int from, int to) {
  constexpr double kPaper = 0.72;
  Side out;
  const cv::Mat part = gray.colRange(from, to);
  const int paper = percentile(part, 0.9);
  out.light = cv::countNonZero(part >= static_cast<int>(paper * kPaper)) /
              static_cast<double>(part.total());
  out.left = to;
  out.right = from;
  for (const auto& mark : ink.words) {
    if (mark.x < from || mark.x + mark.width > to) continue;
    ++out.words;
    out.left = std::min(out.left, mark.x);
    out.right = std::max(out.right, mark.x + mark.width);
  }
  return out;
}

// Why the line is no fold; "" when it may be one. A fold runs on beyond the text above and below
// it, as no rule between columns does, and has paper on one side at least all the way.
std::string why_no_fold(const cv::Mat& gray, const Fold& fold, const Ink& ink) {
  const int rows = gray.rows;
  const int flank = std::max(6, gray.cols * 6 / 100);
  const int bend = gray.cols * 8 / 1000;
  const bool dark = fold.depth > 0;
  int head = rows;
  int foot = 0;
  for (const auto& word : ink.words) {
    if (std::abs(word.x + word.width / 2.0 - fold.x) > gray.cols * 0.3) continue;
    head = std::min(head, word.y);
    foot = std::max(foot, word.y + word.height);
  }
  struct Look {
    int y;
    bool shows;
    int beside;  // the brighter side
  };
  constexpr int kStep = 8;  // rows looked at together
  std::vector<Look> looks;
  cv::Mat band;
  for (int y = 0; y + kStep <= rows; y += kStep) {
    const int x = static_cast<int>(std::lround(fold.at(y + kStep / 2.0, rows)));
    if (x - flank < 0 || x + flank >= gray.cols) return "a line, but not from head to foot";
    cv::reduce(gray(cv::Rect(x - flank, y, 2 * flank, kStep)), band, 0, cv::REDUCE_AVG, CV_8U);
    const auto* begin = band.ptr<std::uint8_t>(0);
    // Paper shows between the words beside the fold; the fold may be bent.
    const int left = *std::max_element(begin, begin + flank / 2);
    const int right = *std::max_element(begin + flank + flank / 2, begin + 2 * flank);
    const auto* from = begin + flank - bend;
    const auto* to = begin + flank + bend + 1;
    const int shows = dark ? std::min(left, right) - *std::min_element(from, to)
                           : *std::max_element(from, to) - std::max(left, right);
    looks.push_back({y, shows > std::abs(fold.depth) / 3, std::max(left, right)});
  }
  const auto is_shown = [](const Look& look) { return look.shows; };
  const auto first = std::find_if(looks.begin(), looks.end(), is_shown);
  const auto last = std::find_if(looks.rbegin(), looks.rend(), is_shown).base();
  if (first == looks.end()) return "no gutter";
  const auto count = last - first;
  std::vector<int> paper;
  for (auto it = first; it != last; ++it) paper.push_back(it->beside);
  std::nth_element(paper.begin(), paper.begin() + count / 2, paper.end());
  const int white = paper[static_cast<std::size_t>(count / 2)];
  if (std::count_if(first, last, [&](const Look& l) { return l.beside < white * 0.7; }) >
      std::max<std::ptrdiff_t>(1, count * 3 / 100)) {
    return "a picture across the gutter";
  }
  const int edge = rows * 3 / 100;
  const int end = (last - 1)->y + kStep;
  // Where the book itself ends the fold does too.
  const auto no_paper = [&](const Look& l) { return l.beside < white * 0.6; };
  const bool above =
      first->y <= edge || first->y <= head - edge || std::all_of(looks.begin(), first, no_paper);
  const bool below =
      end >= rows - edge || end >= foot + edge || std::all_of(last, looks.end(), no_paper);
  if (!above || !below || std::count_if(first, last, is_shown) < count * 4 / 5) {
    return "a line, but not from head to foot";
  }
  return "";
}

double centred(double x, int width) {
  return 1 - 0.5 * share(std::abs(x / width - 0.5), 0.06, 0.17);
}

// The strip for a cut at or beside `x`; none when ink leaves no room.
std::optional<Strip> strip_at(const std::vector<Strip>& strips, double x, double reach, int least) {
  std::optional<Strip> best;
  double nearest = reach;
  for (const auto& strip : strips) {
    if (strip.width() < least) continue;
    const double away = x < strip.from ? strip.from - x : x > strip.to ? x - strip.to : 0;
    if (best ? away >= nearest : away > nearest) continue;
    nearest = away;
    best = strip;
  }
  return best;
}

std::vector<Strip> strips_beside(const Ink& ink, const std::optional<Fold>& fold,
                                 const cv::Size& size) {
  std::vector<bool> blocked(static_cast<std::size_t>(size.width), false);
  for (const auto& [mark, contrast] : ink.marks) {
    if (fold && (lies_in_fold(mark, *fold, size) ||
                 (contrast * 10 < ink.contrast * 4 && is_speck(mark, *fold, size)))) {
      continue;
    }
    const int from = std::max(0, mark.x - 1);
    const int to = std::min(size.width, mark.x + mark.width + 1);
    std::fill(blocked.begin() + from, blocked.begin() + to, true);
  }
  return strips_without(blocked);
}

// In pixels of the small picture.
Gutter judge_fold(const cv::Mat& gray, const Ink& ink, const Fold& fold) {
  const int width = gray.cols;
  const double paper =
      std::max(1, std::min(percentile(gray.colRange(0, width / 3), 0.9),
                           percentile(gray.colRange(width - width / 3, width), 0.9)));
  Gutter out;
  out.shadow = fold.depth / paper;
  out.slant_deg = std::atan(fold.slope) * 180 / std::numbers::pi;
  out.x_px = static_cast<int>(std::lround(fold.x));
  constexpr double kLeastShadow = 0.05;
  if (std::abs(out.shadow) < kLeastShadow) {
    out.note = "no gutter";
    return out;
  }
  out.confidence = 0.45 + 0.4 * share(std::abs(out.shadow), 0.05, 0.25);
  out.note = why_no_fold(gray, fold, ink);
  if (!out.note.empty()) {
    out.confidence = std::min(out.confidence, 0.4);
    return out;
  }
  const auto strips = strips_beside(ink, fold, gray.size());
  const double drift = std::abs(fold.slope) * gray.rows / 2;
  const auto strip = strip_at(strips, fold.x, width * 0.02 + drift, std::max(8, width / 100));
  if (!strip) {
    out.confidence = std::min(out.confidence, 0.3);
    out.note = "ink across the gutter";
    return out;
  }
  constexpr int kAway = 3;
  const int room = std::min(kAway, strip->width() / 3);
  out.x_px = std::clamp(out.x_px, strip->from + room, strip->to - room);
  out.gap_px = strip->width();
  const auto left = look_at(gray, ink, 0, out.x_px);
  const auto right = look_at(gray, ink, out.x_px, width);
  const auto is_page = [&](const Side& side, const Side& other) {
    constexpr double kText = 0.55;
    constexpr double kBlank = 0.9;
    if (side.words >= kWords && side.light >= kText) return true;
    if (side.words < kWords && side.light >= kBlank) return true;  // an empty page
    // A plate beside a page of text, when the fold itself leaves no doubt.
    return std::abs(out.shadow) >= 0.15 && other.words >= 2 * kWords && other.light >= kText;
  };
  if (std::max(left.words, right.words) < kWords || !is_page(left, right) ||
      !is_page(right, left)) {
    out.confidence = std::min(out.confidence, 0.4);
    out.note = "no two pages of text";
    return out;
  }
  out.confidence += 0.15 * share(strip->width(), 0.01 * width, 0.04 * width);
  out.confidence *= centred(out.x_px, width);
  return out;
}

Gutter judge_gap(const cv::Mat& gray, const Ink& ink) {
  const int width = gray.cols;
  Gutter out;
  out.note = "no gutter";
  const auto strips = strips_beside(ink, std::nullopt, gray.size());
  if (strips.empty() || strips.front().from > 0 || strips.back().to < width) return out;
  const double margins = strips.front().width() + strips.back().width();
  std::optional<Strip> gap;
  int next = 0;
  for (const auto& strip : strips) {
    if (strip.from == 0 || strip.to == width) continue;
    if (!gap || strip.width() > gap->width()) {
      next = gap ? gap->width() : 0;
      gap = strip;
    } else {
      next = std::max(next, strip.width());
    }
  }
  if (!gap) return out;
  const double middle = (gap->from + gap->to) / 2.0;
  out.x_px = static_cast<int>(middle);
  out.gap_px = gap->width();
  const double wide = gap->width() / static_cast<double>(width);
  constexpr double kLeastGap = 0.035;
  if (wide < kLeastGap || std::abs(middle / width - 0.5) > 0.1) return out;
  out.confidence = 0.5 + 0.35 * share(wide, 0.03, 0.08);
  const auto left = look_at(gray, ink, 0, out.x_px);
  const auto right = look_at(gray, ink, out.x_px, width);
  const double ratio =
      (left.right - left.left) / std::max(1.0, static_cast<double>(right.right - right.left));
  // Columns of one page: the space between them is small beside the margins, or there are more.
  if (gap->width() < 0.45 * margins || next > 0.35 * gap->width() || ratio < 0.6 || ratio > 1.67 ||
      left.words < kWords || right.words < kWords || left.light < 0.7 || right.light < 0.7) {
    out.confidence = std::min(out.confidence, 0.4);
    out.note = "may be columns of one page";
    return out;
  }
  out.confidence *= centred(middle, width);
  return out;
}

Gutter find(const Image& upright) {
  Gutter out;
  const int w = upright.width();
  const int h = upright.height();
  if (w < kLeastAspect * h) {
    out.note = "upright page";
    return out;
  }
  if (std::min(w, h) < kLeastSide) {
    out.note = "too small";
    return out;
  }
  const int factor = std::max(1, static_cast<int>(std::lround(h / static_cast<double>(kRows))));
  const Image plain = to_8bit(upright);
  cv::Mat small;
  cv::resize(view(plain)(cv::Rect(0, 0, w / factor * factor, h / factor * factor)), small,
             {w / factor, h / factor}, 0, 0, cv::INTER_AREA);
  if (small.channels() == 3) cv::cvtColor(small, small, cv::COLOR_RGB2GRAY);
  // Without the dark frame that a scanner leaves.
  cv::Rect area(0, 0, small.cols, small.rows);
  constexpr double kSureOfFrame = 0.6;
  if (const auto found = find_page_area(to_image(small, 0, 0));
      found && found->confidence >= kSureOfFrame) {
    area = {found->box.x, found->box.y, found->box.width, found->box.height};
  }
  const cv::Mat gray = small(area);
  const double aspect = gray.cols / static_cast<double>(gray.rows);
  if (aspect < kLeastAspect || aspect > kMostAspect) {
    out.note = aspect < kLeastAspect ? "upright page" : "too wide for two pages";
    return out;
  }
  const auto ink = find_ink(gray);
  const auto folds = find_folds(gray);
  // A fold that is sure says where it lies; a gap only where it may.
  out = judge_fold(gray, ink, folds.dark);
  for (const auto& other : {judge_fold(gray, ink, folds.bright), judge_gap(gray, ink)}) {
    if (out.confidence < kSureOfGutter && other.confidence > out.confidence) out = other;
  }
  out.x_px = std::clamp((area.x + out.x_px) * factor, 1, w - 1);
  out.gap_px *= factor;
  if (out.confidence >= kSureOfGutter)
    out.note.clear();
  else if (out.note.empty())
    out.note = "unsure";
  return out;
}

}  // namespace

Result<Gutter> find_gutter(const Image& upright) {
  return guarded<Gutter>([&] { return find(upright); });
}

Result<Spread> find_spread(const Image& stored, int orientation) {
  Spread out;
  const bool sideways = orientation >= 5;
  const int width = sideways ? stored.height() : stored.width();
  const int height = sideways ? stored.width() : stored.height();
  if (width <= height) return out;
  ALIH_TRY(const auto picture,
           orientation <= 1 ? Result<Image>(stored) : upright(to_8bit(stored), orientation));
  ALIH_TRY(const auto gutter, find_gutter(picture));
  if (gutter.note == "upright page") return out;
  out.finding = Finding{kSplitFinding,
                        {{"x_px", gutter.x_px},
                         {"slant_deg", gutter.slant_deg},
                         {"shadow", gutter.shadow},
                         {"gap_px", gutter.gap_px}},
                        gutter.confidence,
                        gutter.confidence >= kSureOfGutter,
                        gutter.note};
  if (!out.finding->applied) return out;
  const auto to_stored = upright_to_stored(orientation, stored.width(), stored.height());
  for (const Box& page :
       {Box{0, 0, gutter.x_px, height}, Box{gutter.x_px, 0, width - gutter.x_px, height}}) {
    out.parts.push_back(mapped(to_stored, page, stored.width(), stored.height()));
  }
  return out;
}

Result<Image> part_of(const Image& image, const Box& part) {
  if (part.x < 0 || part.y < 0 || part.width < 1 || part.height < 1 ||
      part.x > image.width() - part.width || part.y > image.height() - part.height) {
    return fail(ErrorCode::unreadable, "bagian halaman berada di luar citra",
                "the page's region lies outside the image");
  }
  const auto format = image.format();
  const auto stride = Image::stride_for(format, part.width);
  std::vector<std::byte> bytes(stride * static_cast<std::size_t>(part.height));
  const auto bits = static_cast<std::size_t>(bits_per_sample(format)) *
                    static_cast<std::size_t>(samples_per_pixel(format));
  const auto skip = bits * static_cast<std::size_t>(part.x);
  for (int y = 0; y < part.height; ++y) {
    const std::uint8_t* from = image.row(part.y + y) + skip / 8;
    auto* to = bytes.data() + stride * static_cast<std::size_t>(y);
    if (format != PixelFormat::bilevel) {
      std::memcpy(to, from, stride);
      continue;
    }
    const auto shift = static_cast<unsigned>(skip % 8);
    const auto* end = image.row(part.y + y) + image.stride();
    for (std::size_t i = 0; i < stride; ++i) {
      const unsigned high = from[i];
      const unsigned low = from + i + 1 < end ? from[i + 1] : 0U;
      to[i] = static_cast<std::byte>(((high << 8U | low) << shift >> 8U) & 0xFFU);
    }
    if (part.width % 8 != 0) {
      to[stride - 1] &= static_cast<std::byte>(0xFFU << static_cast<unsigned>(8 - part.width % 8));
    }
  }
  return Image(format, part.width, part.height, std::move(bytes), image.dpi_x(), image.dpi_y());
}

}  // namespace alih::processing
