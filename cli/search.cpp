#include <array>
#include <string_view>
#include <utility>

#include "api/json_view.h"
#include "cli/verb.h"
#include "core/json.h"
#include "indexer/query.h"
#include "pipeline/accounts.h"

namespace alih::cli {
namespace {

struct SearchOptions {
  indexer::SearchRequest request;
  std::string series;
  std::string year;
  std::string type;
  std::string language;
  std::string item;
  std::string group;
  std::string spelling = "both";
  bool count_only = false;
};

// A snippet as it is read on a terminal: hits in «guillemets», nothing escaped.
std::string plain(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kPlain{{
      {"<mark>", "«"},
      {"</mark>", "»"},
      {"&lt;", "<"},
      {"&gt;", ">"},
      {"&quot;", "\""},
      {"&#39;", "'"},
      {"&amp;", "&"},
  }};
  for (const auto& [from, to] : kPlain) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

Result<int> run_search(Environment& env, SearchOptions o) {
  auto& r = o.request;
  if (!o.series.empty()) r.series = o.series;
  if (!o.type.empty()) r.material_type = o.type;
  if (!o.language.empty()) r.language = o.language;
  r.by_item = o.group == "item";
  if (!o.year.empty()) ALIH_CHECK(indexer::parse_years(o.year, r.year_from, r.year_to));
  r.spelling = o.spelling == "old"      ? indexer::SpellingChoice::old_only
               : o.spelling == "modern" ? indexer::SpellingChoice::modern
                                        : indexer::SpellingChoice::both;
  if (o.count_only) r.limit = 0;
  r.audience = env.audience();
  ALIH_TRY(auto* holdings, env.holdings(pipeline::Holdings::Mode::read));
  if (!o.item.empty()) {
    ALIH_TRY(const auto item, env.item(*holdings, o.item, access::Action::find));
    r.item = item.id;
  }
  ALIH_TRY(auto found, holdings->database().search(r));
  pipeline::hide_unseen(found, env.subject);
  if (env.json) {
    if (o.count_only) {
      env.print(nlohmann::ordered_json{{"query", r.query}, {"total", found.total}}.dump(
          -1, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
      env.print(api::search_json(r, found));
    }
    return 0;
  }
  if (o.count_only) {
    env.print(std::to_string(found.total));
    return 0;
  }
  env.print(r.by_item ? env.say("{} bahan", "{} items", {found.total})
                      : env.say("{} hasil", "{} results", {found.total}));
  for (const auto& note : found.notes) env.print(env.say(note.id, note.en));
  for (const auto& other : found.suggestions) {
    env.print(env.say("Maksud Anda: {}", "Did you mean: {}", {other}));
  }
  for (const auto& hit : found.hits) {
    const auto title = hit.item.field("title");
    env.print("");
    env.print((hit.item.digitization_no.empty() ? env.say("[katalog]", "[catalogue]")
                                                : hit.item.digitization_no) +
              "  " + title +
              (hit.page ? env.say("  halaman {}", "  page {}", {hit.page->label}) : "") +
              (hit.in_item > 1 ? env.say("  (+{} lagi)", "  (+{} more)", {hit.in_item - 1}) : ""));
    env.print("  " + plain(hit.snippet));
  }
  return 0;
}

}  // namespace

void add_search(CLI::App& app, Command& chosen) {
  auto o = std::make_shared<SearchOptions>();
  auto* search =
      app.add_subcommand("search", "Mencari di semua halaman dan data / search pages and records");
  search->footer("Contoh/example: alihmedia search 'guru \"sekolah rakyat\" year:1930..1942'");
  search->add_option("QUERY", o->request.query, "Kata yang dicari / words to look for")->required();
  search->add_option("--limit", o->request.limit, "Paling banyak / at most")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  search->add_option("--offset", o->request.offset, "Lewati / skip")->check(CLI::Range(0, 10000));
  search->add_option("--series", o->series, "Seri / series");
  search->add_option("--year", o->year, "Tahun / years: 1936..1942");
  search->add_option("--type", o->type, "Jenis bahan / material type");
  search->add_option("--language", o->language, "Bahasa / language: id, nl");
  search->add_option("--item", o->item, "Di dalam satu bahan / within one item: ALM/2026/000001");
  search->add_option("--group", o->group, "Satu hasil tiap bahan / one result an item")
      ->check(CLI::IsMember({"item"}));
  search->add_flag("--exact", o->request.exact,
                   "Persis seperti ditulis / as it is written, no other spellings and forms");
  search->add_option("--spelling", o->spelling, "Ejaan / spelling")
      ->check(CLI::IsMember({"old", "modern", "both"}));
  search->add_flag("--count-only", o->count_only, "Jumlahnya saja / the number only");
  search->callback(
      [&chosen, o] { chosen = [o](Environment& env) { return run_search(env, *o); }; });
}

}  // namespace alih::cli
