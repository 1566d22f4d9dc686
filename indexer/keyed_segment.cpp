#include "indexer/keyed_segment.h"

#include <algorithm>

#include "indexer/crc32c.h"
#include "indexer/keyspace.h"
#include "indexer/varint.h"

namespace alih::indexer {
namespace {

constexpr std::string_view kMagic = "ALKS1\n";
constexpr std::size_t kBlockBytes = 4096;  // of terms
constexpr std::uint64_t kSkips = 0xFFFF;   // in place of a chunk's number
constexpr unsigned kNibble = 15;

std::string frame_key(std::uint32_t segment, char kind) { return segment_prefix(segment) + kind; }
std::string block_key(std::uint32_t segment, std::uint32_t block) {
  return segment_prefix(segment) + big_endian(block, 4);
}
std::string list_key(std::uint32_t segment, std::uint32_t list, std::uint64_t chunk) {
  return segment_prefix(segment) + big_endian(list, 4) + big_endian(chunk, 2);
}

// Two small numbers in a byte, the larger ones behind it.
void put_pair(std::string& out, std::size_t a, std::size_t b) {
  const auto low_a = std::min<std::size_t>(a, kNibble);
  const auto low_b = std::min<std::size_t>(b, kNibble);
  out += static_cast<char>(low_a << 4U | low_b);
  if (low_a == kNibble) put_varint(out, a - kNibble);
  if (low_b == kNibble) put_varint(out, b - kNibble);
}
void get_pair(Reader& in, std::size_t& a, std::size_t& b) {
  const auto byte = in.bytes(1);
  const unsigned both = byte.empty() ? 0 : static_cast<unsigned char>(byte[0]);
  a = both >> 4U;
  b = both & kNibble;
  if (a == kNibble) a += in.count();
  if (b == kNibble) b += in.count();
}

// One term of a block: shared and own bytes of the key, then its list. False at the end or at bytes
// that make no sense.
struct Entry {
  std::size_t shared = 0;
  std::string_view own;
  TermList list;
};
bool read_entry(Reader& in, Entry& out) {
  std::size_t own = 0;
  get_pair(in, out.shared, own);
  out.own = in.bytes(own);
  const auto documents = in.varint32();
  out.list.documents = documents;
  out.list.is_long = documents >= kInlineLimit;
  if (out.list.is_long) {
    out.list.number = in.varint32();
    out.list.short_form = {};
  } else {
    out.list.short_form = in.sized_bytes();
  }
  return in.ok() && documents > 0;
}

}  // namespace

std::string segment_prefix(std::uint32_t number) { return big_endian(number, 4); }

KeyedWriter::KeyedWriter(std::uint32_t segment, const Documents& documents, PartSink sink)
    : segment_(segment), documents_(documents), sink_(std::move(sink)) {}

Status KeyedWriter::put(Part part, const std::string& key, std::string&& value) {
  seal(key, value);
  return sink_(part, key, value);
}

Status KeyedWriter::put_block() {
  if (in_block_ == 0) return {};
  std::string value;
  put_varint(value, in_block_);
  value += block_;
  block_.clear();
  in_block_ = 0;
  last_.clear();
  return put(Part::dict, block_key(segment_, blocks_++), std::move(value));
}

Status KeyedWriter::add(Field field, std::string_view term, const Postings& postings) {
  if (block_.size() >= kBlockBytes) ALIH_CHECK(put_block());
  auto key = term_key(field, term);
  if (in_block_ == 0) put_bytes(firsts_, key);
  std::size_t shared = 0;
  while (shared < std::min(last_.size(), key.size()) && last_[shared] == key[shared]) ++shared;
  put_pair(block_, shared, key.size() - shared);
  block_ += std::string_view(key).substr(shared);
  put_varint(block_, postings.docs.size());
  if (postings.docs.size() < kInlineLimit) {
    std::string list;
    encode_short(postings, list);
    put_bytes(block_, list);
  } else {
    const auto number = lists_++;
    put_varint(block_, number);
    auto list = encode_long(postings, documents_.lengths(field));
    for (std::size_t c = 0; c < list.posts.size(); ++c) {
      ALIH_CHECK(put(Part::post, list_key(segment_, number, c), std::move(list.posts[c])));
    }
    ALIH_CHECK(put(Part::post, list_key(segment_, number, kSkips), std::move(list.skips)));
    for (std::size_t c = 0; c < list.places.size(); ++c) {
      ALIH_CHECK(put(Part::place, list_key(segment_, number, c), std::move(list.places[c])));
    }
  }
  last_ = std::move(key);
  ++in_block_;
  return {};
}

Status KeyedWriter::finish() {
  ALIH_CHECK(put_block());
  std::string frame(kMagic);
  documents_.encode(frame);
  put_varint(frame, lists_);
  ALIH_CHECK(put(Part::frame, frame_key(segment_, 'd'), std::move(frame)));
  std::string terms;
  put_varint(terms, blocks_);
  terms += firsts_;
  return put(Part::frame, frame_key(segment_, 't'), std::move(terms));
}

Result<std::shared_ptr<KeyedSegment>> KeyedSegment::open(std::uint32_t number,
                                                         std::shared_ptr<const PartSource> source) {
  const std::shared_ptr<KeyedSegment> out(new KeyedSegment(number, std::move(source)));
  ALIH_TRY(const auto frame, out->get(Part::frame, frame_key(number, 'd'), true));
  if (!frame.bytes.starts_with(kMagic)) return fail(index_damaged());
  Reader in(frame.bytes.substr(kMagic.size()));
  if (!out->documents_.decode(in)) return fail(index_damaged());
  ALIH_TRY(const auto terms, out->get(Part::frame, frame_key(number, 't'), true));
  out->first_bytes_ = terms.bytes;
  Reader firsts(out->first_bytes_);
  const auto blocks = firsts.count(2);
  out->firsts_.reserve(blocks);
  out->heads_.reserve(blocks);
  for (std::size_t b = 0; b < blocks; ++b) {
    const auto key = firsts.sized_bytes();
    if (!firsts.ok() || key.empty() || (b > 0 && key <= out->firsts_.back())) {
      return fail(index_damaged());
    }
    out->firsts_.push_back(key);
    out->heads_.push_back(key_head(key));
  }
  return out;
}

// Sums are checked when a segment is opened, merged and verified, not at every question: then the
// decoders look at what they read, and the database has looked at the file's own sums.
Result<Pinned> KeyedSegment::get(Part part, const std::string& key, bool check) const {
  ALIH_TRY(auto value, source_->get(part, key));
  if (value.bytes.size() < kSeal || (check && !is_sealed(key, value.bytes))) {
    return fail(index_damaged());
  }
  value.bytes.remove_suffix(kSeal);
  return value;
}

std::uint32_t KeyedSegment::block_of(std::string_view key) const {
  const auto [from, to] = std::equal_range(heads_.begin(), heads_.end(), key_head(key));
  const auto after = std::upper_bound(firsts_.begin() + (from - heads_.begin()),
                                      firsts_.begin() + (to - heads_.begin()), key);
  return after == firsts_.begin() ? 0 : static_cast<std::uint32_t>(after - firsts_.begin()) - 1;
}

Result<TermList> KeyedSegment::find(Field field, std::string_view term) const {
  const auto key = term_key(field, term);
  TermList none;
  if (firsts_.empty() || key < firsts_.front()) return none;
  ALIH_TRY(const auto block, get(Part::dict, block_key(number_, block_of(key))));
  Reader in(block.bytes);
  const auto count = in.count(3);
  Entry entry;
  // How much of the key the term before had in common with it: a term that shares less with its
  // neighbour is past the key, one that shares more differs at the same place.
  std::size_t matched = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!read_entry(in, entry)) return fail(index_damaged());
    if (entry.shared > matched) continue;
    if (entry.shared < matched) return none;
    const auto rest = std::string_view(key).substr(matched);
    std::size_t more = 0;
    while (more < std::min(rest.size(), entry.own.size()) && rest[more] == entry.own[more]) ++more;
    if (more == rest.size() && more == entry.own.size()) {
      if (entry.list.documents > documents_.size()) return fail(index_damaged());
      entry.list.owner = block.owner;
      return entry.list;
    }
    const bool past = more == rest.size() ||
                      (more < entry.own.size() && static_cast<unsigned char>(entry.own[more]) >
                                                      static_cast<unsigned char>(rest[more]));
    if (past) return none;
    matched += more;
  }
  return none;
}

class KeyedSegment::Walk final : public TermWalk {
 public:
  explicit Walk(const KeyedSegment& segment) : segment_(segment) {}

  Status seek(std::string_view from) {
    next_block_ = segment_.block_of(from);
    ALIH_CHECK(next());
    while (valid_ && key_ < from) ALIH_CHECK(next());
    return {};
  }
  [[nodiscard]] bool valid() const override { return valid_; }
  [[nodiscard]] std::string_view key() const override { return key_; }
  [[nodiscard]] const TermList& list() const override { return entry_.list; }
  [[nodiscard]] Status next() override {
    while (left_ == 0) {
      valid_ = next_block_ < segment_.blocks();
      if (!valid_) return {};
      ALIH_TRY(block_, segment_.get(Part::dict, block_key(segment_.number_, next_block_++), true));
      in_ = Reader(block_.bytes);
      left_ = in_.count(3);
      key_.clear();
    }
    --left_;
    if (!read_entry(in_, entry_) || entry_.shared > key_.size() ||
        entry_.list.documents > segment_.documents_.size()) {
      valid_ = false;
      left_ = 0;
      next_block_ = segment_.blocks();
      return fail(index_damaged());
    }
    key_.resize(entry_.shared);
    key_ += entry_.own;
    entry_.list.owner = block_.owner;
    if (key_.empty() || static_cast<unsigned char>(key_[0]) >= kFieldCount) {
      valid_ = false;
      return fail(index_damaged());
    }
    valid_ = true;
    return {};
  }

 private:
  const KeyedSegment& segment_;
  std::uint32_t next_block_ = 0;
  Pinned block_;
  Reader in_{""};
  std::size_t left_ = 0;
  std::string key_;
  Entry entry_;
  bool valid_ = false;
};

Result<std::unique_ptr<TermWalk>> KeyedSegment::walk(std::string_view from) const {
  auto out = std::make_unique<Walk>(*this);
  ALIH_CHECK(out->seek(from));
  return std::unique_ptr<TermWalk>(std::move(out));
}

Result<Pinned> KeyedSegment::skips(std::uint32_t list) const {
  return get(Part::post, list_key(number_, list, kSkips));
}
Result<Pinned> KeyedSegment::posts(std::uint32_t list, std::uint32_t chunk) const {
  return get(Part::post, list_key(number_, list, chunk));
}
Result<Pinned> KeyedSegment::places(std::uint32_t list, std::uint32_t chunk) const {
  return get(Part::place, list_key(number_, list, chunk));
}

Status KeyedSegment::verify() const {
  ALIH_TRY(const auto terms, walk(""));
  Postings postings;
  for (; terms->valid();) {
    const auto& list = terms->list();
    const bool positions = has_positions(static_cast<Field>(terms->key()[0]));
    if (list.is_long) {
      const auto chunks = (list.documents + kBlock * kChunkBlocks - 1) / (kBlock * kChunkBlocks);
      ALIH_CHECK(get(Part::post, list_key(number_, list.number, kSkips), true).map([](auto&&) {}));
      for (std::uint64_t c = 0; c < chunks; ++c) {
        const auto key = list_key(number_, list.number, c);
        ALIH_CHECK(get(Part::post, key, true).map([](auto&&) {}));
        if (positions) ALIH_CHECK(get(Part::place, key, true).map([](auto&&) {}));
      }
    }
    ALIH_CHECK(read(list, positions, postings));
    ALIH_CHECK(terms->next());
  }
  return {};
}

}  // namespace alih::indexer
