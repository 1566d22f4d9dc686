// Compiled with -ffp-contract=off: sums must be rounded as Tesseract's are.
#include "ocr/lstm_reference.h"

#include <algorithm>
#include <cmath>

namespace alih::ocr {
namespace {

std::int8_t rounded(float value) {
  const float scaled = value * 127.0F;
  const int nearest =
      scaled >= 0 ? static_cast<int>(scaled + 0.5F) : -static_cast<int>(0.5F - scaled);
  return static_cast<std::int8_t>(std::clamp(nearest, -127, 127));
}

float product(const LstmWeights& weights, int output, const std::vector<std::int8_t>& in) {
  const auto* row = weights.rows.data() + output * (weights.inputs + 1);
  int sum = 0;
  for (int i = 0; i < weights.inputs; ++i) sum += row[i] * in[static_cast<std::size_t>(i)];
  sum += row[weights.inputs] * 127;
  return static_cast<float>(sum) * weights.scale[static_cast<std::size_t>(output)];
}

// What one LSTM remembers from step to step.
class Cell {
 public:
  Cell(const LstmLayer& layer, const LstmTables& tables)
      : layer_(layer),
        tables_(tables),
        state_(static_cast<std::size_t>(layer.units), 0.0F),
        output(static_cast<std::size_t>(layer.units), 0) {}

  void step(std::vector<std::int8_t> in) {
    in.insert(in.end(), output.begin(), output.end());
    for (int unit = 0; unit < layer_.units; ++unit) {
      const float cell = tables_.tanh(product(layer_.gates[0], unit, in));
      const float input = tables_.logistic(product(layer_.gates[1], unit, in));
      const float forget = tables_.logistic(product(layer_.gates[2], unit, in));
      const float open = tables_.logistic(product(layer_.gates[3], unit, in));
      auto& state = state_[static_cast<std::size_t>(unit)];
      state = std::clamp(state * forget + cell * input, -100.0F, 100.0F);
      output[static_cast<std::size_t>(unit)] = rounded(tables_.tanh(state) * open);
    }
  }

 private:
  const LstmLayer& layer_;
  const LstmTables& tables_;
  std::vector<float> state_;

 public:
  std::vector<std::int8_t> output;
};

using Values = std::vector<std::int8_t>;

// convolved[y][x][filter], tanh taken of every pixel.
std::vector<std::vector<Values>> convolved(const LstmModel& model, const LstmTables& tables,
                                           std::span<const std::int8_t> line, int width) {
  BorderNoise noise(model.sample_iteration);
  std::vector<std::vector<Values>> out;
  for (int y = 0; y < model.height; ++y) {
    out.emplace_back();
    for (int x = 0; x < width; ++x) {
      Values window;
      for (int dx = -1; dx <= 1; ++dx) {
        for (int dy = -1; dy <= 1; ++dy) {
          const int xx = x + dx;
          const int yy = y + dy;
          const bool outside = xx < 0 || xx >= width || yy < 0 || yy >= model.height;
          window.push_back(
              outside ? noise.next()
                      : line[static_cast<std::size_t>(yy) * static_cast<std::size_t>(width) +
                             static_cast<std::size_t>(xx)]);
        }
      }
      Values values;
      for (int f = 0; f < model.convolution.outputs; ++f) {
        values.push_back(rounded(tables.tanh(product(model.convolution, f, window))));
      }
      out.back().push_back(std::move(values));
    }
  }
  return out;
}

}  // namespace

std::vector<float> lstm_reference(const LstmModel& model, const LstmTables& tables,
                                  std::span<const std::int8_t> line, int width) {
  const auto pixels = convolved(model, tables, line, width);
  const int columns = width / model.pool_x;
  std::vector<Values> sequence;
  for (int column = 0; column < columns; ++column) {
    Cell cell(model.columns, tables);
    for (int row = 0; row < model.height / model.pool_y; ++row) {
      Values most(static_cast<std::size_t>(model.convolution.outputs), INT8_MIN);
      for (int y = row * model.pool_y; y < (row + 1) * model.pool_y; ++y) {
        for (int x = column * model.pool_x; x < (column + 1) * model.pool_x; ++x) {
          const auto& values = pixels[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)];
          for (std::size_t f = 0; f < most.size(); ++f) most[f] = std::max(most[f], values[f]);
        }
      }
      cell.step(most);
    }
    sequence.push_back(cell.output);
  }
  for (const auto& layer : model.rows) {
    Cell cell(layer, tables);
    if (layer.reversed) std::reverse(sequence.begin(), sequence.end());
    for (auto& values : sequence) {
      cell.step(values);
      values = cell.output;
    }
    if (layer.reversed) std::reverse(sequence.begin(), sequence.end());
  }
  std::vector<float> out;
  for (const auto& values : sequence) {
    std::vector<float> classes;
    for (int c = 0; c < model.classes(); ++c) classes.push_back(product(model.output, c, values));
    softmax(classes);
    out.insert(out.end(), classes.begin(), classes.end());
  }
  return out;
}

}  // namespace alih::ocr
