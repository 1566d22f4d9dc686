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
  double retry_below = 0.92;
  double as_scanned_below = 0.97;
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
  field("retry_below", s.retry_below,
        "Di bawah keyakinan ini halaman dibaca lagi dari citra lain, yang terbaik dipakai",
        "Below this confidence a page is read again from other images and the best is kept",
        between(0, 1));
  field(
      "as_scanned_below", s.as_scanned_below,
      "Di bawah keyakinan ini, atau bila ada tinta yang tidak terbaca, halaman dibaca juga seperti "
      "dipindai; 0: tidak pernah",
      "Below this confidence, or when ink was left unread, a page is also read as it was scanned; "
      "0: never",
      between(0, 1));
  field("timeout_s", s.timeout_s, "Batas waktu satu kali pembacaan halaman, detik",
        "Give up on one reading of a page after this many seconds", between(1, 3600));
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::ocr
