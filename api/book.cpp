// Batches of material, registration, the book, times and papers over HTTP, for staff.
#include <functional>

#include "api/handlers.h"
#include "api/json_view.h"
#include "core/json.h"
#include "pipeline/accounts.h"
#include "pipeline/control.h"
#include "pipeline/handover.h"
#include "pipeline/papers.h"
#include "pipeline/pdf.h"
#include "pipeline/performance.h"
#include "repository/durable_file.h"

namespace alih::api {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

constexpr int kCreated = 201;

// A handler for staff with the body as JSON; what is wrong with its types is the caller's mistake.
Response with_json(const Request& request, const std::function<Response(const json&)>& call) {
  try {
    return call(request.body.empty() ? json::object() : json::parse(request.body));
  } catch (const json::exception& e) {
    return problem(
        {ErrorCode::usage, message("Isi permintaan: {}", "Request body: {}", {e.what()})}, request);
  }
}

std::string word_of(const json& j, const char* name) { return j.value(name, std::string()); }

// {"title": "…", "creator": ["…", "…"]}
std::vector<std::pair<std::string, std::string>> fields_of(const json& j) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : j.items()) {
    if (value.is_array()) {
      for (const auto& v : value) out.emplace_back(name, v.get<std::string>());
    } else if (value.is_number_integer()) {
      out.emplace_back(name, std::to_string(value.get<long long>()));
    } else {
      out.emplace_back(name, value.get<std::string>());
    }
  }
  return out;
}

Response created(std::string body, const std::string& location) {
  auto r = json_response(std::move(body));
  r.status = kCreated;
  r.headers["Location"] = location;
  return r;
}

Response received(Service& service, const Request& request,
                  const pipeline::ReceiveRequest& wanted) {
  const auto report =
      pipeline::receive(service.holdings, wanted, request.subject.agent, service.program);
  if (!report) return problem(report.error(), request);
  auto body = receive_json(service.holdings, *report, request.subject);
  if (report->batch) {
    return created(std::move(body), "/api/v1/handovers/" + folded(report->batch->batch_no));
  }
  auto r = json_response(std::move(body));
  r.status = http_status(ErrorCode::bad_field);
  return r;
}

}  // namespace

Response list_handovers(Service& service, const Request& request) {
  constexpr int kMost = 1000;
  const auto window = window_of(request, kMost);
  if (!window) return problem(window.error(), request);
  auto all = service.holdings.handovers();
  const auto total = all.size();
  const auto from = std::min(total, static_cast<std::size_t>(window->offset));
  const auto to = std::min(total, from + static_cast<std::size_t>(window->limit));
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(to), all.end());
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(from));
  return json_response(handovers_json(service.holdings, all, total, request.subject));
}

Response create_handover(Service& service, const Request& request) {
  return with_json(request, [&](const json& body) {
    pipeline::ReceiveRequest wanted;
    auto& head = wanted.head;
    head.source_unit = word_of(body, "source_unit");
    head.sender = word_of(body, "sender");
    head.sender_nip = word_of(body, "sender_nip");
    head.receiver = word_of(body, "receiver");
    head.receiver_nip = word_of(body, "receiver_nip");
    head.note = word_of(body, "note");
    for (const auto& thing : body.value("entries", json::array())) {
      HandoverEntry entry;
      for (auto& [name, value] : fields_of(thing)) entry.fields[name].push_back(value);
      head.entries.push_back(std::move(entry));
    }
    return received(service, request, wanted);
  });
}

Response receive_list(Service& service, const Request& request) {
  if (request.body_file.empty()) {
    return problem({ErrorCode::usage, message("Kirim daftarnya sebagai isi permintaan",
                                              "Send the list as the body of the request")},
                   request);
  }
  pipeline::ReceiveRequest wanted;
  wanted.head.source_unit = request.parameter("source_unit");
  wanted.head.sender = request.parameter("sender");
  wanted.head.sender_nip = request.parameter("sender_nip");
  wanted.head.receiver = request.parameter("receiver");
  wanted.head.receiver_nip = request.parameter("receiver_nip");
  wanted.head.note = request.parameter("note");
  wanted.list = request.body_file;
  wanted.from = request.parameter("from", wanted.from);
  wanted.skip_bad = request.parameter("skip_bad") == "true";
  return received(service, request, wanted);
}

Response show_handover(Service& service, const Request& request) {
  const auto h = service.holdings.handover(request.parts[0]);
  if (!h) return problem(h.error(), request);
  return json_response(handover_json(service.holdings, *h, request.subject));
}

Response return_entries(Service& service, const Request& request) {
  return with_json(request, [&](const json& body) {
    const auto h = service.holdings.give_back(
        request.parts[0], body.value("entries", std::vector<int>()), word_of(body, "to"),
        word_of(body, "reason"), request.subject.agent,
        pipeline::duty_of(request.subject, access::Action::describe));
    return h ? json_response(handover_json(service.holdings, *h, request.subject))
             : problem(h.error(), request);
  });
}

Response reject_entry(Service& service, const Request& request) {
  return with_json(request, [&](const json& body) {
    const auto h = service.holdings.reject_entry(request.parts[0], body.at("entry").get<int>(),
                                                 word_of(body, "reason"), request.subject.agent);
    return h ? json_response(handover_json(service.holdings, *h, request.subject))
             : problem(h.error(), request);
  });
}

Response create_line(Service& service, const Request& request) {
  return with_json(request, [&](const json& body) {
    pipeline::RegisterRequest wanted;
    wanted.series = body.value("series", wanted.series);
    wanted.profile = word_of(body, "profile");
    wanted.batch_no = word_of(body, "handover");
    wanted.entry = body.value("entry", 0);
    wanted.began_at = word_of(body, "began_at");
    wanted.once_more = body.value("once_more", false);
    for (const char* name : {"title", "barcode", "accession_no"}) {
      if (const auto value = word_of(body, name); !value.empty()) {
        wanted.fields.emplace_back(name, value);
      }
    }
    for (auto& field : fields_of(body.value("fields", json::object()))) {
      wanted.fields.push_back(std::move(field));
    }
    if (auto may = pipeline::permit_new_fields(request.subject, wanted.fields); !may) {
      return problem(may.error(), request);
    }
    const auto item = pipeline::register_item(service.holdings, wanted, request.subject.agent);
    if (!item) return problem(item.error(), request);
    return created(item_json(service.holdings, *item),
                   "/api/v1/items/" + folded(item->digitization_no));
  });
}

Response show_lines(Service& service, const Request& request) {
  const auto period = request.parameter("period");
  auto lines = service.holdings.book_lines(period);
  if (!lines) return problem(lines.error(), request);
  std::erase_if(*lines, [&](const auto& l) {
    return !access::may(request.subject, access::Action::find, l.item);
  });
  return json_response(book_json(service.holdings, period, *lines));
}

Response correct_line(Service& service, const Request& request) {
  return with_json(request, [&](const json& body) {
    const auto item = item_for(service, request, request.parts[0]);
    if (!item) return problem(item.error(), request);
    if (auto may = pipeline::permit_fields(request.subject, *item,
                                           fields_of(body.value("fields", json::object())),
                                           request.parts[0]);
        !may) {
      return problem(may.error(), request);
    }
    const auto changed =
        service.holdings.correct_line(item->id, fields_of(body.value("fields", json::object())),
                                      word_of(body, "reason"), request.subject.agent);
    if (!changed) return problem(changed.error(), request);
    return created(item_json(service.holdings, *changed),
                   "/api/v1/items/" + folded(changed->digitization_no));
  });
}

Response list_closings(Service& service, const Request& request) {
  if (auto may = pipeline::permit_all_items(service.holdings, request.subject); !may) {
    return problem(may.error(), request);
  }
  return json_response(closings_json(service.holdings.closings()));
}

Response create_closing(Service& service, const Request& request) {
  if (auto may = pipeline::permit_all_items(service.holdings, request.subject); !may) {
    return problem(may.error(), request);
  }
  return with_json(request, [&](const json& body) {
    const auto done = pipeline::close_register(service.holdings, word_of(body, "period"),
                                               request.subject.agent, service.program);
    if (!done) return problem(done.error(), request);
    return created(closing_json(*done), "/api/v1/register/closings");
  });
}

Response set_item_state(Service& service, const Request& request) {
  return with_json(request, [&](const json& body) {
    const auto item = item_for(service, request, request.parts[0]);
    if (!item) return problem(item.error(), request);
    if (auto may =
            access::permit(request.subject, access::Action::describe, *item, request.parts[0]);
        !may) {
      return problem(may.error(), request);
    }
    const auto state = word_of(body, "state");
    const auto to = item_state_from(state);
    if (!to && state != "sent_back") {
      return problem({ErrorCode::usage,
                      message("Status \"{}\" tidak dikenal", "State \"{}\" is not known", {state})},
                     request);
    }
    const auto reason = word_of(body, "reason");
    const auto changed =
        to ? service.holdings.set_state(item->id, *to, reason, request.subject.agent)
           : service.holdings.send_back(item->id, reason, request.subject.agent);
    if (!changed) return problem(changed.error(), request);
    return json_response(item_json(service.holdings, *changed));
  });
}

Response judge_page(Service& service, const Request& request) {
  return with_json(request, [&](const json& body) {
    const auto item = item_for(service, request, request.parts[0]);
    if (!item) return problem(item.error(), request);
    if (auto may =
            access::permit(request.subject, access::Action::correct, *item, request.parts[0]);
        !may) {
      return problem(may.error(), request);
    }
    const auto page = page_for(service, *item, request.parts[1]);
    if (!page) return problem(page.error(), request);
    const auto judged =
        service.holdings.judge_page(item->id, page->number, body.at("good").get<bool>(),
                                    word_of(body, "reason"), request.subject.agent);
    return judged ? show_page(service, request) : problem(judged.error(), request);
  });
}

Response replace_page(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  if (auto may = access::permit(request.subject, access::Action::correct, *item, request.parts[0]);
      !may) {
    return problem(may.error(), request);
  }
  const auto page = page_for(service, *item, request.parts[1]);
  if (!page) return problem(page.error(), request);
  if (request.body_file.empty()) {
    return problem({ErrorCode::usage, message("Kirim berkasnya sebagai isi permintaan",
                                              "Send the file as the body of the request")},
                   request);
  }
  const auto fresh =
      pipeline::replace_page(service.holdings, *item, page->number, request.body_file,
                             request.parameter("reason"), request.subject.agent, service.program);
  if (!fresh) return problem(fresh.error(), request);
  service.processor.wake();
  return show_page(service, request);
}

Response approve_item(Service& service, const Request& request) {
  return with_json(request, [&](const json&) {
    const auto item = item_for(service, request, request.parts[0]);
    if (!item) return problem(item.error(), request);
    if (auto may =
            access::permit(request.subject, access::Action::correct, *item, request.parts[0]);
        !may) {
      return problem(may.error(), request);
    }
    const auto approved = service.holdings.approve(item->id, request.subject.agent);
    if (!approved) return problem(approved.error(), request);
    return json_response(item_json(service.holdings, *approved));
  });
}

Response clock_step(Service& service, const Request& request) {
  return with_json(request, [&](const json& body) {
    const auto item = item_for(service, request, request.parts[0]);
    if (!item) return problem(item.error(), request);
    if (auto may =
            access::permit(request.subject, access::Action::describe, *item, request.parts[0]);
        !may) {
      return problem(may.error(), request);
    }
    const auto action = word_of(body, "action");
    if (action != "start" && action != "stop") {
      return problem({ErrorCode::usage,
                      message("action harus start atau stop", "action must be start or stop")},
                     request);
    }
    const auto changed = service.holdings.clock(item->id, std::atoi(request.parts[1].c_str()),
                                                action == "start", request.subject.agent);
    if (!changed) return problem(changed.error(), request);
    return json_response(item_json(service.holdings, *changed));
  });
}

Response show_performance(Service& service, const Request& request) {
  const auto p = pipeline::performance(
      service.holdings, request.parameter("period"),
      [&](const Item& i) { return access::may(request.subject, access::Action::find, i); });
  return p ? json_response(performance_json(*p)) : problem(p.error(), request);
}

Response list_papers(Service& service, const Request& request) {
  if (auto may = pipeline::permit_all_items(service.holdings, request.subject); !may) {
    return problem(may.error(), request);
  }
  const auto papers = service.holdings.database().papers();
  return json_response(items_json(service.holdings, papers, papers.size()));
}

Response paper_response(Service& service, const Request& request, const std::string& kind,
                        const std::vector<std::string>& about, const std::string& format,
                        bool number) {
  struct Form {
    const char* format;
    const char* type;
  };
  static constexpr Form kForms[] = {
      {"pdf", "application/pdf"},
      {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      {"csv", "text/csv; charset=utf-8"}};
  const Form* form = nullptr;
  for (const auto& f : kForms) {
    if (format == f.format) form = &f;
  }
  if (form == nullptr) {
    return problem(
        {ErrorCode::usage, message("format: pdf, xlsx, atau csv", "format: pdf, xlsx or csv")},
        request);
  }
  // A paper is whole or not printed: whoever may not find an item gets none that could name it.
  if (auto may = pipeline::permit_all_items(service.holdings, request.subject); !may) {
    return problem(may.error(), request);
  }
  if (number) {
    const auto done =
        pipeline::number_record(service.holdings, kind, about, request.subject.agent,
                                pipeline::duty_of(request.subject, access::Action::describe));
    if (!done) return problem(done.error(), request);
  }
  const auto scratch = pipeline::Scratch::make(service.holdings.files().scratch());
  if (!scratch) return problem(scratch.error(), request);
  const auto name = kind + "." + format;
  const auto printed =
      pipeline::print_paper(service.holdings, kind, {about, false}, scratch->folder() / name,
                            request.subject.agent, service.program);
  if (!printed) return problem(printed.error(), request);
  constexpr std::uint64_t kMost = std::uint64_t{256} << 20U;
  const auto bytes = repository::read_file(printed->printed.file.path, kMost);
  if (!bytes) return problem(bytes.error(), request);
  Response r;
  r.status = printed->kept ? kCreated : 200;
  r.type = form->type;
  r.headers["Content-Disposition"] = "attachment; filename=\"" + name + "\"";
  if (printed->kept) {
    r.headers["Location"] = "/api/v1/items/" + folded(printed->kept->digitization_no);
  }
  r.body.assign(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return r;
}

Response create_paper(Service& service, const Request& request) {
  return with_json(request, [&](const json& body) {
    return paper_response(service, request, request.parts[0],
                          body.value("for", std::vector<std::string>()),
                          body.value("format", std::string("pdf")), body.value("number", false));
  });
}

Response verify_paper(Service& service, const Request& request) {
  if (auto may = pipeline::permit_all_items(service.holdings, request.subject); !may) {
    return problem(may.error(), request);
  }
  if (request.body_file.empty()) {
    return problem({ErrorCode::usage, message("Kirim surat atau pindaiannya sebagai isi permintaan",
                                              "Send the paper or a scan of it as the body")},
                   request);
  }
  const auto check = pipeline::check_paper(service.holdings, request.body_file, service.program);
  return check ? json_response(paper_check_json(*check)) : problem(check.error(), request);
}

}  // namespace alih::api
