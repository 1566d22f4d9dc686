// Damage of every kind to the files of a data folder: the program refuses to start, or verify names
// it; it never starts with less and says nothing. What only the database lost comes back from the
// files.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/durability/archive.h"
#include "tests/support/temp_folder.h"

namespace alih::durability {
namespace {

using pipeline::Holdings;
using testing_support::FailingDisk;
using testing_support::TempFolder;

// One closed item with two versions, one open item with pages read; the database with tables from
// the first sittings and a log from the last.
std::string make_archive(const fs::path& folder) {
  const Ledger ledger(folder / "ledger");
  for (int sitting = 1; sitting <= 2; ++sitting) {
    const auto holdings = Holdings::open(folder / "data", settings(), Holdings::Mode::write);
    if (!holdings) return holdings.error().message.en;
    Work work(**holdings, ledger);
    if (!work.create(2)) return "create";
    const auto item = work.newest();
    if (!work.finish(item, 1) || !work.finish(item, 2)) return "finish";
    if (sitting == 1 && !(work.describe(item) && work.close(item) && work.title(item))) {
      return "close";
    }
  }
  // Little enough to stay in the log.
  const auto holdings = Holdings::open(folder / "data", settings(), Holdings::Mode::write);
  if (!holdings) return holdings.error().message.en;
  Work work(**holdings, ledger);
  for (const auto& item : (*holdings)->database().items({})) {
    if (item.version == 0 && !work.title(item.id)) return "title";
  }
  return "";
}

// An archive made once, copied for each case.
const fs::path& archive() {
  static const TempFolder folder;
  static const auto made = in_child([] { return make_archive(folder.path()); });
  EXPECT_EQ(made.said, "");
  EXPECT_EQ(made.code, 0);
  return folder.path();
}

std::vector<fs::path> files_with(const fs::path& folder, const std::string& part) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() &&
        entry.path().filename().string().find(part) != std::string::npos) {
      out.push_back(entry.path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

void flip(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const auto byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 1));
}
// Places all over a file, its first and last bytes among them.
std::vector<std::uint64_t> places(const fs::path& path, std::uint64_t count) {
  const auto size = fs::file_size(path);
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = 0; size > 0 && i < count; ++i) out.push_back((size - 1) * i / (count - 1));
  return out;
}

enum class Must {
  be_refused,  // the program may not open it
  be_named,    // refused, or named by verify
  be_seen,     // or without any consequence
};

// Damages a copy; the answer is what was wrong with how that was met.
void expect(const std::string& what, Must must, bool database_only,
            const std::function<void(const fs::path& data)>& damage) {
  SCOPED_TRACE(what);
  const TempFolder folder;
  fs::copy(archive(), folder.path(), fs::copy_options::recursive);
  fs::create_directory(folder / "side");
  damage(folder / "data");
  const Ledger ledger(folder / "ledger");
  const auto quick = [&](const std::function<std::string()>& run) {
    return in_child([&] {
      const FailingDisk disk(folder / "side", {});  // waits for no real disk
      return run();
    });
  };
  const auto met = quick([&] { return check(folder / "data", ledger); });
  EXPECT_EQ(met.signal, 0) << what << ": the program crashed";
  const bool refused = met.said.starts_with("open: ");
  const bool named = met.said.find("verify: ") != std::string::npos;
  EXPECT_TRUE(must != Must::be_refused || refused) << "it was opened; " << met.said;
  EXPECT_TRUE(must != Must::be_named || refused || named) << "nobody noticed; " << met.said;
  EXPECT_TRUE(refused || named || met.said.empty()) << "a silent loss; " << met.said;
  if (!database_only) return;
  const auto rebuilt = quick([&]() -> std::string {
    const auto made = pipeline::rebuild(folder / "data", settings(), [](auto, auto) {});
    if (!made) return "rebuild: " + made.error().message.en;
    return check(folder / "data", ledger);
  });
  EXPECT_EQ(rebuilt.said, "") << "after a rebuild";
  EXPECT_EQ(rebuilt.code, 0);
}

fs::path newest_log(const fs::path& data) { return files_with(data / "index", ".log").back(); }

TEST(DamagedDatabase, Tables) {
  const auto tables = files_with(archive() / "data/index", ".sst");
  ASSERT_FALSE(tables.empty());
  for (const auto& table : tables) {
    const auto name = table.lexically_relative(archive() / "data");
    for (const auto at : places(table, 4)) {
      expect("flip " + name.string() + " " + std::to_string(at), Must::be_seen, true,
             [&](const fs::path& data) { flip(data / name, at); });
    }
    expect("delete " + name.string(), Must::be_refused, true,
           [&](const fs::path& data) { fs::remove(data / name); });
  }
}

TEST(DamagedDatabase, LogFlipped) {
  const auto log = newest_log(archive() / "data");
  ASSERT_GT(fs::file_size(log), 1000U);
  const auto at = places(log, 6);
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    expect("flip the log at " + std::to_string(at[i]), Must::be_refused, true,
           [&](const fs::path& data) { flip(newest_log(data), at[i]); });
  }
}

TEST(DamagedDatabase, GarbageAfterTheLog) {
  for (const char byte : {'\0', 'x'}) {
    expect("garbage after the log", Must::be_seen, true, [&](const fs::path& data) {
      std::ofstream(newest_log(data), std::ios::app | std::ios::binary) << std::string(512, byte);
    });
  }
}

TEST(DamagedDatabase, ManifestAndCurrent) {
  const auto manifest = [](const fs::path& data) {
    return files_with(data / "index", "MANIFEST").back();
  };
  for (const auto at : places(manifest(archive() / "data"), 5)) {
    expect("flip the manifest at " + std::to_string(at), Must::be_named, true,
           [&](const fs::path& data) { flip(manifest(data), at); });
  }
  expect("delete the manifest", Must::be_refused, true,
         [&](const fs::path& data) { fs::remove(manifest(data)); });
  expect("empty CURRENT", Must::be_refused, true,
         [](const fs::path& data) { fs::resize_file(data / "index/CURRENT", 0); });
  expect("delete CURRENT", Must::be_refused, true,
         [](const fs::path& data) { fs::remove(data / "index/CURRENT"); });
  expect("delete the whole database", Must::be_refused, true,
         [](const fs::path& data) { fs::remove_all(data / "index"); });
  expect("flip the OPTIONS", Must::be_seen, true, [](const fs::path& data) {
    for (const auto& file : files_with(data / "index", "OPTIONS")) flip(file, 200);
  });
}

// What RocksDB cannot notice by itself: it takes the end of the log for a crash's, and a log that
// is not there for one that never was.
TEST(DamagedDatabase, LogCutShortOrGone) {
  expect("delete the log", Must::be_refused, true,
         [](const fs::path& data) { fs::remove(newest_log(data)); });
  expect("empty the log", Must::be_refused, true,
         [](const fs::path& data) { fs::resize_file(newest_log(data), 0); });
  const auto size = fs::file_size(newest_log(archive() / "data"));
  for (const auto left : {size / 2, size - 1}) {
    expect("cut the log to " + std::to_string(left), Must::be_refused, true,
           [&](const fs::path& data) { fs::resize_file(newest_log(data), left); });
  }
  expect("flip the end of the log", Must::be_refused, true,
         [&](const fs::path& data) { flip(newest_log(data), size - 1); });
  expect("an older database in the place of the newer", Must::be_refused, true,
         [&](const fs::path& data) {
           const TempFolder older;
           fs::copy(data / "index", older / "index", fs::copy_options::recursive);
           const auto worked = in_child([&]() -> std::string {
             const auto holdings = Holdings::open(data, settings(), Holdings::Mode::write);
             if (!holdings) return holdings.error().message.en;
             Work work(**holdings, Ledger(data.parent_path() / "ledger"));
             return work.create(1) ? "" : "create";
           });
           ASSERT_EQ(worked.said, "");
           fs::remove_all(data / "index");
           fs::copy(older / "index", data / "index", fs::copy_options::recursive);
         });
}

struct Kind {
  std::string name;
  std::string part;  // of the file names
  std::string where;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

struct DamagedFile : ::testing::TestWithParam<Kind> {};

TEST_P(DamagedFile, IsNamed) {
  const auto& [name, part, where] = GetParam();
  const auto files = files_with(archive() / "data" / where, part);
  ASSERT_FALSE(files.empty());
  // The first and the last of a kind are enough.
  for (const auto& file : {files.front(), files.back()}) {
    const auto path = file.lexically_relative(archive() / "data");
    for (const auto at : places(file, 5)) {
      expect("flip " + path.string() + " at " + std::to_string(at), Must::be_named, false,
             [&](const fs::path& data) { flip(data / path, at); });
    }
    // The root's own files are written anew when they are not there.
    const bool heals = name == "Root" || name == "RootMark" || name == "Layout";
    expect("delete " + path.string(), heals ? Must::be_seen : Must::be_named, false,
           [&](const fs::path& data) { fs::remove(data / path); });
    expect("empty " + path.string(), Must::be_named, false,
           [&](const fs::path& data) { fs::resize_file(data / path, 0); });
    if (files.size() == 1) break;
  }
}

INSTANTIATE_TEST_SUITE_P(All, DamagedFile,
                         ::testing::Values(Kind{"OpenMaster", "_m_", "staging"},
                                           Kind{"OpenPage", "_x_", "staging"},
                                           Kind{"OpenItem", "item.json", "staging"},
                                           Kind{"ClosedMaster", "_m_", "repository"},
                                           Kind{"ClosedPage", "_x_", "repository"},
                                           Kind{"ClosedItem", "item.json", "repository"},
                                           Kind{"Alto", ".xml", "repository"},
                                           Kind{"Inventory", "inventory.json", "repository"},
                                           Kind{"Sidecar", "inventory.json.sha512", "repository"},
                                           Kind{"ObjectMark", "0=ocfl_object", "repository"},
                                           Kind{"Root", "ocfl_layout.json", "repository"},
                                           Kind{"RootMark", "0=ocfl_1.1", "repository"},
                                           Kind{"Layout", "config.json", "repository"}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace alih::durability
