#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ocr/fast_lstm_report.h"
#include "ocr/lstm_network.h"
#include "ocr/settings.h"

// Tesseract's lines read by our own forward pass, with the same result to the bit. The library
// stays as it is and keeps its own way: fast_lstm_hook.cpp stands in the library's way at run time
// and asks the engine's FastLstm for each line. docs/decisions/0010-own-forward-pass.md says why.
namespace alih::ocr {

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
  [[nodiscard]] bool verifies() const { return mode_ == Mode::verify; }

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

// While it lives, what Tesseract reads on this thread goes through `fast`, and so do the slow parts
// of its layout analysis (layout_hook.cpp). words_only: paragraphs are not looked for.
class FastLstmUse {
 public:
  explicit FastLstmUse(FastLstm& fast, bool words_only = false);
  ~FastLstmUse();
  FastLstmUse(const FastLstmUse&) = delete;
  FastLstmUse& operator=(const FastLstmUse&) = delete;

 private:
  FastLstm* before_;
  bool words_only_before_;
};

// Of this thread's FastLstmUse; false without one.
struct LibraryShortcuts {
  bool layout = false;  // own, equal layout functions
  bool words_only = false;
  bool compare = false;  // every one with the library's own
};
[[nodiscard]] LibraryShortcuts shortcuts_in_use();
// Does nothing; calling it brings layout_hook.cpp into the program, which nothing else asks for.
void link_layout_hook();
// Of a layout function that did not come out the same: as of a line.
void count_layout_difference();

// Of the library that is linked; none when it is not as expected.
[[nodiscard]] std::shared_ptr<const LstmTables> library_tables();

}  // namespace alih::ocr
