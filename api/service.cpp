#include "api/service.h"

#include <charconv>
#include <filesystem>

namespace alih::api {

namespace {

// The worker that makes images for people; image_mutex is held.
pipeline::PageWorker& image_worker(Service& service) {
  if (!service.image_worker) {
    service.image_worker = std::make_unique<pipeline::PageWorker>(
        service.program, service.holdings.settings(), service.holdings.files().scratch());
  }
  return *service.image_worker;
}

}  // namespace

Result<std::string> image_file(Service& service, const Page& page, const std::string& name) {
  const auto path = service.holdings.files().cache_file(page.item, name);
  std::error_code error;
  if (std::filesystem::exists(path, error)) return path.string();
  const std::lock_guard lock(service.image_mutex);
  ALIH_TRY(const auto ready,
           pipeline::ready_image(service.holdings, image_worker(service), page, name));
  return ready.string();
}

Result<std::string> view_file(Service& service, const Page& page, pipeline::View view) {
  const std::lock_guard lock(service.image_mutex);
  ALIH_TRY(const auto ready,
           pipeline::ready_view(service.holdings, image_worker(service), page, view));
  return ready.string();
}

Status Service::prepare() {
  ALIH_TRY(networks, access::Networks::parse(access.networks));
  ALIH_TRY(proxies, access::Networks::parse(access.trusted_proxies));
  ALIH_TRY(loopback, access::Networks::parse({"127.0.0.0/8", "::1/128"}));
  return {};
}

Result<Item> item_for(Service& service, const Request& request, const std::string& number) {
  auto item = service.holdings.database().find_item(number);
  // The same words whether it is hidden or not there.
  if (!item && item.error().code == ErrorCode::not_found) return fail(access::no_such_item(number));
  if (item) ALIH_CHECK(access::permit(request.subject, access::Action::find, *item, number));
  return item;
}

Result<Page> page_for(Service& service, const Item& item, const std::string& number) {
  int n = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), n);
  if (read.ec != std::errc() || read.ptr != number.data() + number.size()) {
    return fail(ErrorCode::not_found, "\"{}\" bukan nomor halaman", "\"{}\" is no page number",
                {number});
  }
  return service.holdings.database().page(item.id, n);
}

}  // namespace alih::api
