#include <algorithm>

#include "api/json_view.h"
#include "cli/verb.h"
#include "core/json.h"
#include "pipeline/accounts.h"
#include "pipeline/child.h"
#include "pipeline/papers.h"
#include "repository/separator_sheet.h"

namespace alih::cli {
namespace {

constexpr std::string_view kSeparator = "separator";

struct PrintOptions {
  std::string kind;
  std::vector<std::string> about;
  std::string to;
  bool draft = false;
  bool number = false;
};

Result<int> run_print(Environment& env, const PrintOptions& o) {
  repository::Exported done;
  if (o.kind == kSeparator) {
    ALIH_TRY(done, repository::write_separator_sheet(o.about.empty() ? "" : o.about.front(),
                                                     env.path(o.to)));
  } else {
    const auto to = env.path(o.to);
    // What is kept as an item is a change; tables and drafts are none.
    const bool kept = !o.draft && to.extension() != ".xlsx" && to.extension() != ".csv";
    ALIH_TRY(auto* holdings,
             env.holdings(kept ? pipeline::Holdings::Mode::write : pipeline::Holdings::Mode::read));
    // A paper is whole or not printed: whoever may not find an item gets none that could name it.
    if (!env.subject.owner) {
      for (const auto& item : holdings->database().items({})) {
        const bool asked = std::any_of(o.about.begin(), o.about.end(), [&](const auto& about) {
          const auto found = holdings->database().find_item(about);
          return found && found->id == item.id;
        });
        const bool of_items = std::any_of(o.about.begin(), o.about.end(), [&](const auto& about) {
          return parse_digitization_no(about).has_value();
        });
        if (env.finds(item) || (of_items && !asked)) continue;
        if (asked) return fail(access::no_such_item(o.about.front()));
        return fail(ErrorCode::forbidden,
                    "Surat ini dapat memuat bahan yang tertutup bagi Anda; minta kepala seksi atau "
                    "arsiparis mencetaknya",
                    "This paper may hold items that are closed to you; ask a section head or an "
                    "archivist to print it");
      }
    }
    if (o.number) {
      ALIH_TRY(holdings, env.holdings(pipeline::Holdings::Mode::write));
      ALIH_TRY(const auto number,
               pipeline::number_record(*holdings, o.kind, o.about, env.subject.agent,
                                       pipeline::duty_of(env.subject, access::Action::describe)));
      env.note("Nomor Berita Acara: {}", "Number of the Berita Acara: {}", {number});
    }
    ALIH_TRY(const auto paper,
             pipeline::print_paper(*holdings, o.kind, {o.about, o.draft}, to, env.subject.agent,
                                   pipeline::worker_program()));
    for (const auto& warning : paper.warnings) env.note(warning.id, warning.en);
    if (env.json) {
      env.print(api::printed_json(paper));
    } else {
      env.print(env.say("{}: siap dicetak, tanpa diperkecil",
                        "{}: ready to be printed, not scaled down", {to.string()}));
      if (paper.kept) {
        env.note("Disimpan sebagai {}", "Kept as {}", {paper.kept->digitization_no});
      }
    }
    return 0;
  }
  if (env.json) {
    env.print(nlohmann::ordered_json{
        {"path", done.path.string()}, {"bytes", done.bytes}, {"sha256", done.sha256}}
                  .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    env.print(env.say("{}: siap dicetak, tanpa diperkecil",
                      "{}: ready to be printed, not scaled down", {done.path.string()}));
  }
  return 0;
}

}  // namespace

void add_paper(CLI::App& app, Command& chosen) {
  auto* paper = app.add_subcommand("paper", "Surat dan lembar untuk dicetak / papers to print");
  paper->require_subcommand(1);
  auto o = std::make_shared<PrintOptions>();
  auto* print = paper->add_subcommand("print", "Membuat PDF untuk dicetak / make a PDF to print");
  std::vector<std::string> kinds{std::string(kSeparator)};
  std::string footer =
      "separator: lembar pemisah untuk --split / the separator sheet for --split\n";
  for (const auto& row : pipeline::all_paper_kinds()) {
    kinds.emplace_back(row.kind);
    footer += std::string(row.kind) + ": " + row.label.id + " / " + row.label.en +
              "; --for: " + row.about.id + " / " + row.about.en + "\n";
  }
  footer +=
      "Contoh/example: alihmedia paper print register --for 2026-11 --to register.pdf\n"
      "alihmedia paper print berita-acara --for ALM/2026/000001 --to ba.pdf\n"
      "alihmedia paper print separator --for X0022/2016 --to pemisah.pdf";
  print->footer(footer);
  print->add_option("KIND", o->kind, "Jenis surat / kind of paper")
      ->required()
      ->check(CLI::IsMember(kinds));
  print->add_option("--for", o->about, "Tentang apa: lihat di bawah / about what: see below");
  print
      ->add_option("--to", o->to,
                   "Berkas tujuan; .xlsx atau .csv menulis tabelnya saja / target file; .xlsx or "
                   ".csv writes its tables only")
      ->required();
  print->add_flag(
      "--number", o->number,
      "Beri bahan yang belum bernomor Berita Acara nomor berikutnya menurut "
      "office.record_number / give items without a number of a Berita Acara the next one");
  print->add_flag("--draft", o->draft,
                  "Register juga bila belum lengkap, sebagai konsep; tidak disimpan / the register "
                  "although incomplete, as a draft; not kept");
  print->callback([&chosen, o] { chosen = [o](Environment& env) { return run_print(env, *o); }; });
}

}  // namespace alih::cli
