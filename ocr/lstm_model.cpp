#include "ocr/lstm_model.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

namespace alih::ocr {
namespace {

// Far above every model there is; a network of this size still fits a line's working memory.
constexpr int kMostHeight = 256;
constexpr int kMostUnits = 2048;
constexpr int kMostClasses = 20000;
constexpr std::size_t kMostLayers = 8;
// Kernels work on whole blocks of this many units.
constexpr int kBlock = 16;
constexpr float kScaleUnit = 127;

tl::unexpected<Error> not_supported(std::string_view what) {
  return fail(ErrorCode::model_missing, "jaringan tidak didukung ({})",
              "network not supported ({})", {what});
}

// Numbers of the file, little endian as on the processors the kernels are for. After the first read
// beyond the end every further one gives zeros.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}
  [[nodiscard]] bool good() const { return good_; }

  template <typename T>
  T number() {
    static_assert(std::is_arithmetic_v<T>);
    T out{};
    if (const auto bytes = take(sizeof(T)); !bytes.empty()) {
      std::memcpy(&out, bytes.data(), sizeof(T));
    }
    return out;
  }
  std::span<const std::byte> take(std::size_t count) {
    if (!good_ || count > left_.size()) {
      good_ = false;
      return {};
    }
    const auto out = left_.first(count);
    left_ = left_.subspan(count);
    return out;
  }
  std::string_view text() {
    const auto bytes = take(number<std::uint32_t>());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

 private:
  std::span<const std::byte> left_;
  bool good_ = true;
};

// What stands before each layer's own numbers.
struct Head {
  std::string_view type;
  bool training = false;
  std::int32_t flags = 0;
  std::int32_t inputs = 0;
  std::int32_t outputs = 0;
};

class NetworkReader {
 public:
  explicit NetworkReader(std::span<const std::byte> bytes) : in_(bytes) {}

  Result<LstmModel> read() {
    ALIH_TRY(const auto series, head("Series"));
    const auto parts = in_.number<std::uint32_t>();
    constexpr std::uint32_t kFixedParts = 5;  // all but the layers along the line
    if (parts <= kFixedParts || parts > kFixedParts + kMostLayers) {
      return not_supported("number of layers");
    }
    ALIH_CHECK(input());
    ALIH_CHECK(convolution());
    ALIH_CHECK(pool());
    ALIH_CHECK(column_layer());
    int width = model_.columns.units;
    for (std::uint32_t i = kFixedParts; i < parts; ++i) {
      ALIH_TRY(auto layer, row_layer(width));
      width = layer.units;
      model_.rows.push_back(std::move(layer));
    }
    ALIH_TRY(const auto output, head("Softmax"));
    ALIH_TRY(model_.output, weights(output.outputs, width, kMostClasses));
    end_of_group(series);
    // The recognizer's own numbers follow; of them only the seed matters here.
    in_.text();
    in_.number<std::int32_t>();
    in_.number<std::int32_t>();
    model_.sample_iteration = in_.number<std::int32_t>();
    if (!in_.good()) return not_supported("cut off");
    return std::move(model_);
  }

 private:
  Result<Head> any_head() {
    if (in_.number<std::int8_t>() != 0) return not_supported("an old file");
    Head out;
    out.type = in_.text();
    out.training = in_.number<std::int8_t>() != 0;
    in_.number<std::int8_t>();  // whether it is to learn
    out.flags = in_.number<std::int32_t>();
    out.inputs = in_.number<std::int32_t>();
    out.outputs = in_.number<std::int32_t>();
    in_.number<std::int32_t>();  // how many weights
    in_.text();                  // its name
    if (!in_.good()) return not_supported("cut off");
    if (out.training) return not_supported("a network in training");
    return out;
  }

  Result<Head> head(std::string_view type) {
    ALIH_TRY(const auto out, any_head());
    if (out.type != type) return not_supported(out.type.substr(0, 32));
    return out;
  }

  // A group of layers that holds one.
  Result<Head> group_of_one(std::string_view type) {
    ALIH_TRY(const auto out, head(type));
    if (in_.number<std::uint32_t>() != 1) return not_supported("number of layers");
    return out;
  }

  // Learning rates of the layers, which only training needs.
  void end_of_group(const Head& group) {
    constexpr std::int32_t kLayerRates = 64;
    if ((group.flags & kLayerRates) == 0) return;
    const auto count = in_.number<std::uint32_t>();
    in_.take(std::size_t{count} * sizeof(float));
  }

  Status input() {
    ALIH_CHECK(head("Input"));
    const auto batch = in_.number<std::int32_t>();
    const auto height = in_.number<std::int32_t>();
    const auto width = in_.number<std::int32_t>();
    const auto depth = in_.number<std::int32_t>();
    in_.number<std::int32_t>();  // loss
    if (batch != 1 || width != 0 || depth != 1 || height < 3 || height > kMostHeight) {
      return not_supported("input shape");
    }
    model_.height = height;
    return {};
  }

  Status convolution() {
    ALIH_TRY(const auto series, head("Series"));
    if (in_.number<std::uint32_t>() != 2) return not_supported("convolution");
    ALIH_CHECK(head("Convolve"));
    const auto half_x = in_.number<std::int32_t>();
    const auto half_y = in_.number<std::int32_t>();
    if (half_x != 1 || half_y != 1) return not_supported("convolution");
    ALIH_TRY(const auto sum, head("Tanh"));
    constexpr int kWindow = 9;
    ALIH_TRY(model_.convolution, weights(sum.outputs, kWindow, kMostUnits));
    if (model_.convolution.outputs % kBlock != 0) return not_supported("convolution");
    end_of_group(series);
    return {};
  }

  Status pool() {
    ALIH_CHECK(head("Maxpool"));
    model_.pool_x = in_.number<std::int32_t>();
    model_.pool_y = in_.number<std::int32_t>();
    constexpr int kMost = 8;
    const auto fits = [](int n) { return n >= 1 && n <= kMost; };
    if (!fits(model_.pool_x) || !fits(model_.pool_y) || model_.height % model_.pool_y != 0) {
      return not_supported("pool");
    }
    return {};
  }

  Status column_layer() {
    ALIH_TRY(const auto turned, group_of_one("XYTranspose"));
    ALIH_TRY(const auto found, head("SummLSTM"));
    ALIH_TRY(model_.columns, layer(found, model_.convolution.outputs));
    end_of_group(turned);
    return {};
  }

  Result<LstmLayer> row_layer(int inputs) {
    ALIH_TRY(const auto found, any_head());
    if (found.type == "LSTM") return layer(found, inputs);
    if (found.type != "RTLReversed") return not_supported(found.type.substr(0, 32));
    if (in_.number<std::uint32_t>() != 1) return not_supported("number of layers");
    ALIH_TRY(const auto inner, head("LSTM"));
    ALIH_TRY(auto out, layer(inner, inputs));
    out.reversed = true;
    end_of_group(found);
    return out;
  }

  Result<LstmLayer> layer(const Head& found, int inputs) {
    LstmLayer out;
    out.inputs = inputs;
    out.units = found.outputs;
    if (found.inputs != inputs || out.units < kBlock || out.units > kMostUnits ||
        out.units % kBlock != 0 || in_.number<std::int32_t>() != inputs + out.units) {
      return not_supported("size of an LSTM");
    }
    for (auto& gate : out.gates) {
      ALIH_TRY(gate, weights(out.units, inputs + out.units, kMostUnits));
    }
    return out;
  }

  Result<LstmWeights> weights(int outputs, int inputs, int most_outputs) {
    constexpr unsigned kInt8 = 1;
    constexpr unsigned kThisFormat = 128;
    const auto mode = in_.number<std::uint8_t>();
    if ((mode & kThisFormat) == 0) return not_supported("an old file");
    if ((mode & kInt8) == 0) return not_supported("weights of float");
    LstmWeights out;
    out.outputs = in_.number<std::int32_t>();
    const auto columns = in_.number<std::int32_t>();
    in_.number<std::int8_t>();  // filler
    if (!in_.good() || outputs < 1 || outputs > most_outputs || out.outputs != outputs ||
        columns != inputs + 1) {
      return not_supported("size of a matrix");
    }
    out.inputs = inputs;
    const auto rows =
        in_.take(static_cast<std::size_t>(outputs) * static_cast<std::size_t>(columns));
    if (rows.empty()) return not_supported("cut off");
    out.rows.resize(rows.size());
    std::memcpy(out.rows.data(), rows.data(), rows.size());
    // The kernels' sums are exact for -127 to 127 only, which is all that Tesseract writes.
    if (std::find(out.rows.begin(), out.rows.end(), INT8_MIN) != out.rows.end()) {
      return not_supported("a weight of -128");
    }
    if (in_.number<std::uint32_t>() != static_cast<std::uint32_t>(outputs)) {
      return not_supported("scales");
    }
    out.scale.reserve(static_cast<std::size_t>(outputs));
    for (int i = 0; i < outputs; ++i) {
      const auto scale = in_.number<double>();
      constexpr double kMostScale = 1e6;
      if (!(scale >= 0 && scale < kMostScale)) return not_supported("scales");
      out.scale.push_back(static_cast<float>(scale / double{kScaleUnit}));
    }
    if (!in_.good()) return not_supported("cut off");
    return out;
  }

  Reader in_;
  LstmModel model_;
};

}  // namespace

Result<LstmModel> read_lstm_model(std::span<const std::byte> component) {
  return NetworkReader(component).read();
}

}  // namespace alih::ocr
