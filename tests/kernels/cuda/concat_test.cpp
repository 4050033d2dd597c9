#include "kernels/concat.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

struct ConcatCase {
  std::vector<Shape> parts;
  Shape whole;
  int axis;
};

const ConcatCase kCases[] = {
    {{{1}}, {1}, 0},
    {{{3, 4}, {3, 5}}, {3, 9}, 1},
    {{{3, 4}, {0, 4}, {2, 4}}, {5, 4}, 0},
    {{{2, 1, 33}, {2, 31, 33}}, {2, 32, 33}, -2},
    {{{7, 300}, {7, 1}, {7, 32}}, {7, 333}, -1},
    {{{1, 5000}, {1, 3}}, {1, 5003}, 1},
    {{{0, 2}, {0, 3}}, {0, 5}, 1},
};

class CudaConcat : public CudaAgreement, public testing::WithParamInterface<ConcatCase> {};

TEST_P(CudaConcat, JoinsAndCutsAsTheCpuDoes) {
  std::vector<Twin*> x;
  std::vector<Twin*> dx;
  for (const Shape& shape : GetParam().parts) {
    x.push_back(&random({shape}, x.size() + 1));
    dx.push_back(&blank({shape}));
  }
  Twin& y = blank({GetParam().whole});
  run([&](Context& context, auto on) {
    std::vector<Tensor> parts;
    std::vector<Tensor> gradients;
    for (std::size_t i = 0; i < x.size(); ++i) {
      parts.push_back(on(*x[i]));
      gradients.push_back(on(*dx[i]));
    }
    concat_forward(context, parts, on(y), GetParam().axis);
    gradients.back().data = gradients.size() > 1 ? nullptr : gradients.back().data;
    concat_backward(context, on(y), gradients, GetParam().axis);
  });
  expect_same(y);
  for (const Twin* gradient : dx) {
    expect_same(*gradient);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, CudaConcat, testing::ValuesIn(kCases));

}  // namespace
}  // namespace lrcn::test
