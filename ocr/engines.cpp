#include <algorithm>
#include <string_view>
#include <vector>

#include "ocr/engine.h"
#include "ocr/fast_lstm.h"
#include "ocr/fast_lstm_report.h"
#include "ocr/models.h"
#include "ocr/tesseract_engine.h"

namespace alih::ocr {

const std::vector<EngineRow>& all_engines() {
  static const std::vector<EngineRow> rows = {{"tesseract", make_tesseract_engine}};
  return rows;
}

Result<std::unique_ptr<Engine>> make_engine(const std::string& languages, const Settings& settings,
                                            WordList words) {
  ALIH_CHECK(check_models(languages, settings));
  return all_engines().front().make(languages, settings, words);
}

FastLstmReport fast_lstm_report(const Settings& settings) {
  FastLstmReport out;
  const auto kernel = fast_lstm_kernel(settings);
  if (settings.fast_lstm == "off") {
    out.why_not_id = "dimatikan oleh pengaturan ocr.fast_lstm";
    out.why_not_en = "switched off by the setting ocr.fast_lstm";
  } else if (kernel.empty()) {
    out.why_not_id =
        "prosesor ini tidak memiliki AVX2, atau bukan yang diminta ocr.fast_lstm_kernel";
    out.why_not_en = "this processor has no AVX2, or not what ocr.fast_lstm_kernel asks for";
  } else if (!library_tables()) {
    out.why_not_id = "pustaka Tesseract ini lain dari yang dikenal";
    out.why_not_en = "this Tesseract library is not one that is known";
  } else {
    out.possible = true;
    out.kernel = kernel;
  }
  return out;
}

Result<FastLstmCounts> try_fast_lstm(const std::string& languages, const Settings& settings) {
  ALIH_TRY(const auto engine, make_engine(languages, settings));
  // A word of letters that are made of bars, so that no font is needed.
  constexpr int kWidth = 600;
  constexpr int kHeight = 90;
  std::vector<std::byte> pixels(std::size_t{kWidth} * kHeight, std::byte{255});
  int left = 60;
  const auto bar = [&](int x, int y, int width, int height) {
    for (int row = y; row < y + height; ++row) {
      std::fill_n(pixels.begin() + (20 + row) * kWidth + left + x, width, std::byte{0});
    }
  };
  for (const char letter : std::string_view("HTLEFHTLEFHL")) {
    bar(letter == 'T' ? 11 : 0, 0, 7, 50);
    if (letter == 'H') bar(22, 0, 7, 50);
    if (letter != 'H' && letter != 'L') bar(0, 0, 29, 6);
    if (letter == 'H' || letter == 'E' || letter == 'F') bar(0, 22, 26, 6);
    if (letter == 'L' || letter == 'E') bar(0, 44, 29, 6);
    left += 40;
  }
  const Image word(PixelFormat::gray8, kWidth, kHeight, std::move(pixels), 300, 300);
  const auto before = fast_lstm_counts();
  constexpr int kTimes = 6;  // more than the lines that bind a network
  for (int i = 0; i < kTimes; ++i) ALIH_CHECK(engine->read(word, {300, false, true}));
  return fast_lstm_counts() - before;
}

}  // namespace alih::ocr
