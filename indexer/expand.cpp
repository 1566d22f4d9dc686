#include "indexer/expand.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace alih::indexer {
namespace {

constexpr std::size_t kMostScanned = 20000;  // terms of a segment that a prefix looks at

// What is read for what on worn, typed and old print, both ways: docs/formats/search_language.md
// says where it comes from. Cheap ones cost 0.3 of an edit.
constexpr std::array<std::pair<std::string_view, std::string_view>, 40> kConfusions{{
    {"rn", "m"},  {"cl", "d"},  {"li", "h"},  {"ii", "u"},  {"ii", "n"},  {"vv", "w"},
    {"oe", "ce"}, {"oe", "oc"}, {"oe", "ee"}, {"tj", "ij"}, {"tj", "ti"}, {"dj", "di"},
    {"dj", "aj"}, {"nj", "uj"}, {"nj", "ni"}, {"in", "m"},  {"ni", "m"},  {"fi", "h"},
    {"l", "1"},   {"l", "i"},   {"i", "1"},   {"o", "0"},   {"s", "5"},   {"b", "8"},
    {"g", "9"},   {"z", "2"},   {"c", "e"},   {"a", "o"},   {"u", "n"},   {"h", "b"},
    {"i", "j"},   {"t", "l"},   {"t", "f"},   {"f", "s"},   {"q", "g"},   {"e", "o"},
    {"a", "e"},   {"v", "y"},   {"k", "h"},   {"d", "j"},
}};
constexpr double kCheap = 0.3;

std::uint64_t sum_of(const std::vector<TermList>& lists) {
  std::uint64_t n = 0;
  for (const auto& list : lists) n += list.documents;
  return n;
}

}  // namespace

std::uint64_t documents_of(const PlanTerm& term) { return sum_of(term.lists); }

Result<Expansion> expand_prefix(const IndexView& view, std::span<const Field> fields,
                                std::string_view prefix, std::size_t most) {
  Expansion out;
  const auto& segments = view.segments();
  for (const auto field : fields) {
    std::map<std::string, std::vector<TermList>, std::less<>> found;
    for (std::size_t s = 0; s < segments.size(); ++s) {
      std::size_t scanned = 0;
      ALIH_CHECK(segments[s].segment->each_term(
          field, prefix, [&](std::string_view term, const TermList& list) {
            if (++scanned > kMostScanned) {
              out.cut = true;
              return false;
            }
            auto at = found.find(term);
            if (at == found.end()) {
              at = found.emplace(term, std::vector<TermList>(segments.size())).first;
            }
            at->second[s] = list;
            return true;
          }));
    }
    for (auto& [term, lists] : found) out.terms.push_back({field, term, false, std::move(lists)});
  }
  if (out.terms.size() <= most) return out;
  out.cut = true;
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t i = 0; i < out.terms.size(); ++i) {
    order.emplace_back(documents_of(out.terms[i]), i);
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  order.resize(most);
  std::vector<PlanTerm> kept;
  for (const auto& [documents, i] : order) kept.push_back(std::move(out.terms[i]));
  out.terms = std::move(kept);
  return out;
}

double reading_distance(std::string_view a, std::string_view b) {
  constexpr std::size_t kLongest = 48;
  // Letter for letter in a table, pairs in a short list: this is asked of hundreds of words.
  static const auto letters = [] {
    std::array<std::array<bool, 256>, 256> table{};
    for (const auto& [x, y] : kConfusions) {
      if (x.size() != 1 || y.size() != 1) continue;
      const auto i = static_cast<unsigned char>(x[0]);
      const auto j = static_cast<unsigned char>(y[0]);
      table[i][j] = table[j][i] = true;
    }
    return table;
  }();
  a = a.substr(0, kLongest);
  b = b.substr(0, kLongest);
  std::array<std::array<float, kLongest + 1>, kLongest + 1> d{};
  constexpr auto kLow = static_cast<float>(kCheap);
  const auto ends = [](std::string_view text, std::size_t at, std::string_view with) {
    return at >= with.size() && text.substr(at - with.size(), with.size()) == with;
  };
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<float>(i + j);
        continue;
      }
      const char x = a[i - 1];
      const char y = b[j - 1];
      const bool alike = letters[static_cast<unsigned char>(x)][static_cast<unsigned char>(y)];
      float best = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1,
                             d[i - 1][j - 1] + (x == y  ? 0
                                                : alike ? kLow
                                                        : 1)});
      if (best > 0) {
        for (const auto& [p, q] : kConfusions) {
          if (p.size() == 1) break;  // pairs come first
          if (p.back() == x && ends(a, i, p) && ends(b, j, q)) {
            best = std::min(best, d[i - p.size()][j - q.size()] + kLow);
          }
          if (q.back() == x && ends(a, i, q) && ends(b, j, p)) {
            best = std::min(best, d[i - q.size()][j - p.size()] + kLow);
          }
        }
      }
      d[i][j] = best;
    }
  }
  return static_cast<double>(d[a.size()][b.size()]);
}

std::vector<std::string> misreadings(std::string_view word, bool letters) {
  constexpr std::size_t kMost = 128;
  std::set<std::string> out;
  const auto replace = [&](std::string_view from, std::string_view to) {
    for (auto at = word.find(from); at != std::string_view::npos; at = word.find(from, at + 1)) {
      if (out.size() >= kMost) return;
      out.insert(std::string(word.substr(0, at)).append(to).append(word.substr(at + from.size())));
    }
  };
  for (const auto& [a, b] : kConfusions) {
    if (!letters && a.size() == 1 && b.size() == 1) continue;
    replace(a, b);
    replace(b, a);
  }
  return {out.begin(), out.end()};
}

Result<Expansion> expand_fuzzy(const IndexView& view, std::span<const Field> fields,
                               std::string_view word, int edits, std::size_t most) {
  Expansion out;
  const auto& segments = view.segments();
  std::set<std::string, std::less<>> candidates;
  for (const auto& s : segments) {
    ALIH_TRY(const auto vocabulary, s.segment->vocabulary());
    vocabulary->near(word, edits, [&](std::string_view term, int) {
      if (!candidates.contains(term)) candidates.emplace(term);
    });
  }
  if (edits > 0) {
    for (auto& form : misreadings(word, false)) candidates.insert(std::move(form));
  }
  struct Candidate {
    double distance = 0;
    std::string_view term;
  };
  std::vector<Candidate> order;
  for (const auto& term : candidates) order.push_back({reading_distance(word, term), term});
  std::sort(order.begin(), order.end(), [](const Candidate& a, const Candidate& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.term < b.term;
  });
  // Their lists are looked up for the likely ones only.
  constexpr std::size_t kMostLooked = 400;
  if (order.size() > kMostLooked) {
    order.resize(kMostLooked);
    out.cut = true;
  }
  struct Found {
    double distance = 0;
    std::uint64_t documents = 0;
    std::vector<PlanTerm> terms;  // one a field
  };
  std::vector<Found> found;
  for (const auto& [distance, term] : order) {
    Found one{distance, 0, {}};
    for (const auto field : fields) {
      PlanTerm plan{field, std::string(term), false, {}};
      for (const auto& s : segments) {
        ALIH_TRY(auto list, s.segment->find(field, term));
        plan.lists.push_back(std::move(list));
      }
      const auto documents = documents_of(plan);
      if (documents == 0) continue;
      one.documents += documents;
      one.terms.push_back(std::move(plan));
    }
    if (one.documents > 0) found.push_back(std::move(one));
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.documents > b.documents;
  });
  if (found.size() > most) {
    found.resize(most);
    out.cut = true;
  }
  for (auto& f : found) {
    for (auto& term : f.terms) out.terms.push_back(std::move(term));
  }
  return out;
}

}  // namespace alih::indexer
