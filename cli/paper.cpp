#include <nlohmann/json.hpp>

#include "cli/verb.h"
#include "repository/separator_sheet.h"

namespace alih::cli {
namespace {

struct PrintOptions {
  std::string kind;
  std::string number;
  std::string to;
};

Result<int> run_print(Environment& env, const PrintOptions& o) {
  ALIH_TRY(const auto done, repository::write_separator_sheet(o.number, env.path(o.to)));
  if (env.json) {
    env.print(nlohmann::ordered_json{
        {"path", done.path.string()}, {"bytes", done.bytes}, {"sha256", done.sha256}}
                  .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    env.print(env.say("{}: siap dicetak pada A4, tanpa diperkecil",
                      "{}: ready to be printed on A4, not scaled down", {done.path.string()}));
  }
  return 0;
}

}  // namespace

void add_paper(CLI::App& app, Command& chosen) {
  auto* paper = app.add_subcommand("paper", "Kertas untuk dicetak / paper to print");
  paper->require_subcommand(1);
  auto o = std::make_shared<PrintOptions>();
  auto* print = paper->add_subcommand("print", "Membuat PDF untuk dicetak / make a PDF to print");
  print->footer(
      "separator: lembar pemisah untuk --split / the separator sheet for --split\n"
      "Contoh/example: alihmedia paper print separator --to pemisah.pdf\n"
      "alihmedia paper print separator --for X0022/2016 --to pemisah.pdf");
  print->add_option("KIND", o->kind, "separator")
      ->required()
      ->check(CLI::IsMember({std::string("separator")}));
  print->add_option("--for", o->number,
                    "No. barcode dokumen di belakangnya / barcode of the document behind it");
  print->add_option("--to", o->to, "Berkas tujuan / target file")->required();
  print->callback([&chosen, o] { chosen = [o](Environment& env) { return run_print(env, *o); }; });
}

}  // namespace alih::cli
