#include "pipeline/handover.h"

#include "core/clock.h"
#include "core/fields.h"
#include "core/rights.h"
#include "pipeline/import_worker.h"
#include "pipeline/profiles.h"

namespace alih::pipeline {

Result<ReceiveReport> receive(Holdings& holdings, const ReceiveRequest& request, const Agent& by,
                              const std::string& program) {
  ReceiveReport out;
  auto draft = request.head;
  if (!request.list.empty()) {
    if (!repository::is_import_source(request.from)) {
      return fail(ErrorCode::usage, "Sumber \"{}\" tidak dikenal; pilihannya {}",
                  "Source \"{}\" is not known; choose one of {}",
                  {request.from, repository::import_sources()});
    }
    std::error_code error;
    if (!std::filesystem::exists(request.list, error)) {
      return fail(ErrorCode::not_found, "Berkas {} tidak ada", "There is no file {}",
                  {request.list.string()});
    }
    constexpr std::size_t kMostRefused = 1000;
    const auto refuse = [&](int row, const Message& why) -> Status {
      if (out.rejected.size() >= kMostRefused) {
        return fail(ErrorCode::unreadable, "Terlalu banyak baris yang ditolak; periksa --from",
                    "Too many rows are refused; check --from");
      }
      out.rejected.push_back({row, why});
      return {};
    };
    repository::ImportSink sink;
    sink.reject = [&](int row, const Message& why) -> Status {
      ++out.rows;
      return refuse(row, why);
    };
    sink.row = [&](repository::ImportRow row) -> Status {
      ++out.rows;
      HandoverEntry entry;
      entry.fields = std::move(row.fields);
      if (entry.fields.empty()) return refuse(row.row, message("baris kosong", "the row is empty"));
      Item item;
      item.fields = entry.fields;
      if (auto done = refuse_digitised(holdings.database(), item); !done) {
        return refuse(row.row, done.error().message);
      }
      if (const auto other = holdings.waiting_entry(item)) {
        return refuse(row.row,
                      message("sudah menunggu pada {} no. {}", "waits in {} as no. {} already",
                              {other->first.batch_no, other->second.number}));
      }
      draft.entries.push_back(std::move(entry));
      return {};
    };
    ALIH_CHECK(read_import(program, holdings.settings(), request.list, request.from, sink));
    if (!out.rejected.empty() && !request.skip_bad) return out;
  }
  ALIH_TRY(out.batch, holdings.receive(std::move(draft), by));
  return out;
}

Result<Item> register_item(Holdings& holdings, const RegisterRequest& request, const Agent& by) {
  Item draft;
  draft.id = ItemId::make();
  ALIH_CHECK(set_field(draft, "series", request.series));
  ALIH_TRY([[maybe_unused]] const auto profile, find_profile(request.profile));
  if (!request.profile.empty()) ALIH_CHECK(set_field(draft, "capture_profile", request.profile));
  for (const auto& [name, value] : request.fields) ALIH_CHECK(add_field(draft, name, value));
  if (!request.batch_no.empty()) {
    ALIH_TRY(const auto h, holdings.handover(request.batch_no));
    draft.fields["batch_no"] = {h.batch_no};
    if (request.entry > 0) {
      draft.fields["batch_entry"] = {std::to_string(request.entry)};
      const HandoverEntry* found = nullptr;
      for (const auto& e : h.entries) {
        if (e.number == request.entry) found = &e;
      }
      if (found == nullptr) {
        return fail(ErrorCode::not_found, "{} tidak mempunyai bahan no. {}", "{} has no entry {}",
                    {h.batch_no, request.entry});
      }
      if (const auto item = holdings.database().item_of_entry(h.batch_no, request.entry)) {
        if (for_custodians(*item)) {
          return fail(ErrorCode::duplicate,
                      "{} no. {} sudah terdaftar dan tertutup; tanyakan kepada arsiparis",
                      "{} no. {} is registered already and closed; ask an archivist",
                      {h.batch_no, request.entry});
        }
        return fail(
            ErrorCode::duplicate, "{} no. {} sudah terdaftar: {}, lihat /koleksi/{}",
            "{} no. {} is registered already: {}, see /koleksi/{}",
            {h.batch_no, request.entry, item->digitization_no, folded(item->digitization_no)});
      }
      if (found->state != "received") {
        return fail(ErrorCode::wrong_state, "{} no. {} sudah {}", "{} no. {} is {}",
                    {h.batch_no, request.entry, found->state});
      }
      for (const auto& [name, values] : found->fields) draft.fields.emplace(name, values);
    }
  }
  if (draft.field("title").empty() && draft.field("barcode").empty() &&
      draft.field("accession_no").empty()) {
    return fail(ErrorCode::bad_field, "Isi judul, barcode, atau no. induk",
                "Give a title, a barcode or an accession number");
  }
  if (!request.began_at.empty()) {
    const double began = utc_seconds(request.began_at);
    constexpr double kLongest = 86400;
    const double now = utc_seconds(utc_now());
    if (began < 0 || began > now + 1 || now - began > kLongest) {
      return fail(ErrorCode::bad_field,
                  "Waktu mulai tidak terbaca atau lebih dari sehari yang lalu",
                  "The time of the beginning cannot be read or is more than a day ago");
    }
  }
  Holdings::NewItem how;
  how.refuse_digitised = !request.once_more;
  how.began_at = request.began_at;
  if (const auto record = fill_from_catalogue(holdings.database(), draft)) {
    how.detail = "described by catalogue record " + record->item.id.str() + " (" + record->source +
                 ", " + record->identity + ")";
  }
  ALIH_CHECK(holdings.files().check_room(0));
  auto made = holdings.create_item(draft, {}, by, how);
  if (!made) holdings.forget(draft.id);
  return made;
}

}  // namespace alih::pipeline
