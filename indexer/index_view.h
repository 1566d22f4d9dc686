#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/audience.h"
#include "indexer/facts.h"
#include "indexer/ranking.h"
#include "indexer/segment.h"

namespace alih::indexer {

// One bit a document.
class Bits {
 public:
  explicit Bits(std::size_t size = 0, bool all = false);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool test(std::size_t i) const {
    return (words_[i / kWord] >> (i % kWord) & 1U) != 0;
  }
  void set(std::size_t i) { words_[i / kWord] |= std::uint64_t{1} << (i % kWord); }
  void clear(std::size_t i) { words_[i / kWord] &= ~(std::uint64_t{1} << (i % kWord)); }
  [[nodiscard]] std::size_t count() const;
  void operator&=(const Bits& other);
  void operator|=(const Bits& other);
  void remove(const Bits& other);
  [[nodiscard]] bool any_between(std::size_t from, std::size_t to) const;  // [from, to]
  template <typename Call>
  void each(Call&& call) const {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      for (auto word = words_[w]; word != 0; word &= word - 1) {
        call(w * kWord + static_cast<std::size_t>(__builtin_ctzll(word)));
      }
    }
  }

 private:
  static constexpr std::size_t kWord = 64;
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

// Which documents may be seen and are asked for. It is applied while matching, so nothing else is
// counted, suggested or shown.
struct Filter {
  Audience audience;
  std::vector<std::vector<std::string>> series;  // one of each list
  std::optional<std::string> material_type;
  std::optional<std::string> language;
  std::optional<int> year_from;
  std::optional<int> year_to;
  std::optional<std::uint32_t> item;  // by number
  [[nodiscard]] bool everything() const;
  // Which documents of an item: its description, its pages.
  struct Passing {
    bool record = false;
    bool pages = false;
  };
  [[nodiscard]] Passing passes(std::uint32_t item_number, const ItemFacts& facts) const;
  [[nodiscard]] std::string key() const;  // the same for the same filter
};

// A segment as one state of the index sees it.
struct LiveSegment {
  std::uint32_t id = 0;
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const std::vector<std::uint32_t>> items;  // numbers of segment's items
  std::shared_ptr<const Bits> live;                         // none: no document is deleted
  std::uint32_t dead = 0;
  // Filters as bits, kept as long as neither deletions nor facts change.
  struct Cache {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<const Bits>> filters;  // mutex
  };
  std::shared_ptr<Cache> cache = std::make_shared<Cache>();

  [[nodiscard]] std::uint32_t item_number(std::uint32_t document) const {
    return (*items)[segment->documents().item(document)];
  }
};

// A whole state of the index: what a question is answered from. A value; copies share what does not
// change, so a reader keeps its state for as long as it likes. Changing one: one thread, and not
// while others read the same object.
class IndexView {
 public:
  explicit IndexView(double k1 = 1.2, double b = 0.75);

  // Segments of ascending ordinals, each above those before but for one that takes the place of
  // others. `is_deleted`: of ordinals.
  void add_segment(std::uint32_t id, std::shared_ptr<const Segment> segment,
                   const std::function<bool(std::uint32_t)>& is_deleted);
  void remove_segment(std::uint32_t id);
  void remove_document(std::uint32_t ordinal);
  void set_facts(const std::string& item, const ItemFacts& facts);

  [[nodiscard]] const std::vector<LiveSegment>& segments() const { return segments_; }
  [[nodiscard]] const ItemFacts& facts(std::uint32_t item) const { return table_.at(item); }
  [[nodiscard]] std::uint32_t item_number(std::string_view item) const {
    return numbers_->find(item);
  }
  // Live documents that have something in the field, and the sum of their lengths.
  [[nodiscard]] std::uint64_t documents_with(Field field) const {
    return documents_[static_cast<std::size_t>(length_field(field))];
  }
  [[nodiscard]] const LengthScale& lengths(Field field) const {
    return scales_[static_cast<std::size_t>(length_field(field))];
  }
  [[nodiscard]] double k1() const { return k1_; }
  [[nodiscard]] std::size_t live_documents() const;

  // Documents of a segment that pass and live; none: all of them do.
  [[nodiscard]] std::shared_ptr<const Bits> passing(const LiveSegment& segment,
                                                    const Filter& filter) const;

 private:
  void count(const Segment& segment, std::size_t document, std::int64_t sign);
  void update_scales();
  double k1_;
  double b_;
  std::vector<LiveSegment> segments_;
  ItemTable table_;
  std::shared_ptr<ItemNumbers> numbers_ = std::make_shared<ItemNumbers>();
  std::array<std::uint64_t, kLengthCount> documents_{};
  std::array<std::uint64_t, kLengthCount> length_{};
  std::array<LengthScale, kLengthCount> scales_{};
};

}  // namespace alih::indexer
