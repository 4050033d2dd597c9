#include "kernels/cross_entropy.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/kernels/test_tensor.h"
#include "tests/reference/cross_entropy.h"

namespace lrcn::test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
using Floats = std::vector<float>;
using Ints = std::vector<std::int32_t>;

struct Result {
  Floats logits, loss, row_nll;
  Ints correct;
};

Result run(const Floats& values, std::int64_t width, const Ints& labels,
           const CrossEntropyOptions& options, std::int32_t count = 0) {
  Context context(Device::cpu());
  const std::int64_t rows = std::int64_t(labels.size());
  const TestTensor logits({rows, width}, values);
  const TestTensor targets({rows}, labels);
  const TestTensor counted({1}, Ints{count});
  const TestTensor loss({1}, Floats{100.0f});
  const TestTensor correct({1}, Ints{1000});
  const TestTensor row_nll{rows};
  cross_entropy(context,
                {.logits = logits,
                 .targets = targets,
                 .count = count > 0 ? counted.tensor() : Tensor{},
                 .loss = loss,
                 .correct = correct,
                 .row_nll = row_nll},
                options);
  return {logits.floats(), loss.floats(), row_nll.floats(), correct.ints()};
}

struct Case {
  std::int64_t rows;
  std::int64_t width;
  float magnitude;
};

const Case kCases[] = {{0, 5, 1},    {1, 1, 1},     {1, 31, 5},    {32, 32, 5}, {33, 33, 20},
                       {7, 1001, 3}, {3, 8801, 10}, {1000, 65, 4}, {5, 513, 80}};

class CrossEntropyOp : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const auto [rows, width, magnitude] = GetParam();
    logits_ = random_floats(rows * width, 1, -magnitude, magnitude);
    for (std::int64_t m = 0; m < rows; ++m) {
      labels_.push_back(m % 5 == 3 ? -1 : std::int32_t(m * 7 % width));
    }
  }
  Floats logits_;
  Ints labels_;
};

TEST_P(CrossEntropyOp, AgreesWithTheReference) {
  const std::int64_t width = GetParam().width;
  const auto want = reference::cross_entropy(logits_, width, labels_, -1, 0.25);
  const Result got = run(logits_, width, labels_, {.scale = 0.25f});
  expect_near(got.row_nll, want.row_nll, 1e-6, 3e-7);
  expect_near(got.logits, want.gradient, 1e-7, 1e-5);
  EXPECT_NEAR(got.loss[0], want.loss, 1e-6 * (1.0 + want.loss));
  EXPECT_EQ(got.correct[0], want.correct);
}

TEST_P(CrossEntropyOp, EvaluationLeavesTheLogitsAlone) {
  const Result trained = run(logits_, GetParam().width, labels_, {});
  const Result evaluated = run(logits_, GetParam().width, labels_, {.gradient = false});
  expect_same_bits(evaluated.logits, logits_);
  expect_near(evaluated.row_nll, trained.row_nll, 1e-6, 1e-6);
  EXPECT_EQ(evaluated.correct, trained.correct);
}

TEST_P(CrossEntropyOp, DividesTheGradientByTheCount) {
  const Result plain = run(logits_, GetParam().width, labels_, {.scale = 0.5f});
  const Result divided = run(logits_, GetParam().width, labels_, {.scale = 2.0f}, 4);
  expect_same_bits(plain.logits, divided.logits);
  expect_same_bits(plain.loss, divided.loss);
}

TEST_P(CrossEntropyOp, AddsToTheTotalsWhenAsked) {
  const Result first = run(logits_, GetParam().width, labels_, {});
  const Result added = run(logits_, GetParam().width, labels_, {.accumulate = true});
  EXPECT_NEAR(added.loss[0], first.loss[0] + 100.0f, 1e-6 * added.loss[0]);
  EXPECT_EQ(added.correct[0], first.correct[0] + 1000);
}

TEST_P(CrossEntropyOp, DoesNotDependOnTheNumberOfThreads) {
  const auto once = [&] { return run(logits_, GetParam().width, labels_, {}); };
  const Result one = with_threads(1, once);
  const Result two = with_threads(2, once);
  expect_same_bits(one.logits, two.logits);
  expect_same_bits(one.loss, two.loss);
  expect_same_bits(one.row_nll, two.row_nll);
}

INSTANTIATE_TEST_SUITE_P(Sizes, CrossEntropyOp, testing::ValuesIn(kCases));

TEST(CrossEntropyEdges, FiniteDifferencesGiveTheGradient) {
  const Floats logits = {0.5f, -1.0f, 2.0f, 0.0f, 1.5f, -0.5f};
  const Ints labels = {1, 2};
  const Result got = run(logits, 3, labels, {});
  for (std::size_t i = 0; i < logits.size(); ++i) {
    Floats up = logits;
    Floats down = logits;
    up[i] += 0.015625f;
    down[i] -= 0.015625f;
    const double slope = (reference::cross_entropy(up, 3, labels, -1, 1.0).loss -
                          reference::cross_entropy(down, 3, labels, -1, 1.0).loss) /
                         0.03125;
    EXPECT_NEAR(got.logits[i], slope, 1e-4);
  }
}

TEST(CrossEntropyEdges, LargeLogitsStayFinite) {
  const Result got = run({1e30f, -1e30f, 3e4f, 3e4f, 88.0f, -3e38f}, 2, {0, 1, 0}, {});
  expect_near(got.row_nll, Floats{0.0f, 0.6931472f, 0.0f}, 1e-6);
  expect_near(got.logits, Floats{0, 0, 0.5f, -0.5f, 0, 0}, 1e-6);
}

TEST(CrossEntropyEdges, MinusInfinityHasProbabilityZero) {
  const Result got = run({0.0f, -kInf, 0.0f, -kInf}, 4, {2}, {});
  expect_near(got.logits, Floats{0.5f, 0, -0.5f, 0}, 1e-6);
  EXPECT_NEAR(got.loss[0], 0.6931472, 1e-6);
  const Result impossible = run({0.0f, -kInf}, 2, {1}, {});
  EXPECT_EQ(impossible.loss[0], kInf);
  expect_near(impossible.logits, Floats{1.0f, -1.0f}, 1e-6);
}

TEST(CrossEntropyEdges, NanAndInfinityShowInTheLoss) {
  for (const float bad : {kNaN, kInf}) {
    EXPECT_TRUE(std::isnan(run({0.0f, bad, 1.0f}, 3, {0}, {}).loss[0]));
    EXPECT_TRUE(std::isnan(run({0.0f, bad, 1.0f}, 3, {0}, {.gradient = false}).loss[0]));
  }
  EXPECT_TRUE(std::isnan(run({-kInf, -kInf}, 2, {0}, {}).loss[0]));
}

TEST(CrossEntropyEdges, IgnoredRowsMayHoldAnything) {
  const Result got = run({kNaN, kInf, 1.0f, 1.0f}, 2, {7, 0}, {.ignore_label = 7});
  EXPECT_EQ(got.logits[0], 0.0f);
  EXPECT_EQ(got.logits[1], 0.0f);
  EXPECT_EQ(got.row_nll[0], 0.0f);
  EXPECT_NEAR(got.loss[0], 0.6931472, 1e-6);
}

TEST(CrossEntropyEdges, OfEqualLogitsTheFirstIsTheAnswer) {
  EXPECT_EQ(run({1, 3, 3, 3}, 4, {1}, {}).correct[0], 1);
  EXPECT_EQ(run({1, 3, 3, 3}, 4, {2}, {}).correct[0], 0);
}

TEST(CrossEntropyEdges, ReadsTheFirstColumnsAndLeavesIgnoredRowsAlone) {
  Context context(Device::cpu());
  const TestTensor logits({3, 3}, Floats{0, 0, 9, 4, 5, 6, 1, 1, 9});
  const TestTensor targets({3}, Ints{0, -1, 1});
  const TestTensor loss{1};
  const TestTensor factor({1}, Floats{4.0f});
  cross_entropy(context, {.logits = logits, .targets = targets, .factor = factor, .loss = loss},
                {.scale = 0.5f, .clear_ignored = false, .classes = 2});
  expect_near(logits.floats(), Floats{-1, 1, 9, 4, 5, 6, 1, -1, 9}, 1e-6);
  EXPECT_NEAR(loss.floats()[0], 2 * 0.6931472, 1e-6);
}

TEST(CrossEntropyEdges, RefusesShapesThatDoNotFit) {
  Context context(Device::cpu());
  const TestTensor logits{2, 3};
  const TestTensor targets({2}, Ints{0, 1});
  const TestTensor one({1}, Ints{0});
  const TestTensor loss{1};
  EXPECT_THROW(cross_entropy(context, {.logits = loss, .targets = targets, .loss = loss}, {}),
               ArgumentError);
  EXPECT_THROW(cross_entropy(context, {.logits = logits, .targets = one, .loss = loss}, {}),
               ArgumentError);
  EXPECT_THROW(cross_entropy(context, {.logits = logits, .targets = targets}, {}), ArgumentError);
  EXPECT_THROW(
      cross_entropy(context, {.logits = logits, .targets = targets, .loss = loss}, {.classes = 4}),
      ArgumentError);
  EXPECT_THROW(
      cross_entropy(context, {.logits = logits, .targets = targets, .factor = logits, .loss = loss},
                    {}),
      ArgumentError);
  EXPECT_THROW(
      cross_entropy(context, {.logits = logits, .targets = targets, .loss = loss, .row_nll = loss},
                    {}),
      ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
