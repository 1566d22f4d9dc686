#include "indexer/inverter.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

namespace alih::indexer {
namespace {

constexpr std::size_t kFirstTable = 1024;
constexpr std::size_t kLongestKey = 256;
// Bytes a slice of a stream holds; the last four of a full one say where the next begins.
constexpr std::array<std::uint32_t, 8> kSlices{12, 16, 32, 64, 160, 400, 1000, 2500};
constexpr std::uint32_t kLink = 4;

std::uint32_t hash_of(Field field, std::string_view term) {
  std::uint64_t h = 0x9E3779B97F4A7C15ULL + static_cast<std::uint64_t>(field);
  std::size_t i = 0;
  for (; i + 8 <= term.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, term.data() + i, 8);
    h = (h ^ word) * 0xFF51AFD7ED558CCDULL;
    h ^= h >> 32U;
  }
  std::uint64_t rest = 0;
  for (unsigned shift = 0; i < term.size(); ++i, shift += 8) {
    rest |= std::uint64_t{static_cast<unsigned char>(term[i])} << shift;
  }
  h = (h ^ rest ^ (term.size() << 56U)) * 0xC4CEB9FE1A85EC53ULL;
  return static_cast<std::uint32_t>(h >> 32U);
}

}  // namespace

Inverter::Inverter() : table_(kFirstTable, 0) {}

std::size_t Inverter::bytes() const {
  constexpr std::size_t kDocument = 24;
  return texts_.capacity() + terms_.capacity() * sizeof(Term) +
         table_.capacity() * sizeof(std::uint32_t) + streams_.capacity() +
         notes_.capacity() * sizeof(Note) + documents_.size() * kDocument;
}

void Inverter::grow() {
  std::vector<std::uint32_t> wider(table_.size() * 2, 0);
  const auto mask = wider.size() - 1;
  for (std::uint32_t t = 0; t < terms_.size(); ++t) {
    auto at = terms_[t].hash & mask;
    while (wider[at] != 0) at = (at + 1) & mask;
    wider[at] = t + 1;
  }
  table_ = std::move(wider);
}

std::uint32_t Inverter::number_of(Field field, std::string_view term) {
  term = term.substr(0, kLongestKey - 1);
  const auto hash = hash_of(field, term);
  if (terms_.size() * 2 >= table_.size()) grow();
  const auto mask = table_.size() - 1;
  auto at = hash & mask;
  for (; table_[at] != 0; at = (at + 1) & mask) {
    const auto& t = terms_[table_[at] - 1];
    if (t.hash != hash || t.size != term.size() + 1) continue;
    const auto key = key_of(t);
    if (key[0] == static_cast<char>(field) && key.substr(1) == term) return table_[at] - 1;
  }
  Term t;
  t.text = static_cast<std::uint32_t>(texts_.size());
  t.size = static_cast<std::uint16_t>(term.size() + 1);
  t.hash = hash;
  texts_.push_back(static_cast<char>(field));
  texts_.insert(texts_.end(), term.begin(), term.end());
  t.first = t.end = static_cast<std::uint32_t>(streams_.size());
  t.room = kSlices[0] - kLink;
  streams_.resize(streams_.size() + kSlices[0]);
  terms_.push_back(t);
  table_[at] = static_cast<std::uint32_t>(terms_.size());
  return table_[at] - 1;
}

void Inverter::put_byte(Term& term, unsigned char byte) {
  if (term.room == 0) {
    if (term.slice + 1U < kSlices.size()) ++term.slice;
    const auto next = static_cast<std::uint32_t>(streams_.size());
    streams_.resize(streams_.size() + kSlices[term.slice]);
    std::memcpy(streams_.data() + term.end, &next, kLink);
    term.end = next;
    term.room = kSlices[term.slice] - kLink;
  }
  streams_[term.end++] = byte;
  --term.room;
}

void Inverter::put(Term& term, std::uint64_t value) {
  while (value >= 0x80) {
    put_byte(term, static_cast<unsigned char>((value & 0x7FU) | 0x80U));
    value >>= 7U;
  }
  put_byte(term, static_cast<unsigned char>(value));
}

// The stream of a term: numbers with a low bit. 1: a new document, gap to the one before; 0: a
// place, zigzag gap to the one before in the document.
void Inverter::add(std::uint32_t number, std::uint32_t position) {
  auto& t = terms_[number];
  const bool places = has_positions(static_cast<Field>(texts_[t.text]));
  const auto doc = static_cast<std::uint32_t>(documents_.size());  // counted from 1
  if (t.doc != doc) {
    if (t.doc == 0) ++terms_with_documents_;
    put(t, std::uint64_t{doc - t.doc} << 1U | 1U);
    t.doc = doc;
    t.position = 0;
  } else if (places && position <= t.position) {
    if (position == t.position) return;
    t.unordered = true;
  }
  const auto gap = static_cast<std::int64_t>(position) - static_cast<std::int64_t>(t.position);
  const auto zigzag = gap < 0 ? (static_cast<std::uint64_t>(-gap) << 1U) - 1
                              : static_cast<std::uint64_t>(gap) << 1U;
  put(t, places ? zigzag << 1U : 0);
  t.position = position;
}

void Inverter::read(const Term& term, bool positions, Postings& out) const {
  out.clear();
  std::uint32_t at = term.first;
  std::size_t slice = 0;
  std::uint32_t room = kSlices[0] - kLink;
  const auto byte = [&]() -> unsigned {
    if (room == 0) {
      if (slice + 1 < kSlices.size()) ++slice;
      std::memcpy(&at, streams_.data() + at, kLink);
      room = kSlices[slice] - kLink;
    }
    --room;
    return streams_[at++];
  };
  std::uint32_t doc = 0;
  std::int64_t position = 0;
  while (at != term.end) {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto b = byte();
      value |= static_cast<std::uint64_t>(b & 0x7FU) << shift;
      if (b < 0x80) break;
    }
    if ((value & 1U) != 0) {
      doc += static_cast<std::uint32_t>(value >> 1U);
      out.docs.push_back(doc - 1);
      out.counts.push_back(0);
      position = 0;
      continue;
    }
    ++out.counts.back();
    if (!positions) continue;
    const auto zigzag = value >> 1U;
    const auto half = static_cast<std::int64_t>(zigzag >> 1U);
    position += (zigzag & 1U) != 0 ? -half - 1 : half;
    out.positions.push_back(static_cast<std::uint32_t>(position));
  }
  if (!term.unordered || !positions) return;
  std::size_t from = 0;
  std::size_t to = 0;
  for (auto& count : out.counts) {
    const auto first = out.positions.begin() + static_cast<std::ptrdiff_t>(from);
    std::sort(first, first + count);
    const auto end = std::unique(first, first + count);
    from += count;
    count = static_cast<std::uint32_t>(end - first);
    std::copy(first, end, out.positions.begin() + static_cast<std::ptrdiff_t>(to));
    to += count;
  }
  out.positions.resize(to);
}

void Inverter::each_term(
    const std::function<void(Field, std::string_view, const Postings&)>& call) const {
  // Sorted by the first eight bytes where they differ: most comparisons need no text.
  struct Entry {
    std::uint64_t head = 0;
    std::uint32_t term = 0;
  };
  std::vector<Entry> order;
  order.reserve(terms_with_documents_);
  for (std::uint32_t t = 0; t < terms_.size(); ++t) {
    if (terms_[t].doc == 0) continue;
    const auto key = key_of(terms_[t]);
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      head = head << 8U | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
    }
    order.push_back({head, t});
  }
  std::sort(order.begin(), order.end(), [&](const Entry& a, const Entry& b) {
    return a.head != b.head ? a.head < b.head : key_of(terms_[a.term]) < key_of(terms_[b.term]);
  });
  Postings postings;
  for (const auto& [head, index] : order) {
    const auto key = key_of(terms_[index]);
    const auto field = static_cast<Field>(key[0]);
    read(terms_[index], has_positions(field), postings);
    call(field, key.substr(1), postings);
  }
}

}  // namespace alih::indexer
