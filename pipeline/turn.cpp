#include "pipeline/turn.h"

#include "core/geometry.h"

namespace alih::pipeline {
namespace {

constexpr int kQuarter = 90;
constexpr int kFull = 360;

}  // namespace

int turned_orientation(int orientation, int degrees) {
  const auto turn = kTagOfTurn.at(static_cast<std::size_t>(degrees / kQuarter % 4));
  constexpr int kWidth = 3;
  constexpr int kHeight = 5;
  constexpr int kFirstSideways = 5;
  const bool sideways = orientation >= kFirstSideways;
  const auto both =
      compose(upright_to_stored(orientation, kWidth, kHeight),
              upright_to_stored(turn, sideways ? kHeight : kWidth, sideways ? kWidth : kHeight));
  constexpr int kTags = 8;
  for (int tag = 1; tag <= kTags; ++tag) {
    if (upright_to_stored(tag, kWidth, kHeight) == both) return tag;
  }
  return orientation;
}

int turn_of(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    if (finding.name != kOrientationFinding || !finding.applied) continue;
    const auto turned = finding.numbers.find("turned_deg");
    if (turned == finding.numbers.end()) return 0;
    const int degrees = static_cast<int>(turned->second);
    return degrees > 0 && degrees < kFull && degrees % kQuarter == 0 ? degrees : 0;
  }
  return 0;
}

}  // namespace alih::pipeline
