#include "api/web/writer.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include "access/secret.h"
#include "api/handlers.h"
#include "indexer/snippet.h"

namespace alih::api {

using access::Action;
using indexer::escape_html;

std::string Writer::say(std::string_view id, std::string_view en) const {
  return escape_html(request_.language == Language::english ? en : id);
}
std::string Writer::say(const Message& m) const { return escape_html(m.in(request_.language)); }
void Writer::text(std::string_view plain) { out_ += escape_html(plain); }

std::string Writer::page(const std::string& title) const {
  const bool english = request_.language == Language::english;
  const auto& subject = request_.subject;
  std::string other = request_.path + "?lang=" + (english ? "id" : "en");
  for (const auto& [name, value] : request_.query) {
    if (name != "lang") other += "&" + name + "=" + encoded(value);
  }
  std::string nav = "<a href=\"" + link("/") + "\">" + say("Penelusuran", "Search") + "</a>";
  if (access::may(subject, Action::take_in)) {
    nav += "<a href=\"" + link("/serah-terima") + "\">" + say("Serah terima", "Handover") +
           "</a><a href=\"" + link("/daftar") + "\">" + say("Daftarkan", "New entry") + "</a>";
  }
  if (access::may(subject, Action::see_catalogue)) {
    nav += "<a href=\"" + link("/katalog") + "\">" + say("Katalog", "Catalogue") + "</a>";
  }
  nav += "<a href=\"" + link("/register") + "\">" + say("Buku Inventaris", "Register") + "</a>";
  if (!subject.account.empty() && access::may(subject, Action::manage_people)) {
    nav += "<a href=\"" + link("/pengguna") + "\">" + say("Pengguna", "People") + "</a>";
  }
  if (!subject.account.empty()) {
    nav += "<a href=\"" + link("/akun") + "\">" + escape_html(subject.agent.name) +
           "</a><form class=\"out\" method=\"post\" action=\"" + link("/keluar") + "\">" +
           form_key() + "<button>" + say("Keluar", "Sign out") + "</button></form>";
  } else if (!subject.owner) {
    nav += "<a href=\"" + escape_html(sign_in_path(request_)) + "\">" + say("Masuk", "Sign in") +
           "</a>";
  }
  nav += "<a hreflang=\"" + std::string(english ? "id" : "en") + "\" href=\"" + escape_html(other) +
         "\">" + (english ? "Bahasa Indonesia" : "English") + "</a>";
  return "<!doctype html><html lang=\"" + std::string(english ? "en" : "id") +
         "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\"><title>" +
         escape_html(title) +
         " · alihmedia</title><link rel=\"stylesheet\" href=\"/gaya.css\"></head><body>"
         "<a class=\"skip\" href=\"#isi\">" +
         say("Langsung ke isi", "Skip to content") +
         "</a><header class=\"top\"><div class=\"in\"><a class=\"name\" href=\"" + link("/") +
         "\">alihmedia</a><span class=\"meta\">" +
         say("Dinas Perpustakaan dan Kearsipan Kabupaten Banggai",
             "Library and Archives Office of Banggai Regency") +
         "</span><nav>" + nav + "</nav></div></header><main id=\"isi\">" + out_ +
         "</main></body></html>";
}

std::string Writer::encoded(const std::string& text) {
  std::string out;
  Poco::URI::encode(text, "!#$&'()*+,/:;=?@[]\"%<> ", out);
  return out;
}

std::string Writer::link(const std::string& path,
                         const std::vector<std::pair<std::string, std::string>>& query) const {
  std::string out = path;
  char mark = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    out += mark + name + "=" + encoded(value);
    mark = '&';
  }
  if (const auto lang = request_.parameter("lang"); !lang.empty()) {
    out += std::string(1, mark) + "lang=" + encoded(lang);
  }
  return escape_html(out);
}

void Writer::search_form(const std::string& q) {
  add("<form class=\"search\" action=\"/\" method=\"get\" role=\"search\"><input type=\"search\" "
      "name=\"q\" aria-label=\"" +
      say("Kata yang dicari", "Words to look for") + "\" value=\"" + escape_html(q) + "\"" +
      (q.empty() ? " autofocus" : "") + ">");
  if (const auto lang = request_.parameter("lang"); !lang.empty()) {
    add("<input type=\"hidden\" name=\"lang\" value=\"" + escape_html(lang) + "\">");
  }
  add("<button>" + say("Cari", "Search") + "</button></form><p class=\"hint\">" +
      say("Ejaan lama dan baru sama-sama ditemukan: guru juga menemukan goeroe. "
          "\"dalam tanda kutip\" mencari persis, kata* mencari awalan, -kata mengecualikan.",
          "Old and new spelling find each other: guru also finds goeroe. \"In quotes\" is exact, "
          "word* finds beginnings, -word excludes.") +
      "</p>");
}

std::string Writer::form_key() const {
  if (request_.form_key.empty()) return {};
  return "<input type=\"hidden\" name=\"kunci\" value=\"" + escape_html(request_.form_key) + "\">";
}

void Writer::input(const std::string& label, std::string_view name, std::string_view type,
                   std::string_view value, std::string_view more) {
  add("<label>" + label + "<input name=\"" + escape_html(name) + "\" type=\"" + escape_html(type) +
      "\" value=\"" + escape_html(value) + "\" " + std::string(more) + "></label>");
}

Result<std::map<std::string, std::string>> form_fields(const Request& request) {
  // Poco takes + for a blank only behind a question mark.
  const auto decode = [](std::string_view text, std::string& to) {
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    Poco::URI::decode(spaced, to);
  };
  std::map<std::string, std::string> out;
  try {
    std::string_view body = request.body;
    while (!body.empty()) {
      const auto end = std::min(body.find('&'), body.size());
      const auto field = body.substr(0, end);
      const auto equals = std::min(field.find('='), field.size());
      std::string name;
      std::string value;
      decode(field.substr(0, equals), name);
      decode(field.substr(std::min(equals + 1, field.size())), value);
      auto& kept = out[name];
      kept += (kept.empty() ? "" : ",") + value;  // of several boxes with one name
      body.remove_prefix(std::min(end + 1, body.size()));
    }
  } catch (const Poco::SyntaxException&) {
    return fail(ErrorCode::usage, "Isian tidak terbaca", "The form cannot be read");
  }
  if (!request.form_key.empty() && !access::same_secret(out["kunci"], request.form_key)) {
    return fail(ErrorCode::unauthorized, "Isian ini sudah kedaluwarsa; buka lagi halamannya",
                "This form has expired; open its page again");
  }
  return out;
}

}  // namespace alih::api
