#pragma once

#include <string>

#include "core/settings.h"

namespace alih::ocr {

struct Settings {
  std::string languages = "ind+eng";
  std::string second = "Latin";
  std::string models = "/usr/share/tesseract-ocr/5/tessdata";
  std::string fast_lstm = "auto";
  std::string fast_lstm_kernel = "auto";
  std::string layout = "auto";
  double retry_below = 0.92;
  double as_scanned_below = 0.93;
  double word_below = 0.8;
  double orient_below = 0.6;
  int timeout_s = 60;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  using settings::between;
  field("languages", s.languages, "Model bahasa Tesseract, disambung dengan +",
        "Tesseract models, joined by +");
  field("second", s.second,
        "Model untuk kata yang memuat tanda di luar model utama, misalnya % dan é; kosong: tidak",
        "Model for words with signs that the first models lack, such as % and é; empty: none");
  field("models", s.models, "Folder model Tesseract (tessdata)",
        "Folder of Tesseract's models (tessdata)");
  field("fast_lstm", s.fast_lstm,
        "Membaca baris dengan jalur cepat sendiri, hasilnya sama persis: auto, off (mati), atau "
        "verify (keduanya, lalu dibandingkan)",
        "Read lines by the program's own fast way, with exactly the same result: auto, off or "
        "verify (both ways, compared)");
  field("fast_lstm_kernel", s.fast_lstm_kernel,
        "Perintah prosesor untuk jalur cepat: auto, avx512-vnni, avx-vnni, atau avx2",
        "Processor instructions of the fast way: auto, avx512-vnni, avx-vnni or avx2");
  field(
      "layout", s.layout,
      "Pencarian kolom, gambar, dan garis: auto (dilewati bila halaman terbukti satu kolom), atau "
      "full (selalu)",
      "The search for columns, pictures and rules: auto (left out where a page is proved to be one "
      "column) or full (always)");
  field("retry_below", s.retry_below,
        "Di bawah keyakinan ini halaman dibaca lagi dari citra lain, yang terbaik dipakai",
        "Below this confidence a page is read again from other images and the best is kept",
        between(0, 1));
  field("as_scanned_below", s.as_scanned_below,
        "Bila hasil terbaik masih di bawah keyakinan ini halaman dibaca juga seperti dipindai; 0: "
        "tidak pernah",
        "When the best reading is still below this confidence the page is also read as it was "
        "scanned; 0: never",
        between(0, 1));
  field(
      "word_below", s.word_below,
      "Kata di bawah keyakinan ini dibaca lagi dari citra polos, untuk pencarian; 0: tidak pernah",
      "Words below this confidence are read again from the plain image, for the search; 0: never",
      between(0, 1));
  field("orient_below", s.orient_below,
        "Di bawah keyakinan ini halaman dicoba dibaca dari empat arah dan diputar bila ternyata "
        "miring atau terbalik; 0: tidak pernah, 1: selalu",
        "Below this confidence a page is tried in all four directions and turned when it lies on "
        "its side or head; 0: never, 1: always",
        between(0, 1));
  field("timeout_s", s.timeout_s, "Batas waktu satu kali pembacaan halaman, detik",
        "Give up on one reading of a page after this many seconds", between(1, 3600));
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::ocr
