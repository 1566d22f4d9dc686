#include <charconv>

#include "api/handlers.h"
#include "api/json_view.h"
#include "core/json.h"
#include "indexer/query.h"
#include "pipeline/accounts.h"

namespace alih::api {

using access::Action;

namespace {

constexpr int kMostRows = 1000;

Detail detail_for(const Request& request, const Item& item) {
  return access::may(request.subject, Action::see_workings, item) ? Detail::staff : Detail::open;
}

// Only what the subject may find; the total too, so that it tells nothing of the rest.
Response list(Service& service, const Request& request, bool as_register) {
  const auto window = window_of(request, kMostRows);
  if (!window) return problem(window.error(), request);
  indexer::ItemFilter filter;
  if (const auto series = request.parameter("series"); !series.empty()) filter.series = series;
  if (const auto year = request.parameter("year"); !year.empty()) {
    std::optional<int> from;
    std::optional<int> to;
    if (auto read = indexer::parse_years(year, from, to); !read || from != to) {
      return problem(
          {ErrorCode::bad_query, message("year harus satu tahun", "year must be one year")},
          request);
    }
    filter.year = from;
  }
  auto items = service.holdings.database().items(filter);
  std::erase_if(
      items, [&](const Item& item) { return !access::may(request.subject, Action::find, item); });
  const auto total = items.size();
  const auto begin = std::min(total, static_cast<std::size_t>(window->offset));
  const auto end = std::min(total, begin + static_cast<std::size_t>(window->limit));
  const std::vector<Item> shown(items.begin() + static_cast<std::ptrdiff_t>(begin),
                                items.begin() + static_cast<std::ptrdiff_t>(end));
  return json_response(
      as_register ? register_json(service.holdings, shown, total,
                                  [&](const Item& item) { return detail_for(request, item); })
                  : items_json(service.holdings, shown, total));
}

}  // namespace

Response list_items(Service& service, const Request& request) {
  return list(service, request, false);
}
Response list_register(Service& service, const Request& request) {
  return list(service, request, true);
}

Response show_item(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  return json_response(item_json(service.holdings, *item, detail_for(request, *item)));
}

Response list_pages(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  PageOrder order;
  if (const auto sort = request.parameter("sort"); sort == "risk") {
    order.by_risk = true;
  } else if (!sort.empty() && sort != "page") {
    return problem(
        {ErrorCode::bad_query, message("sort harus page atau risk", "sort must be page or risk")},
        request);
  }
  if (!request.parameter("limit").empty()) {
    const auto window = window_of(request, kMostRows);
    if (!window) return problem(window.error(), request);
    order.most = static_cast<std::size_t>(window->limit);
  }
  return json_response(pages_json(*item, service.holdings.database().pages(item->id), order,
                                  detail_for(request, *item)));
}

Response list_worst_pages(Service& service, const Request& request) {
  const auto window = window_of(request, kMostRows);
  if (!window) return problem(window.error(), request);
  std::size_t total = 0;
  const auto pages = pipeline::worst_pages(
      service.holdings.database(), static_cast<std::size_t>(window->limit),
      [&](const Item& item) { return access::may(request.subject, Action::see_workings, item); },
      &total);
  return json_response(worst_pages_json(pages, total));
}

Response show_page(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  const auto page = page_for(service, *item, request.parts[1]);
  if (!page) return problem(page.error(), request);
  TextLayer text;
  if (access::may(request.subject, Action::view, *item) &&
      access::may_read_text(request.audience, *item)) {
    auto stored = service.holdings.database().text(item->id, page->file_seq);
    if (!stored) return problem(stored.error(), request);
    text = std::move(*stored);
  }
  return json_response(page_json(*item, service.holdings.database().pages(item->id), *page, text,
                                 detail_for(request, *item)));
}

Result<std::optional<std::uint64_t>> revision_of(const std::string& text) {
  if (text.empty()) return std::optional<std::uint64_t>();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return std::optional(value);
  return fail(ErrorCode::bad_query, "revision harus bilangan", "revision must be a number");
}

Response change_item(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  std::vector<std::pair<std::string, std::string>> fields;
  try {
    const auto body = nlohmann::ordered_json::parse(request.body);
    for (const auto& [name, value] : body.items()) {
      if (value.is_array()) {
        for (const auto& one : value) fields.emplace_back(name, one.get<std::string>());
      } else {
        fields.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
      }
    }
  } catch (const std::exception& e) {
    return problem(
        {ErrorCode::usage, message("Isi permintaan: {}", "Request body: {}", {e.what()})}, request);
  }
  if (auto may = pipeline::permit_fields(request.subject, *item, fields, request.parts[0]); !may) {
    return problem(may.error(), request);
  }
  const auto changed = service.holdings.set_fields(item->id, fields, request.subject.agent);
  if (!changed) return problem(changed.error(), request);
  return json_response(item_json(service.holdings, *changed, detail_for(request, *changed)));
}

Response show_personal(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  if (auto may = access::permit(request.subject, Action::see_personal, *item, request.parts[0]);
      !may) {
    return problem(may.error(), request);
  }
  const auto values = service.holdings.read_personal(item->id, request.subject.agent);
  if (!values) return problem(values.error(), request);
  return json_response(personal_json(*item, *values));
}

Response erase_personal(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  if (auto may = access::permit(request.subject, Action::erase_personal, *item, request.parts[0]);
      !may) {
    return problem(may.error(), request);
  }
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  const auto reason = body.is_object() && body.contains("reason") && body["reason"].is_string()
                          ? body["reason"].get<std::string>()
                          : std::string();
  if (reason.empty()) {
    return problem({ErrorCode::usage, message("Sebutkan alasannya: {\"reason\": …}",
                                              "Give the reason: {\"reason\": …}")},
                   request);
  }
  const auto erased = service.holdings.erase_personal(item->id, reason, request.subject.agent);
  if (!erased) return problem(erased.error(), request);
  return json_response(item_json(service.holdings, *erased, detail_for(request, *erased)));
}

Response put_text(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  for (const auto action : {Action::correct, Action::view}) {
    if (auto may = access::permit(request.subject, action, *item, request.parts[0]); !may) {
      return problem(may.error(), request);
    }
  }
  const auto page = page_for(service, *item, request.parts[1]);
  if (!page) return problem(page.error(), request);
  const auto revision = revision_of(request.parameter("revision"));
  if (!revision) return problem(revision.error(), request);
  const auto done = service.holdings.correct_page(item->id, page->number, request.body, *revision,
                                                  request.subject.agent);
  if (!done) return problem(done.error(), request);
  return show_page(service, request);
}

Response list_jobs(Service& service, const Request& request) {
  return json_response(status_json(service.holdings, request.subject));
}

}  // namespace alih::api
