#include "pipeline/read_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "indexer/analyzer.h"
#include "processing/parts.h"

namespace alih::pipeline {
namespace {

constexpr std::size_t kMostAlternates = 2000;
constexpr int kAssumedDpi = 300;
// Tesseract takes a picture that says less, or nothing, for one of 70 dpi.
constexpr int kLeastDpi = 70;

bool near(const Box& a, const Box& b) {
  const int margin = std::max(a.height, b.height);
  return a.x < b.x + b.width + margin && b.x < a.x + a.width + margin &&
         a.y < b.y + b.height + margin && b.y < a.y + a.height + margin;
}

// Good words count more than sure ones: a reading that lost half the page is no better for being
// sure of the rest.
double worth(const TextLayer& text) {
  double sum = 0;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) {
        const double letters =
            static_cast<double>(std::count_if(w.text.begin(), w.text.end(), [](char c) {
              const auto u = static_cast<unsigned char>(c);
              return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     u >= 0xC0;
            }));
        // Below half sure a word is more likely noise than text.
        sum += letters * (w.confidence - 0.5);
      }
    }
  }
  return sum;
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

bool left_ink_unread(const Image& page, const TextLayer& text) {
  std::vector<Box> boxes;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) boxes.push_back(w.box);
    }
  }
  constexpr double kShare = 0.02;
  constexpr int kMarks = 10;
  const auto unread = processing::unread_ink(page, boxes);
  return unread.dark || (unread.share > kShare && unread.marks > kMarks);
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

Result<PageReading> read_page(ocr::Engine& engine, const processing::Prepared& prepared,
                              const Everything& settings,
                              const std::function<ocr::Engine*()>& second) {
  const double dpi = prepared.reading.dpi_x();
  const bool dpi_known = dpi >= kLeastDpi;
  const ocr::ReadOptions cleaned{dpi_known ? static_cast<int>(std::lround(dpi)) : kAssumedDpi,
                                 false, false};
  const ocr::ReadOptions bare{dpi_known ? cleaned.dpi : kLeastDpi, true, false};

  PageReading best;
  ALIH_TRY(best.text, engine.read(prepared.reading, cleaned));
  best.variant = "soft8";
  double best_worth = worth(best.text);
  const double confidence = best.text.mean_confidence();

  std::vector<TextLayer> others;
  const auto weigh = [&](const char* variant, TextLayer text) {
    if (const double w = worth(text); w > best_worth) {
      std::swap(best.text, text);
      best.variant = variant;
      best_worth = w;
    }
    others.push_back(std::move(text));
  };
  // A further reading that fails changes nothing: the first one stands.
  if (confidence < settings.ocr.retry_below) {
    for (const char* variant : {"soft5", "none"}) {
      ALIH_TRY(const auto image,
               processing::reading_variant(prepared.flat, variant, settings.processing));
      if (auto text = engine.read(image, cleaned)) weigh(variant, std::move(*text));
    }
  }
  // The page as it was scanned, also when the reading is sure but left ink unread, as white
  // letters.
  const double below = settings.ocr.as_scanned_below;
  if (below > 0 && (confidence < below || left_ink_unread(prepared.flat, best.text))) {
    if (auto text = engine.read(prepared.scanned, bare)) {
      weigh("scanned", mapped(std::move(*text), prepared));
    }
  }
  for (const auto& other : others) {
    for (auto& w : words_not_in(best.text, other)) best.text.alternates.push_back(std::move(w));
  }
  if (second) {
    if (auto* engine_of_rare = second()) {
      best.second = read_doubtful_words(*engine_of_rare, prepared.reading, best.text);
    }
  }
  return best;
}

}  // namespace alih::pipeline
