#include "api/framing.h"

#include <algorithm>
#include <charconv>

namespace alih::api {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

}  // namespace

Framing framing_of(const std::string& version,
                   const std::vector<std::pair<std::string, std::string>>& headers,
                   std::uint64_t most_bytes) {
  constexpr int kBadRequest = 400;
  constexpr int kTooLarge = 413;
  Framing out;
  int lengths = 0;
  int encodings = 0;
  for (const auto& [raw_name, value] : headers) {
    const auto name = lower(raw_name);
    // A name with a space before its colon is read differently by every server.
    if (name.empty() || name.find_first_of(" \t\r\n") != std::string::npos ||
        value.find_first_of(std::string("\r\n\0", 3)) != std::string::npos) {
      out.refuse = kBadRequest;
      return out;
    }
    if (name == "content-length") {
      ++lengths;
      const auto* end = value.data() + value.size();
      const bool digits = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        return c >= '0' && c <= '9';
      });
      const auto read = std::from_chars(value.data(), end, out.length);
      if (!digits || read.ec != std::errc() || read.ptr != end) {
        out.refuse = kBadRequest;
        return out;
      }
    } else if (name == "transfer-encoding") {
      ++encodings;
      out.chunked = lower(value) == "chunked";
      if (!out.chunked) {
        out.refuse = kBadRequest;
        return out;
      }
    }
  }
  if (lengths > 1 || encodings > 1 || (lengths > 0 && encodings > 0) ||
      (encodings > 0 && version != "HTTP/1.1")) {
    out.refuse = kBadRequest;
  } else if (out.length > most_bytes) {
    out.refuse = kTooLarge;
  }
  return out;
}

}  // namespace alih::api
