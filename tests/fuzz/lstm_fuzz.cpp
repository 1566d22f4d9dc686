// The LSTM component of a .traineddata file; what is taken for a network must also compute.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "ocr/lstm_network.h"
#include "ocr/lstm_reference.h"

namespace {

using namespace alih::ocr;

std::shared_ptr<const LstmTables> tables() {
  std::vector<float> rising;
  for (std::size_t i = 0; i < LstmTables::kSize; ++i) {
    rising.push_back(static_cast<float>(i) / static_cast<float>(LstmTables::kSize));
  }
  return std::make_shared<const LstmTables>(rising, rising);
}

// So that a run takes no longer than a moment.
bool small(const LstmModel& model) {
  constexpr int kMost = 64;
  bool out = model.columns.units <= kMost && model.convolution.outputs <= kMost &&
             model.classes() <= 4 * kMost && model.height <= kMost;
  for (const auto& layer : model.rows) out = out && layer.units <= kMost;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto model = read_lstm_model(std::as_bytes(std::span(data, size)));
  if (!model || !small(*model)) return 0;
  static const auto steps = tables();
  constexpr int kWidth = 25;
  std::vector<std::int8_t> line(static_cast<std::size_t>(kWidth * model->height));
  for (std::size_t i = 0; i < line.size(); ++i)
    line[i] = static_cast<std::int8_t>(static_cast<int>(i * 37 % 255) - 127);
  const auto expected = lstm_reference(*model, *steps, line, kWidth);
  for (const auto* kernel : lstm_kernels()) {
    const LstmNetwork network(*model, *kernel, steps);
    LstmNetwork::Scratch scratch;
    std::vector<float> found;
    network.forward(line, kWidth, scratch, found);
    if (found.size() != expected.size() ||
        std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)) != 0) {
      std::abort();
    }
  }
  return 0;
}
