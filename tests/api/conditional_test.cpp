#include "api/conditional.h"

#include <gtest/gtest.h>

namespace alih::api {
namespace {

TEST(NamesTag, ListsStarsAndWeakTags) {
  EXPECT_TRUE(names_tag("\"a\"", "\"a\"", true));
  EXPECT_TRUE(names_tag("\"x\", \"a\"", "\"a\"", true));
  EXPECT_TRUE(names_tag("W/\"a\"", "\"a\"", true));
  EXPECT_TRUE(names_tag("*", "\"a\"", true));
  EXPECT_FALSE(names_tag("W/\"a\"", "\"a\"", false));
  EXPECT_FALSE(names_tag("*", "\"a\"", false));
  EXPECT_FALSE(names_tag("", "\"a\"", true));
  EXPECT_FALSE(names_tag("\"ab\"", "\"a\"", true));
}

struct RangeCase {
  const char* header;
  Part::Kind kind;
  std::uint64_t from;
  std::uint64_t size;
};
class Ranges : public ::testing::TestWithParam<RangeCase> {};

TEST_P(Ranges, OfAThousandBytes) {
  const auto& c = GetParam();
  const auto part = part_of(c.header, 1000);
  EXPECT_EQ(part.kind, c.kind) << c.header;
  EXPECT_EQ(part.from, c.from) << c.header;
  EXPECT_EQ(part.size, c.size) << c.header;
}
using Kind = Part::Kind;
INSTANTIATE_TEST_SUITE_P(
    , Ranges,
    ::testing::Values(RangeCase{"", Kind::whole, 0, 1000}, RangeCase{"bytes=0-0", Kind::part, 0, 1},
                      RangeCase{"bytes=0-", Kind::part, 0, 1000},
                      RangeCase{"bytes=990-2000", Kind::part, 990, 10},
                      RangeCase{"bytes=-10", Kind::part, 990, 10},
                      RangeCase{"bytes=-5000", Kind::part, 0, 1000},
                      RangeCase{"bytes=1000-", Kind::unsatisfiable, 0, 0},
                      RangeCase{"bytes=-0", Kind::unsatisfiable, 0, 0},
                      RangeCase{"bytes=99999999999999999999999-", Kind::unsatisfiable, 0, 0},
                      RangeCase{"bytes=5-99999999999999999999999", Kind::part, 5, 995},
                      RangeCase{"bytes=9-5", Kind::whole, 0, 1000},
                      RangeCase{"bytes=0-1,5-6", Kind::whole, 0, 1000},
                      RangeCase{"bytes=a-b", Kind::whole, 0, 1000},
                      RangeCase{"bytes=-", Kind::whole, 0, 1000},
                      RangeCase{"lines=1-2", Kind::whole, 0, 1000}));

TEST(Range, OfAnEmptyFile) {
  EXPECT_EQ(part_of("bytes=0-", 0).kind, Kind::unsatisfiable);
  EXPECT_EQ(part_of("bytes=-5", 0).kind, Kind::unsatisfiable);
}

}  // namespace
}  // namespace alih::api
