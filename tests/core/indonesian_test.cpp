#include "core/indonesian.h"

#include <gtest/gtest.h>

namespace alih::indonesian {
namespace {

TEST(Indonesian, SaysNumbersAsLettersDo) {
  EXPECT_EQ(number_words(0), "nol");
  EXPECT_EQ(number_words(11), "sebelas");
  EXPECT_EQ(number_words(19), "sembilan belas");
  EXPECT_EQ(number_words(23), "dua puluh tiga");
  EXPECT_EQ(number_words(100), "seratus");
  EXPECT_EQ(number_words(412), "empat ratus dua belas");
  EXPECT_EQ(number_words(1000), "seribu");
  EXPECT_EQ(number_words(1111), "seribu seratus sebelas");
  EXPECT_EQ(number_words(2026), "dua ribu dua puluh enam");
  EXPECT_EQ(number_words(101000), "seratus satu ribu");
  EXPECT_EQ(number_words(1000000), "satu juta");
  EXPECT_EQ(number_words(1001000), "satu juta seribu");
  EXPECT_EQ(number_words(2000000000), "dua miliar");
  EXPECT_EQ(number_words(-5), "minus lima");
  EXPECT_EQ(number_words(2000000000000000), "2000000000000000");
}

TEST(Indonesian, GroupsThousandsWithPoints) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1.000");
  EXPECT_EQ(grouped(1234567), "1.234.567");
  EXPECT_EQ(grouped(-1234), "-1.234");
}

TEST(Indonesian, SaysDatesWithTheirWeekday) {
  const auto words = date_words("2026-11-28");
  EXPECT_EQ(words.weekday, "Sabtu");
  EXPECT_EQ(words.day, "dua puluh delapan");
  EXPECT_EQ(words.month, "November");
  EXPECT_EQ(words.year, "dua ribu dua puluh enam");
  EXPECT_EQ(words.date, "28 November 2026");
  EXPECT_EQ(date_words("1945-08-17").weekday, "Jumat");
  EXPECT_EQ(date_words("2024-02-29").date, "29 Februari 2024");
  for (const char* none :
       {"", "2026-02-29", "2026-13-01", "28-11-2026", "2026-1-1", "2026-11-2x"}) {
    EXPECT_EQ(date_words(none).date, "") << none;
  }
}

TEST(Indonesian, DoubtsNumbersThatNoCivilServantHas) {
  EXPECT_EQ(nip_doubt("196808171990031005"), "");
  EXPECT_EQ(nip_doubt("19680817 199003 1 005"), "");
  EXPECT_NE(nip_doubt("19681317 199003 1 005"), "") << "no thirteenth month";
  EXPECT_NE(nip_doubt("19680817 196003 1 005"), "") << "appointed before birth";
  EXPECT_NE(nip_doubt("19680817 199003 3 005"), "");
  EXPECT_NE(nip_doubt("1968"), "");
}

TEST(Indonesian, NumbersOfLetters) {
  constexpr auto kPattern = "{no}/BA-AM/{bulan}/{tahun}";
  EXPECT_EQ(letter_number(kPattern, 3, 11, 2026), "3/BA-AM/XI/2026");
  EXPECT_EQ(letter_number_of(kPattern, 2026, "3/BA-AM/XI/2026"), 3);
  EXPECT_EQ(letter_number_of(kPattern, 2026, "12/BA-AM/I/2026"), 12) << "whatever the month";
  for (const auto* other :
       {"3/BA-AM/XI/2025", "3/BA/XI/2026", "/BA-AM/XI/2026", "3/BA-AM//2026", "3/BA-AM/XI/2026/a",
        "x3/BA-AM/XI/2026", "", "123456789/BA-AM/XI/2026"}) {
    EXPECT_EQ(letter_number_of(kPattern, 2026, other), 0) << other;
  }
  EXPECT_EQ(letter_number("045.2/{no}", 7, 1, 2026), "045.2/7");
  EXPECT_EQ(letter_number_of("045.2/{no}", 2026, "045.2/7"), 7);
}

}  // namespace
}  // namespace alih::indonesian
