#include "core/message.h"

namespace alih {
namespace {

std::string fill(std::string_view pattern, std::initializer_list<Arg> args) {
  std::string out;
  const auto* next = args.begin();
  while (!pattern.empty()) {
    const auto hole = pattern.find("{}");
    if (hole == std::string_view::npos || next == args.end()) {
      out += pattern;
      break;
    }
    out += pattern.substr(0, hole);
    out += next->text();
    ++next;
    pattern.remove_prefix(hole + 2);
  }
  return out;
}

}  // namespace

Message message(std::string_view id, std::string_view en, std::initializer_list<Arg> args) {
  return {fill(id, args), fill(en, args)};
}

}  // namespace alih
