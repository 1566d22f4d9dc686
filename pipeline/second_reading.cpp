#include "pipeline/second_reading.h"

#include <algorithm>
#include <array>
#include <functional>
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

bool differs_in_rare_characters(std::string_view first, std::string_view second) {
  std::string plain;
  int wild = 0;
  int all = 0;
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
  if (all == 0) return false;
  // A % was one or two other characters in the first reading, an é mostly an e.
  const int limit = 2 * wild + (all > wild ? 1 : 0);
  return edit_distance(first, plain, limit) <= limit;
}

namespace {

struct Candidate {
  Word* word;
  double rank;  // the lowest first
};

// Reads the candidates one by one until `share` of the page's characters is used up.
SecondReading read_candidates(ocr::Engine& engine, const Image& page, std::size_t characters,
                              double share, std::vector<Candidate> candidates,
                              const std::function<bool(Word&, const std::string&, double)>& take) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
  constexpr std::ptrdiff_t kAtLeast = 60;  // characters, for pages with a few words only
  auto left = static_cast<std::ptrdiff_t>(share * static_cast<double>(characters)) + kAtLeast;
  SecondReading out;
  for (const auto& c : candidates) {
    left -= static_cast<std::ptrdiff_t>(c.word->text.size());
    if (left < 0) break;
    const auto picture = processing::cut_out(page, c.word->box, c.word->box.height / 3);
    if (!picture) continue;
    ++out.asked;
    constexpr int kAssumedDpi = 300;
    constexpr int kLeastDpi = 70;
    const int dpi = page.dpi_x() >= kLeastDpi ? static_cast<int>(page.dpi_x()) : kAssumedDpi;
    const auto read = engine.read(*picture, {dpi, false, true});
    if (!read) continue;
    const auto [word, confidence] = joined(*read);
    if (take(*c.word, word, confidence)) ++out.replaced;
  }
  return out;
}

}  // namespace

SecondReading read_unsure_words(ocr::Engine& engine, const Image& access, TextLayer& text) {
  constexpr double kUnsure = 0.85;
  constexpr double kShare = 0.1;
  std::vector<Candidate> candidates;
  std::size_t characters = 0;
  for (auto& block : text.blocks) {
    for (auto& line : block.lines) {
      for (auto& w : line.words) {
        characters += w.text.size();
        if (w.confidence < kUnsure && w.text.size() > 2) candidates.push_back({&w, w.confidence});
      }
    }
  }
  return read_candidates(engine, access, characters, kShare, std::move(candidates),
                         [&](const Word& first, const std::string& word, double confidence) {
                           if (word.empty() || word == first.text) return false;
                           text.alternates.push_back({word, first.box, confidence});
                           return true;
                         });
}

SecondReading read_doubtful_words(ocr::Engine& engine, const Image& page, TextLayer& text) {
  std::vector<Candidate> candidates;
  std::size_t characters = 0;
  for (auto& block : text.blocks) {
    for (auto& line : block.lines) {
      for (auto& w : line.words) {
        characters += w.text.size();
        const int excess = processing::count_parts(page, w.box) - expected_parts(w.text);
        if (excess > 0) candidates.push_back({&w, static_cast<double>(excess)});
      }
    }
  }
  // The larger model takes about twice the time a character.
  constexpr double kShare = 0.12;
  // The likeliest first: one or two marks too many are an accent or a percent sign, many more are
  // broken letters or dirt.
  return read_candidates(engine, page, characters, kShare, std::move(candidates),
                         [&](Word& first, const std::string& word, double confidence) {
                           constexpr double kSure = 0.5;
                           if (confidence < kSure || !differs_in_rare_characters(first.text, word))
                             return false;
                           text.alternates.push_back(first);
                           first.text = word;
                           first.confidence = std::max(first.confidence, confidence);
                           return true;
                         });
}

}  // namespace alih::pipeline
