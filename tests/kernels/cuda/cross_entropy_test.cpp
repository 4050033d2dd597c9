#include "kernels/cross_entropy.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

class CudaCrossEntropy : public CudaAgreement,
                         public testing::WithParamInterface<std::tuple<DType, int, int>> {
 protected:
  void SetUp() override {
    CudaAgreement::SetUp();
    if (IsSkipped()) {
      return;
    }
    const auto [dtype, rows, width] = GetParam();
    std::vector<std::int32_t> labels(static_cast<std::size_t>(rows));
    std::vector<float> values = random_floats(rows * width, 1, -9.0f, 9.0f);
    for (std::size_t m = 0; m < labels.size(); ++m) {
      labels[m] = m % 4 == 3 ? -1 : std::int32_t(m * 7 % std::size_t(width));
      if (m % 2 == 0 && labels[m] >= 0) {  // some rows are right, one of them with a tie
        values[m * std::size_t(width) + std::size_t(labels[m])] = 9.5f;
        values[(m + 1) * std::size_t(width) - 1] = 9.5f;
      }
    }
    logits_ = &floats({{rows, width}, dtype}, values);
    targets_ = &integers({rows}, labels);
    count_ = &integers({1}, {rows - rows / 4});
    loss_ = &floats({{1}}, {100.0f});
    correct_ = &integers({1}, {50});
    row_nll_ = &blank({{rows}});
  }

  void run_with(const CrossEntropyOptions& options) {
    run([&](Context& context, auto on) {
      cross_entropy(context,
                    {.logits = on(*logits_),
                     .targets = on(*targets_),
                     .count = on(*count_),
                     .loss = on(*loss_),
                     .correct = on(*correct_),
                     .row_nll = on(*row_nll_)},
                    options);
    });
  }

  Twin *logits_, *targets_, *count_, *loss_, *correct_, *row_nll_;
};

TEST_P(CudaCrossEntropy, AgreesWithTheCpu) {
  run_with({.scale = 0.3f});
  expect_close(*logits_, 1e-9, 1e-6);
  expect_close(*loss_, 1e-6, 1e-6);
  expect_close(*row_nll_, 1e-6, 1e-6);
  expect_same(*correct_);
}

TEST_P(CudaCrossEntropy, AddsToWhatThereIsAndLeavesLogitsAlone) {
  run_with({.gradient = false, .accumulate = true});
  expect_same(*logits_);
  EXPECT_EQ(logits_->result, logits_->start);
  expect_close(*loss_, 1e-6, 1e-6);
  expect_same(*correct_);
}

TEST_P(CudaCrossEntropy, NeedsNothingOptional) {
  run([&](Context& context, auto on) {
    cross_entropy(context, {.logits = on(*logits_), .targets = on(*targets_), .loss = on(*loss_)},
                  {.scale = -2.0f});
  });
  expect_close(*logits_, 1e-9, 1e-6);
  expect_close(*loss_, 1e-6, 1e-6);
}

TEST_P(CudaCrossEntropy, MultipliesTheGradientByAFactorFromMemory) {
  Twin& factor = floats({{1}}, {-0.375f});
  run([&](Context& context, auto on) {
    cross_entropy(context,
                  {.logits = on(*logits_),
                   .targets = on(*targets_),
                   .count = on(*count_),
                   .factor = on(factor),
                   .loss = on(*loss_)},
                  {});
  });
  expect_close(*logits_, 1e-9, 1e-6);
}

// Rows of more columns than classes: some begin at multiples of 16 bytes, some do not.
TEST_P(CudaCrossEntropy, LeavesPaddingAndIgnoredRowsAlone) {
  const auto [dtype, rows, width] = GetParam();
  for (const int pitch : {width + 1, (width + 8) / 8 * 8}) {
    std::vector<float> values;
    for (int m = 0; m < rows; ++m) {
      const std::vector<float> row = random_floats(width, std::uint64_t(m) + 1, -9.0f, 9.0f);
      const bool ignored = m % 4 == 3;
      values.insert(values.end(), row.begin(), row.end());
      values.resize(std::size_t((m + 1) * pitch), 1e30f);
      std::fill(values.end() - (ignored ? pitch : 0), values.end(), 2e30f);
    }
    Twin& logits = floats({{rows, pitch}, dtype}, values);
    run([&](Context& context, auto on) {
      cross_entropy(context,
                    {.logits = on(logits),
                     .targets = on(*targets_),
                     .count = on(*count_),
                     .loss = on(*loss_),
                     .correct = on(*correct_),
                     .row_nll = on(*row_nll_)},
                    {.clear_ignored = false, .classes = width});
    });
    expect_close(logits, 1e-9, 1e-6);
    expect_close(*loss_, 1e-6, 1e-6);
    expect_close(*row_nll_, 1e-6, 1e-6);
    expect_same(*correct_);
    const std::vector<float> got = on_cuda<float>(logits);
    for (std::size_t i = 0; i < got.size(); ++i) {
      const bool ignored = i / std::size_t(pitch) % 4 == 3;
      const bool padding = i % std::size_t(pitch) >= std::size_t(width);
      ASSERT_EQ(got[i] > 1e29f, ignored || padding) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaCrossEntropy,
                         testing::Combine(testing::Values(DType::f32),
                                          testing::Values(0, 1, 31, 33),
                                          testing::Values(1, 32, 33, 1001)));
INSTANTIATE_TEST_SUITE_P(Bf16, CudaCrossEntropy,
                         testing::Combine(testing::Values(DType::bf16), testing::Values(0, 9),
                                          testing::Values(1, 33, 301)));

using CudaCrossEntropyErrors = CudaAgreement;

TEST_F(CudaCrossEntropyErrors, SumsInBf16AndBf16OnTheCpuAreRefused) {
  const Tensor logits = blank({{2, 3}, DType::bf16}).cuda.tensor;
  const Twin& targets = integers({2}, {0, 1});
  const Twin& loss = blank({{1}});
  const Tensor narrow = blank({{1}, DType::bf16}).cuda.tensor;
  const Tensor row_nll = blank({{2}, DType::bf16}).cuda.tensor;
  EXPECT_THROW(
      cross_entropy(cuda_context(),
                    {.logits = logits, .targets = targets.cuda.tensor, .loss = narrow}, {}),
      ArgumentError);
  EXPECT_THROW(cross_entropy(cuda_context(),
                             {.logits = logits,
                              .targets = targets.cuda.tensor,
                              .loss = loss.cuda.tensor,
                              .row_nll = row_nll},
                             {}),
               ArgumentError);
  const OwnedTensor x(Device::cpu(), {{2, 3}, DType::bf16});
  EXPECT_THROW(
      cross_entropy(cpu_context(),
                    {.logits = x.tensor, .targets = targets.cpu.tensor, .loss = loss.cpu.tensor},
                    {}),
      ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
