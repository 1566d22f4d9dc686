#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ocr/lstm_network.h"
#include "ocr/settings.h"

// Tesseract's lines read by our own forward pass, with the same result to the bit. The library
// stays as it is and keeps its own way: fast_lstm_hook.cpp stands in the library's way at run time
// and asks the engine's FastLstm for each line. docs/decisions/0010-own-forward-pass.md says why.
namespace alih::ocr {

// Of this process since it began. A line is a run of a network over one piece of a line of text.
struct FastLstmCounts {
  std::int64_t lines_fast = 0;
  std::int64_t lines_slow = 0;      // by the library, those that were compared among them
  std::int64_t lines_checked = 0;   // by both ways, and compared
  std::int64_t differences = 0;     // of them not equal, after the network was proved; must stay 0
  std::int64_t networks_bound = 0;  // proved to be of a known model
  std::int64_t networks_refused = 0;  // of no known model: read by the library
};
[[nodiscard]] FastLstmCounts fast_lstm_counts();
[[nodiscard]] FastLstmCounts operator-(const FastLstmCounts& now, const FastLstmCounts& before);

// Whether this program can read fast at all, and how.
struct FastLstmReport {
  bool possible = false;
  std::string kernel;      // "avx512-vnni"; empty = none
  std::string why_not_id;  // when it is not possible
  std::string why_not_en;
};
[[nodiscard]] FastLstmReport fast_lstm_report(const Settings& settings);

// One line as the library handed it over. Who calls forward() owns it.
class LibraryLine {
 public:
  virtual ~LibraryLine() = default;
  // Whether a pixel of the line is one number, as in all models known.
  [[nodiscard]] virtual bool plain() = 0;
  // The library's own forward pass.
  virtual void original() = 0;
  // Whether the library's result, after original(), has exactly these bits: columns x classes.
  [[nodiscard]] virtual bool equals(std::span<const float> values, int columns, int classes) = 0;
  // Gives the library these values as its result.
  virtual void give(std::span<const float> values, int columns, int classes) = 0;
  // The line's pixels, row by row.
  virtual void pixels(std::vector<std::int8_t>& out) = 0;
};

// Which networks of one Tesseract instance are which models. A network is never believed by name:
// its first lines run both ways, and only bits that are equal bind it; one line in kSample is
// compared for ever after. One difference ends it for the process. One thread.
class FastLstm {
 public:
  // tables: Tesseract's own; none: nothing is read fast.
  FastLstm(const Settings& settings, std::shared_ptr<const LstmTables> tables);

  // Forgets all networks, and loads these models. One that cannot be read is left out: what it
  // reads stays with the library.
  void load(const std::vector<std::string>& files);
  void add(const LstmModel& model);

  // Computes one line of the network object `network`: by ourselves or by the library.
  void forward(const void* network, int width, int height, LibraryLine& line);

  // Off: then the library is not hooked at all.
  [[nodiscard]] bool off() const { return mode_ == Mode::off; }

  static constexpr int kProof = 3;         // lines that bind a network
  static constexpr int kSample = 500;      // then one in so many is compared
  static constexpr int kLeastTelling = 8;  // pixels; a narrower line tells of no network

 private:
  enum class Mode { off, automatic, verify };
  struct Binding {
    std::shared_ptr<const LstmNetwork> model;  // none yet, or refused
    bool refused = false;
    std::int64_t lines = 0;
  };
  void prove(Binding& binding, int width, int height, LibraryLine& line);

  Mode mode_;
  const LstmKernel* kernel_ = nullptr;
  std::shared_ptr<const LstmTables> tables_;
  std::vector<std::shared_ptr<const LstmNetwork>> models_;
  std::map<const void*, Binding> bindings_;
  LstmNetwork::Scratch scratch_;
  std::vector<std::int8_t> pixels_;
  std::vector<float> values_;
};

// While it lives, what Tesseract reads on this thread goes through `fast`.
class FastLstmUse {
 public:
  explicit FastLstmUse(FastLstm& fast);
  ~FastLstmUse();
  FastLstmUse(const FastLstmUse&) = delete;
  FastLstmUse& operator=(const FastLstmUse&) = delete;

 private:
  FastLstm* before_;
};

// Of the library that is linked; none when it is not as expected.
[[nodiscard]] std::shared_ptr<const LstmTables> library_tables();

}  // namespace alih::ocr
