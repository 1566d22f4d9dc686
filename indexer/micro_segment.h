#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "indexer/spelling.h"

namespace alih::indexer {

// What a term was found in. Only ever add at the end: the number is on disk.
enum class Field : unsigned char { text = 0, title = 1, creator = 2, other = 3 };
inline constexpr std::size_t kFieldCount = 4;

// One searched thing: a page, or an item's metadata (page_seq 0).
struct Document {
  std::uint32_t ordinal = 0;  // never used again for another one
  std::string item;           // ULID
  std::uint32_t page_seq = 0;
  Orthography orthography = Orthography::unknown;
  std::array<std::uint32_t, kFieldCount> lengths{};  // terms a field, as rounded on disk
};

// Terms of one field of one document with their positions, ascending.
struct Posting {
  std::uint32_t document = 0;  // index into the segment's documents
  std::vector<std::uint32_t> positions;
};

// Collects documents in ascending order of ordinals and writes a segment. One thread.
class SegmentBuilder {
 public:
  void add_document(const Document& document);
  // For the document added last.
  void add_term(Field field, std::string_view term, std::uint32_t position);
  [[nodiscard]] bool empty() const { return documents_.empty(); }
  [[nodiscard]] std::string finish();

 private:
  friend std::string merge_segments(const std::vector<std::shared_ptr<const class MicroSegment>>&,
                                    const std::function<bool(std::uint32_t)>&);
  std::vector<Document> documents_;
  std::map<std::string, std::vector<Posting>, std::less<>> terms_;  // key: field byte + term
};

// A whole segment in one value (format: docs/formats/micro_segment.md): documents, sorted terms,
// postings of variable-byte deltas, CRC-32C at the end. Immutable; any thread.
class MicroSegment {
 public:
  // Checks the checksum and every offset and count before use. Errors: damaged.
  [[nodiscard]] static Result<std::shared_ptr<const MicroSegment>> open(std::string bytes);

  [[nodiscard]] const std::vector<Document>& documents() const { return documents_; }
  [[nodiscard]] std::size_t term_count() const { return terms_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

  // Postings of one term, by document; empty when it is not there.
  [[nodiscard]] std::vector<Posting> postings(Field field, std::string_view term) const;
  // Calls with every term of the field that starts with the prefix, in order, until it says false.
  void each_term(Field field, std::string_view prefix,
                 const std::function<bool(std::string_view term)>& call) const;

 private:
  struct Term {
    std::string_view key;       // field byte + term
    std::string_view postings;  // encoded
  };
  explicit MicroSegment(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] bool parse();
  [[nodiscard]] std::vector<Posting> decode(std::string_view encoded) const;
  friend std::string merge_segments(const std::vector<std::shared_ptr<const MicroSegment>>&,
                                    const std::function<bool(std::uint32_t)>&);

  std::string bytes_;
  std::vector<Document> documents_;
  std::vector<Term> terms_;
};

// One segment from several, in ascending order of ordinals, without the deleted documents. Empty
// when none is left.
[[nodiscard]] std::string merge_segments(
    const std::vector<std::shared_ptr<const MicroSegment>>& segments,
    const std::function<bool(std::uint32_t ordinal)>& deleted);

// CRC-32C (Castagnoli), bitwise reflected, as RFC 3720 defines it.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

}  // namespace alih::indexer
