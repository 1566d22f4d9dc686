// Every call that changes the disk fails once: the error is told or nothing is wrong, nothing that
// was acknowledged is lost, and the work can be finished after a new start.
#include <cerrno>
#include <csignal>

#include <gtest/gtest.h>

#include "tests/durability/archive.h"
#include "tests/support/temp_folder.h"

namespace alih::durability {
namespace {

using pipeline::Holdings;
using testing_support::DiskPlan;
using testing_support::FailingDisk;
using testing_support::kPowerOff;
using testing_support::TempFolder;

constexpr int kUntouched = 78;  // the call never came

// Everything once; the first error ends it.
bool whole_life(Work& work) {
  if (!work.create(2)) return false;
  const auto item = work.newest();
  return work.finish(item, 1) && work.finish(item, 2) && work.title(item) && work.describe(item) &&
         work.close(item) && work.title(item) && work.add_page(item) && work.finish(item, 3);
}

// The answer is what was wrong; ends with kPowerOff after a failure, kUntouched without one.
std::string live(const fs::path& folder, const Ledger& ledger, const DiskPlan& plan) {
  FailingDisk disk(folder / "side", plan);
  bool done = false;
  {
    const auto holdings = Holdings::open(folder / "data", settings(), Holdings::Mode::write);
    if (!holdings) {
      if (!disk.has_failed()) return "open: " + holdings.error().message.en + "\n";
      ledger.add("err 0 " + holdings.error().message.en);
    } else {
      Work work(**holdings, ledger);
      done = whole_life(work);
      if (!done && !disk.has_failed()) return "an error without a cause\n";
      // A second try in the same process may fail as well, but must not do harm.
      if (!done) (void)work.create(1);
    }
  }
  if (!disk.has_failed()) ::_exit(kUntouched);
  // Half of them lose what is not durable, too: a failed sync is not made good by a later one.
  if (plan.seed % 2 == 0) disk.power_off();
  ::_exit(kPowerOff);
}

std::string finish_the_work(const fs::path& folder, const Ledger& ledger) {
  {
    const auto holdings = Holdings::open(folder / "data", settings(), Holdings::Mode::write);
    if (!holdings) return "open: " + holdings.error().message.en + "\n";
    Work work(**holdings, ledger);
    for (const auto& item : (*holdings)->database().items({})) {
      for (const auto& page : (*holdings)->database().pages(item.id)) {
        if (page.state == PageState::captured && !work.finish(item.id, page.file_seq)) {
          return "a page cannot be finished\n";
        }
      }
      if (item.version == 0 && (!work.describe(item.id) || !work.close(item.id))) {
        return "an item cannot be closed\n";
      }
      if (!work.title(item.id)) return "a closed item cannot be changed\n";
    }
    if (!whole_life(work)) return "no further work is possible\n";
  }
  return check(folder / "data", ledger);
}

struct Case {
  std::string name;
  int error;
  bool fresh;  // the folder is new: the database is made
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

struct KthCall : ::testing::TestWithParam<Case> {};

TEST_P(KthCall, FailsOnceAndNothingIsLost) {
  const auto& [name, error, fresh] = GetParam();
  const bool full = number_of("ALIHMEDIA_FULL", 0) != 0;
  const auto seed = number_of("ALIHMEDIA_SEED", 1);
  const std::uint64_t stride = number_of("ALIHMEDIA_STRIDE", full ? 1 : fresh ? 71 : 29);
  const TempFolder model;
  if (!fresh) {
    const auto made = in_child([&]() -> std::string {
      const auto holdings = Holdings::open(model / "data", settings(), Holdings::Mode::write);
      if (!holdings) return holdings.error().message.en;
      Work work(**holdings, Ledger(model / "ledger"));
      return whole_life(work) ? "" : "see the ledger";
    });
    ASSERT_EQ(made.said, "");
  }
  int tried = 0;
  int aborted = 0;
  std::uint64_t k = number_of("ALIHMEDIA_K", 1 + seed % stride);
  for (;; k += stride) {
    ASSERT_LT(k, 5000U) << "the work does not end";
    const TempFolder folder;
    if (!fresh) fs::copy(model.path(), folder.path(), fs::copy_options::recursive);
    const auto renew_side = [&] {
      fs::remove_all(folder / "side");
      fs::create_directory(folder / "side");
    };
    renew_side();
    const Ledger ledger(folder / "ledger");
    DiskPlan plan;
    plan.seed = k / stride + seed;
    plan.fail_at = k;
    plan.error = error;
    auto end = in_child([&] { return live(folder.path(), ledger, plan); }, 60);
    if (end.code == kUntouched) break;
    ++tried;
    renew_side();
    // Debian's RocksDB has asserts: closing after a failed write may abort. Only then.
    if (end.signal == SIGABRT) {
      ++aborted;
      bool told = false;
      for (const auto& call : ledger.calls()) told = told || call.error;
      EXPECT_TRUE(told) << name << " k=" << k << ": aborted without having told of an error";
    } else {
      EXPECT_EQ(end.code, kPowerOff) << name << " k=" << k << " signal " << end.signal << "\n"
                                     << end.said;
    }
    end = in_child([&] {
      const FailingDisk quick(folder / "side", {});  // waits for no real disk
      return check(folder / "data", ledger);
    });
    EXPECT_EQ(end.said, "") << name << " k=" << k << " after the failure";
    EXPECT_EQ(end.code, 0) << name << " k=" << k << " signal " << end.signal;
    end = in_child([&] {
      const FailingDisk quick(folder / "side", {});
      return finish_the_work(folder.path(), ledger);
    });
    EXPECT_EQ(end.said, "") << name << " k=" << k << " when the work was finished";
    EXPECT_EQ(end.code, 0) << name << " k=" << k << " signal " << end.signal;
    if (HasFailure()) {
      if (const char* keep = std::getenv("ALIHMEDIA_KEEP"); keep != nullptr) {
        fs::copy(folder.path(), keep, fs::copy_options::recursive);
      }
      if (!full) return;
    }
  }
  std::printf("%s: %d of %d calls failed, %d aborted when closing\n", name.c_str(), tried,
              static_cast<int>(k), aborted);
}

INSTANTIATE_TEST_SUITE_P(All, KthCall,
                         ::testing::Values(Case{"Eio", EIO, false}, Case{"Enospc", ENOSPC, false},
                                           Case{"EioNew", EIO, true},
                                           Case{"EnospcNew", ENOSPC, true}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace alih::durability
