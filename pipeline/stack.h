#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/code.h"

namespace alih::pipeline {

// How a stack with separator sheets is cut into items.
struct StackRules {
  bool split = false;
  bool keep_separators = false;  // the sheet is the first page of its item; else it is left out
  bool duplex = false;           // sheets come as front, back, front, back
};

// What one side of one sheet is to its stack.
struct Side {
  enum class Role { page, separator, separator_back };
  Role role = Role::page;
  bool begins_item = false;  // this page is the first one behind a separator
};

// Decides side by side, in the order of the stack, so that a scan can go on without knowing what
// comes. Several separators in a row are one. One thread.
class Stack {
 public:
  explicit Stack(const StackRules& rules) : rules_(rules) {}

  // `separator`: the codes of a sheet that separates, else none. `blank`: nothing is on the side,
  // which matters behind a separator only. A side that cannot be read is asked for with neither.
  [[nodiscard]] Side next(const std::vector<Code>& separator, bool blank);
  // What the separators in front of this item's pages say: the value of a bar code beside the patch
  // code. Empty when there is none, or more than one, of which nobody knows which is right.
  [[nodiscard]] std::string label() const;

 private:
  StackRules rules_;
  int sides_ = 0;
  bool behind_separator_ = false;  // no page since the last separator
  bool awaits_back_ = false;
  std::set<std::string> labels_;  // of the separators in a row
};

}  // namespace alih::pipeline
