#include "kernels/rows.h"

#include <gtest/gtest.h>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

using Ints = std::vector<std::int32_t>;

class Rows : public testing::Test {
 protected:
  Context context_{Device::cpu()};
};

TEST_F(Rows, CompactListsTheRowsThatCount) {
  const TestTensor targets({7}, Ints{-1, 4, 0, -1, -1, 9, 2});
  const TestTensor rows{TensorSpec{{7}, DType::i32}};
  const TestTensor count{TensorSpec{{1}, DType::i32}};
  compact_rows(context_, targets, -1, rows, count);
  EXPECT_EQ(rows.ints(), (Ints{1, 2, 5, 6, -1, -1, -1}));
  EXPECT_EQ(count.ints(), (Ints{4}));
  compact_rows(context_, targets, 0, rows, count);
  EXPECT_EQ(rows.ints(), (Ints{0, 1, 3, 4, 5, 6, -1}));
  EXPECT_EQ(count.ints(), (Ints{6}));
}

TEST_F(Rows, CompactTakesNoRowsAtAll) {
  const TestTensor none({0}, Ints{});
  const TestTensor count{TensorSpec{{1}, DType::i32}};
  compact_rows(context_, none, -1, none, count);
  EXPECT_EQ(count.ints(), (Ints{0}));
  const TestTensor ignored({3}, Ints{-1, -1, -1});
  const TestTensor rows({3}, Ints{5, 5, 5});
  compact_rows(context_, ignored, -1, rows, count);
  EXPECT_EQ(rows.ints(), (Ints{-1, -1, -1}));
  EXPECT_EQ(count.ints(), (Ints{0}));
}

TEST_F(Rows, GatherRepeatsRowsAndWritesZeroForMinusOne) {
  const TestTensor x({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const TestTensor rows({5}, Ints{2, 0, -1, 2, 1});
  const TestTensor y{5, 2};
  gather_rows(context_, x, rows, y);
  EXPECT_EQ(y.floats(), (std::vector<float>{5, 6, 1, 2, 0, 0, 5, 6, 3, 4}));
}

TEST_F(Rows, GatherTakesIntegersWithoutFurtherAxes) {
  const TestTensor x({4}, Ints{10, 11, 12, 13});
  const TestTensor rows({3}, Ints{3, 3, 0});
  const TestTensor y{TensorSpec{{3}, DType::i32}};
  gather_rows(context_, x, rows, y);
  EXPECT_EQ(y.ints(), (Ints{13, 13, 10}));
}

TEST_F(Rows, ScatterZeroesTheOtherRows) {
  const TestTensor x({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const TestTensor rows({3}, Ints{3, 0, -1});
  const TestTensor y{4, 2};
  scatter_rows(context_, x, rows, y);
  EXPECT_EQ(y.floats(), (std::vector<float>{3, 4, 0, 0, 0, 0, 1, 2}));
}

// Compacting, gathering and scattering back is the identity on the rows that count.
TEST_F(Rows, ScatterUndoesGatherForAnyNumberOfThreads) {
  const std::int64_t size = 300;
  const std::int64_t width = 257;
  const TestTensor x({size, width}, random_floats(size * width, 1));
  Ints labels(std::size_t(size), 1);
  for (std::size_t r = 0; r < labels.size(); r += 3) {
    labels[r] = -1;
  }
  const TestTensor targets({size}, labels);
  std::vector<float> want = x.floats();
  for (std::int64_t i = 0; i < size * width; ++i) {
    want[std::size_t(i)] = i / width % 3 == 0 ? 0.0f : want[std::size_t(i)];
  }
  for (const int threads : {1, 2}) {
    with_threads(threads, [&] {
      const TestTensor rows{TensorSpec{{size}, DType::i32}};
      const TestTensor count{TensorSpec{{1}, DType::i32}};
      compact_rows(context_, targets, -1, rows, count);
      ASSERT_EQ(count.ints(), (Ints{200}));
      const TestTensor compact{200, width};
      gather_rows(context_, x, rows.tensor().rows(0, 200), compact);
      const TestTensor y{size, width};
      scatter_rows(context_, compact, rows.tensor().rows(0, 200), y);
      expect_same_bits(y.floats(), want);
    });
  }
}

TEST_F(Rows, RefusesShapesThatDoNotFit) {
  const TestTensor x{3, 2};
  const TestTensor wide{3, 3};
  const TestTensor rows({3}, Ints{0, 1, 2});
  const TestTensor few({2}, Ints{0, 1});
  const TestTensor count{TensorSpec{{1}, DType::i32}};
  EXPECT_THROW(gather_rows(context_, x, rows, wide), ArgumentError);
  EXPECT_THROW(gather_rows(context_, x, few, x), ArgumentError);
  EXPECT_THROW(gather_rows(context_, x, x, x), ArgumentError);
  EXPECT_THROW(scatter_rows(context_, x, few, x), ArgumentError);
  EXPECT_THROW(compact_rows(context_, rows, -1, few, count), ArgumentError);
  EXPECT_THROW(compact_rows(context_, rows, -1, rows, few), ArgumentError);
  EXPECT_THROW(compact_rows(context_, x, -1, rows, count), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
