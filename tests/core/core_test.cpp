#include <set>

#include <gtest/gtest.h>

#include "core/edit_distance.h"
#include "core/fields.h"
#include "core/fixity.h"
#include "core/id.h"
#include "core/records.h"

namespace alih {
namespace {

TEST(Ulid, IsUniqueAndAscending) {
  std::string before;
  for (int i = 0; i < 10000; ++i) {
    const auto id = new_ulid();
    ASSERT_TRUE(is_ulid(id)) << id;
    ASSERT_LT(before, id);
    before = id;
  }
  EXPECT_FALSE(is_ulid("../../etc/passwd"));
  EXPECT_FALSE(is_ulid("01M8647PBC49NASN73T90HVHC"));
}

TEST(Fixity, GivesTheStandardDigests) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  FixityDigest digest;
  const std::string text = "abc";
  for (const char& c : text) digest.add(std::as_bytes(std::span(&c, 1)));
  const auto fixity = digest.finish();
  EXPECT_EQ(fixity.bytes, 3U);
  EXPECT_EQ(fixity.sha512.substr(0, 32), "ddaf35a193617abacc417349ae204131");
}

TEST(DigitizationNo, HasOneMeaningInBothForms) {
  EXPECT_EQ(digitization_no(2026, 1), "ALM/2026/000001");
  EXPECT_EQ(folded("ALM/2026/000001"), "alm-2026-000001");
  for (const char* text : {"ALM/2026/000123", "alm-2026-000123", "Alm-2026/123"}) {
    const auto parts = parse_digitization_no(text);
    ASSERT_TRUE(parts) << text;
    EXPECT_EQ(parts->year, 2026);
    EXPECT_EQ(parts->sequence_no, 123);
  }
  for (const char* text : {"", "ALM", "ALM/2026/", "ALM/26/1", "ALM/2026/0", "ALM/2026/1x"}) {
    EXPECT_FALSE(parse_digitization_no(text)) << text;
  }
}

TEST(Message, FillsBothLanguages) {
  const auto m = message("halaman {} dari {}", "page {} of {}", {3, "8"});
  EXPECT_EQ(m.id, "halaman 3 dari 8");
  EXPECT_EQ(m.en, "page 3 of 8");
}

TEST(ErrorCode, HasANameAndComesBackFromIt) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(ErrorCode::forbidden); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_TRUE(names.insert(code_name(code)).second) << code_name(code);
    EXPECT_EQ(code_from_name(code_name(code)), code);
    EXPECT_GE(exit_code(code), 1);
    EXPECT_GE(http_status(code), 400);
  }
}

TEST(Fields, RefuseWhatTheRuleForbids) {
  Item item;
  EXPECT_TRUE(set_field(item, "title", "Hikayat"));
  EXPECT_TRUE(set_field(item, "date_issued", "1936"));
  EXPECT_FALSE(set_field(item, "date_issued", "tahun 36"));
  EXPECT_FALSE(set_field(item, "condition", "bagus"));
  EXPECT_FALSE(set_field(item, "no_such_field", "x"));
  EXPECT_FALSE(set_field(item, "image_count", "3")) << "filled by the program";
  EXPECT_FALSE(set_field(item, "title", "two\nlines"));
  EXPECT_FALSE(set_field(item, "title", "\xFF\xFE"));
  EXPECT_TRUE(add_field(item, "creator", "A"));
  EXPECT_TRUE(add_field(item, "creator", "B"));
  EXPECT_EQ(item.fields["creator"], (std::vector<std::string>{"A", "B"}));
  EXPECT_TRUE(set_field(item, "access_class", "public"));
  EXPECT_EQ(item.access, AccessClass::open);
}

TEST(EditDistance, CountsUpToItsLimit) {
  EXPECT_EQ(edit_distance("goeroe", "guru", 5), 4);
  EXPECT_EQ(edit_distance("lewat", "liwat", 2), 1);
  EXPECT_EQ(edit_distance("", "abc", 3), 3);
  EXPECT_EQ(edit_distance("sekolah", "kelapa", 2), 3) << "limit + 1";
  EXPECT_EQ(edit_distance("a", "abcdef", 2), 3);
}

TEST(Affine, InverseLeadsBack) {
  const Affine map{{0.9, 0.1, 40, -0.1, 0.9, 7}};
  const auto there = map.apply(123, 456);
  const auto back = inverse(map).apply(there[0], there[1]);
  EXPECT_NEAR(back[0], 123, 1e-9);
  EXPECT_NEAR(back[1], 456, 1e-9);
}

TEST(Affine, MapsABoxAndCutsItToThePicture) {
  const Affine turn{{0, -1, 100, 1, 0, 0}};  // a quarter
  EXPECT_EQ(mapped(turn, {10, 20, 30, 5}, 100, 50), (Box{75, 10, 5, 30}));
  EXPECT_EQ(mapped({}, {-5, 40, 20, 20}, 100, 50), (Box{0, 40, 15, 10}));
  EXPECT_EQ(mapped({}, {200, 10, 5, 5}, 100, 50), (Box{99, 10, 1, 5})) << "outside: at the edge";
}

TEST(Records, ComeBackAsTheyWere) {
  PageRecord record;
  record.page.id = PageId::make();
  record.page.item = ItemId::make();
  record.page.number = 3;
  record.page.master = {"m.tif", "tiff", "scan.tif", {"aa", "bb", 12}, "cc", 2, Box{1, 2, 3, 4}};
  record.page.findings = {{"deskew", {{"angle_deg", -3.25}}, 0.75, true, ""}};
  record.page.codes = {{"code_39", "ASN00123", {4, 5, 60, 7}}, {"patch_t", "", {1, 2, 3, 4}}};
  record.page.to_master.m = {1, 0.5, 2, -0.5, 1, 3};
  record.text.width = 10;
  record.text.blocks = {{{0, 0, 9, 9}, {{{1, 1, 8, 3}, {{"béso'k", {1, 1, 4, 3}, 0.5}}}}}};
  record.text.alternates = {{"besok", {1, 1, 4, 3}, 0.25}};
  Event event;
  event.id = EventId::make();
  event.item = record.page.item;
  event.sequence = 7;
  event.sha256 = event_digest(event);
  record.events = {event};
  const auto back = page_record_from_json(to_json(record));
  ASSERT_TRUE(back) << back.error().message.en;
  EXPECT_EQ(*back, record);
  record.page.codes.clear();
  const auto without = to_json(record);
  EXPECT_EQ(without.find("codes"), std::string::npos) << "as older versions wrote it";
  EXPECT_EQ(page_record_from_json(without)->page.codes, record.page.codes);
  EXPECT_FALSE(page_record_from_json("{}"));
  EXPECT_FALSE(page_record_from_json(to_json(record).substr(0, 200)));
}

TEST(EventDigest, CoversEveryWord) {
  Event event;
  event.detail = "a";
  const auto before = event_digest(event);
  event.detail = "b";
  EXPECT_NE(event_digest(event), before);
}

}  // namespace
}  // namespace alih
