#pragma once

#include <stop_token>
#include <string_view>
#include <vector>

#include "core/code.h"
#include "core/finding.h"
#include "core/geometry.h"
#include "core/image.h"
#include "core/result.h"
#include "processing/bend.h"

namespace alih::processing {

struct Step {
  Image image;
  std::vector<Finding> findings;  // go into the Event
  Affine to_input;                // pixel of `image` -> pixel of the stage's input
  std::vector<Code> codes{};      // in pixels of the stage's input
  Bend bend{};                    // flat `image` -> bent input; only of stages that lay flat
};

// One step from image to image.
//
// Pure: the same input and settings give the same output; nothing else is read or written. A stage
// has no state after it is made, so one object serves every worker thread. When unsure it leaves
// the image as it is and says so in a finding.
class Stage {
 public:
  virtual ~Stage() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual Result<Step> run(const Image& input, std::stop_token stop) const = 0;
};

}  // namespace alih::processing
