#include "indexer/cursor.h"

#include <algorithm>

namespace alih::indexer {
namespace {

constexpr auto kBlock32 = static_cast<std::uint32_t>(kBlock);
constexpr auto kChunk32 = static_cast<std::uint32_t>(kChunkBlocks);

}  // namespace

void Cursor::open(const Postings& list) {
  list_ = &list;
  list_docs_ = list.docs.data();
  list_counts_ = list.counts.data();
  total_ = static_cast<std::uint32_t>(list.docs.size());
  blocks_ = (total_ + kBlock32 - 1) / kBlock32;
  if (total_ == 0) doc_ = kEnd;
}

void Cursor::open(const Segment& segment, const TermList& list) {
  is_long_ = true;
  segment_ = &segment;
  number_ = list.number;
  auto bytes = segment.skips(number_);
  if (!bytes) return fail_with(std::move(bytes).error());
  skip_bytes_ = std::move(*bytes);
  if (!skips_.open(skip_bytes_.bytes, list.documents,
                   static_cast<std::uint32_t>(segment.documents().size()))) {
    return fail_with(index_damaged());
  }
  total_ = list.documents;
  blocks_ = skips_.blocks();
}

void Cursor::fail_with(Error error) {
  error_ = fail(std::move(error));
  total_ = blocks_ = size_ = 0;
  doc_ = kEnd;
}

void Cursor::rank(const Scale& scale, const std::uint8_t* lengths) {
  scale_ = scale;
  lengths_ = lengths;
  bounds_.assign(blocks_, -1);
  most_ = -1;
}

std::int32_t Cursor::most() {
  if (most_ < 0) {
    most_ = 0;
    for (std::uint32_t b = 0; b < blocks_; ++b) most_ = std::max(most_, bound(b));
  }
  return most_;
}

std::int32_t Cursor::bound(std::uint32_t block) {
  auto& known = bounds_[block];
  if (known >= 0) return known;
  std::int32_t most = 0;
  if (is_long_) {
    skips_.impacts(block, [&](Impact impact) {
      constexpr std::uint8_t kMany = 255;
      most = std::max(
          most, impact.count == kMany ? scale_.most() : scale_.score(impact.count, impact.length));
    });
  } else {
    const auto from = block * kBlock32;
    const auto size = std::min(kBlock32, total_ - from);
    std::array<std::int32_t, kBlock> scores{};
    score_block(scale_, lengths_, list_docs_ + from, list_counts_ + from, size, scores.data());
    most = *std::max_element(scores.begin(), scores.begin() + size);
  }
  return known = most;
}

std::uint32_t Cursor::block_with(std::uint32_t target) {
  if (shallow_ >= blocks_ || last(shallow_) >= target) return shallow_;
  // Galloping: the next block is the likeliest.
  std::uint32_t step = 1;
  std::uint32_t low = shallow_;  // last(low) < target
  while (low + step < blocks_ && last(low + step) < target) {
    low += step;
    step *= 2;
  }
  std::uint32_t high = std::min(low + step, blocks_);  // blocks_ or last(high) >= target
  while (low + 1 < high) {
    const auto middle = low + (high - low) / 2;
    if (last(middle) < target)
      low = middle;
    else
      high = middle;
  }
  return shallow_ = high;
}

bool Cursor::open_chunk(std::uint32_t chunk) {
  if (chunk == chunk_) return true;
  auto bytes = segment_->posts(number_, chunk);
  if (!bytes) {
    fail_with(std::move(bytes).error());
    return false;
  }
  post_bytes_ = std::move(*bytes);
  if (!post_.open(post_bytes_.bytes, std::min(kChunk32, blocks_ - chunk * kChunk32))) {
    fail_with(index_damaged());
    return false;
  }
  chunk_ = chunk;
  return true;
}

bool Cursor::load(std::uint32_t block) {
  if (block >= blocks_) return false;
  if (block != block_) {
    counts_ = nullptr;
    scored_ = false;
    summed_ = places_ = 0;
    docs_ = doc_buffer_.data();
    if (is_long_) {
      size_ = skips_.size(block);
      if (!open_chunk(block / kChunk32)) return false;
      if (!post_.docs(block % kChunk32, size_, block == 0 ? 0 : skips_.last(block - 1),
                      skips_.last(block), doc_buffer_.data())) {
        fail_with(index_damaged());
        return false;
      }
    } else {
      const auto from = block * kBlock32;
      size_ = std::min(kBlock32, total_ - from);
      std::copy_n(list_docs_ + from, size_, doc_buffer_.data());
      counts_ = list_counts_ + from;
    }
    std::fill_n(doc_buffer_.data() + size_, kStride, kPadding);
    last_ = docs_[size_ - 1];
    block_ = block;
  }
  at_ = 0;
  doc_ = docs_[0];
  return true;
}

const std::uint32_t* Cursor::counts() {
  if (counts_ == nullptr) {
    if (!post_.counts(block_ % kChunk32, size_, count_buffer_.data())) {
      error_ = fail(index_damaged());
      count_buffer_.fill(1);
    }
    counts_ = count_buffer_.data();
  }
  return counts_;
}

const std::int32_t* Cursor::scores() {
  if (!scored_) {
    score_block(scale_, lengths_, docs_, counts(), size_, score_buffer_.data());
    scored_ = true;
  }
  return score_buffer_.data();
}

std::uint32_t Cursor::one_count() {
  const auto count = post_.count(block_ % kChunk32, size_, at_);
  return count > 0 ? count : counts()[at_];
}

std::uint32_t Cursor::seek_block(std::uint32_t target) {
  const auto block = block_with(target);
  if (block >= blocks_ || !load(block)) return doc_ = kEnd;
  if (doc_ < target) {
    at_ = find(0, target);
    doc_ = docs_[at_];
  }
  return doc_;
}

const std::vector<std::uint32_t>& Cursor::positions() {
  found_.clear();
  if (!is_long_) {
    if (starts_.empty()) {
      starts_.reserve(total_ + 1);
      std::uint32_t start = 0;
      for (const auto count : list_->counts) {
        starts_.push_back(start);
        start += count;
      }
      starts_.push_back(start);
    }
    const auto i = block_ * kBlock32 + at_;
    if (starts_[i + 1] <= list_->positions.size()) {
      found_.assign(list_->positions.begin() + starts_[i],
                    list_->positions.begin() + starts_[i + 1]);
    }
    return found_;
  }
  const auto chunk = block_ / kChunk32;
  if (chunk != place_chunk_) {
    auto bytes = segment_->places(number_, chunk);
    if (!bytes) {
      error_ = fail(std::move(bytes).error());
      return found_;
    }
    place_bytes_ = std::move(*bytes);
    if (!place_.open(place_bytes_.bytes, std::min(kChunk32, blocks_ - chunk * kChunk32))) {
      error_ = fail(index_damaged());
      return found_;
    }
    place_chunk_ = chunk;
  }
  // What stands before this document in its block is added up, each count once.
  const auto* n = counts();
  for (; summed_ < at_; ++summed_) places_ += n[summed_];
  if (!place_.read(place_.start(block_ % kChunk32) + places_, n[at_], found_)) {
    error_ = fail(index_damaged());
  }
  return found_;
}

}  // namespace alih::indexer
