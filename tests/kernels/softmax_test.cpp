#include "kernels/softmax.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/kernels/test_tensor.h"
#include "tests/reference/onnx_tensor.h"
#include "tests/reference/softmax.h"

namespace lrcn::test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
using Floats = std::vector<float>;

struct Case {
  Shape shape;
  float magnitude;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.shape << " up to " << c.magnitude; }

const Case kCases[] = {{{1}, 1},        {{31}, 5},        {{5, 32}, 5},  {{4, 3, 33}, 80},
                       {{2, 8801}, 10}, {{1000, 101}, 3}, {{0, 4}, 1.0f}};

class Softmax : public testing::TestWithParam<Case> {
 protected:
  std::int64_t width() const { return GetParam().shape[-1]; }
  std::int64_t rows() const { return GetParam().shape.elements(0, GetParam().shape.rank() - 1); }
  TestTensor random(std::uint64_t seed, float magnitude) const {
    return {GetParam().shape, random_floats(rows() * width(), seed, -magnitude, magnitude)};
  }
  Context context_{Device::cpu()};
};

TEST_P(Softmax, AgreesWithTheReference) {
  const TestTensor x = random(1, GetParam().magnitude);
  const TestTensor y{TensorSpec{GetParam().shape}};
  const TestTensor logs{TensorSpec{GetParam().shape}};
  softmax_forward(context_, x, y);
  log_softmax_forward(context_, x, logs);
  const Floats logits = x.floats();
  std::vector<double> want;
  std::vector<double> want_logs;
  for (std::int64_t r = 0; r < rows(); ++r) {
    const std::vector<double> row = reference::row_of(logits, r, width());
    const std::vector<double> p = reference::softmax(row);
    want.insert(want.end(), p.begin(), p.end());
    const double log_sum = reference::log_sum_exp(row);
    for (const double v : row) {
      want_logs.push_back(v - log_sum);
    }
  }
  expect_near(y.floats(), want, 1e-9, 2e-5);
  expect_near(logs.floats(), want_logs, 2e-6, 3e-7);
}

TEST_P(Softmax, GradientsAgreeWithTheReference) {
  const TestTensor x = random(1, GetParam().magnitude);
  const TestTensor dy = random(2, 1.0f);
  const TestTensor y{TensorSpec{GetParam().shape}};
  const TestTensor dx{TensorSpec{GetParam().shape}};
  const TestTensor logs{TensorSpec{GetParam().shape}};
  const TestTensor dx_logs{TensorSpec{GetParam().shape}};
  softmax_forward(context_, x, y);
  softmax_backward(context_, y, dy, dx);
  log_softmax_forward(context_, x, logs);
  log_softmax_backward(context_, logs, dy, dx_logs);
  const Floats logits = x.floats();
  const Floats from = dy.floats();
  std::vector<double> want;
  std::vector<double> want_logs;
  for (std::int64_t r = 0; r < rows(); ++r) {
    const std::vector<double> p = reference::softmax(reference::row_of(logits, r, width()));
    const std::vector<double> d = reference::row_of(from, r, width());
    double mean = 0.0;
    double sum = 0.0;
    for (std::size_t v = 0; v < p.size(); ++v) {
      mean += p[v] * d[v];
      sum += d[v];
    }
    for (std::size_t v = 0; v < p.size(); ++v) {
      want.push_back(p[v] * (d[v] - mean));
      want_logs.push_back(d[v] - p[v] * sum);
    }
  }
  expect_near(dx.floats(), want, 1e-6, 2e-5);
  expect_near(dx_logs.floats(), want_logs, 5e-5, 2e-5);
}

TEST_P(Softmax, WorksInPlaceForAnyNumberOfThreads) {
  const auto once = [&] {
    const TestTensor x = random(1, GetParam().magnitude);
    const TestTensor dy = random(2, 1.0f);
    softmax_forward(context_, x, x);
    softmax_backward(context_, x, dy, dy);
    return dy.floats();
  };
  const TestTensor x = random(1, GetParam().magnitude);
  const TestTensor dy = random(2, 1.0f);
  const TestTensor y{TensorSpec{GetParam().shape}};
  const TestTensor dx{TensorSpec{GetParam().shape}};
  softmax_forward(context_, x, y);
  softmax_backward(context_, y, dy, dx);
  expect_same_bits(with_threads(1, once), dx.floats());
  expect_same_bits(with_threads(2, once), dx.floats());
}

INSTANTIATE_TEST_SUITE_P(Shapes, Softmax, testing::ValuesIn(kCases));

TEST(SoftmaxEdges, ExtremeLogits) {
  Context context(Device::cpu());
  const TestTensor x({4, 2}, Floats{1e30f, -1e30f, -kInf, 3.0f, kInf, 0.0f, -kInf, -kInf});
  const TestTensor y{4, 2};
  softmax_forward(context, x, y);
  const Floats got = y.floats();
  EXPECT_EQ(got[0], 1.0f);
  EXPECT_EQ(got[1], 0.0f);
  EXPECT_EQ(got[2], 0.0f);
  EXPECT_EQ(got[3], 1.0f);
  for (std::size_t i = 4; i < 8; ++i) {
    EXPECT_TRUE(std::isnan(got[i])) << i;
  }
  log_softmax_forward(context, x, y);
  EXPECT_EQ(y.floats()[2], -kInf);
  EXPECT_EQ(y.floats()[3], 0.0f);
}

TEST(SoftmaxEdges, RefusesOtherShapes) {
  Context context(Device::cpu());
  const TestTensor x{2, 3};
  const TestTensor y{3, 2};
  const TestTensor scalar{TensorSpec{Shape{}}};
  const TestTensor empty{2, 0};
  EXPECT_THROW(softmax_forward(context, x, y), ArgumentError);
  EXPECT_THROW(softmax_forward(context, scalar, scalar), ArgumentError);
  EXPECT_THROW(softmax_forward(context, empty, empty), ArgumentError);
  EXPECT_THROW(log_softmax_backward(context, x, x, y), ArgumentError);
}

TEST(SoftmaxVectors, OnnxOverTheLastAxis) {
  LRCN_SKIP_WITHOUT(test_data("onnx_node"));
  Context context(Device::cpu());
  int checked = 0;
  for (const OnnxCase& test : onnx_cases("Softmax")) {
    const ArrayFile& input = test.inputs.at(0);
    const double rank = double(input.shape.size());
    const double axis = test.get("axis", -1.0);
    if (axis != -1.0 && axis != rank - 1.0) {
      continue;
    }
    const Shape shape(input.shape);
    const TestTensor x(shape, Floats(input.values.begin(), input.values.end()));
    softmax_forward(context, x, x);
    const Floats got = x.floats();
    EXPECT_TRUE(meets_onnx_tolerance({got.begin(), got.end()}, test.output.values)) << test.name;
    ++checked;
  }
  EXPECT_GE(checked, 4);
}

}  // namespace
}  // namespace lrcn::test
