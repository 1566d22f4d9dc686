#include "config/config.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace alih::config {
namespace {

const Environment kEmpty = [](const std::string&) { return std::nullopt; };

std::filesystem::path write(const std::string& text) {
  const auto path = std::filesystem::path(::testing::TempDir()) /
                    ("settings-" + std::to_string(::getpid()) + ".toml");
  std::ofstream(path) << text;
  return path;
}

std::string file(const std::string& name) {
  std::ifstream in(std::filesystem::path(ALIH_SOURCE_DIR) / name);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(Settings, FileThenEnvironmentWin) {
  const auto path = write("[ocr]\nlanguages = \"ind\"\n[processing.deskew]\nmax_angle_deg = 3\n");
  const auto loaded = load(path, [](const std::string& name) -> std::optional<std::string> {
    if (name == "ALIHMEDIA_OCR_LANGUAGES") return "ind+nld";
    return std::nullopt;
  });
  ASSERT_TRUE(loaded) << loaded.error().message.en;
  EXPECT_EQ(loaded->settings.ocr.languages, "ind+nld");
  EXPECT_EQ(loaded->origins.at("ocr.languages"), "ALIHMEDIA_OCR_LANGUAGES");
  EXPECT_DOUBLE_EQ(loaded->settings.processing.deskew.max_angle_deg, 3);
  EXPECT_EQ(loaded->settings.pipeline.workers, 2);
}

TEST(Settings, ListsOfTheEnvironmentAreWordsOrToml) {
  std::string value;
  const auto officials = [&](const std::string& text) {
    value = text;
    return load({}, [&](const std::string& name) -> std::optional<std::string> {
      if (name == "ALIHMEDIA_OFFICE_OFFICIALS") return value;
      return std::nullopt;
    });
  };
  const auto list = [&](const std::string& text) {
    const auto loaded = officials(text);
    EXPECT_TRUE(loaded) << text << ": " << loaded.error().message.en;
    return loaded ? loaded->settings.office.officials : std::vector<std::string>();
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(list("a; b, c; d"), (Texts{"a; b", "c; d"}));
  EXPECT_EQ(list(""), Texts());
  EXPECT_EQ(list(R"(["kepala; Dra. Siti, M.Si.; ; ;", 'b "c"'])"),
            (Texts{"kepala; Dra. Siti, M.Si.; ; ;", "b \"c\""}));
  EXPECT_EQ(list(" [ ]"), Texts());
  for (const auto* bad : {"[\"a\"", "[1, 2]", "[\"a\"] x", "[[\"a\"]]"}) {
    const auto loaded = officials(bad);
    ASSERT_FALSE(loaded) << bad;
    const auto& text = loaded.error().message.en;
    EXPECT_NE(text.find("ALIHMEDIA_OFFICE_OFFICIALS: must be a list of texts"), std::string::npos)
        << text;
  }
}

TEST(Settings, AllErrorsAreToldTogether) {
  const auto path =
      write("[ocr]\nlangauges = \"ind\"\n[pipeline]\nworkers = 0\nattempts = \"x\"\n");
  const auto loaded = load(path, kEmpty);
  ASSERT_FALSE(loaded);
  const auto& text = loaded.error().message.en;
  EXPECT_NE(text.find("ocr.languages"), std::string::npos) << text;
  EXPECT_NE(text.find("line 4"), std::string::npos) << text;
  EXPECT_NE(text.find("1 … 256"), std::string::npos) << text;
  EXPECT_NE(text.find("pipeline.attempts"), std::string::npos) << text;
}

TEST(Settings, DefaultFileAndTableAreThoseOfTheProgram) {
  EXPECT_EQ(file("config/alihmedia.toml"), default_file() + "\n");
  EXPECT_EQ(file("docs/settings.md"), settings_document() + "\n");
}

TEST(Settings, DefaultFileIsAcceptedWithEveryLineSet) {
  std::string text;
  std::istringstream in(default_file());
  for (std::string line; std::getline(in, line);) {
    const auto equals = line.find(" = ");
    const bool value =
        line.starts_with("# ") && equals != std::string::npos && line.find(' ', 2) == equals;
    text += (value ? line.substr(2) : line) + "\n";
  }
  const auto loaded = load(write(text), kEmpty);
  EXPECT_TRUE(loaded) << loaded.error().message.en;
}

}  // namespace
}  // namespace alih::config
