// JPEG 2000 and BMP: pixels, depths, colours, resolution, and what is refused.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openjpeg.h>

#include "processing/codec.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

const LimitSettings kLimits;

// ---- JPEG 2000, written by OpenJPEG without loss

OPJ_SIZE_T append(void* buffer, OPJ_SIZE_T size, void* user) {
  auto& out = *static_cast<std::pair<std::vector<std::byte>, std::size_t>*>(user);
  if (out.first.size() < out.second + size) out.first.resize(out.second + size);
  std::memcpy(out.first.data() + out.second, buffer, size);
  out.second += size;
  return size;
}
OPJ_BOOL seek(OPJ_OFF_T at, void* user) {
  static_cast<std::pair<std::vector<std::byte>, std::size_t>*>(user)->second =
      static_cast<std::size_t>(at);
  return OPJ_TRUE;
}
OPJ_OFF_T skip(OPJ_OFF_T size, void* user) {
  static_cast<std::pair<std::vector<std::byte>, std::size_t>*>(user)->second +=
      static_cast<std::size_t>(size);
  return size;
}

std::vector<std::byte> encoded(const Image& image, OPJ_CODEC_FORMAT format, bool tiled = false,
                               OPJ_COLOR_SPACE space = OPJ_CLRSPC_UNSPECIFIED) {
  const auto channels = static_cast<unsigned>(samples_per_pixel(image.format()));
  const auto bits = static_cast<unsigned>(bits_per_sample(image.format()));
  std::vector<opj_image_cmptparm_t> parts(channels);
  for (auto& part : parts) {
    part = {};
    part.dx = part.dy = 1;
    part.w = static_cast<unsigned>(image.width());
    part.h = static_cast<unsigned>(image.height());
    part.prec = bits;
  }
  if (space == OPJ_CLRSPC_UNSPECIFIED) space = channels == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY;
  auto* picture = opj_image_create(channels, parts.data(), space);
  picture->x1 = parts[0].w;
  picture->y1 = parts[0].h;
  for (std::size_t i = 0; i < std::size_t{parts[0].w} * parts[0].h; ++i) {
    for (unsigned c = 0; c < channels; ++c) {
      const auto at = (i * channels + c) * bits / 8;
      std::uint16_t value = 0;
      std::memcpy(&value, image.bytes().data() + at, bits / 8);
      picture->comps[c].data[i] = value;
    }
  }
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.tcp_numlayers = 1;
  parameters.cp_disto_alloc = 1;
  parameters.numresolution = 1;  // the smallest pictures have no half
  parameters.tcp_mct = channels == 3 && space != OPJ_CLRSPC_SYCC ? 1 : 0;
  if (tiled) {
    parameters.tile_size_on = OPJ_TRUE;
    parameters.cp_tdx = parameters.cp_tdy = 64;
  }
  std::pair<std::vector<std::byte>, std::size_t> out;
  auto* stream = opj_stream_default_create(OPJ_FALSE);
  opj_stream_set_write_function(stream, append);
  opj_stream_set_seek_function(stream, seek);
  opj_stream_set_skip_function(stream, skip);
  opj_stream_set_user_data(stream, &out, nullptr);
  auto* codec = opj_create_compress(format);
  EXPECT_TRUE(opj_setup_encoder(codec, &parameters, picture));
  EXPECT_TRUE(opj_start_compress(codec, picture, stream));
  EXPECT_TRUE(opj_encode(codec, stream));
  EXPECT_TRUE(opj_end_compress(codec, stream));
  opj_destroy_codec(codec);
  opj_stream_destroy(stream);
  opj_image_destroy(picture);
  return out.first;
}

struct Jp2 : testing::TestWithParam<PixelFormat> {};

TEST_P(Jp2, GivesBackThePixels) {
  for (const auto& [width, height] : {std::pair{1, 1}, std::pair{67, 31}, std::pair{300, 200}}) {
    const auto image = random_image(GetParam(), width, height);
    for (const auto format : {OPJ_CODEC_JP2, OPJ_CODEC_J2K}) {
      for (const bool tiled : {false, true}) {
        const auto file = encoded(image, format, tiled);
        EXPECT_EQ(sniff(file), format == OPJ_CODEC_JP2 ? FileFormat::jp2 : FileFormat::j2k);
        const auto info = probe(file, kLimits);
        ASSERT_TRUE(info) << info.error().message.en;
        ASSERT_EQ(info->frames.size(), 1U);
        EXPECT_EQ(info->frames[0].width, width);
        EXPECT_EQ(info->frames[0].height, height);
        EXPECT_EQ(info->frames[0].format, GetParam());
        const auto read = decode(file, 0, kLimits);
        ASSERT_TRUE(read) << read.error().message.en;
        EXPECT_TRUE(same_pixels(*read, image)) << width << " x " << height;
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(, Jp2,
                         testing::Values(PixelFormat::gray8, PixelFormat::gray16,
                                         PixelFormat::rgb24, PixelFormat::rgb48));

TEST(Jp2Files, YccIsTurnedIntoRgb) {
  // Y 128, Cb 90, Cr 200 everywhere.
  std::vector<std::byte> bytes;
  for (int i = 0; i < 16 * 16; ++i) {
    for (const int v : {128, 90, 200}) bytes.push_back(static_cast<std::byte>(v));
  }
  const Image image(PixelFormat::rgb24, 16, 16, std::move(bytes));
  const auto read = decode(encoded(image, OPJ_CODEC_JP2, false, OPJ_CLRSPC_SYCC), 0, kLimits);
  ASSERT_TRUE(read) << read.error().message.en;
  const auto* p = read->row(3);
  EXPECT_NEAR(p[0], 228.9, 1);  // 128 + 1.402 * 72
  EXPECT_NEAR(p[1], 89.7, 1);   // 128 + 0.344136 * 38 - 0.714136 * 72
  EXPECT_NEAR(p[2], 60.7, 1);   // 128 - 1.772 * 38
}

TEST(Jp2Files, ResolutionComesFromTheCaptureBox) {
  auto file = encoded(random_image(PixelFormat::gray8, 20, 10), OPJ_CODEC_JP2);
  // A "res " box with "resc" inside, put at the end of "jp2h": 11811 a metre = 300 dpi.
  const std::string box("\0\0\0\x1Ares \0\0\0\x12resc\x2E\x23\0\x01\x2E\x23\0\x01\0\0", 26);
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const auto at = text.find("jp2h");
  ASSERT_NE(at, std::string_view::npos);
  const auto size = std::to_integer<std::size_t>(file[at - 1]);
  file[at - 1] = static_cast<std::byte>(size + box.size());
  const auto* from = reinterpret_cast<const std::byte*>(box.data());
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(at - 4 + size), from, from + box.size());
  const auto read = decode(file, 0, kLimits);
  ASSERT_TRUE(read) << read.error().message.en;
  EXPECT_EQ(read->dpi_x(), 300);
  EXPECT_EQ(read->dpi_y(), 300);
}

TEST(Jp2Files, CutAnywhereIsRefused) {
  const auto file = encoded(random_image(PixelFormat::rgb24, 120, 90), OPJ_CODEC_JP2, true);
  for (std::size_t tenth = 0; tenth < 10; ++tenth) {
    const auto cut = std::span(file).first(file.size() * tenth / 10);
    EXPECT_FALSE(decode(cut, 0, kLimits)) << cut.size() << " of " << file.size();
  }
}

TEST(Jp2Files, SizeIsRefusedFromTheHeader) {
  auto file = encoded(random_image(PixelFormat::gray8, 20, 10), OPJ_CODEC_J2K);
  file[8] = std::byte{0x7F};  // Xsiz = 0x7F000014
  const auto info = probe(file, kLimits);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::too_large);
  auto tiles = encoded(random_image(PixelFormat::gray8, 2000, 2000), OPJ_CODEC_J2K);
  for (const std::size_t at : {24U, 28U}) {  // tiles of 1 x 1: four million
    for (std::size_t i = 0; i < 4; ++i) tiles[at + i] = i == 3 ? std::byte{1} : std::byte{0};
  }
  const auto many = probe(tiles, kLimits);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, ErrorCode::too_large);
}

// ---- BMP, by hand

void little(std::vector<std::byte>& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
}

std::vector<std::byte> bmp(int width, int height, int bits,
                           const std::vector<std::uint32_t>& palette,
                           const std::vector<std::byte>& rows, std::uint32_t compression = 0) {
  const auto offset = static_cast<std::uint32_t>(54 + palette.size() * 4);
  std::vector<std::byte> out{std::byte{'B'}, std::byte{'M'}};
  little(out, offset + static_cast<std::uint32_t>(rows.size()), 4);
  little(out, 0, 4);
  little(out, offset, 4);
  little(out, 40, 4);
  little(out, static_cast<std::uint32_t>(width), 4);
  little(out, static_cast<std::uint32_t>(height), 4);
  little(out, 1, 2);
  little(out, static_cast<std::uint32_t>(bits), 2);
  little(out, compression, 4);
  little(out, static_cast<std::uint32_t>(rows.size()), 4);
  little(out, 11811, 4);
  little(out, 11811, 4);
  little(out, static_cast<std::uint32_t>(palette.size()), 4);
  little(out, 0, 4);
  for (const auto color : palette) little(out, color, 4);
  out.insert(out.end(), rows.begin(), rows.end());
  return out;
}

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

TEST(Bmp, OneBitBothPalettes) {
  // 10 x 2, bottom row first, rows of 4 bytes. Palette 0 = black, 1 = white.
  const auto rows = bytes_of({0xFF, 0xC0, 0, 0, 0x7F, 0xC0, 0, 0});
  const auto read = decode(bmp(10, 2, 1, {0x000000, 0xFFFFFF}, rows), 0, kLimits);
  ASSERT_TRUE(read) << read.error().message.en;
  EXPECT_EQ(read->format(), PixelFormat::bilevel);
  EXPECT_EQ(read->dpi_x(), 300);
  EXPECT_EQ(read->row(0)[0], 0x80);  // the one black pixel
  EXPECT_EQ(read->row(0)[1], 0x00);
  EXPECT_EQ(read->row(1)[0], 0x00);
  const auto turned = decode(bmp(10, 2, 1, {0xFFFFFF, 0x000000}, rows), 0, kLimits);
  ASSERT_TRUE(turned) << turned.error().message.en;
  EXPECT_EQ(turned->row(0)[0], 0x7F);
  EXPECT_EQ(turned->row(0)[1], 0xC0);
}

TEST(Bmp, PaletteAndTrueColour) {
  std::vector<std::uint32_t> grays;
  for (std::uint32_t i = 0; i < 256; ++i) grays.push_back(i * 0x010101);
  const auto gray = decode(bmp(3, 1, 8, grays, bytes_of({7, 100, 255, 0})), 0, kLimits);
  ASSERT_TRUE(gray) << gray.error().message.en;
  EXPECT_EQ(gray->format(), PixelFormat::gray8);
  EXPECT_EQ(gray->row(0)[1], 100);
  // Blue, green, red in the file.
  const auto color = decode(bmp(1, 1, 24, {}, bytes_of({10, 20, 30, 0})), 0, kLimits);
  ASSERT_TRUE(color) << color.error().message.en;
  EXPECT_EQ(color->format(), PixelFormat::rgb24);
  EXPECT_EQ(color->row(0)[0], 30);
  EXPECT_EQ(color->row(0)[2], 10);
}

TEST(Bmp, RefusesWhatItCannotRead) {
  const auto code = [](const std::vector<std::byte>& file) {
    const auto read = decode(file, 0, kLimits);
    EXPECT_FALSE(read);
    return read ? ErrorCode::internal : read.error().code;
  };
  EXPECT_EQ(code(bmp(1, 1, 24, {}, bytes_of({1}))), ErrorCode::unreadable);  // cut short
  EXPECT_EQ(code(bmp(4, 1, 8, {0, 0xFFFFFF}, bytes_of({1, 0, 0, 0}), 1)),    // RLE
            ErrorCode::unreadable);
  EXPECT_EQ(code(bmp(40000, 40000, 24, {}, {})), ErrorCode::too_large);
  EXPECT_EQ(code(bmp(0, 5, 24, {}, {})), ErrorCode::unreadable);
  auto cut = bmp(1, 1, 24, {}, bytes_of({1, 2, 3, 0}));
  cut.resize(20);
  EXPECT_EQ(code(cut), ErrorCode::unreadable);
}

}  // namespace
}  // namespace alih::processing
