// Layout changes against the definition of the layouts.
#include "kernels/reorder.h"

#include <gtest/gtest.h>

#include "tests/reference/guarded_tensor.h"
#include "tests/reference/layout.h"
#include "tests/reference/values.h"

namespace lrcn::test {
namespace {

constexpr Layout kLayouts[] = {Layout::plain, Layout::nhwc, Layout::blocked8, Layout::blocked16};

const Shape kShapes[] = {
    {1, 1, 1, 1},    {1, 3, 5, 7},    {2, 7, 1, 8},  {1, 8, 8, 8},
    {2, 9, 3, 3},    {1, 16, 2, 9},   {2, 31, 4, 5}, {1, 32, 17, 16},
    {3, 33, 1, 31},  {1, 24, 33, 32}, {1, 40, 1, 1}, {2, 512, 7, 7},
    {1, 64, 23, 24}, {0, 3, 4, 4},    {1, 0, 4, 4},  {2, 16, 0, 5},
};

TEST(Reorder, KeepsEveryElementBetweenAllLayouts) {
  Context context(Device::cpu());
  for (const Shape& shape : kShapes) {
    const auto values = make_values(Values::real, shape.elements(), 1);
    for (const Layout from : kLayouts) {
      for (const Layout to : kLayouts) {
        SCOPED_TRACE(concat(shape, " from ", from, " to ", to));
        GuardedTensor x({shape, DType::f32, from});
        GuardedTensor y({shape, DType::f32, to});
        store(values, x);
        reorder(context, x, y);
        EXPECT_EQ(values_of(y), values);
        EXPECT_TRUE(padding_is_zero(y));
        EXPECT_TRUE(x.intact() && y.intact());
      }
    }
  }
}

TEST(Reorder, ZeroesThePaddingWhateverTheSourceHolds) {
  Context context(Device::cpu());
  GuardedTensor x({{1, 3, 2, 2}, DType::f32, Layout::blocked8});
  GuardedTensor y({{1, 3, 2, 2}, DType::f32, Layout::blocked16});
  std::ranges::fill(x.values(), 5.0f);
  reorder(context, x, y);
  EXPECT_TRUE(padding_is_zero(y));
  EXPECT_EQ(values_of(y), std::vector<double>(12, 5.0));
}

TEST(Reorder, CopiesPlainTensorsOfAnyRank) {
  Context context(Device::cpu());
  GuardedTensor x(TensorSpec{{3, 5}});
  GuardedTensor y(TensorSpec{{3, 5}});
  store(make_values(Values::real, 15, 1), x);
  reorder(context, x, y);
  EXPECT_EQ(values_of(y), values_of(x));
}

TEST(Reorder, RefusesOtherShapesAndTypes) {
  Context context(Device::cpu());
  GuardedTensor image(TensorSpec{{1, 3, 2, 2}});
  GuardedTensor other(TensorSpec{{1, 2, 3, 2}});
  GuardedTensor bytes(TensorSpec{{1, 3, 2, 2}, DType::u8});
  GuardedTensor flat(TensorSpec{{12}});
  GuardedTensor flat_nhwc(TensorSpec{{12}, DType::f32, Layout::nhwc});
  EXPECT_THROW(reorder(context, image, other), ArgumentError);
  EXPECT_THROW(reorder(context, image, bytes), ArgumentError);
  EXPECT_THROW(reorder(context, bytes, bytes), ArgumentError);
  EXPECT_THROW(reorder(context, flat, flat_nhwc), ArgumentError);
  EXPECT_THROW(reorder(context, image, Tensor{nullptr, image.tensor().spec, Device::cpu()}),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
