#include "kernels/decode.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "core/rng.h"
#include "tests/kernels/test_tensor.h"
#include "tests/reference/softmax.h"

namespace lrcn::test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
using Floats = std::vector<float>;
using Ints = std::vector<std::int32_t>;

struct Chosen {
  Ints index;
  Floats log_probability;
};

class Decode : public testing::Test {
 protected:
  // K = 0: the ops with one choice a row.
  template <class Run>
  Chosen choose(const Floats& values, std::int64_t width, std::int64_t k, const Run& run) {
    const std::int64_t rows = std::int64_t(values.size()) / width;
    const Shape shape = k == 0 ? Shape{rows} : Shape{rows, k};
    const TestTensor logits({rows, width}, values);
    const TestTensor index{TensorSpec{shape, DType::i32}};
    const TestTensor log_probability{TensorSpec{shape}};
    run(logits, Choice{.index = index, .log_probability = log_probability});
    return {index.ints(), log_probability.floats()};
  }
  Chosen argmax(const Floats& values, std::int64_t width) {
    return choose(values, width, 0,
                  [&](Tensor x, const Choice& choice) { argmax_rows(context_, x, choice); });
  }
  Chosen top(const Floats& values, std::int64_t width, std::int64_t k) {
    return choose(values, width, k,
                  [&](Tensor x, const Choice& choice) { top_k_rows(context_, x, choice); });
  }
  Chosen sample(const Floats& values, std::int64_t width, const SampleOptions& options) {
    return choose(values, width, 0, [&](Tensor x, const Choice& choice) {
      sample_rows(context_, x, choice, options);
    });
  }
  Context context_{Device::cpu()};
};

// All indices of a row sorted by (-logit, index).
Ints ranking(const std::vector<double>& row) {
  Ints order(row.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return row[std::size_t(a)] > row[std::size_t(b)];
  });
  return order;
}

TEST_F(Decode, TopKAndArgmaxAgreeWithASortForEverySize) {
  for (const std::int64_t width : {1, 2, 31, 32, 33, 511, 512, 513, 8801}) {
    const std::int64_t rows = 3;
    Floats values = random_floats(rows * width, std::uint64_t(width), -4.0f, 4.0f);
    for (float& v : values) {
      v = std::round(v * 8.0f) / 8.0f;  // many ties
    }
    const Chosen best = argmax(values, width);
    for (const std::int64_t k : {std::int64_t{1}, std::int64_t{5}, std::int64_t{100}, width}) {
      if (k > width || k > 1024) {
        continue;
      }
      const Chosen got = top(values, width, k);
      for (std::int64_t r = 0; r < rows; ++r) {
        const std::vector<double> row = reference::row_of(values, r, width);
        const Ints order = ranking(row);
        ASSERT_EQ(best.index[std::size_t(r)], order[0]);
        for (std::int64_t j = 0; j < k; ++j) {
          const std::size_t at = std::size_t(r * k + j);
          ASSERT_EQ(got.index[at], order[std::size_t(j)]) << "width " << width << " k " << k;
          ASSERT_NEAR(got.log_probability[at],
                      row[std::size_t(got.index[at])] - reference::log_sum_exp(row), 4e-6);
        }
        ASSERT_NEAR(best.log_probability[std::size_t(r)], got.log_probability[std::size_t(r * k)],
                    1e-6);
      }
    }
  }
}

TEST_F(Decode, TiesTakeTheLowestIndex) {
  EXPECT_EQ(argmax({1, 7, 7, 7}, 4).index, (Ints{1}));
  EXPECT_EQ(top({3, 7, 7, 3, 7, 3}, 6, 5).index, (Ints{1, 2, 4, 0, 3}));
  EXPECT_EQ(top(Floats(2000, 0.5f), 2000, 4).index, (Ints{0, 1, 2, 3}));
}

TEST_F(Decode, NanAndMinusInfinityRankLast) {
  EXPECT_EQ(argmax({kNaN, -kInf, -3.0f, kNaN}, 4).index, (Ints{2}));
  EXPECT_EQ(argmax({kNaN, kNaN}, 2).index, (Ints{0}));
  EXPECT_EQ(top({-kInf, 2.0f, -kInf, 5.0f}, 4, 3).index, (Ints{3, 1, 0}));
  EXPECT_EQ(top({-kInf, 2.0f, -kInf, 5.0f}, 4, 3).log_probability[2], -kInf);
  EXPECT_EQ(top({kNaN, 2.0f, 1.0f}, 3, 2).index, (Ints{1, 2}));
}

TEST_F(Decode, SamplesFollowTheDistribution) {
  const std::int64_t draws = 20000;
  const Floats row = {0.0f, 1.0f, -kInf, 2.0f, -1.0f};
  Floats values;
  for (std::int64_t r = 0; r < draws; ++r) {
    values.insert(values.end(), row.begin(), row.end());
  }
  for (const float temperature : {0.5f, 1.0f, 2.0f}) {
    const Chosen got = sample(values, 5, {.temperature = temperature});
    std::vector<double> scaled;
    for (const float v : row) {
      scaled.push_back(double(v) / double(temperature));
    }
    const std::vector<double> p = reference::softmax(scaled);
    for (std::int32_t v = 0; v < 5; ++v) {
      const auto hits = double(std::count(got.index.begin(), got.index.end(), v));
      EXPECT_NEAR(hits / double(draws), p[std::size_t(v)], 0.012) << v << " at " << temperature;
    }
    EXPECT_EQ(std::count(got.index.begin(), got.index.end(), 2), 0);
  }
}

TEST_F(Decode, SamplesInvertTheCumulativeSum) {
  context_.set_step_state({.seed = 9, .step = 4});
  const std::int64_t width = 1500;  // more than one block of sums
  const std::int64_t rows = 50;
  const Floats values = random_floats(rows * width, 1, -3.0f, 3.0f);
  const Chosen got = sample(values, width, {.stream = 2, .first_sequence = 10});
  const Random random(9, Purpose::sample, 2);
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::vector<double> row = reference::row_of(values, r, width);
    const std::vector<double> p = reference::softmax(row);
    const double uniform = random.uniform(4, std::uint64_t(10 + r));
    const std::int32_t drawn = got.index[std::size_t(r)];
    const double below = std::accumulate(p.begin(), p.begin() + drawn, 0.0);
    EXPECT_LE(below, uniform + 1e-6);
    EXPECT_GE(below + p[std::size_t(drawn)], uniform - 1e-6);
    EXPECT_NEAR(got.log_probability[std::size_t(r)], std::log(p[std::size_t(drawn)]), 1e-5);
  }
}

TEST_F(Decode, SamplesDependOnStepSequenceAndStreamAlone) {
  const Floats values = random_floats(40 * 50, 1);
  const Chosen all = sample(values, 50, {});
  const Chosen later = sample({values.begin() + 25 * 50, values.end()}, 50, {.first_sequence = 25});
  EXPECT_EQ(later.index, Ints(all.index.begin() + 25, all.index.end()));
  EXPECT_NE(sample(values, 50, {.stream = 1}).index, all.index);
  context_.set_step_state({.step = 1});
  EXPECT_NE(sample(values, 50, {}).index, all.index);
}

TEST_F(Decode, ACertainSymbolIsAlwaysDrawn) {
  Floats values(300 * 100, -kInf);
  for (std::size_t r = 0; r < 100; ++r) {
    values[r * 300 + 299] = 1e30f;
  }
  EXPECT_EQ(sample(values, 300, {.temperature = 0.01f}).index, Ints(100, 299));
}

TEST_F(Decode, DoesNotDependOnTheNumberOfThreads) {
  const Floats values = random_floats(20 * 3001, 7, -5.0f, 5.0f);
  const auto once = [&] {
    Chosen all = top(values, 3001, 10);
    for (const Chosen& more : {argmax(values, 3001), sample(values, 3001, {})}) {
      all.index.insert(all.index.end(), more.index.begin(), more.index.end());
      all.log_probability.insert(all.log_probability.end(), more.log_probability.begin(),
                                 more.log_probability.end());
    }
    return all;
  };
  const Chosen one = with_threads(1, once);
  const Chosen two = with_threads(2, once);
  expect_same_bits(one.index, two.index);
  expect_same_bits(one.log_probability, two.log_probability);
}

TEST_F(Decode, LogProbabilitiesMayBeAbsentAndRowsNone) {
  const TestTensor logits({2, 3}, Floats{1, 2, 3, 6, 5, 4});
  const TestTensor index{TensorSpec{{2}, DType::i32}};
  argmax_rows(context_, logits, {.index = index});
  EXPECT_EQ(index.ints(), (Ints{2, 0}));
  const TestTensor none{0, 3};
  const TestTensor no_index{TensorSpec{{0, 2}, DType::i32}};
  top_k_rows(context_, none, {.index = no_index});
}

TEST_F(Decode, RefusesBadArguments) {
  const TestTensor logits{2, 3};
  const TestTensor index{TensorSpec{{2}, DType::i32}};
  const TestTensor four{TensorSpec{{2, 4}, DType::i32}};
  const TestTensor no_columns{2, 0};
  EXPECT_THROW(argmax_rows(context_, index, {.index = index}), ArgumentError);
  EXPECT_THROW(argmax_rows(context_, logits, {.index = four}), ArgumentError);
  EXPECT_THROW(argmax_rows(context_, no_columns, {.index = index}), ArgumentError);
  EXPECT_THROW(top_k_rows(context_, logits, {.index = four}), ArgumentError);
  EXPECT_THROW(top_k_rows(context_, logits, {.index = index}), ArgumentError);
  EXPECT_THROW(sample_rows(context_, logits, {.index = index}, {.temperature = 0.0f}),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
