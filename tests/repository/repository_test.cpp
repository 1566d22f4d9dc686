#include "repository/repository.h"

#include <fstream>

#include <gtest/gtest.h>

#include "repository/durable_file.h"
#include "repository/export/exporter.h"
#include "tests/support/temp_folder.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;
using testing_support::TempFolder;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(DurableFile, AppearsWholeOrNotAtAll) {
  const TempFolder folder;
  {
    auto file = DurableFile::create(folder / "a");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half"));
  }
  EXPECT_TRUE(fs::is_empty(folder.path())) << "an uncommitted file leaves nothing";
  const auto fixity = write_durably(folder / "a", std::string_view("abc"));
  ASSERT_TRUE(fixity);
  EXPECT_EQ(read(folder / "a"), "abc");
  EXPECT_EQ(*file_fixity(folder / "a"), *fixity);
  EXPECT_EQ(write_durably(folder / "no/such/folder", std::string_view("x")).error().code,
            ErrorCode::not_found);
}

TEST(DurableFile, SaysThatTheDiskIsFull) {
  auto file = copy_durably("/dev/zero/none", "/tmp/none");
  EXPECT_FALSE(file);
  EXPECT_EQ(system_error(ENOSPC, "a", "a").code, ErrorCode::disk_full);
}

TEST(Repository, RefusesIntakeBelowTheFloorAndSweepsWhatNeverCame) {
  const TempFolder folder;
  Settings settings;
  settings.keep_free_mib = 9000000;
  auto full = Repository::open(folder / "d", settings);
  ASSERT_TRUE(full);
  const auto item = ItemId::make();
  EXPECT_EQ(full->keep_master(item, "m", std::span<const std::byte>()).error().code,
            ErrorCode::disk_full);
  settings.keep_free_mib = 0;
  auto repository = Repository::open(folder / "d", settings);
  ASSERT_TRUE(repository);
  ASSERT_TRUE(repository->begin_work(item));
  const std::string bytes = "master";
  ASSERT_TRUE(repository->keep_master(item, "new_m_0001.tif", std::as_bytes(std::span(bytes))));
  const auto again = Repository::open(folder / "d", settings);
  EXPECT_EQ(again->unfinished_work(), std::set<ItemId>{item});
  again->sweep({item});
  EXPECT_FALSE(fs::exists(repository->item_folder(item)));
  EXPECT_TRUE(again->items().empty());
}

TEST(Export, WritesMastersWithAManifestAndRefusesDamage) {
  const TempFolder folder;
  ASSERT_TRUE(make_folder(folder / "item"));
  const auto fixity = write_durably(folder / "item/m.tif", std::string_view("pixels"));
  ASSERT_TRUE(fixity);
  Package package;
  package.master = [&](const Page& page) { return folder / "item" / page.master.file; };
  Page page;
  page.master.file = "m.tif";
  page.master.fixity = *fixity;
  package.pages = {page, page};
  TextLayer text;
  text.blocks = {{{}, {{{}, {{"satu", {}, 1}, {"dua", {}, 1}}, {}}}}};
  package.text = [&](const Page&) { return text; };
  const auto done = export_item(package, "masters", folder / "out");
  ASSERT_TRUE(done) << done.error().message.en;
  EXPECT_EQ(done->bytes, 6U);
  EXPECT_EQ(read(folder / "out/manifest-sha256.txt"), fixity->sha256 + "  m.tif\n");
  EXPECT_EQ(export_item(package, "masters", folder / "out").error().code, ErrorCode::duplicate);
  ASSERT_TRUE(export_item(package, "txt", folder / "t.txt"));
  EXPECT_EQ(read(folder / "t.txt"), "satu dua\n\fsatu dua\n");
  EXPECT_EQ(export_item(package, "docx", folder / "x").error().code, ErrorCode::usage);
  std::ofstream(folder / "item/m.tif") << "pixelz";
  EXPECT_EQ(export_item(package, "masters", folder / "out2").error().code, ErrorCode::damaged);
  EXPECT_FALSE(fs::exists(folder / "out2"));
}

}  // namespace
}  // namespace alih::repository
