#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include <nlohmann/json.hpp>

#include "api/client/client.h"
#include "cli/verb.h"
#include "core/clock.h"
#include "core/version.h"

namespace alih::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<AddVerb, 12> kVerbs{add_intake, add_watch, add_work,      add_search,
                                         add_items,  add_book,  add_catalogue, add_keeping,
                                         add_backup, add_paper, add_service,   add_setup};

std::string environment_value(const char* name) {
  const char* value = std::getenv(name);  // NOLINT: before threads
  return value == nullptr ? std::string() : std::string(value);
}

void print_error(const Output& output, bool json, Language language, const Error& error) {
  output.err("alihmedia: " + error.message.in(language));
  if (json) {
    const nlohmann::ordered_json j{
        {"error",
         {{"code", std::string(code_name(error.code))}, {"message", error.message.in(language)}}}};
    output.out(j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
}

// Verbs that a running service does; the rest looks at files or at the machine, or runs other
// verbs.
bool goes_to_service(const std::string& verb) {
  static const std::set<std::string> own{"serve",  "stop",    "watch",   "config",
                                         "doctor", "rebuild", "restore", "devices"};
  return !own.contains(verb);
}

}  // namespace

Result<pipeline::Holdings*> Environment::holdings(pipeline::Holdings::Mode mode) {
  if (service.holdings != nullptr) return service.holdings;
  if (!own_) {
    ALIH_TRY(own_, pipeline::Holdings::open(data, config.settings.everything(), mode));
  }
  return own_.get();
}

void Environment::note(std::string_view id, std::string_view en,
                       std::initializer_list<Arg> args) const {
  if (!quiet) output.err(say(id, en, args));
}

pipeline::Progress Environment::progress(std::string_view id, std::string_view en) const {
  if (!output.terminal || quiet) return [](std::uint64_t, std::uint64_t) {};
  const double start = monotonic_seconds();
  auto last = std::make_shared<double>(start);
  return [this, start, last, what = say(id, en)](std::uint64_t done, std::uint64_t total) {
    const double now = monotonic_seconds();
    const bool end = done == total && now - start > 1;
    if (!end && (now - start < 1 || now - *last < 0.5)) return;
    *last = now;
    output.err(what + ": " + std::to_string(done) + "/" + std::to_string(total));
  };
}

int run(const std::vector<std::string>& words, const fs::path& cwd, Output output,
        const InService& service) {
  Environment env;
  env.cwd = cwd;
  env.output = std::move(output);
  env.service = service;

  CLI::App app{
      "alihmedia: dari kertas ke koleksi digital yang dapat dicari / from paper to searchable "
      "holdings",
      "alihmedia"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(kVersion));
  app.set_help_all_flag("--help-all", "Bantuan semua perintah / help of every verb");
  std::string data = environment_value("ALIHMEDIA_DATA");
  if (data.empty()) data = "data";
  std::string file;
  app.add_option("--data", data,
                 "Folder data / data folder (bawaan/default $ALIHMEDIA_DATA, ./data)");
  app.add_option("--config", file, "Berkas pengaturan / settings file");
  app.add_flag("--json", env.json, "Keluaran JSON / JSON output");
  app.add_flag("--quiet", env.quiet, "Tanpa pesan / no messages");
  app.fallthrough();
  Command chosen;
  for (const auto add : kVerbs) add(app, chosen);

  const auto wanted = environment_value("ALIHMEDIA_API_LANGUAGE");
  env.language = wanted == "en" ? Language::english : Language::indonesian;
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    env.output.out(at->help());
    return 0;
  } catch (const CLI::CallForAllHelp&) {
    env.output.out(app.help("", CLI::AppFormatMode::All));
    return 0;
  } catch (const CLI::CallForVersion&) {
    env.output.out("alihmedia " + std::string(kVersion));
    return 0;
  } catch (const CLI::ParseError& e) {
    print_error(env.output, env.json, env.language,
                {ErrorCode::usage,
                 message("{}. Lihat alihmedia --help", "{}. See alihmedia --help", {e.what()})});
    return exit_code(ErrorCode::usage);
  }
  env.data = env.path(data);
  env.globals = {"--data", env.data.string()};
  if (!file.empty()) env.globals.insert(env.globals.end(), {"--config", env.path(file).string()});
  std::error_code error;
  std::optional<fs::path> settings_file;
  if (!file.empty())
    settings_file = env.path(file);
  else if (fs::exists(env.data / "alihmedia.toml", error))
    settings_file = env.data / "alihmedia.toml";
  else if (fs::exists("/etc/alihmedia.toml", error))
    settings_file = "/etc/alihmedia.toml";
  auto loaded = config::load(settings_file, config::process_environment());
  if (!loaded) {
    print_error(env.output, env.json, env.language, loaded.error());
    return exit_code(loaded.error().code);
  }
  env.config = std::move(*loaded);
  env.language =
      env.config.settings.api.language == "en" ? Language::english : Language::indonesian;

  // The person never has to know whether a service runs.
  const auto verb = app.get_subcommands().front()->get_name();
  // A drill works on the backup alone.
  const bool drill =
      verb == "backup" && std::find(words.begin(), words.end(), "--drill") != words.end();
  if (service.holdings == nullptr && goes_to_service(verb) && !drill) {
    if (const auto running = api::read_service_file(env.data)) {
      const auto code =
          api::run_in_service(*running, verb, words, cwd.string(), env.output.out, env.output.err);
      if (code) return *code;
      if (code.error().code != ErrorCode::unavailable ||
          fs::exists("/proc/" + std::to_string(running->pid), error)) {
        print_error(env.output, env.json, env.language, code.error());
        return exit_code(code.error().code);
      }
      // It was killed and left its file: go on without it.
    }
  }
  if (verb == "rebuild" || verb == "restore") {
    const auto running = api::read_service_file(env.data);
    if (running && fs::exists("/proc/" + std::to_string(running->pid), error)) {
      print_error(env.output, env.json, env.language,
                  {ErrorCode::wrong_state,
                   message("Layanan sedang berjalan; hentikan dulu, lalu jalankan {}",
                           "The service is running; stop it first, then run {}", {verb})});
      return exit_code(ErrorCode::wrong_state);
    }
  }
  const auto result = chosen(env);
  if (result) return *result;
  print_error(env.output, env.json, env.language, result.error());
  return exit_code(result.error().code);
}

}  // namespace alih::cli
