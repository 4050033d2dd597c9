#include "kernels/elementwise.h"

#include "kernels/scale_by_tensor.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

class CudaElementwise : public CudaAgreement,
                        public testing::WithParamInterface<std::tuple<DType, std::int64_t>> {
 protected:
  TensorSpec spec() const { return {{std::get<1>(GetParam())}, std::get<0>(GetParam())}; }
};

TEST_P(CudaElementwise, FillsAndCopies) {
  Twin& filled = blank(spec());
  Twin& x = random(spec(), 1);
  Twin& copy = blank(spec());
  run([&](Context& context, auto on) {
    fill_with(context, on(filled), 2.5f);
    copy_to(context, on(x), on(copy));
    copy_to(context, on(x), on(x));
  });
  expect_same(filled);
  expect_same(copy);
}

TEST_P(CudaElementwise, CopiesBytes) {
  const TensorSpec bytes{spec().shape, DType::u8};
  Twin& x = blank(bytes);
  Twin& y = blank(bytes);
  x.start.assign(x.start.size(), std::byte{7});
  run([&](Context& context, auto on) { copy_to(context, on(x), on(y)); });
  expect_same(y);
}

TEST_P(CudaElementwise, ScalesAlsoInPlaceAndByATensor) {
  Twin& x = random(spec(), 1);
  Twin& in_place = random(spec(), 2);
  Twin& factor = floats({{1}}, {-0.3f});
  Twin& y = blank(spec());
  Twin& z = blank(spec());
  run([&](Context& context, auto on) {
    scale_by(context, on(x), -1.7f, on(y));
    scale_by(context, on(in_place), 0.1f, on(in_place));
    scale_by_tensor(context, on(x), on(factor), on(z));
  });
  expect_same(y);
  expect_same(in_place);
  expect_same(z);
}

TEST_P(CudaElementwise, AddsFromLeftToRight) {
  Twin& a = random(spec(), 1);
  Twin& b = random(spec(), 2, -1e6f, 1e6f);
  Twin& c = random(spec(), 3);
  Twin& one = blank(spec());
  Twin& two = blank(spec());
  Twin& three = blank(spec());
  Twin& added = random(spec(), 4);
  run([&](Context& context, auto on) {
    const std::vector<Tensor> inputs = {on(a), on(b), on(c)};
    sum_of(context, std::span(inputs).first(1), on(one));
    sum_of(context, std::span(inputs).first(2), on(two));
    sum_of(context, inputs, on(three));
    add_in_place(context, on(a), on(added));
  });
  expect_same(one);
  expect_same(two);
  expect_same(three);
  expect_same(added);
}

// More than one kernel adds at a time; between two of them bf16 is rounded once more.
TEST_P(CudaElementwise, AddsManyTensors) {
  std::vector<Twin*> x;
  for (std::uint64_t i = 0; i < 17; ++i) {
    x.push_back(&random(spec(), i + 1));
  }
  Twin& eight = blank(spec());
  Twin& all = blank(spec());
  Twin& in_place = *x[0];
  run([&](Context& context, auto on) {
    std::vector<Tensor> inputs;
    for (const Twin* input : x) {
      inputs.push_back(on(*input));
    }
    sum_of(context, std::span(inputs).first(8), on(eight));
    sum_of(context, inputs, on(all));
    sum_of(context, inputs, on(in_place));
  });
  expect_same(eight);
  if (spec().dtype == DType::f32) {
    expect_same(all);
    expect_same(in_place);
  } else {  // of partial sums below 17
    expect_close(all, 2.0 * 17.0 * 0x1p-8, 0.0);
    expect_close(in_place, 2.0 * 17.0 * 0x1p-8, 0.0);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaElementwise,
                         testing::Combine(testing::ValuesIn(kElementTypes),
                                          testing::ValuesIn(kCudaSizes)));

using CudaElementwiseViews = CudaAgreement;

TEST_F(CudaElementwiseViews, NeedNoAlignment) {
  for (const DType dtype : kElementTypes) {
    Twin& x = random({{1000}, dtype}, 1);
    Twin& y = blank({{1000}, dtype});
    run([&](Context& context, auto on) {
      scale_by(context, on(x).rows(3, 998), 3.0f, on(y).rows(4, 999));
    });
    expect_same(y);
  }
}

TEST_F(CudaElementwiseViews, FillKeepsThePaddingZero) {
  for (const DType dtype : kElementTypes) {
    Twin& eight = blank({{2, 9, 3, 2}, dtype, Layout::blocked8});
    Twin& sixteen = blank({{1, 17, 1, 2}, dtype, Layout::blocked16});
    run([&](Context& context, auto on) {
      fill_with(context, on(eight), 3.0f);
      fill_with(context, on(sixteen), 3.0f);
    });
    expect_same(eight);
    expect_same(sixteen);
  }
}

TEST_F(CudaElementwiseViews, MismatchesAreRefused) {
  const Twin& x = blank({{2}});
  const Twin& y = blank({{3}});
  Context& context = cuda_context();
  const std::vector<Tensor> unequal = {x.cuda.tensor, y.cuda.tensor};
  EXPECT_THROW(sum_of(context, {}, x.cuda.tensor), ArgumentError);
  EXPECT_THROW(sum_of(context, unequal, x.cuda.tensor), ArgumentError);
  EXPECT_THROW(add_in_place(context, x.cuda.tensor, y.cuda.tensor), ArgumentError);
  EXPECT_THROW(copy_to(context, x.cuda.tensor, y.cuda.tensor), ArgumentError);
  EXPECT_THROW(scale_by(context, x.cuda.tensor, 2.0f, y.cuda.tensor), ArgumentError);
  EXPECT_THROW(scale_by_tensor(context, x.cuda.tensor, x.cuda.tensor, x.cuda.tensor),
               ArgumentError);
  EXPECT_THROW(fill_with(context, Tensor{nullptr, {{2}}, Device::cuda(0)}, 1.0f), ArgumentError);
}

TEST_F(CudaElementwiseViews, MixedTypesAndBf16OnTheCpuAreRefused) {
  const Tensor wide = blank({{2}}).cuda.tensor;
  const Tensor narrow = blank({{2}, DType::bf16}).cuda.tensor;
  Context& context = cuda_context();
  const std::vector<Tensor> mixed = {narrow, wide};
  EXPECT_THROW(copy_to(context, narrow, wide), ArgumentError);
  EXPECT_THROW(scale_by(context, narrow, 2.0f, wide), ArgumentError);
  EXPECT_THROW(sum_of(context, mixed, narrow), ArgumentError);
  EXPECT_THROW(add_in_place(context, narrow, wide), ArgumentError);
  EXPECT_THROW(scale_by_tensor(context, narrow, narrow.rows(0, 1), narrow), ArgumentError);
  const OwnedTensor x(Device::cpu(), {{2}, DType::bf16});
  EXPECT_THROW(fill_with(cpu_context(), x.tensor, 1.0f), ArgumentError);
  EXPECT_THROW(scale_by(cpu_context(), x.tensor, 2.0f, x.tensor), ArgumentError);
  EXPECT_THROW(add_in_place(cpu_context(), x.tensor, x.tensor), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
