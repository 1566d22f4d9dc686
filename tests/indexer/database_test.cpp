#include "indexer/database.h"

#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace alih::indexer {
namespace {

Item make_item(int sequence, const std::string& title) {
  Item item;
  item.id = ItemId::make();
  item.year = 2026;
  item.sequence_no = sequence;
  item.digitization_no = digitization_no(2026, sequence);
  item.series = "ALM-KOL";
  item.fields["title"] = {title};
  item.revision = 1;
  return item;
}

Change change_with(const Item& item, const std::vector<std::string>& pages) {
  Change change;
  change.item = item;
  change.new_number = true;
  int seq = 0;
  for (const auto& words : pages) {
    Page page;
    page.id = PageId::make();
    page.item = item.id;
    page.number = page.file_seq = ++seq;
    page.label = std::to_string(seq);
    page.state = PageState::indexed;
    TextLayer text;
    Line line;
    std::istringstream in(words);
    int x = 0;
    for (std::string w; in >> w; x += 100) line.words.push_back({w, {x, 0, 90, 30}, 1.0});
    text.blocks = {{{}, {line}}};
    change.pages.push_back({page, text});
  }
  return change;
}

class DatabaseTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> open() {
    auto db = Database::open(folder_.path() / "index", {}, Database::Mode::read_write, true);
    EXPECT_TRUE(db) << db.error().message.en;
    return std::move(*db);
  }
  static std::size_t count(const Database& db, const std::string& query) {
    SearchRequest r;
    r.query = query;
    const auto found = db.search(r);
    EXPECT_TRUE(found) << found.error().message.en;
    return found ? found->total : 0;
  }
  testing_support::TempFolder folder_;
};

TEST_F(DatabaseTest, FindsWordsPhrasesPrefixesAndSpellings) {
  auto db = open();
  ASSERT_TRUE(db->commit(change_with(make_item(1, "Hikayat Lama"),
                                     {"Goeroe jang tjerdik mengadjar di Loewoek oentoek anak2",
                                      "Seorang guru yang cerdik mengajar"})));
  EXPECT_EQ(count(*db, "guru"), 2U);
  EXPECT_EQ(count(*db, "goeroe"), 2U);
  EXPECT_EQ(count(*db, "\"guru\""), 1U);
  EXPECT_EQ(count(*db, "luwuk"), 1U);
  EXPECT_EQ(count(*db, "\"seorang guru\""), 1U);
  EXPECT_EQ(count(*db, "\"guru seorang\""), 0U);
  EXPECT_EQ(count(*db, "meng*"), 2U);
  EXPECT_EQ(count(*db, "guru -seorang"), 1U);
  EXPECT_EQ(count(*db, "seorang OR loewoek"), 2U);
  EXPECT_EQ(count(*db, "guru seorang"), 1U);
  EXPECT_EQ(count(*db, "hikayat"), 1U);
  EXPECT_EQ(count(*db, "title:hikayat"), 1U);
  EXPECT_EQ(count(*db, "title:guru"), 0U);
  EXPECT_EQ(count(*db, "ALM/2026/000001"), 1U);
  EXPECT_EQ(count(*db, "seoramg~"), 1U);
}

TEST_F(DatabaseTest, AModernPageIsNotFoundByAnotherWordsOldForm) {
  auto db = open();
  ASSERT_TRUE(db->commit(change_with(make_item(1, "x"), {"sang raja yang bijak dan cerdas"})));
  EXPECT_EQ(count(*db, "raja"), 1U);
  EXPECT_EQ(count(*db, "raya"), 0U);
}

TEST_F(DatabaseTest, AnswersDoNotDependOnTheSegments) {
  auto db = open();
  std::vector<std::string> pages;
  for (int i = 0; i < 100; ++i) {
    pages.push_back("kata umum nomor" + std::to_string(i) + (i % 3 == 0 ? " tiga tiga" : " lain"));
  }
  const auto whole = make_item(1, "satu");
  ASSERT_TRUE(db->commit(change_with(whole, pages)));
  testing_support::TempFolder other;
  auto pieces = Database::open(other.path() / "index", {}, Database::Mode::read_write, true);
  ASSERT_TRUE(pieces);
  const auto all = change_with(whole, pages);
  for (const auto& page : all.pages) {
    Change one;
    one.item = whole;
    one.new_number = true;
    one.pages = {page};
    ASSERT_TRUE((*pieces)->commit(one));
  }
  EXPECT_GT((*pieces)->segment_count(), 1U);
  SearchRequest r;
  r.query = "kata tiga";
  r.limit = 100;
  const auto a = db->search(r);
  const auto b = (*pieces)->search(r);
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->total, b->total);
  for (std::size_t i = 0; i < a->hits.size(); ++i) {
    EXPECT_EQ(a->hits[i].page->number, b->hits[i].page->number);
    EXPECT_DOUBLE_EQ(a->hits[i].score, b->hits[i].score);
  }
}

TEST_F(DatabaseTest, EscapesSnippetsAndMarksBoxes) {
  auto db = open();
  ASSERT_TRUE(
      db->commit(change_with(make_item(1, "x"), {"<img onerror=alert(1)> guru seorang & teman"})));
  SearchRequest r;
  r.query = "\"guru seorang\"";
  const auto found = db->search(r);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->hits.size(), 1U);
  EXPECT_EQ(found->hits[0].snippet.find("<img"), std::string::npos);
  EXPECT_NE(found->hits[0].snippet.find("<mark>guru</mark>"), std::string::npos);
  ASSERT_EQ(found->hits[0].boxes.size(), 1U) << "neighbours on a line are one box";
  EXPECT_EQ(found->hits[0].boxes[0], (Box{200, 0, 190, 30}));
}

TEST_F(DatabaseTest, KeepsAccessClassesOutOfEveryNumber) {
  auto db = open();
  auto open_item = make_item(1, "guru");
  open_item.access = AccessClass::open;
  ASSERT_TRUE(db->commit(change_with(open_item, {})));
  ASSERT_TRUE(db->commit(change_with(make_item(2, "guru"), {"guru"})));
  SearchRequest r;
  r.query = "guru";
  r.widest_access = AccessClass::open;
  const auto found = db->search(r);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total, 1U);
  EXPECT_EQ(found->series.at("ALM-KOL"), 1);
}

TEST_F(DatabaseTest, OpensAgainWithTheSameAnswersAndRefusesASecondNumber) {
  const auto item = make_item(1, "Hikayat");
  {
    auto db = open();
    ASSERT_TRUE(db->commit(change_with(item, {"guru"})));
    EXPECT_FALSE(db->commit(change_with(make_item(1, "other"), {})));
  }
  auto db = open();
  EXPECT_EQ(count(*db, "guru"), 1U);
  EXPECT_EQ(db->next_sequence_no(2026), 2);
  auto withdrawn = item;
  withdrawn.state = ItemState::withdrawn;
  Change change;
  change.item = withdrawn;
  ASSERT_TRUE(db->commit(change));
  EXPECT_EQ(count(*db, "guru"), 0U);
  EXPECT_EQ(count(*db, "hikayat"), 0U);
}

TEST_F(DatabaseTest, PagesOfAWithdrawnItemStayOutWhateverCommitsThem) {
  auto db = open();
  auto item = make_item(1, "Hikayat");
  item.state = ItemState::withdrawn;
  // As rebuild commits it: item and pages at once.
  const auto change = change_with(item, {"kelapa sawit"});
  ASSERT_TRUE(db->commit(change));
  EXPECT_EQ(count(*db, "kelapa"), 0U);
  // And a page that was read again.
  Change again;
  again.pages = change.pages;
  ASSERT_TRUE(db->commit(again));
  EXPECT_EQ(count(*db, "kelapa"), 0U);
}

}  // namespace
}  // namespace alih::indexer
