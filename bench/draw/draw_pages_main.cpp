// draw_pages DIR [--pages-per-kind N] [--seed S] [--kinds a,b] | --list: degraded pages whose text
// and skew are known. The same arguments give the same files.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "bench/draw/kinds.h"
#include "bench/draw/typeset.h"
#include "core/image.h"
#include "core/json.h"
#include "core/result.h"
#include "processing/codec.h"
#include "tests/support/number.h"

namespace {

using alih::Image;
using alih::PixelFormat;
using alih::bench::Form;
using alih::bench::Kind;
using alih::bench::Random;
using alih::bench::Sheet;
using alih::testing_support::number;

struct Arguments {
  std::filesystem::path folder;
  int pages_per_kind = 4;
  std::uint64_t seed = 1;
  std::string kinds;  // comma between, empty = all
  bool list = false;
};

std::optional<Arguments> parse(std::span<char* const> words) {
  Arguments out;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const bool more = i + 1 < words.size();
    if (word == "--list") {
      out.list = true;
    } else if (word == "--pages-per-kind" && more) {
      const auto pages = number<int>(words[++i]);
      if (!pages || *pages < 1 || *pages > 999) return std::nullopt;
      out.pages_per_kind = *pages;
    } else if (word == "--seed" && more) {
      const auto seed = number<std::uint64_t>(words[++i]);
      if (!seed) return std::nullopt;
      out.seed = *seed;
    } else if (word == "--kinds" && more) {
      out.kinds = words[++i];
    } else if (word.starts_with("-") || !out.folder.empty()) {
      return std::nullopt;
    } else {
      out.folder = word;
    }
  }
  if (out.folder.empty() != out.list) return std::nullopt;
  return out;
}

std::vector<Kind> chosen(const std::string& names) {
  const auto all = alih::bench::all_kinds();
  std::vector<Kind> out;
  if (names.empty()) return {all.begin(), all.end()};
  for (std::size_t at = 0; at <= names.size();) {
    const auto end = std::min(names.find(',', at), names.size());
    const auto name = std::string_view(names).substr(at, end - at);
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Kind& k) { return k.name == name; });
    if (found == all.end()) throw std::runtime_error("no such kind: " + std::string(name));
    out.push_back(*found);
    at = end + 1;
  }
  return out;
}

Image image_of(const Sheet& sheet, Random& random) {
  constexpr int dpi = alih::bench::kDpi;
  const int width = sheet.light.cols;
  const int height = sheet.light.rows;
  const auto format = sheet.form == Form::colour    ? PixelFormat::rgb24
                      : sheet.form == Form::bilevel ? PixelFormat::bilevel
                                                    : PixelFormat::gray8;
  const std::size_t stride = Image::stride_for(format, width);
  std::vector<std::byte> bytes(stride * static_cast<std::size_t>(height));
  const auto level = [](double light) {
    return static_cast<std::byte>(std::lround(std::clamp(light, 0.0, 1.0) * 255));
  };
  cv::Mat grain;
  if (sheet.form == Form::colour) {
    // Each colour has its own sensor.
    grain = cv::Mat(sheet.light.size(), CV_32FC3);
    cv::RNG(random.word()).fill(grain, cv::RNG::NORMAL, 0, 0.012);
  }
  for (int y = 0; y < height; ++y) {
    const auto* in = sheet.light.ptr<float>(y);
    auto* out = bytes.data() + stride * static_cast<std::size_t>(y);
    for (int x = 0; x < width; ++x) {
      const auto at = static_cast<std::size_t>(x);
      if (sheet.form == Form::gray) {
        out[at] = level(in[x]);
      } else if (sheet.form == Form::colour) {
        // Yellowed: blue is lost first, and less where there is ink.
        const auto& g = grain.at<cv::Vec3f>(y, x);
        const double light = in[x];
        out[at * 3] = level(light + g[0]);
        out[at * 3 + 1] = level(light * (1 - 0.07 * light) + g[1]);
        out[at * 3 + 2] = level(light * (1 - 0.24 * light) + g[2]);
      } else if (in[x] < 0.6F) {
        out[at / 8] |= std::byte{0x80} >> (at % 8);
      }
    }
  }
  return Image(format, width, height, std::move(bytes), dpi, dpi);
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  write_file(path, std::as_bytes(std::span(text)));
}

void draw(const Arguments& arguments, const Kind& kind, int page) {
  Random random(arguments.seed, kind.name, page);
  const Sheet sheet = kind.draw(random, page);
  const Image image = image_of(sheet, random);
  const bool colour = sheet.form == Form::colour;
  std::string number = std::to_string(page);
  number.insert(0, 3 - number.size(), '0');
  const std::string stem = std::string(kind.name) + "-" + number;
  const std::string file = stem + (colour ? ".jpg" : ".tif");
  alih::processing::TiffTags tags;
  tags.software = "draw_pages";
  const auto bytes =
      colour ? alih::processing::encode_jpeg(image, 90)
             : alih::processing::encode_tiff(image, tags, alih::processing::TiffCompression::none);
  if (!bytes) throw std::runtime_error(file + ": " + bytes.error().message.en);
  write_file(arguments.folder / file, *bytes);
  std::string text;
  for (const auto& line : sheet.lines) text += line + '\n';
  write_text(arguments.folder / (stem + ".gt.txt"), text);
  nlohmann::json codes = nlohmann::json::array();
  for (const auto& code : sheet.codes)
    codes.push_back({{"format", code.format}, {"text", code.text}});
  const nlohmann::json truth{{"file", file},
                             {"kind", kind.name},
                             {"spelling", sheet.spelling},
                             {"font", sheet.family},
                             {"pt", sheet.size_pt},
                             {"skew_deg", sheet.skew_deg},
                             {"dpi", alih::bench::kDpi},
                             {"size", {image.width(), image.height()}},
                             {"boxes", sheet.boxes},
                             {"codes", codes},
                             {"blank", sheet.lines.empty()}};
  write_text(arguments.folder / (stem + ".json"), truth.dump() + "\n");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto arguments = parse(std::span(argv, static_cast<std::size_t>(argc)));
    if (!arguments) {
      std::cerr << "usage: draw_pages DIR [--pages-per-kind 1..999] [--seed S] [--kinds a,b] | "
                   "--list\n";
      return 2;
    }
    if (arguments->list) {
      for (const auto& kind : alih::bench::all_kinds()) {
        std::cout << kind.name << '\t' << kind.about << '\n';
      }
      return 0;
    }
    cv::setNumThreads(1);
    std::filesystem::create_directories(arguments->folder);
    for (const auto& kind : chosen(arguments->kinds)) {
      for (int page = 0; page < arguments->pages_per_kind; ++page) draw(*arguments, kind, page);
    }
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "draw_pages: " << e.what() << '\n';
    return 1;
  }
}
