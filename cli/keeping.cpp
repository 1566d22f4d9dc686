#include <set>

#include "api/json_view.h"
#include "cli/verb.h"
#include "core/json.h"
#include "pipeline/accounts.h"
#include "pipeline/catalogue.h"
#include "pipeline/chain.h"
#include "pipeline/child.h"
#include "pipeline/papers.h"
#include "pipeline/repair.h"
#include "repository/durable_file.h"
#include "repository/export/exporter.h"
#include "repository/export/records.h"

namespace alih::cli {
namespace {

using json = nlohmann::ordered_json;
using Mode = pipeline::Holdings::Mode;

struct ExportOptions {
  std::vector<std::string> numbers;
  bool all = false;
  bool catalogue = false;
  std::string series;
  std::string format;
  std::string to;
  std::string images;
};

int tell(Environment& env, const repository::Exported& done) {
  if (env.json) {
    env.print(
        json{{"path", done.path.string()}, {"bytes", done.bytes}, {"sha256", done.sha256}}.dump());
  } else {
    env.print(env.say("{}: {} byte", "{}: {} bytes", {done.path.string(), done.bytes}));
  }
  return 0;
}

// Descriptions: of the numbered items, of all of a series, of the catalogue's records.
Result<int> run_record_export(Environment& env, const ExportOptions& o) {
  ALIH_CHECK(access::permit(env.subject, access::Action::export_records));
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  const auto& database = holdings->database();
  const auto base = env.config.settings.api.base_url();
  std::vector<repository::RecordEntry> entries;
  for (const auto& number : o.numbers) {
    ALIH_TRY(const auto item, env.item(*holdings, number, access::Action::find));
    entries.push_back(pipeline::record_entry(*holdings, item, base));
  }
  if (o.all) {
    indexer::ItemFilter filter;
    if (!o.series.empty()) filter.series = o.series;
    for (const auto& item : database.items(filter)) {
      if (item.state == ItemState::withdrawn || item.state == ItemState::rejected) continue;
      if (!env.finds(item)) continue;
      entries.push_back(pipeline::record_entry(*holdings, item, base));
    }
  }
  for (auto& entry : entries) {
    if (access::may(env.subject, access::Action::see_workings, entry.item)) continue;
    std::erase_if(entry.item.fields, [](const auto& f) { return api::is_of_workings(f.first); });
  }
  // AtoM knows a thing by its record's ids and place: the item takes them over, and is there once.
  std::set<ItemId> described;
  if (o.catalogue && o.format == "atom") {
    for (auto& entry : entries) {
      for (const auto& [kind, name] :
           {std::pair{indexer::Identifier::barcode, "barcode"},
            std::pair{indexer::Identifier::accession_no, "accession_no"}}) {
        const auto number = entry.item.field(name);
        if (number.empty()) continue;
        const auto found = pipeline::look_up(database, kind, number);
        if (!found.record || !described.insert(found.record->item.id).second) continue;
        entry.extra = found.record->extra;
        break;
      }
    }
  }
  if (o.catalogue) {
    ALIH_CHECK(access::permit(env.subject, access::Action::see_catalogue));
    ALIH_CHECK(database.each_catalogue_record([&](const CatalogueRecord& record) {
      if (described.contains(record.item.id)) return true;
      if (o.series.empty() || record.item.series == o.series) {
        repository::RecordEntry entry;
        entry.item = record.item;
        entry.extra = record.extra;
        entries.push_back(std::move(entry));
      }
      return true;
    }));
  }
  if (entries.empty()) {
    return fail(ErrorCode::not_found,
                "Tidak ada yang diekspor: sebutkan nomor, --all, atau "
                "--catalogue",
                "There is nothing to export: give numbers, --all or --catalogue");
  }
  ALIH_TRY(const auto done, repository::export_records(entries, o.format, env.path(o.to)));
  return tell(env, done);
}

Result<int> run_export(Environment& env, const ExportOptions& o) {
  if (repository::is_record_format(o.format)) return run_record_export(env, o);
  if (o.numbers.size() != 1 || o.all || o.catalogue) {
    return fail(ErrorCode::usage, "Sebutkan satu nomor bahan untuk format {}",
                "Give one item's number for the format {}", {o.format});
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  ALIH_TRY(const auto item, env.item(*holdings, o.numbers.front(), access::Action::download));
  ALIH_TRY(const auto images, pipeline::pdf_images_of(item, o.images, holdings->settings()));
  pipeline::PageWorker worker(pipeline::worker_program(), holdings->settings(),
                              holdings->files().scratch());
  auto package = pipeline::package_of(*holdings, worker, item, images);
  if (!access::may_read_text(env.audience(), item)) {
    if (!o.format.starts_with("pdf") && o.format != "masters") {
      return fail(ErrorCode::forbidden,
                  "Teks bahan ini hanya untuk petugas; yang dapat diambil: pdf",
                  "The text of this item is for staff only; what can be taken: pdf");
    }
    package.text = [](const Page&) -> Result<TextLayer> { return TextLayer(); };
  }
  package.url = pipeline::item_url(item, env.config.settings.api.base_url());
  // Events name people.
  if ((o.format == "mets" || o.format == "bagit") &&
      access::may(env.subject, access::Action::see_workings, item)) {
    package.events = holdings->database().events(item.id);
  }
  ALIH_TRY(const auto done, repository::export_item(package, o.format, env.path(o.to)));
  return tell(env, done);
}

struct VerifyOptions {
  std::vector<std::string> numbers;
  std::vector<std::string> heads;
  bool all = false;
  std::string paper;
};

json problems_view(const std::vector<pipeline::Problem>& problems) {
  json out = json::array();
  for (const auto& p : problems) {
    out.push_back({{"kind", p.kind}, {"where", p.where}, {"detail", p.detail}});
  }
  return out;
}

// Without a database the files are checked all the same, and the database is a problem.
Result<pipeline::VerifyReport> report_without_database(Environment& env, const Error& why) {
  ALIH_TRY(const auto files,
           repository::Repository::open(env.data, env.config.settings.everything().repository));
  auto report = pipeline::verify_files(files, env.progress("Bahan diperiksa", "Items checked"));
  report.problems.insert(
      report.problems.begin(),
      {why.code == ErrorCode::index_missing ? "database_missing" : "database_damaged", "index",
       why.message.en, std::nullopt, ""});
  return report;
}

bool is_database_error(ErrorCode code) {
  return code == ErrorCode::damaged || code == ErrorCode::index_missing;
}

// What was found is marked, so that everybody sees it and no new version is made of it.
void mark(Environment& env, const pipeline::VerifyReport& report) {
  std::set<ItemId> items;
  for (const auto& p : report.problems) {
    if (p.item && !p.file.empty()) items.insert(*p.item);
  }
  if (items.empty()) return;
  env.close();
  const auto holdings = env.holdings(Mode::write);
  if (!holdings) return;  // another program has it: its own patrol will find it too
  for (const auto& id : items) (void)(*holdings)->mark(id, report.problems);
}

// A paper in hand against the files.
Result<int> run_verify_paper(Environment& env, const VerifyOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  ALIH_CHECK(pipeline::permit_all_items(*holdings, env.subject));
  ALIH_TRY(const auto check,
           pipeline::check_paper(*holdings, env.path(o.paper), pipeline::worker_program()));
  if (env.json) {
    env.print(api::paper_check_json(check));
  } else {
    for (const auto& p : check.report.problems) {
      env.print(p.kind + "\t" + p.where + "\t" + p.detail);
    }
    env.print(check.report.problems.empty()
                  ? env.say("{} {} cocok dengan {} bahan di sini", "{} {} matches {} items here",
                            {check.kind, check.number, check.items.size()})
                  : env.say("{} {} TIDAK cocok; {} masalah", "{} {} does NOT match; {} problems",
                            {check.kind, check.number, check.report.problems.size()}));
    if (!check.as_printed) {
      env.print(
          env.say("Yang dibandingkan kode QR-nya saja: baca isinya pada surat yang tersimpan",
                  "Only its QR code was compared: read its words on the paper that was kept"));
    }
  }
  return check.report.problems.empty() ? 0 : 7;
}

Result<int> run_verify(Environment& env, const VerifyOptions& o) {
  if (!o.paper.empty()) return run_verify_paper(env, o);
  pipeline::VerifyReport report;
  const auto opened = env.holdings(Mode::read);
  if (opened) {
    auto* holdings = *opened;
    std::vector<ItemId> only;
    for (const auto& number : o.numbers) {
      ALIH_TRY(const auto item, env.item(*holdings, number, access::Action::verify));
      only.push_back(item.id);
    }
    std::vector<std::filesystem::path> heads;
    for (const auto& head : o.heads) heads.push_back(env.path(head));
    report = holdings->verify(only, env.progress("Bahan diperiksa", "Items checked"), heads);
    mark(env, report);
  } else if (is_database_error(opened.error().code) && o.numbers.empty()) {
    ALIH_TRY(report, report_without_database(env, opened.error()));
  } else {
    return fail(Error(opened.error()));
  }
  if (env.json) {
    env.print(api::verify_json(report));
  } else {
    for (const auto& p : report.problems) env.print(p.kind + "\t" + p.where + "\t" + p.detail);
    env.print(env.say("{} berkas, {} byte diperiksa; {} masalah",
                      "{} files, {} bytes checked; {} problems",
                      {report.checked_files, report.checked_bytes, report.problems.size()}));
  }
  return report.problems.empty() ? 0 : 7;
}

struct RepairOptions {
  std::string number;
  bool all = false;
  std::string from;
};

Result<int> run_repair(Environment& env, const RepairOptions& o) {
  if (o.number.empty() == !o.all) {
    return fail(ErrorCode::usage, "Sebutkan satu nomor atau --all", "Give one number or --all");
  }
  const auto from = o.from.empty() ? std::filesystem::path() : env.path(o.from);
  const auto progress = env.progress("Bahan diperiksa", "Items checked");
  pipeline::RepairReport report;
  const auto opened = env.holdings(Mode::write);
  if (opened) {
    std::vector<ItemId> only;
    if (!o.all) {
      ALIH_TRY(const auto item, (*opened)->database().find_item(o.number));
      only.push_back(item.id);
    }
    ALIH_TRY(report, pipeline::repair(**opened, only, from, env.subject.agent, progress));
  } else if (is_database_error(opened.error().code) && o.all) {
    ALIH_TRY(const auto files,
             repository::Repository::open(env.data, env.config.settings.everything().repository));
    ALIH_TRY(report, pipeline::repair_files(files, from, progress));
    report.left.push_back(
        {"database_damaged", "index", opened.error().message.en, std::nullopt, ""});
  } else {
    return fail(Error(opened.error()));
  }
  if (env.json) {
    env.print(
        json{{"repaired", problems_view(report.repaired)}, {"left", problems_view(report.left)}}
            .dump(-1, ' ', false, json::error_handler_t::replace));
  } else {
    for (const auto& p : report.left) env.print(p.kind + "\t" + p.where + "\t" + p.detail);
    env.print(env.say("{} dipulihkan, {} masih bermasalah", "{} restored, {} problems left",
                      {report.repaired.size(), report.left.size()}));
  }
  return report.left.empty() ? 0 : report.repaired.empty() ? 7 : 8;
}

Result<int> run_chain(Environment& env, const std::string& to) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto head,
           pipeline::sign_head(holdings->database(), holdings->files().data_folder()));
  const auto text = pipeline::to_json(head);
  if (to.empty()) {
    env.print(json::parse(text).dump());
    return 0;
  }
  const auto path = env.path(to);
  ALIH_TRY(const auto fixity, repository::write_durably(path, text));
  if (env.json) {
    env.print(
        json{{"path", path.string()}, {"bytes", fixity.bytes}, {"sha256", fixity.sha256}}.dump());
  } else {
    env.print(
        env.say("Kepala rantai kejadian (nomor {}) tersimpan di {}; simpan di luar komputer ini",
                "The head of the chain of events (number {}) is in {}; keep it off this machine",
                {head.sequence, path.string()}));
  }
  return 0;
}

Result<int> run_rebuild(Environment& env) {
  ALIH_TRY(const auto report, pipeline::rebuild(env.data, env.config.settings.everything(),
                                                env.progress("Bahan dibangun", "Items rebuilt")));
  json left = json::array();
  for (const auto& id : report.left) {
    left.push_back("staging/" + id.str());
    env.note(
        "staging/{}: catatan bahannya (item.json) hilang; pulihkan dengan alihmedia repair --all "
        "--from CADANGAN, lalu ulangi rebuild",
        "staging/{}: its item's record (item.json) is gone; bring it back with alihmedia repair "
        "--all --from BACKUP, then repeat rebuild",
        {id.str()});
  }
  if (env.json) {
    env.print(json{
        {"items", report.items},
        {"records", report.records},
        {"pages", report.pages},
        {"seconds", report.seconds},
        {"left",
         left}}.dump());
  } else {
    env.print(env.say("Basis data dibangun lagi: {} bahan, {} halaman",
                      "The database was rebuilt: {} items, {} pages",
                      {report.items, report.pages}));
  }
  constexpr int kPartly = 8;
  return report.left.empty() ? 0 : kPartly;
}

}  // namespace

void add_keeping(CLI::App& app, Command& chosen) {
  auto o = std::make_shared<ExportOptions>();
  auto* exported = app.add_subcommand("export", "Mengekspor bahan / export an item");
  exported->footer(
      "Contoh/example: alihmedia export ALM/2026/000001 --format pdf --to hikayat.pdf");
  exported->add_option("NO", o->numbers, "Nomor bahan / item numbers");
  exported
      ->add_option("--format", o->format,
                   "Satu bahan/one item: pdf (PDF/A-2u), pdfa1b, alto, hocr, txt, masters, mets, "
                   "bagit. Banyak/many: marcxml, marc (ISO 2709), inlislite (3.3), inlislite30, "
                   "slims, atom, mods, dc, csv, xlsx")
      ->required();
  exported->add_flag("--all", o->all, "Semua bahan / all items");
  exported->add_flag("--catalogue", o->catalogue,
                     "Catatan katalog yang diimpor / imported records of the catalogue");
  exported->add_option("--series", o->series, "Hanya seri ini / this series only");
  exported->add_option("--to", o->to, "Berkas atau folder tujuan / target file or folder")
      ->required();
  exported
      ->add_option(
          "--images", o->images,
          "Citra dalam PDF: jpeg, mrc (latar dan huruf terpisah, kecil), g4 (hitam putih); "
          "bawaan: menurut profil / pictures in the PDF: jpeg, mrc (background and letters "
          "apart, small), g4 (black and white); default: as the profile says")
      ->check(CLI::IsMember({"jpeg", "mrc", "g4"}));
  exported->callback(
      [&chosen, o] { chosen = [o](Environment& env) { return run_export(env, *o); }; });

  auto v = std::make_shared<VerifyOptions>();
  auto* verify = app.add_subcommand(
      "verify", "Memeriksa semua berkas dan basis data / check every file and the database");
  verify->footer("Contoh/example: alihmedia verify --all --json");
  verify->add_option("NO", v->numbers, "Nomor bahan / item numbers");
  verify->add_flag("--all", v->all, "Semuanya (bawaan) / everything (default)");
  verify->add_option("--head", v->heads,
                     "Kepala rantai yang disimpan di tempat lain / chain heads kept elsewhere");
  verify->add_option("--paper", v->paper,
                     "Surat yang dicetak (PDF) atau pindaiannya: kode QR-nya terhadap berkas / a "
                     "printed paper (PDF) or a scan of it: its QR code against the files");
  verify->callback(
      [&chosen, v] { chosen = [v](Environment& env) { return run_verify(env, *v); }; });

  auto r = std::make_shared<RepairOptions>();
  auto* repair = app.add_subcommand(
      "repair",
      "Memulihkan berkas rusak dari salinan kedua / restore damaged files from the second copy");
  repair->footer("Contoh/example: alihmedia repair --all --from /media/cadangan");
  repair->add_option("NO", r->number, "Nomor bahan / item number");
  repair->add_flag("--all", r->all, "Semuanya / everything");
  repair->add_option("--from", r->from,
                     "Folder cadangan atau salinan folder data / backup folder or copy of the data "
                     "folder");
  repair->callback(
      [&chosen, r] { chosen = [r](Environment& env) { return run_repair(env, *r); }; });

  auto to = std::make_shared<std::string>();
  auto* chain = app.add_subcommand(
      "chain", "Kepala rantai kejadian, ditandatangani / the signed head of the chain of events");
  chain->footer("Contoh/example: alihmedia chain --to /media/usb/kepala.json");
  chain->add_option("--to", *to, "Berkas tujuan / target file");
  chain->callback(
      [&chosen, to] { chosen = [to](Environment& env) { return run_chain(env, *to); }; });

  auto* rebuild = app.add_subcommand(
      "rebuild", "Membangun lagi basis data dari berkas / make the database anew from the files");
  rebuild->footer("Contoh/example: alihmedia rebuild");
  rebuild->callback([&chosen] { chosen = run_rebuild; });
}

}  // namespace alih::cli
