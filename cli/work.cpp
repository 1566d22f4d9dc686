#include <atomic>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "api/json_view.h"
#include "cli/interrupt.h"
#include "cli/verb.h"
#include "core/confidence.h"
#include "core/json.h"
#include "ocr/models.h"
#include "pipeline/backup.h"
#include "pipeline/child.h"
#include "pipeline/profiles.h"

namespace alih::cli {
namespace {

using json = nlohmann::ordered_json;
using Mode = pipeline::Holdings::Mode;

struct ProcessOptions {
  bool until_idle = false;
  std::string until;
};

// Seconds from now to the next HH:MM of the local clock.
Result<double> seconds_until(const std::string& text) {
  const auto second = pipeline::second_of_day(text);
  if (!second) {
    return fail(ErrorCode::usage, "Jam ditulis JJ:MM, misalnya 06:30",
                "Write the time as HH:MM, e.g. 06:30");
  }
  const std::time_t now = std::time(nullptr);
  std::tm t{};
  localtime_r(&now, &t);
  t.tm_hour = *second / 3600;
  t.tm_min = *second / 60 % 60;
  t.tm_sec = 0;
  double left = std::difftime(std::mktime(&t), now);
  constexpr double kDay = 86400;
  if (left <= 0) left += kDay;
  return left;
}

Result<int> run_process(Environment& env, const ProcessOptions& o) {
  double deadline = 0;
  if (!o.until.empty()) {
    ALIH_TRY(deadline, seconds_until(o.until));
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  if (holdings->paused()) {
    return fail(ErrorCode::unavailable, "Antrean sedang dijeda; lanjutkan dengan alihmedia resume",
                "The queue is paused; go on with alihmedia resume");
  }
  ALIH_CHECK(pipeline::check_queue_models(*holdings));
  const std::uint64_t total = holdings->queue().stats().pending;
  const auto progress = env.progress("Halaman selesai", "Pages done");
  std::atomic<std::uint64_t> seen{0};
  const auto report = [&](const pipeline::PageDone& done) {
    if (env.json) {
      env.print(json{{"digitization_no", done.item.digitization_no},
                     {"page", done.page.number},
                     {"state", std::string(word(done.page.state))},
                     {"confidence", share_right(done.page)},
                     {"words", done.page.reading.words},
                     {"seconds", done.seconds},
                     {"failed", done.failed},
                     {"set_aside", done.set_aside},
                     {"error", done.error}}
                    .dump(-1, ' ', false, json::error_handler_t::replace));
    } else if (done.failed) {
      env.note("{} halaman {} gagal: {}", "{} page {} failed: {}",
               {done.item.digitization_no, done.page.number, done.error});
    }
    if (!done.failed || done.set_aside) progress(++seen, total);
  };
  std::stop_source stop;
  std::jthread clock;
  if (deadline > 0) {
    clock = std::jthread([&, deadline](std::stop_token ended) {
      for (double left = deadline; left > 0 && !ended.stop_requested(); left -= 0.2) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
      }
      stop.request_stop();
    });
  }
  pipeline::ProcessSummary summary;
  if (env.service.processor != nullptr) {
    const auto before = env.service.processor->summary();
    const auto subscription = env.service.subscribe(report);
    // Somebody asks for it now: whatever the hour.
    holdings->queue().hold_window_open(true);
    env.service.processor->wake();
    env.service.processor->wait_until_idle(stop.get_token());
    holdings->queue().hold_window_open(false);
    summary = env.service.processor->summary();
    summary.pages_done -= before.pages_done;
    summary.pages_failed -= before.pages_failed;
    summary.items_done -= before.items_done;
    summary.seconds -= before.seconds;
  } else {
    Interrupt interrupt;
    const std::stop_callback pass_on(interrupt.token(), [&] { stop.request_stop(); });
    holdings->queue().hold_window_open(true);
    pipeline::Processor processor(
        *holdings, pipeline::worker_program(), report,
        [&](const Message& trouble) { env.note(trouble.id, trouble.en); });
    processor.wait_until_idle(stop.get_token());
    if (holdings->database().broken()) {
      return fail(ErrorCode::unavailable,
                  "Basis data tidak dapat ditulisi (galat diska); periksa diska, lalu ulangi",
                  "The database cannot be written to (disk error); check the disk and try again");
    }
    if (stop.stop_requested()) {
      constexpr double kGrace = 8;
      processor.finish(kGrace);
      if (processor.running() > 0) {
        // A page in work stays in the queue; nothing is lost by leaving now.
        env.note("Dihentikan; halaman yang sedang diolah dikerjakan lagi nanti",
                 "Stopped; pages in work will be done again later");
        std::_Exit(0);
      }
    }
    summary = processor.summary();
  }
  const double per_minute = summary.seconds > 0 ? summary.pages_done * 60 / summary.seconds : 0;
  if (env.json) {
    env.print(json{{"summary",
                    {{"pages_done", summary.pages_done},
                     {"pages_failed", summary.pages_failed},
                     {"items_done", summary.items_done},
                     {"seconds", summary.seconds},
                     {"pages_per_minute", per_minute}}}}
                  .dump());
  } else {
    env.print(env.say("{} halaman selesai, {} disisihkan, {} bahan rampung dalam {} detik",
                      "{} pages done, {} set aside, {} items completed in {} seconds",
                      {summary.pages_done, summary.pages_failed, summary.items_done,
                       static_cast<int>(summary.seconds + 0.5)}));
  }
  return summary.pages_failed > 0 ? 8 : 0;
}

Result<int> run_status(Environment& env) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  const auto text = api::status_json(*holdings, env.subject);
  if (env.json) {
    env.print(text);
    return 0;
  }
  const auto j = json::parse(text);
  env.print(env.say("Antrean: {} menunggu, {} dikerjakan, {} disisihkan",
                    "Queue: {} pending, {} running, {} set aside",
                    {j["queue"]["pending"].get<int>(), j["queue"]["running"].get<int>(),
                     j["queue"]["failed"].get<int>()}));
  if (j["queue"]["paused"].get<bool>()) {
    env.print(env.say("Antrean dijeda; lanjutkan dengan alihmedia resume",
                      "The queue is paused; go on with alihmedia resume"));
  }
  if (const auto& f = j["queue"]["forecast"];
      f.is_object() && f["seconds_left"].get<double>() > 0) {
    constexpr double kMinute = 60;
    env.print(env.say("Perkiraan: {} halaman per menit, selesai dalam {} menit",
                      "Forecast: {} pages a minute, done in {} minutes",
                      {static_cast<int>(f["pages_per_minute"].get<double>() + 0.5),
                       static_cast<int>(f["seconds_left"].get<double>() / kMinute + 0.99)}));
  }
  for (const auto& [state, count] : j["items"].items()) {
    env.print("  " + label(*item_state_from(state)).in(env.language) + ": " +
              std::to_string(count.get<int>()));
  }
  env.print(env.say("Ruang diska tersisa: {} MiB", "Disk space left: {} MiB",
                    {j["disk"]["free_bytes"].get<std::uint64_t>() >> 20U}));
  if (j["disk"]["intake"] == "stopped") {
    env.print(env.say("Penerimaan berhenti: harus tersisa {} MiB",
                      "Nothing new is taken in: {} MiB must stay free",
                      {j["disk"]["floor_bytes"].get<std::uint64_t>() >> 20U}));
  }
  const auto& reading = j["reading"];
  env.print(
      env.say("Pembacaan cepat: {}; {} baris cepat, {} biasa, {} berbeda",
              "Fast reading: {}; {} lines fast, {} plain, {} differed",
              {reading["kernel"].is_null() ? env.say("tidak dipakai", "not in use")
                                           : reading["kernel"].get<std::string>(),
               reading["lines_fast"].get<std::int64_t>(), reading["lines_slow"].get<std::int64_t>(),
               reading["differences"].get<std::int64_t>()}));
  for (const auto& d : j["fixity"]["damaged"]) {
    env.print(env.say("Berkas rusak: {} {} ({}); pulihkan dengan alihmedia repair",
                      "Damaged file: {} {} ({}); restore it with alihmedia repair",
                      {d["digitization_no"].get<std::string>(), d["file"].get<std::string>(),
                       d["detail"].get<std::string>()}));
  }
  if (const auto backup = pipeline::backup_state(*holdings); backup.overdue) {
    env.print(pipeline::backup_warning(backup).in(env.language));
  } else if (!backup.last.empty()) {
    env.print(
        env.say("Cadangan terakhir: {} ke {}", "Last backup: {} to {}", {backup.last, backup.dir}));
  }
  return 0;
}

Result<int> run_pause(Environment& env, bool pause) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_CHECK(holdings->pause(pause, env.subject.agent));
  if (env.service.processor != nullptr) env.service.processor->wake();
  if (env.json)
    env.print(json{{"paused", pause}}.dump());
  else if (pause)
    env.print(env.say("Antrean dijeda; halaman yang sedang diolah diselesaikan",
                      "The queue is paused; pages in work are finished"));
  else
    env.print(env.say("Antrean berjalan lagi", "The queue goes on"));
  return 0;
}

struct RetryOptions {
  std::string number;
  int page = 0;
  std::string language;
  std::string profile;
};

Result<int> run_retry(Environment& env, const RetryOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  std::optional<ItemId> only;
  std::optional<int> page;
  if (!o.number.empty()) {
    ALIH_TRY(const auto item, env.item(*holdings, o.number, access::Action::correct));
    only = item.id;
  }
  if (o.page > 0) page = o.page;
  ALIH_TRY(auto how, again_of(*holdings, o.language, o.profile));
  how.urgent = page.has_value();
  ALIH_TRY(const int count, holdings->retry(only, page, how, env.subject.agent));
  if (env.service.processor != nullptr) env.service.processor->wake();
  if (env.json)
    env.print(json{{"pages", count}}.dump());
  else
    env.print(env.say("{} halaman kembali ke antrean", "{} pages are back in the queue", {count}));
  return 0;
}

}  // namespace

Result<pipeline::Holdings::Again> again_of(const pipeline::Holdings& holdings,
                                           const std::string& language,
                                           const std::string& profile_name) {
  ALIH_TRY(const auto profile, pipeline::find_profile(profile_name));
  pipeline::Holdings::Again how;
  for (const auto& [name, value] : profile.settings) how.settings.emplace(name, value);
  how.languages = !language.empty() ? language : std::string(profile.languages.value_or(""));
  if (!how.languages.empty()) {
    ALIH_CHECK(ocr::check_models(how.languages, holdings.settings().ocr));
  }
  return how;
}

void add_work(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ProcessOptions>();
  auto* process =
      app.add_subcommand("process", "Mengolah antrean halaman / work the page queue off");
  process->footer("Contoh/example: alihmedia process --until 06:30");
  process->add_flag("--until-idle", options->until_idle,
                    "Sampai antrean habis (bawaan) / until the queue is empty (default)");
  process->add_option("--until", options->until, "Berhenti pada jam / stop at HH:MM");
  process->callback([&chosen, options] {
    chosen = [options](Environment& env) { return run_process(env, *options); };
  });

  auto* status = app.add_subcommand("status", "Antrean, bahan, diska / queue, items, disk");
  status->footer("Contoh/example: alihmedia status --json");
  status->callback([&chosen] { chosen = run_status; });

  auto o = std::make_shared<RetryOptions>();
  auto* retry = app.add_subcommand(
      "retry", "Coba lagi halaman yang disisihkan / try pages again that were set aside");
  retry->footer("Contoh/example: alihmedia retry ALM/2026/000001");
  retry->add_option("NO", o->number, "Nomor bahan / item number");
  retry->add_option("PAGE", o->page, "Hanya halaman ini / this page only")
      ->check(CLI::PositiveNumber);
  retry->add_option("--language", o->language, "Dengan model OCR lain / with other OCR models");
  retry->add_option("--profile", o->profile, "Dengan profil lain / with another profile");
  retry->callback([&chosen, o] { chosen = [o](Environment& env) { return run_retry(env, *o); }; });

  auto* pause = app.add_subcommand(
      "pause",
      "Menjeda antrean, juga setelah dinyalakan ulang / pause the queue, also over a restart");
  pause->footer("Contoh/example: alihmedia pause");
  pause->callback([&chosen] { chosen = [](Environment& env) { return run_pause(env, true); }; });
  auto* resume = app.add_subcommand("resume", "Menjalankan antrean lagi / let the queue go on");
  resume->footer("Contoh/example: alihmedia resume");
  resume->callback([&chosen] { chosen = [](Environment& env) { return run_pause(env, false); }; });
}

}  // namespace alih::cli
