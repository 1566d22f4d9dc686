// Real scans and hostile files, where they are at hand: the folder of ALIH_SAMPLES, or
// shared/samples beside the source tree.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "processing/codec.h"
#include "processing/prepare.h"

namespace alih::processing {
namespace {

namespace fs = std::filesystem;

fs::path samples() {
  const char* named = std::getenv("ALIH_SAMPLES");
  return named != nullptr ? fs::path(named) : fs::path(ALIH_SOURCE_DIR) / "../shared/samples";
}

std::vector<std::byte> read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

bool is_image(const fs::path& path) {
  static const std::set<std::string> kinds{".tif", ".tiff", ".jpg", ".png"};
  return kinds.contains(path.extension().string());
}

#define SKIP_WITHOUT_SAMPLES()                                                             \
  if (!fs::is_directory(samples())) {                                                      \
    GTEST_SKIP() << "no samples at " << samples() << "; set ALIH_SAMPLES to their folder"; \
  }                                                                                        \
  static_assert(true)

TEST(Samples, AllGoodOnesAreReadAndBlankOnesAreTold) {
  SKIP_WITHOUT_SAMPLES();
  const std::set<std::string> blank{"naps2-blank1.jpg", "syn-blank-7-0.jpg"};
  const LimitSettings limits;
  int read_count = 0;
  for (const auto& entry : fs::directory_iterator(samples())) {
    const auto name = entry.path().filename().string();
    if (!is_image(entry.path())) continue;
    const auto file = read(entry.path());
    const auto info = probe(file, limits);
    ASSERT_TRUE(info.has_value()) << name << ": " << info.error().message.en;
    for (std::size_t i = 0; i < info->frames.size(); ++i) {
      const auto& frame = info->frames[i];
      const auto image = decode(file, static_cast<int>(i), limits);
      ASSERT_TRUE(image.has_value()) << name << ": " << image.error().message.en;
      EXPECT_EQ(image->format(), frame.format) << name;
      EXPECT_EQ(image->width(), frame.width) << name;
      EXPECT_EQ(image->height(), frame.height) << name;
      const auto prepared = prepare(*image, frame.orientation, {}, {});
      ASSERT_TRUE(prepared.has_value()) << name << ": " << prepared.error().message.en;
      EXPECT_EQ(prepared->blank, blank.contains(name)) << name;
      ++read_count;
    }
  }
  EXPECT_GT(read_count, 50);
}

TEST(Samples, HostileOnesEndSoonAndInOrder) {
  SKIP_WITHOUT_SAMPLES();
  // Pages that can be read in spite of the file's tricks. bad-exif.jpg is not among them: its
  // picture data are destroyed too, each restart interval is out of step.
  const std::set<std::string> readable{"crash-7d4c.j2k", "dpi-zero-division.jpg",
                                       "png-text-bomb.png", "total-pages-zero.tif"};
  const LimitSettings limits;
  for (const auto& entry : fs::directory_iterator(samples() / "hostile")) {
    const auto name = entry.path().filename().string();
    const auto file = read(entry.path());
    const auto start = std::chrono::steady_clock::now();
    const auto info = probe(file, limits);
    std::size_t good = 0;
    const std::size_t frames = info ? info->frames.size() : 0;
    for (std::size_t i = 0; i < frames; ++i) {
      const auto image = decode(file, static_cast<int>(i), limits);
      if (!image) {
        EXPECT_TRUE(image.error().code == ErrorCode::unreadable ||
                    image.error().code == ErrorCode::too_large)
            << name;
        EXPECT_FALSE(image.error().message.id.empty()) << name;
        continue;
      }
      ++good;
      EXPECT_TRUE(prepare(*image, info->frames[i].orientation, {}, {}).has_value()) << name;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took.count(), 20) << name;
    EXPECT_EQ(good > 0 && good == frames, readable.contains(name)) << name;
    if (!info) {
      EXPECT_TRUE(info.error().code == ErrorCode::unreadable ||
                  info.error().code == ErrorCode::too_large)
          << name;
    }
  }
}

}  // namespace
}  // namespace alih::processing
