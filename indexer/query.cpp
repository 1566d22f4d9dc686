#include "indexer/query.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "indexer/analyzer.h"

namespace alih::indexer {
namespace {

constexpr std::size_t kMostLeaves = 32;
constexpr std::size_t kLongestQuery = 2000;  // bytes
constexpr std::size_t kMostWidened = 8;      // words with * or ~: each stands for many
constexpr std::size_t kShortestPrefix = 2;   // letters before the star

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Query> parse() {
    if (text_.size() > kLongestQuery) return bad(1, "terlalu panjang", "it is too long");
    query_.groups.emplace_back();
    bool after_or = false;
    std::size_t or_at = 0;
    for (;;) {
      skip_space();
      if (at_end()) break;
      const auto start = at_;
      if (take_or()) {
        if (query_.groups.back().empty() || after_or) {
          return bad(start + 1, "OR harus diapit dua kata", "OR must stand between two words");
        }
        query_.groups.emplace_back();
        after_or = true;
        or_at = start;
        continue;
      }
      const auto before = query_.groups.back().size();
      ALIH_CHECK(unary());
      if (query_.groups.back().size() > before) after_or = false;
      if (++leaves_ > kMostLeaves) {
        return bad(start + 1, "paling banyak 32 kata", "at most 32 words are allowed");
      }
    }
    if (after_or)
      return bad(or_at + 1, "OR harus diapit dua kata", "OR must stand between two words");
    const bool filters = !query_.series.empty() || query_.year_from || query_.year_to;
    for (const auto& group : query_.groups) {
      const bool positive =
          std::any_of(group.begin(), group.end(), [](const Leaf& l) { return !l.excluded; });
      if (!positive && !(filters && query_.groups.size() == 1)) {
        return bad(1, "harus ada kata yang dicari", "there must be a word to look for");
      }
    }
    return std::move(query_);
  }

 private:
  static tl::unexpected<Error> bad(std::size_t place, std::string_view id, std::string_view en) {
    Error error{ErrorCode::bad_query,
                {message("Pertanyaan tidak dapat dibaca pada huruf ke-{}: {}", "", {place, id}).id,
                 message("", "The query cannot be read at character {}: {}", {place, en}).en}};
    return fail(std::move(error));
  }

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  void skip_space() {
    while (!at_end() && is_space(text_[at_])) ++at_;
  }
  bool take_or() {
    if (text_.substr(at_, 2) != "OR") return false;
    if (at_ + 2 < text_.size() && !is_space(text_[at_ + 2])) return false;
    at_ += 2;
    return true;
  }

  Status unary() {
    Leaf leaf;
    if (text_[at_] == '-' && at_ + 1 < text_.size() && !is_space(text_[at_ + 1])) {
      leaf.excluded = true;
      ++at_;
    }
    if (text_[at_] != '"') take_field(leaf);
    if (!at_end() && text_[at_] == '"') return phrase(std::move(leaf));
    return word(std::move(leaf));
  }

  // `title:` and the like in front of a word; anything else before a colon is text.
  void take_field(Leaf& leaf) {
    const auto colon = text_.find(':', at_);
    if (colon == std::string_view::npos) return;
    const auto name = lower(text_.substr(at_, colon - at_));
    constexpr std::array<std::string_view, 6> known{"title", "creator", "series",
                                                    "year",  "no",      "type"};
    if (std::find(known.begin(), known.end(), name) == known.end()) return;
    if (colon + 1 >= text_.size() || is_space(text_[colon + 1])) return;
    leaf.field = name;
    at_ = colon + 1;
  }

  Status phrase(Leaf leaf) {
    const auto start = at_;
    const auto close = text_.find('"', at_ + 1);
    if (close == std::string_view::npos) {
      return bad(start + 1, "tanda kutip tidak ditutup", "the quotation mark is not closed");
    }
    leaf.kind = Leaf::Kind::phrase;
    leaf.text = text_.substr(at_ + 1, close - at_ - 1);
    leaf.at = at_ + 1;
    at_ = close + 1;
    return add(std::move(leaf), start);
  }

  Status word(Leaf leaf) {
    const auto start = at_;
    while (!at_end() && !is_space(text_[at_]) && text_[at_] != '"') ++at_;
    leaf.text = text_.substr(start, at_ - start);
    leaf.at = start;
    if (leaf.text.size() > 1 && leaf.text.ends_with('*')) {
      leaf.kind = Leaf::Kind::prefix;
      leaf.text.pop_back();
      if (leaf.text.size() < kShortestPrefix) {
        return bad(start + 1, "tulis sedikitnya dua huruf sebelum *",
                   "write at least two letters before *");
      }
    } else if (leaf.text.size() > 1 && leaf.text.ends_with('~')) {
      leaf.kind = Leaf::Kind::fuzzy;
      leaf.text.pop_back();
    }
    return add(std::move(leaf), start);
  }

  Status add(Leaf leaf, std::size_t start) {
    if (leaf.field == "series") {
      query_.series.push_back(leaf.text);
      return {};
    }
    if (leaf.field == "year") {
      if (auto done = parse_years(leaf.text, query_.year_from, query_.year_to); !done) {
        return bad(start + 1, "tahun ditulis 1936 atau 1936..1942",
                   "a year is written 1936 or 1936..1942");
      }
      return {};
    }
    if (leaf.kind == Leaf::Kind::prefix || leaf.kind == Leaf::Kind::fuzzy) {
      if (++widened_ > kMostWidened) {
        return bad(start + 1, "paling banyak 8 kata dengan * atau ~",
                   "at most 8 words with * or ~ are allowed");
      }
    }
    if (parts_of(leaf.text).empty()) return {};  // only punctuation: nothing to look for
    query_.groups.back().push_back(std::move(leaf));
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t leaves_ = 0;
  std::size_t widened_ = 0;
  Query query_;
};

std::optional<int> year_of(std::string_view text) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < 0 ||
      value > 9999) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

Result<Query> parse_query(std::string_view text) { return Parser(text).parse(); }

Status parse_years(std::string_view text, std::optional<int>& from, std::optional<int>& to) {
  const auto dots = text.find("..");
  const auto first = dots == std::string_view::npos ? text : text.substr(0, dots);
  const auto last = dots == std::string_view::npos ? text : text.substr(dots + 2);
  const auto bad = [&] {
    return fail(ErrorCode::bad_query, "Tahun ditulis 1936 atau 1936..1942, bukan \"{}\"",
                "A year is written 1936 or 1936..1942, not \"{}\"", {text});
  };
  if (first.empty() && last.empty()) return bad();
  std::optional<int> low;
  std::optional<int> high;
  if (!first.empty() && !(low = year_of(first))) return bad();
  if (!last.empty() && !(high = year_of(last))) return bad();
  if (low && high && *low > *high) return bad();
  from = low;
  to = high;
  return {};
}

}  // namespace alih::indexer
