#include "repository/export/xml.h"

#include <array>
#include <utility>

namespace alih::repository {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the well-formed UTF-8 character at the start of `text`, 0 if there is none.
std::size_t character(std::string_view text, unsigned& code) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  code = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<unsigned, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return code < kLeast.at(length) || code > 0x10FFFF || surrogate ? 0 : length;
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    unsigned code = 0;
    const auto length = character(text, code);
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
