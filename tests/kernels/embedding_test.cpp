#include "kernels/embedding.h"

#include <gtest/gtest.h>

#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

struct Case {
  std::int64_t vocabulary;
  std::int64_t width;
  Shape ids;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.vocabulary << " rows of " << c.width << ", ids " << c.ids;
}

const Case kCases[] = {
    {1, 1, {1}},       {5, 31, {7}},       {7, 32, {2, 3}}, {100, 33, {20, 10}},
    {9, 257, {4, 50}}, {500, 1000, {120}}, {3, 4, {0}},     {3, 0, {2}},
};

std::vector<std::int32_t> random_ids(const Case& c) {
  const Random random(11, Purpose::generate);
  std::vector<std::int32_t> ids;
  for (std::int64_t i = 0; i < c.ids.elements(); ++i) {
    // Half of them among few, so that rows repeat.
    const std::int64_t most = i % 2 == 0 ? c.vocabulary : std::min<std::int64_t>(c.vocabulary, 3);
    ids.push_back(std::int32_t(random.below(std::uint32_t(most), 0, std::uint64_t(i))));
  }
  return ids;
}

Shape with_width(const Shape& ids, std::int64_t width) {
  std::vector<std::int64_t> extents(ids.extents().begin(), ids.extents().end());
  extents.push_back(width);
  return Shape(extents);
}

class Embedding : public testing::TestWithParam<Case> {
 protected:
  Context context_{Device::cpu()};
};

TEST_P(Embedding, LooksRowsUp) {
  const Case& c = GetParam();
  const std::vector<std::int32_t> values = random_ids(c);
  const TestTensor table({c.vocabulary, c.width}, random_floats(c.vocabulary * c.width, 1));
  const TestTensor ids(c.ids, values);
  const TestTensor y{TensorSpec{with_width(c.ids, c.width)}};
  embedding_forward(context_, table, ids, y);
  const std::vector<float> rows = table.floats();
  std::vector<float> want;
  for (const std::int32_t id : values) {
    want.insert(want.end(), rows.begin() + id * c.width, rows.begin() + (id + 1) * c.width);
  }
  EXPECT_EQ(y.floats(), want);
}

TEST_P(Embedding, AddsGradientsInTheOrderOfTheRows) {
  const Case& c = GetParam();
  const std::vector<std::int32_t> values = random_ids(c);
  const TestTensor ids(c.ids, values);
  const TestTensor dy(with_width(c.ids, c.width), random_floats(c.ids.elements() * c.width, 2));
  const auto run = [&] {
    const TestTensor dtable({c.vocabulary, c.width}, random_floats(c.vocabulary * c.width, 3));
    embedding_backward(context_, ids, dy, dtable);
    return dtable.floats();
  };
  std::vector<float> want = random_floats(c.vocabulary * c.width, 3);
  const std::vector<float> from = dy.floats();
  for (std::size_t r = 0; r < values.size(); ++r) {
    for (std::int64_t e = 0; e < c.width; ++e) {
      want[std::size_t(values[r] * c.width + e)] += from[r * std::size_t(c.width) + std::size_t(e)];
    }
  }
  expect_same_bits(with_threads(1, run), want);
  expect_same_bits(with_threads(2, run), want);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Embedding, testing::ValuesIn(kCases));

TEST(EmbeddingErrors, ShapesThatDoNotFitAreRefused) {
  Context context(Device::cpu());
  const TestTensor table{TensorSpec{{5, 4}}};
  const TestTensor ids({3}, std::vector<std::int32_t>{0, 1, 2});
  const TestTensor narrow{TensorSpec{{3, 3}}};
  const TestTensor flat{TensorSpec{{12}}};
  EXPECT_THROW(embedding_forward(context, table, ids, narrow), ArgumentError);
  EXPECT_THROW(embedding_forward(context, table, ids, flat), ArgumentError);
  EXPECT_THROW(embedding_forward(context, table, flat, narrow), ArgumentError);
  EXPECT_THROW(embedding_backward(context, ids, narrow, table), ArgumentError);
}

TEST(CheckIds, NamesTheFirstBadOne) {
  const std::vector<std::int32_t> good = {0, 4, 2};
  EXPECT_NO_THROW(check_ids(good, 5));
  EXPECT_NO_THROW(check_ids({}, 0));
  for (const std::int32_t bad : {5, -1}) {
    try {
      check_ids(std::vector<std::int32_t>{0, 4, bad, 99}, 5);
      FAIL() << "id " << bad << " was accepted";
    } catch (const DataError& error) {
      EXPECT_STREQ(
          error.what(),
          concat("embedding: id ", bad, " at position 2 is outside of a vocabulary of 5").c_str());
    }
  }
}

}  // namespace
}  // namespace lrcn::test
