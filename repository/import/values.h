#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fields.h"
#include "repository/import/importer.h"

// Values as other programs write them, as our fields hold them.
namespace alih::repository {

// One line of UTF-8 without blanks at the ends: line breaks and runs of blanks become one space,
// bytes that are no UTF-8 are read as Windows-1252. "-" and INLISLite's "---Belum ditentukan---"
// are nothing.
[[nodiscard]] std::string clean(std::string_view text);
// Without ISBD punctuation at its end: "Jakarta :" -> "Jakarta".
[[nodiscard]] std::string without_isbd(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char at);
// A column's or field's name without what people write differently: letters in lower case and
// digits, anything else as one '_'.
[[nodiscard]] std::string plain_name(std::string_view text);
// "ind" for "Indonesia", "Indonesian", "id", "ind"; empty when unknown. And back, for SLiMS and
// AtoM.
[[nodiscard]] std::string language_code(std::string_view text);
[[nodiscard]] std::string language_name(std::string_view code);
[[nodiscard]] std::string language_two_letters(std::string_view code);

// Puts a foreign value into a field of the row, or, where the field cannot hold it, into
// row.extra[column]. Why not, when the row cannot be used with it.
[[nodiscard]] std::optional<Message> put(ImportRow& row, const MetadataField& field,
                                         std::string_view value, const std::string& column);
// Adds to row.extra unless it is nothing.
void put_extra(ImportRow& row, const std::string& column, std::string_view value);

}  // namespace alih::repository
