#pragma once

#include <cstdint>

// The inner loops of a network's forward pass, once for each instruction set. Plain types only:
// what the translation units of the kernels include must have no inline functions, or the linker
// could take a copy with instructions that this processor lacks for the whole program.
namespace alih::ocr {

// Blocks of `lanes` outputs; in a block for each four inputs the weights of one output side by
// side.
struct PackedDense {
  int inputs;  // a multiple of 4
  int blocks;
  const std::int8_t* weights;  // [block][inputs / 4][lane][4]
  const std::int32_t* bias;    // [block][lane], times 127, less what the inputs' offset adds
  const float* scale;          // [block][lane]
};
struct PackedLstm {
  int inputs;
  int units;
  const std::int8_t* from_input;  // [block][inputs / 4][gate][lane][4]
  const std::int8_t* from_self;   // [block][units / 4][gate][lane][4]
  const std::int32_t* bias;       // [block][gate][lane]
  const float* scale;             // [block][gate][lane]
};
// 4,096 pairs of float: a table's value and the way to its next one, for |x| in steps of 1/256.
struct PackedTables {
  const double* tanh;
  const double* logistic;
};

// A line image as the convolution wants it.
struct LineImage {
  int width;
  int height;
  const std::uint8_t* pixels;  // column by column, each of `column_size`; see lstm_network.cpp
  int column_size;
  const std::uint8_t* edge;  // windows of 12 around the border's pixels: top, bottom, left, right
};

// Activations are int8 -127 to 127, stored plus `offset`. All functions are pure and safe from any
// thread; buffers are the caller's, and results are equal to the bit in every kernel.
struct LstmKernel {
  const char* name;
  int lanes;
  int offset;
  // Convolution, pool and tanh: out[row][column][filter].
  void (*convolve)(const PackedDense& filters, const PackedTables& tables, const LineImage& image,
                   int pool_x, int pool_y, std::uint8_t* out);
  // Down the columns, all of one row at a time. `in` as convolve() gives it; `state` zeros,
  // `previous` all `offset`, each columns x units. Gives which of the two buffers has the result.
  std::uint8_t* (*down)(const PackedLstm& layer, const PackedTables& tables, const std::uint8_t* in,
                        int rows, int columns, float* state, std::uint8_t* previous,
                        std::uint8_t* next);
  // Along a line: in[step][inputs] to out[step][units]. `sums` has room for 4 x units x steps,
  // `state` is zeros, `start` all `offset`, each of units.
  void (*along)(const PackedLstm& layer, const PackedTables& tables, const std::uint8_t* in,
                int steps, bool reversed, std::int32_t* sums, float* state,
                const std::uint8_t* start, std::uint8_t* out);
  // out[step][blocks x lanes], before softmax.
  void (*dense)(const PackedDense& layer, const std::uint8_t* in, int steps, float* out);
};

extern const LstmKernel kAvx512VnniKernel;
extern const LstmKernel kAvxVnniKernel;
extern const LstmKernel kAvx2Kernel;

}  // namespace alih::ocr
