// draw_book DIR [--pages N] [--seed S]: draws a book as files of mixed formats, and their truth.
// With --spreads the book lies open: every file is a spread, with the words "kiri" on its left page
// and "kanan" on its right one; the fifth and each fifth after it is a sheet of one page on its
// side.
#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <png.h>

#include "core/image.h"
#include "core/json.h"
#include "core/result.h"
#include "processing/codec.h"
#include "tests/support/book.h"
#include "tests/support/drawn_page.h"
#include "tests/support/drawn_spread.h"
#include "tests/support/number.h"

namespace {

using alih::Image;
using alih::PixelFormat;

constexpr int max_pages = 9999;

using alih::testing_support::number;

struct Arguments {
  std::filesystem::path folder;
  int pages = 8;
  unsigned seed = 1;
  bool spreads = false;
};

std::optional<Arguments> parse(std::span<char* const> words) {
  Arguments result;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--pages" && i + 1 < words.size()) {
      const auto pages = number<int>(words[++i]);
      if (!pages || *pages < 1 || *pages > max_pages) return std::nullopt;
      result.pages = *pages;
    } else if (word == "--seed" && i + 1 < words.size()) {
      const auto seed = number<unsigned>(words[++i]);
      if (!seed) return std::nullopt;
      result.seed = *seed;
    } else if (word == "--spreads") {
      result.spreads = true;
    } else if (word.starts_with("-") || !result.folder.empty()) {
      return std::nullopt;
    } else {
      result.folder = word;
    }
  }
  if (result.folder.empty()) return std::nullopt;
  return result;
}

Image bilevel(const Image& gray) {
  const std::size_t stride = Image::stride_for(PixelFormat::bilevel, gray.width());
  std::vector<std::byte> bytes(stride * static_cast<std::size_t>(gray.height()));
  for (int y = 0; y < gray.height(); ++y) {
    const std::uint8_t* const row = gray.row(y);
    std::byte* const out = bytes.data() + stride * static_cast<std::size_t>(y);
    for (std::size_t x = 0; x < static_cast<std::size_t>(gray.width()); ++x)
      if (row[x] < 128) out[x / 8] |= std::byte{0x80} >> (x % 8);
  }
  return Image(PixelFormat::bilevel, gray.width(), gray.height(), std::move(bytes), gray.dpi_x(),
               gray.dpi_y());
}

// libpng leaves by longjmp, which runs no destructors: nothing here may need one.
bool write_png_rows(png_structp png, png_infop info, std::FILE* file, const Image& gray) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_init_io(png, file);
  png_set_IHDR(png, info, static_cast<png_uint_32>(gray.width()),
               static_cast<png_uint_32>(gray.height()), 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_pHYs(png, info, static_cast<png_uint_32>(gray.dpi_x() / 0.0254 + 0.5),
               static_cast<png_uint_32>(gray.dpi_y() / 0.0254 + 0.5), PNG_RESOLUTION_METER);
  png_write_info(png, info);
  for (int y = 0; y < gray.height(); ++y) png_write_row(png, gray.row(y));
  png_write_end(png, info);
  return true;
}

void write_png(const std::filesystem::path& path, const Image& gray) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) throw std::runtime_error("cannot write " + path.string());
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  const bool written = info != nullptr && write_png_rows(png, info, file, gray);
  png_destroy_write_struct(&png, &info);
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed) throw std::runtime_error("cannot write " + path.string());
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
}

void write_file(const std::filesystem::path& path,
                const alih::Result<std::vector<std::byte>>& bytes) {
  if (!bytes) throw std::runtime_error(path.string() + ": " + bytes.error().message.en);
  write_file(path, std::span<const std::byte>(*bytes));
}

// Writes the page in the format that falls to it; gives the name of the file. Names of at least
// three digits, so that they sort in page order.
std::string write_page(const std::filesystem::path& folder, int number, int of,
                       const Image& image) {
  std::string name = std::to_string(number);
  name.insert(0, std::max<std::size_t>(3, std::to_string(of).size()) - name.size(), '0');
  if (image.format() == PixelFormat::rgb24) {
    name += ".jpg";
    write_file(folder / name, alih::processing::encode_jpeg(image, 90));
  } else if (number % 3 == 0) {
    name += ".png";
    write_png(folder / name, image);
  } else {
    name += ".tif";
    alih::processing::TiffTags tags;
    tags.software = "draw_book";
    write_file(folder / name,
               alih::processing::encode_tiff(number == 4 ? bilevel(image) : image, tags));
  }
  return name;
}

// Spreads with the fold as a scanner sees it: a shadow, a light, a faint one, skewed.
void draw_spreads(const Arguments& arguments) {
  std::filesystem::create_directories(arguments.folder);
  for (int number = 1; number <= arguments.pages; ++number) {
    auto spec = alih::testing_support::text_spread();
    constexpr int kinds = 5;
    const int kind = number % kinds;
    const std::string mark = " Lembar nomor " + std::to_string(number) + ".";
    spec.left.paragraphs.front() += mark;
    spec.right.paragraphs.front() += mark;
    spec.skew_deg = kind == 2 ? 1.5 : 0;
    spec.shadow = kind == 3 ? 0.15 : 0.5;
    spec.left.color = spec.right.color = kind == 2;
    auto image = alih::testing_support::draw_spread(spec).image;
    if (kind == 0) {
      // The upper half of one page, wider than high.
      const auto page = alih::testing_support::draw_page(spec.left).image;
      const int height = page.height() / 2;
      const auto bytes = page.bytes().first(page.stride() * static_cast<std::size_t>(height));
      image = Image(page.format(), page.width(), height, {bytes.begin(), bytes.end()}, page.dpi_x(),
                    page.dpi_y());
    }
    write_page(arguments.folder, number, arguments.pages, image);
  }
}

void draw(const Arguments& arguments) {
  if (arguments.spreads) return draw_spreads(arguments);
  std::filesystem::create_directories(arguments.folder);
  nlohmann::json pages = nlohmann::json::array();
  int number = 0;
  for (const auto& spec : alih::testing_support::small_book(arguments.pages, arguments.seed)) {
    const auto page = alih::testing_support::draw_page(spec);
    const std::string name = write_page(arguments.folder, ++number, arguments.pages, page.image);
    pages.push_back({{"file", name},
                     {"lines", page.lines},
                     {"skew_deg", spec.skew_deg},
                     {"blank", page.lines.empty()}});
  }
  const nlohmann::json truth{{"pages", std::move(pages)}};
  const std::string text = truth.dump(1) + "\n";
  write_file(arguments.folder / ".truth.json", std::as_bytes(std::span(text)));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto arguments = parse(std::span(argv, static_cast<std::size_t>(argc)));
    if (!arguments) {
      std::cerr << "usage: draw_book DIR [--pages 1.." << max_pages << "] [--seed S] [--spreads]\n";
      return 2;
    }
    draw(*arguments);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "draw_book: " << e.what() << '\n';
    return 1;
  }
}
