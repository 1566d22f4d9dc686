#include <atomic>
#include <cstdlib>
#include <ctime>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "api/json_view.h"
#include "cli/interrupt.h"
#include "cli/verb.h"
#include "pipeline/backup.h"
#include "pipeline/child.h"

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
  int hour = -1;
  int minute = -1;
  char colon = 0;
  std::istringstream in(text);
  if (!(in >> hour >> colon >> minute) || colon != ':' || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59) {
    return fail(ErrorCode::usage, "Jam ditulis JJ:MM, misalnya 06:30",
                "Write the time as HH:MM, e.g. 06:30");
  }
  const std::time_t now = std::time(nullptr);
  std::tm t{};
  localtime_r(&now, &t);
  t.tm_hour = hour;
  t.tm_min = minute;
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
  ALIH_CHECK(pipeline::check_queue_models(*holdings));
  const std::uint64_t total = holdings->database().jobs().size();
  const auto progress = env.progress("Halaman selesai", "Pages done");
  std::atomic<std::uint64_t> seen{0};
  const auto report = [&](const pipeline::PageDone& done) {
    if (env.json) {
      env.print(json{{"digitization_no", done.item.digitization_no},
                     {"page", done.page.number},
                     {"state", std::string(word(done.page.state))},
                     {"confidence", done.page.reading.confidence},
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
    env.service.processor->wake();
    env.service.processor->wait_until_idle(stop.get_token());
    summary = env.service.processor->summary();
    summary.pages_done -= before.pages_done;
    summary.pages_failed -= before.pages_failed;
    summary.items_done -= before.items_done;
    summary.seconds -= before.seconds;
  } else {
    Interrupt interrupt;
    const std::stop_callback pass_on(interrupt.token(), [&] { stop.request_stop(); });
    pipeline::Processor processor(*holdings, pipeline::own_program(), report);
    processor.wait_until_idle(stop.get_token());
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
  const auto text = api::status_json(
      *holdings, env.service.processor != nullptr ? env.service.processor->running() : 0);
  if (env.json) {
    env.print(text);
    return 0;
  }
  const auto j = json::parse(text);
  env.print(env.say("Antrean: {} menunggu, {} dikerjakan, {} disisihkan",
                    "Queue: {} pending, {} running, {} set aside",
                    {j["queue"]["pending"].get<int>(), j["queue"]["running"].get<int>(),
                     j["queue"]["failed"].get<int>()}));
  for (const auto& [state, count] : j["items"].items()) {
    env.print("  " + label(*item_state_from(state)).in(env.language) + ": " +
              std::to_string(count.get<int>()));
  }
  env.print(env.say("Ruang diska tersisa: {} MiB", "Disk space left: {} MiB",
                    {j["disk"]["free_bytes"].get<std::uint64_t>() >> 20U}));
  if (const auto backup = pipeline::backup_state(*holdings); backup.overdue) {
    env.print(pipeline::backup_warning(backup).in(env.language));
  } else if (!backup.last.empty()) {
    env.print(
        env.say("Cadangan terakhir: {} ke {}", "Last backup: {} to {}", {backup.last, backup.dir}));
  }
  return 0;
}

Result<int> run_retry(Environment& env, const std::string& number) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  std::optional<ItemId> only;
  if (!number.empty()) {
    ALIH_TRY(const auto item, holdings->database().find_item(number));
    only = item.id;
  }
  ALIH_TRY(const int count, holdings->retry(only, pipeline::person_agent()));
  if (env.service.processor != nullptr) env.service.processor->wake();
  if (env.json)
    env.print(json{{"pages", count}}.dump());
  else
    env.print(env.say("{} halaman kembali ke antrean", "{} pages are back in the queue", {count}));
  return 0;
}

}  // namespace

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

  auto number = std::make_shared<std::string>();
  auto* retry = app.add_subcommand(
      "retry", "Coba lagi halaman yang disisihkan / try pages again that were set aside");
  retry->footer("Contoh/example: alihmedia retry ALM/2026/000001");
  retry->add_option("NO", *number, "Nomor bahan / item number");
  retry->callback([&chosen, number] {
    chosen = [number](Environment& env) { return run_retry(env, *number); };
  });
}

}  // namespace alih::cli
