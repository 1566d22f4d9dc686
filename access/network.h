#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace alih::access {

// An IPv4 or IPv6 address; IPv4 as ::ffff:a.b.c.d, so that one comparison does.
using Address = std::array<unsigned char, 16>;
// "192.168.1.7", "fe80::1", "[::1]", "::ffff:10.0.0.1"; a zone ("%eth0") and nothing else may
// follow. None when it is no address.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

[[nodiscard]] std::string text_of(const Address& address);

// Ranges of addresses. Immutable.
class Networks {
 public:
  Networks() = default;
  // Addresses or CIDR ranges. Errors: bad_setting, naming the entry.
  [[nodiscard]] static Result<Networks> parse(const std::vector<std::string>& entries);
  [[nodiscard]] bool has(const Address& address) const;

 private:
  struct Range {
    Address address{};
    unsigned bits = 128;  // of the address that must be equal
  };
  std::vector<Range> ranges_;
};

// Where a request really comes from: the peer, or, when that is a trusted proxy, the last address
// of X-Forwarded-For that is none. None: from outside, through a proxy that nobody vouches for.
[[nodiscard]] std::optional<Address> origin_of(const std::string& peer,
                                               const std::string& x_forwarded_for, bool forwarded,
                                               const Networks& trusted);

}  // namespace alih::access
