#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ocr/lstm_kernel.h"
#include "ocr/lstm_model.h"

namespace alih::ocr {

// The kernels that this processor and its operating system can run, the fastest first; may be none.
[[nodiscard]] const std::vector<const LstmKernel*>& lstm_kernels();

// tanh and the logistic function as Tesseract interpolates them: 4,096 values each, for 0 and up in
// steps of 1/256; from the last one on they are 1. Immutable.
class LstmTables {
 public:
  LstmTables(std::span<const float> tanh, std::span<const float> logistic);
  [[nodiscard]] PackedTables packed() const { return {tanh_.data(), logistic_.data()}; }
  [[nodiscard]] float tanh(float x) const;
  [[nodiscard]] float logistic(float x) const;
  static constexpr std::size_t kSize = 4096;

 private:
  std::vector<double> tanh_;  // pairs of float: the value, and the way to the next
  std::vector<double> logistic_;
};

// Widest line that is computed, in pixels: three times what fits an A0 sheet's long side.
constexpr int kWidestLine = 60000;

// A network packed for one kernel. Immutable, safe from any thread.
class LstmNetwork {
 public:
  LstmNetwork(const LstmModel& model, const LstmKernel& kernel,
              std::shared_ptr<const LstmTables> tables);

  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] int classes() const { return classes_; }
  // Of a line `width` pixels wide.
  [[nodiscard]] int columns(int width) const { return width / pool_x_; }

  // Working memory of one thread; keeps its size from line to line.
  struct Scratch {
    std::vector<std::uint8_t> pixels, edge, pooled, a, b, c;
    std::vector<std::int32_t> sums;
    std::vector<float> state, activations;
  };
  // Softmax of each column: out[column][class], columns(width) x classes(). `line` is height() rows
  // of `width` pixels, -127 to 127. width: pool size to kWidestLine.
  void forward(std::span<const std::int8_t> line, int width, Scratch& scratch,
               std::vector<float>& out) const;

 private:
  struct Dense {
    int inputs = 0;
    int blocks = 0;
    std::vector<std::int8_t> weights;
    std::vector<std::int32_t> bias;
    std::vector<float> scale;
    [[nodiscard]] PackedDense packed() const;
  };
  struct Lstm {
    int inputs = 0;
    int units = 0;
    bool reversed = false;
    std::vector<std::int8_t> from_input, from_self;
    std::vector<std::int32_t> bias;
    std::vector<float> scale;
    [[nodiscard]] PackedLstm packed() const;
  };
  [[nodiscard]] Dense pack(const LstmWeights& weights) const;
  [[nodiscard]] Lstm pack(const LstmLayer& layer) const;
  void lay_out(std::span<const std::int8_t> line, int width, Scratch& scratch) const;

  const LstmKernel* kernel_;
  std::shared_ptr<const LstmTables> tables_;
  int height_;
  int pool_x_;
  int pool_y_;
  int classes_;
  std::int32_t sample_iteration_;
  Dense convolution_;
  Lstm columns_;
  std::vector<Lstm> rows_;
  Dense output_;
};

// In place; as Tesseract does it, to the bit.
void softmax(std::span<float> values);

// The random numbers that stand for pixels beyond the image's border, in Tesseract's order.
class BorderNoise {
 public:
  explicit BorderNoise(std::int32_t sample_iteration);
  std::int8_t next();

 private:
  std::uint64_t state_;
};

}  // namespace alih::ocr
