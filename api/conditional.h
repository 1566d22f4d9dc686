#pragma once

#include <cstdint>
#include <string_view>

// Conditions and parts of HTTP requests for files (RFC 9110 sections 13 and 14). Pure.
namespace alih::api {

// Whether an If-None-Match or If-Range value names this entity tag; weak tags match only when
// `weak` allows it.
[[nodiscard]] bool names_tag(std::string_view header, std::string_view tag, bool weak);

struct Part {
  enum class Kind {
    whole,          // no range, or one that is not understood: the whole file, 200
    part,           // 206
    unsatisfiable,  // 416
  };
  Kind kind = Kind::whole;
  std::uint64_t from = 0;  // first byte
  std::uint64_t size = 0;  // bytes
};
// A Range header of one range over a file of `size` bytes. Several ranges are answered whole.
[[nodiscard]] Part part_of(std::string_view range, std::uint64_t size);

}  // namespace alih::api
