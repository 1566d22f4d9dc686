// One page in a batch of three hundred ends its reader, each time it is tried.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/intake.h"
#include "pipeline/processor.h"
#include "processing/codec.h"
#include "tests/support/drawn_page.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using testing_support::TempFolder;

constexpr int kPages = 300;
constexpr int kPoison = 137;

std::string number(int n) {
  char text[8];
  std::snprintf(text, sizeof text, "%04d", n);
  return text;
}

// Small enough that the real reader takes a moment for each, with a number that it can read.
void draw_batch(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (int i = 1; i <= kPages; ++i) {
    testing_support::PageSpec spec;
    spec.dpi = 72;
    spec.size_pt = 28;
    spec.paragraphs = {"Lembar arsip", "nomor " + std::to_string(10000 + i)};
    const auto bytes = processing::encode_tiff(testing_support::draw_page(spec).image, {});
    std::ofstream(folder / (number(i) + ".tif"), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes->data()),
               static_cast<std::streamsize>(bytes->size()));
  }
}

std::size_t found(const Holdings& holdings, const std::string& query) {
  indexer::SearchRequest search;
  search.query = query;
  const auto result = holdings.database().search(search);
  return result ? result->total : 0;
}

TEST(Poison, OnePageOfThreeHundredIsSetAsideWithItsReasonAndTheOthersAreReadAtTheirFirstAttempt) {
  const TempFolder work;
  draw_batch(work / "pages");
  Everything settings;
  settings.repository.keep_free_mib = 0;
  settings.repository.keep_free_percent = 0;
  settings.repository.ballast_mib = 0;
  auto opened = Holdings::open(work / "data", settings, Holdings::Mode::write);
  ASSERT_TRUE(opened) << opened.error().message.en;
  auto& holdings = **opened;
  const auto& database = holdings.database();
  const auto taken = ingest(holdings, {}, {work / "pages"}, false, ALIH_WORKER, [](auto, auto) {});
  ASSERT_TRUE(taken) << taken.error().message.en;
  const auto id = taken->items.at(0).item.id;
  ASSERT_EQ(taken->items.at(0).pages, kPages);

  ::setenv("REAL_PROGRAM", ALIH_WORKER, 1);
  ::setenv("FAULTY_PAGES", (number(kPoison) + ":hoard").c_str(), 1);
  std::vector<int> failed;  // reports come one at a time
  std::vector<std::string> counted;
  {
    Processor processor(holdings, ALIH_FAULTY_WORKER, [&](const PageDone& done) {
      if (!done.failed) return;
      failed.push_back(done.page.number);
      for (const auto& job : database.jobs()) {
        if (job.file_seq == kPoison || (job.attempts == 0 && job.refunds == 0)) continue;
        counted.push_back("page " + std::to_string(job.file_seq));
      }
    });
    processor.wait_until_idle({});
    EXPECT_EQ(processor.summary().pages_done, kPages - 1);
    EXPECT_EQ(processor.summary().pages_failed, 1);
  }
  EXPECT_THAT(failed, AllOf(SizeIs(3), Each(kPoison)));
  EXPECT_THAT(counted, SizeIs(0)) << "a neighbour's death counts against nobody else";

  // What is left in the queue is that page, for a person, with all there is to know.
  const auto jobs = database.jobs();
  ASSERT_THAT(jobs, SizeIs(1));
  EXPECT_EQ(jobs[0].file_seq, kPoison);
  EXPECT_TRUE(jobs[0].set_aside);
  EXPECT_EQ(jobs[0].attempts, 3);
  const auto reason = AllOf(HasSubstr("signal 6 (ABRT: the limit of memory)"),
                            HasSubstr("last words: "), HasSubstr("std::bad_alloc"));
  EXPECT_THAT(jobs[0].last_error, reason);
  const auto bad = database.page(id, kPoison);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->state, PageState::failed);
  EXPECT_THAT(bad->failure, reason);
  for (const auto& page : database.pages(id)) {
    if (page.number == kPoison) continue;
    EXPECT_EQ(page.state, PageState::indexed) << page.number;
  }
  int told = 0;
  for (const auto& event : database.events(id)) {
    if (event.outcome != "failure") continue;
    ++told;
    EXPECT_EQ(event.page, bad->id.str());
    EXPECT_THAT(event.detail, AllOf(HasSubstr("3 attempts"), reason));
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(database.item(id)->state, ItemState::processed);
  EXPECT_EQ(found(holdings, std::to_string(10000 + kPoison)), 0U);
  EXPECT_EQ(found(holdings, std::to_string(10000 + kPages)), 1U) << "the last page was read";

  // Cured, that one goes through, and nothing else is done again.
  const auto again = holdings.retry(id, std::nullopt, {}, person_agent());
  ASSERT_TRUE(again) << again.error().message.en;
  EXPECT_EQ(*again, 1);
  {
    Processor cured(holdings, ALIH_WORKER, [](const PageDone&) {});
    cured.wait_until_idle({});
    EXPECT_EQ(cured.summary().pages_done, 1);
  }
  EXPECT_EQ(database.page(id, kPoison)->state, PageState::indexed);
  EXPECT_EQ(database.item(id)->state, ItemState::indexed);
  EXPECT_THAT(database.jobs(), SizeIs(0));
  EXPECT_EQ(found(holdings, std::to_string(10000 + kPoison)), 1U);
  EXPECT_THAT(holdings.verify({}, [](auto, auto) {}).problems, SizeIs(0));
}

}  // namespace
}  // namespace alih::pipeline
