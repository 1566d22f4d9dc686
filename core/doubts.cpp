#include "core/doubts.h"

#include <algorithm>

#include "core/fields.h"
#include "core/text.h"

namespace alih {
namespace {

constexpr std::size_t kEan = 13;

// "978-979-407-123-4 (jil. 1)" -> "9789794071234"
std::string bare(std::string_view value) {
  std::string out;
  for (const char c : value.substr(0, value.find('('))) {
    if (c == '-' || c == ' ') continue;
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

// Weights n, n - 1 … 1, modulo 11; X = 10 in the last place. ISBN-10 and ISSN.
bool is_right_by_11(std::string_view s) {
  const bool x = s.back() == 'X';
  if (!all_digits(s.substr(0, s.size() - 1)) || (!x && !all_digits(s.substr(s.size() - 1))))
    return false;
  int sum = 0;
  auto weight = static_cast<int>(s.size());
  for (const char c : s) sum += weight-- * (c == 'X' ? 10 : c - '0');
  return sum % 11 == 0;
}

// Weights 1, 3, 1 …, modulo 10. ISBN-13 and ISMN.
bool is_right_by_10(std::string_view s) {
  if (!all_digits(s)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < s.size(); ++i) sum += (s[i] - '0') * (i % 2 == 0 ? 1 : 3);
  return sum % 10 == 0;
}

// "899" or "899.221".
bool is_class(std::string_view s) {
  constexpr std::size_t kWhole = 3;
  const auto whole = s.substr(0, kWhole);
  return whole.size() == kWhole && all_digits(whole) &&
         (s.size() == kWhole || (s[kWhole] == '.' && all_digits(s.substr(kWhole + 1))));
}

Message wrong_length(std::string_view wanted) {
  return message("harus {} angka", "must have {} digits", {wanted});
}

Message wrong_digit() {
  return message("angka ujinya salah; periksa ketikannya",
                 "its check digit is wrong; look at what was typed");
}

}  // namespace

Message number_doubt(std::string_view field, std::string_view value) {
  auto s = bare(value);
  constexpr std::size_t kIsbn10 = 10;
  constexpr std::size_t kIssn = 8;
  if (field == "isbn") {
    if (s.size() != kIsbn10 && s.size() != kEan) return wrong_length("10/13");
    const bool right = s.size() == kIsbn10
                           ? is_right_by_11(s)
                           : is_right_by_10(s) && (s.starts_with("978") || s.starts_with("979"));
    return right ? Message() : wrong_digit();
  }
  if (field == "issn") {
    if (s.size() != kIssn) return wrong_length("8");
    return is_right_by_11(s) ? Message() : wrong_digit();
  }
  if (field == "ismn") {
    // Before 2008 it began with M instead of 979-0.
    if (s.starts_with('M')) s = "9790" + s.substr(1);
    if (s.size() != kEan) return wrong_length("13");
    return is_right_by_10(s) && s.starts_with("9790") ? Message() : wrong_digit();
  }
  return {};
}

std::vector<Doubt> doubts_of(const Item& item) {
  std::vector<Doubt> out;
  for (const char* field : {"isbn", "issn", "ismn"}) {
    const auto values = item.fields.find(field);
    if (values == item.fields.end()) continue;
    for (const auto& v : values->second) {
      if (auto doubt = number_doubt(field, v); !doubt.id.empty()) {
        out.push_back({field, {v + ": " + doubt.id, v + ": " + doubt.en}});
      }
    }
  }
  if (const auto ddc = item.field("ddc"); !ddc.empty() && !is_class(ddc)) {
    out.push_back({"ddc", message("{}: nomor kelas seperti 899 atau 899.221",
                                  "{}: a class number is like 899 or 899.221", {ddc})});
  }
  const auto from = item.field("date_from");
  const auto to = item.field("date_to");
  if (!from.empty() && !to.empty() && to < from) {
    out.push_back({"date_to", message("{} mendahului {}", "{} is before {}", {to, from})});
  }
  for (const auto& f : all_fields()) {
    const bool of_a_kind = f.need == Need::of_books || f.need == Need::of_serials ||
                           f.need == Need::of_archives || f.need == Need::if_protected;
    if (!of_a_kind || !is_asked_for(f, item) || !item.field(std::string(f.name)).empty()) continue;
    // The number of the record is given when it is printed.
    if (f.name == "ba_no") continue;
    const auto type = value_label("material_type", item.field("material_type"));
    auto text = f.need == Need::if_protected
                    ? message("diminta selama haknya dilindungi", "is asked for while protected")
                : f.need == Need::of_archives
                    ? message("diminta untuk arsip", "is asked for of records")
                    : Message{"diminta untuk " + type.id, "is asked for of a " + type.en};
    out.push_back({std::string(f.name), std::move(text)});
  }
  return out;
}

}  // namespace alih
