// What a person wrote over a reading: searched, kept over a rebuild, not lost by reading again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hyphenation.h"
#include "pipeline/holdings.h"
#include "tests/pipeline/clone_pages.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

Everything settings() {
  Everything out;
  out.repository.keep_free_mib = 0;
  out.repository.keep_free_percent = 0;
  out.repository.ballast_mib = 0;
  return out;
}

class CorrectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    open();
    PageCloner cloner;
    const auto made = cloner.item(*holdings_, "Buku", 2, 40);
    ASSERT_TRUE(made) << made.error().message.en;
    item_ = made->id;
  }
  void open() {
    holdings_.reset();
    auto opened = Holdings::open(folder_.path() / "data", settings(), Holdings::Mode::write);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings_ = std::move(*opened);
  }
  [[nodiscard]] Page page(int number = 1) const {
    return *holdings_->database().page(item_, number);
  }
  [[nodiscard]] TextLayer text(int number = 1) const {
    return *holdings_->database().text(item_, page(number).file_seq);
  }
  [[nodiscard]] std::size_t hits(const std::string& query) const {
    indexer::SearchRequest request;
    request.query = query;
    const auto found = holdings_->database().search(request);
    EXPECT_TRUE(found) << query;
    return found ? found->total : 0;
  }
  Result<Page> correct(std::string_view text,
                       std::optional<std::uint64_t> revision = std::nullopt) {
    return holdings_->correct_page(item_, 1, text, revision, person_agent());
  }

  testing_support::TempFolder folder_;
  std::unique_ptr<Holdings> holdings_;
  ItemId item_;
};

TEST_F(CorrectionTest, IsSearchedAndAnEventAndSurvivesARebuild) {
  const auto before = text();
  const auto& old_word = before.blocks[0].lines[1].words[3];
  auto wanted = before.text();
  wanted.replace(wanted.find(old_word.text, wanted.find('\n')), old_word.text.size(),
                 "Tjokroaminoto");
  const auto done = correct(wanted);
  ASSERT_TRUE(done) << done.error().message.en;
  EXPECT_EQ(text().text(), wanted);
  EXPECT_EQ(hits("Tjokroaminoto"), 1U);
  EXPECT_EQ(done->state, PageState::indexed);
  const auto corrected = page();
  const auto* finding = find_correction(corrected);
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->numbers.at("corrected_words"), 1);
  EXPECT_GT(page().reading.confidence, 0.9);
  const auto events = holdings_->database().events_of(item_, page().id.str());
  EXPECT_EQ(events.back().type, "text correction");
  EXPECT_EQ(events.back().agent.kind, "person");
  EXPECT_EQ(events.back().detail, "1 words written, 0 removed, of 40");
  EXPECT_FALSE(holdings_->queue().stats().pending > 0) << "nothing is read again";

  const auto corrected_page = page();
  const auto corrected_text = text();
  holdings_.reset();
  ASSERT_TRUE(rebuild(folder_.path() / "data", settings(), [](std::uint64_t, std::uint64_t) {}));
  open();
  EXPECT_EQ(page(), corrected_page);
  EXPECT_EQ(text(), corrected_text);
  EXPECT_EQ(hits("Tjokroaminoto"), 1U);
  EXPECT_TRUE(holdings_->verify({}, [](std::uint64_t, std::uint64_t) {}).problems.empty());
}

TEST_F(CorrectionTest, IsNotLostByReadingAgainUnlessThatIsMeant) {
  ASSERT_TRUE(correct(text().text() + "dan kata baru\n"));
  const auto refused = holdings_->redo_page(item_, 1, {}, person_agent());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::wrong_state);
  EXPECT_THAT(refused.error().message.id, ::testing::HasSubstr("--discard-correction"));
  EXPECT_EQ(hits("\"kata baru\""), 1U);
  ASSERT_TRUE(holdings_->redo_page(item_, 2, {}, person_agent())) << "the others may";
  Holdings::Again how;
  how.discard_correction = true;
  ASSERT_TRUE(holdings_->redo_page(item_, 1, how, person_agent()));

  const auto waiting = correct("apa saja");
  ASSERT_FALSE(waiting) << "a page that waits to be read would lose it";
  EXPECT_EQ(waiting.error().code, ErrorCode::wrong_state);
  JobRef job;
  job.item = item_;
  job.file_seq = page().file_seq;
  PageCloner cloner(7);
  ASSERT_TRUE(holdings_->finish_page(job, cloner.result(30)));
  EXPECT_EQ(find_correction(page()), nullptr);
  EXPECT_EQ(hits("\"kata baru\""), 0U);
}

TEST_F(CorrectionTest, RefusesWhatWasWrittenOverAnOlderText) {
  const auto seen = page().revision;
  ASSERT_TRUE(correct(text().text() + "satu\n", seen));
  const auto late = correct(text().text() + "dua\n", seen);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::wrong_state);
  EXPECT_FALSE(correct("  \n \n"));
  EXPECT_EQ(correct(std::string(300'000, 'a')).error().code, ErrorCode::too_large);
  const auto before = page();
  ASSERT_TRUE(correct(text().text()));
  EXPECT_EQ(page(), before) << "the same text changes nothing";
}

TEST_F(CorrectionTest, MakesTheNextVersionOfAClosedItem) {
  const auto closed = holdings_->close(item_, person_agent());
  ASSERT_TRUE(closed) << closed.error().message.en;
  ASSERT_TRUE(correct(text().text() + "tambahan peme-\nrintah\n"));
  EXPECT_EQ(holdings_->database().item(item_)->version, closed->version + 1);
  EXPECT_EQ(hits("pemerintah"), 1U) << "a word over a line's end is found whole";
  const auto kept = text().blocks.back().lines.back().words.front();
  EXPECT_EQ(kept.half, Half::second);
  EXPECT_EQ(kept.joined, "pemerintah");
  EXPECT_TRUE(holdings_->verify({}, [](std::uint64_t, std::uint64_t) {}).problems.empty());
}

}  // namespace
}  // namespace alih::pipeline
