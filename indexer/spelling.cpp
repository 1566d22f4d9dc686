#include "indexer/spelling.h"

#include <algorithm>
#include <array>
#include <utility>

namespace alih::indexer {
namespace {

using Rule = std::pair<std::string_view, std::string_view>;

// Longest and most telling first: ndj is n + dj, never nj; sdj is s + dj (mesdjid).
constexpr std::array<Rule, 7> kToModern{{
    {"dj", "j"},
    {"tj", "c"},
    {"nj", "ny"},
    {"sj", "sy"},
    {"ch", "kh"},
    {"oe", "u"},
    {"j", "y"},
}};
constexpr std::array<Rule, 6> kToSoewandi{{
    {"ny", "nj"},
    {"sy", "sj"},
    {"kh", "ch"},
    {"j", "dj"},
    {"c", "tj"},
    {"y", "j"},
}};
constexpr std::array<Rule, 7> kToOphuijsen{{
    {"ny", "nj"},
    {"sy", "sj"},
    {"kh", "ch"},
    {"j", "dj"},
    {"c", "tj"},
    {"y", "j"},
    {"u", "oe"},
}};

constexpr std::array<Rule, 8> kToOphuijsenWithAu{{
    {"ny", "nj"},
    {"sy", "sj"},
    {"kh", "ch"},
    {"j", "dj"},
    {"c", "tj"},
    {"y", "j"},
    {"au", "au"},
    {"u", "oe"},
}};

template <std::size_t N>
std::string rewrite(std::string_view term, const std::array<Rule, N>& rules) {
  std::string out;
  for (std::size_t i = 0; i < term.size();) {
    bool changed = false;
    for (const auto& [from, to] : rules) {
      if (term.substr(i).starts_with(from)) {
        out += to;
        i += from.size();
        changed = true;
        break;
      }
    }
    if (!changed) out += term[i++];
  }
  return out;
}

bool has(std::string_view term, std::string_view part) {
  return term.find(part) != std::string_view::npos;
}

bool looks_old(std::string_view term) {
  // "oe" and "nj" and "ch" also stand in modern and foreign words, but a reader who types them may
  // mean the modern word; the page's own words decide in the end.
  return has(term, "oe") || has(term, "tj") || has(term, "dj") || has(term, "nj") ||
         has(term, "sj") || has(term, "ch");
}

bool is_word(std::string_view term) {
  return term.size() >= 2 &&
         std::all_of(term.begin(), term.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::string_view word(Orthography o) {
  switch (o) {
    case Orthography::unknown:
      return "unknown";
    case Orthography::old_spelling:
      return "old";
    case Orthography::modern:
      return "modern";
    case Orthography::mixed:
      return "mixed";
  }
  return "unknown";
}

int evidence_of(std::string_view t) {
  if (t.size() >= 4 && t.back() == '2' && is_word(t.substr(0, t.size() - 1))) return 1;  // anak2
  if (!is_word(t) || t.size() < 3) return 0;
  if (has(t, "oe") || has(t, "tj") || has(t, "dj") || t == "jang") return 1;
  const bool modern = t == "yang" || has(t, "ny") || has(t, "sy") || has(t, "kh") ||
                      (has(t, "y") && !has(t, "j")) ||
                      (has(t, "c") && !has(t, "ch") && !has(t, "ck"));
  return modern ? -1 : 0;
}

Orthography orthography_from(int old_evidence, int modern_evidence) {
  const int all = old_evidence + modern_evidence;
  if (all == 0) return Orthography::unknown;
  const double share = static_cast<double>(old_evidence) / all;
  if (share >= 0.8) return Orthography::old_spelling;
  if (share <= 0.2) return Orthography::modern;
  return Orthography::mixed;
}

Orthography classify(const std::vector<std::string>& terms) {
  int old_evidence = 0;
  int modern_evidence = 0;
  for (const auto& t : terms) {
    const int evidence = evidence_of(t);
    if (evidence > 0) ++old_evidence;
    if (evidence < 0) ++modern_evidence;
  }
  return orthography_from(old_evidence, modern_evidence);
}

std::string to_modern(std::string_view term) { return rewrite(term, kToModern); }

std::vector<Spelling> spellings(std::string_view term) {
  std::vector<Spelling> out{{std::string(term), false}};
  if (!is_word(term)) return out;
  const auto add = [&](std::string form, bool old_only) {
    const bool there =
        std::any_of(out.begin(), out.end(), [&](const Spelling& s) { return s.term == form; });
    if (!there) out.push_back({std::move(form), old_only});
  };
  const auto add_old = [&](std::string_view modern) {
    add(rewrite(modern, kToSoewandi), true);
    add(rewrite(modern, kToOphuijsen), true);
    // au may be one sound, which stayed (poelau), or two (laoet).
    if (has(modern, "au")) add(rewrite(modern, kToOphuijsenWithAu), true);
  };
  if (!looks_old(term)) {
    add_old(term);
    return out;
  }
  const auto modern = to_modern(term);
  add(modern, false);
  add_old(modern);
  // banjir and masjid only look old: they were bandjir and masdjid.
  if (!has(term, "oe") && !has(term, "tj") && !has(term, "dj")) add_old(term);
  return out;
}

}  // namespace alih::indexer
