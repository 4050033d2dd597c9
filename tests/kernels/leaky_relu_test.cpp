#include "kernels/leaky_relu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

class LeakyReluKernel : public testing::Test {
 protected:
  Context context_{Device::cpu()};
};

TEST_F(LeakyReluKernel, LeaksBelowZero) {
  const TestTensor x({4}, std::vector<float>{-4, -1, 0, 8});
  const TestTensor y{4};
  leaky_relu_forward(context_, x, 0.25f, y);
  EXPECT_EQ(y.floats(), (std::vector<float>{-1, -0.25f, 0, 8}));
  const TestTensor dy({4}, std::vector<float>{1, 2, 3, 4});
  leaky_relu_backward(context_, y, dy, 0.25f, dy);
  EXPECT_EQ(dy.floats(), (std::vector<float>{0.25f, 0.5f, 0.75f, 4}));
}

TEST_F(LeakyReluKernel, KeepsNan) {
  const TestTensor x({1}, std::vector<float>{std::numeric_limits<float>::quiet_NaN()});
  leaky_relu_forward(context_, x, 0.25f, x);
  EXPECT_TRUE(std::isnan(x.floats()[0]));
}

TEST_F(LeakyReluKernel, RefusesOtherShapes) {
  const TestTensor x{3};
  const TestTensor y{2};
  EXPECT_THROW(leaky_relu_forward(context_, x, 0.1f, y), ArgumentError);
  EXPECT_THROW(leaky_relu_backward(context_, x, y, 0.1f, x), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
