#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/settings.h"
#include "core/result.h"

namespace alih::config {

// One setting, bound to the member that holds it.
struct Entry {
  std::string path;  // "processing.deskew.min_angle_deg"
  std::string help_id;
  std::string help_en;
  std::optional<settings::Range> range;
  std::variant<bool*, int*, double*, std::string*, std::vector<std::string>*> member;

  [[nodiscard]] std::string value() const;  // as TOML
};
// In the order of declaration; valid as long as `settings` is.
[[nodiscard]] std::vector<Entry> entries(Settings& settings);

struct Loaded {
  Settings settings;
  std::map<std::string, std::string> origins;  // path -> "default", file:line, variable
  std::string file;                            // that was read, or empty
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// default < file < environment. All errors of a file are in one message, each with line, key, value
// and allowed range; an unknown key names the nearest known one. Errors: bad_setting, not_found.
[[nodiscard]] Result<Loaded> load(const std::optional<std::filesystem::path>& file,
                                  const Environment& environment);
[[nodiscard]] Environment process_environment();

// "ALIHMEDIA_PROCESSING_DESKEW_MIN_ANGLE_DEG"
[[nodiscard]] std::string variable_name(const std::string& path);

// The commented default file and the table of docs/settings.md.
[[nodiscard]] std::string default_file();
[[nodiscard]] std::string settings_document();

}  // namespace alih::config
