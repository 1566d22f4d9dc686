#include "processing/layers.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "processing/guarded.h"
#include "processing/level.h"
#include "processing/pix.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

constexpr double kAssumedDpi = 300;
// Paper and pictures are looked at in this resolution.
constexpr double kCoarseDpi = 75;
// Of a page whose paper was divided out: what paper is about, and the lightest ink and the lightest
// tone of a picture.
constexpr int kPaper = 250;
constexpr int kLightestInk = 200;
constexpr int kLightestTone = 215;

double dpi_of(const Image& image) {
  const double dpi = std::max(image.dpi_x(), image.dpi_y());
  if (dpi <= 0) return kAssumedDpi;
  // Cameras and programs write 72 or 96 into everything: then it is taken for a sheet of A4.
  constexpr double kDoubtful = 100;
  constexpr double kSheetInches = 11.7;
  const double guess = std::max(image.width(), image.height()) / kSheetInches;
  return dpi < kDoubtful ? std::clamp(guess, dpi, kAssumedDpi) : dpi;
}

// That many pixels of a page of 300 dpi, here; odd, as kernels are.
int odd(double pixels_at_300, double dpi) {
  return static_cast<int>(pixels_at_300 * dpi / kAssumedDpi / 2) * 2 + 1;
}

cv::Mat box(int side) { return cv::getStructuringElement(cv::MORPH_RECT, {side, side}); }

cv::Mat scaled(const cv::Mat& in, double scale) {
  const cv::Size size(std::max(1, static_cast<int>(std::lround(in.cols * scale))),
                      std::max(1, static_cast<int>(std::lround(in.rows * scale))));
  cv::Mat out;
  cv::resize(in, out, size, 0, 0, cv::INTER_AREA);
  return out;
}

// The paper's brightness, of one channel or three. Unlike the background that level() divides by it
// keeps the edges of large dark things: a blurred one makes the rim of a photograph look like ink.
cv::Mat paper_of(const cv::Mat& coarse) {
  constexpr int kWidestStroke = 21;  // 7 mm
  cv::Mat out;
  cv::morphologyEx(coarse, out, cv::MORPH_CLOSE, box(kWidestStroke), {-1, -1}, 1,
                   cv::BORDER_REPLICATE);
  cv::blur(out, out, {3, 3});
  return out;
}

// What the brighter parts of the page have.
int bright_of(const cv::Mat& paper) {
  std::vector<std::uint8_t> levels(paper.begin<std::uint8_t>(), paper.end<std::uint8_t>());
  const auto bright = levels.begin() + static_cast<std::ptrdiff_t>(levels.size() * 9 / 10);
  std::nth_element(levels.begin(), bright, levels.end());
  return *bright;
}
// "Paper" darker than this share of it is a picture or a bar; a stain is lighter.
constexpr double kSolid = 0.55;

struct Ink {
  cv::Mat flat;        // the page, its paper divided out
  cv::Mat candidates;  // 255 = darker than about the middle between the ink around and paper
  int strong = 0;      // of connected candidates one pixel must be as dark as this
};

// Each stroke is cut at about half of its own depth, so thin and faint letters keep their width. A
// stroke none of whose pixels is dark on this page's scale is no ink: print shining through,
// shadows.
Ink find_ink(const cv::Mat& gray, const cv::Mat& paper, double dpi) {
  Ink out;
  cv::Mat smooth;
  constexpr double kBlurFrom = 250;
  if (dpi >= kBlurFrom) {
    constexpr double kSigma = 0.8;
    cv::GaussianBlur(gray, smooth, {5, 5}, kSigma, kSigma, cv::BORDER_REPLICATE);
  } else {
    smooth = gray;
  }
  cv::Mat full;
  cv::resize(paper, full, gray.size(), 0, 0, cv::INTER_LINEAR);
  cv::divide(smooth, full, out.flat, kPaper);
  const auto levels = find_levels(out.flat, 0);
  constexpr double kBeyondOtsu = 0.3;
  constexpr int kDarkest = 90;
  out.strong = std::clamp(static_cast<int>(levels.otsu + kBeyondOtsu * (kPaper - levels.otsu)),
                          kDarkest, kLightestInk - 5);
  // The darkest around, over the width of a letter.
  cv::Mat around;
  cv::erode(out.flat, around, box(odd(40, dpi)));
  cv::blur(around, around, {odd(20, dpi), odd(20, dpi)});
  cv::Mat table(1, 256, CV_8UC1);
  constexpr int kLeastDepth = 50;
  constexpr int kPerMille = 570;  // a little above the middle: hairlines beside thick strokes
  for (int v = 0; v < 256; ++v) {
    const int middle =
        kPaper - v < kLeastDepth ? 0 : std::min(v + (kPaper - v) * kPerMille / 1000, kLightestInk);
    table.at<std::uint8_t>(v) = static_cast<std::uint8_t>(middle);
  }
  cv::LUT(around, table, around);
  cv::compare(out.flat, around, out.candidates, cv::CMP_LT);
  return out;
}

// Printed photographs, whose dots are ink on paper: Leptonica's search, at 150 dpi. Coarse, 255.
cv::Mat halftones(const cv::Mat& candidates, double dpi, cv::Size coarse) {
  setMsgSeverity(L_SEVERITY_NONE);
  constexpr double kSearchDpi = 150;
  cv::Mat out = cv::Mat::zeros(coarse, CV_8UC1);
  const cv::Mat half = scaled(candidates, std::min(1.0, kSearchDpi / dpi));
  const auto pix = to_pix(half, 127);
  if (!pix) return out;
  l_int32 found = 0;
  const Pix mask(pixGenerateHalftoneMask(pix.get(), nullptr, &found, nullptr));
  if (!mask || found == 0) return out;
  // Leptonica's mask can be smaller than what it was made of.
  cv::Mat bytes = cv::Mat::zeros(half.size(), CV_8UC1);
  const int rows = std::min<int>(half.rows, pixGetHeight(mask.get()));
  const int columns = std::min<int>(half.cols, pixGetWidth(mask.get()));
  for (int y = 0; y < rows; ++y) {
    const auto* line =
        pixGetData(mask.get()) + static_cast<std::ptrdiff_t>(y) * pixGetWpl(mask.get());
    for (int x = 0; x < columns; ++x) {
      bytes.at<std::uint8_t>(y, x) = (line[x / 32] >> (31 - x % 32) & 1U) != 0 ? 255 : 0;
    }
  }
  cv::resize(bytes, out, coarse, 0, 0, cv::INTER_NEAREST);
  return out;
}

// 255 where a photograph or another large toned thing is; in the coarse resolution.
cv::Mat find_pictures(const Ink& ink, const cv::Mat& paper, double dpi) {
  const auto size = paper.size();
  // Tones between ink and paper that are not the soft edge of a stroke: text has next to none.
  cv::Mat near;
  cv::dilate(ink.candidates, near, box(odd(7, dpi)));
  cv::Mat tones = ink.flat < kLightestTone;
  tones.setTo(0, near);
  cv::Mat share;
  cv::resize(tones, share, size, 0, 0, cv::INTER_AREA);
  constexpr int kAround = 15;  // 5 mm
  cv::blur(share, share, {kAround, kAround});
  cv::Mat out = share > 0.3 * 255;
  // Ink nearly without paper between.
  cv::resize(ink.candidates, share, size, 0, 0, cv::INTER_AREA);
  cv::blur(share, share, {kAround, kAround});
  out |= share > 0.75 * 255;
  // Dark and larger than any stroke.
  out |= paper < kSolid * bright_of(paper);
  out |= halftones(ink.candidates, dpi, size);
  cv::morphologyEx(out, out, cv::MORPH_CLOSE, box(11));
  cv::morphologyEx(out, out, cv::MORPH_OPEN, box(15));
  cv::dilate(out, out, box(9));
  return out;
}

// 255 where ink has another colour than most of it; at half of the page's size. Each channel's own
// paper is divided out, so brown ink on brown paper is black.
cv::Mat find_other_colors(const cv::Mat& rgb, const cv::Mat& candidates) {
  const cv::Mat half = scaled(rgb, 0.5);
  cv::Mat paper = paper_of(scaled(rgb, 0.25));
  cv::resize(paper, paper, half.size(), 0, 0, cv::INTER_LINEAR);
  cv::Mat flat;
  cv::divide(half, paper, flat, kPaper);
  cv::blur(flat, flat, {3, 3});
  const cv::Mat ink = scaled(candidates, 0.5) > 127;
  std::vector<int> red;
  std::vector<int> blue;
  for (int y = 0; y < flat.rows; ++y) {
    for (int x = 0; x < flat.cols; ++x) {
      if (ink.at<std::uint8_t>(y, x) == 0) continue;
      const auto& p = flat.at<cv::Vec3b>(y, x);
      red.push_back(p[0] - p[1]);
      blue.push_back(p[2] - p[1]);
    }
  }
  cv::Mat out = cv::Mat::zeros(flat.size(), CV_8UC1);
  if (red.empty()) return out;
  const auto median = [](std::vector<int>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  };
  const int usual_red = median(red);
  const int usual_blue = median(blue);
  constexpr int kOther = 45;
  for (int y = 0; y < flat.rows; ++y) {
    for (int x = 0; x < flat.cols; ++x) {
      const auto& p = flat.at<cv::Vec3b>(y, x);
      const int away =
          std::max(std::abs(p[0] - p[1] - usual_red), std::abs(p[2] - p[1] - usual_blue));
      if (away > kOther) out.at<std::uint8_t>(y, x) = 255;
    }
  }
  return out;
}

// One connected stroke or letter.
struct Piece {
  int area = 0;
  int other = 0;    // of another colour
  int picture = 0;  // in a picture
  bool strong = false;
  int darkest = 255;
  int left = INT_MAX;  // its bounding box
  int right = 0;
  int top = INT_MAX;
  int bottom = 0;
};

// Light, and wider than a stroke: where stains overlap, a shadow.
bool is_blot(const Piece& piece, int ink, double dpi) {
  constexpr double kStroke = 20;  // pixels at 300 dpi
  constexpr double kFilled = 0.5;
  const double width = piece.right - piece.left + 1;
  const double height = piece.bottom - piece.top + 1;
  constexpr double kLight = 0.4;
  return piece.darkest > ink + kLight * (kPaper - ink) &&
         std::min(width, height) > kStroke * dpi / kAssumedDpi &&
         piece.area > kFilled * width * height;
}

// How dark most of it is, without the soft edges of strokes: of five candidates one is darker.
int usual_ink(const Ink& ink) {
  std::array<std::size_t, 256> counts{};
  std::size_t total = 0;
  for (int y = 0; y < ink.flat.rows; ++y) {
    const auto* flat = ink.flat.ptr<std::uint8_t>(y);
    const auto* candidate = ink.candidates.ptr<std::uint8_t>(y);
    for (int x = 0; x < ink.flat.cols; ++x) {
      if (candidate[x] == 0) continue;
      ++counts[flat[x]];
      ++total;
    }
  }
  std::size_t below = 0;
  for (std::size_t v = 0; v < counts.size(); ++v) {
    below += counts.at(v);
    if (below * 5 >= total) return static_cast<int>(v);
  }
  return 0;
}

struct Kept {
  cv::Mat mask;     // 255 = ink
  double left = 0;  // share of the page: ink that stays in the background
};

// Decides on whole pieces, so that no letter is half in one layer: a piece of a photograph or a
// stamp stays behind, a speck does too.
Kept keep_ink(const Ink& ink, const cv::Mat& pictures, const cv::Mat& other, double dpi) {
  cv::Mat labels;
  const int count = cv::connectedComponents(ink.candidates, labels, 8, CV_32S);
  std::vector<Piece> pieces(static_cast<std::size_t>(count));
  const auto at = [&](const cv::Mat& map, int y, int x) {
    if (map.empty()) return false;
    const int row = std::min(y * map.rows / labels.rows, map.rows - 1);
    const int column = std::min(x * map.cols / labels.cols, map.cols - 1);
    return map.at<std::uint8_t>(row, column) != 0;
  };
  for (int y = 0; y < labels.rows; ++y) {
    const auto* label = labels.ptr<int>(y);
    const auto* flat = ink.flat.ptr<std::uint8_t>(y);
    for (int x = 0; x < labels.cols; ++x) {
      if (label[x] == 0) continue;
      auto& piece = pieces[static_cast<std::size_t>(label[x])];
      ++piece.area;
      if (flat[x] < ink.strong) piece.strong = true;
      piece.darkest = std::min<int>(piece.darkest, flat[x]);
      piece.left = std::min(piece.left, x);
      piece.right = std::max(piece.right, x);
      piece.top = std::min(piece.top, y);
      piece.bottom = y;
      if (at(other, y, x)) ++piece.other;
      if (at(pictures, y, x)) ++piece.picture;
    }
  }
  const int usual = usual_ink(ink);
  constexpr double kSpeck = 9;  // pixels at 300 dpi; the dot of a small i has more
  const double speck = kSpeck * dpi * dpi / kAssumedDpi / kAssumedDpi;
  Kept out{cv::Mat::zeros(labels.size(), CV_8UC1), 0};
  double left = 0;
  for (int y = 0; y < labels.rows; ++y) {
    const auto* label = labels.ptr<int>(y);
    auto* to = out.mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < labels.cols; ++x) {
      if (label[x] == 0) continue;
      const auto& piece = pieces[static_cast<std::size_t>(label[x])];
      if (!piece.strong || piece.area < speck || is_blot(piece, usual, dpi)) continue;
      // A letter under a stamp is kept but for what has the stamp's colour.
      const bool behind =
          piece.picture * 2 > piece.area || piece.other * 2 > piece.area || at(other, y, x);
      if (behind)
        ++left;
      else
        to[x] = 255;
    }
  }
  out.left = left / static_cast<double>(labels.total());
  return out;
}

Image packed(const cv::Mat& mask, const Image& like) {
  const auto stride = Image::stride_for(PixelFormat::bilevel, mask.cols);
  std::vector<std::byte> out(stride * static_cast<std::size_t>(mask.rows));
  for (int y = 0; y < mask.rows; ++y) {
    const auto* row = mask.ptr<std::uint8_t>(y);
    auto* to = out.data() + stride * static_cast<std::size_t>(y);
    for (int x = 0; x < mask.cols; ++x) {
      if (row[x] != 0) to[x / 8] |= static_cast<std::byte>(0x80U >> (static_cast<unsigned>(x) % 8));
    }
  }
  return Image(PixelFormat::bilevel, mask.cols, mask.rows, std::move(out), like.dpi_x(),
               like.dpi_y());
}

// The middle value of each channel over the masked pixels.
std::array<std::uint8_t, 3> color_of(const cv::Mat& page, const cv::Mat& mask) {
  std::array<std::array<std::size_t, 256>, 3> counts{};
  const int channels = page.channels();
  std::size_t total = 0;
  for (int y = 0; y < page.rows; ++y) {
    const auto* row = page.ptr<std::uint8_t>(y);
    const auto* ink = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < page.cols; ++x) {
      if (ink[x] == 0) continue;
      ++total;
      for (int c = 0; c < 3; ++c) {
        ++counts.at(static_cast<std::size_t>(c))[row[x * channels + std::min(c, channels - 1)]];
      }
    }
  }
  std::array<std::uint8_t, 3> out{};
  for (std::size_t c = 0; c < out.size(); ++c) {
    std::size_t below = 0;
    for (std::size_t v = 0; v < 256; ++v) {
      below += counts.at(c).at(v);
      if (below * 2 >= total) {
        out.at(c) = static_cast<std::uint8_t>(v);
        break;
      }
    }
  }
  return out;
}

// The page without its ink, smaller. Each of its pixels is the average of what is paper there;
// where all is ink the paper around is carried over, from as near as there is any.
cv::Mat without_ink(const cv::Mat& page, const cv::Mat& mask, double scale, double dpi) {
  // The soft edge of a letter is ink too.
  cv::Mat covered;
  cv::dilate(mask, covered, box(odd(7, dpi)));
  cv::Mat paper = page.clone();
  paper.setTo(cv::Scalar::all(0), covered);
  const cv::Mat free = ~covered;
  cv::Mat sum;
  cv::Mat weight;
  scaled(paper, scale).convertTo(sum, CV_32F);
  scaled(free, scale).convertTo(weight, CV_32F, 1.0 / 255);
  const int channels = page.channels();
  const auto divided = [&](const cv::Mat& total, const cv::Mat& by) {
    cv::Mat many;
    cv::merge(std::vector<cv::Mat>(static_cast<std::size_t>(channels), by), many);
    cv::Mat out;
    cv::divide(total, many, out);
    return out;
  };
  constexpr double kEnough = 0.2;  // below this the sum's rounding shows
  cv::Mat open = weight < kEnough;
  cv::Mat out = divided(sum, cv::max(weight, kEnough));
  sum.setTo(cv::Scalar::all(0), open);
  weight.setTo(0, open);
  const int longest = std::max(out.cols, out.rows);
  for (int around = 3; cv::countNonZero(open) > 0; around = around * 2 + 1) {
    cv::Mat near_sum;
    cv::Mat near_weight;
    cv::boxFilter(sum, near_sum, -1, {around, around});
    cv::boxFilter(weight, near_weight, -1, {around, around});
    constexpr double kSome = 1e-3;
    const cv::Mat filled = open & (near_weight > kSome);
    divided(near_sum, cv::max(near_weight, kSome)).copyTo(out, filled);
    open.setTo(0, filled);
    if (around > longest * 2) break;
  }
  out.setTo(cv::Scalar::all(kPaper), open);  // a page of ink only
  return out;
}

// Grain of the paper out, which costs most of a JPEG's bytes and is nothing to read; what stands
// out more than grain does, and pictures, stay.
void calm(cv::Mat& background, const cv::Mat& pictures, double dpi) {
  constexpr double kSigmaInches = 0.03;
  cv::Mat soft;
  cv::GaussianBlur(background, soft, {0, 0}, std::max(0.5, kSigmaInches * dpi));
  cv::Mat keep;
  cv::resize(pictures, keep, background.size(), 0, 0, cv::INTER_NEAREST);
  const int channels = background.channels();
  constexpr float kGrain = 7;
  constexpr float kDetail = 14;
  for (int y = 0; y < background.rows; ++y) {
    auto* row = background.ptr<float>(y);
    const auto* calm_row = soft.ptr<float>(y);
    const auto* picture = keep.ptr<std::uint8_t>(y);
    for (int x = 0; x < background.cols; ++x) {
      if (picture[x] != 0) continue;
      float away = 0;
      for (int c = x * channels; c < (x + 1) * channels; ++c) {
        away = std::max(away, std::abs(row[c] - calm_row[c]));
      }
      const float share = std::clamp((away - kGrain) / (kDetail - kGrain), 0.0F, 1.0F);
      for (int c = x * channels; c < (x + 1) * channels; ++c) {
        row[c] = calm_row[c] + share * (row[c] - calm_row[c]);
      }
    }
  }
}

// Whether a much smaller picture shows the same: steps between its pixels that nobody sees.
bool is_even(const cv::Mat& small) {
  constexpr double kUnseen = 2;
  double most = 0;
  for (const auto& shift : {cv::Point(1, 0), cv::Point(0, 1)}) {
    if (small.cols <= shift.x || small.rows <= shift.y) continue;
    const cv::Size size(small.cols - shift.x, small.rows - shift.y);
    most = std::max(
        most, cv::norm(small(cv::Rect({0, 0}, size)), small(cv::Rect(shift, size)), cv::NORM_INF));
  }
  return most <= kUnseen;
}

Result<Layers> split(const Image& access, const LayersSettings& settings) {
  cv::setNumThreads(1);  // pages run side by side, each in a process of its own
  const Image plain = to_8bit(access);
  const cv::Mat page = view(plain);
  const cv::Mat gray = to_gray(plain);
  const double dpi = dpi_of(plain);
  const cv::Mat paper = paper_of(scaled(gray, std::min(1.0, kCoarseDpi / dpi)));
  const auto ink = find_ink(gray, paper, dpi);
  const cv::Mat pictures = find_pictures(ink, paper, dpi);
  const cv::Mat other = page.channels() == 3 ? find_other_colors(page, ink.candidates) : cv::Mat();
  const auto kept = keep_ink(ink, pictures, other, dpi);
  Layers out;
  if (cv::countNonZero(kept.mask) > 0) {
    out.mask = packed(kept.mask, plain);
    out.ink = color_of(page, kept.mask);
  }
  constexpr double kWorthPixels = 0.0005;
  const bool pictured = kept.left > kWorthPixels || cv::countNonZero(pictures) > 0;
  const double wanted =
      std::min<double>(dpi, pictured ? std::max(settings.picture_dpi, settings.background_dpi)
                                     : settings.background_dpi);
  cv::Mat background = without_ink(page, kept.mask, wanted / dpi, dpi);
  calm(background, pictures, wanted);
  double background_dpi = wanted;
  constexpr double kEvenShare = 0.25;
  const cv::Mat smaller = scaled(background, kEvenShare);
  if (is_even(smaller)) {
    background = smaller;
    background_dpi = wanted * kEvenShare;
  }
  cv::Mat bytes;
  background.convertTo(bytes, CV_8U);
  out.background = to_image(bytes, background_dpi, background_dpi);
  return out;
}

}  // namespace

Result<Layers> layers(const Image& access, const LayersSettings& settings) {
  return guarded<Layers>([&] { return split(access, settings); });
}

Result<Image> black_and_white(const Image& access) {
  return guarded<Image>([&]() -> Result<Image> {
    cv::setNumThreads(1);
    if (access.format() == PixelFormat::bilevel) return access;
    const cv::Mat gray = to_gray(access);
    const double dpi = dpi_of(access);
    const cv::Mat paper = paper_of(scaled(gray, std::min(1.0, kCoarseDpi / dpi)));
    auto ink = find_ink(gray, paper, dpi);
    // What is dark and larger than any stroke divides to white.
    cv::Mat dark;
    const int bright = bright_of(paper);
    cv::resize(paper, dark, gray.size(), 0, 0, cv::INTER_LINEAR);
    const cv::Mat solid = (dark < kSolid * bright) & (gray < kSolid * bright);
    ink.candidates |= solid;
    ink.flat.setTo(0, solid);
    return packed(keep_ink(ink, {}, {}, dpi).mask, access);
  });
}

}  // namespace alih::processing
