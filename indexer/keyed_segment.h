#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "indexer/segment.h"

namespace alih::indexer {

// Where the values of a keyed segment stand; each is a family of the database. Keys start with the
// segment's number (docs/formats/search_segment.md).
enum class Part : unsigned char { frame, dict, post, place };
inline constexpr std::size_t kPartCount = 4;

// Reads values. Errors: damaged, unavailable; nothing under the key is damage, too.
class PartSource {
 public:
  PartSource() = default;
  PartSource(const PartSource&) = delete;
  PartSource& operator=(const PartSource&) = delete;
  virtual ~PartSource() = default;
  [[nodiscard]] virtual Result<Pinned> get(Part part, std::string_view key) const = 0;
};

// Takes values; the keys of each part ascend.
using PartSink = std::function<Status(Part part, std::string_view key, std::string_view value)>;

// Writes a segment. Terms come sorted by field and bytes. One thread. Errors: those of the sink.
class KeyedWriter {
 public:
  KeyedWriter(std::uint32_t segment, const Documents& documents, PartSink sink);
  [[nodiscard]] Status add(Field field, std::string_view term, const Postings& postings);
  [[nodiscard]] Status finish();

 private:
  [[nodiscard]] Status put(Part part, const std::string& key, std::string&& value);
  [[nodiscard]] Status put_block();
  std::uint32_t segment_;
  const Documents& documents_;
  PartSink sink_;
  std::string block_;  // terms so far
  std::string last_;   // key of the term before
  std::uint32_t in_block_ = 0;
  std::uint32_t blocks_ = 0;
  std::uint32_t lists_ = 0;
  std::string firsts_;  // first key of each block
};

// A segment in the database. Documents and the first term of each block of terms are in memory, the
// rest is read when it is asked for. Any thread, as far as the source allows.
class KeyedSegment final : public Segment {
 public:
  // Checks sums and contents of what stays in memory. Errors: damaged, unavailable.
  [[nodiscard]] static Result<std::shared_ptr<KeyedSegment>> open(
      std::uint32_t number, std::shared_ptr<const PartSource> source);

  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] const Documents& documents() const override { return documents_; }
  [[nodiscard]] Result<TermList> find(Field field, std::string_view term) const override;
  [[nodiscard]] Result<std::unique_ptr<TermWalk>> walk(std::string_view from) const override;
  [[nodiscard]] Result<Pinned> skips(std::uint32_t list) const override;
  [[nodiscard]] Result<Pinned> posts(std::uint32_t list, std::uint32_t chunk) const override;
  [[nodiscard]] Result<Pinned> places(std::uint32_t list, std::uint32_t chunk) const override;
  // Reads all of it against its sums. Errors: damaged, unavailable.
  [[nodiscard]] Status verify() const;

 private:
  class Walk;
  KeyedSegment(std::uint32_t number, std::shared_ptr<const PartSource> source)
      : number_(number), source_(std::move(source)) {}
  [[nodiscard]] Result<Pinned> get(Part part, const std::string& key, bool check = false) const;
  [[nodiscard]] std::uint32_t blocks() const { return static_cast<std::uint32_t>(firsts_.size()); }
  // The block that would hold the key.
  [[nodiscard]] std::uint32_t block_of(std::string_view key) const;

  std::uint32_t number_;
  std::shared_ptr<const PartSource> source_;
  Documents documents_;
  std::string first_bytes_;
  std::vector<std::string_view> firsts_;
  std::vector<std::uint64_t> heads_;  // first eight bytes of each: most comparisons need no more
};

// All keys of a segment lie from prefix(number) up to, not with, prefix(number + 1).
[[nodiscard]] std::string segment_prefix(std::uint32_t number);

}  // namespace alih::indexer
