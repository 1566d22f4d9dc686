#include "indexer/facts.h"

#include <charconv>
#include <mutex>

#include "core/audience.h"

namespace alih::indexer {
namespace {

ItemFacts unknown() {
  ItemFacts facts;
  facts.known = false;
  return facts;
}

}  // namespace

ItemFacts facts_of(const Item& item) {
  ItemFacts facts;
  facts.year_of_register = item.year;
  facts.sequence_no = item.sequence_no;
  facts.series = item.series;
  facts.material_type = item.field("material_type");
  facts.language = item.field("language");
  const auto year = item.field("date_issued");
  int value = 0;
  if (std::from_chars(year.data(), year.data() + year.size(), value).ec == std::errc()) {
    facts.year_issued = value;
  }
  facts.access_kind = access_kind(item);
  return facts;
}

std::uint32_t ItemNumbers::number(std::string_view item) {
  const std::unique_lock lock(mutex_);
  const auto next = static_cast<std::uint32_t>(numbers_.size());
  return numbers_.emplace(item, next).first->second;
}

std::uint32_t ItemNumbers::find(std::string_view item) const {
  const std::shared_lock lock(mutex_);
  const auto found = numbers_.find(std::string(item));
  return found == numbers_.end() ? kNone : found->second;
}

const ItemFacts& ItemTable::at(std::uint32_t number) const {
  static const ItemFacts nobody = unknown();
  const auto chunk = number / kChunk;
  if (chunk >= chunks_.size() || !chunks_[chunk]) return nobody;
  return (*chunks_[chunk])[number % kChunk];
}

void ItemTable::set(std::uint32_t number, const ItemFacts& facts) {
  const auto chunk = number / kChunk;
  if (chunk >= chunks_.size()) chunks_.resize(chunk + 1);
  auto changed = std::make_shared<Chunk>();
  if (chunks_[chunk]) {
    *changed = *chunks_[chunk];
  } else {
    changed->fill(unknown());
  }
  (*changed)[number % kChunk] = facts;
  chunks_[chunk] = std::move(changed);
}

}  // namespace alih::indexer
