#include "kernels/cuda/bias_activation.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

using CudaBiasActivation = CudaAgreement;

// One rounding for each result: the same bits as on the host.
TEST_F(CudaBiasActivation, AddsTheBiasOfEachChannelAndClips) {
  for (const auto& [rows, columns] : {std::pair<int, int>{1, 1}, {7, 31}, {33, 32}, {40, 65}}) {
    for (const bool has_bias : {true, false}) {
      for (const bool relu : {true, false}) {
        SCOPED_TRACE(concat(rows, " x ", columns, ", bias ", has_bias, ", ReLU ", relu));
        const std::vector<float> sums = random_floats(rows * columns, 1);
        const std::vector<float> bias_values = random_floats(columns, 2);
        Twin& y = floats({{rows, columns}}, sums);
        Twin& bias = floats({{columns}}, bias_values);
        run_on_cuda([&](Context& context, auto on) {
          cuda::add_bias_and_activate(context, on(y), has_bias ? on(bias) : Tensor{}, relu);
        });
        const std::vector<float> got = on_cuda<float>(y);
        for (std::size_t i = 0; i < got.size(); ++i) {
          const float sum = sums[i] + (has_bias ? bias_values[i % std::size_t(columns)] : 0.0f);
          ASSERT_EQ(got[i], relu ? std::max(sum, 0.0f) : sum) << "at " << i;
        }
      }
    }
  }
}

TEST_F(CudaBiasActivation, LeavesTheColumnsWithoutABiasAlone) {
  Twin& y = floats({{2, 3}}, {1, 2, -9, 3, -4, -9});
  Twin& bias = floats({{2}}, {10, 1});
  run_on_cuda([&](Context& context, auto on) {
    cuda::add_bias_and_activate(context, on(y), on(bias), true);
  });
  EXPECT_EQ(on_cuda<float>(y), (std::vector<float>{11, 3, -9, 13, 0, -9}));
}

TEST_F(CudaBiasActivation, RoundsOnceToBf16) {
  constexpr int kRows = 9;
  constexpr int kColumns = 37;
  std::vector<BFloat16> sums(kRows * kColumns);
  const std::vector<float> values = random_floats(kRows * kColumns, 3);
  std::transform(values.begin(), values.end(), sums.begin(), to_bfloat16);
  const std::vector<float> bias_values = random_floats(kColumns, 4);
  const OwnedTensor y(Device::cuda(0), {{kRows, kColumns}, DType::bf16});
  const OwnedTensor bias(Device::cuda(0), {{kColumns}});
  upload(y.tensor, sums.data());
  upload(bias.tensor, bias_values.data());
  cuda::add_bias_and_activate(cuda_context(), y.tensor, bias.tensor, true);
  cuda_context().synchronize();
  std::vector<BFloat16> got(sums.size());
  download(got.data(), y.tensor);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const float sum = to_float(sums[i]) + bias_values[i % kColumns];
    ASSERT_EQ(got[i].bits, to_bfloat16(std::max(sum, 0.0f)).bits) << "at " << i;
  }
}

}  // namespace
}  // namespace lrcn::test
