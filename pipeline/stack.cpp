#include "pipeline/stack.h"

namespace alih::pipeline {
namespace {

bool is_bar_code(const Code& code) {
  return !code.text.empty() && code.kind != "qr" && !code.kind.starts_with("patch");
}

}  // namespace

Side Stack::next(const std::vector<Code>& separator, bool blank) {
  ++sides_;
  const bool back = awaits_back_ && blank;
  awaits_back_ = false;
  if (!rules_.split) return {};
  if (!separator.empty()) {
    const bool first = !behind_separator_;
    if (first) labels_.clear();
    behind_separator_ = true;
    awaits_back_ = rules_.duplex && sides_ % 2 == 1;
    for (const auto& code : separator) {
      if (is_bar_code(code) && !separates(code)) labels_.insert(code.text);
    }
    return {Side::Role::separator, rules_.keep_separators && first};
  }
  if (back) return {Side::Role::separator_back, false};
  // A kept separator has begun the item already.
  const bool begins = behind_separator_ && !rules_.keep_separators;
  behind_separator_ = false;
  return {Side::Role::page, begins};
}

std::string Stack::label() const { return labels_.size() == 1 ? *labels_.begin() : ""; }

}  // namespace alih::pipeline
