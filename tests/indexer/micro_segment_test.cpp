#include "indexer/micro_segment.h"

#include <gtest/gtest.h>

#include "core/id.h"
#include "indexer/text_record.h"

namespace alih::indexer {
namespace {

std::string segment(std::uint32_t ordinal, const std::string& item,
                    const std::vector<std::string>& terms) {
  Inverter inverter;
  Document d;
  d.ordinal = ordinal;
  d.item = item;
  d.page_seq = ordinal;
  d.lengths[0] = static_cast<std::uint32_t>(terms.size());
  inverter.add_document(d);
  std::uint32_t position = 0;
  for (const auto& term : terms) inverter.add_term(Field::text, term, position++);
  return encode_micro(inverter);
}

Postings read(const Segment& segment, Field field, const std::string& term) {
  Postings out;
  const auto list = segment.find(field, term);
  EXPECT_TRUE(list);
  if (list && list->documents > 0) {
    EXPECT_TRUE(segment.read(*list, has_positions(field), out));
  }
  return out;
}

TEST(MicroSegment, ComesBackAndMerges) {
  const auto item = new_ulid();
  const auto a = MicroSegment::open(segment(1, item, {"satu", "dua", "satu"}));
  const auto b = MicroSegment::open(segment(2, item, {"dua", "tiga"}));
  ASSERT_TRUE(a && b);
  EXPECT_EQ(read(**a, Field::text, "satu").positions, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_TRUE(read(**a, Field::title, "satu").docs.empty());
  auto bytes = merge_micro({*a, *b}, [](std::uint32_t) { return false; });
  ASSERT_TRUE(bytes);
  const auto both = MicroSegment::open(*bytes);
  ASSERT_TRUE(both);
  EXPECT_EQ(read(**both, Field::text, "dua").docs.size(), 2U);
  bytes = merge_micro({*a, *b}, [](std::uint32_t o) { return o == 1; });
  ASSERT_TRUE(bytes);
  const auto one = MicroSegment::open(*bytes);
  ASSERT_TRUE(one);
  EXPECT_TRUE(read(**one, Field::text, "satu").docs.empty());
  EXPECT_EQ((*one)->documents().size(), 1U);
}

TEST(MicroSegment, RefusesEveryDamagedByte) {
  const auto good = segment(1, new_ulid(), {"satu", "dua"});
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x21);
    EXPECT_FALSE(MicroSegment::open(bad)) << i;
    EXPECT_FALSE(MicroSegment::open(good.substr(0, i))) << i;
  }
}

TEST(TextRecord, ComesBackAndSurvivesAnyBytes) {
  TextLayer text;
  text.width = 100;
  text.height = 50;
  text.blocks = {{{0, 0, 9, 9}, {{{1, -1, 8, 3}, {{"kata", {1, 1, 4, 3}, 1.0}}}}}};
  const auto bytes = encode_text(text);
  const auto back = decode_text(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, text);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(decode_text(bytes.substr(0, i))) << i;
    auto bad = bytes;
    bad[i] = static_cast<char>(bad[i] ^ 0x80);
    (void)decode_text(bad);  // any answer, no crash
  }
}

}  // namespace
}  // namespace alih::indexer
