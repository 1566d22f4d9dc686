#include "processing/stages.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

TEST(Stages, HaveTheNameOfTheirRow) {
  for (const auto& row : all_stages()) EXPECT_EQ(row.make({})->name(), row.name);
}

TEST(Stages, LeaveTheirInputAsItWas) {
  const auto page = testing_support::draw_page(text_page()).image;
  const std::vector<std::byte> before(page.bytes().begin(), page.bytes().end());
  for (const auto& row : all_stages()) {
    ASSERT_TRUE(row.make(Settings{})->run(page, {}));
    EXPECT_TRUE(std::equal(before.begin(), before.end(), page.bytes().begin())) << row.name;
  }
}

TEST(Stages, OfTheDefaultSettingsAreKnown) { EXPECT_TRUE(check_stages({}).has_value()); }

TEST(Stages, RefuseAnUnknownNameAndTellTheKnownOnes) {
  Settings settings;
  settings.stages = {"crop", "deskwe"};
  const auto status = check_stages(settings);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::bad_setting);
  EXPECT_NE(status.error().message.en.find("deskwe"), std::string::npos);
  EXPECT_NE(status.error().message.en.find("deskew"), std::string::npos);
}

}  // namespace
}  // namespace alih::processing
