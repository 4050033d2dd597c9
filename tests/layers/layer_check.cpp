#include "tests/layers/layer_check.h"

#include <algorithm>
#include <cmath>
#include <ostream>

#include "core/error.h"
#include "tests/layers/checked_layer.h"

namespace lrcn::test {
namespace {

constexpr std::size_t kCheckedElements = 48;  // of one tensor, by finite differences

double largest(const Floats& values) {
  double result = 0.0;
  for (const float value : values) {
    result = std::max(result, double(std::abs(value)));
  }
  return result;
}

// Equal up to rounding, NaN nowhere.
void expect_close(const Floats& actual, const Floats& expected, double tolerance,
                  const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  const double bound = tolerance * std::max(largest(expected), 1e-3);
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], bound) << what << " at element " << i;
  }
}

void expect_close(const LayerResult& actual, const LayerResult& expected, double tolerance) {
  for (std::size_t i = 0; i < expected.outputs.size(); ++i) {
    expect_close(actual.outputs[i], expected.outputs[i], tolerance, "output " + std::to_string(i));
  }
  for (const auto& [name, gradient] : actual.gradients) {
    expect_close(gradient, expected.gradients.at(name), tolerance, "gradient of " + name);
  }
}

void expect_same_bits(const LayerResult& actual, const LayerResult& expected) {
  for (std::size_t i = 0; i < expected.outputs.size(); ++i) {
    EXPECT_EQ(actual.outputs[i], expected.outputs[i]) << "output " << i;
  }
  for (const auto& [name, gradient] : expected.gradients) {
    EXPECT_EQ(actual.gradients.at(name), gradient) << "gradient of " << name;
  }
}

LayerResult run(const LayerCase& layer, const CheckedLayerOptions& options = {}) {
  return CheckedLayer(layer, options).run();
}

// The derivative of the objective along `direction`, by central differences of fourth order.
double derivative(CheckedLayer& layer, const std::string& name, const Floats& direction) {
  constexpr double kStep = 1.0 / 64.0;
  const Floats base = layer.get(name);
  const auto at = [&](double step) {
    Floats moved = base;
    for (std::size_t i = 0; i < base.size(); ++i) {
      moved[i] = float(double(base[i]) + step * double(direction[i]));
    }
    layer.set(name, moved);
    return layer.objective();
  };
  const double result =
      (8.0 * (at(kStep) - at(-kStep)) - (at(2.0 * kStep) - at(-2.0 * kStep))) / (12.0 * kStep);
  layer.set(name, base);
  return result;
}

// Every element of small tensors, evenly spread ones of large tensors.
void expect_gradient_elements(CheckedLayer& layer, const std::string& name, const Floats& gradient,
                              double tolerance) {
  const double bound = tolerance * std::max(largest(gradient), 1e-2);
  const std::size_t stride = (gradient.size() / kCheckedElements) | 1;
  for (std::size_t i = 0; i < gradient.size(); i += stride) {
    Floats direction(gradient.size(), 0.0f);
    direction[i] = 1.0f;
    ASSERT_NEAR(gradient[i], derivative(layer, name, direction), bound)
        << "gradient of " << name << " at element " << i << " of " << gradient.size();
  }
}

// All elements at once, along a direction of alternating signs and irregular length.
void expect_gradient_along_direction(CheckedLayer& layer, const std::string& name,
                                     const Floats& gradient, double tolerance) {
  Floats direction(gradient.size());
  const float length = 1.0f / std::sqrt(float(std::max<std::size_t>(gradient.size(), 1)));
  double expected = 0.0;
  double size = 0.0;
  for (std::size_t i = 0; i < direction.size(); ++i) {
    direction[i] = length * (i * 7 % 5 < 2 ? 1.0f : -1.0f) * (0.5f + float(i * 13 % 8) / 8.0f);
    expected += double(direction[i]) * double(gradient[i]);
    size += double(gradient[i]) * double(gradient[i]);
  }
  EXPECT_NEAR(expected, derivative(layer, name, direction),
              tolerance * std::max(std::sqrt(size), 1e-2))
      << "gradient of " << name << " along a direction";
}

}  // namespace

TEST_P(LayerCheck, GradientsMatchFiniteDifferences) {
  CheckedLayer layer(GetParam(), {.threads = 1});
  const LayerResult result = layer.run();
  for (const std::string& name : layer.names()) {
    const Floats& gradient = result.gradients.at(name);
    for (const float value : gradient) {
      ASSERT_TRUE(std::isfinite(value)) << "gradient of " << name << " was not written";
    }
    expect_gradient_elements(layer, name, gradient, GetParam().tolerance);
    expect_gradient_along_direction(layer, name, gradient, GetParam().tolerance);
  }
}

TEST_P(LayerCheck, ParameterGradientsAreAddedTo) {
  CheckedLayer layer(GetParam(), {});
  const LayerResult once = layer.run();
  LayerResult prefilled = run(GetParam(), {.gradient_prefill = 3.0f});
  for (const std::string& name : layer.names()) {
    if (name[0] == 'x') {
      continue;
    }
    double bound = 1e-5 * std::max(largest(once.gradients.at(name)), 3.0);
    for (std::size_t i = 0; i < prefilled.gradients[name].size(); ++i) {
      ASSERT_NEAR(prefilled.gradients[name][i] - 3.0f, once.gradients.at(name)[i], bound)
          << name << " at element " << i;
    }
  }
}

TEST_P(LayerCheck, GradientsThatNobodyNeedsMayBeAbsent) {
  const LayerResult all = run(GetParam());
  for (int i = -2; i < int(GetParam().inputs.size()); ++i) {
    expect_close(run(GetParam(), {.without_dx = i}), all, 1e-5);
  }
}

TEST_P(LayerCheck, FrozenParametersGetNoGradient) {
  CheckedLayer layer(GetParam(), {});
  const LayerResult all = layer.run();
  std::vector<std::string> patterns = {"layer.*"};
  for (const std::string& name : layer.names()) {
    if (name[0] != 'x') {
      patterns.push_back(name);
    }
  }
  for (const std::string& pattern : patterns) {
    const LayerResult frozen = run(GetParam(), {.frozen = pattern});
    EXPECT_EQ(frozen.gradients.count(pattern), 0u);
    expect_close(frozen, all, 1e-5);
  }
}

TEST_P(LayerCheck, EvaluationComputesWhatTrainingDoes) {
  if (!GetParam().evaluation_agrees) {
    GTEST_SKIP() << "the layer does something else in evaluation, see its own tests";
  }
  const LayerResult evaluated = run(GetParam(), {.phase = Phase::evaluate, .backward = false});
  LayerResult trained = run(GetParam());
  expect_close(evaluated, trained, 1e-5);
}

TEST_P(LayerCheck, SameSeedGivesTheSameBits) {
  const LayerResult first = run(GetParam(), {.initial_parameters = true});
  expect_same_bits(run(GetParam(), {.initial_parameters = true}), first);
}

TEST_P(LayerCheck, RepeatedStepsGiveTheSameBits) {
  if (!GetParam().repeats) {
    GTEST_SKIP() << "the layer carries state from step to step, see its own tests";
  }
  for (const bool backward : {true, false}) {
    const Phase phase = backward ? Phase::train : Phase::evaluate;
    CheckedLayer layer(GetParam(), {.phase = phase, .backward = backward});
    const LayerResult first = layer.run();
    expect_same_bits(layer.run(), first);
  }
}

TEST_P(LayerCheck, NumberOfThreadsDoesNotChangeResults) {
  const LayerResult one = run(GetParam(), {.threads = 1});
  const LayerResult two = run(GetParam(), {.threads = 2});
  if (GetParam().threads_agree) {
    expect_same_bits(two, one);
  } else {
    expect_close(two, one, 1e-5);
  }
}

TEST_P(LayerCheck, CudaAgreesWithTheCpu) {
  const std::string problem = why_no_cuda();
  if (!problem.empty()) {
    GTEST_SKIP() << problem;
  }
  expect_close(run(GetParam(), {.device = Device::cuda(0)}), run(GetParam()), 1e-4);
}

TEST_P(LayerCheck, CudaInBf16AgreesWithTheCpu) {
  const std::string problem = why_no_cuda();
  if (!problem.empty()) {
    GTEST_SKIP() << problem;
  }
  const LayerResult rounded = run(
      GetParam(), {.device = Device::cuda(0), .precision = Precision::bf16, .bf16_inputs = true});
  expect_close(rounded, run(GetParam(), {.bf16_inputs = true}), GetParam().bf16_tolerance);
}

std::string why_no_cuda() {
  try {
    Context context(Device::cuda(0));
    return {};
  } catch (const DeviceError& error) {
    return error.what();
  }
}

std::string compile_error(const LayerCase& layer) {
  try {
    CheckedLayer refused(layer, {});
    return {};
  } catch (const ArgumentError& error) {
    return error.what();
  }
}

std::string name_of_case(const testing::TestParamInfo<LayerCase>& info) { return info.param.name; }

void PrintTo(const LayerCase& layer, std::ostream* out) { *out << layer.name; }

}  // namespace lrcn::test
