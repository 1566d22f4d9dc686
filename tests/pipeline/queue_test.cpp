// Who gets which page, and what counts against it.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/holdings.h"
#include "pipeline/job_queue.h"
#include "pipeline/settings_json.h"
#include "tests/pipeline/clone_pages.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

using testing_support::TempFolder;

Everything quick() {
  Everything settings;
  settings.repository.keep_free_mib = 0;
  settings.repository.keep_free_percent = 0;
  settings.repository.ballast_mib = 0;
  return settings;
}

struct Queue : ::testing::Test {
  void open(const Everything& settings = quick()) {
    holdings.reset();
    auto opened = Holdings::open(work / "data", settings, Holdings::Mode::write);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings = std::move(*opened);
  }
  ItemId item_of(int pages) {
    Item draft;
    draft.id = ItemId::make();
    draft.series = "ALM-KOL";
    draft.fields = {{"title", {"Buku uji"}}};
    std::vector<PageDraft> drafts;
    for (int i = 1; i <= pages; ++i) {
      drafts.push_back(*cloner.draft_of(*holdings, draft.id, Holdings::provisional_name(i, "tif")));
    }
    return holdings->create_item(draft, drafts, program_agent())->id;
  }
  JobRef taken() {
    auto job = holdings->queue().take();
    EXPECT_TRUE(job && *job);
    return job && *job ? **job : JobRef{};
  }
  bool nothing_to_take() {
    const auto job = holdings->queue().take();
    return job && !*job;
  }
  static PageResult result(const std::string& recipe) {
    PageResult out;
    out.access_width = out.access_height = 100;
    out.text.width = out.text.height = 100;
    out.reading.engine = "made up";
    out.recipe = recipe;
    return out;
  }
  const TempFolder work;
  PageCloner cloner;
  std::unique_ptr<Holdings> holdings;
};

TEST_F(Queue,
       AnAttemptThatWasOpenWhenTheProgramDiedIsRefundedTenTimesThenThePageRunsAloneAndCounts) {
  open();
  const auto id = item_of(2);
  for (int death = 1; death <= 10; ++death) {
    const auto job = taken();
    ASSERT_EQ(job.file_seq, 1) << "a refunded page keeps its place";
    EXPECT_EQ(job.attempt, 1) << "what the program's death cost does not count";
    open();  // dies with the attempt open: nobody gave it back
    EXPECT_EQ(holdings->database().job(id, 1, 'r')->refunds, death);
    EXPECT_EQ(holdings->database().job(id, 1, 'r')->attempts, 0);
  }
  // Last: the page that never killed anybody goes first, and nothing runs beside the other.
  const auto other = taken();
  EXPECT_EQ(other.file_seq, 2);
  EXPECT_TRUE(nothing_to_take()) << "not beside another";
  ASSERT_TRUE(holdings->finish_page(other, result("b")));
  holdings->queue().release(other);
  EXPECT_EQ(taken().file_seq, 1);
  item_of(1);
  holdings->queue().wake();
  EXPECT_TRUE(nothing_to_take()) << "alone means that nothing else is begun";
  open();
  EXPECT_EQ(holdings->database().job(id, 1, 'r')->attempts, 1) << "from now on it counts";
}

TEST_F(Queue, WhatIsGivenBackDoesNotCountAndWhatFailsThriceWaitsForAPerson) {
  open();
  const auto id = item_of(1);
  auto job = taken();
  ASSERT_TRUE(holdings->queue().given_back(job));
  holdings->queue().release(job);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    job = taken();
    EXPECT_EQ(job.attempt, attempt);
    const auto aside = holdings->fail_attempt(job, "killed by signal 11");
    ASSERT_TRUE(aside);
    EXPECT_EQ(*aside, attempt == 3);
    holdings->queue().release(job);
  }
  EXPECT_TRUE(nothing_to_take());
  EXPECT_EQ(holdings->queue().stats().set_aside, 1U);
  EXPECT_EQ(holdings->database().page(id, 1)->failure, "killed by signal 11");
  const auto again = holdings->retry(id, 1, {"eng", true}, program_agent());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, 1);
  EXPECT_EQ(holdings->database().page(id, 1)->languages, "eng") << "with other settings";
  holdings->queue().wake();
  EXPECT_TRUE(taken().urgent);
}

TEST_F(Queue, AResultForAFinishedKeyChangesNothingAndOneMadeWithOtherSettingsIsDropped) {
  open();
  const auto id = item_of(1);
  const auto job = taken();
  ASSERT_EQ(*holdings->finish_page(job, result("r")), Holdings::Finished::stored);
  const auto before = *holdings->database().page(id, 1);
  const auto events = holdings->database().events(id).size();
  EXPECT_EQ(*holdings->finish_page(job, result("r")), Holdings::Finished::duplicate);
  EXPECT_EQ(*holdings->database().page(id, 1), before);
  EXPECT_EQ(holdings->database().events(id).size(), events);

  ASSERT_TRUE(holdings->redo_page(id, 1, {}, program_agent()));
  holdings->queue().release(job);
  holdings->queue().wake();
  const auto second = taken();
  ASSERT_TRUE(holdings->redo_page(id, 1, {"eng", true}, program_agent()));  // while it is read
  EXPECT_EQ(*holdings->finish_page(second, result("old")), Holdings::Finished::stale);
  EXPECT_EQ(holdings->database().page(id, 1)->state, PageState::captured);
  EXPECT_TRUE(holdings->database().job(id, 1, 'r')) << "the page still waits";
}

TEST_F(Queue, APageKeepsItsOwnSettings) {
  open();
  const auto id = item_of(1);
  const auto job = taken();
  Holdings::Again how;
  how.settings = {{"processing.deskew.enabled", "false"}, {"processing.level.clip", "0.3"}};
  ASSERT_TRUE(holdings->redo_page(id, 1, how, program_agent()));
  EXPECT_EQ(holdings->database().page(id, 1)->settings, how.settings);
  EXPECT_EQ(*holdings->finish_page(job, result("old")), Holdings::Finished::stale)
      << "read with other settings than the page has now";
  const auto events = holdings->database().events(id);
  EXPECT_NE(events.back().detail.find("processing.deskew.enabled=false"), std::string::npos);
  // A wrong one is refused and changes nothing.
  Holdings::Again wrong;
  wrong.settings = {{"processing.level.clip", "7"}};
  const auto refused = holdings->redo_page(id, 1, wrong, program_agent());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::usage);
  EXPECT_NE(refused.error().message.en.find("between 0 and 1"), std::string::npos);
  EXPECT_EQ(holdings->database().page(id, 1)->settings, how.settings);
  open();
  EXPECT_EQ(holdings->database().page(id, 1)->settings, how.settings);
  Holdings::Again less;
  less.settings = {{"processing.level.clip", ""}};
  ASSERT_TRUE(holdings->redo_page(id, 1, less, program_agent()));
  EXPECT_EQ(holdings->database().page(id, 1)->settings.size(), 1U);
  Holdings::Again none;
  none.forget = true;
  ASSERT_TRUE(holdings->redo_page(id, 1, none, program_agent()));
  EXPECT_TRUE(holdings->database().page(id, 1)->settings.empty());
}

TEST(PageSettings, ReachOnlyWhatDecidesHowAnImageComesOut) {
  const Everything office;
  const auto own = with_page_settings(office, {{"processing.dewarp.enabled", "false"},
                                               {"processing.stages", "crop,level"},
                                               {"processing.gone.enabled", "false"},
                                               {"processing.level.clip", "x"}});
  EXPECT_FALSE(own.processing.dewarp.enabled);
  EXPECT_EQ(own.processing.stages, (std::vector<std::string>{"crop", "level"}));
  EXPECT_EQ(own.processing.level.clip, office.processing.level.clip);
  for (const auto* name : {"processing.limits.max_frames", "processing.layers.picture_dpi",
                           "processing.thumbnail_px", "ocr.timeout_s", "pipeline.workers"}) {
    const auto status = check_page_settings({{name, "1"}});
    ASSERT_FALSE(status) << name;
    EXPECT_NE(status.error().message.en.find("processing.deskew.enabled"), std::string::npos);
  }
}

TEST_F(Queue, UrgentPagesComeFirstAndNothingIsTakenWhilePausedAlsoAfterARestart) {
  open();
  item_of(1);
  const auto wanted = item_of(1);
  ASSERT_TRUE(holdings->make_urgent(wanted));
  holdings->queue().wake();
  const auto job = taken();
  EXPECT_EQ(job.item, wanted);
  ASSERT_TRUE(holdings->finish_page(job, result("r")));
  holdings->queue().release(job);
  ASSERT_TRUE(holdings->pause(true, program_agent()));
  EXPECT_TRUE(nothing_to_take());
  open();
  EXPECT_TRUE(nothing_to_take());
  ASSERT_TRUE(holdings->pause(false, program_agent()));
  EXPECT_FALSE(nothing_to_take());
}

TEST_F(Queue, OutsideTheNightOnlyUrgentPagesRunUnlessSomebodyHoldsItOpen) {
  // An hour that is not now, whatever the hour.
  const int later = (local_second_of_day() / 3600 + 2) % 24;
  auto settings = quick();
  const auto hour = [](int h) { return (h < 10 ? "0" : "") + std::to_string(h) + ":00"; };
  settings.pipeline.night_from = hour(later);
  settings.pipeline.night_until = hour((later + 1) % 24);
  open(settings);
  item_of(1);
  EXPECT_TRUE(nothing_to_take());
  EXPECT_TRUE(holdings->queue().idle());
  holdings->queue().hold_window_open(true);
  EXPECT_FALSE(nothing_to_take());
  holdings->queue().hold_window_open(false);
  ASSERT_TRUE(holdings->make_urgent(item_of(1)));
  holdings->queue().wake();
  EXPECT_TRUE(taken().urgent);
}

TEST(NightWindow, RunsOverMidnightAndRefusesWhatIsNoTime) {
  const auto window = night_window("18:00", "06:00");
  ASSERT_TRUE(window);
  EXPECT_TRUE(window->holds(23 * 3600));
  EXPECT_TRUE(window->holds(5 * 3600));
  EXPECT_FALSE(window->holds(6 * 3600));
  EXPECT_FALSE(window->holds(12 * 3600));
  EXPECT_TRUE(night_window("", "")->holds(0));
  EXPECT_FALSE(night_window("18:00", ""));
  EXPECT_FALSE(night_window("25:00", "06:00"));
}

TEST(JobMessage, ComesBackWholeAndIsUnderOneKibibyte) {
  JobRef job{ItemId::make(),       99999, 'r',  std::string(64, 'a'),
             std::string(64, 'b'), true,  1000, std::string(36, 'c') + "/" + new_ulid() + "/99999"};
  const auto message = to_message(job);
  EXPECT_LT(message.size(), 1024U);
  const auto back = job_from_message(message);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, job);
  EXPECT_FALSE(job_from_message("{}"));
}

// A data folder that an earlier version wrote opens with nothing lost.
TEST(Upgrade, FromSchema2) {
  const TempFolder work;
  const std::string unpack =
      "tar xzf " ALIH_SOURCE_DIR "/tests/fixtures/data-schema-2.tar.gz -C " + work.path().string();
  ASSERT_EQ(std::system(unpack.c_str()), 0);  // NOLINT: a test
  {
    const auto holdings = Holdings::open(work / "data", quick(), Holdings::Mode::read);
    ASSERT_TRUE(holdings) << holdings.error().message.en;
    const auto& database = (*holdings)->database();
    EXPECT_EQ(database.items({}).size(), 3U);
    EXPECT_EQ((*holdings)->queue().stats().pending, 1U) << "the page that waited still waits";
    indexer::SearchRequest search;
    search.query = "nelayan";
    EXPECT_EQ(database.search(search)->total, 1U);
    EXPECT_TRUE((*holdings)->verify({}, [](auto, auto) {}).problems.empty());
  }
  const auto again = Holdings::open(work / "data", quick(), Holdings::Mode::write);
  ASSERT_TRUE(again);
  EXPECT_FALSE(std::filesystem::exists(work / "data/index.before-4"));
  EXPECT_EQ((*again)->queue().take()->value().file_seq, 1);
}

}  // namespace
}  // namespace alih::pipeline
