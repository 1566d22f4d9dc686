#include "pipeline/processor.h"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/intake.h"
#include "processing/codec.h"
#include "tests/support/book.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

using ::testing::HasSubstr;
using testing_support::TempFolder;

// A folder with that many small pages, each with a word of its own.
void draw_pages(const std::filesystem::path& folder, int pages) {
  std::filesystem::create_directories(folder);
  const std::vector<std::string> words{"kelapa", "nelayan", "sekolah", "gunung", "pasar"};
  for (int i = 0; i < pages; ++i) {
    testing_support::PageSpec spec;
    spec.dpi = 150;
    spec.size_pt = 16;
    spec.paragraphs = {"Catatan tentang " + words.at(static_cast<std::size_t>(i)) +
                       " di Kabupaten Banggai."};
    const auto bytes = processing::encode_tiff(testing_support::draw_page(spec).image, {});
    std::ofstream out(folder / (std::to_string(i + 1) + ".tif"), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes->data()),
              static_cast<std::streamsize>(bytes->size()));
  }
}

Everything quick_settings() {
  Everything settings;
  settings.repository.keep_free_mib = 0;
  settings.repository.keep_free_percent = 0;
  settings.repository.ballast_mib = 0;
  settings.pipeline.page_timeout_s = 20;
  return settings;
}

void quiet(std::uint64_t, std::uint64_t) {}

struct Faults : ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(Faults, SetThePageAsideAfterThreeAttemptsAndTheBatchGoesOn) {
  const auto [fault, words] = GetParam();
  const TempFolder work;
  draw_pages(work / "pages", 5);
  auto settings = quick_settings();
  if (fault == "hang") settings.pipeline.page_timeout_s = 8;
  auto holdings = Holdings::open(work / "data", settings, Holdings::Mode::write);
  ASSERT_TRUE(holdings) << holdings.error().message.en;
  IntakeRequest request;
  request.fields = {{"title", "Buku uji"}};
  const auto taken = ingest(**holdings, request, {work / "pages"}, false, ALIH_PROGRAM, quiet);
  ASSERT_TRUE(taken) << taken.error().message.en;
  const auto id = taken->items.at(0).item.id;

  ::setenv("REAL_PROGRAM", ALIH_PROGRAM, 1);
  ::setenv("FAULTY_PAGES", ("0002:" + fault).c_str(), 1);
  int failures = 0;
  {
    Processor processor(**holdings, ALIH_FAULTY_WORKER, [&](const PageDone& done) {
      if (!done.failed) return;
      ++failures;
      EXPECT_EQ(done.page.number, 2);
      EXPECT_THAT(done.error, HasSubstr(words));
    });
    processor.wait_until_idle({});
    EXPECT_EQ(processor.summary().pages_done, 4);
    EXPECT_EQ(processor.summary().pages_failed, 1);
  }
  EXPECT_EQ(failures, 3);

  const auto& database = (*holdings)->database();
  const auto bad = database.page(id, 2);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->state, PageState::failed);
  EXPECT_THAT(bad->failure, HasSubstr(words));
  int told = 0;
  for (const auto& event : database.events(id)) {
    if (event.page != bad->id.str() || event.outcome != "failure") continue;
    ++told;
    EXPECT_THAT(event.detail, HasSubstr("3 attempts"));
  }
  EXPECT_EQ(told, 1);
  indexer::SearchRequest search;
  search.query = "pasar";
  EXPECT_EQ(database.search(search)->total, 1U) << "the page after the bad one is read";
  EXPECT_TRUE((*holdings)->verify({}, quiet).problems.empty());

  // Cured (another version, more memory): put back into the queue it goes through.
  const auto again = (*holdings)->retry(std::nullopt, std::nullopt, {}, person_agent());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, 1);
  Processor cured(**holdings, ALIH_PROGRAM, [](const PageDone&) {});
  cured.wait_until_idle({});
  search.query = "nelayan";
  EXPECT_EQ(database.search(search)->total, 1U);
}

INSTANTIATE_TEST_SUITE_P(
    All, Faults,
    ::testing::Values(std::pair<std::string, std::string>("crash", "signal 6"),
                      std::pair<std::string, std::string>("leave", "code 9"),
                      std::pair<std::string, std::string>("cry", "signal 6 (ABRT); last words: …"),
                      std::pair<std::string, std::string>("cry", ". [31maduh"),
                      std::pair<std::string, std::string>("hang", "not done within 8 seconds")),
    [](const auto& fault) { return fault.param.first + std::to_string(fault.index); });

#ifndef ALIH_SANITIZED
TEST(Memory, APageThatNeedsTooMuchIsSetAsideWithTheReason) {
  const TempFolder work;
  draw_pages(work / "pages", 1);
  const Image huge(PixelFormat::gray8, 9000, 10000,
                   std::vector<std::byte>(std::size_t{9000} * 10000, std::byte{200}), 600, 600);
  const auto bytes = processing::encode_tiff(huge, {});
  std::ofstream(work / "pages/2.tif", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes->data()),
             static_cast<std::streamsize>(bytes->size()));
  auto settings = quick_settings();
  settings.pipeline.page_memory_mib = 512;
  auto holdings = Holdings::open(work / "data", settings, Holdings::Mode::write);
  ASSERT_TRUE(holdings);
  const auto taken = ingest(**holdings, {}, {work / "pages"}, false, ALIH_PROGRAM, quiet);
  ASSERT_TRUE(taken) << taken.error().message.en;
  const auto& made = taken->items.at(0);
  ASSERT_EQ(made.pages, 2) << made.rejected.at(0).reason.en;
  Processor processor(**holdings, ALIH_PROGRAM, [](const PageDone&) {});
  processor.wait_until_idle({});
  EXPECT_EQ((*holdings)->database().page(made.item.id, 1)->state, PageState::indexed);
  const auto bad = (*holdings)->database().page(made.item.id, 2);
  EXPECT_EQ(bad->state, PageState::failed);
  EXPECT_THAT(bad->failure, HasSubstr("memory"));
}
#endif

}  // namespace
}  // namespace alih::pipeline
