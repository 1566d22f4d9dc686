#include "pipeline/read_page.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/orientation.h"
#include "processing/orient.h"
#include "tests/support/drawn_page.h"

namespace alih::pipeline {
namespace {

using ::testing::HasSubstr;
using testing_support::draw_page;
using testing_support::PageSpec;

PageSpec text(const std::string& sentence, double skew_deg) {
  PageSpec spec;
  spec.skew_deg = skew_deg;
  for (int i = 0; i < 3; ++i) spec.paragraphs.push_back(sentence);
  return spec;
}

// A skewed page of text with a band in its lower half where letters are white on black.
Image page_with_white_words() {
  const auto page = draw_page(text("Perpustakaan daerah menyimpan surat kabar lama dan peta.", 2));
  const auto band = draw_page(text("Lelang kelapa tiga puluh pikul", 0));
  std::vector<std::byte> bytes(page.image.bytes().begin(), page.image.bytes().end());
  const auto stride = page.image.stride();
  constexpr std::size_t kRows = 500;
  const auto to = static_cast<std::size_t>(page.image.height()) / 2 * stride;
  for (std::size_t i = 0; i < kRows * stride; ++i) {
    bytes[to + i] = ~band.image.bytes()[250 * stride + i];
  }
  return Image(page.image.format(), page.image.width(), page.image.height(), std::move(bytes), 300,
               300);
}

Word word(const std::string& text, Box box) { return {text, box, 0.9}; }
TextLayer layer(std::vector<Word> words) {
  TextLayer out;
  out.blocks = {{{}, {{{}, std::move(words)}}}};
  return out;
}

TEST(WordsNotIn, AreThoseThatTheBestReadingLacksAtTheirPlace) {
  const auto best = layer({word("surat", {100, 100, 60, 20}), word("lama", {200, 100, 50, 20})});
  const auto other = layer({word("Surat,", {102, 99, 60, 22}), word("lame", {200, 100, 50, 20}),
                            word("surat", {100, 700, 60, 20})});
  const auto missing = words_not_in(best, other);
  ASSERT_EQ(missing.size(), 2U);
  EXPECT_EQ(missing[0].text, "lame");
  EXPECT_EQ(missing[1].box.y, 700) << "the same word elsewhere on the page";
}

// Counts the readings of whole pages and of parts.
class CountingEngine final : public ocr::Engine {
 public:
  CountingEngine(ocr::Engine& engine, int page_height)
      : engine_(engine), page_height_(page_height) {}
  [[nodiscard]] std::string name() const override { return engine_.name(); }
  [[nodiscard]] std::string settings_text(const ocr::ReadOptions& o) const override {
    return engine_.settings_text(o);
  }
  [[nodiscard]] Result<TextLayer> read(const Image& image,
                                       const ocr::ReadOptions& options) override {
    ++(image.height() > page_height_ * 3 / 4 ? whole : parts);
    return engine_.read(image, options);
  }
  int whole = 0;
  int parts = 0;

 private:
  ocr::Engine& engine_;
  int page_height_;
};

struct Counted {
  PageReading read;
  int whole = 0;
  int parts = 0;
};
Counted read_counted(const processing::Prepared& prepared, const Everything& settings) {
  const auto made = ocr::make_engine("ind", settings.ocr).value();
  CountingEngine engine(*made, prepared.scanned.height());
  auto read = read_page(engine, prepared, settings).value();
  return {std::move(read), engine.whole, engine.parts};
}
Counted read_counted(const Image& page, const Everything& settings) {
  return read_counted(processing::prepare(page, 1, settings.processing, {}).value(), settings);
}

TEST(ReadPage, ReadsWhiteOnBlackWithoutReadingThePageTwice) {
  const auto master = page_with_white_words();
  const Everything settings;
  const auto prepared = processing::prepare(master, 1, settings.processing, {});
  ASSERT_TRUE(prepared) << prepared.error().message.en;
  const auto made = ocr::make_engine("ind", settings.ocr);
  ASSERT_TRUE(made);
  CountingEngine engine(**made, master.height());
  const auto read = read_page(engine, *prepared, settings);
  ASSERT_TRUE(read);
  EXPECT_EQ(engine.whole, 1);
  EXPECT_GE(read->parts, 1);
  EXPECT_EQ(read->parts, engine.parts);
  EXPECT_THAT(read->text.text(), HasSubstr("surat kabar lama"));
  int found = 0;
  for (const auto& block : read->text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) {
        if (w.text != "kelapa") continue;
        ++found;
        const auto [x, y] =
            prepared->to_master.apply(w.box.x + w.box.width / 2.0, w.box.y + w.box.height / 2.0);
        EXPECT_GT(y, master.height() / 2.0);
        EXPECT_LT(y, master.height() / 2.0 + 500);
        EXPECT_GT(x, 0);
      }
    }
  }
  EXPECT_GE(found, 1) << read->text.text();
}

TEST(ReadPage, ReadsAnOrdinaryPageOnce) {
  const auto page = draw_page(text("Perpustakaan daerah menyimpan surat kabar lama dan peta.", 1));
  const auto [read, whole, parts] = read_counted(page.image, {});
  EXPECT_EQ(whole, 1);
  EXPECT_EQ(parts, 0);
  EXPECT_FALSE(read.orientation) << "a sure page is not asked which way is up";
}

// Twenty lines: of such pages a further image is tried on a band first.
PageSpec long_text() {
  PageSpec spec;
  for (int i = 0; i < 4; ++i) {
    spec.paragraphs.push_back(
        "Pada hari Senin perpustakaan daerah menerima surat kabar lama dari kantor bupati. Guru "
        "sekolah membaca koran bersama murid, lalu petugas mencatatnya dalam buku yang tebal. "
        "Kapal yang memuat kopra berangkat ke Gorontalo pada sore hari.");
  }
  return spec;
}

TEST(ReadPage, TriesFurtherImagesOnABandAndReadsNoneThatGivesNoMore) {
  const auto page = draw_page(long_text());
  Everything settings;
  settings.ocr.retry_below = 1;
  settings.ocr.as_scanned_below = 1;
  const auto [read, whole, parts] = read_counted(page.image, settings);
  EXPECT_EQ(whole, 1);
  constexpr int kImages = 4;  // two levelled otherwise, plain gray, and the scan
  EXPECT_GE(parts, kImages);
  EXPECT_EQ(read.variant, "soft8");
}

TEST(ReadPage, ReadsAnImageThatGivesMoreInTheBandAsAWhole) {
  const auto page = draw_page(long_text());
  Everything settings;
  settings.ocr.retry_below = 1;
  auto prepared = processing::prepare(page.image, 1, settings.processing, {});
  ASSERT_TRUE(prepared);
  // The image that is read first lost rows here and there; what the others are made of did not.
  const auto& good = prepared->reading;
  std::vector<std::byte> bytes(good.bytes().begin(), good.bytes().end());
  const auto stride = good.stride();
  for (std::size_t y = 0; y < static_cast<std::size_t>(good.height()); ++y) {
    if (y % 9 < 3) std::fill_n(bytes.begin() + std::ptrdiff_t(y * stride), stride, std::byte{255});
  }
  prepared->reading = Image(good.format(), good.width(), good.height(), std::move(bytes),
                            good.dpi_x(), good.dpi_y());
  const auto [read, whole, parts] = read_counted(*prepared, settings);
  EXPECT_GT(whole, 1);
  EXPECT_NE(read.variant, "soft8");
  EXPECT_THAT(read.text.text(), HasSubstr("menerima surat kabar lama dari kantor"));
}

TEST(ReadPage, ReadsOneColumnWithoutLookingForOthersAndKeepsItsParagraphs) {
  PageSpec spec;
  const std::vector<std::string> sentences{
      "Pada hari Senin perpustakaan daerah menerima surat kabar lama dari kantor bupati. ",
      "Guru sekolah membaca koran bersama murid, lalu petugas mencatatnya dalam buku yang tebal. ",
      "Kapal yang memuat kopra berangkat ke Gorontalo pada sore hari. ",
      "Semua peta disimpan di lantai dua. ",
      "Rapat desa memutuskan bahwa jembatan di dekat pasar dibangun lagi sebelum musim hujan. "};
  for (std::size_t i = 0; i < 3; ++i) {
    std::string paragraph;
    for (std::size_t k = 0; k < 5; ++k) {
      paragraph += sentences[(i * 2 + k * (i + 1)) % sentences.size()];
    }
    spec.paragraphs.push_back(paragraph);
    spec.paragraphs.emplace_back();
  }
  const auto page = draw_page(spec);
  Everything settings;
  const auto prepared = processing::prepare(page.image, 1, settings.processing, {});
  ASSERT_TRUE(prepared);
  const auto engine = ocr::make_engine("ind", settings.ocr);
  ASSERT_TRUE(engine);
  const auto read = read_page(**engine, *prepared, settings);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->how.one_column);
  EXPECT_EQ((*engine)->settings_text(read->how), "lstm, psm 6");
  EXPECT_EQ(read->text.blocks.size(), 3U) << "a paragraph is a block";
  settings.ocr.layout = "full";
  const auto full = read_page(**engine, *prepared, settings);
  ASSERT_TRUE(full);
  EXPECT_EQ((*engine)->settings_text(full->how), "lstm, psm 3");
  const auto words = [](const TextLayer& text) {
    std::vector<std::string> out;
    for (const auto& block : text.blocks) {
      for (const auto& line : block.lines) {
        for (const auto& w : line.words) out.push_back(w.text);
      }
    }
    return out;
  };
  EXPECT_EQ(words(read->text), words(full->text));
}

class TurnedPage : public ::testing::TestWithParam<int> {};

// A page that lies by so many degrees clockwise.
Image lying(const Image& page, int degrees) {
  // What turns it back is the tag of the other way round.
  const int tag = degrees == 90 ? 6 : degrees == 180 ? 3 : 8;
  return *processing::upright(page, tag);
}

PageReading read_turning(ocr::Engine& engine, const Image& master,
                         const processing::Prepared& prepared, const Everything& settings) {
  auto read = read_page(engine, prepared, settings, {}, [&](int degrees) {
    return processing::prepare(master, turned_orientation(1, degrees), settings.processing, {});
  });
  EXPECT_TRUE(read);
  return std::move(*read);
}

TEST_P(TurnedPage, ComesOutUprightWithItsPlacesOnTheMaster) {
  const auto page = draw_page(text("Perpustakaan daerah menyimpan surat kabar lama dan peta.", 1));
  const auto master = lying(page.image, GetParam());
  const Everything settings;
  const auto prepared = processing::prepare(master, 1, settings.processing, {});
  ASSERT_TRUE(prepared);
  const auto engine = ocr::make_engine("ind", settings.ocr);
  ASSERT_TRUE(engine);
  const auto read = read_turning(**engine, master, *prepared, settings);
  EXPECT_THAT(read.text.text(), HasSubstr("Perpustakaan daerah menyimpan surat kabar"));
  ASSERT_TRUE(read.turned);
  ASSERT_TRUE(read.orientation);
  EXPECT_TRUE(read.orientation->applied);
  EXPECT_EQ(read.orientation->numbers.at("turned_deg"), (360 - GetParam()) % 360);
  EXPECT_GT(read.orientation->confidence, 0.6);
  EXPECT_EQ(turn_of({*read.orientation}), (360 - GetParam()) % 360);
  const auto& access = read.turned->access;
  EXPECT_LT(access.width(), access.height());
  EXPECT_EQ(read.text.width, access.width());

  // The same word of the page as it was drawn, seen on the lying master.
  const auto straight = processing::prepare(page.image, 1, settings.processing, {});
  const auto plain = read_page(**engine, *straight, settings);
  const auto& a = read.text.blocks.at(0).lines.at(0).words.at(1);
  const auto& b = plain->text.blocks.at(0).lines.at(0).words.at(1);
  ASSERT_EQ(a.text, b.text);
  const auto on_master =
      read.turned->to_master.apply(a.box.x + a.box.width / 2.0, a.box.y + a.box.height / 2.0);
  const auto on_page =
      straight->to_master.apply(b.box.x + b.box.width / 2.0, b.box.y + b.box.height / 2.0);
  const int back = GetParam() == 90 ? 8 : GetParam() == 180 ? 3 : 6;
  const auto drawn =
      upright_to_stored(back, master.width(), master.height()).apply(on_page[0], on_page[1]);
  EXPECT_NEAR(on_master[0], drawn[0], 6);
  EXPECT_NEAR(on_master[1], drawn[1], 6);
}
INSTANTIATE_TEST_SUITE_P(AllWays, TurnedPage, ::testing::Values(90, 180, 270));

TEST(ReadPage, DoesNotTurnWhatIsNoText) {
  // Strokes in all directions, as scribbles and drawings have.
  std::vector<std::byte> bytes(std::size_t{1200} * 1600, std::byte{250});
  unsigned random = 7;
  const auto next = [&](unsigned most) {
    random = random * 1664525U + 1013904223U;
    return static_cast<int>((random >> 8U) % most);
  };
  for (int n = 0; n < 500; ++n) {
    const int x = 100 + next(950);
    const int y = 100 + next(1350);
    const int dx = next(5) - 2;
    const int dy = next(5) - 2;
    for (int i = 0; i < 14; ++i) {
      for (int t = 0; t < 9; ++t) {
        const int column = x + dx * i + t % 3;
        const int row = y + dy * i + t / 3;
        bytes[static_cast<std::size_t>(row * 1200 + column)] = std::byte{30};
      }
    }
  }
  const Image master(PixelFormat::gray8, 1200, 1600, std::move(bytes), 150, 150);
  const Everything settings;
  const auto prepared = processing::prepare(master, 1, settings.processing, {});
  ASSERT_TRUE(prepared);
  const auto engine = ocr::make_engine("ind", settings.ocr);
  ASSERT_TRUE(engine);
  const auto read = read_turning(**engine, master, *prepared, settings);
  EXPECT_FALSE(read.turned);
  ASSERT_TRUE(read.orientation) << "it was asked: nothing was read well";
  EXPECT_FALSE(read.orientation->applied);
  EXPECT_EQ(read.orientation->note, "unsure");
}

TEST(Orientation, TagsAndTurnsGoTogether) {
  EXPECT_EQ(turned_orientation(1, 0), 1);
  EXPECT_EQ(turned_orientation(1, 90), 6);
  EXPECT_EQ(turned_orientation(1, 180), 3);
  EXPECT_EQ(turned_orientation(1, 270), 8);
  EXPECT_EQ(turned_orientation(6, 90), 3);
  EXPECT_EQ(turned_orientation(8, 90), 1);
  std::vector<std::byte> bytes;
  for (int i = 0; i < 15; ++i) bytes.push_back(static_cast<std::byte>(i * 10));
  const Image stored(PixelFormat::gray8, 3, 5, std::move(bytes), 0, 0);
  for (int tag = 1; tag <= 8; ++tag) {
    for (const int degrees : {0, 90, 180, 270}) {
      const auto first = processing::upright(stored, tag);
      const auto both = processing::upright(*first, turned_orientation(1, degrees));
      const auto once = processing::upright(stored, turned_orientation(tag, degrees));
      ASSERT_EQ(both->width(), once->width()) << tag << " " << degrees;
      EXPECT_TRUE(std::equal(both->bytes().begin(), both->bytes().end(), once->bytes().begin()))
          << tag << " " << degrees;
    }
  }
}

}  // namespace
}  // namespace alih::pipeline
