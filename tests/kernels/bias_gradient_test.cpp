#include "kernels/bias_gradient.h"

#include <gtest/gtest.h>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

class BiasGradient : public testing::Test {
 protected:
  Context context_{Device::cpu()};
};

TEST_F(BiasGradient, AddsTheSumOfEveryColumn) {
  const TestTensor dy({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const TestTensor db({2}, std::vector<float>{100, 200});
  bias_gradient(context_, dy, db, {});
  EXPECT_EQ(db.floats(), (std::vector<float>{109, 212}));
}

TEST_F(BiasGradient, ReadsItsFactorFromMemory) {
  const TestTensor dy({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const TestTensor db({2}, std::vector<float>{0, 1});
  const TestTensor factor({1}, std::vector<float>{0.5f});
  bias_gradient(context_, dy, db, {.factor = factor});
  EXPECT_EQ(db.floats(), (std::vector<float>{4.5f, 7}));
}

TEST_F(BiasGradient, ReadsTheFirstColumnsOfTheRowsThatCount) {
  const TestTensor dy({3, 3}, std::vector<float>{1, 2, 9, 3, 4, 9, 9, 9, 9});
  const TestTensor db({2}, std::vector<float>{10, 20});
  const TestTensor count({1}, std::vector<std::int32_t>{2});
  bias_gradient(context_, dy, db, {.count = count});
  EXPECT_EQ(db.floats(), (std::vector<float>{14, 26}));
}

TEST_F(BiasGradient, NoRowsAddNothing) {
  const TestTensor dy{0, 3};
  const TestTensor db({3}, std::vector<float>{1, 2, 3});
  bias_gradient(context_, dy, db, {});
  EXPECT_EQ(db.floats(), (std::vector<float>{1, 2, 3}));
}

TEST_F(BiasGradient, KeepsSmallSummandsAndItsBitsForAnyNumberOfThreads) {
  constexpr std::int64_t kRows = 2000;
  constexpr std::int64_t kColumns = 1031;
  std::vector<float> values = random_floats(kRows * kColumns, 3);
  std::vector<double> sums(kColumns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[i % kColumns] += double(values[i]);
  }
  const TestTensor dy({kRows, kColumns}, values);
  const TestTensor one({kColumns}, std::vector<float>(kColumns, 0.0f));
  const TestTensor two({kColumns}, std::vector<float>(kColumns, 0.0f));
  with_threads(1, [&] { bias_gradient(context_, dy, one, {}); });
  with_threads(2, [&] { bias_gradient(context_, dy, two, {}); });
  expect_near(one.floats(), sums, 1e-9, 6e-8);
  expect_same_bits(one.floats(), two.floats());
}

TEST_F(BiasGradient, RefusesOtherShapes) {
  const TestTensor dy{3, 2};
  const TestTensor wide{3};
  EXPECT_THROW(bias_gradient(context_, dy, wide, {}), ArgumentError);
  EXPECT_THROW(bias_gradient(context_, wide, wide, {}), ArgumentError);
  const TestTensor db{2};
  EXPECT_THROW(bias_gradient(context_, dy, db, {.factor = db}), ArgumentError);
  EXPECT_THROW(bias_gradient(context_, dy, db, {.count = db}), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
