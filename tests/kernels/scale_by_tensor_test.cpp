#include "kernels/scale_by_tensor.h"

#include <gtest/gtest.h>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

TEST(ScaleByTensor, ReadsItsFactorFromMemory) {
  Context context(Device::cpu());
  const TestTensor x({3}, std::vector<float>{1, -2, 4});
  const TestTensor y{3};
  const TestTensor factor{TensorSpec{}};
  for (const float value : {0.5f, -2.0f}) {
    factor.assign<float>({value});
    scale_by_tensor(context, x, factor, y);
    EXPECT_EQ(y.floats(), (std::vector<float>{value, -2 * value, 4 * value}));
  }
  scale_by_tensor(context, y, factor, y);
  EXPECT_EQ(y.floats(), (std::vector<float>{4, -8, 16}));
}

TEST(ScaleByTensor, RefusesOtherShapes) {
  Context context(Device::cpu());
  const TestTensor x{3};
  const TestTensor y{2};
  const TestTensor factor{1};
  EXPECT_THROW(scale_by_tensor(context, x, factor, y), ArgumentError);
  EXPECT_THROW(scale_by_tensor(context, x, x, x), ArgumentError);
  EXPECT_THROW(scale_by_tensor(context, x, {}, x), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
