#pragma once

#include <array>
#include <cstdint>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "indexer/postings.h"
#include "indexer/ranking.h"
#include "indexer/segment.h"

namespace alih::indexer {

// Goes through one list of one segment, block by block; only what is asked for is decoded. Targets
// of block_with() and seek() only ever rise. One thread. What cannot be read ends the list, and
// error() says why.
class Cursor {
 public:
  static constexpr std::uint32_t kEnd = 0xFFFFFFFFU;

  // Over a list in memory, which must outlive the cursor.
  void open(const Postings& list);
  // Over a long list of a segment, which must outlive the cursor.
  void open(const Segment& segment, const TermList& list);
  // Before scores and bounds are asked for. `lengths`: of the segment's documents.
  void rank(const Scale& scale, const std::uint8_t* lengths);

  [[nodiscard]] const Status& error() const { return error_; }
  [[nodiscard]] std::uint32_t documents() const { return total_; }
  [[nodiscard]] std::uint32_t blocks() const { return blocks_; }
  [[nodiscard]] std::uint32_t last(std::uint32_t block) const {
    if (is_long_) return skips_.last(block);
    const auto end = (block + 1) * static_cast<std::uint32_t>(kBlock);
    return list_docs_[(end < total_ ? end : total_) - 1];
  }
  // No document of the block scores more.
  [[nodiscard]] std::int32_t bound(std::uint32_t block);
  // No document of the list scores more. Looks at every block at its first call.
  [[nodiscard]] std::int32_t most();
  [[nodiscard]] const Scale& scale() const { return scale_; }

  // The first block that ends at the target or behind, or blocks().
  [[nodiscard]] std::uint32_t block_with(std::uint32_t target);
  // Makes a block the current one, at its first document; false when it cannot be read.
  bool load(std::uint32_t block);
  [[nodiscard]] const std::uint32_t* docs() const { return docs_; }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] const std::uint32_t* counts();
  [[nodiscard]] const std::int32_t* scores();

  // Goes to the first document from the target on; kEnd behind the last.
  std::uint32_t seek(std::uint32_t target) {
    if (block_ == kNone || target > last_) return seek_block(target);
    if (doc_ < target) {
      at_ = find(at_, target);
      doc_ = docs_[at_];
    }
    return doc_;
  }
  // Goes to a document of the current block, not before the one it is at.
  void go_to(std::uint32_t index) {
    at_ = index;
    doc_ = docs_[index];
  }
  [[nodiscard]] std::uint32_t doc() const { return doc_; }
  // Of the current document.
  [[nodiscard]] std::uint32_t count() { return counts_ != nullptr ? counts_[at_] : one_count(); }
  [[nodiscard]] std::int32_t score() { return scale_.score(count(), lengths_[doc_]); }
  // What it would score if it had the word so often.
  [[nodiscard]] std::int32_t score_of(std::uint32_t count) const {
    return scale_.score(count, lengths_[doc_]);
  }
  // Places of the current document, ascending; a list in memory must have them.
  [[nodiscard]] const std::vector<std::uint32_t>& positions();

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
  static constexpr std::uint32_t kStride = 16;
  static constexpr std::uint32_t kPadding = 0x7FFFFFFF;  // behind a block, above every document
  void fail_with(Error error);
  bool open_chunk(std::uint32_t chunk);
  std::uint32_t seek_block(std::uint32_t target);
  std::uint32_t one_count();
  // The first document of the current block, from `at` on, that is not below the target; there is
  // one. Sixteen at a time: the next one is mostly near.
  [[nodiscard]] std::uint32_t find(std::uint32_t at, std::uint32_t target) const {
    while (doc_buffer_[at + kStride - 1] < target) at += kStride;
#if defined(__SSE2__)
    const auto wanted = _mm_set1_epi32(static_cast<int>(target));
    const auto* from = reinterpret_cast<const __m128i*>(doc_buffer_.data() + at);  // NOLINT
    const auto below = [&](int i) { return _mm_cmplt_epi32(_mm_loadu_si128(from + i), wanted); };
    const auto low = _mm_packs_epi32(below(0), below(1));
    const auto high = _mm_packs_epi32(below(2), below(3));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
    return at + static_cast<std::uint32_t>(__builtin_ctz(~mask));
#else
    while (doc_buffer_[at] < target) ++at;
    return at;
#endif
  }

  Status error_;
  bool is_long_ = false;
  // In memory:
  const std::uint32_t* list_docs_ = nullptr;
  const std::uint32_t* list_counts_ = nullptr;
  const Postings* list_ = nullptr;
  std::vector<std::uint32_t> starts_;  // of each document's places, made when asked for
  // Long:
  const Segment* segment_ = nullptr;
  std::uint32_t number_ = 0;
  Pinned skip_bytes_;
  Skips skips_;
  Pinned post_bytes_;
  PostChunk post_;
  std::uint32_t chunk_ = kNone;
  Pinned place_bytes_;
  PlaceChunk place_;
  std::uint32_t place_chunk_ = kNone;
  std::array<std::uint32_t, kBlock + kStride> doc_buffer_;  // of the current block, and padding
  std::array<std::uint32_t, kBlock> count_buffer_;

  Scale scale_;
  const std::uint8_t* lengths_ = nullptr;
  std::vector<std::int32_t> bounds_;
  std::int32_t most_ = -1;  // -1: not known yet
  std::array<std::int32_t, kBlock> score_buffer_;

  std::uint32_t total_ = 0;
  std::uint32_t blocks_ = 0;
  std::uint32_t shallow_ = 0;
  std::uint32_t block_ = kNone;
  const std::uint32_t* docs_ = nullptr;
  const std::uint32_t* counts_ = nullptr;  // null: not decoded yet
  std::uint32_t last_ = 0;                 // document of the current block
  std::uint32_t summed_ = 0;               // documents of the block whose counts are in places_
  std::uint32_t places_ = 0;
  bool scored_ = false;
  std::uint32_t size_ = 0;
  std::uint32_t at_ = 0;
  std::uint32_t doc_ = 0;
  std::vector<std::uint32_t> found_;
};

}  // namespace alih::indexer
