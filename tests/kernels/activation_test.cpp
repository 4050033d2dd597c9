#include "kernels/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/test_tensor.h"
#include "tests/reference/activation.h"

namespace lrcn::test {
namespace {

struct Case {
  const char* name;
  const Op<ActivationForwardFunction>& forward;
  const Op<ActivationBackwardFunction>& backward;
  double (*value)(double);
  double (*slope)(double);
};

const Case kCases[] = {
    {"relu", relu_forward, relu_backward, reference::relu, reference::relu_slope},
    {"sigmoid", sigmoid_forward, sigmoid_backward, reference::sigmoid, reference::sigmoid_slope},
    {"tanh", tanh_forward, tanh_backward, reference::tanh, reference::tanh_slope},
};

// Elements of a chunk of work and more, so that threads share the larger ones.
const std::int64_t kSizes[] = {0, 1, 31, 32, 33, 1001, 70001};

class Activation : public testing::TestWithParam<Case> {
 protected:
  Context context_{Device::cpu()};
};

TEST_P(Activation, AgreesWithTheReference) {
  for (const std::int64_t size : kSizes) {
    const TestTensor x({size}, random_floats(size, 1, -6.0f, 6.0f));
    const TestTensor y{TensorSpec{{size}}};
    GetParam().forward(context_, x, y);
    std::vector<double> want;
    for (const float v : x.floats()) {
      want.push_back(GetParam().value(v));
    }
    expect_near(y.floats(), want, 0.0, 3e-7);
  }
}

TEST_P(Activation, GradientAgreesWithTheReference) {
  for (const std::int64_t size : kSizes) {
    const TestTensor x({size}, random_floats(size, 1, -6.0f, 6.0f));
    const TestTensor dy({size}, random_floats(size, 2));
    const TestTensor y{TensorSpec{{size}}};
    const TestTensor dx{TensorSpec{{size}}};
    GetParam().forward(context_, x, y);
    GetParam().backward(context_, y, dy, dx);
    const std::vector<float> at = x.floats();
    std::vector<double> want;
    for (const float d : dy.floats()) {
      want.push_back(double(d) * GetParam().slope(at[want.size()]));
    }
    expect_near(dx.floats(), want, 2e-7);
  }
}

TEST_P(Activation, WorksInPlace) {
  const TestTensor x({33}, random_floats(33, 3));
  const TestTensor y{TensorSpec{{33}}};
  GetParam().forward(context_, x, y);
  GetParam().forward(context_, x, x);
  expect_same_bits(x.floats(), y.floats());
  const TestTensor dy({33}, random_floats(33, 4));
  const TestTensor dx{TensorSpec{{33}}};
  GetParam().backward(context_, y, dy, dx);
  GetParam().backward(context_, y, dy, dy);
  expect_same_bits(dx.floats(), dy.floats());
}

TEST_P(Activation, DoesNotDependOnTheNumberOfThreads) {
  const auto run = [&] {
    const TestTensor x({70001}, random_floats(70001, 5, -3.0f, 3.0f));
    const TestTensor y{TensorSpec{{70001}}};
    GetParam().forward(context_, x, y);
    return y.floats();
  };
  expect_same_bits(with_threads(1, run), with_threads(2, run));
}

TEST_P(Activation, KeepsNan) {
  const TestTensor x({17}, std::vector<float>(17, std::numeric_limits<float>::quiet_NaN()));
  GetParam().forward(context_, x, x);
  for (const float v : x.floats()) {
    EXPECT_TRUE(std::isnan(v));
  }
}

TEST_P(Activation, LeavesThePaddingOfBlockedLayoutsZero) {
  const TensorSpec spec{{2, 5, 3, 1}, DType::f32, Layout::blocked8};
  const TestTensor x{spec};
  const TestTensor y{spec};
  std::vector<float> memory(2 * 8 * 3, 0.0f);
  for (std::size_t i = 0; i < memory.size(); ++i) {
    memory[i] = i % 8 < 5 ? 0.25f : 0.0f;
  }
  x.assign(memory);
  GetParam().forward(context_, x, y);
  const std::vector<float> got = y.floats();
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], i % 8 < 5 ? GetParam().value(0.25) : 0.0, 1e-6) << i;
  }
}

TEST_P(Activation, RefusesOtherSpecs) {
  const TestTensor x{TensorSpec{{2, 3}}};
  const TestTensor y{TensorSpec{{3, 2}}};
  const TestTensor integers{TensorSpec{{2, 3}, DType::i32}};
  EXPECT_THROW(GetParam().forward(context_, x, y), ArgumentError);
  EXPECT_THROW(GetParam().forward(context_, integers, integers), ArgumentError);
  EXPECT_THROW(GetParam().forward(context_, x, Tensor{nullptr, x.tensor().spec, Device::cpu()}),
               ArgumentError);
  EXPECT_THROW(GetParam().backward(context_, x, x, y), ArgumentError);
}

INSTANTIATE_TEST_SUITE_P(All, Activation, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace lrcn::test
