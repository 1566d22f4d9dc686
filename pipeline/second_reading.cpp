#include "pipeline/second_reading.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/edit_distance.h"
#include "core/utf8.h"
#include "processing/parts.h"

namespace alih::pipeline {
namespace {

// What the model ind does not know, and what it is taken for when it is compared: "" = it stands
// for any one character.
struct Rare {
  std::string_view character;
  std::string_view plain;
};
constexpr std::array kRare = {
    Rare{"%", ""},  Rare{"é", "e"}, Rare{"è", "e"}, Rare{"ê", "e"}, Rare{"ë", "e"}, Rare{"É", "E"},
    Rare{"È", "E"}, Rare{"ï", "i"}, Rare{"ö", "o"}, Rare{"ü", "u"}, Rare{"ç", "c"}, Rare{"á", "a"},
    Rare{"à", "a"}, Rare{"â", "a"}, Rare{"ó", "o"}, Rare{"=", ""},  Rare{"+", ""},  Rare{"*", ""},
    Rare{";", ","}, Rare{"<", ""},  Rare{">", ""},  Rare{"[", "("}, Rare{"]", ")"}, Rare{"°", ""},
    Rare{"§", ""},  Rare{"½", ""},
};

const Rare* rare(std::string_view character) {
  const auto found = std::find_if(kRare.begin(), kRare.end(),
                                  [&](const Rare& r) { return r.character == character; });
  return found == kRare.end() ? nullptr : &*found;
}

template <typename Each>
void each_character(std::string_view text, Each each) {
  while (!text.empty()) {
    char32_t code = 0;
    const auto size = std::max<std::size_t>(1, utf8_character(text, code));
    each(text.substr(0, size), code);
    text.remove_prefix(size);
  }
}

// The words that one cut-out gave, put together; and how sure the least sure of them is.
std::pair<std::string, double> joined(const TextLayer& text) {
  std::string out;
  double least = 1;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) {
        out += w.text;
        least = std::min(least, w.confidence);
      }
    }
  }
  return {out, least};
}

// Where the line's letters stand, at the middle of this word of it.
double base_of(const Line& line, const Word& word) {
  const auto& [left, left_y, right, right_y] = line.baseline;
  if (right <= left) return left_y;
  const double share = (word.box.x + word.box.width / 2.0 - left) / (right - left);
  return left_y + std::clamp(share, 0.0, 1.0) * (right_y - left_y);
}

// How high letters such as x are on the page, from the words of nothing higher.
class XLines {
 public:
  explicit XLines(const TextLayer& text) {
    for (const auto& block : text.blocks) {
      for (const auto& line : block.lines) {
        if (!line.has_baseline()) continue;
        for (const auto& w : line.words) {
          const bool low = w.text.size() > 2 &&
                           w.text.find_first_not_of("acegmnopqrsuvwxyz.,") == std::string::npos;
          if (low) heights_.push_back(base_of(line, w) - w.box.y);
        }
      }
    }
    std::sort(heights_.begin(), heights_.end());
  }

  // The row that letters such as x reach up to at this word of the line, with a little to spare.
  [[nodiscard]] int row(const Line& line, const Word& word) const {
    constexpr std::size_t kEnough = 3;
    constexpr int kUnknown = std::numeric_limits<int>::max();
    if (heights_.size() < kEnough || !line.has_baseline()) return kUnknown;
    // An accent that was not read makes a word too high; the one a third from below has none.
    const double height = heights_[heights_.size() / 3];
    // Print of another size: its letters end elsewhere.
    constexpr double kMostAscent = 2.6;  // of the x-height, from descender to ascender
    if (word.box.height > kMostAscent * height) return kUnknown;
    constexpr double kSpare = 0.12;
    return static_cast<int>(std::lround(base_of(line, word) - height * (1 - kSpare)));
  }

 private:
  std::vector<double> heights_;  // ascending, in pixels
};

}  // namespace

int expected_parts(std::string_view text) {
  int parts = 0;
  each_character(text, [&](std::string_view character, char32_t code) {
    switch (code) {
      case U'%':
      case U'…':
        parts += 3;
        return;
      case U'i':
      case U'j':
      case U':':
      case U';':
      case U'=':
      case U'!':
      case U'?':
      case U'"':
      case U'“':
      case U'”':
      case U'„':
        parts += 2;
        return;
      default:
        break;
    }
    const auto* r = rare(character);
    parts += r != nullptr && !r->plain.empty() && code > 0x7F ? 2 : 1;
  });
  return parts;
}

int expected_marks_above(std::string_view text) {
  int marks = 0;
  each_character(text, [&](std::string_view character, char32_t code) {
    const auto* r = rare(character);
    const bool accented = r != nullptr && !r->plain.empty() && code > 0x7F;
    if (accented || std::u32string_view(U"ij:;=!?").find(code) != std::u32string_view::npos) {
      ++marks;
    }
  });
  return marks;
}

bool stands_over_e(std::string_view text, int width, const std::vector<int>& marks) {
  struct Letter {
    char32_t code;
    double middle;
  };
  std::vector<Letter> letters;
  double total = 0;
  each_character(text, [&](std::string_view, char32_t code) {
    constexpr double kNarrow = 0.55;
    constexpr double kWide = 1.5;
    const bool narrow =
        std::u32string_view(U"ijltfr.,;:'()!").find(code) != std::u32string_view::npos;
    const bool wide = std::u32string_view(U"mwMW").find(code) != std::u32string_view::npos;
    const bool capital = code >= U'A' && code <= U'Z';
    const double own = wide ? kWide : narrow ? kNarrow : capital ? (1 + kWide) / 2 : 1;
    letters.push_back({code, total + own / 2});
    total += own;
  });
  return std::any_of(marks.begin(), marks.end(), [&](int mark) {
    const double at = total * mark / std::max(1, width);
    const auto nearest =
        std::min_element(letters.begin(), letters.end(), [&](const Letter& a, const Letter& b) {
          return std::abs(a.middle - at) < std::abs(b.middle - at);
        });
    if (nearest == letters.end() || nearest->code == U'i' || nearest->code == U'j') return false;
    constexpr double kAbout = 0.9;  // of a letter's width
    return std::any_of(letters.begin(), letters.end(), [&](const Letter& l) {
      return (l.code == U'e' || l.code == U'E') && std::abs(l.middle - at) < kAbout;
    });
  });
}

namespace {

constexpr std::string_view kBetweenNumbers = "/-.,:()";

// 0 = no digit looks like it.
char digit_like(char letter) {
  constexpr std::string_view kLetters = "oOQDlIir|zZsSbGBgq";
  constexpr std::string_view kDigits = "000011111225566899";
  static_assert(kLetters.size() == kDigits.size());
  const auto at = kLetters.find(letter);
  return at == std::string_view::npos ? '\0' : kDigits[at];
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Calls it with where each part between such signs begins and ends.
template <typename Each>
void each_part(std::string_view text, Each each) {
  for (std::size_t from = 0; from < text.size();) {
    const auto to = std::min(text.find_first_of(kBetweenNumbers, from), text.size());
    if (to > from) each(from, to);
    from = to + 1;
  }
}

// Whether a part of a word that has digits is a number but for letters like them. I and II are
// numbers as they are, and one letter alone is a letter.
bool hides_digits(std::string_view part) {
  const auto digits = std::count_if(part.begin(), part.end(), is_digit);
  const auto alike =
      std::count_if(part.begin(), part.end(), [](char c) { return digit_like(c) != '\0'; });
  if (alike == 0 || digits + alike != std::ssize(part)) return false;
  return digits > 0 || (alike > 1 && part.find_first_not_of("Iil") != std::string_view::npos);
}

}  // namespace

bool may_be_percentage(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) return false;
  const auto digits = std::count_if(text.begin(), text.end(), is_digit);
  const auto points =
      std::count_if(text.begin(), text.end(), [](char c) { return c == '.' || c == ','; });
  // A sum of money has more digits and points; more than two other signs are no misread %.
  const auto others = static_cast<std::ptrdiff_t>(text.size()) - digits - points;
  return digits <= 7 && points <= 1 && others <= 2 && (points == 1 || others > 0);
}

bool may_hide_digits(std::string_view text) {
  const bool digits = std::any_of(text.begin(), text.end(), is_digit);
  bool found = false;
  each_part(text, [&](std::size_t from, std::size_t to) {
    found = found || (digits && hides_digits(text.substr(from, to - from)));
  });
  return found;
}

std::optional<std::string> with_digits_of(std::string_view first, std::string_view second) {
  if (first.size() != second.size() || !may_hide_digits(first)) return {};
  std::string out(first);
  each_part(first, [&](std::size_t from, std::size_t to) {
    std::string part(first.substr(from, to - from));
    if (!hides_digits(part)) return;
    for (auto i = from; i < to; ++i) {
      if (is_digit(second[i]) && digit_like(first[i]) == second[i]) part[i - from] = second[i];
    }
    if (std::all_of(part.begin(), part.end(), is_digit)) out.replace(from, to - from, part);
  });
  return out != first ? std::optional(out) : std::nullopt;
}

bool may_be_percent_sign(std::string_view text) {
  return text.size() == 2 && text[0] >= 'A' && text[0] <= 'Z' && (text[1] == 'o' || text[1] == 'c');
}

void join_percent_signs(Line& line) {
  constexpr double kGap = 0.6;  // of the number's height
  for (std::size_t i = 1; i < line.words.size(); ++i) {
    auto& number = line.words[i - 1];
    const auto& sign = line.words[i];
    const int gap = sign.box.x - (number.box.x + number.box.width);
    const bool joins = may_be_percent_sign(sign.text) && is_digit(number.text.back()) &&
                       may_be_percentage(number.text) && gap < kGap * number.box.height;
    if (!joins) continue;
    const int top = std::min(number.box.y, sign.box.y);
    number.box.height =
        std::max(number.box.y + number.box.height, sign.box.y + sign.box.height) - top;
    number.box.y = top;
    number.box.width = sign.box.x + sign.box.width - number.box.x;
    number.text += sign.text;
    number.confidence = std::min(number.confidence, sign.confidence);
    line.words.erase(line.words.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::optional<std::string> with_percent_sign(std::string_view first, std::string_view second) {
  constexpr std::size_t kSign = 2;  // "7c", "9c", "Yo", "Jo": a digit or a letter, then c or o
  if (first.size() != second.size() + kSign || !first.starts_with(second)) return {};
  if (!may_be_percentage(second) || (first.back() != 'c' && first.back() != 'o')) return {};
  const char before = first[first.size() - kSign];
  if (!is_digit(before) && !(before >= 'A' && before <= 'Z')) return {};
  return std::string(second) + "%";
}

bool has_euro_among_letters(std::string_view text) {
  constexpr std::string_view kEuro = "€";
  const auto at = text.find(kEuro);
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return at != std::string_view::npos &&
         ((at > 0 && letter(text[at - 1])) ||
          (at + kEuro.size() < text.size() && letter(text[at + kEuro.size()])));
}

bool differs_in_rare_characters(std::string_view first, std::string_view second) {
  std::string plain;
  int wild = 0;
  int all = 0;
  int before = 0;
  each_character(first, [&](std::string_view character, char32_t) {
    if (rare(character) != nullptr) ++before;
  });
  each_character(second, [&](std::string_view character, char32_t) {
    const auto* r = rare(character);
    if (r == nullptr) {
      plain += character;
      return;
    }
    ++all;
    if (r->plain.empty()) ++wild;
    plain += r->plain.empty() ? character : r->plain;
  });
  if (all <= before) return false;
  // A % was one or two other characters in the first reading, an é mostly an e.
  const int limit = 2 * wild + (all > wild ? 1 : 0);
  // The € that an é was taken for is three bytes.
  std::string taken;
  each_character(first, [&](std::string_view character, char32_t code) {
    taken += code == U'€' ? std::string_view("e") : character;
  });
  return edit_distance(taken, plain, limit) <= limit;
}

SecondReading read_doubtful_words(ocr::Engine& engine, const Image& page, TextLayer& text) {
  struct Candidate {
    Word* word;
    int rank;
  };
  std::vector<Candidate> candidates;
  std::size_t characters = 0;
  const XLines x_lines(text);
  for (auto& block : text.blocks) {
    for (auto& line : block.lines) {
      join_percent_signs(line);
      for (auto& w : line.words) {
        characters += w.text.size();
        const auto parts = processing::count_parts(page, w.box, x_lines.row(line, w));
        const int excess = parts.all - expected_parts(w.text);
        // The likeliest first: what may be a percentage, a word with more marks above its letters
        // than its i and j have and one of them over an e, any other such word, the rest; many
        // marks too many are broken letters or dirt.
        const int marks = parts.above - expected_marks_above(w.text);
        // Letters that touch hide a mark from the sum, not from those above.
        const bool euro = has_euro_among_letters(w.text);
        const bool digits = may_hide_digits(w.text);
        const bool sign = may_be_percent_sign(w.text);
        if (excess <= 0 && marks <= 0 && !euro && !digits && !sign) continue;
        constexpr int kOthers = 100;
        const bool accent = marks > 0 && stands_over_e(w.text, w.box.width, parts.above_at);
        const int rank = euro || digits || sign || may_be_percentage(w.text) ? 0
                         : accent                                            ? 1
                         : marks > 0                                         ? 1 + marks
                                                                             : kOthers + excess;
        candidates.push_back({&w, rank});
      }
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
  constexpr double kShare = 0.12;  // the larger model takes about twice the time a character
  constexpr int kAtLeast = 60;     // characters, for pages with a few words only
  auto left = static_cast<std::ptrdiff_t>(kShare * static_cast<double>(characters)) + kAtLeast;
  constexpr int kAssumedDpi = 300;
  constexpr int kLeastDpi = 70;
  const int dpi = page.dpi_x() >= kLeastDpi ? static_cast<int>(page.dpi_x()) : kAssumedDpi;
  // The likeliest of their kind have been asked: a page without such characters is dirt and broken
  // letters. Of numbers in vain nothing follows for words.
  constexpr std::array kMostInVain = {20, 12};
  std::array<int, 2> in_vain{};
  SecondReading out;
  for (const auto& c : candidates) {
    const std::size_t kind = c.rank == 0 ? 0 : 1;
    int& vain = in_vain.at(kind);
    if (vain == kMostInVain.at(kind)) continue;
    left -= static_cast<std::ptrdiff_t>(c.word->text.size());
    if (left < 0) break;
    const auto picture = processing::cut_out(page, c.word->box, c.word->box.height / 3);
    if (!picture) continue;
    ++out.asked;
    ++vain;
    const auto read = engine.read(*picture, {dpi, false, true});
    if (!read) continue;
    auto [word, confidence] = joined(*read);
    // A number that both begin with bears the second out.
    constexpr double kSure = 0.5;
    constexpr double kSureOfNumber = 0.35;
    if (confidence < (c.rank == 0 ? kSureOfNumber : kSure)) continue;
    if (auto number = with_digits_of(c.word->text, word)) {
      word = std::move(*number);
    } else if (auto percentage = with_percent_sign(c.word->text, word)) {
      word = std::move(*percentage);
    } else if (!differs_in_rare_characters(c.word->text, word)) {
      continue;
    }
    text.alternates.push_back(*c.word);
    c.word->text = word;
    c.word->confidence = std::max(c.word->confidence, confidence);
    ++out.replaced;
    vain = 0;
  }
  return out;
}

}  // namespace alih::pipeline
