#include "ocr/traineddata.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ocr/engine.h"
#include "tests/support/drawn_page.h"
#include "tests/support/temp_folder.h"

namespace alih::ocr {
namespace {

namespace fs = std::filesystem;

std::string file_of(const std::string& model) {
  return (fs::path(Settings{}.models) / (model + ".traineddata")).string();
}

std::vector<std::int64_t> starts_of(const std::vector<char>& bytes) {
  std::int32_t count = 0;
  std::memcpy(&count, bytes.data(), sizeof count);
  std::vector<std::int64_t> out(static_cast<std::size_t>(count));
  std::memcpy(out.data(), bytes.data() + sizeof count, out.size() * sizeof(std::int64_t));
  return out;
}

TEST(ReadWithoutWords, LeavesTheListOfWordsOutAndAllElseAsItIs) {
  const auto file = file_of("ind");
  std::ifstream in(file, std::ios::binary);
  const std::vector<char> whole(std::istreambuf_iterator<char>(in), {});
  std::vector<char> less;
  ASSERT_TRUE(read_without_words(file.c_str(), &less));
  const auto before = starts_of(whole);
  const auto after = starts_of(less);
  ASSERT_EQ(before.size(), after.size());
  constexpr std::size_t kWords = 19;
  ASSERT_GE(before[kWords], 0) << "this model has a list, or the test says nothing";
  const auto size = static_cast<std::size_t>(before[kWords + 1] - before[kWords]);
  EXPECT_EQ(less.size(), whole.size() - size);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (i == kWords || before[i] < 0) {
      EXPECT_EQ(after[i], -1) << i;
      continue;
    }
    EXPECT_EQ(whole[static_cast<std::size_t>(before[i])], less[static_cast<std::size_t>(after[i])]);
  }
  EXPECT_TRUE(std::equal(less.end() - 80, less.end(), whole.end() - 80)) << "its last component";
}

TEST(ReadWithoutWords, OfFilesThatAreNoModelsSaysNo) {
  const testing_support::TempFolder folder;
  std::vector<char> out;
  EXPECT_FALSE(read_without_words("/nowhere/ind.traineddata", &out));
  EXPECT_FALSE(read_without_words("/dev/null", &out));
  EXPECT_FALSE(read_without_words("/usr", &out));
  // A thousand components that are all the whole file: nobody's memory is filled with it.
  const auto hostile = (folder / "hostile.traineddata").string();
  {
    const std::int32_t count = 1000;
    const std::vector<std::int64_t> starts(1000, 0);
    std::vector<char> bytes(std::size_t{1} << 20U, 'x');
    std::memcpy(bytes.data(), &count, sizeof count);
    std::memcpy(bytes.data() + sizeof count, starts.data(), starts.size() * sizeof starts[0]);
    std::ofstream(hostile, std::ios::binary).write(bytes.data(), std::ssize(bytes));
  }
  EXPECT_FALSE(read_without_words(hostile.c_str(), &out));
  EXPECT_LE(out.size(), std::size_t{64} << 20U);
}

TEST(WordList, LeftOutReadsTheSameWordsAndIsNotTakenFromAnotherEngine) {
  testing_support::PageSpec spec;
  spec.paragraphs = {"Anggaran terserap 98,75% dari pagu tahun 1952 dan naik 12% lagi."};
  const auto page = testing_support::draw_page(spec);
  const auto read = [&](WordList words) {
    auto engine = make_engine("Latin", {}, words);
    return (*engine)->read(page.image, {}).value();
  };
  const auto alone = read(WordList::left_out);
  const auto used = read(WordList::used);
  EXPECT_EQ(alone.text(), used.text());
  auto kept = make_engine("Latin", {});  // keeps its list in the library's memory
  EXPECT_EQ(read(WordList::left_out), alone);
}

}  // namespace
}  // namespace alih::ocr
