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

class CudaActivation : public CudaAgreement, public testing::WithParamInterface<std::int64_t> {
 protected:
  TensorSpec spec() const { return {{GetParam()}}; }
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
    leaky_relu_backward(context, on(y), on(dy), 0.01f, on(dx));
  });
  expect_same(y);
  expect_same(dx);
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaActivation, testing::ValuesIn(kCudaSizes));

using CudaActivationValues = CudaAgreement;

TEST_F(CudaActivationValues, AgreeAtTheEndsOfTheFloats) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {0.0f,  -0.0f,  inf,   -inf,    NAN,   1e-40f, -1e-40f,
                                     1e30f, -1e30f, 88.9f, -103.9f, 1e-8f, -1e-8f};
  Twin& x = floats({{std::int64_t(values.size())}}, values);
  Twin* y[] = {&blank({x.cpu.tensor.spec}), &blank({x.cpu.tensor.spec}),
               &blank({x.cpu.tensor.spec})};
  run([&](Context& context, auto on) {
    for (int i = 0; i < 3; ++i) {
      kActivations[i].forward(context, on(x), on(*y[i]));
    }
  });
  for (const Twin* result : y) {
    expect_close(*result, 0.0, 0.0);
  }
}

TEST_F(CudaActivationValues, ThePaddingOfBlocksStaysZero) {
  const TensorSpec spec{{2, 11, 2, 3}, DType::f32, Layout::blocked8};
  Twin& x = floats(spec, std::vector<float>(spec.bytes() / sizeof(float), 0.0f));
  Twin& y = blank(spec);
  run([&](Context& context, auto on) { sigmoid_forward(context, on(x), on(y)); });
  expect_same(y);
}

}  // namespace
}  // namespace lrcn::test
