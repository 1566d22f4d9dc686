// Damage of every kind to files of items: named, marked, mended from a backup, and the damaged
// bytes kept aside.
#include "pipeline/repair.h"

#include <algorithm>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/backup.h"
#include "pipeline/backup_folder.h"
#include "pipeline/catalogue.h"
#include "repository/book_files.h"
#include "tests/pipeline/clone_pages.h"
#include "tests/support/bytes.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

void quiet(std::uint64_t, std::uint64_t) {}

using testing_support::flip;
using testing_support::read;

std::string told(const std::vector<Problem>& problems) {
  std::string out;
  for (const auto& p : problems) out += p.kind + " " + p.where + ": " + p.detail + "\n";
  return out;
}

// An open item, and a closed one with two versions, all of it in a backup.
class RepairTest : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.repository.keep_free_mib = 0;
    settings_.repository.keep_free_percent = 0;
    settings_.repository.ballast_mib = 0;
    auto opened = Holdings::open(data(), settings_, Holdings::Mode::write);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings_ = std::move(*opened);
    const auto open = cloner_.item(*holdings_, "Buku terbuka", 3, 40);
    const auto closed = cloner_.item(*holdings_, "Buku tertutup", 3, 40);
    ASSERT_TRUE(open && closed);
    ASSERT_TRUE(holdings_->close(closed->id, program_agent()));
    ASSERT_TRUE(holdings_->set_fields(closed->id, {{"title", "Judul baru"}}, program_agent()));
    open_ = open->id;
    closed_ = closed->id;
    ASSERT_EQ(holdings_->files().objects().head(closed_), 2);
    const auto made = backup(*holdings_, {second(), false, 0, {}}, quiet);
    ASSERT_TRUE(made) << made.error().message.en;
    ASSERT_THAT(made->problems, IsEmpty());
  }
  [[nodiscard]] fs::path data() const { return work_ / "data"; }
  [[nodiscard]] fs::path second() const { return work_ / "backup"; }
  std::vector<Problem> problems() { return holdings_->verify({}, quiet).problems; }
  RepairReport mend(const fs::path& from) {
    auto report = repair(*holdings_, {}, from, program_agent(), quiet);
    EXPECT_TRUE(report) << report.error().message.en;
    return report ? std::move(*report) : RepairReport{};
  }
  // The first file below the item's folder or object with that in its path.
  fs::path file_of(const ItemId& id, const std::string& part) {
    const auto root = id == open_ ? holdings_->files().item_folder(id)
                                  : holdings_->files().objects().object_path(id);
    std::set<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file() && entry.path().string().find(part) != std::string::npos) {
        found.insert(entry.path());
      }
    }
    EXPECT_FALSE(found.empty()) << part;
    return found.empty() ? fs::path() : *found.begin();
  }
  std::vector<std::string> set_aside() const {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::recursive_directory_iterator it(data() / "quarantine", error), end;
         !error && it != end; it.increment(error)) {
      if (it->is_regular_file()) out.push_back(read(it->path()));
    }
    return out;
  }
  int recoveries(const ItemId& id, const std::string& file) const {
    int out = 0;
    for (const auto& event : holdings_->database().events(id)) {
      if (event.type == "recovery" && event.detail.find(file) != std::string::npos) ++out;
    }
    return out;
  }

  testing_support::TempFolder work_;
  Everything settings_;
  std::unique_ptr<Holdings> holdings_;
  PageCloner cloner_;
  ItemId open_;
  ItemId closed_;
};

const std::vector<std::pair<std::string, std::function<void(const fs::path&)>>>& ways() {
  static const std::vector<std::pair<std::string, std::function<void(const fs::path&)>>> all = {
      {"flipped", flip},
      {"cut short", [](const fs::path& p) { fs::resize_file(p, fs::file_size(p) / 2); }},
      {"emptied", [](const fs::path& p) { fs::resize_file(p, 0); }},
      {"deleted", [](const fs::path& p) { fs::remove(p); }},
  };
  return all;
}

struct Kind {
  std::string name;
  bool closed;
  std::string part;      // of the path
  bool follows = false;  // the database has it too
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

struct RepairKind : RepairTest, ::testing::WithParamInterface<Kind> {};

TEST_P(RepairKind, IsNamedMarkedAndComesBackByteForByteFromABackup) {
  const auto& kind = GetParam();
  const auto id = kind.closed ? closed_ : open_;
  const auto path = file_of(id, kind.part);
  ASSERT_FALSE(path.empty());
  const auto good = read(path);
  const auto name = path.filename().string();
  for (const auto& [how, damage] : ways()) {
    SCOPED_TRACE(name + " " + how);
    damage(path);
    const auto bad = read(path);
    const bool there = fs::exists(path);

    const auto found = problems();
    ASSERT_FALSE(found.empty());
    EXPECT_THAT(told(found), HasSubstr(name.substr(0, name.find(".sha512"))));
    for (const auto& p : found) {
      if (p.kind == "database_differs") continue;
      EXPECT_EQ(p.item, id) << "nothing else is blamed; " << told({p});
    }

    const auto fresh = holdings_->mark(id, found);
    ASSERT_TRUE(fresh) << fresh.error().message.en;
    EXPECT_GT(*fresh, 0);
    EXPECT_EQ(*holdings_->mark(id, found), 0) << "told once";
    EXPECT_FALSE(holdings_->database().damage(id).empty());
    EXPECT_TRUE(read(path) == bad) << "looking changes nothing";
    EXPECT_EQ(fs::exists(path), there);

    if (!kind.follows) {
      const auto nothing = mend({});
      EXPECT_THAT(nothing.repaired, IsEmpty()) << told(nothing.repaired);
      EXPECT_THAT(told(nothing.left), HasSubstr("No good copy was found"));
      EXPECT_TRUE(read(path) == bad);
      EXPECT_FALSE(holdings_->database().damage(id).empty());
    }
    const auto before = recoveries(id, name);
    const auto report = mend(second());
    EXPECT_EQ(told(report.left), "");
    EXPECT_FALSE(report.repaired.empty());
    EXPECT_TRUE(read(path) == good);
    EXPECT_THAT(holdings_->database().damage(id), IsEmpty()) << "the marks are off";
    EXPECT_EQ(recoveries(id, name.substr(0, name.find(".sha512"))), before + 1);
    EXPECT_EQ(told(problems()), "");
    if (!bad.empty() && !kind.follows) {
      EXPECT_EQ(std::ranges::count(set_aside(), bad), 1) << "kept, not deleted";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RepairKind,
                         ::testing::Values(Kind{"OpenMaster", false, "_m_0002"},
                                           Kind{"OpenPage", false, "_x_0002", true},
                                           Kind{"ClosedMaster", true, "v1/content/alm"},
                                           Kind{"ClosedPage", true, "_x_0002"},
                                           Kind{"Alto", true, ".xml"},
                                           Kind{"ClosedItem", true, "v2/content/item.json"},
                                           Kind{"OlderInventory", true, "v1/inventory.json"}),
                         [](const auto& kind) { return kind.param.name; });

// The database has the item too, and what was found is an event of it: finding the damage makes its
// record anew.
TEST_F(RepairTest, TwoPagesThatNameOneFileWithOtherDigestsAreTold) {
  std::vector<PageRecord> pages;
  const auto bad =
      holdings_->files().each_page(open_, [&](PageRecord p) { pages.push_back(std::move(p)); });
  ASSERT_TRUE(bad.empty());
  ASSERT_GE(pages.size(), 2U);
  auto& first = pages[0].page.master;
  first.file = pages[1].page.master.file;
  first.fixity.sha256[0] = first.fixity.sha256[0] == '0' ? '1' : '0';
  first.fixity.sha512[0] = first.fixity.sha512[0] == '0' ? '1' : '0';
  const auto item = holdings_->database().item(open_);
  ASSERT_TRUE(item && holdings_->files().write(pages[0], item->digitization_no));
  VerifyReport report;
  holdings_->verify_item(open_, report);
  EXPECT_THAT(told(report.problems), HasSubstr("two pages name it with different digests"));
}

TEST_F(RepairTest, AnOpenItemsRecordIsMadeAnewFromTheDatabase) {
  const auto path = file_of(open_, "item.json");
  for (const auto& [how, damage] : ways()) {
    SCOPED_TRACE(how);
    damage(path);
    const auto found = problems();
    EXPECT_THAT(told(found), HasSubstr("item.json"));
    const auto report = mend({});
    EXPECT_EQ(told(report.left), "");
    EXPECT_THAT(report.repaired, SizeIs(1));
    EXPECT_EQ(told(problems()), "");

    damage(path);
    ASSERT_EQ(*holdings_->mark(open_, problems()), 1);
    EXPECT_EQ(told(problems()), "") << "its event";
    EXPECT_THAT(holdings_->database().damage(open_), SizeIs(1));
    EXPECT_EQ(told(mend({}).left), "");
    EXPECT_THAT(holdings_->database().damage(open_), IsEmpty()) << "the mark is off";
  }
}

// The inventory of the object's root and of the newest version are the same: one mends the other.
TEST_F(RepairTest, AnInventoryComesBackFromTheVersionsOwnCopyOrFromTheBackup) {
  const auto object = holdings_->files().objects().object_path(closed_);
  for (const auto& [how, damage] : ways()) {
    for (const char* where : {"", "both"}) {
      SCOPED_TRACE(how + " " + where);
      // Each repair makes a version; what is damaged is then the newest, which the backup has too.
      ASSERT_TRUE(backup(*holdings_, {second(), false, 0, {}}, quiet));
      const auto head = object / ("v" + std::to_string(holdings_->files().objects().head(closed_)));
      const auto good = read(object / "inventory.json");
      damage(object / "inventory.json");
      if (*where != '\0') damage(head / "inventory.json");
      const auto found = problems();
      EXPECT_THAT(told(found), HasSubstr("inventory.json"));
      ASSERT_TRUE(holdings_->mark(closed_, found));
      const auto report = mend(*where != '\0' ? second() : fs::path());
      EXPECT_EQ(told(report.left), "");
      EXPECT_TRUE(read(head / "inventory.json") == good);
      EXPECT_THAT(holdings_->database().damage(closed_), IsEmpty());
      EXPECT_EQ(told(problems()), "");
    }
  }
}

TEST_F(RepairTest, ADamagedFileOfTheSecondCopyIsNotTaken) {
  const auto folder = BackupFolder::open(second(), BackupFolder::Mode::read);
  ASSERT_TRUE(folder);
  const auto snapshot = folder->read(folder->snapshots().back());
  ASSERT_TRUE(snapshot);
  fs::copy(data(), work_ / "copy", fs::copy_options::recursive);
  for (const auto& path : {file_of(open_, "_m_0002"), file_of(closed_, "v1/content/alm")}) {
    SCOPED_TRACE(path.string());
    const auto relative = path.lexically_relative(data());
    const auto good = read(path);
    const auto object = folder->object(snapshot->files.at(relative.string()).digest);
    flip(object);
    flip(work_ / "copy" / relative);
    flip(path);
    const auto bad = read(path);
    for (const auto& from : {second(), work_ / "copy"}) {
      const auto report = mend(from);
      EXPECT_THAT(report.repaired, IsEmpty()) << told(report.repaired);
      EXPECT_THAT(told(report.left), HasSubstr("No good copy was found"));
      EXPECT_TRUE(read(path) == bad) << "what was there stays as it is";
    }
    EXPECT_THAT(set_aside(), IsEmpty());
    // Its own bytes again, and it serves.
    flip(work_ / "copy" / relative);
    EXPECT_EQ(told(mend(work_ / "copy").left), "");
    EXPECT_TRUE(read(path) == good);
    fs::remove_all(data() / "quarantine");
  }
  EXPECT_EQ(told(problems()), "");
}

TEST_F(RepairTest, WhatIsDamagedGetsNoNewVersionUntilItIsMended) {
  const auto path = file_of(closed_, "v1/content/alm");
  flip(path);
  ASSERT_TRUE(holdings_->mark(closed_, problems()));
  ASSERT_TRUE(holdings_->set_fields(closed_, {{"title", "Judul lain"}}, program_agent()));
  EXPECT_EQ(holdings_->files().objects().head(closed_), 2);
  EXPECT_EQ(told(mend(second()).left), "");
  EXPECT_EQ(holdings_->files().objects().head(closed_), 3) << "the version that had to wait";
  EXPECT_EQ(told(problems()), "");
}

// The database is lost as well: what rebuild would read is mended first.
TEST_F(RepairTest, WithoutADatabaseTheFilesAreMendedForRebuild) {
  const auto master = file_of(open_, "_m_0001");
  const auto page = file_of(open_, "_x_0002");
  const auto item = file_of(open_, "item.json");
  const auto closed = file_of(closed_, "_x_0001");
  const auto old = file_of(closed_, "v1/inventory.json");
  std::map<fs::path, std::string> good;
  for (const auto& path : {master, page, item, closed, old}) good[path] = read(path);
  holdings_.reset();
  fs::copy(data(), work_ / "copy", fs::copy_options::recursive);
  for (const auto& from : {second(), work_ / "copy"}) {
    SCOPED_TRACE(from.string());
    fs::remove_all(data() / "index");
    fs::resize_file(master, 10);
    fs::resize_file(page, 10);
    fs::resize_file(item, 10);
    flip(closed);
    fs::remove(old);
    const auto files = repository::Repository::open(data(), settings_.repository);
    ASSERT_TRUE(files);
    EXPECT_FALSE(rebuild(data(), settings_, quiet)) << "a record that cannot be read";
    const auto report = repair_files(*files, from, quiet);
    ASSERT_TRUE(report) << report.error().message.en;
    EXPECT_EQ(told(report->left), "");
    for (const auto& [path, bytes] : good) EXPECT_TRUE(read(path) == bytes) << path;
    const auto made = rebuild(data(), settings_, quiet);
    ASSERT_TRUE(made) << made.error().message.en;
    EXPECT_EQ(made->pages, 6);
  }
  auto opened = Holdings::open(data(), settings_, Holdings::Mode::write);
  ASSERT_TRUE(opened) << opened.error().message.en;
  EXPECT_EQ(told((*opened)->verify({}, quiet).problems), "");
}

// Batches, closings and imports are files, too.
struct RepairLists : RepairTest {
  void SetUp() override {
    RepairTest::SetUp();
    Handover draft;
    draft.source_unit = "Layanan";
    draft.sender = "Siti";
    draft.receiver = "Budi";
    draft.entries.emplace_back().fields["title"] = {"Menunggu"};
    ASSERT_TRUE(holdings_->receive(draft, program_agent()));
    Closing closing;
    closing.period = "2019-01";
    ASSERT_TRUE(holdings_->close_period(closing, program_agent()));
    std::ofstream(work_ / "rows.csv") << "judul,no induk\nHikayat,1/2019\nSyair,2/2019\n";
    ImportRequest request;
    request.file = work_ / "rows.csv";
    request.from = "csv";
    const auto done = import_rows(*holdings_, request, ALIH_WORKER, quiet);
    ASSERT_TRUE(done) << done.error().message.en;
    ASSERT_EQ(done->imported, 2);
    catalogue_ = "catalogue/" + done->id + ".jsonl";
    ASSERT_TRUE(backup(*holdings_, {second(), false, 0, {}}, quiet));
    fs::copy(data(), work_ / "copy", fs::copy_options::recursive);
    for (const auto& name : repository::book_files(data()))
      books_.push_back("register/" + name + ".json");
    ASSERT_THAT(books_, SizeIs(2));
  }
  std::vector<std::string> books_;
  std::string catalogue_;
};

TEST_F(RepairLists, BatchesAndClosingsComeBackFromTheDatabase) {
  const auto batches = holdings_->handovers();
  for (const auto& file : books_) {
    for (const auto& [how, damage] : ways()) {
      SCOPED_TRACE(file + " " + how);
      damage(data() / file);
      EXPECT_THAT(told(problems()), HasSubstr(file.substr(0, file.find('.'))));
      const auto report = mend({});
      EXPECT_EQ(told(report.left), "");
      EXPECT_THAT(report.repaired, SizeIs(1));
      EXPECT_EQ(told(problems()), "");
    }
  }
  EXPECT_EQ(holdings_->handovers(), batches);
  EXPECT_THAT(set_aside(), SizeIs(6)) << "what was there is not deleted";
}

TEST_F(RepairLists, ImportsComeBackFromTheSecondCopyOnlyAsTheChainKnowsThem) {
  const auto path = data() / catalogue_;
  const auto good = read(path);
  for (const auto& from : {second(), work_ / "copy"}) {
    for (const auto& [how, damage] : ways()) {
      SCOPED_TRACE(from.string() + " " + how);
      damage(path);
      EXPECT_THAT(told(problems()), HasSubstr(catalogue_));
      EXPECT_THAT(told(mend({}).left), HasSubstr("No good copy was found"));
      const auto report = mend(from);
      EXPECT_EQ(told(report.left), "");
      EXPECT_THAT(report.repaired, SizeIs(1));
      EXPECT_TRUE(read(path) == good);
    }
  }
  // A copy that is damaged itself, or whole but of something else, mends nothing.
  flip(work_ / "copy" / catalogue_);
  flip(path);
  EXPECT_THAT(told(mend(work_ / "copy").left), HasSubstr("No good copy was found"));
  testing_support::TempFolder elsewhere;
  auto other = Holdings::open(elsewhere.path() / "data", settings_, Holdings::Mode::write);
  ASSERT_TRUE(other);
  ImportRequest request;
  request.file = work_ / "rows.csv";
  request.from = "csv";
  const auto foreign = import_rows(**other, request, ALIH_WORKER, quiet);
  ASSERT_TRUE(foreign);
  fs::copy_file(elsewhere.path() / "data/catalogue" / (foreign->id + ".jsonl"),
                work_ / "copy" / catalogue_, fs::copy_options::overwrite_existing);
  EXPECT_THAT(told(mend(work_ / "copy").left), HasSubstr("No good copy was found"));
  EXPECT_EQ(told(mend(second()).left), "");
}

TEST_F(RepairLists, WithoutADatabaseTheyAreMendedForRebuild) {
  const auto batches = holdings_->handovers();
  holdings_.reset();
  for (const auto& from : {second(), work_ / "copy"}) {
    SCOPED_TRACE(from.string());
    fs::remove_all(data() / "index");
    for (const auto& file : books_) flip(data() / file);
    flip(data() / catalogue_);
    const auto files = repository::Repository::open(data(), settings_.repository);
    ASSERT_TRUE(files);
    const auto report = repair_files(*files, from, quiet);
    ASSERT_TRUE(report) << report.error().message.en;
    EXPECT_EQ(told(report->left), "");
    EXPECT_THAT(report->repaired, SizeIs(3));
    const auto made = rebuild(data(), settings_, quiet);
    ASSERT_TRUE(made) << made.error().message.en;
  }
  auto opened = Holdings::open(data(), settings_, Holdings::Mode::write);
  ASSERT_TRUE(opened) << opened.error().message.en;
  EXPECT_EQ(told((*opened)->verify({}, quiet).problems), "");
  EXPECT_EQ((*opened)->handovers(), batches);
}

TEST_F(RepairTest, ASourceThatIsNotThereIsSaidAtOnce) {
  const auto report = repair(*holdings_, {}, work_ / "none", program_agent(), quiet);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::not_found);
}

TEST_F(RepairTest, RebuildTellsOfAnItemWhoseRecordIsGone) {
  const auto record = file_of(open_, "item.json");
  const auto good = read(record);
  fs::remove(record);
  holdings_.reset();
  const auto without = rebuild(data(), settings_, quiet);
  ASSERT_TRUE(without) << without.error().message.en;
  EXPECT_EQ(without->items, 1);
  EXPECT_EQ(without->left, std::vector{open_});
  std::ofstream(record, std::ios::binary) << good;
  const auto whole = rebuild(data(), settings_, quiet);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->items, 2);
  EXPECT_THAT(whole->left, IsEmpty());
}

}  // namespace
}  // namespace alih::pipeline
