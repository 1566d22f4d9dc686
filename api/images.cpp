#include <charconv>

#include "api/conditional.h"
#include "api/handlers.h"
#include "pipeline/processor.h"

namespace alih::api {
namespace {

// The page whose image the subject may see, else what to answer.
struct Found {
  std::optional<Page> page;
  Response answer;  // with ETag and caching; or the problem, or 304
  bool done = false;
};

// `kind` tells the entity tags of a page's derivatives apart.
Found find(Service& service, const Request& request, const std::string& kind) {
  Found found;
  found.done = true;
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) {
    found.answer = problem(item.error(), request);
    return found;
  }
  if (auto may = access::permit(request.subject, access::Action::view, *item, request.parts[0]);
      !may) {
    found.answer = problem(may.error(), request);
    return found;
  }
  auto page = page_for(service, *item, request.parts[1]);
  if (!page) {
    found.answer = problem(page.error(), request);
    return found;
  }
  // Same recipe, same pixels; before the page is processed the master stands for it.
  const auto tag =
      "\"" + (page->recipe.empty() ? page->master.fixity.sha256 : page->recipe) + kind + "\"";
  found.answer.headers["ETag"] = tag;
  // What not everybody may see is asked for anew each time, so that a change of its rights, or who
  // sits at the browser, counts at once.
  found.answer.headers["Cache-Control"] =
      access::is_public(access::Action::view, *item) ? "private, max-age=60" : "private, no-cache";
  if (names_tag(request.header("if-none-match"), tag, true)) {
    found.answer.status = 304;
    return found;
  }
  found.page = std::move(*page);
  found.done = false;
  return found;
}

Response file(Service& service, const Request& request, const std::string& kind,
              std::string (*name)(const Page&), const std::string& type) {
  auto found = find(service, request, kind);
  if (found.done) return std::move(found.answer);
  auto path = image_file(service, *found.page, name(*found.page));
  if (!path) return problem(path.error(), request);
  found.answer.type = type;
  found.answer.file = std::move(*path);
  return std::move(found.answer);
}

Response view(Service& service, const Request& request, pipeline::View which) {
  auto found = find(service, request, which == pipeline::View::before ? "-o" : "-r");
  if (found.done) return std::move(found.answer);
  auto path = view_file(service, *found.page, which);
  if (!path) return problem(path.error(), request);
  found.answer.type = "image/jpeg";
  found.answer.file = std::move(*path);
  return std::move(found.answer);
}

}  // namespace

Response page_image(Service& service, const Request& request) {
  return file(service, request, "-a", pipeline::access_name, "image/jpeg");
}
Response page_thumbnail(Service& service, const Request& request) {
  return file(service, request, "-t", pipeline::thumbnail_name, "image/jpeg");
}
Response page_pyramid(Service& service, const Request& request) {
  return file(service, request, "-p", pipeline::pyramid_name, "image/tiff");
}

// What the stages did: the page as it came, and what OCR reads.
Response page_before(Service& service, const Request& request) {
  return view(service, request, pipeline::View::before);
}
Response page_cleaned(Service& service, const Request& request) {
  return view(service, request, pipeline::View::cleaned);
}

Response page_tile(Service& service, const Request& request) {
  std::array<int, 3> place{};  // level, column, row
  std::string kind = "-p";
  for (std::size_t i = 0; i < place.size(); ++i) {
    const auto& text = request.parts.at(i + 2);
    kind += "-" + text;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), place.at(i));
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
      return problem(
          {ErrorCode::not_found, message("Ubin citra itu tidak ada", "There is no such tile")},
          request);
    }
  }
  auto found = find(service, request, kind);
  if (found.done) return std::move(found.answer);
  const auto path = image_file(service, *found.page, pipeline::pyramid_name(*found.page));
  if (!path) return problem(path.error(), request);
  const auto tile = pipeline::pyramid_tile(*path, place[0], place[1], place[2]);
  if (!tile) return problem(tile.error(), request);
  found.answer.type = "image/jpeg";
  found.answer.body.assign(reinterpret_cast<const char*>(tile->data()), tile->size());
  return std::move(found.answer);
}

}  // namespace alih::api
