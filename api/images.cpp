#include "api/handlers.h"

namespace alih::api {
namespace {

Response image(Service& service, const Request& request, bool thumbnail) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  if (!visible(request.viewer, *item).images) {
    auto r = problem({ErrorCode::unauthorized,
                      message("Citra halaman ini hanya dapat dilihat di kantor",
                              "The images of this item can be seen at the office only")},
                     request);
    r.status = 403;
    return r;
  }
  const auto page = page_for(service, *item, request.parts[1]);
  if (!page) return problem(page.error(), request);
  // Same recipe, same pixels; before the page is processed the master stands for it.
  const auto tag = "\"" + (page->recipe.empty() ? page->master.fixity.sha256 : page->recipe) +
                   (thumbnail ? "-t\"" : "-a\"");
  Response r;
  r.type = "image/jpeg";
  r.headers["ETag"] = tag;
  r.headers["Cache-Control"] = "private, max-age=60";
  if (request.header("if-none-match") == tag) {
    r.status = 304;
    return r;
  }
  auto file = image_file(service, *page, thumbnail);
  if (!file) return problem(file.error(), request);
  r.file = std::move(*file);
  return r;
}

}  // namespace

Response page_image(Service& service, const Request& request) {
  return image(service, request, false);
}
Response page_thumbnail(Service& service, const Request& request) {
  return image(service, request, true);
}

}  // namespace alih::api
