#include "kernels/reduce.h"

#include <limits>

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

constexpr double kUlp = 1.2e-7;

class CudaReduce : public CudaAgreement, public testing::WithParamInterface<std::int64_t> {
 protected:
  TensorSpec spec() const { return {{GetParam()}}; }
};

// Sums in double differ by their order alone, which the rounding to float rarely shows.
TEST_P(CudaReduce, SumsAgree) {
  Twin& x = random(spec(), 1);
  Twin& sum = blank({{1}});
  Twin& squares = blank({{1}});
  Twin& norm = blank({{1}});
  Twin& largest = blank({{1}});
  run([&](Context& context, auto on) {
    sum_of_values(context, on(x), on(sum));
    sum_of_squares(context, on(x), on(squares));
    l2_norm_of(context, on(x), on(norm));
    max_abs_of(context, on(x), on(largest));
  });
  expect_close(sum, 1e-12, kUlp);
  expect_close(squares, 0.0, kUlp);
  expect_close(norm, 0.0, kUlp);
  expect_same(largest);
}

TEST_P(CudaReduce, SumsOfWholeNumbersAreExact) {
  std::vector<float> values = random_floats(GetParam(), 2, -100.0f, 100.0f);
  for (float& value : values) {
    value = std::floor(value);
  }
  Twin& x = floats(spec(), values);
  Twin& sum = blank({{1}});
  Twin& squares = blank({{1}});
  run([&](Context& context, auto on) {
    sum_of_values(context, on(x), on(sum));
    sum_of_squares(context, on(x), on(squares));
  });
  expect_same(sum);
  expect_same(squares);
}

TEST_P(CudaReduce, FindsWhatIsNotFinite) {
  std::vector<float> values = random_floats(GetParam(), 3);
  for (std::size_t i = 29; i < values.size(); i += 211) {
    values[i] = i % 2 == 0 ? NAN : -std::numeric_limits<float>::infinity();
  }
  Twin& x = floats(spec(), values);
  Twin& clean = random(spec(), 4);
  Twin& found = blank({{2}, DType::i32});
  Twin& nothing = blank({{2}, DType::i32});
  Twin& largest = blank({{1}});
  run([&](Context& context, auto on) {
    count_non_finite(context, on(x), on(found));
    count_non_finite(context, on(clean), on(nothing));
    max_abs_of(context, on(x), on(largest));
  });
  expect_same(found);
  expect_same(nothing);
  expect_close(largest, 0.0, 0.0);
}

TEST_P(CudaReduce, ClipsValuesInPlace) {
  std::vector<float> values = random_floats(GetParam(), 5, -2.0f, 2.0f);
  if (!values.empty()) {
    values[0] = NAN;
  }
  Twin& x = floats(spec(), values);
  run([&](Context& context, auto on) { clip_values(context, on(x), 0.75f); });
  expect_same(x);
}

TEST_P(CudaReduce, ClipsTheNormThroughTheStepState) {
  for (const float max_norm : {0.0f, 0.5f, 1e6f}) {
    SCOPED_TRACE(max_norm);
    state_ = {.seed = 5, .step = 6, .learning_rate = 0.125f, .gradient_scale = 9.0f};
    Twin& x = random(spec(), 1);
    Twin& norm = blank({{1}});
    run([&](Context& context, auto on) {
      clip_norm(context, on(x), on(norm), {.max_norm = max_norm, .gradient_scale = 0.25f});
    });
    expect_close(norm, 0.0, kUlp);
    const StepState got = cuda_context().step_state();
    const StepState want = cpu_context().step_state();
    EXPECT_NEAR(got.gradient_scale, want.gradient_scale, kUlp * want.gradient_scale);
    EXPECT_EQ(got.seed, 5u);
    EXPECT_EQ(got.step, 6u);
    EXPECT_EQ(got.learning_rate, 0.125f);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaReduce, testing::ValuesIn(kCudaSizes));

}  // namespace
}  // namespace lrcn::test
