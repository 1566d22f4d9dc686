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
  static const std::vector<Route> rows = {
      {"GET", "/", home_page, "Search box and results as a page"},
      {"GET", "/koleksi/{}", item_page, "An item as a page"},
      {"GET", "/koleksi/{}/halaman/{}", reader_page, "A page image with the hits marked"},
      {"GET", "/koleksi/{}/halaman/{}/banding", compare_page,
       "A page before and after cleaning, side by side"},
      {"POST", "/koleksi/{}/halaman/{}", save_text, "The page's text as corrected in the form"},
      {"GET", "/register", register_page, "The Buku Inventaris Alih Media as a page"},
      {"GET", "/serah-terima", handovers_page, "Batches of material as a page, for staff"},
      {"POST", "/serah-terima", save_handover, "A batch from the form"},
      {"GET", "/serah-terima/{}", handover_page, "One batch as a page, for staff"},
      {"POST", "/serah-terima/{}", save_return, "What is given back, from the form"},
      {"GET", "/daftar", register_form, "Registration as a page, for staff"},
      {"POST", "/daftar", save_registration, "A registration from the form"},
      {"GET", "/register/perbaikan/{}", correction_form, "A correction line as a page, for staff"},
      {"POST", "/register/perbaikan/{}", save_correction, "A correction line from the form"},
      {"POST", "/register/tutup", save_closing, "The closing of a period from the form"},
      {"POST", "/surat/{}", print_form, "A paper as a file, from a form"},
      {"GET", "/katalog", catalogue_page, "Look-up by barcode or no. induk as a page, for staff"},
      {"GET", "/katalog/{}", record_page, "A catalogue record as a page, for staff"},
      {"GET", "/gaya.css", stylesheet, "Style sheet"},
      {"GET", "/healthz", healthz, "The process is alive"},
      {"GET", "/readyz", readyz, "The database answers"},
      {"GET", "/api/v1/openapi.json", openapi, "This list as OpenAPI 3.1"},
      {"GET", "/api/v1/search", search, "Full-text search"},
      {"GET", "/api/v1/items", list_items, "Items in the order of the register"},
      {"POST", "/api/v1/items", create_item,
       "A new item of the file in the body, or of uploads named in JSON", true},
      {"GET", "/api/v1/items/{}", show_item, "One item with its events"},
      {"GET", "/api/v1/items/{}/pages", list_pages,
       "Pages of an item, with sort=risk the riskiest first"},
      {"POST", "/api/v1/items/{}/pages", add_pages, "More pages of an item, as POST /items", true},
      {"GET", "/api/v1/items/{}/pages/{}", show_page, "One page with its words"},
      {"PUT", "/api/v1/items/{}/pages/{}/text", put_text,
       "The page's text as a person corrected it, text/plain; ?revision= of the page that was "
       "seen"},
      {"GET", "/api/v1/items/{}/pages/{}/image", page_image, "Access image, JPEG"},
      {"GET", "/api/v1/items/{}/pages/{}/before", page_before,
       "The page as it came, upright and whole, JPEG"},
      {"GET", "/api/v1/items/{}/pages/{}/reading", page_cleaned, "What OCR reads, JPEG"},
      {"GET", "/api/v1/items/{}/pages/{}/thumbnail", page_thumbnail, "Thumbnail, JPEG"},
      {"GET", "/api/v1/items/{}/pages/{}/pyramid", page_pyramid,
       "Access image in several sizes, tiled TIFF"},
      {"GET", "/api/v1/items/{}/pages/{}/tiles/{}/{}/{}", page_tile,
       "One tile of the pyramid by level, column and row, JPEG"},
      {"GET", "/api/v1/pages", list_worst_pages, "The riskiest pages of all items, for staff"},
      {"GET", "/api/v1/uploads/{}", show_upload, "How much of an upload is here"},
      {"PUT", "/api/v1/uploads/{}", put_upload, "An upload, or its next piece by Content-Range",
       true},
      {"GET", "/api/v1/register", list_register, "Rows of the register"},
      {"GET", "/api/v1/catalogue", look_up,
       "A catalogue record by barcode or nomor_induk, for staff"},
      {"POST", "/api/v1/catalogue", import_catalogue,
       "Import of a catalogue file (from=inlislite, marc, marcxml, slims, atom, csv, register), "
       "for staff",
       true},
      {"GET", "/api/v1/catalogue/{}", show_record, "A catalogue record by its id, for staff"},
      {"POST", "/api/v1/register", create_line,
       "Registers a thing before it is scanned, for staff"},
      {"GET", "/api/v1/register/lines", show_lines,
       "The book's lines of a ?period= as printed, for staff"},
      {"POST", "/api/v1/register/{}/corrections", correct_line, "A correction line, for staff"},
      {"GET", "/api/v1/register/closings", list_closings, "Closed months and years, for staff"},
      {"POST", "/api/v1/register/closings", create_closing, "Closes a month or year, for staff"},
      {"GET", "/api/v1/handovers", list_handovers, "Batches of material, for staff"},
      {"POST", "/api/v1/handovers", create_handover, "A batch with its things in JSON, for staff"},
      {"POST", "/api/v1/handovers/lists", receive_list,
       "A batch whose list is the file in the body; source_unit, sender, receiver, from in the "
       "address, for staff",
       true},
      {"GET", "/api/v1/handovers/{}", show_handover, "One batch, for staff"},
      {"POST", "/api/v1/handovers/{}/returns", return_entries,
       "Gives originals back: entries, to, reason, for staff"},
      {"POST", "/api/v1/handovers/{}/rejections", reject_entry,
       "Refuses a thing: entry, reason, for staff"},
      {"POST", "/api/v1/items/{}/state", set_item_state,
       "on_hold, registered, rejected or returned, with a reason, for staff"},
      {"POST", "/api/v1/items/{}/approval", approve_item, "Passed quality control, for staff"},
      {"POST", "/api/v1/items/{}/pages/{}/judgement", judge_page,
       "good true or false with a reason, for staff"},
      {"POST", "/api/v1/items/{}/pages/{}/replacement", replace_page,
       "Another file of one page takes its place; ?name= and ?reason=, for staff", true},
      {"POST", "/api/v1/items/{}/steps/{}", clock_step,
       "A person begins or ends a step: action start or stop, for staff"},
      {"GET", "/api/v1/performance", show_performance,
       "Times of the steps beside the standards, of a ?period=, for staff"},
      {"GET", "/api/v1/papers", list_papers, "Papers that are kept as items, for staff"},
      {"POST", "/api/v1/papers/checks", verify_paper,
       "A printed paper or a scan of it against the files, for staff", true},
      {"POST", "/api/v1/papers/{}", create_paper,
       "Prints a paper: for (a list), format pdf, xlsx or csv, for staff"},
      {"GET", "/api/v1/jobs", list_jobs, "The queue"},
      {"POST", "/internal/verbs/{}", run_verb, "A verb of the command line"},
  };
  return rows;
}

bool takes_file(std::string_view method, std::string_view path) {
  return std::any_of(all_routes().begin(), all_routes().end(), [&](const Route& route) {
    return route.takes_file && route.method == method && match(route.path, path);
  });
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
