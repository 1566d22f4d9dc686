#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "processing/make_stage.h"
#include "processing/prepare.h"
#include "tests/processing/pictures.h"

namespace alih::processing {
namespace {

TEST(Stages, HaveTheNameOfTheirRow) {
  for (const auto& row : all_stages()) EXPECT_EQ(make_stage(row, {})->name(), row.name);
}

TEST(Stages, LeaveTheirInputAsItWas) {
  const auto page = testing_support::draw_page(text_page()).image;
  const std::vector<std::byte> before(page.bytes().begin(), page.bytes().end());
  for (const auto& row : all_stages()) {
    ASSERT_TRUE(make_stage(row, Settings{})->run(page, {}));
    EXPECT_TRUE(std::equal(before.begin(), before.end(), page.bytes().begin())) << row.name;
  }
}

TEST(Stages, CanEachBeOffBySettings) {
  auto spec = text_page();
  spec.skew_deg = 1.5;
  const auto page = testing_support::draw_page(spec).image;
  Settings all;
  const auto with = prepare(page, 1, all, {});
  ASSERT_TRUE(with.has_value());
  for (const auto& f : with->findings) EXPECT_TRUE(f.numbers.contains("ms")) << f.name;
  Settings none;
  none.codes.enabled = none.crop.enabled = none.deskew.enabled = none.edges.enabled = false;
  none.dewarp.enabled = none.level.enabled = none.show_through.enabled = false;
  none.despeckle.enabled = none.blank.enabled = false;
  for (const auto& row : all_stages()) {
    EXPECT_TRUE(row.enabled(all)) << row.name;
    EXPECT_FALSE(row.enabled(none)) << row.name;
    EXPECT_FALSE(row.label.id.empty()) << row.name;
  }
  const auto without = prepare(page, 1, none, {});
  ASSERT_TRUE(without.has_value());
  EXPECT_TRUE(without->findings.empty());
  EXPECT_TRUE(same_pixels(without->access, page));
  EXPECT_TRUE(same_pixels(without->reading, page));
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
