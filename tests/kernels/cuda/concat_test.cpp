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

class CudaConcat : public CudaAgreement,
                   public testing::WithParamInterface<std::tuple<DType, ConcatCase>> {};

TEST_P(CudaConcat, JoinsAndCutsAsTheCpuDoes) {
  const auto& [dtype, test] = GetParam();
  const int axis = test.axis;
  std::vector<Twin*> x;
  std::vector<Twin*> dx;
  for (const Shape& shape : test.parts) {
    x.push_back(&random({shape, dtype}, x.size() + 1));
    dx.push_back(&blank({shape, dtype}));
  }
  Twin& y = blank({test.whole, dtype});
  run([&](Context& context, auto on) {
    std::vector<Tensor> parts;
    std::vector<Tensor> gradients;
    for (std::size_t i = 0; i < x.size(); ++i) {
      parts.push_back(on(*x[i]));
      gradients.push_back(on(*dx[i]));
    }
    concat_forward(context, parts, on(y), axis);
    gradients.back().data = gradients.size() > 1 ? nullptr : gradients.back().data;
    concat_backward(context, on(y), gradients, axis);
  });
  expect_same(y);
  for (const Twin* gradient : dx) {
    expect_same(*gradient);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, CudaConcat,
                         testing::Combine(testing::ValuesIn(kElementTypes),
                                          testing::ValuesIn(kCases)));

using CudaConcatErrors = CudaAgreement;

TEST_F(CudaConcatErrors, MixedTypesAndBf16OnTheCpuAreRefused) {
  const Tensor wide = blank({{2}}).cuda.tensor;
  const Tensor narrow = blank({{2}, DType::bf16}).cuda.tensor;
  const Tensor whole = blank({{4}, DType::bf16}).cuda.tensor;
  const std::vector<Tensor> mixed = {narrow, wide};
  EXPECT_THROW(concat_forward(cuda_context(), mixed, whole, 0), ArgumentError);
  EXPECT_THROW(concat_backward(cuda_context(), whole, mixed, 0), ArgumentError);
  const OwnedTensor x(Device::cpu(), {{2}, DType::bf16});
  EXPECT_THROW(concat_forward(cpu_context(), std::vector<Tensor>{x.tensor}, x.tensor, 0),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
