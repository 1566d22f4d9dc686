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

struct Cased {
  bool name = false;
  bool doubtful = false;
};

// Adds the terms of one word, from `position` on; returns the next free position.
std::uint32_t add_word(std::vector<Token>& out, std::string_view text, std::uint32_t position,
                       std::uint32_t word, Cased cased = {}) {
  // Most words are letters and nothing else.
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.size() <= kLongestTerm && !text.empty() &&
      std::all_of(text.begin(), text.end(), is_letter)) {
    auto& token = out.emplace_back();
    token.term = text;
    for (auto& c : token.term) c = static_cast<char>(c | 0x20);
    token.position = position;
    token.first_word = token.last_word = word;
    token.name = cased.name;
    token.doubtful = cased.doubtful;
    return position + 1;
  }
  auto parts = parts_of(text);
  const auto first = position;
  const auto put = [&](std::string&& term, std::uint32_t at, bool joined) {
    out.push_back({std::move(term), at, word, word, joined, cased.name, cased.doubtful});
  };
  const bool several = parts.size() > 1;
  for (auto& part : parts) {
    for (auto& form : repeated_forms(part)) put(std::move(form), position, true);
    put(std::move(part), position++, false);
  }
  if (!several) return position;
  if (auto joined = joined_form(text); !joined.empty()) put(std::move(joined), first, true);
  if (auto number = number_form(text); !number.empty()) put(std::move(number), first, true);
  return position;
}

// What the letters say of names: a capital letter in the middle of a sentence, unless most words of
// the line have one, as in a heading.
class Capitals {
 public:
  void begin_line(const std::vector<std::string_view>& words) {
    std::size_t capital = 0;
    std::size_t all = 0;
    for (const auto w : words) {
      const auto kind = kind_of(w);
      if (kind == Kind::other) continue;
      ++all;
      if (kind != Kind::small) ++capital;
    }
    heading_ = all > 0 && capital * 10 > all * 6;
  }
  // In the order of the text.
  bool is_name(std::string_view word) {
    const bool starts = sentence_starts_;
    const auto last = word.find_last_not_of("\"')]");
    sentence_starts_ = last != std::string_view::npos && (word[last] == '.' || word[last] == '!' ||
                                                          word[last] == '?' || word[last] == ':');
    return !starts && !heading_ && kind_of(word) == Kind::capital;
  }

 private:
  enum class Kind { other, small, capital, capitals };
  static Kind kind_of(std::string_view word) {
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto first = std::find_if(word.begin(), word.end(),
                                    [&](char c) { return is_capital(c) || is_small(c); });
    if (first == word.end()) return Kind::other;
    if (is_small(*first)) return Kind::small;
    return std::any_of(first, word.end(), is_small) ? Kind::capital : Kind::capitals;
  }
  bool heading_ = false;
  bool sentence_starts_ = true;
};

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
  auto parts = parts_of(plain);
  if (parts.size() < 2 || parts.size() > 6) return {};
  // ber-lari2-an is berlarian, written short.
  for (auto& part : parts) {
    if (part.size() >= 4 && part.back() == '2') part.pop_back();
  }
  if (!std::all_of(parts.begin(), parts.end(), is_letters)) return {};
  const auto separators = std::count_if(plain.begin(), plain.end(), holds_together);
  const auto others = std::count_if(plain.begin(), plain.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 128 && c != '2' && !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) &&
           !holds_together(c);
  });
  if (separators < static_cast<std::ptrdiff_t>(parts.size()) - 1 || others > 2) return {};
  std::string out;
  for (const auto& part : parts) out += part;
  return out.size() <= kLongestTerm ? out : std::string();
}

std::vector<std::string> repeated_forms(std::string_view part) {
  const auto two = part.find('2');
  if (two == std::string_view::npos || two < 3 || part.find_first_of("0123456789") != two)
    return {};
  const auto before = part.substr(0, two);
  const auto after = part.substr(two + 1);
  if (!is_letters(before)) return {};
  if (after.empty()) return {std::string(before)};
  constexpr std::size_t kLongestEnding = 5;  // anak2 and its ending: kan, nja, njalah is too much
  if (!is_letters(after) || after.size() > kLongestEnding) return {};
  return {std::string(before), std::string(before).append(after)};
}

std::string number_form(std::string_view word) {
  constexpr std::size_t kLongest = 40;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_inside = [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  const auto first = std::find_if(word.begin(), word.end(), is_inside);
  auto end = word.end();
  while (end != first && !is_inside(*(end - 1))) --end;
  word = word.substr(static_cast<std::size_t>(first - word.begin()),
                     static_cast<std::size_t>(end - first));
  if (word.size() < 3 || word.size() > kLongest) return {};
  const bool plain = std::all_of(word.begin(), word.end(), [&](char c) {
    return is_inside(c) || c == '/' || c == '.' || c == '-' || c == ',';
  });
  if (!plain || std::none_of(word.begin(), word.end(), is_digit)) return {};
  // Thousands with points, and a decimal comma.
  const auto comma = word.find(',');
  const auto whole = word.substr(0, comma);
  const auto decimals =
      comma == std::string_view::npos ? std::string_view() : word.substr(comma + 1);
  const auto all_digits = [&](std::string_view s) {
    return !s.empty() && std::all_of(s.begin(), s.end(), is_digit);
  };
  std::string digits;
  bool thousands = is_digit(word[0]);
  std::size_t group = 0;
  std::size_t points = 0;
  for (const char c : whole) {
    if (is_digit(c)) {
      digits += c;
      ++group;
    } else if (c == '.' && (points == 0 ? group >= 1 && group <= 3 : group == 3)) {
      ++points;
      group = 0;
    } else {
      thousands = false;
    }
  }
  if (points > 0 && group != 3) thousands = false;
  if (comma != std::string_view::npos) {
    if (thousands && all_digits(decimals)) return digits + "," + std::string(decimals);
    return {};
  }
  if (thousands && points > 0) return digits;
  // Numbers of documents, dates.
  std::string out;
  std::size_t parts = 1;
  bool slash = false;
  bool letters = false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (is_inside(c)) {
      letters = letters || !is_digit(c);
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      continue;
    }
    if (!is_inside(word[i - 1])) return {};
    slash = slash || c == '/';
    ++parts;
    out += '/';
  }
  constexpr std::size_t kMostParts = 8;
  if (parts < 2 || parts > kMostParts || (letters && !slash)) return {};
  return out;
}

std::vector<Token> analyze(const TextLayer& text) {
  std::vector<Token> out;
  std::size_t most = text.alternates.size();
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) most += line.words.size();
  }
  out.reserve(most);
  std::uint32_t position = 0;
  std::uint32_t word = 0;
  struct Half {
    std::string term;
    std::uint32_t position = 0;
    std::uint32_t word = 0;
    bool name = false;
    bool doubtful = false;
  };
  Half half;  // of a word cut at the end of the line before
  Capitals capitals;
  std::vector<std::string_view> words;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      words.clear();
      for (const auto& w : line.words) words.emplace_back(w.text);
      capitals.begin_line(words);
      for (std::size_t i = 0; i < line.words.size(); ++i, ++word) {
        const auto& w = line.words[i];
        const auto first = out.size();
        const auto start = position;
        const Cased cased{capitals.is_name(w.text), w.confidence < kDoubtfulBelow};
        position = add_word(out, w.text, position, word, cased);
        if (!half.term.empty() && position > start && is_letters(out[first].term)) {
          out.push_back({half.term + out[first].term, half.position, half.word, word, true,
                         half.name, half.doubtful || cased.doubtful});
        }
        half = {};
        if (i + 1 == line.words.size() && position > start && ends_with_hyphen(w.text)) {
          for (auto token = out.rbegin(); token != out.rend(); ++token) {
            if (token->joined) continue;
            if (is_letters(token->term)) {
              half = {token->term, token->position, word, token->name, token->doubtful};
            }
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
  std::vector<std::string_view> words;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find_first_of(" \t\r\n\f", start), text.size());
    if (end > start) words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  std::vector<Token> out;
  std::uint32_t position = 0;
  std::uint32_t word = 0;
  Capitals capitals;
  capitals.begin_line(words);
  for (const auto w : words) {
    position = add_word(out, w, position, word++, {capitals.is_name(w), false});
  }
  return out;
}

}  // namespace alih::indexer
