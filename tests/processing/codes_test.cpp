#include "processing/codes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#define ZX_USE_UTF8 1
#include <ZXing/BitMatrix.h>
#include <ZXing/MultiFormatWriter.h>

#include "processing/codec.h"
#include "processing/patch_code.h"
#include "processing/pixels.h"
#include "processing/prepare.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

namespace fs = std::filesystem;
using ZXing::BarcodeFormat;

// --- drawing

// One module is one pixel; black 0, white 255.
cv::Mat modules_of(BarcodeFormat format, const std::string& text) {
  const auto bits = ZXing::MultiFormatWriter(format).setMargin(0).encode(text, 1, 1);
  cv::Mat out(bits.height(), bits.width(), CV_8U);
  for (int y = 0; y < out.rows; ++y) {
    for (int x = 0; x < out.cols; ++x) out.at<std::uint8_t>(y, x) = bits.get(x, y) ? 0 : 255;
  }
  return out;
}

// The code in pixels of a page, edges between pixels gray.
cv::Mat drawn(const cv::Mat& modules, double module_px, double height_px) {
  constexpr int kFine = 16;
  cv::Mat fine;
  cv::resize(modules, fine, {}, kFine, modules.rows == 1 ? 1 : kFine, cv::INTER_NEAREST);
  cv::Mat out;
  const int height = static_cast<int>(std::lround(height_px));
  cv::resize(fine, out, {static_cast<int>(std::lround(modules.cols * module_px)), fine.rows}, 0, 0,
             cv::INTER_AREA);
  cv::resize(out, out, {out.cols, height}, 0, 0,
             fine.rows == 1 ? cv::INTER_NEAREST : cv::INTER_AREA);
  return out;
}

// Bars of a patch code, from the left.
cv::Mat patch(std::string_view kind, double dpi, double length_mm) {
  std::string modules;  // of 0.04 inch: a narrow bar is two, a wide one five
  for (const auto& row : all_patches()) {
    if (row.kind != kind) continue;
    for (const bool wide : row.wide) {
      if (!modules.empty()) modules += "  ";
      modules += wide ? "#####" : "##";
    }
  }
  cv::Mat out(1, static_cast<int>(modules.size()), CV_8U);
  for (int x = 0; x < out.cols; ++x) {
    out.at<std::uint8_t>(0, x) = modules[static_cast<std::size_t>(x)] == '#' ? 0 : 255;
  }
  return drawn(out, dpi * 0.04, length_mm / 25.4 * dpi);
}

// A page of text with a free field on top; kept, drawing it takes long.
cv::Mat page_of(int dpi) {
  static std::map<int, cv::Mat> known;
  auto& page = known[dpi];
  if (page.empty()) {
    auto spec = text_page();
    spec.dpi = dpi;
    spec.paragraphs.resize(4);
    const auto image = testing_support::draw_page(spec).image;
    page = view(image).clone();
    // Text to the lower half.
    cv::Mat moved(page.size(), CV_8U, cv::Scalar(255));
    const int down = page.rows * 45 / 100;
    page.rowRange(0, page.rows - down).copyTo(moved.rowRange(down, page.rows));
    page = moved;
  }
  return page.clone();
}

struct Spoil {
  double skew_deg = 0;
  int quarter_turns = 0;
  double blur_px = 0;
  int black = 0;  // gray of the ink
  int white = 255;
  double noise = 0;
};

cv::Mat spoiled(cv::Mat page, const Spoil& how, unsigned seed) {
  if (how.skew_deg != 0) {
    const cv::Mat turn = cv::getRotationMatrix2D(
        cv::Point2f(static_cast<float>(page.cols) / 2, static_cast<float>(page.rows) / 2),
        how.skew_deg, 1);
    cv::warpAffine(page, page, turn, page.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT,
                   cv::Scalar(255));
  }
  if (how.quarter_turns % 4 == 1) cv::rotate(page, page, cv::ROTATE_90_CLOCKWISE);
  if (how.quarter_turns % 4 == 2) cv::rotate(page, page, cv::ROTATE_180);
  if (how.quarter_turns % 4 == 3) cv::rotate(page, page, cv::ROTATE_90_COUNTERCLOCKWISE);
  if (how.blur_px > 0) cv::GaussianBlur(page, page, {}, how.blur_px);
  page.convertTo(page, CV_8U, (how.white - how.black) / 255.0, how.black);
  if (how.noise > 0) {
    cv::RNG random(seed);
    cv::Mat grain(page.size(), CV_16S);
    random.fill(grain, cv::RNG::NORMAL, 0, how.noise);
    cv::add(page, grain, page, cv::noArray(), CV_8U);
  }
  return page;
}

void put(cv::Mat& page, const cv::Mat& code, int x, int y) {
  code.copyTo(page(cv::Rect(x, y, code.cols, code.rows)));
}

std::vector<Code> codes_on(const cv::Mat& page, double dpi) {
  const auto found = find_codes(to_image(page, dpi, dpi));
  EXPECT_TRUE(found.has_value());
  return found.value_or(std::vector<Code>());
}

std::vector<std::string> words(const std::vector<Code>& codes) {
  std::vector<std::string> out;
  for (const auto& c : codes) out.push_back(c.kind + (c.text.empty() ? "" : " " + c.text));
  return out;
}

struct Sort {
  std::string kind;
  BarcodeFormat format;
  std::string letters;
  int least;
  int most;
};
const std::vector<Sort>& sorts() {
  static const std::string capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  static const std::vector<Sort> out = {
      {"code_128", BarcodeFormat::Code128, capitals + "abcdefghijklmnopqrstuvwxyz/", 4, 14},
      {"code_39", BarcodeFormat::Code39, capitals, 4, 10},
      {"code_93", BarcodeFormat::Code93, capitals, 4, 12},
      {"itf", BarcodeFormat::ITF, "0123456789", 6, 14},
      {"qr", BarcodeFormat::QRCode, capitals + "abcdefghijklmnopqrstuvwxyz/:.", 5, 60},
  };
  return out;
}

std::string random_text(const Sort& sort, std::minstd_rand& random) {
  const auto below = [&](int n) { return static_cast<int>(random() >> 8U) % n; };
  int length = sort.least + below(sort.most - sort.least + 1);
  if (sort.kind == "itf") length -= length % 2;
  std::string out;
  for (int i = 0; i < length; ++i) {
    out += sort.letters[static_cast<std::size_t>(below(static_cast<int>(sort.letters.size())))];
  }
  return out;
}

// --- found

TEST(Codes, AreReadOnACleanPageAndTheirBoxesLieAroundThem) {
  constexpr int kDpi = 300;
  const std::map<std::string, std::string> texts{{"code_128", "ALM/2026/000123"},
                                                 {"code_39", "ASN00123"},
                                                 {"code_93", "RAK-7"},
                                                 {"itf", "12345678"},
                                                 {"qr", "https://arsip.example/1"}};
  for (const auto& sort : sorts()) {
    auto page = page_of(kDpi);
    const auto& text = texts.at(sort.kind);
    const bool qr = sort.kind == "qr";
    const auto modules = modules_of(sort.format, text);
    const auto code = drawn(modules, 4, qr ? modules.rows * 4 : 120);
    put(page, code, 300, 400);
    const auto found = codes_on(page, kDpi);
    ASSERT_THAT(words(found), testing::ElementsAre(sort.kind + " " + text));
    EXPECT_NEAR(found[0].box.x, 300, 12) << sort.kind;
    EXPECT_NEAR(found[0].box.y, 400, 24) << sort.kind;
    EXPECT_NEAR(found[0].box.x + found[0].box.width, 300 + code.cols, 12) << sort.kind;
    EXPECT_NEAR(found[0].box.y + found[0].box.height, 400 + code.rows, 24) << sort.kind;
  }
}

// Turned, askew, coarse, grainy, pale: sixty drawn pages. ALIH_CODES_SEED and ALIH_CODES_PAGES
// ask for others and for more.
TEST(Codes, AreReadOnSpoiledPages) {
  const char* seed = std::getenv("ALIH_CODES_SEED");
  const char* pages = std::getenv("ALIH_CODES_PAGES");
  std::minstd_rand random(seed != nullptr ? static_cast<unsigned>(std::atoi(seed)) : 20261);
  const int count = pages != nullptr ? std::atoi(pages) : 60;
  const auto between = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 8U) / (1U << 23U);
  };
  int right = 0;
  std::string lost;
  for (int i = 0; i < count; ++i) {
    const auto& sort = sorts()[static_cast<std::size_t>(i) % sorts().size()];
    constexpr std::array<int, 5> kDpis{150, 200, 300, 400, 600};
    const int dpi = kDpis[static_cast<std::size_t>(between(0, 4.99))];
    // Two pixels a module are what a coarse scan must give.
    const double module_mm = std::max(between(0.25, 0.5), 2 * 25.4 / dpi);
    const double px = module_mm / 25.4 * dpi;
    const auto text = random_text(sort, random);
    const auto modules = modules_of(sort.format, text);
    const bool qr = sort.kind == "qr";
    const auto code = drawn(modules, px, qr ? modules.rows * px : between(8, 15) / 25.4 * dpi);
    auto page = page_of(dpi);
    const int margin = dpi / 2;
    if (code.cols + 2 * margin > page.cols) {
      ++right;  // does not fit
      continue;
    }
    put(page, code, static_cast<int>(between(margin, page.cols - code.cols - margin)),
        static_cast<int>(between(0.12, 0.22) * page.rows));
    Spoil how;
    how.skew_deg = between(-5, 5);
    how.quarter_turns = static_cast<int>(between(0, 3.99));
    how.blur_px = between(0, 0.25 * px);
    how.black = static_cast<int>(between(0, 140));
    how.white = static_cast<int>(between(how.black + 70, 255));
    how.noise = between(0, (how.white - how.black) / 12.0);
    page = spoiled(page, how, static_cast<unsigned>(i));
    const auto found = words(codes_on(page, dpi));
    const bool good = found == std::vector<std::string>{sort.kind + " " + text};
    right += good ? 1 : 0;
    // Nothing is better than something else.
    for (const auto& f : found) EXPECT_EQ(f, sort.kind + " " + text) << i;
    if (!good) {
      lost += sort.kind + " " + text + " at " + std::to_string(dpi) + " dpi, module " +
              std::to_string(px) + " px, skew " + std::to_string(how.skew_deg) + ", turns " +
              std::to_string(how.quarter_turns) + ", blur " + std::to_string(how.blur_px) +
              ", gray " + std::to_string(how.black) + " to " + std::to_string(how.white) +
              ", noise " + std::to_string(how.noise) + "\n";
    }
  }
  EXPECT_GE(right, count * 98 / 100) << lost;
  RecordProperty("right", right);
  if (pages != nullptr) std::printf("%d of %d right\n%s", right, count, lost.c_str());
}

TEST(Patches, AreToldApartOnPagesOfAllKinds) {
  const char* seed = std::getenv("ALIH_CODES_SEED");
  std::minstd_rand random(seed != nullptr ? static_cast<unsigned>(std::atoi(seed)) : 4711);
  const auto between = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 8U) / (1U << 23U);
  };
  int right = 0;
  int all = 0;
  for (const auto& row : all_patches()) {
    for (const int dpi : {150, 300, 600}) {
      if (dpi == 600 && row.kind != "patch_t") continue;
      for (int turns = 0; turns < 4; ++turns) {
        auto page = page_of(dpi);
        auto bars = patch(row.kind, dpi, between(50, 120));
        cv::rotate(bars, bars, cv::ROTATE_90_CLOCKWISE);  // first bar on top
        put(page, bars, static_cast<int>(between(dpi / 2.0, page.cols - bars.cols - dpi / 2.0)),
            static_cast<int>(between(0.3, 2) * dpi));
        Spoil how;
        how.skew_deg = between(-4, 4);
        how.quarter_turns = turns;
        how.blur_px = between(0, 3);
        how.black = static_cast<int>(between(0, 140));
        how.white = static_cast<int>(between(how.black + 70, 255));
        how.noise = between(0, (how.white - how.black) / 8.0);
        page = spoiled(page, how, static_cast<unsigned>(all));
        const auto found = words(codes_on(page, dpi));
        EXPECT_THAT(found, testing::ElementsAre(std::string(row.kind)))
            << dpi << " dpi, turned " << turns << ", skew " << how.skew_deg << ", gray "
            << how.black << " to " << how.white << ", noise " << how.noise;
        ++all;
        right += found == std::vector<std::string>{std::string(row.kind)} ? 1 : 0;
      }
    }
  }
  RecordProperty("right", right);
}

TEST(Codes, OfAPageAreAllFound) {
  constexpr int kDpi = 300;
  auto page = page_of(kDpi);
  auto bars = patch("patch_t", kDpi, 100);
  cv::rotate(bars, bars, cv::ROTATE_90_CLOCKWISE);
  put(page, bars, 200, 120);
  put(page, drawn(modules_of(BarcodeFormat::Code39, "PATCHT"), 4, 130), 300, 600);
  put(page, drawn(modules_of(BarcodeFormat::Code128, "ALM-2"), 4, 130), 1500, 600);
  const auto qr = modules_of(BarcodeFormat::QRCode, "ALM-3");
  put(page, drawn(qr, 5, qr.rows * 5), 300, 900);
  auto upright = drawn(modules_of(BarcodeFormat::ITF, "004711"), 4, 130);
  cv::rotate(upright, upright, cv::ROTATE_90_CLOCKWISE);
  put(page, upright, 1800, 900);
  EXPECT_THAT(words(codes_on(page, kDpi)),
              testing::UnorderedElementsAre("patch_t", "code_39 PATCHT", "code_128 ALM-2",
                                            "qr ALM-3", "itf 004711"));
}

TEST(Separators, ArePatchTOrABarCodeWithItsWordAndNothingElse) {
  constexpr int kDpi = 300;
  const auto found = [&](const cv::Mat& code) {
    auto page = page_of(kDpi);
    put(page, code, 300, 400);
    put(page, drawn(modules_of(BarcodeFormat::Code128, "ALM-2"), 4, 130), 1500, 1000);
    const auto codes = find_separator(to_image(page, kDpi, kDpi));
    EXPECT_TRUE(codes.has_value());
    return codes.value_or(std::vector<Code>());
  };
  const auto across = [&](std::string_view kind) {
    cv::Mat bars;
    cv::rotate(patch(kind, kDpi, 100), bars, cv::ROTATE_90_CLOCKWISE);
    return bars;
  };
  const auto bars = [&](BarcodeFormat format, const std::string& text) {
    return drawn(modules_of(format, text), 4, 130);
  };
  EXPECT_THAT(words(found(across("patch_t"))),
              testing::UnorderedElementsAre("patch_t", "code_128 ALM-2"));
  EXPECT_THAT(words(found(bars(BarcodeFormat::Code39, "PATCHT"))),
              testing::UnorderedElementsAre("code_39 PATCHT", "code_128 ALM-2"));
  EXPECT_THAT(words(found(bars(BarcodeFormat::Code128, "PATCHT"))),
              testing::UnorderedElementsAre("code_128 PATCHT", "code_128 ALM-2"));
  for (const auto& row : all_patches()) {
    if (row.kind == "patch_t") continue;
    EXPECT_THAT(found(across(row.kind)), testing::IsEmpty()) << row.kind;
  }
  EXPECT_THAT(found(bars(BarcodeFormat::Code39, "PATCH")), testing::IsEmpty());
  EXPECT_THAT(found(bars(BarcodeFormat::Code39, "PATCHTS")), testing::IsEmpty());
  auto torn = across("patch_t");
  torn.rowRange(torn.rows / 4, torn.rows * 3 / 4).setTo(255);
  torn.colRange(torn.cols / 4, torn.cols * 3 / 4).setTo(0);
  EXPECT_THAT(found(torn), testing::IsEmpty());
  EXPECT_THAT(words(codes_on(page_of(kDpi), kDpi)), testing::IsEmpty());
}

TEST(Codes, WithScratchesAndATornSideAreRead) {
  constexpr int kDpi = 300;
  auto page = page_of(kDpi);
  put(page, drawn(modules_of(BarcodeFormat::Code128, "ALM/2026/000123"), 4, 150), 300, 400);
  cv::line(page, {250, 420}, {900, 520}, cv::Scalar(0), 6);
  cv::line(page, {300, 540}, {1000, 430}, cv::Scalar(255), 6);
  EXPECT_THAT(words(codes_on(page, kDpi)), testing::ElementsAre("code_128 ALM/2026/000123"));
}

TEST(Codes, OfACurledSheetAreRead) {
  constexpr int kDpi = 300;
  auto page = page_of(kDpi);
  put(page, drawn(modules_of(BarcodeFormat::Code128, "PATCHT"), 5, 150), 500, 400);
  cv::Mat x(page.size(), CV_32F);
  cv::Mat y(page.size(), CV_32F);
  for (int row = 0; row < page.rows; ++row) {
    for (int column = 0; column < page.cols; ++column) {
      x.at<float>(row, column) = static_cast<float>(column + 10 * std::sin(row / 32.0));
      y.at<float>(row, column) = static_cast<float>(row + 10 * std::sin(column / 32.0));
    }
  }
  cv::Mat curled;
  cv::remap(page, curled, x, y, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  EXPECT_THAT(words(codes_on(curled, kDpi)), testing::ElementsAre("code_128 PATCHT"));
}

TEST(Codes, OfABookAreRead) {
  constexpr int kDpi = 300;
  auto page = page_of(kDpi);
  put(page, drawn(modules_of(BarcodeFormat::EAN13, "9786020633176"), 4, 250), 500, 400);
  EXPECT_THAT(words(codes_on(page, kDpi)), testing::ElementsAre("ean_13 9786020633176"));
}

// --- not invented

TEST(Codes, OfPlainTextAreNone) {
  for (const int dpi : {150, 300}) {
    auto spec = text_page();
    spec.dpi = dpi;
    spec.table = {{"No", "Nama", "Jumlah"}, {"1", "Meja", "20"}, {"2", "Kursi", "35"}};
    spec.skew_deg = 1.5;
    spec.noise = 6;
    EXPECT_THAT(*find_codes(testing_support::draw_page(spec).image), testing::IsEmpty());
  }
}

TEST(Codes, AreNotInventedFromLines) {
  constexpr int kDpi = 300;
  std::minstd_rand random(99);
  const auto below = [&](int n) { return static_cast<int>(random() >> 8U) % n; };
  for (int round = 0; round < 24; ++round) {
    cv::Mat page(3508, 2480, CV_8U, cv::Scalar(255));
    switch (round % 6) {
      case 0:  // rules of a table
        for (int y = 200; y < 3300; y += 40 + below(60)) {
          cv::line(page, {200, y}, {2280, y}, cv::Scalar(0), 2 + below(8));
        }
        for (int x = 200; x < 2280; x += 30 + below(300)) {
          cv::line(page, {x, 200}, {x, 3300}, cv::Scalar(0), 2 + below(8));
        }
        break;
      case 1:  // even stripes
        for (int x = 100; x < 2300; x += 24) {
          cv::rectangle(page, {x, 300}, {x + 11, 1500}, cv::Scalar(0), cv::FILLED);
        }
        for (int y = 1700; y < 3300; y += 48) {
          cv::rectangle(page, {100, y}, {2300, y + 23}, cv::Scalar(0), cv::FILLED);
        }
        break;
      case 2:  // uneven stripes
        for (int x = 100; x < 2300;) {
          const int w = 3 + 3 * below(4);
          cv::rectangle(page, {x, 300}, {x + w, 700}, cv::Scalar(0), cv::FILLED);
          x += w + 4 + 3 * below(4);
        }
        for (int y = 900; y < 3300;) {
          const int w = 10 + below(60);
          cv::rectangle(page, {100, y}, {2300, y + w}, cv::Scalar(0), cv::FILLED);
          y += w + 20 + below(60);
        }
        break;
      case 3:  // guilloche
        for (int k = 0; k < 60; ++k) {
          std::vector<cv::Point> wave;
          for (int x = 100; x < 2380; x += 4) {
            wave.emplace_back(x,
                              static_cast<int>(1700 + 10 * k + 120 * std::sin(x / (40.0 + k % 7))));
          }
          cv::polylines(page, wave, false, cv::Scalar(60), 2, cv::LINE_AA);
        }
        break;
      case 4: {  // grain only
        cv::RNG grain(static_cast<std::uint64_t>(round));
        grain.fill(page, cv::RNG::NORMAL, 128, 60);
        break;
      }
      default:  // black squares and frames
        for (int k = 0; k < 40; ++k) {
          const cv::Point at(100 + below(2000), 100 + below(3000));
          cv::rectangle(page, at, at + cv::Point(30 + below(200), 30 + below(200)), cv::Scalar(0),
                        below(2) == 0 ? cv::FILLED : 4 + below(20));
        }
    }
    EXPECT_THAT(words(codes_on(page, kDpi)), testing::IsEmpty()) << round;
  }
}

TEST(Codes, OfWhichAPartIsMissingAreNotInvented) {
  constexpr int kDpi = 300;
  std::minstd_rand random(7);
  for (int round = 0; round < 60; ++round) {
    const auto& sort = sorts()[static_cast<std::size_t>(round) % sorts().size()];
    const auto text = random_text(sort, random);
    const auto modules = modules_of(sort.format, text);
    const bool qr = sort.kind == "qr";
    auto code = drawn(modules, 4, qr ? modules.rows * 4 : 130);
    const int third = code.cols / 3;
    // Cut off, or white, or black over its whole height.
    if (round / 5 % 3 == 0) code = code.colRange(0, 2 * third).clone();
    if (round / 5 % 3 == 1) code.colRange(third, 2 * third).setTo(255);
    if (round / 5 % 3 == 2) code.colRange(third, 2 * third).setTo(0);
    auto page = page_of(kDpi);
    put(page, code, 300, 400);
    EXPECT_THAT(words(codes_on(page, kDpi)), testing::IsEmpty()) << sort.kind << " " << text;
  }
}

TEST(Patches, AreNotInventedFromBarsThatAreNone) {
  constexpr int kDpi = 300;
  const auto mm = [](double v) { return static_cast<int>(std::lround(v / 25.4 * kDpi)); };
  // Widths of bars and gaps by turns, mm.
  const std::vector<std::vector<double>> none{
      {2, 2, 2, 2, 2, 2, 2},                // all narrow
      {5, 2, 5, 2, 5, 2, 5},                // all wide
      {2, 2, 5, 2, 2},                      // three bars
      {2, 5, 5, 5, 2, 5, 5},                // wide gaps
      {2, 2, 5, 2, 2, 2, 2},                // one wide
      {2, 2, 5, 2, 2, 2, 5, 2, 2, 2, 5},    // six bars
      {0.7, 0.7, 1.7, 0.7, 0.7, 0.7, 1.7},  // of the size of a bar code
  };
  for (const auto& widths : none) {
    auto page = page_of(kDpi);
    double y = 15;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (i % 2 == 0) {
        cv::rectangle(page, {mm(30), mm(y)}, {mm(120), mm(y + widths[i]) - 1}, cv::Scalar(0),
                      cv::FILLED);
      }
      y += widths[i];
    }
    EXPECT_THAT(words(codes_on(page, kDpi)), testing::IsEmpty()) << widths.size();
  }
}

// --- in the page's preparation

TEST(Codes, OfAPreparedPageLieInItsAccessImage) {
  constexpr int kDpi = 300;
  auto page = page_of(kDpi);
  put(page, drawn(modules_of(BarcodeFormat::Code39, "ASN00123"), 4, 130), 300, 500);
  Spoil how;
  how.skew_deg = 3;
  page = spoiled(page, how, 1);
  const auto prepared = prepare(to_image(page, kDpi, kDpi), 1, {}, {});
  ASSERT_TRUE(prepared.has_value());
  ASSERT_THAT(words(prepared->codes), testing::ElementsAre("code_39 ASN00123"));
  const auto again = find_codes(prepared->access);
  ASSERT_EQ(again->size(), 1U);
  // The upright box around a box that lay askew is larger.
  EXPECT_NEAR(prepared->codes[0].box.x, again->at(0).box.x, 20);
  EXPECT_NEAR(prepared->codes[0].box.y, again->at(0).box.y, 45);
  EXPECT_LT(prepared->codes[0].box.height, again->at(0).box.height + 90);
  const auto finding = std::find_if(prepared->findings.begin(), prepared->findings.end(),
                                    [](const Finding& f) { return f.name == "codes"; });
  ASSERT_NE(finding, prepared->findings.end());
  EXPECT_EQ(finding->numbers.at("count"), 1);
  Settings without;
  std::erase(without.stages, "codes");
  EXPECT_THAT(prepare(to_image(page, kDpi, kDpi), 1, without, {})->codes, testing::IsEmpty());
}

TEST(Codes, OfTinyAndOddPicturesAreNone) {
  for (const auto& size : {cv::Size(1, 1), cv::Size(1, 3000), cv::Size(3000, 1), cv::Size(23, 40),
                           cv::Size(33, 25), cv::Size(32000, 30)}) {
    const cv::Mat picture(size, CV_8U, cv::Scalar(200));
    for (const double dpi : {0.0, 1.0, 300.0, 1e6}) {
      EXPECT_THAT(codes_on(picture, dpi), testing::IsEmpty()) << size;
    }
  }
}

// --- real scans

TEST(Codes, OfRealPagesAreRightAndOthersHaveNone) {
  const char* named = std::getenv("ALIH_SAMPLES");
  const fs::path samples =
      named != nullptr ? fs::path(named) : fs::path(ALIH_SOURCE_DIR) / "../shared/samples";
  if (!fs::is_directory(samples)) {
    GTEST_SKIP() << "no samples at " << samples << "; set ALIH_SAMPLES to their folder";
  }
  // Each at least once and nothing else.
  const std::map<std::string, std::set<std::string>> truth{
      {"lept-barcode-128-300.png", {"code_128 CODE 128"}},
      {"lept-barcode-39-300.png", {"code_39 TEST-SHEET"}},
      {"lept-patent.png", {"code_39 US006672749B2"}},
      {"naps2-patcht.jpg", {"patch_t", "code_39 PATCHT"}},
      {"naps2-skewed.jpg", {"patch_t", "code_39 PATCHT"}},
  };
  const std::set<std::string> kinds{".tif", ".tiff", ".jpg", ".png"};
  std::size_t with_codes = 0;
  for (const auto& entry : fs::directory_iterator(samples)) {
    if (!kinds.contains(entry.path().extension().string())) continue;
    const auto name = entry.path().filename().string();
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string file((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto bytes = std::as_bytes(std::span(file));
    const auto image = decode(bytes, 0, {});
    if (!image) continue;
    const auto found = words(*find_codes(to_8bit(*image)));
    const auto expected = truth.find(name);
    if (expected != truth.end()) ++with_codes;
    EXPECT_EQ(std::set<std::string>(found.begin(), found.end()),
              expected == truth.end() ? std::set<std::string>() : expected->second)
        << name;
  }
  EXPECT_EQ(with_codes, truth.size());
}

}  // namespace
}  // namespace alih::processing
