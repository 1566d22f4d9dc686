#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "indexer/crc32c.h"
#include "indexer/inverter.h"
#include "indexer/segment.h"

namespace alih::indexer {

// What was collected, as one value (format: docs/formats/micro_segment.md): documents, sorted terms
// with their lists, CRC-32C at the end.
[[nodiscard]] std::string encode_micro(const Inverter& inverter);

// A small segment, whole in memory: what one commit brought. Any thread.
class MicroSegment final : public Segment {
 public:
  // Checks the checksum and every offset and count before use. Errors: damaged.
  [[nodiscard]] static Result<std::shared_ptr<const MicroSegment>> open(std::string bytes);

  [[nodiscard]] std::size_t term_count() const { return terms_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

  [[nodiscard]] const Documents& documents() const override { return documents_; }
  [[nodiscard]] Result<TermList> find(Field field, std::string_view term) const override;
  [[nodiscard]] Result<std::unique_ptr<TermWalk>> walk(std::string_view from) const override;
  [[nodiscard]] Result<Pinned> skips(std::uint32_t list) const override;
  [[nodiscard]] Result<Pinned> posts(std::uint32_t list, std::uint32_t chunk) const override;
  [[nodiscard]] Result<Pinned> places(std::uint32_t list, std::uint32_t chunk) const override;

 private:
  class Walk;
  struct Term {
    std::string_view key;  // field byte + term
    std::uint32_t documents = 0;
    std::string_view list;
  };
  explicit MicroSegment(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] bool parse();

  std::string bytes_;
  Documents documents_;
  std::vector<Term> terms_;
  std::vector<std::uint64_t> heads_;  // key_head() of each
};

// One segment from several, in ascending order of ordinals, without the deleted documents. Empty
// when none is left. Errors: damaged.
[[nodiscard]] Result<std::string> merge_micro(
    const std::vector<std::shared_ptr<const Segment>>& segments,
    const std::function<bool(std::uint32_t ordinal)>& deleted);

}  // namespace alih::indexer
