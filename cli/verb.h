#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "access/policy.h"
#include "api/service.h"
#include "config/config.h"
#include "core/message.h"
#include "core/result.h"
#include "pipeline/holdings.h"
#include "pipeline/processor.h"

namespace alih::cli {

// Where a verb's words go: one's own terminal, or a caller of the service. Any thread.
struct Output {
  std::function<void(std::string_view)> out;  // a line of standard output
  std::function<void(std::string_view)> err;  // a line of standard error
  bool terminal = false;                      // of standard error: progress is shown
};

// The service that a verb runs in, when it does.
struct InService {
  pipeline::Holdings* holdings = nullptr;
  pipeline::Processor* processor = nullptr;
  // Calls with every page that is done until the result is dropped.
  std::function<std::shared_ptr<void>(std::function<void(const pipeline::PageDone&)>)> subscribe;
  std::stop_token stop;  // the service ends: long verbs give up
};

// What every verb works with.
struct Environment {
  std::filesystem::path data;
  std::filesystem::path cwd;         // of the caller: relative paths start here
  std::vector<std::string> globals;  // --data and --config, to run another verb likewise
  config::Loaded config;
  Output output;
  bool json = false;
  bool quiet = false;
  Language language = Language::indonesian;
  InService service;
  access::Subject subject;           // who runs the verb
  std::optional<std::string> input;  // what was typed or piped in for it, such as a password

  // The data folder opened for this verb, or the service's.
  [[nodiscard]] Result<pipeline::Holdings*> holdings(pipeline::Holdings::Mode mode);
  void close() { own_.reset(); }
  // The item, if the person may do this with it. Errors: not_found, the same words whether it is
  // hidden or not there; forbidden.
  [[nodiscard]] Result<Item> item(const pipeline::Holdings& holdings, const std::string& number,
                                  access::Action action) const;
  // Whether lists, counts and sums may tell of it.
  [[nodiscard]] bool finds(const Item& item) const {
    return subject.owner || access::may(subject, access::Action::find, item);
  }

  [[nodiscard]] Audience audience() const {
    return subject.owner ? Audience() : access::audience_of(subject, config.settings.access);
  }

  void print(std::string_view line) const { output.out(line); }
  // A sentence for the person, on standard error.
  void note(std::string_view id, std::string_view en, std::initializer_list<Arg> args = {}) const;
  [[nodiscard]] std::string say(std::string_view id, std::string_view en,
                                std::initializer_list<Arg> args = {}) const {
    return message(id, en, args).in(language);
  }
  // Shows how far it is on a terminal, on anything longer than a second.
  [[nodiscard]] pipeline::Progress progress(std::string_view what_id,
                                            std::string_view what_en) const;
  [[nodiscard]] std::filesystem::path path(const std::string& given) const {
    return std::filesystem::path(given).is_absolute() ? std::filesystem::path(given) : cwd / given;
  }

 private:
  std::unique_ptr<pipeline::Holdings> own_;
};

// Other settings for reading pages again. Errors: usage, model_missing.
[[nodiscard]] Result<pipeline::Holdings::Again> again_of(const pipeline::Holdings& holdings,
                                                         const std::string& language,
                                                         const std::string& profile);

// The command that was chosen; gives the exit code.
using Command = std::function<Result<int>(Environment&)>;

// One row a verb in main.cpp: adds its words to the program and sets `chosen` when it is called.
using AddVerb = void (*)(CLI::App& app, Command& chosen);

void add_intake(CLI::App& app, Command& chosen);     // scan, devices, ingest
void add_work(CLI::App& app, Command& chosen);       // process, status, retry, pause, resume
void add_watch(CLI::App& app, Command& chosen);      // watch
void add_catalogue(CLI::App& app, Command& chosen);  // import, record
void add_search(CLI::App& app, Command& chosen);     // search
void add_items(CLI::App& app, Command& chosen);      // item, page, register
void add_book(CLI::App& app, Command& chosen);     // handover, performance, more of register, item
void add_keeping(CLI::App& app, Command& chosen);  // export, verify, rebuild
void add_backup(CLI::App& app, Command& chosen);   // backup, restore
void add_paper(CLI::App& app, Command& chosen);    // paper
void add_people(CLI::App& app, Command& chosen);   // user, token
void add_service(CLI::App& app, Command& chosen);  // serve, stop
void add_setup(CLI::App& app, Command& chosen);    // config, doctor

// What a person must be allowed to do for a verb ("item set"), as far as that does not depend on
// the item. A verb without a row is the owner's alone.
struct VerbDuty {
  std::string_view verb;
  std::optional<access::Action> needs;  // none: it asks for each item, or everybody may
  bool takes_input = false;             // a line of standard input, or of the terminal unseen
};
[[nodiscard]] const std::vector<VerbDuty>& verb_duties();

// Parses and runs one command; prints errors in the caller's language. Gives the exit code.
// `caller`: whoever sent the verb to the service; without a name, the user of this process.
[[nodiscard]] int run(const std::vector<std::string>& words, const std::filesystem::path& cwd,
                      Output output, const InService& service, const api::Caller& caller = {});

// Tells the person what to look at again of what was just entered.
void note_doubts(const Environment& env, const Item& item);

// Every verb of the program with its words, for the test that none is without a duty.
[[nodiscard]] std::vector<std::string> all_verbs();

}  // namespace alih::cli
