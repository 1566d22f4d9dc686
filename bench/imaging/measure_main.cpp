// measure_imaging [--read MODELS] [--off STAGE,…] [--dump DIR] FILE…: what the stages find in page
// images, how long they take, and how far that is from the truth beside the file (draw_pages).
#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/score/score.h"
#include "core/json.h"
#include "ocr/engine.h"
#include "processing/codec.h"
#include "processing/prepare.h"
#include "processing/quality.h"

namespace {

namespace fs = std::filesystem;
using alih::Finding;

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Arguments {
  std::string models;
  std::string off;
  fs::path dump;
  std::vector<fs::path> files;
};

std::optional<Arguments> parse(std::span<char* const> words) {
  Arguments out;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const bool more = i + 1 < words.size();
    if (word == "--read" && more)
      out.models = words[++i];
    else if (word == "--off" && more)
      out.off = words[++i];
    else if (word == "--dump" && more)
      out.dump = words[++i];
    else if (word.starts_with("-"))
      return std::nullopt;
    else
      out.files.emplace_back(word);
  }
  if (out.files.empty()) return std::nullopt;
  return out;
}

// Numbers of many pages.
struct Sums {
  std::map<std::string, std::vector<double>> skew;    // error by kind
  std::map<std::string, std::vector<double>> ms;      // by stage
  std::map<std::string, std::pair<int, int>> errors;  // of characters, by kind
  int blank_wrong = 0;
};

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

void page(const Arguments& arguments, const fs::path& path, const alih::processing::Settings& how,
          alih::ocr::Engine* engine, Sums& sums) {
  const auto text = content(path);
  const auto bytes = std::as_bytes(std::span(text));
  const double began = cpu_ms();
  const auto info = alih::processing::probe(bytes, how.limits);
  auto image = alih::processing::decode(bytes, 0, how.limits);
  if (!info || !image) {
    std::cout << path.filename().string() << "\tunreadable\n";
    return;
  }
  const double decoded = cpu_ms();
  auto prepared = alih::processing::prepare(*image, info->frames[0].orientation, how, {});
  if (!prepared) {
    std::cout << path.filename().string() << '\t' << prepared.error().message.en << '\n';
    return;
  }
  const double ready = cpu_ms();
  sums.ms["decode"].push_back(decoded - began);
  sums.ms["prepare, all"].push_back(ready - decoded);
  auto stem = path;
  stem.replace_extension();
  const auto truth = nlohmann::json::parse(content(stem.string() + ".json"), nullptr, false);
  const auto kind = truth.is_object() ? truth.value("kind", "") : std::string();
  std::cout << path.filename().string() << std::fixed;
  for (const auto& f : prepared->findings) {
    if (const auto ms = f.numbers.find("ms"); ms != f.numbers.end())
      sums.ms[f.name].push_back(ms->second);
    if (f.name == "codes") continue;
    std::cout << "\n    " << f.name << (f.applied ? " applied" : "") << ' ' << f.note
              << std::setprecision(2) << " sure " << f.confidence;
    for (const auto& [name, value] : f.numbers) {
      std::cout << ' ' << name << ' ' << std::setprecision(name == "ink_share" ? 6 : 3) << value;
    }
    if (f.name == "deskew" && truth.is_object() && truth.contains("skew_deg") &&
        !truth.value("blank", false)) {
      const double error = std::abs(f.numbers.at("angle_deg") - truth["skew_deg"].get<double>());
      sums.skew[kind].push_back(error);
      std::cout << " ERROR " << error;
    }
  }
  if (truth.is_object() && truth.value("blank", false) != prepared->blank) {
    ++sums.blank_wrong;
    std::cout << "\n    BLANK WRONG";
  }
  if (!arguments.dump.empty()) {
    const auto write = [&](const char* what, const alih::Image& picture) {
      const auto jpeg = alih::processing::encode_jpeg(picture, 85);
      std::ofstream out(arguments.dump / (stem.filename().string() + what + ".jpg"),
                        std::ios::binary);
      if (jpeg)
        out.write(reinterpret_cast<const char*>(jpeg->data()),
                  static_cast<std::streamsize>(jpeg->size()));
    };
    write("-access", prepared->access);
    write("-flat", prepared->flat);
    write("-reading", prepared->reading);
  }
  if (engine != nullptr) {
    const auto read = engine->read(prepared->reading, {300, false, false});
    const auto gt = content(stem.string() + ".gt.txt");
    if (read) {
      const auto score = alih::bench::score(gt, read->text());
      sums.errors[kind].first += score.character_errors;
      sums.errors[kind].second += score.characters;
      std::cout << "\n    read: CER " << std::setprecision(2)
                << 100.0 * score.character_errors / std::max(1, score.characters) << " sure "
                << read->mean_confidence() << " words " << read->word_count();
    }
  }
  std::cout << '\n';
}

void print(const Sums& sums) {
  std::cout << std::fixed << "\nstage            median ms   worst\n";
  for (const auto& [name, values] : sums.ms) {
    std::cout << std::left << std::setw(16) << name << std::right << std::setprecision(1)
              << std::setw(10) << quantile(values, 0.5) << std::setw(9) << quantile(values, 1)
              << '\n';
  }
  std::vector<double> all;
  std::cout << "\nskew error, deg  median      p95      max  pages\n" << std::setprecision(3);
  const auto row = [](const std::string& name, const std::vector<double>& values) {
    std::cout << std::left << std::setw(16) << name << std::right << std::setw(7)
              << quantile(values, 0.5) << std::setw(9) << quantile(values, 0.95) << std::setw(9)
              << quantile(values, 1) << std::setw(7) << values.size() << '\n';
  };
  for (const auto& [kind, values] : sums.skew) {
    row(kind, values);
    all.insert(all.end(), values.begin(), values.end());
  }
  row("all", all);
  for (const auto& [kind, errors] : sums.errors) {
    std::cout << "CER " << kind << ' ' << std::setprecision(2)
              << 100.0 * errors.first / std::max(1, errors.second) << '\n';
  }
  std::cout << "blank judged wrong: " << sums.blank_wrong << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto arguments = parse(std::span(argv, static_cast<std::size_t>(argc)));
    if (!arguments) {
      std::cerr
          << "usage: measure_imaging [--read MODELS] [--off STAGE,...] [--dump DIR] FILE...\n";
      return 2;
    }
    alih::processing::Settings how;
    std::erase_if(how.stages, [&](const std::string& stage) {
      return ("," + arguments->off + ",").find("," + stage + ",") != std::string::npos;
    });
    std::unique_ptr<alih::ocr::Engine> engine;
    if (!arguments->models.empty()) {
      auto made = alih::ocr::make_engine(arguments->models, {});
      if (!made) throw std::runtime_error(made.error().message.en);
      engine = std::move(*made);
    }
    Sums sums;
    for (const auto& file : arguments->files) page(*arguments, file, how, engine.get(), sums);
    print(sums);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "measure_imaging: " << e.what() << '\n';
    return 1;
  }
}
