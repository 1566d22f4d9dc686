#include "repository/export/xml.h"

#include <array>
#include <utility>

#include "core/utf8.h"

namespace alih::repository {

std::string xml_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    char32_t code = 0;
    const auto length = utf8_character(text, code);
    const bool allowed = length > 0 && code != 0xFFFE && code != 0xFFFF &&
                         (code >= 0x20 || code == '\t' || code == '\n' || code == '\r');
    if (!allowed) {
      out += kReplacement;
    } else if (code == '&') {
      out += "&amp;";
    } else if (code == '<') {
      out += "&lt;";
    } else if (code == '>') {
      out += "&gt;";
    } else if (code == '"') {
      out += "&quot;";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string language_tag(std::string_view code) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTwoLetters{{
      {"ind", "id"},
      {"eng", "en"},
      {"nld", "nl"},
      {"dut", "nl"},
      {"jav", "jv"},
      {"sun", "su"},
      {"msa", "ms"},
      {"may", "ms"},
      {"ara", "ar"},
  }};
  for (const auto& [three, two] : kTwoLetters) {
    if (code == three) return std::string(two);
  }
  for (const char c : code) {
    if (!(c >= 'a' && c <= 'z')) return "und";
  }
  return code.size() == 2 || code.size() == 3 ? std::string(code) : "und";
}

}  // namespace alih::repository
