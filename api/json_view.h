#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "access/policy.h"
#include "core/book.h"
#include "core/holdings.h"
#include "core/message.h"
#include "indexer/database.h"
#include "indexer/search_request.h"
#include "pipeline/catalogue.h"
#include "pipeline/handover.h"
#include "pipeline/holdings.h"
#include "pipeline/intake.h"
#include "pipeline/papers.h"
#include "pipeline/performance.h"
#include "pipeline/risk.h"

// The contract's JSON, the same for the command line and HTTP. One document each, UTF-8.
namespace alih::api {

// Staff also see the workings: events, masters, findings, settings, failures. Others get the same
// keys, empty.
enum class Detail { staff, open };
[[nodiscard]] std::string item_json(const pipeline::Holdings& holdings, const Item& item,
                                    Detail detail = Detail::staff);
// An item's personal data in clear.
[[nodiscard]] std::string personal_json(const Item& item, const pipeline::PersonalValues& values);
[[nodiscard]] std::string items_json(const pipeline::Holdings& holdings,
                                     const std::vector<Item>& items, std::size_t total);
// In their order, or the riskiest first; at most so many.
struct PageOrder {
  bool by_risk = false;
  std::size_t most = static_cast<std::size_t>(-1);
};
[[nodiscard]] std::string pages_json(const Item& item, const std::vector<Page>& pages,
                                     const PageOrder& order = {}, Detail detail = Detail::staff);
// Of all items; each row also names its item.
[[nodiscard]] std::string worst_pages_json(const std::vector<pipeline::RiskyPage>& pages,
                                           std::size_t total);
// `pages` are all of the item: a page's risk depends on its neighbours.
[[nodiscard]] std::string page_json(const Item& item, const std::vector<Page>& pages,
                                    const Page& page, const TextLayer& text,
                                    Detail detail = Detail::staff);
// `detail`: of each item; empty = all for staff.
[[nodiscard]] std::string register_json(const pipeline::Holdings& holdings,
                                        const std::vector<Item>& items, std::size_t total,
                                        const std::function<Detail(const Item&)>& detail = {});
// Fields that name the office's people or its disks: part of the workings.
[[nodiscard]] bool is_of_workings(std::string_view field);
// Whoever may not see everything gets scores by rank alone: real ones tell how frequent a word is
// in what is closed.
[[nodiscard]] std::string search_json(const indexer::SearchRequest& request,
                                      const indexer::SearchResult& result);
// Of a scan with at least one page.
[[nodiscard]] std::string scan_json(const pipeline::ScanReport& report, const std::string& device);
[[nodiscard]] std::string ingest_json(const pipeline::IngestReport& report);
[[nodiscard]] std::string import_json(const pipeline::ImportReport& report);
// A catalogue record, null when there is none, and what of it has been digitised.
[[nodiscard]] std::string look_up_json(const pipeline::LookUp& found);
[[nodiscard]] std::string records_json(const std::vector<CatalogueRecord>& records,
                                       std::size_t total);
[[nodiscard]] std::string verify_json(const pipeline::VerifyReport& report);
// Items that the subject may not find are counted and named nowhere in it.
[[nodiscard]] std::string status_json(const pipeline::Holdings& holdings,
                                      const access::Subject& subject);
[[nodiscard]] std::string problem_json(const Error& error, Language language,
                                       const std::string& request_id);

// book_json.cpp
// Things whose items are closed to the subject are counted, and told of no further.
[[nodiscard]] std::string handover_json(const pipeline::Holdings& holdings, const Handover& h,
                                        const access::Subject& subject);
// Without their entries.
[[nodiscard]] std::string handovers_json(const pipeline::Holdings& holdings,
                                         const std::vector<Handover>& batches, std::size_t total,
                                         const access::Subject& subject);
[[nodiscard]] std::string receive_json(const pipeline::Holdings& holdings,
                                       const pipeline::ReceiveReport& report,
                                       const access::Subject& subject);
[[nodiscard]] std::string closing_json(const pipeline::ClosedPeriod& closed);
[[nodiscard]] std::string closings_json(const std::vector<Closing>& closings);
// The lines of a period as the book prints them.
[[nodiscard]] std::string book_json(const pipeline::Holdings& holdings, const std::string& period,
                                    const std::vector<pipeline::Holdings::BookLine>& lines);
[[nodiscard]] std::string performance_json(const pipeline::Performance& p);
[[nodiscard]] std::string printed_json(const pipeline::PrintedPaper& paper);
[[nodiscard]] std::string paper_check_json(const pipeline::PaperCheck& check);

}  // namespace alih::api
