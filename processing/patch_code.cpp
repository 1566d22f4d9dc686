#include "processing/patch_code.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>

#include <opencv2/imgproc.hpp>

namespace alih::processing {
namespace {

// Of the page when it is searched, in pixels: a narrow bar on A4 is then 4.8 wide.
constexpr double kLongest = 700;
constexpr std::size_t kBars = 4;
constexpr double kModules = 10;  // two wide bars of 2.5, two narrow ones and three gaps of 1

using Wide = std::array<bool, kBars>;

// The bars as one line across them meets them.
struct Hit {
  Wide wide{};
  int from = 0;
  int to = 0;          // behind the last bar
  bool quiet = false;  // more white at both sides than between the bars of any code
};

// Black and white runs by turns, the first and the last one white, perhaps of no length.
void find_runs(const std::uint8_t* line, int length, std::vector<int>& runs) {
  runs.clear();
  std::uint8_t colour = 0;
  int start = 0;
  for (int x = 0; x < length; ++x) {
    if (line[x] == colour) continue;
    runs.push_back(x - start);
    start = x;
    colour = line[x];
  }
  runs.push_back(length - start);
  if (colour != 0) runs.push_back(0);  // the last one is white, too
}

// White beside the bars; where the paper ends it may be less.
struct Beside {
  int white = 0;
  bool ends = false;
};

// Seven runs from a bar on, with the white before and behind; their places are not filled in.
std::optional<Hit> bars_at(const int* runs, Beside before, Beside behind) {
  constexpr double kLeastModule = 2.5;  // pixels; thinner bars cannot be told apart
  constexpr double kNarrowFrom = 0.45;
  constexpr double kNarrowTo = 1.6;
  constexpr double kWideFrom = 1.8;
  constexpr double kWideTo = 3.4;
  constexpr double kQuiet = 3.5;
  constexpr double kLeastWhite = 1.5;  // print may come near
  constexpr double kWhiteAtEdge = 1;
  int total = 0;
  for (std::size_t i = 0; i < 2 * kBars - 1; ++i) total += runs[i];
  const double module = total / kModules;
  if (module < kLeastModule) return std::nullopt;
  Hit hit;
  hit.quiet = true;
  for (const auto& side : {before, behind}) {
    if (side.white < (side.ends ? kWhiteAtEdge : kLeastWhite) * module) return std::nullopt;
    if (!side.ends && side.white < kQuiet * module) hit.quiet = false;
  }
  int wides = 0;
  for (std::size_t i = 0; i < 2 * kBars - 1; ++i) {
    const double size = runs[i] / module;
    if (size >= kNarrowFrom && size <= kNarrowTo) continue;
    if (i % 2 == 1 || size < kWideFrom || size > kWideTo) return std::nullopt;
    hit.wide[i / 2] = true;
    ++wides;
  }
  if (wides != 2) return std::nullopt;
  return hit;
}

std::vector<Hit> hits_on(const std::vector<int>& runs) {
  std::vector<Hit> out;
  int at = 0;
  for (std::size_t i = 0; i + 2 * kBars <= runs.size(); ++i) {
    if (i % 2 == 1) {  // a bar
      const std::size_t behind = i + 2 * kBars - 1;
      if (auto hit =
              bars_at(&runs[i], {runs[i - 1], i == 1}, {runs[behind], behind + 1 == runs.size()})) {
        hit->from = at;
        hit->to = at;
        for (std::size_t k = 0; k < 2 * kBars - 1; ++k) hit->to += runs[i + k];
        out.push_back(*hit);
      }
    }
    at += runs[i];
  }
  return out;
}

// Hits of neighbouring lines that are the same bars.
struct Group {
  Hit last;
  int first_line = 0;
  int last_line = 0;
  int lines = 0;
  int quiet_lines = 0;
  int from = 0;
  int to = 0;
};

std::vector<Group> groups_of(const cv::Mat& black) {
  std::vector<Group> open;
  std::vector<Group> out;
  std::vector<int> runs;
  const auto good = [](const Group& g) {
    constexpr double kLength = 0.7;  // bars are at least about as long as the code is wide
    constexpr double kAgree = 0.75;
    constexpr double kQuietLines = 0.4;
    const int span = g.last_line - g.first_line + 1;
    return span >= kLength * (g.last.to - g.last.from) && g.lines >= kAgree * span &&
           g.quiet_lines >= kQuietLines * g.lines;
  };
  for (int y = 0; y < black.rows; ++y) {
    find_runs(black.ptr<std::uint8_t>(y), black.cols, runs);
    for (const auto& hit : hits_on(runs)) {
      const auto same = std::find_if(open.begin(), open.end(), [&](const Group& g) {
        const int shift = 2 + (y - g.last_line) / 4;
        return g.last.wide == hit.wide && g.last_line < y &&
               std::abs(g.last.from - hit.from) <= shift && std::abs(g.last.to - hit.to) <= shift;
      });
      const int quiet = hit.quiet ? 1 : 0;
      if (same == open.end()) {
        open.push_back({hit, y, y, 1, quiet, hit.from, hit.to});
        continue;
      }
      same->last = hit;
      same->last_line = y;
      ++same->lines;
      same->quiet_lines += quiet;
      same->from = std::min(same->from, hit.from);
      same->to = std::max(same->to, hit.to);
    }
    // A scratch or a hole across the bars does not end them.
    const auto ended = [&](const Group& g) { return y - g.last_line > (g.to - g.from) / 6; };
    for (const auto& g : open) {
      if (ended(g) && good(g)) out.push_back(g);
    }
    std::erase_if(open, ended);
  }
  std::copy_if(open.begin(), open.end(), std::back_inserter(out), good);
  return out;
}

std::string_view kind_of(Wide wide, int before, int behind) {
  constexpr double kMiddle = 0.1;
  if (behind < before && before - behind > kMiddle * (before + behind)) {
    std::reverse(wide.begin(), wide.end());
  }
  for (const auto& row : all_patches()) {
    if (row.wide == wide) return row.kind;
  }
  return {};
}

}  // namespace

const std::vector<PatchRow>& all_patches() {
  static const std::vector<PatchRow> rows = {
      {"patch_1", {true, true, false, false}}, {"patch_2", {true, false, false, true}},
      {"patch_3", {true, false, true, false}}, {"patch_4", {false, true, true, false}},
      {"patch_6", {false, false, true, true}}, {"patch_t", {false, true, false, true}},
  };
  return rows;
}

std::vector<Code> find_patches(const cv::Mat& gray) {
  cv::Mat small = gray;
  const double scale = std::min(1.0, kLongest / std::max(gray.cols, gray.rows));
  if (scale < 1) cv::resize(gray, small, {}, scale, scale, cv::INTER_AREA);
  constexpr int kSmallest = 40;
  if (small.cols < kSmallest || small.rows < kSmallest) return {};
  // Darker than the surroundings, which are several bars wide.
  cv::Mat around;
  const int window = std::max(small.cols, small.rows) / 6;
  cv::blur(small, around, {window, window}, {-1, -1}, cv::BORDER_REPLICATE);
  constexpr int kClearly = 10;
  const cv::Mat black = small + kClearly < around;
  std::vector<Code> out;
  for (const bool columns : {false, true}) {
    cv::Mat lines = black;
    if (columns) cv::transpose(black, lines);
    for (const auto& g : groups_of(lines)) {
      const auto kind = kind_of(g.last.wide, g.from, lines.cols - g.to);
      cv::Rect2d at(g.from, g.first_line, g.to - g.from, g.last_line - g.first_line + 1);
      if (columns) at = {at.y, at.x, at.height, at.width};
      const auto whole = [&](double v) { return static_cast<int>(std::lround(v / scale)); };
      out.push_back(
          {std::string(kind), "", {whole(at.x), whole(at.y), whole(at.width), whole(at.height)}});
    }
  }
  return out;
}

}  // namespace alih::processing
