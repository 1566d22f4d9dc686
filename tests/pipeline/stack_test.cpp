#include "pipeline/stack.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace alih::pipeline {
namespace {

const std::vector<Code> kPatch{{"patch_t", "", {}}};
const std::vector<Code> kWord{{"patch_t", "", {}}, {"code_39", "PATCHT", {}}};

std::vector<Code> labelled(const std::string& text) {
  return {{"code_39", "PATCHT", {}}, {"code_128", text, {}}};
}

// p page, b blank page, s separator; gives how many pages each item has, "-" for a side left out.
std::string cut(const StackRules& rules, const std::string& sides) {
  Stack stack(rules);
  std::string out;
  int pages = 0;
  int left_out = 0;
  for (const char c : sides) {
    const auto side = stack.next(c == 's' ? kPatch : std::vector<Code>(), c == 'b');
    if (side.begins_item && pages > 0) {
      out += std::to_string(pages) + " ";
      pages = 0;
    }
    const bool kept = side.role == Side::Role::page || rules.keep_separators;
    (kept ? pages : left_out) += 1;
  }
  return out + std::to_string(pages) + " -" + std::to_string(left_out);
}

TEST(Stack, BeginsAnItemBehindEachSeparator) {
  const StackRules split{.split = true};
  EXPECT_EQ(cut(split, "ppspssp"), "2 1 1 -3");
  EXPECT_EQ(cut(split, "spp"), "2 -1") << "none in front of the first separator";
  EXPECT_EQ(cut(split, "pps"), "2 -1");
  EXPECT_EQ(cut(split, "ss"), "0 -2");
  EXPECT_EQ(cut(split, "psbp"), "1 2 -1") << "a blank sheet is a page";
}

TEST(Stack, IsWholeWhenNotAskedToSplit) { EXPECT_EQ(cut({}, "psbps"), "5 -0"); }

TEST(Stack, LeavesTheBlankBackOfASeparatorOut) {
  const StackRules duplex{.split = true, .duplex = true};
  EXPECT_EQ(cut(duplex, "pbsbpp"), "2 2 -2") << "the back of another sheet stays";
  EXPECT_EQ(cut(duplex, "ppsppp"), "2 3 -1") << "there is something on the back";
  EXPECT_EQ(cut(duplex, "ppsbbb"), "2 2 -2") << "one back only";
  EXPECT_EQ(cut(duplex, "psbppp"), "1 4 -1") << "what follows a back is a front";
}

TEST(Stack, KeepsASeparatorAsTheFirstPageOfItsItem) {
  const StackRules keep{.split = true, .keep_separators = true};
  EXPECT_EQ(cut(keep, "ppspssp"), "2 2 3 -0");
  EXPECT_EQ(cut(keep, "spp"), "3 -0");
  EXPECT_EQ(cut({.split = true, .keep_separators = true, .duplex = true}, "sbpp"), "4 -0");
}

TEST(Stack, TellsTheOneValueOfTheSeparatorsInFrontOfAnItem) {
  Stack stack({.split = true});
  const auto page = [&] { (void)stack.next({}, false); };
  page();
  EXPECT_EQ(stack.label(), "");
  (void)stack.next(labelled("X0022/2016"), false);
  page();
  EXPECT_EQ(stack.label(), "X0022/2016");
  (void)stack.next(kWord, false);
  page();
  EXPECT_EQ(stack.label(), "") << "not that of the item before";
  (void)stack.next(labelled("A1"), false);
  (void)stack.next(kWord, false);
  page();
  EXPECT_EQ(stack.label(), "A1") << "several in a row are one";
  (void)stack.next(labelled("A1"), false);
  (void)stack.next(labelled("A2"), false);
  page();
  EXPECT_EQ(stack.label(), "") << "nobody knows which";
  (void)stack.next({{"patch_t", "", {}}, {"qr", "https://example.org/", {}}}, false);
  page();
  EXPECT_EQ(stack.label(), "") << "an address is no number";
}

}  // namespace
}  // namespace alih::pipeline
