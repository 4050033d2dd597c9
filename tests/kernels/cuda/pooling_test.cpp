#include "kernels/pooling.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

using CudaPooling = CudaAgreement;

// A grid has 65535 rows of blocks, each of which takes one plane at a time.
TEST_F(CudaPooling, WalksAlongMorePlanesThanAGridHasRows) {
  const PoolingProblem problem{.x = {{1, 70000, 2, 1}}, .window = {2, 1, 2, 1}, .backward = true};
  const auto kernel = plan_pooling(cuda_context(), problem);
  Twin& x = random(kernel->x_spec(), 1);
  Twin& y = blank(kernel->y_spec());
  Twin& saved = blank({{std::int64_t(kernel->saved_bytes())}, DType::u8});
  Twin& dy = random(kernel->y_spec(), 2);
  Twin& dx = blank(kernel->x_spec());
  run([&](Context& context, auto on) {
    const auto planned = plan_pooling(context, problem);
    planned->forward(context, {on(x), on(y), on(saved), {}});
    planned->backward(context, {on(dy), on(saved), on(dx), {}});
  });
  expect_same(y);
  expect_same(saved);
  expect_same(dx);
}

constexpr Layout kLayouts[] = {Layout::plain, Layout::nhwc, Layout::blocked8, Layout::blocked16};

struct PoolingCase {
  Shape x;
  Window window;
  Rounding rounding = Rounding::down;
};

const PoolingCase kCases[] = {
    {{1, 1, 1, 1}, Window::square(1)},
    {{2, 31, 9, 7}, Window::square(2, 2)},
    {{2, 33, 13, 13}, Window::square(3, 2), Rounding::up},
    {{1, 40, 7, 9}, Window::square(3, 1, 1)},
    {{1, 12, 20, 20}, Window::square(17, 2, 3)},  // more than 256 taps
};

class CudaPoolingLayouts
    : public CudaAgreement,
      public testing::WithParamInterface<std::tuple<DType, PoolingKind, Layout>> {};

// Both add in the order of the windows.
TEST_P(CudaPoolingLayouts, GiveTheBitsOfTheCpu) {
  const auto [dtype, kind, layout] = GetParam();
  for (const PoolingCase& test : kCases) {
    SCOPED_TRACE(test.x);
    PoolingProblem problem{.x = {test.x, dtype, layout},
                           .kind = kind,
                           .window = test.window,
                           .rounding = test.rounding,
                           .backward = true};
    const auto kernel = plan_pooling(cuda_context(), problem);
    EXPECT_EQ(kernel->y_spec().dtype, dtype);
    Twin& x = random(kernel->x_spec(), 1);
    Twin& y = blank(kernel->y_spec());
    Twin& saved = blank({{std::int64_t(kernel->saved_bytes())}, DType::u8});
    Twin& dy = random(kernel->y_spec(), 2);
    Twin& dx = blank(kernel->x_spec());
    run([&](Context& context, auto on) {
      problem.x.dtype = on(x).spec.dtype;
      const auto planned = plan_pooling(context, problem);
      planned->forward(context, {on(x), on(y), on(saved), {}});
      planned->backward(context, {on(dy), on(saved), on(dx), {}});
    });
    expect_same(y);
    expect_same(saved);
    expect_same(dx);
  }
}

INSTANTIATE_TEST_SUITE_P(Types, CudaPoolingLayouts,
                         testing::Combine(testing::ValuesIn(kElementTypes),
                                          testing::Values(PoolingKind::maximum,
                                                          PoolingKind::average),
                                          testing::ValuesIn(kLayouts)));

TEST_F(CudaPooling, MixedTypesAndBf16OnTheCpuAreRefused) {
  const PoolingProblem problem{.x = {{1, 2, 4, 4}, DType::bf16},
                               .kind = PoolingKind::average,
                               .window = Window::square(2, 2),
                               .backward = true};
  EXPECT_THROW(plan_pooling(cpu_context(), problem), ArgumentError);
  const auto kernel = plan_pooling(cuda_context(), problem);
  const Tensor x = blank(kernel->x_spec()).cuda.tensor;
  const Tensor y = blank(kernel->y_spec()).cuda.tensor;
  const Tensor wide = blank({kernel->y_spec().shape}).cuda.tensor;
  EXPECT_THROW(kernel->forward(cuda_context(), {x, wide, {}, {}}), ArgumentError);
  EXPECT_THROW(kernel->backward(cuda_context(), {wide, {}, x, {}}), ArgumentError);
  EXPECT_NO_THROW(kernel->forward(cuda_context(), {x, y, {}, {}}));
}

}  // namespace
}  // namespace lrcn::test
