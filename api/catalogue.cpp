// The catalogue over HTTP, for staff: looked up while a thing is described, and brought up to date.
#include "pipeline/catalogue.h"

#include "api/handlers.h"
#include "api/json_view.h"

namespace alih::api {
Result<pipeline::LookUp> look_up_of(Service& service, const Request& request) {
  const auto& database = service.holdings.database();
  for (const auto& [name, kind] : {std::pair{"barcode", indexer::Identifier::barcode},
                                   std::pair{"nomor_induk", indexer::Identifier::accession_no},
                                   std::pair{"accession_no", indexer::Identifier::accession_no}}) {
    const auto value = request.parameter(name);
    if (value.empty()) continue;
    auto found = pipeline::look_up(database, kind, value);
    std::erase_if(found.digitised, [&](const Item& item) {
      return !access::may(request.subject, access::Action::find, item);
    });
    if (!found.record && found.digitised.empty()) {
      return fail(ErrorCode::not_found, "Tidak ada dalam katalog: {}", "Not in the catalogue: {}",
                  {value});
    }
    return found;
  }
  return fail(ErrorCode::usage, "Sebutkan barcode atau nomor_induk", "Give barcode or nomor_induk");
}

Response look_up(Service& service, const Request& request) {
  const auto found = look_up_of(service, request);
  return found ? json_response(look_up_json(*found)) : problem(found.error(), request);
}

Response show_record(Service& service, const Request& request) {
  const auto id = ItemId::parse(request.parts[0]);
  if (!id) return problem(id.error(), request);
  pipeline::LookUp found;
  auto record = service.holdings.database().catalogue_record(*id);
  if (!record) return problem(record.error(), request);
  found.record = std::move(*record);
  return json_response(look_up_json(found));
}

Response import_catalogue(Service& service, const Request& request) {
  if (request.body_file.empty()) {
    return problem({ErrorCode::usage, message("Kirim berkasnya sebagai isi permintaan",
                                              "Send the file as the body of the request")},
                   request);
  }
  pipeline::ImportRequest wanted;
  wanted.file = request.body_file;
  wanted.name = request.parameter("name", "unggahan");
  wanted.from = request.parameter("from");
  wanted.series = request.parameter("series");
  wanted.skip_bad = request.parameter("skip_bad") == "true";
  wanted.takes_files = false;
  wanted.subject = request.subject;
  const auto report = pipeline::import_rows(service.holdings, wanted, service.program,
                                            [](std::uint64_t, std::uint64_t) {});
  if (!report) return problem(report.error(), request);
  auto r = json_response(import_json(*report));
  const bool nothing = report->imported + report->updated + report->unchanged == 0;
  if (nothing && !report->rejected.empty()) r.status = http_status(ErrorCode::bad_field);
  return r;
}

}  // namespace alih::api
