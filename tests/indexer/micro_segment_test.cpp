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

TEST(MicroSegment, HoldsNoTermThatWasOnlyAskedFor) {
  Inverter inverter;
  Document d;
  d.ordinal = 1;
  d.item = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  inverter.add_document(d);
  const auto unused = inverter.number_of(Field::root, "tulis");
  const auto used = inverter.number_of(Field::text, "menulis");
  inverter.note(used).root = unused;
  inverter.add(used, 0);
  EXPECT_EQ(inverter.term_count(), 1U);
  const auto segment = MicroSegment::open(encode_micro(inverter));
  ASSERT_TRUE(segment);
  EXPECT_EQ((*segment)->term_count(), 1U);
  EXPECT_EQ((*segment)->find(Field::root, "tulis")->documents, 0U);
  EXPECT_EQ((*segment)->find(Field::text, "menulis")->documents, 1U);
  EXPECT_EQ(inverter.note(used).root, unused);
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

// 300 dpi, ten words a line: what a page costs beside its letters.
TEST(TextRecord, AWordsBoxTakesAboutFiveBytes) {
  TextLayer text;
  text.width = 2480;
  text.height = 3508;
  std::size_t words = 0;
  std::size_t letters = 0;
  Block block{{200, 200, 2000, 2400}, {}};
  for (int l = 0; l < 40; ++l) {
    Line line{{200 + l % 3, 200 + 60 * l, 2000, 44}, {}, {}};
    int x = line.box.x;
    for (int w = 0; w < 10; ++w, ++words) {
      const int width = 60 + (l * 37 + w * 53) % 140;
      line.words.push_back({"kata", {x, line.box.y + w % 9, width, 40 - w % 11}, 0.9});
      letters += 5;  // and their number
      x += width + 14 + w % 5;
    }
    block.lines.push_back(line);
  }
  text.blocks = {block};
  const auto bytes = encode_text(text);
  EXPECT_LE(static_cast<double>(bytes.size() - letters) / static_cast<double>(words), 6.8)
      << "with the lines' own boxes";
  const auto back = decode_text(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->blocks[0].lines[39].words[9].box, text.blocks[0].lines[39].words[9].box);
}

TEST(TextRecord, StillReadsVersionTwo) {
  // One word in one line in one block, every box by itself.
  const std::string old(
      "\x02\xC8\x01\x64\x01\x00\x00\x12\x12\x01\x02\x02\x10\x06\x00\x00\x00\x00\x01\x04kata\x02"
      "\x04\x08\x06\xFF\x00",
      30);
  const auto text = decode_text(old);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->width, 100);
  ASSERT_EQ(text->word_count(), 1);
  EXPECT_EQ(text->blocks[0].lines[0].words[0].box, (Box{1, 2, 4, 3}));
}

}  // namespace
}  // namespace alih::indexer
