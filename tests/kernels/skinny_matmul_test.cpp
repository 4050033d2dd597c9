#include "kernels/cpu/skinny_matmul.h"

#include <gtest/gtest.h>

#include "tests/kernels/test_tensor.h"
#include "tests/reference/matmul.h"

namespace lrcn::test {
namespace {

using cpu::PackedWeights;
using cpu::plan_skinny_matmul;

struct Operands {
  std::vector<float> a, b, bias, c;
};

Operands random_operands(const MatmulProblem& p) {
  return {random_floats(p.m * p.k, 1), random_floats(p.k * p.n, 2), random_floats(p.n, 3),
          random_floats(p.m * p.n, 4)};
}

std::vector<float> run(const MatmulProblem& p, const Operands& operands, PackedWeights weights) {
  Context context(Device::cpu());
  const auto kernel = plan_skinny_matmul(p, weights);
  const TestTensor a({p.m, p.k}, operands.a);
  const TestTensor b(p.transpose_b ? Shape{p.n, p.k} : Shape{p.k, p.n}, operands.b);
  const TestTensor bias({p.n}, operands.bias);
  const TestTensor c({p.m, p.n}, operands.c);
  const TestTensor packed{TensorSpec{{std::int64_t(kernel->packed_bytes())}, DType::u8}};
  kernel->pack(context, b, packed);
  kernel->run(
      context,
      {.a = a, .b = packed, .bias = p.bias ? bias.tensor() : Tensor{}, .c = c, .scratch = {}});
  return c.floats();
}

std::vector<double> want(const MatmulProblem& p, const Operands& o) {
  return matmul_reference(p, {o.a.begin(), o.a.end()}, {o.b.begin(), o.b.end()},
                          {o.bias.begin(), o.bias.end()}, {o.c.begin(), o.c.end()});
}

MatmulProblem problem(std::int64_t m, std::int64_t n, std::int64_t k) {
  return {.m = m, .n = n, .k = k, .pack_b = true};
}

TEST(SkinnyMatmul, AgreesWithTheReferenceForEveryHeightOfATile) {
  for (std::int64_t m = 0; m <= 26; ++m) {
    const MatmulProblem p = problem(m, 37, 29);
    const Operands operands = random_operands(p);
    expect_near(run(p, operands, PackedWeights::f32), want(p, operands), 5e-6);
  }
}

TEST(SkinnyMatmul, AgreesWithTheReferenceForEveryWidth) {
  for (const std::int64_t n : {0, 1, 15, 16, 31, 32, 33, 64, 65, 1000}) {
    for (const std::int64_t k : {0, 1, 2, 33, 500}) {
      const MatmulProblem p = problem(3, n, k);
      const Operands operands = random_operands(p);
      expect_near(run(p, operands, PackedWeights::f32), want(p, operands), 3e-5);
    }
  }
}

TEST(SkinnyMatmul, HonoursEveryOption) {
  for (int bits = 0; bits < 16; ++bits) {
    MatmulProblem p = problem(7, 45, 33);
    p.transpose_b = (bits & 1) != 0;
    p.accumulate = (bits & 2) != 0;
    p.bias = (bits & 4) != 0;
    p.relu = (bits & 8) != 0;
    if (p.relu && p.accumulate) {
      EXPECT_THROW(plan_skinny_matmul(p), ArgumentError);
      continue;
    }
    const Operands operands = random_operands(p);
    expect_near(run(p, operands, PackedWeights::f32), want(p, operands), 1e-5);
  }
}

TEST(SkinnyMatmul, Bfloat16WeightsAreRoundedAndNothingElse) {
  for (const bool transpose : {false, true}) {
    MatmulProblem p = problem(5, 70, 41);
    p.transpose_b = transpose;
    Operands operands = random_operands(p);
    const std::vector<float> got = run(p, operands, PackedWeights::bf16);
    for (float& w : operands.b) {
      w = to_float(to_bfloat16(w));
    }
    expect_near(got, want(p, operands), 1e-5);
    expect_same_bits(got, run(p, operands, PackedWeights::f32));
    EXPECT_EQ(2 * plan_skinny_matmul(p, PackedWeights::bf16)->packed_bytes(),
              plan_skinny_matmul(p)->packed_bytes());
  }
}

TEST(SkinnyMatmul, ARowHasTheSameBitsAloneAndAmongOthers) {
  const MatmulProblem many = problem(25, 100, 64);
  Operands operands = random_operands(many);
  const std::vector<float> all = run(many, operands, PackedWeights::f32);
  const MatmulProblem one = problem(1, 100, 64);
  for (std::int64_t r = 0; r < 25; ++r) {
    Operands row = operands;
    row.a = {operands.a.begin() + r * 64, operands.a.begin() + (r + 1) * 64};
    row.c.resize(100);
    expect_same_bits(run(one, row, PackedWeights::f32),
                     {all.begin() + r * 100, all.begin() + (r + 1) * 100});
  }
}

TEST(SkinnyMatmul, DoesNotDependOnTheNumberOfThreads) {
  const MatmulProblem p = problem(13, 1001, 77);
  const Operands operands = random_operands(p);
  const auto once = [&] { return run(p, operands, PackedWeights::f32); };
  expect_same_bits(with_threads(1, once), with_threads(2, once));
}

TEST(SkinnyMatmul, RefusesWhatItCannotDo) {
  EXPECT_THROW(plan_skinny_matmul({.m = 1, .n = 1, .k = 1}), ArgumentError);
  EXPECT_THROW(plan_skinny_matmul({.m = 1, .n = 1, .k = 1, .transpose_a = true, .pack_b = true}),
               ArgumentError);
  EXPECT_THROW(plan_skinny_matmul(problem(-1, 1, 1)), ArgumentError);
  Context context(Device::cpu());
  const auto kernel = plan_skinny_matmul(problem(2, 3, 4));
  const TestTensor a{2, 4};
  const TestTensor c{2, 3};
  const TestTensor b{3, 4};
  EXPECT_THROW(kernel->pack(context, b, c), ArgumentError);
  EXPECT_THROW(kernel->run(context, {.a = a, .b = b, .bias = {}, .c = c, .scratch = {}}),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
