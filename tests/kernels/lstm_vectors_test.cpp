// The LSTM kernel against outputs that other programs printed.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/kernels/lstm_suites.h"
#include "tests/reference/npy.h"
#include "tests/reference/onnx_tensor.h"
#include "tests/test_data.h"

namespace lrcn::test {
namespace {

// Gate blocks in our order i, f, g, o from blocks in the order that `from` spells.
Doubles permuted(const Doubles& blocks, const std::string& from) {
  const std::size_t size = blocks.size() / 4;
  Doubles result;
  for (const char gate : std::string("ifgo")) {
    const auto begin = blocks.begin() + std::ptrdiff_t(from.find(gate) * size);
    result.insert(result.end(), begin, begin + std::ptrdiff_t(size));
  }
  return result;
}

// The outputs [T, N, H], by sequences of T and by T decoding steps with carried state.
std::vector<float> outputs(const LstmBackend& backend, const LstmData& data) {
  LstmRun run(backend, data);
  run.forward();
  return floats_of(run.forward_arguments().y);
}

std::vector<float> outputs_step_by_step(const LstmBackend& backend, const LstmData& data) {
  const auto& p = data.problem;
  LstmData step = data;
  step.problem.steps = 1;
  step.problem.initial_state = true;
  step.h0.assign(std::size_t(p.batch * p.units), 0.0);
  step.c0 = step.h0;
  std::vector<float> y;
  const std::int64_t width = p.batch * p.inputs;
  for (std::int64_t t = 0; t < p.steps; ++t) {
    step.x.assign(data.x.begin() + t * width, data.x.begin() + (t + 1) * width);
    LstmRun run(backend, step);
    run.forward();
    const std::vector<float> part = floats_of(run.forward_arguments().y);
    y.insert(y.end(), part.begin(), part.end());
    step.h0 = to_doubles(floats_of(run.forward_arguments().h_last));
    step.c0 = to_doubles(floats_of(run.forward_arguments().c_last));
  }
  return y;
}

void append(Doubles& to, const nlohmann::json& from) {
  if (from.is_array()) {
    for (const auto& item : from) {
      append(to, item);
    }
  } else {
    to.push_back(from.get<double>());
  }
}

nlohmann::json reference_vectors() {
  std::ifstream file(test_data("lstm_vectors/lstm_reference_vectors.json"));
  return nlohmann::json::parse(file);
}

TEST_P(LstmVectors, TensorFlowLite) {
  LRCN_SKIP_WITHOUT(test_data("lstm_vectors"));
  const nlohmann::json vectors = reference_vectors().at("tflite_lstm_T3");
  LstmData data;
  data.problem = {.steps = 3, .batch = 1, .inputs = 2, .units = 4};
  for (const char* gate : {"i", "f", "g", "o"}) {
    append(data.weight_ih, vectors.at("gates").at(gate).at("W"));
    append(data.weight_hh, vectors.at("gates").at(gate).at("R"));
    append(data.bias, vectors.at("gates").at(gate).at("b"));
  }
  append(data.x, vectors.at("input"));
  Doubles want;
  append(want, vectors.at("golden_h"));
  expect_near(outputs(backend(), data), want, 1e-5);
  expect_near(outputs_step_by_step(backend(), data), want, 1e-5);

  // The same cell from the last input to the first.
  Doubles reversed;
  for (int t = 2; t >= 0; --t) {
    append(reversed, vectors.at("golden_h_reversed_sequence").at(std::size_t(t)));
  }
  data.x = {data.x[4], data.x[5], data.x[2], data.x[3], data.x[0], data.x[1]};
  expect_near(outputs(backend(), data), reversed, 1e-5);
}

TEST_P(LstmVectors, CudnnWithFourLayers) {
  LRCN_SKIP_WITHOUT(test_data("lstm_vectors"));
  const nlohmann::json vectors = reference_vectors().at("cudnn_lstm_4layer_T2");
  // Parameter k is (k + 1) / 1000: for each layer W and R, then for each layer both biases.
  std::int64_t next = 0;
  const auto take = [&](std::int64_t count) {
    Doubles values;
    for (std::int64_t i = 0; i < count; ++i) {
      values.push_back(double(++next) * 0.001);
    }
    return values;
  };
  std::vector<LstmData> layers(4);
  for (std::size_t layer = 0; layer < 4; ++layer) {
    LstmData& data = layers[layer];
    data.problem = {.steps = 2, .batch = 2, .inputs = layer == 0 ? 3 : 5, .units = 5};
    data.weight_ih = take(20 * data.problem.inputs);
    data.weight_hh = take(20 * 5);
  }
  for (LstmData& data : layers) {
    data.bias = take(20);
    const Doubles second = take(20);
    for (std::size_t i = 0; i < 20; ++i) {
      data.bias[i] += second[i];
    }
  }
  EXPECT_EQ(next, 920);
  Doubles values;
  for (int i = 0; i < 12; ++i) {
    values.push_back((i + 1) * 0.001);
  }
  for (LstmData& data : layers) {
    data.x = values;
    values = to_doubles(outputs(backend(), data));
  }
  Doubles want;
  append(want, vectors.at("expected"));
  expect_near(std::vector<float>(values.begin(), values.end()), want, 1e-4);
}

TEST_P(LstmVectors, CaffeWithGatesInItsOrder) {
  const auto folder = test_data("caffe_layers");
  LRCN_SKIP_WITHOUT(folder);
  LstmData data;
  data.problem = {.steps = 12, .batch = 2, .inputs = 1332, .units = 17};
  data.x = read_npy(folder / "recurrent.input.npy").values;
  data.weight_ih = permuted(read_npy(folder / "lstm.prototxt.w_0.npy").values, "ifog");
  data.bias = permuted(read_npy(folder / "lstm.prototxt.w_1.npy").values, "ifog");
  data.weight_hh = permuted(read_npy(folder / "lstm.prototxt.w_2.npy").values, "ifog");
  const Doubles want = read_npy(folder / "lstm.prototxt.h_1.npy").values;
  EXPECT_TRUE(meets_caffe_tolerance(to_doubles(outputs(backend(), data)), want));
  EXPECT_TRUE(meets_caffe_tolerance(to_doubles(outputs_step_by_step(backend(), data)), want));
}

TEST_P(LstmVectors, OnnxWithGatesInItsOrder) {
  LRCN_SKIP_WITHOUT(test_data("onnx_node"));
  const std::vector<OnnxCase> cases = onnx_cases("LSTM");
  EXPECT_EQ(cases.size(), 3u);
  for (const OnnxCase& test : cases) {
    SCOPED_TRACE(test.name);
    const ArrayFile& x = test.inputs.at(0);  // one step, so both layouts lie alike in memory
    const bool batch_first = test.get("layout", 0.0) == 1.0;
    LstmData data;
    data.problem = {.steps = x.shape[batch_first ? 1 : 0],
                    .batch = x.shape[batch_first ? 0 : 1],
                    .inputs = x.shape[2],
                    .units = std::int64_t(test.get("hidden_size", 0.0))};
    ASSERT_EQ(data.problem.steps, 1);
    data.x = x.values;
    data.weight_ih = permuted(test.inputs.at(1).values, "iofg");
    data.weight_hh = permuted(test.inputs.at(2).values, "iofg");
    data.bias.assign(std::size_t(4 * data.problem.units), 0.0);
    if (test.inputs.size() > 3) {
      const Doubles& both = test.inputs[3].values;
      for (std::size_t i = 0; i < data.bias.size(); ++i) {
        data.bias[i] = both[i] + both[i + data.bias.size()];
      }
      data.bias = permuted(data.bias, "iofg");
    }
    EXPECT_TRUE(meets_onnx_tolerance(to_doubles(outputs(backend(), data)), test.output.values));
  }
}

INSTANTIATE_TEST_SUITE_P(Cpu, LstmVectors, testing::Values(LstmBackend{}), name_of);

}  // namespace
}  // namespace lrcn::test
