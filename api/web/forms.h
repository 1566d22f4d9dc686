#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/handlers.h"
#include "api/web/writer.h"

// What pages with forms share (web/pages.cpp makes the frame around them).
namespace alih::api {

// The whole page around its middle, which is HTML.
[[nodiscard]] std::string web_page(const Request& request, const std::string& title,
                                   const std::string& html);
// An address of ours that keeps the language, escaped.
[[nodiscard]] std::string web_link(
    const Request& request, const std::string& path,
    const std::vector<std::pair<std::string, std::string>>& query = {});
// What staff may do with the book: print, close, correct (web/book.cpp).
[[nodiscard]] std::string book_tools(Service& service, const Request& request);

}  // namespace alih::api
