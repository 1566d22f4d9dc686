#include "repository/marc.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "core/fields.h"
#include "repository/import/importer.h"
#include "repository/import/values.h"

namespace alih::repository {
namespace {

// One place out of a Mapping's marc: "2451#$a", "035##$a(ALM)", "999".
struct Place {
  std::string tag;
  char first = ' ';
  char second = ' ';
  char code = 'b';
  std::string prefix;  // of the value
  bool local = false;  // a 999
};

constexpr std::string_view kLocalTag = "999";
constexpr std::string_view kGenreSource = "alihmedia";  // 655 $2

std::vector<Place> places_of(const MetadataField& field) {
  std::vector<Place> out;
  std::string_view rest = field.in.marc;
  while (!rest.empty()) {
    const auto bar = std::min(rest.find('|'), rest.size());
    const auto spec = rest.substr(0, bar);
    rest.remove_prefix(std::min(bar + 1, rest.size()));
    Place p;
    p.tag = spec.substr(0, 3);
    if (spec == kLocalTag) {
      p.local = true;
    } else {
      constexpr std::size_t kHead = 7;  // tag, indicators, '$', code
      p.first = spec[3] == '#' ? ' ' : spec[3];
      p.second = spec[4] == '#' ? ' ' : spec[4];
      p.code = spec[6];
      p.prefix = spec.substr(kHead);
    }
    out.push_back(std::move(p));
  }
  return out;
}

const MetadataField& field(std::string_view name) { return *find_field(name); }

std::string joined_subfields(const MarcField& f) {
  std::string out;
  for (const auto& [code, text] : f.subfields) {
    out += '$';
    out += code;
    out += text;
  }
  return out;
}

void split_title(const std::string& title, std::string& main, std::string& rest) {
  const auto at = title.find(" : ");
  main = title.substr(0, at);
  if (at != std::string::npos) rest = title.substr(at + 3);
}

std::string extra_value(const ForeignValues& extra, const char* name) {
  const auto found = extra.find(name);
  return found == extra.end() || found->second.empty() ? std::string() : found->second.front();
}

std::string leader_of(const Item& item) {
  const auto type = item.field("material_type");
  std::string kind = "am";
  if (type == "map" || type == "cartographic_record") kind = "em";
  if (type == "photograph" || type == "picture") kind = "km";
  if (type == "manuscript") kind = "tm";
  if (type == "magazine" || type == "newspaper") kind = "as";
  if (type == "audio") kind = "im";
  if (type == "video") kind = "gm";
  return "00000n" + kind + " a2200000   4500";
}

std::string fixed_data(const Item& item, const ForeignValues& extra) {
  constexpr std::size_t kSize = 40;
  constexpr std::size_t kLanguage = 35;
  auto out = extra_value(extra, "008");
  if (out.size() != kSize) {
    out.assign(kSize, ' ');
    const auto year = item.field("date_issued");
    out.replace(0, 6,
                item.registered_on.size() == 10
                    ? item.registered_on.substr(2, 2) + item.registered_on.substr(5, 2) +
                          item.registered_on.substr(8, 2)
                    : "000000");
    out[6] = year.empty() ? 'n' : 's';
    out.replace(7, 4, year.empty() ? "uuuu" : year);
    out.replace(15, 3, "io ");
    out.replace(kLanguage, 3, "und");
  }
  if (const auto language = item.field("language"); language.size() == 3) {
    out.replace(kLanguage, 3, language);
  }
  return out;
}

// Puts values into one record's fields: single values of one tag share a field.
class Builder {
 public:
  void control(const std::string& tag, const std::string& value) {
    if (!value.empty()) record.fields.push_back({tag, ' ', ' ', value, {}});
  }
  void add(const Place& p, const std::string& value, bool shared) {
    if (value.empty()) return;
    if (shared) {
      for (auto& f : record.fields) {
        if (f.tag == p.tag && f.first == p.first && f.second == p.second &&
            shared_.contains(&f - record.fields.data())) {
          f.subfields.emplace_back(p.code, value);
          return;
        }
      }
      shared_.insert(static_cast<std::ptrdiff_t>(record.fields.size()));
    }
    record.fields.push_back({p.tag, p.first, p.second, "", {{p.code, value}}});
  }
  MarcRecord record;

 private:
  std::set<std::ptrdiff_t> shared_;  // fields that single values may join
};

// ISBD's punctuation goes before the subfield that it announces.
void punctuate(MarcField& f) {
  const auto rank = [&](char code) {
    if (f.tag == "245") return std::string("anbc").find(code);
    return std::string("abc").find(code);
  };
  if (f.tag != "245" && f.tag != "260" && f.tag != "300") return;
  std::stable_sort(f.subfields.begin(), f.subfields.end(),
                   [&](const auto& x, const auto& y) { return rank(x.first) < rank(y.first); });
  for (std::size_t i = 1; i < f.subfields.size(); ++i) {
    const char code = f.subfields[i].first;
    const char* mark = "";
    if (f.tag == "245") mark = code == 'b' ? " :" : code == 'c' ? " /" : "";
    if (f.tag == "260") mark = code == 'b' ? " :" : code == 'c' ? "," : "";
    if (f.tag == "300") mark = code == 'c' ? " ;" : "";
    f.subfields[i - 1].second += mark;
  }
}

}  // namespace

std::vector<std::pair<char, std::string>> subfields_from(std::string_view text) {
  std::vector<std::pair<char, std::string>> out;
  const auto is_code = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  std::size_t at = 0;
  const auto next_mark = [&](std::size_t from) {
    for (auto i = from; i + 1 < text.size(); ++i) {
      if (text[i] == '$' && is_code(text[i + 1])) return i;
    }
    return text.size();
  };
  at = next_mark(0);
  if (at == text.size()) {
    if (auto all = clean(text); !all.empty()) out.emplace_back('a', std::move(all));
    return out;
  }
  constexpr std::size_t kMost = 1000;
  while (at < text.size() && out.size() < kMost) {
    const auto end = next_mark(at + 2);
    if (auto value = clean(text.substr(at + 2, end - at - 2)); !value.empty()) {
      out.emplace_back(text[at + 1], std::move(value));
    }
    at = end;
  }
  return out;
}

MarcRecord marc_from(const Item& item, const ForeignValues& extra, const MarcPlace& place) {
  Builder b;
  b.record.leader = leader_of(item);
  auto control = extra_value(extra, "001");
  if (control.empty()) {
    control = item.digitization_no.empty() ? item.id.str() : folded(item.digitization_no);
  }
  b.control("001", control);
  b.control("003", extra_value(extra, "003"));
  auto changed = extra_value(extra, "005");
  if (changed.empty() && place.changed_at.size() >= 19) {
    for (const char c : place.changed_at.substr(0, 19)) {
      if (c >= '0' && c <= '9') changed += c;
    }
    changed += ".0";
  }
  b.control("005", changed);
  b.control("007", extra_value(extra, "007"));
  b.control("008", fixed_data(item, extra));

  auto values = item.fields;
  if (!item.digitization_no.empty()) values["digitization_no"] = {item.digitization_no};
  for (const auto& f : all_fields()) {
    const auto found = values.find(std::string(f.name));
    if (found == values.end() || found->second.empty()) continue;
    const auto places = places_of(f);
    if (places.empty()) continue;
    const auto& first = places.front();
    const auto& value = found->second.front();
    if (f.name == "title") {
      std::string main;
      std::string rest;
      split_title(value, main, rest);
      b.add(first, main, true);
      auto sub = first;
      sub.code = 'b';
      b.add(sub, rest, true);
    } else if (f.name == "date_printed" && values.contains("date_issued")) {
      // written with the year
    } else if (f.name == "date_issued") {
      const auto printed = values.find("date_printed");
      b.add(first, printed != values.end() ? printed->second.front() : value, true);
    } else if (f.name == "page_count_declared") {
      const auto text = values.find("extent");
      if (text == values.end()) {
        b.add(first, value + " hlm.", true);
      } else {  // what the extent does not say to our reader
        ImportRow again;
        (void)put(again, f, text->second.front(), "");
        if (again.fields["page_count_declared"] != found->second) {
          b.record.fields.push_back(
              {std::string(kLocalTag), ' ', ' ', "", {{'a', std::string(f.name)}, {'b', value}}});
        }
      }
    } else if (f.name == "extent") {
      b.add(first, value, true);
    } else if (f.name == "height_cm") {
      const auto width = values.find("width_cm");
      b.add(first, value + (width != values.end() ? " x " + width->second.front() : "") + " cm",
            true);
    } else if (f.name == "width_cm") {
      if (!values.contains("height_cm")) {
        b.record.fields.push_back(
            {std::string(kLocalTag), ' ', ' ', "", {{'a', std::string(f.name)}, {'b', value}}});
      }
    } else if (f.name == "material_type") {
      b.record.fields.push_back({first.tag,
                                 first.first,
                                 first.second,
                                 "",
                                 {{'a', value}, {'2', std::string(kGenreSource)}}});
    } else if (first.local) {
      for (const auto& v : found->second) {
        b.record.fields.push_back(
            {first.tag, ' ', ' ', "", {{'a', std::string(f.name)}, {'b', v}}});
      }
    } else {
      for (std::size_t i = 0; i < found->second.size(); ++i) {
        auto at = places[std::min(i, places.size() - 1)];
        // A name that is not turned round stands as it is spoken.
        if (f.name == "creator" && found->second[i].find(',') == std::string::npos) at.first = '0';
        b.add(at, places.front().prefix + found->second[i],
              !f.repeated && places.front().prefix.empty() && f.name != "ils_bibid");
      }
    }
  }
  if (!item.digitization_no.empty()) {
    b.record.fields.push_back({"506", ' ', ' ', "", {{'a', std::string(word(item.access))}}});
    b.record.fields.push_back({"540", ' ', ' ', "", {{'a', std::string(word(item.rights))}}});
    b.record.fields.push_back(
        {"533", ' ', ' ', "", {{'a', "Alih media"}, {'d', item.registered_on.substr(0, 4)}}});
  }
  if (!place.url.empty()) {
    b.record.fields.push_back(
        {"856", '4', '0', "", {{'u', place.url}, {'y', item.digitization_no}}});
  }
  // What another program's record had and we have no field for.
  constexpr std::string_view kForeign = "MARC ";
  for (const auto& [name, all] : extra) {
    if (!name.starts_with(kForeign) || name.size() != kForeign.size() + 6) continue;
    for (const auto& v : all) {
      MarcField f;
      f.tag = name.substr(kForeign.size(), 3);
      f.first = name[kForeign.size() + 4] == '#' ? ' ' : name[kForeign.size() + 4];
      f.second = name[kForeign.size() + 5] == '#' ? ' ' : name[kForeign.size() + 5];
      f.subfields = subfields_from(v);
      if (!f.subfields.empty()) b.record.fields.push_back(std::move(f));
    }
  }
  for (auto& f : b.record.fields) punctuate(f);
  std::stable_sort(b.record.fields.begin(), b.record.fields.end(),
                   [](const MarcField& x, const MarcField& y) { return x.tag < y.tag; });
  return std::move(b.record);
}

namespace {

// Where a tag's subfield goes: the table, indicators deciding between two fields of one place.
const MetadataField* target_of(const MarcField& f, char code) {
  struct Target {
    char first;
    char second;
    const MetadataField* field;
  };
  static const auto targets = [] {
    std::map<std::string, std::vector<Target>> out;  // by tag and subfield
    for (const auto& row : all_fields()) {
      if (row.filled_by == FilledBy::program) continue;
      for (const auto& p : places_of(row)) {
        if (!p.local) out[p.tag + p.code].push_back({p.first, p.second, &row});
      }
    }
    return out;
  }();
  const auto found = targets.find(f.tag + code);
  if (found == targets.end()) return nullptr;
  for (const auto& t : found->second) {
    if (t.first == f.first && t.second == f.second) return t.field;
  }
  return found->second.front().field;
}

void unknown(const MarcField& f, ImportRow& row) {
  const auto mark = [](char c) { return c == ' ' ? '#' : c; };
  put_extra(row, "MARC " + f.tag + " " + mark(f.first) + mark(f.second), joined_subfields(f));
}

void take(ImportRow& row, std::string_view name, const std::string& value,
          const std::string& column) {
  // A value that does not fit stays with the foreign ones; MARC's rows are not refused for it.
  if (put(row, field(name), value, column)) put_extra(row, column, value);
}

}  // namespace

void fields_from(const MarcRecord& record, ImportRow& row) {
  // 260 is of all, 264 of those made by newer rules; what stands in both is the same.
  std::string title;
  for (const auto& f : record.fields) {
    if (f.tag < "010") {
      put_extra(row, f.tag, f.tag == "008" ? std::string_view() : std::string_view(f.value));
      // Its blanks count.
      if (f.tag == "008" && f.value.size() == 40) row.extra["008"] = {f.value};
      continue;
    }
    const auto column = [&](char code) { return f.tag + "$" + code; };
    if (f.tag == "245") {
      std::string rest;
      for (const auto& [code, text] : f.subfields) {
        if (code == 'a' && title.empty()) title = without_isbd(text);
        if (code == 'b') rest += (rest.empty() ? "" : " : ") + without_isbd(text);
        if (code == 'c') take(row, "responsibility", without_isbd(text), column(code));
        if (code == 'n') take(row, "volume", without_isbd(text), column(code));
        if (code == 'p' || code == 'h') put_extra(row, column(code), text);
      }
      if (!rest.empty()) title += (title.empty() ? "" : " : ") + rest;
    } else if (f.tag == "260" || f.tag == "264") {
      if (f.tag == "264" && row.fields.contains("publisher")) continue;
      for (const auto& [code, text] : f.subfields) {
        const auto value = without_isbd(text);
        if (code == 'a') take(row, "place", value, column(code));
        if (code == 'b') take(row, "publisher", value, column(code));
        if (code == 'c') take(row, "date_issued", value, column(code));
        if (code != 'a' && code != 'b' && code != 'c') put_extra(row, column(code), text);
      }
    } else if (f.tag == "300") {
      for (const auto& [code, text] : f.subfields) {
        const auto value = without_isbd(text);
        if (code == 'a') take(row, "page_count_declared", value, column(code));
        if (code == 'c')
          take(row, "height_cm", value.ends_with('.') ? value.substr(0, value.size() - 1) : value,
               column(code));
        if (code != 'a' && code != 'c') put_extra(row, column(code), text);
      }
    } else if (f.tag == "035") {
      for (const auto& [code, text] : f.subfields) {
        if (code != 'a') continue;
        if (text.starts_with("(ALM)"))
          row.given["digitization_no"] = text.substr(5);
        else
          take(row, "ils_bibid", text, column(code));
      }
    } else if (f.tag == "041") {
      for (const auto& [code, text] : f.subfields) {
        if (code != 'a') continue;
        constexpr std::size_t kCode = 3;
        if (text.size() % kCode == 0 && text.size() > kCode) {  // old records: "indeng"
          for (std::size_t i = 0; i < text.size(); i += kCode) {
            take(row, "language", text.substr(i, kCode), column(code));
          }
        } else {
          take(row, "language", text, column(code));
        }
      }
    } else if (f.tag == "024") {
      for (const auto& [code, text] : f.subfields) {
        if (code == 'a') take(row, f.first == '2' ? "ismn" : "reference_no", text, column(code));
      }
    } else if (f.tag == "084" || f.tag == "090") {
      for (const auto& [code, text] : f.subfields) {
        if (code == 'a') take(row, "call_no", text, column(code));
      }
    } else if (f.tag == "655") {
      const bool own = std::any_of(f.subfields.begin(), f.subfields.end(), [](const auto& s) {
        return s.first == '2' && s.second == kGenreSource;
      });
      if (own && !f.subfields.empty())
        take(row, "material_type", f.subfields.front().second, column('a'));
      else
        unknown(f, row);
    } else if (f.tag == "650" || f.tag == "651" || f.tag == "600" || f.tag == "610") {
      std::string text;
      for (const auto& [code, value] : f.subfields) {
        if (code >= '0' && code <= '9') continue;
        const bool division = code == 'x' || code == 'y' || code == 'z' || code == 'v';
        text += (text.empty() ? "" : division ? " -- " : " ") + without_isbd(value);
      }
      for (const auto& one : split(text, ';')) take(row, "subject", one, column('a'));
    } else if (f.tag == kLocalTag) {
      const bool ours = f.subfields.size() == 2 && f.subfields[0].first == 'a' &&
                        f.subfields[1].first == 'b' &&
                        find_field(f.subfields[0].second) != nullptr &&
                        find_field(f.subfields[0].second)->filled_by == FilledBy::person;
      if (ours)
        take(row, f.subfields[0].second, f.subfields[1].second, std::string(kLocalTag));
      else
        unknown(f, row);
    } else if (f.tag == "506" || f.tag == "540") {
      const auto text = f.subfields.empty() ? std::string() : f.subfields.front().second;
      if (f.tag == "506" && access_class_from(text))
        row.given["access_class"] = text;
      else if (f.tag == "540" && rights_status_from(text))
        row.given["rights_status"] = text;
      else
        unknown(f, row);
    } else {
      bool any = false;
      for (const auto& [code, text] : f.subfields) {
        const auto* target = target_of(f, code);
        if (target == nullptr) {
          put_extra(row, column(code), text);
          continue;
        }
        any = true;
        const bool name = f.tag[0] == '1' || f.tag[0] == '7' || f.tag == "490" || f.tag == "250";
        const auto value = name ? without_isbd(text) : text;
        take(row, target->name, value, column(code));
      }
      if (!any) {
        for (const auto& [code, text] : f.subfields) row.extra.erase(column(code));
        if (f.tag != "533" && f.tag != "856") unknown(f, row);
        if (f.tag == "856" && !row.given.contains("digitization_no")) unknown(f, row);
      }
    }
  }
  if (!title.empty()) take(row, "title", title, "245$a");
  constexpr std::size_t kLanguage = 35;
  if (const auto fixed = row.extra.find("008");
      !row.fields.contains("language") && fixed != row.extra.end()) {
    const auto code = fixed->second.front().substr(kLanguage, 3);
    if (code != "und" && code.find_first_of(" #|") == std::string::npos) {
      take(row, "language", code, "008");
    }
  }
}

}  // namespace alih::repository
