#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/bitpack.h"

namespace alih::indexer {

// Where one term stands: documents of the segment, ascending, how often in each, and the places, so
// many of each document as it counts. Formats: docs/formats/search_segment.md.
struct Postings {
  std::vector<std::uint32_t> docs;
  std::vector<std::uint32_t> counts;     // 1 or more
  std::vector<std::uint32_t> positions;  // of all documents; empty in a field without

  void clear() {
    docs.clear();
    counts.clear();
    positions.clear();
  }
};

// Lists under this many documents stand whole beside their term.
inline constexpr std::size_t kInlineLimit = kBlock;
inline constexpr std::size_t kChunkBlocks = 64;  // blocks in one value

// A document of a block that no other one of it beats: how often the term stands in it and the code
// of its length. 255 occurrences: so many or more.
struct Impact {
  std::uint8_t count = 0;
  std::uint8_t length = 0;
  bool operator==(const Impact&) const = default;
};

// Number `index` of those that stand in `bytes`, four bytes each, low ones first.
[[nodiscard]] inline std::uint32_t fixed32(std::string_view bytes, std::size_t index) {
  std::uint32_t value = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  std::memcpy(&value, bytes.data() + 4 * index, 4);
#else
  for (unsigned i = 0; i < 4; ++i) {
    value |= std::uint32_t{static_cast<unsigned char>(bytes[4 * index + i])} << (8 * i);
  }
#endif
  return value;
}

// The short form, any number of documents.
void encode_short(const Postings& postings, std::string& out);
// Reads `count` documents, all under `limit`; false for damaged bytes.
[[nodiscard]] bool decode_short(std::string_view bytes, std::uint32_t count, std::uint32_t limit,
                                bool positions, Postings& out);

// The long form: blocks of 128 documents, 64 blocks a value; the same cut for the places; and one
// value that says where each block ends and what it can score at most.
struct LongList {
  std::vector<std::string> posts;
  std::vector<std::string> places;  // empty in a field without positions
  std::string skips;
};
// `lengths`: length code of every document of the segment.
[[nodiscard]] LongList encode_long(const Postings& postings, const std::uint8_t* lengths);

// Views of the long form's values. They hold no bytes; open() checks that all they give out lies
// inside, whatever the bytes are.
class Skips {
 public:
  [[nodiscard]] bool open(std::string_view bytes, std::uint32_t documents, std::uint32_t limit);
  [[nodiscard]] std::uint32_t blocks() const { return blocks_; }
  [[nodiscard]] std::uint32_t documents() const { return documents_; }
  // The last document of a block.
  [[nodiscard]] std::uint32_t last(std::uint32_t block) const { return fixed32(lasts_, block); }
  [[nodiscard]] std::uint32_t size(std::uint32_t block) const {
    const auto before = block * static_cast<std::uint32_t>(kBlock);
    return documents_ - before < kBlock ? documents_ - before : static_cast<std::uint32_t>(kBlock);
  }
  // Calls with each impact of the block.
  template <typename Call>
  void impacts(std::uint32_t block, Call&& call) const {
    const auto from = impact_start(block);
    const auto to = impact_start(block + 1);
    for (auto i = from; i < to; ++i) {
      call(Impact{static_cast<std::uint8_t>(impacts_[2 * i]),
                  static_cast<std::uint8_t>(impacts_[2 * i + 1])});
    }
  }

 private:
  [[nodiscard]] std::uint32_t impact_start(std::uint32_t block) const {
    return fixed32(starts_, block);
  }
  std::string_view lasts_;
  std::string_view starts_;
  std::string_view impacts_;
  std::uint32_t blocks_ = 0;
  std::uint32_t documents_ = 0;
};

class PostChunk {
 public:
  [[nodiscard]] bool open(std::string_view bytes, std::uint32_t blocks);
  // Documents of a block of this chunk; `base`: the last one of the block before (0 at the start),
  // `last`: its own last one. False when the bytes do not give that.
  [[nodiscard]] bool docs(std::uint32_t block, std::uint32_t size, std::uint32_t base,
                          std::uint32_t last, std::uint32_t* out) const;
  [[nodiscard]] bool counts(std::uint32_t block, std::uint32_t size, std::uint32_t* out) const;
  // The count of one document of a block of 128, without the others; 0 when the bytes do not give
  // it or the block is another one.
  [[nodiscard]] std::uint32_t count(std::uint32_t block, std::uint32_t size,
                                    std::uint32_t index) const;

 private:
  std::string_view header_;
  std::string_view data_;
  std::uint32_t blocks_ = 0;
};

class PlaceChunk {
 public:
  [[nodiscard]] bool open(std::string_view bytes, std::uint32_t blocks);
  // Number of the first place of a block within the chunk.
  [[nodiscard]] std::uint32_t start(std::uint32_t block) const;
  // Places `first` to `first + count` of one document, undone from gaps.
  [[nodiscard]] bool read(std::uint32_t first, std::uint32_t count,
                          std::vector<std::uint32_t>& out);

 private:
  [[nodiscard]] const std::uint32_t* group(std::uint32_t number, std::uint32_t& size);
  [[nodiscard]] const unsigned char* packed(std::uint32_t number, unsigned& width) const;
  std::string_view starts_;
  std::string_view groups_;
  std::string_view data_;
  std::uint32_t total_ = 0;
  std::uint32_t blocks_ = 0;
  std::uint32_t held_ = 0xFFFFFFFFU;  // the group that values_ has
  std::uint32_t held_size_ = 0;
  std::array<std::uint32_t, kBlock> values_;  // filled by group()
};

}  // namespace alih::indexer
