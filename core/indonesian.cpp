#include "core/indonesian.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include "core/text.h"

namespace alih::indonesian {
namespace {

constexpr std::array<std::string_view, 12> kSmall{"nol",     "satu",     "dua",     "tiga",
                                                  "empat",   "lima",     "enam",    "tujuh",
                                                  "delapan", "sembilan", "sepuluh", "sebelas"};
constexpr std::array<std::string_view, 12> kMonths{"Januari",   "Februari", "Maret",    "April",
                                                   "Mei",       "Juni",     "Juli",     "Agustus",
                                                   "September", "Oktober",  "November", "Desember"};
constexpr std::array<std::string_view, 7> kDays{"Minggu", "Senin", "Selasa", "Rabu",
                                                "Kamis",  "Jumat", "Sabtu"};

struct Scale {
  std::int64_t value;
  std::string_view word;
  std::string_view one;  // "seribu" and not "satu ribu"; empty where one is said
};
constexpr std::array kScales{
    Scale{1'000'000'000'000, "triliun", ""},
    Scale{1'000'000'000, "miliar", ""},
    Scale{1'000'000, "juta", ""},
    Scale{1'000, "ribu", "seribu"},
    Scale{100, "ratus", "seratus"},
    Scale{10, "puluh", ""},
};

std::string positive(std::int64_t n) {
  if (n < static_cast<std::int64_t>(kSmall.size())) {
    return std::string(kSmall.at(static_cast<std::size_t>(n)));
  }
  constexpr std::int64_t kTeens = 20;
  if (n < kTeens) return positive(n - 10) + " belas";
  for (const auto& scale : kScales) {
    if (n < scale.value) continue;
    const auto many = n / scale.value;
    const auto rest = n % scale.value;
    std::string out = many == 1 && !scale.one.empty()
                          ? std::string(scale.one)
                          : positive(many) + " " + std::string(scale.word);
    if (rest > 0) out += " " + positive(rest);
    return out;
  }
  return {};
}

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::chrono::year_month_day> day_of(std::string_view year, std::string_view month,
                                                  std::string_view day) {
  const auto y = digits(year);
  const auto m = digits(month);
  const auto d = digits(day);
  if (!y || !m || !d || *m < 1 || *d < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*y),
                                         std::chrono::month(static_cast<unsigned>(*m)),
                                         std::chrono::day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  return date;
}

}  // namespace

std::string number_words(std::int64_t number) {
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  if (number <= -kMost || number >= kMost) return std::to_string(number);
  return number < 0 ? "minus " + positive(-number) : positive(number);
}

std::string grouped(std::int64_t number) {
  auto out = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  constexpr std::size_t kGroup = 3;
  for (std::size_t at = out.size(); at > first + kGroup;) {
    at -= kGroup;
    out.insert(at, ".");
  }
  return out;
}

std::string_view month_name(int month) {
  if (month < 1 || month > static_cast<int>(kMonths.size())) return {};
  return kMonths.at(static_cast<std::size_t>(month) - 1);
}

DateWords date_words(std::string_view iso) {
  constexpr std::size_t kLength = 10;
  if (iso.size() != kLength || iso[4] != '-' || iso[7] != '-') return {};
  const auto date = day_of(iso.substr(0, 4), iso.substr(5, 2), iso.substr(8, 2));
  if (!date) return {};
  const auto day = static_cast<unsigned>(date->day());
  const int year = static_cast<int>(date->year());
  const auto month =
      std::string(month_name(static_cast<int>(static_cast<unsigned>(date->month()))));
  const std::chrono::weekday weekday{std::chrono::sys_days(*date)};
  return {std::string(kDays.at(weekday.c_encoding())), number_words(day), month, number_words(year),
          std::to_string(day) + " " + month + " " + std::to_string(year)};
}

std::string_view roman_month(int month) {
  static constexpr std::array<std::string_view, 12> kRoman{"I",   "II",   "III", "IV", "V",  "VI",
                                                           "VII", "VIII", "IX",  "X",  "XI", "XII"};
  return month >= 1 && month <= 12 ? kRoman.at(static_cast<std::size_t>(month) - 1)
                                   : std::string_view();
}

namespace {

constexpr std::string_view kNo = "{no}";
constexpr std::string_view kMonth = "{bulan}";
constexpr std::string_view kYear = "{tahun}";

}  // namespace

std::string letter_number(std::string_view pattern, int no, int month, int year) {
  std::string out;
  while (!pattern.empty()) {
    if (pattern.starts_with(kNo)) {
      out += std::to_string(no);
      pattern.remove_prefix(kNo.size());
    } else if (pattern.starts_with(kMonth)) {
      out += roman_month(month);
      pattern.remove_prefix(kMonth.size());
    } else if (pattern.starts_with(kYear)) {
      out += std::to_string(year);
      pattern.remove_prefix(kYear.size());
    } else {
      out += pattern.front();
      pattern.remove_prefix(1);
    }
  }
  return out;
}

int letter_number_of(std::string_view pattern, int year, std::string_view number) {
  int no = 0;
  const auto take = [&](auto fits) {
    std::size_t n = 0;
    while (n < number.size() && fits(number[n])) ++n;
    const auto out = number.substr(0, n);
    number.remove_prefix(n);
    return out;
  };
  while (!pattern.empty()) {
    if (pattern.starts_with(kNo)) {
      constexpr std::size_t kMostDigits = 8;
      const auto digits = take([](char c) { return c >= '0' && c <= '9'; });
      if (digits.empty() || digits.size() > kMostDigits) return 0;
      no = std::stoi(std::string(digits));
      pattern.remove_prefix(kNo.size());
    } else if (pattern.starts_with(kMonth)) {
      if (take([](char c) { return c == 'I' || c == 'V' || c == 'X'; }).empty()) return 0;
      pattern.remove_prefix(kMonth.size());
    } else if (pattern.starts_with(kYear)) {
      const auto text = std::to_string(year);
      if (!number.starts_with(text)) return 0;
      number.remove_prefix(text.size());
      pattern.remove_prefix(kYear.size());
    } else {
      if (number.empty() || number.front() != pattern.front()) return 0;
      number.remove_prefix(1);
      pattern.remove_prefix(1);
    }
  }
  return number.empty() ? no : 0;
}

std::string_view nip_doubt(std::string_view nip) {
  std::string plain;
  for (const char c : nip) {
    if (c != ' ') plain += c;
  }
  constexpr std::size_t kLength = 18;
  if (plain.size() != kLength || !all_digits(plain)) return "NIP terdiri atas 18 angka";
  const std::string_view all = plain;
  const auto born = day_of(all.substr(0, 4), all.substr(4, 2), all.substr(6, 2));
  if (!born) return "delapan angka pertama NIP bukan tanggal lahir";
  const auto appointed = day_of(all.substr(8, 4), all.substr(12, 2), "01");
  if (!appointed || appointed->year() <= born->year()) {
    return "angka ke-9 sampai ke-14 NIP bukan bulan pengangkatan";
  }
  if (all[14] != '1' && all[14] != '2') return "angka ke-15 NIP harus 1 (pria) atau 2 (wanita)";
  return {};
}

}  // namespace alih::indonesian
