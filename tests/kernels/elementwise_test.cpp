#include "kernels/elementwise.h"

#include <gtest/gtest.h>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

const std::int64_t kSizes[] = {0, 1, 31, 32, 33, 1001, 40003};

class Elementwise : public testing::TestWithParam<std::int64_t> {
 protected:
  std::int64_t size() const { return GetParam(); }
  TestTensor random(std::uint64_t seed) const {
    return TestTensor({size()}, random_floats(size(), seed));
  }
  Context context_{Device::cpu()};
};

TEST_P(Elementwise, FillWritesEveryElement) {
  const TestTensor y{TensorSpec{{size()}}};
  fill_with(context_, y, 2.5f);
  EXPECT_EQ(y.floats(), std::vector<float>(std::size_t(size()), 2.5f));
}

TEST_P(Elementwise, CopyTakesEveryType) {
  const TestTensor x = random(1);
  const TestTensor y{TensorSpec{{size()}}};
  copy_to(context_, x, y);
  expect_same_bits(x.floats(), y.floats());
  const TensorSpec bytes{{size()}, DType::u8};
  const TestTensor from{bytes};
  const TestTensor to{bytes};
  std::fill_n(from.tensor().as<std::uint8_t>(), size(), std::uint8_t{7});
  copy_to(context_, from, to);
  for (const std::uint8_t value : to.tensor().span<std::uint8_t>()) {
    ASSERT_EQ(value, 7);
  }
}

TEST_P(Elementwise, ScaleMultipliesAlsoInPlace) {
  const TestTensor x = random(1);
  const TestTensor y{TensorSpec{{size()}}};
  std::vector<float> want = x.floats();
  for (float& v : want) {
    v *= -1.5f;
  }
  scale_by(context_, x, -1.5f, y);
  expect_same_bits(y.floats(), want);
  scale_by(context_, x, -1.5f, x);
  expect_same_bits(x.floats(), want);
}

TEST_P(Elementwise, SumAddsFromLeftToRight) {
  const TestTensor a = random(1);
  const TestTensor b = random(2);
  const TestTensor c = random(3);
  const std::vector<Tensor> inputs = {a, b, c};
  for (std::size_t count = 1; count <= 3; ++count) {
    const TestTensor y{TensorSpec{{size()}}};
    sum_of(context_, std::span(inputs).first(count), y);
    std::vector<float> want = a.floats();
    const std::vector<float> second = b.floats();
    const std::vector<float> third = c.floats();
    for (std::size_t i = 0; i < want.size(); ++i) {
      want[i] += count > 1 ? second[i] : 0.0f;
      want[i] += count > 2 ? third[i] : 0.0f;
    }
    expect_same_bits(y.floats(), want);
  }
}

TEST_P(Elementwise, AddInPlaceIsTheSumOfTwo) {
  const TestTensor x = random(1);
  const TestTensor y = random(2);
  const TestTensor want{TensorSpec{{size()}}};
  sum_of(context_, std::vector<Tensor>{y, x}, want);
  add_in_place(context_, x, y);
  expect_same_bits(y.floats(), want.floats());
}

INSTANTIATE_TEST_SUITE_P(Sizes, Elementwise, testing::ValuesIn(kSizes));

TEST(ElementwiseErrors, MismatchesAreRefused) {
  Context context(Device::cpu());
  const TestTensor x{TensorSpec{{2}}};
  const TestTensor y{TensorSpec{{3}}};
  EXPECT_THROW(sum_of(context, {}, x), ArgumentError);
  EXPECT_THROW(sum_of(context, std::vector<Tensor>{x, y}, x), ArgumentError);
  EXPECT_THROW(add_in_place(context, x, y), ArgumentError);
  EXPECT_THROW(copy_to(context, x, y), ArgumentError);
  EXPECT_THROW(scale_by(context, x, 2.0f, y), ArgumentError);
  EXPECT_THROW(fill_with(context, Tensor{nullptr, {{2}}, Device::cpu()}, 1.0f), ArgumentError);
}

TEST(ElementwiseLayouts, FillKeepsThePaddingZero) {
  Context context(Device::cpu());
  const TestTensor y{TensorSpec{{1, 17, 1, 2}, DType::f32, Layout::blocked16}};
  fill_with(context, y, 3.0f);
  const std::vector<float> memory = y.floats();
  ASSERT_EQ(memory.size(), 64u);
  for (std::size_t i = 0; i < memory.size(); ++i) {
    EXPECT_EQ(memory[i], i < 32 || i % 16 == 0 ? 3.0f : 0.0f) << i;
  }
}

}  // namespace
}  // namespace lrcn::test
