#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "ocr/settings.h"

// Whether lines are read fast (fast_lstm.h), and what came of it.
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
// The kernel that the settings and the processor allow, whatever the library; empty = none.
[[nodiscard]] std::string fast_lstm_kernel(const Settings& settings);

// Reads a drawn word with these models, to see that their lines really are read fast by this
// program on this machine. Takes as long as loading the models. Errors: model_missing.
[[nodiscard]] Result<FastLstmCounts> try_fast_lstm(const std::string& languages,
                                                   const Settings& settings);

}  // namespace alih::ocr
