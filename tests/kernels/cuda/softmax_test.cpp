#include "kernels/softmax.h"

#include <limits>

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

// Both sum the same exponentials in another order.
constexpr double kRelative = 1e-6;

class CudaSoftmax : public CudaAgreement,
                    public testing::WithParamInterface<std::tuple<DType, int, int>> {};

TEST_P(CudaSoftmax, AgreesWithTheCpu) {
  const auto [dtype, rows, width] = GetParam();
  const TensorSpec spec{{rows, width}, dtype};
  Twin& x = random(spec, 1, -20.0f, 20.0f);
  Twin& dy = random(spec, 2);
  Twin& y = blank(spec);
  Twin& dx = blank(spec);
  Twin& log_y = blank(spec);
  Twin& log_dx = blank(spec);
  // The gradients start from results of their own: those of the two devices may differ in the last
  // bit of bf16.
  Twin& given = random(spec, 4, 0.0f, 1.0f);
  Twin& log_given = random(spec, 5, -20.0f, 0.0f);
  run([&](Context& context, auto on) {
    softmax_forward(context, on(x), on(y));
    softmax_backward(context, on(given), on(dy), on(dx));
    log_softmax_forward(context, on(x), on(log_y));
    log_softmax_backward(context, on(log_given), on(dy), on(log_dx));
  });
  expect_close(y, 1e-37, kRelative);
  expect_close(dx, 1e-7, kRelative);
  expect_close(log_y, 2e-6, kRelative);
  expect_close(log_dx, 4e-6 * width, kRelative);
}

TEST_P(CudaSoftmax, WorksInPlace) {
  const auto [dtype, rows, width] = GetParam();
  const TensorSpec spec{{rows, width}, dtype};
  Twin& x = random(spec, 1, -3.0f, 3.0f);
  Twin& dy = random(spec, 2);
  Twin& log_x = random(spec, 3, -3.0f, 3.0f);
  Twin& given = random(spec, 4, 0.0f, 1.0f);
  run([&](Context& context, auto on) {
    softmax_forward(context, on(x), on(x));
    softmax_backward(context, on(given), on(dy), on(dy));
    log_softmax_forward(context, on(log_x), on(log_x));
  });
  expect_close(x, 1e-37, kRelative);
  expect_close(dy, 1e-7, kRelative);
  expect_close(log_x, 2e-6, kRelative);
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaSoftmax,
                         testing::Combine(testing::Values(DType::f32), testing::Values(0, 1, 5),
                                          testing::Values(1, 31, 32, 33, 129, 10003)));
INSTANTIATE_TEST_SUITE_P(Bf16, CudaSoftmax,
                         testing::Combine(testing::Values(DType::bf16), testing::Values(0, 3),
                                          testing::Values(1, 33, 129, 1003)));

using CudaSoftmaxRows = CudaAgreement;

TEST_F(CudaSoftmaxRows, RowsThatAreNotFiniteGiveWhatTheCpuGives) {
  const float inf = std::numeric_limits<float>::infinity();
  for (const DType dtype : kElementTypes) {
    SCOPED_TRACE(dtype);
    Twin& x = floats({{5, 3}, dtype}, {0.0f, -inf, 1.0f,  //
                                       NAN, 1.0f, 2.0f,   //
                                       inf, 1.0f, 2.0f,   //
                                       -inf, -inf, -inf,  //
                                       1e30f, -1e30f, 0.0f});
    Twin& y = blank({{5, 3}, dtype});
    Twin& log_y = blank({{5, 3}, dtype});
    run([&](Context& context, auto on) {
      softmax_forward(context, on(x), on(y));
      log_softmax_forward(context, on(x), on(log_y));
    });
    expect_close(y, 0.0, kRelative);
    expect_close(log_y, 1e-7, kRelative);
  }
}

TEST_F(CudaSoftmaxRows, MixedTypesAndBf16OnTheCpuAreRefused) {
  const Tensor wide = blank({{2, 3}}).cuda.tensor;
  const Tensor narrow = blank({{2, 3}, DType::bf16}).cuda.tensor;
  EXPECT_THROW(softmax_forward(cuda_context(), narrow, wide), ArgumentError);
  EXPECT_THROW(log_softmax_forward(cuda_context(), wide, narrow), ArgumentError);
  EXPECT_THROW(softmax_backward(cuda_context(), narrow, wide, narrow), ArgumentError);
  EXPECT_THROW(log_softmax_backward(cuda_context(), narrow, narrow, wide), ArgumentError);
  const OwnedTensor x(Device::cpu(), {{2, 3}, DType::bf16});
  EXPECT_THROW(softmax_forward(cpu_context(), x.tensor, x.tensor), ArgumentError);
}

TEST_F(CudaSoftmaxRows, AnEmptyLastAxisIsRefused) {
  const Twin& x = blank({{2, 0}});
  EXPECT_THROW(softmax_forward(cuda_context(), x.cuda.tensor, x.cuda.tensor), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
