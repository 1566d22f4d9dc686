#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <set>

#include <pwd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "api/client/client.h"
#include "cli/verb.h"
#include "core/clock.h"
#include "core/doubts.h"
#include "core/fields.h"
#include "core/json.h"
#include "core/version.h"
#include "pipeline/accounts.h"

namespace alih::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<AddVerb, 13> kVerbs{
    add_intake,  add_watch,  add_work,  add_search, add_items,   add_book, add_catalogue,
    add_keeping, add_backup, add_paper, add_people, add_service, add_setup};

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

// "item set", and how many words of it there are.
std::string verb_path(const CLI::App& app) {
  std::string out;
  for (const auto* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    out += (out.empty() ? "" : " ") + at->get_name();
  }
  return out;
}

std::string own_user() {
  const auto* entry = ::getpwuid(::getuid());
  return entry != nullptr ? entry->pw_name : "uid " + std::to_string(::getuid());
}

// Root, or whoever the data folder belongs to; anybody while there is none.
bool owns(const fs::path& data) {
  struct stat info {};
  return ::getuid() == 0 || ::stat(data.c_str(), &info) != 0 || info.st_uid == ::getuid();
}

// A line that is not shown while it is typed; of a pipe just its first line.
std::string read_secret(const Output& output, const std::string& prompt) {
  struct termios before {};
  const bool terminal = ::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    output.err(prompt);
    auto silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  while (line.ends_with('\r')) line.pop_back();
  return line;
}

// Who runs the verb. `as`: the owner may act as one of the accounts, with its rights alone.
Result<access::Subject> subject_of(const pipeline::People& people, const api::Caller& caller,
                                   const fs::path& data, const std::string& as) {
  const bool remote = !caller.os_user.empty();
  auto out = pipeline::subject_at_machine(people, remote ? caller.os_user : own_user(),
                                          remote || owns(data));
  if (as.empty()) return out;
  if (!out.owner) {
    return fail(ErrorCode::forbidden, "--as hanya untuk pemilik folder data",
                "--as is for the owner of the data folder only");
  }
  ALIH_TRY(const auto account, pipeline::find_account(people, as));
  if (!account.active()) {
    return fail(ErrorCode::forbidden, "Akun {} dinonaktifkan", "The account {} is disabled", {as});
  }
  return access::subject_of(account, access::all_scopes(), true);
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

Result<Item> Environment::item(const pipeline::Holdings& holdings, const std::string& number,
                               access::Action action) const {
  auto found = holdings.database().find_item(number);
  if (!found && found.error().code == ErrorCode::not_found)
    return fail(access::no_such_item(number));
  if (found) ALIH_CHECK(access::permit(subject, action, *found, number));
  return found;
}

const std::vector<VerbDuty>& verb_duties() {
  using enum access::Action;
  static const std::vector<VerbDuty> rows{
      {"scan", take_in},
      {"devices", std::nullopt},
      {"ingest", take_in},
      {"watch", take_in},
      {"process", run_queue},
      {"status", see_queue},
      {"retry", correct},
      {"pause", run_queue},
      {"resume", run_queue},
      {"search", std::nullopt},
      {"item list", std::nullopt},
      {"item show", std::nullopt},
      {"item pages", std::nullopt},
      {"item set", describe},
      {"item close", access::Action::close},
      {"item withdraw", withdraw},
      {"item personal", see_personal},
      {"item erase", erase_personal},
      {"page show", std::nullopt},
      {"page redo", correct},
      {"page correct", correct},
      {"page accept", correct},
      {"page reject", correct},
      {"page replace", correct},
      {"item approve", correct},
      {"item hold", describe},
      {"item resume", describe},
      {"item send-back", describe},
      {"item reject", describe},
      {"item return", describe},
      {"item start", take_in},
      {"item stop", take_in},
      {"handover new", take_in},
      {"handover list", take_in},
      {"handover show", take_in},
      {"handover return", take_in},
      {"handover reject", take_in},
      {"register new", take_in},
      {"register correct", describe},
      {"register close", print_papers},
      {"register closings", print_papers},
      {"register lines", export_records},
      {"performance", see_queue},
      {"register list", std::nullopt},
      {"register export", export_records},
      {"export", std::nullopt},
      {"import", import_catalogue},
      {"record show", see_catalogue},
      {"record list", see_catalogue},
      {"verify", verify},
      {"repair", keep},
      {"chain", keep},
      {"rebuild", keep},
      {"backup", keep},
      {"restore", keep},
      {"paper print", print_papers},
      {"serve", keep},
      {"stop", std::nullopt},  // the system asks who may end the process
      {"config show", std::nullopt},
      {"config check", std::nullopt},
      {"config default", std::nullopt},
      {"config document", std::nullopt},
      {"doctor", std::nullopt},
      {"user add", manage_people},
      {"user list", manage_people},
      {"user show", manage_people},
      {"user set", manage_people},
      {"user remove", manage_people},
      {"user invite", manage_people},
      {"user password", std::nullopt, true},  // one's own, or as an administrator
      {"token new", std::nullopt},
      {"token list", std::nullopt},
      {"token revoke", std::nullopt},
  };
  return rows;
}

std::vector<std::string> all_verbs() {
  CLI::App app;
  Command chosen;
  for (const auto add : kVerbs) add(app, chosen);
  std::vector<std::string> out;
  for (const auto* verb : app.get_subcommands({})) {
    const auto inner = verb->get_subcommands({});
    if (inner.empty()) out.push_back(verb->get_name());
    for (const auto* one : inner) out.push_back(verb->get_name() + " " + one->get_name());
  }
  return out;
}

void Environment::note(std::string_view id, std::string_view en,
                       std::initializer_list<Arg> args) const {
  if (!quiet) output.err(say(id, en, args));
}

void note_doubts(const Environment& env, const Item& item) {
  std::string all;
  for (const auto& d : doubts_of(item)) {
    all += (all.empty() ? "" : "; ") + find_field(d.field)->label.in(env.language) + " " +
           d.text.in(env.language);
  }
  if (!all.empty()) {
    env.note("Perhatian, {}: {}", "Look again at {}: {}", {item.digitization_no, all});
  }
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
        const InService& service, const api::Caller& caller) {
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
  std::string as;
  app.add_option("--as", as,
                 "Bertindak sebagai akun ini, dengan perannya saja (pemilik folder data) / act as "
                 "this account, with its roles alone (owner of the data folder)");
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
  if (!as.empty()) env.globals.insert(env.globals.end(), {"--as", as});
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
  const auto path = verb_path(app);
  const auto duty = std::find_if(verb_duties().begin(), verb_duties().end(),
                                 [&](const VerbDuty& d) { return d.verb == path; });
  env.input = caller.input;
  if (service.holdings == nullptr && duty != verb_duties().end() && duty->takes_input) {
    env.input = read_secret(env.output, env.say("Kata sandi baru:", "New password:"));
  }
  if (service.holdings == nullptr && goes_to_service(verb) && !drill) {
    if (const auto running = api::read_service_file(env.data)) {
      const auto code = api::run_in_service(*running, verb, words, cwd.string(), own_user(),
                                            env.input, env.output.out, env.output.err);
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
  const auto allowed = [&]() -> Status {
    pipeline::People from_files;
    if (service.holdings == nullptr) from_files.load(env.data);
    const auto& people = service.holdings != nullptr ? service.holdings->people() : from_files;
    ALIH_TRY(env.subject, subject_of(people, caller, env.data, as));
    if (env.subject.owner) return {};
    if (duty == verb_duties().end()) {
      return fail(ErrorCode::forbidden, "Perintah ini hanya untuk pemilik folder data",
                  "This verb is for the owner of the data folder only");
    }
    return duty->needs ? access::permit(env.subject, *duty->needs) : Status();
  }();
  if (!allowed) {
    print_error(env.output, env.json, env.language, allowed.error());
    return exit_code(allowed.error().code);
  }
  const auto result = chosen(env);
  if (result) return *result;
  print_error(env.output, env.json, env.language, result.error());
  return exit_code(result.error().code);
}

}  // namespace alih::cli
