#include "bench/score/score.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <type_traits>

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

namespace alih::bench {
namespace {

bool is_space(char32_t c) {
  return c == U' ' || (c >= U'\t' && c <= U'\r') || c == 0xA0 || c == 0x2028 || c == 0x2029;
}

std::u32string normal(std::string_view text, bool fold) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) throw std::runtime_error("ICU has no NFC");
  auto unicode = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  if (fold) unicode.foldCase();
  unicode = nfc->normalize(unicode, error);
  if (U_FAILURE(error)) throw std::runtime_error("ICU cannot normalise");
  std::u32string out;
  for (std::int32_t i = 0; i < unicode.length(); i = unicode.moveIndex32(i, 1)) {
    const auto c = static_cast<char32_t>(unicode.char32At(i));
    if (!is_space(c)) {
      out += c;
    } else if (!out.empty() && out.back() != U' ') {
      out += U' ';
    }
  }
  if (!out.empty() && out.back() == U' ') out.pop_back();
  return out;
}

std::vector<std::u32string> words_of(const std::u32string& text) {
  std::vector<std::u32string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(U' ', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

enum class Move : std::uint8_t { both, truth, reading };

// Levenshtein; tells each pair of the cheapest alignment, none = -1. Diagonal moves come first, so
// that what is alike is paired.
template <typename Sequence, typename Pair>
int align(const Sequence& truth, const Sequence& reading, Pair&& pair) {
  const std::size_t rows = truth.size() + 1;
  const std::size_t columns = reading.size() + 1;
  std::vector<Move> moves(rows * columns);
  std::vector<int> before(columns);
  std::vector<int> now(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    before[c] = static_cast<int>(c);
    moves[c] = Move::reading;
  }
  for (std::size_t r = 1; r < rows; ++r) {
    now[0] = static_cast<int>(r);
    auto* const row = &moves[r * columns];
    row[0] = Move::truth;
    for (std::size_t c = 1; c < columns; ++c) {
      const int both = before[c - 1] + (truth[r - 1] == reading[c - 1] ? 0 : 1);
      const int left_out = before[c] + 1;
      const int put_in = now[c - 1] + 1;
      const int least = std::min({both, left_out, put_in});
      now[c] = least;
      row[c] = both == least ? Move::both : left_out == least ? Move::truth : Move::reading;
    }
    std::swap(before, now);
  }
  if constexpr (!std::is_same_v<std::remove_cvref_t<Pair>, std::nullptr_t>) {
    for (std::size_t r = rows - 1, c = columns - 1; r > 0 || c > 0;) {
      const Move move = moves[r * columns + c];
      if (move != Move::reading) --r;
      if (move != Move::truth) --c;
      pair(move == Move::reading ? -1 : static_cast<std::ptrdiff_t>(r),
           move == Move::truth ? -1 : static_cast<std::ptrdiff_t>(c));
    }
  }
  return before[columns - 1];
}

}  // namespace

Score score(std::string_view truth, std::string_view reading, std::u32string_view watch,
            bool fold) {
  Score out;
  const auto t = normal(truth, fold);
  const auto r = normal(reading, fold);
  out.characters = static_cast<int>(t.size());
  out.watched.resize(watch.size());
  out.character_errors = align(t, r, [&](std::ptrdiff_t in_truth, std::ptrdiff_t in_reading) {
    const char32_t is = in_truth < 0 ? U'\0' : t[static_cast<std::size_t>(in_truth)];
    const char32_t was = in_reading < 0 ? U'\0' : r[static_cast<std::size_t>(in_reading)];
    for (std::size_t i = 0; i < watch.size(); ++i) {
      if (is == watch[i]) ++out.watched[i].there;
      if (is == watch[i] && was == watch[i]) ++out.watched[i].right;
      if (is != watch[i] && was == watch[i]) ++out.watched[i].invented;
    }
  });
  const auto true_words = words_of(t);
  const auto read_words = words_of(r);
  out.words = static_cast<int>(true_words.size());
  out.read_words = static_cast<int>(read_words.size());
  out.word_errors = align(true_words, read_words, nullptr);
  std::map<std::u32string, int> bag;
  for (const auto& word : true_words) ++bag[word];
  for (const auto& word : read_words) {
    const auto found = bag.find(word);
    if (found != bag.end() && found->second-- > 0) ++out.common_words;
  }
  return out;
}

double bag_f1(const Score& score) {
  const int both = score.words + score.read_words;
  return both == 0 ? 1 : 2.0 * score.common_words / both;
}

}  // namespace alih::bench
