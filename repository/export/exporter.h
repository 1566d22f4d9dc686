#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/holdings.h"
#include "core/result.h"

namespace alih::repository {

// What an exporter may use of one item.
struct Package {
  Item item;
  std::vector<Page> pages;       // in order, without removed ones
  std::vector<TextLayer> texts;  // one for each page
  std::filesystem::path folder;  // where the masters are
};

struct Exported {
  std::filesystem::path path;
  std::uint64_t bytes = 0;  // of the file, or of all files in the folder
  std::string sha256;       // of the file, or of the folder's manifest
};

// One format, a row in exporters.cpp. Writes aside and renames, so `to` is whole or absent.
struct Exporter {
  std::string_view format;
  Result<Exported> (*write)(const Package& package, const std::filesystem::path& to);
};

[[nodiscard]] const std::vector<Exporter>& all_exporters();
// Errors: usage for an unknown format, with the known ones; what the exporter says.
[[nodiscard]] Result<Exported> export_item(const Package& package, std::string_view format,
                                           const std::filesystem::path& to);

}  // namespace alih::repository
