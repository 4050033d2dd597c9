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
  Twin& x = random({shape, DType::f32, from}, 1);
  Twin& y = blank({shape, DType::f32, to});
  run([&](Context& context, auto on) { reorder(context, on(x), on(y)); });
  expect_same(y);
}

INSTANTIATE_TEST_SUITE_P(Layouts, CudaReorder,
                         testing::Combine(testing::ValuesIn(kLayouts), testing::ValuesIn(kLayouts),
                                          testing::ValuesIn(kShapes)));

}  // namespace
}  // namespace lrcn::test
