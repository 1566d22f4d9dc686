#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/catalogue.h"

// MARC 21 / INDOMARC records as values, and how our fields lie in them: by the table of
// core/fields.cpp, both ways.
namespace alih::repository {

struct ImportRow;

struct MarcField {
  std::string tag;
  char first = ' ';  // indicators
  char second = ' ';
  std::string value;                                    // of a control field (001 to 009)
  std::vector<std::pair<char, std::string>> subfields;  // of any other
};
struct MarcRecord {
  std::string leader;
  std::vector<MarcField> fields;
};

struct MarcPlace {
  std::string url;         // of the digital copy, "" = none (856)
  std::string changed_at;  // UTC, ISO 8601 (005)
};
// Fields in order of their tags; what `extra` kept of another program's record is in it again.
[[nodiscard]] MarcRecord marc_from(const Item& item, const ForeignValues& extra,
                                   const MarcPlace& place);
// Fields of the row; tags that our table does not have go to row.extra.
void fields_from(const MarcRecord& record, ImportRow& row);

// "$aTitle /$cAuthor", also with INLISLite's blank behind the code, as subfields.
[[nodiscard]] std::vector<std::pair<char, std::string>> subfields_from(std::string_view text);

}  // namespace alih::repository
