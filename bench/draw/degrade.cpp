#include "bench/draw/degrade.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <opencv2/imgproc.hpp>

namespace alih::bench {
namespace {

cv::RNG generator(Random& random) { return cv::RNG(random.word()); }

// Smooth noise of mean 0 and standard deviation 1.
cv::Mat spots(Random& random, const cv::Size& size, double spot_px) {
  cv::Mat small(static_cast<int>(size.height / spot_px) + 4,
                static_cast<int>(size.width / spot_px) + 4, CV_32F);
  auto rng = generator(random);
  rng.fill(small, cv::RNG::NORMAL, 0, 1);
  cv::Mat out;
  cv::resize(small, out, size, 0, 0, cv::INTER_CUBIC);
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(out, mean, deviation);
  out.convertTo(out, CV_32F, 1 / deviation[0], -mean[0] / deviation[0]);
  return out;
}

}  // namespace

cv::Mat mottle(Random& random, double depth, double spot_px) {
  const cv::Size size(2480, 3508);
  cv::Mat out = spots(random, size, spot_px);
  cv::scaleAdd(spots(random, size, spot_px / 4), 0.5, out, out);
  out.convertTo(out, CV_32F, depth / 1.12);
  return out;
}

void wear(Random& random, cv::Mat& ink, double depth) {
  cv::Mat strength = spots(random, ink.size(), 260);
  cv::scaleAdd(spots(random, ink.size(), 30), 0.8, strength, strength);
  cv::scaleAdd(spots(random, ink.size(), 5), 0.5, strength, strength);
  strength.convertTo(strength, CV_32F, -depth / 3, 1 - depth / 2);
  cv::min(strength, 1.0, strength);
  cv::max(strength, 0.05, strength);
  cv::multiply(ink, strength, ink);
}

void spread(cv::Mat& ink, double sigma_px) {
  if (sigma_px > 0) cv::GaussianBlur(ink, ink, {}, sigma_px, sigma_px, cv::BORDER_REPLICATE);
}

cv::Mat seen_through(const cv::Mat& back, double blur_px) {
  cv::Mat out;
  cv::flip(back, out, 1);
  spread(out, blur_px);
  return out;
}

void stain(Random& random, cv::Mat& light, int blots, double depth) {
  for (int i = 0; i < blots; ++i) {
    // A circle whose radius wavers; worked out at a quarter of the size.
    constexpr int kScale = 4;
    const int rows = light.rows / kScale;
    const int columns = light.cols / kScale;
    cv::Mat mask(rows, columns, CV_32F, cv::Scalar(0));
    const double x = random.uniform(0, columns);
    const double y = random.uniform(0, rows);
    const double radius = random.uniform(40, 150);
    const double a3 = random.uniform(-0.2, 0.2);
    const double a5 = random.uniform(-0.12, 0.12);
    const double phase = random.uniform(0, 6.28);
    const double strength = depth * random.uniform(0.5, 1);
    for (int r = 0; r < rows; ++r) {
      auto* row = mask.ptr<float>(r);
      for (int c = 0; c < columns; ++c) {
        const double dx = c - x;
        const double dy = r - y;
        const double angle = std::atan2(dy, dx) + phase;
        const double edge = radius * (1 + a3 * std::cos(3 * angle) + a5 * std::sin(5 * angle));
        const double inside = edge - std::hypot(dx, dy);
        if (inside < -3) continue;
        const double body = std::clamp((inside + 3) / 6, 0.0, 1.0) * 0.55;
        const double rim = std::exp(-inside * inside / 40) * 0.45;
        row[c] = static_cast<float>((body + rim) * strength);
      }
    }
    cv::Mat full;
    cv::resize(mask, full, light.size(), 0, 0, cv::INTER_LINEAR);
    cv::subtract(1.0, full, full);
    cv::multiply(light, full, light);
  }
}

void folds(Random& random, cv::Mat& light, int count) {
  for (int i = 0; i < count; ++i) {
    const double y = random.uniform(0.1, 0.9) * light.rows;
    cv::Mat fold(light.size(), CV_32F, cv::Scalar(1));
    cv::line(fold, {0, static_cast<int>(y)},
             {light.cols, static_cast<int>(y + random.uniform(-20, 20))},
             cv::Scalar(random.uniform(0.6, 0.8)), 2, cv::LINE_AA);
    cv::GaussianBlur(fold, fold, {}, 1);
    cv::multiply(light, fold, light);
  }
}

void gutter(cv::Mat& light, double depth, double reach_px) {
  cv::Mat row(1, light.cols, CV_32F);
  for (int x = 0; x < light.cols; ++x) {
    const double far = x / reach_px;
    row.at<float>(0, x) = static_cast<float>(1 - depth * std::exp(-far * far * 1.2));
  }
  cv::Mat full;
  cv::repeat(row, light.rows, 1, full);
  cv::multiply(light, full, light);
}

cv::Mat curled(const cv::Mat& in, double rise_px, double reach_px, double background) {
  cv::Mat map_x(in.size(), CV_32F);
  cv::Mat map_y(in.size(), CV_32F);
  for (int y = 0; y < in.rows; ++y) {
    auto* to_x = map_x.ptr<float>(y);
    auto* to_y = map_y.ptr<float>(y);
    for (int x = 0; x < in.cols; ++x) {
      const double near = std::exp(-x / reach_px);
      // Narrower towards the gutter, and the lines sink there and swell once over the page.
      to_x[x] = static_cast<float>(x + 0.35 * reach_px * near * near - 0.05 * reach_px);
      to_y[x] =
          static_cast<float>(y - rise_px * near + 0.25 * rise_px * std::sin(3.14159 * x / in.cols));
    }
  }
  cv::Mat out;
  cv::remap(in, out, map_x, map_y, cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar(background));
  return out;
}

void sensor_noise(Random& random, cv::Mat& light, double sigma) {
  cv::Mat noise(light.size(), light.type());
  auto rng = generator(random);
  rng.fill(noise, cv::RNG::NORMAL, 0, sigma);
  light += noise;
}

void salt_and_pepper(Random& random, cv::Mat& light, double share) {
  const auto count = static_cast<std::int64_t>(share * static_cast<double>(light.total()));
  auto rng = generator(random);
  for (std::int64_t i = 0; i < count; ++i) {
    const int x = rng.uniform(0, light.cols);
    const int y = rng.uniform(0, light.rows);
    light.at<float>(y, x) = i % 2 == 0 ? 0.0F : 1.0F;
  }
}

}  // namespace alih::bench
