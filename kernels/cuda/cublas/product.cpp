#include "kernels/cuda/cublas/product.h"

#include <algorithm>

#include "core/cuda/device_scope.h"

namespace lrcn::cuda {
namespace {

constexpr std::size_t kWorkspaceLimit = std::size_t(32) << 20;
constexpr std::size_t kGoodAlignment = 16;  // bytes; algorithms for less read single elements

cudaDataType_t type_of(DType dtype) { return dtype == DType::bf16 ? CUDA_R_16BF : CUDA_R_32F; }

cublasComputeType_t compute_type_of(const MatmulProblem& problem, DType factors) {
  if (factors == DType::bf16 || problem.precision == Precision::f32) {
    return CUBLAS_COMPUTE_32F;
  }
  return problem.precision == Precision::tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32
                                              : CUBLAS_COMPUTE_32F_FAST_16BF;
}

}  // namespace

CublasProduct::CublasProduct(const CublasFunctions& lt, const MatmulProblem& p, DType factors,
                             bool fused)
    : lt_(lt),
      bias_(fused && p.bias),
      factors_(factors),
      c_type_(p.c_dtype),
      product_(nullptr, lt.destroy_product),
      first_(p.transpose_b ? layout(factors, p.k, p.n, p.k) : layout(factors, p.n, p.k, p.n)),
      second_(p.transpose_a ? layout(factors, p.m, p.k, matmul_a_shape(p)[1])
                            : layout(factors, p.k, p.m, matmul_a_shape(p)[1])),
      result_(layout(p.c_dtype, p.n, p.m, matmul_c_shape(p)[1])) {
  cublasLtMatmulDesc_t product = nullptr;
  lt.check(lt.create_product(&product, compute_type_of(p, factors), CUDA_R_32F),
           "cublasLtMatmulDescCreate");
  product_.reset(product);
  set(CUBLASLT_MATMUL_DESC_TRANSA, p.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_TRANSB, p.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N);
  const bool relu = fused && p.relu;
  set(CUBLASLT_MATMUL_DESC_EPILOGUE, bias_ && relu ? CUBLASLT_EPILOGUE_RELU_BIAS
                                     : bias_       ? CUBLASLT_EPILOGUE_BIAS
                                     : relu        ? CUBLASLT_EPILOGUE_RELU
                                                   : CUBLASLT_EPILOGUE_DEFAULT);
  if (bias_) {
    set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, CUDA_R_32F);
  }
}

// Stored by columns, `pitch` elements from one to the next.
CublasOwned<cublasLtMatrixLayout_t> CublasProduct::layout(DType dtype, std::int64_t rows,
                                                          std::int64_t columns,
                                                          std::int64_t pitch) const {
  cublasLtMatrixLayout_t layout = nullptr;
  lt_.check(lt_.create_layout(&layout, type_of(dtype), std::uint64_t(rows), std::uint64_t(columns),
                              pitch),
            "cublasLtMatrixLayoutCreate");
  return {layout, lt_.destroy_layout};
}

std::optional<CublasAlgorithm> CublasProduct::algorithm_for(cublasLtHandle_t handle,
                                                            std::uint32_t align_factors,
                                                            std::uint32_t align_c) const {
  if (bias_) {
    // Not read, but an algorithm is only found for a bias that is there.
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, std::uintptr_t(std::max<std::uint32_t>(align_c, 4)));
  }
  cublasLtMatmulPreference_t made = nullptr;
  lt_.check(lt_.create_preference(&made), "cublasLtMatmulPreferenceCreate");
  const CublasOwned<cublasLtMatmulPreference_t> preference(made, lt_.destroy_preference);
  const auto set = [&](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
    lt_.check(lt_.set_preference(preference.get(), attribute, &value, sizeof(value)),
              "cublasLtMatmulPreferenceSetAttribute");
  };
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t(kWorkspaceLimit));
  // Parts of sums are added in f32 and in one order: the same bits every time.
  set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
      std::uint32_t(CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, align_factors);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, align_factors);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, align_c);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, align_c);
  cublasLtMatmulHeuristicResult_t result{};
  int count = 0;
  const cublasStatus_t status =
      lt_.heuristics(handle, product_.get(), first_.get(), second_.get(), result_.get(),
                     result_.get(), preference.get(), 1, &result, &count);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE) {
    return std::nullopt;
  }
  lt_.check(status, "cublasLtMatmulAlgoGetHeuristic");
  if (count == 0 || result.state != CUBLAS_STATUS_SUCCESS) {
    return std::nullopt;
  }
  return CublasAlgorithm{result.algo, result.workspaceSize};
}

bool CublasProduct::find_algorithms(cublasLtHandle_t handle) {
  at_16_bytes_ = algorithm_for(handle, kGoodAlignment, kGoodAlignment);
  anywhere_ =
      algorithm_for(handle, std::uint32_t(size_of(factors_)), std::uint32_t(size_of(c_type_)));
  return anywhere_.has_value();
}

std::size_t CublasProduct::workspace_bytes() const {
  return std::max(at_16_bytes_ ? at_16_bytes_->workspace : 0, anywhere_->workspace);
}

void CublasProduct::run(Context& context, cublasLtHandle_t handle, const Pointers& at,
                        bool accumulate) const {
  if (bias_) {
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, at.bias);
  }
  bool good = at_16_bytes_.has_value();
  for (const void* pointer :
       {at.a, at.b, static_cast<const void*>(at.c), static_cast<const void*>(at.bias)}) {
    good = good && reinterpret_cast<std::uintptr_t>(pointer) % kGoodAlignment == 0;
  }
  const CublasAlgorithm& chosen = good ? *at_16_bytes_ : *anywhere_;
  const float one = 1.0f;
  const float beta = accumulate ? 1.0f : 0.0f;
  const DeviceScope scope(context.device());
  lt_.check(lt_.matmul(handle, product_.get(), &one, at.b, first_.get(), at.a, second_.get(), &beta,
                       at.c, result_.get(), at.c, result_.get(), &chosen.algorithm, at.workspace,
                       chosen.workspace, static_cast<cudaStream_t>(context.stream())),
            "cublasLtMatmul");
}

}  // namespace lrcn::cuda
