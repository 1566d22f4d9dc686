#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace alih::api {

// Whether the length of a request's body is beyond doubt. The server's library takes several
// lengths, both framings at once and lengths that are no numbers, and runs the body of a request
// that nobody read as the next request; so each is refused here and a connection is never used
// again after a body.
struct Framing {
  int refuse = 0;  // HTTP status, 0 = good
  bool chunked = false;
  std::uint64_t length = 0;
  [[nodiscard]] bool has_body() const { return chunked || length > 0; }
};

// All headers as they came, equal names included; `version` "HTTP/1.1". RFC 9112, section 6.
[[nodiscard]] Framing framing_of(const std::string& version,
                                 const std::vector<std::pair<std::string, std::string>>& headers,
                                 std::uint64_t most_bytes);

}  // namespace alih::api
