// From a drawn defect to the reason that a person reads.
#include "pipeline/risk.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "processing/codec.h"
#include "processing/prepare.h"
#include "processing/quality.h"
#include "tests/support/book.h"

namespace alih::pipeline {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

testing_support::PageSpec scan() {
  auto spec = testing_support::small_book(9).at(8);  // twelve sentences of today's spelling
  spec.color = false;
  spec.paper = 0.93;
  spec.noise = 3;
  spec.dpi = 200;
  return spec;
}
Image draw(const testing_support::PageSpec& spec) { return testing_support::draw_page(spec).image; }

// As the worker leaves it, well read.
Page measured(const Image& master, int number = 1) {
  const auto prepared = processing::prepare(master, 1, {}, {});
  EXPECT_TRUE(prepared);
  const auto quality = processing::measure_quality(master, *prepared);
  EXPECT_TRUE(quality);
  Page page;
  page.number = number;
  page.file_seq = number;
  page.state = prepared->blank ? PageState::blank : PageState::indexed;
  page.width = master.width();
  page.height = master.height();
  page.dpi = master.dpi_x();
  page.access_width = prepared->access.width();
  page.access_height = prepared->access.height();
  page.to_master = prepared->to_master;
  page.findings = prepared->findings;
  page.findings.push_back(*quality);
  if (!prepared->blank) {
    page.reading.models = "ind+eng";
    page.reading.words = 150;
    page.reading.confidence = 0.96;
  }
  return page;
}

std::vector<std::string> names(const PageRisk& risk) {
  std::vector<std::string> out;
  for (const auto* reason : risk.reasons) out.emplace_back(reason->name);
  return out;
}
PageRisk risk_of(const Page& page, const Item& item = {}) { return page_risks(item, {page})[0]; }
Item with_profile(const std::string& profile) {
  Item item;
  item.fields["capture_profile"] = {profile};
  return item;
}
Page well_read() {
  Page page;
  page.state = PageState::indexed;
  page.width = 2480;
  page.height = 3508;
  page.dpi = 300;
  page.reading.models = "ind+eng";
  page.reading.words = 150;
  page.reading.confidence = 0.96;
  page.findings = {{"quality", {}, 1, false, "measured"}, {"text", {}, 0.96, false, "eyd"}};
  return page;
}
double& number(Page& page, const std::string& finding, const std::string& name) {
  const auto f = std::find_if(page.findings.begin(), page.findings.end(),
                              [&](const Finding& x) { return x.name == finding; });
  return f->numbers[name];
}

template <typename Tone>  // of (x, y, value)
Image changed(const Image& image, Tone tone) {
  std::vector<std::byte> bytes(image.bytes().begin(), image.bytes().end());
  const auto stride = image.stride();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto x = static_cast<int>(i % stride);
    const auto y = static_cast<int>(i / stride);
    bytes[i] = static_cast<std::byte>(
        std::lround(std::clamp(tone(x, y, std::to_integer<int>(bytes[i])), 0.0, 255.0)));
  }
  return Image(image.format(), image.width(), image.height(), std::move(bytes), image.dpi_x(),
               image.dpi_y());
}

// Mean of 2 r + 1 pixels along rows, then along columns, twice: nearly a Gaussian.
Image blurred(Image image, int r) {
  for (int round = 0; round < 2; ++round) {
    for (const int step : {0, 1}) {
      const Image before = image;
      const int w = image.width();
      const int h = image.height();
      image = changed(before, [&](int x, int y, double) {
        double sum = 0;
        for (int d = -r; d <= r; ++d) {
          const int at_x = step == 0 ? std::clamp(x + d, 0, w - 1) : x;
          const int at_y = step == 1 ? std::clamp(y + d, 0, h - 1) : y;
          sum += before.row(at_y)[at_x];
        }
        return sum / (2 * r + 1);
      });
    }
  }
  return image;
}

Image without_left(const Image& image, int columns) {
  std::vector<std::byte> bytes;
  const auto stride = image.stride();
  for (std::size_t y = 0; y < static_cast<std::size_t>(image.height()); ++y) {
    const auto row = image.bytes().subspan(y * stride, stride);
    bytes.insert(bytes.end(), row.begin() + columns, row.end());
  }
  return Image(image.format(), image.width() - columns, image.height(), std::move(bytes),
               image.dpi_x(), image.dpi_y());
}

// The reason is there at each strength, and the risk grows with it.
void expect_grows(const std::string& reason, const std::vector<PageRisk>& risks) {
  double last = 0;
  for (const auto& risk : risks) {
    EXPECT_THAT(names(risk), Contains(reason)) << risk.risk;
    EXPECT_GT(risk.risk, last) << reason;
    last = risk.risk;
  }
}

TEST(Risk, ACleanPageHasNone) {
  auto spec = scan();
  EXPECT_THAT(names(risk_of(measured(draw(spec)))), IsEmpty());
  EXPECT_EQ(risk_of(measured(draw(spec))).risk, 0);
  spec.skew_deg = 4;  // straightened
  spec.dark_border_px = 50;
  spec.color = true;
  EXPECT_THAT(names(risk_of(measured(draw(spec)))), IsEmpty());
  for (const auto& page : testing_support::small_book(7)) {
    EXPECT_THAT(names(risk_of(measured(draw(page)))), IsEmpty()) << page.paragraphs.at(0);
  }
}

TEST(Risk, OfBlurGrowsWithIt) {
  const auto print = draw(scan());
  EXPECT_THAT(names(risk_of(measured(blurred(print, 0)))), IsEmpty());
  expect_grows("blur",
               {risk_of(measured(blurred(print, 2))), risk_of(measured(blurred(print, 3)))});
}

TEST(Risk, OfBlurIsAsAt300Dpi) {
  auto page = well_read();
  number(page, "quality", "edge_px") = 6;
  EXPECT_THAT(names(risk_of(page)), ElementsAre("blur"));
  page.dpi = 600;  // the same softness on paper is twice the pixels
  EXPECT_THAT(names(risk_of(page)), IsEmpty());
  page.dpi = 200;  // but a coarse scan has few pixels, not soft ones
  EXPECT_THAT(names(risk_of(page)), ElementsAre("blur"));
}

TEST(Risk, OfFaintInkGrowsWithIt) {
  const auto print = draw(scan());
  const auto faint = [&](double ink) {
    return risk_of(
        measured(changed(print, [&](int, int, double v) { return 237 - (237 - v) * ink; })));
  };
  expect_grows("faint", {faint(0.35), faint(0.25), faint(0.18)});
}

TEST(Risk, OfLostHighlightsIsSmallAndGrows) {
  auto spec = scan();
  spec.noise = 4;
  const auto print = draw(spec);
  const auto bright = [&](double gain) {
    return risk_of(measured(changed(print, [&](int, int, double v) { return v * gain; })));
  };
  expect_grows("clipped_highlights", {bright(1.08), bright(1.095)});
  EXPECT_LT(bright(1.095).risk, 0.15);
}

TEST(Risk, OfCutTextGrowsWithTheLines) {
  const auto print = draw(scan());
  const auto high = [&](int rows) {
    // White below: what is cut off is only what stands above.
    const auto short_text =
        changed(print, [&](int x, int y, double v) { return y < rows ? v : 237 + (x + y) % 3; });
    return risk_of(measured(without_left(short_text, 330)));
  };
  expect_grows("cut_text", {high(600), high(2339)});
}

TEST(Risk, OfATailGrowsWithIt) {
  const auto print = draw(scan());
  const auto tail = [&](double share) {
    const int from = static_cast<int>(print.height() * (1 - share));
    return risk_of(
        measured(changed(print, [&](int, int y, double v) { return y < from ? v : 128; })));
  };
  expect_grows("tail_band", {tail(0.02), tail(0.05), tail(0.3)});
  EXPECT_GT(tail(0.3).risk, 0.6);
}

TEST(Risk, OfSkewThatWasNotFoundGrows) {
  auto spec = scan();
  std::vector<PageRisk> risks;
  for (const double angle : {8.0, 9.5, 11.0}) {  // deskew looks up to 7 degrees
    spec.skew_deg = angle;
    auto page = measured(draw(spec));
    EXPECT_NEAR(std::abs(number(page, "quality", "skew_deg")), angle, 0.2);
    EXPECT_THAT(names(risk_of(page)), Contains("skew"));
  }
  auto page = well_read();
  number(page, "quality", "skew_ratio") = 10;
  for (const double angle : {-0.7, 1.2, -2.5}) {
    number(page, "quality", "skew_deg") = angle;
    risks.push_back(risk_of(page));
  }
  expect_grows("skew", risks);
  number(page, "quality", "skew_deg") = 0.2;
  EXPECT_THAT(names(risk_of(page)), IsEmpty());
  number(page, "quality", "skew_deg") = 5;
  number(page, "quality", "skew_ratio") = 1.5;  // a picture: no peak
  EXPECT_THAT(names(risk_of(page)), IsEmpty());
}

TEST(Risk, OfALowResolutionIsAgainstTheProfile) {
  const auto at = [](int dpi, const Item& item) {
    auto page = well_read();
    page.dpi = dpi;
    return risk_of(page, item);
  };
  expect_grows("low_resolution", {at(250, with_profile("buku")), at(200, with_profile("buku")),
                                  at(150, with_profile("buku"))});
  expect_grows("low_resolution", {at(300, with_profile("langka")), at(300, with_profile("foto"))});
  EXPECT_THAT(names(at(300, with_profile("buku"))), IsEmpty());
  EXPECT_THAT(names(at(298, with_profile("buku"))), IsEmpty());  // a scanner's rounding
  EXPECT_THAT(names(at(200, {})), IsEmpty());  // no profile: only what cannot be read
  EXPECT_THAT(names(at(150, {})), ElementsAre("low_resolution"));
  EXPECT_THAT(names(at(0, with_profile("buku"))), IsEmpty());  // unknown
  EXPECT_THAT(names(at(150, with_profile("tidak-ada"))), ElementsAre("low_resolution"));
  EXPECT_THAT(names(at(96, with_profile("buku"))), IsEmpty());  // 2480 x 3508 is no 96 dpi scan
  auto small = well_read();
  small.dpi = 72;
  small.width = 934;
  small.height = 1170;
  EXPECT_THAT(names(risk_of(small)), ElementsAre("low_resolution"));
  auto drawn = well_read();
  drawn.dpi = 150;
  drawn.capture["pdf_image"] = "rendered";
  EXPECT_THAT(names(risk_of(drawn)), IsEmpty());
}

TEST(Risk, OfAnOddSizeIsAgainstItsNeighboursAlsoAfterTheyChange) {
  std::vector<Page> pages(5, well_read());
  for (auto& page : pages) page.width += 8 * page.number;
  pages[2].height /= 2;
  auto risks = page_risks({}, pages);
  EXPECT_THAT(names(risks[2]), ElementsAre("odd_size"));
  for (const int i : {0, 1, 3, 4}) {
    EXPECT_THAT(names(risks[static_cast<std::size_t>(i)]), IsEmpty()) << i;
  }
  // Smaller strength, smaller risk.
  auto mild = pages;
  mild[2].height = 3508 * 8 / 10;
  EXPECT_THAT(names(page_risks({}, mild)[2]), ElementsAre("odd_size"));
  EXPECT_LT(page_risks({}, mild)[2].risk, risks[2].risk);
  // Pages like it come in: nothing is odd; those go again: it is.
  auto bundle = pages;
  for (int i = 0; i < 4; ++i) bundle.push_back(pages[2]);
  for (const auto& risk : page_risks({}, bundle)) EXPECT_THAT(names(risk), IsEmpty());
  for (std::size_t i = 5; i < bundle.size(); ++i) bundle[i].state = PageState::removed;
  EXPECT_THAT(names(page_risks({}, bundle)[2]), ElementsAre("odd_size"));
  EXPECT_FALSE(page_risks({}, bundle)[7].known);
  // A bundle of letters, each of its own size.
  std::vector<Page> letters(6, well_read());
  for (std::size_t i = 0; i < letters.size(); ++i) {
    letters[i].width = 1400 + 200 * static_cast<int>(i);
  }
  for (const auto& risk : page_risks({}, letters)) EXPECT_THAT(names(risk), IsEmpty());
  // Two pages have no usual size.
  EXPECT_THAT(names(page_risks({}, {pages[1], pages[2]})[1]), IsEmpty());
  // Another resolution is no other size.
  auto finer = std::vector<Page>(4, well_read());
  finer[1].dpi = 600;
  finer[1].width *= 2;
  finer[1].height *= 2;
  EXPECT_THAT(names(page_risks({}, finer)[1]), IsEmpty());
}

TEST(Risk, CornersThatStraighteningAddedAreNoOddSize) {
  auto spec = scan();
  std::vector<Page> pages;
  for (const double angle : {0.0, 0.0, 6.0}) {
    spec.skew_deg = angle;
    pages.push_back(measured(draw(spec), static_cast<int>(pages.size()) + 1));
  }
  ASSERT_GT(pages[2].access_width, pages[0].access_width * 1.1);
  for (const auto& risk : page_risks({}, pages)) EXPECT_THAT(names(risk), IsEmpty());
  pages[2].access_width /= 2;  // cropped wrongly
  EXPECT_THAT(names(page_risks({}, pages)[2]), Contains("odd_size"));
}

TEST(Risk, OfABlankOrFailedPage) {
  auto spec = scan();
  spec.paragraphs.clear();
  EXPECT_THAT(names(risk_of(measured(draw(spec)))), ElementsAre("blank"));
  Page failed;
  failed.state = PageState::failed;
  EXPECT_THAT(names(risk_of(failed)), ElementsAre("failed"));
  EXPECT_EQ(risk_of(failed).risk, 1);
  Page waiting;
  EXPECT_FALSE(risk_of(waiting).known);
  EXPECT_EQ(risk_of(waiting).risk, 0);
}

TEST(Risk, OfADoubtfulReadingGrows) {
  const auto at = [](double confidence) {
    auto page = well_read();
    page.reading.confidence = confidence;
    return risk_of(page);
  };
  EXPECT_THAT(names(at(0.9)), IsEmpty());
  expect_grows("uncertain", {at(0.84), at(0.7), at(0.55)});
  const auto low = [](double share) {
    auto page = well_read();
    number(page, "text", "low_share") = share;
    return risk_of(page);
  };
  EXPECT_THAT(names(low(0.1)), IsEmpty());
  expect_grows("low_words", {low(0.16), low(0.3), low(0.5)});
  auto page = well_read();
  page.reading.words = 0;
  page.reading.confidence = 0;
  EXPECT_THAT(names(risk_of(page)), ElementsAre("no_words"));
}

TEST(Risk, OfSpellingAndLanguageDependsOnTheModels) {
  auto page = well_read();
  number(page, "text", "spelling_words") = 40;
  number(page, "text", "ophuijsen") = 1;
  page.findings.back().note = "ophuijsen";
  EXPECT_THAT(names(risk_of(page)), ElementsAre("old_spelling"));
  page.reading.models = "ind+nld";
  EXPECT_THAT(names(risk_of(page)), IsEmpty());
  page.reading.models = "Latin";
  EXPECT_THAT(names(risk_of(page)), IsEmpty());
  page.reading.models = "ind+eng";
  page.findings.back().note = "soewandi";
  number(page, "text", "ophuijsen") = 0;
  number(page, "text", "soewandi") = 0.9;
  EXPECT_THAT(names(risk_of(page)), ElementsAre("old_spelling"));
  page.findings.back().note = "mixed";
  number(page, "text", "soewandi") = 0.5;
  number(page, "text", "eyd") = 0.5;
  EXPECT_THAT(names(risk_of(page)), ElementsAre("mixed_spelling"));

  auto dutch = well_read();
  number(dutch, "text", "function_words") = 60;
  number(dutch, "text", "nld") = 0.9;
  number(dutch, "text", "ind") = 0.1;
  EXPECT_THAT(names(risk_of(dutch)), ElementsAre("other_language"));
  dutch.reading.models = "ind+nld";
  EXPECT_THAT(names(risk_of(dutch)), IsEmpty());
  number(dutch, "text", "nld") = 0;
  number(dutch, "text", "other") = 0.9;
  EXPECT_THAT(names(risk_of(dutch)), ElementsAre("other_language"));
}

TEST(Risk, AddsUpWithTheWeightiestReasonFirstAndNeverPassesOne) {
  auto page = well_read();
  number(page, "quality", "edge_px") = 20;
  number(page, "quality", "contrast") = 0.05;
  number(page, "quality", "tail_share") = 0.5;
  number(page, "quality", "cut_lines") = 40;
  number(page, "quality", "cut_letters") = 0;
  number(page, "quality", "highlights_clipped") = 0.99;
  page.reading.confidence = 0.2;
  const auto risk = risk_of(page);
  EXPECT_THAT(names(risk), ElementsAre("tail_band", "cut_text", "blur", "uncertain", "faint",
                                       "clipped_highlights"));
  EXPECT_GT(risk.risk, 0.95);
  EXPECT_LT(risk.risk, 1);
  EXPECT_EQ(reasons_text(risk, Language::indonesian).substr(0, 6), "ujung ");
  EXPECT_EQ(reasons_text(risk, Language::english).substr(0, 7), "uniform");
}

TEST(Risk, BrokenNumbersAreNoReason) {
  auto page = well_read();
  for (const char* name : {"edge_px", "contrast", "tail_share", "cut_lines", "skew_deg"}) {
    number(page, "quality", name) = std::nan("");
  }
  EXPECT_THAT(names(risk_of(page)), IsEmpty());
  std::vector<Page> pages(4, well_read());
  for (auto& p : pages) {
    p.access_width = 2480;
    p.access_height = 3508;
  }
  pages[1].to_master = {{1, -1, 0, 1, 1, 0}};
  pages[2].to_master = {{1e308, 1e308, 0, 1e308, 1e308, 0}};
  pages[3].to_master = {{0, 0, 0, 0, 0, 0}};
  for (const auto& risk : page_risks({}, pages)) EXPECT_THAT(names(risk), IsEmpty());
  page.findings.clear();  // read by an older program
  EXPECT_THAT(names(risk_of(page)), IsEmpty());
}

// Real scans and drawn ones with other defects than ours, where they are at hand.
TEST(Risk, OfRealPagesIsWhatAPersonSees) {
  namespace fs = std::filesystem;
  const char* named = std::getenv("ALIH_SAMPLES");
  const auto folder =
      named != nullptr ? fs::path(named) : fs::path(ALIH_SOURCE_DIR) / "../shared/samples";
  if (!fs::exists(folder)) GTEST_SKIP() << "no samples at " << folder;
  const std::vector<std::pair<std::string, std::vector<std::string>>> expected{
      {"syn-clean-7-0.jpg", {}},
      {"syn-color-7-0.jpg", {}},
      {"syn-small8-7-0.jpg", {}},
      {"syn-skew-7-0.jpg", {}},  // straightened
      {"syn-shadow-7-0.jpg", {}},
      {"syn-stain-7-0.jpg", {}},
      {"syn-table-7-0.jpg", {}},
      {"syn-bilevel-7-0.tif", {}},
      {"lept-feyn.tif", {}},
      {"ehri-dr-19420615-dk-05.jpg", {}},
      {"fondue-05dracula-pdf-page-51.png", {}},
      {"naps2-notblank.jpg", {}},
      {"scribe-singlecol-01.png", {}},  // says 96 dpi and is 300
      {"naps2-blank1.jpg", {"blank"}},
      {"naps2-skewed.jpg", {"skew"}},        // by 9.6 degrees, more than deskew looks for
      {"unpaper-imgsrcE001.png", {"skew"}},  // two pages, each another way
      {"syn-hard-7-0.jpg", {"blur"}},
      {"syn-lowcontrast-7-0.jpg", {"faint"}},
  };
  for (const auto& [name, reasons] : expected) {
    std::ifstream in(folder / name, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    ASSERT_FALSE(text.empty()) << name;
    const auto image =
        processing::decode(std::as_bytes(std::span(text.data(), text.size())), 0, {});
    ASSERT_TRUE(image) << name;
    EXPECT_EQ(names(risk_of(measured(*image))), reasons) << name;
  }
}

TEST(Risk, TableHasBothLanguagesAndRowsThatCanBeReached) {
  std::set<std::string_view> seen;
  for (const auto& row : all_risk_reasons()) {
    EXPECT_TRUE(seen.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.label.id.empty()) << row.name;
    EXPECT_FALSE(row.label.en.empty()) << row.name;
    EXPECT_NE(row.label.id, row.label.en) << row.name;
    EXPECT_GT(row.points, 0) << row.name;
    EXPECT_LE(row.points, 1) << row.name;
    EXPECT_LE(row.from, row.full) << row.name;
    EXPECT_NE(row.value, nullptr) << row.name;
  }
}

}  // namespace
}  // namespace alih::pipeline
