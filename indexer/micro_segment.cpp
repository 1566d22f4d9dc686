#include "indexer/micro_segment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "indexer/varint.h"

namespace alih::indexer {
namespace {

constexpr std::string_view kMagic = "ALMS1\n";
constexpr std::size_t kUlid = 26;

std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1U) != 0 ? (c >> 1U) ^ 0x82F63B78U : c >> 1U;
    table[i] = c;
  }
  return table;
}

std::string fixed32(std::uint32_t value) {
  std::string out(4, '\0');
  for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<char>((value >> (8 * (3 - i))) & 0xFFU);
  return out;
}

// Lengths are kept as a logarithm in one byte, 2 % apart, so that the score of a page never depends
// on which segment it stands in.
std::uint32_t length_code(std::uint32_t length) {
  return static_cast<std::uint32_t>(
      std::min(255.0, std::round(16 * std::log2(static_cast<double>(length) + 1))));
}
std::uint32_t length_of_code(std::uint32_t code) {
  return static_cast<std::uint32_t>(std::lround(std::exp2(code / 16.0) - 1));
}

std::string term_key(Field field, std::string_view term) {
  std::string key(1, static_cast<char>(field));
  key += term;
  return key;
}

std::string encode(const std::vector<Posting>& postings) {
  std::string out;
  put_varint(out, postings.size());
  std::uint32_t before = 0;
  for (const auto& posting : postings) {
    put_varint(out, posting.document - before);
    before = posting.document;
    put_varint(out, posting.positions.size());
    std::uint32_t position = 0;
    for (const auto p : posting.positions) {
      put_varint(out, p - position);
      position = p;
    }
  }
  return out;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static const auto table = make_crc_table();
  std::uint32_t c = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    c = table[(c ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (c >> 8U);
  }
  return c ^ 0xFFFFFFFFU;
}

void SegmentBuilder::add_document(const Document& document) { documents_.push_back(document); }

void SegmentBuilder::add_term(Field field, std::string_view term, std::uint32_t position) {
  auto& postings = terms_[term_key(field, term)];
  const auto document = static_cast<std::uint32_t>(documents_.size() - 1);
  if (postings.empty() || postings.back().document != document) postings.push_back({document, {}});
  auto& positions = postings.back().positions;
  // The positions of a page come nearly in order: joined forms may stand one behind.
  const auto place = std::lower_bound(positions.begin(), positions.end(), position);
  if (place == positions.end() || *place != position) positions.insert(place, position);
}

std::string SegmentBuilder::finish() {
  std::string out(kMagic);
  put_varint(out, documents_.size());
  std::uint32_t ordinal = 0;
  for (const auto& d : documents_) {
    put_varint(out, d.ordinal - ordinal);
    ordinal = d.ordinal;
    out += d.item;
    put_varint(out, d.page_seq);
    out += static_cast<char>(d.orthography);
    for (const auto length : d.lengths) out += static_cast<char>(length_code(length));
  }
  put_varint(out, terms_.size());
  for (const auto& [key, postings] : terms_) {
    put_bytes(out, key);
    put_bytes(out, encode(postings));
  }
  out += fixed32(crc32c(out));
  return out;
}

Result<std::shared_ptr<const MicroSegment>> MicroSegment::open(std::string bytes) {
  const std::shared_ptr<MicroSegment> segment(new MicroSegment(std::move(bytes)));
  if (!segment->parse()) {
    return fail(ErrorCode::damaged, "Sebagian indeks rusak; jalankan alihmedia rebuild",
                "A part of the index is damaged; run alihmedia rebuild");
  }
  return std::shared_ptr<const MicroSegment>(segment);
}

bool MicroSegment::parse() {
  const std::string_view all(bytes_);
  if (all.size() < kMagic.size() + 4 || !all.starts_with(kMagic)) return false;
  const auto body = all.substr(0, all.size() - 4);
  if (fixed32(crc32c(body)) != all.substr(all.size() - 4)) return false;
  Reader in(body.substr(kMagic.size()));
  const auto documents = in.count(kUlid);
  documents_.reserve(documents);
  std::uint32_t ordinal = 0;
  for (std::size_t i = 0; i < documents && in.ok(); ++i) {
    Document d;
    ordinal += in.varint32();
    d.ordinal = ordinal;
    d.item = in.bytes(kUlid);
    d.page_seq = in.varint32();
    const auto codes = in.bytes(1 + kFieldCount);
    if (!in.ok()) return false;
    const auto orthography = static_cast<unsigned char>(codes[0]);
    if (orthography > static_cast<unsigned char>(Orthography::mixed)) return false;
    d.orthography = static_cast<Orthography>(orthography);
    for (std::size_t f = 0; f < kFieldCount; ++f) {
      d.lengths[f] = length_of_code(static_cast<unsigned char>(codes[1 + f]));
    }
    documents_.push_back(std::move(d));
  }
  const auto terms = in.count(2);
  terms_.reserve(terms);
  for (std::size_t i = 0; i < terms && in.ok(); ++i) {
    const auto key = in.sized_bytes();
    const auto postings = in.sized_bytes();
    if (key.empty() || (!terms_.empty() && key <= terms_.back().key)) return false;
    terms_.push_back({key, postings});
  }
  return in.ok() && in.done();
}

std::vector<Posting> MicroSegment::decode(std::string_view encoded) const {
  Reader in(encoded);
  std::vector<Posting> out(in.count(2));
  std::uint32_t document = 0;
  for (auto& posting : out) {
    document += in.varint32();
    posting.document = document;
    posting.positions.resize(in.count());
    std::uint32_t position = 0;
    for (auto& p : posting.positions) p = position += in.varint32();
    if (!in.ok() || document >= documents_.size()) return {};
  }
  return out;
}

std::vector<Posting> MicroSegment::postings(Field field, std::string_view term) const {
  const auto key = term_key(field, term);
  const auto found =
      std::lower_bound(terms_.begin(), terms_.end(), key,
                       [](const Term& t, const std::string& k) { return t.key < k; });
  if (found == terms_.end() || found->key != key) return {};
  return decode(found->postings);
}

void MicroSegment::each_term(Field field, std::string_view prefix,
                             const std::function<bool(std::string_view)>& call) const {
  const auto key = term_key(field, prefix);
  auto it = std::lower_bound(terms_.begin(), terms_.end(), key,
                             [](const Term& t, const std::string& k) { return t.key < k; });
  for (; it != terms_.end() && it->key.starts_with(key); ++it) {
    if (!call(it->key.substr(1))) return;
  }
}

std::string merge_segments(const std::vector<std::shared_ptr<const MicroSegment>>& segments,
                           const std::function<bool(std::uint32_t)>& deleted) {
  SegmentBuilder builder;
  for (const auto& segment : segments) {
    constexpr std::uint32_t kGone = 0xFFFFFFFFU;
    std::vector<std::uint32_t> moved(segment->documents_.size(), kGone);
    for (std::size_t i = 0; i < segment->documents_.size(); ++i) {
      const auto& d = segment->documents_[i];
      if (deleted(d.ordinal)) continue;
      moved[i] = static_cast<std::uint32_t>(builder.documents_.size());
      builder.documents_.push_back(d);
    }
    for (const auto& term : segment->terms_) {
      for (auto& posting : segment->decode(term.postings)) {
        if (moved[posting.document] == kGone) continue;
        posting.document = moved[posting.document];
        builder.terms_[std::string(term.key)].push_back(std::move(posting));
      }
    }
  }
  return builder.empty() ? std::string() : builder.finish();
}

}  // namespace alih::indexer
