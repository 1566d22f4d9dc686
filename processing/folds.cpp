#include "processing/folds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <opencv2/imgproc.hpp>

namespace alih::processing {
namespace {

constexpr int kNarrower = 8;      // times: along a crease grain evens out
constexpr int kSegments = 16;     // of its length
constexpr std::size_t kMost = 4;  // each way

// The mean of kNarrower pixels, halves to the even one, of their sum.
unsigned mean_of(unsigned sum) {
  static_assert(kNarrower == 8);
  return (sum + 3 + (sum >> 3U & 1U)) >> 3U;
}

// Each kNarrower pixels of a row are one: OpenCV, with the same result, takes more than twice as
// long.
cv::Mat narrowed_across(const cv::Mat& gray) {
  cv::Mat out(gray.rows, gray.cols / kNarrower, CV_8UC1);
  for (int y = 0; y < gray.rows; ++y) {
    const auto* from = gray.ptr<std::uint8_t>(y);
    auto* to = out.ptr<std::uint8_t>(y);
    for (int x = 0; x < out.cols; ++x) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, from + x * kNarrower, sizeof eight);
      constexpr std::uint64_t kEven = 0x00ff00ff00ff00ff;
      const auto sum = ((eight & kEven) + (eight >> 8U & kEven)) * 0x0001000100010001 >> 48U;
      to[x] = static_cast<std::uint8_t>(mean_of(static_cast<unsigned>(sum)));
    }
  }
  return out;
}

// The same of kNarrower rows.
cv::Mat narrowed_down(const cv::Mat& gray) {
  cv::Mat out(gray.rows / kNarrower, gray.cols, CV_8UC1);
  std::vector<std::uint16_t> sums(static_cast<std::size_t>(gray.cols));
  for (int y = 0; y < out.rows; ++y) {
    std::fill(sums.begin(), sums.end(), std::uint16_t{0});
    for (int row = y * kNarrower; row < (y + 1) * kNarrower; ++row) {
      const auto* from = gray.ptr<std::uint8_t>(row);
      for (std::size_t x = 0; x < sums.size(); ++x) {
        sums[x] = static_cast<std::uint16_t>(sums[x] + from[x]);
      }
    }
    auto* to = out.ptr<std::uint8_t>(y);
    for (std::size_t x = 0; x < sums.size(); ++x) {
      to[x] = static_cast<std::uint8_t>(mean_of(sums[x]));
    }
  }
  return out;
}

// Lines of `narrow`, a picture that is narrowed along them: its rows are pixels of the page.
class Search {
 public:
  Search(const cv::Mat& narrow, int reach) : narrow_(narrow), reach_(reach) { count_valleys(); }

  // One end's row, the other's, by how sure; apart from each other.
  [[nodiscard]] std::vector<std::array<int, 2>> lines() const {
    struct Line {
      double share;
      int from;
      int to;
    };
    std::vector<Line> found;
    const int rows = narrow_.rows;
    const int most_drop = narrow_.cols * kNarrower / 50;  // a sheet lies about straight
    for (int drop = -most_drop; drop <= most_drop; ++drop) {
      const int first = std::max(0, -drop);
      const int last = std::min(rows, rows - drop);
      for (int y = first; y < last; ++y) {
        double sum = 0;
        double exactly = 0;
        int good = 0;
        for (int s = 0; s < kSegments; ++s) {
          const int at = y + drop * (2 * s + 1) / (2 * kSegments);
          const double share = valleys_.at<float>(at, s);
          sum += share;
          exactly += middles_.at<float>(at, s);
          good += share >= kOfSegment ? 1 : 0;
          if (good + kSegments - 1 - s < kSegments - kBroken) break;
        }
        // A printed rule ends at the margins.
        const bool ends = valleys_.at<float>(y + drop / (2 * kSegments), 0) >= kOfSegment &&
                          valleys_.at<float>(y + drop * (2 * kSegments - 1) / (2 * kSegments),
                                             kSegments - 1) >= kOfSegment;
        if (ends && good >= kSegments - kBroken && sum >= kOfLine * kSegments) {
          found.push_back({sum + exactly, y, y + drop});
        }
      }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Line& a, const Line& b) { return a.share > b.share; });
    std::vector<std::array<int, 2>> out;
    for (const auto& line : found) {
      const bool known = std::any_of(out.begin(), out.end(), [&](const auto& o) {
        return std::abs(o[0] + o[1] - line.from - line.to) <= 4 * reach_;
      });
      if (!known) out.push_back({line.from, line.to});
      if (out.size() > kMost) break;
    }
    return out;
  }

  // Light across the line beside that of the paper around it; empty when it is no crease.
  [[nodiscard]] std::vector<double> shade(const std::array<int, 2>& line) const {
    std::vector<double> out;
    double darkest = 1;
    for (int d = -reach_; d <= reach_; ++d) {
      std::vector<double> ratios;
      for (int x = 0; x < narrow_.cols; ++x) {
        const int y = line[0] + (line[1] - line[0]) * x / narrow_.cols;
        if (y - reach_ - 1 < 0 || y + reach_ + 1 >= narrow_.rows) continue;
        const double paper = (narrow_.at<std::uint8_t>(y - reach_ - 1, x) +
                              narrow_.at<std::uint8_t>(y + reach_ + 1, x)) /
                             2.0;
        if (paper > 0) ratios.push_back(narrow_.at<std::uint8_t>(y + d, x) / paper);
      }
      if (ratios.empty()) return {};
      const auto half = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
      std::nth_element(ratios.begin(), half, ratios.end());
      out.push_back(std::clamp(*half, 0.01, 1.0));
      darkest = std::min(darkest, out.back());
    }
    constexpr double kPrinted = 0.5;
    return darkest > kPrinted ? out : std::vector<double>();
  }

 private:
  // Of each row and segment, the share of places that are darker than both sides.
  void count_valleys() {
    constexpr int kDeep = 12;  // gray levels
    cv::Mat above;
    cv::Mat below;
    cv::Mat padded;
    cv::copyMakeBorder(narrow_, padded, reach_, reach_, 0, 0, cv::BORDER_REPLICATE);
    above = padded.rowRange(0, narrow_.rows);
    below = padded.rowRange(2 * reach_, 2 * reach_ + narrow_.rows);
    cv::Mat depth;
    cv::subtract(cv::min(above, below), narrow_, depth);  // 0 where it is none
    cv::Mat valley = depth >= kDeep;
    const auto shares = [&](cv::Mat& out) {
      cv::Mat of_segments;
      cv::resize(valley, of_segments, {kSegments, narrow_.rows}, 0, 0, cv::INTER_AREA);
      of_segments.convertTo(out, CV_32F, 1 / 255.0);
    };
    shares(middles_);
    // A segment's piece of a slanting line lies on two rows or three.
    cv::dilate(valley, valley, cv::getStructuringElement(cv::MORPH_RECT, {1, 3}));
    shares(valleys_);
  }

  static constexpr float kOfSegment = 0.5F;
  static constexpr double kOfLine = 0.75;
  static constexpr int kBroken = 2;  // segments, by a shadow or a tear

  const cv::Mat& narrow_;
  int reach_;
  cv::Mat valleys_;  // rows x segments
  cv::Mat middles_;  // the same, a row for itself: which of some lines fits best
};

}  // namespace

std::vector<Fold> find_folds(const cv::Mat& gray, double dpi) {
  constexpr int kLeast = 4 * kNarrower * kSegments;
  if (gray.cols < kLeast || gray.rows < kLeast) return {};
  constexpr double kReachMm = 0.5;
  const int reach =
      std::max(2, static_cast<int>(std::lround((dpi > 0 ? dpi : 300) * kReachMm / 25.4)));
  std::vector<Fold> out;
  for (const bool lying : {true, false}) {
    cv::Mat narrow;
    if (lying) {
      narrow = narrowed_across(gray);
    } else {
      cv::transpose(narrowed_down(gray), narrow);
    }
    const Search search(narrow, reach);
    const auto lines = search.lines();
    if (lines.size() > kMost) continue;
    for (const auto& line : lines) {
      if (auto shade = search.shade(line); !shade.empty()) {
        out.push_back(
            {lying, static_cast<double>(line[0]), static_cast<double>(line[1]), std::move(shade)});
      }
    }
  }
  return out;
}

cv::Mat without_folds(const cv::Mat& gray, double dpi) {
  const auto folds = find_folds(gray, dpi);
  if (folds.empty()) return gray;
  cv::Mat out = gray.clone();
  for (const auto& fold : folds) {
    const int length = fold.lying ? out.cols : out.rows;
    const int across = fold.lying ? out.rows : out.cols;
    const int reach = static_cast<int>(fold.shade.size()) / 2;
    for (int along = 0; along < length; ++along) {
      const double middle = fold.from + (fold.to - fold.from) * along / length;
      const int nearest = static_cast<int>(std::lround(middle));
      for (int at = std::max(0, nearest - reach); at <= std::min(across - 1, nearest + reach);
           ++at) {
        const double light = fold.shade[static_cast<std::size_t>(at - nearest + reach)];
        auto& pixel =
            fold.lying ? out.at<std::uint8_t>(at, along) : out.at<std::uint8_t>(along, at);
        pixel = cv::saturate_cast<std::uint8_t>(pixel / light);
      }
    }
  }
  return out;
}

}  // namespace alih::processing
