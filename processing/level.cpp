#include "processing/level.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/folds.h"
#include "processing/pixels.h"

namespace alih::processing {

cv::Mat divide_background(const cv::Mat& gray, Background background) {
  constexpr int kQuarter = 4;
  const int closing = background == Background::fine ? 9 : 21;
  cv::Mat small = reduced_by(gray, kQuarter);
  const cv::Mat disc = cv::getStructuringElement(cv::MORPH_RECT, {closing, closing});
  cv::morphologyEx(small, small, cv::MORPH_CLOSE, disc);
  cv::blur(small, small, {closing, closing});
  cv::Mat paper;
  cv::resize(small, paper, gray.size(), 0, 0, cv::INTER_LINEAR);
  cv::Mat flat;
  cv::divide(gray, paper, flat, 255.0);
  return flat;
}

Levels find_levels(const cv::Mat& flat, double clip) {
  constexpr int kPaper = 245;
  cv::Mat unused;
  const int otsu =
      static_cast<int>(cv::threshold(flat, unused, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU));
  return {otsu, std::clamp(static_cast<int>(std::lround(otsu + clip * (kPaper - otsu))), 1, 255)};
}

namespace {

// Of marks by their darkest pixel: how dark one must be to be print. Print and what is left of the
// paper are two hills of that histogram where there is much of the latter, and the valley between
// them tells them apart. None where there is one hill.
std::optional<int> faintest_print(const std::array<int, 256>& darkest) {
  constexpr int kReach = 3;  // gray levels to each side that are taken together
  constexpr double kHill = 2;
  std::array<double, 256> smooth{};
  int all = 0;
  for (int v = 0; v < 256; ++v) {
    all += darkest[static_cast<std::size_t>(v)];
    for (int d = -kReach; d <= kReach; ++d) {
      if (v + d < 0 || v + d > 255) continue;
      smooth[static_cast<std::size_t>(v)] += darkest[static_cast<std::size_t>(v + d)];
    }
  }
  std::size_t summit = 0;  // of the darker half
  int before = 0;
  for (std::size_t v = 0; v < 256 && 2 * before <= all; ++v) {
    if (smooth[v] > smooth[summit]) summit = v;
    before += darkest[v];
  }
  constexpr double kLeast = 7;  // marks: one or two more are no hill
  std::optional<int> valley;
  std::size_t lowest = summit;
  for (std::size_t v = summit; v < 256; ++v) {
    if (smooth[v] < smooth[lowest]) lowest = v;
    if (smooth[v] < kHill * smooth[lowest] + kLeast) continue;
    if (!valley || smooth[lowest] < smooth[static_cast<std::size_t>(*valley)]) {
      valley = static_cast<int>(lowest);
    }
  }
  return valley;
}

int median(std::vector<int> values) {
  if (values.empty()) return 0;
  const auto half = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), half, values.end());
  return *half;
}

// Mottle of the paper that a fine background leaves between faint letters is read as full stops and
// dashes (11 typewritten pages that are faint, stained and seen through: a quarter of the wrong
// characters with it). Marks of `flat` that are clearly fainter than print become white in
// `levelled`, when they are small beside it and few: faint writing beside dark print stays.
void take_mottle_out(const cv::Mat& flat, const Levels& levels, cv::Mat& levelled) {
  constexpr double kMark = 0.3;  // from Otsu's threshold to white
  const double threshold = levels.otsu + kMark * (levels.white - levels.otsu);
  cv::Mat labels;
  const auto count = static_cast<std::size_t>(cv::connectedComponents(flat < threshold, labels, 8));
  struct Mark {
    int pixels = 0;
    int ink = 0;
    std::uint8_t darkest = 255;
    int top = -1;
    int bottom = -1;
    int left = std::numeric_limits<int>::max();
    int right = -1;
    [[nodiscard]] int height() const { return bottom - top + 1; }
    // A slash or the like fills little of the box around it.
    [[nodiscard]] bool thin() const { return 2 * pixels < height() * (right - left + 1); }
  };
  std::vector<Mark> marks(count);
  for (int y = 0; y < flat.rows; ++y) {
    const auto* gray = flat.ptr<std::uint8_t>(y);
    const auto* label = labels.ptr<int>(y);
    for (int x = 0; x < flat.cols; ++x) {
      if (label[x] == 0) continue;
      auto& mark = marks[static_cast<std::size_t>(label[x])];
      ++mark.pixels;
      if (mark.top < 0) mark.top = y;
      mark.bottom = y;
      mark.left = std::min(mark.left, x);
      mark.right = std::max(mark.right, x);
      if (gray[x] < levels.otsu) ++mark.ink;
      mark.darkest = std::min(mark.darkest, gray[x]);
    }
  }
  constexpr int kLeast = 12;  // pixels: below is noise of the sensor, print or not
  std::array<int, 256> darkest{};
  for (const auto& mark : marks) {
    if (mark.pixels >= kLeast) ++darkest[mark.darkest];
  }
  const auto print = faintest_print(darkest);
  if (!print) return;
  std::vector<int> kept;
  std::vector<int> gone;
  std::vector<int> heights;
  std::int64_t ink = 0;
  std::int64_t ink_gone = 0;
  for (const auto& mark : marks) {
    const bool stays = mark.darkest <= *print;
    ink += mark.ink;
    if (!stays) ink_gone += mark.ink;
    if (mark.pixels >= kLeast) (stays ? kept : gone).push_back(mark.pixels);
    if (mark.pixels >= kLeast && stays) heights.push_back(mark.height());
  }
  constexpr int kSmaller = 5;      // times, the median: 17 to 27 on the pages above
  constexpr int kShareOfInk = 16;  // 1/16 of the ink at most: 1/31 on the pages above
  const int letter = median(std::move(kept));
  if (median(std::move(gone)) * kSmaller > letter || ink_gone * kShareOfInk > ink) return;
  // A thin stroke as high as letters may be as faint as grain: a slash.
  const int high = median(std::move(heights));
  cv::Mat print_mask(flat.size(), CV_8UC1);
  for (int y = 0; y < flat.rows; ++y) {
    const auto* label = labels.ptr<int>(y);
    auto* out = print_mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < flat.cols; ++x) {
      const auto& mark = marks[static_cast<std::size_t>(label[x])];
      const bool stays =
          label[x] != 0 && (mark.darkest <= *print || (mark.thin() && mark.height() >= high));
      out[x] = stays ? 0 : 255;
    }
  }
  constexpr int kHalo = 13;  // pixels: the soft edge of a letter is part of it
  cv::erode(print_mask, print_mask, cv::getStructuringElement(cv::MORPH_RECT, {kHalo, kHalo}));
  levelled.setTo(255, print_mask);
}

// The image's own bytes where it has no creases: never written to.
cv::Mat gray_of(const Image& image) { return without_folds(to_gray(image), image.dpi_x()); }

Result<Image> level(const cv::Mat& gray, double dpi_x, double dpi_y, const LevelSettings& settings,
                    Levels* used, Background background) {
  cv::Mat smooth;
  if (settings.blur_px > 0 && dpi_x >= settings.blur_min_dpi) {
    // Where the background is followed closely, grain is all that is left of the paper.
    constexpr double kGrain = 1.6;
    const double sigma = settings.blur_px * (background == Background::fine ? kGrain : 1);
    cv::GaussianBlur(gray, smooth, {0, 0}, sigma, sigma, cv::BORDER_REPLICATE);
  } else {
    smooth = gray;
  }
  const cv::Mat flat = divide_background(smooth, background);
  const auto levels = find_levels(flat, settings.clip);
  cv::Mat table(1, 256, CV_8UC1);
  for (int v = 0; v < 256; ++v) {
    table.at<std::uint8_t>(v) =
        static_cast<std::uint8_t>(v >= levels.white ? 255 : v * 255 / levels.white);
  }
  cv::Mat out;
  cv::LUT(flat, table, out);
  if (background == Background::fine) take_mottle_out(flat, levels, out);
  if (used != nullptr) *used = levels;
  return to_image(out, dpi_x, dpi_y);
}

class Level final : public Stage {
 public:
  explicit Level(const LevelSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "level"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    Levels used;
    const cv::Mat gray = gray_of(input);
    const auto levelled = [&](Background background) {
      return level(gray, input.dpi_x(), input.dpi_y(), settings_, &used, background);
    };
    ALIH_TRY(auto image, levelled(Background::coarse));
    // Of faint print the paper's own mottle is as dark as the strokes: it is followed closely.
    constexpr int kFaint = 205;
    const bool fine = used.otsu >= kFaint;
    if (fine) {
      ALIH_TRY(image, levelled(Background::fine));
    }
    Finding finding{"level",
                    {{"otsu", used.otsu}, {"white", used.white}, {"clip", settings_.clip}},
                    1.0,
                    true,
                    fine ? "fine" : ""};
    return Step{std::move(image), {finding}, {}};
  }

 private:
  LevelSettings settings_;
};

}  // namespace

Result<Image> level(const Image& image, const LevelSettings& settings, Levels* used,
                    Background background) {
  return level(gray_of(image), image.dpi_x(), image.dpi_y(), settings, used, background);
}

std::unique_ptr<Stage> make_level(const LevelSettings& settings) {
  return std::make_unique<Level>(settings);
}

}  // namespace alih::processing
