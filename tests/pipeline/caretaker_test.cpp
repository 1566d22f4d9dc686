// What the service does besides: the patrol that reads every file again, the sweep of what cut-off
// intakes left, the head of the chain that is kept each day.
#include "pipeline/caretaker.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/clock.h"
#include "pipeline/chain.h"
#include "tests/pipeline/clone_pages.h"
#include "tests/support/bytes.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kPatience = 60;

using testing_support::flip;
using testing_support::read;

std::string utc_in(double days) {
  const auto when = std::time(nullptr) + static_cast<std::time_t>(days * 86400);
  std::tm t{};
  ::gmtime_r(&when, &t);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &t);
  return text;
}

class CaretakerTest : public ::testing::Test {
 protected:
  CaretakerTest() {
    settings_.repository.keep_free_mib = 0;
    settings_.repository.keep_free_percent = 0;
    settings_.repository.ballast_mib = 0;
    settings_.pipeline.fixity_mib_s = 10000;
  }
  void open() {
    caretaker_.reset();
    holdings_.reset();
    auto opened = Holdings::open(work_ / "data", settings_, Holdings::Mode::write);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings_ = std::move(*opened);
  }
  // Items of one page, in the order in which the patrol goes.
  void add_items(int count, std::size_t master_bytes) {
    for (int i = 0; i < count; ++i) {
      Item draft;
      draft.id = ItemId::make();
      draft.series = "ALM-KOL";
      draft.fields = {{"title", {"Buku uji"}}};
      const auto name = Holdings::provisional_name(1, "tif");
      auto page = cloner_.draft_of(*holdings_, draft.id, name);
      ASSERT_TRUE(page);
      const std::string bytes(master_bytes, static_cast<char>('a' + i));
      const auto fixity = holdings_->keep_master(draft.id, name, std::as_bytes(std::span(bytes)));
      ASSERT_TRUE(fixity);
      page->master.fixity = *fixity;
      ASSERT_TRUE(holdings_->create_item(draft, {*page}, program_agent()));
    }
    ids_ = holdings_->files().items();
  }
  fs::path master_of(const ItemId& id) const {
    return holdings_->files().master_path(id, holdings_->database().page(id, 1)->master);
  }
  // Until something is so; false when it does not come.
  static bool soon(const std::function<bool()>& so, double seconds = kPatience) {
    const double until = monotonic_seconds() + seconds;
    while (!so()) {
      if (monotonic_seconds() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }
  void take_care() {
    caretaker_ = std::make_unique<Caretaker>(*holdings_, [this](const Message& m) {
      const std::lock_guard lock(mutex_);
      notices_ += m.en + "\n";
    });
  }
  std::string notices() {
    const std::lock_guard lock(mutex_);
    return notices_;
  }
  // One round from what the state says, to its end.
  void one_round() {
    const auto before = holdings_->patrol_state().last_round_ended;
    take_care();
    EXPECT_TRUE(soon([&] { return holdings_->patrol_state().last_round_ended != before; }))
        << "the round does not end";
    caretaker_.reset();
  }
  void make_due() {
    auto state = holdings_->patrol_state();
    state.last_round_ended = utc_in(-settings_.pipeline.fixity_days - 0.01);
    ASSERT_TRUE(holdings_->set_patrol_state(state));
  }

  testing_support::TempFolder work_;
  Everything settings_;
  std::unique_ptr<Holdings> holdings_;
  PageCloner cloner_;
  std::vector<ItemId> ids_;
  std::mutex mutex_;
  std::string notices_;                   // mutex_ guards it
  std::unique_ptr<Caretaker> caretaker_;  // last: ends before what it uses
};

TEST_F(CaretakerTest, ThePatrolGoesOnWhereItStoppedAndMarksWhatIsDamaged) {
  constexpr int kItems = 8;
  settings_.pipeline.fixity_mib_s = 1;
  open();
  add_items(kItems, 512 * 1024);
  ASSERT_THAT(ids_, SizeIs(kItems));
  flip(master_of(ids_[1]));
  open();  // a round needs four seconds; the second item tells us when to end it
  take_care();
  ASSERT_TRUE(soon([&] { return !notices().empty(); }));
  EXPECT_THAT(notices(),
              HasSubstr("Damaged file in " + holdings_->database().item(ids_[1])->digitization_no));
  const double asked = monotonic_seconds();
  caretaker_.reset();
  EXPECT_LT(monotonic_seconds() - asked, 5) << "it ends when asked";
  EXPECT_THAT(holdings_->database().damage(ids_[1]), SizeIs(1));
  EXPECT_EQ(holdings_->database().events(ids_[1]).back().type, "fixity check");
  EXPECT_EQ(holdings_->database().events(ids_[1]).back().outcome, "failure");

  const auto half = holdings_->patrol_state();
  EXPECT_NE(half.round_began, "");
  EXPECT_EQ(half.last_round_ended, "");
  EXPECT_GE(half.cursor, ids_[0].str());
  EXPECT_LT(half.cursor, ids_[kItems - 2].str()) << "stopped long before the end";

  // Behind it and before it something breaks; after a restart only what is before it is seen.
  flip(master_of(ids_[0]));
  flip(master_of(ids_[kItems - 1]));
  settings_.pipeline.fixity_mib_s = 10000;
  open();
  EXPECT_EQ(holdings_->patrol_state().cursor, half.cursor);
  one_round();
  const auto whole = holdings_->patrol_state();
  EXPECT_EQ(whole.round_began, "");
  EXPECT_THAT(holdings_->database().damage(ids_[0]), IsEmpty()) << "it began anew";
  EXPECT_THAT(holdings_->database().damage(ids_[kItems - 1]), SizeIs(1));
  const auto all = holdings_->verify({}, [](auto, auto) {});
  EXPECT_EQ(whole.checked_files, all.checked_files) << "everything, once";
  EXPECT_EQ(whole.last_round_bytes, all.checked_bytes);

  // The next round sees the first, too, and takes the mark off what is good again.
  flip(master_of(ids_[1]));
  make_due();
  one_round();
  EXPECT_THAT(holdings_->database().damage(ids_[0]), SizeIs(1));
  EXPECT_THAT(holdings_->database().damage(ids_[1]), IsEmpty());
  EXPECT_TRUE(fs::exists(master_of(ids_[0]))) << "marked, not deleted";
}

TEST_F(CaretakerTest, ARoundBeginsWhenItsDaysAreOverAlsoAfterAClockThatWasSetBack) {
  settings_.pipeline.fixity_days = 30;
  open();
  add_items(1, 1000);
  const auto rounds_begin = [&](const std::string& ended) {
    Holdings::PatrolState state;
    state.last_round_ended = ended;
    EXPECT_TRUE(holdings_->set_patrol_state(state));
    take_care();
    const bool begun = soon([&] { return holdings_->patrol_state().last_round_ended != ended; }, 2);
    caretaker_.reset();
    return begun;
  };
  EXPECT_TRUE(rounds_begin("")) << "never before";
  EXPECT_FALSE(rounds_begin(utc_in(-29.9)));
  EXPECT_TRUE(rounds_begin(utc_in(-30.1)));
  EXPECT_TRUE(rounds_begin(utc_in(400))) << "the clock was a year ahead when the last one ended";
}

TEST_F(CaretakerTest, ItReadsFasterThanItsBudgetWhereTheDaysWouldNotDo) {
  settings_.pipeline.fixity_mib_s = 1;
  settings_.pipeline.fixity_days = 1;
  open();
  add_items(6, 1 << 20);
  open();
  auto state = holdings_->patrol_state();
  state.last_round_bytes = std::uint64_t{86400} << 27U;  // 128 MiB for each second of the day
  ASSERT_TRUE(holdings_->set_patrol_state(state));
  double start = monotonic_seconds();
  one_round();
  const double fast = monotonic_seconds() - start;
  EXPECT_EQ(holdings_->patrol_state().last_round_bytes / (1 << 20), 6U);
  make_due();
  start = monotonic_seconds();
  one_round();
  const double slow = monotonic_seconds() - start;
  EXPECT_GT(slow, 5) << "no faster than it must: 6 MiB at 1 MiB/s are six seconds";
  // A slow disk takes its time in both rounds.
  EXPECT_LT(fast, slow) << "and faster where it must";
}

TEST_F(CaretakerTest, SweepsOnlyWhatNothingNamesThatIsOldAndNobodyWorksOn) {
  open();
  add_items(2, 1000);
  open();  // nothing is in work any more
  const auto put = [&](const ItemId& id, const std::string& name, std::chrono::hours old) {
    const auto path = holdings_->files().item_folder(id) / name;
    std::ofstream(path) << "what an intake left";
    fs::last_write_time(path, fs::file_time_type::clock::now() - old);
    return path;
  };
  using std::chrono::hours;
  const auto old = put(ids_[0], "alm-2026-000001_m_0009.tif", hours(25));
  const auto provisional = put(ids_[0], "new_m_0002.tif", hours(48));
  const auto young = put(ids_[0], "alm-2026-000001_m_0010.tif", hours(23));
  const auto other = put(ids_[0], "catatan.txt", hours(1000));
  const auto named = master_of(ids_[0]);
  fs::last_write_time(named, fs::file_time_type::clock::now() - hours(1000));
  // An intake that adds a page to the other item is under way.
  ASSERT_TRUE(cloner_.draft_of(*holdings_, ids_[1], "alm-2026-000002_m_0002.tif"));
  const auto in_progress = put(ids_[1], "alm-2026-000002_m_0003.tif", hours(25));
  one_round();
  EXPECT_FALSE(fs::exists(old));
  EXPECT_FALSE(fs::exists(provisional));
  EXPECT_TRUE(fs::exists(young));
  EXPECT_TRUE(fs::exists(other)) << "a stranger's file";
  EXPECT_TRUE(fs::exists(named));
  EXPECT_TRUE(fs::exists(in_progress));
  EXPECT_THAT(holdings_->verify({}, [](auto, auto) {}).problems, IsEmpty());
  open();
  make_due();
  one_round();
  EXPECT_FALSE(fs::exists(in_progress)) << "the intake is over and it did not become a page";
}

TEST_F(CaretakerTest, ASignedHeadIsKeptEachDay) {
  open();
  take_care();
  EXPECT_FALSE(soon([&] { return fs::exists(work_ / "data/heads"); }, 1)) << "of nothing";
  caretaker_.reset();
  add_items(1, 1000);
  const auto then = holdings_->database().chain_head();
  const auto day = utc_now().substr(0, 10);
  take_care();
  const auto heads = [&] {
    std::vector<fs::path> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(work_ / "data/heads", error)) {
      if (entry.path().extension() == ".json") out.push_back(entry.path());
    }
    return out;
  };
  ASSERT_TRUE(soon([&] { return !heads().empty(); }));
  caretaker_.reset();
  const auto path = heads().at(0);
  EXPECT_GE(path.stem().string(), day);
  const auto text = read(path);
  const auto head = signed_head_from_json(text);
  ASSERT_TRUE(head) << head.error().message.en;
  EXPECT_EQ(head->sequence, then.sequence);
  EXPECT_EQ(head->sha256, then.sha256);
  EXPECT_THAT(check_chain(holdings_->database(), work_ / "data"), IsEmpty());
  EXPECT_EQ(fs::status(work_ / "data/keys/chain.key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);

  add_items(1, 1000);
  ASSERT_TRUE(keep_daily_head(holdings_->database(), work_ / "data"));
  if (utc_now().substr(0, 10) == path.stem().string()) {
    EXPECT_THAT(heads(), SizeIs(1));
  }
  EXPECT_EQ(read(path), text) << "one a day, never replaced";
  // Yesterday's stays beside today's.
  fs::rename(path, work_ / "data/heads/2026-01-01.json");
  ASSERT_TRUE(keep_daily_head(holdings_->database(), work_ / "data"));
  EXPECT_THAT(heads(), SizeIs(2));
  EXPECT_THAT(check_chain(holdings_->database(), work_ / "data"), IsEmpty());
}

}  // namespace
}  // namespace alih::pipeline
