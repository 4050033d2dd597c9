// cuBLASLt on a device against the double-precision reference.
#include "kernels/matmul.h"

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

  std::vector<double> multiply(const MatmulProblem& p, const MatmulOperands& operands) {
    Context& context = cuda_context();
    const auto kernel = cuda::plan_cublaslt_matmul(context, p);
    check(kernel != nullptr, "cuBLASLt has no algorithm");
    const auto bytes = [](std::size_t count) {
      return TensorSpec{{std::int64_t(count)}, DType::u8};
    };
    const OwnedTensor a =
        on_device(p.transpose_a ? Shape{p.k, p.m} : Shape{p.m, p.k}, operands.a, p.a_dtype);
    const OwnedTensor b =
        on_device(p.transpose_b ? Shape{p.n, p.k} : Shape{p.k, p.n}, operands.b, p.b_dtype);
    const OwnedTensor bias = on_device({p.n}, operands.bias, DType::f32);
    const OwnedTensor c = on_device({p.m, p.n}, operands.c, p.c_dtype);
    const OwnedTensor packed(Device::cuda(0), bytes(kernel->packed_bytes()));
    const OwnedTensor scratch(Device::cuda(0), bytes(kernel->scratch_bytes()));
    if (!p.accumulate) {
      set_bytes(context, c.tensor, 0xff);
    }
    if (p.pack_b) {
      kernel->pack(context, b.tensor, packed.tensor);
    }
    kernel->run(context, {a.tensor, p.pack_b ? packed.tensor : b.tensor,
                          p.bias ? bias.tensor : Tensor{}, c.tensor, scratch.tensor});
    context.synchronize();
    std::vector<float> wide(std::size_t(p.m * p.n));
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

TEST_F(CudaCublasMatmul, HasNothingForProductsWithoutElements) {
  for (const MatmulSize& size : kEmptyMatmulSizes) {
    EXPECT_EQ(cuda::plan_cublaslt_matmul(cuda_context(), {.m = size.m, .n = size.n, .k = size.k}),
              nullptr);
  }
}

}  // namespace
}  // namespace lrcn::test
