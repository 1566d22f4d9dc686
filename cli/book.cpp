// Batches of material, registration before scanning, the Buku Inventaris as a book, times.
#include "api/json_view.h"
#include "cli/verb.h"
#include "core/json.h"
#include "pipeline/accounts.h"
#include "pipeline/child.h"
#include "pipeline/control.h"
#include "pipeline/handover.h"
#include "pipeline/papers.h"
#include "pipeline/performance.h"

namespace alih::cli {
namespace {

using Mode = pipeline::Holdings::Mode;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Result<Pairs> pairs_of(const std::vector<std::string>& given) {
  Pairs out;
  for (const auto& text : given) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorCode::usage, "Tulis kolom sebagai nama=nilai, bukan \"{}\"",
                  "Write a field as name=value, not \"{}\"", {text});
    }
    out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

// ---- handover

struct HandoverOptions {
  std::string number;
  Handover head;
  std::string list;
  std::string from = "inlislite";
  bool skip_bad = false;
  std::vector<std::string> things;
  std::vector<int> entries;
  std::string to;
  std::string reason;
  int limit = 50;
  int offset = 0;
};

void tell(Environment& env, const pipeline::Holdings& holdings, const Handover& h) {
  if (env.json) {
    env.print(api::handover_json(holdings, h, env.subject));
    return;
  }
  env.print(h.batch_no + "\t" + h.received_on + "\t" + h.source_unit + "\t" + h.sender + " -> " +
            h.receiver);
  for (const auto& e : h.entries) {
    auto item = holdings.database().item_of_entry(h.batch_no, e.number);
    if (item && !env.finds(*item)) continue;
    const auto state = item_state_from(e.state);
    env.print("  " + std::to_string(e.number) + "\t" + e.field("accession_no") + "\t" +
              e.field("title") + "\t" +
              (e.state == "received" && item
                   ? item->digitization_no + " " + label(item->state).in(env.language)
               : state ? label(*state).in(env.language)
                       : e.state));
  }
}

// "title=Hikayat;barcode=0001": one thing of the batch.
Result<HandoverEntry> thing_of(std::string_view text) {
  HandoverEntry out;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const auto equals = text.substr(0, end).find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return fail(ErrorCode::usage, "Tulis bahan sebagai kolom=nilai;kolom=nilai",
                  "Write a thing as field=value;field=value");
    }
    out.fields[std::string(text.substr(0, equals))].emplace_back(
        text.substr(equals + 1, end - equals - 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Result<int> run_receive(Environment& env, const HandoverOptions& o) {
  pipeline::ReceiveRequest request;
  request.head = o.head;
  request.from = o.from;
  request.skip_bad = o.skip_bad;
  if (!o.list.empty()) request.list = env.path(o.list);
  for (const auto& text : o.things) {
    ALIH_TRY(auto entry, thing_of(text));
    request.head.entries.push_back(std::move(entry));
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto report,
           pipeline::receive(*holdings, request, env.subject.agent, pipeline::worker_program()));
  for (const auto& r : report.rejected) {
    env.note("Baris {}: {}", "Row {}: {}", {r.row, r.reason.in(env.language)});
  }
  if (env.json) {
    env.print(api::receive_json(*holdings, report, env.subject));
  } else if (report.batch) {
    tell(env, *holdings, *report.batch);
  }
  if (report.rejected.empty()) return 0;
  if (report.batch) return 8;
  env.note(
      "Tidak ada yang diterima. Perbaiki baris di atas, atau pakai --skip-bad untuk menerima yang "
      "lain",
      "Nothing was received. Mend the rows above, or use --skip-bad to receive the others");
  return exit_code(ErrorCode::bad_field);
}

Result<int> run_handovers(Environment& env, const HandoverOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  auto all = holdings->handovers();
  const auto total = all.size();
  const auto from = std::min(total, static_cast<std::size_t>(o.offset));
  const auto to = o.limit == 0 ? total : std::min(total, from + static_cast<std::size_t>(o.limit));
  const std::vector<Handover> shown(all.begin() + static_cast<std::ptrdiff_t>(from),
                                    all.begin() + static_cast<std::ptrdiff_t>(to));
  if (env.json) {
    env.print(api::handovers_json(*holdings, shown, total, env.subject));
    return 0;
  }
  for (const auto& h : shown) {
    env.print(h.batch_no + "\t" + h.received_on + "\t" + h.source_unit + "\t" +
              std::to_string(h.entries.size()) + " " + env.say("bahan", "things"));
  }
  return 0;
}

Result<int> run_one_handover(Environment& env, const HandoverOptions& o, std::string_view what) {
  const bool changes = what != "show";
  ALIH_TRY(auto* holdings, env.holdings(changes ? Mode::write : Mode::read));
  const auto by = env.subject.agent;
  if (what == "return") {
    ALIH_TRY(const auto h,
             holdings->give_back(o.number, o.entries, o.to, o.reason, by,
                                 pipeline::duty_of(env.subject, access::Action::describe)));
    tell(env, *holdings, h);
  } else if (what == "reject") {
    ALIH_TRY(const auto h, holdings->reject_entry(o.number, o.entries.front(), o.reason, by));
    tell(env, *holdings, h);
  } else {
    ALIH_TRY(const auto h, holdings->handover(o.number));
    tell(env, *holdings, h);
  }
  return 0;
}

// ---- register

struct NewOptions {
  pipeline::RegisterRequest request;
  std::vector<std::string> fields;
  std::string title;
  std::string barcode;
  std::string accession_no;
};

void tell(Environment& env, const pipeline::Holdings& holdings, const Item& item) {
  if (env.json) {
    env.print(api::item_json(holdings, item));
  } else {
    env.print(item.digitization_no + "\t" + item.field("title") + "\t" +
              label(item.state).in(env.language));
  }
}

Result<int> run_new(Environment& env, NewOptions o) {
  ALIH_TRY(o.request.fields, pairs_of(o.fields));
  for (const auto& [name, value] : {std::pair{"title", o.title}, std::pair{"barcode", o.barcode},
                                    std::pair{"accession_no", o.accession_no}}) {
    if (!value.empty()) o.request.fields.emplace_back(name, value);
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_CHECK(pipeline::permit_new_fields(env.subject, o.request.fields));
  ALIH_TRY(const auto item, pipeline::register_item(*holdings, o.request, env.subject.agent));
  note_doubts(env, item);
  tell(env, *holdings, item);
  return 0;
}

struct BookOptions {
  std::string number;
  std::vector<std::string> fields;
  std::string reason;
  std::string period;
  int step = 0;
  int page = 0;
  std::string path;
};

Result<int> run_correct_line(Environment& env, const BookOptions& o) {
  ALIH_TRY(const auto fields, pairs_of(o.fields));
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, access::Action::describe));
  ALIH_CHECK(pipeline::permit_fields(env.subject, item, fields, o.number));
  ALIH_TRY(const auto changed,
           holdings->correct_line(item.id, fields, o.reason, env.subject.agent));
  tell(env, *holdings, changed);
  return 0;
}

Result<int> run_close_register(Environment& env, const BookOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_CHECK(pipeline::permit_all_items(*holdings, env.subject));
  ALIH_TRY(const auto done, pipeline::close_register(*holdings, o.period, env.subject.agent,
                                                     pipeline::worker_program()));
  if (env.json) {
    env.print(api::closing_json(done));
  } else {
    env.print(env.say("Buku Inventaris {} ditutup: {} baris, sidik jari {}",
                      "The register of {} is closed: {} lines, digest {}",
                      {done.closing.period, done.closing.lines, done.closing.lines_sha256}));
  }
  return 0;
}

Result<int> run_closings(Environment& env) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  ALIH_CHECK(pipeline::permit_all_items(*holdings, env.subject));
  const auto all = holdings->closings();
  if (env.json) {
    env.print(api::closings_json(all));
    return 0;
  }
  for (const auto& c : all) {
    env.print(c.period + "\t" + c.closed_on + "\t" + c.by + "\t" + std::to_string(c.lines));
  }
  return 0;
}

Result<int> run_lines(Environment& env, const BookOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  ALIH_TRY(auto lines, holdings->book_lines(o.period));
  std::erase_if(lines, [&](const auto& l) { return !env.finds(l.item); });
  if (env.json) {
    env.print(api::book_json(*holdings, o.period, lines));
    return 0;
  }
  for (const auto& l : lines) {
    const auto title = l.line.values.find("title");
    env.print(std::to_string(l.item.sequence_no) + "\t" + l.item.digitization_no + "\t" +
              (title == l.line.values.end() ? "" : title->second) + "\t" +
              (l.struck    ? env.say("dicoret", "struck")
               : !l.in_ink ? env.say("belum ditulis", "not in ink")
                           : "") +
              (l.first ? "" : "\t" + l.line.by + ": " + l.line.reason));
  }
  return 0;
}

// To a state, or back to step 2.
Result<int> run_state(Environment& env, const BookOptions& o, std::optional<ItemState> to) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, access::Action::describe));
  ALIH_TRY(const auto changed, to ? holdings->set_state(item.id, *to, o.reason, env.subject.agent)
                                  : holdings->send_back(item.id, o.reason, env.subject.agent));
  tell(env, *holdings, changed);
  return 0;
}

Result<int> run_clock(Environment& env, const BookOptions& o, bool begins) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, access::Action::describe));
  ALIH_TRY(const auto changed, holdings->clock(item.id, o.step, begins, env.subject.agent));
  tell(env, *holdings, changed);
  return 0;
}

Result<int> run_judge(Environment& env, const BookOptions& o, std::string_view what) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, access::Action::correct));
  const auto by = env.subject.agent;
  if (what == "approve") {
    ALIH_TRY(const auto approved, holdings->approve(item.id, by));
    tell(env, *holdings, approved);
    return 0;
  }
  if (what == "replace") {
    ALIH_TRY([[maybe_unused]] const auto page,
             pipeline::replace_page(*holdings, item, o.page, env.path(o.path), o.reason, by,
                                    pipeline::worker_program()));
    if (env.service.processor != nullptr) env.service.processor->wake();
  } else {
    ALIH_TRY([[maybe_unused]] const auto page,
             holdings->judge_page(item.id, o.page, what == "accept", o.reason, by));
  }
  ALIH_TRY(const auto page, holdings->database().page(item.id, o.page));
  if (env.json) {
    ALIH_TRY(const auto text, holdings->database().text(item.id, page.file_seq));
    ALIH_TRY(const auto now, holdings->database().item(item.id));
    env.print(api::page_json(now, holdings->database().pages(item.id), page, text));
  } else {
    env.print(item.digitization_no + "\t" + page.label + "\t" +
              (pipeline::is_refused(page) ? env.say("ditolak", "refused")
                                          : label(page.state).in(env.language)));
  }
  return 0;
}

Result<int> run_performance(Environment& env, const BookOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  ALIH_TRY(const auto p,
           pipeline::performance(*holdings, o.period, [&](const Item& i) { return env.finds(i); }));
  if (env.json) {
    env.print(api::performance_json(p));
    return 0;
  }
  for (const auto& t : p.items) {
    std::string line = t.item.digitization_no;
    for (int step = 2; step <= pipeline::kTimedSteps; ++step) {
      const auto& s = t.step(step);
      line += "\t" + std::to_string(step) + ": " +
              (s.active_s ? std::to_string(static_cast<int>(*s.active_s + 0.5)) + " s, " : "") +
              pipeline::label(s.standing()).in(env.language);
    }
    env.print(line);
  }
  for (int step = 2; step <= pipeline::kTimedSteps; ++step) {
    const auto& s = p.all.steps.at(static_cast<std::size_t>(step) - 1);
    env.print(env.say("Langkah {}: {} dari {} yang terukur sesuai standar",
                      "Step {}: {} of {} measured are within the standard",
                      {step, s.within, s.measured}));
  }
  env.print(env.say("Waktu petugas {} s, waktu mesin {} s", "Operators {} s, machine {} s",
                    {static_cast<int>(p.all.operator_s), static_cast<int>(p.all.machine_s)}));
  return 0;
}

}  // namespace

void add_book(CLI::App& app, Command& chosen) {
  auto* handover = app.add_subcommand("handover", "Serah terima bahan / batches handed over");
  handover->require_subcommand(1);
  handover->fallthrough();
  auto n = std::make_shared<HandoverOptions>();
  auto* receive = handover->add_subcommand("new", "Menerima bahan / receive a batch");
  receive->alias("add");
  receive->footer(
      "Contoh/example: alihmedia handover new --source \"Bidang Pengolahan\" --sender \"Siti\" "
      "--receiver \"Budi\" --list bahan.xlsx\n"
      "alihmedia handover new --source Layanan --sender Siti --receiver Budi --thing "
      "\"title=Hikayat;accession_no=X0022/2016\"");
  receive->add_option("--source", n->head.source_unit, "Asal / source unit")->required();
  receive->add_option("--sender", n->head.sender, "Yang menyerahkan / handed over by")->required();
  receive->add_option("--sender-nip", n->head.sender_nip, "NIP");
  receive->add_option("--receiver", n->head.receiver, "Yang menerima / received by")->required();
  receive->add_option("--receiver-nip", n->head.receiver_nip, "NIP");
  receive->add_option("--note", n->head.note, "Catatan / note");
  receive->add_option("--list", n->list, "Daftar bahan, xlsx atau CSV / list of the material");
  receive->add_option("--from", n->from,
                      "Bentuk daftar / form of the list: inlislite, marc, marcxml, slims, csv");
  receive->add_flag(
      "--skip-bad", n->skip_bad,
      "Terima baris yang baik walau ada yang ditolak / receive the good rows although "
      "others are refused");
  receive->add_option("--thing", n->things, "Satu bahan / one thing: kolom=nilai;kolom=nilai");
  receive->callback(
      [&chosen, n] { chosen = [n](Environment& env) { return run_receive(env, *n); }; });
  auto l = std::make_shared<HandoverOptions>();
  auto* list = handover->add_subcommand("list", "Daftar serah terima / list of batches");
  list->footer("Contoh/example: alihmedia handover list --json");
  list->add_option("--limit", l->limit, "Paling banyak / at most")->check(CLI::NonNegativeNumber);
  list->add_option("--offset", l->offset, "Lewati / skip")->check(CLI::NonNegativeNumber);
  list->callback(
      [&chosen, l] { chosen = [l](Environment& env) { return run_handovers(env, *l); }; });
  for (const std::string what : {"show", "return", "reject"}) {
    auto o = std::make_shared<HandoverOptions>();
    auto* verb = handover->add_subcommand(
        what, what == "show"     ? "Satu serah terima / one batch"
              : what == "return" ? "Mengembalikan bahan asli / give the originals back"
                                 : "Menolak satu bahan / refuse one thing");
    verb->footer("Contoh/example: alihmedia handover " + what + " ST/2026/0001" +
                 (what == "return"   ? " 3 4 --to \"Siti\""
                  : what == "reject" ? " 3 --reason \"sudah didigitalkan Perpusnas\""
                                     : ""));
    verb->add_option("NO", o->number, "Nomor serah terima / number of the batch")->required();
    if (what == "return") {
      verb->add_option("ENTRY", o->entries,
                       "No. dalam daftar; tanpa itu semuanya / numbers in the list; else all");
      verb->add_option("--to", o->to, "Kepada / to")->required();
      verb->add_option("--reason", o->reason, "Alasan / reason");
    }
    if (what == "reject") {
      verb->add_option("ENTRY", o->entries, "No. dalam daftar / number in the list")
          ->required()
          ->expected(1);
      verb->add_option("--reason", o->reason, "Alasan / reason")->required();
    }
    verb->callback([&chosen, o, what] {
      chosen = [o, what](Environment& env) { return run_one_handover(env, *o, what); };
    });
  }

  auto* reg = app.get_subcommand("register");
  auto r = std::make_shared<NewOptions>();
  auto* fresh = reg->add_subcommand(
      "new", "Mendaftarkan bahan sebelum dipindai / register a thing before it is scanned");
  fresh->footer(
      "Contoh/example: alihmedia register new --barcode 0000000123 --field condition=good\n"
      "alihmedia register new --handover ST/2026/0001 --entry 5; lalu/then: alihmedia scan --to "
      "ALM/2026/000001");
  fresh->add_option("--title", r->title, "Judul / title");
  fresh->add_option("--barcode", r->barcode, "No. barcode");
  fresh->add_option("--no-induk", r->accession_no, "No. induk / accession no.");
  fresh->add_option("--field", r->fields, "kolom=nilai / field=value");
  fresh->add_option("--handover", r->request.batch_no, "Nomor serah terima / number of the batch");
  fresh->add_option("--entry", r->request.entry, "No. dalam daftarnya / number in its list")
      ->check(CLI::PositiveNumber);
  fresh->add_option("--series", r->request.series, "Seri / series");
  fresh->add_option("--profile", r->request.profile, "Profil / profile");
  fresh->add_option("--began", r->request.began_at,
                    "Kapan mulai, UTC: 2026-11-28T01:02:03Z / when it was begun");
  fresh->add_flag("--once-more", r->request.once_more,
                  "Walau sudah dialihmediakan / although it has been digitised");
  fresh->callback([&chosen, r] { chosen = [r](Environment& env) { return run_new(env, *r); }; });
  auto c = std::make_shared<BookOptions>();
  auto* correct = reg->add_subcommand(
      "correct",
      "Baris perbaikan; baris lama tetap, dicoret / a correction line; the old one stays");
  correct->footer(
      "Contoh/example: alihmedia register correct ALM/2026/000001 title=\"Hikayat\" --reason "
      "\"salah ketik\"");
  correct->add_option("NO", c->number, "Nomor / number: ALM/2026/000001")->required();
  correct->add_option("FIELD", c->fields, "nama=nilai / name=value")->required();
  correct->add_option("--reason", c->reason, "Alasan / reason")->required();
  correct->callback(
      [&chosen, c] { chosen = [c](Environment& env) { return run_correct_line(env, *c); }; });
  auto k = std::make_shared<BookOptions>();
  auto* close = reg->add_subcommand("close", "Menutup bulan atau tahun / close a month or year");
  close->footer("Contoh/example: alihmedia register close 2026-11");
  close->add_option("PERIOD", k->period, "2026 atau/or 2026-11")->required();
  close->callback(
      [&chosen, k] { chosen = [k](Environment& env) { return run_close_register(env, *k); }; });
  auto* closings = reg->add_subcommand("closings", "Yang sudah ditutup / what is closed");
  closings->footer("Contoh/example: alihmedia register closings");
  closings->callback([&chosen] { chosen = run_closings; });
  auto b = std::make_shared<BookOptions>();
  auto* lines = reg->add_subcommand(
      "lines", "Baris buku seperti tercetak, dengan perbaikan / the book's lines as printed");
  lines->footer("Contoh/example: alihmedia register lines 2026-11 --json");
  lines->add_option("PERIOD", b->period, "2026 atau/or 2026-11")->required();
  lines->callback([&chosen, b] { chosen = [b](Environment& env) { return run_lines(env, *b); }; });

  auto* item = app.get_subcommand("item");
  struct StateVerb {
    const char* name;
    const char* help;
    std::optional<ItemState> to;
  };
  for (const auto& v :
       {StateVerb{"hold", "Menunda, misalnya perlu konservasi / put on hold", ItemState::on_hold},
        StateVerb{"resume", "Melanjutkan yang ditunda / end a hold", ItemState::registered},
        StateVerb{"send-back",
                  "Deskripsinya salah: kembali ke langkah 2 sampai diperbaiki / its description is "
                  "wrong: back to step 2 until it is mended",
                  std::nullopt},
        StateVerb{"reject", "Tidak dialihmediakan / will not be digitized", ItemState::rejected},
        StateVerb{"return", "Dikembalikan tanpa dipindai / given back unscanned",
                  ItemState::returned}}) {
    auto o = std::make_shared<BookOptions>();
    auto* verb = item->add_subcommand(v.name, v.help);
    verb->footer(std::string("Contoh/example: alihmedia item ") + v.name + " ALM/2026/000001" +
                 (std::string_view(v.name) == "resume" ? "" : " --reason \"jilid lepas\""));
    verb->add_option("NO", o->number, "Nomor / number")->required();
    auto* reason = verb->add_option("--reason", o->reason, "Alasan / reason");
    if (std::string_view(v.name) != "resume") reason->required();
    verb->callback([&chosen, o, to = v.to] {
      chosen = [o, to](Environment& env) { return run_state(env, *o, to); };
    });
  }
  for (const bool begins : {true, false}) {
    auto o = std::make_shared<BookOptions>();
    auto* verb = item->add_subcommand(begins ? "start" : "stop",
                                      begins ? "Mulai mengerjakan langkah SOP / begin a step"
                                             : "Selesai mengerjakan langkah SOP / end a step");
    verb->footer(std::string("Contoh/example: alihmedia item ") + (begins ? "start" : "stop") +
                 " ALM/2026/000001 3");
    verb->add_option("NO", o->number, "Nomor / number")->required();
    verb->add_option("STEP", o->step, "Langkah SOP 041/25 / step: 2, 3, 4")->required();
    verb->callback([&chosen, o, begins] {
      chosen = [o, begins](Environment& env) { return run_clock(env, *o, begins); };
    });
  }

  auto* page = app.get_subcommand("page");
  for (const std::string what : {"accept", "reject", "replace"}) {
    auto o = std::make_shared<BookOptions>();
    auto* verb = page->add_subcommand(
        what, what == "accept" ? "Halaman ini baik / the page is good"
              : what == "reject"
                  ? "Halaman ini harus dipindai ulang / it must be scanned again"
                  : "Berkas lain menggantikan halaman / another file takes its place");
    verb->footer("Contoh/example: alihmedia page " + what + " ALM/2026/000001 12" +
                 (what == "reject"    ? " --reason \"tepi terpotong\""
                  : what == "replace" ? " ulang-012.tif --reason \"tepi terpotong\""
                                      : ""));
    verb->add_option("NO", o->number, "Nomor / number")->required();
    verb->add_option("PAGE", o->page, "Halaman / page")->required();
    if (what == "replace") {
      verb->add_option("PATH", o->path, "Berkas satu halaman / a file of one page")->required();
    }
    if (what != "accept") {
      auto* reason = verb->add_option("--reason", o->reason, "Alasan / reason");
      if (what == "reject") reason->required();
    }
    verb->callback([&chosen, o, what] {
      chosen = [o, what](Environment& env) { return run_judge(env, *o, what); };
    });
  }
  auto a = std::make_shared<BookOptions>();
  auto* approve =
      item->add_subcommand("approve", "Lulus pemeriksaan mutu / passed quality control");
  approve->footer("Contoh/example: alihmedia item approve ALM/2026/000001");
  approve->add_option("NO", a->number, "Nomor / number")->required();
  approve->callback(
      [&chosen, a] { chosen = [a](Environment& env) { return run_judge(env, *a, "approve"); }; });

  auto p = std::make_shared<BookOptions>();
  auto* times = app.add_subcommand(
      "performance", "Waktu langkah terhadap standar SOP / times beside the standards");
  times->footer("Contoh/example: alihmedia performance --for 2026-11 --json");
  times->add_option("--for", p->period, "Tahun atau bulan / year or month");
  times->callback(
      [&chosen, p] { chosen = [p](Environment& env) { return run_performance(env, *p); }; });
}

}  // namespace alih::cli
