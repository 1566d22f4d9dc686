#pragma once

#include <memory>

#include "processing/stages.h"

namespace alih::processing {

// The stage of a row of all_stages(), each of which has one. Apart from the rows, since who only
// names the stages needs no imaging libraries.
[[nodiscard]] std::unique_ptr<Stage> make_stage(const StageRow& row, const Settings& settings);

}  // namespace alih::processing
