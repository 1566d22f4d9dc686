#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/result.h"

namespace alih::ocr {

// The int8 weights of one matrix: a row an output, its last column the bias. A product is
// scale[output] * (sum of weight * input + 127 * bias), inputs being -127 to 127.
struct LstmWeights {
  int outputs = 0;
  int inputs = 0;                 // without the bias
  std::vector<std::int8_t> rows;  // outputs x (inputs + 1)
  std::vector<float> scale;       // one an output
  bool operator==(const LstmWeights&) const = default;
};

// Gates in the order of the file: cell input, input, forget, output. A gate's inputs are the
// layer's inputs, then the layer's own outputs of the step before.
struct LstmLayer {
  int inputs = 0;
  int units = 0;
  bool reversed = false;  // reads the line from its end
  std::array<LstmWeights, 4> gates;
  bool operator==(const LstmLayer&) const = default;
};

// A network of the one shape that Tesseract's own models have, as its specification writes it:
// [1,H,0,1 Ct3,3,C MpX,Y LfysN (LfxN | LrxN)... O1cK], all of int8.
struct LstmModel {
  int height = 0;  // H: rows of a line image
  int pool_x = 0;  // X, Y: pixels of one column and one row after the pool
  int pool_y = 0;
  std::int32_t sample_iteration = 0;  // seed of the numbers beyond the image's border
  LstmWeights convolution;            // 9 inputs: x outside, y inside
  LstmLayer columns;                  // down each column; its last step is the column's value
  std::vector<LstmLayer> rows;        // along the line
  LstmWeights output;                 // K classes, softmax
  [[nodiscard]] int classes() const { return output.outputs; }
  bool operator==(const LstmModel&) const = default;
};

// Reads the network out of the bytes of Tesseract's LSTM component (a file of strangers: nothing in
// it is believed). Errors: model_missing when the bytes are no network of this shape; the message
// says what is other, for doctor. Any bytes are safe; never takes more memory than a few times
// theirs.
[[nodiscard]] Result<LstmModel> read_lstm_model(std::span<const std::byte> component);

}  // namespace alih::ocr
