// Runs a matrix product on a CUDA device, real or emulated.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/matmul.h"
#include "tests/kernels/cuda/cuda_agreement.h"
#include "tests/kernels/matmul_cases.h"

namespace lrcn::test {

class MatmulOnCuda : public CudaAgreement {
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

}  // namespace lrcn::test
