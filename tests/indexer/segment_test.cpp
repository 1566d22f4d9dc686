// Formats and decoders of the index's segments.
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "core/id.h"
#include "indexer/bitpack.h"
#include "indexer/crc32c.h"
#include "indexer/cursor.h"
#include "indexer/keyed_segment.h"
#include "indexer/merge.h"
#include "indexer/micro_segment.h"
#include "tests/support/map_store.h"

namespace alih::indexer {
namespace {

using testing_support::MapStore;
using testing_support::store_of;

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

TEST(Bitpack, ComesBackAtEveryWidth) {
  std::mt19937 random(1);
  for (unsigned width = 0; width <= 32; ++width) {
    std::array<std::uint32_t, kBlock> in{};
    const std::uint32_t mask = width == 32 ? 0xFFFFFFFFU : (1U << width) - 1;
    for (auto& v : in) v = static_cast<std::uint32_t>(random()) & mask;
    if (width > 0) in[7] = mask;
    EXPECT_EQ(width_of(in.data(), kBlock), width);
    std::vector<unsigned char> packed(packed_bytes(width));
    pack(in.data(), width, packed.data());
    std::array<std::uint32_t, kBlock> out{};
    unpack(packed.data(), width, out.data());
    EXPECT_EQ(in, out) << width;
    for (std::size_t i = 0; i < kBlock; ++i) {
      EXPECT_EQ(unpack_one(packed.data(), width, i), in[i]) << width << " " << i;
    }
    unpack_sums(packed.data(), width, 5, out.data());
    std::uint32_t sum = 5;
    for (std::size_t i = 0; i < kBlock; ++i) EXPECT_EQ(out[i], sum += in[i]) << width << " " << i;
  }
}

// The bytes are a format: number i in lane i % 4, a lane's numbers end to end, low bits first.
TEST(Bitpack, HasTheDocumentedBytes) {
  std::array<std::uint32_t, kBlock> in{};
  for (std::size_t i = 0; i < kBlock; ++i) in[i] = i % 8;
  std::string packed(packed_bytes(3), '\0');
  pack(in.data(), 3, reinterpret_cast<unsigned char*>(packed.data()));  // NOLINT
  EXPECT_EQ(hex(std::string_view(packed).substr(0, 16)), "20088220699aa669b22ccbb2fbbeeffb")
      << "lane 0 holds 0 4 0 4 …, lane 1 holds 1 5 1 5 …";
}

TEST(Crc32c, IsCastagnolis) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xE3069283U);
  std::string value = "nilai";
  seal("kunci", value);
  EXPECT_TRUE(is_sealed("kunci", value));
  EXPECT_FALSE(is_sealed("kunci lain", value)) << "a value under a wrong key is noticed";
}

// Documents with words of very different frequencies.
Inverter some_documents(std::uint32_t first, std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  Inverter out;
  const auto item = new_ulid();
  for (std::size_t i = 0; i < count; ++i) {
    Document d;
    d.ordinal = first + static_cast<std::uint32_t>(i);
    d.item = item;
    d.page_seq = static_cast<std::uint32_t>(i) + 1;
    const auto length = 5 + random() % 120;
    d.lengths[0] = static_cast<std::uint32_t>(length);
    out.add_document(d);
    for (std::uint32_t p = 0; p < length; ++p) {
      const auto r = random() % 1000;
      const auto word = r < 300 ? r % 3 : r < 800 ? r % 50 : r;
      out.add_term(Field::text, "kata" + std::to_string(word), p);
      if (word % 7 == 0) out.add_term(Field::root, "akar" + std::to_string(word % 11), 0);
    }
  }
  return out;
}

std::map<std::string, Postings> contents(const Segment& segment) {
  std::map<std::string, Postings> out;
  const auto walk = segment.walk("");
  EXPECT_TRUE(walk);
  for (auto& w = **walk; w.valid();) {
    Postings postings;
    EXPECT_TRUE(segment.read(w.list(), has_positions(static_cast<Field>(w.key()[0])), postings));
    out[std::string(w.key())] = std::move(postings);
    EXPECT_TRUE(w.next());
  }
  return out;
}

void expect_same(const Segment& a, const Segment& b) {
  const auto left = contents(a);
  const auto right = contents(b);
  ASSERT_EQ(left.size(), right.size());
  for (const auto& [key, postings] : left) {
    const auto found = right.find(key);
    ASSERT_NE(found, right.end()) << key;
    EXPECT_EQ(postings.docs, found->second.docs) << key;
    EXPECT_EQ(postings.counts, found->second.counts) << key;
    EXPECT_EQ(postings.positions, found->second.positions) << key;
  }
  ASSERT_EQ(a.documents().size(), b.documents().size());
  for (std::size_t i = 0; i < a.documents().size(); ++i) {
    EXPECT_EQ(a.documents().ordinal(i), b.documents().ordinal(i));
    EXPECT_EQ(a.documents().document(i).lengths, b.documents().document(i).lengths);
  }
}

TEST(KeyedSegment, HoldsWhatAMicroSegmentHolds) {
  const auto documents = some_documents(10, 9000, 3);  // more than a chunk of blocks
  const auto micro = MicroSegment::open(encode_micro(documents));
  const auto store = store_of(7, documents);
  const auto keyed = KeyedSegment::open(7, store);
  ASSERT_TRUE(micro && keyed);
  expect_same(**micro, **keyed);
  EXPECT_TRUE((*keyed)->verify());
  EXPECT_GT(store->parts[2].size(), 4U) << "some lists are long";
  for (const char* term : {"kata1", "kata999", "kata", "zzz", "", "kata10"}) {
    const auto a = (*micro)->find(Field::text, term);
    const auto b = (*keyed)->find(Field::text, term);
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->documents, b->documents) << term;
  }
  std::vector<std::string> terms;
  EXPECT_TRUE((*keyed)->each_term(Field::text, "kata99", [&](std::string_view t, const TermList&) {
    terms.emplace_back(t);
    return true;
  }));
  EXPECT_EQ(terms.front(),
            "kata99"
            "0");
  EXPECT_EQ(terms.back(), "kata999");
}

TEST(KeyedSegment, ACursorFindsEveryDocumentAndPlace) {
  const auto documents = some_documents(1, 9000, 4);
  const auto micro = MicroSegment::open(encode_micro(documents));
  const auto keyed = KeyedSegment::open(1, store_of(1, documents));
  ASSERT_TRUE(micro && keyed);
  std::mt19937 random(9);
  for (const char* term : {"kata1", "kata30", "kata777"}) {
    Postings truth;
    ASSERT_TRUE((*micro)->read(*(*micro)->find(Field::text, term), true, truth));
    const auto list = (*keyed)->find(Field::text, term);
    ASSERT_TRUE(list);
    Postings memory;
    Cursor cursor;
    if (list->is_long) {
      cursor.open(**keyed, *list);
    } else {
      ASSERT_TRUE((*keyed)->read(*list, true, memory));
      cursor.open(memory);
    }
    std::vector<std::size_t> starts{0};
    for (const auto c : truth.counts) starts.push_back(starts.back() + c);
    for (std::uint32_t target = 0; target < 9000;
         target += 1 + static_cast<std::uint32_t>(random() % 60)) {
      const auto expected = std::lower_bound(truth.docs.begin(), truth.docs.end(), target);
      const auto doc = cursor.seek(target);
      if (expected == truth.docs.end()) {
        EXPECT_EQ(doc, Cursor::kEnd);
        break;
      }
      ASSERT_EQ(doc, *expected) << term << " from " << target;
      const auto i = static_cast<std::size_t>(expected - truth.docs.begin());
      EXPECT_EQ(cursor.count(), truth.counts[i]);
      const std::vector<std::uint32_t> places(
          truth.positions.begin() + static_cast<std::ptrdiff_t>(starts[i]),
          truth.positions.begin() + static_cast<std::ptrdiff_t>(starts[i + 1]));
      ASSERT_EQ(cursor.positions(), places);
    }
    EXPECT_TRUE(cursor.error());
  }
}

TEST(KeyedSegment, NoBlockScoresMoreThanItsBound) {
  const auto documents = some_documents(1, 6000, 5);
  const auto keyed = KeyedSegment::open(1, store_of(1, documents));
  ASSERT_TRUE(keyed);
  const auto lengths = length_scale(1.2, 0.75, 60);
  const Scale scale{123456.0F, &lengths};
  const auto list = (*keyed)->find(Field::text, "kata2");
  ASSERT_TRUE(list && list->is_long);
  Cursor cursor;
  cursor.open(**keyed, *list);
  cursor.rank(scale, documents.documents().lengths(Field::text));
  for (std::uint32_t b = 0; b < cursor.blocks(); ++b) {
    ASSERT_TRUE(cursor.load(b));
    const auto* scores = cursor.scores();
    const auto most = *std::max_element(scores, scores + cursor.size());
    EXPECT_LE(most, cursor.bound(b));
    EXPECT_LE(cursor.bound(b), most + most / 10) << "and it is not much higher than it must be";
    for (std::uint32_t i = 0; i < cursor.size(); ++i) {
      EXPECT_EQ(scores[i], scale.score(cursor.counts()[i], documents.documents().lengths(
                                                               Field::text)[cursor.docs()[i]]))
          << "one formula, many at once or alone";
    }
  }
}

TEST(KeyedSegment, MergesWithoutTheDeleted) {
  const auto a = KeyedSegment::open(1, store_of(1, some_documents(1, 3000, 6)));
  const auto b = MicroSegment::open(encode_micro(some_documents(4000, 700, 7)));
  ASSERT_TRUE(a && b);
  const auto gone = [](std::uint32_t o) { return o % 3 == 0; };
  const Merge merge({*a, *b}, gone);
  auto store = std::make_shared<MapStore>();
  KeyedWriter writer(3, merge.documents(), store->sink());
  ASSERT_TRUE(merge.each_term(
      [&](Field f, std::string_view t, const Postings& p) { return writer.add(f, t, p); }));
  ASSERT_TRUE(writer.finish());
  const auto merged = KeyedSegment::open(3, store);
  ASSERT_TRUE(merged);
  const auto micro = merge_micro({*a, *b}, gone);
  ASSERT_TRUE(micro);
  const auto other = MicroSegment::open(*micro);
  ASSERT_TRUE(other);
  expect_same(**other, **merged);
  EXPECT_LT((*merged)->documents().size(), 2500U);
}

TEST(KeyedSegment, ADamagedValueIsNoticedOrReadWithoutHarm) {
  const auto documents = some_documents(1, 700, 8);
  const auto good = store_of(1, documents);
  std::mt19937 random(10);
  int noticed = 0;
  for (int round = 0; round < 400; ++round) {
    auto bad = std::make_shared<MapStore>();
    bad->parts = good->parts;
    auto& part = bad->parts[random() % kPartCount];
    auto value = std::next(part.begin(), static_cast<std::ptrdiff_t>(random() % part.size()));
    auto& bytes = value->second;
    if (random() % 4 == 0) {
      bytes.resize(random() % bytes.size());
    } else {
      bytes[random() % bytes.size()] ^= static_cast<char>(1 + random() % 255);
    }
    const auto opened = KeyedSegment::open(1, bad);
    if (!opened) {
      ++noticed;
      continue;
    }
    if (!(*opened)->verify()) ++noticed;
    // And without asking for the sums first, as a question does.
    for (const char* term : {"kata0", "kata2", "kata40", "kata900"}) {
      const auto list = (*opened)->find(Field::text, term);
      Postings postings;
      if (list) (void)(*opened)->read(*list, true, postings);
    }
  }
  EXPECT_EQ(noticed, 400);
}

// docs/formats/search_segment.md, by its bytes: two documents, a short list.
TEST(KeyedSegment, HasTheDocumentedBytes) {
  Inverter inverter;
  Document d;
  d.ordinal = 5;
  d.item = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  d.page_seq = 1;
  d.lengths[0] = 3;
  inverter.add_document(d);
  inverter.add_term(Field::text, "satu", 0);
  inverter.add_term(Field::text, "dua", 1);
  inverter.add_term(Field::text, "satu", 2);
  d.ordinal = 6;
  d.page_seq = 2;
  inverter.add_document(d);
  inverter.add_term(Field::text, "satu", 4);
  const auto store = store_of(2, inverter);
  ASSERT_EQ(store->parts[1].size(), 1U);
  const auto& [key, block] = *store->parts[1].begin();
  EXPECT_EQ(hex(key), "0000000200000000");
  EXPECT_EQ(hex(std::string_view(block).substr(0, block.size() - kSeal)),
            "02"  // terms
            "0400647561"
            "01"
            "020101"  // 0 shared, 4 own bytes: text "dua"; 1 document; list
            "14"
            "73617475"
            "02"
            "06"
            "00020300"
            "0204");
}

TEST(Vocabulary, FindsWhatIsNear) {
  Vocabulary sorted;
  std::vector<std::string> all{"bangga",       "banggai",     "goeroe",  "guru", "gurun",
                               "perpustakaan", "perpustakan", "pustaka", "raja", "raya"};
  for (const auto& w : all) sorted.add(w);
  const auto near = [&](std::string_view word, int limit) {
    std::map<std::string, int> out;
    sorted.near(word, limit, [&](std::string_view t, int d) { out[std::string(t)] = d; });
    return out;
  };
  EXPECT_EQ(near("raja", 1), (std::map<std::string, int>{{"raja", 0}, {"raya", 1}}));
  EXPECT_EQ(near("gurn", 1), (std::map<std::string, int>{{"guru", 1}, {"gurun", 1}}));
  EXPECT_EQ(near("perpustakaen", 2),
            (std::map<std::string, int>{{"perpustakaan", 1}, {"perpustakan", 1}}));
  EXPECT_TRUE(near("xyz", 1).empty());
}

TEST(Vocabulary, AgreesWithTheDistanceOfEveryWord) {
  std::mt19937 random(12);
  std::set<std::string> all;
  while (all.size() < 3000) {
    std::string w;
    const auto n = 1 + random() % 9;
    for (std::size_t i = 0; i < n; ++i) w += static_cast<char>('a' + random() % 4);
    all.insert(w);
  }
  Vocabulary words;
  for (const auto& w : all) words.add(w);
  const auto distance = [](const std::string& a, const std::string& b) {
    std::vector<int> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
      int corner = row[0];
      row[0] = static_cast<int>(i);
      for (std::size_t j = 1; j <= b.size(); ++j) {
        const int d =
            std::min({corner + (a[i - 1] == b[j - 1] ? 0 : 1), row[j] + 1, row[j - 1] + 1});
        corner = row[j];
        row[j] = d;
      }
    }
    return row[b.size()];
  };
  for (const std::string word : {"abca", "dddddd", "acbdab", "b"}) {
    for (int limit = 0; limit <= 2; ++limit) {
      std::set<std::string> found;
      words.near(word, limit, [&](std::string_view t, int d) {
        EXPECT_EQ(d, distance(word, std::string(t)));
        found.emplace(t);
      });
      std::set<std::string> truth;
      for (const auto& w : all) {
        if (distance(word, w) <= limit) truth.insert(w);
      }
      EXPECT_EQ(found, truth) << word << " " << limit;
    }
  }
}

}  // namespace
}  // namespace alih::indexer
