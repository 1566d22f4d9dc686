#include <algorithm>
#include <array>
#include <cstdio>

#include "api_style.h"

#include "api/handlers.h"
#include "api/json_view.h"
#include "api/web/forms.h"
#include "api/web/writer.h"
#include "core/audience.h"
#include "core/clock.h"
#include "core/confidence.h"
#include "core/doubts.h"
#include "core/fields.h"
#include "core/rights.h"
#include "indexer/snippet.h"
#include "pipeline/accounts.h"
#include "pipeline/processor.h"
#include "pipeline/risk.h"

namespace alih::api {

using access::Action;
using access::may;
using indexer::escape_html;

namespace {

constexpr int kHitsAPage = 20;

std::string item_link(const Writer& w, const Item& item, const std::string& q = "") {
  if (item.digitization_no.empty()) return w.link("/katalog/" + item.id.str());
  return w.link("/koleksi/" + folded(item.digitization_no), {{"q", q}});
}
std::string page_link(const Writer& w, const Item& item, int page, const std::string& q = "") {
  return w.link("/koleksi/" + folded(item.digitization_no) + "/halaman/" + std::to_string(page),
                {{"q", q}});
}
std::string thumbnail(const Item& item, int page) {
  return "/api/v1/items/" + folded(item.digitization_no) + "/pages/" + std::to_string(page) +
         "/thumbnail";
}
std::string title_of(const Writer& w, const Item& item) {
  const auto title = item.field("title");
  return title.empty() ? w.say("(belum berjudul)", "(no title yet)") : escape_html(title);
}

Message series_label(std::string_view code) {
  for (const auto& row : all_series()) {
    if (row.code == code) return row.label;
  }
  return message(code, code);
}

void hit_row(Writer& w, const Request& request, const indexer::SearchHit& hit,
             const std::string& q) {
  const auto target =
      hit.page ? page_link(w, hit.item, hit.page->number, q) : item_link(w, hit.item, q);
  w.add("<li>");
  const bool described = hit.item.digitization_no.empty();  // a catalogue record
  if (!described && may(request.subject, Action::view, hit.item)) {
    w.add("<a href=\"" + target +
          "\" tabindex=\"-1\" aria-hidden=\"true\"><img loading=\"lazy\" "
          "alt=\"\" src=\"" +
          thumbnail(hit.item, hit.page ? hit.page->number : 1) + "\"></a>");
  }
  w.add("<div class=\"body\"><a class=\"title\" href=\"" + target + "\">" + title_of(w, hit.item) +
        "</a><p class=\"meta\">");
  if (hit.page) {
    w.add(w.say("Halaman", "Page") + " " + escape_html(hit.page->label) + " · ");
  } else {
    w.add(w.say("Data bahan", "Item record") + " · ");
  }
  if (!described) w.add(escape_html(hit.item.digitization_no) + " · ");
  w.add(w.say(series_label(hit.item.series)));
  if (const auto year = hit.item.field("date_issued"); !year.empty())
    w.add(" · " + escape_html(year));
  w.add("</p>");
  w.add("<p class=\"snippet\">" + hit.snippet + "</p>");
  w.add("</div></li>");
}

void turn_results(Writer& w, const indexer::SearchRequest& asked, const Request& request,
                  std::size_t total) {
  const auto at = [&](int offset) {
    return w.link("/", {{"q", asked.query},
                        {"series", request.parameter("series")},
                        {"year", request.parameter("year")},
                        {"offset", offset > 0 ? std::to_string(offset) : ""}});
  };
  w.add("<nav class=\"turn\" aria-label=\"" + w.say("Halaman hasil", "Pages of results") +
        "\"><span>");
  if (asked.offset > 0) {
    w.add("<a rel=\"prev\" href=\"" + at(std::max(0, asked.offset - asked.limit)) + "\">" +
          w.say("← Sebelumnya", "← Previous") + "</a>");
  }
  w.add("</span><span>");
  if (static_cast<std::size_t>(asked.offset + asked.limit) < total) {
    w.add("<a rel=\"next\" href=\"" + at(asked.offset + asked.limit) + "\">" +
          w.say("Berikutnya →", "Next →") + "</a>");
  }
  w.add("</span></nav>");
}

void newest_items(Writer& w, Service& service, const Request& request) {
  constexpr std::size_t kNewest = 12;
  const auto items = service.holdings.database().newest_items(
      kNewest, [&](const Item& i) { return may(request.subject, Action::find, i); });
  w.add("<h2>" + w.say("Terakhir didaftarkan", "Registered last") + "</h2>");
  if (items.empty()) {
    w.add("<p>" +
          w.say("Belum ada bahan. Mulai dengan alihmedia scan atau alihmedia ingest.",
                "There are no items yet. Begin with alihmedia scan or alihmedia ingest.") +
          "</p>");
    return;
  }
  w.add("<ul class=\"sheets\">");
  for (const auto& item : items) {
    w.add("<li><a href=\"" + item_link(w, item) + "\">");
    if (may(request.subject, Action::view, item)) {
      w.add("<img loading=\"lazy\" alt=\"\" src=\"" + thumbnail(item, 1) + "\">");
    }
    w.add("<div>" + title_of(w, item) + "</div><div class=\"meta\">" +
          escape_html(item.digitization_no) + "</div></a></li>");
  }
  w.add("</ul>");
}

// The same person, in the reading room.
access::Subject at_office(const Request& request) {
  auto out = request.subject;
  out.on_premises = true;
  return out;
}

std::string percent(double share) {
  return std::to_string(static_cast<int>(share * 100 + 0.5)) + " %";
}

// For staff: which pages to look at first, the worst at the top, each with why.
void riskiest_pages(Writer& w, const Request& request, const Item& item,
                    const std::vector<Page>& pages) {
  const auto risks = pipeline::page_risks(item, pages);
  std::vector<std::size_t> risky;
  std::size_t judged = 0;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (risks[i].known) ++judged;
    if (!risks[i].reasons.empty()) risky.push_back(i);
  }
  if (judged == 0) return;
  w.add("<h2>" + w.say("Periksa dulu", "Look at these first") + "</h2>");
  if (risky.empty()) {
    w.add("<p>" +
          w.say("Tidak ada halaman yang mencurigakan.", "No page has anything suspicious.") +
          "</p>");
    return;
  }
  std::stable_sort(risky.begin(), risky.end(),
                   [&](std::size_t a, std::size_t b) { return risks[a].risk > risks[b].risk; });
  constexpr std::size_t kShown = 10;
  w.add("<p class=\"hint\">" + std::to_string(risky.size()) + " " + w.say("dari", "of") + " " +
        std::to_string(judged) + " " +
        w.say("halaman punya alasan untuk diperiksa; yang paling berisiko di atas.",
              "pages have a reason to be looked at; the riskiest come first.") +
        "</p><ol class=\"risks\">");
  for (std::size_t n = 0; n < std::min(kShown, risky.size()); ++n) {
    const auto& page = pages[risky[n]];
    const auto& risk = risks[risky[n]];
    w.add("<li><a href=\"" + page_link(w, item, page.number) +
          "\"><img loading=\"lazy\" alt=\"\" src=\"" + thumbnail(item, page.number) +
          "\"></a><div class=\"body\"><a class=\"title\" href=\"" +
          page_link(w, item, page.number) + "\">" + w.say("Halaman", "Page") + " " +
          escape_html(page.label) + "</a> <span class=\"risk\">" + w.say("risiko", "risk") + " " +
          percent(risk.risk) + "</span><p class=\"meta\">" +
          escape_html(pipeline::reasons_text(risk, request.language)) + "</p></div></li>");
  }
  w.add("</ol>");
}

}  // namespace

Response home_page(Service& service, const Request& request) {
  Writer w(request);
  const auto q = request.parameter("q");
  w.add("<h1>" + w.say("Penelusuran koleksi alih media", "Search the digitized holdings") +
        "</h1>");
  w.search_form(q);
  if (q.empty()) {
    newest_items(w, service, request);
    return html_response(w.page(w.say("Penelusuran", "Search")));
  }
  auto asked = search_request(request);
  if (!asked) return problem(asked.error(), request);
  asked->limit = kHitsAPage;
  auto found = service.holdings.database().search(*asked);
  if (!found) {
    w.add("<p class=\"warn\" role=\"alert\">" + w.say(found.error().message) + "</p>");
    auto r = html_response(w.page(w.say("Penelusuran", "Search")));
    r.status = http_status(found.error().code);
    return r;
  }
  w.add("<p role=\"status\"><strong>" + std::to_string(found->total) + "</strong> " +
        w.say("hasil untuk", "results for") + " “" + escape_html(q) + "”</p>");
  for (const auto& note : found->notes) w.add("<p class=\"hint\">" + w.say(note) + "</p>");
  for (const auto& other : found->suggestions) {
    w.add("<p class=\"hint\">" + w.say("Maksud Anda:", "Did you mean:") + " <a href=\"" +
          w.link("/", {{"q", other}}) + "\">" + escape_html(other) + "</a></p>");
  }
  if (found->series.size() > 1 || !found->years.empty()) {
    w.add("<div class=\"facets\">");
    for (const auto& [series, count] : found->series) {
      w.add("<a href=\"" + w.link("/", {{"q", q}, {"series", series}}) + "\">" +
            w.say(series_label(series)) + " (" + std::to_string(count) + ")</a>");
    }
    for (const auto& [year, count] : found->years) {
      w.add("<a href=\"" + w.link("/", {{"q", q}, {"year", std::to_string(year)}}) + "\">" +
            std::to_string(year) + " (" + std::to_string(count) + ")</a>");
    }
    w.add("</div>");
  }
  if (found->total == 0) {
    w.add("<p>" +
          w.say("Tidak ada yang cocok. Coba kata yang lebih sedikit, awalan dengan *, atau "
                "kata~ untuk kata yang mungkin salah terbaca.",
                "Nothing matches. Try fewer words, a beginning with *, or word~ for a word "
                "that may have been misread.") +
          "</p>");
  }
  w.add("<ol class=\"hits\">");
  for (const auto& hit : found->hits) hit_row(w, request, hit, q);
  w.add("</ol>");
  turn_results(w, *asked, request, found->total);
  return html_response(w.page(q));
}

namespace {

// What a librarian, an archivist or a section head decides; recorded with its basis.
void rights_form(Writer& w, const Item& item, const Error* why) {
  w.add("<h2 id=\"hak\">" + w.say("Hak dan akses", "Rights and access") + "</h2>");
  if (why != nullptr) w.add("<p class=\"warn\" role=\"alert\">" + w.say(why->message) + "</p>");
  w.add("<form class=\"person\" method=\"post\" action=\"" +
        w.link("/koleksi/" + folded(item.digitization_no)) + "\">" + w.form_key());
  const auto option = [&](std::string_view value, const Message& text, bool chosen) {
    w.add("<option value=\"" + std::string(value) + "\"" + (chosen ? " selected" : "") + ">" +
          w.say(text) + "</option>");
  };
  w.add("<label>" + w.say("Status hak", "Rights status") + " <select name=\"rights_status\">");
  for (int i = 0; i <= static_cast<int>(RightsStatus::confidential); ++i) {
    const auto status = static_cast<RightsStatus>(i);
    option(word(status), label(status), status == item.rights);
  }
  w.add("</select></label><label>" + w.say("Kelas akses", "Access class") +
        " <select name=\"access_class\">");
  for (int i = 0; i <= static_cast<int>(AccessClass::closed); ++i) {
    const auto access = static_cast<AccessClass>(i);
    option(word(access), label(access), access == item.access);
  }
  w.add("</select></label><fieldset><legend>" +
        w.say("Izin pemegang hak mencakup (status \"dengan izin\")",
              "The licence allows (status \"licensed\")") +
        "</legend>");
  const auto licence = licence_of(item);
  w.add("<label><input type=\"checkbox\" name=\"licence_allows\" value=\"images\"" +
        std::string(licence.images ? " checked" : "") + "> " +
        w.say("menampilkan citra", "showing the images") +
        "</label><label><input type=\"checkbox\" name=\"licence_allows\" value=\"download\"" +
        std::string(licence.download ? " checked" : "") + "> " + w.say("mengunduh", "downloading") +
        "</label></fieldset>");
  w.input(w.say("Dasar penetapan; kosong: pasal bawaan status itu",
                "Basis of the decision; empty: the article of that status"),
          "rights_basis", "text", item.field("rights_basis"));
  w.add("<p><button>" + w.say("Tetapkan", "Decide") + "</button></p></form>");
}

Response item_with(Service& service, const Request& request, const Error* why);

}  // namespace

Response item_page(Service& service, const Request& request) {
  return item_with(service, request, nullptr);
}

Response decide_form(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  auto read = form_fields(request);
  if (!read) return problem(read.error(), request);
  std::vector<std::pair<std::string, std::string>> fields;
  for (const char* name : {"rights_status", "access_class", "rights_basis"}) {
    fields.emplace_back(name, (*read)[name]);
  }
  fields.emplace_back("licence_allows", "");  // what is not ticked is not allowed
  auto& allows = (*read)["licence_allows"];
  for (const char* one : {"images", "download"}) {
    if (allows.find(one) != std::string::npos) fields.emplace_back("licence_allows", one);
  }
  auto done = pipeline::permit_fields(request.subject, *item, fields, request.parts[0]);
  if (done) {
    const auto saved = service.holdings.set_fields(item->id, fields, request.subject.agent);
    if (!saved) done = fail(Error(saved.error()));
  }
  if (!done) {
    auto r = item_with(service, request, &done.error());
    r.status = http_status(done.error().code);
    return r;
  }
  // Whoever has just closed it to himself sees that it is gone.
  return see_other("/koleksi/" + folded(item->digitization_no));
}

namespace {

Response item_with(Service& service, const Request& request, const Error* why) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  Writer w(request);
  const auto q = request.parameter("q");
  const bool views = may(request.subject, Action::view, *item);
  const bool works = may(request.subject, Action::see_workings, *item);
  auto pages = service.holdings.database().pages(item->id);
  std::erase_if(pages, [](const Page& p) { return p.state == PageState::removed; });
  w.add("<p class=\"meta\">" + escape_html(item->digitization_no) + " · " +
        w.say(series_label(item->series)) + "</p><h1>" + title_of(w, *item) + "</h1>");
  w.add("<p><span class=\"badge\">" + w.say(label(item->state)) + "</span> <span class=\"badge\">" +
        w.say("Akses", "Access") + ": " + w.say(label(item->access)) +
        "</span> <span class=\"badge\">" + w.say("Hak", "Rights") + ": " +
        w.say(label(item->rights)) + "</span> <span class=\"badge\">" +
        std::to_string(pages.size()) + " " + w.say("halaman", "pages") + "</span></p>");
  if (views) {
    w.add("<form class=\"search\" action=\"" + w.link("/koleksi/" + folded(item->digitization_no)) +
          "\" method=\"get\"><input type=\"search\" name=\"q\" aria-label=\"" +
          w.say("Cari di dalam bahan ini", "Search inside this item") + "\" placeholder=\"" +
          w.say("Cari di dalam bahan ini", "Search inside this item") + "\" value=\"" +
          escape_html(q) + "\"><button>" + w.say("Cari", "Search") + "</button></form>");
    if (!q.empty()) {
      indexer::SearchRequest inside;
      inside.query = q;
      inside.item = item->id;
      inside.limit = kHitsAPage;
      inside.audience = request.audience;
      const auto found = service.holdings.database().search(inside);
      if (found) {
        w.add("<p role=\"status\"><strong>" + std::to_string(found->total) + "</strong> " +
              w.say("hasil di dalam bahan ini", "results inside this item") +
              "</p><ol class=\"hits\">");
        for (const auto& hit : found->hits) hit_row(w, request, hit, q);
        w.add("</ol>");
      } else {
        w.add("<p class=\"warn\" role=\"alert\">" + w.say(found.error().message) + "</p>");
      }
    }
    if (works && q.empty()) riskiest_pages(w, request, *item, pages);
    w.add("<h2>" + w.say("Halaman", "Pages") + "</h2><ul class=\"sheets\">");
    for (const auto& page : pages) {
      w.add("<li><a href=\"" + page_link(w, *item, page.number, q) +
            "\"><img loading=\"lazy\" alt=\"\" src=\"" + thumbnail(*item, page.number) +
            "\"><div>" + w.say("Halaman", "Page") + " " + escape_html(page.label) + "</div>");
      if (page.state != PageState::indexed) {
        w.add("<div class=\"meta\">" + w.say(label(page.state)) + "</div>");
      }
      w.add("</a></li>");
    }
    w.add("</ul>");
  } else {
    w.add("<p>" +
          (may(at_office(request), Action::view, *item)
               ? w.say("Citra halaman bahan ini hanya dapat dilihat di kantor.",
                       "The page images of this item can be seen at the office only.")
               : w.say("Citra halaman bahan ini belum atau tidak boleh ditampilkan.",
                       "The page images of this item may not, or not yet, be shown.")) +
          "</p>");
  }
  w.add("<h2>" + w.say("Data bahan", "Item record") + "</h2><table class=\"fields\">");
  const auto values = register_values(*item, pages);
  for (const auto& f : all_fields()) {
    const auto found = values.find(std::string(f.name));
    if (found == values.end() || f.name == "manifest_sha256") continue;
    if (!works && is_of_workings(f.name)) continue;
    w.add("<tr><th scope=\"row\">" + w.say(f.label) + "</th><td>");
    bool first = true;
    for (const auto& value : found->second) {
      if (!first) w.add("<br>");
      first = false;
      w.text(value);
    }
    w.add("</td></tr>");
  }
  w.add("</table>");
  if (works) {
    if (const auto suggested = suggest_rights(*item, local_year());
        suggested && item->rights == RightsStatus::undetermined) {
      w.add("<p class=\"hint\">" + w.say("Saran menurut tahun", "Suggested by the years") +
            ": <strong>" + w.say(label(suggested->status)) + "</strong> (" +
            w.say(suggested->reason) + "). " +
            w.say("Petugas yang memutuskan:", "A person decides:") + " <code>alihmedia item set " +
            escape_html(item->digitization_no) + " rights_status=" +
            std::string(word(suggested->status)) + " rights_basis=…</code></p>");
    }
    if (may(request.subject, Action::decide_rights, *item)) rights_form(w, *item, why);
    if (const auto missing = incomplete_fields(*item, pages); !missing.empty()) {
      w.add("<p class=\"warn\">" + w.say("Belum diisi: ", "Not filled in yet: "));
      bool first = true;
      for (const auto& name : missing) {
        const auto* f = find_field(name);
        w.add((first ? "" : ", ") +
              (f != nullptr ? w.say(f->label) : w.say("Status hak cipta", "Rights status")));
        first = false;
      }
      w.add(".</p>");
    }
    for (const auto& d : doubts_of(*item)) {
      w.add("<p class=\"warn\">" + w.say(find_field(d.field)->label) + ": " + w.say(d.text) +
            ".</p>");
    }
  }
  return html_response(
      w.page(item->field("title").empty() ? item->digitization_no : item->field("title")));
}

// What was typed into the form and could not be saved, so that it is not lost.
struct Unsaved {
  std::string text;
  std::string revision;
  Error why;
};

bool may_correct(const Request& request, const Item& item, const Page& page) {
  return may(request.subject, Action::correct, item) &&
         (page.state == PageState::indexed || page.state == PageState::blank);
}

// A form beside the image. Keys: the text has the focus at once, tab and enter save.
void edit_form(Writer& w, const Item& item, const Page& page, const std::string& text,
               const std::string& revision, const std::string& q, const Error* why) {
  w.add("<form class=\"correct\" method=\"post\" action=\"" + page_link(w, item, page.number, q) +
        "\"><label for=\"teks\">" +
        w.say("Teks halaman, baris demi baris seperti tercetak",
              "Text of the page, line by line as printed") +
        "</label>");
  if (why != nullptr) w.add("<p class=\"warn\" role=\"alert\">" + w.say(why->message) + "</p>");
  // The first line break after the tag is not of the text.
  w.add("<textarea id=\"teks\" name=\"text\" autofocus spellcheck=\"false\" lang=\"id\">\n");
  w.text(text);
  w.add(
      "</textarea><input type=\"hidden\" name=\"revision\" value=\"" + escape_html(revision) +
      "\">" + w.form_key() + "<p><button accesskey=\"s\">" +
      w.say("Simpan perbaikan", "Save the correction") + "</button> <a accesskey=\"b\" href=\"" +
      page_link(w, item, page.number, q) + "\">" + w.say("Batal", "Cancel") +
      "</a></p><p class=\"hint\">" +
      w.say(
          "Tombol: Tab lalu Enter menyimpan; Alt+S (Alt+Shift+S) langsung menyimpan, Alt+B batal. "
          "Kata yang sama tetap pada tempatnya; pencarian, PDF, dan ALTO memakai teks ini.",
          "Keys: Tab then Enter saves; Alt+S (Alt+Shift+S) saves at once, Alt+B cancels. Words "
          "that stay the same keep their place; search, PDF and ALTO use this text.") +
      "</p></form>");
}

Response reader(Service& service, const Request& request, const Unsaved* unsaved) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  const auto page = page_for(service, *item, request.parts[1]);
  if (!page) return problem(page.error(), request);
  if (auto allowed = access::permit(request.subject, Action::view, *item, request.parts[0]);
      !allowed) {
    return problem(allowed.error(), request);
  }
  Writer w(request);
  const auto q = request.parameter("q");
  std::vector<Box> boxes;
  if (!q.empty()) {
    indexer::SearchRequest inside;
    inside.query = q;
    inside.item = item->id;
    inside.page = page->file_seq;
    constexpr int kMost = 2000;  // pages of one item
    inside.limit = kMost;
    inside.audience = request.audience;
    if (const auto found = service.holdings.database().search(inside)) {
      if (!found->hits.empty()) boxes = found->hits.front().boxes;
    }
  }
  auto pages = service.holdings.database().pages(item->id);
  std::erase_if(pages, [](const Page& p) { return p.state == PageState::removed; });
  int before = 0;
  int after = 0;
  for (const auto& p : pages) {
    if (p.number < page->number) before = p.number;
    if (p.number > page->number && after == 0) after = p.number;
  }
  w.add("<p class=\"meta\"><a href=\"" + item_link(w, *item, q) + "\">" + title_of(w, *item) +
        "</a> · " + escape_html(item->digitization_no) + "</p><h1>" + w.say("Halaman", "Page") +
        " " + escape_html(page->label) + " " + w.say("dari", "of") + " " +
        std::to_string(pages.size()) + "</h1>");
  w.add("<form class=\"search\" method=\"get\" action=\"" + page_link(w, *item, page->number) +
        "\"><input type=\"search\" name=\"q\" aria-label=\"" +
        w.say("Tandai kata pada halaman", "Mark words on the page") + "\" value=\"" +
        escape_html(q) + "\"><button>" + w.say("Tandai", "Mark") + "</button></form>");
  if (!q.empty()) {
    w.add("<p class=\"hint\" role=\"status\">" + std::to_string(boxes.size()) + " " +
          w.say("tempat ditandai pada halaman ini", "places marked on this page") + "</p>");
  }
  const auto turn = [&] {
    w.add("<nav class=\"turn\" aria-label=\"" + w.say("Pindah halaman", "Turn pages") +
          "\"><span>");
    if (before > 0) {
      w.add("<a rel=\"prev\" href=\"" + page_link(w, *item, before, q) + "\">" +
            w.say("← Halaman sebelumnya", "← Previous page") + "</a>");
    }
    w.add("</span><span>");
    if (after > 0) {
      w.add("<a rel=\"next\" href=\"" + page_link(w, *item, after, q) + "\">" +
            w.say("Halaman berikutnya →", "Next page →") + "</a>");
    }
    w.add("</span></nav>");
  };
  turn();
  const bool edits = may_correct(request, *item, *page) &&
                     (unsaved != nullptr || request.parameter("edit") == "1");
  Result<TextLayer> text = TextLayer();
  if (access::may_read_text(request.audience, *item)) {
    text = service.holdings.database().text(item->id, page->file_seq);
  }
  if (edits) w.add("<div class=\"beside\">");
  const auto image = "/api/v1/items/" + folded(item->digitization_no) + "/pages/" +
                     std::to_string(page->number) + "/image";
  w.add("<div class=\"sheet\"><img alt=\"" + w.say("Citra halaman", "Image of page") + " " +
        escape_html(page->label) + "\" src=\"" + image + "\"");
  if (page->access_width > 0) {
    w.add(" width=\"" + std::to_string(page->access_width) + "\" height=\"" +
          std::to_string(page->access_height) + "\"");
  }
  w.add(">");
  if (!boxes.empty()) {
    w.add("<svg aria-hidden=\"true\" viewBox=\"0 0 " + std::to_string(page->access_width) + " " +
          std::to_string(page->access_height) + "\" preserveAspectRatio=\"none\">");
    constexpr int kMargin = 6;  // pixels around a word
    for (const auto& b : boxes) {
      w.add("<rect x=\"" + std::to_string(b.x - kMargin) + "\" y=\"" +
            std::to_string(b.y - kMargin) + "\" width=\"" + std::to_string(b.width + 2 * kMargin) +
            "\" height=\"" + std::to_string(b.height + 2 * kMargin) + "\" rx=\"6\"/>");
    }
    w.add("</svg>");
  }
  w.add("</div>");
  if (edits) {
    if (unsaved != nullptr) {
      edit_form(w, *item, *page, unsaved->text, unsaved->revision, q, &unsaved->why);
    } else {
      edit_form(w, *item, *page, text ? text->text() : "", std::to_string(page->revision), q,
                nullptr);
    }
    w.add("</div>");
  }
  const bool works = may(request.subject, Action::see_workings, *item);
  if (works) {
    w.add("<p><a href=\"" +
          w.link("/koleksi/" + folded(item->digitization_no) + "/halaman/" +
                 std::to_string(page->number) + "/banding") +
          "\">" + w.say("Bandingkan sebelum dan sesudah", "Compare before and after") + "</a></p>");
  }
  turn();
  const auto* correction = pipeline::find_correction(*page);
  w.add("<h2 id=\"hasil\">" +
        (correction == nullptr
             ? w.say("Teks hasil baca mesin", "Text as read by the machine")
             : w.say("Teks yang diperbaiki petugas", "Text as corrected by staff")) +
        "</h2>");
  if (may_correct(request, *item, *page) && !edits) {
    w.add("<p><a class=\"button\" accesskey=\"e\" href=\"" +
          w.link("/koleksi/" + folded(item->digitization_no) + "/halaman/" +
                     std::to_string(page->number),
                 {{"q", q}, {"edit", "1"}}) +
          "\">" + w.say("Perbaiki teks (Alt+E)", "Correct the text (Alt+E)") + "</a></p>");
  }
  if (!access::may_read_text(request.audience, *item)) {
    w.add("<p>" +
          w.say("Teks bahan ini hanya untuk petugas.", "The text of this item is for staff only.") +
          "</p>");
  } else if (page->state == PageState::indexed && text) {
    w.add("<p class=\"hint\">");
    if (correction != nullptr) {
      const auto count = correction->numbers.find("corrected_words");
      w.add(
          std::to_string(count == correction->numbers.end() ? 0 : static_cast<int>(count->second)) +
          " " + w.say("kata ditulis petugas", "words are a person's") + " · ");
    }
    w.add(w.say("Perkiraan kata yang benar", "Words likely right") + " " +
          std::to_string(static_cast<int>(share_right(*page) * 100 + 0.5)) + " % · " +
          escape_html(page->reading.engine) + " · " + escape_html(page->reading.models) +
          "</p><pre class=\"text\" lang=\"id\">");
    w.text(text->text());
    w.add("</pre>");
  } else {
    w.add("<p>" + w.say(label(page->state)) + (works && !page->failure.empty() ? ": " : "") +
          (works ? escape_html(page->failure) : "") + "</p>");
  }
  auto response = html_response(
      w.page((item->field("title").empty() ? item->digitization_no : item->field("title")) + " · " +
             page->label));
  if (unsaved != nullptr) response.status = http_status(unsaved->why.code);
  return response;
}

}  // namespace

Response reader_page(Service& service, const Request& request) {
  return reader(service, request, nullptr);
}

Response save_text(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  for (const auto action : {Action::correct, Action::view}) {
    if (auto allowed = access::permit(request.subject, action, *item, request.parts[0]); !allowed) {
      return problem(allowed.error(), request);
    }
  }
  const auto page = page_for(service, *item, request.parts[1]);
  if (!page) return problem(page.error(), request);
  auto read = form_fields(request);
  if (!read) return problem(read.error(), request);
  auto& fields = *read;
  const auto revision = revision_of(fields["revision"]);
  if (!revision) return problem(revision.error(), request);
  const auto done = service.holdings.correct_page(item->id, page->number, fields["text"], *revision,
                                                  request.subject.agent);
  if (!done) {
    const Unsaved unsaved{fields["text"], std::to_string(page->revision), done.error()};
    return reader(service, request, &unsaved);
  }
  std::string target =
      "/koleksi/" + folded(item->digitization_no) + "/halaman/" + std::to_string(page->number);
  char mark = '?';
  for (const char* name : {"q", "lang"}) {
    if (const auto value = request.parameter(name); !value.empty()) {
      target += mark + std::string(name) + "=" + Writer::encoded(value);
      mark = '&';
    }
  }
  return see_other(target + "#hasil");
}

namespace {

// What a stage did, in a row: its name, what became of it, its numbers.
void stage_row(Writer& w, const Finding& finding, const Message& label) {
  w.add("<tr><th scope=\"row\">" + w.say(label) + "</th><td>");
  if (finding.name == "blank")
    w.add(finding.note == "blank" ? w.say("ya", "yes") : w.say("tidak", "no"));
  else if (finding.applied)
    w.add(w.say("ya", "yes"));
  else if (finding.note == "unsure")
    w.add(w.say("tidak: kurang yakin", "no: not sure enough"));
  else
    w.add(w.say("tidak perlu", "not needed"));
  w.add("</td><td>" + percent(finding.confidence) + "</td><td class=\"meta\">");
  bool first = true;
  for (const auto& [name, value] : finding.numbers) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    w.add((first ? "" : " · ") + escape_html(name) + " " + text.data());
    first = false;
  }
  w.add("</td></tr>");
}

}  // namespace

Response compare_page(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  const auto page = page_for(service, *item, request.parts[1]);
  if (!page) return problem(page.error(), request);
  for (const auto action : {Action::view, Action::see_workings}) {
    const auto allowed = access::permit(request.subject, action, *item, request.parts[0]);
    if (!allowed) return problem(allowed.error(), request);
  }
  Writer w(request);
  w.add("<p class=\"meta\"><a href=\"" + item_link(w, *item) + "\">" + title_of(w, *item) +
        "</a> · <a href=\"" + page_link(w, *item, page->number) + "\">" + w.say("Halaman", "Page") +
        " " + escape_html(page->label) + "</a></p><h1>" +
        w.say("Sebelum dan sesudah", "Before and after") + "</h1>");
  const auto images = "/api/v1/items/" + folded(item->digitization_no) + "/pages/" +
                      std::to_string(page->number) + "/";
  struct Picture {
    const char* name;
    Message label;
  };
  w.add("<div class=\"compare\">");
  for (const auto& [name, label] :
       {Picture{"before", message("Sebelum: seperti dipindai", "Before: as scanned")},
        Picture{"image", message("Sesudah: citra akses", "After: access image")},
        Picture{"reading", message("Yang dibaca mesin", "What the machine reads")}}) {
    w.add("<figure><figcaption>" + w.say(label) + "</figcaption><a href=\"" + images + name +
          "\"><img alt=\"" + w.say(label) + " (" + w.say("buka ukuran penuh", "open at full size") +
          ")\" src=\"" + images + name + "\"></a></figure>");
  }
  w.add("</div><h2>" + w.say("Yang dikerjakan", "What was done") +
        "</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
        w.say("Yang dikerjakan", "What was done") + "\"><table><thead><tr><th scope=\"col\">" +
        w.say("Tahap", "Stage") + "</th><th scope=\"col\">" + w.say("Dikerjakan", "Done") +
        "</th><th scope=\"col\">" + w.say("Keyakinan", "Confidence") + "</th><th scope=\"col\">" +
        w.say("Ukuran", "Numbers") + "</th></tr></thead><tbody>");
  for (const auto& finding : page->findings) {
    if (const auto label = pipeline::stage_label(finding.name)) stage_row(w, finding, *label);
  }
  w.add("</tbody></table></div>");
  if (!page->settings.empty()) {
    w.add("<h2>" + w.say("Pengaturan halaman ini saja", "Settings of this page alone") +
          "</h2><ul>");
    for (const auto& [name, value] : page->settings) {
      w.add("<li><code>" + escape_html(name) + " = " + escape_html(value) + "</code></li>");
    }
    w.add("</ul>");
  }
  if (may(request.subject, Action::correct, *item)) {
    w.add("<p class=\"hint\">" +
          w.say("Ada yang salah? Ulangi tanpa satu tahap:",
                "Something wrong? Do it again without a stage:") +
          " <code>alihmedia page redo " + escape_html(item->digitization_no) + " " +
          std::to_string(page->number) + " --set processing.deskew.enabled=false</code></p>");
  }
  return html_response(
      w.page(w.say("Sebelum dan sesudah", "Before and after") + " · " + escape_html(page->label)));
}

Response register_page(Service& service, const Request& request) {
  Writer w(request);
  const auto window = window_of(request, 1000);
  if (!window) return problem(window.error(), request);
  auto items = service.holdings.database().items({});
  std::erase_if(items, [&](const Item& i) { return !may(request.subject, Action::find, i); });
  const auto total = items.size();
  w.add("<h1>" + w.say("Buku Inventaris Alih Media", "Digitization register") +
        "</h1><p class=\"meta\">" + std::to_string(total) + " " +
        w.say("bahan terdaftar", "items registered") +
        "</p><div class=\"scroll\"><table><thead><tr>");
  for (const auto& [id, en] :
       std::vector<std::pair<const char*, const char*>>{{"No. Urut", "No."},
                                                        {"Tanggal", "Date"},
                                                        {"No. Inventaris", "Digitization no."},
                                                        {"Judul", "Title"},
                                                        {"Pengarang", "Creator"},
                                                        {"Tahun", "Year"},
                                                        {"Jml Citra", "Images"},
                                                        {"Status", "State"},
                                                        {"Belum diisi", "Incomplete"}}) {
    w.add("<th scope=\"col\">" + w.say(id, en) + "</th>");
  }
  w.add("</tr></thead><tbody>");
  const auto begin = std::min(total, static_cast<std::size_t>(window->offset));
  const auto end = std::min(total, begin + static_cast<std::size_t>(window->limit));
  for (auto i = begin; i < end; ++i) {
    const auto& item = items[i];
    const auto pages = service.holdings.database().pages(item.id);
    const auto values = register_values(item, pages);
    const auto value = [&](const char* name) {
      const auto found = values.find(name);
      return found == values.end() || found->second.empty() ? std::string()
                                                            : escape_html(found->second.front());
    };
    w.add("<tr><td>" + std::to_string(item.sequence_no) + "</td><td>" + value("registered_on") +
          "</td><td><a href=\"" + item_link(w, item) + "\">" + escape_html(item.digitization_no) +
          "</a></td><td>" + title_of(w, item) + "</td><td>" + value("creator") + "</td><td>" +
          value("date_issued") + "</td><td>" + value("image_count") + "</td><td>" +
          w.say(label(item.state)) + "</td><td>" +
          std::to_string(incomplete_fields(item, pages).size()) + "</td></tr>");
  }
  w.add("</tbody></table></div><nav class=\"turn\"><span>");
  if (window->offset > 0) {
    w.add("<a rel=\"prev\" href=\"" +
          w.link("/register",
                 {{"offset", std::to_string(std::max(0, window->offset - window->limit))}}) +
          "\">" + w.say("← Sebelumnya", "← Previous") + "</a>");
  }
  w.add("</span><span>");
  if (end < total) {
    w.add("<a rel=\"next\" href=\"" + w.link("/register", {{"offset", std::to_string(end)}}) +
          "\">" + w.say("Berikutnya →", "Next →") + "</a>");
  }
  w.add("</span></nav>");
  if (may(request.subject, Action::print_papers)) w.add(book_tools(service, request));
  return html_response(w.page(w.say("Buku Inventaris Alih Media", "Digitization register")));
}

namespace {

void record_table(Writer& w, const CatalogueRecord& record) {
  w.add("<table class=\"fields\">");
  const auto row = [&](const std::string& label, const std::vector<std::string>& values) {
    w.add("<tr><th scope=\"row\">" + label + "</th><td>");
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) w.add("<br>");
      w.text(values[i]);
    }
    w.add("</td></tr>");
  };
  for (const auto& f : all_fields()) {
    const auto found = record.item.fields.find(std::string(f.name));
    if (found != record.item.fields.end()) row(w.say(f.label), found->second);
  }
  for (const auto& [name, values] : record.extra) row(escape_html(name), values);
  w.add("</table>");
}

void digitised_list(Writer& w, const std::vector<Item>& items) {
  for (const auto& item : items) {
    w.add("<p class=\"warn\" role=\"status\">" +
          w.say("Sudah dialihmediakan", "Digitised already") + ": <a href=\"" + item_link(w, item) +
          "\">" + escape_html(item.digitization_no) + " · " + title_of(w, item) + "</a></p>");
  }
}

}  // namespace

Response catalogue_page(Service& service, const Request& request) {
  Writer w(request);
  const auto title = w.say("Katalog dan Buku Induk", "Catalogue and accession book");
  w.add("<h1>" + title + "</h1><form class=\"search\" action=\"" + w.link("/katalog") +
        "\" method=\"get\"><input name=\"barcode\" autofocus aria-label=\"" +
        w.say("No. barcode", "Barcode") + "\" placeholder=\"" +
        w.say("Pindai atau ketik no. barcode", "Scan or type a barcode") + "\" value=\"" +
        escape_html(request.parameter("barcode")) + "\"><input name=\"nomor_induk\" aria-label=\"" +
        w.say("No. induk", "Accession no.") + "\" placeholder=\"" +
        w.say("atau no. induk", "or accession no.") + "\" value=\"" +
        escape_html(request.parameter("nomor_induk")) + "\"><button>" + w.say("Cari", "Look up") +
        "</button></form>");
  if (!request.parameter("barcode").empty() || !request.parameter("nomor_induk").empty()) {
    const auto found = look_up_of(service, request);
    if (!found) {
      w.add("<p class=\"warn\" role=\"alert\">" + w.say(found.error().message) + "</p>");
    } else {
      digitised_list(w, found->digitised);
      if (found->record) record_table(w, *found->record);
    }
  }
  return html_response(w.page(title));
}

Response record_page(Service& service, const Request& request) {
  const auto id = ItemId::parse(request.parts[0]);
  if (!id) return problem(id.error(), request);
  const auto record = service.holdings.database().catalogue_record(*id);
  if (!record) return problem(record.error(), request);
  Writer w(request);
  w.add("<p class=\"meta\">" + w.say(series_label(record->item.series)) + "</p><h1>" +
        title_of(w, record->item) + "</h1>");
  record_table(w, *record);
  return html_response(w.page(record->item.field("title")));
}

std::string web_page(const Request& request, const std::string& title, const std::string& html) {
  Writer w(request);
  w.add(html);
  return w.page(title);
}

std::string web_link(const Request& request, const std::string& path,
                     const std::vector<std::pair<std::string, std::string>>& query) {
  return Writer(request).link(path, query);
}

Response stylesheet(Service&, const Request&) {
  Response r;
  r.type = "text/css; charset=utf-8";
  r.headers["Cache-Control"] = "max-age=300";
  r.body = kStyleSheet;
  return r;
}

std::string error_page(const Request& request, const Error& error) {
  Writer w(request);
  w.add("<h1>" + w.say("Tidak dapat ditampilkan", "Cannot be shown") + "</h1><p role=\"alert\">" +
        w.say(error.message) + "</p><p><a href=\"" + w.link("/") + "\">" +
        w.say("Kembali ke penelusuran", "Back to the search") + "</a></p>");
  return w.page(w.say("Tidak dapat ditampilkan", "Cannot be shown"));
}

}  // namespace alih::api
