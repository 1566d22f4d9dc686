#include "core/confidence.h"

#include <algorithm>
#include <array>

namespace alih {
namespace {

struct Knot {
  double engine;
  double right;
};
// Isotonic regression (pool adjacent violators) over 15,442 words whose truth is known: 16 pages of
// eight kinds of bench/draw and 31 real scans in six languages, the best whole-page reading of each
// by Tesseract 5.3 with Debian's fast models. A word is right when the truth has it at its place in
// order, or, left over, anywhere. The steps of the regression are joined by straight lines here.
// `bench/ocr` prints what became of it: its table of reliability.
constexpr std::array kKnots{
    Knot{0.00, 0.18},  Knot{0.45, 0.25},   Knot{0.60, 0.39},  Knot{0.70, 0.56},  Knot{0.78, 0.71},
    Knot{0.84, 0.82},  Knot{0.88, 0.86},   Knot{0.91, 0.925}, Knot{0.93, 0.966}, Knot{0.95, 0.974},
    Knot{0.96, 0.989}, Knot{0.965, 0.993}, Knot{0.97, 0.996}, Knot{1.00, 1.00}};

}  // namespace

double chance_right(double engine_confidence) {
  const double c = std::clamp(engine_confidence, 0.0, 1.0);
  const auto above = std::find_if(kKnots.begin() + 1, kKnots.end() - 1,
                                  [&](const Knot& knot) { return c <= knot.engine; });
  const auto& low = *(above - 1);
  return low.right + (above->right - low.right) * (c - low.engine) / (above->engine - low.engine);
}

double share_right(const TextLayer& text) {
  double sum = 0;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& word : line.words) sum += chance_right(word.confidence);
    }
  }
  const int words = text.word_count();
  return words > 0 ? sum / words : 0;
}

double share_right(const Page& page) {
  for (const auto& finding : page.findings) {
    if (finding.name != "text") continue;
    const auto share = finding.numbers.find("share_right");
    if (share != finding.numbers.end()) return share->second;
  }
  return page.reading.confidence;
}

}  // namespace alih
