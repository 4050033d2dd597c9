#include "kernels/reduce.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
using Floats = std::vector<float>;

class Reduction : public testing::TestWithParam<std::int64_t> {
 protected:
  float run(const Op<ReduceFunction>& op, const Floats& values) {
    const TestTensor x({std::int64_t(values.size())}, values);
    const TestTensor result{1};
    op(context_, x, result);
    return result.floats()[0];
  }
  std::vector<std::int32_t> non_finite(const Floats& values) {
    const TestTensor x({std::int64_t(values.size())}, values);
    const TestTensor result{TensorSpec{{2}, DType::i32}};
    count_non_finite(context_, x, result);
    return result.ints();
  }
  Context context_{Device::cpu()};
};

TEST_P(Reduction, SumsAgreeWithDouble) {
  const Floats values = random_floats(GetParam(), 1);
  double sum = 0.0;
  double squares = 0.0;
  float most = 0.0f;
  for (const float v : values) {
    sum += double(v);
    squares += double(v) * double(v);
    most = std::max(most, std::abs(v));
  }
  EXPECT_NEAR(run(sum_of_values, values), sum, 1e-7 * (1.0 + std::abs(sum)));
  EXPECT_NEAR(run(sum_of_squares, values), squares, 1e-7 * (1.0 + squares));
  EXPECT_NEAR(run(l2_norm_of, values), std::sqrt(squares), 1e-7 * (1.0 + std::sqrt(squares)));
  EXPECT_EQ(run(max_abs_of, values), most);
}

TEST_P(Reduction, DoesNotDependOnTheNumberOfThreads) {
  const Floats values = random_floats(GetParam(), 2, -1e3f, 1e5f);
  const auto once = [&] {
    return Floats{run(sum_of_values, values), run(sum_of_squares, values), run(l2_norm_of, values),
                  run(max_abs_of, values)};
  };
  expect_same_bits(with_threads(1, once), with_threads(2, once));
}

TEST_P(Reduction, CountsNonFiniteAndNamesTheFirst) {
  Floats values = random_floats(GetParam(), 3);
  EXPECT_EQ(non_finite(values), (std::vector<std::int32_t>{0, -1}));
  if (values.empty()) {
    return;
  }
  const std::size_t last = values.size() - 1;
  values[last] = kNaN;
  EXPECT_EQ(non_finite(values), (std::vector<std::int32_t>{1, std::int32_t(last)}));
  values[last / 2] = -kInf;
  const std::int32_t count = last == 0 ? 1 : 2;
  for (const int threads : {1, 2}) {
    EXPECT_EQ(with_threads(threads, [&] { return non_finite(values); }),
              (std::vector<std::int32_t>{count, std::int32_t(last / 2)}));
  }
}

TEST_P(Reduction, ClipCutsBothEnds) {
  Floats values = random_floats(GetParam(), 4, -3.0f, 3.0f);
  if (!values.empty()) {
    values.back() = -kInf;
  }
  const TestTensor x({GetParam()}, values);
  clip_values(context_, x, 1.25f);
  for (float& v : values) {
    v = std::min(std::max(v, -1.25f), 1.25f);
  }
  expect_same_bits(x.floats(), values);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Reduction,
                         testing::Values(0, 1, 31, 32, 33, 16385, 100003, 1200007));

class ReductionEdges : public Reduction {};

TEST_P(ReductionEdges, NanAndInfinityShow) {
  EXPECT_TRUE(std::isnan(run(max_abs_of, {1.0f, kNaN, 3.0f})));
  EXPECT_EQ(run(max_abs_of, {1.0f, -kInf, 3.0f}), kInf);
  EXPECT_TRUE(std::isnan(run(l2_norm_of, {1.0f, kNaN})));
  const TestTensor x({2}, Floats{kNaN, 5.0f});
  clip_values(context_, x, 1.0f);
  EXPECT_TRUE(std::isnan(x.floats()[0]));
  EXPECT_EQ(x.floats()[1], 1.0f);
}

TEST_P(ReductionEdges, NormDoesNotOverflowBeforeTheLargestFloat) {
  EXPECT_NEAR(run(l2_norm_of, {3e30f, 4e30f}), 5e30f, 1e25f);
  EXPECT_EQ(run(sum_of_squares, {3e30f, 4e30f}), kInf);
}

TEST_P(ReductionEdges, ClipNormScalesGradientsThatAreTooLong) {
  const TestTensor x({2}, Floats{30.0f, 40.0f});
  const TestTensor norm{1};
  const auto scale = [&](const ClipNormOptions& options) {
    clip_norm(context_, x, norm, options);
    return context_.step_state().gradient_scale;
  };
  EXPECT_FLOAT_EQ(scale({.max_norm = 10.0f}), 0.2f);
  EXPECT_FLOAT_EQ(norm.floats()[0], 50.0f);
  EXPECT_FLOAT_EQ(scale({.max_norm = 60.0f}), 1.0f);
  EXPECT_FLOAT_EQ(scale({.max_norm = 0.0f, .gradient_scale = 0.5f}), 0.5f);
  EXPECT_FLOAT_EQ(norm.floats()[0], 25.0f);
  EXPECT_FLOAT_EQ(scale({.max_norm = 10.0f, .gradient_scale = 0.5f}), 0.2f);
  EXPECT_EQ(x.floats(), (Floats{30.0f, 40.0f}));
}

TEST_P(ReductionEdges, RefusesOtherTypesAndShapes) {
  const TestTensor x{3};
  const TestTensor result{1};
  const TestTensor integers{TensorSpec{{3}, DType::i32}};
  EXPECT_THROW(sum_of_squares(context_, integers, result), ArgumentError);
  EXPECT_THROW(sum_of_squares(context_, x, x), ArgumentError);
  EXPECT_THROW(count_non_finite(context_, x, integers), ArgumentError);
  EXPECT_THROW(clip_values(context_, x, -1.0f), ArgumentError);
  EXPECT_THROW(clip_norm(context_, x, result, {.max_norm = kNaN}), ArgumentError);
}

INSTANTIATE_TEST_SUITE_P(Edges, ReductionEdges, testing::Values(0));

}  // namespace
}  // namespace lrcn::test
