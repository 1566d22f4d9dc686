#include "indexer/postings.h"

#include <algorithm>
#include <cstring>

#include "indexer/varint.h"

namespace alih::indexer {
namespace {

constexpr unsigned char kTail = 0xFF;  // in place of a width: the numbers are variable-byte ones
constexpr unsigned kWidestGap = 24;    // bits; 128 such gaps cannot overflow
constexpr std::size_t kHeader = 4;     // bytes a block in the header of a chunk
constexpr std::size_t kUnit = 16;      // offsets count in these, a packed block is a multiple
constexpr std::size_t kMostImpacts = 6;
constexpr std::uint8_t kManyCounts = 255;

void put_fixed(std::string& out, std::uint32_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());  // NOLINT: bytes as numbers
}

void append_packed(std::string& out, const std::uint32_t* in, unsigned width) {
  const auto at = out.size();
  out.resize(at + packed_bytes(width));
  pack(in, width, reinterpret_cast<unsigned char*>(out.data() + at));  // NOLINT: as above
}

// The documents that no other one beats, by rising count and rising length.
void put_impacts(std::string& out, const std::uint32_t* docs, const std::uint32_t* counts,
                 std::size_t size, const std::uint8_t* lengths) {
  std::array<std::uint8_t, 256> shortest{};
  shortest.fill(0xFF);
  std::array<bool, 256> seen{};
  std::size_t most = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t count = std::min<std::uint32_t>(counts[i], kManyCounts);
    shortest[count] = std::min(shortest[count], lengths[docs[i]]);
    seen[count] = true;
    most = std::max(most, count);
  }
  std::vector<Impact> kept;
  for (std::size_t count = most; count > 0; --count) {
    if (!seen[count]) continue;
    if (kept.empty() || shortest[count] < kept.back().length) {
      kept.push_back({static_cast<std::uint8_t>(count), shortest[count]});
    }
  }
  // Too many: the last ones become one that beats them all.
  while (kept.size() > kMostImpacts) {
    const auto last = kept.back();
    kept.pop_back();
    kept.back().length = std::min(kept.back().length, last.length);
  }
  for (const auto& impact : kept) {
    out += static_cast<char>(impact.count);
    out += static_cast<char>(impact.length);
  }
}

}  // namespace

void encode_short(const Postings& postings, std::string& out) {
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < postings.docs.size(); ++i) {
    const auto gap = postings.docs[i] - before;
    before = postings.docs[i];
    const bool once = postings.counts[i] == 1;
    put_varint(out, std::uint64_t{gap} << 1U | (once ? 1U : 0U));
    if (!once) put_varint(out, postings.counts[i]);
  }
  if (postings.positions.empty()) return;
  std::size_t at = 0;
  for (const auto count : postings.counts) {
    std::uint32_t position = 0;
    for (std::uint32_t i = 0; i < count; ++i, ++at) {
      put_varint(out, postings.positions[at] - position);
      position = postings.positions[at];
    }
  }
}

bool decode_short(std::string_view bytes, std::uint32_t count, std::uint32_t limit, bool positions,
                  Postings& out) {
  out.clear();
  if (count > bytes.size()) return false;
  Reader in(bytes);
  out.docs.resize(count);
  out.counts.resize(count);
  std::uint64_t doc = 0;
  std::uint64_t places = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto coded = in.varint();
    doc += coded >> 1U;
    if (!in.ok() || doc >= limit || (i > 0 && coded < 2)) return false;
    out.docs[i] = static_cast<std::uint32_t>(doc);
    out.counts[i] = (coded & 1U) != 0 ? 1 : in.varint32();
    if (out.counts[i] == 0) return false;
    places += out.counts[i];
  }
  if (!positions) return in.ok();
  if (places > bytes.size()) return false;
  out.positions.resize(places);
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t position = 0;
    for (std::uint32_t n = 0; n < out.counts[i]; ++n)
      out.positions[at++] = position += in.varint32();
  }
  return in.ok();
}

LongList encode_long(const Postings& postings, const std::uint8_t* lengths) {
  LongList out;
  const auto& [docs, counts, positions] = postings;
  const auto blocks = (docs.size() + kBlock - 1) / kBlock;
  std::string impacts;
  std::string impact_starts;
  put_varint(out.skips, blocks);
  std::uint32_t base = 0;
  std::size_t place = 0;
  for (std::size_t first = 0; first < blocks; first += kChunkBlocks) {
    const auto here = std::min(kChunkBlocks, blocks - first);
    std::string header;
    std::string data;
    std::string starts;
    const auto chunk_place = place;
    for (std::size_t b = first; b < first + here; ++b) {
      const auto from = b * kBlock;
      const auto size = std::min(kBlock, docs.size() - from);
      put_fixed(header, static_cast<std::uint32_t>(data.size() / kUnit), 2);
      if (size == kBlock) {
        std::array<std::uint32_t, kBlock> gaps{};
        std::array<std::uint32_t, kBlock> more{};
        for (std::size_t i = 0; i < kBlock; ++i) {
          gaps[i] = docs[from + i] - base;
          base = docs[from + i];
          more[i] = counts[from + i] - 1;
        }
        const auto gap_width = width_of(gaps.data(), kBlock);
        const auto count_width = width_of(more.data(), kBlock);
        header += static_cast<char>(gap_width);
        header += static_cast<char>(count_width);
        append_packed(data, gaps.data(), gap_width);
        append_packed(data, more.data(), count_width);
      } else {  // the last one
        header += static_cast<char>(kTail);
        header += static_cast<char>(kTail);
        for (std::size_t i = 0; i < size; ++i) {
          put_varint(data, docs[from + i] - base);
          base = docs[from + i];
          put_varint(data, counts[from + i]);
        }
      }
      put_fixed(out.skips, base, 4);
      put_fixed(impact_starts, static_cast<std::uint32_t>(impacts.size() / 2), 4);
      put_impacts(impacts, docs.data() + from, counts.data() + from, size, lengths);
      put_fixed(starts, static_cast<std::uint32_t>(place - chunk_place), 4);
      for (std::size_t i = 0; i < size; ++i) place += counts[from + i];
    }
    out.posts.push_back(header + data);
    if (positions.empty()) continue;
    // Gaps within a document; its first place as it is.
    std::vector<std::uint32_t> gaps;
    gaps.reserve(place - chunk_place);
    std::size_t at = chunk_place;
    for (auto d = first * kBlock; d < std::min(docs.size(), (first + here) * kBlock); ++d) {
      std::uint32_t before = 0;
      for (std::uint32_t i = 0; i < counts[d]; ++i, ++at) {
        gaps.push_back(positions[at] - before);
        before = positions[at];
      }
    }
    std::string groups;
    std::string packed;
    std::size_t g = 0;
    for (; g + kBlock <= gaps.size(); g += kBlock) {
      const auto width = width_of(gaps.data() + g, kBlock);
      put_fixed(groups, static_cast<std::uint32_t>(packed.size() / kUnit << 6U | width), 4);
      append_packed(packed, gaps.data() + g, width);
    }
    for (; g < gaps.size(); ++g) put_varint(packed, gaps[g]);
    std::string value = starts;
    put_fixed(value, static_cast<std::uint32_t>(gaps.size()), 4);
    out.places.push_back(value + groups + packed);
  }
  put_fixed(impact_starts, static_cast<std::uint32_t>(impacts.size() / 2), 4);
  out.skips += impact_starts + impacts;
  return out;
}

bool Skips::open(std::string_view bytes, std::uint32_t documents, std::uint32_t limit) {
  Reader in(bytes);
  const auto blocks = in.varint();
  if (!in.ok() || documents == 0 || blocks != (std::uint64_t{documents} + kBlock - 1) / kBlock) {
    return false;
  }
  blocks_ = static_cast<std::uint32_t>(blocks);
  documents_ = documents;
  lasts_ = in.bytes(std::size_t{4} * blocks_);
  starts_ = in.bytes(std::size_t{4} * (blocks_ + 1));
  if (!in.ok()) return false;
  const auto impacts = impact_start(blocks_);
  impacts_ = in.bytes(std::size_t{2} * impacts);
  if (!in.ok() || !in.done()) return false;
  std::uint32_t before = 0;
  for (std::uint32_t b = 0; b < blocks_; ++b) {
    const auto here = last(b);
    if (here >= limit || here < before || impact_start(b) >= impact_start(b + 1) ||
        impact_start(b + 1) > impacts) {
      return false;
    }
    before = here;
  }
  return true;
}

bool PostChunk::open(std::string_view bytes, std::uint32_t blocks) {
  if (blocks == 0 || blocks > kChunkBlocks || bytes.size() < kHeader * blocks) return false;
  header_ = bytes.substr(0, kHeader * blocks);
  data_ = bytes.substr(kHeader * blocks);
  blocks_ = blocks;
  return true;
}

bool PostChunk::docs(std::uint32_t block, std::uint32_t size, std::uint32_t base,
                     std::uint32_t last, std::uint32_t* out) const {
  if (block >= blocks_ || size == 0 || size > kBlock) return false;
  const auto* head = raw(header_) + kHeader * block;
  const std::size_t at = (head[0] | std::size_t{head[1]} << 8U) * kUnit;
  if (head[2] == kTail) {
    if (at > data_.size()) return false;
    Reader in(data_.substr(at));
    std::uint64_t doc = base;
    for (std::uint32_t i = 0; i < size; ++i) {
      doc += in.varint32();
      (void)in.varint32();
      out[i] = static_cast<std::uint32_t>(doc);
      if (doc > last) return false;
    }
    return in.ok() && out[size - 1] == last;
  }
  const unsigned width = head[2];
  if (size != kBlock || width > kWidestGap || at + packed_bytes(width) > data_.size()) return false;
  unpack_sums(raw(data_) + at, width, base, out);
  return out[kBlock - 1] == last;
}

bool PostChunk::counts(std::uint32_t block, std::uint32_t size, std::uint32_t* out) const {
  if (block >= blocks_ || size == 0 || size > kBlock) return false;
  const auto* head = raw(header_) + kHeader * block;
  const std::size_t at = (head[0] | std::size_t{head[1]} << 8U) * kUnit;
  if (head[2] == kTail) {
    if (at > data_.size()) return false;
    Reader in(data_.substr(at));
    for (std::uint32_t i = 0; i < size; ++i) {
      (void)in.varint32();
      out[i] = in.varint32();
    }
    return in.ok();
  }
  const unsigned width = head[3];
  const auto from = at + packed_bytes(head[2]);
  if (size != kBlock || width > 32 || from + packed_bytes(width) > data_.size()) return false;
  unpack(raw(data_) + from, width, out);
  for (std::size_t i = 0; i < kBlock; ++i) ++out[i];
  return true;
}

std::uint32_t PostChunk::count(std::uint32_t block, std::uint32_t size, std::uint32_t index) const {
  if (block >= blocks_ || size != kBlock || index >= kBlock) return 0;
  const auto* head = raw(header_) + kHeader * block;
  const std::size_t at = (head[0] | std::size_t{head[1]} << 8U) * kUnit;
  const unsigned width = head[3];
  const auto from = at + packed_bytes(head[2]);
  if (head[2] > kWidestGap || width > 32 || from + packed_bytes(width) > data_.size()) return 0;
  return unpack_one(raw(data_) + from, width, index) + 1;
}

bool PlaceChunk::open(std::string_view bytes, std::uint32_t blocks) {
  held_ = 0xFFFFFFFFU;
  if (blocks == 0 || blocks > kChunkBlocks || bytes.size() < std::size_t{4} * (blocks + 1)) {
    return false;
  }
  starts_ = bytes.substr(0, std::size_t{4} * blocks);
  total_ = fixed32(bytes, blocks);
  blocks_ = blocks;
  const auto groups = std::size_t{4} * (total_ / kBlock);
  const auto head = std::size_t{4} * (blocks + 1);
  if (bytes.size() - head < groups) return false;
  groups_ = bytes.substr(head, groups);
  data_ = bytes.substr(head + groups);
  return true;
}

std::uint32_t PlaceChunk::start(std::uint32_t block) const {
  return block < blocks_ ? fixed32(starts_, block) : total_;
}

// A full group's bytes; none when they are not there.
const unsigned char* PlaceChunk::packed(std::uint32_t number, unsigned& width) const {
  const auto coded = fixed32(groups_, number);
  width = coded & 63U;
  const std::size_t at = std::size_t{coded >> 6U} * kUnit;
  return width > 32 || at + packed_bytes(width) > data_.size() ? nullptr : raw(data_) + at;
}

const std::uint32_t* PlaceChunk::group(std::uint32_t number, std::uint32_t& size) {
  if (number == held_) {
    size = held_size_;
    return values_.data();
  }
  const auto full = total_ / static_cast<std::uint32_t>(kBlock);
  if (number < full) {
    unsigned width = 0;
    const auto* from = packed(number, width);
    if (from == nullptr) return nullptr;
    unpack(from, width, values_.data());
    held_size_ = static_cast<std::uint32_t>(kBlock);
  } else {
    if (number > full) return nullptr;
    std::size_t at = 0;
    if (full > 0) {
      const auto coded = fixed32(groups_, full - 1);
      at = std::size_t{coded >> 6U} * kUnit + packed_bytes(coded & 63U);
    }
    if (at > data_.size()) return nullptr;
    Reader in(data_.substr(at));
    held_size_ = total_ % static_cast<std::uint32_t>(kBlock);
    for (std::uint32_t i = 0; i < held_size_; ++i) values_[i] = in.varint32();
    if (!in.ok()) {
      held_ = 0xFFFFFFFFU;
      return nullptr;
    }
  }
  held_ = number;
  size = held_size_;
  return values_.data();
}

bool PlaceChunk::read(std::uint32_t first, std::uint32_t count, std::vector<std::uint32_t>& out) {
  constexpr auto kSize = static_cast<std::uint32_t>(kBlock);
  constexpr std::uint32_t kFew = 4;  // cheaper one by one than with the other places of the group
  out.clear();
  if (first > total_ || count > total_ - first) return false;
  out.resize(count);
  auto* to = out.data();
  std::uint32_t position = 0;
  while (count > 0) {
    const auto number = first / kSize;
    const auto from = first % kSize;
    const auto take = std::min(count, kSize - from);
    if (take <= kFew && number != held_ && number < total_ / kSize) {
      unsigned width = 0;
      const auto* bytes = packed(number, width);
      if (bytes == nullptr) return false;
      for (std::uint32_t i = 0; i < take; ++i) {
        *to++ = position += unpack_one(bytes, width, from + i);
      }
    } else {
      std::uint32_t size = 0;
      const auto* values = group(number, size);
      if (values == nullptr || from + take > size) return false;
      for (std::uint32_t i = 0; i < take; ++i) *to++ = position += values[from + i];
    }
    first += take;
    count -= take;
  }
  return true;
}

}  // namespace alih::indexer
