#include "indexer/snippet.h"

#include <algorithm>
#include <map>

#include "indexer/analyzer.h"
#include "indexer/language.h"
#include "indexer/spelling.h"

namespace alih::indexer {
namespace {

struct Placed {
  const Word* word = nullptr;
  std::size_t line = 0;
  bool alternate = false;
};

std::vector<Placed> words_of(const TextLayer& text) {
  std::vector<Placed> out;
  std::size_t line = 0;
  for (const auto& block : text.blocks) {
    for (const auto& l : block.lines) {
      for (const auto& w : l.words) out.push_back({&w, line, false});
      ++line;
    }
  }
  for (const auto& w : text.alternates) out.push_back({&w, ++line, true});
  return out;
}

Box around(const Box& a, const Box& b) {
  const int left = std::min(a.x, b.x);
  const int top = std::min(a.y, b.y);
  const int right = std::max(a.x + a.width, b.x + b.width);
  const int bottom = std::max(a.y + a.height, b.y + b.height);
  return {left, top, right - left, bottom - top};
}

// Which words of the text are lit, and by which terms.
struct Lit {
  std::set<std::size_t> words;
  std::set<std::string> terms;
};

Lit find_lit(const std::vector<Token>& tokens, const Highlight& highlight, const Stemmer& stemmer) {
  Lit out;
  bool wants_old = false;
  for (const auto& phrase : highlight.phrases) {
    for (const auto& slot : phrase) wants_old = wants_old || !slot.old_terms.empty();
  }
  bool modern = false;
  if (wants_old) {
    std::vector<std::string> terms;
    for (const auto& t : tokens) {
      if (!t.joined) terms.push_back(t.term);
    }
    modern = classify(terms) == Orthography::modern;
  }
  const auto fits = [&](const Token& t, const Highlight::Slot& slot) {
    if (slot.terms.contains(t.term)) return true;
    if (!modern && slot.old_terms.contains(t.term)) return true;
    if (slot.roots.empty()) return false;
    const auto facts = stemmer.facts_of(t.term);
    return slot.roots.contains(facts.root) ||
           (!modern && !facts.old_root.empty() && slot.roots.contains(facts.old_root));
  };
  const auto light = [&](const Token& t) {
    for (auto w = t.first_word; w <= t.last_word; ++w) out.words.insert(w);
    out.terms.insert(t.term);
  };
  std::multimap<std::uint32_t, const Token*> at;  // by position, for phrases
  for (const auto& phrase : highlight.phrases) {
    if (phrase.size() == 1) {
      for (const auto& t : tokens) {
        if (fits(t, phrase[0])) light(t);
      }
      continue;
    }
    if (at.empty()) {
      for (const auto& t : tokens) at.emplace(t.position, &t);
    }
    for (const auto& first : tokens) {
      if (!fits(first, phrase[0])) continue;
      std::vector<const Token*> found{&first};
      for (std::size_t i = 1; i < phrase.size() && found.size() == i; ++i) {
        const auto [from, to] = at.equal_range(first.position + static_cast<std::uint32_t>(i));
        for (auto t = from; t != to; ++t) {
          if (!fits(*t->second, phrase[i])) continue;
          found.push_back(t->second);
          break;
        }
      }
      if (found.size() < phrase.size()) continue;
      for (const auto* t : found) light(*t);
    }
  }
  return out;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Shown show_page(const TextLayer& text, const Highlight& highlight, const Stemmer& stemmer,
                int words) {
  Shown out;
  const auto placed = words_of(text);
  auto found = find_lit(analyze(text), highlight, stemmer);
  auto& lit = found.words;  // indexes of words
  lit.erase(lit.lower_bound(placed.size()), lit.end());
  out.matched.assign(found.terms.begin(), found.terms.end());
  std::size_t before = placed.size();
  for (const auto w : lit) {
    const auto& p = placed[w];
    const bool joins = before + 1 == w && placed[before].line == p.line && !out.boxes.empty();
    if (joins)
      out.boxes.back() = around(out.boxes.back(), p.word->box);
    else
      out.boxes.push_back(p.word->box);
    before = w;
  }
  if (lit.empty()) return out;

  // The window with the most different lit words; the earliest of the best.
  const auto length = static_cast<std::size_t>(std::max(1, words));
  std::size_t main_words = 0;
  while (main_words < placed.size() && !placed[main_words].alternate) ++main_words;
  if (main_words == 0 || *lit.begin() >= main_words) {
    // Only another reading has the word: show it alone.
    for (const auto w : lit) {
      if (!out.snippet.empty()) out.snippet += " … ";
      out.snippet += "<mark>" + escape_html(placed[w].word->text) + "</mark>";
    }
    return out;
  }
  std::size_t best = 0;
  std::size_t most = 0;
  for (const auto w : lit) {
    if (w >= main_words) break;
    const auto count = static_cast<std::size_t>(
        std::distance(lit.lower_bound(w), lit.lower_bound(std::min(w + length, main_words))));
    if (count > most) {
      most = count;
      best = w;
    }
  }
  const std::size_t lead = std::min(best, length / 4);
  const std::size_t from = best - lead;
  const std::size_t to = std::min(main_words, from + length);
  if (from > 0) out.snippet += "… ";
  for (std::size_t w = from; w < to; ++w) {
    if (w > from) out.snippet += ' ';
    const auto shown = escape_html(placed[w].word->text);
    out.snippet += lit.contains(w) ? "<mark>" + shown + "</mark>" : shown;
  }
  if (to < main_words) out.snippet += " …";
  return out;
}

Shown show_values(const std::vector<std::string>& values, const Highlight& highlight,
                  const Stemmer& stemmer) {
  Shown out;
  std::set<std::string> terms;
  for (const auto& value : values) {
    const auto found = find_lit(analyze(value), highlight, stemmer);
    if (found.words.empty()) continue;
    terms.insert(found.terms.begin(), found.terms.end());
    std::string marked;
    std::size_t word = 0;
    // Words as the analyzer counts them: between blanks.
    for (std::size_t start = 0; start < value.size();) {
      const auto end = std::min(value.find_first_of(" \t\r\n\f", start), value.size());
      if (end > start) {
        const auto shown = escape_html(std::string_view(value).substr(start, end - start));
        if (!marked.empty()) marked += ' ';
        marked += found.words.contains(word) ? "<mark>" + shown + "</mark>" : shown;
        ++word;
      }
      start = end + 1;
    }
    if (!out.snippet.empty()) out.snippet += " · ";
    out.snippet += marked;
  }
  out.matched.assign(terms.begin(), terms.end());
  return out;
}

}  // namespace alih::indexer
