#include "kernels/cuda/matmul_choice.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/transfer.h"
#include "kernels/algorithm_choices.h"
#include "kernels/cuda/plan_measurement.h"
#include "kernels/nvidia_libraries.h"

namespace lrcn::cuda {
namespace {

// How much of what a limit may cut counts while kernels are measured. Half to two thirds of the
// rows of captions of a bucket do (docs/design/vocabulary_loss.md).
std::int32_t expected_limit(const MatmulProblem& p) {
  constexpr double kExpected = 0.625;
  return std::int32_t(kExpected * double(p.limit == MatmulLimit::terms ? p.k : p.m));
}

// Kernels of one product on memory that they share.
class Trial {
 public:
  Trial(Context& context, const MatmulProblem& problem,
        std::span<const MatmulKernel* const> kernels)
      : context_(context), p_(problem), kernels_(kernels) {
    std::size_t packed = 0;
    std::size_t scratch = 0;
    for (const MatmulKernel* kernel : kernels) {
      packed = std::max(packed, kernel->packed_bytes());
      scratch = std::max(scratch, kernel->scratch_bytes());
    }
    a_ = operand(matmul_a_shape(p_), p_.a_dtype);
    b_ = operand(matmul_b_shape(p_), p_.b_dtype);
    c_ = operand(matmul_c_shape(p_), p_.c_dtype);
    bias_ = operand({p_.n}, DType::f32);
    limit_ = operand({1}, DType::i32);
    const std::int32_t limit = expected_limit(p_);
    upload(limit_.tensor, &limit);
    packed_ = operand({std::int64_t(packed)}, DType::u8);
    scratch_ = operand({std::int64_t(scratch)}, DType::u8);
  }

  std::size_t fastest() {
    std::vector<TimedRun> runs;
    for (const MatmulKernel* kernel : kernels_) {
      runs.push_back(timed_run(context_, [this, kernel] {
        kernel->run(context_,
                    {a_.tensor, p_.pack_b ? packed_.tensor : b_.tensor,
                     p_.bias ? bias_.tensor : Tensor{}, c_.tensor, scratch_.tensor, limit_.tensor});
      }));
    }
    return context_.handle<PlanMeasurement>().fastest(runs);
  }

 private:
  OwnedTensor operand(const Shape& shape, DType dtype) {
    OwnedTensor owned;
    const TensorSpec spec{shape, dtype};
    owned.buffer = allocate_operand(context_, spec.bytes());
    owned.tensor = owned.buffer.view(0, spec);
    return owned;
  }

  Context& context_;
  const MatmulProblem& p_;
  std::span<const MatmulKernel* const> kernels_;
  OwnedTensor a_, b_, c_, bias_, limit_, packed_, scratch_;
};

std::size_t measure(Context& context, const MatmulProblem& problem,
                    std::span<const MatmulCandidate> candidates) {
  std::vector<std::unique_ptr<MatmulKernel>> kernels;
  std::vector<const MatmulKernel*> pointers;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (auto kernel = candidates[i].plan()) {
      pointers.push_back(kernel.get());
      kernels.push_back(std::move(kernel));
      indices.push_back(i);
    }
  }
  if (kernels.size() == 1) {
    return indices[0];
  }
  try {
    return indices[Trial(context, problem, pointers).fastest()];
  } catch (const MemoryError&) {
    return 0;
  }
}

}  // namespace

std::string matmul_key(Context& context, const MatmulProblem& p, const std::string& library) {
  const auto option = [](bool set, const char* name) { return set ? name : ""; };
  const auto pitch = [](std::int64_t columns) {
    return columns > 0 ? concat(" in rows of ", columns) : std::string();
  };
  return concat(context.handle<PlanMeasurement>().device_name(context.device()), ", ", library,
                ": matmul ", p.precision, ", a ", p.a_dtype, '[', p.m, ',', p.k, ']',
                option(p.transpose_a, " transposed"), pitch(p.a_pitch), ", b ", p.b_dtype, '[', p.k,
                ',', p.n, ']', option(p.transpose_b, " transposed"), option(p.pack_b, " packed"),
                ", c ", p.c_dtype, pitch(p.c_pitch), option(p.accumulate, ", accumulate"),
                option(p.bias, ", bias"), option(p.relu, ", ReLU"),
                option(p.limit == MatmulLimit::rows, ", limited rows"),
                option(p.limit == MatmulLimit::terms, ", limited terms"));
}

std::unique_ptr<MatmulKernel> choose_matmul(Context& context, const MatmulProblem& problem,
                                            const std::string& key,
                                            std::span<const MatmulCandidate> candidates) {
  std::vector<std::string> names;
  for (const MatmulCandidate& candidate : candidates) {
    names.push_back(candidate.name);
  }
  const std::size_t chosen = context.handle<AlgorithmChoices>().choose(
      key, names, 0, [&] { return measure(context, problem, candidates); });
  auto kernel = candidates[chosen].plan();
  return kernel != nullptr ? std::move(kernel) : candidates.front().plan();
}

#if !LRCN_HAS_CUBLAS
std::unique_ptr<MatmulKernel> plan_cublaslt_matmul(Context&, const MatmulProblem&) {
  fail<DeviceError>("matmul: ", cublaslt_library().problem);
}
#endif

std::unique_ptr<MatmulKernel> plan_matmul(Context& context, const MatmulProblem& problem) {
  check_matmul(problem);
  const bool empty = problem.m == 0 || problem.n == 0 || problem.k == 0;
  if (empty || context.provider() == Provider::own) {
    return plan_own_matmul(context, problem);
  }
  if (context.provider() == Provider::cudnn) {
    auto kernel = plan_cublaslt_matmul(context, problem);
    check<DeviceError>(kernel != nullptr, "matmul: cuBLASLt has no ", problem.precision,
                       " algorithm for ", matmul_key(context, problem, "cuBLASLt"),
                       "; leave the provider to auto or own");
    return kernel;
  }
  const auto& choices = context.handle<AlgorithmChoices>();
  const bool open = choices.measures() || !choices.entries().empty();
  if (!open || !context.handle<PlanMeasurement>().enabled) {
    return plan_own_matmul(context, problem);
  }
  const NvidiaLibrary library = cublaslt_library();
  if (library.version.empty()) {
    return plan_own_matmul(context, problem);
  }
  const MatmulCandidate candidates[] = {
      {"own", [&] { return plan_own_matmul(context, problem); }},
      {"cublasLt", [&] { return plan_cublaslt_matmul(context, problem); }}};
  return choose_matmul(context, problem,
                       matmul_key(context, problem, "cuBLASLt " + library.version), candidates);
}

}  // namespace lrcn::cuda
