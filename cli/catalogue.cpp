// The catalogue: rows of other programs and of lists come in, records are looked up.
#include "pipeline/catalogue.h"

#include "api/json_view.h"
#include "cli/verb.h"
#include "core/fields.h"
#include "core/json.h"
#include "pipeline/child.h"

namespace alih::cli {
namespace {

using json = nlohmann::ordered_json;
using Mode = pipeline::Holdings::Mode;

struct ImportOptions {
  std::string file;
  std::string from;
  std::string series;
  std::string files;
  bool skip_bad = false;
};

Result<int> run_import(Environment& env, const ImportOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  pipeline::ImportRequest request;
  request.file = env.path(o.file);
  request.from = o.from;
  request.series = o.series;
  request.skip_bad = o.skip_bad;
  request.subject = env.subject;
  if (!o.files.empty()) request.folder = env.path(o.files);
  ALIH_TRY(const auto report,
           pipeline::import_rows(*holdings, request, pipeline::worker_program(),
                                 env.progress("Baris diimpor", "Rows imported")));
  if (env.service.processor != nullptr) env.service.processor->wake();
  for (const auto& r : report.rejected) {
    env.note("Baris {}: {}", "Row {}: {}", {r.row, r.reason.in(env.language)});
  }
  const int done = report.imported + report.updated + report.unchanged;
  if (env.json) {
    env.print(api::import_json(report));
  } else {
    env.print(env.say(
        "{} baris: {} baru, {} diperbarui, {} tetap, {} ditolak",
        "{} rows: {} new, {} updated, {} unchanged, {} refused",
        {report.rows, report.imported, report.updated, report.unchanged, report.rejected.size()}));
  }
  if (report.rejected.empty()) return 0;
  if (done > 0) return 8;
  env.note(
      "Tidak ada yang diimpor. Perbaiki baris di atas, atau pakai --skip-bad untuk mengimpor yang "
      "lain",
      "Nothing was imported. Mend the rows above, or use --skip-bad to import the others");
  return exit_code(ErrorCode::bad_field);
}

struct RecordOptions {
  std::string id;
  std::string barcode;
  std::string accession_no;
  int limit = 50;
  int offset = 0;
};

void show(Environment& env, const CatalogueRecord& record, const std::vector<Item>& digitised) {
  env.print(record.item.id.str() + "  " + record.item.series + "  " + record.identity);
  for (const auto& f : all_fields()) {
    const auto found = record.item.fields.find(std::string(f.name));
    if (found == record.item.fields.end()) continue;
    for (const auto& v : found->second) env.print("  " + f.label.in(env.language) + ": " + v);
  }
  for (const auto& [name, values] : record.extra) {
    for (const auto& v : values) env.print("  [" + name + "] " + v);
  }
  for (const auto& item : digitised) {
    env.print(env.say("Sudah dialihmediakan: {}", "Digitised already: {}", {item.digitization_no}));
  }
}

Result<int> run_show(Environment& env, const RecordOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  const auto& database = holdings->database();
  pipeline::LookUp found;
  if (!o.id.empty()) {
    ALIH_TRY(const auto id, ItemId::parse(o.id));
    ALIH_TRY(found.record, database.catalogue_record(id));
    const auto no = pipeline::look_up(database, indexer::Identifier::barcode,
                                      found.record->item.field("barcode"));
    found.digitised = no.digitised;
  } else if (!o.barcode.empty()) {
    found = pipeline::look_up(database, indexer::Identifier::barcode, o.barcode);
  } else if (!o.accession_no.empty()) {
    found = pipeline::look_up(database, indexer::Identifier::accession_no, o.accession_no);
  } else {
    return fail(ErrorCode::usage, "Sebutkan pengenal, --barcode atau --no-induk",
                "Give an id, --barcode or --no-induk");
  }
  std::erase_if(found.digitised, [&](const Item& item) { return !env.finds(item); });
  if (!found.record && found.digitised.empty()) {
    return fail(ErrorCode::not_found, "Tidak ada dalam katalog: {}", "Not in the catalogue: {}",
                {o.barcode.empty() ? o.accession_no : o.barcode});
  }
  if (env.json) {
    env.print(api::look_up_json(found));
  } else if (found.record) {
    show(env, *found.record, found.digitised);
  } else {
    for (const auto& item : found.digitised) {
      env.print(
          env.say("Sudah dialihmediakan: {}", "Digitised already: {}", {item.digitization_no}));
    }
  }
  return 0;
}

Result<int> run_list(Environment& env, const RecordOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  std::vector<CatalogueRecord> records;
  std::size_t total = 0;
  ALIH_CHECK(holdings->database().each_catalogue_record([&](const CatalogueRecord& record) {
    const auto place = total++;
    if (place >= static_cast<std::size_t>(o.offset) &&
        (o.limit == 0 || records.size() < static_cast<std::size_t>(o.limit))) {
      records.push_back(record);
    }
    return true;
  }));
  if (env.json) {
    env.print(api::records_json(records, total));
    return 0;
  }
  for (const auto& r : records) {
    env.print(r.item.id.str() + "\t" + r.identity + "\t" + r.item.field("title"));
  }
  env.note("{} catatan", "{} records", {total});
  return 0;
}

}  // namespace

void add_catalogue(CLI::App& app, Command& chosen) {
  auto i = std::make_shared<ImportOptions>();
  auto* rows = app.add_subcommand("import",
                                  "Mengimpor katalog, buku induk, atau register lama / import a "
                                  "catalogue, an accession book or "
                                  "an old register");
  rows->footer(
      "Contoh/example: alihmedia import buku-induk.xlsx --from inlislite\n"
      "Register kertas yang diketik, dengan berkas / a typed paper register, with files: alihmedia "
      "import register.xlsx --from register --files /srv/pindaian-lama");
  rows->add_option("FILE", i->file, "xlsx, CSV, .mrc, MARCXML, teks/text")->required();
  rows->add_option("--from", i->from,
                   "Asal / source: inlislite, marc, marcxml, slims, atom, csv, register")
      ->required();
  rows->add_option("--series", i->series, "Seri baris baru / series of new rows");
  rows->add_option("--files", i->files,
                   "Folder berkas yang disebut kolom path / folder of the files that the path "
                   "column names (bawaan/default: folder FILE)");
  rows->add_flag("--skip-bad", i->skip_bad,
                 "Impor baris yang baik walau ada yang ditolak / import the good rows although "
                 "others are refused");
  rows->callback([&chosen, i] { chosen = [i](Environment& env) { return run_import(env, *i); }; });

  auto* record =
      app.add_subcommand("record", "Catatan katalog dan buku induk / records of the catalogue");
  record->require_subcommand(1);
  record->fallthrough();
  auto s = std::make_shared<RecordOptions>();
  auto* one = record->add_subcommand("show", "Satu catatan / one record");
  one->footer("Contoh/example: alihmedia record show --barcode 0000000123");
  one->add_option("ID", s->id, "Pengenal / id");
  one->add_option("--barcode", s->barcode, "No. barcode");
  one->add_option("--no-induk", s->accession_no, "No. induk / accession no.");
  one->callback([&chosen, s] { chosen = [s](Environment& env) { return run_show(env, *s); }; });
  auto l = std::make_shared<RecordOptions>();
  auto* list = record->add_subcommand("list", "Daftar catatan / list of records");
  list->footer("Contoh/example: alihmedia record list --limit 20 --json");
  list->add_option("--limit", l->limit, "Paling banyak / at most")->check(CLI::NonNegativeNumber);
  list->add_option("--offset", l->offset, "Lewati / skip")->check(CLI::NonNegativeNumber);
  list->callback([&chosen, l] { chosen = [l](Environment& env) { return run_list(env, *l); }; });
}

}  // namespace alih::cli
