// Matrix products by cuBLASLt.
#include <algorithm>
#include <utility>

#include "core/cuda/device_scope.h"
#include "kernels/cuda/bias_activation.h"
#include "kernels/cuda/cublas/product.h"
#include "kernels/cuda/matmul_choice.h"
#include "kernels/cuda/matmul_parts.h"

namespace lrcn::cuda {
namespace {

// context.handle<CublasSession>(): the library and a handle.
class CublasSession {
 public:
  explicit CublasSession(Context& context) {
    const DeviceScope scope(context.device());
    functions_.check(functions_.create(&handle_), "cublasLtCreate");
  }
  CublasSession(const CublasSession&) = delete;
  CublasSession& operator=(const CublasSession&) = delete;
  ~CublasSession() { functions_.destroy(handle_); }

  const CublasFunctions& functions() const { return functions_; }
  cublasLtHandle_t handle() const { return handle_; }

 private:
  CublasFunctions functions_;
  cublasLtHandle_t handle_ = nullptr;
};

class CublasMatmul final : public MatmulKernel {
 public:
  // fused: bias and ReLU are part of the product.
  CublasMatmul(cublasLtHandle_t handle, const MatmulProblem& problem, CublasProduct product,
               bool fused)
      : handle_(handle), p_(problem), product_(std::move(product)), fused_(fused) {
    rounded_a_ = p_.a_dtype != factors() ? narrow_bytes(matmul_a_shape(p_).elements()) : 0;
    rounded_b_ = p_.b_dtype != factors() && !p_.pack_b ? narrow_bytes(p_.k * p_.n) : 0;
  }

  static DType factors_of(const MatmulProblem& p) {
    return p.a_dtype == DType::bf16 || p.b_dtype == DType::bf16 ? DType::bf16 : DType::f32;
  }

  std::size_t packed_bytes() const override {
    return p_.pack_b ? std::size_t(p_.k * p_.n) * size_of(factors()) : 0;
  }
  std::size_t scratch_bytes() const override {
    return rounded_a_ + rounded_b_ + product_.workspace_bytes();
  }

  // As it is stored, in the type of the factors.
  void pack(Context& context, Tensor b, Tensor packed) const override {
    check_matmul_pack(p_, b, packed, packed_bytes());
    convert(context, b, packed.data);
  }

  void run(Context& context, const MatmulArguments& arguments) const override {
    check_devices("matmul", context.device(), arguments);
    check_matmul_run(p_, arguments, packed_bytes(), scratch_bytes());
    auto* scratch = static_cast<std::byte*>(arguments.scratch.data);
    if (p_.limit == MatmulLimit::terms) {  // all of them are read
      const MatmulCut cut{arguments.limit.as<std::int32_t>(), arguments.limit_begin};
      launch_matmul_clear(context, arguments.a, cut);
      launch_matmul_clear(context, arguments.b, cut);
    }
    CublasProduct::Pointers at{.a = arguments.a.data,
                               .b = arguments.b.data,
                               .bias = p_.bias ? arguments.bias.as<float>() : nullptr,
                               .c = arguments.c.data,
                               .workspace = scratch + rounded_a_ + rounded_b_};
    if (rounded_a_ > 0) {
      convert(context, arguments.a, scratch);
      at.a = scratch;
    }
    if (rounded_b_ > 0) {
      convert(context, arguments.b, scratch + rounded_a_);
      at.b = scratch + rounded_a_;
    }
    product_.run(context, handle_, at, p_.accumulate);
    if (!fused_) {
      add_bias_and_activate(context, arguments.c, arguments.bias, p_.relu);
    }
  }

 private:
  static std::size_t narrow_bytes(std::int64_t elements) {
    return (std::size_t(elements) * sizeof(BFloat16) + 255) / 256 * 256;
  }
  DType factors() const { return factors_of(p_); }
  void convert(Context& context, const Tensor& x, void* to) const {
    launch_matmul_copy(context, {x.data, x.spec.dtype},
                       {to, {x.spec.shape, factors()}, context.device()});
  }

  cublasLtHandle_t handle_;
  MatmulProblem p_;
  CublasProduct product_;
  bool fused_;
  std::size_t rounded_a_ = 0;  // of an f32 factor beside one that is bf16, in scratch
  std::size_t rounded_b_ = 0;
};

}  // namespace

std::unique_ptr<MatmulKernel> plan_cublaslt_matmul(Context& context, const MatmulProblem& problem) {
  check_matmul(problem);
  if (problem.m == 0 || problem.n == 0 || problem.k == 0) {
    return nullptr;
  }
  const DeviceScope scope(context.device());
  const auto& session = context.handle<CublasSession>();
  const DType factors = CublasMatmul::factors_of(problem);
  for (const bool fused : {true, false}) {
    if (!fused && !problem.bias && !problem.relu) {
      break;
    }
    CublasProduct product(session.functions(), problem, factors, fused);
    if (product.find_algorithms(session.handle())) {
      return std::make_unique<CublasMatmul>(session.handle(), problem, std::move(product), fused);
    }
  }
  return nullptr;
}

}  // namespace lrcn::cuda
