#include <algorithm>

#include <gtest/gtest.h>

#include "cli/verb.h"

namespace alih::cli {
namespace {

TEST(Verbs, HaveADutyEach) {
  const auto& duties = verb_duties();
  for (const auto& verb : all_verbs()) {
    EXPECT_TRUE(std::any_of(duties.begin(), duties.end(),
                            [&](const VerbDuty& d) { return d.verb == verb; }))
        << verb << " has no row in verb_duties(): only the owner of the data folder could use it";
  }
  EXPECT_GT(all_verbs().size(), 40U);
}

}  // namespace
}  // namespace alih::cli
