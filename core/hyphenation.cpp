#include "core/hyphenation.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/utf8.h"

namespace alih {
namespace {

constexpr std::array<std::string_view, 8> kHyphens{
    "-",           "=", "\xC2\xAC", "\xE2\x80\x90", "\xE2\x80\x91", "\xC2\xAD", "\xE2\x80\x93",
    "\xE2\x80\x94"};

struct Letter {
  std::size_t at;
  std::size_t bytes;
  char32_t code;
};

bool is_letter(char32_t c) {
  constexpr char32_t kFirstAccented = 0xC0;
  constexpr char32_t kLastLatin = 0x24F;
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') ||
         (c >= kFirstAccented && c <= kLastLatin && c != U'×' && c != U'÷');
}

// Of the Latin letters beyond ASCII only those that this office's texts have.
char32_t small(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c - U'A' + U'a';
  if (c >= U'À' && c <= U'Þ' && c != U'×') return c + (U'à' - U'À');
  return c;
}
bool is_capital(char32_t c) { return small(c) != c; }

bool is_vowel(char32_t c) {
  constexpr std::u32string_view kVowels = U"aiueoyàáâãäåèéêëìíîïòóôõöùúûü";
  return kVowels.find(small(c)) != std::u32string_view::npos;
}

std::vector<Letter> characters(std::string_view text) {
  std::vector<Letter> out;
  for (std::size_t at = 0; at < text.size();) {
    char32_t code = 0;
    const auto bytes = std::max<std::size_t>(1, utf8_character(text.substr(at), code));
    out.push_back({at, bytes, code});
    at += bytes;
  }
  return out;
}

struct Stem {
  std::string_view before;
  std::string_view letters;
  std::string_view after;
  std::vector<char32_t> folded;
  bool capitals = true;  // all of them
  bool begins_small = false;
  bool good = false;
};

// The one run of letters in a half, with what stands around it. A half with more than one run, or
// with digits, is none.
Stem stem_of(std::string_view half) {
  Stem out;
  const auto all = characters(half);
  const auto letter = [](const Letter& l) { return is_letter(l.code); };
  const auto begin = std::find_if(all.begin(), all.end(), letter);
  if (begin == all.end()) return out;
  const auto end = std::find_if_not(begin, all.end(), letter);
  const auto from = begin->at;
  const auto to = end == all.end() ? half.size() : end->at;
  out.before = half.substr(0, from);
  out.letters = half.substr(from, to - from);
  out.after = half.substr(to);
  const auto plain = [](const Letter& l) {
    return is_letter(l.code) || (l.code >= U'0' && l.code <= U'9');
  };
  if (std::any_of(all.begin(), begin, plain) || std::any_of(end, all.end(), plain)) return out;
  bool vowel = false;
  for (auto l = begin; l != end; ++l) {
    out.folded.push_back(small(l->code));
    out.capitals = out.capitals && is_capital(l->code);
    vowel = vowel || is_vowel(l->code);
  }
  constexpr std::size_t kShortest = 2;
  out.begins_small = !is_capital(begin->code);
  out.good = vowel && out.folded.size() >= kShortest;
  return out;
}

// undang-undangan, per(undang)-undangan, sayur-mayur: a word said twice keeps its hyphen.
bool said_twice(const std::vector<char32_t>& first, const std::vector<char32_t>& second) {
  constexpr std::size_t kShortest = 4;
  const auto longest = std::min(first.size(), second.size());
  for (auto n = longest; n >= kShortest; --n) {
    if (std::equal(first.end() - static_cast<std::ptrdiff_t>(n), first.end(), second.begin())) {
      return true;
    }
  }
  return first.size() == second.size() && first.size() >= kShortest &&
         std::equal(first.begin() + 1, first.end(), second.begin() + 1);
}

// Each line's last word with the first one of the line after it.
template <typename Text, typename Each>
void each_break(Text& text, Each each) {
  decltype(&text.blocks[0].lines[0].words[0]) last = nullptr;
  for (auto& block : text.blocks) {
    for (auto& line : block.lines) {
      if (line.words.empty()) continue;
      if (last != nullptr) each(*last, line.words.front());
      last = &line.words.back();
    }
  }
}

}  // namespace

std::size_t hyphen_at_end(std::string_view word) {
  for (const auto hyphen : kHyphens) {
    if (word.size() > hyphen.size() && word.ends_with(hyphen)) return hyphen.size();
  }
  return 0;
}

std::string joined_word(std::string_view first, std::string_view second) {
  const auto hyphen = hyphen_at_end(first);
  if (hyphen == 0) return {};
  first.remove_suffix(hyphen);
  const auto a = stem_of(first);
  const auto b = stem_of(second);
  if (!a.good || !b.good || !a.after.empty()) return {};
  // Of the second half only signs that may end a word; an opening one begins another.
  if (!b.before.empty()) return {};
  const bool goes_on = b.begins_small || (a.capitals && b.capitals);
  constexpr std::size_t kLongest = 30;
  if (!goes_on || a.folded.size() + b.folded.size() > kLongest) return {};
  std::string out(a.letters);
  if (said_twice(a.folded, b.folded)) out += '-';
  out += b.letters;
  return out;
}

void mark_halves(TextLayer& text) {
  for (auto& block : text.blocks) {
    for (auto& line : block.lines) {
      for (auto& word : line.words) {
        word.half = Half::none;
        word.joined.clear();
      }
    }
  }
  each_break(text, [](Word& first, Word& second) {
    constexpr double kLeast = 0.5;
    // A line of one word may be the second half of one and the first of another: the first pair
    // stays.
    if (first.half != Half::none || first.confidence < kLeast || second.confidence < kLeast) return;
    auto joined = joined_word(first.text, second.text);
    if (joined.empty()) return;
    first.half = Half::first;
    first.joined = joined;
    second.half = Half::second;
    second.joined = std::move(joined);
  });
}

const Word* second_half(const TextLayer& text, const Word& first) {
  const Word* out = nullptr;
  each_break(text, [&](const Word& a, const Word& b) {
    if (&a == &first && b.half == Half::second) out = &b;
  });
  return out;
}

std::string whole_word(const Word& first, const Word& second) {
  std::string_view a = first.text;
  a.remove_suffix(hyphen_at_end(a));
  return std::string(stem_of(a).before) + first.joined + std::string(stem_of(second.text).after);
}

}  // namespace alih
