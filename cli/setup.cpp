#include <ctime>

#include <unistd.h>

#include "capture/scanner.h"
#include "cli/verb.h"
#include "core/json.h"
#include "ocr/models.h"
#include "pipeline/backup.h"
#include "pipeline/cage.h"
#include "pipeline/child.h"
#include "pipeline/job_queue.h"
#include "pipeline/page_worker.h"
#include "pipeline/papers.h"
#include "pipeline/profiles.h"
#include "processing/stages.h"

namespace alih::cli {
namespace {

using json = nlohmann::ordered_json;

// What the file cannot say by ranges alone.
Status check_meaning(const config::Settings& s) {
  ALIH_CHECK(processing::check_stages(s.processing));
  ALIH_CHECK(ocr::check_models(s.ocr.languages, s.ocr));
  ALIH_TRY([[maybe_unused]] const auto window,
           pipeline::night_window(s.pipeline.night_from, s.pipeline.night_until));
  if (!pipeline::pdf_images_from(s.pipeline.pdf_images)) {
    return fail(ErrorCode::bad_setting, "pipeline.pdf_images harus jpeg, mrc, atau g4",
                "pipeline.pdf_images must be jpeg, mrc or g4");
  }
  ALIH_CHECK(pipeline::check_record_number(s.office.record_number));
  const auto& fast = s.ocr.fast_lstm;
  if (fast != "auto" && fast != "off" && fast != "verify") {
    return fail(ErrorCode::bad_setting, "ocr.fast_lstm harus auto, off, atau verify",
                "ocr.fast_lstm must be auto, off or verify");
  }
  const auto& kernel = s.ocr.fast_lstm_kernel;
  if (kernel != "auto" && kernel != "avx512-vnni" && kernel != "avx-vnni" && kernel != "avx2") {
    return fail(ErrorCode::bad_setting,
                "ocr.fast_lstm_kernel harus auto, avx512-vnni, avx-vnni, atau avx2",
                "ocr.fast_lstm_kernel must be auto, avx512-vnni, avx-vnni or avx2");
  }
  if (s.ocr.layout != "auto" && s.ocr.layout != "full") {
    return fail(ErrorCode::bad_setting, "ocr.layout harus auto atau full",
                "ocr.layout must be auto or full");
  }
  const auto& c = s.repository.master_compression;
  if (c != "deflate" && c != "lzw" && c != "none") {
    return fail(ErrorCode::bad_setting,
                "repository.master_compression harus deflate, lzw, atau none",
                "repository.master_compression must be deflate, lzw or none");
  }
  if (s.api.language != "id" && s.api.language != "en") {
    return fail(ErrorCode::bad_setting, "api.language harus id atau en",
                "api.language must be id or en");
  }
  return {};
}

Result<int> run_show(Environment& env) {
  json values = json::object();
  for (const auto& e : config::entries(env.config.settings)) {
    const auto& origin = env.config.origins.at(e.path);
    auto value = json::parse(e.value(), nullptr, false);
    values[e.path] = {{"value", value.is_discarded() ? json(e.value()) : value},
                      {"origin", origin}};
    if (!env.json) env.print(e.path + " = " + e.value() + "  # " + origin);
  }
  if (env.json) env.print(json{{"settings", values}, {"file", env.config.file}}.dump());
  return 0;
}

Result<int> run_check(Environment& env) {
  ALIH_CHECK(check_meaning(env.config.settings));
  if (env.json)
    env.print(json{{"ok", true}, {"file", env.config.file}}.dump());
  else
    env.print(env.say("Pengaturan baik", "The settings are good"));
  return 0;
}

// Reads with each model, to see what this program really does on this machine. A processor that
// cannot is no fault: pages only take longer.
template <typename Add>
void check_fast_reading(Environment& env, Add add) {
  const auto& s = env.config.settings.ocr;
  pipeline::PageWorker worker(pipeline::worker_program(), env.config.settings.everything(), {});
  const auto asked = worker.try_reading("");
  if (!asked) return add("fast_reading", false, asked.error().message.in(env.language), "");
  const auto& report = asked->report;
  std::string detail = report.possible ? report.kernel : env.say("tidak", "no");
  if (!report.possible) detail += ": " + env.say(report.why_not_id, report.why_not_en);
  std::int64_t differences = 0;
  bool as_promised = true;
  for (const auto& models : {s.languages, s.second}) {
    if (!report.possible || models.empty()) continue;
    const auto tried = worker.try_reading(models);
    if (!tried) continue;  // told by the check of the models
    const auto* lines = &tried->lines;
    differences += lines->differences;
    const bool fast = lines->lines_fast > 0;
    const bool verified = s.fast_lstm == "verify" && lines->networks_bound > 0;
    as_promised = as_promised && (fast || verified || lines->networks_refused > 0);
    detail += "; " + models + ": " +
              (verified ? env.say("dibandingkan", "compared")
               : fast   ? env.say("cepat", "fast")
                        : env.say("cara biasa", "the plain way"));
  }
  if (const auto holdings = env.holdings(pipeline::Holdings::Mode::read)) {
    differences += (*holdings)->lines_read().differences;
  }
  if (differences > 0)
    detail += env.say("; {} baris berbeda", "; {} lines differed", {differences});
  add("fast_reading", differences == 0 && as_promised, detail,
      env.say("Tulis fast_lstm = \"off\" di bagian [ocr] dan laporkan; bacaan tetap benar, hanya "
              "lebih lambat",
              "Write fast_lstm = \"off\" in the section [ocr] and report it; readings stay right, "
              "only slower"));
}

Result<int> run_doctor(Environment& env) {
  json checks = json::array();
  bool good = true;
  const auto add = [&](const char* name, bool ok, const std::string& detail,
                       const std::string& mend) {
    good = good && ok;
    checks.push_back({{"name", name}, {"ok", ok}, {"detail", detail}, {"mend", ok ? "" : mend}});
    if (!env.json)
      env.print(std::string(ok ? "[ok] " : "[!!] ") + name + ": " + detail +
                (ok ? "" : "\n     " + mend));
  };
  const auto& s = env.config.settings;
  const auto meaning = check_meaning(s);
  add("settings", meaning.has_value(),
      meaning ? env.say("baik", "good") : meaning.error().message.in(env.language),
      env.say("Perbaiki berkas pengaturan", "Mend the settings file"));
  const auto models = ocr::check_models(s.ocr.languages, s.ocr);
  add("ocr_models", models.has_value(),
      models ? s.ocr.languages : models.error().message.in(env.language),
      models ? "" : models.error().message.in(env.language));
  check_fast_reading(env, add);
  const auto devices = capture::list_devices(s.capture, pipeline::worker_program());
  const bool any = devices && !devices->empty();
  add("scanners", any, any ? std::to_string(devices->size()) : env.say("tidak ada", "none"),
      env.say("Sambungkan pemindai, nyalakan, lalu jalankan alihmedia devices",
              "Connect and switch on a scanner, then run alihmedia devices"));
  std::error_code error;
  auto place = env.data;
  while (!std::filesystem::exists(place, error) && place.has_parent_path())
    place = place.parent_path();
  const bool writable = ::access(place.c_str(), W_OK) == 0;
  add("data_folder", writable, env.data.string(),
      env.say("Beri izin menulis pada {}", "Give permission to write to {}", {place.string()}));
  const auto space = std::filesystem::space(place, error);
  const auto mib = error ? 0 : space.available >> 20U;
  add("disk", mib >= static_cast<std::uint64_t>(s.repository.keep_free_mib),
      env.say("{} MiB tersisa", "{} MiB left", {mib}),
      env.say("Kosongkan ruang sampai sedikitnya {} MiB",
              "Make room until at least {} MiB are free", {s.repository.keep_free_mib}));
  constexpr std::time_t kFirstSensible = 1767225600;  // 2026-01-01
  add("clock", std::time(nullptr) > kFirstSensible, env.say("jam komputer", "the computer's clock"),
      env.say("Setel tanggal dan jam", "Set the date and time"));
  const auto cage = pipeline::cage_report();
  const auto yes = [&](bool is) { return is ? env.say("ada", "yes") : env.say("tidak", "no"); };
  add("cage", cage.landlock_abi > 0 && cage.seccomp,
      env.say("Landlock versi {}, seccomp {}, pengguna lain {}",
              "Landlock version {}, seccomp {}, another user {}",
              {cage.landlock_abi, yes(cage.seccomp), yes(cage.drops_user)}),
      env.say(
          "Berkas asing diolah dengan pagar yang lebih lemah; pakai kernel Debian 12 atau lebih "
          "baru, dengan landlock dalam parameter lsm=",
          "Strangers' files are handled in a weaker cage; use the kernel of Debian 12 or newer, "
          "with landlock in its parameter lsm="));
  const bool fonts = std::filesystem::exists("/usr/share/fonts/truetype/liberation", error);
  add("fonts", fonts, "fonts-liberation", "apt-get install fonts-liberation");
  // Without a data folder there is nothing to back up yet.
  if (const auto holdings = env.holdings(pipeline::Holdings::Mode::read)) {
    const auto backup = pipeline::backup_state(**holdings);
    add("backup", !backup.overdue,
        backup.last.empty() ? env.say("belum ada", "none yet") : backup.last + " " + backup.dir,
        pipeline::backup_warning(backup).in(env.language));
  }
  if (env.json) env.print(json{{"checks", checks}}.dump());
  return good ? 0 : 7;
}

}  // namespace

void add_setup(CLI::App& app, Command& chosen) {
  auto* configure = app.add_subcommand("config", "Pengaturan / settings");
  configure->require_subcommand(1);
  configure->fallthrough();
  auto* show = configure->add_subcommand(
      "show", "Semua nilai dan asalnya / every value and where it came from");
  show->footer("Contoh/example: alihmedia config show");
  show->callback([&chosen] { chosen = run_show; });
  auto* check = configure->add_subcommand("check", "Memeriksa pengaturan / check the settings");
  check->footer("Contoh/example: alihmedia --config alihmedia.toml config check");
  check->callback([&chosen] { chosen = run_check; });
  auto* defaults =
      configure->add_subcommand("default", "Berkas pengaturan bawaan / the default settings file");
  defaults->footer("Contoh/example: alihmedia config default > alihmedia.toml");
  defaults->callback([&chosen] {
    chosen = [](Environment& env) -> Result<int> {
      env.print(config::default_file());
      return 0;
    };
  });
  auto* document = configure->add_subcommand("document", "Tabel pengaturan / table of settings");
  document->footer("Contoh/example: alihmedia config document > docs/settings.md");
  document->callback([&chosen] {
    chosen = [](Environment& env) -> Result<int> {
      env.print(config::settings_document());
      return 0;
    };
  });
  auto* doctor =
      app.add_subcommand("doctor", "Apa yang kurang pada komputer ini / what this machine lacks");
  doctor->footer("Contoh/example: alihmedia doctor");
  doctor->callback([&chosen] { chosen = run_doctor; });
}

}  // namespace alih::cli
