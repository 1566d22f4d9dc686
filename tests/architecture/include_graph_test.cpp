// Who may include whom, and where each library lives: docs/architecture.md, checked.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

// Folder -> folders whose headers it may include, besides its own.
const std::map<std::string, std::set<std::string>> kMayInclude{
    {"core", {}},
    {"access", {"core"}},
    {"capture", {"core"}},
    {"processing", {"core"}},
    {"ocr", {"core"}},
    {"repository", {"core"}},
    {"indexer", {"core"}},
    {"pipeline", {"core", "access", "capture", "processing", "ocr", "repository", "indexer"}},
    {"api", {"core", "access", "pipeline", "repository", "indexer"}},
    {"config", {"core"}},  // and every folder's settings.h
    {"cli",
     {"core", "access", "api", "config", "pipeline", "capture", "processing", "ocr", "repository",
      "indexer"}},
};

// Start of a third-party header -> folders it may be in.
const std::vector<std::pair<std::string, std::set<std::string>>> kHomes{
    {"sane/", {"capture"}},
    {"opencv2/", {"processing"}},
    {"leptonica/", {"processing", "ocr"}},
    {"openjpeg", {"processing"}},
    {"ZXing/", {"processing"}},
    {"qpdf/", {"repository"}},
    {"archive", {"repository"}},
    {"libxml/", {"repository"}},
    {"yaz/", {"repository"}},
    {"xlsxwriter", {"repository"}},
    {"tiffio", {"processing"}},
    {"jpeglib", {"processing"}},
    {"png.h", {"processing"}},
    {"tesseract/", {"ocr"}},
    {"rocksdb/", {"indexer"}},
    {"unicode/", {"indexer"}},
    {"roaring/", {"indexer"}},
    {"Poco/", {"api"}},
    {"CLI/", {"cli"}},
    {"toml++", {"config"}},
    {"openssl/", {"core"}},
    {"pango", {"repository"}},
    {"cairo", {"repository"}},
    {"sodium", {"access"}},
    {"seccomp.h", {"pipeline"}},
    {"linux/landlock.h", {"pipeline"}},
    {"linux/seccomp.h", {"pipeline"}},
};

struct Include {
  std::string file;
  std::string folder;
  std::string name;
  bool quoted;
};

// Of these folders and those above.
std::vector<Include> all_includes(std::set<std::string> folders = {}) {
  for (const auto& [folder, allowed] : kMayInclude) folders.insert(folder);
  std::vector<Include> out;
  const std::regex line_form(R"(^#\s*include\s*([<"])([^>"]+)[>"])");
  for (const auto& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(ALIH_SOURCE_DIR) / folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp") continue;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        std::smatch match;
        if (!line.starts_with('#') || !std::regex_search(line, match, line_form)) continue;
        out.push_back({entry.path().string(), folder, match[2], match[1] == "\""});
      }
    }
  }
  return out;
}

TEST(IncludeGraph, GoesDownOnly) {
  int seen = 0;
  for (const auto& include : all_includes()) {
    const auto target = include.name.substr(0, include.name.find('/'));
    if (!include.quoted || !kMayInclude.contains(target)) continue;
    ++seen;
    if (target == include.folder) continue;
    const bool settings = include.folder == "config" && include.name.ends_with("/settings.h");
    EXPECT_TRUE(settings || kMayInclude.at(include.folder).contains(target))
        << include.file << " may not include " << include.name;
  }
  EXPECT_GT(seen, 100) << "the sources were not found";
}

TEST(IncludeGraph, LibrariesStayAtHome) {
  for (const auto& include : all_includes()) {
    for (const auto& [prefix, homes] : kHomes) {
      if (!include.name.starts_with(prefix)) continue;
      EXPECT_TRUE(homes.contains(include.folder))
          << include.file << " may not use " << include.name;
    }
  }
}

// So that every such header is proved to stand alone (cmake/Module.cmake compiles the others).
TEST(IncludeGraph, EverySourceIncludesItsOwnHeaderFirst) {
  std::string last;
  int seen = 0;
  for (const auto& include : all_includes()) {
    if (std::exchange(last, include.file) == include.file || !include.file.ends_with(".cpp"))
      continue;
    const auto own = fs::path(include.file).replace_extension(".h");
    if (!fs::exists(own)) continue;
    ++seen;
    EXPECT_EQ(include.name, fs::relative(own, ALIH_SOURCE_DIR)) << include.file;
  }
  EXPECT_GT(seen, 100) << "the sources were not found";
}

TEST(IncludeGraph, JsonAndFormattingStayOutOfHeaders) {
  for (const auto& include : all_includes()) {
    if (!include.file.ends_with(".h") || include.file.ends_with("/core/json.h")) continue;
    EXPECT_FALSE(include.name.starts_with("nlohmann/") || include.name.starts_with("fmt/") ||
                 include.name == "core/json.h")
        << include.file;
  }
}

// One source that included the library by itself would read numbers in another way than the rest.
TEST(IncludeGraph, JsonIsIncludedThroughCore) {
  int seen = 0;
  for (const auto& include : all_includes({"tests", "bench"})) {
    seen += include.name == "core/json.h" ? 1 : 0;
    EXPECT_TRUE(!include.name.starts_with("nlohmann/") || include.file.ends_with("/core/json.h"))
        << include.file;
  }
  EXPECT_GT(seen, 40) << "the sources were not found";
}

}  // namespace
