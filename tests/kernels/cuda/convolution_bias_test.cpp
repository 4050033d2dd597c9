#include "kernels/cuda/convolution_bias.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

using CudaConvolutionBias = CudaAgreement;

// One rounding for each result: the same bits as on the host.
TEST_F(CudaConvolutionBias, AddsTheBiasOfEachChannelAndClips) {
  for (const auto& [rows, columns] : {std::pair<int, int>{1, 1}, {7, 31}, {33, 32}, {40, 65}}) {
    for (const bool has_bias : {true, false}) {
      for (const bool relu : {true, false}) {
        SCOPED_TRACE(concat(rows, " x ", columns, ", bias ", has_bias, ", ReLU ", relu));
        const std::vector<float> sums = random_floats(rows * columns, 1);
        const std::vector<float> bias_values = random_floats(columns, 2);
        Twin& y = floats({{rows, columns}}, sums);
        Twin& bias = floats({{columns}}, bias_values);
        run_on_cuda([&](Context& context, auto on) {
          cuda::add_bias_and_activate(context,
                                      {.y = on(y).template as<float>(),
                                       .bias = has_bias ? on(bias).template as<float>() : nullptr,
                                       .relu = relu,
                                       .rows = rows,
                                       .columns = columns});
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

}  // namespace
}  // namespace lrcn::test
