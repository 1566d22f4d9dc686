#include "core/correction.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/edit_distance.h"
#include "core/hyphenation.h"
#include "core/utf8.h"

namespace alih {
namespace {

// A word of the reading, with where it stands.
struct Old {
  const Word* word;
  int line;  // counted over the page
  int block;
};
// A word of the corrected text.
struct New {
  std::string text;
  int line;
  bool after_gap;  // an empty line stands before its line
};

// Words that belong together: `read` words of the reading, `written` ones of the text.
struct Step {
  int read;
  int written;
};

// Only well-formed UTF-8 goes on, and no control characters.
std::string clean(std::string_view raw) {
  std::string out;
  while (!raw.empty()) {
    char32_t code = 0;
    const auto size = utf8_character(raw, code);
    constexpr char32_t kFirstPrinted = 0x20;
    if (size == 0) {
      out += kReplacement;
    } else if (code >= kFirstPrinted && code != 0x7F) {
      out += raw.substr(0, size);
    }
    raw.remove_prefix(size > 0 ? size : 1);
  }
  return out;
}

std::vector<New> words_of(std::string_view text) {
  std::vector<New> out;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  int line = 0;
  bool empty_before = false;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\n\f"), text.size());
    auto row = text.substr(0, end);
    bool any = false;
    while (!row.empty()) {
      const auto from = row.find_first_not_of(" \t\r");
      if (from == std::string_view::npos) break;
      row.remove_prefix(from);
      const auto to = std::min(row.find_first_of(" \t\r"), row.size());
      if (auto word = clean(row.substr(0, to)); !word.empty()) {
        out.push_back({std::move(word), line, empty_before});
        any = true;
      }
      row.remove_prefix(to);
    }
    if (any) empty_before = false;
    if (!any && !out.empty()) empty_before = true;
    ++line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

class Aligner {
 public:
  Aligner(const std::vector<Old>& read, const std::vector<New>& written)
      : read_(read), written_(written) {}

  std::vector<Step> run() {
    part(0, read_.size(), 0, written_.size());
    return std::move(steps_);
  }

 private:
  [[nodiscard]] const std::string& old_text(std::size_t i) const { return read_[i].word->text; }

  // How far two words are apart, 0 to 1. Those that have nothing to do with each other are a little
  // nearer than one word gone and another one come: what stands in a word's place has its box.
  static double apart(std::string_view a, std::string_view b) {
    if (a == b) return 0;
    const auto longest = static_cast<double>(std::max(a.size(), b.size()));
    constexpr double kMost = 0.67;
    const int limit = static_cast<int>(longest * kMost);
    constexpr double kNothing = 1.1;
    const int distance = edit_distance(a, b, limit);
    return distance > limit ? kNothing : distance / longest;
  }

  // Words read as one, or one as two, are nearly the same letters.
  static double merged(const std::string& a, const std::string& b) {
    constexpr double kMerge = 0.25;
    constexpr double kMost = 0.4;
    constexpr double kNever = 1e6;
    const double distance = apart(a, b);
    return distance <= kMost ? kMerge + distance : kNever;
  }

  // The halves of a word over a line's end, written whole.
  [[nodiscard]] bool whole(std::size_t i, std::size_t j) const {
    const auto& a = *read_[i].word;
    const auto& b = *read_[i + 1].word;
    return a.half == Half::first && b.half == Half::second && whole_word(a, b) == written_[j].text;
  }

  void part(std::size_t a, std::size_t a_end, std::size_t b, std::size_t b_end) {
    while (a < a_end && b < b_end && old_text(a) == written_[b].text) {
      steps_.push_back({1, 1});
      ++a;
      ++b;
    }
    std::size_t tail = 0;
    while (a < a_end && b < b_end && old_text(a_end - 1) == written_[b_end - 1].text) {
      --a_end;
      --b_end;
      ++tail;
    }
    between(a, a_end, b, b_end);
    steps_.insert(steps_.end(), tail, Step{1, 1});
  }

  void between(std::size_t a, std::size_t a_end, std::size_t b, std::size_t b_end) {
    constexpr std::size_t kMostCells = 250'000;
    if (a == a_end || b == b_end) {
      steps_.insert(steps_.end(), a_end - a, Step{1, 0});
      steps_.insert(steps_.end(), b_end - b, Step{0, 1});
      return;
    }
    if ((a_end - a) * (b_end - b) <= kMostCells) return table(a, a_end, b, b_end);
    // Large: words that both have once hold the rest in place (patience), those in order at least.
    const auto anchors = unique_pairs(a, a_end, b, b_end);
    if (anchors.empty()) {
      // Nothing to hold on to: halves against halves.
      const auto a_mid = a + (a_end - a) / 2;
      const auto b_mid = b + (b_end - b) / 2;
      part(a, a_mid, b, b_mid);
      return part(a_mid, a_end, b_mid, b_end);
    }
    for (const auto& [i, j] : anchors) {
      part(a, i, b, j);
      steps_.push_back({1, 1});
      a = i + 1;
      b = j + 1;
    }
    part(a, a_end, b, b_end);
  }

  [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> unique_pairs(
      std::size_t a, std::size_t a_end, std::size_t b, std::size_t b_end) const {
    struct Seen {
      int read = 0;
      int written = 0;
      std::size_t at = 0;
    };
    std::map<std::string_view, Seen> seen;
    for (auto i = a; i < a_end; ++i) {
      auto& s = seen[old_text(i)];
      ++s.read;
      s.at = i;
    }
    for (auto j = b; j < b_end; ++j) ++seen[written_[j].text].written;
    // The longest run of pairs in which both sides go up.
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (auto j = b; j < b_end; ++j) {
      const auto& s = seen[written_[j].text];
      if (s.read == 1 && s.written == 1) pairs.emplace_back(s.at, j);
    }
    std::vector<std::size_t> ends;  // of the best run of each length, its last pair
    std::vector<std::ptrdiff_t> before(pairs.size(), -1);
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      const auto place = std::lower_bound(
          ends.begin(), ends.end(), pairs[p].first,
          [&](std::size_t end, std::size_t value) { return pairs[end].first < value; });
      if (place != ends.begin()) before[p] = static_cast<std::ptrdiff_t>(*(place - 1));
      if (place == ends.end()) {
        ends.push_back(p);
      } else {
        *place = p;
      }
    }
    std::vector<std::pair<std::size_t, std::size_t>> out;
    for (std::ptrdiff_t p = ends.empty() ? -1 : static_cast<std::ptrdiff_t>(ends.back()); p >= 0;
         p = before[static_cast<std::size_t>(p)]) {
      out.push_back(pairs[static_cast<std::size_t>(p)]);
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

  // Needleman-Wunsch over words, with two read as one and one read as two.
  void table(std::size_t a, std::size_t a_end, std::size_t b, std::size_t b_end) {
    const auto rows = a_end - a + 1;
    const auto columns = b_end - b + 1;
    constexpr double kGap = 0.6;  // a word more or less
    std::vector<double> cost(rows * columns, 1e9);
    std::vector<Step> how(rows * columns, Step{0, 0});
    cost[0] = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        auto& best = cost[i * columns + j];
        const auto take = [&](Step step, double price) {
          const auto from = (i - static_cast<std::size_t>(step.read)) * columns + j -
                            static_cast<std::size_t>(step.written);
          if (cost[from] + price >= best) return;
          best = cost[from] + price;
          how[i * columns + j] = step;
        };
        if (i > 0 && j > 0) {
          take({1, 1}, apart(old_text(a + i - 1), written_[b + j - 1].text));
        }
        if (i > 0) take({1, 0}, kGap);
        if (j > 0) take({0, 1}, kGap);
        if (i > 1 && j > 0) {
          const auto first = a + i - 2;
          if (whole(first, b + j - 1)) {
            take({2, 1}, 0);
          } else if (read_[first].line == read_[first + 1].line) {
            take({2, 1}, merged(old_text(first) + old_text(first + 1), written_[b + j - 1].text));
          }
        }
        if (i > 0 && j > 1 && written_[b + j - 2].line == written_[b + j - 1].line) {
          take({1, 2},
               merged(old_text(a + i - 1), written_[b + j - 2].text + written_[b + j - 1].text));
        }
      }
    }
    std::vector<Step> back;
    for (std::size_t i = rows - 1, j = columns - 1; i > 0 || j > 0;) {
      const auto step = how[i * columns + j];
      back.push_back(step);
      i -= static_cast<std::size_t>(step.read);
      j -= static_cast<std::size_t>(step.written);
    }
    steps_.insert(steps_.end(), back.rbegin(), back.rend());
  }

  const std::vector<Old>& read_;
  const std::vector<New>& written_;
  std::vector<Step> steps_;
};

Box around(const Box& a, const Box& b) {
  const int left = std::min(a.x, b.x);
  const int top = std::min(a.y, b.y);
  return {left, top, std::max(a.x + a.width, b.x + b.width) - left,
          std::max(a.y + a.height, b.y + b.height) - top};
}

int letters(std::string_view text) {
  int n = 0;
  while (!text.empty()) {
    char32_t code = 0;
    text.remove_prefix(std::max<std::size_t>(1, utf8_character(text, code)));
    ++n;
  }
  return std::max(1, n);
}

// A word on its way to the new layer.
struct Placed {
  Word word;
  int line = 0;  // of the text
  bool after_gap = false;
  const Old* place = nullptr;  // whose line it stands in; none = not known yet
  bool boxed = false;
};

// Boxes for the words from `from` to `to` between x positions, in shares of their lengths, each a
// pixel at least.
void spread(std::vector<Placed>& words, std::size_t from, std::size_t to, const Box& room) {
  int total = -1;
  for (auto i = from; i < to; ++i) total += letters(words[i].word.text) + 1;
  const double step = static_cast<double>(room.width) / std::max(1, total);
  double x = room.x;
  for (auto i = from; i < to; ++i) {
    const double width = letters(words[i].word.text) * step;
    const int left = static_cast<int>(std::lround(x));
    words[i].word.box = {left, room.y, std::max(1, static_cast<int>(std::lround(x + width)) - left),
                         room.height};
    words[i].boxed = true;
    x += width + step;
  }
}

}  // namespace

Correction corrected(const TextLayer& read, std::string_view text) {
  std::vector<Old> old;
  std::vector<const Line*> old_lines;
  int block_no = 0;
  for (const auto& block : read.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& word : line.words) {
        old.push_back({&word, static_cast<int>(old_lines.size()), block_no});
      }
      old_lines.push_back(&line);
    }
    ++block_no;
  }
  const auto written = words_of(text);
  Correction out;
  out.text.width = read.width;
  out.text.height = read.height;

  // 1. Which words are which.
  std::vector<Placed> placed;
  std::size_t i = 0;
  std::size_t j = 0;
  for (const auto& step : Aligner(old, written).run()) {
    const auto add = [&](const std::string& word, std::size_t at, const Old* place) -> Placed& {
      Placed p;
      p.word.text = word;
      p.word.confidence = 1;
      p.word.corrected = true;
      p.line = written[at].line;
      p.after_gap = written[at].after_gap;
      p.place = place;
      placed.push_back(std::move(p));
      return placed.back();
    };
    const auto keep = [&](const Old& one, std::size_t at) {
      auto& p = add(one.word->text, at, &one);
      p.word = *one.word;
      p.boxed = true;
    };
    if (step.read == 1 && step.written == 1) {
      if (old[i].word->text == written[j].text) {
        keep(old[i], j);
      } else {
        auto& p = add(written[j].text, j, &old[i]);
        p.word.box = old[i].word->box;
        p.boxed = true;
        ++out.changed;
      }
    } else if (step.read == 2) {
      if (old[i].line != old[i + 1].line) {  // halves, written whole
        keep(old[i], j);
        keep(old[i + 1], j);
        // Its line goes on with the next word.
        if (j + 1 < written.size()) placed.back().line = written[j + 1].line;
      } else {
        auto& p = add(written[j].text, j, &old[i]);
        p.word.box = around(old[i].word->box, old[i + 1].word->box);
        p.boxed = true;
        ++out.changed;
      }
    } else if (step.written == 2) {
      add(written[j].text, j, &old[i]);
      add(written[j + 1].text, j + 1, &old[i]);
      spread(placed, placed.size() - 2, placed.size(), old[i].word->box);
      out.changed += 2;
    } else if (step.written == 1) {
      add(written[j].text, j, nullptr);
      ++out.changed;
    } else {
      ++out.removed;
    }
    i += static_cast<std::size_t>(step.read);
    j += static_cast<std::size_t>(step.written);
  }
  out.words = static_cast<int>(placed.size());

  // 2. A new word stands in the line of its neighbour in the same line of the text.
  const auto same_line = [&](std::size_t a, std::size_t b) {
    return placed[a].line == placed[b].line;
  };
  for (std::size_t p = 1; p < placed.size(); ++p) {
    if (placed[p].place == nullptr && same_line(p, p - 1)) placed[p].place = placed[p - 1].place;
  }
  for (std::size_t p = placed.size(); p-- > 1;) {
    if (placed[p - 1].place == nullptr && same_line(p, p - 1)) {
      placed[p - 1].place = placed[p].place;
    }
  }

  // 3. Lines: those of the text, cut where the print goes on in another line.
  struct Row {
    std::size_t from;
    std::size_t to;
    int old_line = -1;  // -1 = a line that was not read
    int block = -1;
    bool after_gap = false;
  };
  std::vector<Row> rows;
  for (std::size_t p = 0; p < placed.size(); ++p) {
    const int line = placed[p].place == nullptr ? -1 : placed[p].place->line;
    if (p == 0 || !same_line(p, p - 1) || rows.back().old_line != line) {
      const bool first_of_line = p == 0 || !same_line(p, p - 1);
      rows.push_back({p, p, line, placed[p].place == nullptr ? -1 : placed[p].place->block,
                      first_of_line && placed[p].after_gap});
    }
    rows.back().to = p + 1;
  }

  // 4. Boxes for words without one. Height of the page's lines, for lines that were not read.
  int usual_height = std::max(1, read.height / 60);
  if (!old.empty()) {
    std::vector<int> heights;
    for (const auto& one : old) heights.push_back(one.word->box.height);
    std::nth_element(heights.begin(),
                     heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2),
                     heights.end());
    usual_height = std::max(1, heights[heights.size() / 2]);
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto& row = rows[r];
    if (row.old_line < 0) {
      // All lines without a place that follow each other share the white between their neighbours.
      std::size_t last = r;
      while (last + 1 < rows.size() && rows[last + 1].old_line < 0) ++last;
      const auto line_of = [&](const Row& other) {
        return &old_lines[static_cast<std::size_t>(other.old_line)]->box;
      };
      const auto* above = r > 0 ? line_of(rows[r - 1]) : nullptr;
      const auto* below = last + 1 < rows.size() ? line_of(rows[last + 1]) : nullptr;
      const int count = static_cast<int>(last - r) + 1;
      const int top = above != nullptr ? above->y + above->height : 0;
      int bottom = below != nullptr ? below->y : read.height;
      if (bottom <= top) bottom = top + usual_height * count;  // the next column
      const Box line_box = above != nullptr   ? *above
                           : below != nullptr ? *below
                                              : Box{read.width / 10, 0, read.width * 8 / 10, 0};
      for (int n = 0; n < count; ++n) {
        const int share = (bottom - top) / count;
        const int height = std::clamp(share, 1, usual_height);
        const int y = std::clamp(top + share * n + (share - height) / 2, 0,
                                 std::max(0, read.height - height));
        auto& new_row = rows[r + static_cast<std::size_t>(n)];
        int total = 0;
        for (auto p = new_row.from; p < new_row.to; ++p) total += letters(placed[p].word.text) + 1;
        const int width = std::clamp(total * usual_height / 2, 1, std::max(1, line_box.width));
        spread(placed, new_row.from, new_row.to, {line_box.x, y, width, height});
      }
      r = last;
      continue;
    }
    const auto& line = *old_lines[static_cast<std::size_t>(row.old_line)];
    for (auto p = row.from; p < row.to; ++p) {
      if (placed[p].boxed) continue;
      auto end = p;
      int total = 1;
      for (; end < row.to && !placed[end].boxed; ++end) total += letters(placed[end].word.text) + 1;
      const auto* left = p > row.from ? &placed[p - 1].word.box : nullptr;
      const auto* right = end < row.to ? &placed[end].word.box : nullptr;
      const auto& beside = left != nullptr ? *left : right != nullptr ? *right : line.box;
      const int wanted = std::max(1, total * beside.height / 2);
      int from = left != nullptr ? left->x + left->width + 1 : 0;
      int to = right != nullptr ? right->x - 1 : read.width;
      // At an end of the line as much as the letters need, where the page has it.
      if (right == nullptr) to = std::min(to, from + wanted);
      if (left == nullptr) from = std::max(from, to - wanted);
      spread(placed, p, end,
             {std::clamp(from, 0, std::max(0, read.width - 1)), beside.y, std::max(1, to - from),
              beside.height});
      p = end - 1;
    }
  }

  // 5. The layer.
  int last_block = -2;
  for (const auto& row : rows) {
    if (out.text.blocks.empty() || row.after_gap || (row.block >= 0 && row.block != last_block)) {
      out.text.blocks.emplace_back();
    }
    if (row.block >= 0) last_block = row.block;
    Line line;
    for (auto p = row.from; p < row.to; ++p) {
      auto& word = placed[p].word;
      word.box = mapped({}, word.box, std::max(1, read.width), std::max(1, read.height));
      line.box = p == row.from ? word.box : around(line.box, word.box);
      line.words.push_back(std::move(word));
    }
    if (row.old_line >= 0)
      line.baseline = old_lines[static_cast<std::size_t>(row.old_line)]->baseline;
    auto& block = out.text.blocks.back();
    block.box = block.lines.empty() ? line.box : around(block.box, line.box);
    block.lines.push_back(std::move(line));
  }
  mark_halves(out.text);
  return out;
}

}  // namespace alih
