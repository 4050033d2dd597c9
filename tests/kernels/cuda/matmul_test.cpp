// Matrix products on a CUDA device, real or emulated, against the double-precision reference.
#include <cmath>

#include "tests/kernels/cuda/matmul_on_cuda.h"
#include "tests/reference/rounding.h"

namespace lrcn::test {
namespace {

using CudaMatmul = MatmulOnCuda;

TEST_F(CudaMatmul, IsExactOnIntegers) {
  for (const MatmulSize& size : kMatmulSizes) {
    for_each_matmul(size, [&](const MatmulProblem& problem) {
      const MatmulOperands operands = matmul_operands(problem, Values::integer);
      test::expect_close("c", multiply(problem, operands), expected(problem, operands), 0.0);
    });
  }
}

TEST_F(CudaMatmul, StaysWithinTheErrorBoundOfItsSumsInTwoOrders) {
  for (const MatmulSize& size : kMatmulSizes) {
    for_each_matmul(size, [&](const MatmulProblem& problem) {
      if (problem.accumulate || problem.bias != problem.relu || problem.pack_b) {
        return;  // rounding is the same with every combination of these
      }
      const MatmulOperands operands = matmul_operands(problem, Values::real);
      test::expect_close("c", multiply_in_two_orders(problem, operands),
                         expected(problem, operands), bound(problem, operands));
    });
  }
}

TEST_F(CudaMatmul, OfNothingIsZeroOrTheBias) {
  for (const MatmulSize& size : kEmptyMatmulSizes) {
    for_each_matmul(size, [&](const MatmulProblem& problem) {
      const MatmulOperands operands = matmul_operands(problem, Values::integer);
      test::expect_close("c", multiply(problem, operands), expected(problem, operands), 0.0);
    });
  }
}

// Enough tiles for the large ones; 1500 is no multiple of 128.
TEST_F(CudaMatmul, OfManyTilesIsExactOnIntegers) {
  for (const bool transpose_a : {false, true}) {
    for (const bool transpose_b : {false, true}) {
      const MatmulProblem problem{.m = 1500,
                                  .n = 1413,
                                  .k = 9,
                                  .transpose_a = transpose_a,
                                  .transpose_b = transpose_b,
                                  .bias = true,
                                  .relu = true};
      const MatmulOperands operands = matmul_operands(problem, Values::integer);
      test::expect_close("c", multiply(problem, operands), expected(problem, operands), 0.0);
    }
  }
}

// Cut into runs of terms: few and many rows, with everything that happens to a sum.
TEST_F(CudaMatmul, OfManyTermsGivesTheSameBitsInEveryOrder) {
  for (const std::int64_t m : {1, 3, 8, 9, 70}) {
    for (const bool accumulate : {false, true}) {
      MatmulProblem problem{.m = m, .n = 45, .k = 3001, .accumulate = accumulate, .bias = true};
      problem.relu = !accumulate;
      for (const bool transpose : {false, true}) {
        problem.transpose_a = problem.transpose_b = transpose;
        EXPECT_GT(plan_matmul(cuda_context(), problem)->scratch_bytes(), 0u);
        const MatmulOperands operands = matmul_operands(problem, Values::real);
        test::expect_close("c", multiply_in_two_orders(problem, operands),
                           expected(problem, operands), bound(problem, operands));
      }
    }
  }
}

// More rows than few: on tensor cores. Small integers are the same in every precision.
TEST_F(CudaMatmul, OnTensorCoresIsExactOnIntegers) {
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    for (const MatmulSize& size : kMatmulSizes) {
      for_each_matmul(size, [&](const MatmulProblem& each) {
        if (each.m <= 8 || each.bias == each.accumulate) {
          return;
        }
        MatmulProblem problem = each;
        problem.precision = precision;
        const MatmulOperands operands = matmul_operands(problem, Values::integer);
        test::expect_close("c", multiply(problem, operands), expected(problem, operands), 0.0);
      });
    }
  }
}

// The products of the rounded factors, to the bound of f32 sums; runs of terms with a short last
// one.
TEST_F(CudaMatmul, OnTensorCoresRoundsItsFactorsAndNothingElse) {
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    for (const bool transpose_a : {false, true}) {
      for (const bool transpose_b : {false, true}) {
        for (const MatmulSize& size : {MatmulSize{70, 45, 1001}, MatmulSize{68, 36, 52}}) {
          const MatmulProblem problem{.m = size.m,
                                      .n = size.n,
                                      .k = size.k,
                                      .transpose_a = transpose_a,
                                      .transpose_b = transpose_b,
                                      .bias = true,
                                      .precision = precision};
          const MatmulOperands operands = matmul_operands(problem, Values::real);
          MatmulOperands factors = operands;
          for (auto* values : {&factors.a, &factors.b}) {
            for (double& value : *values) {
              value = rounded(float(value), precision);
            }
          }
          test::expect_close("c", multiply_in_two_orders(problem, operands),
                             expected(problem, factors), bound(problem, operands));
        }
      }
    }
  }
}

TEST_F(CudaMatmul, OnTensorCoresOfManyTilesIsExactOnIntegers) {
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    const bool transpose = precision == Precision::tf32;
    const MatmulProblem problem{.m = 1500,
                                .n = 1413,
                                .k = 70,
                                .transpose_a = transpose,
                                .transpose_b = transpose,
                                .relu = true,
                                .precision = precision};
    const MatmulOperands operands = matmul_operands(problem, Values::integer);
    test::expect_close("c", multiply(problem, operands), expected(problem, operands), 0.0);
  }
}

TEST_F(CudaMatmul, KeepsNansAndInfinities) {
  for (const std::int64_t m : {1, 40}) {
    for (const bool relu : {false, true}) {
      for (const Precision precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
        const MatmulProblem problem{.m = m, .n = 32, .k = 32, .relu = relu, .precision = precision};
        MatmulOperands operands = matmul_operands(problem, Values::integer);
        operands.a[0] = std::numeric_limits<double>::quiet_NaN();
        operands.b[1] = std::numeric_limits<double>::infinity();
        operands.a[32 * std::size_t(m - 1)] = 1.0;
        const auto c = multiply(problem, operands);
        EXPECT_TRUE(m == 1 || (std::isnan(c[0]) && std::isnan(c[31])));
        EXPECT_TRUE(std::isinf(c[std::size_t(32 * (m - 1) + 1)]));
      }
    }
  }
}

TEST_F(CudaMatmul, RefusesWhatItCannotPlan) {
  Context& context = cuda_context();
  EXPECT_THROW(plan_matmul(context, {.m = -1, .n = 2, .k = 2}), ArgumentError);
  EXPECT_THROW(plan_matmul(context, {.m = 2, .n = 2, .k = 2, .accumulate = true, .relu = true}),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
