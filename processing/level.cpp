#include "processing/level.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "processing/pixels.h"

namespace alih::processing {

cv::Mat divide_background(const cv::Mat& gray) {
  constexpr double kQuarter = 0.25;
  constexpr int kClosing = 21;
  const auto quarter = [](int side) { return std::max(1, static_cast<int>(side * kQuarter)); };
  cv::Mat small;
  cv::resize(gray, small, {quarter(gray.cols), quarter(gray.rows)}, 0, 0, cv::INTER_AREA);
  const cv::Mat disc = cv::getStructuringElement(cv::MORPH_RECT, {kClosing, kClosing});
  cv::morphologyEx(small, small, cv::MORPH_CLOSE, disc);
  cv::blur(small, small, {kClosing, kClosing});
  cv::Mat background;
  cv::resize(small, background, gray.size(), 0, 0, cv::INTER_LINEAR);
  cv::Mat flat;
  cv::divide(gray, background, flat, 255.0);
  return flat;
}

Levels find_levels(const cv::Mat& flat, double clip) {
  constexpr int kPaper = 245;
  cv::Mat unused;
  const int otsu =
      static_cast<int>(cv::threshold(flat, unused, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU));
  return {otsu, std::clamp(static_cast<int>(std::lround(otsu + clip * (kPaper - otsu))), 1, 255)};
}

Result<Image> level(const Image& image, const LevelSettings& settings, Levels* used) {
  const cv::Mat gray = to_gray(image);  // the image's own bytes: never written to
  cv::Mat smooth;
  if (settings.blur_px > 0 && image.dpi_x() >= settings.blur_min_dpi) {
    cv::GaussianBlur(gray, smooth, {0, 0}, settings.blur_px, settings.blur_px,
                     cv::BORDER_REPLICATE);
  } else {
    smooth = gray;
  }
  const cv::Mat flat = divide_background(smooth);
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
    Finding finding{"level",
                    {{"otsu", used.otsu}, {"white", used.white}, {"clip", settings_.clip}},
                    1.0,
                    true,
                    ""};
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
