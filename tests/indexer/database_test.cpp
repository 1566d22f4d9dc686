#include "indexer/database.h"

#include <atomic>
#include <chrono>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "core/clock.h"
#include "indexer/calm.h"
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

// Whom only what is open to everybody is shown.
Audience open_only() {
  Audience out;
  out.records = out.texts = 0;
  for (int r = 0; r < 7; ++r) {
    const auto bit = std::uint64_t{1}
                     << access_kind(AccessClass::open, static_cast<RightsStatus>(r), {});
    out.records |= bit;
    out.texts |= bit;
  }
  return out;
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

TEST_F(DatabaseTest, WhatRunsOverALinesEndHasTwoBoxes) {
  auto db = open();
  auto change = change_with(make_item(1, "x"), {"kami membaca surat kabar lama di perpustakaan"});
  auto& block = change.pages[0].text->blocks[0];
  block.lines.resize(2);
  block.lines[0].words = {{"membaca", {0, 0, 90, 30}, 1.0},
                          {"surat", {100, 0, 90, 30}, 1.0},
                          {"perpus-", {200, 0, 90, 30}, 1.0}};
  block.lines[1].words = {{"takaan", {0, 50, 80, 30}, 1.0}, {"kota", {100, 50, 90, 30}, 1.0}};
  ASSERT_TRUE(db->commit(change));
  const auto boxes = [&](const std::string& query) {
    SearchRequest r;
    r.query = query;
    const auto found = db->search(r);
    EXPECT_TRUE(found && found->hits.size() == 1) << query;
    return found && found->hits.size() == 1 ? found->hits[0].boxes : std::vector<Box>();
  };
  const std::vector<Box> halves{{200, 0, 90, 30}, {0, 50, 80, 30}};
  EXPECT_EQ(boxes("perpustakaan"), halves) << "both halves of the word";
  const std::vector<Box> lines{{100, 0, 190, 30}, {0, 50, 80, 30}};
  EXPECT_EQ(boxes("\"surat perpustakaan\""), lines) << "a phrase over two lines";
}

TEST_F(DatabaseTest, KeepsAccessClassesOutOfEveryNumber) {
  auto db = open();
  auto open_item = make_item(1, "guru");
  open_item.access = AccessClass::open;
  ASSERT_TRUE(db->commit(change_with(open_item, {})));
  ASSERT_TRUE(db->commit(change_with(make_item(2, "guru"), {"guru"})));
  SearchRequest r;
  r.query = "guru";
  r.audience = open_only();
  const auto found = db->search(r);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total, 1U);
  EXPECT_EQ(found->series.at("ALM-KOL"), 1);
}

TEST_F(DatabaseTest, FindsAnItemByItsDescriptionButNotByTextThatMayNotBeQuoted) {
  auto db = open();
  auto item = make_item(1, "Hikayat");
  item.access = AccessClass::open;
  ASSERT_TRUE(db->commit(change_with(item, {"pelabuhan ramai", "hikayat lama"})));
  SearchRequest r;
  r.audience = open_only();
  r.audience.texts = 0;
  r.query = "pelabuhan";
  EXPECT_EQ(db->search(r)->total, 0U);
  EXPECT_TRUE(db->search(r)->years.empty() && db->search(r)->series.empty());
  r.query = "hikayat";
  const auto found = db->search(r);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total, 1U) << "the description, not the page";
  EXPECT_FALSE(found->hits[0].page);
  r.audience = open_only();
  EXPECT_EQ(db->search(r)->total, 2U);
  r.audience.no_text_series = {"ALM-KOL"};
  EXPECT_EQ(db->search(r)->total, 1U);
  // Of what may be quoted in part only so many words are shown.
  r.audience = open_only();
  r.audience.short_texts = r.audience.texts;
  r.audience.short_words = 1;
  r.query = "ramai";
  EXPECT_EQ(db->search(r)->hits.at(0).snippet.find("pelabuhan"), std::string::npos);
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

// Enough pages for large segments, some of them read again, an item withdrawn: the answers are
// those of a database that got everything at once, before and after merges and a new start.
TEST_F(DatabaseTest, MergesAndDeletionsChangeNoAnswer) {
  std::vector<Change> changes;
  for (int i = 0; i < 50; ++i) {
    std::vector<std::string> pages;
    for (int p = 0; p < 90; ++p) {
      pages.push_back("halaman umum kata" + std::to_string((i * 7 + p) % 40) + " nomor" +
                      std::to_string(p % 9) + (p % 5 == 0 ? " umum umum" : " lain"));
    }
    changes.push_back(change_with(make_item(i + 1, "Buku " + std::to_string(i)), pages));
  }
  // Read again: other words on the same pages.
  std::vector<Change> again;
  for (int i = 0; i < 50; i += 5) {
    Change change;
    for (int p = 0; p < 20; ++p) {
      auto page = changes[static_cast<std::size_t>(i)].pages[static_cast<std::size_t>(p)];
      page.text->blocks[0].lines[0].words[0].text = "lembar";
      change.pages.push_back(page);
    }
    again.push_back(std::move(change));
  }
  Change withdraw;
  withdraw.item = *changes[7].item;
  withdraw.item->state = ItemState::withdrawn;

  auto db = open();
  for (const auto& c : changes) ASSERT_TRUE(db->commit(c));
  for (const auto& c : again) ASSERT_TRUE(db->commit(c));
  ASSERT_TRUE(db->commit(withdraw));

  testing_support::TempFolder other;
  auto fresh = Database::open(other.path() / "index", {}, Database::Mode::read_write, true);
  ASSERT_TRUE(fresh);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto c = changes[i];
    if (i % 5 == 0) {
      for (std::size_t p = 0; p < 20; ++p) c.pages[p] = again[i / 5].pages[p];
    }
    if (i == 7) c.item = withdraw.item;
    ASSERT_TRUE((*fresh)->commit(c));
  }
  const auto answers = [](const Database& database) {
    std::string out;
    for (const char* query :
         {"umum", "lembar", "halaman kata3", "kata1 OR nomor4", "\"kata5 nomor5\"", "nom*", "buku",
          "umum -lembar", "title:buku kata2"}) {
      SearchRequest r;
      r.query = query;
      r.limit = 60;
      const auto found = database.search(r);
      EXPECT_TRUE(found) << query;
      if (!found) continue;
      out += std::string(query) + " " + std::to_string(found->total);
      for (const auto& hit : found->hits) {
        out += " " + hit.item.digitization_no + "/" +
               std::to_string(hit.page ? hit.page->number : 0) + "=" + std::to_string(hit.score);
      }
      out += "\n";
    }
    return out;
  };
  const auto expected = answers(**fresh);
  EXPECT_EQ(answers(*db), expected) << "while merges may be going on";
  ASSERT_TRUE(db->settle());
  EXPECT_EQ(answers(*db), expected);
  db.reset();
  db = open();
  EXPECT_EQ(answers(*db), expected) << "after a new start";
  ASSERT_TRUE(db->merge_index());
  EXPECT_EQ(db->segment_count(), 1U);
  EXPECT_EQ(answers(*db), expected) << "as one segment";
  EXPECT_TRUE(db->verify_checksums());
  db.reset();
  const auto reader =
      Database::open(folder_.path() / "index", {}, Database::Mode::read_only, false);
  ASSERT_TRUE(reader);
  EXPECT_EQ(answers(**reader), expected) << "from a reader beside";
}

// A command beside the service: merges delete tables all the time, and no reader may call that
// damage.
TEST_F(DatabaseTest, AReaderOpensAndSearchesBesideMerges) {
  auto db = open();
  using Clock = std::chrono::steady_clock;
  std::atomic<bool> done = false;
  // Merges come from none to four times as long after each other as a reader takes to open, which
  // under a sanitizer is long: some of them fall into an opening, some openings find a calm.
  std::atomic<Clock::duration> opening{std::chrono::milliseconds(10)};
  std::thread writer([&] {
    for (int i = 1; !done; ++i) {
      EXPECT_TRUE(db->commit(change_with(make_item(i, "Satu"), {"pelabuhan ramai"})));
      EXPECT_TRUE(db->merge_index());
      std::this_thread::sleep_for(i % 5 * opening.load());
    }
  });
  for (int i = 0; i < 30; ++i) {
    const auto began = Clock::now();
    const auto reader =
        Database::open(folder_.path() / "index", {}, Database::Mode::read_only, false);
    opening = std::min<Clock::duration>(Clock::now() - began, std::chrono::milliseconds(500));
    EXPECT_TRUE(reader) << reader.error().message.en;
    if (!reader) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // what it read of is gone by now
    SearchRequest r;
    r.query = "pelabuhan";
    const auto found = (*reader)->search(r);
    EXPECT_TRUE(found) << found.error().message.en;
    if (!found) break;
  }
  done = true;
  writer.join();
}

// No pause is ever as long as an opening: the reader must be given one.
TEST_F(DatabaseTest, AReaderOpensAmongMergesWithoutAPause) {
  auto db = open();
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 1; !done; ++i) {
      EXPECT_TRUE(db->commit(change_with(make_item(i, "Satu"), {"pelabuhan ramai"})));
      EXPECT_TRUE(db->merge_index());
    }
  });
  for (int i = 0; i < 8; ++i) {
    const auto reader =
        Database::open(folder_.path() / "index", {}, Database::Mode::read_only, false);
    EXPECT_TRUE(reader) << reader.error().message.en;
  }
  done = true;
  writer.join();
}

TEST_F(DatabaseTest, MergesWaitForReadersAndNotForEver) {
  auto db = open();
  const auto place = folder_.path() / "index";
  const auto waited = [&](double most_s) {
    const auto began = monotonic_seconds();
    wait_for_readers(place, most_s, {});
    return monotonic_seconds() - began;
  };
  {
    const AskForCalm one(place);
    const AskForCalm another(place);
    EXPECT_GE(waited(0.2), 0.2);
  }
  EXPECT_LT(waited(60), 30) << "nobody asks any more";
  std::stop_source stop;
  stop.request_stop();
  const AskForCalm calm(place);
  const auto began = monotonic_seconds();
  wait_for_readers(place, 60, stop.get_token());
  EXPECT_LT(monotonic_seconds() - began, 30);
}

TEST_F(DatabaseTest, SuggestsWhatWasMeantAndNothingClosed) {
  auto db = open();
  auto first = make_item(1, "Satu");
  first.access = AccessClass::open;
  ASSERT_TRUE(
      db->commit(change_with(first, {"pelabuhan ramai", "pelabuhan sepi", "pelabuhan lama"})));
  SearchRequest r;
  r.query = "pelabuhon ramai";
  auto found = db->search(r);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->suggestions, (std::vector<std::string>{"pelabuhan ramai"}));
  // The same word on closed pages only is not told to the public.
  auto closed = make_item(2, "Dua");
  closed.access = AccessClass::closed;
  ASSERT_TRUE(db->commit(change_with(closed, {"rahasia besar", "rahasia kecil", "rahasia lama"})));
  r.query = "rahosia";
  r.audience = open_only();
  found = db->search(r);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total, 0U);
  EXPECT_TRUE(found->suggestions.empty());
  r.audience = {};
  EXPECT_FALSE(db->search(r)->hits.empty() && db->search(r)->suggestions.empty());
}

TEST_F(DatabaseTest, FindsFormsOfAWordAndLightsThem) {
  auto db = open();
  ASSERT_TRUE(db->commit(
      change_with(make_item(1, "x"), {"kami menulis surat dan surat itu ditulis rapi",
                                      "goeroe jang menoelis di kampoeng oentoek anak2nja"})));
  SearchRequest r;
  r.query = "penulisan";
  const auto found = db->search(r);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total, 2U);
  EXPECT_NE(found->hits[0].snippet.find("<mark>menulis</mark>"), std::string::npos)
      << found->hits[0].snippet;
  EXPECT_EQ(found->hits[0].boxes.size(), 2U);
  r.exact = true;
  EXPECT_EQ(db->search(r)->total, 0U);
  EXPECT_EQ(count(*db, "anak"), 1U);
  EXPECT_EQ(count(*db, "tulis"), 2U);
  EXPECT_EQ(count(*db, "\"penulisan\""), 0U);
}

TEST_F(DatabaseTest, UnsureWordsAreFoundAfterSureOnes) {
  auto db = open();
  auto change = change_with(make_item(1, "x"), {"kelapa sawit muda", "kelapa sawit muda"});
  change.pages[0].text->blocks[0].lines[0].words[0].confidence = 0.2;
  ASSERT_TRUE(db->commit(change));
  SearchRequest r;
  r.query = "kelapa";
  const auto found = db->search(r);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->hits.size(), 2U);
  EXPECT_EQ(found->hits[0].page->number, 2);
  EXPECT_GT(found->hits[0].score, found->hits[1].score);
  EXPECT_EQ(count(*db, "\"kelapa sawit\""), 2U) << "a phrase runs over it";
}

TEST_F(DatabaseTest, PathologicalQuestionsAreBoundedAndSaySo) {
  auto db = open();
  std::vector<std::string> pages;
  for (int p = 0; p < 30; ++p) {
    std::string text;
    for (int w = 0; w < 50; ++w) text += "ka" + std::to_string(p * 50 + w) + " ";
    pages.push_back(text);
  }
  pages.emplace_back();
  for (int w = 10; w < 90; ++w) pages.back() += "panjang" + std::to_string(w) + " ";
  ASSERT_TRUE(db->commit(change_with(make_item(1, "x"), pages)));
  SearchRequest r;
  r.query = "ka*";
  const auto found = db->search(r);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->notes.size(), 1U) << "1500 words, 1000 of them are looked for";
  r.query = "panjang10~";
  const auto like = db->search(r);
  ASSERT_TRUE(like);
  ASSERT_EQ(like->notes.size(), 1U) << "80 differ by two letters at most";
  EXPECT_NE(like->notes[0].en.find("50 likeliest"), std::string::npos) << like->notes[0].en;
  r.query = "ka77~";
  const auto few = db->search(r);
  ASSERT_TRUE(few);
  EXPECT_TRUE(few->notes.empty());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "kata" + std::to_string(i) + " ";
  std::string fuzzy;
  for (int i = 0; i < 30; ++i) fuzzy += "kata" + std::to_string(i) + "~ ";
  for (const auto& query : {std::string("a*"), many, fuzzy}) {
    r.query = query;
    const auto refused = db->search(r);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::bad_query);
  }
}

TEST_F(DatabaseTest, SearchesInOneItemAndGroupsByItem) {
  auto db = open();
  const auto a = make_item(1, "A");
  ASSERT_TRUE(db->commit(change_with(a, {"guru satu", "guru dua", "tiga"})));
  ASSERT_TRUE(db->commit(change_with(make_item(2, "B"), {"guru empat"})));
  SearchRequest r;
  r.query = "guru";
  r.item = a.id;
  EXPECT_EQ(db->search(r)->total, 2U);
  r.item.reset();
  r.by_item = true;
  const auto grouped = db->search(r);
  ASSERT_TRUE(grouped);
  EXPECT_EQ(grouped->total, 2U);
  ASSERT_EQ(grouped->hits.size(), 2U);
  EXPECT_EQ(grouped->hits[0].in_item + grouped->hits[1].in_item, 3U);
}

}  // namespace
}  // namespace alih::indexer
