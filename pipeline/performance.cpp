#include "pipeline/performance.h"

#include <algorithm>
#include <set>

#include "core/clock.h"
#include "core/indonesian.h"

namespace alih::pipeline {
namespace {

constexpr double kMinute = 60;

// The step that an event is work on, 0 = none. Capture has a device as its agent: a person stands
// beside it.
int step_of(const Event& e) {
  struct Row {
    std::string_view type;
    int step;
  };
  static constexpr Row kRows[] = {
      {"registration", 2},
      {"metadata modification", 2},
      {"capture", 3},
      {"ingestion", 3},
      {"reprocessing request", 3},
      {"text correction", 3},
      {"page replacement", 3},
      {"page rejection", 3},
      {"page acceptance", 3},
      {"quality control", 3},
      {"packaging", 4},
      {"publication", 4},
      {"rights decision", 2},
      {"access change", 4},
  };
  for (const auto& row : kRows) {
    if (row.type != e.type) continue;
    // A new version that the program makes by itself is nobody's work.
    return e.type == "packaging" && e.agent.kind != "person" ? 0 : row.step;
  }
  return 0;
}

// "…; begun at 2026-11-28T01:02:03.456Z; …"
double begun_at(const Event& e) {
  constexpr std::string_view kMark = "begun at ";
  const auto at = e.detail.find(kMark);
  if (at == std::string::npos) return -1;
  const auto from = at + kMark.size();
  return utc_seconds(e.detail.substr(from, e.detail.find(';', from) - from));
}

struct Spans {
  std::array<std::optional<double>, kTimedSteps + 1> told;      // by begun and ended
  std::array<std::optional<double>, kTimedSteps + 1> inferred;  // by gaps
  std::array<double, kTimedSteps + 1> first{};
  std::array<double, kTimedSteps + 1> last{};
  std::array<std::string, kTimedSteps + 1> by;  // the last person
  double machine_end = 0;
};

Spans spans_of(const std::vector<Event>& events, double idle_s) {
  Spans out;
  std::array<double, kTimedSteps + 1> open{};
  double before = -1;  // the last sign of a person
  for (const auto& e : events) {
    const double at = utc_seconds(e.at);
    if (e.type == "image processing" || e.type == "text recognition") {
      out.machine_end = std::max(out.machine_end, at);
      continue;
    }
    if (e.type == "step begun" || e.type == "step ended") {
      const int n = e.detail.size() > 5 ? e.detail[5] - '0' : 0;
      if (n < 1 || n > kTimedSteps) continue;
      const auto i = static_cast<std::size_t>(n);
      if (e.type == "step begun") {
        open[i] = at;
      } else if (open[i] > 0 && at >= open[i]) {
        out.told[i] = out.told[i].value_or(0) + (at - open[i]);
        open[i] = 0;
      }
      if (e.agent.kind == "person") out.by[i] = e.agent.name;
      before = at;
      continue;
    }
    const int n = step_of(e);
    if (n == 0) continue;
    const auto i = static_cast<std::size_t>(n);
    if (const double begun = begun_at(e); begun > 0 && begun <= at) {
      out.inferred[i] = out.inferred[i].value_or(0) + (at - begun);
      if (out.first[i] <= 0) out.first[i] = begun;
    } else if (before > 0 && at >= before && at - before <= idle_s) {
      out.inferred[i] = out.inferred[i].value_or(0) + (at - before);
    }
    if (out.first[i] <= 0) out.first[i] = at;
    out.last[i] = std::max(out.last[i], at);
    if (e.agent.kind == "person") out.by[i] = e.agent.name;
    before = at;
  }
  return out;
}

ItemTimes times_of(const Holdings& holdings, Item item) {
  const auto& office = holdings.settings().office;
  ItemTimes out;
  out.month = item.registered_on.substr(0, 7);
  out.operator_name = item.field("operator");
  std::set<std::string> files;
  for (const auto& page : holdings.database().pages(item.id)) {
    if (page.state == PageState::removed) {
      ++out.pages_again;
      continue;
    }
    ++out.pages;
    files.insert(page.master.file);
    for (const auto& f : page.findings) {
      if (f.name != "times") continue;
      for (const auto& [name, ms] : f.numbers) {
        if (name.ends_with("_ms")) out.machine_s += ms / 1000;
      }
    }
  }
  out.files = static_cast<int>(files.size());
  const auto events = holdings.database().events(item.id);
  for (const auto& e : events) {
    if (e.type == "reprocessing request") ++out.pages_again;
    if (out.operator_name.empty() && e.agent.kind == "person") out.operator_name = e.agent.name;
  }
  const auto spans = spans_of(events, office.idle_min * kMinute);
  const std::array<double, kTimedSteps + 1> standards{
      0, 0, office.standard_register_min * kMinute, office.standard_digitize_min * kMinute,
      office.standard_file_min * kMinute * std::max(1, out.files)};
  for (std::size_t n = 1; n <= kTimedSteps; ++n) {
    auto& step = out.steps[n - 1];
    step.active_s = spans.told[n] ? spans.told[n] : spans.inferred[n];
    step.standard_s = standards[n];
    // Beside a scanner stands whoever took the item in hand.
    if (step.active_s) step.by = spans.by[n].empty() ? out.operator_name : spans.by[n];
  }
  // From one step's beginning to the next one's, as far as both are known.
  const auto elapsed = [&](int n, double from, double to) {
    if (from > 0 && to >= from) out.steps[static_cast<std::size_t>(n) - 1].elapsed_s = to - from;
  };
  if (const auto h = holdings.handover(item.field("batch_no"))) {
    elapsed(1, utc_seconds(h->received_at), spans.first[2]);
  }
  elapsed(2, spans.first[2], spans.first[3] > 0 ? spans.first[3] : spans.last[2]);
  elapsed(3, spans.first[3], std::max(spans.last[3], spans.machine_end));
  elapsed(4, std::max(spans.last[3], spans.machine_end), spans.last[4]);
  out.item = std::move(item);
  return out;
}

// Between the two nearest values, so that the median of 1 and 3 is 2.
double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

// `person`: only what she did; empty = all.
TimesGroup group_of(const std::vector<const ItemTimes*>& items,
                    const std::optional<std::string>& person = {}) {
  TimesGroup out;
  std::set<std::string> days;
  std::array<std::vector<double>, kTimedSteps> seconds;
  std::array<std::vector<double>, kTimedSteps> elapsed;
  constexpr std::size_t kFileStep = 3;
  for (const auto* t : items) {
    constexpr std::size_t kScanStep = 2;
    const auto& scan = t->steps[kScanStep];
    if (!person || (scan.active_s ? scan.by : t->operator_name) == *person) {
      out.pages += t->pages;
      out.files += t->files;
      out.pages_again += t->pages_again;
      out.machine_s += t->machine_s;
    }
    // The register's step is the item's own: whoever only scanned it did not register it.
    if (!person || t->operator_name == *person) {
      ++out.items;
      days.insert(t->item.registered_on);
    }
    for (std::size_t i = 0; i < kTimedSteps; ++i) {
      const auto& step = t->steps[i];
      if (person && step.by != *person) continue;
      const double per = i == kFileStep ? std::max(1, t->files) : 1;
      if (step.elapsed_s) elapsed[i].push_back(*step.elapsed_s / per);
      if (!step.active_s) continue;
      out.operator_s += *step.active_s;
      auto& sum = out.steps[i];
      ++sum.measured;
      sum.active_s += *step.active_s;
      if (step.standing() == Standing::within) ++sum.within;
      seconds[i].push_back(*step.active_s / per);
    }
  }
  out.days = static_cast<int>(days.size());
  constexpr double kHalf = 0.5;
  constexpr double kNinth = 0.9;
  for (std::size_t i = 0; i < kTimedSteps; ++i) {
    out.steps[i].median_s = quantile(seconds[i], kHalf);
    out.steps[i].p90_s = quantile(seconds[i], kNinth);
    out.steps[i].elapsed_median_s = quantile(elapsed[i], kHalf);
  }
  return out;
}

}  // namespace

std::string_view word(Standing s) {
  switch (s) {
    case Standing::within:
      return "within";
    case Standing::over:
      return "over";
    case Standing::no_standard:
      return "no_standard";
    case Standing::not_measured:
      return "not_measured";
  }
  return "";
}

Message label(Standing s) {
  switch (s) {
    case Standing::within:
      return message("sesuai", "within the standard");
    case Standing::over:
      return message("melampaui", "over the standard");
    case Standing::no_standard:
      return message("tanpa standar", "no standard");
    case Standing::not_measured:
      return message("belum terukur", "not measured");
  }
  return {};
}

Standing StepTime::standing() const {
  if (standard_s <= 0) return Standing::no_standard;
  if (!active_s) return Standing::not_measured;
  return *active_s <= standard_s ? Standing::within : Standing::over;
}

Result<Performance> performance(const Holdings& holdings, const std::string& period,
                                const std::function<bool(const Item&)>& tells) {
  if (!period.empty() &&
      indonesian::date_words(period + (period.size() == 4 ? "-01-01" : "-01")).date.empty()) {
    return fail(ErrorCode::usage, "Tulis tahun atau bulan, misalnya 2026 atau 2026-11",
                "Write a year or month, e.g. 2026 or 2026-11");
  }
  Performance out;
  out.period = period;
  for (auto& item : holdings.database().items({})) {
    if (tells && !tells(item)) continue;
    ++out.states[std::string(word(item.state))];
    if (!period.empty() && !in_period(item.registered_on, period)) continue;
    out.items.push_back(times_of(holdings, std::move(item)));
  }
  std::vector<const ItemTimes*> all;
  std::map<std::string, std::vector<const ItemTimes*>> operators;
  std::map<std::string, std::vector<const ItemTimes*>> months;
  std::map<std::string, std::vector<const ItemTimes*>> types;
  for (const auto& t : out.items) {
    all.push_back(&t);
    std::set<std::string> people{t.operator_name};
    for (const auto& step : t.steps) {
      if (step.active_s) people.insert(step.by);
    }
    for (const auto& person : people) operators[person].push_back(&t);
    months[t.month].push_back(&t);
    types[t.item.field("material_type")].push_back(&t);
  }
  out.all = group_of(all);
  for (const auto& [name, items] : operators) out.by_operator[name] = group_of(items, name);
  for (const auto& [name, items] : months) out.by_month[name] = group_of(items);
  for (const auto& [name, items] : types) out.by_type[name] = group_of(items);

  const double now = utc_seconds(utc_now());
  std::vector<double> received;
  for (const auto& h : holdings.handovers()) {
    const double at = utc_seconds(h.received_at);
    if (period.empty() || in_period(h.received_on, period)) received.push_back(at);
    for (const auto& e : h.entries) {
      if (e.state != "received" || holdings.database().item_of_entry(h.batch_no, e.number)) {
        continue;
      }
      ++out.waiting;
      out.oldest_wait_s = std::max(out.oldest_wait_s.value_or(0), now - at);
    }
  }
  out.batches = static_cast<int>(received.size());
  if (received.size() > 1) {
    const auto [first, last] = std::minmax_element(received.begin(), received.end());
    out.batch_interval_s = (*last - *first) / static_cast<double>(received.size() - 1);
  }
  return out;
}

}  // namespace alih::pipeline
