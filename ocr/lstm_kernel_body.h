// The loops of a kernel, included by each kernel's translation unit inside its own unnamed
// namespace after it has defined, for its instruction set:
//   kLanes, kOffset, kTogether (columns at once), Floats, Ints, and the small functions used below.
// No include guard and no includes: this is no header.

Floats tanh_of(const PackedTables& tables, Floats x) {
  const Floats r = interpolated(tables.tanh, x);
  return negated_where_negative(r, x);
}
Floats logistic_of(const PackedTables& tables, Floats x) {
  const Floats r = interpolated(tables.logistic, x);
  return one_less_where_negative(r, x);
}

// Gates to state and output, for one block of units.
void finish(const PackedTables& tables, const Ints* sum, const float* scale, float* state,
            std::uint8_t* out) {
  const Floats cell = tanh_of(tables, times(to_floats(sum[0]), load(scale)));
  const Floats in = logistic_of(tables, times(to_floats(sum[1]), load(scale + kLanes)));
  const Floats forget = logistic_of(tables, times(to_floats(sum[2]), load(scale + 2 * kLanes)));
  const Floats open = logistic_of(tables, times(to_floats(sum[3]), load(scale + 3 * kLanes)));
  constexpr float kMostState = 100;
  const Floats now = clipped(plus(times(load(state), forget), times(cell, in)), kMostState);
  store(state, now);
  store_rounded(out, times(tanh_of(tables, now), open));
}

// sum[gate] += weights x inputs, for `Count` inputs at once against one block's weights.
template <int Count>
void multiply(Ints (*sum)[4], const std::uint8_t* const* in, int size, const std::int8_t* weights) {
  for (int k = 0; k < size; k += 4, weights += 16 * kLanes) {
    Operand x[static_cast<unsigned>(Count)];
    for (int j = 0; j < Count; ++j) x[j] = four(in[j] + k);
    for (int gate = 0; gate < 4; ++gate) {
      const Ints w = load_weights(weights + gate * 4 * kLanes);
      for (int j = 0; j < Count; ++j) sum[j][gate] = multiplied(sum[j][gate], x[j], w);
    }
  }
}

void convolve(const PackedDense& filters, const PackedTables& tables, const LineImage& image,
              int pool_x, int pool_y, std::uint8_t* out) {
  const int columns = image.width / pool_x;
  const int rows = image.height / pool_y;
  const int count = filters.blocks * kLanes;
  constexpr int kWindow = 12;
  for (int column = 0; column < columns; ++column) {
    for (int row = 0; row < rows; ++row) {
      for (int block = 0; block < filters.blocks; ++block) {
        const std::int8_t* w = filters.weights + block * kWindow * kLanes;
        const Ints w0 = load_weights(w);
        const Ints w1 = load_weights(w + 4 * kLanes);
        const Ints w2 = load_weights(w + 8 * kLanes);
        const Ints bias = load(filters.bias + block * kLanes);
        Ints most = smallest();
        for (int dx = 0; dx < pool_x; ++dx) {
          for (int dy = 0; dy < pool_y; ++dy) {
            const int x = column * pool_x + dx;
            const int y = row * pool_y + dy;
            const std::uint8_t* a = nullptr;
            int step = 4;
            if (y == 0 || y == image.height - 1) {
              a = image.edge + ((y == 0 ? 0 : image.width) + x) * kWindow;
            } else if (x == 0 || x == image.width - 1) {
              a = image.edge + (2 * image.width + (x == 0 ? 0 : image.height) + y) * kWindow;
            } else {
              a = image.pixels + (x - 1) * image.column_size + y - 1;
              step = image.column_size;
            }
            Ints sum = multiplied(bias, four(a), w0);
            sum = multiplied(sum, four(a + step), w1);
            sum = multiplied(sum, four(a + 2 * step), w2);
            most = larger(most, sum);
          }
        }
        // tanh of the largest is the largest tanh: the rounded table never falls.
        const Floats scaled = times(to_floats(most), load(filters.scale + block * kLanes));
        store_rounded(out + (row * columns + column) * count + block * kLanes,
                      tanh_of(tables, scaled));
      }
    }
  }
}

template <int Count>
void down_step(const PackedLstm& layer, const PackedTables& tables, int block,
               const std::uint8_t* in, float* state, const std::uint8_t* previous,
               std::uint8_t* next) {
  Ints sum[static_cast<unsigned>(Count)][4];
  for (int gate = 0; gate < 4; ++gate) {
    const Ints bias = load(layer.bias + (block * 4 + gate) * kLanes);
    for (int j = 0; j < Count; ++j) sum[j][gate] = bias;
  }
  const std::uint8_t* from[static_cast<unsigned>(Count)];
  for (int j = 0; j < Count; ++j) from[j] = in + j * layer.inputs;
  multiply<Count>(sum, from, layer.inputs, layer.from_input + block * layer.inputs * 4 * kLanes);
  for (int j = 0; j < Count; ++j) from[j] = previous + j * layer.units;
  multiply<Count>(sum, from, layer.units, layer.from_self + block * layer.units * 4 * kLanes);
  for (int j = 0; j < Count; ++j) {
    const int at = j * layer.units + block * kLanes;
    finish(tables, sum[j], layer.scale + block * 4 * kLanes, state + at, next + at);
  }
}

std::uint8_t* down(const PackedLstm& layer, const PackedTables& tables, const std::uint8_t* in,
                   int rows, int columns, float* state, std::uint8_t* previous,
                   std::uint8_t* next) {
  for (int row = 0; row < rows; ++row, in += columns * layer.inputs) {
    for (int block = 0; block < layer.units / kLanes; ++block) {
      int c = 0;
      for (; c + kTogether <= columns; c += kTogether) {
        const int at = c * layer.units;
        down_step<kTogether>(layer, tables, block, in + c * layer.inputs, state + at, previous + at,
                             next + at);
      }
      for (; c < columns; ++c) {
        const int at = c * layer.units;
        down_step<1>(layer, tables, block, in + c * layer.inputs, state + at, previous + at,
                     next + at);
      }
    }
    std::uint8_t* const done = next;
    next = previous;
    previous = done;
  }
  return previous;
}

// sums[step][block][gate][lane] = bias + weights x in[step].
template <int Count>
void input_sums(const PackedLstm& layer, const std::uint8_t* in, std::int32_t* sums) {
  for (int block = 0; block < layer.units / kLanes; ++block) {
    Ints sum[static_cast<unsigned>(Count)][4];
    for (int gate = 0; gate < 4; ++gate) {
      const Ints bias = load(layer.bias + (block * 4 + gate) * kLanes);
      for (int j = 0; j < Count; ++j) sum[j][gate] = bias;
    }
    const std::uint8_t* from[static_cast<unsigned>(Count)];
    for (int j = 0; j < Count; ++j) from[j] = in + j * layer.inputs;
    multiply<Count>(sum, from, layer.inputs, layer.from_input + block * layer.inputs * 4 * kLanes);
    for (int j = 0; j < Count; ++j) {
      for (int gate = 0; gate < 4; ++gate) {
        store(sums + (j * layer.units + block * kLanes) * 4 + gate * kLanes, sum[j][gate]);
      }
    }
  }
}

// One step of `Blocks` blocks of units: their sums do not wait for each other.
template <int Blocks>
void along_step(const PackedLstm& layer, const PackedTables& tables, int block,
                const std::int32_t* sums, const std::uint8_t* before, float* state,
                std::uint8_t* out) {
  Ints sum[static_cast<unsigned>(Blocks)][4];
  for (int b = 0; b < Blocks; ++b) {
    for (int gate = 0; gate < 4; ++gate) {
      sum[b][gate] = load(sums + ((block + b) * 4 + gate) * kLanes);
    }
  }
  const int of_block = layer.units * 4 * kLanes;
  const std::int8_t* weights = layer.from_self + block * of_block;
  for (int k = 0; k < layer.units; k += 4, weights += 16 * kLanes) {
    const Operand x = four(before + k);
    for (int b = 0; b < Blocks; ++b) {
      for (int gate = 0; gate < 4; ++gate) {
        const Ints w = load_weights(weights + b * of_block + gate * 4 * kLanes);
        sum[b][gate] = multiplied(sum[b][gate], x, w);
      }
    }
  }
  for (int b = 0; b < Blocks; ++b) {
    const int at = (block + b) * kLanes;
    finish(tables, sum[b], layer.scale + at * 4, state + at, out + at);
  }
}

void along(const PackedLstm& layer, const PackedTables& tables, const std::uint8_t* in, int steps,
           bool reversed, std::int32_t* sums, float* state, const std::uint8_t* start,
           std::uint8_t* out) {
  int step = 0;
  const int of_step = 4 * layer.units;
  for (; step + kTogether <= steps; step += kTogether) {
    input_sums<kTogether>(layer, in + step * layer.inputs, sums + step * of_step);
  }
  for (; step < steps; ++step) {
    input_sums<1>(layer, in + step * layer.inputs, sums + step * of_step);
  }
  const std::uint8_t* before = start;
  const int blocks = layer.units / kLanes;
  for (int i = 0; i < steps; ++i) {
    const int at = reversed ? steps - 1 - i : i;
    std::uint8_t* const now = out + at * layer.units;
    int block = 0;
    for (; block + 2 <= blocks; block += 2) {
      along_step<2>(layer, tables, block, sums + at * of_step, before, state, now);
    }
    if (block < blocks) {
      along_step<1>(layer, tables, block, sums + at * of_step, before, state, now);
    }
    before = now;
  }
}

template <int Count>
void dense_step(const PackedDense& layer, const std::uint8_t* in, float* out) {
  const int width = layer.blocks * kLanes;
  for (int block = 0; block < layer.blocks; ++block) {
    Ints sum[static_cast<unsigned>(Count)];
    for (int j = 0; j < Count; ++j) sum[j] = load(layer.bias + block * kLanes);
    const std::int8_t* weights = layer.weights + block * layer.inputs * kLanes;
    for (int k = 0; k < layer.inputs; k += 4, weights += 4 * kLanes) {
      const Ints w = load_weights(weights);
      for (int j = 0; j < Count; ++j) {
        sum[j] = multiplied(sum[j], four(in + j * layer.inputs + k), w);
      }
    }
    for (int j = 0; j < Count; ++j) {
      store(out + j * width + block * kLanes,
            times(to_floats(sum[j]), load(layer.scale + block * kLanes)));
    }
  }
}

void dense(const PackedDense& layer, const std::uint8_t* in, int steps, float* out) {
  const int width = layer.blocks * kLanes;
  int step = 0;
  for (; step + kTogether <= steps; step += kTogether) {
    dense_step<kTogether>(layer, in + step * layer.inputs, out + step * width);
  }
  for (; step < steps; ++step) {
    dense_step<1>(layer, in + step * layer.inputs, out + step * width);
  }
}
