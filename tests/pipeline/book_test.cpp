// The register as a book: what a crash leaves of a batch, a closing or a replaced page is taken
// over or undone; times are what events say.
#include "core/book.h"

#include <ctime>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "core/clock.h"
#include "core/fields.h"
#include "pipeline/handover.h"
#include "pipeline/papers.h"
#include "pipeline/performance.h"
#include "repository/book_files.h"
#include "tests/pipeline/clone_pages.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;

Everything settings() {
  Everything out;
  out.repository.keep_free_mib = 0;
  out.repository.keep_free_percent = 0;
  out.repository.ballast_mib = 0;
  return out;
}

class BookTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    holdings_.reset();
    auto opened = Holdings::open(data(), settings(), Holdings::Mode::write);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings_ = std::move(*opened);
  }
  [[nodiscard]] fs::path data() const { return folder_.path() / "data"; }
  Handover receive(const std::string& title) {
    Handover draft;
    draft.source_unit = "Layanan";
    draft.sender = "Siti";
    draft.receiver = "Budi";
    HandoverEntry entry;
    entry.fields["title"] = {title};
    entry.fields["barcode"] = {"B-" + title};
    draft.entries.push_back(entry);
    const auto made = holdings_->receive(draft, person_agent());
    EXPECT_TRUE(made) << made.error().message.en;
    return made.value_or(Handover());
  }
  [[nodiscard]] std::vector<Problem> problems() const {
    return holdings_->verify({}, [](std::uint64_t, std::uint64_t) {}).problems;
  }

  testing_support::TempFolder folder_;
  std::unique_ptr<Holdings> holdings_;
};

TEST_F(BookTest, ABatchWhoseFileIsThereButNotTheDatabaseIsTakenOver) {
  receive("Satu");
  holdings_.reset();
  // The database as it was before the second batch, the files as they were after it.
  fs::copy(data() / "index", folder_.path() / "index", fs::copy_options::recursive);
  fs::copy(data() / "index.head", folder_.path() / "index.head");
  open();
  const auto second = receive("Dua");
  EXPECT_EQ(second.sequence_no, 2);
  holdings_.reset();
  fs::remove_all(data() / "index");
  fs::rename(folder_.path() / "index", data() / "index");
  fs::rename(folder_.path() / "index.head", data() / "index.head");
  // As a kill leaves it.
  std::ofstream(data() / "staging/working") << ItemId::make().str() << "\n";
  open();
  const auto all = holdings_->handovers();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1], second);
  EXPECT_TRUE(problems().empty());
  EXPECT_EQ(receive("Tiga").sequence_no, 3);
}

TEST_F(BookTest, AReplacementThatWasCutOffIsFinished) {
  PageCloner cloner;
  const auto made = cloner.item(*holdings_, "Buku", 2, 40);
  ASSERT_TRUE(made) << made.error().message.en;
  const auto id = made->id;
  // The page that replaces page 2 came, and the old one is there still: as add_pages() with its
  // number would leave it.
  auto records = holdings_->files().read_pages(id);
  ASSERT_TRUE(records);
  auto fresh = records->back();
  ASSERT_EQ(fresh.page.number, 2);
  fresh.page.id = PageId::make();
  fresh.page.file_seq += 1;
  fresh.events.clear();
  const auto old_seq = records->back().page.file_seq;
  const auto head = holdings_->database().chain_head();
  Event e;
  e.id = EventId::make();
  e.sequence = head.sequence + 1;
  e.at = "2026-11-28T01:02:03.000Z";
  e.type = "ingestion";
  e.agent = program_agent();
  e.item = id;
  e.page = fresh.page.id.str();
  e.outcome = "success";
  e.previous_sha256 = head.sha256;
  e.sha256 = event_digest(e);
  fresh.events = {e};
  ASSERT_TRUE(holdings_->files().write(fresh, made->digitization_no));
  holdings_.reset();
  std::ofstream(data() / "staging/working") << id.str() << "\n";
  open();
  EXPECT_EQ(holdings_->page_count(id), 2);
  const auto page = holdings_->database().page(id, 2);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->file_seq, old_seq + 1);
  const auto old = holdings_->database().page_by_seq(id, old_seq);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->state, PageState::removed);
}

TEST_F(BookTest, ABarcodeOfAWaitingBatchDescribesWhatIsRegistered) {
  const auto batch = receive("Hikayat");
  RegisterRequest request;
  request.fields = {{"barcode", "b-hikayat"}};
  const auto item = register_item(*holdings_, request, person_agent());
  ASSERT_TRUE(item) << item.error().message.en;
  EXPECT_EQ(item->field("title"), "Hikayat");
  EXPECT_EQ(item->field("batch_no"), batch.batch_no);
  EXPECT_EQ(item->field("source_unit"), "Layanan");
  EXPECT_EQ(holdings_->database().item_of_entry("st-2026-1", 1).has_value(),
            batch.batch_no == "ST/2026/0001");
  request.fields = {{"title", "Lain"}};
  request.began_at = "2019-01-01T00:00:00Z";
  EXPECT_FALSE(register_item(*holdings_, request, person_agent())) << "begun years ago";
}

TEST_F(BookTest, InPencilALineFollowsItsItemAndInInkItIsFollowedByAnother) {
  RegisterRequest request;
  request.fields = {{"title", "Satu"}};
  const auto item = register_item(*holdings_, request, person_agent());
  ASSERT_TRUE(item);
  ASSERT_TRUE(holdings_->set_fields(item->id, {{"title", "Dua"}}, person_agent()));
  EXPECT_TRUE(holdings_->database().item(item->id)->lines.empty());
  EXPECT_FALSE(holdings_->correct_line(item->id, {{"title", "Tiga"}}, "", person_agent()));
  ASSERT_TRUE(holdings_->correct_line(item->id, {{"title", "Tiga"}}, "salah", person_agent()));
  ASSERT_TRUE(holdings_->set_fields(item->id, {{"note", "rapuh"}}, person_agent()));
  ASSERT_TRUE(holdings_->set_fields(item->id, {{"subject", "no column"}}, person_agent()));
  const auto lines = holdings_->database().item(item->id)->lines;
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].values.at("title"), "Dua");
  EXPECT_EQ(lines[1].values.at("title"), "Tiga");
  EXPECT_EQ(lines[1].reason, "salah (title)");
  EXPECT_EQ(lines[2].values.at("note"), "rapuh");
  for (const auto& l : lines) EXPECT_EQ(l.sha256, register_line_digest(l));
  EXPECT_TRUE(problems().empty());
}

TEST_F(BookTest, TimesAreGapsThatAreNoLongerThanIdle) {
  RegisterRequest request;
  request.fields = {{"title", "Satu"}};
  const auto item = register_item(*holdings_, request, person_agent());
  ASSERT_TRUE(item);
  const auto alone = performance(*holdings_, "");
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->items[0].step(2).standing(), Standing::not_measured);
  EXPECT_EQ(alone->items[0].step(1).standing(), Standing::no_standard);
  ASSERT_TRUE(holdings_->set_fields(item->id, {{"note", "a"}}, person_agent()));
  const auto twice = performance(*holdings_, "");
  ASSERT_TRUE(twice);
  ASSERT_TRUE(twice->items[0].step(2).active_s);
  EXPECT_LT(*twice->items[0].step(2).active_s, 60);
  EXPECT_EQ(twice->items[0].step(2).standing(), Standing::within);
  EXPECT_EQ(twice->all.steps[1].measured, 1);
  EXPECT_FALSE(performance(*holdings_, "2026-13"));
}

TEST_F(BookTest, TimesAreOfWhoDidTheStepAndAMedianLiesBetween) {
  const Agent siti{"person", "Siti", ""};
  const Agent budi{"person", "Budi", ""};
  const auto ago = [](int seconds) {
    const auto at = static_cast<std::time_t>(utc_seconds(utc_now())) - seconds;
    std::tm t{};
    ::gmtime_r(&at, &t);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &t);
    return std::string(text);
  };
  for (const int seconds : {60, 180, 200, 600}) {
    RegisterRequest request;
    request.fields = {{"title", "Buku " + std::to_string(seconds)}, {"material_type", "map"}};
    request.began_at = ago(seconds);
    const auto item = register_item(*holdings_, request, siti);
    ASSERT_TRUE(item);
    ASSERT_TRUE(holdings_->clock(item->id, 3, true, budi));
    ASSERT_TRUE(holdings_->clock(item->id, 3, false, budi));
  }
  const auto p = performance(*holdings_, "");
  ASSERT_TRUE(p);
  EXPECT_EQ(p->items[0].step(2).by, "Siti");
  EXPECT_EQ(p->items[0].step(3).by, "Budi");
  ASSERT_EQ(p->by_operator.size(), 2U);
  const auto& at_desk = p->by_operator.at("Siti").steps;
  const auto& at_scanner = p->by_operator.at("Budi").steps;
  EXPECT_EQ(at_desk[1].measured, 4);
  EXPECT_EQ(at_desk[1].within, 3);
  EXPECT_EQ(at_desk[2].measured, 0);
  EXPECT_EQ(at_scanner[1].measured, 0);
  EXPECT_EQ(at_scanner[2].measured, 4);
  for (const auto* g : {&p->all, &p->by_operator.at("Siti"), &p->by_type.at("map")}) {
    EXPECT_NEAR(g->steps[1].median_s, 190, 2);
    EXPECT_NEAR(g->steps[1].p90_s, 480, 2);
  }
  EXPECT_EQ(p->by_operator.at("Siti").items, 4);
  EXPECT_EQ(p->by_operator.at("Siti").days, 1);
  EXPECT_EQ(p->by_operator.at("Budi").items, 0) << "who only scanned registered nothing";
  EXPECT_EQ(p->by_operator.at("Budi").days, 0);
  EXPECT_EQ(p->by_month.size(), 1U);
  ASSERT_TRUE(p->items[3].step(2).elapsed_s);
  EXPECT_NEAR(*p->items[3].step(2).elapsed_s, 600, 3);
}

TEST_F(BookTest, AHoldIsNotEndedBySendingBackAndANumberMendsNothing) {
  const Agent siti{"person", "Siti", ""};
  RegisterRequest request;
  request.fields = {{"title", "Hikayat"}, {"material_type", "map"}};
  const auto item = register_item(*holdings_, request, siti);
  ASSERT_TRUE(item);
  ASSERT_TRUE(holdings_->set_state(item->id, ItemState::on_hold, "rapuh", siti));
  EXPECT_EQ(holdings_->send_back(item->id, "judul salah", siti).error().code,
            ErrorCode::wrong_state);
  EXPECT_EQ(holdings_->database().item(item->id)->state, ItemState::on_hold);
  ASSERT_TRUE(holdings_->set_state(item->id, ItemState::registered, "", siti));
  const auto permits = [](const Item&) { return Status{}; };
  EXPECT_EQ(number_record(*holdings_, "slip", {item->digitization_no}, siti, permits).error().code,
            ErrorCode::usage);
  EXPECT_EQ(holdings_->database().item(item->id)->field("ba_no"), "");
  EXPECT_TRUE(number_record(*holdings_, "berita-acara", {item->digitization_no}, siti, permits));
  EXPECT_NE(holdings_->database().item(item->id)->field("ba_no"), "");
}

TEST(RecordNumber, MustCount) {
  for (const auto* good :
       {"{no}/BA-AM/{bulan}/{tahun}", "BA-{tahun}-{no}", "{tahun}/{bulan}/{no}"}) {
    EXPECT_TRUE(check_record_number(good)) << good;
  }
  for (const auto* bad : {"", "BA", "{no}", "{tahun}", "{no}{tahun}", "{no}7/{tahun}"}) {
    EXPECT_FALSE(check_record_number(bad)) << bad;
  }
}

TEST(BookRecords, NumbersAndJsonComeBack) {
  EXPECT_EQ(folded_batch_no("ST/2026/1"), "st-2026-0001");
  EXPECT_EQ(folded_batch_no("st-2026-0001"), "st-2026-0001");
  EXPECT_EQ(folded_batch_no("2026-01"), "");
  EXPECT_EQ(folded_batch_no("ST/2026/"), "");
  EXPECT_EQ(folded_batch_no("ST/2026/0"), "");
  EXPECT_TRUE(in_period("2026-11", "2026"));
  EXPECT_FALSE(in_period("2026-11", "2026-1x"));
  EXPECT_FALSE(in_period("2026-11", ""));
  Handover h;
  h.batch_no = "ST/2026/0001";
  h.year = 2026;
  h.sequence_no = 1;
  h.entries.push_back(
      {1, {{"title", {"Hikayat \"satu\""}}}, "returned", "rapuh", "2026-11-28", "Siti"});
  const auto back = handover_from_json(to_json(h));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, h);
  EXPECT_FALSE(handover_from_json("{}"));
  Closing c;
  c.period = "2026-11";
  c.lines = 3;
  c.letterhead = {"a", "b"};
  const auto same = closing_from_json(to_json(c));
  ASSERT_TRUE(same);
  EXPECT_EQ(*same, c);
}

}  // namespace
}  // namespace alih::pipeline
