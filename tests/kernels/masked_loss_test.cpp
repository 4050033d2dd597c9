#include "kernels/masked_loss.h"

#include <gtest/gtest.h>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

using Ints = std::vector<std::int32_t>;

class MaskedLoss : public testing::Test {
 protected:
  Context context_{Device::cpu()};
};

TEST_F(MaskedLoss, LabelsFollowTheirRowsAndTheRestIsIgnored) {
  const TestTensor targets({5}, Ints{7, -5, 8, 9, -5});
  const TestTensor rows({4}, Ints{0, 2, 3, -1});
  const TestTensor labels{TensorSpec{{4}, DType::i32}};
  gather_labels(context_, targets, rows, -5, labels);
  EXPECT_EQ(labels.ints(), (Ints{7, 8, 9, -5}));
}

TEST_F(MaskedLoss, MeanIsOverTheCountedRows) {
  const TestTensor sum({1}, std::vector<float>{6.0f});
  const TestTensor count({1}, Ints{4});
  const TestTensor correct({1}, Ints{3});
  const TestTensor loss{TensorSpec{}};
  const TestTensor tally{2};
  mean_loss(context_, {sum, count, correct}, loss, tally);
  EXPECT_EQ(loss.floats(), (std::vector<float>{1.5f}));
  EXPECT_EQ(tally.floats(), (std::vector<float>{4, 3}));
}

TEST_F(MaskedLoss, MeanOfNoRowsIsZero) {
  const TestTensor sum({1}, std::vector<float>{0.0f});
  const TestTensor zero({1}, Ints{0});
  const TestTensor loss{1};
  const TestTensor tally{2};
  mean_loss(context_, {sum, zero, zero}, loss, tally);
  EXPECT_EQ(loss.floats(), (std::vector<float>{0}));
  EXPECT_EQ(tally.floats(), (std::vector<float>{0, 0}));
}

TEST_F(MaskedLoss, RefusesOtherShapes) {
  const TestTensor sum{1};
  const TestTensor count({1}, Ints{1});
  const TestTensor tally{2};
  EXPECT_THROW(mean_loss(context_, {sum, count, count}, tally, tally), ArgumentError);
  EXPECT_THROW(mean_loss(context_, {sum, sum, count}, sum, tally), ArgumentError);
  const TestTensor labels{TensorSpec{{2}, DType::i32}};
  EXPECT_THROW(gather_labels(context_, count, count, -1, labels), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
