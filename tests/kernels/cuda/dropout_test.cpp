#include "kernels/dropout.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

class CudaDropout : public CudaAgreement,
                    public testing::WithParamInterface<std::tuple<DType, std::int64_t>> {};

TEST_P(CudaDropout, DropsWhatTheCpuDrops) {
  state_ = {.seed = 0x123456789abcull, .step = 1ull << 33};
  const auto [dtype, size] = GetParam();
  Twin& x = random({{size}, dtype}, 1);
  Twin& y = blank({{size}, dtype});
  for (const float probability : {0.0f, 0.3f, 0.999f}) {
    run([&](Context& context, auto on) {
      dropout_forward(context, on(x), on(y),
                      {.probability = probability, .stream = stream_of("fc6")});
      dropout_backward(context, on(x), on(x), {.probability = probability, .stream = 5});
    });
    expect_same(y);
    expect_same(x);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaDropout,
                         testing::Combine(testing::ValuesIn(kElementTypes),
                                          testing::ValuesIn(kCudaSizes)));

using CudaDropoutErrors = CudaAgreement;

TEST_F(CudaDropoutErrors, MixedTypesAndBf16OnTheCpuAreRefused) {
  const Tensor wide = blank({{4}}).cuda.tensor;
  const Tensor narrow = blank({{4}, DType::bf16}).cuda.tensor;
  EXPECT_THROW(dropout_forward(cuda_context(), narrow, wide, {}), ArgumentError);
  EXPECT_THROW(dropout_backward(cuda_context(), wide, narrow, {}), ArgumentError);
  const OwnedTensor x(Device::cpu(), {{4}, DType::bf16});
  EXPECT_THROW(dropout_forward(cpu_context(), x.tensor, x.tensor, {}), ArgumentError);
}

TEST_F(CudaDropoutErrors, AProbabilityOfOneIsRefused) {
  const Twin& x = blank({{4}});
  EXPECT_THROW(dropout_forward(cuda_context(), x.cuda.tensor, x.cuda.tensor, {.probability = 1.0f}),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
