#include <charconv>

#include "api/handlers.h"
#include "api/json_view.h"
#include "indexer/query.h"
#include "pipeline/accounts.h"

namespace alih::api {
namespace {

Result<int> number(const std::string& text, const char* name, int low, int high) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < low ||
      value > high) {
    return fail(ErrorCode::bad_query, "{} harus bilangan dari {} sampai {}",
                "{} must be a number from {} to {}", {name, low, high});
  }
  return value;
}

}  // namespace

Result<Window> window_of(const Request& request, int most) {
  Window w;
  if (const auto text = request.parameter("limit"); !text.empty()) {
    ALIH_TRY(w.limit, number(text, "limit", 0, most));
  }
  if (const auto text = request.parameter("offset"); !text.empty()) {
    constexpr int kFarthest = 1000000;
    ALIH_TRY(w.offset, number(text, "offset", 0, kFarthest));
  }
  return w;
}

Result<indexer::SearchRequest> search_request(const Request& request) {
  constexpr int kMost = 100;
  indexer::SearchRequest out;
  out.query = request.parameter("q");
  ALIH_TRY(const auto window, window_of(request, kMost));
  out.limit = request.query.contains("limit") ? window.limit : out.limit;
  out.offset = window.offset;
  if (const auto series = request.parameter("series"); !series.empty()) out.series = series;
  if (const auto type = request.parameter("type"); !type.empty()) out.material_type = type;
  if (const auto language = request.parameter("language"); !language.empty()) {
    out.language = language;
  }
  const auto group = request.parameter("group");
  if (!group.empty() && group != "item") {
    return fail(ErrorCode::bad_query, "group harus item", "group must be item");
  }
  out.by_item = group == "item";
  if (const auto years = request.parameter("year"); !years.empty()) {
    ALIH_CHECK(indexer::parse_years(years, out.year_from, out.year_to));
  }
  const auto exact = request.parameter("exact");
  out.exact = exact == "1" || exact == "true";
  const auto spelling = request.parameter("spelling", "both");
  if (spelling == "old")
    out.spelling = indexer::SpellingChoice::old_only;
  else if (spelling == "modern")
    out.spelling = indexer::SpellingChoice::modern;
  else if (spelling != "both") {
    return fail(ErrorCode::bad_query, "spelling harus old, modern, atau both",
                "spelling must be old, modern or both");
  }
  out.audience = request.audience;
  return out;
}

Response search(Service& service, const Request& request) {
  auto wanted = search_request(request);
  if (!wanted) return problem(wanted.error(), request);
  if (const auto number = request.parameter("item"); !number.empty()) {
    const auto item = item_for(service, request, number);
    if (!item) return problem(item.error(), request);
    wanted->item = item->id;
  }
  auto found = service.holdings.database().search(*wanted);
  if (!found) return problem(found.error(), request);
  pipeline::hide_unseen(*found, request.subject);
  return json_response(search_json(*wanted, *found));
}

}  // namespace alih::api
