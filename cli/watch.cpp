#include "cli/watch.h"

#include "cli/interrupt.h"
#include "core/json.h"
#include "pipeline/hot_folder.h"

namespace alih::cli {
namespace {

using json = nlohmann::ordered_json;
using pipeline::HotTaken;

// The path as JSON has it, where bytes that are no UTF-8 are replaced.
std::string shown(const std::string& text) {
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace))
      .get<std::string>();
}

void add_rejected(HotTaken& taken, const json& rows) {
  for (const auto& row : rows) {
    const auto reason = row.at("reason").get<std::string>();
    const auto reason_id = row.value("reason_id", reason);
    taken.rejected.push_back({row.at("path").get<std::string>(),
                              {reason_id, reason},
                              code_from_name(row.at("code").get<std::string>()),
                              row.value("frame", 0)});
  }
}

// One `ingest` of the entry, done here or by the service.
Result<HotTaken> ingest_entry(const Environment& env, const InService& service,
                              const IntakeOptions& o, const std::filesystem::path& entry) {
  std::vector<std::string> words = env.globals;
  words.insert(words.end(), {"--json", "--quiet", "ingest", "--not-again"});
  const auto option = [&](const char* name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  option("--profile", o.profile);
  option("--series", o.series);
  option("--language", o.language);
  option("--to", o.to);
  if (o.split_pages) words.emplace_back(*o.split_pages ? "--split-pages" : "--no-split-pages");
  if (o.stack.split) words.emplace_back("--split");
  if (o.stack.keep_separators) words.emplace_back("--keep-separators");
  if (o.stack.duplex) words.emplace_back("--duplex");
  if (o.to.empty()) {
    option("--title", !o.title.empty() ? o.title : shown(entry.stem().string()));
  }
  for (const auto& field : o.fields) option("--field", field);
  words.insert(words.end(), {"--", entry.string()});
  std::string printed;
  std::string complaint;
  const int code = run(words, env.cwd,
                       {[&](std::string_view line) { printed += line; },
                        [&](std::string_view line) { complaint += line; }, false},
                       service);
  const auto j = json::parse(printed, nullptr, false);
  if (j.is_discarded()) {
    return fail(ErrorCode::stopped, "Penerimaan terputus: {}", "Taking in was cut off: {}",
                {complaint});
  }
  if (const auto error = j.find("error"); error != j.end()) {
    const auto text = error->at("message").get<std::string>();
    return fail(
        Error{code_from_name(error->at("code").get<std::string>()), message("{}", "{}", {text})});
  }
  HotTaken taken;
  add_rejected(taken, j.at("rejected"));
  taken.separators = static_cast<int>(j.at("separators").size());
  for (const auto& item : j.at("items")) {
    auto number = item.at("digitization_no").get<std::string>();
    if (taken.digitization_no.empty()) {
      taken.digitization_no = std::move(number);
      taken.item_id = item.at("item_id").get<std::string>();
    } else {
      taken.more_items.push_back(std::move(number));
    }
    taken.pages += item.at("pages").get<int>();
    add_rejected(taken, item.at("rejected"));
  }
  if (code == 0) {
    taken.outcome = HotTaken::Outcome::taken;
  } else if (code == exit_code(ErrorCode::duplicate)) {
    taken.outcome = HotTaken::Outcome::duplicate;
  } else {
    taken.outcome = taken.pages > 0 ? HotTaken::Outcome::partly : HotTaken::Outcome::refused;
  }
  if (taken.pages == 0 && taken.rejected.empty() && taken.separators > 0) {
    taken.rejected.push_back(
        {entry.string(), pipeline::only_separators(), ErrorCode::unreadable, 0});
  }
  // Names that JSON cannot hold: the files are looked for by what JSON makes of their names.
  std::error_code error;
  if (std::filesystem::is_directory(entry, error)) {
    for (std::filesystem::recursive_directory_iterator it(entry, error), end; !error && it != end;
         it.increment(error)) {
      const auto name = it->path().string();
      const auto as_shown = shown(name);
      if (as_shown == name) continue;
      for (auto& r : taken.rejected) {
        if (r.path == as_shown) r.path = name;
      }
    }
  }
  return taken;
}

void tell(const Environment& env, const std::filesystem::path& entry, const HotTaken& taken) {
  const auto reason = taken.rejected.empty() ? Message() : taken.rejected.front().reason;
  if (env.json) {
    json rows = json::array();
    for (const auto& r : taken.rejected) {
      rows.push_back({{"path", r.path}, {"reason", r.reason.en}});
    }
    env.print(json{
        {"path", entry.string()},
        {"outcome", std::string(word(taken.outcome))},
        {"digitization_no", taken.digitization_no},
        {"item_id", taken.item_id},
        {"pages", taken.pages},
        {"more_items", taken.more_items},
        {"separators", taken.separators},
        {"rejected",
         rows}}.dump(-1, ' ', false, json::error_handler_t::replace));
    return;
  }
  const auto name = shown(entry.filename().string());
  auto number = taken.digitization_no;
  if (!taken.more_items.empty()) number += "–" + taken.more_items.back();
  switch (taken.outcome) {
    case HotTaken::Outcome::taken:
      return env.print(
          env.say("{}: {}, {} halaman", "{}: {}, {} pages", {name, number, taken.pages}));
    case HotTaken::Outcome::partly:
      return env.print(
          env.say("{}: {}, {} halaman; {} ditolak, di antaranya: {}",
                  "{}: {}, {} pages; {} refused, among them: {}",
                  {name, number, taken.pages, taken.rejected.size(), reason.in(env.language)}));
    case HotTaken::Outcome::duplicate:
      return env.print(
          env.say("{}: sudah ada, {}", "{}: is here already, {}", {name, reason.in(env.language)}));
    case HotTaken::Outcome::refused:
      return env.print(
          env.say("{}: ditolak: {}", "{}: refused: {}", {name, reason.in(env.language)}));
  }
}

struct WatchOptions : IntakeOptions {
  std::string folder;
  bool once = false;
};

}  // namespace

Result<int> watch_folder(const Environment& env, const InService& service,
                         const std::filesystem::path& folder, const IntakeOptions& options,
                         bool once, const std::stop_token& stop) {
  ALIH_TRY(const auto request, request_of(options));
  ALIH_CHECK(pipeline::check_request(env.config.settings.everything(), request));
  ALIH_TRY(auto hot,
           pipeline::HotFolder::open(folder, env.config.settings.pipeline.watch_settle_s));
  const pipeline::HotCalls calls{
      [&](const std::filesystem::path& entry) {
        return ingest_entry(env, service, options, entry);
      },
      [&](const std::filesystem::path& entry, const HotTaken& taken) { tell(env, entry, taken); },
      [&](const Message& trouble) { env.note(trouble.id, trouble.en); }};
  ALIH_TRY(const int refused, pipeline::watch(hot, calls, once, stop));
  constexpr int kPartly = 8;
  return once && refused > 0 ? kPartly : 0;
}

void add_watch(CLI::App& app, Command& chosen) {
  auto o = std::make_shared<WatchOptions>();
  auto* watch = app.add_subcommand(
      "watch", "Menerima apa yang diletakkan di sebuah folder / take in what is put into a folder");
  watch->footer(
      "Setiap berkas menjadi satu bahan, setiap subfolder satu bahan berhalaman banyak; lalu "
      "pindah ke selesai/ atau, dengan alasannya, ke ditolak/.\nEach file becomes an item, each "
      "subfolder one item of many pages; then it moves to selesai/ or, with its reason, to "
      "ditolak/.\nContoh/example: alihmedia watch /srv/pindaian --profile arsip");
  watch->add_option("DIR", o->folder, "Folder")->required();
  watch->add_flag("--once", o->once,
                  "Berhenti bila semuanya sudah diterima / end when all is taken in");
  add_intake_options(watch, *o);
  watch->callback([&chosen, o] {
    chosen = [o](Environment& env) -> Result<int> {
      Interrupt interrupt;
      return watch_folder(env, {}, env.path(o->folder), *o, o->once, interrupt.token());
    };
  });
}

}  // namespace alih::cli
