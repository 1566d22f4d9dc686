#include "indexer/snippet.h"

#include <algorithm>

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

Shown show_page(const TextLayer& text, const std::set<std::uint32_t>& positions,
                const std::set<std::string>& terms, int words) {
  Shown out;
  const auto placed = words_of(text);
  std::set<std::size_t> lit;  // indexes of words
  for (const auto& token : analyze(text)) {
    if (!positions.contains(token.position) || !terms.contains(token.term)) continue;
    for (auto w = token.first_word; w <= token.last_word && w < placed.size(); ++w) lit.insert(w);
  }
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

std::string show_values(const std::vector<std::string>& values,
                        const std::set<std::string>& terms) {
  std::string out;
  for (const auto& value : values) {
    std::string marked;
    bool any = false;
    std::size_t start = 0;
    while (start <= value.size()) {
      const auto end = std::min(value.find(' ', start), value.size());
      const auto word = std::string_view(value).substr(start, end - start);
      auto parts = parts_of(word);
      if (auto joined = joined_form(word); !joined.empty()) parts.push_back(std::move(joined));
      const bool hit = std::any_of(parts.begin(), parts.end(),
                                   [&](const std::string& p) { return terms.contains(p); });
      if (start > 0) marked += ' ';
      marked += hit ? "<mark>" + escape_html(word) + "</mark>" : escape_html(word);
      any = any || hit;
      start = end + 1;
    }
    if (!any) continue;
    if (!out.empty()) out += " · ";
    out += marked;
  }
  return out;
}

}  // namespace alih::indexer
