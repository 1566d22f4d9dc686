// Compiled with -ffp-contract=off: sums must be rounded as Tesseract's are.
#include "ocr/lstm_network.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace alih::ocr {
namespace {

constexpr int kActivation = 127;  // what 1.0 is as int8
constexpr int kWindow = 12;       // 3 columns of 3 pixels, a filler after each
constexpr int kSlack = 64;        // kernels may load this far beyond a row

#if defined(__x86_64__)
// Which registers the operating system saves; 0 = it does not say.
std::uint64_t saved_registers() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  constexpr unsigned kOsSaves = 1U << 27U;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kOsSaves) == 0) return 0;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (std::uint64_t{high} << 32U) | low;
}

std::vector<const LstmKernel*> find_kernels() {
  const auto bit = [](unsigned word, unsigned n) { return ((word >> n) & 1U) != 0; };
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  std::vector<const LstmKernel*> out;
  constexpr std::uint64_t kAvxState = 0x6;
  constexpr std::uint64_t kAvx512State = 0xE6;
  const auto saved = saved_registers();
  if ((saved & kAvxState) != kAvxState) return out;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return out;
  const bool avx2 = bit(b, 5);
  const bool avx512 = (saved & kAvx512State) == kAvx512State && bit(b, 16) && bit(b, 17) &&
                      bit(b, 30) && bit(b, 31) && bit(c, 11);
  const bool more = a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0;
  if (avx512 && avx2) out.push_back(&kAvx512VnniKernel);
  if (avx2 && more && bit(a, 4)) out.push_back(&kAvxVnniKernel);
  if (avx2) out.push_back(&kAvx2Kernel);
  return out;
}
#else
std::vector<const LstmKernel*> find_kernels() { return {}; }
#endif

std::vector<double> paired(std::span<const float> values) {
  std::vector<double> out(LstmTables::kSize);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool last = i + 1 >= out.size() || i + 1 >= values.size();
    const float pair[2] = {last ? 1.0F : values[i], last ? 0.0F : values[i + 1] - values[i]};
    std::memcpy(&out[i], pair, sizeof pair);
  }
  return out;
}

float interpolated(const std::vector<double>& table, float x) {
  const float at = std::min(x * 256.0F, 4095.0F);
  const auto index = static_cast<unsigned>(at);
  float pair[2];
  std::memcpy(pair, &table[index], sizeof pair);
  return pair[0] + pair[1] * (at - static_cast<float>(index));
}

// Three pixels of one column around (x, y), those outside from `noise`.
template <typename Pixel>
void window(int x, int y, int width, int height, BorderNoise& noise, Pixel pixel,
            std::int8_t* out) {
  for (int dx = -1; dx <= 1; ++dx) {
    for (int dy = -1; dy <= 1; ++dy, ++out) {
      const bool outside = x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height;
      *out = outside ? noise.next() : pixel(x + dx, y + dy);
    }
    ++out;  // the filler
  }
}

}  // namespace

const std::vector<const LstmKernel*>& lstm_kernels() {
  static const auto found = find_kernels();
  return found;
}

LstmTables::LstmTables(std::span<const float> tanh, std::span<const float> logistic)
    : tanh_(paired(tanh)), logistic_(paired(logistic)) {}

float LstmTables::tanh(float x) const {
  return x < 0 ? 0.0F - interpolated(tanh_, 0.0F - x) : interpolated(tanh_, x);
}
float LstmTables::logistic(float x) const {
  return x < 0 ? 1.0F - interpolated(logistic_, 0.0F - x) : interpolated(logistic_, x);
}

BorderNoise::BorderNoise(std::int32_t sample_iteration) {
  // std::minstd_rand, seeded as Tesseract does; its first number is thrown away.
  constexpr std::uint64_t kModulus = 2147483647;
  const auto seed =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(sample_iteration) * 0x10000001);
  state_ = seed % kModulus;
  if (state_ == 0) state_ = 1;
  next();
}

std::int8_t BorderNoise::next() {
  constexpr std::uint64_t kModulus = 2147483647;
  constexpr std::uint64_t kFactor = 48271;
  state_ = state_ * kFactor % kModulus;
  constexpr double kRange = kActivation;
  const double value =
      kRange * 2.0 * static_cast<double>(static_cast<std::int32_t>(state_)) / double{INT32_MAX} -
      kRange;
  return static_cast<std::int8_t>(value >= 0 ? static_cast<int>(value + 0.5)
                                             : -static_cast<int>(0.5 - value));
}

void softmax(std::span<float> values) {
  if (values.empty()) return;
  const float most = *std::max_element(values.begin(), values.end());
  constexpr float kLeast = -86;  // exp() of less is as good as nothing
  float total = 0;
  for (auto& value : values) {
    value = std::exp(std::clamp(value - most, kLeast, 0.0F));
    total += value;
  }
  if (total <= 0) return;
  for (auto& value : values) value /= total;
}

LstmNetwork::LstmNetwork(const LstmModel& model, const LstmKernel& kernel,
                         std::shared_ptr<const LstmTables> tables)
    : kernel_(&kernel),
      tables_(std::move(tables)),
      height_(model.height),
      pool_x_(model.pool_x),
      pool_y_(model.pool_y),
      classes_(model.classes()),
      sample_iteration_(model.sample_iteration),
      columns_(pack(model.columns)),
      output_(pack(model.output)) {
  // A filler after each column of three pixels, so that a column is one load of four.
  LstmWeights padded;
  padded.outputs = model.convolution.outputs;
  padded.inputs = kWindow;
  padded.scale = model.convolution.scale;
  for (int o = 0; o < padded.outputs; ++o) {
    const auto* row = model.convolution.rows.data() + o * (model.convolution.inputs + 1);
    for (int dx = 0; dx < 3; ++dx) {
      padded.rows.insert(padded.rows.end(), row + 3 * dx, row + 3 * dx + 3);
      padded.rows.push_back(0);
    }
    padded.rows.push_back(row[model.convolution.inputs]);
  }
  convolution_ = pack(padded);
  for (const auto& layer : model.rows) rows_.push_back(pack(layer));
}

LstmNetwork::Dense LstmNetwork::pack(const LstmWeights& weights) const {
  const int lanes = kernel_->lanes;
  Dense out;
  out.inputs = (weights.inputs + 3) / 4 * 4;
  out.blocks = (weights.outputs + lanes - 1) / lanes;
  const auto size = static_cast<std::size_t>(out.blocks * lanes);
  out.weights.assign(size * static_cast<std::size_t>(out.inputs), 0);
  out.bias.assign(size, 0);
  out.scale.assign(size, 0);
  for (int o = 0; o < weights.outputs; ++o) {
    const auto* row = weights.rows.data() + o * (weights.inputs + 1);
    const int block = o / lanes;
    const int lane = o % lanes;
    int sum = 0;
    for (int k = 0; k < weights.inputs; ++k) {
      sum += row[k];
      out.weights[static_cast<std::size_t>(((block * (out.inputs / 4) + k / 4) * lanes + lane) * 4 +
                                           k % 4)] = row[k];
    }
    const auto at = static_cast<std::size_t>(o);
    out.bias[at] = row[weights.inputs] * kActivation - kernel_->offset * sum;
    out.scale[at] = weights.scale[at];
  }
  return out;
}

LstmNetwork::Lstm LstmNetwork::pack(const LstmLayer& layer) const {
  const int lanes = kernel_->lanes;
  Lstm out;
  out.inputs = layer.inputs;
  out.units = layer.units;
  out.reversed = layer.reversed;
  const auto count = [](int a, int b) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
  };
  out.from_input.assign(count(4 * layer.units, layer.inputs), 0);
  out.from_self.assign(count(4 * layer.units, layer.units), 0);
  out.bias.assign(count(4, layer.units), 0);
  out.scale.assign(count(4, layer.units), 0);
  const int inputs = layer.inputs + layer.units;
  for (int unit = 0; unit < layer.units; ++unit) {
    const int block = unit / lanes;
    const int lane = unit % lanes;
    for (int gate = 0; gate < 4; ++gate) {
      const auto& weights = layer.gates[static_cast<std::size_t>(gate)];
      const auto* row = weights.rows.data() + unit * (inputs + 1);
      int sum = 0;
      for (int k = 0; k < inputs; ++k) {
        sum += row[k];
        const bool input = k < layer.inputs;
        const int j = input ? k : k - layer.inputs;
        const int groups = (input ? layer.inputs : layer.units) / 4;
        const auto at = static_cast<std::size_t>(
            (((block * groups + j / 4) * 4 + gate) * lanes + lane) * 4 + j % 4);
        (input ? out.from_input : out.from_self)[at] = row[k];
      }
      const auto at = static_cast<std::size_t>((block * 4 + gate) * lanes + lane);
      out.bias[at] = row[inputs] * kActivation - kernel_->offset * sum;
      out.scale[at] = weights.scale[static_cast<std::size_t>(unit)];
    }
  }
  return out;
}

PackedDense LstmNetwork::Dense::packed() const {
  return {inputs, blocks, weights.data(), bias.data(), scale.data()};
}
PackedLstm LstmNetwork::Lstm::packed() const {
  return {inputs, units, from_input.data(), from_self.data(), bias.data(), scale.data()};
}

// The line column by column, and the windows around its border's pixels.
void LstmNetwork::lay_out(std::span<const std::int8_t> line, int width, Scratch& scratch) const {
  const auto stored = [&](std::int8_t v) { return static_cast<std::uint8_t>(v + kernel_->offset); };
  const auto column_size = static_cast<std::size_t>(height_);
  scratch.pixels.resize(static_cast<std::size_t>(width) * column_size + kSlack);
  // In squares, so that neither side walks through far memory.
  constexpr int kSquare = 32;
  for (int from = 0; from < width; from += kSquare) {
    const int until = std::min(width, from + kSquare);
    for (int y = 0; y < height_; ++y) {
      const auto* row = line.data() + static_cast<std::ptrdiff_t>(y) * width;
      auto* to = scratch.pixels.data() + y;
      for (int x = from; x < until; ++x) {
        to[static_cast<std::size_t>(x) * column_size] = stored(row[x]);
      }
    }
  }
  scratch.edge.assign(static_cast<std::size_t>(2 * (width + height_) * kWindow), 0);
  BorderNoise noise(sample_iteration_);
  const auto pixel = [&](int x, int y) {
    return line[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                static_cast<std::size_t>(x)];
  };
  const auto put = [&](int x, int y, int place) {
    std::int8_t values[kWindow + 1] = {};
    window(x, y, width, height_, noise, pixel, values);
    auto* to = scratch.edge.data() + static_cast<std::ptrdiff_t>(place) * kWindow;
    for (int i = 0; i < kWindow; ++i) to[i] = stored(values[i]);
  };
  for (int y = 0; y < height_; ++y) {
    if (y == 0 || y == height_ - 1) {
      for (int x = 0; x < width; ++x) put(x, y, (y == 0 ? 0 : width) + x);
    } else {
      put(0, y, 2 * width + y);
      if (width > 1) put(width - 1, y, 2 * width + height_ + y);
    }
  }
}

void LstmNetwork::forward(std::span<const std::int8_t> line, int width, Scratch& scratch,
                          std::vector<float>& out) const {
  const int columns = this->columns(width);
  const int rows = height_ / pool_y_;
  const auto tables = tables_->packed();
  const auto at_columns = [&](int each) {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(each);
  };
  const auto empty = static_cast<std::uint8_t>(kernel_->offset);
  lay_out(line, width, scratch);

  const auto filters = convolution_.packed();
  const int filter_count = filters.blocks * kernel_->lanes;
  scratch.pooled.resize(at_columns(rows * filter_count) + kSlack);
  const LineImage image{width, height_, scratch.pixels.data(), height_, scratch.edge.data()};
  kernel_->convolve(filters, tables, image, pool_x_, pool_y_, scratch.pooled.data());

  const int units = columns_.units;
  scratch.state.assign(at_columns(units), 0);
  scratch.a.assign(at_columns(units) + kSlack, empty);
  scratch.b.resize(at_columns(units) + kSlack);
  const auto* found = kernel_->down(columns_.packed(), tables, scratch.pooled.data(), rows, columns,
                                    scratch.state.data(), scratch.a.data(), scratch.b.data());
  if (found != scratch.a.data()) std::swap(scratch.a, scratch.b);

  for (const auto& layer : rows_) {
    scratch.b.resize(at_columns(layer.units) + kSlack);
    scratch.sums.resize(at_columns(4 * layer.units));
    scratch.state.assign(static_cast<std::size_t>(layer.units), 0);
    scratch.c.assign(static_cast<std::size_t>(layer.units), empty);
    kernel_->along(layer.packed(), tables, scratch.a.data(), columns, layer.reversed,
                   scratch.sums.data(), scratch.state.data(), scratch.c.data(), scratch.b.data());
    std::swap(scratch.a, scratch.b);
  }

  const auto last = output_.packed();
  const auto stride = static_cast<std::size_t>(last.blocks * kernel_->lanes);
  scratch.activations.resize(static_cast<std::size_t>(columns) * stride);
  kernel_->dense(last, scratch.a.data(), columns, scratch.activations.data());
  const auto classes = static_cast<std::size_t>(classes_);
  out.resize(static_cast<std::size_t>(columns) * classes);
  for (std::size_t i = 0; i < static_cast<std::size_t>(columns); ++i) {
    const auto to = std::span(out).subspan(i * classes, classes);
    std::copy_n(scratch.activations.data() + i * stride, classes, to.begin());
    softmax(to);
  }
}

}  // namespace alih::ocr
