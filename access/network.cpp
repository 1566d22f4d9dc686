#include "access/network.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace alih::access {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

constexpr unsigned kMappedBits = 96;  // before an IPv4 address

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  text = text.substr(0, text.find('%'));
  const std::string plain(text);
  Address out{};
  if (in_addr four{}; ::inet_pton(AF_INET, plain.c_str(), &four) == 1) {
    out[10] = out[11] = 0xFF;
    const auto* bytes = reinterpret_cast<const unsigned char*>(&four);
    for (std::size_t i = 0; i < 4; ++i) out.at(12 + i) = bytes[i];
    return out;
  }
  if (in6_addr six{}; ::inet_pton(AF_INET6, plain.c_str(), &six) == 1) {
    for (std::size_t i = 0; i < out.size(); ++i) out.at(i) = six.s6_addr[i];
    return out;
  }
  return std::nullopt;
}

std::string text_of(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  const bool four =
      std::all_of(address.begin(), address.begin() + 10, [](unsigned char b) { return b == 0; }) &&
      address[10] == 0xFF && address[11] == 0xFF;
  if (four) {
    ::inet_ntop(AF_INET, address.data() + 12, out.data(), out.size());
  } else {
    ::inet_ntop(AF_INET6, address.data(), out.data(), out.size());
  }
  return out.data();
}

Result<Networks> Networks::parse(const std::vector<std::string>& entries) {
  Networks out;
  for (const auto& entry : entries) {
    const auto slash = std::min(entry.find('/'), entry.size());
    const auto address = parse_address(std::string_view(entry).substr(0, slash));
    const bool four = entry.find(':') == std::string::npos;
    unsigned bits = four ? 32 : 128;
    const unsigned most = bits;
    bool good = address.has_value();
    if (slash < entry.size()) {
      const auto text = trimmed(std::string_view(entry).substr(slash + 1));
      const auto read = std::from_chars(text.data(), text.data() + text.size(), bits);
      good =
          good && read.ec == std::errc() && read.ptr == text.data() + text.size() && bits <= most;
    }
    if (!good) {
      return fail(ErrorCode::bad_setting,
                  "Jaringan \"{}\" tidak terbaca; tulis misalnya 192.168.10.0/24",
                  "The network \"{}\" cannot be read; write for example 192.168.10.0/24", {entry});
    }
    out.ranges_.push_back({*address, four ? kMappedBits + bits : bits});
  }
  return out;
}

bool Networks::has(const Address& address) const {
  for (const auto& range : ranges_) {
    bool same = true;
    for (unsigned bit = 0; bit < range.bits && same; ++bit) {
      const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
      same = (address.at(bit / 8) & mask) == (range.address.at(bit / 8) & mask);
    }
    if (same) return true;
  }
  return false;
}

std::optional<Address> origin_of(const std::string& peer, const std::string& x_forwarded_for,
                                 bool forwarded, const Networks& trusted) {
  auto at = parse_address(peer);
  if (!forwarded) return at;
  if (!at || !trusted.has(*at) || x_forwarded_for.empty()) return std::nullopt;
  // From the right: each trusted proxy vouches for the one before it.
  std::string_view rest = x_forwarded_for;
  while (true) {
    const auto comma = rest.rfind(',');
    at = parse_address(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
    if (!at || !trusted.has(*at)) return at;
    if (comma == std::string_view::npos) return at;
    rest = rest.substr(0, comma);
  }
}

}  // namespace alih::access
