// Matrix products by oneDNN.
#pragma once

#include "kernels/matmul.h"

namespace lrcn::cpu {

// m, n and k must be at least 1.
std::unique_ptr<MatmulKernel> plan_onednn_matmul(Context& context, const MatmulProblem& problem);

}  // namespace lrcn::cpu
