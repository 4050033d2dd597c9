#include "kernels/elementwise.h"

#include "kernels/scale_by_tensor.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

class CudaElementwise : public CudaAgreement, public testing::WithParamInterface<std::int64_t> {
 protected:
  TensorSpec spec() const { return {{GetParam()}}; }
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
  const TensorSpec bytes{{GetParam()}, DType::u8};
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

INSTANTIATE_TEST_SUITE_P(Sizes, CudaElementwise, testing::ValuesIn(kCudaSizes));

using CudaElementwiseViews = CudaAgreement;

TEST_F(CudaElementwiseViews, NeedNoAlignment) {
  Twin& x = random({{1000}}, 1);
  Twin& y = blank({{1000}});
  run([&](Context& context, auto on) {
    scale_by(context, on(x).rows(3, 998), 3.0f, on(y).rows(4, 999));
  });
  expect_same(y);
}

TEST_F(CudaElementwiseViews, FillKeepsThePaddingZero) {
  Twin& eight = blank({{2, 9, 3, 2}, DType::f32, Layout::blocked8});
  Twin& sixteen = blank({{1, 17, 1, 2}, DType::f32, Layout::blocked16});
  run([&](Context& context, auto on) {
    fill_with(context, on(eight), 3.0f);
    fill_with(context, on(sixteen), 3.0f);
  });
  expect_same(eight);
  expect_same(sixteen);
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

}  // namespace
}  // namespace lrcn::test
