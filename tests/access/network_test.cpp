#include "access/network.h"

#include <gtest/gtest.h>

namespace alih::access {
namespace {

Networks nets(const std::vector<std::string>& entries) {
  auto out = Networks::parse(entries);
  EXPECT_TRUE(out);
  return out ? *out : Networks();
}
bool has(const std::vector<std::string>& entries, const std::string& address) {
  const auto parsed = parse_address(address);
  return parsed && nets(entries).has(*parsed);
}

TEST(Networks, TakesRangesOfBothFamiliesByTheirBits) {
  EXPECT_TRUE(has({"192.168.10.0/24"}, "192.168.10.1"));
  EXPECT_TRUE(has({"192.168.10.0/24"}, "192.168.10.255"));
  EXPECT_FALSE(has({"192.168.10.0/24"}, "192.168.11.0"));
  EXPECT_FALSE(has({"192.168.10.0/24"}, "192.168.9.255"));
  EXPECT_TRUE(has({"10.0.0.0/9"}, "10.127.255.255"));
  EXPECT_FALSE(has({"10.0.0.0/9"}, "10.128.0.0"));
  EXPECT_TRUE(has({"203.0.113.7"}, "203.0.113.7"));
  EXPECT_FALSE(has({"203.0.113.7"}, "203.0.113.6"));
  EXPECT_TRUE(has({"0.0.0.0/0"}, "8.8.8.8"));
  EXPECT_FALSE(has({"0.0.0.0/0"}, "2001:db8::1")) << "all of IPv4 is not all of IPv6";
  EXPECT_TRUE(has({"2001:db8::/33"}, "2001:db8:7fff::1"));
  EXPECT_FALSE(has({"2001:db8::/33"}, "2001:db8:8000::1"));
  EXPECT_TRUE(has({"192.168.10.0/24"}, "::ffff:192.168.10.9")) << "as a dual socket tells it";
  EXPECT_TRUE(has({"fe80::/10"}, "fe80::1%eth0"));
  EXPECT_TRUE(has({"::1/128"}, "[::1]"));
  EXPECT_FALSE(has({}, "127.0.0.1"));
}

TEST(Address, IsWrittenAsItWasRead) {
  for (const char* text : {"192.168.10.1", "2001:db8::1", "::1", "0.0.0.0"}) {
    EXPECT_EQ(text_of(*parse_address(text)), text);
  }
  EXPECT_EQ(text_of(*parse_address("::ffff:10.0.0.1")), "10.0.0.1");
}

TEST(Networks, RefusesWhatIsNoRangeAndNamesIt) {
  for (const char* bad : {"192.168.1.0/33", "192.168.1/24", "::1/129", "kantor", "1.2.3.4/",
                          "1.2.3.4/x", "1.2.3.4/-1", "", "1.2.3.4.5", "1.2.3.4/24/8"}) {
    const auto parsed = Networks::parse({"10.0.0.0/8", bad});
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::bad_setting);
    EXPECT_NE(parsed.error().message.en.find(bad), std::string::npos);
  }
}

TEST(Origin, BelievesNoProxyThatIsNotTrusted) {
  const auto trusted = nets({"10.0.0.1", "10.0.0.2"});
  const auto from = [&](const std::string& peer, const std::string& forwarded, bool any) {
    return origin_of(peer, forwarded, any, trusted);
  };
  EXPECT_EQ(from("192.168.1.5", "", false), parse_address("192.168.1.5"));
  // A client may write what it likes.
  EXPECT_FALSE(from("203.0.113.9", "192.168.1.5", true));
  EXPECT_FALSE(from("127.0.0.1", "192.168.1.5", true)) << "not even one on this machine";
  EXPECT_EQ(from("10.0.0.1", "192.168.1.5", true), parse_address("192.168.1.5"));
  // What the client wrote stands at the left; the trusted proxies' words at the right.
  EXPECT_EQ(from("10.0.0.1", "192.168.1.5, 203.0.113.9", true), parse_address("203.0.113.9"));
  EXPECT_EQ(from("10.0.0.1", "192.168.1.5, 203.0.113.9, 10.0.0.2", true),
            parse_address("203.0.113.9"));
  EXPECT_FALSE(from("10.0.0.1", "192.168.1.5, unknown", true));
  EXPECT_FALSE(from("10.0.0.1", "", true)) << "Forwarded alone is not read";
  EXPECT_FALSE(from("10.0.0.1", ",", true));
}

}  // namespace
}  // namespace alih::access
