#include "pipeline/hot_folder.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

struct HotFolderTest : testing::Test {
  testing_support::TempFolder temp;
  fs::path in = temp.path() / "in";

  void SetUp() override { fs::create_directory(in); }
  void put(const fs::path& name, const std::string& text = "x") const {
    fs::create_directories((in / name).parent_path());
    std::ofstream(in / name) << text;
  }
  HotFolder open() const { return HotFolder::open(in, 5).value(); }
};

HotTaken taken(HotTaken::Outcome outcome, std::vector<Rejected> rejected = {}) {
  HotTaken t;
  t.outcome = outcome;
  t.rejected = std::move(rejected);
  return t;
}

TEST_F(HotFolderTest, WaitsUntilAFileHasComeToRest) {
  auto folder = open();
  put("a.tif");
  EXPECT_EQ(folder.ready(100).value(), Paths{});
  EXPECT_TRUE(folder.waiting());
  EXPECT_EQ(folder.ready(104.9).value(), Paths{});
  put("a.tif", "longer");  // still being written
  EXPECT_EQ(folder.ready(105.1).value(), Paths{});
  EXPECT_EQ(folder.ready(110).value(), Paths{});
  EXPECT_EQ(folder.ready(110.2).value(), Paths{in / "a.tif"});
}

TEST_F(HotFolderTest, AFolderRestsWhenAllInItDoes) {
  auto folder = open();
  put("buku/bab 1/1.tif");
  fs::create_directory(in / "kosong");
  EXPECT_EQ(folder.ready(0).value(), Paths{});
  put("buku/bab 1/2.tif");
  EXPECT_EQ(folder.ready(6).value(), Paths{});
  put("buku/3.tif.part");
  EXPECT_EQ(folder.ready(7).value(), Paths{});
  EXPECT_EQ(folder.ready(1000).value(), Paths{}) << "a file is still being copied";
  fs::rename(in / "buku/3.tif.part", in / "buku/3.tif");
  EXPECT_EQ(folder.ready(1001).value(), Paths{});
  EXPECT_EQ(folder.ready(1006).value(), Paths{in / "buku"});
  EXPECT_FALSE(folder.waiting()) << "an empty folder is nothing to wait for";
}

TEST_F(HotFolderTest, NothingIsOverwrittenOrDeletedWhenPutAway) {
  auto folder = open();
  for (const auto* text : {"first", "second"}) {
    put("a.tif", text);
    ASSERT_TRUE(folder.put_away(in / "a.tif", taken(HotTaken::Outcome::taken)));
  }
  EXPECT_TRUE(fs::exists(in / "selesai/a.tif"));
  EXPECT_TRUE(fs::exists(in / "selesai/a (2).tif"));
  put("b.tif");
  ASSERT_TRUE(folder.put_away(
      in / "b.tif",
      taken(HotTaken::Outcome::refused,
            {{(in / "b.tif").string(), message("rusak", "damaged"), ErrorCode::unreadable, 0}})));
  EXPECT_TRUE(fs::exists(in / "ditolak/b.tif"));
  std::ifstream reason(in / "ditolak/b.tif.alasan.txt");
  EXPECT_NE(std::string(std::istreambuf_iterator<char>(reason), {}).find("rusak"),
            std::string::npos);
}

TEST_F(HotFolderTest, OfAFolderOnlyWhatWentNowhereIsRefused) {
  auto folder = open();
  put("buku/bab/1.tif");
  put("buku/bab/2.tif");
  put("buku/bab/3.pdf");
  const auto why = message("rusak", "damaged");
  ASSERT_TRUE(folder.put_away(
      in / "buku",
      taken(HotTaken::Outcome::partly,
            {{(in / "buku/bab/2.tif").string(), why, ErrorCode::unreadable, 0},
             {(in / "buku/bab/3.pdf").string(), why, ErrorCode::unreadable, 2},  // one page of it
             {(temp.path() / "elsewhere").string(), why, ErrorCode::unreadable, 0}})));
  EXPECT_TRUE(fs::exists(in / "selesai/buku/bab/1.tif"));
  EXPECT_TRUE(fs::exists(in / "ditolak/buku/bab/2.tif"));
  EXPECT_TRUE(fs::exists(in / "selesai/buku/bab/3.pdf"));
  EXPECT_TRUE(fs::exists(in / "ditolak/buku.alasan.txt"));
}

TEST_F(HotFolderTest, LinksAreRefusedAndNotFollowed) {
  auto folder = HotFolder::open(in, 0).value();
  std::ofstream(temp.path() / "secret.tif") << "secret";
  fs::create_symlink(temp.path() / "secret.tif", in / "link.tif");
  put("buku/1.tif");
  fs::create_symlink(temp.path(), in / "buku/all");
  int calls = 0;
  std::vector<std::string> outcomes;
  const auto refused =
      watch(folder,
            {[&](const fs::path&) {
               ++calls;
               return taken(HotTaken::Outcome::taken);
             },
             [&](const fs::path& entry, const HotTaken& t) {
               outcomes.push_back(entry.filename().string() + " " + std::string(word(t.outcome)));
             },
             [](const Message&) {}},
            true, {});
  EXPECT_EQ(refused.value(), 2);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(outcomes, (std::vector<std::string>{"buku refused", "link.tif refused"}));
  EXPECT_TRUE(fs::is_symlink(in / "ditolak/link.tif"));
  EXPECT_TRUE(fs::exists(temp.path() / "secret.tif"));
}

TEST_F(HotFolderTest, AnEntryWaitsWhenItCannotBeTakenNow) {
  auto folder = HotFolder::open(in, 0).value();
  put("a.tif");
  std::stop_source stop;
  int told = 0;
  const auto end = watch(folder,
                         {[&](const fs::path&) -> Result<HotTaken> {
                            return fail(ErrorCode::disk_full, "penuh", "full");
                          },
                          [](const fs::path&, const HotTaken&) { FAIL(); },
                          [&](const Message&) {
                            ++told;
                            stop.request_stop();
                          }},
                         false, stop.get_token());
  EXPECT_TRUE(end);
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(fs::exists(in / "a.tif"));
  const auto wrong = watch(folder,
                           {[&](const fs::path&) -> Result<HotTaken> {
                              return fail(ErrorCode::usage, "profil", "profile");
                            },
                            [](const fs::path&, const HotTaken&) {}, [](const Message&) {}},
                           false, {});
  EXPECT_FALSE(wrong) << "what will never go better ends it";
}

TEST_F(HotFolderTest, AFolderThatGoesAwayIsWaitedFor) {
  auto folder = HotFolder::open(in, 0).value();
  fs::rename(in, temp.path() / "gone");
  std::stop_source stop;
  int told = 0;
  const auto end = watch(folder,
                         {[](const fs::path&) { return taken(HotTaken::Outcome::taken); },
                          [&](const fs::path&, const HotTaken&) { stop.request_stop(); },
                          [&](const Message&) {
                            ++told;
                            fs::rename(temp.path() / "gone", in);
                            put("a.tif");
                          }},
                         false, stop.get_token());
  EXPECT_TRUE(end);
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(fs::exists(in / "selesai/a.tif"));
}

TEST_F(HotFolderTest, AFolderThatIsNotThereIsSaid) {
  EXPECT_EQ(HotFolder::open(in / "nowhere", 1).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace alih::pipeline
