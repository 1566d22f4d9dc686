#include "repository/import/values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "core/utf8.h"

namespace alih::repository {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_code(std::string& out, unsigned code) {
  constexpr unsigned kTwo = 0x80;
  constexpr unsigned kThree = 0x800;
  if (code < kTwo) {
    out += static_cast<char>(code);
  } else if (code < kThree) {
    out += static_cast<char>(0xC0U | code >> 6U);
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    out += static_cast<char>(0xE0U | code >> 12U);
    out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

// What Windows-1252 has where Latin-1 has control characters; 0 = nothing.
constexpr std::array<unsigned, 32> kWindows{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    char32_t code = 0;
    const auto length = utf8_character(text, code);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

struct Words {
  std::string_view said;
  std::string_view code;
};
// What Indonesian offices write for our code words.
constexpr std::array<Words, 38> kWords{{
    {"buku", "book"},
    {"monograf", "book"},
    {"teks", "book"},
    {"text", "book"},
    {"buku_langka", "rare_book"},
    {"majalah", "magazine"},
    {"buletin", "magazine"},
    {"terbitan_berkala", "magazine"},
    {"serial", "magazine"},
    {"koran", "newspaper"},
    {"surat_kabar", "newspaper"},
    {"peta", "map"},
    {"foto", "photograph"},
    {"gambar", "picture"},
    {"poster", "picture"},
    {"naskah", "manuscript"},
    {"naskah_kuno", "manuscript"},
    {"manuskrip", "manuscript"},
    {"arsip", "textual_record"},
    {"arsip_tekstual", "textual_record"},
    {"dokumen_pemerintah", "government_document"},
    {"peraturan", "government_document"},
    {"kliping", "clipping"},
    {"brosur", "ephemera"},
    {"leaflet", "ephemera"},
    {"mikrofilm", "microfilm"},
    {"baik", "good"},
    {"rusak_ringan", "slight_damage"},
    {"rusak_sedang", "moderate_damage"},
    {"rusak_berat", "heavy_damage"},
    {"asli", "original"},
    {"salinan", "copy"},
    {"tembusan", "carbon_copy"},
    {"pertinggal", "file_copy"},
    {"campuran", "mixed"},
    {"berkas", "file"},
    {"seri", "series"},
    {"ejaan_lama", "ophuijsen"},
}};

struct Tongue {
  std::string_view code;
  std::string_view two;
  std::string_view name;  // SLiMS'
  std::string_view other;
};
constexpr std::array<Tongue, 16> kTongues{{
    {"ind", "id", "Indonesia", "indonesian"},
    {"eng", "en", "English", "inggris"},
    {"nld", "nl", "Dutch", "belanda"},
    {"msa", "ms", "Melayu", "malay"},
    {"jav", "jv", "Jawa", "javanese"},
    {"sun", "su", "Sunda", "sundanese"},
    {"bal", "", "Baluchi", "baluchi"},
    {"ban", "", "Bali", "balinese"},
    {"bug", "", "Bugis", "buginese"},
    {"mak", "", "Makasar", "makassar"},
    {"ara", "ar", "Arab", "arabic"},
    {"deu", "de", "German", "jerman"},
    {"fra", "fr", "French", "perancis"},
    {"jpn", "ja", "Japanese", "jepang"},
    {"zho", "zh", "Chinese", "cina"},
    {"bgz", "", "Banggai", "banggai"},
}};

bool is_calendar_date(int year, int month, int day) {
  constexpr std::array<int, 12> kDays{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return year >= 1000 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
         day <= kDays.at(static_cast<std::size_t>(month - 1));
}

// "14-02-2015", "14/02/2015", "2015-02-14" with or without a time behind it.
std::string date_of(std::string_view text) {
  std::array<std::string, 3> part;
  std::size_t n = 0;
  for (const char c : text) {
    if (is_digit(c)) {
      if (part.at(n).size() == 4) return {};
      part.at(n) += c;
    } else if (c == '-' || c == '/' || c == '.') {
      if (++n == part.size()) return {};
    } else {
      break;
    }
  }
  if (n != 2 || part[0].empty() || part[1].empty() || part[2].empty()) return {};
  if (part[0].size() != 4) std::swap(part[0], part[2]);
  if (part[0].size() != 4 || part[1].size() > 2 || part[2].size() > 2) return {};
  const int year = std::stoi(part[0]);
  const int month = std::stoi(part[1]);
  const int day = std::stoi(part[2]);
  if (!is_calendar_date(year, month, day)) return {};
  return part[0] + (month < 10 ? "-0" : "-") + std::to_string(month) + (day < 10 ? "-0" : "-") +
         std::to_string(day);
}

// The one year in "2015.", "c1987", "[1938?]"; none where there are several.
std::string year_of(std::string_view text) {
  std::string found;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_digit(text[i])) {
      ++i;
      continue;
    }
    auto end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end - i == 4) {
      if (!found.empty()) return {};
      found = text.substr(i, 4);
    }
    i = end;
  }
  return found;
}

// "1.250.000", "Rp 50.000,00", "25,5" as a number with a decimal point; empty when it is none.
std::string number_of(std::string_view text) {
  std::string t(text);
  if (t.starts_with("Rp")) t.erase(0, 2);
  while (!t.empty() && (t.front() == '.' || t.front() == ' ')) t.erase(0, 1);
  if (t.empty()) return {};
  const auto groups = [&](char mark) {
    const auto first = t.find(mark);
    if (first == std::string::npos || first == 0 || first > 3) return false;
    for (auto i = first; i < t.size() && t[i] == mark; i += 4) {
      if (i + 4 > t.size() || !is_digit(t[i + 1]) || !is_digit(t[i + 2]) || !is_digit(t[i + 3])) {
        return false;
      }
      if (i + 4 < t.size() && is_digit(t[i + 4])) return false;
    }
    return true;
  };
  if (groups('.')) {
    std::erase(t, '.');
  } else if (groups(',') && t.find('.') != std::string::npos) {
    std::erase(t, ',');
  }
  std::replace(t.begin(), t.end(), ',', '.');
  int points = 0;
  for (const char c : t) {
    if (c == '.')
      ++points;
    else if (!is_digit(c))
      return {};
  }
  if (points > 1 || t.front() == '.' || t.back() == '.') return {};
  if (points == 1) {  // 50000.00 is 50000
    while (t.back() == '0') t.pop_back();
    if (t.back() == '.') t.pop_back();
  }
  return t;
}

// "120 hlm.", "xii, 120 p." -> 120; `plain` when nothing else was said.
std::string pages_of(std::string_view text, bool& plain) {
  std::string best;
  std::size_t numbers = 0;
  bool other = false;
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0) {
      word += static_cast<char>(std::tolower(u));
      continue;
    }
    if (c != ' ' && c != '.') other = true;
    if (word.empty()) continue;
    if (std::all_of(word.begin(), word.end(), is_digit)) {
      ++numbers;
      constexpr std::size_t kMostDigits = 6;
      if (word.size() <= kMostDigits && (best.empty() || std::stoi(word) > std::stoi(best))) {
        best = word;
      }
    } else if (word != "hlm" && word != "hal" && word != "halaman" && word != "p" && word != "pp" &&
               word != "pages" && word != "lembar") {
      other = true;
    }
    word.clear();
  }
  plain = numbers == 1 && !other;
  return best;
}

void add(ImportRow& row, std::string_view name, std::string value) {
  auto& all = row.fields[std::string(name)];
  if (std::find(all.begin(), all.end(), value) == all.end()) all.push_back(std::move(value));
}

Message at_column(const std::string& column, const Message& why) {
  return {column + ": " + why.id, column + ": " + why.en};
}

}  // namespace

std::string clean(std::string_view text) {
  std::string decoded;
  if (!is_utf8(text)) {
    for (const char c : text) {
      const auto u = static_cast<unsigned char>(c);
      constexpr unsigned kFirst = 0x80;
      constexpr unsigned kLatin = 0xA0;
      if (u >= kFirst && u < kLatin) {
        if (const auto code = kWindows.at(u - kFirst); code != 0) append_code(decoded, code);
      } else {
        append_code(decoded, u);
      }
    }
    text = decoded;
  }
  std::string out;
  bool blank = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto u = static_cast<unsigned char>(text[i]);
    const bool wide_blank = u == 0xC2 && i + 1 < text.size() && text[i + 1] == '\xA0';
    const bool control =
        u == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;  // C1
    if (u <= ' ' || u == 0x7F || wide_blank || control) {
      blank = true;
      if (wide_blank || control) ++i;
      continue;
    }
    if (blank && !out.empty()) out += ' ';
    blank = false;
    out += text[i];
  }
  if (out == "-" || (out.starts_with("---") && out.ends_with("---"))) return {};
  return out;
}

std::string without_isbd(std::string_view text) {
  auto out = clean(text);
  while (!out.empty() && (out.back() == ':' || out.back() == ';' || out.back() == ',' ||
                          out.back() == '/' || out.back() == '=' || out.back() == ' ')) {
    out.pop_back();
  }
  return out;
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out;
  while (true) {
    const auto end = std::min(text.find(at), text.size());
    if (auto part = clean(text.substr(0, end)); !part.empty()) out.push_back(std::move(part));
    if (end == text.size()) return out;
    text.remove_prefix(end + 1);
  }
}

std::string plain_name(std::string_view text) {
  std::string out;
  bool gap = false;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) == 0) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += '_';
    gap = false;
    out += static_cast<char>(std::tolower(u));
  }
  return out;
}

std::string language_code(std::string_view text) {
  const auto name = plain_name(text);
  for (const auto& t : kTongues) {
    if (name == t.code || (!t.two.empty() && name == t.two) || name == plain_name(t.name) ||
        name == t.other || name == "bahasa_" + plain_name(t.name) ||
        name == "bahasa_" + std::string(t.other)) {
      return std::string(t.code);
    }
  }
  if (name == "dut") return "nld";
  if (name == "may") return "msa";
  constexpr std::size_t kCode = 3;
  const bool code = text.size() == kCode && std::all_of(text.begin(), text.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                    });
  return code ? name : std::string();
}

std::string language_name(std::string_view code) {
  for (const auto& t : kTongues) {
    if (t.code == code) return std::string(t.name);
  }
  return std::string(code);
}

std::string language_two_letters(std::string_view code) {
  for (const auto& t : kTongues) {
    if (t.code == code && !t.two.empty()) return std::string(t.two);
  }
  return std::string(code);
}

void put_extra(ImportRow& row, const std::string& column, std::string_view value) {
  if (auto text = clean(value); !text.empty()) row.extra[column].push_back(std::move(text));
}

std::optional<Message> put(ImportRow& row, const MetadataField& field, std::string_view value,
                           const std::string& column) {
  const auto text = clean(value);
  if (text.empty()) return std::nullopt;
  if (field.name == "page_count_declared") {
    bool plain = false;
    const auto pages = pages_of(text, plain);
    if (!pages.empty() && pages != "0") row.fields["page_count_declared"] = {pages};
    if (!plain) row.fields["extent"] = {text};
    return std::nullopt;
  }
  if (field.name == "height_cm" || field.name == "width_cm") {
    // "25 cm", "25 x 17 cm": height by width
    std::string first;
    std::string second;
    bool other = false;
    auto* part = &first;
    for (const char c : text) {
      if (is_digit(c) || ((c == ',' || c == '.') && !part->empty())) {
        *part += c;
      } else if (c == 'x' || c == 'X') {
        part = &second;
      } else if (c != ' ' && c != 'c' && c != 'm') {
        other = true;
      }
    }
    while (first.ends_with('.')) first.pop_back();
    while (second.ends_with('.')) second.pop_back();
    const auto height = number_of(first);
    const auto width = number_of(second);
    if (other || height.empty()) {
      put_extra(row, column, text);
      return std::nullopt;
    }
    row.fields[field.name == "width_cm" && width.empty() ? "width_cm" : "height_cm"] = {height};
    if (!width.empty()) row.fields["width_cm"] = {width};
    return std::nullopt;
  }
  std::string fit = text;
  switch (field.type) {
    case FieldType::text:
    case FieldType::list:
      break;
    case FieldType::number:
      fit = number_of(text);
      if (field.name == "cost" && fit == "0") return std::nullopt;  // INLISLite's "not known"
      break;
    case FieldType::year: {
      fit = year_of(text);
      const bool more = fit != text && text != fit + ".";
      if (field.name == "date_issued" && more) add(row, "date_printed", text);
      if (fit.empty() && field.name == "date_issued") return std::nullopt;
      if (more && field.name != "date_issued") put_extra(row, column, text);
      break;
    }
    case FieldType::date:
      fit = date_of(text);
      if (fit.empty()) {
        return at_column(column,
                         message("\"{}\" bukan tanggal (HH-BB-TTTT, misalnya 14-02-2015)",
                                 "\"{}\" is no date (DD-MM-YYYY, e.g. 14-02-2015)", {text}));
      }
      break;
    case FieldType::language:
      fit = language_code(text);
      break;
    case FieldType::script:
      fit = text;
      break;
    case FieldType::words: {
      if (std::find(field.allowed.begin(), field.allowed.end(), fit) != field.allowed.end()) break;
      const auto said = plain_name(text);
      fit.clear();
      for (const auto& w : field.allowed) {
        if (plain_name(w) == said) fit = w;
      }
      for (const auto& w : kWords) {
        if (fit.empty() && w.said == said &&
            std::find(field.allowed.begin(), field.allowed.end(), w.code) != field.allowed.end()) {
          fit = w.code;
        }
      }
      break;
    }
  }
  if (fit.empty()) {
    put_extra(row, column, text);
    return std::nullopt;
  }
  if (const auto fits = check_value(field, fit); !fits) {
    if (field.type == FieldType::text) return at_column(column, fits.error().message);
    put_extra(row, column, text);
    return std::nullopt;
  }
  if (field.repeated || !row.fields.contains(std::string(field.name))) {
    add(row, field.name, std::move(fit));
  } else if (row.fields[std::string(field.name)].front() != fit) {
    // Said twice and differently: a note grows, of anything else the first counts.
    auto& first = row.fields[std::string(field.name)].front();
    if (field.type == FieldType::text && (field.name == "note" || field.name == "description") &&
        check_value(field, first + "; " + fit)) {
      first += "; " + fit;
    } else {
      put_extra(row, column, text);
    }
  }
  return std::nullopt;
}

}  // namespace alih::repository
