#include "config/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "core/edit_distance.h"
#include "core/text.h"

namespace alih::config {
namespace {

struct Collector {
  std::vector<Entry>& out;
  std::string prefix;
  template <typename T>
  void operator()(const char* name, T& member, const char* id, const char* en,
                  std::optional<settings::Range> range = {}) {
    out.push_back({prefix + name, id, en, range, &member});
  }
  template <typename T>
  void section(const char* name, T& member) {
    Collector inner{out, prefix + name + "."};
    describe(inner, member);
  }
};

std::string toml_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string number(double value) { return fmt::format("{}", value); }

std::string range_text(const Entry& e) {
  return e.range ? fmt::format("{} … {}", e.range->low, e.range->high) : std::string();
}

// Why a value cannot be taken; nothing = it was taken.
using Why = std::optional<Message>;

Why in_range(const Entry& e, double value) {
  if (!e.range || (value >= e.range->low && value <= e.range->high)) return {};
  return message("{} di luar {}", "{} is outside {}", {number(value), range_text(e)});
}

Why wrong_type(std::string_view id, std::string_view en) {
  return Message{"harus " + std::string(id), "must be " + std::string(en)};
}

// A number, a truth value, a text or a list of texts.
Why set_node(Entry& e, const toml::node& node) {
  if (auto* b = std::get_if<bool*>(&e.member)) {
    const auto v = node.value_exact<bool>();
    if (!v) return wrong_type("true atau false", "true or false");
    **b = *v;
    return {};
  }
  if (auto* i = std::get_if<int*>(&e.member)) {
    const auto v = node.value_exact<std::int64_t>();
    if (!v) return wrong_type("bilangan bulat", "a whole number");
    if (*v < std::numeric_limits<int>::min() || *v > std::numeric_limits<int>::max()) {
      return wrong_type("bilangan bulat yang wajar", "a sensible whole number");
    }
    if (auto why = in_range(e, static_cast<double>(*v))) return why;
    **i = static_cast<int>(*v);
    return {};
  }
  if (auto* d = std::get_if<double*>(&e.member)) {
    const auto v = node.value<double>();
    if (!v || node.is_boolean()) return wrong_type("bilangan", "a number");
    if (auto why = in_range(e, *v)) return why;
    **d = *v;
    return {};
  }
  if (auto* s = std::get_if<std::string*>(&e.member)) {
    const auto v = node.value_exact<std::string>();
    if (!v) return wrong_type("teks", "text");
    **s = *v;
    return {};
  }
  auto* list = std::get<std::vector<std::string>*>(e.member);
  const auto* array = node.as_array();
  if (array == nullptr) return wrong_type("daftar teks", "a list of texts");
  std::vector<std::string> values;
  for (const auto& element : *array) {
    const auto v = element.value_exact<std::string>();
    if (!v) return wrong_type("daftar teks", "a list of texts");
    values.push_back(*v);
  }
  *list = std::move(values);
  return {};
}

Why set_text(Entry& e, std::string_view text) {
  if (auto* s = std::get_if<std::string*>(&e.member)) {
    **s = text;
    return {};
  }
  auto* list = std::get_if<std::vector<std::string>*>(&e.member);
  const auto begin = text.find_first_not_of(' ');
  if (list != nullptr && (begin == std::string_view::npos || text[begin] != '[')) {
    // Plain words: what has a comma of its own is written as a list of TOML.
    (*list)->clear();
    while (!text.empty()) {
      const auto comma = std::min(text.find(','), text.size());
      if (auto one = trimmed(text.substr(0, comma)); !one.empty()) {
        (*list)->push_back(std::move(one));
      }
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return {};
  }
  toml::parse_result parsed;
  try {
    parsed = toml::parse("v = " + std::string(text));
  } catch (const toml::parse_error&) {
    if (list != nullptr) {
      return wrong_type("daftar teks, misalnya [\"satu\", \"dua\"]",
                        "a list of texts, e.g. [\"one\", \"two\"]");
    }
    return wrong_type("bilangan atau true/false", "a number or true/false");
  }
  const auto* node = parsed.get("v");
  return node != nullptr ? set_node(e, *node) : wrong_type("nilai", "a value");
}

std::string nearest(const std::string& path, const std::vector<Entry>& all) {
  std::string best;
  auto least = static_cast<int>(path.size()) - 1;  // nothing in common is no suggestion
  for (const auto& e : all) {
    const int d = edit_distance(path, e.path, least);
    if (d > least || (d == least && !best.empty())) continue;
    least = d;
    best = e.path;
  }
  return best;
}

struct Problems {
  Message text;
  void add(const Message& m) {
    if (!text.id.empty()) {
      text.id += "\n";
      text.en += "\n";
    }
    text.id += m.id;
    text.en += m.en;
  }
};

void read_table(const toml::table& table, const std::string& prefix, std::vector<Entry>& all,
                const std::string& file, Loaded& loaded, Problems& problems) {
  for (const auto& [key, node] : table) {
    const auto path = prefix + std::string(key.str());
    const auto line = node.source().begin.line;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Entry& e) { return e.path == path; });
    if (found != all.end()) {
      if (const auto why = set_node(*found, node)) {
        Message m = message("{} baris {}: {}: ", "{} line {}: {}: ", {file, line, path});
        problems.add({m.id + why->id, m.en + why->en});
      } else {
        loaded.origins[path] = file + ":" + std::to_string(line);
      }
      continue;
    }
    const auto dotted = path + ".";
    const bool section = std::any_of(all.begin(), all.end(),
                                     [&](const Entry& e) { return e.path.starts_with(dotted); });
    if (section && node.is_table()) {
      read_table(*node.as_table(), dotted, all, file, loaded, problems);
      continue;
    }
    problems.add(message("{} baris {}: {} tidak dikenal; mungkin maksudnya {}",
                         "{} line {}: {} is not known; perhaps {} is meant",
                         {file, line, path, nearest(path, all)}));
  }
}

}  // namespace

std::string Entry::value() const {
  if (auto* const* b = std::get_if<bool*>(&member)) return **b ? "true" : "false";
  if (auto* const* i = std::get_if<int*>(&member)) return std::to_string(**i);
  if (auto* const* d = std::get_if<double*>(&member)) {
    const auto text = number(**d);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  if (auto* const* s = std::get_if<std::string*>(&member)) return toml_text(**s);
  std::string out = "[";
  for (const auto& s : *std::get<std::vector<std::string>*>(member)) {
    out += (out.size() > 1 ? ", " : "") + toml_text(s);
  }
  return out + "]";
}

std::vector<Entry> entries(Settings& settings) {
  std::vector<Entry> out;
  Collector collector{out, ""};
  describe(collector, settings);
  return out;
}

std::string variable_name(const std::string& path) {
  std::string out = "ALIHMEDIA_";
  for (const char c : path) {
    out += c == '.' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return out;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());  // NOLINT: read once, before threads
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

Result<Loaded> load(const std::optional<std::filesystem::path>& file,
                    const Environment& environment) {
  Loaded loaded;
  auto all = entries(loaded.settings);
  for (const auto& e : all) loaded.origins[e.path] = "default";
  Problems problems;
  if (file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(*file, error)) {
      return fail(ErrorCode::not_found, "Berkas pengaturan {} tidak ada",
                  "There is no settings file {}", {file->string()});
    }
    loaded.file = file->string();
    try {
      const auto table = toml::parse_file(file->string());
      read_table(table, "", all, file->filename().string(), loaded, problems);
    } catch (const toml::parse_error& e) {
      problems.add(message("{} baris {}: bukan TOML yang benar: {}",
                           "{} line {}: no correct TOML: {}",
                           {file->filename().string(), e.source().begin.line, e.description()}));
    }
  }
  for (auto& e : all) {
    const auto name = variable_name(e.path);
    const auto value = environment(name);
    if (!value) continue;
    if (const auto why = set_text(e, *value)) {
      problems.add({name + ": " + why->id, name + ": " + why->en});
    } else {
      loaded.origins[e.path] = name;
    }
  }
  if (!problems.text.en.empty()) {
    return fail(Error{ErrorCode::bad_setting, std::move(problems.text)});
  }
  return loaded;
}

std::string default_file() {
  Settings settings;
  std::string out =
      "# Pengaturan alihmedia. Yang tercantum adalah nilai bawaan; hapus tanda # untuk "
      "mengubahnya.\n"
      "# Settings of alihmedia. The values shown are the defaults; remove the # to change one.\n"
      "# Dibuat oleh / made by: alihmedia config default\n";
  std::string section;
  for (const auto& e : entries(settings)) {
    const auto dot = e.path.rfind('.');
    const auto here = e.path.substr(0, dot);
    if (here != section) {
      section = here;
      out += "\n[" + section + "]\n";
    }
    out += "\n# " + e.help_id + "\n# " + e.help_en;
    if (e.range) out += " (" + range_text(e) + ")";
    out += "\n# " + e.path.substr(dot + 1) + " = " + e.value() + "\n";
  }
  return out;
}

std::string settings_document() {
  Settings settings;
  std::string out =
      "# Pengaturan / Settings\n\n"
      "Dibuat dari program dengan `alihmedia config document`; jangan disunting di sini.\n"
      "Made from the program by `alihmedia config document`; do not edit here.\n\n"
      "| Kunci / key | Bawaan / default | Rentang / range | Arti / meaning |\n"
      "| --- | --- | --- | --- |\n";
  for (const auto& e : entries(settings)) {
    out += "| `" + e.path + "` | `" + e.value() + "` | " + range_text(e) + " | " + e.help_id +
           "<br>" + e.help_en + " |\n";
  }
  return out;
}

}  // namespace alih::config
