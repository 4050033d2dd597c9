#include "kernels/dropout.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

using Floats = std::vector<float>;

// The definition, one element at a time.
Floats reference_dropout(const Floats& x, const StepState& step, const DropoutOptions& options) {
  const Random random(step.seed, Purpose::dropout, options.stream);
  Floats y;
  for (std::size_t e = 0; e < x.size(); ++e) {
    const std::uint32_t word = random.block(step.step, e / 4).word[e % 4];
    const float factor = float(1.0 / (1.0 - double(options.probability)));
    y.push_back(Random::to_unit(word) >= options.probability ? x[e] * factor : 0.0f);
  }
  return y;
}

class DropoutOp : public testing::Test {
 protected:
  DropoutOp() {
    context_.set_step_state({.seed = 77, .step = 5});
  }
  Floats run(const Floats& values, const DropoutOptions& options) {
    const TestTensor x({std::int64_t(values.size())}, values);
    const TestTensor y{std::int64_t(values.size())};
    dropout_forward(context_, x, y, options);
    return y.floats();
  }
  Context context_{Device::cpu()};
};

TEST_F(DropoutOp, IsTheDefinitionForEverySize) {
  for (const std::int64_t size : {0, 1, 3, 31, 32, 33, 63, 64, 65, 40001}) {
    for (const float probability : {0.0f, 0.1f, 0.5f, 0.9f}) {
      const DropoutOptions options{.probability = probability, .stream = stream_of("drop6")};
      const Floats x = random_floats(size, 1);
      expect_same_bits(run(x, options), reference_dropout(x, context_.step_state(), options));
    }
  }
}

TEST_F(DropoutOp, BackwardUsesTheSameMask) {
  const Floats x(1000, 1.0f);
  const Floats forward = run(x, {});
  const TestTensor dy({1000}, x);
  dropout_backward(context_, dy, dy, {});
  expect_same_bits(dy.floats(), forward);
}

TEST_F(DropoutOp, MasksChangeWithStepSeedAndStream) {
  const Floats x(256, 1.0f);
  const Floats first = run(x, {});
  EXPECT_EQ(run(x, {}), first);
  EXPECT_NE(run(x, {.stream = stream_of("drop7")}), first);
  context_.set_step_state({.seed = 77, .step = 6});
  EXPECT_NE(run(x, {}), first);
  context_.set_step_state({.seed = 78, .step = 5});
  EXPECT_NE(run(x, {}), first);
}

TEST_F(DropoutOp, KeepsTheExpectedShareAndMean) {
  const Floats y = run(Floats(100000, 1.0f), {.probability = 0.9f});
  double sum = 0.0;
  double kept = 0.0;
  for (const float v : y) {
    sum += v;
    kept += v != 0.0f;
  }
  EXPECT_NEAR(kept / 100000, 0.1, 0.004);
  EXPECT_NEAR(sum / 100000, 1.0, 0.04);
}

TEST_F(DropoutOp, ProbabilityZeroIsTheIdentity) {
  const Floats x = random_floats(100, 2);
  expect_same_bits(run(x, {.probability = 0.0f}), x);
}

TEST_F(DropoutOp, DroppedElementsAreZeroEvenWhenNan) {
  const Floats y = run(Floats(64, std::numeric_limits<float>::quiet_NaN()), {});
  for (const float v : y) {
    EXPECT_TRUE(v == 0.0f || std::isnan(v));
  }
  EXPECT_GT(std::count(y.begin(), y.end(), 0.0f), 10);
}

TEST_F(DropoutOp, DoesNotDependOnTheNumberOfThreads) {
  const Floats x = random_floats(50001, 3);
  const auto once = [&] { return run(x, {}); };
  expect_same_bits(with_threads(1, once), with_threads(2, once));
}

TEST_F(DropoutOp, RefusesBadProbabilitiesAndSpecs) {
  const TestTensor x{4};
  const TestTensor y{5};
  EXPECT_THROW(dropout_forward(context_, x, x, {.probability = 1.0f}), ArgumentError);
  EXPECT_THROW(dropout_forward(context_, x, x, {.probability = -0.1f}), ArgumentError);
  EXPECT_THROW(dropout_forward(context_, x, y, {}), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
