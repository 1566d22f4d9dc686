#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/message.h"
#include "core/result.h"

namespace alih::pipeline {

// What a page of a PDF holds. A page whose master is black and white is always g4.
enum class PdfImages {
  jpeg,  // the access image
  mrc,   // letters as G4 over a small JPEG of the rest
  g4,    // the page in black and white
};
[[nodiscard]] std::string_view word(PdfImages images);
[[nodiscard]] std::optional<PdfImages> pdf_images_from(std::string_view word);

// How a kind of material is scanned and read. What is not set stays as the device or the settings
// have it. A profile is a row of the table in profiles.cpp.
struct Profile {
  std::string_view name;
  Message label;
  std::optional<int> dpi;
  std::optional<std::string_view> mode;
  std::optional<std::string_view> languages;
  std::optional<PdfImages> pdf_images;
  bool split_pages = false;  // pictures of an open book become two pages
  // What its pages have of their own (settings_json.h): name, value.
  std::vector<std::pair<std::string_view, std::string_view>> settings{};
};

[[nodiscard]] const std::vector<Profile>& all_profiles();
// Errors: usage, with the known names. An empty name is the profile that sets nothing.
[[nodiscard]] Result<Profile> find_profile(std::string_view name);

}  // namespace alih::pipeline
