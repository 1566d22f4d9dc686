#include "indexer/documents.h"

#include <algorithm>
#include <cmath>

namespace alih::indexer {
namespace {

constexpr std::size_t kUlid = 26;

std::array<std::uint32_t, 256> make_lengths() {
  std::array<std::uint32_t, 256> out{};
  for (std::size_t code = 0; code < out.size(); ++code) {
    out[code] =
        static_cast<std::uint32_t>(std::lround(std::exp2(static_cast<double>(code) / 16.0) - 1));
  }
  return out;
}

}  // namespace

std::uint8_t length_code(std::uint32_t length) {
  return static_cast<std::uint8_t>(
      std::min(255.0, std::round(16 * std::log2(static_cast<double>(length) + 1))));
}

std::uint32_t length_of_code(std::uint8_t code) {
  static const auto lengths = make_lengths();
  return lengths[code];
}

void Documents::add(const Document& document) {
  ordinals_.push_back(document.ordinal);
  page_seqs_.push_back(document.page_seq);
  orthographies_.push_back(static_cast<std::uint8_t>(document.orthography));
  for (std::size_t f = 0; f < kLengthCount; ++f) {
    lengths_[f].push_back(length_code(document.lengths[f]));
  }
  // The pages of an item come one after another.
  if (item_ids_.empty() || item_ids_.back() != document.item) item_ids_.push_back(document.item);
  items_.push_back(static_cast<std::uint32_t>(item_ids_.size() - 1));
}

Document Documents::document(std::size_t i) const {
  Document d;
  d.ordinal = ordinals_[i];
  d.item = item_ids_[items_[i]];
  d.page_seq = page_seqs_[i];
  d.orthography = orthography(i);
  for (std::size_t f = 0; f < kLengthCount; ++f) d.lengths[f] = length_of_code(lengths_[f][i]);
  return d;
}

std::size_t Documents::find(std::uint32_t ordinal) const {
  const auto found = std::lower_bound(ordinals_.begin(), ordinals_.end(), ordinal);
  if (found == ordinals_.end() || *found != ordinal) return size();
  return static_cast<std::size_t>(found - ordinals_.begin());
}

void Documents::encode(std::string& out) const {
  put_varint(out, item_ids_.size());
  for (const auto& id : item_ids_) out += id;
  put_varint(out, size());
  std::uint32_t ordinal = 0;
  std::uint32_t item = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    put_varint(out, ordinals_[i] - ordinal);
    ordinal = ordinals_[i];
    put_varint(out, items_[i] - item);
    item = items_[i];
    put_varint(out, page_seqs_[i]);
    out += static_cast<char>(orthographies_[i]);
    for (const auto& column : lengths_) out += static_cast<char>(column[i]);
  }
}

bool Documents::decode(Reader& in) {
  *this = Documents();
  const auto ids = in.count(kUlid);
  item_ids_.reserve(ids);
  for (std::size_t i = 0; i < ids && in.ok(); ++i) item_ids_.emplace_back(in.bytes(kUlid));
  const auto count = in.count(3 + 1 + kLengthCount);
  if (!in.ok() || count > kMost) return false;
  ordinals_.reserve(count);
  page_seqs_.reserve(count);
  items_.reserve(count);
  orthographies_.reserve(count);
  for (auto& column : lengths_) column.reserve(count);
  std::uint64_t ordinal = 0;
  std::uint64_t item = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto gap = in.varint32();
    ordinal += gap;
    item += in.varint32();
    if ((i > 0 && gap == 0) || ordinal > 0xFFFFFFFFU || item >= item_ids_.size()) return false;
    ordinals_.push_back(static_cast<std::uint32_t>(ordinal));
    items_.push_back(static_cast<std::uint32_t>(item));
    page_seqs_.push_back(in.varint32());
    const auto codes = in.bytes(1 + kLengthCount);
    if (!in.ok()) return false;
    const auto orthography = static_cast<std::uint8_t>(codes[0]);
    if (orthography > static_cast<std::uint8_t>(Orthography::mixed)) return false;
    orthographies_.push_back(orthography);
    for (std::size_t f = 0; f < kLengthCount; ++f) {
      lengths_[f].push_back(static_cast<std::uint8_t>(codes[1 + f]));
    }
  }
  return true;
}

}  // namespace alih::indexer
