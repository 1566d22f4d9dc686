#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/result.h"
#include "pipeline/intake.h"

namespace alih::cli {

// What scan, ingest and watch are told of the material.
struct IntakeOptions {
  std::string profile;
  std::string title;
  std::string series = "ALM-KOL";
  std::string language;
  std::string to;
  std::vector<std::string> fields;  // name=value
  std::string barcode;
  bool once_more = false;
  std::optional<bool> split_pages;  // none = as the profile says
  pipeline::StackRules stack;
};
void add_intake_options(CLI::App* verb, IntakeOptions& o);
// Without `to`, which only the database knows. Errors: usage.
[[nodiscard]] Result<pipeline::IntakeRequest> request_of(const IntakeOptions& o);

}  // namespace alih::cli
