// A matrix product as cuBLASLt describes it.
#pragma once

#include <optional>

#include "kernels/cuda/cublas/functions.h"
#include "kernels/matmul.h"

namespace lrcn::cuda {

struct CublasAlgorithm {
  cublasLtMatmulAlgo_t algorithm;
  std::size_t workspace;
};

// A product with one epilogue, and its algorithms for addresses of two kinds. cuBLASLt stores by
// columns: c = op(a) op(b), stored by rows, is c^T = op(b)^T op(a)^T stored by columns. b is its
// first factor, a its second one, and neither is moved.
class CublasProduct {
 public:
  // factors: the type in memory that both have. fused: with the bias and ReLU of the problem. Needs
  // no device. The functions must outlive it.
  CublasProduct(const CublasFunctions& lt, const MatmulProblem& p, DType factors, bool fused);

  // False where there is no algorithm.
  bool find_algorithms(cublasLtHandle_t handle);
  std::size_t workspace_bytes() const;
  struct Pointers {
    const void *a, *b;
    const float* bias;
    void *c, *workspace;
  };
  void run(Context& context, cublasLtHandle_t handle, const Pointers& at, bool accumulate) const;

 private:
  CublasOwned<cublasLtMatrixLayout_t> layout(DType dtype, std::int64_t rows, std::int64_t columns,
                                             std::int64_t pitch) const;
  template <class T>
  void set(cublasLtMatmulDescAttributes_t attribute, const T& value) const {
    lt_.check(lt_.set_product(product_.get(), attribute, &value, sizeof(value)),
              "cublasLtMatmulDescSetAttribute");
  }
  std::optional<CublasAlgorithm> algorithm_for(cublasLtHandle_t handle, std::uint32_t align_factors,
                                               std::uint32_t align_c) const;

  const CublasFunctions& lt_;
  bool bias_;
  DType factors_;
  DType c_type_;
  CublasOwned<cublasLtMatmulDesc_t> product_;
  CublasOwned<cublasLtMatrixLayout_t> first_, second_, result_;
  std::optional<CublasAlgorithm> at_16_bytes_, anywhere_;
};

}  // namespace lrcn::cuda
