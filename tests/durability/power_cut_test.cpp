// The power goes at any call that reaches the disk: what was acknowledged is there, whole, once.
#include <random>

#include <gtest/gtest.h>

#include "tests/durability/archive.h"
#include "tests/support/temp_folder.h"

namespace alih::durability {
namespace {

using pipeline::Holdings;
using testing_support::DiskPlan;
using testing_support::FailingDisk;
using testing_support::kPowerOff;
using testing_support::Mutant;
using testing_support::TempFolder;

constexpr int kCutsAFolder = 5;

// Works until the power goes, at the latest after the last step; the answer of a child that it did
// not take is what was wrong.
std::string work_until_dark(const fs::path& folder, const Ledger& ledger, const DiskPlan& plan) {
  std::error_code error;
  fs::remove_all(folder / "side", error);
  fs::create_directories(folder / "side", error);
  FailingDisk disk(folder / "side", plan);
  std::mt19937_64 random(plan.seed);
  {
    auto holdings = Holdings::open(folder / "data", settings(), Holdings::Mode::write);
    if (!holdings) return "open before the cut: " + holdings.error().message.en + "\n";
    Work work(**holdings, ledger);
    const auto steps = 1 + random() % 40;  // few enough that some sittings end well
    for (std::uint64_t i = 0; i < steps; ++i) {
      if (!work.step(random())) return "an error before the cut, see the ledger\n";
    }
    if (random() % 2 == 0) disk.power_off();
  }
  disk.power_off();  // after a good end
}

struct Outcome {
  std::string complaints;
  std::uint64_t cuts = 0;
};

// Cuts until something is wrong or `cuts` is reached.
Outcome cut_often(std::uint64_t seed, std::uint64_t cuts, Mutant mutant) {
  Outcome outcome;
  std::mt19937_64 random(seed);
  while (outcome.cuts < cuts) {
    const TempFolder folder;
    const Ledger ledger(folder / "ledger");
    for (int i = 0; i < kCutsAFolder && outcome.cuts < cuts; ++i) {
      DiskPlan plan;
      plan.seed = random();
      plan.power_off_at = 1 + random() % (i == 0 ? 900 : 700);
      plan.mutant = mutant;
      auto end = in_child([&] { return work_until_dark(folder.path(), ledger, plan); });
      ++outcome.cuts;
      if (end.code != kPowerOff) {
        end.said += "the worker ended with code " + std::to_string(end.code) + ", signal " +
                    std::to_string(end.signal) + "\n";
      } else {
        end = in_child([&] { return check(folder / "data", ledger); });
        if (end.code != 0) end.said += "the check ended badly\n";
      }
      if (end.said.empty()) continue;
      outcome.complaints = "cut " + std::to_string(outcome.cuts) + " at call " +
                           std::to_string(plan.power_off_at) + ":\n" + end.said;
      if (const char* keep = std::getenv("ALIHMEDIA_KEEP"); keep != nullptr) {
        fs::copy(folder.path(), keep, fs::copy_options::recursive);
      }
      return outcome;
    }
    // The database can be made anew from the files, and says the same.
    const auto end = in_child([&]() -> std::string {
      const auto rebuilt = pipeline::rebuild(folder / "data", settings(), [](auto, auto) {});
      if (!rebuilt) return "rebuild: " + rebuilt.error().message.en;
      return check(folder / "data", ledger);
    });
    if (!end.said.empty() || end.code != 0) {
      outcome.complaints = "after a rebuild:\n" + end.said;
      return outcome;
    }
  }
  return outcome;
}

std::uint64_t seed() { return number_of("ALIHMEDIA_SEED", 20260101); }

TEST(PowerCut, LosesNothingThatWasAcknowledged) {
  const auto cuts = number_of("ALIHMEDIA_CUTS", 10);
  const auto outcome = cut_often(seed(), cuts, Mutant::none);
  EXPECT_EQ(outcome.complaints, "") << "ALIHMEDIA_SEED=" << seed();
  EXPECT_EQ(outcome.cuts, cuts);
}

// The test must be able to see what it looks for.
struct Mutants : ::testing::TestWithParam<Mutant> {};

TEST_P(Mutants, AreCaught) {
  constexpr std::uint64_t kMost = 150;
  const auto outcome = cut_often(seed(), kMost, GetParam());
  EXPECT_NE(outcome.complaints, "")
      << "not caught by " << kMost << " cuts, ALIHMEDIA_SEED=" << seed();
  RecordProperty("cuts", static_cast<int>(outcome.cuts));
  std::printf("caught by cut %d:\n%s", static_cast<int>(outcome.cuts), outcome.complaints.c_str());
}

INSTANTIATE_TEST_SUITE_P(PowerCut, Mutants,
                         ::testing::Values(Mutant::lying_sync, Mutant::database_first,
                                           Mutant::unsynced_log),
                         [](const auto& mutant) -> std::string {
                           switch (mutant.param) {
                             case Mutant::lying_sync:
                               return "LyingSync";
                             case Mutant::database_first:
                               return "DatabaseFirst";
                             default:
                               return "UnsyncedLog";
                           }
                         });

}  // namespace
}  // namespace alih::durability
