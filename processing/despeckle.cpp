#include "processing/despeckle.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/pixels.h"

namespace alih::processing {
namespace {

double dpi_of(const Image& image) {
  constexpr double kLeast = 70;
  constexpr double kSheetInches = 11.7;
  return image.dpi_x() >= kLeast ? image.dpi_x()
                                 : std::max(image.width(), image.height()) / kSheetInches;
}

// From this gray level on a pixel is paper. Where print is faint its letters must still have all
// their pixels, or they would be specks themselves. Every fourth row tells.
int paper_level(const Image& image) {
  constexpr int kPaper = 200;
  constexpr int kRows = 4;
  const cv::Mat all = view(image);
  const cv::Mat some(all.rows / kRows, all.cols, CV_8UC1, all.data, all.step * kRows);
  if (some.empty()) return kPaper;
  cv::Mat unused;
  const double otsu = cv::threshold(some, unused, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
  constexpr double kWhite = 255;
  return otsu < kPaper ? kPaper : static_cast<int>((otsu + kWhite) / 2);
}

// How many pixels of ink each square of `side` pixels has; a row or column of part squares counts.
struct Squares {
  int side = 0;
  int columns = 0;
  int rows = 0;
  std::vector<int> ink;
  [[nodiscard]] int at(int column, int row) const {
    if (column < 0 || row < 0 || column >= columns || row >= rows) return 0;
    return ink[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
               static_cast<std::size_t>(column)];
  }
};

Squares count_ink(const Image& image, int side, int paper) {
  Squares out;
  out.side = side;
  out.columns = (image.width() + side - 1) / side;
  out.rows = (image.height() + side - 1) / side;
  out.ink.resize(static_cast<std::size_t>(out.columns) * static_cast<std::size_t>(out.rows));
  std::vector<std::uint16_t> sums(static_cast<std::size_t>(image.width()));
  for (int row = 0; row < out.rows; ++row) {
    std::fill(sums.begin(), sums.end(), std::uint16_t{0});
    const int end = std::min(image.height(), (row + 1) * side);
    for (int y = row * side; y < end; ++y) {
      const auto* pixel = image.row(y);
      for (std::size_t x = 0; x < sums.size(); ++x) {
        sums[x] = static_cast<std::uint16_t>(sums[x] + (pixel[x] < paper ? 1 : 0));
      }
    }
    auto* to =
        out.ink.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(out.columns);
    for (std::size_t x = 0; x < sums.size(); ++x) to[x / static_cast<std::size_t>(side)] += sums[x];
  }
  return out;
}

}  // namespace

Image without_specks(const Image& image, double max_speck_mm, Specks* found) {
  const double dpi = dpi_of(image);
  constexpr double kAroundMm = 1.35;
  const int side = std::max(4, static_cast<int>(std::lround(kAroundMm * dpi / 25.4)));
  const double speck_px = max_speck_mm * dpi / 25.4;
  const int most = static_cast<int>(speck_px * speck_px);
  Specks specks;
  // Below this a full stop of small print is as small as dust.
  constexpr double kLeastDpi = 190;
  if (most < 1 || dpi < kLeastDpi || image.format() != PixelFormat::gray8) {
    if (found != nullptr) *found = specks;
    return image;
  }
  const auto squares = count_ink(image, side, paper_level(image));
  std::vector<std::byte> out;
  for (int row = 0; row < squares.rows; ++row) {
    for (int column = 0; column < squares.columns; ++column) {
      const int here = squares.at(column, row);
      if (here == 0 || here > most) continue;
      // The nine squares together: a speck may lie across several.
      int around = 0;
      for (int r = row - 1; r <= row + 1; ++r) {
        for (int c = column - 1; c <= column + 1; ++c) around += squares.at(c, r);
      }
      if (around > most) continue;
      if (out.empty()) out.assign(image.bytes().begin(), image.bytes().end());
      ++specks.squares;
      specks.pixels += here;
      const int x = column * side;
      const int width = std::min(side, image.width() - x);
      for (int y = row * side; y < std::min(image.height(), (row + 1) * side); ++y) {
        std::memset(
            out.data() + static_cast<std::size_t>(y) * image.stride() + static_cast<std::size_t>(x),
            255, static_cast<std::size_t>(width));
      }
    }
  }
  if (found != nullptr) *found = specks;
  if (out.empty()) return image;
  return Image(image.format(), image.width(), image.height(), std::move(out), image.dpi_x(),
               image.dpi_y());
}

namespace {

class Despeckle final : public Stage {
 public:
  explicit Despeckle(const DespeckleSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::string_view name() const override { return "despeckle"; }
  [[nodiscard]] Result<Step> run(const Image& input, std::stop_token) const override {
    Specks specks;
    const Image gray = input.format() == PixelFormat::gray8
                           ? input
                           : to_image(to_gray(input), input.dpi_x(), input.dpi_y());
    auto image = without_specks(gray, settings_.max_speck_mm, &specks);
    const Finding finding{"despeckle",
                          {{"specks", specks.squares}, {"ink_px", specks.pixels}},
                          1.0,
                          specks.squares > 0,
                          ""};
    return Step{specks.squares > 0 ? std::move(image) : input, {finding}, {}};
  }

 private:
  DespeckleSettings settings_;
};

}  // namespace

std::unique_ptr<Stage> make_despeckle(const DespeckleSettings& settings) {
  return std::make_unique<Despeckle>(settings);
}

}  // namespace alih::processing
