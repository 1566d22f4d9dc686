#pragma once

#include "api/http.h"
#include "api/service.h"
#include "indexer/search_request.h"
#include "pipeline/catalogue.h"

namespace alih::api {

// health.cpp
[[nodiscard]] Response healthz(Service& service, const Request& request);
[[nodiscard]] Response readyz(Service& service, const Request& request);
[[nodiscard]] Response openapi(Service& service, const Request& request);
// metrics.cpp: for those who may see the queue, and for this machine itself
[[nodiscard]] Response metrics(Service& service, const Request& request);
// people.cpp
[[nodiscard]] Response show_session(Service& service, const Request& request);
[[nodiscard]] Response begin_session_json(Service& service, const Request& request);
[[nodiscard]] Response end_session(Service& service, const Request& request);
// search.cpp
[[nodiscard]] Response search(Service& service, const Request& request);
// items.cpp
[[nodiscard]] Response list_items(Service& service, const Request& request);
[[nodiscard]] Response show_item(Service& service, const Request& request);
[[nodiscard]] Response change_item(Service& service, const Request& request);
[[nodiscard]] Response show_personal(Service& service, const Request& request);
[[nodiscard]] Response erase_personal(Service& service, const Request& request);
[[nodiscard]] Response list_pages(Service& service, const Request& request);
[[nodiscard]] Response list_worst_pages(Service& service, const Request& request);
[[nodiscard]] Response show_page(Service& service, const Request& request);
[[nodiscard]] Response put_text(Service& service, const Request& request);
[[nodiscard]] Response list_register(Service& service, const Request& request);
[[nodiscard]] Response list_jobs(Service& service, const Request& request);
// intake.cpp
[[nodiscard]] Response create_item(Service& service, const Request& request);
[[nodiscard]] Response add_pages(Service& service, const Request& request);
[[nodiscard]] Response show_upload(Service& service, const Request& request);
[[nodiscard]] Response put_upload(Service& service, const Request& request);
// catalogue.cpp
[[nodiscard]] Response look_up(Service& service, const Request& request);
[[nodiscard]] Response show_record(Service& service, const Request& request);
[[nodiscard]] Response import_catalogue(Service& service, const Request& request);
// By the parameters barcode or nomor_induk. Errors: usage, not_found.
[[nodiscard]] Result<pipeline::LookUp> look_up_of(Service& service, const Request& request);
// book.cpp: batches, registration, the book, times and papers, for staff
[[nodiscard]] Response list_handovers(Service& service, const Request& request);
[[nodiscard]] Response create_handover(Service& service, const Request& request);
[[nodiscard]] Response receive_list(Service& service, const Request& request);
[[nodiscard]] Response show_handover(Service& service, const Request& request);
[[nodiscard]] Response return_entries(Service& service, const Request& request);
[[nodiscard]] Response reject_entry(Service& service, const Request& request);
[[nodiscard]] Response create_line(Service& service, const Request& request);
[[nodiscard]] Response show_lines(Service& service, const Request& request);
[[nodiscard]] Response correct_line(Service& service, const Request& request);
[[nodiscard]] Response list_closings(Service& service, const Request& request);
[[nodiscard]] Response create_closing(Service& service, const Request& request);
[[nodiscard]] Response set_item_state(Service& service, const Request& request);
[[nodiscard]] Response judge_page(Service& service, const Request& request);
[[nodiscard]] Response replace_page(Service& service, const Request& request);
[[nodiscard]] Response approve_item(Service& service, const Request& request);
[[nodiscard]] Response clock_step(Service& service, const Request& request);
[[nodiscard]] Response show_performance(Service& service, const Request& request);
[[nodiscard]] Response list_papers(Service& service, const Request& request);
[[nodiscard]] Response create_paper(Service& service, const Request& request);
[[nodiscard]] Response verify_paper(Service& service, const Request& request);
// Prints and answers with the file. `format` is pdf, xlsx or csv.
[[nodiscard]] Response paper_response(Service& service, const Request& request,
                                      const std::string& kind,
                                      const std::vector<std::string>& about,
                                      const std::string& format, bool number = false);
// web/book.cpp
[[nodiscard]] Response handovers_page(Service& service, const Request& request);
[[nodiscard]] Response save_handover(Service& service, const Request& request);
[[nodiscard]] Response handover_page(Service& service, const Request& request);
[[nodiscard]] Response save_return(Service& service, const Request& request);
[[nodiscard]] Response register_form(Service& service, const Request& request);
[[nodiscard]] Response save_registration(Service& service, const Request& request);
[[nodiscard]] Response correction_form(Service& service, const Request& request);
[[nodiscard]] Response save_correction(Service& service, const Request& request);
[[nodiscard]] Response save_closing(Service& service, const Request& request);
[[nodiscard]] Response print_form(Service& service, const Request& request);
// images.cpp
[[nodiscard]] Response page_image(Service& service, const Request& request);
[[nodiscard]] Response page_before(Service& service, const Request& request);
[[nodiscard]] Response page_cleaned(Service& service, const Request& request);
[[nodiscard]] Response page_thumbnail(Service& service, const Request& request);
[[nodiscard]] Response page_pyramid(Service& service, const Request& request);
[[nodiscard]] Response page_tile(Service& service, const Request& request);
// verbs.cpp
[[nodiscard]] Response run_verb(Service& service, const Request& request);
// web/pages.cpp
[[nodiscard]] Response home_page(Service& service, const Request& request);
[[nodiscard]] Response item_page(Service& service, const Request& request);
[[nodiscard]] Response decide_form(Service& service, const Request& request);
[[nodiscard]] Response compare_page(Service& service, const Request& request);
[[nodiscard]] Response reader_page(Service& service, const Request& request);
[[nodiscard]] Response save_text(Service& service, const Request& request);
[[nodiscard]] Response register_page(Service& service, const Request& request);
[[nodiscard]] Response catalogue_page(Service& service, const Request& request);
[[nodiscard]] Response record_page(Service& service, const Request& request);
// web/people.cpp
[[nodiscard]] Response sign_in_page(Service& service, const Request& request);
[[nodiscard]] Response sign_in_form(Service& service, const Request& request);
[[nodiscard]] Response sign_out_form(Service& service, const Request& request);
[[nodiscard]] Response invitation_page(Service& service, const Request& request);
[[nodiscard]] Response invitation_form(Service& service, const Request& request);
[[nodiscard]] Response account_page(Service& service, const Request& request);
[[nodiscard]] Response account_form(Service& service, const Request& request);
[[nodiscard]] Response people_page(Service& service, const Request& request);
[[nodiscard]] Response people_form(Service& service, const Request& request);
// The way to the sign-in page and back to what was asked for.
[[nodiscard]] std::string sign_in_path(const Request& request);
// web/pages.cpp
[[nodiscard]] Response stylesheet(Service& service, const Request& request);
[[nodiscard]] std::string error_page(const Request& request, const Error& error);

// A search request from the address's parameters, for the request's audience. Errors: bad_query.
[[nodiscard]] Result<indexer::SearchRequest> search_request(const Request& request);
// `revision` of a page that the caller saw, none when it is not said. Errors: bad_query.
[[nodiscard]] Result<std::optional<std::uint64_t>> revision_of(const std::string& text);
// limit and offset of a list. Errors: bad_query.
struct Window {
  int limit = 50;
  int offset = 0;
};
[[nodiscard]] Result<Window> window_of(const Request& request, int most);

}  // namespace alih::api
