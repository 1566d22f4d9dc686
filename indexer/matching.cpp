#include "indexer/matching.h"

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
#include <unordered_map>

#include "indexer/cursor.h"

namespace alih::indexer {
namespace {

// A source in a segment: a list as it stands there, or one that was put together.
struct Bound {
  TermList list;      // long
  Postings together;  // else
  [[nodiscard]] bool is_long() const { return list.is_long; }
  [[nodiscard]] bool empty() const { return !list.is_long && together.docs.empty(); }
  [[nodiscard]] std::uint32_t size() const {
    return list.is_long ? list.documents : static_cast<std::uint32_t>(together.docs.size());
  }
  void open(Cursor& cursor, const Segment& segment) const {
    if (list.is_long)
      cursor.open(segment, list);
    else
      cursor.open(together);
  }
};

struct BoundSource {
  const PlanSource* source = nullptr;
  std::vector<Bound> segments;
  std::vector<std::vector<Bound>> words;  // of a phrase that is looked for while ranking
  Scale scale;
};
struct BoundLeaf {
  bool excluded = false;
  std::vector<BoundSource> sources;
};
using BoundPlan = std::vector<std::vector<BoundLeaf>>;

// Old spelling of another word: "raja" where "raya" was asked for counts only where the page is not
// in the modern spelling. A page that shows neither is taken for modern unless the term itself can
// only be old.
bool fits_page(const PlanTerm& term, const Documents& documents, std::uint32_t document) {
  if (!term.old_only) return true;
  const auto page = documents.orthography(document);
  if (page == Orthography::modern) return false;
  if (page != Orthography::unknown || length_field(term.field) != Field::text) return true;
  return classify({term.term}) != Orthography::unknown;
}

// Adds up lists of documents, and their places where they are wanted.
class Union {
 public:
  // `expected`: documents of all lists.
  Union(const LiveSegment& segment, bool positions, std::uint64_t expected)
      : segment_(segment), documents_(segment.segment->documents()), positions_(positions) {
    // Many are counted in a table of the segment's documents, few are sorted.
    constexpr std::uint64_t kFew = 128;
    if (positions || expected <= documents_.size() / kFew) return;
    sums_.resize(documents_.size());
    seen_ = Bits(documents_.size());
  }

  Status add(const PlanTerm& term, const TermList& list) {
    ALIH_CHECK(segment_.segment->read(list, positions_, one_));
    const bool all = !segment_.live && !term.old_only;
    std::size_t at = 0;
    for (std::size_t i = 0; i < one_.docs.size(); ++i) {
      const auto doc = one_.docs[i];
      const auto count = one_.counts[i];
      const auto first = at;
      at += count;
      if (!all &&
          ((segment_.live && !segment_.live->test(doc)) || !fits_page(term, documents_, doc))) {
        continue;
      }
      if (!sums_.empty()) {
        sums_[doc] += count;
        seen_.set(doc);
        continue;
      }
      found_.push_back({doc, count, static_cast<std::uint32_t>(places_.size())});
      if (positions_) {
        const auto from = one_.positions.begin() + static_cast<std::ptrdiff_t>(first);
        places_.insert(places_.end(), from, from + count);
      }
    }
    return {};
  }

  Postings finish() {
    Postings out;
    if (!sums_.empty()) {
      seen_.each([&](std::size_t d) {
        out.docs.push_back(static_cast<std::uint32_t>(d));
        out.counts.push_back(sums_[d]);
      });
      return out;
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Found& a, const Found& b) { return a.doc < b.doc; });
    for (const auto& f : found_) {
      if (out.docs.empty() || out.docs.back() != f.doc) {
        settle(out);
        out.docs.push_back(f.doc);
        out.counts.push_back(0);
      }
      out.counts.back() += f.count;
      if (positions_) {
        const auto first = places_.begin() + f.start;
        out.positions.insert(out.positions.end(), first, first + f.count);
      }
    }
    settle(out);
    return out;
  }

 private:
  struct Found {
    std::uint32_t doc = 0;
    std::uint32_t count = 0;
    std::uint32_t start = 0;  // of its places
  };
  // The places of the last document in order, each once.
  void settle(Postings& out) const {
    if (!positions_ || out.docs.empty()) return;
    const auto first = out.positions.end() - static_cast<std::ptrdiff_t>(out.counts.back());
    const auto before = first - out.positions.begin();
    std::sort(first, out.positions.end());
    out.positions.erase(std::unique(first, out.positions.end()), out.positions.end());
    out.counts.back() =
        static_cast<std::uint32_t>(static_cast<std::ptrdiff_t>(out.positions.size()) - before);
  }

  const LiveSegment& segment_;
  const Documents& documents_;
  bool positions_;
  Postings one_;
  std::vector<std::uint32_t> sums_;  // by document; empty: not counted so
  Bits seen_;
  std::vector<Found> found_;
  std::vector<std::uint32_t> places_;
};

Result<TermList> list_of(const LiveSegment& segment, std::size_t index, const PlanTerm& term) {
  if (index < term.lists.size()) return term.lists[index];
  return segment.segment->find(term.field, term.term);
}

// One word of a question in a segment.
Result<Bound> bind_slot(const LiveSegment& segment, std::size_t index,
                        const std::vector<PlanTerm>& slot, bool positions) {
  Bound out;
  std::vector<std::pair<const PlanTerm*, TermList>> lists;
  for (const auto& term : slot) {
    ALIH_TRY(auto list, list_of(segment, index, term));
    if (list.documents > 0) lists.emplace_back(&term, std::move(list));
  }
  if (lists.empty()) return out;
  if (lists.size() == 1 && lists[0].second.is_long && !lists[0].first->old_only) {
    out.list = std::move(lists[0].second);
    return out;
  }
  if (lists.size() == 1 && !lists[0].first->old_only && !segment.live) {
    ALIH_CHECK(segment.segment->read(lists[0].second, positions, out.together));
    return out;
  }
  std::uint64_t expected = 0;
  for (const auto& [term, list] : lists) expected += list.documents;
  Union all(segment, positions, expected);
  for (const auto& [term, list] : lists) ALIH_CHECK(all.add(*term, list));
  out.together = all.finish();
  return out;
}

// Where words stand one behind the other. The rarest word leads, places are only read where all
// words are.
class Phrase {
 public:
  Phrase(const Segment& segment, const std::vector<Bound>& slots) {
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
      auto word = std::make_unique<Word>();
      slots[i].open(word->cursor, segment);
      word->offset = i;
      words_.push_back(std::move(word));
    }
    std::stable_sort(words_.begin(), words_.end(), [](const auto& a, const auto& b) {
      return a->cursor.documents() < b->cursor.documents();
    });
  }
  [[nodiscard]] Cursor& lead() { return words_.front()->cursor; }
  // The further words go to the document. Returns it when all of them are there, else the first one
  // that it could be.
  std::uint32_t seek(std::uint32_t doc) {
    std::uint32_t next = doc;
    for (std::size_t w = 1; w < words_.size() && next == doc; ++w) {
      next = words_[w]->cursor.seek(doc);
    }
    return next;
  }
  // Of a document where all of them are: no more often can the phrase stand there.
  [[nodiscard]] std::uint32_t at_most() {
    auto most = lead().count();
    for (std::size_t w = 1; w < words_.size(); ++w) {
      most = std::min(most, words_[w]->cursor.count());
    }
    return most;
  }
  // How often it does.
  [[nodiscard]] std::uint32_t count() {
    // Where a phrase could begin by the first word, then by each further one.
    const auto first = words_.front()->offset;
    starts_.clear();
    for (const auto p : lead().positions()) {
      if (p >= first) starts_.push_back(p - first);
    }
    for (std::size_t w = 1; w < words_.size() && !starts_.empty(); ++w) {
      const auto& places = words_[w]->cursor.positions();
      const auto offset = words_[w]->offset;
      std::size_t kept = 0;
      auto place = places.begin();
      for (const auto start : starts_) {
        while (place != places.end() && *place < start + offset) ++place;
        if (place == places.end()) break;
        if (*place == start + offset) starts_[kept++] = start;
      }
      starts_.resize(kept);
    }
    return static_cast<std::uint32_t>(starts_.size());
  }
  [[nodiscard]] Status error() const {
    for (const auto& word : words_) ALIH_CHECK(Status(word->cursor.error()));
    return {};
  }

 private:
  struct Word {
    Cursor cursor;
    std::uint32_t offset = 0;
  };
  std::vector<std::unique_ptr<Word>> words_;
  std::vector<std::uint32_t> starts_;
};

bool any_empty(const std::vector<Bound>& slots) {
  return std::any_of(slots.begin(), slots.end(), [](const Bound& b) { return b.empty(); });
}

// Every document of a phrase, and how often it stands there.
Result<Postings> find_phrase(const LiveSegment& segment, const std::vector<Bound>& slots) {
  Postings out;
  if (any_empty(slots)) return out;
  Phrase phrase(*segment.segment, slots);
  auto& lead = phrase.lead();
  for (auto doc = lead.seek(0); doc != Cursor::kEnd;) {
    const auto next = phrase.seek(doc);
    if (next == Cursor::kEnd) break;
    if (next == doc && (!segment.live || segment.live->test(doc))) {
      if (const auto count = phrase.count(); count > 0) {
        out.docs.push_back(doc);
        out.counts.push_back(count);
      }
    }
    doc = lead.seek(std::max(next, doc + 1));
  }
  ALIH_CHECK(phrase.error());
  return out;
}

// Documents of a list that live.
Result<std::uint64_t> live_size(const LiveSegment& segment, const Bound& bound) {
  if (!bound.is_long() || !segment.live) return bound.size();
  Cursor cursor;
  bound.open(cursor, *segment.segment);
  std::uint64_t dead = 0;
  if (segment.dead < cursor.blocks()) {
    const auto size = segment.segment->documents().size();
    for (std::uint32_t d = 0; d < size; ++d) {
      if (!segment.live->test(d) && cursor.seek(d) == d) ++dead;
    }
  } else {
    for (std::uint32_t b = 0; b < cursor.blocks() && cursor.load(b); ++b) {
      for (std::uint32_t i = 0; i < cursor.size(); ++i) {
        if (!segment.live->test(cursor.docs()[i])) ++dead;
      }
    }
  }
  ALIH_CHECK(cursor.error());
  return bound.size() - dead;
}

// `late`: a phrase is left to rank_phrase().
Result<BoundSource> bind(const IndexView& view, const PlanSource& source, bool late) {
  BoundSource out;
  out.source = &source;
  const bool phrase = source.slots.size() > 1;
  const auto& segments = view.segments();
  // A phrase weighs what its words weigh together, so every word's documents are counted.
  std::vector<std::uint64_t> documents(source.slots.size(), 0);
  for (std::size_t s = 0; s < segments.size(); ++s) {
    std::vector<Bound> slots;
    for (std::size_t i = 0; i < source.slots.size(); ++i) {
      ALIH_TRY(auto bound, bind_slot(segments[s], s, source.slots[i], phrase));
      ALIH_TRY(const auto size, live_size(segments[s], bound));
      documents[i] += size;
      slots.push_back(std::move(bound));
    }
    if (phrase && late) {
      out.words.push_back(std::move(slots));
    } else if (phrase) {
      Bound found;
      ALIH_TRY(found.together, find_phrase(segments[s], slots));
      out.segments.push_back(std::move(found));
    } else {
      out.segments.push_back(slots.empty() ? Bound() : std::move(slots.front()));
    }
  }
  const auto all = static_cast<double>(view.documents_with(source.field));
  double idf = 0;
  for (const auto n : documents) {
    idf += inverse_frequency(std::max(all, static_cast<double>(n)), static_cast<double>(n));
  }
  out.scale.top = static_cast<float>(idf * (view.k1() + 1) * source.weight * kScoreUnit);
  out.scale.lengths = &view.lengths(source.field);
  return out;
}

// The best so far. A candidate is kept when it scores more than the worst, or as much and stands
// before it in the register.
class Best {
 public:
  Best(const IndexView& view, std::size_t top) : view_(view), top_(top) {}
  // What a document must reach; -1: anything is welcome.
  [[nodiscard]] std::int64_t floor() const { return floor_; }
  void offer(const Ranked& candidate) {
    if (top_ == 0 || candidate.score < floor_) return;
    const auto order = [this](const Ranked& a, const Ranked& b) { return before(a, b); };
    if (heap_.size() == top_) {
      if (!before(candidate, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), order);
      heap_.back() = candidate;
    } else {
      heap_.push_back(candidate);
    }
    std::push_heap(heap_.begin(), heap_.end(), order);
    if (heap_.size() == top_) floor_ = heap_.front().score;
  }
  [[nodiscard]] std::vector<Ranked> take() {
    std::sort(heap_.begin(), heap_.end(),
              [this](const Ranked& a, const Ranked& b) { return before(a, b); });
    return std::move(heap_);
  }

 private:
  using Place = std::tuple<int, int, std::uint32_t, std::uint32_t>;
  [[nodiscard]] Place place_of(const Ranked& r) const {
    const auto& segment = view_.segments()[r.segment];
    const auto& facts = view_.facts(segment.item_number(r.document));
    const auto& documents = segment.segment->documents();
    return {facts.year_of_register, facts.sequence_no, documents.page_seq(r.document),
            documents.ordinal(r.document)};
  }
  // The register is only asked about equals.
  [[nodiscard]] bool before(const Ranked& a, const Ranked& b) const {
    return a.score != b.score ? a.score > b.score : place_of(a) < place_of(b);
  }
  const IndexView& view_;
  std::size_t top_;
  std::int64_t floor_ = -1;
  std::vector<Ranked> heap_;  // the worst in front
};

struct Place {  // where a segment's matches go
  std::uint32_t index = 0;
  const LiveSegment* segment = nullptr;
  const Bits* passing = nullptr;  // none: all
  [[nodiscard]] bool passes(std::uint32_t document) const {
    return passing == nullptr || passing->test(document);
  }
};

// One list: blocks that cannot reach the floor are not read.
void rank_one(Cursor& list, const Place& place, Best& best) {
  for (std::uint32_t b = 0; b < list.blocks(); ++b) {
    if (list.bound(b) < best.floor() || !list.load(b)) continue;
    const auto* scores = list.scores();
    const auto* docs = list.docs();
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      if (scores[i] >= best.floor() && place.passes(docs[i])) {
        best.offer({place.index, docs[i], scores[i], 0});
      }
    }
  }
}

// All lists: the rarest leads. What cannot reach the floor is stepped over: blocks by their bounds,
// documents by what the lead gives them and the others can add at most, in the list and then in the
// block where the document would be.
class RankAll {
 public:
  static void run(std::vector<Cursor*>& lists, const Place& place, Best& best) {
    std::sort(lists.begin(), lists.end(),
              [](const Cursor* a, const Cursor* b) { return a->documents() < b->documents(); });
    RankAll rank(lists, place, best);
    auto& lead = *lists.front();
    for (std::uint32_t b = 0; b < lead.blocks() && !rank.over_; ++b) rank.block(b);
  }

 private:
  RankAll(std::vector<Cursor*>& lists, const Place& place, Best& best)
      : lead_(*lists.front()), place_(place), best_(best) {
    for (std::size_t i = 1; i < lists.size(); ++i) others_.push_back({lists[i]});
  }
  struct Other {
    Cursor* list;
    std::int64_t most = 0;    // of the list, once there is a floor
    std::uint32_t block = 0;  // where it is
    std::uint32_t last = 0;   // document of that block
    std::int64_t bound = 0;   // of that block, once there is a floor
    bool any = false;
  };

  void block(std::uint32_t number) {
    const bool pruning = best_.floor() >= 0;
    if (pruning && !bounded_) {
      bounded_ = true;
      for (auto& other : others_) add_ += other.most = other.list->most();
    }
    if (pruning && lead_.bound(number) + add_ < best_.floor()) return;
    if (lead_.last(number) < next_ || !lead_.load(number)) return;
    const auto* docs = lead_.docs();
    const auto* scores = lead_.scores();
    for (std::uint32_t i = 0; i < lead_.size() && !over_; ++i) {
      if (pruning && scores[i] + add_ < best_.floor()) continue;
      if (docs[i] < next_ || !place_.passes(docs[i])) continue;
      if (const auto score = finish(docs[i], scores[i]); score >= 0) {
        best_.offer({place_.index, docs[i], score, 0});
      }
    }
  }

  // The whole score; -1 where a list does not have the document or it cannot reach the floor.
  std::int64_t finish(std::uint32_t doc, std::int64_t score) {
    auto rest = add_;
    for (auto& other : others_) {
      if (!other.any || doc > other.last) {
        other.block = other.list->block_with(doc);
        over_ = other.block >= other.list->blocks();
        if (over_) return -1;
        other.last = other.list->last(other.block);
        other.any = true;
        other.bound = -1;
      }
      if (bounded_) {
        if (other.bound < 0) other.bound = other.list->bound(other.block);
        if (score + rest - other.most + other.bound < best_.floor()) return -1;
        rest -= other.most;
      }
      const auto at = other.list->seek(doc);
      if (at != doc) {
        over_ = at == Cursor::kEnd;
        next_ = at;
        return -1;
      }
      score += other.list->score();
    }
    return score;
  }

  Cursor& lead_;
  const Place& place_;
  Best& best_;
  std::vector<Other> others_;
  bool bounded_ = false;
  std::int64_t add_ = 0;    // what the others can add; 0 as long as there is no floor
  std::uint32_t next_ = 0;  // no document before it is in all lists
  bool over_ = false;
};

// A phrase: it stands nowhere more often than its rarest word, which leads and gives the bounds.
Status rank_phrase(const BoundSource& source, const Place& place, Best& best) {
  const auto& words = source.words[place.index];
  if (any_empty(words)) return {};
  const auto& segment = *place.segment->segment;
  Phrase phrase(segment, words);
  auto& lead = phrase.lead();
  lead.rank(source.scale, segment.documents().lengths(source.source->field));
  std::uint32_t next = 0;
  for (std::uint32_t b = 0; b < lead.blocks() && next != Cursor::kEnd; ++b) {
    if (lead.last(b) < next || lead.bound(b) < best.floor()) continue;
    if (!lead.load(b)) break;
    const auto* docs = lead.docs();
    const auto* scores = lead.scores();
    for (std::uint32_t i = 0; i < lead.size() && next != Cursor::kEnd; ++i) {
      if (scores[i] < best.floor() || docs[i] < next || !place.passes(docs[i])) continue;
      next = phrase.seek(docs[i]);
      if (next != docs[i]) continue;
      lead.go_to(i);
      if (lead.score_of(phrase.at_most()) < best.floor()) continue;
      const auto count = phrase.count();
      if (count > 0) best.offer({place.index, docs[i], lead.score_of(count), 0});
    }
  }
  return phrase.error();
}

// Any of the lists, in windows of documents. In each window the lists that cannot reach the floor
// even together are only asked about documents that the others bring.
class RankAny {
 public:
  static void run(std::vector<Cursor*>& lists, std::uint32_t documents, const Place& place,
                  Best& best) {
    RankAny rank(lists, documents, place, best);
    for (std::uint32_t from = 0; from < documents;) {
      from = rank.window(from, std::min(documents - from, kWindow) + from);
    }
  }

 private:
  static constexpr std::uint32_t kWindow = 4096;  // documents

  RankAny(std::vector<Cursor*>& lists, std::uint32_t documents, const Place& place, Best& best)
      : place_(place), best_(best) {
    std::fill_n(sums_.begin(), std::min(documents, kWindow), 0);
    for (auto* list : lists) parts_.push_back({list, 0, 0});
  }

  struct Part {
    Cursor* list;
    std::int64_t bound;   // in this window
    std::uint32_t block;  // first one of the window
  };

  // Returns where the next window begins.
  std::uint32_t window(std::uint32_t from, std::uint32_t to) {
    std::uint32_t skip_to = Cursor::kEnd;  // no list has a new block before
    for (auto& part : parts_) {
      auto& list = *part.list;
      part.block = list.block_with(from);
      part.bound = 0;
      auto b = part.block;
      for (; b < list.blocks(); ++b) {
        if (b > part.block && list.last(b - 1) + 1 >= to) break;
        part.bound = std::max<std::int64_t>(part.bound, list.bound(b));
      }
      if (b > part.block) skip_to = std::min(skip_to, list.last(b - 1) + 1);
    }
    if (skip_to == Cursor::kEnd) return skip_to;  // nothing left
    std::sort(parts_.begin(), parts_.end(),
              [](const Part& a, const Part& b) { return a.bound < b.bound; });
    std::size_t asked = 0;  // so many lists of the smallest bounds cannot reach the floor
    std::int64_t below = 0;
    while (asked < parts_.size() && below + parts_[asked].bound < best_.floor()) {
      below += parts_[asked++].bound;
    }
    if (asked == parts_.size()) return std::max(to, skip_to);
    if (asked + 1 == parts_.size()) {
      one(from, to, asked, below);
    } else {
      several(from, to, asked, below);
    }
    return to;
  }

  // One list brings the documents.
  void one(std::uint32_t from, std::uint32_t to, std::size_t asked, std::int64_t below) {
    auto& list = *parts_[asked].list;
    for (auto b = parts_[asked].block; b < list.blocks(); ++b) {
      if (b > parts_[asked].block && list.last(b - 1) + 1 >= to) break;
      if (list.bound(b) + below < best_.floor()) continue;
      if (!list.load(b)) return;
      const auto* scores = list.scores();
      const auto* docs = list.docs();
      for (std::uint32_t i = 0; i < list.size() && docs[i] < to; ++i) {
        if (docs[i] < from || scores[i] + below < best_.floor()) continue;
        finish(docs[i], scores[i], asked, below);
      }
    }
  }

  void several(std::uint32_t from, std::uint32_t to, std::size_t asked, std::int64_t below) {
    std::int64_t all = below;
    for (std::size_t p = asked; p < parts_.size(); ++p) all += parts_[p].bound;
    for (std::size_t p = asked; p < parts_.size(); ++p) {
      auto& list = *parts_[p].list;
      for (auto b = parts_[p].block; b < list.blocks(); ++b) {
        if (b > parts_[p].block && list.last(b - 1) + 1 >= to) break;
        // What stands in this block cannot reach the floor, whatever the other lists add.
        if (all - parts_[p].bound + list.bound(b) < best_.floor()) continue;
        if (!list.load(b)) break;
        const auto* scores = list.scores();
        const auto* docs = list.docs();
        std::uint32_t i = 0;
        while (i < list.size() && docs[i] < from) ++i;
        for (; i < list.size() && docs[i] < to; ++i) {
          const auto at = docs[i] - from;
          sums_[at] += scores[i];
          seen_[at / 64] |= std::uint64_t{1} << (at % 64);
        }
      }
    }
    for (std::size_t w = 0; w < seen_.size(); ++w) {
      for (auto word = seen_[w]; word != 0; word &= word - 1) {
        const auto at =
            static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(__builtin_ctzll(word));
        const auto score = sums_[at];
        sums_[at] = 0;
        if (score + below >= best_.floor()) finish(from + at, score, asked, below);
      }
      seen_[w] = 0;
    }
  }

  // Asks the lists that bring no documents, the best first.
  void finish(std::uint32_t doc, std::int64_t score, std::size_t asked, std::int64_t below) {
    if (!place_.passes(doc)) return;
    for (std::size_t p = asked; p > 0; --p) {
      if (score + below < best_.floor()) return;
      auto& part = parts_[p - 1];
      below -= part.bound;
      if (part.list->seek(doc) == doc) score += part.list->score();
    }
    best_.offer({place_.index, doc, score, 0});
  }

  const Place& place_;
  Best& best_;
  std::vector<Part> parts_;
  std::array<std::int64_t, kWindow> sums_;  // as far as the segment goes; 0 between windows
  std::array<std::uint64_t, kWindow / 64> seen_{};
};

// Documents of a source as bits.
Status add_bits(const Segment& segment, const Bound& bound, Bits& bits) {
  Cursor cursor;
  bound.open(cursor, segment);
  for (std::uint32_t b = 0; b < cursor.blocks() && cursor.load(b); ++b) {
    for (std::uint32_t i = 0; i < cursor.size(); ++i) bits.set(cursor.docs()[i]);
  }
  return cursor.error();
}

Result<Bits> leaf_bits(const LiveSegment& segment, std::size_t index, const BoundLeaf& leaf) {
  Bits bits(segment.segment->documents().size());
  for (const auto& source : leaf.sources) {
    ALIH_CHECK(add_bits(*segment.segment, source.segments[index], bits));
  }
  return bits;
}

Result<Bits> group_bits(const Place& place, const std::vector<BoundLeaf>& group) {
  const auto& segment = *place.segment;
  const auto size = segment.segment->documents().size();
  Bits out(size, true);
  if (segment.live) out &= *segment.live;
  if (place.passing != nullptr) out &= *place.passing;
  for (const auto& leaf : group) {
    ALIH_TRY(const auto bits, leaf_bits(segment, place.index, leaf));
    if (leaf.excluded)
      out.remove(bits);
    else
      out &= bits;
  }
  return out;
}

// Adds the scores of a group's leaves to its documents.
Status add_scores(const Place& place, const std::vector<BoundLeaf>& group, const Bits& matched,
                  std::vector<std::int64_t>& sums) {
  const auto& segment = *place.segment->segment;
  for (const auto& leaf : group) {
    if (leaf.excluded) continue;
    for (const auto& source : leaf.sources) {
      Cursor cursor;
      source.segments[place.index].open(cursor, segment);
      cursor.rank(source.scale, segment.documents().lengths(source.source->field));
      for (std::uint32_t b = 0; b < cursor.blocks(); ++b) {
        const auto first = b == 0 ? 0 : cursor.last(b - 1);
        if (!matched.any_between(first, cursor.last(b))) continue;
        if (!cursor.load(b)) break;
        const auto* scores = cursor.scores();
        for (std::uint32_t i = 0; i < cursor.size(); ++i) {
          if (matched.test(cursor.docs()[i])) sums[cursor.docs()[i]] += scores[i];
        }
      }
      ALIH_CHECK(cursor.error());
    }
  }
  return {};
}

struct ItemSum {
  Ranked best;
  std::int64_t sum = 0;
  std::uint32_t documents = 0;
};
using ItemSums = std::unordered_map<std::uint32_t, ItemSum>;

void count_facets(const IndexView& view, const Place& place, const Bits& matched, Answer& out) {
  const auto& documents = place.segment->segment->documents();
  std::uint32_t item = Cursor::kEnd;
  int run = 0;
  const auto close = [&] {
    if (run == 0) return;
    const auto& f = view.facts((*place.segment->items)[item]);
    out.series[f.series] += run;
    if (f.year_issued != 0) out.years[f.year_issued] += run;
    if (!f.material_type.empty()) out.types[f.material_type] += run;
    if (!f.language.empty()) out.languages[f.language] += run;
    run = 0;
  };
  matched.each([&](std::size_t d) {
    ++out.total;
    if (documents.item(d) != item) {
      close();
      item = documents.item(d);
    }
    ++run;
  });
  close();
}

// How the best can be found without scoring every match.
enum class Shape { one, all, any, general };
Shape shape_of(const BoundPlan& plan) {
  if (plan.empty()) return Shape::general;
  for (const auto& group : plan) {
    if (group.empty()) return Shape::general;
    for (const auto& leaf : group) {
      if (leaf.excluded) return Shape::general;
    }
  }
  if (plan.size() == 1 && plan[0].size() > 1) {
    const bool single = std::all_of(plan[0].begin(), plan[0].end(),
                                    [](const BoundLeaf& l) { return l.sources.size() == 1; });
    return single ? Shape::all : Shape::general;
  }
  const bool flat =
      std::all_of(plan.begin(), plan.end(), [](const auto& g) { return g.size() == 1; });
  if (!flat) return Shape::general;
  return plan.size() == 1 && plan[0][0].sources.size() == 1 ? Shape::one : Shape::any;
}

Status rank_pruned(const BoundPlan& plan, Shape shape, const Place& place, Best& best) {
  const auto& segment = *place.segment->segment;
  if (shape == Shape::one && !plan[0][0].sources[0].words.empty()) {
    return rank_phrase(plan[0][0].sources[0], place, best);
  }
  std::vector<std::unique_ptr<Cursor>> owned;
  std::vector<Cursor*> lists;
  for (const auto& group : plan) {
    for (const auto& leaf : group) {
      for (const auto& source : leaf.sources) {
        const auto& bound = source.segments[place.index];
        if (bound.empty()) {
          if (shape == Shape::all) return {};
          continue;
        }
        auto cursor = std::make_unique<Cursor>();
        bound.open(*cursor, segment);
        cursor->rank(source.scale, segment.documents().lengths(source.source->field));
        lists.push_back(cursor.get());
        owned.push_back(std::move(cursor));
      }
    }
  }
  if (lists.empty()) return {};
  const auto documents = static_cast<std::uint32_t>(segment.documents().size());
  if (lists.size() == 1)
    rank_one(*lists[0], place, best);
  else if (shape == Shape::all)
    RankAll::run(lists, place, best);
  else
    RankAny::run(lists, documents, place, best);
  for (const auto& cursor : owned) ALIH_CHECK(cursor->error());
  return {};
}

}  // namespace

Result<Answer> match(const IndexView& view, const Plan& plan, const Filter& filter,
                     const Wanted& wanted) {
  Answer out;
  BoundPlan bound;
  // A phrase alone whose matches nobody counts.
  const bool late = !wanted.counts && !wanted.by_item && !wanted.exhaustive &&
                    plan.groups.size() == 1 && plan.groups[0].size() == 1 &&
                    !plan.groups[0][0].excluded && plan.groups[0][0].sources.size() == 1;
  for (const auto& group : plan.groups) {
    auto& leaves = bound.emplace_back();
    for (const auto& leaf : group) {
      BoundLeaf one;
      one.excluded = leaf.excluded;
      for (const auto& source : leaf.sources) {
        ALIH_TRY(auto b, bind(view, source, late));
        one.sources.push_back(std::move(b));
      }
      leaves.push_back(std::move(one));
    }
  }
  const auto shape = wanted.exhaustive || wanted.by_item ? Shape::general : shape_of(bound);
  Best best(view, wanted.top);
  ItemSums items;
  const auto& segments = view.segments();
  for (std::uint32_t s = 0; s < segments.size(); ++s) {
    const auto passing = view.passing(segments[s], filter);
    const Place place{s, &segments[s], passing.get()};
    const auto documents = segments[s].segment->documents().size();
    if (shape != Shape::general && wanted.top > 0) {
      ALIH_CHECK(rank_pruned(bound, shape, place, best));
    }
    if (shape != Shape::general && !wanted.counts) continue;
    Bits matched(documents);
    std::vector<std::int64_t> sums;
    if (shape == Shape::general && wanted.top > 0) sums.resize(documents, 0);
    for (const auto& group : bound) {
      ALIH_TRY(const auto bits, group_bits(place, group));
      matched |= bits;
      if (!sums.empty()) ALIH_CHECK(add_scores(place, group, bits, sums));
    }
    if (!sums.empty()) {
      matched.each([&](std::size_t d) {
        const Ranked ranked{s, static_cast<std::uint32_t>(d), sums[d], 0};
        if (!wanted.by_item) return best.offer(ranked);
        auto& sum = items[segments[s].item_number(ranked.document)];
        sum.sum += ranked.score;
        if (++sum.documents == 1 || ranked.score > sum.best.score) sum.best = ranked;
      });
    }
    if (wanted.counts) count_facets(view, place, matched, out);
  }
  if (wanted.by_item) {
    constexpr std::int64_t kShareOfOthers = 10;
    for (auto& [number, sum] : items) {
      auto ranked = sum.best;
      ranked.score += (sum.sum - sum.best.score) / kShareOfOthers;
      ranked.in_item = sum.documents;
      best.offer(ranked);
    }
    out.total = items.size();
  }
  out.best = best.take();
  return out;
}

Result<std::size_t> count_matches(const IndexView& view, const PlanLeaf& leaf,
                                  const Filter& filter) {
  Plan plan;
  plan.groups = {{leaf}};
  plan.groups[0][0].excluded = false;
  Wanted wanted;
  wanted.top = 0;
  ALIH_TRY(const auto answer, match(view, plan, filter, wanted));
  return answer.total;
}

}  // namespace alih::indexer
