#include <nlohmann/json.hpp>

#include "api/json_view.h"
#include "cli/verb.h"
#include "repository/export/exporter.h"

namespace alih::cli {
namespace {

using json = nlohmann::ordered_json;
using Mode = pipeline::Holdings::Mode;

struct ExportOptions {
  std::string number;
  std::string format;
  std::string to;
};

Result<int> run_export(Environment& env, const ExportOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  ALIH_TRY(const auto item, holdings->database().find_item(o.number));
  pipeline::PageWorker worker(pipeline::own_program(), holdings->settings(),
                              holdings->files().scratch());
  const auto package = pipeline::package_of(*holdings, worker, item);
  ALIH_TRY(const auto done, repository::export_item(package, o.format, env.path(o.to)));
  if (env.json) {
    env.print(
        json{{"path", done.path.string()}, {"bytes", done.bytes}, {"sha256", done.sha256}}.dump());
  } else {
    env.print(env.say("{}: {} byte", "{}: {} bytes", {done.path.string(), done.bytes}));
  }
  return 0;
}

Result<int> run_verify(Environment& env, const std::vector<std::string>& numbers) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  std::vector<ItemId> only;
  for (const auto& number : numbers) {
    ALIH_TRY(const auto item, holdings->database().find_item(number));
    only.push_back(item.id);
  }
  const auto report = holdings->verify(only, env.progress("Bahan diperiksa", "Items checked"));
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

Result<int> run_rebuild(Environment& env) {
  ALIH_TRY(const auto report, pipeline::rebuild(env.data, env.config.settings.everything(),
                                                env.progress("Bahan dibangun", "Items rebuilt")));
  if (env.json) {
    env.print(
        json{{"items", report.items}, {"pages", report.pages}, {"seconds", report.seconds}}.dump());
  } else {
    env.print(env.say("Basis data dibangun lagi: {} bahan, {} halaman",
                      "The database was rebuilt: {} items, {} pages",
                      {report.items, report.pages}));
  }
  return 0;
}

}  // namespace

void add_keeping(CLI::App& app, Command& chosen) {
  auto o = std::make_shared<ExportOptions>();
  auto* exported = app.add_subcommand("export", "Mengekspor bahan / export an item");
  exported->footer(
      "Contoh/example: alihmedia export ALM/2026/000001 --format pdf --to hikayat.pdf");
  exported->add_option("NO", o->number, "Nomor bahan / item number")->required();
  exported->add_option("--format", o->format, "pdf (PDF/A-2u), pdfa1b, alto, hocr, txt, masters")
      ->required();
  exported->add_option("--to", o->to, "Berkas atau folder tujuan / target file or folder")
      ->required();
  exported->callback(
      [&chosen, o] { chosen = [o](Environment& env) { return run_export(env, *o); }; });

  auto numbers = std::make_shared<std::vector<std::string>>();
  auto* verify = app.add_subcommand(
      "verify", "Memeriksa semua berkas dan basis data / check every file and the database");
  verify->footer("Contoh/example: alihmedia verify --all --json");
  verify->add_option("NO", *numbers, "Nomor bahan / item numbers");
  auto all = std::make_shared<bool>(false);
  verify->add_flag("--all", *all, "Semuanya (bawaan) / everything (default)");
  verify->callback([&chosen, numbers, all] {
    chosen = [numbers](Environment& env) { return run_verify(env, *numbers); };
  });

  auto* rebuild = app.add_subcommand(
      "rebuild", "Membangun lagi basis data dari berkas / make the database anew from the files");
  rebuild->footer("Contoh/example: alihmedia rebuild");
  rebuild->callback([&chosen] { chosen = run_rebuild; });
}

}  // namespace alih::cli
