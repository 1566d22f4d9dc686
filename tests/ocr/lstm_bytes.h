#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

#include "ocr/lstm_model.h"

// Networks of random weights, and the bytes that Tesseract would keep them as.
namespace alih::testing_support {

enum class LstmForm { int8, real };

class LstmBytes {
 public:
  explicit LstmBytes(LstmForm form = LstmForm::int8) : form_(form) {}

  std::vector<std::byte> network(const ocr::LstmModel& m) {
    head("Series", 0, m.classes());
    number(static_cast<std::uint32_t>(5 + m.rows.size()));
    head("Input", m.height, 1);
    for (const int n : {1, m.height, 0, 1, 0}) number(n);
    head("Series", 1, m.convolution.outputs);
    number(std::uint32_t{2});
    head("Convolve", 1, 9);
    number(1);
    number(1);
    head("Tanh", 9, m.convolution.outputs);
    weights(m.convolution);
    rates(2);
    head("Maxpool", m.convolution.outputs, m.convolution.outputs);
    number(m.pool_x);
    number(m.pool_y);
    head("XYTranspose", m.columns.inputs, m.columns.units);
    number(std::uint32_t{1});
    layer("SummLSTM", m.columns);
    rates(1);
    for (const auto& row : m.rows) {
      if (row.reversed) {
        head("RTLReversed", row.inputs, row.units);
        number(std::uint32_t{1});
      }
      layer("LSTM", row);
      if (row.reversed) rates(1);
    }
    head("Softmax", m.output.inputs, m.output.outputs);
    weights(m.output);
    rates(static_cast<std::uint32_t>(5 + m.rows.size()));
    return out_;
  }

  // The same with the recognizer's own numbers behind it.
  std::vector<std::byte> component(const ocr::LstmModel& m) {
    network(m);
    text("[1,36,0,1Ct3,3,16Mp3,3Lfys16O1c1]");
    number(65);
    number(1);
    number(m.sample_iteration);
    number(m.classes() - 1);
    for (int i = 0; i < 3; ++i) number(0.5F);
    return out_;
  }

 private:
  template <typename T>
  void number(T value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    out_.insert(out_.end(), bytes, bytes + sizeof value);
  }
  void text(std::string_view s) {
    number(static_cast<std::uint32_t>(s.size()));
    for (const char c : s) number(c);
  }
  void head(std::string_view type, int inputs, int outputs) {
    number(std::int8_t{0});
    text(type);
    number(std::int8_t{0});
    number(std::int8_t{0});
    number(192);
    number(inputs);
    number(outputs);
    number(0);
    text("name");
  }
  void rates(std::uint32_t count) {
    number(count);
    for (std::uint32_t i = 0; i < count; ++i) number(0.001F);
  }
  void layer(std::string_view type, const ocr::LstmLayer& l) {
    head(type, l.inputs, l.units);
    number(l.inputs + l.units);
    for (const auto& gate : l.gates) weights(gate);
  }
  void weights(const ocr::LstmWeights& w) {
    const auto columns = static_cast<std::size_t>(w.inputs) + 1;
    number(static_cast<std::uint8_t>(form_ == LstmForm::int8 ? 133 : 132));
    number(w.outputs);
    number(static_cast<int>(columns));
    if (form_ == LstmForm::int8) {
      number(std::int8_t{0});
      for (const auto v : w.rows) number(v);
      number(static_cast<std::uint32_t>(w.outputs));
      for (const float s : w.scale) number(double{s} * 127);
      return;
    }
    number(double{0});
    for (std::size_t i = 0; i < w.rows.size(); ++i) {
      number(double{w.scale[i / columns]} * 127 * w.rows[i]);
    }
  }

  LstmForm form_;
  std::vector<std::byte> out_;
};

struct NetworkShape {
  int height = 36;
  int filters = 16;
  int column_units = 48;
  std::vector<int> row_units{32, -48, 16};  // negative: reversed
  int classes = 37;
};

inline ocr::LstmWeights random_weights(int outputs, int inputs, float reach, std::mt19937& random) {
  ocr::LstmWeights out{outputs, inputs, {}, {}};
  std::uniform_int_distribution<int> weight(-127, 127);
  std::uniform_real_distribution<float> scale(0.2F, 1.0F);
  for (int i = 0; i < outputs * (inputs + 1); ++i) {
    out.rows.push_back(static_cast<std::int8_t>(weight(random)));
  }
  for (int i = 0; i < outputs; ++i) {
    // So large that sums reach the flat ends of the tables too.
    out.scale.push_back(static_cast<float>(
        double{scale(random) * reach / (127.0F * 127.0F * static_cast<float>(inputs) / 8)}));
  }
  return out;
}

inline ocr::LstmModel random_network(const NetworkShape& shape, unsigned seed) {
  std::mt19937 random(seed);
  const auto layer = [&](int inputs, int units, bool reversed) {
    ocr::LstmLayer out{inputs, units, reversed, {}};
    for (auto& gate : out.gates) gate = random_weights(units, inputs + units, 6, random);
    return out;
  };
  ocr::LstmModel out;
  out.height = shape.height;
  out.pool_x = 3;
  out.pool_y = 3;
  out.sample_iteration = static_cast<std::int32_t>(random() % 9000000);
  out.convolution = random_weights(shape.filters, 9, 3, random);
  out.columns = layer(shape.filters, shape.column_units, false);
  int width = shape.column_units;
  for (const int units : shape.row_units) {
    out.rows.push_back(layer(width, units < 0 ? -units : units, units < 0));
    width = units < 0 ? -units : units;
  }
  out.output = random_weights(shape.classes, width, 30, random);
  return out;
}

}  // namespace alih::testing_support
