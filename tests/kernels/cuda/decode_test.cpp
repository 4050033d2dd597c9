#include "kernels/decode.h"

#include <limits>

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

// Log probabilities: sums of the same terms in another order.
constexpr double kAbsolute = 2e-6;

class CudaDecode : public CudaAgreement,
                   public testing::WithParamInterface<std::tuple<DType, int, int>> {
 protected:
  // Logits of few different values, so that many are equal, with NaN and -inf among them.
  std::vector<float> logits() const {
    const std::int64_t rows = std::get<1>(GetParam());
    const std::int64_t width = std::get<2>(GetParam());
    std::vector<float> values = random_floats(rows * width, 1, -6.0f, 6.0f);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = std::floor(values[i] * 4.0f) / 4.0f;
      if (i % 17 == 5 && width > 40) {
        values[i] = -std::numeric_limits<float>::infinity();
      }
    }
    return values;
  }
};

TEST_P(CudaDecode, ArgmaxTakesTheFirstOfTheLargest) {
  const auto [dtype, rows, width] = GetParam();
  Twin& x = floats({{rows, width}, dtype}, logits());
  Twin& index = blank({{rows}, DType::i32});
  Twin& log_probability = blank({{rows}});
  Twin& index_alone = blank({{rows}, DType::i32});
  run([&](Context& context, auto on) {
    argmax_rows(context, on(x), {on(index), on(log_probability)});
    argmax_rows(context, on(x), {.index = on(index_alone)});
  });
  expect_same(index);
  expect_same(index_alone);
  expect_close(log_probability, kAbsolute, kAbsolute);
}

TEST_P(CudaDecode, TopKIsSortedAndBreaksTiesByIndex) {
  const auto [dtype, rows, width] = GetParam();
  Twin& x = floats({{rows, width}, dtype}, logits());
  for (const int k : {1, 5, 40, width}) {
    if (k > width) {
      continue;
    }
    SCOPED_TRACE(k);
    Twin& index = blank({{rows, k}, DType::i32});
    Twin& log_probability = blank({{rows, k}});
    run([&](Context& context, auto on) {
      top_k_rows(context, on(x), {on(index), on(log_probability)});
    });
    expect_same(index);
    expect_close(log_probability, kAbsolute, kAbsolute);
  }
}

TEST_P(CudaDecode, SamplesWhatTheCpuSamples) {
  const auto [dtype, rows, width] = GetParam();
  Twin& x = floats({{rows, width}, dtype}, logits());
  Twin& index = blank({{rows}, DType::i32});
  Twin& log_probability = blank({{rows}});
  for (std::uint64_t step = 0; step < 3; ++step) {
    state_ = {.seed = 99, .step = step};
    run([&](Context& context, auto on) {
      sample_rows(context, on(x), {on(index), on(log_probability)},
                  {.temperature = 0.8f, .stream = 3, .first_sequence = 12});
    });
    expect_same(index);
    expect_close(log_probability, kAbsolute, kAbsolute);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaDecode,
                         testing::Combine(testing::Values(DType::f32), testing::Values(0, 1, 7),
                                          testing::Values(1, 31, 32, 33, 257, 700)));
INSTANTIATE_TEST_SUITE_P(Bf16, CudaDecode,
                         testing::Combine(testing::Values(DType::bf16), testing::Values(0, 3),
                                          testing::Values(1, 33, 257)));

using CudaDecodeRows = CudaAgreement;

TEST_F(CudaDecodeRows, NanRanksBelowEveryNumber) {
  const float inf = std::numeric_limits<float>::infinity();
  Twin& x = floats({{4, 4}}, {NAN, NAN, NAN, NAN,      //
                              NAN, -inf, -1.0f, NAN,   //
                              -inf, -inf, -inf, -inf,  //
                              inf, NAN, inf, 0.0f});
  Twin& index = blank({{4}, DType::i32});
  Twin& best = blank({{4, 4}, DType::i32});
  run([&](Context& context, auto on) {
    argmax_rows(context, on(x), {.index = on(index)});
    top_k_rows(context, on(x), {.index = on(best)});
  });
  expect_same(index);
  expect_same(best);
}

TEST_F(CudaDecodeRows, Bf16OnTheCpuIsRefused) {
  const OwnedTensor x(Device::cpu(), {{2, 3}, DType::bf16});
  const Twin& index = blank({{2}, DType::i32});
  EXPECT_THROW(argmax_rows(cpu_context(), x.tensor, {.index = index.cpu.tensor}), ArgumentError);
  EXPECT_THROW(sample_rows(cpu_context(), x.tensor, {.index = index.cpu.tensor}, {}),
               ArgumentError);
}

TEST_F(CudaDecodeRows, MoreThanThereAreIsRefused) {
  const Twin& x = blank({{2, 3}});
  const Twin& index = blank({{2, 4}, DType::i32});
  EXPECT_THROW(top_k_rows(cuda_context(), x.cuda.tensor, {.index = index.cuda.tensor}),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
