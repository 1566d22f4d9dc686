#include "pipeline/read_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "core/hyphenation.h"
#include "indexer/analyzer.h"
#include "pipeline/dirt.h"
#include "pipeline/orientation.h"
#include "pipeline/trial_band.h"
#include "pipeline/worth.h"
#include "processing/column.h"
#include "processing/parts.h"

namespace alih::pipeline {
namespace {

constexpr std::size_t kMostAlternates = 2000;
// Around the band where an image is tried, of the page's height: more than a line.
constexpr int kMarginShare = 60;
constexpr int kAssumedDpi = 300;
// Tesseract takes a picture that says less, or nothing, for one of 70 dpi.
constexpr int kLeastDpi = 70;

bool near(const Box& a, const Box& b) {
  const int margin = std::max(a.height, b.height);
  return a.x < b.x + b.width + margin && b.x < a.x + a.width + margin &&
         a.y < b.y + b.height + margin && b.y < a.y + a.height + margin;
}

// A reading of the page as scanned, in pixels of the images that are read: those of the access
// image, but for a page that bends.
TextLayer mapped(TextLayer text, const processing::Prepared& prepared) {
  text.width = prepared.access.width();
  text.height = prepared.access.height();
  const auto move = [&](Box& box) {
    box = prepared.bend.to_flat(
        alih::mapped(prepared.scanned_to_access, box, text.width, text.height));
  };
  for (auto& block : text.blocks) {
    move(block.box);
    for (auto& line : block.lines) {
      move(line.box);
      if (line.has_baseline()) {
        const auto& m = prepared.scanned_to_access;
        const auto a = m.apply(line.baseline[0], line.baseline[1]);
        const auto b = m.apply(line.baseline[2], line.baseline[3]);
        const auto flat = [&](const auto& p) {
          const int x = static_cast<int>(std::lround(p[0]));
          return std::array{x, static_cast<int>(std::lround(prepared.bend.flat_y(x, p[1])))};
        };
        line.baseline = {flat(a)[0], flat(a)[1], flat(b)[0], flat(b)[1]};
      }
      for (auto& w : line.words) move(w.box);
    }
  }
  return text;
}

// How the image was levelled that is read first.
std::string first_variant(const processing::Prepared& page) {
  for (const auto& f : page.findings) {
    if (f.name == "level") return f.note == "fine" ? "fine8" : "soft8";
  }
  return "soft8";
}

std::vector<Box> boxes_of(const TextLayer& text) {
  std::vector<Box> out;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) out.push_back(w.box);
    }
  }
  return out;
}

Box around(const Box& a, const Box& b) {
  const int left = std::min(a.x, b.x);
  const int top = std::min(a.y, b.y);
  return {left, top, std::max(a.x + a.width, b.x + b.width) - left,
          std::max(a.y + a.height, b.y + b.height) - top};
}

void shift(TextLayer& text, int x, int y) {
  const auto move = [&](Box& box) {
    box.x += x;
    box.y += y;
  };
  for (auto& block : text.blocks) {
    move(block.box);
    for (auto& line : block.lines) {
      move(line.box);
      if (line.has_baseline()) {
        line.baseline[0] += x;
        line.baseline[1] += y;
        line.baseline[2] += x;
        line.baseline[3] += y;
      }
      for (auto& w : line.words) move(w.box);
    }
  }
}

int foot_of(const Line& line) {
  return line.has_baseline() ? line.baseline[1] : line.box.y + line.box.height;
}

// One column was read as one block: where lines stand further apart than others a new one begins.
void split_at_gaps(TextLayer& text) {
  std::vector<Block> out;
  for (auto& block : text.blocks) {
    std::vector<int> steps;
    for (std::size_t i = 1; i < block.lines.size(); ++i) {
      steps.push_back(foot_of(block.lines[i]) - foot_of(block.lines[i - 1]));
    }
    if (steps.empty()) {
      out.push_back(std::move(block));
      continue;
    }
    auto sorted = steps;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    constexpr double kFurther = 1.3;
    for (std::size_t i = 0; i < block.lines.size(); ++i) {
      auto& line = block.lines[i];
      if (i == 0 || steps[i - 1] > kFurther * *middle) out.push_back({line.box, {}});
      out.back().box = around(out.back().box, line.box);
      out.back().lines.push_back(std::move(line));
    }
  }
  text.blocks = std::move(out);
}

// A new block stands after the last one that ends above it in its column, else after the last that
// begins above it.
void insert(TextLayer& text, Block block) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < text.blocks.size(); ++i) {
    const auto& b = text.blocks[i].box;
    const bool column = b.x < block.box.x + block.box.width && block.box.x < b.x + b.width;
    if (column && b.y + b.height / 2 <= block.box.y + block.box.height / 2) at = i + 1;
  }
  if (at == 0) {
    for (std::size_t i = 0; i < text.blocks.size(); ++i) {
      if (text.blocks[i].box.y <= block.box.y) at = i + 1;
    }
  }
  text.blocks.insert(text.blocks.begin() + static_cast<std::ptrdiff_t>(at), std::move(block));
}

int shared(int a, int a_size, int b, int b_size) {
  return std::min(a + a_size, b + b_size) - std::max(a, b);
}

// Puts words into the line that they belong to: at the same height, nearest, and within its block
// or no further than words of a line are. Failing that as a line of its own into the block around
// them.
bool into_block(TextLayer& text, const Line& words) {
  const auto& box = words.box;
  const auto across = [&](const Box& other) {
    return 2 * shared(other.x, other.width, box.x, box.width) >= box.width;
  };
  const int near = box.height * 3 / 2;
  Line* best = nullptr;
  int best_gap = 0;
  for (auto& block : text.blocks) {
    for (auto& line : block.lines) {
      const int height = std::min(line.box.height, box.height);
      if (2 * shared(line.box.y, line.box.height, box.y, box.height) < height) continue;
      const int gap = std::max(0, -shared(line.box.x, line.box.width, box.x, box.width));
      if (!across(block.box) && gap > near) continue;
      if (best != nullptr && gap >= best_gap) continue;
      best = &line;
      best_gap = gap;
    }
  }
  if (best != nullptr) {
    best->words.insert(best->words.end(), words.words.begin(), words.words.end());
    std::stable_sort(best->words.begin(), best->words.end(),
                     [](const Word& a, const Word& b) { return a.box.x < b.box.x; });
    best->box = around(best->box, box);
    return true;
  }
  for (auto& block : text.blocks) {
    if (!across(block.box) || !centre_in(box, block.box)) continue;
    const auto at = std::find_if(block.lines.begin(), block.lines.end(),
                                 [&](const Line& line) { return line.box.y > box.y; });
    block.lines.insert(at, words);
    return true;
  }
  return false;
}

// The lines of a reading of a part that are likely print, not pictures.
constexpr double kSure = 0.75;
constexpr int kLeastLetters = 3;

void add_lines(TextLayer& text, std::vector<Line> lines) {
  std::erase_if(lines, [&](const Line& line) { return into_block(text, line); });
  if (lines.empty()) return;
  Block block{lines.front().box, std::move(lines)};
  for (const auto& line : block.lines) block.box = around(block.box, line.box);
  insert(text, std::move(block));
}

// What was read where ink was left over: words that lie beside those that are there.
void add_unread(TextLayer& text, const TextLayer& read) {
  const auto there = boxes_of(text);
  const auto lies_on = [&](const Word& w) {
    constexpr double kMost = 0.3;  // of the word's picture
    const double most = kMost * w.box.width * w.box.height;
    return std::any_of(there.begin(), there.end(), [&](const Box& b) {
      const int width = shared(b.x, b.width, w.box.x, w.box.width);
      const int height = shared(b.y, b.height, w.box.y, w.box.height);
      return width > 0 && height > 0 && static_cast<double>(width) * height > most;
    });
  };
  std::vector<Line> lines;
  for (const auto& block : read.blocks) {
    for (const auto& line : block.lines) {
      Line left;
      for (const auto& w : line.words) {
        if (lies_on(w)) continue;
        left.box = left.words.empty() ? w.box : around(left.box, w.box);
        left.words.push_back(w);
      }
      if (confidence_of(left) >= kSure && letters_of(left) >= kLeastLetters) {
        lines.push_back(std::move(left));
      }
    }
  }
  add_lines(text, std::move(lines));
}

// What was read of a region takes the place of the words there when it is worth more.
void take_region(TextLayer& text, const Box& region, const TextLayer& read) {
  Block found;
  double worth = 0;
  for (const auto& block : read.blocks) {
    for (const auto& line : block.lines) {
      if (confidence_of(line) < kSure || letters_of(line) < kLeastLetters) continue;
      worth += worth_of(line);
      found.lines.push_back(line);
    }
  }
  if (found.lines.empty()) return;
  if (worth <= worth_within(text, region)) return;
  std::vector<Word> dropped;
  for (auto& block : text.blocks) {
    for (auto& line : block.lines) {
      std::erase_if(line.words, [&](const Word& w) {
        if (!centre_in(w.box, region)) return false;
        dropped.push_back(w);
        return true;
      });
    }
    std::erase_if(block.lines, [](const Line& line) { return line.words.empty(); });
  }
  std::erase_if(text.blocks, [](const Block& block) { return block.lines.empty(); });
  add_lines(text, std::move(found.lines));
  for (auto& w : dropped) text.alternates.push_back(std::move(w));
}

// A part of the page, with its boxes where they lie on the page.
Result<TextLayer> read_part(ocr::Engine& engine, const Image& page, const Box& box, int margin,
                            const ocr::ReadOptions& options, bool invert) {
  ALIH_TRY(auto picture, processing::cut_out(page, box, margin));
  if (invert) picture = processing::inverted(picture);
  ALIH_TRY(auto part, engine.read(picture, options));
  shift(part, std::max(0, box.x - margin), std::max(0, box.y - margin));
  part.width = page.width();
  part.height = page.height();
  return part;
}

// Reads parts of the page again where that may give more; how many.
int read_parts(ocr::Engine& engine, const processing::Prepared& prepared, int dpi,
               double word_below, TextLayer& text, std::vector<TextLayer>& others) {
  int parts = 0;
  const auto& page = prepared.flat;
  const auto read = [&](const Box& box, int margin, bool one_line) -> bool {
    auto part = read_part(engine, page, box, margin, {dpi, false, one_line}, false);
    if (!part) return false;
    ++parts;
    others.push_back(std::move(*part));
    return true;
  };
  // Unsure words, neighbours together. Alone a word is read without its line, more often worse than
  // better (measured): what comes of it is searched, and never the text.
  constexpr double kMostAgain = 0.15;  // of the page's letters, for a bounded price
  const auto most = static_cast<int>(kMostAgain * letters_of(text)) + 100;
  int again = 0;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (std::size_t from = 0; from < line.words.size(); ++from) {
        if (line.words[from].confidence >= word_below) continue;
        Line run;
        run.box = line.words[from].box;
        auto to = from;
        for (; to < line.words.size() && line.words[to].confidence < word_below; ++to) {
          run.words.push_back(line.words[to]);
          run.box = around(run.box, line.words[to].box);
        }
        const int letters = letters_of(run);
        const bool asks = letters > 0 && again + letters <= most;
        const int margin = std::max(4, line.box.height / 4);
        if (asks && read(run.box, margin, true)) again += letters;
        from = to;
      }
    }
  }
  for (const auto& region : processing::unread_ink(page, boxes_of(text)).regions) {
    constexpr int kMargin = 20;
    if (read(region, kMargin, false)) add_unread(text, others.back());
  }
  return parts;
}

}  // namespace

std::vector<Word> words_not_in(const TextLayer& best, const TextLayer& other) {
  std::multimap<std::string, const Word*> known;
  for (const auto& block : best.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) {
        for (auto& part : indexer::parts_of(w.text)) known.emplace(std::move(part), &w);
      }
    }
  }
  std::vector<Word> out;
  for (const auto& block : other.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) {
        bool new_part = false;
        for (const auto& part : indexer::parts_of(w.text)) {
          const auto [from, to] = known.equal_range(part);
          new_part = new_part || std::none_of(from, to, [&](const auto& entry) {
                       return near(entry.second->box, w.box);
                     });
        }
        if (new_part && out.size() < kMostAlternates) out.push_back(w);
      }
    }
  }
  return out;
}

Result<PageReading> read_page(ocr::Engine& engine, const processing::Prepared& given,
                              const Everything& settings,
                              const std::function<ocr::Engine*()>& second, const TurnPage& turn) {
  PageReading best;
  const auto* page = &given;
  const auto options = [&] {
    const double dpi = page->reading.dpi_x();
    return ocr::ReadOptions{dpi >= kLeastDpi ? static_cast<int>(std::lround(dpi)) : kAssumedDpi,
                            false, false, false};
  };
  auto simple = options();
  simple.one_column = settings.ocr.layout != "full" && processing::one_column(page->reading);
  ALIH_TRY(best.text, engine.read(page->reading, simple));
  if (simple.one_column) split_at_gaps(best.text);
  best.how = simple;
  const std::string first = first_variant(*page);
  best.variant = first;
  const bool asks = best.text.mean_confidence() < settings.ocr.orient_below ||
                    (settings.ocr.orient_below > 0 && lies_on_side(best.text));
  if (turn && asks) {
    auto way = find_turn(engine, page->scanned, settings.processing);
    if (way.degrees != 0) {
      // The whole page has to bear out what its part said.
      if (auto turned = turn(way.degrees)) {
        auto text = engine.read(turned->reading, options());
        // Read from the side a page may be worth as much.
        constexpr double kAsMuch = 0.9;
        const double need = worth_of(best.text) * (lies_on_side(best.text) ? kAsMuch : 1);
        if (text && worth_of(*text) > need && !lies_on_side(*text)) {
          way.finding.applied = true;
          best.text = std::move(*text);
          best.how = options();
          best.turned = std::move(*turned);
          page = &*best.turned;
        } else {
          way.finding.note = "unsure";
        }
      }
    }
    best.orientation = std::move(way.finding);
  }
  const auto cleaned = options();
  // What stands light on dark, before anything is said of the page: read as it is it is noise.
  struct Dark {
    Box region;
    TextLayer text;
  };
  std::vector<Dark> dark;
  for (const auto& region : processing::dark_regions(page->flat)) {
    auto text = read_part(engine, page->flat, region, 0, cleaned, true);
    if (!text) continue;
    ++best.parts;
    take_region(best.text, region, *text);
    dark.push_back({region, std::move(*text)});
  }
  const bool dpi_known = page->reading.dpi_x() >= kLeastDpi;
  const ocr::ReadOptions bare{dpi_known ? cleaned.dpi : kLeastDpi, true, false, false};
  double best_worth = worth_of(best.text);
  double confidence = best.text.mean_confidence();

  std::vector<TextLayer> others;
  const auto weigh = [&](const std::string& variant, const ocr::ReadOptions& how, TextLayer text) {
    // Between readings about as good the first one stands: by chance the worse is often surer.
    constexpr double kMargin = 0.01;
    if (const double w = worth_of(text); w > best_worth + kMargin * std::abs(best_worth)) {
      std::swap(best.text, text);
      best.variant = variant;
      best.how = how;
      best_worth = w;
      confidence = best.text.mean_confidence();
    }
    others.push_back(std::move(text));
  };
  // Whether an image is worth reading as a whole, by the band of the page where it is tried.
  const auto band = trial_band(best.text);
  bool left_out = false;  // a whole reading
  const int margin = page->reading.height() / kMarginShare;
  const auto gives_more = [&](const Result<TextLayer>& tried) {
    constexpr double kPays = 1.03;
    const bool more = tried && worth_within(*tried, *band) > kPays * worth_within(best.text, *band);
    left_out = left_out || !more;
    return more;
  };
  const auto variant_of = [&](const Image& flat, const std::string& variant) {
    return processing::reading_variant(flat, variant, settings.processing);
  };
  const auto promises = [&](const std::string& variant) {
    if (!band) return true;
    const auto part = processing::cut_out(page->flat, *band, margin);
    const auto image = part ? variant_of(*part, variant) : part;
    if (!image) return false;
    auto tried = engine.read(*image, cleaned);
    if (tried) shift(*tried, 0, std::max(0, band->y - margin));
    return gives_more(tried);
  };
  const auto scan_promises = [&] {
    if (!band) return true;
    const auto there = alih::mapped(inverse(page->scanned_to_access), *band, page->scanned.width(),
                                    page->scanned.height());
    auto tried = read_part(engine, page->scanned, there, margin, bare, false);
    if (tried) tried = mapped(std::move(*tried), *page);
    return gives_more(tried);
  };
  // A further reading that fails changes nothing: the first one stands.
  if (simple.one_column && confidence < settings.ocr.retry_below && promises(first)) {
    if (auto text = engine.read(page->reading, cleaned)) weigh(first, cleaned, std::move(*text));
  }
  for (const std::string variant : {"fine8", "soft5", "none"}) {
    if (confidence >= settings.ocr.retry_below) break;
    if (variant == first || !promises(variant)) continue;
    ALIH_TRY(const auto image, variant_of(page->flat, variant));
    if (auto text = engine.read(image, cleaned)) weigh(variant, cleaned, std::move(*text));
  }
  if (confidence < settings.ocr.as_scanned_below && scan_promises()) {
    if (auto text = engine.read(page->scanned, bare)) {
      auto plain = mapped(std::move(*text), *page);
      // Where no reading is sure, cleaning must have given clearly more to be believed: unsure
      // words are often sure by chance (35 real scans: 0 instead of 2 worse than the scan as it
      // is).
      constexpr double kUnsure = 0.85;
      constexpr double kClearly = 1.2;
      if (confidence < kUnsure && best_worth < kClearly * worth_of(plain)) best_worth = 0;
      weigh("scanned", bare, std::move(plain));
    }
  }
  // Where all other readings are at hand, single words would add nothing.
  const double word_below = others.empty() || left_out ? settings.ocr.word_below : 0;
  if (best.variant != first) {
    for (const auto& one : dark) take_region(best.text, one.region, one.text);
  }
  for (auto& one : dark) others.push_back(std::move(one.text));
  best.parts += read_parts(engine, *page, cleaned.dpi, word_below, best.text, others);
  for (const auto& other : others) {
    for (auto& w : words_not_in(best.text, other)) best.text.alternates.push_back(std::move(w));
  }
  take_dirt_out(best.text);
  if (second) {
    if (auto* engine_of_rare = second()) {
      best.second = read_doubtful_words(*engine_of_rare, page->reading, best.text);
    }
  }
  mark_halves(best.text);
  return best;
}

}  // namespace alih::pipeline
