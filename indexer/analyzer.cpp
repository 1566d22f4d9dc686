#include "indexer/analyzer.h"

#include <algorithm>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace alih::indexer {
namespace {

constexpr std::size_t kLongestTerm = 100;  // bytes

bool is_ascii(std::string_view s) {
  return std::all_of(s.begin(), s.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 128; });
}

// Folded text: ASCII directly, the rest by ICU.
icu::UnicodeString fold(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* casefold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const auto* decompose = icu::Normalizer2::getNFDInstance(status);
  const auto raw = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  if (U_FAILURE(status)) return raw;
  const auto folded = decompose->normalize(casefold->normalize(raw, status), status);
  return U_FAILURE(status) ? raw : folded;
}

void push(std::vector<std::string>& parts, std::string&& part) {
  if (part.empty()) return;
  if (part.size() > kLongestTerm) {
    std::size_t cut = kLongestTerm;
    while (cut > 0 && (static_cast<unsigned char>(part[cut]) & 0xC0U) == 0x80) --cut;
    part.resize(cut);
  }
  parts.push_back(std::move(part));
  part.clear();
}

bool holds_together(char c) { return c == '-' || c == '\'' || c == '=' || c == '.'; }

bool ends_with_hyphen(std::string_view word) {
  for (const std::string_view hyphen :
       {"-", "=", "\xC2\xAC", "\xE2\x80\x90", "\xE2\x80\x91", "\xC2\xAD", "\xE2\x80\x93"}) {
    if (word.size() > hyphen.size() && word.ends_with(hyphen)) return true;
  }
  return false;
}

bool is_letters(std::string_view term) {
  return !term.empty() && std::all_of(term.begin(), term.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 128;
  });
}

// Adds the terms of one word, from `position` on; returns the next free position.
std::uint32_t add_word(std::vector<Token>& out, std::string_view text, std::uint32_t position,
                       std::uint32_t word) {
  auto parts = parts_of(text);
  const auto first = position;
  for (auto& part : parts) {
    // anak2 = anak-anak in the old spelling
    if (part.size() >= 4 && part.back() == '2' &&
        is_letters(std::string_view(part).substr(0, part.size() - 1))) {
      out.push_back({part.substr(0, part.size() - 1), position, word, word, true});
    }
    out.push_back({std::move(part), position++, word, word, false});
  }
  if (auto joined = joined_form(text); !joined.empty()) {
    out.push_back({std::move(joined), first, word, word, true});
  }
  return position;
}

}  // namespace

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  if (is_ascii(text)) {
    for (const char c : text) {
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        part += c;
      else if (c >= 'A' && c <= 'Z')
        part += static_cast<char>(c - 'A' + 'a');
      else
        push(parts, std::move(part));
    }
    push(parts, std::move(part));
    return parts;
  }
  const auto folded = fold(text);
  icu::UnicodeString letters;
  const auto flush = [&] {
    if (letters.isEmpty()) return;
    letters.toUTF8String(part);
    push(parts, std::move(part));
    part.clear();
    letters.remove();
  };
  for (std::int32_t i = 0; i < folded.length();) {
    const UChar32 c = folded.char32At(i);
    i += U16_LENGTH(c);
    const auto type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK) continue;
    if (u_isalnum(c) || type == U_COMBINING_SPACING_MARK)
      letters.append(c);
    else
      flush();
  }
  flush();
  return parts;
}

std::string joined_form(std::string_view word) {
  // Only inside a word: letters - letters, ra'jat; never 3.500 or a/b.
  std::string plain;
  for (std::size_t i = 0; i < word.size();) {
    bool apostrophe = false;
    for (const std::string_view mark : {"\xE2\x80\x99", "\xE2\x80\x98", "\xCA\xBC", "\xC2\xB4"}) {
      if (word.substr(i).starts_with(mark)) {
        plain += '\'';
        i += mark.size();
        apostrophe = true;
        break;
      }
    }
    if (!apostrophe) plain += word[i++];
  }
  const auto parts = parts_of(plain);
  if (parts.size() < 2 || parts.size() > 6) return {};
  if (!std::all_of(parts.begin(), parts.end(), is_letters)) return {};
  const auto separators = std::count_if(plain.begin(), plain.end(), holds_together);
  const auto others = std::count_if(plain.begin(), plain.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 128 && !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) && !holds_together(c);
  });
  if (separators < static_cast<std::ptrdiff_t>(parts.size()) - 1 || others > 2) return {};
  std::string out;
  for (const auto& part : parts) out += part;
  return out.size() <= kLongestTerm ? out : std::string();
}

std::vector<Token> analyze(const TextLayer& text) {
  std::vector<Token> out;
  std::uint32_t position = 0;
  std::uint32_t word = 0;
  struct Half {
    std::string term;
    std::uint32_t position = 0;
    std::uint32_t word = 0;
  };
  Half half;  // of a word cut at the end of the line before
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (std::size_t i = 0; i < line.words.size(); ++i, ++word) {
        const auto& w = line.words[i];
        const auto first = out.size();
        const auto start = position;
        position = add_word(out, w.text, position, word);
        if (!half.term.empty() && position > start && is_letters(out[first].term)) {
          out.push_back({half.term + out[first].term, half.position, half.word, word, true});
        }
        half = {};
        if (i + 1 == line.words.size() && position > start && ends_with_hyphen(w.text)) {
          for (auto token = out.rbegin(); token != out.rend(); ++token) {
            if (token->joined) continue;
            if (is_letters(token->term)) half = {token->term, token->position, word};
            break;
          }
        }
      }
    }
  }
  std::uint32_t alternate = kAlternatePosition;
  for (const auto& w : text.alternates) {
    alternate = add_word(out, w.text, alternate, word++) + 2;
  }
  return out;
}

std::vector<Token> analyze(std::string_view text) {
  std::vector<Token> out;
  std::uint32_t position = 0;
  std::uint32_t word = 0;
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find_first_of(" \t\r\n\f", start), text.size());
    if (end > start) position = add_word(out, text.substr(start, end - start), position, word++);
    start = end + 1;
  }
  return out;
}

}  // namespace alih::indexer
