#include "ocr/models.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

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
