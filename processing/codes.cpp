#include "processing/codes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <exception>
#include <iterator>
#include <map>
#include <new>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <opencv2/imgproc.hpp>

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>

#include "core/text.h"
#include "processing/patch_code.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

// What is looked for. Lines that must agree: a code with check digits is sure sooner.
struct Kind {
  ZXing::BarcodeFormat format;
  std::string_view name;
  int lines;             // of kBands
  std::size_t shortest;  // characters; less is too easily stripes
};
constexpr std::array<Kind, 5> kLinear{{
    {ZXing::BarcodeFormat::Code128, "code_128", 2, 1},
    {ZXing::BarcodeFormat::Code39, "code_39", 3, 3},
    {ZXing::BarcodeFormat::Code93, "code_93", 2, 2},
    {ZXing::BarcodeFormat::ITF, "itf", 3, 6},
    {ZXing::BarcodeFormat::EAN13, "ean_13", 3, 13},
}};
constexpr int kBands = 7;  // of a bar code, each averaged to one line
constexpr int kRowsInBand = 12;
constexpr int kFiner = 3;  // thin bands in one, for bars that are bent

const Kind* kind_of(ZXing::BarcodeFormat format) {
  const auto* found = std::find_if(kLinear.begin(), kLinear.end(),
                                   [&](const Kind& k) { return k.format == format; });
  return found == kLinear.end() ? nullptr : found;
}

ZXing::BarcodeFormats linear_formats() {
  ZXing::BarcodeFormats out;
  for (const auto& kind : kLinear) out |= kind.format;
  return out;
}

ZXing::Results ask_zxing(const cv::Mat& gray, const ZXing::DecodeHints& hints) {
  try {
    return ZXing::ReadBarcodes(
        {gray.data, gray.cols, gray.rows, ZXing::ImageFormat::Lum, static_cast<int>(gray.step)},
        hints);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return {};  // a code that it stumbles over is not read
  }
}

// Without control characters, which no one can search for.
std::string as_words(std::string text) {
  const auto control = [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 0x20 || u == 0x7F;
  };
  std::replace_if(text.begin(), text.end(), control, ' ');
  return trimmed(text);
}

// --- where bars may be

// The page is searched at about this resolution, and at a half and a quarter of it for large codes.
constexpr double kSearchDpi = 150;
constexpr double kSearchLongest = 1754;  // A4 at that resolution
constexpr int kCell = 8;                 // pixels
constexpr int kLevels = 3;

// Sums over cells of how the gray changes: along x, along y, both.
struct Cells {
  cv::Mat xx;
  cv::Mat yy;
  cv::Mat xy;
};

Cells cells_of(const cv::Mat& gray) {
  const int columns = (gray.cols - 1) / kCell;
  const int rows = (gray.rows - 1) / kCell;
  Cells out{cv::Mat(rows, columns, CV_32F), cv::Mat(rows, columns, CV_32F),
            cv::Mat(rows, columns, CV_32F)};
  const auto width = static_cast<std::size_t>(columns) * kCell;
  std::vector<int> xx(width);
  std::vector<int> yy(width);
  std::vector<int> xy(width);
  for (int row = 0; row < rows; ++row) {
    std::fill(xx.begin(), xx.end(), 0);
    std::fill(yy.begin(), yy.end(), 0);
    std::fill(xy.begin(), xy.end(), 0);
    for (int y = row * kCell; y < (row + 1) * kCell; ++y) {
      const auto* p = gray.ptr<std::uint8_t>(y);
      const auto* q = gray.ptr<std::uint8_t>(y + 1);
      for (std::size_t x = 0; x < width; ++x) {
        // Of four neighbours: also sees bars and gaps of one pixel each.
        const int down = q[x + 1] - p[x];
        const int up = p[x + 1] - q[x];
        const int gx = down + up;
        const int gy = down - up;
        xx[x] += gx * gx;
        yy[x] += gy * gy;
        xy[x] += gx * gy;
      }
    }
    const auto sum = [](const std::vector<int>& v, int column) {
      int s = 0;
      for (int i = 0; i < kCell; ++i) s += v[static_cast<std::size_t>(column * kCell + i)];
      constexpr float kScale = 1.0F / (4 * kCell * kCell);  // mean square of levels a pixel
      return static_cast<float>(s) * kScale;
    };
    for (int c = 0; c < columns; ++c) {
      out.xx.at<float>(row, c) = sum(xx, c);
      out.yy.at<float>(row, c) = sum(yy, c);
      out.xy.at<float>(row, c) = sum(xy, c);
    }
  }
  return out;
}

// A place with many parallel edges: pixels of the page; `angle` of the way across the bars.
struct Bars {
  cv::Point2d centre;
  double angle = 0;   // radians, clockwise from the right
  double across = 0;  // over all bars
  double along = 0;   // the bars' length
};

std::vector<Bars> find_bars(const cv::Mat& gray, double scale) {
  constexpr float kLeastChange = 64;    // square of 8 gray levels
  constexpr float kOneDirection = 0.5;  // text has about 0.3, bars above 0.8
  constexpr double kLeastAcross = 40;
  constexpr double kLeastAlong = 14;
  if (gray.cols < 4 * kCell || gray.rows < 3 * kCell) return {};
  const auto cells = cells_of(gray);
  Cells smooth;
  cv::blur(cells.xx, smooth.xx, {3, 3});
  cv::blur(cells.yy, smooth.yy, {3, 3});
  cv::blur(cells.xy, smooth.xy, {3, 3});
  const int columns = cells.xx.cols;
  const int rows = cells.xx.rows;
  // Of doubled angle, so that opposite directions are one; zero where there are no bars.
  cv::Mat direction = cv::Mat::zeros(rows, columns, CV_32FC2);
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const float xx = smooth.xx.at<float>(y, x);
      const float yy = smooth.yy.at<float>(y, x);
      const float xy = smooth.xy.at<float>(y, x);
      const float change = xx + yy;
      const float size = std::hypot(xx - yy, 2 * xy);
      if (change < kLeastChange || size < kOneDirection * change) continue;
      direction.at<cv::Vec2f>(y, x) = {(xx - yy) / size, 2 * xy / size};
    }
  }
  std::vector<Bars> out;
  std::vector<cv::Point> members;
  cv::Mat seen = cv::Mat::zeros(rows, columns, CV_8U);
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      if (seen.at<std::uint8_t>(y, x) != 0 || direction.at<cv::Vec2f>(y, x) == cv::Vec2f())
        continue;
      members.assign(1, {x, y});
      seen.at<std::uint8_t>(y, x) = 1;
      for (std::size_t i = 0; i < members.size(); ++i) {
        const auto at = members[i];
        const auto here = direction.at<cv::Vec2f>(at);
        for (int dy = -1; dy <= 1; ++dy) {
          for (int dx = -1; dx <= 1; ++dx) {
            const cv::Point next(at.x + dx, at.y + dy);
            if (next.x < 0 || next.y < 0 || next.x >= columns || next.y >= rows) continue;
            constexpr float kAlike = 0.8F;
            if (seen.at<std::uint8_t>(next) != 0 ||
                here.dot(direction.at<cv::Vec2f>(next)) < kAlike) {
              continue;
            }
            seen.at<std::uint8_t>(next) = 1;
            members.push_back(next);
          }
        }
      }
      constexpr std::size_t kLeastCells = 8;
      if (members.size() < kLeastCells) continue;
      double xx = 0;
      double yy = 0;
      double xy = 0;
      for (const auto& m : members) {
        xx += cells.xx.at<float>(m);
        yy += cells.yy.at<float>(m);
        xy += cells.xy.at<float>(m);
      }
      const double angle = 0.5 * std::atan2(2 * xy, xx - yy);
      const cv::Point2d u(std::cos(angle), std::sin(angle));
      const cv::Point2d v(-u.y, u.x);
      double u0 = 1e9;
      double u1 = -1e9;
      double v0 = 1e9;
      double v1 = -1e9;
      for (const auto& m : members) {
        const cv::Point2d p((m.x + 0.5) * kCell, (m.y + 0.5) * kCell);
        u0 = std::min(u0, u.dot(p));
        u1 = std::max(u1, u.dot(p));
        v0 = std::min(v0, v.dot(p));
        v1 = std::max(v1, v.dot(p));
      }
      const double across = u1 - u0 + kCell;
      const double along = v1 - v0 + kCell;
      constexpr double kFilled = 0.3;
      const double filled = static_cast<double>(members.size()) * kCell * kCell / (across * along);
      if (across < kLeastAcross || along < kLeastAlong || filled < kFilled) continue;
      const cv::Point2d centre = u * ((u0 + u1) / 2) + v * ((v0 + v1) / 2);
      out.push_back({centre / scale, angle, across / scale, along / scale});
    }
  }
  return out;
}

// --- reading bars

// The bars upright, with the white at both sides, cut out of the page.
struct Strip {
  cv::Mat gray;
  cv::Matx23d to_page;

  [[nodiscard]] cv::Rect2d box(double x0, double x1, double y0, double y1) const {
    double left = 1e9;
    double right = -1e9;
    double top = 1e9;
    double bottom = -1e9;
    for (const auto& corner :
         {cv::Point2d(x0, y0), cv::Point2d(x1, y0), cv::Point2d(x0, y1), cv::Point2d(x1, y1)}) {
      const cv::Matx21d p = to_page * cv::Matx31d(corner.x, corner.y, 1);
      left = std::min(left, p(0));
      right = std::max(right, p(0));
      top = std::min(top, p(1));
      bottom = std::max(bottom, p(1));
    }
    return {left, top, right - left, bottom - top};
  }
};

// `scale` of the strip to the page, across the bars; along them fewer rows are enough.
Strip cut_out(const cv::Mat& page, const Bars& bars, double margin, double scale) {
  constexpr double kMostColumns = 3000;
  const double width = bars.across + 2 * margin;
  const cv::Size size(
      std::max(1, static_cast<int>(std::lround(std::min(width * scale, kMostColumns)))),
      std::clamp(static_cast<int>(std::lround(bars.along * scale)), 1, kBands * kRowsInBand));
  const double across = width / size.width;
  const double along = bars.along / size.height;
  const double c = std::cos(bars.angle);
  const double s = std::sin(bars.angle);
  const double half_width = width / 2;
  const double half_height = bars.along / 2;
  Strip out;
  out.to_page = {c * across, -s * along, bars.centre.x - c * half_width + s * half_height,
                 s * across, c * along,  bars.centre.y - s * half_width - c * half_height};
  // OpenCV counts from pixel centres.
  auto m = out.to_page;
  m(0, 2) += (m(0, 0) + m(0, 1) - 1) / 2;
  m(1, 2) += (m(1, 0) + m(1, 1) - 1) / 2;
  cv::warpAffine(page, out.gray, m, size, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  return out;
}

// Black and white by the middle between the darkest and the lightest near by.
cv::Mat by_surroundings(const cv::Mat& line) {
  const int window = std::max(9, line.cols / 12) | 1;
  cv::Mat low;
  cv::Mat high;
  const cv::Mat around = cv::Mat::ones(1, window, CV_8U);
  cv::erode(line, low, around);
  cv::dilate(line, high, around);
  double least = 0;
  double most = 0;
  cv::minMaxLoc(line, &least, &most);
  cv::Mat out(line.size(), CV_8U);
  for (int x = 0; x < line.cols; ++x) {
    const int l = low.at<std::uint8_t>(0, x);
    const int h = high.at<std::uint8_t>(0, x);
    constexpr double kSome = 0.35;  // less is paper
    const bool black = h - l > kSome * (most - least) && 2 * line.at<std::uint8_t>(0, x) < l + h;
    out.at<std::uint8_t>(0, x) = black ? 0 : 255;
  }
  return out;
}

struct Reading {
  const Kind* kind = nullptr;
  std::string text;
  int lines = 0;
  double from = 0;  // in the strip
  double to = 0;
};

void add_votes(std::vector<Reading>& readings, const std::vector<Reading>& of_line) {
  for (const auto& r : of_line) {
    const auto same = std::find_if(readings.begin(), readings.end(), [&](const Reading& known) {
      return known.kind == r.kind && known.text == r.text && known.from < r.to && r.from < known.to;
    });
    if (same == readings.end()) {
      readings.push_back(r);
      continue;
    }
    same->from = std::min(same->from, r.from);
    same->to = std::max(same->to, r.to);
    ++same->lines;
  }
}

// Of one line across the bars, looked at in two ways; where these contradict each other nothing.
std::vector<Reading> read_line(const cv::Mat& line) {
  std::vector<Reading> out;
  ZXing::DecodeHints hints;
  hints.setTryRotate(false).setTryDownscale(false).setMinLineCount(1).setFormats(linear_formats());
  bool contradiction = false;
  for (const bool own : {false, true}) {
    const cv::Mat rows = own ? by_surroundings(line) : line;
    for (const auto& result : ask_zxing(rows, hints)) {
      const auto* kind = kind_of(result.format());
      if (kind == nullptr || !result.isValid()) continue;
      auto text = as_words(result.text());
      if (text.size() < kind->shortest) continue;
      const auto& p = result.position();
      const double a = std::min(p.topLeft().x, p.topRight().x);
      const double b = std::max(p.topLeft().x, p.topRight().x);
      const auto known = std::find_if(out.begin(), out.end(),
                                      [&](const Reading& r) { return r.from < b && a < r.to; });
      if (known == out.end())
        out.push_back({kind, std::move(text), 1, a, b});
      else if (known->kind != kind || known->text != text)
        contradiction = true;
    }
  }
  if (contradiction) out.clear();
  return out;
}

// The band as one line; empty when the rows differ more than bars along themselves do.
cv::Mat as_line(const cv::Mat& band) {
  constexpr double kAlike = 0.35;  // share of the variance that all rows have in common
  cv::Mat line;
  cv::reduce(band, line, 0, cv::REDUCE_AVG, CV_8U);
  cv::Scalar mean;
  cv::Scalar all;
  cv::Scalar common;
  cv::meanStdDev(band, mean, all);
  cv::meanStdDev(line, mean, common);
  if (common[0] * common[0] < kAlike * all[0] * all[0]) return {};
  cv::normalize(line, line, 0, 255, cv::NORM_MINMAX);
  return line;
}

// A band of the strip, of so many.
cv::Mat band_of(const cv::Mat& strip, int band, int bands) {
  const int from = std::min(strip.rows * band / bands, strip.rows - 1);
  return strip.rowRange(from, std::max(from + 1, strip.rows * (band + 1) / bands));
}

// Bands of the strip must agree; `finer` as many of each, and as many times more that agree.
std::vector<Reading> read_strip(const cv::Mat& strip, int finer) {
  constexpr std::array<int, kBands> kOrder{3, 1, 5, 0, 6, 2, 4};
  constexpr int kTries = 4;  // without any reading, then it is no code
  std::vector<Reading> readings;
  int tries = 0;
  for (int part = 0; part < finer; ++part) {
    for (const int band : kOrder) {
      if (tries++ == kTries + finer - 1 && readings.empty()) return {};
      const auto line = as_line(band_of(strip, band * finer + part, kBands * finer));
      if (!line.empty()) add_votes(readings, read_line(line));
    }
  }
  std::vector<Reading> out;
  for (const auto& r : readings) {
    const bool disputed = std::any_of(readings.begin(), readings.end(), [&](const Reading& other) {
      return &other != &r && other.from < r.to && r.from < other.to && 3 * other.lines > r.lines;
    });
    if (!disputed && r.lines >= r.kind->lines * finer) out.push_back(r);
  }
  return out;
}

// Bars that do not run straight, as a curled sheet has them: each thin band is like the next one, a
// little aside.
bool has_bent_bars(const cv::Mat& strip) {
  constexpr int kThin = kBands * kFiner;
  constexpr int kFarthest = 6;
  constexpr double kAlike = 0.8;
  constexpr int kMostOfThem = kThin * 3 / 5;
  if (strip.rows < kThin || strip.cols < 16 * kFarthest) return false;
  int alike = 0;
  cv::Mat before;
  for (int i = 0; i < kThin; ++i) {
    cv::Mat line;
    cv::reduce(band_of(strip, i, kThin), line, 0, cv::REDUCE_AVG, CV_8U);
    if (i > 0) {
      cv::Mat match;
      cv::matchTemplate(line, before, match, cv::TM_CCOEFF_NORMED);
      double best = 0;
      cv::minMaxLoc(match, nullptr, &best);
      alike += best > kAlike ? 1 : 0;
    }
    before = line.colRange(kFarthest, line.cols - kFarthest);
  }
  return alike >= kMostOfThem;
}

// The way across the bars as the strip shows it: how far they run aside from band to band.
double straightened(const Strip& strip, double angle) {
  constexpr int kApart = 2;  // bands
  constexpr int kFarthest = 12;
  constexpr float kAlike = 0.5;
  const cv::Mat& gray = strip.gray;
  if (gray.rows < 2 * kBands || gray.cols < 8 * kFarthest) return angle;
  std::vector<cv::Mat> lines(kBands);
  for (int i = 0; i < kBands; ++i) {
    cv::reduce(gray.rowRange(gray.rows * i / kBands, gray.rows * (i + 1) / kBands),
               lines[static_cast<std::size_t>(i)], 0, cv::REDUCE_AVG, CV_8U);
  }
  std::vector<int> shifts;
  for (std::size_t i = 0; i + kApart < lines.size(); ++i) {
    const cv::Mat core = lines[i].colRange(kFarthest, gray.cols - kFarthest);
    cv::Scalar mean;
    cv::Scalar spread;
    cv::meanStdDev(core, mean, spread);
    cv::Mat alike;
    cv::matchTemplate(lines[i + kApart], core, alike, cv::TM_CCOEFF_NORMED);
    double best = 0;
    cv::Point at;
    cv::minMaxLoc(alike, nullptr, &best, nullptr, &at);
    if (spread[0] > 2 && best > kAlike) shifts.push_back(at.x - kFarthest);
  }
  if (shifts.empty()) return angle;
  std::nth_element(shifts.begin(), shifts.begin() + static_cast<std::ptrdiff_t>(shifts.size() / 2),
                   shifts.end());
  const double aside =
      shifts[shifts.size() / 2] * std::hypot(strip.to_page(0, 0), strip.to_page(1, 0));
  const double down = static_cast<double>(kApart) / kBands * gray.rows *
                      std::hypot(strip.to_page(0, 1), strip.to_page(1, 1));
  return angle - std::atan2(aside, down);
}

// Rows that show the bars of the reading: the longest stretch like the middle one of them.
std::pair<int, int> rows_of(const cv::Mat& strip, const Reading& reading) {
  constexpr double kAlike = 0.6;  // correlation
  const int x0 = std::clamp(static_cast<int>(reading.from), 0, strip.cols - 1);
  const int x1 = std::clamp(static_cast<int>(reading.to), x0 + 1, strip.cols);
  const cv::Mat part = strip.colRange(x0, x1);
  cv::Mat mean;
  cv::reduce(part, mean, 0, cv::REDUCE_AVG, CV_8U);
  std::pair<int, int> best{0, 0};
  int start = 0;
  for (int y = 0; y <= strip.rows; ++y) {
    cv::Mat alike(1, 1, CV_32F, cv::Scalar(0));
    if (y < strip.rows) cv::matchTemplate(part.row(y), mean, alike, cv::TM_CCOEFF_NORMED);
    if (alike.at<float>(0, 0) > kAlike) continue;
    if (y - start > best.second - best.first) best = {start, y};
    start = y + 1;
  }
  return best.second > best.first ? best : std::pair(0, strip.rows);
}

bool inside(const cv::Point2d& p, const std::vector<Code>& codes) {
  return std::any_of(codes.begin(), codes.end(), [&](const Code& c) {
    return p.x >= c.box.x && p.x < c.box.x + c.box.width && p.y >= c.box.y &&
           p.y < c.box.y + c.box.height;
  });
}

Box whole(const cv::Rect2d& r, const cv::Size& page) {
  const int x0 = std::clamp(static_cast<int>(std::floor(r.x)), 0, page.width - 1);
  const int y0 = std::clamp(static_cast<int>(std::floor(r.y)), 0, page.height - 1);
  const int x1 = std::clamp(static_cast<int>(std::ceil(r.x + r.width)), x0 + 1, page.width);
  const int y1 = std::clamp(static_cast<int>(std::ceil(r.y + r.height)), y0 + 1, page.height);
  return {x0, y0, x1 - x0, y1 - y0};
}

// One that is there already, found at two places of its bars, becomes larger.
void add_code(std::vector<Code>& codes, Code code) {
  for (auto& c : codes) {
    const cv::Rect a(c.box.x, c.box.y, c.box.width, c.box.height);
    const cv::Rect b(code.box.x, code.box.y, code.box.width, code.box.height);
    if (c.kind != code.kind || c.text != code.text || (a & b).empty()) continue;
    const cv::Rect both = a | b;
    c.box = {both.x, both.y, both.width, both.height};
    return;
  }
  codes.push_back(std::move(code));
}

void read_bars(const cv::Mat& page, Bars bars, double margin, bool coarse,
               std::vector<Code>& codes) {
  bars.angle = straightened(cut_out(page, bars, margin, 1), bars.angle);
  constexpr double kLonger = 1.2;  // than high, as bar codes are and lines of text mostly not
  bool maybe_bent = bars.across > kLonger * bars.along;
  // A coarse picture is read larger: edges between pixels are then where the gray says.
  for (const double scale : coarse ? std::array{2.0, 3.0} : std::array{1.0, 2.0}) {
    const auto strip = cut_out(page, bars, margin, scale);
    auto readings = read_strip(strip.gray, 1);
    if (readings.empty() && maybe_bent) {
      maybe_bent = has_bent_bars(strip.gray);
      if (maybe_bent) readings = read_strip(strip.gray, kFiner);
    }
    for (const auto& r : readings) {
      // Part of an interleaved code can look like a whole one.
      constexpr double kMostOfIt = 0.7;
      const double unit = strip.gray.cols / (bars.across + 2 * margin);
      if (r.kind->format == ZXing::BarcodeFormat::ITF &&
          r.to - r.from < kMostOfIt * (bars.across - 3.0 * kCell) * unit) {
        continue;
      }
      const auto [top, bottom] = rows_of(strip.gray, r);
      add_code(codes, {std::string(r.kind->name), r.text,
                       whole(strip.box(r.from, r.to, top, bottom), page.size())});
    }
    if (!readings.empty()) return;
  }
}

// --- QR codes

void read_qr(const cv::Mat& gray, const cv::Point& offset, double scale, const cv::Size& page,
             std::vector<Code>& codes) {
  ZXing::DecodeHints hints;
  hints.setTryDownscale(false).setFormats(ZXing::BarcodeFormat::QRCode);
  for (const auto& result : ask_zxing(gray, hints)) {
    auto text = as_words(result.text());
    if (!result.isValid() || text.empty()) continue;
    double left = 1e9;
    double right = -1e9;
    double top = 1e9;
    double bottom = -1e9;
    for (const auto& p : result.position()) {
      left = std::min(left, static_cast<double>(p.x));
      right = std::max(right, static_cast<double>(p.x));
      top = std::min(top, static_cast<double>(p.y));
      bottom = std::max(bottom, static_cast<double>(p.y));
    }
    const cv::Rect2d box(left / scale + offset.x, top / scale + offset.y, (right - left) / scale,
                         (bottom - top) / scale);
    codes.push_back({"qr", std::move(text), whole(box, page)});
  }
}

// Whether rows of the black and white picture cross the corners of a QR code: runs of 1, 1, 3, 1
// and 1 modules, which letters hardly have.
bool has_corners(const cv::Mat& black_white) {
  constexpr int kRuns = 5;
  constexpr int kLeastRows = 6;
  constexpr double kModules = 7;
  int rows = 0;
  for (int y = 0; y < black_white.rows; ++y) {
    const auto* line = black_white.ptr<std::uint8_t>(y);
    std::array<int, kRuns> runs{};  // the last ones, the newest behind
    bool seen = false;
    int start = 0;
    for (int x = 1; x <= black_white.cols; ++x) {
      if (x < black_white.cols && line[x] == line[x - 1]) continue;
      std::rotate(runs.begin(), runs.begin() + 1, runs.end());
      runs.back() = x - start;
      start = x;
      if (line[x - 1] != 0) continue;
      double module = 0;
      for (const int run : runs) module += run / kModules;
      seen = seen || std::all_of(runs.begin(), runs.end(), [&](const int& run) {
               const double wanted = &run == &runs[kRuns / 2] ? 3 * module : module;
               return std::abs(run - wanted) < wanted / 2;
             });
    }
    rows += seen ? 1 : 0;
  }
  return rows >= kLeastRows;
}

// The same picture in other ways: grain hides the modules, and small ones need more pixels. None
// when it does not look like a QR code.
struct Look {
  cv::Mat gray;
  double scale = 1;
};
std::vector<Look> looks_at(const cv::Mat& page) {
  constexpr int kMostPixels = 400;  // a larger one has pixels enough
  const bool large = std::max(page.cols, page.rows) > kMostPixels;
  std::vector<Look> out;
  for (const double scale : {2.0, 3.0}) {
    Look look;
    look.scale = large ? 1 : scale;
    cv::resize(page, look.gray, {}, look.scale, look.scale, cv::INTER_CUBIC);
    constexpr double kSoft = 0.4;  // pixels of the page
    cv::GaussianBlur(look.gray, look.gray, {}, kSoft * scale);
    Look sharp{{}, look.scale};
    cv::threshold(look.gray, sharp.gray, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
    if (out.empty() && !has_corners(sharp.gray)) return {};
    out.push_back(sharp);
    out.push_back(look);
  }
  out.push_back({page.clone(), 1});
  return out;
}

// Squares about half black with edges of all directions, which no text is.
std::vector<cv::Rect> find_squares(const cv::Mat& gray) {
  if (gray.cols < 4 * kCell || gray.rows < 4 * kCell) return {};
  constexpr double kInk = 0.3;
  constexpr double kLeast = 3;  // cells
  constexpr double kMost = 40;  // larger ones are read without looking closer
  constexpr double kFilled = 0.6;
  constexpr double kSquare = 1.5;
  cv::Mat cells = reduced_by(gray, kCell);
  cv::blur(cells, cells, {3, 3});
  double darkest = 0;
  double paper = 0;
  cv::minMaxLoc(cells, nullptr, &paper);
  cv::minMaxLoc(gray, &darkest, nullptr);
  const cv::Mat ink = cells < paper - kInk * (paper - darkest);
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centres, 4);
  std::vector<cv::Rect> out;
  for (int i = 1; i < count; ++i) {
    const cv::Rect box(stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                       stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT));
    const double longer = std::max(box.width, box.height);
    const double shorter = std::min(box.width, box.height);
    if (shorter < kLeast || longer > kMost || longer > kSquare * shorter + 2) continue;
    if (stats.at<int>(i, cv::CC_STAT_AREA) < kFilled * box.area() / kSquare) continue;
    out.emplace_back(box.x * kCell, box.y * kCell, box.width * kCell, box.height * kCell);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const cv::Rect& a, const cv::Rect& b) { return a.area() > b.area(); });
  constexpr std::size_t kMostSquares = 16;
  if (out.size() > kMostSquares) out.resize(kMostSquares);
  return out;
}

void sort_from_top(std::vector<Code>& codes) {
  std::stable_sort(codes.begin(), codes.end(), [](const Code& a, const Code& b) {
    return std::pair(a.box.y, a.box.x) < std::pair(b.box.y, b.box.x);
  });
}

// The page at the resolution that it is searched at.
struct Searched {
  const cv::Mat& page;
  cv::Mat small;
  double scale = 1;
};

constexpr int kSmallestPage = 24;

Searched searched(const cv::Mat& page, double dpi) {
  const int longest = std::max(page.cols, page.rows);
  // A resolution that makes the page a poster or a stamp is not believed.
  constexpr double kLeastInches = 2;
  constexpr double kMostInches = 24;
  const bool known = dpi > 0 && longest / dpi >= kLeastInches && longest / dpi <= kMostInches;
  Searched out{page, page, std::min(1.0, known ? kSearchDpi / dpi : kSearchLongest / longest)};
  out.small = shrunk(page, out.scale);
  return out;
}

// Patch codes and bar codes.
std::vector<Code> bars_of(const Searched& in) {
  const cv::Mat& page = in.page;
  const cv::Mat& small = in.small;
  const double scale = in.scale;
  auto patches = find_patches(small);
  for (auto& p : patches) {
    p.box = whole({p.box.x / scale, p.box.y / scale, p.box.width / scale, p.box.height / scale},
                  page.size());
  }

  std::vector<Bars> places;
  double at = scale;
  cv::Mat level = small;
  for (int i = 0; i < kLevels; ++i) {
    auto found = find_bars(level, at);
    std::stable_sort(found.begin(), found.end(), [](const Bars& a, const Bars& b) {
      return a.across * a.along > b.across * b.along;
    });
    constexpr std::size_t kMostPlaces = 12;
    if (found.size() > kMostPlaces) found.resize(kMostPlaces);
    std::move(found.begin(), found.end(), std::back_inserter(places));
    if (std::min(level.cols, level.rows) < 8 * kCell) break;
    level = reduced_by(level, 2);
    at /= 2;
  }
  constexpr double kCoarse = 0.7;  // of the page's pixels are needed to search it
  std::vector<Code> linear;
  for (const auto& bars : places) {
    if (inside(bars.centre, linear) || inside(bars.centre, patches)) continue;
    const double margin = std::max(0.12 * bars.across, 30 / scale);
    read_bars(page, bars, margin, scale > kCoarse, linear);
  }
  // Bars of a large code are no patch.
  std::erase_if(patches, [&](const Code& p) {
    return inside({p.box.x + p.box.width / 2.0, p.box.y + p.box.height / 2.0}, linear);
  });
  auto codes = std::move(patches);
  std::move(linear.begin(), linear.end(), std::back_inserter(codes));
  return codes;
}

std::vector<Code> squares_of(const Searched& in) {
  const cv::Mat& page = in.page;
  const cv::Mat& small = in.small;
  const double scale = in.scale;
  std::vector<Code> squares;
  read_qr(small, {}, scale, page.size(), squares);
  for (const auto& square : find_squares(small)) {
    const cv::Point2d centre(square.x + square.width / 2.0, square.y + square.height / 2.0);
    if (inside(centre / scale, squares)) continue;
    constexpr int kAround = 3 * kCell;
    const cv::Rect2d wide((square.x - kAround) / scale, (square.y - kAround) / scale,
                          (square.width + 2 * kAround) / scale,
                          (square.height + 2 * kAround) / scale);
    const cv::Rect cut = cv::Rect(wide) & cv::Rect(0, 0, page.cols, page.rows);
    const std::size_t before = squares.size();
    const cv::Mat here = page(cut);
    for (const auto& look : looks_at(here)) {
      read_qr(look.gray, cut.tl(), look.scale, page.size(), squares);
      if (squares.size() > before) break;
    }
  }
  return squares;
}

std::vector<Code> codes_of(const cv::Mat& page, double dpi) {
  if (page.cols < kSmallestPage || page.rows < kSmallestPage) return {};
  const auto in = searched(page, dpi);
  auto codes = bars_of(in);
  auto squares = squares_of(in);
  codes.insert(codes.end(), squares.begin(), squares.end());
  sort_from_top(codes);
  return codes;
}

class Codes final : public Stage {
 public:
  [[nodiscard]] std::string_view name() const override { return "codes"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    ALIH_TRY(auto codes, find_codes(input));
    Finding finding{"codes", {{"count", static_cast<double>(codes.size())}}, 1.0, false, ""};
    return Step{input, {std::move(finding)}, {}, std::move(codes)};
  }
};

}  // namespace

Result<std::vector<Code>> find_codes(const Image& image) {
  return codes_of(to_gray(image), image.dpi_x());
}

Result<std::vector<Code>> find_separator(const Image& image) {
  const cv::Mat page = to_gray(image);
  if (page.cols < kSmallestPage || page.rows < kSmallestPage) return std::vector<Code>();
  auto codes = bars_of(searched(page, image.dpi_x()));
  if (std::none_of(codes.begin(), codes.end(), separates)) codes.clear();
  sort_from_top(codes);
  return codes;
}

std::unique_ptr<Stage> make_codes() { return std::make_unique<Codes>(); }

}  // namespace alih::processing
