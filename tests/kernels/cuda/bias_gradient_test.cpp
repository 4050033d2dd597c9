#include "kernels/bias_gradient.h"

#include <limits>

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

class CudaBiasGradient : public CudaAgreement,
                         public testing::WithParamInterface<std::tuple<DType, int, int>> {};

TEST_P(CudaBiasGradient, AddsTheSumsOfTheColumns) {
  const auto [dtype, rows, columns] = GetParam();
  Twin& dy = random({{rows, columns}, dtype}, 1);
  Twin& db = random({{columns}}, 2);
  Twin& scaled = random({{columns}}, 3);
  Twin& factor = floats({{1}}, {0.375f});
  run([&](Context& context, auto on) {
    bias_gradient(context, on(dy), on(db), {});
    bias_gradient(context, on(dy), on(scaled), {.factor = on(factor)});
  });
  // Sums in double differ by their order alone, which the rounding to float rarely shows.
  expect_close(db, 2e-7, 2e-7);
  expect_close(scaled, 2e-7, 2e-7);
}

// What does not count is NaN: rows behind the count, columns behind those of db.
TEST_P(CudaBiasGradient, ReadsTheFirstColumnsOfTheRowsThatCount) {
  const auto [dtype, rows, columns] = GetParam();
  for (const int gap : {1, 2, 7}) {
    for (const int counted : {0, 1, rows - 1, rows, rows + 5}) {
      const int pitch = columns + gap;
      std::vector<float> values = random_floats(rows * pitch, 4);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (int(i) / pitch >= counted || int(i) % pitch >= columns) {
          values[i] = std::numeric_limits<float>::quiet_NaN();
        }
      }
      Twin& dy = floats({{rows, pitch}, dtype}, values);
      Twin& db = random({{columns}}, 2);
      Twin& count = integers({1}, {std::max(counted, 0)});
      run([&](Context& context, auto on) {
        bias_gradient(context, on(dy), on(db), {.count = on(count)});
      });
      expect_close(db, 2e-7, 2e-7);
      EXPECT_TRUE(
          std::ranges::all_of(on_cuda<float>(db), [](float x) { return std::isfinite(x); }));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaBiasGradient,
                         testing::Combine(testing::ValuesIn(kElementTypes),
                                          testing::Values(0, 1, 15, 31, 200),
                                          testing::Values(1, 32, 33, 100)));

using CudaBiasGradientErrors = CudaAgreement;

TEST_F(CudaBiasGradientErrors, AGradientInBf16AndBf16OnTheCpuAreRefused) {
  const Tensor dy = blank({{3, 2}, DType::bf16}).cuda.tensor;
  const Tensor db = blank({{2}}).cuda.tensor;
  const Tensor narrow = blank({{2}, DType::bf16}).cuda.tensor;
  EXPECT_THROW(bias_gradient(cuda_context(), dy, narrow, {}), ArgumentError);
  EXPECT_THROW(bias_gradient(cuda_context(), dy, db, {.factor = narrow.rows(0, 1)}), ArgumentError);
  const OwnedTensor x(Device::cpu(), {{3, 2}, DType::bf16});
  const OwnedTensor sums(Device::cpu(), {{2}});
  EXPECT_THROW(bias_gradient(cpu_context(), x.tensor, sums.tensor, {}), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
