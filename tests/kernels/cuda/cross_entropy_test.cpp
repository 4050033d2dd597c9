#include "kernels/cross_entropy.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

class CudaCrossEntropy : public CudaAgreement,
                         public testing::WithParamInterface<std::tuple<int, int>> {
 protected:
  void SetUp() override {
    CudaAgreement::SetUp();
    if (IsSkipped()) {
      return;
    }
    const auto [rows, width] = GetParam();
    std::vector<std::int32_t> labels(static_cast<std::size_t>(rows));
    std::vector<float> values = random_floats(rows * width, 1, -9.0f, 9.0f);
    for (std::size_t m = 0; m < labels.size(); ++m) {
      labels[m] = m % 4 == 3 ? -1 : std::int32_t(m * 7 % std::size_t(width));
      if (m % 2 == 0 && labels[m] >= 0) {  // some rows are right, one of them with a tie
        values[m * std::size_t(width) + std::size_t(labels[m])] = 9.5f;
        values[(m + 1) * std::size_t(width) - 1] = 9.5f;
      }
    }
    logits_ = &floats({{rows, width}}, values);
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

INSTANTIATE_TEST_SUITE_P(Sizes, CudaCrossEntropy,
                         testing::Combine(testing::Values(0, 1, 31, 33),
                                          testing::Values(1, 32, 33, 1001)));

}  // namespace
}  // namespace lrcn::test
