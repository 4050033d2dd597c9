// Who computes a matrix product: as measured while planning.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "kernels/matmul.h"

namespace lrcn::cuda {

// By the kernels of this project.
std::unique_ptr<MatmulKernel> plan_own_matmul(Context& context, const MatmulProblem& problem);

// By cuBLASLt, with bias and ReLU in the kernel of the product where it can; nullptr where it has
// no algorithm, as for products without elements. Throws DeviceError, saying what is missing, where
// there is no cuBLASLt.
std::unique_ptr<MatmulKernel> plan_cublaslt_matmul(Context& context, const MatmulProblem& problem);

struct MatmulCandidate {
  std::string name;
  // May give nullptr for what it cannot compute.
  std::function<std::unique_ptr<MatmulKernel>()> plan;
};

// What decides about the speed of a product: device, driver, `library` ("cuBLASLt 13.1.0"), types,
// options and sizes.
std::string matmul_key(Context& context, const MatmulProblem& problem, const std::string& library);

// The kernel of the candidate that is remembered for `key` in AlgorithmChoices, or else measured as
// the fastest one; the first candidate, which has to give a kernel, where nothing is to be
// measured.
std::unique_ptr<MatmulKernel> choose_matmul(Context& context, const MatmulProblem& problem,
                                            const std::string& key,
                                            std::span<const MatmulCandidate> candidates);

}  // namespace lrcn::cuda
