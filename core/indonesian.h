#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// How Indonesian official letters write numbers and dates. Pure functions, any thread.
namespace alih::indonesian {

// "dua puluh tiga"; 0 is "nol", a negative number begins with "minus". Up to 999 trillion
// (triliun); beyond it the digits.
[[nodiscard]] std::string number_words(std::int64_t number);

// "1.234.567": a point between thousands, no digits after the comma.
[[nodiscard]] std::string grouped(std::int64_t number);

// A day given as "2026-11-28"; the parts are empty strings when it is no date of the calendar.
struct DateWords {
  std::string weekday;  // "Sabtu"
  std::string day;      // "dua puluh delapan"
  std::string month;    // "November"
  std::string year;     // "dua ribu dua puluh enam"
  std::string date;     // "28 November 2026"
};
[[nodiscard]] DateWords date_words(std::string_view iso_date);

// "Januari" … "Desember" for 1 to 12, else empty.
[[nodiscard]] std::string_view month_name(int month);

// "XI"; months 1 to 12, as numbers of letters have them.
[[nodiscard]] std::string_view roman_month(int month);
// A number of a letter by its pattern, "{no}/BA-AM/{bulan}/{tahun}" -> "3/BA-AM/XI/2026".
[[nodiscard]] std::string letter_number(std::string_view pattern, int no, int month, int year);
// The running number in a number of that year that follows the pattern; 0 = it does not.
[[nodiscard]] int letter_number_of(std::string_view pattern, int year, std::string_view number);
// A civil servant's number (NIP, 18 digits): birth date, month of appointment, sex, running number.
// Empty when it can be one, else what is wrong with it, as the pair of sentences' Indonesian one.
// It is a warning only: older papers have other numbers. Spaces are passed over.
[[nodiscard]] std::string_view nip_doubt(std::string_view nip);

}  // namespace alih::indonesian
