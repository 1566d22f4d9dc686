#include "core/text_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/confidence.h"
#include "core/utf8.h"

namespace alih {
namespace {

constexpr double kLow = 0.6;  // below this a word is more often wrong than right

// --- spelling

// What a word shows. old: Ophuijsen's or Soewandi's, they write it alike.
enum class Shows { ophuijsen, old, eyd };
enum class Where { whole, begin, end, anywhere };
struct SpellingRow {
  std::string_view letters;
  Where where;
  Shows shows;
};

// The first row that fits decides. `j` alone and `nj` within a word stand in all spellings (saja,
// panjang) and tell nothing.
constexpr std::array kSpelling{
    SpellingRow{"oe", Where::anywhere, Shows::ophuijsen},        // goeroe
    SpellingRow{"\xC3\xA9", Where::anywhere, Shows::ophuijsen},  // é: oléh
    SpellingRow{"\xC3\xA8", Where::anywhere, Shows::ophuijsen},  // è
    SpellingRow{"\xC3\xAF", Where::anywhere, Shows::ophuijsen},  // ï: namaï
    SpellingRow{"tj", Where::anywhere, Shows::old},              // tjerita
    SpellingRow{"dj", Where::anywhere, Shows::old},              // djalan
    SpellingRow{"sj", Where::anywhere, Shows::old},              // sjarat
    SpellingRow{"ch", Where::anywhere, Shows::old},              // chabar
    SpellingRow{"nj", Where::begin, Shows::old},                 // njanjian
    SpellingRow{"nja", Where::end, Shows::old},                  // bukunja
    SpellingRow{"jang", Where::whole, Shows::old},
    SpellingRow{"jg", Where::whole, Shows::old},
    SpellingRow{"ny", Where::anywhere, Shows::eyd},  // bukunya
    SpellingRow{"sy", Where::anywhere, Shows::eyd},  // syarat
    SpellingRow{"kh", Where::anywhere, Shows::eyd},  // akhir
    SpellingRow{"y", Where::anywhere, Shows::eyd},   // yang
    SpellingRow{"c", Where::anywhere, Shows::eyd},   // cerita
};
// Words of today that a row above would take for old ones.
constexpr std::array<std::string_view, 9> kNotOld{"manja",        "senja",        "koefisien",
                                                  "koedukasi",    "koeksistensi", "poetika",
                                                  "makroekonomi", "mikroekonomi", "sosioekonomi"};

bool fits(std::string_view word, const SpellingRow& row) {
  switch (row.where) {
    case Where::whole:
      return word == row.letters;
    case Where::begin:
      return word.starts_with(row.letters);
    case Where::end:
      return word.ends_with(row.letters) && word.size() > row.letters.size() + 1;
    case Where::anywhere:
      return word.find(row.letters) != std::string_view::npos;
  }
  return false;
}

// --- languages

// Short words that carry no meaning of their own and stand in one of the languages only.
constexpr std::array<std::string_view, 28> kIndonesian{
    "yang",   "jang",    "dan",    "di",     "ke",    "dari",    "pada",
    "untuk",  "oentoek", "dengan", "ini",    "itu",   "itoe",    "adalah",
    "oleh",   "tidak",   "akan",   "telah",  "dalam", "juga",    "djuga",
    "djoega", "karena",  "bahwa",  "kepada", "atau",  "sebagai", "tersebut"};
// de, en, der, des, den and die are left out: French or German has them too.
constexpr std::array<std::string_view, 15> kDutch{"het",  "een",    "van",   "te",   "op",
                                                  "voor", "met",    "aan",   "bij",  "zijn",
                                                  "niet", "worden", "wordt", "naar", "ook"};
constexpr std::array<std::string_view, 20> kEnglish{
    "the", "of",   "and",  "to",    "that", "for",  "with", "was", "by",  "from",
    "are", "this", "have", "which", "not",  "were", "it",   "be",  "has", "on"};
// French, German and Danish: seen in old holdings, read by none of the usual models.
constexpr std::array<std::string_view, 21> kOther{
    "et",    "les", "dans", "pour", "que", "une", "est",  "qui", "du", "und", "das",
    "nicht", "von", "mit",  "dem",  "auf", "ist", "sich", "zu",  "og", "ikke"};

template <std::size_t N>
bool any(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool letter_or_digit(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9') ||
         (c >= 0xC0 && c < 0x2000);  // beyond are dashes and quotation marks
}

// Without what stands around it: "(goeroe)," is goeroe.
std::string_view bare(std::string_view word) {
  std::size_t first = word.size();
  std::size_t end = 0;
  for (std::size_t at = 0; at < word.size();) {
    char32_t c = 0;
    const auto bytes = std::max<std::size_t>(1, utf8_character(word.substr(at), c));
    if (letter_or_digit(c)) {
      first = std::min(first, at);
      end = at + bytes;
    }
    at += bytes;
  }
  return first < end ? word.substr(first, end - first) : std::string_view();
}

}  // namespace

std::string_view word(SpellingEra era) {
  switch (era) {
    case SpellingEra::unknown:
      return "unknown";
    case SpellingEra::ophuijsen:
      return "ophuijsen";
    case SpellingEra::soewandi:
      return "soewandi";
    case SpellingEra::eyd:
      return "eyd";
    case SpellingEra::mixed:
      return "mixed";
  }
  return "unknown";
}

TextEvidence find_text_evidence(const TextLayer& text) {
  TextEvidence out;
  int low = 0;
  int oe = 0;      // u printed as Ophuijsen did
  int with_u = 0;  // u printed otherwise, in words that are old all the same
  int old = 0;     // either of the two
  int modern = 0;
  std::array<int, 4> spoken{};  // ind, nld, eng, other
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) {
        const auto printed = bare(w.text);
        if (printed.empty()) continue;
        ++out.words;
        if (w.confidence < kLow) {
          ++low;
          continue;  // nothing can be told from what was misread
        }
        // Names keep their spelling for ever, so capitals tell nothing of the page's.
        const bool name = printed.front() >= 'A' && printed.front() <= 'Z';
        std::string lower(printed);
        for (char& c : lower) {
          if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        spoken[0] += any(kIndonesian, lower) ? 1 : 0;
        spoken[1] += any(kDutch, lower) ? 1 : 0;
        spoken[2] += any(kEnglish, lower) ? 1 : 0;
        spoken[3] += any(kOther, lower) ? 1 : 0;
        if (name || lower.size() < 2 || any(kNotOld, lower)) continue;
        for (const auto& row : kSpelling) {
          if (!fits(lower, row)) continue;
          if (row.shows == Shows::eyd) {
            ++modern;
          } else {
            ++old;
            if (row.shows == Shows::ophuijsen)
              ++oe;
            else if (lower.find('u') != std::string::npos)
              ++with_u;
          }
          break;
        }
      }
    }
  }
  if (out.words > 0) out.low_share = static_cast<double>(low) / out.words;
  out.function_words = spoken[0] + spoken[1] + spoken[2] + spoken[3];
  if (out.function_words > 0) {
    out.ind = static_cast<double>(spoken[0]) / out.function_words;
    out.nld = static_cast<double>(spoken[1]) / out.function_words;
    out.eng = static_cast<double>(spoken[2]) / out.function_words;
    out.other = static_cast<double>(spoken[3]) / out.function_words;
  }
  out.spelling_words = old + modern;
  if (out.spelling_words > 0) {
    const double all = out.spelling_words;
    const double by_oe = oe + with_u > 0 ? static_cast<double>(oe) / (oe + with_u) : 0.5;
    out.ophuijsen = old * by_oe / all;
    out.soewandi = old * (1 - by_oe) / all;
    out.eyd = modern / all;
  }
  // Dutch and English have y, c and oe of their own, Sundanese and Balinese é.
  constexpr int kFew = 5;
  constexpr double kMostly = 0.8;
  const bool indonesian = spoken[0] >= 3 && out.ind >= 0.5;
  if (out.spelling_words < kFew || !indonesian) return out;
  out.spelling = out.ophuijsen >= kMostly  ? SpellingEra::ophuijsen
                 : out.soewandi >= kMostly ? SpellingEra::soewandi
                 : out.eyd >= kMostly      ? SpellingEra::eyd
                                           : SpellingEra::mixed;
  return out;
}

Finding measure_text(const TextLayer& text) {
  const auto e = find_text_evidence(text);
  Finding out{"text",
              {{"words", e.words},
               {"low_share", e.low_share},
               {"share_right", share_right(text)},
               {"spelling_words", e.spelling_words},
               {"ophuijsen", e.ophuijsen},
               {"soewandi", e.soewandi},
               {"eyd", e.eyd},
               {"function_words", e.function_words},
               {"ind", e.ind},
               {"nld", e.nld},
               {"eng", e.eng},
               {"other", e.other}},
              text.mean_confidence(),
              false,
              std::string(word(e.spelling))};
  for (auto& [name, value] : out.numbers) value = std::round(value * 1e4) / 1e4;
  return out;
}

}  // namespace alih
