#include "pipeline/intake.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

#include <fmt/format.h>

#include "api/json_view.h"
#include "capture/scanner.h"
#include "cli/intake_options.h"
#include "cli/interrupt.h"
#include "cli/verb.h"
#include "core/json.h"
#include "pipeline/accounts.h"
#include "pipeline/child.h"

namespace alih::cli {
namespace {

using json = nlohmann::ordered_json;
using Mode = pipeline::Holdings::Mode;

Result<std::pair<std::string, std::string>> field_of(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(ErrorCode::usage, "Tulis kolom sebagai nama=nilai, bukan \"{}\"",
                "Write a field as name=value, not \"{}\"", {text});
  }
  return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

Result<pipeline::IntakeRequest> request_for(const Environment& env, const IntakeOptions& o,
                                            pipeline::Holdings& holdings) {
  ALIH_TRY(auto out, request_of(o));
  out.by = env.subject.agent;
  ALIH_CHECK(pipeline::permit_new_fields(env.subject, out.fields));
  if (!o.to.empty()) {
    ALIH_TRY(const auto item, env.item(holdings, o.to, access::Action::describe));
    out.to = item.id;
  }
  return out;
}

// Never silently: what was taken for a separator is in no item.
void tell_separators(const Environment& env, const std::vector<pipeline::SeparatorSide>& sides) {
  for (const auto& s : sides) {
    if (s.kept) continue;
    const auto where = s.path.empty() ? std::string() : s.path + ", ";
    if (s.back) {
      env.note("Belakang pemisah, tidak disimpan: {}halaman {}",
               "Back of a separator, not kept: {}page {}", {where, s.number});
    } else {
      env.note("Lembar pemisah, tidak disimpan: {}halaman {}", "Separator, not kept: {}page {}",
               {where, s.number});
    }
  }
}

struct ScanOptions : IntakeOptions {
  std::string device;
  std::string source;
  std::string mode;
  int dpi = 0;
  int max_pages = 0;
  std::vector<std::string> options;
};

// How the end of a batch is told to scripts.
int code_of(capture::BatchEnd end) {
  using capture::BatchEnd;
  switch (end) {
    case BatchEnd::feeder_empty:
    case BatchEnd::page_limit:
    case BatchEnd::single_sheet:
      return 0;
    case BatchEnd::no_paper:
    case BatchEnd::stopped:
    case BatchEnd::jam:
    case BatchEnd::cover_open:
    case BatchEnd::device_busy:
    case BatchEnd::device_lost:
    case BatchEnd::crashed:
    case BatchEnd::hung:
      return 6;
    case BatchEnd::bad_page:
      return 8;
  }
  return 1;
}

Result<int> run_scan(Environment& env, const ScanOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto request, request_for(env, o, *holdings));
  capture::ScanRequest wanted;
  wanted.device = o.device;
  if (!o.source.empty()) wanted.source = o.source;
  if (!o.mode.empty()) wanted.mode = o.mode;
  if (o.dpi > 0) wanted.dpi = o.dpi;
  wanted.max_pages = o.max_pages;
  for (const auto& text : o.options) {
    ALIH_TRY(const auto option, field_of(text));
    wanted.options.push_back({option.first, option.second});
  }
  // Inside the service the signals are the service's.
  std::optional<Interrupt> interrupt;
  if (env.service.holdings == nullptr) interrupt.emplace();
  ALIH_TRY(const auto report,
           pipeline::scan(*holdings, request, wanted, pipeline::worker_program(),
                          interrupt ? interrupt->token() : env.service.stop, [&](int page) {
                            env.note("Halaman {} tersimpan", "Page {} is stored", {page});
                          }));
  if (env.service.processor != nullptr) env.service.processor->wake();
  const auto end = report.outcome.end;
  tell_separators(env, report.separators);
  if (report.pages == 0 && !report.separators.empty()) {
    return fail(Error{ErrorCode::unreadable, pipeline::only_separators()});
  }
  if (report.pages == 0) {
    // No good page: no item, no number.
    const bool empty = end == capture::BatchEnd::no_paper;
    return fail(Error{empty               ? ErrorCode::feeder_empty
                      : code_of(end) == 6 ? ErrorCode::device_lost
                                          : ErrorCode::unreadable,
                      report.outcome.detail});
  }
  if (report.lowest_dpi > 0 && report.lowest_dpi < 200) {
    env.note(
        "Perhatian: resolusi {} dpi terlalu rendah untuk OCR; pakai --dpi 300 atau --profile buku",
        "Note: {} dpi is too low for OCR; use --dpi 300 or --profile buku",
        {static_cast<int>(report.lowest_dpi)});
  }
  if (env.json) {
    env.print(api::scan_json(report, o.device));
  } else {
    for (const auto& made : report.items) {
      env.print(
          env.say("{}: {} halaman dipindai. {}", "{}: {} pages captured. {}",
                  {made.item.digitization_no, made.pages, report.outcome.detail.in(env.language)}));
    }
  }
  const int code = code_of(end);
  if (code != 0 && report.ends_with_separator) {
    env.note("{}. Lembar pemisah terakhir sudah lewat: lanjutkan dengan scan baru",
             "{}. The last separator has gone through: go on with a new scan",
             {report.outcome.detail.in(env.language)});
  } else if (code != 0) {
    env.note("{}. Lanjutkan dengan --to {}", "{}. Go on with --to {}",
             {report.outcome.detail.in(env.language), report.items.back().item.digitization_no});
  }
  return code == 0 ? 0 : 8;
}

Result<int> run_devices(Environment& env) {
  ALIH_TRY(const auto devices,
           capture::list_devices(env.config.settings.capture, pipeline::worker_program()));
  json rows = json::array();
  for (const auto& d : devices) {
    rows.push_back({{"name", d.name},
                    {"vendor", d.vendor},
                    {"model", d.model},
                    {"sources", d.sources},
                    {"modes", d.modes},
                    {"resolutions", d.resolutions}});
    if (!env.json) env.print(d.name + "\t" + d.vendor + " " + d.model);
  }
  if (env.json)
    env.print(json{{"devices", rows}}.dump());
  else if (devices.empty())
    env.note("Tidak ada pemindai ditemukan", "No scanner was found");
  return 0;
}

struct IngestOptions : IntakeOptions {
  std::vector<std::string> paths;
  bool each = false;
  bool wait = false;
  bool no_duplicates = false;
  bool not_again = false;
};

Result<int> run_ingest(Environment& env, const IngestOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(auto request, request_for(env, o, *holdings));
  request.known = o.no_duplicates ? pipeline::Known::refuse
                  : o.not_again   ? pipeline::Known::refuse_when_all
                                  : pipeline::Known::tell;
  std::vector<std::filesystem::path> paths;
  for (const auto& p : o.paths) paths.push_back(env.path(p));
  ALIH_TRY(const auto report,
           pipeline::ingest(*holdings, request, paths, o.each, pipeline::worker_program(),
                            env.progress("Berkas diterima", "Files taken in")));
  if (env.service.processor != nullptr) env.service.processor->wake();
  std::size_t rejected = report.rejected.size();
  for (const auto& made : report.items) rejected += made.rejected.size();
  if (o.wait && !report.items.empty()) {
    for (const auto& made : report.items) ALIH_CHECK(holdings->make_urgent(made.item.id));
    if (env.service.processor != nullptr) {
      env.service.processor->wake();
      env.service.processor->wait_until_idle(env.service.stop);
    } else {
      ALIH_CHECK(pipeline::check_queue_models(*holdings));
      pipeline::Processor processor(*holdings, pipeline::worker_program(),
                                    [](const pipeline::PageDone&) {});
      processor.wait_until_idle({});
    }
  }
  const auto tell = [&](const std::vector<pipeline::Rejected>& all) {
    for (const auto& r : all) {
      env.note("Ditolak: {}: {}", "Rejected: {}: {}", {r.path, r.reason.in(env.language)});
    }
  };
  tell(report.rejected);
  tell_separators(env, report.separators);
  for (const auto& made : report.items) {
    tell(made.rejected);
    for (const auto& d : made.duplicates) {
      if (d.digitization_no.empty()) {
        env.note("Perhatian: {} sudah ada di sini dan tertutup; tanyakan kepada arsiparis",
                 "Note: {} is here already and closed; ask an archivist", {d.path});
        continue;
      }
      env.note("Perhatian: {} sama isinya dengan {} halaman {}",
               "Note: {} has the same bytes as {} page {}", {d.path, d.digitization_no, d.page});
    }
    if (made.split + made.unsure_split > 0) {
      env.note("{} gambar buku terbuka dibagi menjadi dua halaman; {} gambar melintang tetap utuh",
               "{} pictures of an open book became two pages; {} wide pictures stay whole",
               {made.split, made.unsure_split});
    }
    if (!made.item.fields.empty()) note_doubts(env, made.item);
    if (!env.json) {
      env.print(env.say("{}: {} halaman diterima", "{}: {} pages taken in",
                        {made.item.digitization_no, made.pages}));
    }
  }
  if (env.json) env.print(api::ingest_json(report));
  if (report.items.empty()) {
    const bool all_known =
        std::all_of(report.rejected.begin(), report.rejected.end(),
                    [](const pipeline::Rejected& r) { return r.code == ErrorCode::duplicate; });
    if (all_known && !report.rejected.empty()) {
      env.note("Semua sudah ada; tidak ada nomor yang dipakai",
               "All of it is here already; no number was used");
      return exit_code(ErrorCode::duplicate);
    }
    if (report.rejected.empty() && !report.separators.empty()) {
      const auto why = pipeline::only_separators();
      env.note(why.id, why.en);
      return exit_code(ErrorCode::unreadable);
    }
    env.note("Tidak ada halaman yang dapat dibaca; tidak ada nomor yang dipakai",
             "No page could be read; no number was used");
    return exit_code(ErrorCode::unreadable);
  }
  return rejected > 0 ? 8 : 0;
}

}  // namespace

void add_intake_options(CLI::App* verb, IntakeOptions& o) {
  verb->add_option("--profile", o.profile,
                   "Profil: buku, langka, naskah, koran, peta, foto, arsip, kartu");
  verb->add_option("--title", o.title, "Judul / title");
  verb->add_option("--series", o.series, "Seri / series: ALM-KOL, ALM-ARS")->capture_default_str();
  verb->add_option("--language", o.language, "Model OCR, misalnya/e.g. ind+eng");
  // Not the value itself: CLI11 would make "not given" false.
  const std::function<void(std::int64_t)> split = [&o](std::int64_t given) {
    o.split_pages = given > 0;
  };
  verb->add_flag("--split-pages,!--no-split-pages", split,
                 "Bagi gambar buku terbuka menjadi dua halaman (bawaan: menurut profil) / make two "
                 "pages of an open book (default: as the profile says)");
  auto* separators = verb->add_flag(
      "--split", o.stack.split,
      "Mulai bahan baru setelah setiap lembar pemisah / begin a new item behind each separator "
      "sheet (alihmedia paper print separator)");
  verb->add_flag("--keep-separators", o.stack.keep_separators,
                 "Simpan lembar pemisah sebagai halaman pertama / keep the separator sheet as the "
                 "first page")
      ->needs(separators);
  verb->add_flag("--duplex", o.stack.duplex,
                 "Tumpukan dipindai dua sisi: belakang pemisah yang kosong ikut dibuang / the "
                 "stack has both sides of each sheet: a separator's blank back goes with it")
      ->needs(separators);
  verb->add_option("--to", o.to, "Tambahkan ke bahan ini / add to this item: ALM/2026/000001");
  verb->add_option("--field", o.fields, "Kolom register / register field: name=value");
  verb->add_option(
      "--barcode", o.barcode,
      "No. barcode: data bahan diisi dari katalog / barcode: the item is described from "
      "the catalogue (juga/also --field nomor_induk=…)");
  verb->add_flag("--once-more", o.once_more,
                 "Alih media lagi walau barcode atau no. induknya sudah ada / digitise again "
                 "although the barcode or accession no. is another item's");
}

Result<pipeline::IntakeRequest> request_of(const IntakeOptions& o) {
  pipeline::IntakeRequest out;
  out.profile = o.profile;
  out.languages = o.language;
  out.series = o.series;
  out.split_pages = o.split_pages;
  out.stack = o.stack;
  out.once_more = o.once_more;
  if (!o.title.empty()) out.fields.emplace_back("title", o.title);
  if (!o.barcode.empty()) out.fields.emplace_back("barcode", o.barcode);
  for (const auto& text : o.fields) {
    ALIH_TRY(auto field, field_of(text));
    out.fields.push_back(std::move(field));
  }
  return out;
}

void add_intake(CLI::App& app, Command& chosen) {
  auto scan_options = std::make_shared<ScanOptions>();
  auto* scan = app.add_subcommand(
      "scan", "Memindai sampai pengumpan kosong / scan until the feeder is empty");
  scan->footer(
      "Contoh/example: alihmedia scan --device test:0 --source ADF --profile buku --title "
      "\"Hikayat\"");
  scan->add_option("--device", scan_options->device, "Nama pemindai SANE / SANE device")
      ->required();
  scan->add_option("--source", scan_options->source, "Sumber kertas / paper source");
  scan->add_option("--mode", scan_options->mode, "Mode warna / colour mode");
  scan->add_option("--dpi", scan_options->dpi, "Resolusi / resolution")
      ->check(CLI::Range(1, 10000));
  scan->add_option("--max-pages", scan_options->max_pages, "Paling banyak / at most")
      ->check(CLI::NonNegativeNumber);
  scan->add_option("--option", scan_options->options,
                   "Pilihan lain pemindai / other device option: name=value");
  add_intake_options(scan, *scan_options);
  scan->callback([&chosen, scan_options] {
    chosen = [scan_options](Environment& env) { return run_scan(env, *scan_options); };
  });

  auto* devices = app.add_subcommand("devices", "Daftar pemindai / list scanners");
  devices->footer("Contoh/example: alihmedia devices --json");
  devices->callback([&chosen] { chosen = run_devices; });

  auto ingest_options = std::make_shared<IngestOptions>();
  auto* ingest = app.add_subcommand(
      "ingest", "Menerima berkas citra / take in files: TIFF, JPEG, PNG, JPEG 2000, BMP, PDF");
  ingest->footer("Contoh/example: alihmedia ingest buku/ --title \"Hikayat\" --wait");
  ingest->add_option("PATH", ingest_options->paths, "Berkas atau folder / files or folders")
      ->required();
  ingest->add_flag("--each", ingest_options->each, "Satu bahan setiap berkas / one item a file");
  ingest->add_flag("--wait", ingest_options->wait, "Tunggu sampai terbaca / wait until read");
  ingest->add_flag("--no-duplicates", ingest_options->no_duplicates,
                   "Tolak berkas yang sudah ada / refuse files that are here already");
  ingest->add_flag(
      "--not-again", ingest_options->not_again,
      "Tolak bila semua berkasnya sudah ada / refuse when all the files are here already");
  add_intake_options(ingest, *ingest_options);
  ingest->callback([&chosen, ingest_options] {
    chosen = [ingest_options](Environment& env) { return run_ingest(env, *ingest_options); };
  });
}

}  // namespace alih::cli
