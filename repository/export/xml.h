#pragma once

#include <string>
#include <string_view>

namespace alih::repository {

// UTF-8 text for element content and attribute values: markup escaped, characters that XML 1.0 does
// not have and broken UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string xml_text(std::string_view text);

// A language code of our fields (ISO 639-3 as in MARC) as xml:lang and PDF want it: "ind" -> "id".
[[nodiscard]] std::string language_tag(std::string_view code);

}  // namespace alih::repository
