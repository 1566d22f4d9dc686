#include "pipeline/settings_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/json.h"
#include "processing/stages.h"

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

namespace {

std::string short_text(double number) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%g", number);
  return out.data();
}

// Gives one setting by its name a value; what is wrong with that stands in `why`.
struct Setter {
  const std::string& wanted;
  const std::string& value;
  std::string prefix;
  bool& found;
  Message& why;
  std::string& known;  // names that could have been meant

  static bool is_open(const std::string& path) {
    const auto sections = std::count(path.begin(), path.end(), '.');
    return path.starts_with("processing.") && (sections == 2 || path == "processing.stages") &&
           !path.starts_with("processing.limits.") && !path.starts_with("processing.layers.");
  }

  template <typename T>
  void operator()(const char* name, T& member, const char*, const char*,
                  std::optional<settings::Range> range = {}) {
    const auto path = prefix + name;
    if (!is_open(path)) return;
    known += (known.empty() ? "" : ", ") + path;
    if (path != wanted) return;
    found = true;
    take(member, range);
  }
  template <typename T>
  void section(const char* name, T& member) {
    Setter inner{wanted, value, prefix + name + ".", found, why, known};
    describe(inner, member);
  }

 private:
  void take(bool& member, const std::optional<settings::Range>&) {
    if (value != "true" && value != "false") {
      why = message("harus true atau false", "must be true or false");
      return;
    }
    member = value == "true";
  }
  template <typename Number>
  requires std::is_arithmetic_v<Number>
  void take(Number& member, const std::optional<settings::Range>& range) {
    Number given{};
    const auto read = std::from_chars(value.data(), value.data() + value.size(), given);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size()) {
      why = message("harus bilangan", "must be a number");
      return;
    }
    const auto number = static_cast<double>(given);
    if (!std::isfinite(number) || (range && (number < range->low || number > range->high))) {
      why = range ? message("harus antara {} dan {}", "must be between {} and {}",
                            {short_text(range->low), short_text(range->high)})
                  : message("harus bilangan biasa", "must be an ordinary number");
      return;
    }
    member = given;
  }
  void take(std::string& member, const std::optional<settings::Range>&) { member = value; }
  void take(std::vector<std::string>& member, const std::optional<settings::Range>&) {
    member.clear();
    for (std::size_t at = 0; at <= value.size();) {
      const auto comma = std::min(value.find(',', at), value.size());
      if (comma > at) member.push_back(value.substr(at, comma - at));
      at = comma + 1;
    }
  }
};

// Nothing = taken.
std::optional<Message> set_one(Everything& settings, const std::string& name,
                               const std::string& value) {
  bool found = false;
  Message why;
  std::string known;
  Setter setter{name, value, "", found, why, known};
  describe(setter, settings);
  if (!found) {
    return message("Pengaturan halaman \"{}\" tidak dikenal; yang ada: {}",
                   "Page setting \"{}\" is not known; there are: {}", {name, known});
  }
  if (why.en.empty()) return std::nullopt;
  return Message{name + ": " + why.id, name + ": " + why.en};
}

}  // namespace

Status check_page_settings(const PageSettings& own) {
  Everything settings;
  for (const auto& [name, value] : own) {
    if (auto why = set_one(settings, name, value)) {
      return fail(Error{ErrorCode::usage, std::move(*why)});
    }
  }
  auto stages = processing::check_stages(settings.processing);
  if (!stages) return fail(Error{ErrorCode::usage, stages.error().message});
  return {};
}

Everything with_page_settings(const Everything& settings, const PageSettings& own) {
  auto out = settings;
  for (const auto& [name, value] : own) {
    auto tried = out;
    if (set_one(tried, name, value) || !processing::check_stages(tried.processing)) continue;
    out = std::move(tried);
  }
  return out;
}

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
