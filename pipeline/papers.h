#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.h"
#include "core/result.h"
#include "pipeline/holdings.h"
#include "repository/paper/paper.h"

namespace alih::pipeline {

// A person of the setting office.officials.
struct Official {
  std::string role;
  std::string title;
  std::string name;
  std::string nip;
  std::string from;  // first and last day in the role, empty = open
  std::string until;
};
// Errors: bad_field, with the line that cannot be read.
[[nodiscard]] Result<std::vector<Official>> officials(const Office& office);
// Whoever had the role on that day; the later row counts. Errors: bad_field when nobody had it.
[[nodiscard]] Result<Official> official_on(const Office& office, std::string_view role,
                                           std::string_view iso_date);

// A kind of paper that the program fills from its own facts. A row in papers.cpp.
struct PaperKind {
  std::string_view kind;
  Message label;
  Message about;  // what --for names
  Result<repository::Paper> (*make)(const Holdings& holdings,
                                    const std::vector<std::string>& about);
};
[[nodiscard]] const std::vector<PaperKind>& all_paper_kinds();

struct PrintedPaper {
  repository::Printed printed;
  std::vector<Message> warnings;  // what a reader may stumble over, such as an odd NIP
};
// Errors: usage for an unknown kind or period, not_found, bad_field naming every mandatory field
// that is empty (nothing is written then), what writing says.
[[nodiscard]] Result<PrintedPaper> print_paper(const Holdings& holdings, std::string_view kind,
                                               const std::vector<std::string>& about,
                                               const std::filesystem::path& to);

}  // namespace alih::pipeline
