// Stands in the way of what costs most in Tesseract's layout analysis, as fast_lstm_hook.cpp does
// for its network: the same functions, made with whole words of pixels, with the same result to the
// bit; asleep unless a page is being read, and with `verify` compared with the library's own each
// time.
//
// Finding ruling lines opens and closes the whole page with bricks of up to 75 pixels; Leptonica
// shifts the page once for each pixel of a brick. Thresholding looks at each pixel by itself, and
// so do the many questions where in a box there is ink, and how much. Paragraphs are found by
// walking the page from its start for each word, and nobody here asks for them.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include <dlfcn.h>
#include <leptonica/allheaders.h>

#include "ocr/bit_image.h"
#include "ocr/fast_lstm.h"

namespace alih::ocr {
namespace {

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

// void ImageThresholder::ThresholdRectToPix(Image, int channels, const std::vector<int>&
// thresholds, const std::vector<int>& hi_values, Image*) const
#define ALIH_THRESHOLD                                                                     \
  "_ZNK9tesseract16ImageThresholder18ThresholdRectToPixENS_5ImageEiRKSt6vectorIiSaIiEES6_" \
  "PS1_"
// void HistogramRect(Image, int channel, int left, int top, int width, int height, int* histogram)
#define ALIH_HISTOGRAM "_ZN9tesseract13HistogramRectENS_5ImageEiiiiiPi"
// void TessBaseAPI::DetectParagraphs(bool)
#define ALIH_PARAGRAPHS "_ZN9tesseract11TessBaseAPI16DetectParagraphsEb"

using Numbers = std::vector<int>;
using Threshold = void (*)(const void*, Pix*, int, const Numbers&, const Numbers&, Pix**);
using Histogram = void (*)(Pix*, int, int, int, int, int, int*);
using Paragraphs = void (*)(void*, bool);
using Sizes = void (*)(void*, int*, int*, int*, int*, int*, int*);
using Brick = Pix* (*)(Pix*, Pix*, int, int);
using Count = l_ok (*)(Pix*, l_int32*, l_int32*);
using Scan = l_ok (*)(Pix*, Box*, l_int32, l_int32*);

struct DestroyPix {
  void operator()(Pix* image) const { ::pixDestroy(&image); }
};
using OwnedPix = std::unique_ptr<Pix, DestroyPix>;

bool equal(Pix* a, Pix* b) {
  l_int32 same = 0;
  return a != nullptr && b != nullptr && ::pixEqual(a, b, &same) == 0 && same != 0;
}

BitImage bits_of(Pix* image) {
  return {::pixGetData(image), ::pixGetWpl(image), ::pixGetWidth(image), ::pixGetHeight(image)};
}

// One of Leptonica's functions with a brick, into a new picture.
Pix* with_brick(Brick original, void (*own)(BitImage, int, int), Pix* to, Pix* from, int across,
                int down) {
  const auto use = shortcuts_in_use();
  constexpr int kMostBrick = 4096;
  const bool known = use.layout && to == nullptr && from != nullptr && ::pixGetDepth(from) == 1 &&
                     across >= 1 && down >= 1 && across <= kMostBrick && down <= kMostBrick &&
                     across * down > 1 && ::pixGetWidth(from) > 0 && ::pixGetHeight(from) > 0;
  if (!known) return original(to, from, across, down);
  Pix* const out = ::pixCopy(nullptr, from);
  if (out == nullptr) return nullptr;
  own(bits_of(out), across, down);
  if (use.compare) {
    const OwnedPix theirs(original(nullptr, from, across, down));
    if (!equal(out, theirs.get())) count_layout_difference();
  }
  return out;
}

}  // namespace

void link_layout_hook() {}

extern "C" {
// NOLINTBEGIN: the names are the libraries'
__attribute__((visibility("default"))) void alih_threshold(const void* thresholder, Pix* from,
                                                           int channels, const Numbers& thresholds,
                                                           const Numbers& hi_values,
                                                           Pix** to) __asm__(ALIH_THRESHOLD);
__attribute__((visibility("default"))) void alih_histogram(Pix* image, int channel, int left,
                                                           int top, int width, int height,
                                                           int* counts) __asm__(ALIH_HISTOGRAM);
__attribute__((visibility("default"))) void alih_paragraphs(void* api, bool after_text) __asm__(
    ALIH_PARAGRAPHS);

__attribute__((visibility("default"))) PIX* pixErodeBrick(PIX* to, PIX* from, l_int32 across,
                                                          l_int32 down) {
  static const auto original = next<Brick>("pixErodeBrick");
  return with_brick(original, erode, to, from, across, down);
}
__attribute__((visibility("default"))) PIX* pixDilateBrick(PIX* to, PIX* from, l_int32 across,
                                                           l_int32 down) {
  static const auto original = next<Brick>("pixDilateBrick");
  return with_brick(original, dilate, to, from, across, down);
}
__attribute__((visibility("default"))) PIX* pixOpenBrick(PIX* to, PIX* from, l_int32 across,
                                                         l_int32 down) {
  static const auto original = next<Brick>("pixOpenBrick");
  return with_brick(original, open, to, from, across, down);
}
__attribute__((visibility("default"))) PIX* pixCloseBrick(PIX* to, PIX* from, l_int32 across,
                                                          l_int32 down) {
  static const auto original = next<Brick>("pixCloseBrick");
  return with_brick(original, close, to, from, across, down);
}
__attribute__((visibility("default"))) l_ok pixCountPixels(PIX* image, l_int32* count,
                                                           l_int32* table) {
  static const auto original = next<Count>("pixCountPixels");
  const auto use = shortcuts_in_use();
  const bool known =
      use.layout && image != nullptr && count != nullptr && ::pixGetDepth(image) == 1;
  if (!known) return original(image, count, table);
  *count = count_black(bits_of(image));
  if (use.compare) {
    l_int32 theirs = 0;
    if (original(image, &theirs, table) != 0 || theirs != *count) count_layout_difference();
  }
  return 0;
}
__attribute__((visibility("default"))) l_ok pixScanForForeground(PIX* image, BOX* box, l_int32 from,
                                                                 l_int32* at) {
  static const auto original = next<Scan>("pixScanForForeground");
  const auto use = shortcuts_in_use();
  l_int32 x = 0;
  l_int32 y = 0;
  l_int32 width = 0;
  l_int32 height = 0;
  const bool known = use.layout && image != nullptr && box != nullptr && at != nullptr &&
                     from >= L_FROM_LEFT && from <= L_FROM_BOT && ::pixGetDepth(image) == 1 &&
                     ::boxGetGeometry(box, &x, &y, &width, &height) == 0;
  const Part part{std::max(0, x), std::max(0, y),
                  known ? std::min(x + width, ::pixGetWidth(image)) : 0,
                  known ? std::min(y + height, ::pixGetHeight(image)) : 0};
  // What is outside of the picture, or nothing, is refused: in its own words.
  if (!known || part.left >= part.right || part.top >= part.bottom) {
    return original(image, box, from, at);
  }
  constexpr std::array kSides{Side::left, Side::right, Side::top, Side::bottom};
  const int found =
      first_black(bits_of(image), part, kSides.at(static_cast<std::size_t>(from - L_FROM_LEFT)));
  *at = std::max(0, found);
  if (use.compare) {
    l_int32 theirs = 0;
    const bool none = original(image, box, from, &theirs) != 0;
    if (none != (found < 0) || theirs != *at) count_layout_difference();
  }
  return found < 0 ? 1 : 0;
}
// NOLINTEND

void alih_threshold(const void* thresholder, Pix* from, int channels, const Numbers& thresholds,
                    const Numbers& hi_values, Pix** to) {
  static const auto original = next<Threshold>(ALIH_THRESHOLD);
  static const auto sizes =
      next<Sizes>("_ZN9tesseract16ImageThresholder13GetImageSizesEPiS1_S1_S1_S1_S1_");
  const auto use = shortcuts_in_use();
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
  int image_width = 0;
  int image_height = 0;
  if (use.layout && sizes != nullptr) {
    sizes(const_cast<void*>(thresholder), &left, &top, &width, &height, &image_width,
          &image_height);
  }
  // The whole page in gray, as we give it.
  const bool known = width > 0 && left == 0 && top == 0 && channels == 1 &&
                     thresholds.size() == 1 && hi_values.size() == 1 && hi_values[0] >= 0 &&
                     thresholds[0] >= 0 && thresholds[0] <= 255 && ::pixGetDepth(from) == 8 &&
                     ::pixGetWidth(from) == width && ::pixGetHeight(from) == height;
  if (!known) return original(thresholder, from, channels, thresholds, hi_values, to);
  Pix* const out = ::pixCreate(width, height, 1);
  if (out == nullptr) return original(thresholder, from, channels, thresholds, hi_values, to);
  ::pixSetResolution(out, ::pixGetXRes(from), ::pixGetYRes(from));
  for (int y = 0; y < height; ++y) {
    threshold_row(::pixGetData(from) + static_cast<std::ptrdiff_t>(y) * ::pixGetWpl(from), width,
                  thresholds[0], hi_values[0] == 0 ? false : true,
                  ::pixGetData(out) + static_cast<std::ptrdiff_t>(y) * ::pixGetWpl(out));
  }
  if (use.compare) {
    Pix* theirs = nullptr;
    original(thresholder, from, channels, thresholds, hi_values, &theirs);
    const OwnedPix owned(theirs);
    if (!equal(out, theirs)) count_layout_difference();
  }
  *to = out;
}

void alih_histogram(Pix* image, int channel, int left, int top, int width, int height,
                    int* counts) {
  static const auto original = next<Histogram>(ALIH_HISTOGRAM);
  const auto use = shortcuts_in_use();
  const bool known = use.layout && image != nullptr && ::pixGetDepth(image) == 8 && channel == 0 &&
                     left == 0 && top >= 0 && width == ::pixGetWidth(image) && height > 0 &&
                     top + height <= ::pixGetHeight(image);
  if (!known) return original(image, channel, left, top, width, height, counts);
  std::array<std::uint32_t, 1024> found{};
  for (int y = top; y < top + height; ++y) {
    count_row(::pixGetData(image) + static_cast<std::ptrdiff_t>(y) * ::pixGetWpl(image), width,
              found);
  }
  constexpr std::size_t kValues = 256;
  for (std::size_t i = 0; i < kValues; ++i) {
    counts[i] = static_cast<int>(found[i] + found[256 + i] + found[512 + i] + found[768 + i]);
  }
  if (use.compare) {
    std::array<int, kValues> theirs{};
    original(image, channel, left, top, width, height, theirs.data());
    if (std::memcmp(theirs.data(), counts, sizeof theirs) != 0) count_layout_difference();
  }
}

void alih_paragraphs(void* api, bool after_text) {
  static const auto original = next<Paragraphs>(ALIH_PARAGRAPHS);
  if (!shortcuts_in_use().words_only) original(api, after_text);
}
}

}  // namespace alih::ocr
