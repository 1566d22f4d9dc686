#include "pipeline/settings_json.h"

#include <nlohmann/json.hpp>

namespace alih::pipeline {
namespace {

using nlohmann::json;

struct Writer {
  json& out;
  template <typename T>
  void operator()(const char* name, T& member, const char*, const char*,
                  std::optional<settings::Range> = {}) {
    out[name] = member;
  }
  template <typename T>
  void section(const char* name, T& member) {
    Writer inner{out[name]};
    describe(inner, member);
  }
};

struct Reader {
  const json& in;
  template <typename T>
  void operator()(const char* name, T& member, const char*, const char*,
                  std::optional<settings::Range> = {}) {
    member = in.at(name).get<T>();
  }
  template <typename T>
  void section(const char* name, T& member) {
    Reader inner{in.at(name)};
    describe(inner, member);
  }
};

template <typename T>
json to_json(T value) {
  json out;
  Writer writer{out};
  describe(writer, value);
  return out;
}

}  // namespace

std::string settings_to_json(const Everything& settings) { return to_json(settings).dump(); }

Result<Everything> settings_from_json(std::string_view text) {
  try {
    const auto j = json::parse(text);
    Everything settings;
    Reader reader{j};
    describe(reader, settings);
    return settings;
  } catch (const std::exception& e) {
    return fail(ErrorCode::internal, "Pengaturan proses pengolah tidak terbaca: {}",
                "The worker's settings cannot be read: {}", {e.what()});
  }
}

std::string recipe_settings(const Everything& settings) {
  auto processing = to_json(settings.processing);
  processing.erase("limits");
  processing.erase("layers");  // of PDF pages: nothing is read from them
  auto ocr = to_json(settings.ocr);
  ocr.erase("models");
  ocr.erase("timeout_s");
  ocr.erase("fast_lstm");  // the same words either way
  ocr.erase("fast_lstm_kernel");
  return json{{"processing", processing}, {"ocr", ocr}}.dump();
}

}  // namespace alih::pipeline
