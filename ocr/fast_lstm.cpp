#include "ocr/fast_lstm.h"

#include <algorithm>
#include <atomic>

#include "ocr/traineddata.h"

namespace alih::ocr {
namespace {

struct Counters {
  std::atomic<std::int64_t> fast, slow, checked, differences, bound, refused;
};
Counters& counters() {
  static Counters all;
  return all;
}

// No count is guarded by another, so no order is needed.
void count(std::atomic<std::int64_t>& what) { what.fetch_add(1, std::memory_order_relaxed); }

const LstmKernel* kernel_for(const Settings& settings) {
  for (const auto* kernel : lstm_kernels()) {
    if (settings.fast_lstm_kernel == "auto" || settings.fast_lstm_kernel == kernel->name) {
      return kernel;
    }
  }
  return nullptr;
}

}  // namespace

FastLstmCounts fast_lstm_counts() {
  auto& all = counters();
  return {all.fast, all.slow, all.checked, all.differences, all.bound, all.refused};
}

void count_layout_difference() { count(counters().differences); }

FastLstmCounts operator-(const FastLstmCounts& now, const FastLstmCounts& before) {
  return {
      now.lines_fast - before.lines_fast,         now.lines_slow - before.lines_slow,
      now.lines_checked - before.lines_checked,   now.differences - before.differences,
      now.networks_bound - before.networks_bound, now.networks_refused - before.networks_refused};
}

std::string fast_lstm_kernel(const Settings& settings) {
  const auto* kernel = settings.fast_lstm == "off" ? nullptr : kernel_for(settings);
  return kernel == nullptr ? std::string() : std::string(kernel->name);
}

FastLstm::FastLstm(const Settings& settings, std::shared_ptr<const LstmTables> tables)
    : mode_(settings.fast_lstm == "off"      ? Mode::off
            : settings.fast_lstm == "verify" ? Mode::verify
                                             : Mode::automatic),
      kernel_(kernel_for(settings)),
      tables_(std::move(tables)) {}

void FastLstm::load(const std::vector<std::string>& files) {
  bindings_.clear();
  models_.clear();
  if (off()) return;
  for (const auto& file : files) {
    const auto bytes = read_lstm_component(file);
    if (!bytes) continue;
    if (const auto model = read_lstm_model(*bytes)) add(*model);
  }
}

void FastLstm::add(const LstmModel& model) {
  if (kernel_ == nullptr || !tables_ || off()) return;
  models_.push_back(std::make_shared<const LstmNetwork>(model, *kernel_, tables_));
}

void FastLstm::forward(const void* network, int width, int height, LibraryLine& line) {
  auto& all = counters();
  const auto slowly = [&] {
    line.original();
    count(all.slow);
  };
  // After a difference: in verify mode it is only counted.
  const bool ended = mode_ == Mode::automatic && all.differences > 0;
  if (models_.empty() || ended || width > kWidestLine) return slowly();
  auto& binding = bindings_[network];
  if (binding.refused) return slowly();
  if (binding.lines < kProof) return prove(binding, width, height, line);

  const auto& model = *binding.model;
  if (height != model.height() || model.columns(width) < 1) return slowly();
  ++binding.lines;
  line.pixels(pixels_);
  model.forward(pixels_, width, scratch_, values_);
  const int columns = model.columns(width);
  if (mode_ != Mode::verify && binding.lines % kSample != 0) {
    line.give(values_, columns, model.classes());
    count(all.fast);
    return;
  }
  slowly();
  count(all.checked);
  if (!line.equals(values_, columns, model.classes())) count(all.differences);
}

void FastLstm::prove(Binding& binding, int width, int height, LibraryLine& line) {
  auto& all = counters();
  const bool plain = line.plain();
  if (plain) line.pixels(pixels_);
  line.original();
  count(all.slow);
  bool tried = false;
  for (const auto& model : models_) {
    if (!plain || (binding.model && binding.model != model)) continue;
    const int columns = model->columns(width);
    if (height != model->height() || columns < 1) continue;
    tried = true;
    model->forward(pixels_, width, scratch_, values_);
    count(all.checked);
    if (!line.equals(values_, columns, model->classes())) continue;
    if (!binding.model) count(all.bound);
    binding.model = model;
    ++binding.lines;
    return;
  }
  // A line too narrow to tell proves nothing either way.
  if (plain && !tried && width < kLeastTelling) return;
  binding.refused = true;
  binding.model.reset();
  count(all.refused);
}

}  // namespace alih::ocr
