#include "api/routes.h"

#include <algorithm>
#include <optional>

#include "api/handlers.h"
#include "api/json_view.h"

namespace alih::api {
namespace {

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    if (slash > 0) out.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return out;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  const auto wanted = segments(pattern);
  const auto given = segments(path);
  if (wanted.size() != given.size()) return std::nullopt;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "{}")
      parts.emplace_back(given[i]);
    else if (wanted[i] != given[i])
      return std::nullopt;
  }
  return parts;
}

bool wants_page(const Request& request) {
  return !request.path.starts_with("/api/") &&
         request.header("accept").find("text/html") != std::string::npos;
}

}  // namespace

const std::vector<Route>& all_routes() {
  constexpr auto correct = access::Action::correct;
  constexpr auto describe = access::Action::describe;
  constexpr auto export_records = access::Action::export_records;
  constexpr auto print_papers = access::Action::print_papers;
  constexpr auto manage_people = access::Action::manage_people;
  constexpr auto see_catalogue = access::Action::see_catalogue;
  constexpr auto see_personal = access::Action::see_personal;
  constexpr auto see_queue = access::Action::see_queue;
  constexpr auto see_workings = access::Action::see_workings;
  constexpr auto take_in = access::Action::take_in;
  constexpr auto use_account = access::Action::use_account;
  static const std::vector<Route> rows = {
      {"GET", "/", home_page, "Search box and results as a page"},
      {"GET", "/koleksi/{}", item_page, "An item as a page"},
      {"POST", "/koleksi/{}", decide_form,
       "Access class and rights of an item, as the form has them", access::Action::decide_rights},
      {"GET", "/koleksi/{}/halaman/{}", reader_page, "A page image with the hits marked"},
      {"GET", "/koleksi/{}/halaman/{}/banding", compare_page,
       "A page before and after cleaning, side by side"},
      {"POST", "/koleksi/{}/halaman/{}", save_text, "The page's text as corrected in the form",
       correct},
      {"GET", "/register", register_page, "The Buku Inventaris Alih Media as a page"},
      {"GET", "/serah-terima", handovers_page, "Batches of material as a page, for staff", take_in},
      {"POST", "/serah-terima", save_handover, "A batch from the form", take_in},
      {"GET", "/serah-terima/{}", handover_page, "One batch as a page, for staff", take_in},
      {"POST", "/serah-terima/{}", save_return, "What is given back, from the form", take_in},
      {"GET", "/daftar", register_form, "Registration as a page, for staff", take_in},
      {"POST", "/daftar", save_registration, "A registration from the form", take_in},
      {"GET", "/register/perbaikan/{}", correction_form, "A correction line as a page, for staff",
       describe},
      {"POST", "/register/perbaikan/{}", save_correction, "A correction line from the form",
       describe},
      {"POST", "/register/tutup", save_closing, "The closing of a period from the form",
       print_papers},
      {"POST", "/surat/{}", print_form, "A paper as a file, from a form", print_papers},
      {"GET", "/katalog", catalogue_page, "Look-up by barcode or no. induk as a page, for staff",
       see_catalogue},
      {"GET", "/katalog/{}", record_page, "A catalogue record as a page, for staff", see_catalogue},
      {"GET", "/masuk", sign_in_page, "Sign in"},
      {"POST", "/masuk", sign_in_form, "Sign in: account, password"},
      {"POST", "/keluar", sign_out_form, "Sign out"},
      {"GET", "/undangan", invitation_page, "A password of one's own by a one-time code"},
      {"POST", "/undangan", invitation_form, "account, code, password, again"},
      {"GET", "/akun", account_page, "One's own account", use_account},
      {"POST", "/akun", account_form, "Password and tokens of one's own", use_account},
      {"GET", "/pengguna", people_page, "Accounts, for administrators", manage_people},
      {"POST", "/pengguna", people_form, "A change of an account", manage_people},
      {"GET", "/gaya.css", stylesheet, "Style sheet"},
      {"GET", "/healthz", healthz, "The process is alive"},
      {"GET", "/readyz", readyz, "The database answers"},
      {"GET", "/metrics", metrics, "Numbers of the work for Prometheus"},
      {"GET", "/api/v1/openapi.json", openapi, "This list as OpenAPI 3.1"},
      {"GET", "/api/v1/session", show_session, "Who is asking"},
      {"POST", "/api/v1/session", begin_session_json,
       "Sign in with account and password: a cookie"},
      {"DELETE", "/api/v1/session", end_session, "Sign out"},
      {"GET", "/api/v1/search", search, "Full-text search"},
      {"GET", "/api/v1/items", list_items, "Items in the order of the register"},
      {"POST", "/api/v1/items", create_item,
       "A new item of the file in the body, or of uploads named in JSON", take_in, true},
      {"GET", "/api/v1/items/{}", show_item, "One item with its events"},
      {"PATCH", "/api/v1/items/{}", change_item,
       "Fields, access class and rights of an item: a JSON object", describe},
      {"GET", "/api/v1/items/{}/personal", show_personal,
       "Identity numbers and the like in clear; each look is an event", see_personal},
      {"DELETE", "/api/v1/items/{}/personal", erase_personal,
       "Erases them for good: {\"reason\": …}", access::Action::erase_personal},
      {"GET", "/api/v1/items/{}/pages", list_pages,
       "Pages of an item, with sort=risk the riskiest first"},
      {"POST", "/api/v1/items/{}/pages", add_pages, "More pages of an item, as POST /items",
       take_in, true},
      {"GET", "/api/v1/items/{}/pages/{}", show_page, "One page with its words"},
      {"PUT", "/api/v1/items/{}/pages/{}/text", put_text,
       "The page's text as a person corrected it, text/plain; ?revision= of the page that was "
       "seen",
       correct},
      {"GET", "/api/v1/items/{}/pages/{}/image", page_image, "Access image, JPEG"},
      {"GET", "/api/v1/items/{}/pages/{}/before", page_before,
       "The page as it came, upright and whole, JPEG"},
      {"GET", "/api/v1/items/{}/pages/{}/reading", page_cleaned, "What OCR reads, JPEG"},
      {"GET", "/api/v1/items/{}/pages/{}/thumbnail", page_thumbnail, "Thumbnail, JPEG"},
      {"GET", "/api/v1/items/{}/pages/{}/pyramid", page_pyramid,
       "Access image in several sizes, tiled TIFF"},
      {"GET", "/api/v1/items/{}/pages/{}/tiles/{}/{}/{}", page_tile,
       "One tile of the pyramid by level, column and row, JPEG"},
      {"GET", "/api/v1/pages", list_worst_pages, "The riskiest pages of all items, for staff",
       see_workings},
      {"GET", "/api/v1/uploads/{}", show_upload, "How much of an upload is here", take_in},
      {"PUT", "/api/v1/uploads/{}", put_upload, "An upload, or its next piece by Content-Range",
       take_in, true},
      {"GET", "/api/v1/register", list_register, "Rows of the register"},
      {"GET", "/api/v1/catalogue", look_up,
       "A catalogue record by barcode or nomor_induk, for staff", see_catalogue},
      {"POST", "/api/v1/catalogue", import_catalogue,
       "Import of a catalogue file (from=inlislite, marc, marcxml, slims, atom, csv, register), "
       "for staff",
       access::Action::import_catalogue, true},
      {"GET", "/api/v1/catalogue/{}", show_record, "A catalogue record by its id, for staff",
       see_catalogue},
      {"POST", "/api/v1/register", create_line, "Registers a thing before it is scanned, for staff",
       take_in},
      {"GET", "/api/v1/register/lines", show_lines,
       "The book's lines of a ?period= as printed, for staff", export_records},
      {"POST", "/api/v1/register/{}/corrections", correct_line, "A correction line, for staff",
       describe},
      {"GET", "/api/v1/register/closings", list_closings, "Closed months and years, for staff",
       print_papers},
      {"POST", "/api/v1/register/closings", create_closing, "Closes a month or year, for staff",
       print_papers},
      {"GET", "/api/v1/handovers", list_handovers, "Batches of material, for staff", take_in},
      {"POST", "/api/v1/handovers", create_handover, "A batch with its things in JSON, for staff",
       take_in},
      {"POST", "/api/v1/handovers/lists", receive_list,
       "A batch whose list is the file in the body; source_unit, sender, receiver, from in the "
       "address, for staff",
       take_in, true},
      {"GET", "/api/v1/handovers/{}", show_handover, "One batch, for staff", take_in},
      {"POST", "/api/v1/handovers/{}/returns", return_entries,
       "Gives originals back: entries, to, reason, for staff", take_in},
      {"POST", "/api/v1/handovers/{}/rejections", reject_entry,
       "Refuses a thing: entry, reason, for staff", take_in},
      {"POST", "/api/v1/items/{}/state", set_item_state,
       "on_hold, registered, sent_back, rejected or returned, with a reason, for staff", describe},
      {"POST", "/api/v1/items/{}/approval", approve_item, "Passed quality control, for staff",
       correct},
      {"POST", "/api/v1/items/{}/pages/{}/judgement", judge_page,
       "good true or false with a reason, for staff", correct},
      {"POST", "/api/v1/items/{}/pages/{}/replacement", replace_page,
       "Another file of one page takes its place; ?name= and ?reason=, for staff", correct, true},
      {"POST", "/api/v1/items/{}/steps/{}", clock_step,
       "A person begins or ends a step: action start or stop, for staff", take_in},
      {"GET", "/api/v1/performance", show_performance,
       "Times of the steps beside the standards, of a ?period=, for staff", see_queue},
      {"GET", "/api/v1/papers", list_papers, "Papers that are kept as items, for staff", see_queue},
      {"POST", "/api/v1/papers/checks", verify_paper,
       "A printed paper or a scan of it against the files, for staff", access::Action::verify,
       true},
      {"POST", "/api/v1/papers/{}", create_paper,
       "Prints a paper: for (a list), format pdf, xlsx or csv, for staff", print_papers},
      {"GET", "/api/v1/jobs", list_jobs, "The queue", see_queue},
      {"POST", "/internal/verbs/{}", run_verb,
       "A verb of the command line, with the token of "
       "service.json"},
  };
  return rows;
}

const Route* find_route(std::string_view method, std::string_view path) {
  const auto found = std::find_if(
      all_routes().begin(), all_routes().end(),
      [&](const Route& route) { return route.method == method && match(route.path, path); });
  return found == all_routes().end() ? nullptr : &*found;
}

Response problem(const Error& error, const Request& request) {
  Response r;
  r.status = http_status(error.code);
  if (wants_page(request)) {
    r.type = "text/html; charset=utf-8";
    r.body = error_page(request, error);
  } else {
    r.type = "application/problem+json";
    r.body = problem_json(error, request.language, request.id);
  }
  return r;
}

Response see_other(const std::string& path) {
  Response r;
  constexpr int kSeeOther = 303;
  r.status = kSeeOther;
  r.headers["Location"] = path;
  return r;
}

Response json_response(std::string body) {
  Response r;
  r.body = std::move(body);
  return r;
}

Response html_response(std::string body) {
  Response r;
  r.type = "text/html; charset=utf-8";
  r.body = std::move(body);
  return r;
}

Response answer(Service& service, Request& request) {
  std::string allowed;
  const auto method = request.method == "HEAD" ? std::string("GET") : request.method;
  for (const auto& route : all_routes()) {
    auto parts = match(route.path, request.path);
    if (!parts) continue;
    if (route.method != method) {
      allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
      continue;
    }
    request.parts = std::move(*parts);
    if (route.needs) {
      const auto may = access::permit(request.subject, *route.needs);
      if (!may && may.error().code == ErrorCode::unauthorized && method == "GET" &&
          wants_page(request)) {
        return see_other(sign_in_path(request));
      }
      if (!may) return problem(may.error(), request);
    }
    return route.handle(service, request);
  }
  if (!allowed.empty()) {
    auto r =
        problem({ErrorCode::usage, message("Metode {} tidak berlaku di sini",
                                           "The method {} does not apply here", {request.method})},
                request);
    r.status = 405;
    r.headers["Allow"] = allowed;
    return r;
  }
  return problem(
      {ErrorCode::not_found, message("Alamat ini tidak ada", "There is no such address")}, request);
}

}  // namespace alih::api
