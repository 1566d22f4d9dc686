// Pages for the first two steps of the procedure and for the book: forms that a person fills in
// without a mouse. The field that a bar code reader types into has the focus; Enter sends.
#include <algorithm>
#include <sstream>

#include "api/handlers.h"
#include "api/web/forms.h"
#include "core/clock.h"
#include "core/doubts.h"
#include "core/fields.h"
#include "core/text.h"
#include "indexer/snippet.h"
#include "pipeline/accounts.h"
#include "pipeline/catalogue.h"
#include "pipeline/handover.h"
#include "pipeline/papers.h"

namespace alih::api {
namespace {

using indexer::escape_html;
using Form = std::map<std::string, std::string>;

constexpr int kSeeOther = 303;

class Html {
 public:
  explicit Html(const Request& request) : request_(request) {}
  [[nodiscard]] std::string say(std::string_view id, std::string_view en) const {
    return escape_html(request_.language == Language::english ? en : id);
  }
  [[nodiscard]] std::string say(const Message& m) const {
    return escape_html(m.in(request_.language));
  }
  void add(std::string_view html) { out_ += html; }
  void input(const std::string& name, const std::string& label, const std::string& value,
             std::string_view more = {}) {
    out_ += "<p class=\"field\"><label for=\"" + name + "\">" + label + "</label><input id=\"" +
            name + "\" name=\"" + name + "\" value=\"" + escape_html(value) + "\" " +
            std::string(more) + "></p>";
  }
  void choice(const MetadataField& field, const std::string& value) {
    out_ += "<p class=\"field\"><label for=\"" + std::string(field.name) + "\">" +
            say(field.label) + "</label><select id=\"" + std::string(field.name) + "\" name=\"" +
            std::string(field.name) + "\"><option value=\"\"></option>";
    for (const auto word : field.allowed) {
      out_ += "<option value=\"" + std::string(word) + "\"" + (value == word ? " selected" : "") +
              ">" + say(value_label(field.name, word)) + "</option>";
    }
    out_ += "</select></p>";
  }
  void hidden(const std::string& name, const std::string& value) {
    if (value.empty()) return;
    out_ += "<input type=\"hidden\" name=\"" + name + "\" value=\"" + escape_html(value) + "\">";
  }
  // What a form of a signed-in person must send back.
  void key() { out_ += form_key(); }
  [[nodiscard]] std::string form_key() const { return Writer(request_).form_key(); }
  void trouble(const Error* why) {
    if (why != nullptr) out_ += "<p class=\"warn\" role=\"alert\">" + say(why->message) + "</p>";
  }
  [[nodiscard]] Response page(const std::string& title, const Error* why = nullptr) const {
    auto r = html_response(web_page(request_, title, out_));
    if (why != nullptr) r.status = http_status(why->code);
    return r;
  }

 private:
  const Request& request_;
  std::string out_;
};

Response go_to(const Request& request, const std::string& path, const std::string& query = {}) {
  Response r;
  r.status = kSeeOther;
  std::string target = path + query;
  if (const auto lang = request.parameter("lang"); lang == "en" || lang == "id") {
    target += (query.empty() ? "?lang=" : "&lang=") + lang;
  }
  r.headers["Location"] = target;
  return r;
}

std::string get(const Form& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

// Values of a repeated field stand in one input: "Amir | Budi".
std::string shown(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& v : values) out += (out.empty() ? "" : " | ") + v;
  return out;
}

void take(std::vector<std::pair<std::string, std::string>>& to, const char* name,
          const std::string& typed) {
  const auto* field = find_field(name);
  if (field == nullptr || !field->repeated) {
    to.emplace_back(name, trimmed(typed));
    return;
  }
  std::size_t at = 0;
  while (at <= typed.size()) {
    const auto next = typed.find('|', at);
    const auto stop = next == std::string::npos ? typed.size() : next;
    if (const auto one = trimmed(typed.substr(at, stop - at)); !one.empty() || typed.empty()) {
      to.emplace_back(name, one);
    }
    at = stop + 1;
  }
}

// ---- batches

// A line of the form's list: a barcode, a no. induk or a title; "no. induk <tab> judul" too.
HandoverEntry entry_of(const indexer::Database& database, const std::string& line) {
  HandoverEntry out;
  if (const auto tab = line.find('\t'); tab != std::string::npos) {
    out.fields["accession_no"] = {trimmed(line.substr(0, tab))};
    out.fields["title"] = {trimmed(line.substr(tab + 1))};
    return out;
  }
  if (const auto found = pipeline::look_up(database, indexer::Identifier::barcode, line);
      found.record || !found.digitised.empty()) {
    const bool barcode = (found.record && folded_identifier(found.record->item.field("barcode")) ==
                                              folded_identifier(line)) ||
                         (!found.record && !found.digitised.empty());
    out.fields[barcode ? "barcode" : "accession_no"] = {line};
    return out;
  }
  out.fields["title"] = {line};
  return out;
}

Response handovers(Service& service, const Request& request, const Form& form, const Error* why) {
  Html w(request);
  const auto title = w.say("Serah terima bahan", "Handover of material");
  w.add("<h1>" + title + "</h1>");
  w.trouble(why);
  w.add("<form class=\"card\" method=\"post\" action=\"" + web_link(request, "/serah-terima") +
        "\">");
  w.key();
  w.input("source_unit", w.say("Asal (bidang/seksi/pemilik)", "Source unit"),
          get(form, "source_unit"), "required autofocus");
  w.input("sender", w.say("Yang menyerahkan", "Handed over by"), get(form, "sender"), "required");
  w.input("sender_nip", "NIP", get(form, "sender_nip"), "inputmode=\"numeric\"");
  w.input("receiver", w.say("Yang menerima", "Received by"), get(form, "receiver"), "required");
  w.input("receiver_nip", "NIP", get(form, "receiver_nip"), "inputmode=\"numeric\"");
  w.input("note", w.say("Catatan", "Note"), get(form, "note"));
  w.add("<p class=\"field\"><label for=\"things\">" +
        w.say("Bahan, satu per baris: pindai barcode, atau ketik no. induk atau judul",
              "The material, one a line: scan a barcode, or type an accession number or a title") +
        "</label><textarea id=\"things\" name=\"things\" rows=\"8\" required>\n" +
        escape_html(get(form, "things")) + "</textarea></p><p><button accesskey=\"s\">" +
        w.say("Terima (Alt+S)", "Receive (Alt+S)") + "</button></p></form>");
  const auto all = service.holdings.handovers();
  w.add("<h2>" + w.say("Yang sudah diterima", "Received") +
        "</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + title +
        "\"><table><thead><tr>");
  for (const auto& head :
       {w.say("Nomor", "Number"), w.say("Tanggal", "Date"), w.say("Asal", "Source"),
        w.say("Bahan", "Things"), w.say("Menunggu", "Waiting")}) {
    w.add("<th scope=\"col\">" + head + "</th>");
  }
  w.add("</tr></thead><tbody>");
  constexpr std::size_t kMost = 100;
  std::size_t shown = 0;
  for (auto h = all.rbegin(); h != all.rend() && shown < kMost; ++h, ++shown) {
    const auto waiting = std::count_if(h->entries.begin(), h->entries.end(), [&](const auto& e) {
      return e.state == "received" &&
             !service.holdings.database().item_of_entry(h->batch_no, e.number);
    });
    w.add("<tr><td><a href=\"" + web_link(request, "/serah-terima/" + folded(h->batch_no)) + "\">" +
          escape_html(h->batch_no) + "</a></td><td>" + escape_html(h->received_on) + "</td><td>" +
          escape_html(h->source_unit) + "</td><td>" + std::to_string(h->entries.size()) +
          "</td><td>" + std::to_string(waiting) + "</td></tr>");
  }
  w.add("</tbody></table></div>");
  return w.page(title, why);
}

Response one_handover(Service& service, const Request& request, const Error* why) {
  const auto h = service.holdings.handover(request.parts[0]);
  if (!h) return problem(h.error(), request);
  Html w(request);
  const auto title = w.say("Serah terima", "Handover") + " " + escape_html(h->batch_no);
  w.add("<p class=\"meta\"><a href=\"" + web_link(request, "/serah-terima") + "\">" +
        w.say("Serah terima", "Handovers") + "</a></p><h1>" + title + "</h1><p>" +
        escape_html(h->received_on + " · " + h->source_unit + " · " + h->sender + " → " +
                    h->receiver) +
        "</p>");
  w.trouble(why);
  w.add("<form method=\"post\" action=\"" + web_link(request, "/surat/serah-terima") + "\">");
  w.key();
  w.hidden("for", h->batch_no);
  w.add("<p><button>" + w.say("Cetak Berita Acara (PDF)", "Print the record (PDF)") +
        "</button></p></form><form method=\"post\" action=\"" +
        web_link(request, "/serah-terima/" + folded(h->batch_no)) + "\">" + w.form_key() +
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + title +
        "\"><table><thead><tr>");
  for (const auto& head :
       {w.say("Pilih", "Choose"), w.say("No.", "No."), w.say("No. Induk", "Accession no."),
        w.say("Judul", "Title"), w.say("Status", "State")}) {
    w.add("<th scope=\"col\">" + head + "</th>");
  }
  w.add("</tr></thead><tbody>");
  for (const auto& e : h->entries) {
    const auto number = std::to_string(e.number);
    const auto item = service.holdings.database().item_of_entry(h->batch_no, e.number);
    if (item && !access::may(request.subject, access::Action::find, *item)) continue;
    w.add("<tr><td>");
    if (e.state == "received") {
      w.add("<input type=\"checkbox\" name=\"entry" + number + "\" value=\"1\" aria-label=\"" +
            w.say("Kembalikan no.", "Give back no.") + " " + number + "\">");
    }
    w.add("</td><td>" + number + "</td><td>" + escape_html(e.field("accession_no")) + "</td><td>" +
          escape_html(e.field("title")) + "</td><td>");
    if (item) {
      w.add("<a href=\"" + web_link(request, "/koleksi/" + folded(item->digitization_no)) + "\">" +
            escape_html(item->digitization_no) + "</a> " + w.say(label(item->state)));
    } else if (e.state == "received") {
      w.add("<a href=\"" +
            web_link(request, "/daftar",
                     {{"handover", h->batch_no}, {"entry", std::to_string(e.number)}}) +
            "\">" + w.say("Daftarkan", "Register") + "</a>");
    }
    if (e.state != "received") {
      const auto state = item_state_from(e.state);
      w.add(" " + (state ? w.say(label(*state)) : std::string()) + " " +
            escape_html(e.returned_on + " " + e.returned_to + " " + e.reason));
    }
    w.add("</td></tr>");
  }
  w.add("</tbody></table></div>");
  w.input("to", w.say("Dikembalikan kepada", "Given back to"), "", "required");
  w.input("reason", w.say("Alasan", "Reason"), "");
  w.add("<p class=\"hint\">" +
        w.say("Tanpa pilihan: semua yang belum dikembalikan.",
              "With nothing chosen: all that is still here.") +
        "</p><p><button accesskey=\"s\">" + w.say("Kembalikan (Alt+S)", "Give back (Alt+S)") +
        "</button></p></form>");
  return w.page(title, why);
}

// ---- registration

constexpr std::array<const char*, 13> kTyped{
    "title",       "creator", "publisher",         "place",
    "date_issued", "barcode", "accession_no",      "page_count_declared",
    "language",    "script",  "original_location", "source_unit",
    "note"};
constexpr std::array<const char*, 2> kChosen{"material_type", "condition"};
// What only some kinds of material have, or what may come later.
constexpr std::array<const char*, 19> kMore{"call_no",
                                            "ddc",
                                            "isbn",
                                            "issn",
                                            "edition",
                                            "series_title",
                                            "alt_title",
                                            "volume",
                                            "issue",
                                            "issue_date",
                                            "subject",
                                            "date_from",
                                            "date_to",
                                            "classification_code",
                                            "development_level",
                                            "condition_flags",
                                            "missing_pages",
                                            "priority",
                                            "orthography"};
// For whoever decides on rights.
constexpr std::array<const char*, 2> kRights{"rights_status", "access_class"};

void choose_words(Html& w, const std::string& name, const std::string& label,
                  const std::string& now,
                  const std::vector<std::pair<std::string, Message>>& words) {
  w.add("<p class=\"field\"><label for=\"" + name + "\">" + label + "</label><select id=\"" + name +
        "\" name=\"" + name + "\"><option value=\"\"></option>");
  for (const auto& [word, text] : words) {
    w.add("<option value=\"" + word + "\"" + (now == word ? " selected" : "") + ">" + w.say(text) +
          "</option>");
  }
  w.add("</select></p>");
}

// What is asked for of some material only, the item's series and, for whoever may, its rights.
void more_fields(Html& w, const Request& request, const Form& form) {
  w.add("<details><summary>" +
        w.say("Kolom lain (ISBN, No. Panggil, arsip, kerusakan, hak)",
              "More fields (ISBN, call number, archives, damage, rights)") +
        "</summary>");
  choose_words(w, "series", w.say("Seri", "Series"), get(form, "series"),
               {{"ALM-KOL", message("bahan pustaka", "library material")},
                {"ALM-ARS", message("arsip", "records")}});
  for (const char* name : kMore) {
    const auto* field = find_field(name);
    if (field->type == FieldType::words && !field->repeated) {
      w.choice(*field, get(form, name));
    } else if (field->type == FieldType::words) {
      std::string words;
      for (const auto word : field->allowed)
        words += (words.empty() ? "" : " | ") + std::string(word);
      w.input(name, w.say(field->label), get(form, name), "placeholder=\"" + words + "\"");
    } else {
      w.input(name, w.say(field->label), get(form, name));
    }
  }
  if (access::permit(request.subject, access::Action::decide_rights)) {
    std::vector<std::pair<std::string, Message>> rights;
    for (const auto r : all_rights_statuses()) rights.emplace_back(word(r), label(r));
    choose_words(w, "rights_status", w.say("Status hak cipta", "Rights status"),
                 get(form, "rights_status"), rights);
    std::vector<std::pair<std::string, Message>> classes;
    for (const auto a : all_access_classes()) classes.emplace_back(word(a), label(a));
    choose_words(w, "access_class", w.say("Kelas akses", "Access class"), get(form, "access_class"),
                 classes);
    w.input("rights_basis", w.say(find_field("rights_basis")->label), get(form, "rights_basis"));
  }
  w.add("</details>");
}

Response registration(Service& service, const Request& request, Form form, const Error* why) {
  const auto& database = service.holdings.database();
  Html w(request);
  const auto title = w.say("Mendaftarkan bahan", "Register a thing");
  w.add("<h1>" + title + "</h1>");
  if (const auto done = request.parameter("selesai"); !done.empty()) {
    w.add("<p role=\"status\"><strong><a href=\"" + web_link(request, "/koleksi/" + folded(done)) +
          "\">" + escape_html(done) + "</a></strong> " +
          w.say("terdaftar. Pindai barcode berikutnya.", "is registered. Scan the next barcode.") +
          "</p>");
    if (const auto item = item_for(service, request, done)) {
      for (const auto& d : doubts_of(*item)) {
        w.add("<p class=\"warn\">" + w.say(find_field(d.field)->label) + ": " + w.say(d.text) +
              "</p>");
      }
    }
  }
  const auto number = request.parameter("barcode");
  const auto batch = request.parameter("handover");
  bool known = !form.empty();
  Item found;
  if (form.empty() && !batch.empty()) {
    found.fields["batch_no"] = {batch};
    found.fields["batch_entry"] = {request.parameter("entry")};
  } else if (form.empty() && !number.empty()) {
    found.fields["barcode"] = {number};
  }
  if (form.empty() && !found.fields.empty()) {
    auto waiting = service.holdings.waiting_entry(found);
    if (!waiting && !number.empty()) {
      found.fields = {{"accession_no", {number}}};
      waiting = service.holdings.waiting_entry(found);
      if (!waiting) found.fields = {{"barcode", {number}}};
    }
    if (waiting) {
      for (const auto& [name, values] : waiting->second.fields) found.fields[name] = values;
      found.fields["batch_no"] = {waiting->first.batch_no};
      found.fields["batch_entry"] = {std::to_string(waiting->second.number)};
      found.fields.emplace("source_unit", std::vector{waiting->first.source_unit});
    } else if (const auto seen = pipeline::look_up(database, indexer::Identifier::barcode, number);
               seen.record) {
      found.fields = seen.record->item.fields;
    }
    (void)pipeline::fill_from_catalogue(database, found);
    for (const auto& [name, values] : found.fields) {
      form[name] = shown(values);
    }
    if (get(form, "script").empty()) form["script"] = "Latn";
    form["began_at"] = utc_now();
    known = true;
    for (const char* name : {"barcode", "accession_no"}) {
      const auto kind = std::string_view(name) == "barcode" ? indexer::Identifier::barcode
                                                            : indexer::Identifier::accession_no;
      for (const auto& item : database.items_with(kind, get(form, name))) {
        if (!access::may(request.subject, access::Action::find, item)) continue;
        w.add("<p class=\"warn\" role=\"alert\">" +
              w.say("Sudah dialihmediakan", "Digitised already") + ": <a href=\"" +
              web_link(request, "/koleksi/" + folded(item.digitization_no)) + "\">" +
              escape_html(item.digitization_no + " · " + item.field("title")) + "</a></p>");
      }
    }
  }
  w.trouble(why);
  if (!known) {
    w.add("<form class=\"card\" method=\"get\" action=\"" + web_link(request, "/daftar") + "\">");
    w.input("barcode", w.say("Barcode atau no. induk", "Barcode or accession number"), "",
            "required autofocus");
    w.add("<p><button>" + w.say("Lanjut (Enter)", "Go on (Enter)") + "</button></p></form>");
    return w.page(title, why);
  }
  w.add("<form class=\"card\" method=\"post\" action=\"" + web_link(request, "/daftar") + "\">");
  w.key();
  for (const char* name : {"batch_no", "batch_entry", "began_at"}) w.hidden(name, get(form, name));
  bool focused = false;
  for (const char* name : kTyped) {
    const auto* field = find_field(name);
    const auto value = get(form, name);
    // The first empty field of those that only the eye can tell.
    const bool focus = !focused && value.empty() && field->need == Need::always;
    focused = focused || focus;
    w.input(name, w.say(field->label), value,
            std::string(std::string_view(name) == "title" ? "required " : "") +
                (field->type == FieldType::number ? "inputmode=\"numeric\" " : "") +
                (focus ? "autofocus" : ""));
  }
  for (const char* name : kChosen) w.choice(*find_field(name), get(form, name));
  more_fields(w, request, form);
  w.add("<p><button accesskey=\"s\">" + w.say("Daftarkan (Alt+S)", "Register (Alt+S)") +
        "</button> <a href=\"" + web_link(request, "/daftar") + "\">" + w.say("Batal", "Cancel") +
        "</a></p></form>");
  return w.page(title, why);
}

// ---- corrections

constexpr std::array<const char*, 12> kCorrected{
    "accession_no", "call_no",       "title",
    "creator",      "place",         "publisher",
    "date_issued",  "material_type", "page_count_declared",
    "condition",    "note",          "original_location"};

Response correction(Service& service, const Request& request, const Form& form, const Error* why) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  if (auto may = access::permit(request.subject, access::Action::describe, *item, request.parts[0]);
      !may) {
    return problem(may.error(), request);
  }
  Html w(request);
  const auto title =
      w.say("Baris perbaikan", "Correction line") + " " + escape_html(item->digitization_no);
  w.add("<h1>" + title + "</h1><p class=\"hint\">" +
        w.say("Baris lama tetap ada, dicoret; yang di bawah menjadi baris baru.",
              "The old line stays, struck out; what is below becomes a new line.") +
        "</p>");
  w.trouble(why);
  w.add("<form class=\"card\" method=\"post\" action=\"" +
        web_link(request, "/register/perbaikan/" + folded(item->digitization_no)) + "\">");
  w.key();
  w.input("reason", w.say("Alasan perbaikan", "Why it is corrected"), get(form, "reason"),
          "required autofocus");
  for (const char* name : kCorrected) {
    const auto* field = find_field(name);
    const auto stored = item->fields.find(name);
    const auto value = !form.empty()                  ? get(form, name)
                       : stored == item->fields.end() ? std::string()
                                                      : shown(stored->second);
    if (field->type == FieldType::words)
      w.choice(*field, value);
    else
      w.input(name, w.say(field->label), value);
  }
  w.add("<p><button accesskey=\"s\">" +
        w.say("Tulis baris baru (Alt+S)", "Write the line (Alt+S)") + "</button></p></form>");
  return w.page(title, why);
}

}  // namespace

Response handovers_page(Service& service, const Request& request) {
  return handovers(service, request, {}, nullptr);
}

Response save_handover(Service& service, const Request& request) {
  const auto form = form_fields(request);
  if (!form) return problem(form.error(), request);
  pipeline::ReceiveRequest wanted;
  wanted.head.source_unit = trimmed(get(*form, "source_unit"));
  wanted.head.sender = trimmed(get(*form, "sender"));
  wanted.head.sender_nip = trimmed(get(*form, "sender_nip"));
  wanted.head.receiver = trimmed(get(*form, "receiver"));
  wanted.head.receiver_nip = trimmed(get(*form, "receiver_nip"));
  wanted.head.note = trimmed(get(*form, "note"));
  std::istringstream lines(get(*form, "things"));
  for (std::string line; std::getline(lines, line);) {
    line = trimmed(line);
    if (!line.empty()) {
      wanted.head.entries.push_back(entry_of(service.holdings.database(), line));
    }
  }
  const auto report =
      pipeline::receive(service.holdings, wanted, request.subject.agent, service.program);
  if (!report) return handovers(service, request, *form, &report.error());
  return go_to(request, "/serah-terima/" + folded(report->batch->batch_no));
}

Response handover_page(Service& service, const Request& request) {
  return one_handover(service, request, nullptr);
}

Response save_return(Service& service, const Request& request) {
  const auto form = form_fields(request);
  if (!form) return problem(form.error(), request);
  std::vector<int> entries;
  for (const auto& [name, value] : *form) {
    if (name.starts_with("entry")) entries.push_back(std::atoi(name.c_str() + 5));
  }
  const auto h = service.holdings.give_back(
      request.parts[0], entries, trimmed(get(*form, "to")), trimmed(get(*form, "reason")),
      request.subject.agent, pipeline::duty_of(request.subject, access::Action::describe));
  if (!h) return one_handover(service, request, &h.error());
  return go_to(request, "/serah-terima/" + folded(h->batch_no));
}

Response register_form(Service& service, const Request& request) {
  return registration(service, request, {}, nullptr);
}

Response save_registration(Service& service, const Request& request) {
  const auto form = form_fields(request);
  if (!form) return problem(form.error(), request);
  pipeline::RegisterRequest wanted;
  wanted.batch_no = get(*form, "batch_no");
  wanted.entry = std::atoi(get(*form, "batch_entry").c_str());
  wanted.began_at = get(*form, "began_at");
  const auto take_typed = [&](const char* name) {
    if (const auto value = trimmed(get(*form, name)); !value.empty()) {
      take(wanted.fields, name, value);
    }
  };
  for (const char* name : kTyped) take_typed(name);
  for (const char* name : kChosen) take_typed(name);
  for (const char* name : kMore) take_typed(name);
  for (const char* name : kRights) take_typed(name);
  take_typed("rights_basis");
  if (const auto series = get(*form, "series"); !series.empty()) wanted.series = series;
  if (auto may = pipeline::permit_new_fields(request.subject, wanted.fields); !may) {
    return problem(may.error(), request);
  }
  const auto item = pipeline::register_item(service.holdings, wanted, request.subject.agent);
  if (!item) return registration(service, request, *form, &item.error());
  return go_to(request, "/daftar", "?selesai=" + folded(item->digitization_no));
}

Response correction_form(Service& service, const Request& request) {
  return correction(service, request, {}, nullptr);
}

Response save_correction(Service& service, const Request& request) {
  const auto form = form_fields(request);
  if (!form) return problem(form.error(), request);
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  if (auto may = access::permit(request.subject, access::Action::describe, *item, request.parts[0]);
      !may) {
    return problem(may.error(), request);
  }
  std::vector<std::pair<std::string, std::string>> fields;
  for (const char* name : kCorrected) {
    const auto given = form->find(name);
    const auto stored = item->fields.find(name);
    const auto before = stored == item->fields.end() ? std::string() : shown(stored->second);
    if (given == form->end() || trimmed(given->second) == before) continue;
    take(fields, name, trimmed(given->second));
  }
  const auto changed = service.holdings.correct_line(
      item->id, fields, trimmed(get(*form, "reason")), request.subject.agent);
  if (!changed) return correction(service, request, *form, &changed.error());
  return go_to(request, "/koleksi/" + folded(changed->digitization_no));
}

Response save_closing(Service& service, const Request& request) {
  if (auto may = pipeline::permit_all_items(service.holdings, request.subject); !may) {
    return problem(may.error(), request);
  }
  const auto form = form_fields(request);
  if (!form) return problem(form.error(), request);
  const auto done = pipeline::close_register(service.holdings, trimmed(get(*form, "period")),
                                             request.subject.agent, service.program);
  if (!done) return problem(done.error(), request);
  return go_to(request, "/register");
}

Response print_form(Service& service, const Request& request) {
  const auto form = form_fields(request);
  if (!form) return problem(form.error(), request);
  std::vector<std::string> about;
  std::istringstream words(get(*form, "for"));
  for (std::string word; words >> word;) about.push_back(word);
  auto format = get(*form, "format");
  if (format.empty()) format = "pdf";
  return paper_response(service, request, request.parts[0], about, format);
}

std::string book_tools(Service& service, const Request& request) {
  if (!pipeline::permit_all_items(service.holdings, request.subject)) return {};
  Html w(request);
  const auto month = local_date().substr(0, 7);
  std::string out = "<h2>" + w.say("Cetak dan tutup", "Print and close") + "</h2>";
  const auto form = [&](const std::string& action, const std::string& name,
                        const std::string& label, const std::string& button, bool formats) {
    out += "<form class=\"search\" method=\"post\" action=\"" + web_link(request, action) + "\">" +
           w.form_key() + "<input name=\"" + name + "\" value=\"" + month +
           "\" size=\"8\" aria-label=\"" + label + "\">";
    if (formats) {
      out += "<select name=\"format\" aria-label=\"" + w.say("Bentuk", "Form") +
             "\"><option>pdf</option><option>xlsx</option><option>csv</option></select>";
    }
    out += "<button>" + button + "</button></form>";
  };
  const auto period = w.say("Tahun atau bulan", "Year or month");
  form("/surat/register", "for", period, w.say("Cetak Buku Inventaris", "Print the book"), true);
  form("/surat/report", "for", period, w.say("Cetak laporan", "Print the report"), true);
  form("/surat/kinerja", "for", period, w.say("Cetak rekap kinerja", "Print the times"), true);
  form("/register/tutup", "period", period, w.say("Tutup buku", "Close the book"), false);
  out += "<p class=\"hint\">" + w.say("Sudah ditutup: ", "Closed: ");
  bool first = true;
  for (const auto& c : service.holdings.closings()) {
    out += (first ? "" : ", ") + escape_html(c.period);
    first = false;
  }
  return out + (first ? "-" : "") + "</p>";
}

}  // namespace alih::api
