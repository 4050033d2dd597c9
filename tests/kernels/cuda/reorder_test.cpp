#include "kernels/reorder.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

const Layout kLayouts[] = {Layout::plain, Layout::nhwc, Layout::blocked8, Layout::blocked16};
const Shape kShapes[] = {{1, 1, 1, 1},  {2, 3, 5, 7}, {1, 33, 4, 9}, {3, 16, 1, 1},
                         {1, 40, 8, 8}, {0, 3, 2, 2}, {2, 31, 3, 11}};

class CudaReorder : public CudaAgreement,
                    public testing::WithParamInterface<std::tuple<Layout, Layout, Shape>> {};

TEST_P(CudaReorder, MovesWhatTheCpuMoves) {
  const auto& [from, to, shape] = GetParam();
  for (const DType dtype : kElementTypes) {
    SCOPED_TRACE(dtype);
    Twin& x = random({shape, dtype, from}, 1);
    Twin& y = blank({shape, dtype, to});
    run([&](Context& context, auto on) { reorder(context, on(x), on(y)); });
    expect_same(y);
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, CudaReorder,
                         testing::Combine(testing::ValuesIn(kLayouts), testing::ValuesIn(kLayouts),
                                          testing::ValuesIn(kShapes)));

using CudaReorderErrors = CudaAgreement;

TEST_F(CudaReorderErrors, MixedTypesAndBf16OnTheCpuAreRefused) {
  const Tensor wide = blank({{1, 3, 2, 2}, DType::f32, Layout::nhwc}).cuda.tensor;
  const Tensor narrow = blank({{1, 3, 2, 2}, DType::bf16}).cuda.tensor;
  EXPECT_THROW(reorder(cuda_context(), narrow, wide), ArgumentError);
  const OwnedTensor x(Device::cpu(), {{1, 3, 2, 2}, DType::bf16});
  const OwnedTensor y(Device::cpu(), {{1, 3, 2, 2}, DType::bf16, Layout::nhwc});
  EXPECT_THROW(reorder(cpu_context(), x.tensor, y.tensor), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
