#pragma once

#include <memory>

#include "processing/settings.h"
#include "processing/stage.h"

namespace cv {
class Mat;
}  // namespace cv

namespace alih::processing {

struct Levels {
  int otsu = 0;   // threshold between ink and paper after the background is divided out
  int white = 0;  // gray level from which on everything becomes white
};

// How closely the background follows the paper.
enum class Background {
  coarse,  // closing of 21 px at a quarter of the size: print of any size stands
  fine,    // 9 px, hardly more than a stroke is wide: mottled paper goes, a headline's strokes too
};
// Gray over its background: a closing and a blur give the paper's brightness, and dividing by it
// takes shadows, stains and tone out. CV_8UC1.
[[nodiscard]] cv::Mat divide_background(const cv::Mat& gray,
                                        Background background = Background::coarse);
[[nodiscard]] Levels find_levels(const cv::Mat& flat, double clip);
// gray8 of any image, creases and background divided out, white clipped softly: faint ghosts of the
// back page go, faint strokes stay.
[[nodiscard]] Result<Image> level(const Image& image, const LevelSettings& settings,
                                  Levels* used = nullptr,
                                  Background background = Background::coarse);
[[nodiscard]] std::unique_ptr<Stage> make_level(const LevelSettings& settings);

}  // namespace alih::processing
