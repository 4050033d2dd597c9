// cuBLASLt on a device against the double-precision reference.
#include "kernels/matmul.h"

#include <limits>

#include "kernels/cuda/matmul_choice.h"
#include "tests/kernels/cuda/cuda_agreement.h"
#include "tests/kernels/matmul_cases.h"

namespace lrcn::test {
namespace {

class CudaCublasMatmul : public CudaAgreement {
 protected:
  OwnedTensor on_device(const Shape& shape, const std::vector<double>& values, DType dtype) {
    OwnedTensor tensor(Device::cuda(0), {shape, dtype});
    const std::vector<float> wide(values.begin(), values.end());
    std::vector<BFloat16> narrow(values.size());
    std::transform(wide.begin(), wide.end(), narrow.begin(), to_bfloat16);
    dtype == DType::bf16 ? upload(tensor.tensor, narrow.data())
                         : upload(tensor.tensor, wide.data());
    return tensor;
  }

  // limit: for problems that have one.
  std::vector<double> multiply(const MatmulProblem& p, const MatmulOperands& operands,
                               std::int32_t limit = 0) {
    Context& context = cuda_context();
    const auto kernel = cuda::plan_cublaslt_matmul(context, p);
    check(kernel != nullptr, "cuBLASLt has no algorithm");
    const auto bytes = [](std::size_t count) {
      return TensorSpec{{std::int64_t(count)}, DType::u8};
    };
    const OwnedTensor a = on_device(matmul_a_shape(p), operands.a, p.a_dtype);
    const OwnedTensor b = on_device(matmul_b_shape(p), operands.b, p.b_dtype);
    const OwnedTensor bias = on_device({p.n}, operands.bias, DType::f32);
    const OwnedTensor c = on_device(matmul_c_shape(p), operands.c, p.c_dtype);
    const OwnedTensor counted(Device::cuda(0), {{1}, DType::i32});
    upload(counted.tensor, &limit);
    const OwnedTensor packed(Device::cuda(0), bytes(kernel->packed_bytes()));
    const OwnedTensor scratch(Device::cuda(0), bytes(kernel->scratch_bytes()));
    if (!p.accumulate) {
      set_bytes(context, c.tensor, 0xff);
    }
    if (p.pack_b) {
      kernel->pack(context, b.tensor, packed.tensor);
    }
    kernel->run(context, {a.tensor, p.pack_b ? packed.tensor : b.tensor,
                          p.bias ? bias.tensor : Tensor{}, c.tensor, scratch.tensor,
                          p.limit != MatmulLimit::none ? counted.tensor : Tensor{}});
    context.synchronize();
    std::vector<float> wide(std::size_t(c.tensor.elements()));
    if (p.c_dtype == DType::f32) {
      download(wide.data(), c.tensor);
    } else {
      std::vector<BFloat16> narrow(wide.size());
      download(narrow.data(), c.tensor);
      std::transform(narrow.begin(), narrow.end(), wide.begin(), to_float);
    }
    return {wide.begin(), wide.end()};
  }
};

// Integers are exact in every precision, and so are their sums.
TEST_F(CudaCublasMatmul, IsExactOnIntegersWithEveryCombinationOfOptions) {
  for (const MatmulSize& size : kMatmulSizes) {
    for_each_matmul(size, [&](MatmulProblem problem) {
      const MatmulOperands operands = matmul_operands(problem, Values::integer);
      for (const auto precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
        problem.precision = precision;
        test::expect_close("c", multiply(problem, operands), expected(problem, operands), 0.0);
      }
    });
  }
}

TEST_F(CudaCublasMatmul, StaysWithinTheErrorBoundOfItsSums) {
  for (const MatmulSize& size : kMatmulSizes) {
    const MatmulProblem problem{
        .m = size.m, .n = size.n, .k = size.k, .transpose_b = true, .bias = true, .relu = true};
    const MatmulOperands operands = matmul_operands(problem, Values::real);
    const double bound =
        kEpsilon * double(size.k + 2) * (largest(operands.a) * largest(operands.b) + 2.0);
    test::expect_close("c", multiply(problem, operands), expected(problem, operands), bound);
  }
}

// Sums of up to 32 products of integers below 5 are integers below 512, which bf16 rounds to even
// numbers at most; the bias is added before or after that.
TEST_F(CudaCublasMatmul, ReadsAndWritesBf16) {
  for (const MatmulSize size : {MatmulSize{31, 33, 32}, {64, 48, 24}, {5, 16, 8}}) {
    for (const DType a : {DType::f32, DType::bf16}) {
      for (const DType c : {DType::f32, DType::bf16}) {
        for (const bool pack : {false, true}) {
          const MatmulProblem problem{.m = size.m,
                                      .n = size.n,
                                      .k = size.k,
                                      .transpose_b = true,
                                      .bias = true,
                                      .pack_b = pack,
                                      .precision = Precision::bf16,
                                      .a_dtype = a,
                                      .b_dtype = DType::bf16,
                                      .c_dtype = c};
          const MatmulOperands operands = matmul_operands(problem, Values::integer);
          const double bound = c == DType::f32 ? 0.0 : 4.0;
          test::expect_close("c", multiply(problem, operands), expected(problem, operands), bound);
        }
      }
    }
  }
}

// Padding and what lies behind the limit are NaN.
TEST_F(CudaCublasMatmul, TakesNothingFromBehindALimitOrFromGaps) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  MatmulProblem terms{.m = 33, .n = 41, .k = 70, .transpose_a = true};
  MatmulOperands operands = matmul_operands(terms, Values::integer);
  terms.k = 37;
  const std::vector<double> sums = expected(terms, operands);
  terms.k = 70;
  terms.limit = MatmulLimit::terms;
  terms.a_pitch = 40;
  std::vector<double> wide(70 * 40, kNaN);
  for (std::size_t i = 0; i < 37 * 33; ++i) {
    wide[i / 33 * 40 + i % 33] = operands.a[i];
  }
  operands.a = wide;
  std::fill(operands.b.begin() + 37 * 41, operands.b.end(), kNaN);
  test::expect_close("c", multiply(terms, operands, 37), sums, 0.0);

  MatmulProblem rows{.m = 33, .n = 41, .k = 24, .transpose_b = true, .bias = true};
  operands = matmul_operands(rows, Values::integer);
  const std::vector<double> want = expected(rows, operands);
  rows.limit = MatmulLimit::rows;
  rows.c_pitch = 48;
  std::fill(operands.a.begin() + 20 * 24, operands.a.end(), kNaN);
  operands.c.resize(33 * 48);
  const std::vector<double> got = multiply(rows, operands, 20);
  for (std::size_t i = 0; i < 20 * 41; ++i) {
    ASSERT_EQ(got[i / 41 * 48 + i % 41], want[i]) << i;
  }
}

TEST_F(CudaCublasMatmul, HasNothingForProductsWithoutElements) {
  for (const MatmulSize& size : kEmptyMatmulSizes) {
    EXPECT_EQ(cuda::plan_cublaslt_matmul(cuda_context(), {.m = size.m, .n = size.n, .k = size.k}),
              nullptr);
  }
}

}  // namespace
}  // namespace lrcn::test
