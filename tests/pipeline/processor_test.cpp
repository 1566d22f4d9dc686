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
  const auto taken = ingest(**holdings, request, {work / "pages"}, false, ALIH_WORKER, quiet);
  ASSERT_TRUE(taken) << taken.error().message.en;
  const auto id = taken->items.at(0).item.id;

  ::setenv("REAL_PROGRAM", ALIH_WORKER, 1);
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
  Processor cured(**holdings, ALIH_WORKER, [](const PageDone&) {});
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

// In the cage of a real worker, where the model's file is read and the library's functions are
// found.
TEST(FastReading, IsWhatAPageWorkerDoesAndEachPageAndTheStatusTell) {
  const TempFolder work;
  draw_pages(work / "pages", 5);
  auto settings = quick_settings();
  settings.pipeline.workers = 1;
  settings.ocr.languages = "ind";
  settings.ocr.second = "";
  auto holdings = Holdings::open(work / "data", settings, Holdings::Mode::write);
  ASSERT_TRUE(holdings) << holdings.error().message.en;
  IntakeRequest request;
  request.fields = {{"title", "Buku uji"}};
  const auto taken = ingest(**holdings, request, {work / "pages"}, false, ALIH_WORKER, quiet);
  ASSERT_TRUE(taken) << taken.error().message.en;
  {
    Processor processor(**holdings, ALIH_WORKER, [](const PageDone&) {});
    processor.wait_until_idle({});
    EXPECT_EQ(processor.summary().pages_done, 5);
  }
  LinesRead sum;
  for (const auto& page : (*holdings)->database().pages(taken->items.at(0).item.id)) {
    const auto lines = lines_read_from(page.findings);
    EXPECT_GT(lines.fast + lines.slow, 0) << page.number;
    sum = sum + lines;
  }
  EXPECT_EQ((*holdings)->lines_read(), sum);
  EXPECT_EQ(sum.differences, 0);
  if ((*holdings)->fast_kernel().empty()) GTEST_SKIP() << "this processor has no AVX2";
  EXPECT_GT(sum.fast, 0);
  EXPECT_LE(sum.slow, 3) << "more lines than the proof of one network";
}

TEST(FastReading, ADifferenceIsAnEventOfThePageAndCounted) {
  const TempFolder work;
  draw_pages(work / "pages", 1);
  auto holdings = Holdings::open(work / "data", quick_settings(), Holdings::Mode::write);
  ASSERT_TRUE(holdings) << holdings.error().message.en;
  IntakeRequest request;
  request.fields = {{"title", "Buku uji"}};
  const auto taken = ingest(**holdings, request, {work / "pages"}, false, ALIH_WORKER, quiet);
  ASSERT_TRUE(taken) << taken.error().message.en;
  const auto job = (*holdings)->queue().take();
  ASSERT_TRUE(job && *job);
  PageResult result;
  result.recipe = "test";
  result.reading.engine = "tesseract";
  result.findings = {finding_of({40, 4, 4, 1}, "avx2")};
  ASSERT_TRUE((*holdings)->finish_page(**job, result, 1));
  EXPECT_EQ((*holdings)->lines_read(), (LinesRead{40, 4, 4, 1}));
  int told = 0;
  for (const auto& event : (*holdings)->database().events(taken->items.at(0).item.id)) {
    if (event.type != "fast reading check") continue;
    ++told;
    EXPECT_EQ(event.outcome, "failure");
    EXPECT_THAT(event.detail, HasSubstr("1 lines"));
  }
  EXPECT_EQ(told, 1);
}

TEST(FastReading, NumbersOfABrokenWorkerAreNotBelieved) {
  Finding finding = finding_of({1, 2, 3, 4}, "");
  EXPECT_EQ(lines_read_from({finding}), (LinesRead{1, 2, 3, 4}));
  finding.numbers = {{"fast", -1}, {"slow", 1e300}, {"checked", 7}};
  EXPECT_EQ(lines_read_from({finding}), (LinesRead{0, 0, 7, 0}));
  EXPECT_EQ(lines_read_from(std::string_view("1 2 x")), LinesRead{});
  EXPECT_EQ(lines_read_from(std::string_view(text_of({1, 2, 3, 4}))), (LinesRead{1, 2, 3, 4}));
}

TEST(FastReading, IsNoPartOfAPagesRecipe) {
  PageTask task;
  task.master_sha256 = "abc";
  auto settings = quick_settings();
  const auto recipe = recipe_of(task, settings);
  settings.ocr.fast_lstm = "off";
  settings.ocr.fast_lstm_kernel = "avx2";
  EXPECT_EQ(recipe_of(task, settings), recipe);
  settings.ocr.retry_below = 0.5;
  EXPECT_NE(recipe_of(task, settings), recipe);
}

#ifndef ALIH_SANITIZED
TEST(Memory, APageThatNeedsTooMuchIsSetAsideWithTheReason) {
  const TempFolder work;
  draw_pages(work / "pages", 1);
  constexpr std::size_t kWidth = 9000;
  std::vector<std::byte> paper(kWidth * 10000, std::byte{200});
  // Something on it: of a blank page little is asked.
  for (std::size_t y = 3000; y < 6000; ++y) {
    std::fill_n(paper.begin() + static_cast<std::ptrdiff_t>(y * kWidth + 3000), 2000,
                std::byte{60});
  }
  const Image huge(PixelFormat::gray8, kWidth, 10000, paper, 600, 600);
  const auto bytes = processing::encode_tiff(huge, {});
  std::ofstream(work / "pages/2.tif", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes->data()),
             static_cast<std::streamsize>(bytes->size()));
  auto settings = quick_settings();
  settings.pipeline.page_memory_mib = 512;
  auto holdings = Holdings::open(work / "data", settings, Holdings::Mode::write);
  ASSERT_TRUE(holdings);
  const auto taken = ingest(**holdings, {}, {work / "pages"}, false, ALIH_WORKER, quiet);
  ASSERT_TRUE(taken) << taken.error().message.en;
  const auto& made = taken->items.at(0);
  ASSERT_EQ(made.pages, 2) << made.rejected.at(0).reason.en;
  Processor processor(**holdings, ALIH_WORKER, [](const PageDone&) {});
  processor.wait_until_idle({});
  EXPECT_EQ((*holdings)->database().page(made.item.id, 1)->state, PageState::indexed);
  const auto bad = (*holdings)->database().page(made.item.id, 2);
  EXPECT_EQ(bad->state, PageState::failed);
  EXPECT_THAT(bad->failure, HasSubstr("memory"));
}
#endif

}  // namespace
}  // namespace alih::pipeline
