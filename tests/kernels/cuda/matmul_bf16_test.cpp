// Matrix products with bf16 in memory, against the double-precision reference.
#include "tests/kernels/cuda/matmul_on_cuda.h"
#include "tests/reference/rounding.h"

namespace lrcn::test {
namespace {

using CudaMatmulInBf16 = MatmulOnCuda;

// The types of a, b and c in memory that a product may have, beside three f32.
struct MemoryTypes {
  DType a, b, c;
};
constexpr MemoryTypes kMemoryTypes[] = {
    {DType::bf16, DType::bf16, DType::bf16}, {DType::bf16, DType::bf16, DType::f32},
    {DType::bf16, DType::f32, DType::bf16},  {DType::f32, DType::bf16, DType::f32},
    {DType::f32, DType::f32, DType::bf16},
};

MatmulProblem in_memory(MatmulProblem problem, const MemoryTypes& types) {
  problem.a_dtype = types.a;
  problem.b_dtype = types.b;
  problem.c_dtype = types.c;
  problem.precision = Precision::bf16;
  return problem;
}

std::vector<double> rounded_all(std::vector<double> values) {
  for (double& value : values) {
    value = rounded(float(value), Precision::bf16);
  }
  return values;
}

// Few and many rows; rows that begin at multiples of 16 bytes, 4 bytes and 2 bytes.
constexpr MatmulSize kMemorySizes[] = {
    {1, 1, 1},     {1, 33, 31},  {2, 64, 128},  {3, 100, 66}, {8, 47, 700},
    {9, 31, 33},   {33, 32, 31}, {100, 258, 8}, {16, 40, 1},  {17, 19, 517},
    {40, 64, 264}, {0, 3, 4},    {3, 0, 4},     {30, 4, 0},
};

TEST_F(CudaMatmulInBf16, InBf16MemoryIsExactOnIntegersUpToItsLastRounding) {
  for (const MatmulSize& size : kMemorySizes) {
    for_each_matmul(size, [&](const MatmulProblem& each) {
      if (each.bias == each.accumulate || (each.relu && each.pack_b)) {
        return;
      }
      for (const MemoryTypes& types : kMemoryTypes) {
        if (each.accumulate && types.c == DType::bf16) {
          continue;
        }
        SCOPED_TRACE(concat(types.a, ' ', types.b, ' ', types.c));
        const MatmulProblem problem = in_memory(each, types);
        const MatmulOperands operands = matmul_operands(problem, Values::integer);
        const std::vector<double> want = expected(problem, operands);
        test::expect_close("c", multiply(problem, operands),
                           types.c == DType::bf16 ? rounded_all(want) : want, 0.0);
      }
    });
  }
}

// The products of the rounded factors within the bound of f32 sums and of the rounding of c; runs
// of terms with a short last one.
TEST_F(CudaMatmulInBf16, InBf16MemoryRoundsItsFactorsAndItsResultAndNothingElse) {
  for (const MemoryTypes& types : kMemoryTypes) {
    for (const unsigned bits : {0u, 1u, 2u, 3u}) {
      for (const MatmulSize& size : {MatmulSize{70, 45, 1001}, {68, 36, 1002}, {24, 72, 1000}}) {
        MatmulProblem problem = in_memory({.m = size.m, .n = size.n, .k = size.k}, types);
        problem.transpose_a = (bits & 1u) != 0;
        problem.transpose_b = (bits & 2u) != 0;
        problem.bias = problem.relu = true;
        const MatmulOperands operands = matmul_operands(problem, Values::real);
        MatmulOperands factors = operands;
        factors.a = rounded_all(factors.a);
        factors.b = rounded_all(factors.b);
        const std::vector<double> want = expected(problem, factors);
        const std::vector<double> got = multiply_in_two_orders(problem, operands);
        const double last = types.c == DType::bf16 ? 1.0 / 256.0 : 0.0;
        SCOPED_TRACE(concat(types.a, ' ', types.b, ' ', types.c, ", options ", bits));
        test::expect_close("c", got, want, bound(problem, operands), last);
      }
    }
  }
}

TEST_F(CudaMatmulInBf16, InBf16MemoryOfManyTilesIsExactOnIntegers) {
  for (const bool transpose : {false, true}) {
    const MatmulProblem problem = in_memory(
        {.m = 1500, .n = 1416, .k = 72, .transpose_a = transpose, .transpose_b = !transpose},
        {DType::bf16, DType::bf16, DType::f32});
    const MatmulOperands operands = matmul_operands(problem, Values::integer);
    test::expect_close("c", multiply(problem, operands), expected(problem, operands), 0.0);
  }
}

TEST_F(CudaMatmulInBf16, OfBf16PacksHalfTheBytesAndRoundsNothingTwice) {
  Context& context = cuda_context();
  MatmulProblem problem{.m = 64, .n = 40, .k = 48, .pack_b = true, .precision = Precision::bf16};
  EXPECT_EQ(plan_matmul(context, problem)->packed_bytes(), 40u * 48u * 4u);
  EXPECT_EQ(plan_matmul(context, problem)->scratch_bytes(), 0u);
  problem.a_dtype = DType::bf16;
  EXPECT_EQ(plan_matmul(context, problem)->packed_bytes(), 40u * 48u * 2u);
  EXPECT_EQ(plan_matmul(context, problem)->scratch_bytes(), 0u);
  problem.pack_b = false;
  EXPECT_EQ(plan_matmul(context, problem)->scratch_bytes(), 40u * 48u * 2u);
}

TEST_F(CudaMatmulInBf16, RefusesTypesThatItCannotMultiply) {
  Context& context = cuda_context();
  const MatmulProblem bf16{.m = 2,
                           .n = 2,
                           .k = 2,
                           .precision = Precision::bf16,
                           .a_dtype = DType::bf16,
                           .b_dtype = DType::bf16};
  MatmulProblem problem = bf16;
  problem.precision = Precision::tf32;
  EXPECT_THROW(plan_matmul(context, problem), ArgumentError);
  problem = bf16;
  problem.c_dtype = DType::bf16;
  problem.accumulate = true;
  EXPECT_THROW(plan_matmul(context, problem), ArgumentError);
  problem = bf16;
  problem.b_dtype = DType::i32;
  EXPECT_THROW(plan_matmul(context, problem), ArgumentError);
  EXPECT_THROW(plan_matmul(cpu_context(), bf16), ArgumentError);

  const auto kernel = plan_matmul(context, bf16);
  const OwnedTensor narrow(Device::cuda(0), {{2, 2}, DType::bf16});
  const OwnedTensor wide(Device::cuda(0), {{2, 2}});
  const Tensor good = narrow.tensor;
  EXPECT_THROW(kernel->run(context, {wide.tensor, good, {}, wide.tensor, {}}), ArgumentError);
  EXPECT_THROW(kernel->run(context, {good, wide.tensor, {}, wide.tensor, {}}), ArgumentError);
  EXPECT_THROW(kernel->run(context, {good, good, {}, good, {}}), ArgumentError);
  EXPECT_NO_THROW(kernel->run(context, {good, good, {}, wide.tensor, {}}));
}

}  // namespace
}  // namespace lrcn::test
