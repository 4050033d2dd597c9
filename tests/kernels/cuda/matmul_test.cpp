// Matrix products on a CUDA device, real or emulated, against the double-precision reference.
#include "kernels/matmul.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/kernels/cuda/cuda_agreement.h"
#include "tests/kernels/matmul_cases.h"
#include "tests/reference/rounding.h"

namespace lrcn::test {
namespace {

class CudaMatmul : public CudaAgreement {
 protected:
  static std::vector<float> narrowed(const std::vector<double>& values) {
    return {values.begin(), values.end()};
  }

  OwnedTensor on_device(const Shape& shape, const std::vector<double>& values,
                        DType dtype = DType::f32) {
    OwnedTensor tensor(Device::cuda(0), {shape, dtype});
    if (values.empty()) {
      return tensor;
    }
    if (dtype == DType::f32) {
      upload(tensor.tensor, narrowed(values).data());
    } else {
      std::vector<BFloat16> narrow(values.size());
      std::transform(values.begin(), values.end(), narrow.begin(),
                     [](double value) { return to_bfloat16(float(value)); });
      upload(tensor.tensor, narrow.data());
    }
    return tensor;
  }

  static std::vector<double> on_host(const Tensor& tensor) {
    std::vector<double> values(std::size_t(tensor.elements()));
    if (tensor.spec.dtype == DType::f32) {
      std::vector<float> floats(values.size());
      download(floats.data(), tensor);
      return {floats.begin(), floats.end()};
    }
    std::vector<BFloat16> narrow(values.size());
    download(narrow.data(), tensor);
    std::transform(narrow.begin(), narrow.end(), values.begin(), to_float);
    return values;
  }

  // c and the scratch are NaN before the product, unless it accumulates.
  std::vector<double> multiply(const MatmulProblem& p, const MatmulOperands& operands) {
    Context& context = cuda_context();
    const auto kernel = plan_matmul(context, p);
    const auto bytes = [](std::size_t count) {
      return TensorSpec{{std::int64_t(count)}, DType::u8};
    };
    const OwnedTensor a =
        on_device(p.transpose_a ? Shape{p.k, p.m} : Shape{p.m, p.k}, operands.a, p.a_dtype);
    const OwnedTensor b =
        on_device(p.transpose_b ? Shape{p.n, p.k} : Shape{p.k, p.n}, operands.b, p.b_dtype);
    const OwnedTensor bias = on_device({p.n}, operands.bias);
    const OwnedTensor c = on_device({p.m, p.n}, operands.c, p.c_dtype);
    const OwnedTensor packed(Device::cuda(0), bytes(kernel->packed_bytes()));
    const OwnedTensor scratch(Device::cuda(0), bytes(kernel->scratch_bytes()));
    set_bytes(context, packed.tensor, 0xff);
    set_bytes(context, scratch.tensor, 0xff);
    if (!p.accumulate) {
      set_bytes(context, c.tensor, 0xff);
    }
    if (p.pack_b) {
      kernel->pack(context, b.tensor, packed.tensor);
    }
    kernel->run(context, {a.tensor, p.pack_b ? packed.tensor : b.tensor,
                          p.bias ? bias.tensor : Tensor{}, c.tensor, scratch.tensor});
    context.synchronize();
    return p.m * p.n == 0 ? std::vector<double>() : on_host(c.tensor);
  }

  // Twice, in different orders of emulated threads: the same bits.
  std::vector<double> multiply_in_two_orders(const MatmulProblem& p,
                                             const MatmulOperands& operands) {
    set_order(0);
    const std::vector<double> c = multiply(p, operands);
    set_order(2);
    EXPECT_EQ(multiply(p, operands), c);
    return c;
  }

  // |error| of a sum of k products of factors in [-1, 1], in any order, and its epilogue.
  static double bound(const MatmulProblem& p, const MatmulOperands& operands) {
    return kEpsilon * double(p.k + 2) * (largest(operands.a) * largest(operands.b) + 2.0);
  }
};

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

TEST_F(CudaMatmul, InBf16MemoryIsExactOnIntegersUpToItsLastRounding) {
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
TEST_F(CudaMatmul, InBf16MemoryRoundsItsFactorsAndItsResultAndNothingElse) {
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
        for (std::size_t i = 0; i < got.size(); ++i) {
          ASSERT_NEAR(got[i], want[i], last * std::abs(want[i]) + bound(problem, operands))
              << types.a << ' ' << types.b << ' ' << types.c << " at " << i;
        }
      }
    }
  }
}

TEST_F(CudaMatmul, InBf16MemoryOfManyTilesIsExactOnIntegers) {
  for (const bool transpose : {false, true}) {
    const MatmulProblem problem = in_memory(
        {.m = 1500, .n = 1416, .k = 72, .transpose_a = transpose, .transpose_b = !transpose},
        {DType::bf16, DType::bf16, DType::f32});
    const MatmulOperands operands = matmul_operands(problem, Values::integer);
    test::expect_close("c", multiply(problem, operands), expected(problem, operands), 0.0);
  }
}

TEST_F(CudaMatmul, OfBf16PacksHalfTheBytesAndRoundsNothingTwice) {
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

TEST_F(CudaMatmul, RefusesTypesThatItCannotMultiply) {
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

TEST_F(CudaMatmul, RefusesWhatItCannotPlan) {
  Context& context = cuda_context();
  EXPECT_THROW(plan_matmul(context, {.m = -1, .n = 2, .k = 2}), ArgumentError);
  EXPECT_THROW(plan_matmul(context, {.m = 2, .n = 2, .k = 2, .accumulate = true, .relu = true}),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
