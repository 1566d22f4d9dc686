#include "core/json.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using nlohmann::json;

TEST(Json, AnIntegerIsReadAsWritten) {
  EXPECT_EQ(json::parse("-7").get<int>(), -7);
  EXPECT_EQ(json::parse("3.0").get<int>(), 3);
  EXPECT_EQ(json::parse("18446744073709551615").get<std::uint64_t>(), UINT64_MAX);
  EXPECT_EQ(json::parse("-9223372036854775808").get<std::int64_t>(), INT64_MIN);
  EXPECT_EQ(json::parse("[1, 2]").get<std::vector<std::uint32_t>>(),
            (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(json::parse("{}").value("missing", 5), 5);
  EXPECT_EQ(json(std::int64_t{-3}).dump(), "-3");
  EXPECT_EQ(json(std::uint8_t{200}).dump(), "200");
}

TEST(Json, ANumberThatDoesNotFitIsRefused) {
  for (const char* text : {"1e300", "-1e300", "3.5", "4294967296", "2147483648", "-2147483649"}) {
    EXPECT_THROW((void)json::parse(text).get<int>(), json::out_of_range) << text;
    EXPECT_THROW((void)json::parse(std::string("[") + text + "]").get<std::vector<int>>(),
                 json::out_of_range)
        << text;
  }
  EXPECT_THROW((void)json::parse("-1").get<std::uint32_t>(), json::out_of_range);
  EXPECT_THROW((void)json::parse("-1").get<std::uint64_t>(), json::out_of_range);
  EXPECT_THROW((void)json::parse("9223372036854775808").get<std::int64_t>(), json::out_of_range);
  EXPECT_THROW((void)json::parse("9.3e18").get<std::int64_t>(), json::out_of_range);
  EXPECT_THROW((void)json::parse(R"({"a": 1e99})").value("a", 0), json::out_of_range);
  EXPECT_THROW((void)(json::parse("[1, 2, 3, 1e10]").get<std::array<int, 4>>()),
               json::out_of_range);
}

TEST(Json, OnlyANumberIsAnInteger) {
  for (const char* text : {"true", "null", "\"5\"", "[5]", "{}"}) {
    EXPECT_THROW((void)json::parse(text).get<int>(), json::type_error) << text;
  }
}

}  // namespace
