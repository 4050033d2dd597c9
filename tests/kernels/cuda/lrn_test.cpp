#include "kernels/lrn.h"

#include "tests/kernels/cuda/cuda_agreement.h"
#include "tests/reference/values.h"

namespace lrcn::test {
namespace {

constexpr Layout kLayouts[] = {Layout::plain, Layout::nhwc, Layout::blocked8, Layout::blocked16};
const Shape kShapes[] = {{1, 1, 1, 1}, {2, 3, 5, 7}, {1, 33, 6, 6}, {1, 31, 4, 9}};

class CudaLrn : public CudaAgreement,
                public testing::WithParamInterface<std::tuple<DType, Layout>> {};

TEST_P(CudaLrn, AgreesWithTheCpu) {
  const auto [dtype, layout] = GetParam();
  for (const Shape& shape : kShapes) {
    for (const float beta : {0.75f, 0.3f}) {
      SCOPED_TRACE(testing::Message() << shape << ' ' << beta);
      LrnProblem problem{.x = {shape, dtype, layout},
                         .size = 5,
                         .alpha = 1.0f,
                         .beta = beta,
                         .k = 2.0f,
                         .backward = true};
      const TensorSpec spec = problem.x;
      Twin& x = random(spec, 1, -4.0f, 4.0f);
      Twin& dy = random(spec, 2);
      Twin& y = blank(spec);
      Twin& dx = blank(spec);
      run([&](Context& context, auto on) {
        problem.x.dtype = on(x).spec.dtype;
        const auto kernel = plan_lrn(context, problem);
        const OwnedTensor saved(context.device(),
                                {{std::int64_t(kernel->saved_bytes())}, DType::u8});
        const OwnedTensor scratch(context.device(),
                                  {{std::int64_t(kernel->scratch_bytes())}, DType::u8});
        kernel->forward(context, {on(x), on(y), saved.tensor, scratch.tensor});
        kernel->backward(context, {on(x), on(dy), saved.tensor, on(dx), scratch.tensor});
        context.synchronize();
      });
      // The sums of five squares and the powers of both may differ by so much; dx is a difference
      // of parts no larger than 4.
      const double relative = kEpsilon * 13.0 * (1.0 + double(beta));
      expect_close(y, 0.0, 2.0 * relative);
      expect_close(dx, 2.0 * relative * 4.0, 0.0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, CudaLrn,
                         testing::Combine(testing::ValuesIn(kElementTypes),
                                          testing::ValuesIn(kLayouts)));

using CudaLrnErrors = CudaAgreement;

TEST_F(CudaLrnErrors, MixedTypesAndBf16OnTheCpuAreRefused) {
  const LrnProblem problem{.x = {{1, 8, 2, 2}, DType::bf16}};
  EXPECT_THROW(plan_lrn(cpu_context(), problem), ArgumentError);
  const auto kernel = plan_lrn(cuda_context(), problem);
  const Tensor x = blank(kernel->x_spec()).cuda.tensor;
  const Tensor wide = blank({kernel->x_spec().shape}).cuda.tensor;
  EXPECT_THROW(kernel->forward(cuda_context(), {x, wide, {}, {}}), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
