#include "processing/codec.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>

#include "tests/processing/pictures.h"
#include "tests/processing/tiff_builder.h"

namespace alih::processing {
namespace {

const LimitSettings kLimits;

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

std::vector<int> samples_of(const Image& image) {
  std::vector<int> out;
  for (const auto b : image.bytes()) out.push_back(std::to_integer<int>(b));
  return out;
}

std::vector<std::byte> built(TiffPage page, bool big_endian = false) {
  TiffBuilder builder(big_endian);
  builder.add(std::move(page));
  return builder.bytes();
}

ErrorCode decode_error(std::span<const std::byte> file, const LimitSettings& limits = kLimits) {
  const auto image = decode(file, 0, limits);
  EXPECT_FALSE(image.has_value());
  return image ? ErrorCode::internal : image.error().code;
}

// ---- TIFF, written by us

struct RoundTrip {
  PixelFormat format;
  TiffCompression compression;
};
class TiffRoundTrip : public testing::TestWithParam<RoundTrip> {};

TEST_P(TiffRoundTrip, KeepsPixelsAndResolution) {
  for (const auto& [width, height] : {std::pair{1, 1}, std::pair{67, 31}, std::pair{640, 480}}) {
    const auto image = random_image(GetParam().format, width, height).with_dpi(300, 299.5);
    const auto file = encode_tiff(image, {}, GetParam().compression);
    ASSERT_TRUE(file.has_value()) << file.error().message.en;
    EXPECT_EQ(sniff(*file), FileFormat::tiff);
    const auto info = probe(*file, kLimits);
    ASSERT_TRUE(info.has_value()) << info.error().message.en;
    ASSERT_EQ(info->frames.size(), 1U);
    EXPECT_EQ(info->frames[0].format, image.format());
    EXPECT_EQ(info->frames[0].width, width);
    EXPECT_EQ(info->frames[0].height, height);
    EXPECT_EQ(info->frames[0].orientation, 1);
    const auto again = decode(*file, 0, kLimits);
    ASSERT_TRUE(again.has_value()) << again.error().message.en;
    EXPECT_TRUE(same_pixels(image, *again));
    EXPECT_NEAR(again->dpi_x(), 300, 1e-3);
    EXPECT_NEAR(again->dpi_y(), 299.5, 1e-3);
  }
}
INSTANTIATE_TEST_SUITE_P(All, TiffRoundTrip,
                         testing::Values(RoundTrip{PixelFormat::bilevel, TiffCompression::deflate},
                                         RoundTrip{PixelFormat::gray8, TiffCompression::deflate},
                                         RoundTrip{PixelFormat::gray16, TiffCompression::deflate},
                                         RoundTrip{PixelFormat::rgb24, TiffCompression::deflate},
                                         RoundTrip{PixelFormat::rgb48, TiffCompression::deflate},
                                         RoundTrip{PixelFormat::gray8, TiffCompression::lzw},
                                         RoundTrip{PixelFormat::rgb48, TiffCompression::lzw},
                                         RoundTrip{PixelFormat::gray16, TiffCompression::none},
                                         RoundTrip{PixelFormat::rgb24, TiffCompression::none}));

TEST(Tiff, CarriesItsTags) {
  TiffTags tags;
  tags.document_name = "ALM-2026-000001";
  tags.image_description = "halaman 3";
  tags.software = "alihmedia";
  tags.date_time = "2026:11:24 04:12:28";
  const auto file = encode_tiff(random_image(PixelFormat::gray8, 20, 20), tags);
  ASSERT_TRUE(file.has_value());
  const std::string text(reinterpret_cast<const char*>(file->data()), file->size());
  for (const auto& word :
       {tags.document_name, tags.image_description, tags.software, tags.date_time}) {
    EXPECT_NE(text.find(word), std::string::npos) << word;
  }
}

TEST(Tiff, OfUnknownResolutionSaysNone) {
  const auto file = encode_tiff(random_image(PixelFormat::gray8, 20, 20).with_dpi(0, 0), {});
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(decode(*file, 0, kLimits)->dpi_x(), 0);
}

// ---- TIFF, written by others

TEST(Tiff, ReadsBothPolaritiesOfOneBit) {
  for (const bool white_is_zero : {true, false}) {
    auto page = tiff_page(10, 2, 1, 1, white_is_zero ? 0 : 1);
    use_one_strip(page, 2);
    page.pieces = {bytes_of({0b10000000, 0b01000000, 0b11111111, 0b11000000})};
    const auto image = decode(built(page), 0, kLimits);
    ASSERT_TRUE(image.has_value()) << image.error().message.en;
    EXPECT_EQ(image->format(), PixelFormat::bilevel);
    EXPECT_EQ(samples_of(*image), white_is_zero ? (std::vector<int>{0x80, 0x40, 0xFF, 0xC0})
                                                : (std::vector<int>{0x7F, 0x80, 0x00, 0x00}));
  }
}

TEST(Tiff, WidensTwoAndFourBitGray) {
  auto two = tiff_page(4, 1, 2, 1, 1);
  use_one_strip(two, 1);
  two.pieces = {bytes_of({0b00011011})};
  EXPECT_EQ(samples_of(*decode(built(two), 0, kLimits)), (std::vector<int>{0, 85, 170, 255}));
  auto four = tiff_page(3, 1, 4, 1, 0);  // white is zero
  use_one_strip(four, 1);
  four.pieces = {bytes_of({0x0F, 0x50})};
  EXPECT_EQ(samples_of(*decode(built(four), 0, kLimits)), (std::vector<int>{255, 0, 170}));
}

TEST(Tiff, ReadsBigEndianSixteenBit) {
  auto page = tiff_page(2, 1, 16, 1, 1);
  use_one_strip(page, 1);
  page.pieces = {bytes_of({0x12, 0x34, 0xFF, 0x00})};
  const auto image = decode(built(page, true), 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  std::array<std::uint16_t, 2> values{};
  std::memcpy(values.data(), image->bytes().data(), sizeof values);
  EXPECT_EQ(values, (std::array<std::uint16_t, 2>{0x1234, 0xFF00}));
}

TEST(Tiff, ReadsTilesThatReachOverTheEdge) {
  const auto truth = random_image(PixelFormat::gray8, 20, 18);
  auto page = tiff_page(20, 18, 8, 1, 1);
  page.tiled = true;
  page.entries.push_back({322, 4, {16}});
  page.entries.push_back({323, 4, {16}});
  for (const int top : {0, 16}) {
    for (const int left : {0, 16}) {
      std::vector<std::byte> tile(256);
      for (int y = 0; y < 16 && top + y < 18; ++y) {
        for (int x = 0; x < 16 && left + x < 20; ++x) {
          tile[static_cast<std::size_t>(y * 16 + x)] = std::byte{truth.row(top + y)[left + x]};
        }
      }
      page.pieces.push_back(tile);
    }
  }
  const auto image = decode(built(page), 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  EXPECT_TRUE(same_pixels(truth, *image));
}

TEST(Tiff, ReadsSeparatePlanes) {
  auto page = tiff_page(2, 1, 8, 3, 2);
  use_one_strip(page, 1);
  page.entries.push_back({284, 3, {2}});
  page.pieces = {bytes_of({1, 4}), bytes_of({2, 5}), bytes_of({3, 6})};
  const auto image = decode(built(page), 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  EXPECT_EQ(samples_of(*image), (std::vector<int>{1, 2, 3, 4, 5, 6}));
}

TEST(Tiff, ReadsAPalette) {
  auto page = tiff_page(2, 1, 4, 1, 3);
  use_one_strip(page, 1);
  std::vector<std::uint32_t> map(48, 0);
  map[1] = 0xFFFF;       // red of colour 1
  map[16 + 2] = 0x8080;  // green of colour 2
  page.entries.push_back({320, 3, map});
  page.pieces = {bytes_of({0x12})};
  const auto image = decode(built(page), 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  EXPECT_EQ(samples_of(*image), (std::vector<int>{255, 0, 0, 0, 128, 0}));
}

TEST(Tiff, LaysTransparencyOverWhite) {
  auto page = tiff_page(3, 1, 8, 4, 2);
  use_one_strip(page, 1);
  page.entries.push_back({338, 3, {2}});  // alpha, colour not multiplied by it
  page.pieces = {bytes_of({10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128})};
  const auto image = decode(built(page), 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  const auto s = samples_of(*image);
  ASSERT_EQ(s.size(), 9U);
  EXPECT_EQ(std::vector<int>(s.begin(), s.begin() + 6),
            (std::vector<int>{10, 20, 30, 255, 255, 255}));
  EXPECT_NEAR(s[6], 127, 1);
}

TEST(Tiff, ReadsCmyk) {
  auto page = tiff_page(2, 1, 8, 4, 5);
  use_one_strip(page, 1);
  page.pieces = {bytes_of({0, 255, 255, 0, 0, 0, 0, 255})};
  const auto image = decode(built(page), 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  EXPECT_EQ(samples_of(*image), (std::vector<int>{255, 0, 0, 0, 0, 0}));
}

// Orientation is told, never applied, whichever way the pixels are read.
TEST(Tiff, GivesPixelsAsStoredAndTellsTheOrientation) {
  for (const bool palette : {false, true}) {
    for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
      auto page = tiff_page(2, 1, 8, 1, palette ? 3 : 1);
      use_one_strip(page, 1);
      page.entries.push_back({274, 3, {orientation}});
      if (palette) {
        std::vector<std::uint32_t> map(768, 0);
        map[9] = map[256 + 9] = map[512 + 9] = 0x0909;
        page.entries.push_back({320, 3, map});
      }
      page.pieces = {bytes_of({9, 0})};
      const auto file = built(page);
      const auto info = probe(file, kLimits);
      ASSERT_TRUE(info.has_value());
      EXPECT_EQ(info->frames[0].orientation, static_cast<int>(orientation));
      const auto image = decode(file, 0, kLimits);
      ASSERT_TRUE(image.has_value()) << image.error().message.en;
      EXPECT_EQ(samples_of(*image).front(), 9) << orientation;
      EXPECT_EQ(samples_of(*image).back(), 0) << orientation;
    }
  }
}

TEST(Tiff, TakesNonsenseInResolutionAndOrientationAsUnknown) {
  struct Case {
    std::uint32_t above, below, unit;
    double dpi;
  };
  for (const auto& c :
       {Case{300, 1, 2, 300}, Case{118, 1, 3, 299.72}, Case{300, 1, 1, 0}, Case{0, 1, 2, 0},
        Case{1, 1, 2, 0}, Case{300, 0, 2, 0}, Case{4000000000U, 1, 2, 0}}) {
    auto page = tiff_page(1, 1, 8, 1, 1);
    use_one_strip(page, 1);
    page.entries.push_back({282, 5, {c.above, c.below}});
    page.entries.push_back({283, 5, {c.above, c.below}});
    page.entries.push_back({296, 3, {c.unit}});
    page.entries.push_back({274, 3, {77}});
    page.pieces = {bytes_of({0})};
    const auto info = probe(built(page), kLimits);
    ASSERT_TRUE(info.has_value()) << info.error().message.en;
    EXPECT_NEAR(info->frames[0].dpi_x, c.dpi, 0.01) << c.above << "/" << c.below << " " << c.unit;
    EXPECT_EQ(info->frames[0].orientation, 1);
  }
}

TiffPage gray_page(int seed) {
  auto page = tiff_page(8, 4, 8, 1, 1);
  use_one_strip(page, 4);
  const auto image = random_image(PixelFormat::gray8, 8, 4, static_cast<unsigned>(seed));
  page.pieces = {std::vector<std::byte>(image.bytes().begin(), image.bytes().end())};
  return page;
}

TEST(Tiff, ReadsEachPageOfMany) {
  TiffBuilder builder;
  for (int i = 1; i <= 5; ++i) builder.add(gray_page(i));
  ASSERT_EQ(probe(builder.bytes(), kLimits)->frames.size(), 5U);
  for (int i = 0; i < 5; ++i) {
    const auto image = decode(builder.bytes(), i, kLimits);
    ASSERT_TRUE(image.has_value());
    EXPECT_TRUE(
        same_pixels(*image, random_image(PixelFormat::gray8, 8, 4, static_cast<unsigned>(i + 1))));
  }
  EXPECT_FALSE(decode(builder.bytes(), 5, kLimits).has_value());
  EXPECT_FALSE(decode(builder.bytes(), -1, kLimits).has_value());
}

TEST(Tiff, LeavesOutReducedCopiesOfAPage) {
  TiffBuilder builder;
  for (int i = 1; i <= 4; ++i) {
    auto page = gray_page(i);
    if (i % 2 == 1) page.entries.push_back({254, 4, {1}});  // a thumbnail before each page
    builder.add(page);
  }
  ASSERT_EQ(probe(builder.bytes(), kLimits)->frames.size(), 2U);
  const auto second = decode(builder.bytes(), 1, kLimits);
  ASSERT_TRUE(second.has_value()) << second.error().message.en;
  EXPECT_TRUE(same_pixels(*second, random_image(PixelFormat::gray8, 8, 4, 4)));
  EXPECT_FALSE(decode(builder.bytes(), 2, kLimits).has_value());
}

TEST(Tiff, RefusesALoopOfPages) {
  for (const std::size_t to : {0U, 1U, 2U}) {
    TiffBuilder builder;
    for (int i = 1; i <= 3; ++i) builder.add(gray_page(i));
    builder.loop_to(to);
    const auto info = probe(builder.bytes(), kLimits);
    ASSERT_FALSE(info.has_value());
    EXPECT_EQ(info.error().code, ErrorCode::unreadable);
    EXPECT_EQ(decode_error(builder.bytes()), ErrorCode::unreadable);
  }
}

TEST(Tiff, ShowsThatAPageIsLostWhenTheChainIsCut) {
  TiffBuilder builder;
  builder.add(gray_page(1));
  builder.add(gray_page(2));
  builder.link_to_offset(1000000);
  const auto info = probe(builder.bytes(), kLimits);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->frames.size(), 3U);
  EXPECT_TRUE(decode(builder.bytes(), 1, kLimits).has_value());
  const auto lost = decode(builder.bytes(), 2, kLimits);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, ErrorCode::unreadable);
}

TEST(Tiff, RefusesTooManyPages) {
  TiffBuilder builder;
  for (int i = 0; i < 20; ++i) builder.add(gray_page(1));
  LimitSettings few;
  few.max_frames = 19;
  const auto info = probe(builder.bytes(), few);
  ASSERT_FALSE(info.has_value());
  EXPECT_EQ(info.error().code, ErrorCode::too_large);
  few.max_frames = 20;
  EXPECT_TRUE(probe(builder.bytes(), few).has_value());
}

TEST(Tiff, RefusesAbsurdSizesBeforeDecoding) {
  for (const auto& [width, height] :
       {std::pair{0x7FFFFFFFU, 0x7FFFFFFFU}, std::pair{32768U, 10U}, std::pair{20000U, 20000U}}) {
    auto page = tiff_page(width, height, 8, 1, 1);
    use_one_strip(page, height);
    page.pieces = {bytes_of({0, 0, 0, 0})};
    const auto file = built(page);
    const auto info = probe(file, kLimits);
    ASSERT_FALSE(info.has_value());
    EXPECT_EQ(info.error().code, ErrorCode::too_large);
    EXPECT_EQ(decode_error(file), ErrorCode::too_large);
  }
}

TEST(Tiff, IsUnreadableWhenAStripIsShort) {
  // Of two: for a single strip libtiff takes a wrong byte count as a slip of the writer.
  auto page = tiff_page(8, 4, 8, 1, 1);
  use_one_strip(page, 2);
  page.pieces = {std::vector<std::byte>(16), std::vector<std::byte>(10)};
  EXPECT_EQ(decode_error(built(page)), ErrorCode::unreadable);
}

// One strip of a fax-coded page, from our own file.
std::vector<std::byte> fax_strip(const Image& image) {
  const auto file = encode_tiff(image, {});
  EXPECT_TRUE(file.has_value());
  // The strip comes right after the header of 8 bytes; what follows it does no harm.
  return {file->begin() + 8, file->end()};
}

TEST(Tiff, IsUnreadableWhenFaxDataEndEarly) {
  const auto image = random_image(PixelFormat::bilevel, 200, 100);
  auto strip = fax_strip(image);
  const auto page_with = [&](std::vector<std::byte> data) {
    auto page = tiff_page(200, 100, 1, 1, 0);
    for (auto& e : page.entries) {
      if (e.tag == 259) e.values = {4};
    }
    use_one_strip(page, 100);
    page.pieces = {std::move(data)};
    return built(page);
  };
  const auto whole = decode(page_with(strip), 0, kLimits);
  ASSERT_TRUE(whole.has_value()) << whole.error().message.en;
  EXPECT_TRUE(same_pixels(image, *whole));
  auto half = strip;
  half.resize(half.size() / 2);
  EXPECT_EQ(decode_error(page_with(half)), ErrorCode::unreadable);
  auto spoilt = strip;
  for (std::size_t i = 500; i < 540; ++i) spoilt[i] = std::byte{0};
  EXPECT_EQ(decode_error(page_with(spoilt)), ErrorCode::unreadable);
}

TEST(Tiff, OfAnyLengthEndsWithoutACrash) {
  for (const auto format : {PixelFormat::bilevel, PixelFormat::rgb24}) {
    const auto file = encode_tiff(random_image(format, 64, 64), {});
    ASSERT_TRUE(file.has_value());
    for (std::size_t length = 0; length < file->size(); length += 7) {
      const std::span part(file->data(), length);
      static_cast<void>(probe(part, kLimits));
      const auto image = decode(part, 0, kLimits);
      EXPECT_FALSE(image.has_value() && !same_pixels(*image, *decode(*file, 0, kLimits)))
          << "a cut file gave other pixels, length " << length;
    }
  }
}

// ---- JPEG

// Writes rows of any colour space, as other programs do.
std::vector<std::byte> foreign_jpeg(J_COLOR_SPACE in, J_COLOR_SPACE stored, int components,
                                    const std::vector<unsigned char>& row, int width, int height,
                                    bool progressive = false,
                                    const std::vector<unsigned char>& app1 = {},
                                    unsigned restart = 0) {
  jpeg_compress_struct c{};
  jpeg_error_mgr errors{};
  c.err = jpeg_std_error(&errors);
  jpeg_create_compress(&c);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&c, &out, &size);
  c.image_width = static_cast<JDIMENSION>(width);
  c.image_height = static_cast<JDIMENSION>(height);
  c.input_components = components;
  c.in_color_space = in;
  jpeg_set_defaults(&c);
  jpeg_set_colorspace(&c, stored);
  jpeg_set_quality(&c, 100, TRUE);
  c.restart_interval = restart;
  if (progressive) jpeg_simple_progression(&c);
  jpeg_start_compress(&c, TRUE);
  if (!app1.empty()) {
    jpeg_write_marker(&c, JPEG_APP0 + 1, app1.data(), static_cast<unsigned>(app1.size()));
  }
  auto copy = row;
  unsigned char* p = copy.data();
  for (int y = 0; y < height; ++y) jpeg_write_scanlines(&c, &p, 1);
  jpeg_finish_compress(&c);
  jpeg_destroy_compress(&c);
  const auto* from = reinterpret_cast<const std::byte*>(out);
  std::vector<std::byte> bytes(from, from + size);
  std::free(out);  // NOLINT: libjpeg allocated it
  return bytes;
}

std::vector<std::byte> gray_jpeg(bool progressive = false,
                                 const std::vector<unsigned char>& app1 = {},
                                 unsigned restart = 0) {
  std::vector<unsigned char> row(160);
  for (std::size_t x = 0; x < row.size(); ++x) row[x] = static_cast<unsigned char>(x * 37 % 251);
  return foreign_jpeg(JCS_GRAYSCALE, JCS_GRAYSCALE, 1, row, 160, 160, progressive, app1, restart);
}

TEST(Jpeg, RoundTripKeepsLookAndResolution) {
  const auto page = flat_image(200, 100, 200);
  const auto marked = with_rectangle(page, 40, 30, 80, 40, 20);
  const auto file = encode_jpeg(marked, 90);
  ASSERT_TRUE(file.has_value());
  const auto again = decode(*file, 0, kLimits);
  ASSERT_TRUE(again.has_value()) << again.error().message.en;
  EXPECT_EQ(again->format(), PixelFormat::gray8);
  EXPECT_EQ(again->dpi_x(), 300);
  EXPECT_NEAR(again->row(50)[80], 20, 12);
  EXPECT_NEAR(again->row(5)[5], 200, 12);
}

TEST(Jpeg, IsMadeFromEveryPixelFormat) {
  for (const auto format : {PixelFormat::bilevel, PixelFormat::gray8, PixelFormat::gray16,
                            PixelFormat::rgb24, PixelFormat::rgb48}) {
    const auto file = encode_jpeg(random_image(format, 33, 17), 85);
    ASSERT_TRUE(file.has_value()) << file.error().message.en;
    const auto again = decode(*file, 0, kLimits);
    ASSERT_TRUE(again.has_value()) << again.error().message.en;
    EXPECT_EQ(again->width(), 33);
    EXPECT_EQ(again->format(),
              samples_per_pixel(format) == 3 ? PixelFormat::rgb24 : PixelFormat::gray8);
  }
}

TEST(Jpeg, ReadsInkColoursAsPrinted) {
  // Adobe stores C, M, Y, K upside down: 255 = no ink. This is pure red.
  std::vector<unsigned char> row;
  for (int x = 0; x < 16; ++x) row.insert(row.end(), {255, 0, 0, 255});
  for (const auto stored : {JCS_CMYK, JCS_YCCK}) {
    const auto image = decode(foreign_jpeg(JCS_CMYK, stored, 4, row, 16, 16), 0, kLimits);
    ASSERT_TRUE(image.has_value()) << image.error().message.en;
    EXPECT_EQ(image->format(), PixelFormat::rgb24);
    EXPECT_NEAR(image->row(8)[0], 255, 4);
    EXPECT_NEAR(image->row(8)[1], 0, 4);
    EXPECT_NEAR(image->row(8)[2], 0, 4);
  }
}

TEST(Jpeg, CutShortIsUnreadable) {
  for (const bool progressive : {false, true}) {
    const auto file = gray_jpeg(progressive);
    ASSERT_TRUE(decode(file, 0, kLimits).has_value());
    for (std::size_t length = 0; length + 2 < file.size(); length += 97) {
      const std::span part(file.data(), length);
      EXPECT_FALSE(decode(part, 0, kLimits).has_value()) << length << " of " << file.size();
    }
  }
}

TEST(Jpeg, WithSpoiltPixelsIsUnreadable) {
  auto file = gray_jpeg(false, {}, 10);
  for (std::size_t i = file.size() / 2; i < file.size() / 2 + 200; ++i) file[i] = std::byte{0xAA};
  EXPECT_EQ(decode_error(file), ErrorCode::unreadable);
}

TEST(Jpeg, WithOddBytesBetweenItsPartsIsRead) {
  auto file = gray_jpeg();
  file.insert(file.begin() + 20, 5, std::byte{0});  // between JFIF and the next segment
  EXPECT_TRUE(decode(file, 0, kLimits).has_value());
  file = gray_jpeg();
  file.insert(file.end() - 2, 5, std::byte{0});  // before the end mark
  EXPECT_TRUE(decode(file, 0, kLimits).has_value());
  file.insert(file.end(), 1000, std::byte{'x'});  // a camera's preview after the end
  EXPECT_TRUE(decode(file, 0, kLimits).has_value());
}

TEST(Jpeg, WithVeryManyScansIsRefused) {
  // The last scan of a progressive file again and again, as a scan bomb has it.
  const auto file = gray_jpeg(true);
  std::size_t scan = 0;
  for (std::size_t i = 2; i + 1 < file.size(); ++i) {
    if (file[i] == std::byte{0xFF} && file[i + 1] == std::byte{0xDA}) scan = i;
  }
  ASSERT_GT(scan, 0U);
  std::vector<std::byte> bomb(file.begin(), file.end() - 2);
  const std::vector<std::byte> again(file.begin() + static_cast<std::ptrdiff_t>(scan),
                                     file.end() - 2);
  for (int i = 0; i < 500; ++i) bomb.insert(bomb.end(), again.begin(), again.end());
  bomb.insert(bomb.end(), file.end() - 2, file.end());
  EXPECT_EQ(decode_error(bomb), ErrorCode::unreadable);
}

std::vector<unsigned char> exif(std::uint32_t orientation, std::uint32_t above, std::uint32_t below,
                                bool big_endian) {
  TiffBuilder builder(big_endian);
  TiffPage page;
  page.entries = {{0x0112, 3, {orientation}},
                  {0x011A, 5, {above, below}},
                  {0x011B, 5, {above, below}},
                  {0x0128, 3, {2}}};
  builder.add(page);
  std::vector<unsigned char> out{'E', 'x', 'i', 'f', 0, 0};
  for (const auto b : builder.bytes()) out.push_back(std::to_integer<unsigned char>(b));
  return out;
}

TEST(Jpeg, TakesOrientationAndResolutionFromExif) {
  for (const bool big_endian : {false, true}) {
    const auto info = probe(gray_jpeg(false, exif(6, 400, 1, big_endian)), kLimits);
    ASSERT_TRUE(info.has_value()) << info.error().message.en;
    EXPECT_EQ(info->frames[0].orientation, 6);
    EXPECT_EQ(info->frames[0].dpi_x, 400);
    EXPECT_EQ(info->frames[0].dpi_y, 400);
  }
  const auto odd = probe(gray_jpeg(false, exif(99, 300, 0, false)), kLimits);
  ASSERT_TRUE(odd.has_value());
  EXPECT_EQ(odd->frames[0].orientation, 1);
  EXPECT_EQ(odd->frames[0].dpi_x, 0);
}

TEST(Jpeg, SurvivesBrokenExif) {
  const auto whole = exif(6, 400, 1, false);
  for (std::size_t length = 6; length < whole.size(); ++length) {
    const std::vector<unsigned char> part(whole.begin(),
                                          whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_TRUE(decode(gray_jpeg(false, part), 0, kLimits).has_value());
  }
  for (std::size_t at = 6; at < whole.size(); ++at) {
    auto spoilt = whole;
    spoilt[at] = 0xFF;
    EXPECT_TRUE(probe(gray_jpeg(false, spoilt), kLimits).has_value());
  }
}

// ---- PNG

struct PngSpec {
  int color = PNG_COLOR_TYPE_GRAY;
  int depth = 8;
  bool interlaced = false;
  int transparent_gray = -1;
  std::size_t text_bytes = 0;  // of a compressed text chunk
};

std::vector<std::byte> foreign_png(const PngSpec& spec, int width, int height,
                                   const std::vector<unsigned char>& pixels) {
  std::vector<std::byte> out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep data, std::size_t size) {
        auto& bytes = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(p));
        const auto* from = reinterpret_cast<const std::byte*>(data);
        bytes.insert(bytes.end(), from, from + size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height),
               spec.depth, spec.color, spec.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_pHYs(png, info, 11811, 11811, PNG_RESOLUTION_METER);
  const std::array<png_color, 4> palette{{{0, 0, 0}, {255, 0, 0}, {0, 255, 0}, {9, 8, 7}}};
  if (spec.color == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette.data(), 4);
  png_color_16 through{};
  if (spec.transparent_gray >= 0) {
    through.gray = static_cast<png_uint_16>(spec.transparent_gray);
    png_set_tRNS(png, info, nullptr, 0, &through);
  }
  std::string key = "Comment";
  std::string text(spec.text_bytes, 'a');
  png_text comment{};
  comment.compression = PNG_TEXT_COMPRESSION_zTXt;
  comment.key = key.data();
  comment.text = text.data();
  comment.text_length = text.size();
  if (!text.empty()) png_set_text(png, info, &comment, 1);
  png_write_info(png, info);
  const auto stride = png_get_rowbytes(png, info);
  std::vector<png_bytep> rows;
  auto copy = pixels;
  for (int y = 0; y < height; ++y)
    rows.push_back(copy.data() + static_cast<std::size_t>(y) * stride);
  png_write_image(png, rows.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

TEST(Png, ReadsEveryDepthOfGray) {
  struct Case {
    int depth;
    std::vector<unsigned char> row;
    PixelFormat format;
    std::vector<int> samples;
  };
  for (const auto& c : {Case{1, {0b01010000}, PixelFormat::bilevel, {0b10100000}},
                        Case{2, {0b00011011}, PixelFormat::gray8, {0, 85, 170, 255}},
                        Case{4, {0x0F, 0x5A}, PixelFormat::gray8, {0, 255, 85, 170}},
                        Case{8, {1, 2, 3, 4}, PixelFormat::gray8, {1, 2, 3, 4}}}) {
    PngSpec spec;
    spec.depth = c.depth;
    const auto file = foreign_png(spec, 4, 1, c.row);
    EXPECT_EQ(probe(file, kLimits)->frames[0].format, c.format);
    const auto image = decode(file, 0, kLimits);
    ASSERT_TRUE(image.has_value()) << image.error().message.en;
    EXPECT_EQ(image->format(), c.format);
    EXPECT_EQ(samples_of(*image), c.samples) << c.depth;
    EXPECT_EQ(image->dpi_x(), 300) << "11811 pixels a metre";
  }
}

TEST(Png, ReadsSixteenBitInHostOrder) {
  PngSpec spec;
  spec.depth = 16;
  spec.color = PNG_COLOR_TYPE_RGB;
  const auto image = decode(foreign_png(spec, 1, 1, {0x12, 0x34, 0, 1, 0xFF, 0xFE}), 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  EXPECT_EQ(image->format(), PixelFormat::rgb48);
  std::array<std::uint16_t, 3> values{};
  std::memcpy(values.data(), image->bytes().data(), sizeof values);
  EXPECT_EQ(values, (std::array<std::uint16_t, 3>{0x1234, 1, 0xFFFE}));
}

TEST(Png, ReadsAPalette) {
  PngSpec spec;
  spec.color = PNG_COLOR_TYPE_PALETTE;
  spec.depth = 2;
  const auto image = decode(foreign_png(spec, 4, 1, {0b00011011}), 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  EXPECT_EQ(samples_of(*image), (std::vector<int>{0, 0, 0, 255, 0, 0, 0, 255, 0, 9, 8, 7}));
}

TEST(Png, LaysTransparencyOverWhite) {
  PngSpec gray;
  gray.color = PNG_COLOR_TYPE_GRAY_ALPHA;
  const auto a = decode(foreign_png(gray, 2, 1, {10, 255, 10, 0}), 0, kLimits);
  ASSERT_TRUE(a.has_value()) << a.error().message.en;
  EXPECT_EQ(samples_of(*a), (std::vector<int>{10, 255}));
  PngSpec rgba;
  rgba.color = PNG_COLOR_TYPE_RGB_ALPHA;
  const auto b = decode(foreign_png(rgba, 2, 1, {1, 2, 3, 255, 1, 2, 3, 0}), 0, kLimits);
  ASSERT_TRUE(b.has_value()) << b.error().message.en;
  EXPECT_EQ(samples_of(*b), (std::vector<int>{1, 2, 3, 255, 255, 255}));
  PngSpec key;
  key.transparent_gray = 7;
  const auto c = decode(foreign_png(key, 3, 1, {6, 7, 8}), 0, kLimits);
  ASSERT_TRUE(c.has_value()) << c.error().message.en;
  EXPECT_EQ(samples_of(*c), (std::vector<int>{6, 255, 8}));
  PngSpec one_bit;
  one_bit.depth = 1;
  one_bit.transparent_gray = 0;  // black is see-through: all white
  const auto d = decode(foreign_png(one_bit, 4, 1, {0b01010000}), 0, kLimits);
  ASSERT_TRUE(d.has_value()) << d.error().message.en;
  EXPECT_EQ(probe(foreign_png(one_bit, 4, 1, {0b01010000}), kLimits)->frames[0].format,
            d->format());
}

TEST(Png, ReadsInterlacedRows) {
  PngSpec spec;
  spec.interlaced = true;
  std::vector<unsigned char> pixels(37 * 29);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<unsigned char>(i * 7);
  const auto image = decode(foreign_png(spec, 37, 29, pixels), 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  EXPECT_EQ(std::memcmp(image->bytes().data(), pixels.data(), pixels.size()), 0);
}

TEST(Png, IsReadWhateverItsTextInflatesTo) {
  PngSpec spec;
  spec.text_bytes = std::size_t{20} << 20U;
  const auto file = foreign_png(spec, 1, 1, {200});
  EXPECT_LT(file.size(), 100000U);
  const auto image = decode(file, 0, kLimits);
  ASSERT_TRUE(image.has_value()) << image.error().message.en;
  EXPECT_EQ(samples_of(*image), std::vector<int>{200});
}

TEST(Png, DamagedOrCutShortIsUnreadable) {
  std::vector<unsigned char> pixels(64 * 64);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<unsigned char>(i * i / 7);
  }
  const auto file = foreign_png({}, 64, 64, pixels);
  ASSERT_TRUE(decode(file, 0, kLimits).has_value());
  for (std::size_t length = 0; length < file.size(); length += 11) {
    EXPECT_FALSE(decode(std::span(file.data(), length), 0, kLimits).has_value()) << length;
  }
  auto spoilt = file;
  spoilt[file.size() / 2] ^= std::byte{0x10};
  EXPECT_EQ(decode_error(spoilt), ErrorCode::unreadable);
}

TEST(Png, WithAnAbsurdSizeIsTooLarge) {
  auto file = foreign_png({}, 1, 1, {0});
  // The width in IHDR; its check sum is wrong now too, and either is a refusal.
  file[17] = std::byte{0xFF};
  EXPECT_FALSE(probe(file, kLimits).has_value());
  LimitSettings small;
  small.max_side_px = 16;
  const auto wide = foreign_png({}, 17, 1, std::vector<unsigned char>(17));
  const auto info = probe(wide, small);
  ASSERT_FALSE(info.has_value());
  EXPECT_EQ(info.error().code, ErrorCode::too_large);
}

// ---- any file

TEST(Codec, KnowsFormatsByTheirFirstBytesOnly) {
  EXPECT_EQ(sniff(bytes_of({'I', 'I', 42, 0})), FileFormat::tiff);
  EXPECT_EQ(sniff(bytes_of({'M', 'M', 0, 43})), FileFormat::tiff);
  EXPECT_EQ(sniff(bytes_of({0xFF, 0xD8, 0xFF, 0xE0})), FileFormat::jpeg);
  EXPECT_EQ(sniff(bytes_of({0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'})), FileFormat::png);
  EXPECT_EQ(sniff(bytes_of({'%', 'P', 'D', 'F'})), std::nullopt);
  EXPECT_EQ(sniff(bytes_of({'I', 'I'})), std::nullopt);
  EXPECT_EQ(sniff({}), std::nullopt);
}

TEST(Codec, RefusesWhatIsNoImageAndSaysSo) {
  for (const auto& file :
       {bytes_of({}), bytes_of({'t', 'e', 'k', 's'}), bytes_of({'I', 'I', 42, 0}),
        bytes_of({0xFF, 0xD8, 0xFF}), bytes_of({0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'})}) {
    const auto info = probe(file, kLimits);
    ASSERT_FALSE(info.has_value());
    EXPECT_EQ(info.error().code, ErrorCode::unreadable);
    EXPECT_FALSE(info.error().message.id.empty());
    EXPECT_EQ(decode_error(file), ErrorCode::unreadable);
  }
}

TEST(Codec, RefusesAFileThatIsTooLarge) {
  LimitSettings limits;
  limits.max_file_mib = 1;
  const auto file =
      encode_tiff(random_image(PixelFormat::rgb24, 700, 700), {}, TiffCompression::none);
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(decode_error(*file, limits), ErrorCode::too_large);
}

}  // namespace
}  // namespace alih::processing
