#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/holdings.h"

namespace alih::indexer {

// What filters, facets and the order of equal scores need of an item, kept in memory.
struct ItemFacts {
  bool known = true;
  int year_of_register = 0;
  int sequence_no = 0;
  std::string series;
  std::string material_type;
  std::string language;
  int year_issued = 0;       // 0 = unknown
  unsigned access_kind = 0;  // core/audience.h
  bool operator==(const ItemFacts&) const = default;
};
[[nodiscard]] ItemFacts facts_of(const Item& item);

// Items get small numbers in the order in which they are heard of. Only ever grows; shared by all
// states of the index. Any thread (mutex_).
class ItemNumbers {
 public:
  // The item's number, made if it is new.
  [[nodiscard]] std::uint32_t number(std::string_view item);
  // Or none.
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
  [[nodiscard]] std::uint32_t find(std::string_view item) const;

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // mutex_
};

// Facts by item number. A copy shares everything but what is set afterwards, so each state of the
// index keeps the facts it was made with.
class ItemTable {
 public:
  [[nodiscard]] const ItemFacts& at(std::uint32_t number) const;
  void set(std::uint32_t number, const ItemFacts& facts);

 private:
  static constexpr std::size_t kChunk = 512;
  using Chunk = std::array<ItemFacts, kChunk>;
  std::vector<std::shared_ptr<const Chunk>> chunks_;
};

}  // namespace alih::indexer
