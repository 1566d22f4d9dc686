#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ocr/engine.h"
#include "ocr/models.h"
#include "tests/support/drawn_page.h"

namespace alih::ocr {
namespace {

using ::testing::HasSubstr;
using testing_support::draw_page;
using testing_support::PageSpec;

PageSpec letter() {
  PageSpec spec;
  spec.paragraphs = {"Kepala sekolah menerima surat dari bupati tentang perpustakaan desa.",
                     "Guru dan murid membaca koran lama di Luwuk."};
  return spec;
}

class Reading : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = make_engine("ind+eng", {});
    ASSERT_TRUE(made) << made.error().message.en;
    engine_ = std::move(*made);
  }
  std::unique_ptr<Engine> engine_;
};

TEST_F(Reading, GivesWordsWithBoxesAndConfidences) {
  const auto page = draw_page(letter());
  const auto text = engine_->read(page.image, {});
  ASSERT_TRUE(text) << text.error().message.en;
  EXPECT_THAT(text->text(), HasSubstr("surat dari bupati tentang perpustakaan desa"));
  EXPECT_GT(text->mean_confidence(), 0.85);
  EXPECT_EQ(text->width, page.image.width());
  for (const auto& block : text->blocks) {
    for (const auto& line : block.lines) {
      for (const auto& word : line.words) {
        EXPECT_GT(word.box.width, 0) << word.text;
        EXPECT_GE(word.box.x, line.box.x) << word.text;
        EXPECT_LE(word.box.y + word.box.height, line.box.y + line.box.height) << word.text;
        EXPECT_LE(word.confidence, 1.0);
      }
    }
  }
}

TEST_F(Reading, LeavesDashedRulesOutAndNotWhatStandsBetweenWords) {
  auto spec = letter();
  spec.paragraphs.insert(spec.paragraphs.begin() + 1, std::string(48, '-'));
  spec.paragraphs.emplace_back("Harga kelapa Rp 500 - 750 sepikul, kopra - tidak ada.");
  const auto text = engine_->read(draw_page(spec).image, {});
  ASSERT_TRUE(text);
  EXPECT_EQ(text->text().find("--"), std::string::npos) << text->text();
  EXPECT_THAT(text->text(), HasSubstr("500 - 750"));
  EXPECT_THAT(text->text(), HasSubstr("koran lama di Luwuk"));
}

TEST_F(Reading, DependsOnThePageOnlyNotOnThoseBefore) {
  const auto page = draw_page(letter()).image;
  auto other = letter();
  other.paragraphs = {"Soerat dari Toean Controleur kepada goeroe di Balantak."};
  other.noise = 12;
  const auto first = engine_->read(page, {});
  ASSERT_TRUE(engine_->read(draw_page(other).image, {300, true}));
  EXPECT_EQ(*engine_->read(page, {}), *first);
}

TEST_F(Reading, TakesColourAndBlackAndWhiteAndNotSixteenBits) {
  auto spec = letter();
  spec.color = true;
  EXPECT_THAT(engine_->read(draw_page(spec).image, {})->text(), HasSubstr("perpustakaan"));
  const auto gray = draw_page(letter()).image;
  std::vector<std::byte> bits(Image::stride_for(PixelFormat::bilevel, gray.width()) *
                              static_cast<std::size_t>(gray.height()));
  for (int y = 0; y < gray.height(); ++y) {
    for (int x = 0; x < gray.width(); ++x) {
      if (gray.row(y)[x] >= 128) continue;
      bits[Image::stride_for(PixelFormat::bilevel, gray.width()) * static_cast<std::size_t>(y) +
           static_cast<std::size_t>(x) / 8] |= static_cast<std::byte>(0x80U >> (x % 8));
    }
  }
  const Image bilevel(PixelFormat::bilevel, gray.width(), gray.height(), bits, 300, 300);
  EXPECT_THAT(engine_->read(bilevel, {})->text(), HasSubstr("perpustakaan"));
  const Image deep(PixelFormat::gray16, 10, 10, std::vector<std::byte>(200));
  EXPECT_FALSE(engine_->read(deep, {}));
}

TEST_F(Reading, TakesUprightRulesForNoWords) {
  PageSpec spec;
  spec.paragraphs = {"Nama | Jabatan | Golongan | Alamat | Tanggal"};
  const auto text = engine_->read(draw_page(spec).image, {});
  ASSERT_TRUE(text) << text.error().message.en;
  EXPECT_THAT(text->text(), HasSubstr("Nama Jabatan Golongan Alamat Tanggal"));
}

TEST_F(Reading, OfAnEmptyPageGivesNoWords) {
  const auto text = engine_->read(draw_page({}).image, {});
  ASSERT_TRUE(text);
  EXPECT_EQ(text->word_count(), 0);
}

TEST(Models, ThatAreMissingAreNamedWithTheirPackage) {
  const auto status = check_models("ind+nosuch+jav", {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::model_missing);
  EXPECT_THAT(status.error().message.en, HasSubstr("nosuch"));
  EXPECT_THAT(status.error().message.en, HasSubstr("apt-get install tesseract-ocr-nosuch"));
  EXPECT_FALSE(check_models("../ind", {}));
  EXPECT_FALSE(make_engine("nosuch", {}));
  EXPECT_TRUE(check_models("ind+eng", {}));
}

}  // namespace
}  // namespace alih::ocr
