#include "indexer/index_view.h"

#include <algorithm>
#include <bit>

namespace alih::indexer {

Bits::Bits(std::size_t size, bool all)
    : words_((size + kWord - 1) / kWord, all ? ~std::uint64_t{0} : 0), size_(size) {
  if (all && size % kWord != 0) words_.back() = (std::uint64_t{1} << (size % kWord)) - 1;
}

std::size_t Bits::count() const {
  std::size_t n = 0;
  for (const auto word : words_) n += static_cast<std::size_t>(std::popcount(word));
  return n;
}
void Bits::operator&=(const Bits& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
}
void Bits::operator|=(const Bits& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] |= other.words_[w];
}
void Bits::remove(const Bits& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= ~other.words_[w];
}
bool Bits::any_between(std::size_t from, std::size_t to) const {
  for (auto w = from / kWord; w <= to / kWord && w < words_.size(); ++w) {
    auto word = words_[w];
    if (w == from / kWord) word &= ~std::uint64_t{0} << (from % kWord);
    if (w == to / kWord && to % kWord != kWord - 1) {
      word &= (std::uint64_t{1} << (to % kWord + 1)) - 1;
    }
    if (word != 0) return true;
  }
  return false;
}

bool Filter::everything() const {
  return audience.everything() && series.empty() && !material_type && !language && !year_from &&
         !year_to && !item;
}

Filter::Passing Filter::passes(std::uint32_t item_number, const ItemFacts& f) const {
  if (!f.known || (item && *item != item_number)) return {};
  for (const auto& any : series) {
    if (std::find(any.begin(), any.end(), f.series) == any.end()) return {};
  }
  if (material_type && f.material_type != *material_type) return {};
  if (language && f.language != *language) return {};
  if (year_from && (f.year_issued == 0 || f.year_issued < *year_from)) return {};
  if (year_to && (f.year_issued == 0 || f.year_issued > *year_to)) return {};
  const auto& closed = audience.no_text_series;
  return {Audience::has(audience.records, f.access_kind),
          Audience::has(audience.texts, f.access_kind) &&
              std::find(closed.begin(), closed.end(), f.series) == closed.end()};
}

std::string Filter::key() const {
  auto out = std::to_string(audience.records) + "/" + std::to_string(audience.texts);
  const auto add = [&](char kind, const std::string& value) {
    out += kind;
    out += std::to_string(value.size()) + ":" + value;
  };
  for (const auto& any : series) {
    out += '(';
    for (const auto& s : any) add('s', s);
  }
  if (material_type) add('t', *material_type);
  if (language) add('l', *language);
  if (year_from) add('f', std::to_string(*year_from));
  if (year_to) add('u', std::to_string(*year_to));
  if (item) add('i', std::to_string(*item));
  for (const auto& s : audience.no_text_series) add('n', s);
  return out;
}

IndexView::IndexView(double k1, double b) : k1_(k1), b_(b) { update_scales(); }

void IndexView::update_scales() {
  for (std::size_t f = 0; f < kLengthCount; ++f) {
    const double average =
        documents_[f] > 0 ? static_cast<double>(length_[f]) / static_cast<double>(documents_[f])
                          : 1;
    scales_[f] = length_scale(k1_, b_, average);
  }
}

void IndexView::count(const Segment& segment, std::size_t document, std::int64_t sign) {
  for (std::size_t f = 0; f < kLengthCount; ++f) {
    const auto code = segment.documents().lengths(static_cast<Field>(f))[document];
    if (code == 0) continue;
    documents_[f] += static_cast<std::uint64_t>(sign);
    length_[f] += static_cast<std::uint64_t>(sign) * length_of_code(code);
  }
}

void IndexView::add_segment(std::uint32_t id, std::shared_ptr<const Segment> segment,
                            const std::function<bool(std::uint32_t)>& is_deleted) {
  LiveSegment added;
  added.id = id;
  const auto& documents = segment->documents();
  auto items = std::make_shared<std::vector<std::uint32_t>>();
  for (const auto& item : documents.items()) items->push_back(numbers_->number(item));
  added.items = std::move(items);
  std::shared_ptr<Bits> live;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (is_deleted(documents.ordinal(i))) {
      if (!live) live = std::make_shared<Bits>(documents.size(), true);
      live->clear(i);
      ++added.dead;
    } else {
      count(*segment, i, 1);
    }
  }
  added.live = std::move(live);
  added.segment = std::move(segment);
  const auto first = [](const LiveSegment& s) {
    return s.segment->documents().size() > 0 ? s.segment->documents().ordinal(0) : 0;
  };
  const auto place = std::upper_bound(
      segments_.begin(), segments_.end(), added,
      [&](const LiveSegment& a, const LiveSegment& b) { return first(a) < first(b); });
  segments_.insert(place, std::move(added));
  update_scales();
}

void IndexView::remove_segment(std::uint32_t id) {
  const auto found = std::find_if(segments_.begin(), segments_.end(),
                                  [&](const LiveSegment& s) { return s.id == id; });
  if (found == segments_.end()) return;
  const auto& documents = found->segment->documents();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (!found->live || found->live->test(i)) count(*found->segment, i, -1);
  }
  segments_.erase(found);
  update_scales();
}

void IndexView::remove_document(std::uint32_t ordinal) {
  for (auto& s : segments_) {
    const auto& documents = s.segment->documents();
    const auto place = documents.find(ordinal);
    if (place == documents.size() || (s.live && !s.live->test(place))) continue;
    auto live =
        s.live ? std::make_shared<Bits>(*s.live) : std::make_shared<Bits>(documents.size(), true);
    live->clear(place);
    s.live = std::move(live);
    ++s.dead;
    s.cache = std::make_shared<LiveSegment::Cache>();
    count(*s.segment, place, -1);
    update_scales();
    return;
  }
}

void IndexView::set_facts(const std::string& item, const ItemFacts& facts) {
  const auto number = numbers_->number(item);
  const auto before = table_.at(number);
  if (before == facts) return;
  table_.set(number, facts);
  // A new item stands in no segment that a filter was made for.
  if (!before.known) return;
  for (auto& s : segments_) s.cache = std::make_shared<LiveSegment::Cache>();
}

std::size_t IndexView::live_documents() const {
  std::size_t n = 0;
  for (const auto& s : segments_) n += s.segment->documents().size() - s.dead;
  return n;
}

std::shared_ptr<const Bits> IndexView::passing(const LiveSegment& s, const Filter& filter) const {
  if (filter.everything()) return s.live;
  const auto key = filter.key();
  {
    const std::lock_guard lock(s.cache->mutex);
    const auto found = s.cache->filters.find(key);
    if (found != s.cache->filters.end()) return found->second;
  }
  const auto& documents = s.segment->documents();
  auto bits = std::make_shared<Bits>(documents.size());
  std::vector<Filter::Passing> items;  // one answer an item
  items.reserve(s.items->size());
  for (const auto number : *s.items) items.push_back(filter.passes(number, table_.at(number)));
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto& passing = items[documents.item(i)];
    const bool passes = documents.page_seq(i) == 0 ? passing.record : passing.pages;
    if (passes && (!s.live || s.live->test(i))) bits->set(i);
  }
  constexpr std::size_t kMostFilters = 32;
  const std::lock_guard lock(s.cache->mutex);
  if (s.cache->filters.size() >= kMostFilters) s.cache->filters.clear();
  s.cache->filters[key] = bits;
  return bits;
}

}  // namespace alih::indexer
