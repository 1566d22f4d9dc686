// The forward pass by itself, without Tesseract: each kernel of this processor against the plain
// reference, and the reader of networks against bytes that are wrong.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ocr/lstm_model.h"
#include "ocr/lstm_network.h"
#include "ocr/lstm_reference.h"
#include "ocr/traineddata.h"
#include "tests/ocr/lstm_bytes.h"

namespace alih::ocr {
namespace {

using testing_support::LstmBytes;
using testing_support::LstmForm;
using testing_support::NetworkShape;
using testing_support::random_network;

std::shared_ptr<const LstmTables> tables() {
  std::vector<float> tanh;
  std::vector<float> logistic;
  for (std::size_t i = 0; i < LstmTables::kSize; ++i) {
    const double x = static_cast<double>(i) / 256;
    tanh.push_back(static_cast<float>(std::tanh(x)));
    logistic.push_back(static_cast<float>(1 / (1 + std::exp(-x))));
  }
  static const auto made = std::make_shared<const LstmTables>(tanh, logistic);
  return made;
}

std::vector<std::int8_t> random_line(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> pixel(-127, 127);
  std::vector<std::int8_t> out;
  for (int i = 0; i < width * height; ++i) out.push_back(static_cast<std::int8_t>(pixel(random)));
  return out;
}

class Kernels : public ::testing::TestWithParam<const LstmKernel*> {
 protected:
  // Numbers of all kinds are compared as bits.
  void expect_equal(const LstmModel& model, int width, unsigned seed) {
    const auto line = random_line(width, model.height, seed);
    const auto expected = lstm_reference(model, *tables(), line, width);
    const LstmNetwork network(model, *GetParam(), tables());
    std::vector<float> found;
    network.forward(line, width, scratch_, found);
    ASSERT_EQ(found.size(), expected.size()) << "width " << width;
    ASSERT_EQ(found.size(), static_cast<std::size_t>(width / 3 * model.classes()));
    EXPECT_EQ(std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)), 0)
        << "width " << width << ", seed " << seed;
  }
  LstmNetwork::Scratch scratch_;
};

TEST_P(Kernels, EqualTheReferenceAtEveryWidthAroundTheirBlocks) {
  const auto model = random_network({}, 1);
  for (int width = 3; width < 80; ++width) expect_equal(model, width, 100U + unsigned(width));
}

TEST_P(Kernels, EqualTheReferenceOnWideAndThenNarrowLines) {
  const auto model = random_network({36, 16, 16, {16}, 20}, 2);
  for (const int width : {997, 5000, 400, 3}) expect_equal(model, width, unsigned(width));
}

TEST_P(Kernels, EqualTheReferenceForEveryShapeOfNetwork) {
  const std::vector<NetworkShape> shapes = {
      {48, 16, 64, {96, -96, 192}, 302},  {36, 16, 64, {96, -96, 128}, 85}, {48, 32, 16, {-16}, 1},
      {3, 16, 16, {16, 16, 16, -48}, 16}, {36, 48, 80, {112}, 111},
  };
  unsigned seed = 10;
  for (const auto& shape : shapes) {
    for (const int width : {3, 31, 130}) {
      ++seed;
      expect_equal(random_network(shape, seed), width, seed);
    }
  }
}

TEST_P(Kernels, EqualTheReferenceOnFlatLines) {
  const auto model = random_network({}, 3);
  const LstmNetwork network(model, *GetParam(), tables());
  for (const int value : {-127, -1, 0, 127}) {
    const std::vector<std::int8_t> line(60 * 36, static_cast<std::int8_t>(value));
    std::vector<float> found;
    network.forward(line, 60, scratch_, found);
    EXPECT_EQ(found, lstm_reference(model, *tables(), line, 60)) << value;
  }
}

std::string kernel_name(const ::testing::TestParamInfo<const LstmKernel*>& info) {
  std::string out;
  for (const char c : std::string_view(info.param->name)) {
    if (c != '-') out += c;
  }
  return out;
}
INSTANTIATE_TEST_SUITE_P(OfThisProcessor, Kernels, ::testing::ValuesIn(lstm_kernels()),
                         kernel_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Kernels);

TEST(BorderNoise, IsTheGeneratorOfTheStandardLibrary) {
  for (const std::int32_t sample : {0, 1, 4643534, INT32_MAX}) {
    BorderNoise noise(sample);
    std::minstd_rand standard;
    standard.seed(static_cast<std::uint64_t>(std::int64_t{sample} * 0x10000001));
    (void)standard();
    for (int i = 0; i < 1000; ++i) {
      const double value = 127 * 2.0 * static_cast<std::int32_t>(standard()) / INT32_MAX - 127;
      EXPECT_EQ(noise.next(), static_cast<int>(std::lround(value))) << sample << ' ' << i;
    }
  }
}

TEST(ReadLstmModel, GivesBackWhatWasWritten) {
  for (const auto& shape : {NetworkShape{}, NetworkShape{48, 32, 16, {-16}, 300}}) {
    const auto model = random_network(shape, 4);
    const auto read = read_lstm_model(LstmBytes().component(model));
    ASSERT_TRUE(read) << read.error().message.en;
    EXPECT_EQ(read->output, model.output);
    EXPECT_EQ(read->columns, model.columns);
    EXPECT_EQ(read->rows, model.rows);
    EXPECT_EQ(read->sample_iteration, model.sample_iteration);
    EXPECT_EQ(read->height, shape.height);
  }
}

TEST(ReadLstmModel, RefusesANetworkThatIsCutOffAnywhere) {
  const auto bytes = LstmBytes().component(random_network({3, 16, 16, {16}, 2}, 5));
  // The last 16 bytes are the recognizer's, and nothing of ours.
  for (std::size_t size = 0; size + 16 < bytes.size(); size += size < 400 ? 1 : 37) {
    const std::vector<std::byte> part(bytes.begin(), bytes.begin() + std::ptrdiff_t(size));
    EXPECT_FALSE(read_lstm_model(part)) << size;
  }
}

TEST(ReadLstmModel, RefusesFloatWeightsOtherShapesAndTheWeightMinus128) {
  const auto why = [](const std::vector<std::byte>& bytes) {
    const auto read = read_lstm_model(bytes);
    return read ? std::string("read") : read.error().message.en;
  };
  const auto model = random_network({}, 6);
  EXPECT_THAT(why(LstmBytes(LstmForm::real).component(model)), testing::HasSubstr("float"));
  auto odd = random_network({36, 16, 24, {16}, 9}, 6);
  EXPECT_THAT(why(LstmBytes().component(odd)), testing::HasSubstr("size of an LSTM"));
  odd = model;
  odd.pool_y = 5;
  EXPECT_THAT(why(LstmBytes().component(odd)), testing::HasSubstr("pool"));
  odd = model;
  odd.rows[1].gates[2].rows[77] = INT8_MIN;
  EXPECT_THAT(why(LstmBytes().component(odd)), testing::HasSubstr("-128"));
  odd = model;
  odd.output.scale[3] = std::nanf("");
  EXPECT_THAT(why(LstmBytes().component(odd)), testing::HasSubstr("scales"));
  odd = model;
  odd.rows.clear();
  EXPECT_THAT(why(LstmBytes().component(odd)), testing::HasSubstr("number of layers"));
  EXPECT_THAT(why({}), testing::HasSubstr("cut off"));
}

TEST(ReadLstmComponent, OfFilesThatAreNoModelsSaysSo) {
  EXPECT_FALSE(read_lstm_component("/nowhere/ind.traineddata"));
  EXPECT_FALSE(read_lstm_component("/dev/null"));
  EXPECT_FALSE(read_lstm_component("/usr"));
}

}  // namespace
}  // namespace alih::ocr
