#include "repository/repository.h"

#include <fstream>
#include <span>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "core/hyphenation.h"
#include "repository/durable_file.h"
#include "repository/export/alto.h"
#include "repository/export/exporter.h"
#include "repository/export/layers_file.h"
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
  EXPECT_TRUE(file_fixity(folder / "a")->same_bytes(*fixity));
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

// The head of a JPEG as far as the exporter looks, and bytes as a page has them.
std::string jpeg_like(int width, int height, std::size_t size) {
  std::string out("\xFF\xD8\xFF\xC0\x00\x0B\x08", 7);
  for (const int side : {height, width}) {
    out += static_cast<char>(side / 256);
    out += static_cast<char>(side % 256);
  }
  out += std::string("\x01\x01\x11\x00", 4);
  out.resize(size, 'x');
  return out;
}

TEST(Export, MemoryDoesNotGrowWithThePagesOfAPdf) {
  const TempFolder folder;
  std::ofstream(folder / "a.jpg", std::ios::binary) << jpeg_like(2480, 3508, 300000);
  TextLayer text;
  text.width = 2480;
  text.height = 3508;
  Block block;
  for (int y = 0; y < 50; ++y) {
    Line line;
    for (int x = 0; x < 10; ++x) line.words.push_back({"kearsipan", {x * 240, y * 60, 200, 40}, 1});
    block.lines.push_back(std::move(line));
  }
  text.blocks.push_back(std::move(block));
  Package package;
  package.item.digitization_no = "ALM/2026/000001";
  package.changed_at = "2026-11-24T04:12:28Z";
  package.text = [&](const Page&) { return text; };
  package.image = [&](const Page&) { return folder / "a.jpg"; };
  for (int n = 1; n <= 600; ++n) {
    Page page;
    page.number = page.file_seq = n;
    page.label = std::to_string(n);
    page.state = PageState::indexed;
    page.dpi = 300;
    page.access_width = 2480;
    page.access_height = 3508;
    package.pages.push_back(page);
  }
  const auto peak_kib = [] {
    struct rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto before = peak_kib();
  const auto done = export_item(package, "pdf", folder / "book.pdf");
  ASSERT_TRUE(done) << done.error().message.en;
  EXPECT_GT(done->bytes, 600U * 300000U);
#ifndef ALIH_SANITIZED  // sanitizers keep freed memory
  EXPECT_LT(peak_kib() - before, 16 * 1024);
#endif
}

Package three_pages(const TempFolder& folder) {
  std::ofstream(folder / "a.jpg", std::ios::binary) << jpeg_like(248, 350, 3000);
  Package package;
  package.item.digitization_no = "ALM/2026/000001";
  package.changed_at = "2026-11-24T04:12:28Z";
  package.image = [&](const Page&) { return folder / "a.jpg"; };
  package.text = [](const Page&) { return TextLayer{}; };
  int n = 0;
  for (const char* label : {"i", "ii", "1"}) {
    Page page;
    page.number = page.file_seq = ++n;
    page.label = label;
    page.state = PageState::indexed;
    page.access_width = 248;
    page.access_height = 350;
    page.master.file = n < 3 ? "m1.tif" : "m2.tif";
    page.master.original_name = n < 3 ? "pendahuluan.tif" : "isi.tif";
    package.pages.push_back(page);
  }
  return package;
}

TEST(Export, APdfHasThePagesOwnNumbersAndAnOutlineOfItsFiles) {
  const TempFolder folder;
  const auto package = three_pages(folder);
  ASSERT_TRUE(export_item(package, "pdfa1b", folder / "a.pdf"));
  const auto pdf = read(folder / "a.pdf");
  for (const char* words :
       {"/PageLabels", "/P (ii)", "/Outlines", "/Title (pendahuluan.tif)", "/Title (isi.tif)",
        "/Title (Halaman ii)", "/Title (Halaman 1)", "/Count -2"}) {
    EXPECT_NE(pdf.find(words), std::string::npos) << words;
  }
}

TEST(Export, APdfSaysATextAsItWasCorrectedOverTheSamePicture) {
  const TempFolder folder;
  auto package = three_pages(folder);
  std::string word = "goeroe";
  package.text = [&](const Page&) {
    TextLayer text;
    text.blocks = {{{}, {{{}, {{word, {10, 10, 100, 20}, 1}}, {}}}}};
    return text;
  };
  const auto before = export_item(package, "pdf", folder / "a.pdf");
  word = "guru";
  const auto after = export_item(package, "pdf", folder / "b.pdf");
  ASSERT_TRUE(before && after);
  EXPECT_NE(before->sha256, after->sha256) << "the text is asked for at each export";
  EXPECT_NE(read(folder / "b.pdf").find(std::string(2900, 'x')), std::string::npos);
}

TEST(Export, APageInLayersIsAStencilOverItsBackground) {
  const TempFolder folder;
  auto package = three_pages(folder);
  const auto jpeg = jpeg_like(83, 117, 500);
  const std::string mask(300, 'm');
  const auto bytes = layers_file(248, 350, {60, 50, 40}, std::as_bytes(std::span(jpeg)),
                                 std::as_bytes(std::span(mask)));
  std::ofstream(folder / "m.layers", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  package.image = [&](const Page&) { return folder / "m.layers"; };
  ASSERT_TRUE(export_item(package, "pdfa1b", folder / "a.pdf"));
  const auto pdf = read(folder / "a.pdf");
  for (const auto& words : std::vector<std::string>{"/ImageMask true", "/Width 83", "/Width 248",
                                                    "/K -1", jpeg, mask}) {
    EXPECT_NE(pdf.find(words), std::string::npos) << words.substr(0, 20);
  }
  EXPECT_EQ(pdf.find(jpeg + mask), std::string::npos) << "each stream ends where it should";
  EXPECT_EQ(pdf.find("/SMask"), std::string::npos);

  std::filesystem::resize_file(folder / "m.layers", bytes.size() - 1);
  const auto cut = export_item(package, "pdf", folder / "cut.pdf");
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::damaged);
  EXPECT_FALSE(std::filesystem::exists(folder / "cut.pdf"));
}

TEST(Alto, HasTheHalvesOfAWordAndWhoWroteIt) {
  Item item;
  item.digitization_no = "ALM/2026/000001";
  Page page;
  page.number = 1;
  page.access_width = 1000;
  page.access_height = 800;
  TextLayer text;
  text.width = 1000;
  text.height = 800;
  text.blocks = {{{100, 100, 300, 90},
                  {{{100, 100, 300, 40}, {{"\"peme-", {100, 100, 120, 40}, 0.96}}, {}},
                   {{100, 150, 300, 40}, {{"rintah,", {100, 150, 140, 40}, 0.96}}, {}}}}};
  mark_halves(text);
  text.blocks[0].lines[1].words[0].corrected = true;
  const auto xml = alto_xml(item, page, text);
  EXPECT_NE(
      xml.find(
          R"(<String ID="W1" HPOS="100" VPOS="100" WIDTH="100" HEIGHT="40" WC="0.989" CONTENT="&quot;peme" SUBS_TYPE="HypPart1" SUBS_CONTENT="pemerintah"/>
          <HYP HPOS="200" VPOS="100" WIDTH="20" CONTENT="-"/>
        </TextLine>)"),
      std::string::npos)
      << xml;
  EXPECT_NE(
      xml.find(R"(CONTENT="rintah," SUBS_TYPE="HypPart2" SUBS_CONTENT="pemerintah" CS="true"/>)"),
      std::string::npos)
      << xml;
}

}  // namespace
}  // namespace alih::repository
