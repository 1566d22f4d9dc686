#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "pipeline/holdings.h"

// How long the steps of the procedure took, from the events of items, beside its standard times:
// step 2 (register) per item, step 3 (digitize) per item, step 4 (put into the database) per file.
// Step 1 has none ("Periodik"): batches and what waits are told instead.
//
// A person's active time of a step is what lies between its "step begun" and "step ended" events,
// where there are such; else the gaps before its events, each counted when it is no longer than
// office.idle_min; of a registration also the time since its form was opened, when that is known.
// Work that left a single event behind, with nothing before it, is not measured: it is told as
// such, never as quick. What the machine computed is CPU time of its own, in no step.
namespace alih::pipeline {

enum class Standing { within, over, no_standard, not_measured };
[[nodiscard]] std::string_view word(Standing s);
[[nodiscard]] Message label(Standing s);  // "sesuai", "melampaui", "tanpa standar", "belum terukur"

struct StepTime {
  std::optional<double> active_s;
  std::optional<double> elapsed_s;
  double standard_s = 0;  // 0 = none
  std::string by;         // who did it, the last one of several; "" = nobody is known
  [[nodiscard]] Standing standing() const;
};

inline constexpr int kFirstTimedStep = 1;
inline constexpr int kTimedSteps = 4;

struct ItemTimes {
  Item item;
  std::string operator_name;  // who registered it
  std::string month;
  int pages = 0;
  int files = 0;
  int pages_again = 0;  // superseded or read again
  std::array<StepTime, kTimedSteps> steps;
  double machine_s = 0;
  [[nodiscard]] const StepTime& step(int number) const {
    return steps.at(static_cast<std::size_t>(number - kFirstTimedStep));
  }
};

// One step over many items; seconds per item (step 4: per file).
struct StepSum {
  int measured = 0;
  int within = 0;
  double median_s = 0;
  double p90_s = 0;
  double active_s = 0;
  double elapsed_median_s = 0;
};
// Of an operator only what she did herself is timed, and the pages that she scanned are counted.
struct TimesGroup {
  int items = 0;  // registered; of a person: by her
  int pages = 0;
  int files = 0;
  int days = 0;  // on which something was registered
  int pages_again = 0;
  double operator_s = 0;
  double machine_s = 0;
  std::array<StepSum, kTimedSteps> steps;
};

struct Performance {
  std::string period;  // "" = all
  std::vector<ItemTimes> items;
  TimesGroup all;
  std::map<std::string, TimesGroup> by_operator;
  std::map<std::string, TimesGroup> by_month;
  std::map<std::string, TimesGroup> by_type;
  int batches = 0;  // of the period
  std::optional<double> batch_interval_s;
  int waiting = 0;  // entries of batches, now
  std::optional<double> oldest_wait_s;
  std::map<std::string, int> states;  // of all items, now
};

// Of what was registered in a year or month, "" = ever. Withdrawn items count: the work was done.
// Errors: usage for another period, what reading says.
// `tells`: of which items; empty = all.
[[nodiscard]] Result<Performance> performance(const Holdings& holdings, const std::string& period,
                                              const std::function<bool(const Item&)>& tells = {});

}  // namespace alih::pipeline
