#pragma once

#include <random>

#include "pipeline/holdings.h"

namespace alih::pipeline {

// Pages of invented words through the real door: masters of a few bytes, records with a text of
// `words` words and a box each, as a reading gives them. The same seed gives the same words.
class PageCloner {
 public:
  explicit PageCloner(unsigned seed = 1) : random_(seed) {
    constexpr int kVocabulary = 6000;
    for (int i = 0; i < kVocabulary; ++i) vocabulary_.push_back(invent());
  }

  Result<Item> item(Holdings& holdings, const std::string& title, int pages, int words = 250) {
    Item draft;
    draft.id = ItemId::make();
    draft.series = "ALM-KOL";
    draft.fields = {{"title", {title}},
                    {"batch_no", {"2026-01"}},
                    {"source_unit", {"Layanan"}},
                    {"material_type", {"book"}},
                    {"language", {"ind"}},
                    {"script", {"Latn"}},
                    {"condition", {"good"}},
                    {"original_location", {"Rak 1"}},
                    {"page_count_declared", {std::to_string(pages)}}};
    draft.rights = RightsStatus::public_domain;
    std::vector<PageDraft> drafts;
    for (int i = 1; i <= pages; ++i) {
      ALIH_TRY(auto one, draft_of(holdings, draft.id, Holdings::provisional_name(i, "tif")));
      drafts.push_back(std::move(one));
    }
    ALIH_TRY(auto made, holdings.create_item(draft, drafts, program_agent()));
    for (int i = 1; i <= pages; ++i) {
      JobRef job;
      job.item = made.id;
      job.file_seq = i;
      ALIH_TRY([[maybe_unused]] const auto finished, holdings.finish_page(job, result(words)));
    }
    return holdings.database().item(made.id);
  }

  Result<PageDraft> draft_of(Holdings& holdings, const ItemId& id, const std::string& name) {
    PageDraft draft;
    const auto bytes = "master " + std::to_string(random_()) + std::string(200, '.');
    ALIH_TRY(draft.master.fixity, holdings.keep_master(id, name, std::as_bytes(std::span(bytes))));
    draft.master.file = name;
    draft.master.format = "tiff";
    draft.width = 2480;
    draft.height = 3508;
    draft.dpi = 300;
    draft.color_mode = "gray";
    draft.bit_depth = 8;
    draft.agent = program_agent();
    draft.event_type = "ingestion";
    return draft;
  }

  PageResult result(int words) {
    PageResult out;
    out.access_width = 2480;
    out.access_height = 3508;
    out.recipe = std::to_string(random_());
    out.text.width = 2480;
    out.text.height = 3508;
    Block block;
    constexpr int kPerLine = 10;
    for (int at = 0; at < words; at += kPerLine) {
      Line line;
      for (int i = 0; i < kPerLine && at + i < words; ++i) {
        const double u = std::generate_canonical<double, 53>(random_);
        const auto n =
            static_cast<std::size_t>(static_cast<double>(vocabulary_.size()) * u * u * u);
        line.words.push_back({vocabulary_.at(n), {100 + i * 220, 100 + at * 12, 200, 40}, 0.9});
      }
      block.lines.push_back(std::move(line));
    }
    out.text.blocks.push_back(std::move(block));
    out.reading.engine = "clone";
    out.reading.words = words;
    out.reading.confidence = 0.9;
    return out;
  }

 private:
  std::string invent() {
    static const std::vector<std::string> kSyllables{"ka", "ba", "lu", "wuk", "ri", "tan", "ga",
                                                     "me", "su", "na", "ter", "i",  "do",  "pe"};
    std::string out;
    const auto count = 2 + random_() % 3;
    for (unsigned i = 0; i < count; ++i) out += kSyllables[random_() % kSyllables.size()];
    return out;
  }
  std::mt19937 random_;
  std::vector<std::string> vocabulary_;
};

}  // namespace alih::pipeline
