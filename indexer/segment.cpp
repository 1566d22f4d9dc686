#include "indexer/segment.h"

#include <algorithm>
#include <array>
#include <numeric>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace alih::indexer {

std::string term_key(Field field, std::string_view term) {
  std::string key(1, static_cast<char>(field));
  key += term;
  return key;
}

Error index_damaged() {
  return {ErrorCode::damaged, message("Sebagian indeks rusak; jalankan alihmedia rebuild",
                                      "A part of the index is damaged; run alihmedia rebuild")};
}

void Vocabulary::add(std::string_view term) {
  std::size_t common = 0;
  const auto most = std::min({last_.size(), term.size(), std::size_t{255}});
  while (common < most && last_[common] == term[common]) ++common;
  if (!common_.empty() && last_ == term) return;
  common_.push_back(static_cast<std::uint8_t>(common));
  starts_.push_back(static_cast<std::uint32_t>(texts_.size()));
  texts_ += term.substr(common);
  last_ = term;
}

// The first term from `from` on that shares no more than so many bytes with the one before it.
std::size_t Vocabulary::next_at_most(std::size_t from, std::uint8_t common) const {
  const auto size = common_.size();
#if defined(__SSE2__)
  const auto most = _mm_set1_epi8(static_cast<char>(common));
  for (; from + 16 <= size; from += 16) {
    const auto here =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(common_.data() + from));  // NOLINT
    const auto mask = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(here, most), here));
    if (mask != 0)
      return from + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
#endif
  while (from < size && common_[from] > common) ++from;
  return from;
}

void Vocabulary::near(std::string_view word, int limit,
                      const std::function<void(std::string_view, int)>& call) const {
  constexpr std::size_t kLongest = 64;  // letters of the word, and of a term
  if (word.empty() || word.size() > kLongest - 4 || limit < 0) return;
  const auto columns = word.size() + 1;
  const auto too_far = limit + 1;
  // rows[d][j]: distance between the first d bytes of the term and the first j of the word.
  std::array<std::array<std::uint8_t, kLongest>, kLongest + 1> rows{};
  for (std::size_t j = 0; j < columns; ++j) {
    rows[0][j] =
        static_cast<std::uint8_t>(std::min<std::size_t>(j, static_cast<std::size_t>(too_far)));
  }
  std::array<char, kLongest> term{};
  const auto longest = std::min(word.size() + static_cast<std::size_t>(limit), kLongest);
  for (std::size_t t = 0; t < common_.size();) {
    const std::size_t kept = common_[t];
    const auto start = starts_[t];
    const auto end = t + 1 < starts_.size() ? starts_[t + 1] : texts_.size();
    std::size_t depth = kept;
    bool dead = kept > longest;
    for (auto at = static_cast<std::size_t>(start); at < end && !dead; ++at) {
      if (depth >= longest) {
        ++depth;
        dead = true;
        break;
      }
      const char c = texts_[at];
      term[depth] = c;
      const auto& above = rows[depth];
      auto& row = rows[depth + 1];
      ++depth;
      row[0] = static_cast<std::uint8_t>(
          std::min<std::size_t>(depth, static_cast<std::size_t>(too_far)));
      int best = row[0];
      for (std::size_t j = 1; j < columns; ++j) {
        int d = above[j - 1] + (word[j - 1] == c ? 0 : 1);
        d = std::min({d, above[j] + 1, row[j - 1] + 1, too_far});
        row[j] = static_cast<std::uint8_t>(d);
        best = std::min(best, d);
      }
      dead = best > limit;
    }
    if (dead) {
      // Everything that begins with these `depth` bytes is as far.
      t = next_at_most(t + 1, static_cast<std::uint8_t>(std::min<std::size_t>(depth - 1, 254)));
      continue;
    }
    if (const int d = rows[depth][columns - 1]; d <= limit) call({term.data(), depth}, d);
    ++t;
  }
}

Status Segment::each_term(
    Field field, std::string_view prefix,
    const std::function<bool(std::string_view, const TermList&)>& call) const {
  const auto key = term_key(field, prefix);
  ALIH_TRY(const auto terms, walk(key));
  while (terms->valid() && terms->key().starts_with(key)) {
    if (!call(terms->key().substr(1), terms->list())) return {};
    ALIH_CHECK(terms->next());
  }
  return {};
}

Result<std::shared_ptr<const Vocabulary>> Segment::vocabulary() const {
  const std::lock_guard lock(mutex_);
  if (vocabulary_) return vocabulary_;
  // The small fields first, then merged into the text's terms.
  std::vector<std::string> others;
  for (const auto field : {Field::title, Field::creator, Field::other, Field::doubtful}) {
    ALIH_CHECK(each_term(field, "", [&](std::string_view term, const TermList&) {
      others.emplace_back(term);
      return true;
    }));
  }
  std::sort(others.begin(), others.end());
  auto made = std::make_shared<Vocabulary>();
  auto other = others.begin();
  ALIH_CHECK(each_term(Field::text, "", [&](std::string_view term, const TermList&) {
    for (; other != others.end() && *other < term; ++other) made->add(*other);
    made->add(term);
    return true;
  }));
  for (; other != others.end(); ++other) made->add(*other);
  vocabulary_ = std::move(made);
  return vocabulary_;
}

Status Segment::read(const TermList& list, bool positions, Postings& out) const {
  const auto limit = static_cast<std::uint32_t>(documents().size());
  if (!list.is_long) {
    if (!decode_short(list.short_form, list.documents, limit, positions, out)) {
      return fail(index_damaged());
    }
    return {};
  }
  out.clear();
  ALIH_TRY(const auto skip_bytes, skips(list.number));
  Skips skip;
  if (!skip.open(skip_bytes.bytes, list.documents, limit)) return fail(index_damaged());
  out.docs.resize(list.documents);
  out.counts.resize(list.documents);
  std::vector<std::uint32_t> here;
  std::uint32_t base = 0;
  std::array<std::uint32_t, kBlock> buffer{};
  constexpr auto kChunk = static_cast<std::uint32_t>(kChunkBlocks);
  for (std::uint32_t first = 0; first < skip.blocks(); first += kChunk) {
    const auto blocks = std::min(kChunk, skip.blocks() - first);
    ALIH_TRY(const auto post_bytes, posts(list.number, first / kChunk));
    PostChunk post;
    if (!post.open(post_bytes.bytes, blocks)) return fail(index_damaged());
    std::uint64_t total = 0;
    for (std::uint32_t b = 0; b < blocks; ++b) {
      const auto size = skip.size(first + b);
      const auto to = static_cast<std::ptrdiff_t>((first + b) * kBlock);
      if (!post.docs(b, size, base, skip.last(first + b), buffer.data())) {
        return fail(index_damaged());
      }
      base = skip.last(first + b);
      std::copy_n(buffer.begin(), size, out.docs.begin() + to);
      if (!post.counts(b, size, buffer.data())) return fail(index_damaged());
      std::copy_n(buffer.begin(), size, out.counts.begin() + to);
      for (std::uint32_t i = 0; i < size; ++i) total += buffer[i];
    }
    if (!positions) continue;
    ALIH_TRY(const auto place_bytes, places(list.number, first / kChunk));
    PlaceChunk place;
    if (!place.open(place_bytes.bytes, blocks) || place.start(blocks) != total) {
      return fail(index_damaged());
    }
    std::uint32_t at = 0;
    const auto from = std::size_t{first} * kBlock;
    const auto to = std::min<std::size_t>(from + std::size_t{blocks} * kBlock, list.documents);
    for (auto d = from; d < to; ++d) {
      if (!place.read(at, out.counts[d], here)) return fail(index_damaged());
      at += out.counts[d];
      out.positions.insert(out.positions.end(), here.begin(), here.end());
    }
  }
  return {};
}

}  // namespace alih::indexer
