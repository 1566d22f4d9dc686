#include "processing/level.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "processing/pixels.h"

namespace alih::processing {

cv::Mat divide_background(const cv::Mat& gray, Background background) {
  constexpr double kQuarter = 0.25;
  const int closing = background == Background::fine ? 9 : 21;
  const auto quarter = [](int side) { return std::max(1, static_cast<int>(side * kQuarter)); };
  cv::Mat small;
  cv::resize(gray, small, {quarter(gray.cols), quarter(gray.rows)}, 0, 0, cv::INTER_AREA);
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

Result<Image> level(const Image& image, const LevelSettings& settings, Levels* used,
                    Background background) {
  const cv::Mat gray = to_gray(image);  // the image's own bytes: never written to
  cv::Mat smooth;
  if (settings.blur_px > 0 && image.dpi_x() >= settings.blur_min_dpi) {
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
  if (used != nullptr) *used = levels;
  return to_image(out, image.dpi_x(), image.dpi_y());
}

namespace {

class Level final : public Stage {
 public:
  explicit Level(const LevelSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "level"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    Levels used;
    ALIH_TRY(auto image, level(input, settings_, &used));
    // Of faint print the paper's own mottle is as dark as the strokes: it is followed closely.
    constexpr int kFaint = 205;
    const bool fine = used.otsu >= kFaint;
    if (fine) {
      ALIH_TRY(image, level(input, settings_, &used, Background::fine));
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

std::unique_ptr<Stage> make_level(const LevelSettings& settings) {
  return std::make_unique<Level>(settings);
}

}  // namespace alih::processing
