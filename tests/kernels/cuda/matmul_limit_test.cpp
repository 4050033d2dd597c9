// Products of rows with gaps between them, and products of which a number on the device says how
// far they go.
#include <limits>

#include "kernels/cuda/matmul_parts.h"
#include "tests/kernels/cuda/matmul_on_cuda.h"
#include "tests/reference/rounding.h"

namespace lrcn::test {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kHeld = 7.0;  // what c holds before a product that does not accumulate

struct Kind {
  Precision precision;
  DType factors;
};
constexpr Kind kKinds[] = {{Precision::f32, DType::f32},
                           {Precision::tf32, DType::f32},
                           {Precision::bf16, DType::f32},
                           {Precision::bf16, DType::bf16}};

MatmulProblem of_kind(MatmulProblem p, const Kind& kind) {
  p.precision = kind.precision;
  p.a_dtype = p.b_dtype = kind.factors;
  p.c_dtype = p.accumulate ? DType::f32 : kind.factors;
  return p;
}

// Rows of `from` columns in rows of `to` columns.
std::vector<double> widened(const std::vector<double>& values, std::int64_t from, std::int64_t to,
                            double padding) {
  std::vector<double> wide;
  for (std::size_t i = 0; i < values.size(); ++i) {
    wide.push_back(values[i]);
    if (std::int64_t(i + 1) % from == 0) {
      wide.insert(wide.end(), std::size_t(to - from), padding);
    }
  }
  return wide;
}

class CudaMatmulLimit : public MatmulOnCuda {
 protected:
  // What c holds afterwards, padding included. Padding of a is NaN; `limit` is for problems that
  // have one.
  std::vector<double> result_of(const MatmulProblem& p, const MatmulOperands& operands,
                                std::int32_t limit, std::int64_t limit_begin = 0) {
    Context& context = cuda_context();
    const auto kernel = plan_matmul(context, p);
    const Shape a_shape = matmul_a_shape(p);
    const OwnedTensor a = on_device(
        a_shape, widened(operands.a, p.transpose_a ? p.m : p.k, a_shape[1], kNaN), p.a_dtype);
    const OwnedTensor b = on_device(matmul_b_shape(p), operands.b, p.b_dtype);
    const OwnedTensor bias = on_device({p.n}, operands.bias);
    const Shape c_shape = matmul_c_shape(p);
    const OwnedTensor c =
        on_device(c_shape, widened(held(p, operands), p.n, c_shape[1], kHeld), p.c_dtype);
    const OwnedTensor counted(Device::cuda(0), {{1}, DType::i32});
    upload(counted.tensor, &limit);
    const OwnedTensor scratch(Device::cuda(0),
                              {{std::int64_t(kernel->scratch_bytes())}, DType::u8});
    set_bytes(context, scratch.tensor, 0xff);
    kernel->run(context, {.a = a.tensor,
                          .b = b.tensor,
                          .bias = p.bias ? bias.tensor : Tensor{},
                          .c = c.tensor,
                          .scratch = scratch.tensor,
                          .limit = p.limit != MatmulLimit::none ? counted.tensor : Tensor{},
                          .limit_begin = limit_begin});
    context.synchronize();
    return on_host(c.tensor);
  }

  static std::vector<double> held(const MatmulProblem& p, const MatmulOperands& operands) {
    return p.accumulate ? operands.c : std::vector<double>(std::size_t(p.m * p.n), kHeld);
  }

  // What c should hold: `rows` rows of the product, and nothing else that is not as it was.
  static std::vector<double> wanted(const MatmulProblem& p, const MatmulOperands& operands,
                                    std::int64_t rows) {
    std::vector<double> c = expected(p, operands);
    const std::vector<double> before = held(p, operands);
    for (std::size_t i = 0; i < c.size(); ++i) {
      c[i] = std::int64_t(i) < rows * p.n ? c[i] : before[i];
      c[i] = p.c_dtype == DType::bf16 ? rounded(float(c[i]), Precision::bf16) : c[i];
    }
    return widened(c, p.n, matmul_c_shape(p)[1], kHeld);
  }
};

// Rows that begin at 16 bytes, at 4 and at 2; few, some and many rows.
TEST_F(CudaMatmulLimit, ReadsAndWritesTheFirstColumnsOfWiderRows) {
  for (const Kind& kind : kKinds) {
    for (const unsigned bits : {0u, 1u, 2u, 3u}) {
      for (const std::int64_t gap : {1, 2, 7}) {
        for (const MatmulSize& size :
             {MatmulSize{3, 17, 33}, {33, 17, 1}, {33, 1, 31}, {65, 33, 129}}) {
          MatmulProblem p{.m = size.m,
                          .n = size.n,
                          .k = size.k,
                          .transpose_a = (bits & 1u) != 0,
                          .transpose_b = (bits & 2u) != 0,
                          .bias = true};
          p = of_kind(p, kind);
          p.a_pitch = (p.transpose_a ? p.m : p.k) + gap;
          p.c_pitch = p.n + gap;
          SCOPED_TRACE(
              concat(kind.precision, ' ', kind.factors, ", ", bits, ", gap ", gap, ", m ", p.m));
          const MatmulOperands operands = matmul_operands(p, Values::integer);
          test::expect_close("c", result_of(p, operands, 0), wanted(p, operands, p.m), 0.0);
        }
      }
    }
  }
}

// Rows behind the limit are NaN in a, and untouched in c.
TEST_F(CudaMatmulLimit, RowsBehindTheLimitAreNeitherNeededNorWritten) {
  for (const Kind& kind : kKinds) {
    for (const bool transpose : {false, true}) {
      for (const std::int64_t m : {7, 150}) {
        MatmulProblem p{.m = m,
                        .n = 33,
                        .k = 300,
                        .transpose_a = transpose,
                        .transpose_b = !transpose,
                        .bias = true,
                        .limit = MatmulLimit::rows};
        p = of_kind(p, kind);
        p.c_pitch = 40;
        for (const std::int32_t limit : {0, 1, 5, 64, 65, 128, 149, 150, 1000}) {
          for (const std::int64_t begin : {0, 3}) {
            SCOPED_TRACE(concat(kind.precision, ' ', kind.factors, ", transposed ", transpose, ", ",
                                limit, " - ", begin, " of ", m));
            const std::int64_t rows = std::clamp<std::int64_t>(limit - begin, 0, m);
            const MatmulOperands operands = matmul_operands(p, Values::integer);
            MatmulOperands dirty = operands;
            for (std::int64_t i = 0; i < m * p.k; ++i) {
              const bool behind = (transpose ? i % m : i / p.k) >= rows;
              dirty.a[std::size_t(i)] = behind ? kNaN : dirty.a[std::size_t(i)];
            }
            test::expect_close("c", result_of(p, dirty, limit, begin), wanted(p, operands, rows),
                               0.0);
          }
        }
      }
    }
  }
}

// Of many terms in several runs, some of which lie wholly behind the limit; and of few rows of c.
TEST_F(CudaMatmulLimit, TermsBehindTheLimitAddNothing) {
  for (const Kind& kind : kKinds) {
    for (const std::int64_t m : {5, 33}) {
      for (const bool accumulate : {false, true}) {
        MatmulProblem p{.m = m,
                        .n = 41,
                        .k = 1400,
                        .transpose_a = true,
                        .accumulate = accumulate,
                        .limit = MatmulLimit::terms};
        p = of_kind(p, kind);
        p.a_pitch = 40;
        EXPECT_GT(plan_matmul(cuda_context(), p)->scratch_bytes(), 0u);
        for (const std::int32_t limit : {0, 1, 255, 288, 289, 900, 1400, 5000}) {
          SCOPED_TRACE(concat(kind.precision, ' ', kind.factors, ", m ", m, ", ", limit));
          MatmulOperands dirty = matmul_operands(p, Values::integer);
          MatmulProblem cut = p;
          cut.k = std::min<std::int64_t>(limit, p.k);
          const std::vector<double> want = wanted(cut, dirty, m);
          std::fill(dirty.a.begin() + cut.k * p.m, dirty.a.end(), kNaN);
          std::fill(dirty.b.begin() + cut.k * p.n, dirty.b.end(), kNaN);
          test::expect_close("c", result_of(p, dirty, limit), want, 0.0);
        }
      }
    }
  }
}

TEST_F(CudaMatmulLimit, GivesTheSameBitsInEveryOrder) {
  for (const Kind& kind : kKinds) {
    for (const MatmulLimit limit : {MatmulLimit::rows, MatmulLimit::terms}) {
      const MatmulProblem p = of_kind(
          {.m = 70, .n = 45, .k = 1001, .transpose_a = true, .accumulate = true, .limit = limit},
          kind);
      const MatmulOperands operands = matmul_operands(p, Values::real);
      set_order(0);
      const std::vector<double> c = result_of(p, operands, 66);
      set_order(2);
      EXPECT_EQ(result_of(p, operands, 66), c);
    }
  }
}

// For libraries, which read all terms.
TEST_F(CudaMatmulLimit, WhatDoesNotCountIsCleared) {
  for (const DType dtype : kElementTypes) {
    for (const std::int32_t limit : {-1, 0, 1, 20, 37, 50}) {
      const std::vector<double> ones(37 * 33, 1.0);
      const OwnedTensor x = on_device({37, 33}, ones, dtype);
      const OwnedTensor counted(Device::cuda(0), {{1}, DType::i32});
      upload(counted.tensor, &limit);
      cuda::launch_matmul_clear(cuda_context(), x.tensor, {counted.tensor.as<std::int32_t>(), 2});
      cuda_context().synchronize();
      const std::vector<double> got = on_host(x.tensor);
      for (std::size_t i = 0; i < got.size(); ++i) {
        ASSERT_EQ(got[i], std::int64_t(i) < std::int64_t(limit - 2) * 33 ? 1.0 : 0.0) << i;
      }
    }
  }
}

TEST_F(CudaMatmulLimit, RefusesWhatDoesNotFit) {
  Context& context = cuda_context();
  const MatmulProblem good{.m = 4, .n = 5, .k = 6};
  MatmulProblem p = good;
  p.a_pitch = 5;
  EXPECT_THROW(plan_matmul(context, p), ArgumentError);
  p = good;
  p.c_pitch = 4;
  EXPECT_THROW(plan_matmul(context, p), ArgumentError);
  p = good;
  p.limit = MatmulLimit::terms;
  EXPECT_THROW(plan_matmul(context, p), ArgumentError);
  p.limit = MatmulLimit::rows;
  EXPECT_THROW(plan_matmul(cpu_context(), p), ArgumentError);
  const auto kernel = plan_matmul(context, p);
  const OwnedTensor a(Device::cuda(0), {{4, 6}});
  const OwnedTensor b(Device::cuda(0), {{6, 5}});
  const OwnedTensor c(Device::cuda(0), {{4, 5}});
  EXPECT_THROW(kernel->run(context, {a.tensor, b.tensor, {}, c.tensor, {}}), ArgumentError);
  EXPECT_THROW(kernel->run(context, {a.tensor, b.tensor, {}, c.tensor, {}, c.tensor}),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
