#include "kernels/activation.h"

#include <limits>

#include "kernels/leaky_relu.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

struct NamedActivation {
  const char* name;
  Op<ActivationForwardFunction> forward;
  Op<ActivationBackwardFunction> backward;
};

const NamedActivation kActivations[] = {{"relu", relu_forward, relu_backward},
                                        {"sigmoid", sigmoid_forward, sigmoid_backward},
                                        {"tanh", tanh_forward, tanh_backward}};

class CudaActivation : public CudaAgreement,
                       public testing::WithParamInterface<std::tuple<DType, std::int64_t>> {
 protected:
  TensorSpec spec() const { return {{std::get<1>(GetParam())}, std::get<0>(GetParam())}; }
};

TEST_P(CudaActivation, GivesTheBitsOfTheCpu) {
  for (const NamedActivation& f : kActivations) {
    SCOPED_TRACE(f.name);
    Twin& x = random(spec(), 1, -8.0f, 8.0f);
    Twin& dy = random(spec(), 2);
    Twin& y = blank(spec());
    Twin& dx = blank(spec());
    run([&](Context& context, auto on) {
      f.forward(context, on(x), on(y));
      settle(context, y);
      f.backward(context, on(y), on(dy), on(dx));
      f.forward(context, on(x), on(x));
      f.backward(context, on(y), on(dy), on(dy));
    });
    expect_same(y);
    expect_same(dx);
    expect_same(x);
    expect_same(dy);
  }
}

TEST_P(CudaActivation, LeakyReluGivesTheBitsOfTheCpu) {
  Twin& x = random(spec(), 1);
  Twin& dy = random(spec(), 2);
  Twin& y = blank(spec());
  Twin& dx = blank(spec());
  run([&](Context& context, auto on) {
    leaky_relu_forward(context, on(x), 0.01f, on(y));
    settle(context, y);
    leaky_relu_backward(context, on(y), on(dy), 0.01f, on(dx));
  });
  expect_same(y);
  expect_same(dx);
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaActivation,
                         testing::Combine(testing::ValuesIn(kElementTypes),
                                          testing::ValuesIn(kCudaSizes)));

using CudaActivationValues = CudaAgreement;

TEST_F(CudaActivationValues, AgreeAtTheEndsOfTheFloats) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {0.0f,  -0.0f,  inf,   -inf,    NAN,   1e-40f, -1e-40f,
                                     1e30f, -1e30f, 88.9f, -103.9f, 1e-8f, -1e-8f};
  for (const DType dtype : kElementTypes) {
    SCOPED_TRACE(dtype);
    const TensorSpec spec{{std::int64_t(values.size())}, dtype};
    Twin& x = floats(spec, values);
    Twin* y[] = {&blank(spec), &blank(spec), &blank(spec)};
    run([&](Context& context, auto on) {
      for (int i = 0; i < 3; ++i) {
        kActivations[i].forward(context, on(x), on(*y[i]));
      }
    });
    for (const Twin* result : y) {
      expect_close(*result, 0.0, 0.0);
    }
  }
}

TEST_F(CudaActivationValues, ThePaddingOfBlocksStaysZero) {
  for (const DType dtype : kElementTypes) {
    const TensorSpec spec{{2, 11, 2, 3}, dtype, Layout::blocked8};
    Twin& x = floats(spec, std::vector<float>(spec.bytes() / size_of(dtype), 0.0f));
    Twin& y = blank(spec);
    run([&](Context& context, auto on) { sigmoid_forward(context, on(x), on(y)); });
    expect_same(y);
  }
}

TEST_F(CudaActivationValues, MixedTypesAndBf16OnTheCpuAreRefused) {
  const Tensor wide = blank({{4}}).cuda.tensor;
  const Tensor narrow = blank({{4}, DType::bf16}).cuda.tensor;
  for (const NamedActivation& f : kActivations) {
    SCOPED_TRACE(f.name);
    EXPECT_THROW(f.forward(cuda_context(), narrow, wide), ArgumentError);
    EXPECT_THROW(f.backward(cuda_context(), narrow, wide, narrow), ArgumentError);
    EXPECT_THROW(f.backward(cuda_context(), wide, wide, narrow), ArgumentError);
    const OwnedTensor x(Device::cpu(), {{4}, DType::bf16});
    EXPECT_THROW(f.forward(cpu_context(), x.tensor, x.tensor), ArgumentError);
    EXPECT_THROW(f.backward(cpu_context(), x.tensor, x.tensor, x.tensor), ArgumentError);
  }
  EXPECT_THROW(leaky_relu_forward(cuda_context(), narrow, 0.1f, wide), ArgumentError);
  EXPECT_THROW(leaky_relu_backward(cuda_context(), narrow, wide, 0.1f, narrow), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
