#include "core/doubts.h"

#include <gtest/gtest.h>

#include "core/fields.h"

namespace alih {
namespace {

bool doubtful(std::string_view field, std::string_view value) {
  return !number_doubt(field, value).en.empty();
}

TEST(Doubts, CheckDigits) {
  for (const auto* good : {"979-407-123-4", "0-8044-2957-X", "0-8044-2957-x", "978-979-407-123-6",
                           "9789794071236 (jil. 1)", "979 407 123 4"}) {
    EXPECT_FALSE(doubtful("isbn", good)) << good;
  }
  for (const auto* bad : {"979-407-123-5", "978-979-407-123-4", "977-979-407-123-6", "123", "",
                          "X794071234", "97940712X4", "tanpa ISBN"}) {
    EXPECT_TRUE(doubtful("isbn", bad)) << bad;
  }
  EXPECT_FALSE(doubtful("issn", "0378-5955"));
  EXPECT_FALSE(doubtful("issn", "2434-561X"));
  EXPECT_TRUE(doubtful("issn", "0378-5956"));
  EXPECT_TRUE(doubtful("issn", "979-407-123-4"));
  EXPECT_FALSE(doubtful("ismn", "979-0-2600-0043-8"));
  EXPECT_FALSE(doubtful("ismn", "M-2600-0043-8"));
  EXPECT_TRUE(doubtful("ismn", "979-0-2600-0043-9"));
  EXPECT_TRUE(doubtful("ismn", "978-979-407-123-6"));
  EXPECT_FALSE(doubtful("title", "0378-5956"));
}

std::vector<std::string> names(const Item& item) {
  std::vector<std::string> out;
  for (const auto& d : doubts_of(item)) {
    EXPECT_FALSE(d.text.id.empty() || d.text.en.empty()) << d.field;
    EXPECT_NE(find_field(d.field), nullptr) << d.field;
    out.push_back(d.field);
  }
  return out;
}

TEST(Doubts, WhatIsAskedForOfAKindOfMaterial) {
  using Names = std::vector<std::string>;
  Item item;
  item.series = "ALM-KOL";
  EXPECT_EQ(names(item), Names());
  item.fields["material_type"] = {"book"};
  EXPECT_EQ(names(item), (Names{"accession_no", "call_no", "ddc"}));
  item.fields["accession_no"] = {"1/2026"};
  item.fields["call_no"] = {"899 HIK h"};
  item.fields["ddc"] = {"899"};
  item.fields["isbn"] = {"979-407-123-5"};
  EXPECT_EQ(names(item), Names{"isbn"});
  item.fields["isbn"] = {"979-407-123-4"};
  EXPECT_EQ(names(item), Names());
  for (const auto* bad : {"89", "899.", "899,2", "8999", "89X", "899.2a"}) {
    item.fields["ddc"] = {bad};
    EXPECT_EQ(names(item), Names{"ddc"}) << bad;
  }
  item.fields["ddc"] = {"899.221"};
  item.rights = RightsStatus::in_copyright;
  EXPECT_EQ(names(item), (Names{"rights_basis", "rights_expires"}));
  item.rights = RightsStatus::undetermined;
  item.fields["material_type"] = {"newspaper"};
  EXPECT_EQ(names(item), (Names{"volume", "issue", "issue_date"}));
  item.fields["material_type"] = {"photograph"};
  EXPECT_EQ(names(item), Names());
  item.series = "ALM-ARS";
  item.fields["date_from"] = {"1950"};
  item.fields["date_to"] = {"1949"};
  EXPECT_EQ(names(item), (Names{"date_to", "classification_code", "development_level"}));
}

}  // namespace
}  // namespace alih
