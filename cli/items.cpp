#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <utility>

#include "api/json_view.h"
#include "cli/verb.h"
#include "core/fields.h"
#include "core/json.h"
#include "pipeline/accounts.h"
#include "pipeline/papers.h"
#include "pipeline/processor.h"
#include "repository/durable_file.h"
#include "repository/export/records.h"

namespace alih::cli {
namespace {

using access::Action;
using Mode = pipeline::Holdings::Mode;

struct ListOptions {
  indexer::ItemFilter filter;
  std::string series;
  std::string state;
  int year = 0;
};

api::Detail detail_of(const Environment& env, const Item& item) {
  return access::may(env.subject, Action::see_workings, item) ? api::Detail::staff
                                                              : api::Detail::open;
}

Result<int> list(Environment& env, ListOptions o, bool as_register) {
  if (!o.series.empty()) o.filter.series = o.series;
  if (o.year > 0) o.filter.year = o.year;
  if (!o.state.empty()) {
    const auto state = item_state_from(o.state);
    if (!state) {
      return fail(ErrorCode::usage, "Status \"{}\" tidak dikenal", "State \"{}\" is not known",
                  {o.state});
    }
    o.filter.state = *state;
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  std::size_t total = 0;
  // Counted and cut into a window after what the person may not find is gone.
  const auto window = o.filter;
  o.filter.limit = 0;
  o.filter.offset = 0;
  auto items = holdings->database().items(o.filter);
  std::erase_if(items, [&](const Item& item) { return !env.finds(item); });
  total = items.size();
  items.erase(
      items.begin(),
      items.begin() + std::min<std::ptrdiff_t>(window.offset, static_cast<std::ptrdiff_t>(total)));
  if (window.limit > 0 && items.size() > static_cast<std::size_t>(window.limit)) {
    items.resize(static_cast<std::size_t>(window.limit));
  }
  if (env.json) {
    env.print(as_register ? api::register_json(*holdings, items, total,
                                               [&](const Item& i) { return detail_of(env, i); })
                          : api::items_json(*holdings, items, total));
    return 0;
  }
  for (const auto& item : items) {
    const auto pages = holdings->database().pages(item.id);
    env.print(
        std::to_string(item.sequence_no) + "\t" + item.registered_on + "\t" + item.digitization_no +
        "\t" + item.field("title") + "\t" + std::to_string(pages.size()) + " " +
        env.say("hal.", "pp.") + "\t" + label(item.state).in(env.language) +
        (incomplete_fields(item, pages).empty() ? ""
                                                : "\t" + env.say("belum lengkap", "incomplete")));
  }
  return 0;
}

Result<int> show_item(Environment& env, pipeline::Holdings& holdings, const Item& item) {
  if (env.json) {
    env.print(api::item_json(holdings, item, detail_of(env, item)));
    return 0;
  }
  const auto pages = holdings.database().pages(item.id);
  env.print(item.digitization_no + "  " + label(item.state).in(env.language));
  const auto values = register_values(item, pages);
  for (const auto& f : all_fields()) {
    const auto found = values.find(std::string(f.name));
    if (found == values.end()) continue;
    if (api::is_of_workings(f.name) && detail_of(env, item) == api::Detail::open) continue;
    for (const auto& value : found->second)
      env.print("  " + f.label.in(env.language) + ": " + value);
  }
  return 0;
}

struct RegisterExportOptions {
  std::string format;
  std::string to;
  int year = 0;
};

// With the withdrawn ones: the book has no gaps.
Result<int> export_register(Environment& env, const RegisterExportOptions& o) {
  if (o.format == "pdf") {
    if (o.year <= 0) {
      return fail(ErrorCode::usage, "Sebutkan --year untuk PDF", "Give --year for a PDF");
    }
    ALIH_TRY(auto* holdings, env.holdings(Mode::write));
    ALIH_CHECK(pipeline::permit_all_items(*holdings, env.subject));
    ALIH_TRY(const auto paper,
             pipeline::print_paper(*holdings, "register", {{std::to_string(o.year)}, false},
                                   env.path(o.to), env.subject.agent, pipeline::worker_program()));
    env.print(env.json ? api::printed_json(paper) : paper.printed.file.path.string());
    return 0;
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  indexer::ItemFilter filter;
  if (o.year > 0) filter.year = o.year;
  std::vector<repository::RecordEntry> entries;
  for (const auto& item : holdings->database().items(filter)) {
    if (!env.finds(item)) continue;
    entries.push_back(pipeline::record_entry(*holdings, item, env.config.settings.api.base_url()));
  }
  ALIH_TRY(const auto done, repository::export_records(entries, o.format, env.path(o.to)));
  if (env.json) {
    env.print(nlohmann::ordered_json{{"path", done.path.string()},
                                     {"bytes", done.bytes},
                                     {"sha256", done.sha256},
                                     {"rows", entries.size()}}
                  .dump());
  } else {
    env.print(env.say("{}: {} baris", "{}: {} rows", {done.path.string(), entries.size()}));
  }
  return 0;
}

struct NumberOptions {
  std::string number;
  int page = 0;
  std::vector<std::string> fields;
  std::string reason;
  std::string language;
  std::string profile;
  std::vector<std::string> settings;
  bool reset = false;
  std::string before_after;
  std::size_t worst = 0;
  bool discard_correction = false;
  std::string text_file;
};

Result<int> run_set(Environment& env, const NumberOptions& o) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& text : o.fields) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorCode::usage, "Tulis kolom sebagai nama=nilai, bukan \"{}\"",
                  "Write a field as name=value, not \"{}\"", {text});
    }
    fields.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, Action::describe));
  ALIH_CHECK(pipeline::permit_fields(env.subject, item, fields, o.number));
  ALIH_TRY(const auto changed, holdings->set_fields(item.id, fields, env.subject.agent, o.reason));
  note_doubts(env, changed);
  return show_item(env, *holdings, changed);
}

Result<int> run_withdraw(Environment& env, const NumberOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, Action::withdraw));
  ALIH_TRY(const auto changed, holdings->withdraw(item.id, o.reason, env.subject.agent));
  return show_item(env, *holdings, changed);
}

Result<int> run_close(Environment& env, const NumberOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, Action::close));
  ALIH_TRY(const auto changed, holdings->close(item.id, env.subject.agent));
  return show_item(env, *holdings, changed);
}

Result<int> run_personal(Environment& env, const NumberOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, Action::see_personal));
  ALIH_TRY(const auto values, holdings->read_personal(item.id, env.subject.agent));
  if (env.json) {
    env.print(api::personal_json(item, values));
    return 0;
  }
  for (const auto& [name, all] : values) {
    for (const auto& value : all)
      env.print(find_field(name)->label.in(env.language) + ": " + value);
  }
  return 0;
}

Result<int> run_erase(Environment& env, const NumberOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, Action::erase_personal));
  ALIH_TRY(const auto changed, holdings->erase_personal(item.id, o.reason, env.subject.agent));
  env.note(
      "Data pribadi dihapus dari catatan, dan kuncinya dari keys/personal: versi lama tidak dapat "
      "dibuka lagi. Salinan kunci masih ada dalam cadangan lama sampai keadaan itu dibuang (backup "
      "--keep). Citra dan teks halaman tidak berubah",
      "The personal data are out of the record, and their key out of keys/personal: old versions "
      "cannot be opened any more. Copies of the key are in older backups until these are dropped "
      "(backup --keep). Images and text of pages are as they were");
  return show_item(env, *holdings, changed);
}

std::string risk_line(const Environment& env, const Page& page, const pipeline::PageRisk& risk) {
  return page.label + "\t" + std::to_string(static_cast<int>(risk.risk * 100 + 0.5)) + " %\t" +
         pipeline::reasons_text(risk, env.language);
}

// The worst pages of one item, or of all when no number was given.
Result<int> run_worst(Environment& env, const NumberOptions& o) {
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  if (!o.number.empty()) {
    ALIH_TRY(const auto item, env.item(*holdings, o.number, Action::see_workings));
    const auto pages = holdings->database().pages(item.id);
    if (env.json) {
      env.print(api::pages_json(item, pages, {true, o.worst}));
      return 0;
    }
    const auto only = [&](const Item& other) { return other.id == item.id; };
    for (const auto& p : pipeline::worst_pages(holdings->database(), o.worst, only)) {
      env.print(risk_line(env, p.page, p.risk));
    }
    return 0;
  }
  std::size_t total = 0;
  const auto pages = pipeline::worst_pages(
      holdings->database(), o.worst,
      [&](const Item& item) {
        return (env.subject.owner || access::may(env.subject, Action::see_workings, item)) &&
               item.state != ItemState::withdrawn && item.state != ItemState::rejected;
      },
      &total);
  if (env.json) {
    env.print(api::worst_pages_json(pages, total));
    return 0;
  }
  for (const auto& p : pages) {
    env.print(p.item.digitization_no + "\t" + risk_line(env, p.page, p.risk));
  }
  return 0;
}

Result<int> run_pages(Environment& env, const NumberOptions& o) {
  if (o.worst > 0) return run_worst(env, o);
  if (o.number.empty()) {
    return fail(ErrorCode::usage, "Sebutkan nomor bahan, atau --worst N untuk semua bahan",
                "Name an item's number, or --worst N for all items");
  }
  ALIH_TRY(auto* holdings, env.holdings(Mode::read));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, Action::find));
  const auto pages = holdings->database().pages(item.id);
  if (env.json) {
    env.print(api::pages_json(item, pages, {}, detail_of(env, item)));
    return 0;
  }
  ALIH_CHECK(access::permit(env.subject, Action::see_workings, item, o.number));
  for (const auto& p : pages) {
    env.print(p.label + "\t" + label(p.state).in(env.language) + "\t" + p.master.file + "\t" +
              std::to_string(p.width) + "x" + std::to_string(p.height) +
              (p.master.region ? " x=" + std::to_string(p.master.region->x) +
                                     " y=" + std::to_string(p.master.region->y) + " " +
                                     std::to_string(p.master.region->width) + "x" +
                                     std::to_string(p.master.region->height)
                               : ""));
  }
  return 0;
}

// The page as it came, as people see it, and as OCR reads it, into a folder: role -> file.
Result<std::map<std::string, std::string>> write_views(Environment& env,
                                                       const pipeline::Holdings& holdings,
                                                       const Item& item, const Page& page,
                                                       const std::string& to) {
  namespace fs = std::filesystem;
  const auto folder = env.path(to);
  std::error_code error;
  fs::create_directories(folder, error);
  pipeline::PageWorker worker(pipeline::worker_program(), holdings.settings(),
                              holdings.files().scratch());
  ALIH_TRY(const auto before, pipeline::ready_view(holdings, worker, page, pipeline::View::before));
  ALIH_TRY(const auto after,
           pipeline::ready_image(holdings, worker, page, pipeline::access_name(page)));
  ALIH_TRY(const auto reading,
           pipeline::ready_view(holdings, worker, page, pipeline::View::cleaned));
  std::map<std::string, std::string> out;
  for (const auto& [role, file] :
       {std::pair{"before", before}, std::pair{"after", after}, std::pair{"reading", reading}}) {
    const auto path = folder / (folded(item.digitization_no) + "_" + std::to_string(page.number) +
                                "_" + role + ".jpg");
    fs::copy_file(file, path, fs::copy_options::overwrite_existing, error);
    if (error) {
      return fail(repository::system_error(error.value(), "menulis " + path.string(),
                                           "writing " + path.string()));
    }
    out.emplace(role, path.string());
  }
  return out;
}

// "name=value"; "name=" takes the page's own value away.
Status take_settings(const std::vector<std::string>& given,
                     std::map<std::string, std::string>& settings) {
  for (const auto& text : given) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorCode::usage, "Tulis pengaturan sebagai nama=nilai, bukan \"{}\"",
                  "Write a setting as name=value, not \"{}\"", {text});
    }
    settings[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return {};
}

Result<int> run_page(Environment& env, const NumberOptions& o, bool redo) {
  ALIH_TRY(auto* holdings, env.holdings(redo ? Mode::write : Mode::read));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, redo ? Action::correct : Action::find));
  ALIH_CHECK(access::permit(env.subject, Action::view, item, o.number));
  if (redo) {
    ALIH_TRY(auto how, again_of(*holdings, o.language, o.profile));
    ALIH_CHECK(take_settings(o.settings, how.settings));
    how.forget = o.reset;
    how.discard_correction = o.discard_correction;
    ALIH_CHECK(holdings->redo_page(item.id, o.page, how, env.subject.agent));
    if (env.service.processor != nullptr) env.service.processor->wake();
  }
  ALIH_TRY(const auto page, holdings->database().page(item.id, o.page));
  TextLayer text;
  if (access::may_read_text(env.audience(), item)) {
    ALIH_TRY(text, holdings->database().text(item.id, page.file_seq));
  }
  std::map<std::string, std::string> views;
  if (!o.before_after.empty()) {
    ALIH_TRY(views, write_views(env, *holdings, item, page, o.before_after));
  }
  if (env.json) {
    auto out = nlohmann::ordered_json::parse(api::page_json(
        item, holdings->database().pages(item.id), page, text, detail_of(env, item)));
    if (!views.empty()) out["before_after"] = views;
    env.print(out.dump());
    return 0;
  }
  for (const auto& [role, file] : views) env.print(role + "\t" + file);
  if (views.empty()) env.print(text.text());
  return 0;
}

// The corrected text out of a file, "-" = standard input.
Result<std::string> text_of(const Environment& env, const std::string& file) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 20U;  // what is too large is told elsewhere
  std::string out;
  std::ifstream opened;
  if (file != "-") {
    opened.open(env.path(file), std::ios::binary);
    if (!opened) {
      return fail(ErrorCode::not_found, "Berkas {} tidak dapat dibuka",
                  "The file {} cannot be opened", {file});
    }
  }
  auto& in = file == "-" ? std::cin : opened;
  std::array<char, 1 << 14> buffer;
  while (out.size() < kMostBytes && (in.read(buffer.data(), buffer.size()) || in.gcount() > 0)) {
    out.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (out.find('\0') != std::string::npos) {
    return fail(ErrorCode::unreadable, "{} bukan berkas teks (UTF-8)", "{} is no text file (UTF-8)",
                {file});
  }
  return out;
}

Result<int> run_correct(Environment& env, const NumberOptions& o) {
  if (o.text_file == "-" && env.service.holdings != nullptr) {
    return fail(ErrorCode::usage, "Saat layanan berjalan, teks dibaca dari berkas: --text-file F",
                "While the service runs the text comes from a file: --text-file F");
  }
  ALIH_TRY(const auto text, text_of(env, o.text_file));
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  ALIH_TRY(const auto item, env.item(*holdings, o.number, Action::correct));
  ALIH_CHECK(access::permit(env.subject, Action::view, item, o.number));
  ALIH_TRY(const auto page,
           holdings->correct_page(item.id, o.page, text, std::nullopt, env.subject.agent));
  ALIH_TRY(const auto layer, holdings->database().text(item.id, page.file_seq));
  if (env.json) {
    env.print(api::page_json(item, holdings->database().pages(item.id), page, layer));
    return 0;
  }
  const auto* correction = pipeline::find_correction(page);
  env.print(
      correction == nullptr
          ? env.say("Teks halaman {} tidak berubah", "The text of page {} did not change", {o.page})
          : env.say("Teks halaman {} diperbaiki: {} dari {} kata ditulis petugas",
                    "The text of page {} was corrected: {} of {} words are a person's",
                    {o.page, static_cast<int>(correction->numbers.at("corrected_words")),
                     static_cast<int>(correction->numbers.at("words"))}));
  return 0;
}

}  // namespace

void add_items(CLI::App& app, Command& chosen) {
  const auto list_options = [](CLI::App* verb) {
    auto o = std::make_shared<ListOptions>();
    verb->add_option("--limit", o->filter.limit, "Paling banyak / at most")
        ->check(CLI::NonNegativeNumber);
    verb->add_option("--offset", o->filter.offset, "Lewati / skip")->check(CLI::NonNegativeNumber);
    verb->add_option("--series", o->series, "Seri / series");
    verb->add_option("--state", o->state, "Status / state");
    verb->add_option("--year", o->year, "Tahun register / year of the register")
        ->check(CLI::Range(0, 9999));
    return o;
  };
  const auto number_options = [](CLI::App* verb) {
    auto o = std::make_shared<NumberOptions>();
    verb->add_option("NO", o->number, "Nomor / number: ALM/2026/000001")->required();
    return o;
  };
  auto* item = app.add_subcommand("item", "Bahan / items");
  item->require_subcommand(1);
  item->fallthrough();
  auto* item_list = item->add_subcommand("list", "Daftar bahan / list items");
  item_list->footer("Contoh/example: alihmedia item list --limit 20 --json");
  auto l = list_options(item_list);
  item_list->callback(
      [&chosen, l] { chosen = [l](Environment& env) { return list(env, *l, false); }; });
  auto* show = item->add_subcommand("show", "Satu bahan / one item");
  show->footer("Contoh/example: alihmedia item show ALM/2026/000001");
  auto s = number_options(show);
  show->callback([&chosen, s] {
    chosen = [s](Environment& env) -> Result<int> {
      ALIH_TRY(auto* holdings, env.holdings(Mode::read));
      ALIH_TRY(const auto found, env.item(*holdings, s->number, Action::find));
      return show_item(env, *holdings, found);
    };
  });
  auto* set = item->add_subcommand("set", "Mengisi kolom / set fields");
  set->footer(
      "Contoh/example: alihmedia item set ALM/2026/000001 title=\"Hikayat\" date_issued=1936");
  auto f = number_options(set);
  set->add_option("FIELD", f->fields, "nama=nilai / name=value")->required();
  set->add_option("--reason", f->reason,
                  "Alasan perbaikan baris register / why the line of the register is corrected");
  set->callback([&chosen, f] { chosen = [f](Environment& env) { return run_set(env, *f); }; });
  auto* pages = item->add_subcommand("pages", "Halaman bahan / pages of an item");
  pages->footer(
      "Contoh/example: alihmedia item pages ALM/2026/000001 --json\n"
      "Paling berisiko dulu/the riskiest first: alihmedia item pages --worst 50");
  auto p = std::make_shared<NumberOptions>();
  pages->add_option("NO", p->number, "Nomor / number: ALM/2026/000001");
  pages
      ->add_option("--worst", p->worst,
                   "Hanya N halaman paling berisiko, tanpa NO dari semua bahan / only the N "
                   "riskiest pages, without NO of all items")
      ->check(CLI::PositiveNumber);
  pages->callback([&chosen, p] { chosen = [p](Environment& env) { return run_pages(env, *p); }; });
  auto* close = item->add_subcommand(
      "close", "Menutup bahan menjadi satu objek OCFL / close an item into one OCFL object");
  close->footer("Contoh/example: alihmedia item close ALM/2026/000001");
  auto c = number_options(close);
  close->callback([&chosen, c] { chosen = [c](Environment& env) { return run_close(env, *c); }; });
  auto* withdraw = item->add_subcommand(
      "withdraw", "Menarik bahan; datanya tetap tercatat / withdraw; the record stays");
  withdraw->footer(
      "Contoh/example: alihmedia item withdraw ALM/2026/000001 --reason \"permintaan pemilik\"");
  auto d = number_options(withdraw);
  withdraw->add_option("--reason", d->reason, "Alasan / reason")->required();
  withdraw->callback(
      [&chosen, d] { chosen = [d](Environment& env) { return run_withdraw(env, *d); }; });

  auto* personal = item->add_subcommand(
      "personal",
      "Data pribadi bahan (NIK, no. anggota, telepon); setiap kali tercatat / personal data of an "
      "item; each look is an event");
  personal->footer("Contoh/example: alihmedia item personal ALM/2026/000001");
  auto v = number_options(personal);
  personal->callback(
      [&chosen, v] { chosen = [v](Environment& env) { return run_personal(env, *v); }; });
  auto* erase = item->add_subcommand(
      "erase", "Menghapus data pribadi bahan untuk selamanya / erase an item's personal data");
  erase->footer(
      "Contoh/example: alihmedia item erase ALM/2026/000001 --reason \"permintaan anggota\"");
  auto x = number_options(erase);
  erase->add_option("--reason", x->reason, "Alasan / reason")->required();
  erase->callback([&chosen, x] { chosen = [x](Environment& env) { return run_erase(env, *x); }; });

  auto* page = app.add_subcommand("page", "Satu halaman / one page");
  page->require_subcommand(1);
  page->fallthrough();
  for (const bool redo : {false, true}) {
    auto* verb = page->add_subcommand(redo ? "redo" : "show",
                                      redo ? "Baca lagi halaman / read the page again"
                                           : "Teks dan kata halaman / text and words of the page");
    verb->footer(std::string("Contoh/example: alihmedia page ") + (redo ? "redo" : "show") +
                 " ALM/2026/000001 3");
    auto o = number_options(verb);
    verb->add_option("PAGE", o->page, "Halaman / page")->required();
    if (redo) {
      verb->add_option("--language", o->language, "Model OCR lain / other OCR models: ind+nld");
      verb->add_option("--profile", o->profile, "Profil lain / another profile");
      verb->add_option("--set", o->settings,
                       "Pengaturan untuk halaman ini saja, tersimpan bersamanya; nilai kosong "
                       "menghapusnya / a setting of this page alone, kept with it; an empty value "
                       "takes it away: processing.deskew.enabled=false");
      verb->add_flag("--reset", o->reset,
                     "Lupakan dulu pengaturan halaman ini / first forget what the page has of its "
                     "own");
      verb->add_flag(
          "--discard-correction", o->discard_correction,
          "Juga bila petugas sudah memperbaiki teksnya; perbaikan itu hilang / also when "
          "a person corrected its text, which is lost");
    } else {
      verb->add_option("--before-after", o->before_after,
                       "Tulis citra sebelum, sesudah, dan yang dibaca mesin ke folder ini / write "
                       "the images before, after, and as the machine reads, into this folder");
    }
    verb->callback([&chosen, o, redo] {
      chosen = [o, redo](Environment& env) { return run_page(env, *o, redo); };
    });
  }
  auto* correct = page->add_subcommand(
      "correct", "Memperbaiki teks halaman tanpa membacanya lagi / correct the text of a page");
  correct->footer(
      "Contoh/example: alihmedia page show ALM/2026/000001 3 > teks.txt\n"
      "(perbaiki/edit teks.txt)  alihmedia page correct ALM/2026/000001 3 --text-file teks.txt");
  auto k = number_options(correct);
  correct->add_option("PAGE", k->page, "Halaman / page")->required();
  correct
      ->add_option(
          "--text-file", k->text_file,
          "Berkas teks UTF-8, baris demi baris seperti pada halaman; - = masukan standar / "
          "a UTF-8 text file, line by line as on the page; - = standard input")
      ->required();
  correct->callback(
      [&chosen, k] { chosen = [k](Environment& env) { return run_correct(env, *k); }; });

  auto* reg =
      app.add_subcommand("register", "Buku Inventaris Alih Media / the digitization register");
  reg->require_subcommand(1);
  reg->fallthrough();
  auto* reg_list = reg->add_subcommand("list", "Baris register / rows");
  reg_list->footer("Contoh/example: alihmedia register list --year 2026 --json");
  auto r = list_options(reg_list);
  reg_list->callback(
      [&chosen, r] { chosen = [r](Environment& env) { return list(env, *r, true); }; });
  auto* reg_export =
      reg->add_subcommand("export", "Register sebagai berkas / the register as a file");
  reg_export->footer("Contoh/example: alihmedia register export --format xlsx --to register.xlsx");
  auto e = std::make_shared<RegisterExportOptions>();
  reg_export
      ->add_option("--format", e->format,
                   "csv, xlsx (semua kolom / every field), pdf (seperti/as paper print register)")
      ->required()
      ->check(CLI::IsMember({"csv", "xlsx", "pdf"}));
  reg_export->add_option("--to", e->to, "Berkas tujuan / target file")->required();
  reg_export->add_option("--year", e->year, "Tahun / year");
  reg_export->callback(
      [&chosen, e] { chosen = [e](Environment& env) { return export_register(env, *e); }; });
}

}  // namespace alih::cli
