#include "pipeline/orientation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "pipeline/worth.h"
#include "processing/orient.h"
#include "processing/parts.h"
#include "processing/prepare.h"

namespace alih::pipeline {
namespace {

constexpr int kAssumedDpi = 300;
constexpr int kLeastDpi = 70;
constexpr int kQuarter = 90;
constexpr int kFull = 360;

double rounded(double value) { return std::round(value * 1000) / 1000; }

}  // namespace

Turn find_turn(ocr::Engine& engine, const Image& scanned, const processing::Settings& settings) {
  Turn out;
  out.finding = {std::string(kOrientationFinding), {}, 0, false, "unsure"};
  const double dpi = scanned.dpi_x() >= kLeastDpi ? scanned.dpi_x() : kAssumedDpi;
  constexpr double kSideInches = 3.4;
  constexpr int kLeastMarks = 25;
  const auto print =
      processing::densest_print(scanned, static_cast<int>(std::lround(dpi * kSideInches)));
  if (print.marks < kLeastMarks) return out;
  const auto part = processing::cut_out(scanned, print.box, 0);
  if (!part) return out;
  // Straight and clean like the page itself, but each way on its own: a sideways page has its skew
  // where the page as it lies seems to have none.
  auto how = settings;
  how.stages = {"deskew", "level"};
  struct Way {
    double worth = 0;
    double confidence = 0;
    int letters = 0;
  };
  std::array<Way, kTagOfTurn.size()> ways;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    const auto prepared = processing::prepare(*part, kTagOfTurn.at(i), how, {});
    if (!prepared) return out;
    const auto text =
        engine.read(prepared->reading, {static_cast<int>(std::lround(dpi)), false, false});
    if (!text) return out;
    if (!lies_on_side(*text)) {
      ways.at(i) = {worth_of(*text), text->mean_confidence(), letters_of(*text)};
    }
    const auto name = std::to_string(i * kQuarter);
    out.finding.numbers["confidence_" + name] = rounded(ways.at(i).confidence);
    out.finding.numbers["letters_" + name] = ways.at(i).letters;
  }
  const auto best = std::max_element(ways.begin(), ways.end(),
                                     [](const Way& a, const Way& b) { return a.worth < b.worth; });
  double next = 0;
  for (const auto& way : ways) {
    if (&way != &*best) next = std::max(next, way.worth);
  }
  constexpr double kLeastConfidence = 0.7;
  constexpr int kLeastLetters = 20;
  constexpr double kBetter = 2;
  const bool sure = best->confidence >= kLeastConfidence && best->letters >= kLeastLetters &&
                    best->worth >= kBetter * next;
  if (!sure) return out;
  out.degrees = static_cast<int>(best - ways.begin()) * kQuarter;
  out.finding.confidence = rounded(best->confidence * (1 - next / best->worth));
  out.finding.numbers["turned_deg"] = out.degrees;
  out.finding.note = out.degrees == 0 ? "upright" : "";
  return out;
}

}  // namespace alih::pipeline
