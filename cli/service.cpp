#include "api/service.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <list>
#include <memory>
#include <thread>

#include "access/secret.h"
#include "api/client/client.h"
#include "api/server.h"
#include "cli/interrupt.h"
#include "cli/verb.h"
#include "cli/watch.h"
#include "core/clock.h"
#include "pipeline/backup.h"
#include "pipeline/caretaker.h"
#include "pipeline/child.h"
#include "pipeline/data_folder.h"

namespace alih::cli {
namespace {

// Who wants to hear of finished pages. Any thread (mutex).
struct Feed {
  using Call = std::function<void(const pipeline::PageDone&)>;
  std::mutex mutex;
  // mutex guards:
  std::list<Call> calls;

  std::shared_ptr<void> subscribe(Call call) {
    const std::lock_guard lock(mutex);
    calls.push_back(std::move(call));
    return {nullptr, [this, it = std::prev(calls.end())](void*) {
              const std::lock_guard inner(mutex);
              calls.erase(it);
            }};
  }
  void tell(const pipeline::PageDone& done) {
    const std::lock_guard lock(mutex);
    for (const auto& call : calls) call(done);
  }
};

Result<int> run_serve(Environment& env, const std::string& listen) {
  if (!listen.empty()) env.config.settings.api.listen = listen;
  ALIH_TRY(auto* holdings, env.holdings(pipeline::Holdings::Mode::write));
  Interrupt interrupt;
  Feed feed;
  const auto notice = [&](const Message& m) { env.note(m.id, m.en); };
  pipeline::Processor processor(
      *holdings, pipeline::worker_program(),
      [&](const pipeline::PageDone& done) { feed.tell(done); }, notice);
  auto caretaker = std::make_unique<pipeline::Caretaker>(*holdings, notice);
  std::jthread last;  // bounds the end of all that is declared after it
  api::Service service(*holdings, processor, pipeline::worker_program(), access::new_secret(),
                       env.config.settings.access);
  if (const auto& url = env.config.settings.api.public_url; !url.empty()) {
    service.public_url = env.config.settings.api.base_url();
  }
  ALIH_CHECK(service.prepare());
  const InService in_service{holdings, &processor,
                             [&](Feed::Call call) { return feed.subscribe(std::move(call)); },
                             interrupt.token()};
  service.run_verb = [&](const std::vector<std::string>& words, const std::string& cwd,
                         const api::Caller& caller,
                         const std::function<void(std::string_view)>& out,
                         const std::function<void(std::string_view)>& err) {
    return run(words, cwd, {out, err, false}, in_service, caller);
  };
  auto server = api::Server::start(service, env.config.settings.api, [&](const std::string& line) {
    if (!env.quiet) env.print(line);
  });
  if (!server) return fail(std::move(server).error());
  const auto address = (*server)->address();
  ALIH_CHECK(api::write_service_file(env.data, {address, service.token, ::getpid()}));
  env.note("alihmedia melayani di http://{}/ (Ctrl-C untuk berhenti)",
           "alihmedia serves at http://{}/ (Ctrl-C to stop)", {address});
  // After a disk error nothing can be written down any more: end, and be started anew.
  std::jthread guard([&](const std::stop_token& ended) {
    while (!ended.stop_requested() && !holdings->database().broken()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    interrupt.request_stop();
  });
  if (const auto backup = pipeline::backup_state(*holdings); backup.overdue) {
    const auto warning = pipeline::backup_warning(backup);
    env.note(warning.id, warning.en);
  }
  std::jthread hot_folder;
  if (const auto& pipeline = env.config.settings.pipeline; !pipeline.watch_folder.empty()) {
    hot_folder = std::jthread([&](const std::stop_token& ended) {
      IntakeOptions options;
      options.profile = pipeline.watch_profile;
      options.stack.split = pipeline.watch_split;
      const auto end =
          watch_folder(env, in_service, env.path(pipeline.watch_folder), options, false, ended);
      if (!end) notice(end.error().message);
    });
  }
  interrupt.wait();
  guard.request_stop();
  hot_folder.request_stop();
  const bool broken = holdings->database().broken();
  env.note("Berhenti …", "Stopping …");
  std::error_code error;
  std::filesystem::remove(env.data / "service.json", error);
  if (broken) {
    env.output.err(
        env.say("alihmedia: basis data tidak dapat ditulisi (galat diska); periksa diska",
                "alihmedia: the database cannot be written to (disk error); check the disk"));
    std::_Exit(exit_code(ErrorCode::unavailable));
  }
  // A long request must not hold up the end: what is on disk is whole at any moment.
  last = std::jthread([](const std::stop_token& ended) {
    constexpr int kTicks = 90;
    for (int i = 0; i < kTicks && !ended.stop_requested(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    if (!ended.stop_requested()) std::_Exit(0);
  });
  caretaker.reset();
  service.refusals.finish();
  constexpr double kGrace = 7;
  processor.finish(kGrace);
  // Taking in a large entry is not waited for to its end: it stays where it is, and is taken anew.
  if (hot_folder.joinable()) hot_folder.join();
  if (processor.running() > 0) std::_Exit(0);  // pages in work are back in the queue
  (*server)->stop();
  return 0;
}

// Ends whoever works on the data folder, as the button of the case or the UPS would.
Result<int> run_stop(Environment& env) {
  constexpr double kDeadline = 15;  // it promises to be gone in 10
  const double until = monotonic_seconds() + kDeadline;
  ALIH_TRY(const auto user, pipeline::user_of(env.data));
  if (user == 0) {
    env.note("Tidak ada yang berjalan", "Nothing is running");
    return 0;
  }
  if (::kill(user, SIGTERM) != 0) {
    return fail(ErrorCode::unavailable,
                "Proses {} tidak boleh dihentikan oleh pengguna ini; jalankan sebagai root",
                "This user may not stop process {}; run it as root", {user});
  }
  for (;;) {
    ALIH_TRY(const auto now, pipeline::user_of(env.data));
    if (now != user) break;
    if (monotonic_seconds() > until) {
      return fail(ErrorCode::timeout, "Proses {} belum berhenti", "Process {} has not ended yet",
                  {user});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  env.note("Sudah berhenti", "Stopped");
  return 0;
}

}  // namespace

void add_service(CLI::App& app, Command& chosen) {
  auto listen = std::make_shared<std::string>();
  auto* serve = app.add_subcommand(
      "serve", "Layanan: HTTP, halaman web, pengolah / the service: HTTP, web pages, workers");
  serve->footer("Contoh/example: alihmedia serve --listen 127.0.0.1:8080");
  serve->add_option("--listen", *listen, "Alamat dan port / address and port");
  serve->callback([&chosen, listen] {
    chosen = [listen](Environment& env) { return run_serve(env, *listen); };
  });

  auto* stop = app.add_subcommand("stop",
                                  "Menghentikan layanan atau pengolahan dalam 10 detik, tanpa ada "
                                  "yang hilang / end the service "
                                  "or the processing within 10 seconds, with nothing lost");
  stop->footer("Contoh/example: alihmedia stop");
  stop->callback([&chosen] { chosen = run_stop; });
}

}  // namespace alih::cli
