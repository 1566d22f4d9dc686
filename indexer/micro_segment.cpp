#include "indexer/micro_segment.h"

#include <algorithm>

#include "indexer/merge.h"
#include "indexer/varint.h"

namespace alih::indexer {
namespace {

constexpr std::string_view kMagic = "ALMS2\n";

void put_term(std::string& out, Field field, std::string_view term, const Postings& postings) {
  std::string list;
  put_varint(list, postings.docs.size());
  encode_short(postings, list);
  put_varint(out, term.size() + 1);
  out += static_cast<char>(field);
  out += term;
  put_bytes(out, list);
}

}  // namespace

std::string encode_micro(const Inverter& inverter) {
  std::string out(kMagic);
  inverter.documents().encode(out);
  put_varint(out, inverter.term_count());
  inverter.each_term([&](Field field, std::string_view term, const Postings& postings) {
    put_term(out, field, term, postings);
  });
  seal("", out);
  return out;
}

Result<std::shared_ptr<const MicroSegment>> MicroSegment::open(std::string bytes) {
  const std::shared_ptr<MicroSegment> segment(new MicroSegment(std::move(bytes)));
  if (!segment->parse()) return fail(index_damaged());
  return std::shared_ptr<const MicroSegment>(segment);
}

bool MicroSegment::parse() {
  const std::string_view all(bytes_);
  if (all.size() < kMagic.size() + kSeal || !all.starts_with(kMagic) || !is_sealed("", all)) {
    return false;
  }
  Reader in(all.substr(kMagic.size(), all.size() - kMagic.size() - kSeal));
  if (!documents_.decode(in)) return false;
  const auto terms = in.count(4);
  terms_.reserve(terms);
  heads_.reserve(terms);
  for (std::size_t i = 0; i < terms && in.ok(); ++i) {
    const auto key = in.sized_bytes();
    Reader list(in.sized_bytes());
    const auto documents = list.varint32();
    if (!in.ok() || !list.ok() || key.empty() ||
        static_cast<unsigned char>(key[0]) >= kFieldCount || documents == 0 ||
        documents > documents_.size() || (!terms_.empty() && key <= terms_.back().key)) {
      return false;
    }
    terms_.push_back({key, documents, list.rest()});
    heads_.push_back(key_head(key));
  }
  return in.ok() && in.done();
}

class MicroSegment::Walk final : public TermWalk {
 public:
  Walk(const MicroSegment& segment, std::size_t at) : segment_(segment), at_(at) { fill(); }
  [[nodiscard]] bool valid() const override { return at_ < segment_.terms_.size(); }
  [[nodiscard]] std::string_view key() const override { return segment_.terms_[at_].key; }
  [[nodiscard]] const TermList& list() const override { return list_; }
  [[nodiscard]] Status next() override {
    ++at_;
    fill();
    return {};
  }

 private:
  void fill() {
    if (!valid()) return;
    list_.documents = segment_.terms_[at_].documents;
    list_.short_form = segment_.terms_[at_].list;
  }
  const MicroSegment& segment_;
  std::size_t at_;
  TermList list_;
};

Result<std::unique_ptr<TermWalk>> MicroSegment::walk(std::string_view from) const {
  const auto found = std::lower_bound(terms_.begin(), terms_.end(), from,
                                      [](const Term& t, std::string_view k) { return t.key < k; });
  return std::unique_ptr<TermWalk>(
      std::make_unique<Walk>(*this, static_cast<std::size_t>(found - terms_.begin())));
}

Result<TermList> MicroSegment::find(Field field, std::string_view term) const {
  const auto key = term_key(field, term);
  const auto [from, to] = std::equal_range(heads_.begin(), heads_.end(), key_head(key));
  const auto last = terms_.begin() + (to - heads_.begin());
  const auto found = std::lower_bound(terms_.begin() + (from - heads_.begin()), last, key,
                                      [](const Term& t, std::string_view k) { return t.key < k; });
  TermList out;
  if (found == last || found->key != key) return out;
  out.documents = found->documents;
  out.short_form = found->list;
  return out;
}

// Every list of it is short.
Result<Pinned> MicroSegment::skips(std::uint32_t) const { return fail(index_damaged()); }
Result<Pinned> MicroSegment::posts(std::uint32_t, std::uint32_t) const {
  return fail(index_damaged());
}
Result<Pinned> MicroSegment::places(std::uint32_t, std::uint32_t) const {
  return fail(index_damaged());
}

Result<std::string> merge_micro(const std::vector<std::shared_ptr<const Segment>>& segments,
                                const std::function<bool(std::uint32_t)>& deleted) {
  const Merge merge(segments, deleted);
  if (merge.documents().size() == 0) return std::string();
  std::string terms;
  std::size_t count = 0;
  ALIH_CHECK(
      merge.each_term([&](Field field, std::string_view term, const Postings& postings) -> Status {
        put_term(terms, field, term, postings);
        ++count;
        return {};
      }));
  std::string out(kMagic);
  merge.documents().encode(out);
  put_varint(out, count);
  out += terms;
  seal("", out);
  return out;
}

}  // namespace alih::indexer
