// The catalogue in the data folder: files first, all or nothing, nothing twice.
#include "pipeline/catalogue.h"

#include <atomic>
#include <fstream>
#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "core/fields.h"
#include "pipeline/backup.h"
#include "repository/catalogue_files.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using testing_support::TempFolder;
constexpr auto kQuiet = [](std::uint64_t, std::uint64_t) {};

class Catalogue : public testing::Test {
 protected:
  Catalogue() {
    settings_.repository = {"deflate", 0, 0, 0};
    open();
  }
  void open() {
    holdings_.reset();
    auto opened = Holdings::open(folder_ / "d", settings_, Holdings::Mode::write);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings_ = std::move(*opened);
  }
  fs::path csv(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << "judul,no induk,no barcode,pengarang\n" << text;
    return folder_ / name;
  }
  Result<ImportReport> import(const fs::path& file, bool skip_bad = false) {
    ImportRequest request;
    request.file = file;
    request.from = "csv";
    request.skip_bad = skip_bad;
    return import_rows(*holdings_, request, ALIH_WORKER, kQuiet);
  }
  std::map<std::string, CatalogueRecord> records() {
    std::map<std::string, CatalogueRecord> out;
    EXPECT_TRUE(holdings_->database().each_catalogue_record([&](const CatalogueRecord& r) {
      out.emplace(r.identity, r);
      return true;
    }));
    return out;
  }
  std::size_t hits(const std::string& query) {
    indexer::SearchRequest request;
    request.query = query;
    const auto found = holdings_->database().search(request);
    return found ? found->total : 9999;
  }
  // Behind the program's back, while nobody has it open.
  void change_database(
      const std::function<void(rocksdb::DB&, rocksdb::ColumnFamilyHandle*)>& of_family) {
    const auto path = (folder_ / "d/index").string();
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, path, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
    for (const auto& name : names) wanted.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, path, wanted, &families, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    for (auto* family : families) {
      of_family(*db, family);
      ASSERT_TRUE(db->DestroyColumnFamilyHandle(family).ok());
    }
  }
  std::size_t problems() { return holdings_->verify({}, kQuiet).problems.size(); }

  TempFolder folder_;
  Everything settings_;
  std::unique_ptr<Holdings> holdings_;
};

TEST_F(Catalogue, TakesAllOrNothingAndNothingTwice) {
  const auto bad = csv("a.csv", "Satu,1,B1,A\n,2,B2,A\nTiga,3,B1,A\n");
  const auto refused = import(bad);
  ASSERT_TRUE(refused) << refused.error().message.en;
  EXPECT_EQ(refused->rows, 3);
  EXPECT_EQ(refused->imported, 0);
  ASSERT_EQ(refused->rejected.size(), 2U);
  EXPECT_EQ(refused->rejected[0].row, 3);
  EXPECT_EQ(refused->rejected[1].row, 4);
  EXPECT_TRUE(records().empty());
  EXPECT_TRUE(repository::catalogue_files(folder_ / "d").empty());

  EXPECT_EQ(import(bad, true)->imported, 1);
  const auto good = csv("b.csv", "Satu,1,B1,A\nDua,2,B2,A\n");
  const auto second = import(good);
  EXPECT_EQ(second->imported, 1);
  EXPECT_EQ(second->unchanged, 1);
  const auto before = records();
  EXPECT_EQ(import(good)->unchanged, 2);
  EXPECT_EQ(repository::catalogue_files(folder_ / "d").size(), 2U) << "nothing new, no file";
  EXPECT_EQ(import(csv("c.csv", "Satu baru,1,B1,A\n"))->updated, 1);
  EXPECT_EQ(records().size(), 2U);
  EXPECT_EQ(records().at("barcode:B1").item.id, before.at("barcode:B1").item.id);
  EXPECT_EQ(records().at("barcode:B1").item.field("title"), "Satu baru");
  EXPECT_EQ(hits("baru"), 1U);
  EXPECT_EQ(problems(), 0U);
}

TEST_F(Catalogue, RebuildMakesTheSame) {
  ASSERT_TRUE(import(csv("a.csv", "Satu,1,B1,A\nDua,2,B2,A\n")));
  ASSERT_TRUE(import(csv("b.csv", "Dua lagi,2,B2,A\nTiga,3,B3,A\n")));
  Item draft;
  draft.id = ItemId::make();
  draft.fields["title"] = {"Digital"};
  draft.fields["barcode"] = {"b3"};
  ASSERT_TRUE(holdings_->create_item(draft, {}, program_agent()));
  const auto before = records();
  const auto found = hits("dua");
  EXPECT_EQ(hits("tiga"), 0U) << "digitised: found as an item";
  EXPECT_EQ(hits("digital"), 1U);
  holdings_.reset();
  const auto report = rebuild(folder_ / "d", settings_, kQuiet);
  ASSERT_TRUE(report) << report.error().message.en;
  EXPECT_EQ(report->records, 4);
  open();
  EXPECT_EQ(records(), before);
  EXPECT_EQ(hits("dua"), found);
  EXPECT_EQ(hits("tiga"), 0U);
  EXPECT_EQ(problems(), 0U);
}

TEST_F(Catalogue, WhatACrashLeftIsTakenOver) {
  ASSERT_TRUE(import(csv("a.csv", "Satu,1,B1,A\n")));
  holdings_.reset();
  fs::copy(folder_ / "d", folder_ / "old", fs::copy_options::recursive);
  open();
  ASSERT_TRUE(import(csv("b.csv", "Dua,2,B2,A\n")));
  holdings_.reset();
  // The database as it was before the second import, its file there: the power went between.
  fs::copy(folder_ / "d/catalogue", folder_ / "old/catalogue",
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  fs::remove_all(folder_ / "d");
  fs::rename(folder_ / "old", folder_ / "d");
  open();
  EXPECT_EQ(records().size(), 2U);
  EXPECT_EQ(hits("dua"), 1U);
  EXPECT_EQ(problems(), 0U) << "the chain of events goes on";
}

TEST_F(Catalogue, IsInTheBackup) {
  ASSERT_TRUE(import(csv("a.csv", "Satu,1,B1,A\nDua,2,B2,A\n")));
  ASSERT_TRUE(backup(*holdings_, {folder_ / "backup", false, 0, {}}, kQuiet));
  ASSERT_TRUE(import(csv("b.csv", "Tiga,3,B3,A\n")));
  const auto second = backup(*holdings_, {folder_ / "backup", false, 0, {}}, kQuiet);
  ASSERT_TRUE(second) << second.error().message.en;
  EXPECT_TRUE(second->problems.empty());
  const auto before = records();
  holdings_.reset();
  const auto restored = restore(folder_ / "again", settings_, folder_ / "backup", {}, kQuiet);
  ASSERT_TRUE(restored) << restored.error().message.en;
  EXPECT_TRUE(restored->problems.empty());
  holdings_ = std::move(*Holdings::open(folder_ / "again", settings_, Holdings::Mode::write));
  EXPECT_EQ(records(), before);
  EXPECT_EQ(problems(), 0U);
}

TEST_F(Catalogue, DescribesAndRefusesByNumber) {
  ASSERT_TRUE(import(csv("a.csv", "Satu,X1/2016,B1,Adi\nDua,X2/2016,,Budi\n")));
  Item draft;
  draft.id = ItemId::make();
  draft.fields["barcode"] = {" b1"};
  draft.fields["creator"] = {"Orang lain"};
  const auto record = fill_from_catalogue(holdings_->database(), draft);
  ASSERT_TRUE(record);
  EXPECT_EQ(draft.field("title"), "Satu");
  EXPECT_EQ(draft.field("creator"), "Orang lain") << "what a person said stays";
  EXPECT_EQ(draft.field("accession_no"), "X1/2016");
  ASSERT_TRUE(holdings_->create_item(draft, {}, program_agent()));

  Item again;
  again.id = ItemId::make();
  again.fields["accession_no"] = {"x1 / 2016"};
  const auto refused = refuse_digitised(holdings_->database(), again);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::duplicate);
  EXPECT_NE(refused.error().message.id.find("/koleksi/alm-"), std::string::npos);
  // A label may show the other number.
  EXPECT_TRUE(look_up(holdings_->database(), indexer::Identifier::barcode, "X2/2016").record);
  EXPECT_EQ(look_up(holdings_->database(), indexer::Identifier::barcode, "B1").digitised.size(),
            1U);
  const auto item = holdings_->database().items({}).front();
  ASSERT_TRUE(holdings_->withdraw(item.id, "x", program_agent()));
  EXPECT_TRUE(refuse_digitised(holdings_->database(), again)) << "withdrawn: it may come again";
  EXPECT_EQ(hits("satu"), 1U) << "and the catalogue's record is found again";
}

TEST_F(Catalogue, OfTwoWhoSaveTheSameBarcodeOneIsRefused) {
  constexpr int kTries = 8;
  std::atomic<int> made = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> people;
    for (int i = 0; i < kTries; ++i) {
      people.emplace_back([&] {
        Item draft;
        draft.id = ItemId::make();
        draft.fields["barcode"] = {"B9"};
        Holdings::NewItem how;
        how.refuse_digitised = true;
        const auto item = holdings_->create_item(draft, {}, program_agent(), how);
        if (item)
          ++made;
        else if (item.error().code == ErrorCode::duplicate)
          ++refused;
      });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, kTries - 1);
  EXPECT_EQ(problems(), 0U);
}

TEST_F(Catalogue, AnOlderDatabaseLearnsItsNumbers) {
  Item draft;
  draft.id = ItemId::make();
  draft.fields["barcode"] = {"B1"};
  ASSERT_TRUE(holdings_->create_item(draft, {}, program_agent()));
  EXPECT_EQ(holdings_->database().items_with(indexer::Identifier::barcode, "b1").size(), 1U);
  holdings_.reset();
  // As it was made by a program that knew no catalogue.
  change_database([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
    if (family->GetName() == "catalogue") {
      ASSERT_TRUE(db.DropColumnFamily(family).ok());
    }
  });
  open();
  EXPECT_EQ(holdings_->database().items_with(indexer::Identifier::barcode, "b1").size(), 1U);
}

TEST_F(Catalogue, AnIndexMadeAnewKeepsRecordsOfWhatIsDigitisedOut) {
  ASSERT_TRUE(import(csv("a.csv", "Satu,1,B1,A\nTiga,3,B3,A\n")));
  Item draft;
  draft.id = ItemId::make();
  draft.fields["title"] = {"Digital"};
  draft.fields["barcode"] = {"b3"};
  ASSERT_TRUE(holdings_->create_item(draft, {}, program_agent()));
  EXPECT_EQ(hits("tiga"), 0U);
  holdings_.reset();
  // Of the schema whose index is made anew by the upgrade.
  change_database([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
    if (family->GetName() != rocksdb::kDefaultColumnFamilyName) return;
    ASSERT_TRUE(db.Put(rocksdb::WriteOptions(), family, "schema", "3").ok());
  });
  open();
  EXPECT_EQ(hits("satu"), 1U);
  EXPECT_EQ(hits("digital"), 1U);
  EXPECT_EQ(hits("tiga"), 0U);
  // And it comes back when the item goes.
  ASSERT_TRUE(holdings_->withdraw(draft.id, "salah", program_agent()));
  EXPECT_EQ(hits("tiga"), 1U);
  EXPECT_EQ(problems(), 0U);
}

TEST_F(Catalogue, ARecordIsNoItem) {
  ASSERT_TRUE(import(csv("a.csv", "Satu,1,B1,A\n")));
  const auto id = records().begin()->second.item.id;
  EXPECT_EQ(holdings_->database().find_item(id.str()).error().code, ErrorCode::not_found);
  EXPECT_TRUE(holdings_->database().items({}).empty());
}

}  // namespace
}  // namespace alih::pipeline
