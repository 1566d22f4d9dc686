#include "ocr/tesseract_engine.h"

#include <algorithm>
#include <string_view>
#include <type_traits>

#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>
#include <tesseract/resultiterator.h>

#include "core/utf8.h"
#include "ocr/fast_lstm.h"
#include "ocr/models.h"
#include "ocr/traineddata.h"

namespace alih::ocr {
namespace {

// Only well-formed UTF-8 goes on; anything else becomes U+FFFD.
std::string clean_utf8(std::string_view raw) {
  std::string out;
  while (!raw.empty()) {
    char32_t code = 0;
    const auto size = utf8_character(raw, code);
    out += size > 0 ? raw.substr(0, size) : kReplacement;
    raw.remove_prefix(size > 0 ? size : 1);
  }
  return out;
}

// Upright rules of tables are read as bars. No word of these documents is made of bars alone.
bool is_ruling(std::string_view word) {
  return word.find_first_not_of('|') == std::string_view::npos;
}

// A line of dashes or the like across a receipt or a form, which is no text.
bool is_dashed_rule(const Line& line) {
  constexpr std::size_t kLeast = 8;
  std::size_t all = 0;
  std::size_t dashes = 0;
  for (const auto& word : line.words) {
    for (std::string_view rest = word.text; !rest.empty();) {
      char32_t code = 0;
      const auto size = std::max<std::size_t>(1, utf8_character(rest, code));
      rest.remove_prefix(size);
      ++all;
      if (std::u32string_view(U"-~_=+—–").find(code) != std::u32string_view::npos) ++dashes;
    }
  }
  constexpr double kShare = 0.8;
  return all >= kLeast && static_cast<double>(dashes) >= kShare * static_cast<double>(all);
}

// Letters of Hebrew, Arabic and their neighbours, and marks that turn the direction.
bool has_right_to_left(std::string_view word) {
  while (!word.empty()) {
    char32_t code = 0;
    const auto size = utf8_character(word, code);
    if ((code >= 0x590 && code <= 0x8FF) || (code >= 0xFB1D && code <= 0xFDFF) ||
        (code >= 0xFE70 && code <= 0xFEFF) || code == 0x200F || code >= 0x10800) {
      return true;
    }
    word.remove_prefix(size > 0 ? size : 1);
  }
  return false;
}

// Its words as they stand, which Tesseract keeps for its own use.
class Api final : public tesseract::TessBaseAPI {
 public:
  using tesseract::TessBaseAPI::GetLTRIterator;
};

class TesseractEngine final : public Engine {
 public:
  explicit TesseractEngine(const Settings& settings)
      : settings_(settings), fast_(settings, library_tables()) {}

  Status start(const std::string& languages, WordList words) {
    // Init makes new network objects, perhaps where others were: what was proved of those is gone.
    fast_.load(model_files(languages, settings_));
    const bool without = words == WordList::left_out;
    // A list of the same name that another engine has loaded would be used too, were it not for
    // this.
    const std::vector<std::string> names{"load_system_dawg"};
    const std::vector<std::string> values{without ? "0" : "1"};
    if (api_.Init(settings_.models.c_str(), 0, languages.c_str(), tesseract::OEM_LSTM_ONLY, nullptr,
                  0, &names, &values, false, without ? &read_without_words : nullptr) != 0) {
      return fail(ErrorCode::model_missing, "Tesseract tidak dapat memuat model {}",
                  "Tesseract cannot load the model {}", {languages});
    }
    // Whether letters stand at a fixed pitch is asked for cutting words into letters, which the
    // network does by itself; finding out takes 4 % of a page.
    if (settings_.layout != "full") api_.SetVariable("textord_all_prop", "1");
    return {};
  }

  [[nodiscard]] std::string name() const override {
    return std::string("tesseract ") + tesseract::TessBaseAPI::Version();
  }
  [[nodiscard]] std::string settings_text(const ReadOptions& options) const override {
    return "lstm, psm " + std::to_string(mode_of(options));
  }

  [[nodiscard]] Result<TextLayer> read(const Image& image, const ReadOptions& options) override {
    TextLayer text;
    text.width = image.width();
    text.height = image.height();
    if (image.empty()) return text;
    api_.SetPageSegMode(mode_of(options));
    api_.SetVariable("tessedit_do_invert", options.invert ? "1" : "0");
    if (image.format() == PixelFormat::bilevel) {
      // Tesseract wants 1 = white for packed bits.
      std::vector<unsigned char> flipped(image.bytes().size());
      std::transform(image.bytes().begin(), image.bytes().end(), flipped.begin(),
                     [](std::byte b) { return static_cast<unsigned char>(~b); });
      api_.SetImage(flipped.data(), image.width(), image.height(), 0,
                    static_cast<int>(image.stride()));
      return recognize(std::move(text), options.dpi);
    }
    if (bits_per_sample(image.format()) != 8) {
      return fail(ErrorCode::internal, "OCR tidak menerima citra 16 bit",
                  "OCR does not take images of 16 bits");
    }
    api_.SetImage(image.row(0), image.width(), image.height(), samples_per_pixel(image.format()),
                  static_cast<int>(image.stride()));
    return recognize(std::move(text), options.dpi);
  }

 private:
  static tesseract::PageSegMode mode_of(const ReadOptions& options) {
    if (options.one_line) return tesseract::PSM_SINGLE_LINE;
    return options.one_column ? tesseract::PSM_SINGLE_BLOCK : tesseract::PSM_AUTO;
  }
  Result<TextLayer> recognize(TextLayer text, int dpi) {
    api_.SetSourceResolution(dpi);
    tesseract::ETEXT_DESC monitor;
    monitor.set_deadline_msecs(settings_.timeout_s * 1000);
    const int failed = [&] {
      const FastLstmUse use(fast_, true);
      return api_.Recognize(&monitor);
    }();
    if (failed != 0 || monitor.deadline_exceeded()) {
      api_.Clear();
      if (monitor.deadline_exceeded()) {
        return fail(ErrorCode::timeout, "Pembacaan halaman melewati {} detik",
                    "Reading the page took more than {} seconds", {settings_.timeout_s});
      }
      return fail(ErrorCode::internal, "Tesseract gagal membaca halaman",
                  "Tesseract failed to read the page");
    }
    // The order of right-to-left words costs a walk from the page's start for each word of any
    // page. Without such words it is the order of the lines as they stand.
    bool right_to_left = false;
    {
      const std::unique_ptr<tesseract::LTRResultIterator> it(api_.GetLTRIterator());
      if (it) right_to_left = !take_words(*it, text);
    }
    if (right_to_left) {
      text.blocks.clear();
      const std::unique_ptr<tesseract::ResultIterator> it(api_.GetIterator());
      if (it) take_words(*it, text);
    }
    api_.Clear();
    for (auto& block : text.blocks) {
      std::erase_if(block.lines,
                    [](const Line& line) { return line.words.empty() || is_dashed_rule(line); });
    }
    std::erase_if(text.blocks, [](const Block& block) { return block.lines.empty(); });
    return text;
  }

  // False when a word of an iterator that knows no other order is written from right to left.
  template <typename Iterator>
  static bool take_words(Iterator& it, TextLayer& text) {
    using tesseract::RIL_BLOCK;
    using tesseract::RIL_TEXTLINE;
    using tesseract::RIL_WORD;
    constexpr bool kLeftToRightOnly = std::is_same_v<Iterator, tesseract::LTRResultIterator>;
    do {
      if (it.Empty(RIL_WORD)) continue;
      const std::unique_ptr<char[]> raw(it.GetUTF8Text(RIL_WORD));
      if (!raw || raw[0] == 0) continue;
      if (kLeftToRightOnly && has_right_to_left(raw.get())) return false;
      if (it.IsAtBeginningOf(RIL_BLOCK) || text.blocks.empty()) {
        text.blocks.push_back({box(it, RIL_BLOCK), {}});
      }
      auto& block = text.blocks.back();
      if (it.IsAtBeginningOf(RIL_TEXTLINE) || block.lines.empty()) {
        Line line{box(it, RIL_TEXTLINE), {}, {}};
        auto& b = line.baseline;
        if (!it.Baseline(RIL_TEXTLINE, b.data(), &b[1], &b[2], &b[3])) b = {};
        block.lines.push_back(std::move(line));
      }
      auto word = clean_utf8(raw.get());
      while (!word.empty() && (word.back() == '\n' || word.back() == ' ')) word.pop_back();
      word.erase(0, word.find_first_not_of(' '));
      if (word.empty() || is_ruling(word)) continue;
      const double confidence = it.Confidence(RIL_WORD) / 100.0;
      block.lines.back().words.push_back(
          {std::move(word), box(it, RIL_WORD), std::clamp(confidence, 0.0, 1.0)});
    } while (it.Next(RIL_WORD));
    return true;
  }

  static Box box(const tesseract::PageIterator& it, tesseract::PageIteratorLevel level) {
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;
    if (!it.BoundingBox(level, &left, &top, &right, &bottom)) return {};
    return {left, top, right - left, bottom - top};
  }

  Settings settings_;
  FastLstm fast_;
  Api api_;
};

}  // namespace

Result<std::unique_ptr<Engine>> make_tesseract_engine(const std::string& languages,
                                                      const Settings& settings, WordList words) {
  auto engine = std::make_unique<TesseractEngine>(settings);
  ALIH_CHECK(engine->start(languages, words));
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace alih::ocr
