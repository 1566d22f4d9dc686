#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/holdings.h"
#include "core/result.h"

namespace alih::repository {

// What an exporter may use of one item. Texts and images are fetched page by page: an item may be
// larger than memory.
struct Package {
  Item item;
  std::vector<Page> pages;  // in order, without removed ones
  std::string changed_at;   // UTC, of the newest event: the date of what is made from it
  std::function<std::filesystem::path(const Page&)> master;  // where its file is
  std::function<Result<TextLayer>(const Page&)> text;
  // What a PDF shows of the page as a file, made when it is absent: JPEG, the page in black and
  // white as CCITT G4 data ("….g4"), or in two layers ("….layers"); the last two of access_width x
  // access_height.
  std::function<Result<std::filesystem::path>(const Page&)> image;
  std::vector<Event> events;  // of the item and its pages, in order of the chain
  std::string url;            // where the item is to be seen, "" = nowhere
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

// Errors: wrong_state while pages wait to be read or are set aside; it names the first.
[[nodiscard]] Status check_all_read(const Package& package);

}  // namespace alih::repository
