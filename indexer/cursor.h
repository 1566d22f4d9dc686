#pragma once

#include <array>
#include <cstdint>
#include <vector>

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
  // No document of the list scores more than the scale's top.
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
  std::uint32_t seek(std::uint32_t target);
  [[nodiscard]] std::uint32_t doc() const { return doc_; }
  [[nodiscard]] std::uint32_t count() { return counts()[at_]; }
  [[nodiscard]] std::int32_t score() { return scale_.score(counts()[at_], lengths_[doc_]); }
  // Places of the current document, ascending; a list in memory must have them.
  [[nodiscard]] const std::vector<std::uint32_t>& positions();

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
  void fail_with(Error error);
  bool open_chunk(std::uint32_t chunk);

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
  std::array<std::uint32_t, kBlock> doc_buffer_;
  std::array<std::uint32_t, kBlock> count_buffer_;

  Scale scale_;
  const std::uint8_t* lengths_ = nullptr;
  std::vector<std::int32_t> bounds_;
  std::array<std::int32_t, kBlock> score_buffer_;

  std::uint32_t total_ = 0;
  std::uint32_t blocks_ = 0;
  std::uint32_t shallow_ = 0;
  std::uint32_t block_ = kNone;
  const std::uint32_t* docs_ = nullptr;
  const std::uint32_t* counts_ = nullptr;  // null: not decoded yet
  bool scored_ = false;
  std::uint32_t size_ = 0;
  std::uint32_t at_ = 0;
  std::uint32_t doc_ = 0;
  bool started_ = false;
  std::vector<std::uint32_t> found_;
};

}  // namespace alih::indexer
