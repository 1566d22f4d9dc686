#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/holdings.h"
#include "core/message.h"
#include "indexer/database.h"

// How likely it is that a person should look at a page: one number with its reasons, made of what
// was measured (findings "quality" and "text"), the item's profile and the page's neighbours.
// Never stored, so it is right after pages come and go, and when a row of the table changes.
namespace alih::pipeline {

// What a page is judged by; absent = not known, which is no reason.
struct RiskFacts {
  const Page& page;
  std::optional<double> size_deviation;  // from the item's median width or height, as a share
  double wanted_dpi = 0;
};

// A reason, a row of the table in risk.cpp. From `from` on it counts a quarter of its points, at
// `full` all of them.
struct RiskReason {
  std::string_view name;
  Message label;
  double points = 0;  // the page's risk when nothing else is wrong, 0 to 1
  double from = 0;
  double full = 0;
  std::optional<double> (*value)(const RiskFacts& facts) = nullptr;
};
[[nodiscard]] const std::vector<RiskReason>& all_risk_reasons();

struct PageRisk {
  bool known = false;                      // false: the page waits to be read
  double risk = 0;                         // 0 to 1
  std::vector<const RiskReason*> reasons;  // the weightiest first
};

// One for each page, in their order. Removed pages have none and are nobody's neighbours.
[[nodiscard]] std::vector<PageRisk> page_risks(const Item& item, const std::vector<Page>& pages);

struct RiskyPage {
  Item item;
  Page page;
  PageRisk risk;
};
// The `most` riskiest pages of the items that `wanted` takes, the worst first; of equal ones the
// earlier. Pages without risk are left out. `total`: how many were judged.
[[nodiscard]] std::vector<RiskyPage> worst_pages(const indexer::Database& database,
                                                 std::size_t most,
                                                 const std::function<bool(const Item&)>& wanted,
                                                 std::size_t* total = nullptr);

// "buram, tinta pudar"
[[nodiscard]] std::string reasons_text(const PageRisk& risk, Language language);

}  // namespace alih::pipeline
