#include <algorithm>
#include <filesystem>
#include <system_error>

#include "ocr/engine.h"
#include "ocr/fast_lstm_report.h"
#include "ocr/tesseract_engine.h"

namespace alih::ocr {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(std::string_view languages) {
  std::vector<std::string> out;
  std::size_t start = 0;
  while (start <= languages.size()) {
    const auto plus = std::min(languages.find('+', start), languages.size());
    out.emplace_back(languages.substr(start, plus - start));
    start = plus + 1;
  }
  return out;
}

bool is_model_name(const std::string& name) {
  return !name.empty() && name.find("..") == std::string::npos && name[0] != '/' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '/';
         });
}

// Debian's package for a model: chi_sim is in tesseract-ocr-chi-sim, script/Latin in
// tesseract-ocr-script-latn.
std::string package_of(const std::string& model) {
  if (model == "Latin" || model == "script/Latin") return "tesseract-ocr-script-latn";
  std::string out = "tesseract-ocr-" + model;
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

}  // namespace

const std::vector<EngineRow>& all_engines() {
  static const std::vector<EngineRow> rows = {{"tesseract", make_tesseract_engine}};
  return rows;
}

Result<std::unique_ptr<Engine>> make_engine(const std::string& languages,
                                            const Settings& settings) {
  ALIH_CHECK(check_models(languages, settings));
  return all_engines().front().make(languages, settings);
}

Status check_models(const std::string& languages, const Settings& settings) {
  std::string missing;
  std::string packages;
  auto models = split(languages);
  if (!settings.second.empty()) {
    const auto second = split(settings.second);
    models.insert(models.end(), second.begin(), second.end());
  }
  for (const auto& model : models) {
    if (!is_model_name(model)) {
      return fail(ErrorCode::model_missing, "\"{}\" bukan nama model OCR; tulis misalnya ind+eng",
                  "\"{}\" is no name of an OCR model; write for example ind+eng", {model});
    }
    std::error_code error;
    if (fs::exists(fs::path(settings.models) / (model + ".traineddata"), error)) continue;
    missing += (missing.empty() ? "" : ", ") + model;
    packages += " " + package_of(model);
  }
  if (missing.empty()) return {};
  return fail(
      ErrorCode::model_missing, "Model OCR belum terpasang: {}. Pasang dengan: apt-get install{}",
      "OCR model not installed: {}. Install it with: apt-get install{}", {missing, packages});
}

std::vector<std::string> model_files(const std::string& languages, const Settings& settings) {
  std::vector<std::string> out;
  for (const auto& model : split(languages)) {
    out.push_back((fs::path(settings.models) / (model + ".traineddata")).string());
  }
  return out;
}

Result<FastLstmCounts> try_fast_lstm(const std::string& languages, const Settings& settings) {
  ALIH_TRY(const auto engine, make_engine(languages, settings));
  // A word of letters that are made of bars, so that no font is needed.
  constexpr int kWidth = 600;
  constexpr int kHeight = 90;
  std::vector<std::byte> pixels(std::size_t{kWidth} * kHeight, std::byte{255});
  int left = 60;
  const auto bar = [&](int x, int y, int width, int height) {
    for (int row = y; row < y + height; ++row) {
      std::fill_n(pixels.begin() + (20 + row) * kWidth + left + x, width, std::byte{0});
    }
  };
  for (const char letter : std::string_view("HTLEFHTLEFHL")) {
    bar(letter == 'T' ? 11 : 0, 0, 7, 50);
    if (letter == 'H') bar(22, 0, 7, 50);
    if (letter != 'H' && letter != 'L') bar(0, 0, 29, 6);
    if (letter == 'H' || letter == 'E' || letter == 'F') bar(0, 22, 26, 6);
    if (letter == 'L' || letter == 'E') bar(0, 44, 29, 6);
    left += 40;
  }
  const Image word(PixelFormat::gray8, kWidth, kHeight, std::move(pixels), 300, 300);
  const auto before = fast_lstm_counts();
  constexpr int kTimes = 6;  // more than the lines that bind a network
  for (int i = 0; i < kTimes; ++i) ALIH_CHECK(engine->read(word, {300, false, true}));
  return fast_lstm_counts() - before;
}

std::vector<std::string> installed_models(const Settings& settings) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(settings.models, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".traineddata") out.push_back(it->path().stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace alih::ocr
