#include "pipeline/backup.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/backup_folder.h"
#include "tests/pipeline/clone_pages.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

void quiet(std::uint64_t, std::uint64_t) {}

std::string kinds(const std::vector<Problem>& problems) {
  std::string out;
  for (const auto& p : problems) out += p.kind + " " + p.where + ": " + p.detail + "\n";
  return out;
}

void flip(const fs::path& path) {
  const auto time = fs::last_write_time(path);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(5);
  const auto c = static_cast<char>(file.get() ^ 1);
  file.seekp(5);
  file.put(c);
  file.close();
  fs::last_write_time(path, time);
}

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    settings_.repository.keep_free_mib = 0;
    settings_.pipeline.lock_wait_s = 1;
  }
  void open() {
    auto opened = Holdings::open(work_ / "data", settings_, Holdings::Mode::write);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings_ = std::move(*opened);
  }
  BackupReport back_up(bool full = false, int keep = 0) {
    auto report = backup(*holdings_, {work_ / "backup", full, keep, {}}, quiet);
    EXPECT_TRUE(report) << report.error().message.en;
    return report ? std::move(*report) : BackupReport{};
  }
  Result<RestoreReport> restore_to(const std::string& name, const std::string& snapshot = {}) {
    return restore(work_ / name, settings_, work_ / "backup", snapshot, quiet);
  }
  // What verify finds in a restored folder.
  std::string verified(const std::string& name) {
    auto restored = Holdings::open(work_ / name, settings_, Holdings::Mode::write);
    EXPECT_TRUE(restored) << restored.error().message.en;
    return restored ? kinds((*restored)->verify({}, quiet).problems) : "closed";
  }
  Result<DrillReport> drilled() {
    return drill(work_ / "backup", work_ / "scratch", settings_, quiet);
  }
  fs::path object_of(const std::string& snapshot, const std::string& part) {
    const auto folder = BackupFolder::open(work_ / "backup", BackupFolder::Mode::read);
    const auto read = folder->read(snapshot);
    for (const auto& [rel, file] : read->files) {
      if (rel.find(part) != std::string::npos) return folder->object(file.digest);
    }
    ADD_FAILURE() << "no " << part;
    return {};
  }

  testing_support::TempFolder work_;
  Everything settings_;
  std::unique_ptr<Holdings> holdings_;
  PageCloner cloner_;
};

TEST_F(BackupTest, OpenAndClosedItemsComeBackAndOnlyChangesAreCopiedAgain) {
  open();
  const auto first = cloner_.item(*holdings_, "Buku pertama", 4);
  ASSERT_TRUE(first) << first.error().message.en;
  ASSERT_TRUE(cloner_.item(*holdings_, "Buku kedua", 3));
  const auto one = back_up();
  EXPECT_THAT(one.problems, IsEmpty()) << kinds(one.problems);
  EXPECT_EQ(one.items, 2);
  const auto two = back_up();
  EXPECT_LT(two.copied_files, 5U) << "the database's small files at most";

  // Closing moves the masters: they are not copied again.
  const auto closed = holdings_->close(first->id, program_agent());
  ASSERT_TRUE(closed) << closed.error().message.en;
  const auto three = back_up();
  EXPECT_THAT(three.problems, IsEmpty()) << kinds(three.problems);
  EXPECT_GT(three.copied_files, 8U);
  const auto restored = restore_to("restored");
  ASSERT_TRUE(restored) << restored.error().message.en;
  EXPECT_FALSE(restored->rebuilt);
  EXPECT_EQ(verified("restored"), "");
  // An older state is there too.
  ASSERT_TRUE(restore_to("older", one.snapshot));
  EXPECT_FALSE(fs::exists(work_ / "older/repository" / closed->id.str()));
  EXPECT_EQ(verified("older"), "");
  const auto drill = drilled();
  ASSERT_TRUE(drill) << drill.error().message.en;
  EXPECT_EQ(kinds(drill->problems), "");
  EXPECT_GT(drill->questions, 3);
  EXPECT_TRUE(fs::is_empty(work_ / "scratch"));
}

TEST_F(BackupTest, IsOneStateWhileOthersWork) {
  open();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(cloner_.item(*holdings_, "Awal", 3, 40));
  // As much work for each backup on a slow machine as on a fast one.
  constexpr int kItemsABackup = 20;
  std::atomic<int> made{0};
  std::atomic<int> allowed{0};
  std::jthread worker([&](const std::stop_token& stop) {
    PageCloner other(7);
    while (!stop.stop_requested()) {
      const int i = made;
      if (i >= allowed) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      const auto item = other.item(*holdings_, "Nomor " + std::to_string(i), 2, 30);
      ASSERT_TRUE(item) << item.error().message.en;
      if (i % 3 == 0) {
        const auto closed = holdings_->close(item->id, program_agent());
        ASSERT_TRUE(closed) << closed.error().message.en;
      }
      if (i % 3 == 1) {
        ASSERT_TRUE(holdings_->set_fields(item->id, {{"title", "Baru"}}, program_agent()));
      }
      made = i + 1;
    }
  });
  int meanwhile = 0;
  for (int i = 0; i < 6; ++i) {
    allowed = made + kItemsABackup;
    meanwhile -= made;
    const auto report = back_up();
    meanwhile += made;
    EXPECT_EQ(kinds(report.problems), "");
    const auto name = "restored" + std::to_string(i);
    const auto restored = restore_to(name);
    ASSERT_TRUE(restored) << restored.error().message.en;
    EXPECT_EQ(kinds(restored->problems), "");
    EXPECT_EQ(verified(name), "") << i;
  }
  EXPECT_GE(meanwhile, 6) << "nothing was going on; the test proved nothing";
}

TEST_F(BackupTest, DamagedAndMissingFilesDoNotPushOutTheGoodOnes) {
  open();
  const auto item = cloner_.item(*holdings_, "Buku", 3);
  ASSERT_TRUE(item);
  const auto folder = holdings_->files().item_folder(item->id);
  const auto number = folded(item->digitization_no);
  back_up();
  flip(folder / (number + "_m_0001.tif"));
  flip(folder / (number + "_x_0001.json"));
  fs::remove(folder / (number + "_m_0002.tif"));
  const auto report = back_up(true);
  EXPECT_THAT(report.problems, SizeIs(3)) << kinds(report.problems);
  EXPECT_THAT(kinds(report.problems), HasSubstr("damaged_file staging"));
  EXPECT_THAT(kinds(report.problems), HasSubstr("missing_file"));
  EXPECT_THAT(back_up().problems, SizeIs(3)) << "told until it is mended";
  const auto restored = restore_to("restored");
  ASSERT_TRUE(restored);
  EXPECT_EQ(verified("restored"), "") << "the good ones came back";
  // Mended from there.
  const auto back = work_ / "restored/staging" / item->id.str();
  for (const char* name : {"_m_0001.tif", "_m_0002.tif", "_x_0001.json"}) {
    fs::copy_file(back / (number + name), folder / (number + name),
                  fs::copy_options::overwrite_existing);
  }
  EXPECT_EQ(kinds(back_up().problems), "");
}

TEST_F(BackupTest, ADamagedObjectIsToldAndTheRestComesBack) {
  open();
  ASSERT_TRUE(cloner_.item(*holdings_, "Buku", 3));
  const auto snapshot = back_up().snapshot;
  flip(object_of(snapshot, "_m_0002"));
  fs::remove(object_of(snapshot, "_m_0003"));
  const auto drill = drilled();
  ASSERT_TRUE(drill);
  EXPECT_THAT(kinds(drill->problems), HasSubstr("damaged_object"));
  const auto restored = restore_to("restored");
  ASSERT_TRUE(restored);
  EXPECT_THAT(kinds(restored->problems), HasSubstr("missing_object"));
  EXPECT_THAT(restored->problems, SizeIs(2));
  // A full backup replaces what the disk lost by what the data folder has.
  fs::remove(object_of(snapshot, "_m_0002"));
  back_up(true);
  EXPECT_EQ(kinds(drilled()->problems), "");
}

TEST_F(BackupTest, ADatabaseThatCannotBeOpenedIsMadeAnew) {
  open();
  ASSERT_TRUE(cloner_.item(*holdings_, "Buku", 3));
  flip(object_of(back_up().snapshot, "index/MANIFEST"));
  const auto restored = restore_to("restored");
  ASSERT_TRUE(restored);
  EXPECT_TRUE(restored->rebuilt);
  EXPECT_EQ(verified("restored"), "");
}

TEST_F(BackupTest, KeepsTheNewestAndRemovesWhatNothingNames) {
  open();
  const auto item = cloner_.item(*holdings_, "Buku", 2);
  ASSERT_TRUE(item);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(holdings_->set_fields(item->id, {{"title", "Judul " + std::to_string(i)}},
                                      program_agent()));
    back_up();
  }
  const auto count = [&] {
    return std::distance(fs::recursive_directory_iterator(work_ / "backup/objects"), {});
  };
  const auto before = count();
  const auto last = back_up(false, 2).snapshot;
  EXPECT_LT(count(), before);
  const auto folder = BackupFolder::open(work_ / "backup", BackupFolder::Mode::read);
  ASSERT_THAT(folder->snapshots(), SizeIs(2));
  EXPECT_EQ(folder->snapshots().back(), last);
  for (const auto& id : folder->snapshots()) {
    const auto restored = restore_to("to" + id, id);
    ASSERT_TRUE(restored);
    EXPECT_EQ(kinds(restored->problems), "");
  }
}

TEST_F(BackupTest, RefusesWhatWouldHarm) {
  open();
  ASSERT_TRUE(cloner_.item(*holdings_, "Buku", 1));
  const auto inside = backup(*holdings_, {work_ / "data/backup", false, 0, {}}, quiet);
  ASSERT_FALSE(inside);
  EXPECT_EQ(inside.error().code, ErrorCode::usage);
  back_up();
  {
    const auto held = BackupFolder::open(work_ / "backup", BackupFolder::Mode::write);
    const auto second = backup(*holdings_, {work_ / "backup", false, 0, {}}, quiet);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::busy);
  }
  EXPECT_EQ(restore_to("data").error().code, ErrorCode::wrong_state);
  // Another holdings' backup stays untouched.
  auto other = Holdings::open(work_ / "other", settings_, Holdings::Mode::write);
  ASSERT_TRUE(other);
  ASSERT_TRUE(cloner_.item(**other, "Lain", 1));
  const auto mixed = backup(**other, {work_ / "backup", false, 0, {}}, quiet);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, ErrorCode::wrong_state);
  // A restore that was ended before its mark was there can be run again.
  fs::create_directory(work_ / "early");
  std::ofstream(work_ / "early/.restoring.01J.partial") << "{";
  EXPECT_TRUE(restore_to("early"));
  EXPECT_FALSE(fs::exists(work_ / "early/.restoring.01J.partial"));
  // An unfinished restore is no data folder.
  ASSERT_TRUE(restore_to("half"));
  std::ofstream(work_ / "half/restoring") << "{}";
  std::ofstream(work_ / "half/staging/stranger") << "x";
  EXPECT_EQ(Holdings::open(work_ / "half", settings_, Holdings::Mode::read).error().code,
            ErrorCode::wrong_state);
  EXPECT_EQ(rebuild(work_ / "half", settings_, quiet).error().code, ErrorCode::wrong_state);
  ASSERT_TRUE(restore_to("half"));
  // Nor is one that was ended before its first file.
  fs::create_directories(work_ / "begun");
  std::ofstream(work_ / "begun/restoring") << "{}";
  EXPECT_EQ(Holdings::open(work_ / "begun", settings_, Holdings::Mode::read).error().code,
            ErrorCode::wrong_state);
  EXPECT_EQ(rebuild(work_ / "begun", settings_, quiet).error().code, ErrorCode::wrong_state);
  EXPECT_FALSE(fs::exists(work_ / "half/staging/stranger"));
  EXPECT_EQ(verified("half"), "");
}

TEST_F(BackupTest, AManifestCannotLeadOutOfTheFolder) {
  open();
  ASSERT_TRUE(cloner_.item(*holdings_, "Buku", 1));
  const auto id = back_up().snapshot;
  const auto path = work_.path() / "backup/snapshots" / (id + ".json");
  std::ifstream in(path);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  text.replace(text.find("\"path\":\"") + 8, 3, "../");
  std::ofstream(path) << text;
  EXPECT_EQ(restore_to("r1").error().code, ErrorCode::damaged) << "its digest differs";
  std::ofstream(path.string() + ".sha512") << fixity_of(std::as_bytes(std::span(text))).sha512;
  EXPECT_EQ(restore_to("r1").error().code, ErrorCode::damaged);
}

TEST_F(BackupTest, WarnsWhenTheLastOneIsTooOld) {
  open();
  EXPECT_FALSE(backup_state(*holdings_).overdue) << "nothing to back up";
  ASSERT_TRUE(cloner_.item(*holdings_, "Buku", 1));
  EXPECT_FALSE(backup_state(*holdings_).overdue) << "nothing is older than a week";
  back_up();
  EXPECT_FALSE(backup_state(*holdings_).overdue);
  std::ofstream(work_ / "data/backup.json") << R"({"last":"2020-01-01T00:00:00.000Z","dir":"/x"})";
  EXPECT_TRUE(backup_state(*holdings_).overdue);
}

TEST_F(BackupTest, RebuildEqualsTheDatabaseThatGrew) {
  open();
  for (int i = 0; i < 12; ++i) {
    const auto item = cloner_.item(*holdings_, "Buku " + std::to_string(i), 9, 60);
    ASSERT_TRUE(item);
    if (i % 4 == 0) {
      ASSERT_TRUE(holdings_->close(item->id, program_agent()));
    }
    if (i % 4 == 1) {
      ASSERT_TRUE(holdings_->redo_page(item->id, 3, {}, program_agent()));
    }
    if (i % 4 == 2) {
      ASSERT_TRUE(holdings_->withdraw(item->id, "uji", program_agent()));
    }
  }
  back_up();
  const auto jobs = holdings_->database().jobs().size();
  const auto head = holdings_->database().chain_head();
  holdings_.reset();
  const auto report = rebuild(work_ / "data", settings_, quiet);
  ASSERT_TRUE(report) << report.error().message.en;
  EXPECT_EQ(report->items, 12);
  EXPECT_EQ(report->pages, 108);
  open();
  EXPECT_EQ(kinds(holdings_->verify({}, quiet).problems), "");
  EXPECT_EQ(holdings_->database().jobs().size(), jobs);
  EXPECT_EQ(holdings_->database().chain_head().sha256, head.sha256);
  const auto folder = BackupFolder::open(work_ / "backup", BackupFolder::Mode::read);
  const auto snapshot = folder->read(folder->snapshots().back());
  ASSERT_GT(snapshot->questions.size(), 10U);
  for (const auto& question : snapshot->questions) {
    indexer::SearchRequest request;
    request.query = question.query;
    const auto found = holdings_->database().search(request);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->total, question.total) << question.query;
    for (std::size_t i = 0; i < question.hits.size(); ++i) {
      EXPECT_EQ(found->hits[i].item.digitization_no, question.hits[i].first) << question.query;
      EXPECT_EQ(found->hits[i].page ? found->hits[i].page->number : 0, question.hits[i].second);
    }
  }
}

}  // namespace
}  // namespace alih::pipeline
