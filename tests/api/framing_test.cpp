#include "api/framing.h"

#include <gtest/gtest.h>

namespace alih::api {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

TEST(Framing, RefusesWhatAnotherServerCouldReadDifferently) {
  const std::vector<Headers> bad{
      {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}},
      {{"Content-Length", "5"}, {"Content-Length", "6"}},
      {{"Content-Length", "5"}, {"content-length", "5"}},
      {{"Content-Length", "-5"}},
      {{"Content-Length", "+5"}},
      {{"Content-Length", "5, 5"}},
      {{"Content-Length", "0x5"}},
      {{"Content-Length", ""}},
      {{"Content-Length", "99999999999999999999999"}},
      {{"Transfer-Encoding", "gzip, chunked"}},
      {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}},
      {{"Content-Length ", "5"}},
  };
  for (const auto& headers : bad) {
    EXPECT_EQ(framing_of("HTTP/1.1", headers, 1000).refuse, 400)
        << headers[0].first << headers[0].second;
  }
  EXPECT_EQ(framing_of("HTTP/1.0", {{"Transfer-Encoding", "chunked"}}, 1000).refuse, 400);
  EXPECT_EQ(framing_of("HTTP/1.1", {{"Content-Length", "1001"}}, 1000).refuse, 413);
  EXPECT_EQ(framing_of("HTTP/1.1", {{"Content-Length", "5"}}, 1000).length, 5U);
  EXPECT_TRUE(framing_of("HTTP/1.1", {{"Transfer-Encoding", "Chunked"}}, 1000).has_body());
  EXPECT_FALSE(framing_of("HTTP/1.1", {{"Host", "x"}}, 1000).has_body());
}

}  // namespace
}  // namespace alih::api
