#pragma once

#include <opencv2/core.hpp>

#include "bench/draw/random.h"

namespace alih::bench {

// What paper, ink, glass and sensor do to a page. All pictures are CV_32F of the page's size. Ink
// is 0 to 1; light is 0 = black to 1 = white.

// Mottled light of paper: several sizes of spots; `depth` is their standard deviation.
[[nodiscard]] cv::Mat mottle(Random& random, double depth, double spot_px);
// Ink that is weaker in places and at places bitten, as from a worn ribbon. depth 0 to 1.
void wear(Random& random, cv::Mat& ink, double depth);
void spread(cv::Mat& ink, double sigma_px);  // blur of ink or lens
// What is printed on the back, seen through: mirrored, blurred.
[[nodiscard]] cv::Mat seen_through(const cv::Mat& back, double blur_px);
// Blots with a dark rim, as from water or coffee, and a few folds; light is multiplied.
void stain(Random& random, cv::Mat& light, int blots, double depth);
void folds(Random& random, cv::Mat& light, int count);
// Darkness at the left edge, as in the gutter of a thick book. depth: what is lost at the edge.
void gutter(cv::Mat& light, double depth, double reach_px);
// The lines bend towards the gutter and the letters narrow there.
[[nodiscard]] cv::Mat curled(const cv::Mat& in, double rise_px, double reach_px, double background);
void sensor_noise(Random& random, cv::Mat& light, double sigma);
void salt_and_pepper(Random& random, cv::Mat& light, double share);

}  // namespace alih::bench
