// Answers of the index: what is pruned must not change them, nor how the index is cut.
#include "indexer/matching.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "indexer/micro_segment.h"
#include "tests/support/map_store.h"

namespace alih::indexer {
namespace {

using testing_support::store_of;

constexpr std::size_t kDocuments = 9000;

struct Doc {
  std::string item;
  std::vector<std::string> words;
};

std::string item_id(std::size_t n) {
  auto digits = std::to_string(n);
  return "01ARZ3NDEKTSV4RRFFQ6" + std::string(6 - digits.size(), '0') + digits;
}

std::vector<Doc> make_documents() {
  std::mt19937 random(21);
  std::vector<Doc> out;
  for (std::size_t i = 0; i < kDocuments; ++i) {
    Doc d;
    d.item = item_id(i / 30);
    const auto length = 20 + random() % 60;
    for (std::size_t w = 0; w < length; ++w) {
      const auto r = random() % 1000;
      const auto word = r < 250 ? r % 4 : r < 600 ? 4 + r % 30 : 40 + r % 400;
      d.words.push_back("w" + std::to_string(word));
    }
    if (i % 700 == 0) d.words.emplace_back("seldom0");
    if (i % 900 == 0) d.words.emplace_back("seldom1");
    out.push_back(std::move(d));
  }
  return out;
}

ItemFacts facts_for(std::size_t item) {
  ItemFacts f;
  f.year_of_register = 2026;
  // Not in the order of the index: of equals the first in the register comes first.
  f.sequence_no = static_cast<int>(item * 37 % 1009) + 1;
  f.series = "S" + std::to_string(item % 4);
  f.year_issued = 1930 + static_cast<int>(item % 7);
  f.access_kind = access_kind(item % 5 == 0 ? AccessClass::closed : AccessClass::open,
                              RightsStatus::undetermined, {});
  return f;
}

bool is_deleted(std::uint32_t ordinal) { return ordinal % 11 == 3; }

// The same documents cut into segments at these places; every other segment is a small one.
IndexView view_of(const std::vector<Doc>& documents, const std::vector<std::size_t>& cuts,
                  bool deletions) {
  IndexView view;
  for (std::size_t i = 0; i <= kDocuments / 30; ++i) view.set_facts(item_id(i), facts_for(i));
  std::size_t from = 0;
  std::uint32_t id = 1;
  for (const auto to : cuts) {
    Inverter inverter;
    for (auto i = from; i < to; ++i) {
      const auto ordinal = static_cast<std::uint32_t>(i + 1);
      if (!deletions && is_deleted(ordinal)) continue;
      Document d;
      d.ordinal = ordinal;
      d.item = documents[i].item;
      d.page_seq = static_cast<std::uint32_t>(i % 30) + 1;
      d.lengths[0] = static_cast<std::uint32_t>(documents[i].words.size());
      inverter.add_document(d);
      std::uint32_t position = 0;
      for (const auto& w : documents[i].words) inverter.add_term(Field::text, w, position++);
    }
    from = to;
    std::shared_ptr<const Segment> segment;
    if (id % 2 == 0) {
      segment = *MicroSegment::open(encode_micro(inverter));
    } else {
      segment = *KeyedSegment::open(id, store_of(id, inverter));
    }
    view.add_segment(id++, std::move(segment), [](std::uint32_t) { return false; });
  }
  if (deletions) {
    for (std::uint32_t o = 1; o <= kDocuments; ++o) {
      if (is_deleted(o)) view.remove_document(o);
    }
  }
  return view;
}

PlanSource source(const std::vector<std::vector<std::string>>& slots, double weight = 1) {
  PlanSource out;
  out.weight = weight;
  for (const auto& words : slots) {
    auto& slot = out.slots.emplace_back();
    for (const auto& w : words) slot.push_back({Field::text, w, false, {}});
  }
  return out;
}
PlanLeaf leaf(std::vector<PlanSource> sources, bool excluded = false) {
  PlanLeaf out;
  out.sources = std::move(sources);
  out.excluded = excluded;
  return out;
}
PlanLeaf word(const std::string& w) { return leaf({source({{w}})}); }

struct Question {
  std::string name;
  Plan plan;
};
std::vector<Question> questions() {
  std::vector<Question> out;
  const auto add = [&](const std::string& name, std::vector<std::vector<PlanLeaf>> groups) {
    out.push_back({name, Plan{std::move(groups)}});
  };
  for (const char* w : {"w0", "w3", "w9", "w41", "w399", "none"}) add(w, {{word(w)}});
  add("and", {{word("w1"), word("w12")}});
  add("and rare", {{word("w2"), word("w77"), word("w5")}});
  add("and frequent", {{word("w0"), word("w1")}});
  // Many that are in one list, few in the other, and the other way round.
  for (int i = 0; i < 12; ++i) {
    const auto a = "w" + std::to_string(i % 4);
    const auto b = "w" + std::to_string(4 + i * 7);
    add("and " + a + " " + b, {{word(a), word(b), word("w" + std::to_string((i + 1) % 4))}});
    add("phrase " + a + " " + b, {{leaf({source({{a}, {b}})})}});
  }
  add("and none", {{word("w0"), word("none")}});
  add("or", {{word("w8")}, {word("w90")}});
  add("or frequent", {{word("w0")}, {word("w2")}, {word("w120")}});
  add("or many", {{word("w50")}, {word("w51")}, {word("w52")}, {word("w53")}, {word("w4")}});
  add("phrase", {{leaf({source({{"w0"}, {"w1"}})})}});
  add("phrase 3", {{leaf({source({{"w0"}, {"w2"}, {"w3"}})})}});
  add("phrase of any", {{leaf({source({{"w0", "w60"}, {"w1", "w3"}})})}});
  add("any", {{leaf({source({{"w5", "w6", "w7", "w200"}})})}});
  add("any of few", {{leaf({source({{"seldom0", "seldom1", "none"}})})}});
  add("sources", {{leaf({source({{"w9"}}), source({{"w10", "w11"}}, 0.4)})}});
  add("sources and", {{leaf({source({{"w9"}}), source({{"w10"}}, 0.4)}), word("w0")}});
  add("not", {{word("w1"), leaf({source({{"w0"}})}, true)}});
  add("and or", {{word("w1"), word("w4")}, {word("w100"), word("w0")}});
  add("everything", {{}});
  return out;
}

std::vector<std::pair<std::uint32_t, std::int64_t>> best_of(const IndexView& view,
                                                            const Answer& answer) {
  std::vector<std::pair<std::uint32_t, std::int64_t>> out;
  for (const auto& r : answer.best) {
    out.emplace_back(view.segments()[r.segment].segment->documents().ordinal(r.document), r.score);
  }
  return out;
}

// Whom only what is open to everybody is shown.
Audience open_only() {
  Audience out;
  out.records = out.texts = 0;
  for (int r = 0; r < 7; ++r) {
    const auto bit = std::uint64_t{1}
                     << access_kind(AccessClass::open, static_cast<RightsStatus>(r), {});
    out.records |= bit;
    out.texts |= bit;
  }
  return out;
}

std::vector<Filter> filters() {
  std::vector<Filter> out(3);
  out[1].audience = open_only();
  out[2].series = {{"S1", "S2"}};
  out[2].year_from = 1932;
  out[2].audience = open_only();
  return out;
}

TEST(Matching, PrunedAnswersAreTheExhaustiveOnes) {
  const auto documents = make_documents();
  for (const auto& cuts : {std::vector<std::size_t>{kDocuments},
                           std::vector<std::size_t>{5000, 5600, 8999, kDocuments}}) {
    const auto view = view_of(documents, cuts, true);
    for (const auto& q : questions()) {
      for (const auto& filter : filters()) {
        for (const std::size_t top : {std::size_t{1}, std::size_t{10}, std::size_t{300}}) {
          Wanted wanted;
          wanted.top = top;
          const auto pruned = match(view, q.plan, filter, wanted);
          wanted.exhaustive = true;
          const auto all = match(view, q.plan, filter, wanted);
          ASSERT_TRUE(pruned && all) << q.name;
          EXPECT_EQ(best_of(view, *pruned), best_of(view, *all)) << q.name << " top " << top;
          EXPECT_EQ(pruned->total, all->total) << q.name;
          EXPECT_EQ(pruned->series, all->series);
          // Where nobody counts, a phrase is looked for while ranking.
          wanted.exhaustive = wanted.counts = false;
          const auto uncounted = match(view, q.plan, filter, wanted);
          ASSERT_TRUE(uncounted) << q.name;
          EXPECT_EQ(best_of(view, *uncounted), best_of(view, *all)) << q.name << " top " << top;
        }
      }
    }
  }
}

TEST(Matching, AnswersDependNeitherOnSegmentsNorOnDeletedDocuments) {
  const auto documents = make_documents();
  // One segment that never had the deleted documents, against many that had.
  const auto fresh = view_of(documents, {kDocuments}, false);
  const auto grown = view_of(documents, {700, 3000, 3100, 6500, 6600, 6700, kDocuments}, true);
  EXPECT_EQ(fresh.live_documents(), grown.live_documents());
  for (const auto& q : questions()) {
    for (const auto& filter : filters()) {
      Wanted wanted;
      wanted.top = 50;
      const auto a = match(fresh, q.plan, filter, wanted);
      const auto b = match(grown, q.plan, filter, wanted);
      ASSERT_TRUE(a && b) << q.name;
      EXPECT_EQ(best_of(fresh, *a), best_of(grown, *b)) << q.name;
      EXPECT_EQ(a->total, b->total) << q.name;
      EXPECT_EQ(a->years, b->years) << q.name;
    }
  }
}

// Word by word over the texts, with nothing of the index but the formula.
TEST(Matching, CountsWhatStandsInTheDocuments) {
  const auto documents = make_documents();
  const auto view = view_of(documents, {4000, 4300, kDocuments}, true);
  const auto live = [](std::size_t i) { return !is_deleted(static_cast<std::uint32_t>(i + 1)); };
  const auto has = [&](std::size_t i, const std::string& w) {
    const auto& words = documents[i].words;
    return std::find(words.begin(), words.end(), w) != words.end();
  };
  const auto has_phrase = [&](std::size_t i, const std::vector<std::string>& p) {
    const auto& words = documents[i].words;
    return std::search(words.begin(), words.end(), p.begin(), p.end()) != words.end();
  };
  std::map<std::string, std::set<std::uint32_t>> truth;
  for (std::size_t i = 0; i < kDocuments; ++i) {
    if (!live(i)) continue;
    const auto o = static_cast<std::uint32_t>(i + 1);
    if (has(i, "w41")) truth["w41"].insert(o);
    if (has(i, "w2") && has(i, "w77") && has(i, "w5")) truth["and rare"].insert(o);
    if (has(i, "w8") || has(i, "w90")) truth["or"].insert(o);
    if (has_phrase(i, {"w0", "w2", "w3"})) truth["phrase 3"].insert(o);
    if (has(i, "w1") && !has(i, "w0")) truth["not"].insert(o);
    if (has_phrase(i, {"w0", "w1"}) || has_phrase(i, {"w0", "w3"}) ||
        has_phrase(i, {"w60", "w1"}) || has_phrase(i, {"w60", "w3"})) {
      truth["phrase of any"].insert(o);
    }
    truth["everything"].insert(o);
  }
  for (const auto& q : questions()) {
    const auto expected = truth.find(q.name);
    if (expected == truth.end()) continue;
    Wanted wanted;
    wanted.top = kDocuments;
    const auto answer = match(view, q.plan, {}, wanted);
    ASSERT_TRUE(answer);
    std::set<std::uint32_t> found;
    for (const auto& [ordinal, score] : best_of(view, *answer)) found.insert(ordinal);
    EXPECT_EQ(found, expected->second) << q.name;
    EXPECT_EQ(answer->total, expected->second.size()) << q.name;
    const auto counted =
        count_matches(view, q.plan.groups[0].empty() ? PlanLeaf() : word("w41"), {});
    ASSERT_TRUE(counted);
  }
}

TEST(Matching, NothingOfAClosedItemIsCounted) {
  const auto view = view_of(make_documents(), {3000, kDocuments}, false);
  Filter open;
  open.audience = open_only();
  Wanted wanted;
  wanted.top = 2000;
  const auto answer = match(view, Plan{{{word("w0")}}}, open, wanted);
  ASSERT_TRUE(answer);
  std::size_t in_facets = 0;
  for (const auto& [series, n] : answer->series) in_facets += static_cast<std::size_t>(n);
  EXPECT_EQ(in_facets, answer->total);
  for (const auto& r : answer->best) {
    EXPECT_EQ(view.facts(view.segments()[r.segment].item_number(r.document)).access_kind,
              access_kind(AccessClass::open, RightsStatus::undetermined, {}));
  }
  const auto all = match(view, Plan{{{word("w0")}}}, {}, wanted);
  ASSERT_TRUE(all);
  EXPECT_LT(answer->total, all->total);
}

TEST(Matching, GroupsByItem) {
  const auto view = view_of(make_documents(), {3000, kDocuments}, false);
  Wanted wanted;
  wanted.top = 5;
  wanted.by_item = true;
  const auto answer = match(view, Plan{{{word("w0")}}}, {}, wanted);
  ASSERT_TRUE(answer);
  std::set<std::uint32_t> items;
  for (const auto& r : answer->best) {
    items.insert(view.segments()[r.segment].item_number(r.document));
    EXPECT_GT(r.in_item, 1U);
  }
  EXPECT_EQ(items.size(), 5U);
  EXPECT_EQ(answer->total, kDocuments / 30);
}

}  // namespace
}  // namespace alih::indexer
