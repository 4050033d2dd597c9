#include "kernels/concat.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

struct Case {
  std::vector<Shape> parts;
  int axis;
  Shape whole;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.whole << " on axis " << c.axis; }

const Case kCases[] = {
    {{{2}, {3}}, 0, {5}},
    {{{1, 1}, {1, 31}, {1, 33}}, 1, {1, 65}},
    {{{4, 3}, {4, 0}, {4, 2}}, -1, {4, 5}},
    {{{2, 3, 5}, {2, 1, 5}}, 1, {2, 4, 5}},
    {{{3, 2, 2}}, 2, {3, 2, 2}},
    {{{0, 7}, {0, 2}}, 1, {0, 9}},
    {{{1, 3}, {5, 3}}, -2, {6, 3}},
    {{{20, 100, 32}, {20, 100, 33}}, 2, {20, 100, 65}},
};

std::vector<float> counting(std::int64_t count, float first) {
  std::vector<float> values(std::size_t(count), 0.0f);
  std::iota(values.begin(), values.end(), first);
  return values;
}

// The element of `part` that lies at `index` of the whole, by walking the coordinates.
std::vector<float> joined(const Case& c, const std::vector<std::vector<float>>& parts) {
  const int rank = c.whole.rank();
  const int axis = c.axis < 0 ? c.axis + rank : c.axis;
  std::vector<float> whole;
  for (std::int64_t flat = 0; flat < c.whole.elements(); ++flat) {
    std::vector<std::int64_t> at(std::size_t(rank), 0);
    std::int64_t rest = flat;
    for (int i = rank - 1; i >= 0; --i) {
      at[std::size_t(i)] = rest % c.whole[i];
      rest /= c.whole[i];
    }
    std::size_t p = 0;
    while (at[std::size_t(axis)] >= c.parts[p][axis]) {
      at[std::size_t(axis)] -= c.parts[p][axis];
      ++p;
    }
    std::int64_t inside = 0;
    for (int i = 0; i < rank; ++i) {
      inside = inside * c.parts[p][i] + at[std::size_t(i)];
    }
    whole.push_back(parts[p][std::size_t(inside)]);
  }
  return whole;
}

class Concat : public testing::TestWithParam<Case> {
 protected:
  Context context_{Device::cpu()};
};

TEST_P(Concat, JoinsAndCutsApart) {
  const Case& c = GetParam();
  std::vector<TestTensor> x, dx;
  std::vector<Tensor> inputs, gradients;
  std::vector<std::vector<float>> values;
  float first = 0.0f;
  for (const Shape& shape : c.parts) {
    values.push_back(counting(shape.elements(), first));
    first += 10000.0f;
    inputs.push_back(x.emplace_back(shape, values.back()));
    gradients.push_back(dx.emplace_back(TensorSpec{shape}));
  }
  const TestTensor y{TensorSpec{c.whole}};
  concat_forward(context_, inputs, y, c.axis);
  EXPECT_EQ(y.floats(), joined(c, values));
  concat_backward(context_, y, gradients, c.axis);
  for (std::size_t i = 0; i < dx.size(); ++i) {
    EXPECT_EQ(dx[i].floats(), values[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Concat, testing::ValuesIn(kCases));

TEST(ConcatBackward, SkipsAbsentGradients) {
  Context context(Device::cpu());
  const TestTensor dy({2, 3}, std::vector<float>{0, 1, 2, 3, 4, 5});
  const TestTensor last{TensorSpec{{2, 1}}};
  const std::vector<Tensor> dx = {Tensor{nullptr, {{2, 2}}, Device::cpu()}, last};
  concat_backward(context, dy, dx, 1);
  EXPECT_EQ(last.floats(), (std::vector<float>{2, 5}));
}

TEST(ConcatErrors, MisfitsAreRefused) {
  Context context(Device::cpu());
  const TestTensor a{TensorSpec{{2, 3}}};
  const TestTensor b{TensorSpec{{2, 2}}};
  const TestTensor y{TensorSpec{{2, 5}}};
  const std::vector<Tensor> both = {a, b};
  EXPECT_THROW(concat_forward(context, both, y, 0), ArgumentError);
  EXPECT_THROW(concat_forward(context, both, y, 2), ArgumentError);
  EXPECT_THROW(concat_forward(context, both, a, 1), ArgumentError);
  EXPECT_THROW(concat_forward(context, {}, y, 1), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
